"""Where messages arrive: a mail server and a webhook on loopback, and a town that tells."""

import json
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue

import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Webhook:
    """An HTTP server to which apprise's `json://` posts, each rule to a path of its own.

    `status` is what it answers; while `held` is cleared it takes a message and does not answer.
    """

    def __init__(self):
        self.status = 200
        self.held = threading.Event()
        self.held.set()
        self.posts = []
        self._arrived = SimpleQueue()
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.posts.append((self.path, json.loads(body), webhook.status))
                webhook._arrived.put(webhook.posts[-1])
                webhook.held.wait()
                try:
                    self.send_response(webhook.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # whoever sent it is gone

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self.held.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path="/hook", **options):
        """The address of a path as apprise writes it."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        port = self._server.server_port
        return f"json://127.0.0.1:{port}{path}" + (f"?{query}" if query else "")

    def arrived(self):
        """Wait for a message; its path and what it says."""
        path, post, _ = self._arrived.get()
        return path, post

    def taken(self, path="/hook"):
        """The messages that came to a path and were taken, oldest first."""
        return [post for to, post, status in self.posts if to == path and status < 300]

    def subjects(self, path="/hook"):
        return [post["title"] for post in self.taken(path)]


class _OnAnyPort(Controller):
    """A mail server on a port that is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Mailbox:
    """A mail server that takes everything; the messages are in `mails`.

    Mail to whoever is in `unknown` is refused, and so is whoever logs in with a wrong password, or
    with any, if there is none.
    """

    def __init__(self, password=None):
        self.mails = []
        self.unknown = set()
        self._controller = _OnAnyPort(
            self,
            hostname="127.0.0.1",
            port=0,
            auth_require_tls=False,
            authenticator=lambda *asked: AuthResult(
                success=asked[-1].password.decode() == password, handled=False
            ),
        )

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 aiosmtpd's name
        self.mails.append(
            (envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default))
        )
        return "250 taken"

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_error):
        self._controller.stop()

    @property
    def port(self):
        return self._controller.port

    def url(self, to="officer@example.org", **options):
        """The address of a mailbox as apprise writes it."""
        query = "".join(f"&{name}={value}" for name, value in options.items())
        return f"mailto://127.0.0.1:{self.port}?from=yange@example.org&to={to}{query}"


class Telling:
    """A town whose configuration has rules, and whatever else is given, such as `feeds`."""

    def __init__(self, town, *rules, **sections):
        self.town = town
        self.rules = list(rules)
        self.sections = sections

    def configuration(self, archive):
        settings = yaml.safe_load(self.town.configuration(archive))
        settings.update(self.sections, notify=self.rules)
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)


@contextmanager
def targets():
    """A webhook and a mailbox."""
    with Webhook() as webhook, Mailbox() as mailbox:
        yield webhook, mailbox

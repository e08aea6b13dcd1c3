"""Runs commands as forks of a process that has loaded what they are made of already.

Loading takes a command several times as long as its work in most tests, of which there are
thousands. A fork is a process like any other: it has standard streams of its own and ends through
the interpreter's own end. What it does not show is that a command loads what it needs by itself.
For that many tests start theirs from cold (`Yange.started`, every crawl of the daemon), and
test_structure.py sees that no module needs another to have been loaded before it.

As a program this is that process: it forks at each request on the socket that is its stdin.
"""

import atexit
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from runpy import run_module
from threading import Lock, Thread

_ROOT = Path(__file__).parents[2]
_LOADED = (
    "archive.archive",
    "archive.catalogue",
    "archive.presentation",
    "crawler.crawl",
    "scheduler.cli",
    "scheduler.configuration",
    "scheduler.logs",
)
_IS_POSSIBLE = hasattr(os, "pidfd_open") and Path("/proc/thread-self").exists()
_LONGEST = 60_000
# Changes with every test, and no command takes notice.
_IDLE = "PYTEST_CURRENT_TEST"
_PASSED_ON = ("Umask", "Uid", "Gid", "Groups", "SigIgn", "CapEff", "CapBnd", "CapAmb")


def run(module, *arguments, stdin=None):
    """What `subprocess.run` gives for `python -m MODULE ...` with its output captured as text."""
    return _WARM.run([module, *arguments], stdin)


class _Warm:
    """That process, to those who have commands run. It starts with the first of them."""

    def __init__(self):
        self._lock = Lock()
        self._requests = None
        self._inherited = None

    def run(self, command, stdin):
        """Run a module with arguments; the completed process."""
        request = json.dumps(command).encode()
        with self._lock:
            if self._requests is None and _IS_POSSIBLE:
                self._start()
        if not _IS_POSSIBLE or len(request) > _LONGEST or _inherited() != self._inherited:
            return subprocess.run(
                [sys.executable, "-m", *command],
                cwd=_ROOT,
                stdin=stdin,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        out, err = _Pipe(), _Pipe()
        answers, theirs = socket.socketpair()
        with answers, answers.makefile() as lines:
            with theirs, self._lock:
                given = [stdin.fileno() if stdin else 0, out.writing, err.writing, theirs.fileno()]
                socket.send_fds(self._requests, [request], given)
            out.read()
            err.read()
            process = int(lines.readline())
            try:
                texts = out.text(), err.text()
                return subprocess.CompletedProcess(command, int(lines.readline()), *texts)
            except BaseException:
                os.kill(process, signal.SIGKILL)
                raise

    def _start(self):
        self._inherited = _inherited()
        self._requests, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen([sys.executable, __file__], stdin=theirs)
        atexit.register(process.wait)
        atexit.register(self._requests.close)


class _Pipe:
    """A pipe that is read to its end in the background."""

    def __init__(self):
        self._reading, self.writing = os.pipe()
        self._said = ""
        self._thread = Thread(target=self._all, daemon=True)

    def read(self):
        """Begin, once somebody else has the writing end."""
        os.close(self.writing)
        self._thread.start()

    def text(self):
        """What came until nobody could write any more."""
        self._thread.join()
        return self._said

    def _all(self):
        with open(self._reading, encoding="utf-8") as file:  # noqa: PTH123 a descriptor has no path
            self._said = file.read()


def _inherited():
    """What a process gets from whoever starts it, and a fork of this one only as it once was."""
    environment = {name: value for name, value in os.environ.items() if name != _IDLE}
    status = Path("/proc/thread-self/status").read_text(encoding="utf-8").splitlines()
    own = [line for line in status if line.startswith(_PASSED_ON)]
    return environment, own, Path("/proc/thread-self/limits").read_bytes()


class _Server:
    """Forks at each request, and tells whoever asked the fork's number and its exit status."""

    def __init__(self, requests):
        self._requests = requests
        self._running = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(requests, selectors.EVENT_READ)

    def serve(self):
        """In a fork what it is to run; None in this process, once nobody can ask any more."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._requests:
                    self._end(key.fd)
                    continue
                request, streams, _, _ = socket.recv_fds(self._requests, _LONGEST, 4)
                if not request:
                    return None
                answers = socket.socket(fileno=streams.pop())
                process = os.fork()
                if process == 0:
                    self._leave(answers, streams)
                    return json.loads(request)
                for stream in streams:
                    os.close(stream)
                self._tell(answers, process)
                ended = os.pidfd_open(process)
                self._running[ended] = process, answers
                self._selector.register(ended, selectors.EVENT_READ)

    def _end(self, ended):
        self._selector.unregister(ended)
        os.close(ended)
        process, answers = self._running.pop(ended)
        _, status = os.waitpid(process, 0)
        self._tell(answers, os.waitstatus_to_exitcode(status))
        answers.close()

    @staticmethod
    def _tell(answers, number):
        # Whoever asked may have given up.
        with suppress(BrokenPipeError):
            answers.sendall(f"{number}\n".encode())

    def _leave(self, answers, streams):
        """In a fork: have nothing open but the streams it was given."""
        for ended, (_, others) in self._running.items():
            os.close(ended)
            others.close()
        answers.close()
        self._selector.close()
        self._requests.close()
        for descriptor, stream in enumerate(streams):
            os.dup2(stream, descriptor)
            os.close(stream)


def main():
    """Load, then fork until stdin is closed."""
    sys.path[0] = str(_ROOT)
    os.chdir(_ROOT)
    for module in _LOADED:
        import_module(module)
    # An event loop belongs to one process, and Twisted makes it when this is loaded.
    assert "twisted.internet.reactor" not in sys.modules
    # What is never looked at again is never copied.
    gc.collect()
    gc.freeze()
    # An interrupt at the terminal is for the commands, and for whoever runs the tests.
    at_interrupts = signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = _Server(socket.socket(fileno=os.dup(0))).serve()
    if command is None:
        return
    signal.signal(signal.SIGINT, at_interrupts)
    module, *arguments = command
    sys.argv = [module, *arguments]
    run_module(module, run_name="__main__", alter_sys=True)


_WARM = _Warm()

if __name__ == "__main__":
    main()

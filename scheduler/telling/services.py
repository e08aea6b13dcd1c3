"""The services that messages go through: mail, chats, webhooks, and whatever else apprise speaks.

apprise is slow to import, so this module is imported only where something is sent or checked.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.exception import AppriseException
from apprise.plugins import NotifyBase

from archive.telling.prose import Format, Line, render
from scheduler.masking import Mask, secrets_of
from scheduler.telling.fitting import fit, fit_subject
from scheduler.telling.messages import Message

Masked = Callable[[str], str]

_FORMS: dict[NotifyFormat, Format] = {
    NotifyFormat.TEXT: "text",
    NotifyFormat.MARKDOWN: "markdown",
    NotifyFormat.HTML: "html",
}
_LOGGER = logging.getLogger("apprise")
_MAIL, _CAUSE = str(Path("apprise", "plugins", "email")), "Socket Exception: "


class NotAServiceError(ValueError):
    """An address that apprise does not understand; the sentence says what would be right."""


class Service:
    """One address that messages can go to. Raises NotAServiceError for one that none can."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._plugin = _plugin(address)

    @property
    def name(self) -> str:
        """What the service is called."""
        return str(self._plugin.service_name)

    def deliver(self, message: Message, masked: Masked, taken: set[str]) -> str | None:
        """Send a message now; None, or why it could not be, without secrets.

        An address can name several people: whoever is in `taken` has the message already and is
        passed over, whoever takes it now is added.

        Returns when the service has answered, which may be never: whoever calls this must be able
        to go on without.
        """
        form = self._plugin.resolve_format()
        self._pass_over(taken)
        with _said() as said:
            try:
                subject, body = self._worded(message, _FORMS[form])
                if self._plugin.notify(
                    body, title=subject, notify_type=NotifyType(message.weight), body_format=form
                ):
                    return None
            except Exception as error:  # noqa: BLE001 a service's own mistake is like its refusal
                said.append(f"{type(error).__name__}: {error}")
        why = "; ".join(said) or "the service did not take it and did not say why"
        return Mask(secrets_of(self._address)).text(masked(why))

    def _pass_over(self, taken: set[str]) -> None:
        """Have the service ask and tell us who took the message.

        By itself it would forget that with this attempt, and send it to all of them again.
        """

        def is_delivered(key: object, per_message: bool = False) -> bool:
            del per_message  # a message is one piece, since it fits
            return isinstance(key, str) and _digest(key) in taken

        def mark_delivered(key: object, per_message: bool = False) -> None:
            del per_message
            if isinstance(key, str):
                taken.add(_digest(key))

        self._plugin.is_delivered = is_delivered  # type: ignore[method-assign]
        self._plugin.mark_delivered = mark_delivered  # type: ignore[method-assign]

    def _worded(self, message: Message, form: Format) -> tuple[str, str]:
        limit = self._plugin.body_maxlen
        if self._plugin.title_maxlen > 0:
            return fit_subject(message.subject, self._plugin.title_maxlen), fit(
                message, form, limit
            )
        # There are no subjects. apprise would put it before the body as it is, markup and all.
        subject = render([Line.of(message.subject, role="heading")], form)
        between = "\n\n" if form != "html" else ""
        room = limit and max(1, limit - len((subject + between).encode()))
        return "", subject + between + fit(message, form, room)


def _digest(key: str) -> str:
    """Who took a message, for a file that need not say it: the key may be a token."""
    return sha256(key.encode()).hexdigest()


def _plugin(address: str) -> NotifyBase:
    scheme, separator, _ = address.partition("://")
    asset = AppriseAsset(
        app_id="yange",
        app_desc="yange 沿革",
        async_mode=False,
        pgp_autogen=False,
        pem_autogen=False,
    )
    with _said():
        try:
            plugin = Apprise.instantiate(address, asset=asset, suppress_exceptions=False)
        except (AppriseException, TypeError, ValueError) as error:
            plugin = None
            why = Mask(secrets_of(address)).text(str(error))
        else:
            why = ""
    if plugin is not None:
        return plugin
    known = {name for one in Apprise().details()["schemas"] for name in _schemes(one)}
    if not separator or scheme.lower() not in known:
        raise NotAServiceError(
            "should begin with a scheme that apprise knows, such as mailtos://, json://,"
            " dingtalk://, wecombot://, feishu:// or schan://"
        )
    raise NotAServiceError(
        f"is not complete, or not as apprise writes {scheme}:// addresses"
        + (f": {why}" if why else "; see https://appriseit.com/services/")
    )


def _schemes(details: dict[str, object]) -> Iterator[str]:
    for kind in ("protocols", "secure_protocols"):
        found = details[kind]
        if isinstance(found, list | tuple):
            yield from map(str, found)


class _Kept(logging.Handler):
    """Keeps what is said by the thread that made it.

    That a mail server refused somebody, or his password, apprise calls a connection error, and
    says at the level of debugging what the server answered.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            self.said.append(message)
        elif _MAIL in record.pathname and message.startswith(_CAUSE):
            # Of mail alone: what other services say there can quote the whole address.
            self.said.append(message.removeprefix(_CAUSE))


@contextmanager
def _said() -> Iterator[list[str]]:
    """What apprise says meanwhile, in place of its being logged: it may name secrets."""
    kept = _Kept()
    _LOGGER.addHandler(kept)
    _LOGGER.propagate = False
    _LOGGER.setLevel(logging.DEBUG)
    try:
        yield kept.said
    finally:
        _LOGGER.removeHandler(kept)

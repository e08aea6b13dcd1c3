"""Sending what waits: each target in a thread of its own, so that none keeps another waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal

import structlog

from archive.locks import ProcessLock
from scheduler.settings import Settings
from scheduler.telling.fitting import brief
from scheduler.telling.messages import Message
from scheduler.telling.outbox import BRIEF_FROM, KEPT, Outbox, Target

logger = structlog.get_logger(__name__)

SECONDS = 60.0
"""How long a service is waited for."""

Masked = Callable[[str], str]

_Answer = tuple[int, str | None]
_LATE = f"no answer within {SECONDS:.0f} seconds"
_LAST_SECONDS = 1.0
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message."""

    rule: str
    position: int
    subject: str
    outcome: Literal["sent", "failed", "given_up"]
    error: str | None
    next: datetime | None


def send(
    settings: Settings,
    masked: Masked,
    now: datetime,
    *,
    all_that_waits: bool = False,
    is_stopping: Callable[[], bool] = lambda: False,
) -> list[Sent]:
    """Send every message whose time has come, or `all_that_waits`, once each.

    A service that has not answered after a while counts as one that failed. `masked` takes secrets
    out of what services say. Raises YangeError where the outbox cannot be used, BusyError where
    somebody else is sending.
    """
    addresses = {
        (rule.name, position): address
        for rule in settings.notify
        for position, address in enumerate(rule.to)
    }
    with _alone(settings.archive.seat), Outbox.open(settings.archive.seat) as outbox:
        due = [
            target
            for target in outbox.targets()
            if (target.rule, target.position) in addresses
            and target.waiting is not None
            and (all_that_waits or target.waiting.next <= now)
        ]
        answers = SimpleQueue[_Answer]()
        for number, target in enumerate(due):
            address = addresses[target.rule, target.position]
            assert target.waiting is not None
            message = target.waiting.message
            if target.waiting.attempts + 1 >= BRIEF_FROM:
                message = brief(message)
            _in_a_thread(number, address, message, masked, target.waiting.taken, answers)
        return _noted(outbox, due, answers, now, is_stopping)


def _alone(archive: Path) -> ProcessLock:
    """Two that send at once would send everything twice."""
    lock = archive.with_name(f"{archive.name}.notify.lock")
    return ProcessLock(
        lock, "another yange is sending messages just now; try again when it is done"
    )


def deliver(address: str, message: Message, masked: Masked) -> str | None:
    """Send a message to an address; None, or why it could not be."""
    answers = SimpleQueue[_Answer]()
    _in_a_thread(0, address, message, masked, set(), answers)
    try:
        return answers.get(timeout=SECONDS)[1]
    except Empty:
        return _LATE


def _in_a_thread(
    number: int,
    address: str,
    message: Message,
    masked: Masked,
    taken: set[str],
    answers: SimpleQueue[_Answer],
) -> None:
    from scheduler.telling.services import NotAServiceError, Service

    # Not in the thread: apprise loads what it knows with the first address that it sees.
    try:
        service = Service(address)
    except NotAServiceError as error:
        answers.put((number, f"the address {error}"))
        return

    def work() -> None:
        error: str | None = "sending broke off"
        try:
            error = service.deliver(message, masked, taken)
        finally:
            answers.put((number, error))

    # A daemon thread: one that a service never answers does not keep the process alive.
    threading.Thread(target=work, name=f"notification {number}", daemon=True).start()


def _noted(
    outbox: Outbox,
    due: Sequence[Target],
    answers: SimpleQueue[_Answer],
    now: datetime,
    is_stopping: Callable[[], bool],
) -> list[Sent]:
    """Note each answer as it comes: what was taken is not sent again, whatever happens next."""
    sent: dict[int, Sent] = {}
    deadline, stopping = time.monotonic() + SECONDS, False
    while len(sent) < len(due) and time.monotonic() < deadline:
        if not stopping and is_stopping():
            # What a service is about to answer is worth a moment: else it gets its message twice.
            stopping, deadline = True, time.monotonic() + _LAST_SECONDS
        try:
            number, error = answers.get(timeout=_PAUSE_SECONDS)
        except Empty:
            continue
        sent[number] = _note(outbox, due[number], error, now)
    if not stopping:
        for number, target in enumerate(due):
            if number not in sent:
                sent[number] = _note(outbox, target, _LATE, now)
    return [sent[number] for number in sorted(sent)]


def _note(outbox: Outbox, sent: Target, error: str | None, now: datetime) -> Sent:
    assert sent.waiting is not None
    subject, made = sent.waiting.message.subject, sent.waiting.made
    with outbox.changing():
        target = outbox.target(sent.rule, sent.position)
        if target is None or target.waiting is None or target.waiting.made != made:
            # The rule is gone, or somebody else has sent it meanwhile.
            return Sent(sent.rule, sent.position, subject, "sent", None, None)
        log = logger.bind(rule=target.rule, target=target.position, subject=subject)
        if error is None:
            target.waiting = None
            target.sent += 1
            target.last_success = now
            log.info("notification_sent")
            result = Sent(target.rule, target.position, subject, "sent", None, None)
        else:
            target.waiting.failed(now)
            # A copy: a service that is late may still be at it.
            target.waiting.taken = set(sent.waiting.taken)
            target.last_failure, target.last_error = now, error
            attempts, next_ = target.waiting.attempts, target.waiting.next
            if now - made >= KEPT:
                target.waiting = None
                target.given_up += 1
                log.error("notification_given_up", attempts=attempts, reason=error)
                result = Sent(target.rule, target.position, subject, "given_up", error, None)
            else:
                log.warning(
                    "notification_failed",
                    attempts=attempts,
                    reason=error,
                    next=next_.isoformat(timespec="seconds"),
                )
                result = Sent(target.rule, target.position, subject, "failed", error, next_)
        outbox.save(target)
    return result

"""From the archive to the outbox: for each target, one message of all that is new to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import structlog

from archive.across.held import Row, held
from archive.across.opening import open_archives
from archive.catalogue import Catalogue
from archive.errors import ArchiveUnusableError, NoArchiveError
from archive.instants import to_ms
from archive.questions.news import Standing
from archive.readings import Readers
from archive.telling.pages import RoomPages
from scheduler.settings import Settings
from scheduler.telling.contradictions import ConflictsTold
from scheduler.telling.endings import EndingsTold
from scheduler.telling.gathering import gather
from scheduler.telling.messages import Composer
from scheduler.telling.outbox import Outbox, Standings, Target, next_daily, read_targets
from scheduler.telling.settings import Rule

if TYPE_CHECKING:
    from archive.across.library import Library

logger = structlog.get_logger(__name__)

_NOTHING_YET = Standing(0, ())


def begin(settings: Settings, now: datetime) -> None:
    """Have rules that are new begin at the present, and forget those that are gone.

    To be called before a run begins: it is the first that new rules tell of. Raises YangeError.
    """
    seat = settings.archive.seat
    targets = read_targets(seat)
    configured = {(rule.name, place) for rule in settings.notify for place in range(len(rule.to))}
    are_known = {(target.rule, target.position) for target in targets} == configured
    if are_known and all(target.told.keys() >= _keys(settings) for target in targets):
        return
    with Outbox.open(seat) as outbox, outbox.changing():
        _agree(outbox, settings, _standings(settings), now)


def collect(settings: Settings, readers: Readers, now: datetime) -> int:
    """Put what has happened since into messages; how many were made. Raises YangeError.

    A target for which a message waits, whose digest is not due, or that has had its messages of
    this hour, is passed over: all of that becomes one message later.
    """
    made = 0
    with Outbox.open(settings.archive.seat) as outbox, outbox.changing():
        standings = _standings(settings)
        targets = _agree(outbox, settings, standings, now)
        ready = [
            target
            for target, rule in targets
            if is_due(target, rule, standings, now, settings.zone)
        ]
        if not ready:
            return 0
        with open_archives(settings.archive, list(settings.portals), settings.zone) as catalogue:
            for portal, error in catalogue.faults:
                if not isinstance(error, NoArchiveError):
                    logger.error("archive_unusable", portal=portal, reason=str(error))
            for target, rule in targets:
                if target in ready:
                    made += _tell(target, rule, settings, catalogue, readers, standings, now)
                    outbox.save(target)
    return made


def is_due(target: Target, rule: Rule, standings: Standings, now: datetime, zone: tzinfo) -> bool:
    """Whether it is time to see what there is to tell a target: a run has ended, or a day begun."""
    return target.is_ready(now, rule.messages_per_hour) and (
        target.has_news(standings) or _is_of_a_new_day(target, rule, standings, now, zone)
    )


def _is_of_a_new_day(
    target: Target, rule: Rule, standings: Standings, now: datetime, zone: tzinfo
) -> bool:
    """Whether a last day may have come near without a run; during one its end is waited for."""
    return (
        rule.expiries is not None
        and any(one.last > 0 for one in standings.values())
        and not any(one.under_way for one in standings.values())
        and target.endings.looked_on != now.astimezone(zone).date()
    )


def is_anything_due(settings: Settings, now: datetime) -> bool:
    """Whether there is anything to collect or to send: a look, for which nothing is written."""
    known = {
        (target.rule, target.position): target for target in read_targets(settings.archive.seat)
    }
    standings = _standings(settings)
    for rule in settings.notify:
        for position in range(len(rule.to)):
            target = known.get((rule.name, position))
            if target is None or not target.told.keys() >= standings.keys():
                return True
            if is_due(target, rule, standings, now, settings.zone):
                return True
            if target.waiting is not None and target.waiting.next <= now:
                return True
    return False


def _tell(
    target: Target,
    rule: Rule,
    settings: Settings,
    catalogue: Catalogue | Library,
    readers: Readers,
    standings: Standings,
    now: datetime,
) -> bool:
    """Have a message wait for a target if there is anything to tell it; whether there was."""
    due = target.digest
    if due is not None:
        target.digest = _next_digest(rule, settings, now)
    # What ends after the standing was taken comes next time.
    runs = [
        run
        for key, standing in standings.items()
        for run in _ended(catalogue, key, target.told[key])
        if run["id"] <= standing.last and run["id"] not in standing.under_way
    ]
    target.told |= standings
    found = gather(rule, runs, catalogue, readers, target, settings.watch, to_ms(now))
    if not found:
        return False
    composer = composer_of(rule, settings)
    target.put(composer.message(found, due and due.astimezone(settings.zone)), now)
    logger.info(
        "notification_made",
        rule=rule.name,
        target=target.position,
        changes=found.changes,
        documents=len(found.seen),
        runs=len(found.runs),
    )
    return True


def composer_of(rule: Rule, settings: Settings) -> Composer:
    """Who words the messages of a rule."""
    names = {key: portal.name for key, portal in settings.portals.items()}
    room = RoomPages(settings.room.url) if settings.room.url else None
    return Composer(rule.language, names, room)


def _agree(
    outbox: Outbox, settings: Settings, standings: Standings, now: datetime
) -> Sequence[tuple[Target, Rule]]:
    """The targets that are configured, each as it is known or else begun at the present."""
    known = {(target.rule, target.position): target for target in outbox.targets()}
    targets = list[tuple[Target, Rule]]()
    for rule in settings.notify:
        for position in range(len(rule.to)):
            target = known.pop((rule.name, position), None)
            before = target and target.model_copy()
            if target is None:
                target = Target(
                    rule=rule.name,
                    position=position,
                    told=standings,
                    conflicts=ConflictsTold(since_ms=to_ms(now)),
                    endings=EndingsTold(),
                )
            # What nobody could read so far begins at the present, too.
            target.told = {key: target.told.get(key, one) for key, one in standings.items()} | {
                key: one for key, one in target.told.items() if key in _keys(settings)
            }
            for key, standing in standings.items():
                if standing.last < target.told[key].last:
                    # Another archive has taken its place, or an older copy of it.
                    logger.warning("notifications_begin_anew", rule=rule.name, target=position)
                    target.told[key] = standing
            _keep_digest(target, rule, settings, now)
            if target != before:
                outbox.save(target)
            targets.append((target, rule))
    for gone in known.values():
        if gone.waiting is not None:
            logger.error(
                "notification_dropped",
                rule=gone.rule,
                target=gone.position,
                subject=gone.waiting.message.subject,
                reason="the rule, or this one of its addresses, is no longer configured",
            )
        outbox.forget(gone)
    return targets


def _keep_digest(target: Target, rule: Rule, settings: Settings, now: datetime) -> None:
    """Have the next digest due at the time that the rule names now."""
    if target.digest_at != rule.digest_at:
        target.digest_at = rule.digest_at
        target.digest = _next_digest(rule, settings, now) if rule.digest_at else None


def _next_digest(rule: Rule, settings: Settings, now: datetime) -> datetime:
    assert rule.digest_at is not None
    local = now.astimezone(settings.zone)
    return next_daily(local, rule.digest_at.hour, rule.digest_at.minute)


def _keys(settings: Settings) -> set[str]:
    """Under which names archives have their standings."""
    return {shelf.portal or "" for shelf in settings.archive.shelves(settings.portals)}


def _standings(settings: Settings) -> Standings:
    """How far every archive has come that can be read; where there is one alone, it must be."""
    found = {}
    for shelf in settings.archive.shelves(settings.portals):
        key = shelf.portal or ""
        try:
            with Catalogue.open(shelf.path, settings.zone) as catalogue:
                found[key] = catalogue.standing()
        except NoArchiveError:
            found[key] = _NOTHING_YET
        except ArchiveUnusableError:
            if shelf.portal is None:
                raise
    return found


def _ended(catalogue: Catalogue | Library, key: str, then: Standing) -> Iterator[Row]:
    """The runs of one archive that have ended since, oldest first, as rows of `runs`."""
    try:
        rows = catalogue.of(key).ended_since(then)
    except NoArchiveError:
        return
    for row in rows:
        yield row if isinstance(catalogue, Catalogue) else held(key, row, "id")

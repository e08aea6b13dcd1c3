"""How everything stands as Prometheus' metrics. `docs/monitor.md` describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from operator import itemgetter
from typing import Any

from prometheus_client import GC_COLLECTOR, CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from archive.runs import RunOutcome
from scheduler.fleet.standing import FleetStanding
from scheduler.monitor.health import reasons
from scheduler.monitor.observer import Observation
from scheduler.settings import Settings
from scheduler.standing import JobStanding, Standing
from scheduler.telling.summary import TellingSummary

_JOB = ("portal", "mode")
Row = dict[str, Any]
Family = type[GaugeMetricFamily] | type[CounterMetricFamily]


def exposition(observed: Observation, settings: Settings, accept: str) -> tuple[bytes, str]:
    """What `/metrics` answers to a client that accepts this, and its Content-Type."""
    registry = CollectorRegistry()
    registry.register(_Metrics(observed, settings))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Metrics(Collector):
    def __init__(self, observed: Observation, settings: Settings) -> None:
        self._observed = observed
        self._settings = settings

    def collect(self) -> Iterable[Metric]:
        """Every metric there is to tell now; called by the registry."""
        observed, settings = self._observed, self._settings
        yield _gauge("yange_build_info", "The version that runs.", 1, version=version("yange"))
        yield _gauge(
            "yange_healthy",
            "Whether /health answers that all is well.",
            not reasons(observed, settings.monitor),
        )
        yield from _of_each(
            GaugeMetricFamily,
            "yange_archive_readable",
            "Whether the archive can be read; there may be none yet.",
            _readable(observed),
        )
        if observed.standing is not None:
            yield from _of_jobs(observed.standing)
            yield from _of_portals(observed.standing, settings)
            yield from _of_archives(observed.standing)
            yield from _of_messages(observed.standing.telling)
            if observed.standing.fleet is not None:
                yield from _of_the_fleet(observed.standing.fleet)
        yield from ProcessCollector(registry=None).collect()
        yield from GC_COLLECTOR.collect()


def _of_the_fleet(fleet: FleetStanding) -> Iterator[Metric]:
    yield _gauge("yange_fleet_open_orders", "Orders that are not ingested yet.", fleet.orders)
    yield _gauge("yange_fleet_waiting_orders", "Orders that nobody has begun.", fleet.waiting)
    yield _gauge("yange_fleet_retried_orders", "Orders begun more than once.", fleet.retried)
    yield _gauge("yange_fleet_spools", "Spools that wait to be ingested.", fleet.spools)
    yield _gauge("yange_fleet_spool_bytes", "What these amount to.", fleet.spool_bytes)
    yield _gauge(
        "yange_fleet_paused",
        "Whether publishing is paused; `status` says why.",
        fleet.paused is not None or fleet.crowded is not None,
    )


def _of_jobs(standing: Standing) -> Iterator[Metric]:
    scheduled = [one for one in standing.jobs if one.job.schedule is not None]
    following = GaugeMetricFamily(
        "yange_job_next_slot_timestamp_seconds", "When the job is due next.", labels=_JOB
    )
    overdue = GaugeMetricFamily(
        "yange_job_overdue", "Whether the job should have begun by now.", labels=_JOB
    )
    paused = GaugeMetricFamily(
        "yange_job_paused", "Whether a person has paused the job.", labels=_JOB
    )
    succeeded = GaugeMetricFamily(
        "yange_job_last_success_timestamp_seconds",
        "When the last run ended that did its work.",
        labels=_JOB,
    )
    for one in scheduled:
        _add(following, one, _seconds(one.next))
        _add(overdue, one, float(one.overdue_since is not None))
        _add(paused, one, float(one.paused is not None))
    for one in standing.jobs:
        _add(succeeded, one, _seconds(one.last_success))
    yield from (following, overdue, paused, succeeded)
    yield from _of_last_runs(standing)


def _of_last_runs(standing: Standing) -> Iterator[Metric]:
    begun = GaugeMetricFamily(
        "yange_last_run_start_timestamp_seconds", "When the last run began.", labels=_JOB
    )
    lasted = GaugeMetricFamily(
        "yange_last_run_duration_seconds", "How long the last run took.", labels=_JOB
    )
    pages = {
        name: GaugeMetricFamily(f"yange_last_run_{name}", f"{said} in the last run.", labels=_JOB)
        for name, said in (
            ("pages", "Pages that were asked for"),
            ("blocked_pages", "Pages that were blocked or suspect"),
            ("failed_pages", "Pages, lists and attachments that could not be fetched"),
            ("problems", "Problems that were noted"),
        )
    }
    for one in standing.jobs:
        last = one.last
        if last is None:
            continue
        start = datetime.fromisoformat(last["started_at"])
        _add(begun, one, start.timestamp())
        if last["finished_at"] is None:
            continue  # its figures are not told before its end
        end = datetime.fromisoformat(last["finished_at"])
        _add(lasted, one, (end - start).total_seconds())
        _add(pages["pages"], one, last["pages"])
        _add(pages["blocked_pages"], one, last["blocked"])
        _add(pages["failed_pages"], one, last["failed"])
        _add(pages["problems"], one, len(last["problems"]))
    yield from (begun, lasted, *pages.values())


def _of_portals(standing: Standing, settings: Settings) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "yange_runs", "Runs that ended, by outcome.", labels=(*_JOB, "outcome")
    )
    # Outcomes that there are no runs of, too: the first failure is to be seen as an increase.
    counts = {
        (one.job.portal, one.job.mode, str(outcome)): 0
        for one in standing.jobs
        for outcome in RunOutcome
    } | {(one.portal, one.mode, one.outcome): one.runs for one in standing.tallies}
    for labels, count in counts.items():
        if labels[-1] != RunOutcome.RUNNING:
            runs.add_metric(labels, count)
    yield runs
    counted = {
        "yange_crawls_running": (
            "Crawls under way.",
            [one.portal for one in standing.running for _ in range(one.runs)],
        ),
        "yange_columns_wrong": (
            "Columns that look wrong against their own past.",
            [one.portal for one in standing.odd_columns],
        ),
        "yange_portal_put_off": (
            "Whether the portal is left alone, since its last runs were mostly blocked.",
            list(standing.put_off),
        ),
    }
    for name, (said, portals) in counted.items():
        family = GaugeMetricFamily(name, said, labels=("portal",))
        for key in settings.portals:
            family.add_metric([key], portals.count(key))
        yield family


def _of_archives(standing: Standing) -> Iterator[Metric]:
    """What each archive holds; where each portal has one of its own, by portal."""
    disk, archives = standing.disk, standing.archives
    yield _gauge("yange_disk_free_bytes", "Free space on the archive's disk.", disk.free)
    yield _gauge("yange_disk_size_bytes", "The archive's disk.", disk.whole)
    size = [(one.shelf.portal, one.disk.archive) for one in archives]
    yield from _of_each(
        GaugeMetricFamily, "yange_archive_size_bytes", "The archive's files on disk.", size
    )
    totals = [(one.shelf.portal, one.totals) for one in archives if one.totals is not None]
    for family, name, said, of in _HELD:
        values = [(portal, of(held)) for portal, held in totals]
        yield from _of_each(family, name, said, values)
    verified = [(one.shelf.portal, one.last_verify) for one in archives if one.last_verify]
    for name, said, of in _CHECKED:
        values = [(portal, of(told)) for portal, told in verified]
        yield from _of_each(GaugeMetricFamily, name, said, values)


def _readable(observed: Observation) -> list[tuple[str | None, float | None]]:
    """Whether each archive can be read; of one alone, whether there was an answer."""
    archives = observed.standing.archives if observed.standing else []
    if len(archives) < 2:
        return [(None, observed.fault is None)]
    return [(one.shelf.portal, one.fault is None) for one in archives]


def _of_messages(telling: TellingSummary) -> Iterator[Metric]:
    yield _gauge("yange_notifications_waiting", "Messages that wait to be sent.", telling.waiting)
    yield _gauge(
        "yange_notifications_failing", "Those of them that were tried in vain.", telling.failing
    )
    yield CounterMetricFamily(
        "yange_notifications_given_up", "Messages that nobody took.", telling.given_up
    )


def _sealed_at(totals: Row) -> float | None:
    seal = totals["last_seal"]
    return _instant(seal["at"]) if seal is not None and seal["at"] is not None else None


def _instant(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


_HELD: tuple[tuple[Family, str, str, Callable[[Row], float | None]], ...] = (
    (
        GaugeMetricFamily,
        "yange_documents",
        "Documents, withdrawn ones too.",
        itemgetter("documents"),
    ),
    (
        GaugeMetricFamily,
        "yange_withdrawn_documents",
        "Documents that are withdrawn.",
        itemgetter("withdrawn"),
    ),
    (CounterMetricFamily, "yange_versions", "Versions.", itemgetter("versions")),
    (CounterMetricFamily, "yange_changes", "Changes recorded.", itemgetter("changes")),
    (GaugeMetricFamily, "yange_ledger_length", "Entries of the ledger.", itemgetter("changes")),
    (
        GaugeMetricFamily,
        "yange_waiting_pages",
        "Addresses that are still to be fetched.",
        itemgetter("waiting"),
    ),
    (
        GaugeMetricFamily,
        "yange_last_seal_timestamp_seconds",
        "When the last run was sealed.",
        _sealed_at,
    ),
)
"""What is told of what an archive holds."""

_CHECKED: tuple[tuple[str, str, Callable[[Row], float]], ...] = (
    (
        "yange_last_verify_timestamp_seconds",
        "When the archive was verified last.",
        lambda told: _instant(told["at"]),
    ),
    (
        "yange_last_verify_problems",
        "Things that did not hold then.",
        itemgetter("problems"),
    ),
)
"""What is told of its last check."""


def _of_each(
    family: Family, name: str, said: str, values: Iterable[tuple[str | None, float | None]]
) -> Iterator[Metric]:
    """A metric with a value of each archive that has one; nothing where none has."""
    known = [(portal, value) for portal, value in values if value is not None]
    if known:
        labels = () if known[0][0] is None else ("portal",)
        made = family(name, said, labels=labels)
        for portal, value in known:
            made.add_metric([] if portal is None else [portal], value)
        yield made


def _gauge(name: str, said: str, value: float, **labels: str) -> Metric:
    family = GaugeMetricFamily(name, said, labels=tuple(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _add(family: GaugeMetricFamily, standing: JobStanding, value: float | None) -> None:
    if value is not None:
        family.add_metric([standing.job.portal, standing.job.mode], value)


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()

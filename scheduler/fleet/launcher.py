"""The launcher of the fleet: crawls as orders that workers on other machines carry out."""

from __future__ import annotations

from archive.errors import ConfigurationError
from scheduler.configuration import Configuration
from scheduler.due import Due
from scheduler.fleet.crawl import FleetCrawl
from scheduler.fleet.dispatch import Dispatch
from scheduler.fleet.open_orders import spool_folder
from scheduler.launcher import ANOTHER_ENGINE

# What may change under a running daemon.
_BOUNDS = (
    *("attempts", "open_orders", "waiting_spools", "waiting_megabytes"),
    *("free_megabytes", "poll_seconds", "crawls", "folder"),
)


class FleetLauncher:
    """Crawls as orders that workers on other machines carry out."""

    def __init__(self, configuration: Configuration) -> None:
        """Raises StoreError."""
        self._configuration = configuration
        self._dispatch = Dispatch(configuration)

    def start(self) -> None:
        """Begin to publish what is open and to look for spools."""
        seat = self._configuration.settings.archive.seat
        spool_folder(seat).mkdir(parents=True, exist_ok=True)
        self._dispatch.start()

    def stop(self) -> None:
        """End; orders that are open stay open for the next daemon."""
        self._dispatch.stop()

    def change(self, configuration: Configuration) -> None:
        """Go by another configuration. Raises ConfigurationError where that needs a new daemon."""
        before, now = self._configuration.settings.fleet, configuration.settings.fleet
        if configuration.settings.engine != "celery" or before is None or now is None:
            raise ConfigurationError(ANOTHER_ENGINE)
        bounds = {name: getattr(now, name) for name in _BOUNDS}
        if before.model_copy(update=bounds) != now:
            raise ConfigurationError(
                "fleet has changed in more than its bounds; a daemon has to be started anew for"
                " another broker, store or lease"
            )
        self._configuration = configuration
        self._dispatch.change(configuration)

    def open_jobs(self) -> list[str]:
        """The jobs whose orders are open."""
        return [one.job for one in self._dispatch.orders.all()]

    def launch(self, configuration: Configuration, due: Due) -> FleetCrawl:
        """A crawl that begins when it is waited for."""
        return FleetCrawl(configuration, self._dispatch, due)

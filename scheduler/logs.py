"""Logging: structlog for us, the standard library's records of everybody else, one form for both.

Events go to stderr (for people on a terminal, as `key=value` lines otherwise) and to the log file
as JSON lines; stdout belongs to the commands. What is bound with `structlog.contextvars` appears
in every event, in those of Scrapy and APScheduler too.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Protocol, TextIO
from zoneinfo import ZoneInfo

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from archive.errors import ConfigurationError
from archive.terminal import visible
from scheduler.log_file import LogFile
from scheduler.masking import Mask
from scheduler.settings import LogSettings

# Said by us in our own words, or of no use to an operator below these levels.
_QUIETER = {
    "apscheduler": logging.ERROR,
    "asyncio": logging.WARNING,
    # That a message was received and dealt with: our own events say what came of it.
    "celery.app.trace": logging.WARNING,
    "celery.worker.strategy": logging.WARNING,
    # Which versions, settings and middlewares there are: ten events at the start of every crawl.
    "scrapy.addons": logging.WARNING,
    "scrapy.core.engine": logging.WARNING,
    "scrapy.crawler": logging.WARNING,
    "scrapy.middleware": logging.WARNING,
    "scrapy.utils.log": logging.WARNING,
}

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
)


def configure(
    *,
    level: str = "warning",
    console_level: str | None = None,
    file: Path | None = None,
    zone: tzinfo = UTC,
    mask: Mask | None = None,
) -> None:
    """Send the events of this process to stderr and to `file`, replacing what was set before.

    `level` is the least level that is logged, `console_level` (default: the same) the least that
    stderr shows; times are given in `zone`, secrets are hidden by `mask`. Raises
    ConfigurationError when the file cannot be opened.
    """
    mask = mask or Mask()
    stamp = _Timestamp(zone)
    least = logging.getLevelNamesMapping()
    handlers: list[logging.Handler] = [_Stderr()]
    handlers[0].setLevel(least[(console_level or level).upper()])
    handlers[0].setFormatter(_formatter(stamp, mask, _shown, _console()))
    if file is not None:
        handlers.append(_log_file(file))
        handlers[1].setLevel(least[level.upper()])
        handlers[1].setFormatter(_formatter(stamp, mask, _json_line))
    _replace_handlers(handlers)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Settings(Protocol):
    @property
    def log(self) -> LogSettings: ...

    @property
    def zone(self) -> ZoneInfo: ...


class Logged(Protocol):
    """A configuration as far as the log is concerned, be it a daemon's or a worker's."""

    @property
    def settings(self) -> _Settings:
        """The section `log`, and the zone."""

    @property
    def mask(self) -> Mask:
        """What hides its secrets."""


def configure_as(configuration: Logged, *, console_level: str | None = None) -> None:
    """The same, as `configuration` says."""
    log = configuration.settings.log
    configure(
        level=log.level,
        console_level=console_level,
        file=log.file,
        zone=configuration.settings.zone,
        mask=configuration.mask,
    )


def _is_wanted(record: logging.LogRecord) -> bool:
    """Whether a record is none of those that are kept quiet.

    Asked by the handlers: Scrapy resets the levels of its loggers when a crawl starts.
    """
    if record.levelno >= logging.ERROR:
        return True
    parts = record.name.split(".")
    names = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return all(record.levelno >= _QUIETER.get(name, 0) for name in names)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the moment: a progress bar replaces it while it runs."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The present stderr."""
        return sys.stderr


class _Timestamp:
    """Adds the time of the record itself, so that all handlers show the same."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        created = datetime.fromtimestamp(event["_record"].created, self._zone)
        return {"timestamp": created.isoformat(timespec="milliseconds"), **event}


def _formatter(stamp: Processor, mask: Mask, *render: Processor) -> ProcessorFormatter:
    # No ExtraAdder: Scrapy attaches whole objects to its records, the spider among them.
    return ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            stamp,
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            *render,
        ],
    )


def _shown(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The event with nothing in it that a terminal obeys: much of it is what portals say."""
    return {
        key: visible(value) if isinstance(value, str) else value for key, value in event.items()
    }


def _console() -> Processor:
    """The renderer for stderr: tidy on a terminal, one line an event elsewhere."""
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer(
            colors="NO_COLOR" not in os.environ,
            exception_formatter=structlog.dev.plain_traceback,
        )
    return structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "event"], bool_as_flag=False
    )


def _json_line(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    return orjson.dumps(event).decode()


def _log_file(path: Path) -> LogFile:
    try:
        return LogFile(path)
    except OSError as error:
        raise ConfigurationError(f"the log file {path} cannot be written: {error.strerror}") from (
            error
        )


def _replace_handlers(handlers: Sequence[logging.Handler]) -> None:
    for old in logging.root.handlers[:]:
        if isinstance(old, _Stderr | LogFile):
            logging.root.removeHandler(old)
            old.close()
    for handler in handlers:
        handler.addFilter(_is_wanted)
        logging.root.addHandler(handler)
    logging.root.setLevel(min(handler.level for handler in handlers))

"""Crawling by order, spool and ingest, as a fleet does it, in place of a crawl in one process."""

from importlib.metadata import version
from uuid import uuid4

from archive.archive import Archive
from crawler.order import Mode, Order
from crawler.orders.writing import write_order
from scheduler.configuration import load
from scheduler.readers import Readers
from support.yange import FINISHED, Yange


def settings_of(yange):
    """What the configuration says."""
    return load(yange.configuration).settings


def opened(yange):
    """The archive, for writing."""
    return Archive.open(yange.archive, Readers(settings_of(yange)))


def order(yange, mode="sweep", *, portal=None, **changed):
    """Write an order, beside the archive; the path of its file."""
    settings = settings_of(yange)
    portal = portal or next(iter(settings.portals))
    section = settings.portals[portal]
    usual = {
        "portal": portal,
        "settings": section,
        "mode": Mode(mode),
        "columns": [one.url for one in section.columns],
        "limit": section.recheck.limit if mode == "recheck" else None,
        "contact": settings.contact,
        "version": version("yange"),
    }
    path = yange.archive.with_name(f"{uuid4().hex}.order")
    with opened(yange) as archive:
        write_order(Order(**usual | changed), archive, path)
    return path


def execute(yange, path, *, status=FINISHED):
    """Carry out an order; the path of its spool."""
    spool = path.with_suffix(".warc.gz")
    yange.run("execute", path, "--spool", spool, status=status)
    return spool


class ByOrder(Yange):
    """The command line, where each crawl is an order that is carried out and then recorded."""

    def crawl(self, *, mode="sweep", status=FINISHED, executed=FINISHED, **changed):
        """Crawl once by way of an order; the run as `runs` gives it."""
        spool = execute(self, order(self, mode, **changed), status=executed)
        self.run("ingest", spool, status=status)
        with self.catalogue() as catalogue:
            return catalogue.runs(limit=1)[0]

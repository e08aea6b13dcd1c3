"""Documents put straight into an archive, where no portal and no crawl is needed.

A page is the JSON of what is to be read there, so a document can say anything at all.
"""

import json
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from archive.archive import Archive
from archive.capture import Capture, Outcome
from archive.catalogue import Catalogue
from archive.fields import Fields, Validity
from archive.reading import LinkedFile, Nature, Reading
from archive.runs import RunOutcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOST = "http://www.example.gov.cn"


class JsonReader:
    """Reads such pages."""

    name = "json/1"
    settings = "{}"

    def decode(self, body, content_type=""):
        return body.decode()

    def read(self, body, *, url, content_type=""):
        stated = json.loads(body)
        text, files = stated.pop("text"), stated.pop("files")
        validity = Validity(stated.pop("validity", "unknown"))
        return Reading(
            reader=self.name,
            nature=Nature.DOCUMENT,
            fields=Fields(**stated, validity=validity),
            text=text,
            attachments=tuple(LinkedFile(name, f"{HOST}/f/{name}") for name in files),
            has_metadata=True,
        )


class Shelf:
    """An archive that documents are put into; its clock goes on by a minute a page."""

    def __init__(self, path):
        self.path = path
        self.reader = JsonReader()
        self.now = datetime(2026, 3, 1, 20, 0, tzinfo=SHANGHAI)

    # What the archive wants of its readers.

    def current(self, portal):
        return self.reader

    def restore(self, name, settings):
        return self.reader if name == self.reader.name else None

    # What the tests want.

    def archive(self):
        """The archive opened for writing."""
        return Archive.open(self.path, self)

    def catalogue(self):
        """The archive opened for reading."""
        return Catalogue.open(self.path, SHANGHAI)

    @contextmanager
    def run(self, portal="town"):
        """A run, which yields what puts and removes documents."""
        with self.archive() as archive:
            archive.begin_run(portal, "sweep")
            yield _Run(self, archive)
            archive.finish_run(RunOutcome.FINISHED)

    def put(self, pages, portal="town"):
        """A run that meets these pages: `{place: what stands there}`, None for nothing."""
        with self.run(portal) as run:
            for place, stated in pages.items():
                run.see(place, stated)

    def index(self):
        """Catch the index up."""
        with self.archive() as archive:
            archive.catch_up_index()

    def search(self, text, selection=None, **which):
        """What a search finds, as rows of its JSON."""
        with self.catalogue() as catalogue:
            return [one.as_json() for one in catalogue.search(text, selection, **which)]

    def list(self, selection=None, **page):
        """The rows of `list`."""
        with self.catalogue() as catalogue:
            return list(catalogue.documents(selection, **page))


class _Run:
    def __init__(self, shelf, archive):
        self._shelf = shelf
        self.archive = archive

    def see(self, place, stated):
        """A page is there and says this; with None it is not there."""
        self._shelf.now += timedelta(minutes=1)
        body = None
        if stated is not None:
            whole = {"title": "通知", "text": "", "files": [], **stated}
            body = json.dumps(whole, ensure_ascii=False).encode()
        url = f"{HOST}/{place}.html"
        return self.archive.record(
            Capture(
                url=url,
                at=self._shelf.now,
                outcome=Outcome.DOCUMENT if body else Outcome.GONE,
                status=200 if body else 404,
                headers={"content-type": "application/json"} if body else {},
                body=body,
                reading=self._shelf.reader.read(body, url=url) if body else None,
            )
        )

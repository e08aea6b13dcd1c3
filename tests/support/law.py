"""An archive of legal texts, put together without a portal, and the command line on it."""

from datetime import datetime

import yaml

from support.shelf import HOST, SHANGHAI, Shelf
from support.yange import Yange

OFFICE = "1115030001155515XX"


def rule(title="砚湖市停车管理办法", serial=1, **stated):
    """What the page of a rule states; a validity that is not given follows from its label."""
    label = stated.get("validity_label", "有效")
    of_label = {"有效": "valid", "废止": "repealed", "失效": "invalid", "尚未生效": "not_yet_valid"}
    return {
        "title": title,
        "index_number": f"{OFFICE}/2020-{serial:05d}",
        "written_on": "2020-01-10",
        "published_at": "2020-01-15T09:00:00+08:00",
        "issuing_agency": "市人民政府",
        "category": "规范性文件",
        "validity_label": label,
        "validity": of_label.get(label, "unknown"),
        **stated,
    }


class LawShelf(Shelf):
    """A shelf that is asked what follows from it, at a moment of its own."""

    def conflicts(self, when=None, *, resolved=True):
        """The conflicts at a moment, by default when the last page was put there."""
        with self.catalogue() as catalogue:
            found = catalogue.conclusions(at_ms=self.ms(when)).conflicts(resolved=resolved)
        return [one.as_json(SHANGHAI) for one in found]

    def kinds(self, when=None):
        """The kinds of the open conflicts, sorted."""
        return sorted(one["kind"] for one in self.conflicts(when, resolved=False))

    def claims(self, place=None, version=None):
        """The claims of the document at a place, or of all."""
        with self.catalogue() as catalogue:
            document = None if place is None else catalogue.find(f"{HOST}/{place}.html")
            return catalogue.conclusions(at_ms=self.ms(None)).claims(document, version)

    def in_force(self, day, when=None, **filters):
        """By title: what the portal and what the claims say of a day."""
        with self.catalogue() as catalogue:
            rows = catalogue.conclusions(at_ms=self.ms(when)).in_force(day, **filters)
        return {row["title"]: (row["portal"], row["claims"], row["differs"]) for row in rows}

    def calendar(self, when=None, **filters):
        """The rows of the calendar."""
        with self.catalogue() as catalogue:
            found = catalogue.conclusions(at_ms=self.ms(when)).calendar(**filters)
        return [row for row, _ in found]

    def ms(self, when):
        """A moment, as `2026-03-01T20:00`, in milliseconds."""
        moment = self.now if when is None else datetime.fromisoformat(when)
        return round(moment.replace(tzinfo=SHANGHAI).timestamp() * 1000)

    def yange(self, folder, **settings):
        """The command line on this archive."""
        return Yange(folder, _Configured(self, settings))


class _Configured:
    def __init__(self, shelf, settings):
        self._shelf = shelf
        self._settings = settings

    def configuration(self, archive):
        assert archive == self._shelf.path
        town = {
            "name": "砚湖市人民政府",
            "hosts": ["www.example.gov.cn"],
            "columns": [f"{HOST}/gk/index.html"],
        }
        settings = {
            "contact": "archive@example.org",
            "archive": {"path": str(archive)},
            "portals": {"town": town},
            **self._settings,
        }
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)

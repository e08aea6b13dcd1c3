"""An archive as a BagIt bag (RFC 8493): its bytes by document and version, with what they state.

data/documents.csv, data/versions.csv
data/<portal>/<document>/v1.html, v1.json
data/<portal>/<document>/files/<beginning of its SHA-256>-<name>
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson

from archive.export.bagging import Bag
from archive.export.holdings import Holdings, Page, Row
from archive.export.rows import COLUMNS, sheets, write_csv
from archive.export.warc import SOFTWARE
from archive.versions import Version

# Short enough that a path stays below what common file systems and archives allow.
_LONGEST_TITLE = 30
_LONGEST_FILE = 40
_ON_VERSIONS = ("ledger", "digest", "body_sha256", "body_path")


def write_bag(holdings: Holdings, folder: Path) -> int:
    """Make `folder`, which is empty, a bag of `holdings`; how many versions it has."""
    with Bag(folder) as bag:
        with bag.writing("documents.csv") as file:
            write_csv(sheets(holdings, every_version=False), COLUMNS, file)
        with bag.writing("versions.csv") as file:
            count = write_csv(_versions(holdings, bag), [*COLUMNS, *_ON_VERSIONS], file)
        length, head = holdings.ledger
        bag.close(
            {
                "Bag-Software-Agent": SOFTWARE,
                "External-Description": "Documents of a government portal, each with its versions,"
                f" as yange kept them: {holdings.documents} documents, {count} versions.",
                "Yange-Content": "whole" if holdings.is_whole else "excerpt",
                "Yange-Ledger-Length": str(length),
                "Yange-Ledger-Head": head,
            }
        )
    return count


def _versions(holdings: Holdings, bag: Bag) -> Iterator[Row]:
    """Put the files of each version in their places; the versions as rows of the overview."""
    for standing in holdings.standing():
        for version in holdings.versions_until(standing):
            sheet = holdings.sheet(version)
            home = f"{sheet['portal']}/{_document_name(standing)}"
            yield _put(holdings, version, sheet, home, bag)


def _put(holdings: Holdings, version: Version, sheet: Row, home: str, bag: Bag) -> Row:
    """Put one version in its document's folder; its row of the overview."""
    page = holdings.page(version)
    name = f"v{version.number}"
    bag.put(f"{home}/{name}.html", holdings.body(page.body_id))
    paths = dict(_files(holdings, version, home, bag))
    entries = holdings.entries(version)
    described = {
        **sheet,
        "attachments": [{**one, "path": paths.get(one["url"])} for one in sheet["attachments"]],
        "digest": version.digest.hex(),
        "body": _as_json(page, f"{name}.html"),
        "ledger": entries,
    }
    bag.put(f"{home}/{name}.json", orjson.dumps(described, option=orjson.OPT_INDENT_2))
    return {
        **sheet,
        "ledger": " ".join(str(entry["seq"]) for entry in entries),
        "digest": version.digest.hex(),
        "body_sha256": page.sha256,
        "body_path": f"data/{home}/{name}.html",
    }


def _as_json(page: Page, path: str) -> Row:
    return {
        "path": path,
        "sha256": page.sha256,
        "bytes": page.size,
        "content_type": page.content_type or None,
    }


def _files(holdings: Holdings, version: Version, home: str, bag: Bag) -> Iterator[tuple[str, str]]:
    """Put the attachments of a version into its document's folder; address and path of each."""
    for url, digest, body_id in holdings.files(version):
        path = f"files/{digest[:12]}-{_file_name(url)}"
        # Versions share what did not change between them.
        if not bag.has(f"{home}/{path}"):
            bag.put(f"{home}/{path}", holdings.body(body_id))
        yield url, path


def _document_name(version: Version) -> str:
    """A folder's name: the id makes it unique, number and title tell people what it is."""
    number = version.fields.index_number or ""
    parts = [
        f"{version.document_id:06}",
        _plain(number),
        _plain(version.fields.title)[:_LONGEST_TITLE],
    ]
    return "_".join(part for part in parts if part)


def _file_name(url: str) -> str:
    name = _plain(unquote(urlsplit(url).path).rpartition("/")[2]) or "file"
    stem, dot, extension = name.rpartition(".")
    return (
        f"{stem[-_LONGEST_FILE:]}{dot}{extension}" if len(extension) < 8 else name[-_LONGEST_FILE:]
    )


def _plain(text: str) -> str:
    """Text without what some file system does not allow in a name; letters of any script stay."""
    return re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", text)).strip("-. ")

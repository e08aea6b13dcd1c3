"""An archive as a BagIt bag (RFC 8493): its bytes by document and version, with what they state.

data/documents.csv, data/versions.csv
data/<portal>/<document>/v1.html, v1.json
data/<portal>/<document>/files/<beginning of its SHA-256>-<name>
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import bagit
import orjson

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
    logging.getLogger("bagit").setLevel(logging.WARNING)
    with (folder / "documents.csv").open("wb") as file:
        write_csv(sheets(holdings, every_version=False), COLUMNS, file)
    with (folder / "versions.csv").open("wb") as file:
        count = write_csv(_versions(holdings, folder), [*COLUMNS, *_ON_VERSIONS], file)
    length, head = holdings.ledger
    bagit.make_bag(
        str(folder),
        {
            "Bag-Software-Agent": SOFTWARE,
            "External-Description": "Documents of a government portal, each with its versions,"
            f" as yange kept them: {holdings.documents} documents, {count} versions.",
            "Yange-Content": "whole" if holdings.is_whole else "excerpt",
            "Yange-Ledger-Length": str(length),
            "Yange-Ledger-Head": head,
        },
        checksums=["sha256", "sha512"],
    )
    return count


def _versions(holdings: Holdings, folder: Path) -> Iterator[Row]:
    """Put the files of each version in their places; the versions as rows of the overview."""
    for standing in holdings.standing():
        for version in holdings.versions_until(standing):
            sheet = holdings.sheet(version)
            home = folder / sheet["portal"] / _document_name(standing)
            home.mkdir(parents=True, exist_ok=True)
            yield _put(holdings, version, sheet, home, folder)


def _put(holdings: Holdings, version: Version, sheet: Row, home: Path, folder: Path) -> Row:
    """Put one version in its document's folder; its row of the overview."""
    page = holdings.page(version)
    body = home / f"v{version.number}.html"
    body.write_bytes(holdings.body(page.body_id))
    paths = dict(_files(holdings, version, home))
    entries = holdings.entries(version)
    described = {
        **sheet,
        "attachments": [{**one, "path": paths.get(one["url"])} for one in sheet["attachments"]],
        "digest": version.digest.hex(),
        "body": _as_json(page, body.name),
        "ledger": entries,
    }
    body.with_suffix(".json").write_bytes(orjson.dumps(described, option=orjson.OPT_INDENT_2))
    return {
        **sheet,
        "ledger": " ".join(str(entry["seq"]) for entry in entries),
        "digest": version.digest.hex(),
        "body_sha256": page.sha256,
        # Where it is in the finished bag.
        "body_path": str(Path("data") / body.relative_to(folder)),
    }


def _as_json(page: Page, path: str) -> Row:
    return {
        "path": path,
        "sha256": page.sha256,
        "bytes": page.size,
        "content_type": page.content_type or None,
    }


def _files(holdings: Holdings, version: Version, home: Path) -> Iterator[tuple[str, str]]:
    """Put the attachments of a version into its document's folder; address and path of each."""
    for url, digest, body_id in holdings.files(version):
        path = home / "files" / f"{digest[:12]}-{_file_name(url)}"
        path.parent.mkdir(exist_ok=True)
        # Versions share what did not change between them.
        if not path.exists():
            path.write_bytes(holdings.body(body_id))
        yield url, f"files/{path.name}"


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

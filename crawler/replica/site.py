"""The replica's pages in one epoch: what every address of both hosts answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from urllib.parse import parse_qs, urljoin

from crawler.replica.attachments import MEDIA_TYPES
from crawler.replica.documents import Attachment, Column, Document, Host, Location, Table, columns
from crawler.replica.epochs import EPOCHS, Epoch, state_at
from crawler.replica.listing import (
    Row,
    module_id,
    page_count,
    page_id,
    page_path,
    pager_of,
    rows_of,
)
from crawler.replica.metadata import renewed_pairs, table_rows
from crawler.replica.rendering import SITES, render
from crawler.replica.sections import (
    EXCERPT_ROWS,
    FRONT_PAGE_EXCERPTS,
    SECTIONS,
    Excerpt,
    Section,
)
from crawler.replica.server import Answer
from crawler.replica.volatile import moving_parts, neighbours

ROBOTS = "User-agent: *\nDisallow: /eportal/admin\nDisallow: /search\n"

_DYNAMIC = "/eportal/ui"
_NEW_STAMP = "20250701"


class Site:
    """Everything that the portal serves during one epoch, made when first asked for, then kept.

    `bases` are the full addresses of the hosts, without a trailing slash.
    """

    def __init__(self, epoch: Epoch, bases: Mapping[Host, str]) -> None:
        self.epoch = epoch
        self._bases = {str(host): base for host, base in bases.items()}
        self._state = state_at(epoch)
        self._rows = {
            key: rows_of(column, self._state, self._bases) for key, column in columns().items()
        }
        self._made: dict[tuple[Host, str], Answer] = {}
        self._makers = self._all_makers()

    def answer(self, host: Host, target: str) -> Answer:
        """What a host answers to a GET of `target`, a path with its query."""
        path, _, query = target.partition("?")
        if path == _DYNAMIC:
            path = self._static_twin(host, query)
        made = self._made.get((host, path))
        if made is None:
            maker = self._makers.get((host, path))
            if maker is None:
                return Answer.html(render("notfound.html"), status=404)
            made = self._made[host, path] = maker()
        return made

    def _all_makers(self) -> dict[tuple[Host, str], Callable[[], Answer]]:
        makers: dict[tuple[Host, str], Callable[[], Answer]] = {}
        for host in SITES:
            makers[host, "/robots.txt"] = self._robots
            makers[host, "/"] = makers[host, "/index.html"] = partial(self._front, host)
            for design in ("easysite", "renewed"):
                makers[host, f"/template/{design}.css"] = partial(self._style, design)
        for section in SECTIONS:
            makers[section.host, section.page] = partial(self._section, section)
        for column in columns().values():
            for page in range(1, page_count(column, self._rows[column.key]) + 1):
                makers[column.host, page_path(column, page)] = partial(self._list, column, page)
        for document in self._state.documents.values():
            for location in document.locations:
                column = columns()[location.column]
                path = column.path_of(location.article)
                makers[column.host, path] = partial(self._detail, document, location)
                for attachment in document.attachments:
                    address = urljoin(path, self._address(attachment))
                    makers[column.host, address] = partial(self._file, document, attachment)
        for old, new in self._state.redirects.items():
            column = columns()[old.column]
            moved = Answer.redirect(columns()[new.column].path_of(new.article))
            makers[column.host, column.path_of(old.article)] = partial(_same, moved)
        return makers

    def _static_twin(self, host: Host, query: str) -> str:
        """The path of the page that a dynamic address stands for; "" for none."""
        asked = parse_qs(query)
        module, page = asked.get("moduleId", [""])[0], asked.get("currentPage", ["1"])[0]
        for column in columns().values():
            if column.host == host and module_id(column) == module and page.isdecimal():
                return page_path(column, int(page))
        return ""

    def _front(self, host: Host) -> Answer:
        site = SITES[host]
        return self._page(
            "front", host, site["id"], title="首页", column=None, page_id=site["id"],
            module_id=hashlib.sha256(host.encode()).hexdigest()[:32],
            excerpt=self._excerpt(FRONT_PAGE_EXCERPTS[host]),
        )  # fmt: skip

    def _section(self, section: Section) -> Answer:
        number = hashlib.sha256(section.path.encode()).hexdigest()
        entries = [each for each in SECTIONS if each.path in section.sections]
        return self._page(
            "section",
            section.host,
            section.path,
            title=section.name,
            column={"name": section.name, "href": section.page},
            page_id=str(int(number[:5], 16)),
            module_id=number[:32],
            menu=[{"name": each.name, "href": each.page} for each in entries]
            + [self._menu_entry(columns()[key]) for key in section.columns],
            excerpts=[self._excerpt(key) for key in section.excerpts],
        )

    def _excerpt(self, key: str) -> Excerpt:
        column = columns()[key]
        return Excerpt(column.name, page_path(column, 1), self._rows[key][:EXCERPT_ROWS])

    def _list(self, column: Column, page: int) -> Answer:
        rows = self._rows[column.key]
        start = (page - 1) * column.rows
        return self._page(
            "list",
            column.host,
            f"{column.key}-{page}",
            title=column.name,
            column=self._menu_entry(column),
            column_id=page_id(column),
            page_id=page_id(column),
            module_id=module_id(column),
            rows=rows[start : start + column.rows],
            as_table=column.list == "table",
            pager=pager_of(column, rows, page),
        )

    def _detail(self, document: Document, location: Location) -> Answer:
        column = columns()[location.column]
        renewed = self.epoch.design == "renewed"
        return self._page(
            "detail",
            column.host,
            location.article,
            charset=column.renewed_charset if renewed else document.charset,
            announced=column.renewed_charset if renewed else document.announced_charset,
            title=document.title,
            column=self._menu_entry(column),
            column_id=page_id(column),
            page_id=page_id(column),
            module_id=hashlib.sha256(location.article.encode()).hexdigest()[:32],
            side_id=hashlib.sha256(column.key.encode()).hexdigest()[:32],
            article=location.article,
            document=document,
            metadata=(renewed_pairs if renewed else table_rows)(document, column),
            shape=column.metadata.get("renewed", ""),
            body=[self._block(block) for block in document.body],
            neighbours=neighbours(self.epoch, self._rows[column.key], location),
        )

    def _block(self, block: str | Table | Attachment) -> dict[str, object]:
        match block:
            case str(text):
                return {"kind": "text", "text": text}
            case Table(rows):
                return {"kind": "table", "rows": rows}
            case Attachment():
                kind = "picture" if block.is_picture else "file"
                return {"kind": kind, "name": block.name, "href": self._address(block)}

    def _page(
        self,
        template: str,
        host: Host,
        place: str,
        *,
        charset: str = "utf-8",
        announced: str = "utf-8",
        **context: object,
    ) -> Answer:
        top = next(each for each in SECTIONS if each.host == host)
        text = render(
            f"{self.epoch.design}/{template}.html",
            charset=charset,
            site={**SITES[host], "menu": [{"name": top.name, "href": top.page}]},
            moving=moving_parts(self.epoch, place, self._own_rows(host)),
            **context,
        )
        body = text.encode(charset, "xmlcharrefreplace")
        return _validated(body, f"text/html; charset={announced}", self.epoch.begins)

    def _own_rows(self, host: Host) -> list[Row]:
        """All rows of a host's columns that lead to its own pages."""
        return [
            row
            for column in columns().values()
            if column.host == host
            for row in self._rows[column.key]
            if row.href.startswith("/")
        ]

    def _file(self, document: Document, attachment: Attachment) -> Answer:
        written = attachment.replaced_at or document.published
        media_type = MEDIA_TYPES[attachment.at.rpartition(".")[2]]
        return _validated(attachment.content, media_type, _moment(written))

    def _style(self, design: str) -> Answer:
        text = render(f"{design}.css")
        return _validated(text.encode(), "text/css", EPOCHS[0].begins)

    def _robots(self) -> Answer:
        return _validated(ROBOTS.encode(), "text/plain", EPOCHS[0].begins)

    def _address(self, attachment: Attachment) -> str:
        """The address as the page gives it; the redesign stamped the relative ones anew."""
        if self.epoch.design == "renewed" and not attachment.at.startswith("/"):
            return _NEW_STAMP + attachment.at[len(_NEW_STAMP) :]
        return attachment.at

    def _menu_entry(self, column: Column) -> dict[str, str]:
        return {"name": column.name, "href": page_path(column, 1)}


def _validated(body: bytes, content_type: str, modified: datetime) -> Answer:
    headers = {
        "Content-Type": content_type,
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
    }
    return Answer(200, headers, body)


def _same(answer: Answer) -> Answer:
    return answer


def _moment(written: str) -> datetime:
    plain = written.replace("年", "-").replace("月", "-").replace("日", "")
    return datetime.fromisoformat(f"{plain}+08:00" if ":" in plain else f"{plain} 00:00:00+08:00")

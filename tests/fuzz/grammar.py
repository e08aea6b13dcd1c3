"""Pages from a grammar, with what they say: one worker, in a process of its own.

Unlike a mutated page, one from the grammar is known: where nothing on it is broken, its number,
title and paragraphs have to be read as they were written.
"""

from __future__ import annotations

import html
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .found import keep
from .oracles import READER, URL, Broken, examine
from .trial import bounded

_PADDING = st.sampled_from(("", " ", "&nbsp;", "　", "\u200b", "\n  ", "<b></b>", "<!-- -->"))
_COLON = st.sampled_from(("", ":", "：", " ："))
_WORDS = st.text(
    "青山市集市管理办法规定通知0123456789年月日〔〕号第一条，；（）ab", min_size=2, max_size=30
)
_SENTENCES = st.builds("第{}条 为了{}，制定本办法。".format, st.integers(1, 99), _WORDS)
_VALUES = {
    "标题": _WORDS.map("关于{}的通知".format),
    "索引号": st.from_regex(r"\A[0-9A-Z]{8,18}/20[0-9]{2}-[0-9]{5}\Z"),
    "发文字号": st.sampled_from(("", "无", "青政发〔2024〕17号")),
    "发文机构": st.sampled_from(("", "市人民政府办公室")),
    "成文日期": st.sampled_from(("", "2024-05-06", "2024年5月6日", "2024-13-45")),
    "有效性": st.sampled_from(("", "有效", "废止", "部分失效")),
    "主题词": _WORDS,
}
_OPEN = ("<div>", "<span>", "<p>", "<table><tr><td>", "<ul><li>", "<b>", "<a href='a.pdf'>", "<dl>")
_CLUTTER = st.sampled_from(
    (
        *("", "<!-- -->", "<script>if (a < b) { document.title = '<p>' }</script>", "<hr>", "\n\n"),
        *('<div class="nav"><a href="/">首页</a></div>', '<input type="hidden" value="3">'),
        *(
            '<div class="share">分享到</div>',
            "<style>p { color: red }</style>",
            "<iframe></iframe>",
        ),
        *('<div style="display:none">索引号：9</div>', '<div><a href="/x/">更多</a></div>'),
    )
)
_BROKEN = st.lists(
    st.sampled_from(
        (
            *("</div>", "</table>", "</p>", "<td>", "<td rowspan=9 colspan=99999>", "<!--", "&#0;"),
            *(
                "<div id=zoom>",
                "<table>",
                "<select>",
                "<textarea>",
                "<title>",
                "</body>",
                "<p",
                '"',
            ),
            *("<a href='//['>甲</a>", "<base href='http://['>", "<dt>索引号", "<li>标题：", "\x00"),
        )
    ),
    max_size=6,
)
_CHARSETS = ("utf-8", "utf-8", "gb18030", "utf-8-sig", "big5hkscs", "utf-16")


@dataclass(frozen=True)
class Written:
    """A page with what it says; `sound` if nothing on it is broken."""

    page: bytes
    sound: bool
    stated: dict[str, str]
    paragraphs: tuple[str, ...]


@st.composite
def written(draw: st.DrawFn) -> Written:
    """A document's page: metadata in one of several layouts, a body, clutter, and breakage."""
    stated = {word: draw(_VALUES[word]) for word in draw(st.permutations(sorted(_VALUES)))}
    paragraphs = tuple(draw(st.lists(_SENTENCES, min_size=1, max_size=5)))
    padding, colon = draw(_PADDING), draw(_COLON)
    labels = [(padding.join(word) + colon, html.escape(value)) for word, value in stated.items()]
    body = "".join(f"<p>{html.escape(one)}</p>" for one in paragraphs) + draw(_tables)
    parts = [
        draw(_CLUTTER),
        draw(st.sampled_from(_LAYOUTS))(labels),
        draw(_CLUTTER),
        f'<div id="zoom">{body}</div>',
        draw(_CLUTTER),
    ]
    broken = draw(_BROKEN)
    for piece in broken:
        at = draw(st.integers(0, len(parts)))
        parts.insert(at, piece)
    deep = draw(st.sampled_from((0, 0, 1, 3, 300, 3000)))
    around = draw(st.sampled_from(_OPEN)) * deep
    markup = f"<!DOCTYPE html><html><head></head><body>{around}{''.join(parts)}</body></html>"
    charset = draw(st.sampled_from(_CHARSETS))
    page = markup.encode(charset, "xmlcharrefreplace")
    return Written(page, not (broken or deep or charset == "big5hkscs"), stated, paragraphs)


_CELLS = st.tuples(st.integers(0, 4), st.integers(0, 4), _WORDS)
_ROWS = st.lists(st.lists(_CELLS, max_size=4), max_size=4)


def _as_table(rows: list[list[tuple[int, int, str]]]) -> str:
    made = "".join(
        "<tr>"
        + "".join(f"<td rowspan={down} colspan={across}>{text}" for down, across, text in row)
        for row in rows
    )
    return f"<table>{made}</table>" if rows else ""


_tables = _ROWS.map(_as_table)


def _in_cells(labels: list[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><td>{label}</td><td>{value}</td></tr>" for label, value in labels)
    return f"<table>{rows}</table>"


def _in_pairs_of_cells(labels: list[tuple[str, str]]) -> str:
    cells = [f"<td>{label}</td><td>{value}</td>" for label, value in labels]
    rows = ("".join(cells[at : at + 2]) for at in range(0, len(cells), 2))
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _in_definitions(labels: list[tuple[str, str]]) -> str:
    return (
        "<dl>" + "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in labels) + "</dl>"
    )


def _in_items(labels: list[tuple[str, str]]) -> str:
    items = "".join(f"<li><b>{label}</b><span>{value}</span></li>" for label, value in labels)
    return f"<ul>{items}</ul>"


def _in_divisions(labels: list[tuple[str, str]]) -> str:
    rows = "".join(f"<div><div>{label}</div><div>{value}</div></div>" for label, value in labels)
    return f"<div>{rows}</div>"


_LAYOUTS = (_in_cells, _in_pairs_of_cells, _in_definitions, _in_items, _in_divisions)


def check(document: Written) -> None:
    """Hold everything against one page of the grammar. Raises Broken."""
    examine(document.page, quickly=True)
    if not document.sound:
        return
    reading = READER.read(document.page, url=URL)
    if reading.fields.index_number != document.stated["索引号"]:
        raise Broken("the number of a sound page is not read", document.page)
    if "".join(reading.fields.title.split()) != "".join(document.stated["标题"].split()):
        raise Broken("the title of a sound page is not read", document.page)
    if not reading.text.startswith("\n".join(" ".join(one.split()) for one in document.paragraphs)):
        raise Broken("the paragraphs of a sound page are not read", document.page)


def main(folder: Path, current: Path, number: int, seconds: float) -> None:
    """Try pages for that long; the one that is being tried stands in `current`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tried = 0

        @seed(number)
        @settings(
            max_examples=200,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(written())
        def hold(document: Written) -> None:
            nonlocal tried
            tried += 1
            current.write_bytes(document.page)
            check(document)

        bounded(120)
        try:
            hold()
        except Broken as broken:
            if keep(broken.what, broken.page, folder):
                print(f"found: {broken.what}", flush=True)
        print(f"tried {tried}", flush=True)
        number += 1


if __name__ == "__main__":
    found, current, number, seconds = sys.argv[1:]
    main(Path(found), Path(current), int(number), float(seconds))

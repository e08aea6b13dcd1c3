"""Pages made large: deep nesting, long repetition, and tags that nobody closes.

Run as a worker, it looks at how long such pages take to read.
"""

from __future__ import annotations

import random
import re
import sys
import time
from pathlib import Path

from .found import keep
from .oracles import Broken, examine
from .seeds import seeds
from .trial import bounded

_NESTED = ("div", "span", "font", "b", "a", "p", "table><tr><td", "ul><li", "dl><dd", "x", "form")
_REPEATED = (
    *("<br>", "<td>", "<li>", "</div>", "<p>甲", "<!--", "<!-- -->", "<script>", "</a>", "<a>"),
    *("<a href=1.html>第一号通知</a>", "<a href=a.pdf>附件</a>", "<img src=a.png>", "<input>"),
    *("索引号：", "<td>索引号</td>", "<li>发文字号：</li>", "发布日期 2024-01-01 ", "上一篇："),
    *(
        "<div class=share>分享</div>",
        "<p>打印</p>",
        "<p>【打印】【关闭】</p>",
        "[关闭",
        "分享到微信",
    ),
    *(
        "&nbsp;",
        "　",
        " ",
        "\n",
        "\t",
        "\u200b",
        "<",
        ">",
        "&",
        "&#",
        "。",
        "甲",
        "a",
        "1",
        "-",
        "_",
    ),
    *("<meta name=a content=b", "<?xml ", "charset=", "<meta ", "<td rowspan=65534 colspan=1000>"),
    *("<tr><td rowspan=0>甲<td>乙", "<table><tr><td>甲", "<h1>题</h1>", "<div class=content>"),
    *("<i>题</i>\n", "<div id=zoom>", "<div id=zoom>甲</div>", "<title>-", "- ", "ICP备", "|"),
    *("<ul opentype=page>", "<input name=article_paging_list_hidden totalpage=9>", "字号大"),
    *(
        "<div class=fj>附件",
        "<div class=title>甲</div>",
        "<base href=x>",
        "<dt>甲",
        "createPageHTML(",
    ),
)
_TAG = re.compile(rb"</[^>]*>")
_MOST_DEPTH = 20_000
_MOST_TIMES = 10_000
_LARGEST = 400_000


def grown(page: bytes, chance: random.Random) -> bytes:
    """A page with a part of it, or of its like, many times over; no more than 400 KB are added."""
    at = chance.choice((len(page) // 2, chance.randint(0, len(page)), _end_of_tag(page, chance)))
    way = chance.randrange(5)
    if way == 0:
        tag = chance.choice(_NESTED)
        added = f"<{tag}>".encode() * _times(_MOST_DEPTH, len(tag) + 2, chance)
    elif way == 1:
        begin = chance.randint(0, len(page))
        part = page[begin : begin + chance.choice((1, 8, 40, 200, 1000))] or b"<p>"
        added = part * _times(_MOST_TIMES, len(part), chance)
    elif way == 2:
        page = _TAG.sub(b"", page) or b"<p>"
        at, added = 0, page * _times(_MOST_TIMES // 10, len(page), chance)
    else:
        part = "".join(chance.choices(_REPEATED, k=chance.choice((1, 1, 2, 3)))).encode()
        added = part * _times(_MOST_TIMES, len(part), chance)
    return page[:at] + added + page[at:]


def _times(most: int, size: int, chance: random.Random) -> int:
    return max(1, min(chance.choice((most, most // 4, most // 40)), _LARGEST // size))


def _end_of_tag(page: bytes, chance: random.Random) -> int:
    return page.find(b">", chance.randint(0, len(page))) + 1


def main(folder: Path, current: Path, number: int, seconds: float) -> None:
    """Try pages for that long; the one that is being tried stands in `current`."""
    chance = random.Random(number)
    pages = list(seeds())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page = grown(chance.choice(pages), chance)
        current.write_bytes(page)
        print("tried 1", flush=True)
        bounded()
        try:
            examine(page, timed=True)
        except Broken as broken:
            if keep(broken.what, broken.page, folder):
                print(f"found: {broken.what}", flush=True)


if __name__ == "__main__":
    found, current, number, seconds = sys.argv[1:]
    main(Path(found), Path(current), int(number), float(seconds))

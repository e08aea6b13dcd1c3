"""Pages as they pile up in an archive: several sites, text like real text, and three versions each.

What a store makes of pages depends on what they repeat. Words here follow Zipf's law, as words in
texts do: a few are everywhere, most are rare. Part of the sentences is made of set phrases, as
official texts are. Each site has a template of its own, and two of them are redesigned once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

VERSIONS = 3
"""As first seen; with one word changed; with a sentence more, two sites having been redesigned."""

_HOST = "{}.yanhu.example.org"
# Host, how many documents out of ten, and from which version on the site is redesigned.
_SITES = (("www", 4, 2), ("fgw", 3, VERSIONS), ("rsj", 2, 2), ("zjj", 1, VERSIONS))
_WORDS, _PHRASES = 20_000, 1_500
_PHRASE_SHARE = 0.2
_MEDIAN_CHARACTERS, _SPREAD = 1_400, 0.6
_LONGEST = 12_000
_MENU, _SCRIPT, _HOT = 150, 90, 24


class Page(NamedTuple):
    """One version of one document: its address, and its bytes."""

    url: str
    body: bytes


class Corpus:
    """So many documents, each in `VERSIONS` versions; the same ones every time."""

    def __init__(self, documents: int) -> None:
        self.documents = documents
        self._language = _Language()
        self._templates = {
            (site, renewed): _Template(self._language, site, renewed=renewed)
            for site, _, _ in _SITES
            for renewed in (False, True)
        }
        self._shares = [site for site in _SITES for _ in range(site[1])]

    def pages(self, version: int) -> Iterator[Page]:
        """Every document's page in that version, from 0."""
        return (self.page(number, version) for number in range(self.documents))

    def page(self, number: int, version: int) -> Page:
        """The page of one document, from 0, in one version, from 0."""
        site, _, renewed_in = self._shares[number % len(self._shares)]
        draw = _draw("document", number)
        column = draw.randrange(12)
        title = self._language.title(draw)
        paragraphs = list(self._language.paragraphs(draw))
        if version >= 1:
            paragraphs[draw.randrange(len(paragraphs))] += self._language.word(draw)
        if version >= 2:
            paragraphs.insert(draw.randrange(len(paragraphs)), self._language.sentence(draw))
        template = self._templates[site, version >= renewed_in]
        return Page(
            f"http://{_HOST.format(site)}/zwgk/{column:03d}/{700_000 + number}/index.html",
            template.page(number, version, title, paragraphs).encode(),
        )


class _Language:
    """Words, phrases and sentences, each as frequent as its rank makes it."""

    def __init__(self) -> None:
        draw = _draw("language")
        # The characters of the first level of GB 2312: those that are in use.
        common = [
            bytes((row, cell)).decode("gb2312")
            for row in range(0xB0, 0xD7)
            for cell in range(0xA1, 0xFF if row < 0xD7 else 0xFA)
        ]
        draw.shuffle(common)
        weights = _zipf(len(common), 0.7)
        lengths = draw.choices((1, 2, 3, 4), (1, 12, 4, 3), k=_WORDS)
        self._words = [
            "".join(draw.choices(common, cum_weights=weights, k=length)) for length in lengths
        ]
        self._word_weights = _zipf(_WORDS, 1.0)
        self._phrases = [
            "".join(self.word(draw) for _ in range(draw.randrange(4, 10))) for _ in range(_PHRASES)
        ]
        self._phrase_weights = _zipf(_PHRASES, 0.9)

    def word(self, draw: random.Random) -> str:
        """A word."""
        return draw.choices(self._words, cum_weights=self._word_weights)[0]

    def sentence(self, draw: random.Random) -> str:
        """A sentence of a few clauses, each of words or a set phrase."""
        return "，".join(self._clause(draw) for _ in range(draw.randrange(1, 5))) + "。"

    def title(self, draw: random.Random) -> str:
        """A title of a dozen characters or two."""
        words = "".join(self.word(draw) for _ in range(draw.randrange(4, 9)))
        return f"砚湖市人民政府办公室关于{words}的{draw.choice(('通知', '公告', '意见', '批复'))}"

    def paragraphs(self, draw: random.Random) -> Iterator[str]:
        """The paragraphs of one text; most are short and a few are very long."""
        wanted = min(_LONGEST, int(_MEDIAN_CHARACTERS * draw.lognormvariate(0, _SPREAD)))
        written = 0
        while written < wanted:
            paragraph = "".join(self.sentence(draw) for _ in range(draw.randrange(1, 6)))
            written += len(paragraph)
            yield paragraph

    def _clause(self, draw: random.Random) -> str:
        if draw.random() < _PHRASE_SHARE:
            return draw.choices(self._phrases, cum_weights=self._phrase_weights)[0]
        return "".join(self.word(draw) for _ in range(draw.randrange(3, 9)))


class _Template:
    """What one design of one site puts around its documents, about 35 KB."""

    def __init__(self, language: _Language, site: str, *, renewed: bool) -> None:
        draw = _draw("template", site, renewed)
        self._language = language
        self._site = site
        self._mark = draw.randbytes(4).hex()
        self._organisation = f"1115990{draw.randrange(10**10):010d}X"
        self._menu = "\n".join(
            f'<li class="nav-{self._mark}" id="{draw.randbytes(8).hex()}"><a target="_self"'
            f' href="/zl/{draw.randrange(10**6)}/index.html">{language.word(draw)}'
            f"{language.word(draw)}</a></li>"
            for _ in range(_MENU)
        )
        self._script = "\n".join(
            f'menu.register("{draw.randbytes(16).hex()}", {{"column": {draw.randrange(10**6)}}});'
            for _ in range(_SCRIPT)
        )
        self._hot = [
            f'<li><a href="/zl/{draw.randrange(10**6)}/index.html">{language.title(draw)}</a></li>'
            for _ in range(_HOT + 2 * VERSIONS)
        ]

    def page(self, number: int, version: int, title: str, paragraphs: list[str]) -> str:
        """A document's page; what moves besides the document depends on `version`, too."""
        draw = _draw("page", number, version)
        stamp = f"202{5 + version}-0{draw.randrange(1, 9)}-{draw.randrange(10, 28)} 02:10:00"
        day = f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        hot = "\n".join(self._hot[2 * version : 2 * version + _HOT])
        neighbours = "".join(
            f'<p>{word}：<a href="/zwgk/{other}/index.html">第{other}号</a></p>'
            for word, other in (("上一条", number - 1), ("下一条", number + 1 + version))
        )
        pairs = {
            "标 题": title,
            "索 引 号": f"{self._organisation}/2024-{number:05d}",
            "发文字号": f"砚政发〔2024〕{number}号",
            "发文机构": "砚湖市人民政府办公室",
            "概 述": title,
            "成文日期": f"{day} 00:00:00",
            "公开日期": f"{day} 09:32:08",
            "有效性": "有效",
        }
        rows = "\n".join(
            f'<tr><td class="label-{self._mark}"><strong>{label}</strong></td><td>{value}</td></tr>'
            for label, value in pairs.items()
        )
        text = "\n".join(f'<p style="text-indent: 2em;">{one}</p>' for one in paragraphs)
        return f"""<!DOCTYPE html>
<html><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>{title}-{self._site}</title>
<meta name="createDate" content="{stamp}" />
<link rel="stylesheet" type="text/css" href="/{self._mark}/easysite.css?timestamp={version}" />
<script type="text/javascript">
{self._script}
</script>
</head><body>
<ul class="nav">
{self._menu}
</ul>
<div class="column-{self._mark}">
<table class="table-{self._mark}" border="0" width="100%"><tbody>
{rows}
</tbody></table>
<div class="easysite-news-title"><h2>{title}</h2></div>
<div class="easysite-news-content"><div id="zoom" class="easysite-news-text">
{text}
</div></div>
{neighbours}
</div>
<ul class="hot">
{hot}
</ul>
<div class="footer"><p>主办：砚湖市人民政府办公室　承办：砚湖市大数据中心</p></div>
</body></html>
"""


def _zipf(count: int, exponent: float) -> list[float]:
    """Cumulative weights of so many ranks, the first ones a little apart (Mandelbrot's law)."""
    return list(accumulate(1 / (rank + 3) ** exponent for rank in range(1, count + 1)))


def _draw(*what: object) -> random.Random:
    """Chance that falls out the same way every time."""
    return random.Random(repr(what))  # noqa: S311 no secret

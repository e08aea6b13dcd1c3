"""Changing pages: their bytes, and their trees."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from contextlib import suppress

from lxml import etree

from crawler.reading.vocabulary import LABELS, OTHER_LABELS

_TAGS = (
    *("table", "tr", "td", "th", "tbody", "caption", "div", "span", "p", "br", "a", "img", "ul"),
    *("li", "dl", "dt", "dd", "h1", "h2", "b", "font", "center", "pre", "form", "input", "script"),
    *("style", "noscript", "textarea", "select", "option", "iframe", "object", "embed", "svg"),
    *("title", "meta", "base", "head", "body", "html", "nav", "footer", "article", "main"),
)
_LABELS = (*(word for words in LABELS.values() for word in words), *OTHER_LABELS)
_ATTRIBUTES = (
    *('id="zoom"', 'id="easysiteText"', 'class="content"', 'class="share"', 'class="title"'),
    *('class="footer"', 'class="nav"', 'opentype="page"', 'style="display:none"', "hidden"),
    *('colspan="3"', 'rowspan="0"', 'rowspan="65535"', 'href="a.pdf"', 'href="../1/index.html"'),
    *('href="//["', 'src="data:image/png;base64,AA"', 'href="http://[::1"', 'alt="图"', "download"),
    *('tagname="/x-2.html"', 'name="article_paging_list_hidden"', 'totalpage="9"', 'rel="next"'),
    *('moduleid="4c76f15ab1c645c0a025d2d410570ae1"', 'articlecounts="yes"', 'title="标题：甲"'),
)
_TEXTS = (
    *("2024-01-02", "2024-13-45", "2024年1月2日 9时", "二〇二四年一月二日", "0001-01-01", "无"),
    *(
        "9999-12-31 23:59:59-23:59",
        "/2024-00017",
        "1115/2024-7",
        "青政发〔2024〕1号",
        "废止",
        "有效",
    ),
    *(
        "上一篇：",
        "下一条：没有了",
        "【打印】",
        "分享到：",
        "当前位置：",
        "附件：",
        "ICP备1号",
        "下一页",
    ),
    *(
        "第一条 为了规范集市管理，制定本办法。",
        "：",
        ":",
        "　",
        "&nbsp;",
        "&#0;",
        "&#xD800;",
        "&#27;",
    ),
    *(
        "&#x10FFFF;",
        "&lt;",
        "&",
        "\u200b",
        "\u2028",
        "\u0085",
        "\x1e",
        "\x1f",
        "\x0b",
        "\x00",
        "\x7f",
    ),
    *(
        "\ufffe",
        "\ufeff",
        "\u1820\u200d",
        "ŉ",
        "㏂",
        "ﷺ",
        "１",
        "²",
        "共9页",
        "当前第2页",
        "<!--",
        "-->",
    ),
    *(
        "<![CDATA[",
        "]]>",
        "<?xml encoding='gbk'?>",
        "<meta charset=gbk>",
        "</body>",
        "</html>",
        "\r",
    ),
    *("请开启JavaScript", "系统维护中", "createPageHTML(9,0,'index','html')", "<!DOCTYPE html>"),
)
_RAW = (
    b"\xff",
    b"\x80",
    b"\xa3\xba",
    b"\xc4\xe3",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\0",
)
_CHARSETS = ("gbk", "gb18030", "big5", "utf-16", "utf-8-sig", "utf-16-be")
_END_TAG = re.compile(rb"</[a-zA-Z0-9]+\s*>")

Mutation = Callable[[bytes, bytes, random.Random], bytes]


def mutated(page: bytes, donor: bytes, chance: random.Random) -> bytes:
    """A page changed in one to four ways; what is put into it may come from `donor`."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        page = chance.choice(_MUTATIONS)(page, donor, chance)
    return page


def _token(chance: random.Random) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return chance.choice(_RAW)
    if kind == 1:
        return chance.choice(_TEXTS).encode()
    if kind == 2:
        attribute = chance.choice(("", *_ATTRIBUTES))
        return f"<{chance.choice(_TAGS)} {attribute}>".encode()
    if kind == 3:
        return f"</{chance.choice(_TAGS)}>".encode()
    word = chance.choice(("", " ", "　", "&nbsp;", "</b><b>")).join(chance.choice(_LABELS))
    if kind == 4:
        return (word + chance.choice(("", ":", "："))).encode()
    return f"<tr><td>{word}</td><td>{chance.choice(_TEXTS)}</td></tr>".encode()


def _span(page: bytes, chance: random.Random, most: int = 400) -> tuple[int, int]:
    begin = chance.randint(0, len(page))
    return begin, min(len(page), begin + chance.randint(1, most))


def _flip(page: bytes, _: bytes, chance: random.Random) -> bytes:
    if not page:
        return page
    at = chance.randrange(len(page))
    return page[:at] + bytes((page[at] ^ (1 << chance.randrange(8)),)) + page[at + 1 :]


def _insert(page: bytes, _: bytes, chance: random.Random) -> bytes:
    at = chance.choice(
        (chance.randint(0, len(page)), page.find(b">", chance.randint(0, len(page))) + 1)
    )
    return page[:at] + _token(chance) + page[at:]


def _delete(page: bytes, _: bytes, chance: random.Random) -> bytes:
    begin, end = _span(page, chance)
    return page[:begin] + page[end:]


def _duplicate(page: bytes, _: bytes, chance: random.Random) -> bytes:
    begin, end = _span(page, chance)
    return page[:end] + page[begin:end] * chance.choice((1, 2, 8)) + page[end:]


def _splice(page: bytes, donor: bytes, chance: random.Random) -> bytes:
    begin, end = _span(donor, chance, 2000)
    at, until = _span(page, chance)
    return page[:at] + donor[begin:end] + page[until:]


def _cross(page: bytes, donor: bytes, chance: random.Random) -> bytes:
    return page[: chance.randint(0, len(page))] + donor[chance.randint(0, len(donor)) :]


def _cut(page: bytes, _: bytes, chance: random.Random) -> bytes:
    return page[: chance.randint(0, len(page))]


def _leave_open(page: bytes, _: bytes, chance: random.Random) -> bytes:
    one_in = chance.choice((1, 2, 8))
    return _END_TAG.sub(lambda tag: b"" if chance.randrange(one_in) == 0 else tag[0], page)


def _encode(page: bytes, _: bytes, chance: random.Random) -> bytes:
    return page.decode("utf-8", "replace").encode(chance.choice(_CHARSETS), "ignore")


def _in_tree(change: Callable[[list[etree._Element], random.Random], None]) -> Mutation:
    def mutation(page: bytes, _: bytes, chance: random.Random) -> bytes:
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            root = etree.fromstring(page.replace(b"\x00", b""), parser)
        except etree.XMLSyntaxError:
            return page
        if root is None:
            return page
        elements = [one for one in root.iter() if isinstance(one.tag, str) and one is not root]
        if len(elements) > 1:
            with suppress(ValueError):  # text that lxml reads but does not write
                change(elements, chance)
        return etree.tostring(root, method="html", encoding="utf-8")

    return mutation


def _move(elements: list[etree._Element], chance: random.Random) -> None:
    element, target = chance.sample(elements, 2)
    if element not in (target, *target.iterancestors()):
        target.insert(chance.randint(0, len(target)), element)


def _rename(elements: list[etree._Element], chance: random.Random) -> None:
    chance.choice(elements).tag = chance.choice(_TAGS)


def _dissolve(elements: list[etree._Element], chance: random.Random) -> None:
    element = chance.choice(elements)
    parent = element.getparent()
    if parent is not None:
        for child in element:
            element.addprevious(child)
        parent.remove(element)


def _wrap(elements: list[etree._Element], chance: random.Random) -> None:
    element = chance.choice(elements)
    parent = element.getparent()
    if parent is not None:
        wrapper = etree.Element(chance.choice(_TAGS))
        parent.replace(element, wrapper)
        wrapper.append(element)


def _attribute(elements: list[etree._Element], chance: random.Random) -> None:
    name, _, value = chance.choice(_ATTRIBUTES).partition("=")
    chance.choice(elements).set(name, value.strip('"'))


def _exchange_text(elements: list[etree._Element], chance: random.Random) -> None:
    one, other = chance.sample(elements, 2)
    one.text, other.text = other.text, one.text


_MUTATIONS: Sequence[Mutation] = (
    *(_flip, _insert, _insert, _insert, _delete, _duplicate, _splice, _cross, _cut, _leave_open),
    _encode,
    *map(_in_tree, (_move, _rename, _dissolve, _wrap, _attribute, _exchange_text)),
)

"""What stands in or around a document's text on a page and is not the document (R6)."""

from __future__ import annotations

import re

from lxml import etree

from crawler.reading.line import Line
from crawler.reading.outline import UNSEEN_TAGS, Outline, names_of
from crawler.reading.whitespace import squeeze

# Filled in by the portal's scripts: the visit counter and the neighbours in the column.
_SCRIPTED = ("articlecounts", "previousarticle", "nextarticle")
_NO_DISPLAY = re.compile(r"display\s*:\s*none", re.I)
_NAMES = frozenset(
    (
        *("share", "sharebox", "sharebar", "socialshare", "bdsharebuttonbox", "bdshare", "bshare"),
        *("jiathis", "jiathisstyle", "shareto", "fenxiang", "prevnext", "pagenav", "prenext"),
        *("articlenav", "printclose", "printbox", "dayin", "qrcode", "ewm", "erweima"),
        *("visitcount", "viewcount", "hits", "breadcrumb", "breadcrumbs", "crumb", "crumbs"),
    )
)
# How often a file was downloaded, in the element of that file.
_DOWNLOADS = re.compile(r"nattach\d+")
_SURROUNDINGS = frozenset(
    (
        *("footer", "foot", "copyright", "header", "nav", "navbar", "menu", "sidebar", "aside"),
        *("position", "location", "weizhi", "dqwz", "related", "relatednews", "search", "bottom"),
        *("easysitenewsdescribe", "banquan", "copy"),
    )
)
_SURROUNDING_TAGS = frozenset(("nav", "header", "footer", "aside", "button"))

_BUTTON = (
    r"(?:打印(?:本页|此页|文章|正文)?|关闭(?:窗口|本页|页面)?|收藏(?:本页)?|返回(?:顶部|列表|上页)?"
    r"|纠错|下载(?:本页|全文)?)"
)
_NETWORK = r"(?:微信|微博|新浪微博|腾讯微博|QQ空间|QQ好友|QQ|朋友圈|人人网|更多|[+＋])"
_BY_LINE_LABEL = (
    r"(?:发布时间|发布日期|发表时间|更新时间|时间|日期|信息来源|文章来源|稿件来源|来源|作者|编辑|责任编辑|供稿|发布人|发布者"
    r"|审核|校对|责编|初审|复审|终审|浏览(?:次数|量)?|阅读(?:次数|量|数)?|访问(?:次数|量)"
    r"|点击(?:次数|数|量|率)?|字号|字体)"
)
_NEIGHBOUR_LABEL = r"[【\[<«]?(?:上|下|前|后)一?(?:条|篇|则|页)(?:信息|文章|新闻)?[】\]]?"
_NO_NEIGHBOUR = r"(?:无|没有了?|没有资料|暂无|已经是第一篇|已经是最后一篇)"
# The label with a neighbour that nothing tells apart from it, such as a link around both.
_NEIGHBOUR = re.compile(rf"{_NEIGHBOUR_LABEL}(?:[:：>»].*)?")
_NEIGHBOURS = re.compile(rf"(?:{_NEIGHBOUR_LABEL}[:：>»]?{_NO_NEIGHBOUR}?[|｜]?)+")
_COUNT = r"[\[【(（]?(?:\d[\d,，]*)?[\]】)）]?[次人]?"
_VISIT = r"(?:浏览|阅读|访问|点击)"
# What a line of furniture is put together from; where two begin alike, the longer one first.
_PIECES = (
    rf"(?:本文|本页|页面)?(?:已经?|共)?被?有\d[\d,，]*人次?{_VISIT}过?",
    rf"(?:本文|本页|页面)?(?:已经?|共)?被?{_VISIT}了?\d[\d,，]*次",
    r"您是第?\d[\d,，]*位(?:访客|访问者|浏览者|读者)",
    rf"[【\[(（]?{_BUTTON}[】\])）]?",
    rf"[【\[]?分享(?:到|至|本文)?[:：]?{_NETWORK}*[】\]]?{_NETWORK}*",
    r"[【\[(（]?(?:字体|字号)(?:大小)?[:：]?[【\[(（]?(?:(?:特?大|中|小|默认)[|｜/]?)*[】\])）]*",
    rf"[【\[]?(?:{_VISIT}|人气)(?:次数|量|数|率)?[:：]?{_COUNT}[】\]]?",
)
_FURNITURE = re.compile(
    "|".join(
        (
            rf"(?>(?:{'|'.join(_PIECES)})[|｜/]?)++",
            r"(?:微信)?扫一?扫.{0,24}|.{0,12}手机(?:打开|浏览|查看)当前页.{0,6}",
            r"(?:本文|网页)?(?:发布|更新)时间[:：]\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?[\d:：时分秒]*",
            r"当前位置[:：].*",
            r"[（(【\[]?(?:责任编辑|责编|编辑)[:：][\u4e00-\u9fff·、]{0,12}[）)】\]]?",
            r"您对(?:本|此|该)(?:网?页面?|文章|信息|文件|内容)?.{0,6}是?否?(?:满意|有用|有帮助).{0,6}",
            r"(?:(?:非常|很|比较|基本|较)?(?:不太?)?满意|一般)(?:[|｜/、]?(?:(?:非常|很|比较|基本|较)?(?:不太?)?满意|一般))+(?:提交)?",
            r"(?:欢迎(?:访问|光临)[^。]{2,30})?(?:今天|现在)是[:：]?\d{4}年\d{1,2}月\d{1,2}日[^。，；]{0,24}",
        )
    )
)
_LONGEST_FURNITURE = 100
_FOOTER = re.compile(
    r"ICP备|公网安备|网站标识码|版权所有|Copyright|©|网站地图|(?:主办|承办)(?:单位)?[:：].{2,30}(?:维护|承办|技术)"
)
_LONGEST_FOOTER = 300
_BY_LINE = re.compile(rf"{_BY_LINE_LABEL}[:：]")
_LONGEST_BY_LINE = 200
# What stands beside the code that opens this very page on a telephone.
_THIS_PAGE = r"(?:(?:当前|本|此)网?页面?|网页|页面|手机端?(?:浏览|查看|阅读|访问))"
_CODE_TO_SCAN = re.compile(
    rf"[^。]{{0,6}}扫(?:一扫|描|码)?[^。]{{0,8}}{_THIS_PAGE}[^。]{{0,6}}"
    rf"|[^。]{{0,6}}手机(?:打开|浏览|查看|访问){_THIS_PAGE}[^。]{{0,4}}|{_THIS_PAGE}?二维码"
)
_LONGEST_CODE_TO_SCAN = 40
_RELATED = re.compile(
    r"(?:相关|推荐|最新|热门|热点|延伸|往期|更多)"
    r"(?:阅读|文章|链接|新闻|信息|文件|解读|稿件|内容|政策|文档){0,2}(?:推荐)?[:：]?"
)
# Beside a link in such a list.
_DATE = re.compile(r"[\[(（【]?(?:\d{4}[-/年.])?\d{1,2}[-/月.]\d{1,2}日?[\])）】]?")


def is_furniture(element: etree._Element) -> bool:
    """Whether an element inside a body is, by its markup, no part of the document."""
    if element.tag in UNSEEN_TAGS or element.tag == "button":
        return True
    attributes = element.attrib
    if not attributes:
        return False
    if is_hidden(element) or any(name in attributes for name in _SCRIPTED):
        return True
    names = names_of(element)
    return not _NAMES.isdisjoint(names) or any(map(_DOWNLOADS.fullmatch, names))


def is_hidden(element: etree._Element) -> bool:
    """Whether an element, by its own attributes, is not shown."""
    style = element.get("style")
    return bool(style and "none" in style and _NO_DISPLAY.search(style)) or (
        element.get("hidden") is not None
    )


def codes_to_scan(outline: Outline, body: etree._Element) -> set[etree._Element]:
    """The pictures of codes that lead to this very page, each with what says so around it."""
    codes: set[etree._Element] = set()
    seen: set[etree._Element] = set()
    for image in body.iter("img"):
        if _CODE_TO_SCAN.fullmatch(squeeze(image.get("alt") or "")):
            codes.add(image)
        for around in image.iterancestors():
            if around is body or around in seen or outline.visible(around) > _LONGEST_CODE_TO_SCAN:
                break
            seen.add(around)
            if _CODE_TO_SCAN.fullmatch(squeeze(outline.text_of(around))):
                codes.add(around)
            below = around.getnext()
            if below is not None and not outline.visible(around) and _tells(outline, below, image):
                codes.update((around, below))
    return codes


def _tells(outline: Outline, below: etree._Element, image: etree._Element) -> bool:
    """Whether what stands below a picture without a name says that it is such a code."""
    return (
        not image.get("alt")
        and outline.visible(below) <= _LONGEST_CODE_TO_SCAN
        and below.find(".//img") is None
        and bool(_CODE_TO_SCAN.fullmatch(squeeze(outline.text_of(below))))
    )


def is_surrounding(element: etree._Element) -> bool:
    """Whether an element of the page is, by its markup, no place for a document's text."""
    return (
        element.tag in _SURROUNDING_TAGS
        or is_furniture(element)
        or not _SURROUNDINGS.isdisjoint(names_of(element))
    )


class Surroundings:
    """Which elements of a page stand inside its head, foot or menus; each is looked at once."""

    def __init__(self) -> None:
        self._known: dict[etree._Element, bool] = {}

    def hold(self, element: etree._Element) -> bool:
        """Whether an element stands in one that is no place for a document's text."""
        chain = []
        within = False
        for around in element.iterancestors():
            if around in self._known:
                within = self._known[around]
                break
            chain.append(around)
        for around in reversed(chain):
            within = within or is_surrounding(around)
            self._known[around] = within
        return within


def is_furniture_line(text: str, unlinked: str) -> bool:
    """Whether a whole line is a button, a counter, a neighbour, a by-line or a footer.

    `unlinked` is what of it stands outside links. What a sentence says never counts: each pattern
    describes the whole line.
    """
    word = squeeze(text)
    if len(word) <= _LONGEST_FURNITURE and _FURNITURE.fullmatch(word):
        return True
    if _NEIGHBOURS.fullmatch(squeeze(unlinked) or word):
        return True
    if not unlinked and _NEIGHBOUR.fullmatch(word):
        return True
    if len(word) <= _LONGEST_BY_LINE and len(_BY_LINE.findall(word)) > 1 and _BY_LINE.match(word):
        return True
    return len(word) <= _LONGEST_FOOTER and bool(_FOOTER.search(word))


def without_furniture(lines: list[Line], title: str | None = None) -> list[Line]:
    """The lines of a body without the furniture at its beginning and its end.

    Furniture between paragraphs is told by its markup alone; here a line of the document might
    look like it. A `title` is given where the text may begin with the head of the page: then
    menus, and this title, are furniture at its beginning too.
    """
    first, last = 0, len(lines)
    while first < last and (_is_furniture(lines[first]) or _is_head(lines[first], title)):
        first += 1
    while first < last:
        end = _end_before_furniture(lines, first, last)
        if end == last:
            break
        last = end
    return lines[first:last]


def _end_before_furniture(lines: list[Line], first: int, last: int) -> int:
    """Where the lines end without the last piece of furniture; `last` if there is none."""
    at = last - 1
    while at >= first and not lines[at].text:
        at -= 1
    if at >= first and _is_furniture(lines[at]):
        return at
    while at >= first and _is_entry(lines[at]):
        at -= 1
    if first <= at < last - 1 and _RELATED.fullmatch(squeeze(lines[at].text)):
        return at
    return last


def _is_furniture(line: Line) -> bool:
    if line.files or not line.text:
        return False
    if "\t" in line.text:
        # Of the rows of tables, only those that lead to the neighbours.
        return line.unlinked != line.text and bool(_NEIGHBOURS.fullmatch(squeeze(line.unlinked)))
    return is_furniture_line(line.text, line.unlinked)


def _is_head(line: Line, title: str | None) -> bool:
    """Whether a line can stand in the head of a page called `title`: a menu, or the title."""
    if title is None or line.files or not line.text:
        return False
    return not line.unlinked or squeeze(line.text) == squeeze(title)


def _is_entry(line: Line) -> bool:
    """Whether a line is nothing but a link to a page, with or without its date."""
    if line.files or not line.unlinked:
        return not line.files
    return line.text != line.unlinked and bool(_DATE.fullmatch(squeeze(line.unlinked)))

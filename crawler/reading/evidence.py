"""What a page is judged by when the question is whether it is the document (R10)."""

from __future__ import annotations

import re
from functools import cached_property

from crawler.reading.furniture import is_furniture_line, is_surrounding
from crawler.reading.page import Page
from crawler.reading.stubs import sends_to
from crawler.reading.text import lines_of
from crawler.reading.whitespace import squeeze

# More than this is there to be read, whatever stands in it.
_LITTLE_TEXT = 400
# In an element that is a body by its name, a notice is a sentence or two.
_FEW_WORDS = 80
# A notice comes to the point: what it says, it says among the first characters.
_SOON = 120

# A by-line: what has a date of publication or a source was published.
_LABEL = (
    r"(?:发布|更新|发表|信息|文章|稿件|浏览|阅读|访问|点击|字号|字体|作者|编辑|来源|时间|日期|打印"
    r"|关闭)"
)
# What is dated so happened, or is announced; it was not published then.
_HAPPENED = r"(?:拦截|访问|请求|事件|发生|攻击|当前|现在|系统|服务|维护|升级|停机|检修|恢复)"
_PUBLISHED = re.compile(
    rf"(?<!{_HAPPENED})(?:时间|日期)[:：][\[【]?\d{{4}}[-/.年]\d"
    rf"|(?:来源|作者|供稿|编辑)[:：](?!{_LABEL}|\d{{1,3}}\.\d)[\w（(]{{2}}"
    r"|[〔\[【]\d{4}[〕\]】]第?\d{1,5}号"
)
# The names of kinds of documents, with which their titles end.
_KIND = (
    r"(?:通知|公告|通告|通报|公示|公报|办法|规定|细则|条例|意见|方案|规划|计划|决定|决议|命令|令|批复|函|复函|请示|报告|纪要|说明"
    r"|解读|指南|目录|清单|名单|名录|标准|规范|规程|制度|章程|预案|要点|措施|倡议书?|简报|年报|总结|统计表|一览表|结果|信息|情况)"
)
_TITLE_OF_A_DOCUMENT = re.compile(rf"关于.{{2,}}|.{{2,}}{_KIND}(?:[（(].{{1,20}}[）)])?")
# Headings that every page of an error or a notice bears, which name no document.
_TITLE_OF_A_NOTICE = re.compile(
    r"(?:网站|系统|平台|服务器?|网页|页面|站点|停机|操作|友情|温馨|安全|信息|访问|本网站?|运行)*"
    r"(?:正在|暂停|已经?)?"
    r"(?:升级|维护|检修|改版|调试|割接|停机|关闭|提示|提醒|错误|出错|异常|故障|拦截|拒绝|不存在|验证|登[录陆])*"
    rf"(?:中|了|啦|页面?|信息|{_KIND})?"
    r"|404.{0,12}|.{0,4}40[34]|error|not ?found",
    re.I,
)
_LONGEST_TITLE_OF_A_NOTICE = 24
_TITLE_OF_A_SITE = re.compile(r".{0,20}(?:政府|政府网|门户网站?|网站|平台|局|委员会|办公室|中心)")


class Evidence:
    """What is known of a page when it is judged.

    `stated` tells that the page states metadata by labels, `text` is what it says besides and
    `has_files` that files belong to it, `has_body` that these stand in an element that is a body
    by its name, `has_rows` that the page is a list with entries; `title` is what it would be called
    if it were a document.
    """

    def __init__(
        self,
        page: Page,
        *,
        stated: bool = False,
        text: str = "",
        has_files: bool = False,
        has_body: bool = False,
        has_rows: bool = False,
        title: str = "",
    ) -> None:
        self.page = page
        self.text = "" if has_files else text
        """The text of the page's body, where there are no files besides."""
        self.is_hollow = stated and not text and not has_files
        """Whether the page has the metadata of a document and nothing else of it."""
        self._stated = stated or has_rows
        self._has_body = has_body
        self._title = squeeze(title)

    @cached_property
    def own(self) -> str:
        """What the page itself says, without white space.

        Menus, head and foot of the template are not its own, nor are lines of links.
        """
        page = self.page
        surroundings = {one for one in page.outline.elements if is_surrounding(one)}
        return "".join(
            squeeze(line.text)
            for line in lines_of(page, page.root, surroundings)
            if line.unlinked and not is_furniture_line(line.text, line.unlinked)
        )

    @cached_property
    def opening(self) -> str:
        """The page's `<title>` and the first things that it says, without white space."""
        return squeeze(self.page.head_title)[:_SOON] + "\n" + self.own[:_SOON]

    @cached_property
    def is_bare(self) -> bool:
        """Whether the page might be a notice: nothing on it is a document's."""
        # In this order: the text is made for few pages, and metadata and titles settle most.
        if self._stated:
            return False
        title = self._title
        if not (len(title) <= _LONGEST_TITLE_OF_A_NOTICE and _TITLE_OF_A_NOTICE.fullmatch(title)):
            if _TITLE_OF_A_DOCUMENT.fullmatch(title):
                return False
            if self._has_body and not _TITLE_OF_A_SITE.fullmatch(title):
                return False
        most = _FEW_WORDS if self._has_body else _LITTLE_TEXT
        return len(self.own) <= most and not self._is_published

    @cached_property
    def is_blank(self) -> bool:
        """Whether the page has no document's marks, and shows so little that a script must be what
        it is there for."""
        page = self.page
        return (
            not self._stated
            and not self._has_body
            and page.outline.visible(page.root) <= _SOON
            and not self._is_published
        )

    @cached_property
    def sends_to(self) -> str | None:
        """Where a page that shows nothing sends its visitor, or None."""
        return sends_to(self.page) if self.is_blank else None

    @property
    def _is_published(self) -> bool:
        page = self.page
        return bool(_PUBLISHED.search(squeeze(page.outline.text_of(page.root))))

"""Pages that are not the document (R10): the catalogue of how they are told.

Two kinds of signs. A *damaged* page is told by its bytes, whatever else is on it. A *notice* stands
where the page should be, so it counts only on a page that states no metadata, has no body of
known name and little text: a document about maintenance is a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from archive.reading import Nature
from crawler.reading.page import Page
from crawler.reading.whitespace import squeeze

_LITTLE_TEXT = 400
_NEXT_TO_NO_TEXT = 120
_PROBE = 65536
# One stray NUL is a flaw of a page; one in so many bytes is no text.
_MOST_NULS = 100

_FILE_MAGIC = (
    *(b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
    *(b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"),
)
_WIDE_ENCODING = (b"\xff\xfe", b"\xfe\xff")
_CHALLENGE = re.compile(
    r"__jsl_clearance|wzwschallenge|wzwstemplate|\$_ts\b|acw_sc__v2|_cf_chl|cf-challenge|__cdn_clearance"
    r"|yunsuo_session|safedog|请开启JavaScript|enable JavaScript and (?:reload|cookies)"
    r"|eval\(function\(p,a,c,k,e,[dr]\)",
    re.I,
)
_COOKIE_STUB = re.compile(r"document\.cookie\s*=")
_RELOAD = re.compile(r"location(?:\.href)?\s*=|location\.(?:reload|replace|assign)")
_REFUSAL = re.compile(
    r"(?:访问|请求)(?:被|已被|行为)?(?:拒绝|拦截|阻断|禁止)|(?:访问|请求).{0,8}(?:异常|过于频繁|太频繁|存在威胁)"
    r"|网站防火墙|Web应用防火墙|安全验证|人机验证|滑动.{0,6}验证|请输入验证码|防护系统"
    r"|AccessDenied|RequestBlocked|403Forbidden",
    re.I,
)
_MAINTENANCE = re.compile(
    r"(?:系统|网站|平台|站点|服务器?)(?:正在|正|进行)*(?:升级|维护|检修|改版|调试)|正在(?:升级)?维护"
    r"|维护(?:升级)?中|暂停(?:服务|访问)|暂时无法(?:访问|提供服务)|(?:网站|系统)(?:已|暂时)?关闭"
)
_NOT_FOUND = re.compile(
    r"(?:页面|网页|文件|信息|内容|文章|地址|链接|栏目)(?:已经?|可能)?(?:不存在|未找到|找不到|没有找到"
    r"|被删除|已?删除|失效|已?过期|已?下线|已?撤销)|(?:找不到|未找到|没有找到|无法找到).{0,12}(?:页|文件|网址|信息|内容)"
    r"|您(?:要)?(?:访问|查看|浏览|请求)的.{0,12}(?:不存在|删除|不到|失效|错误|有误)"
    r"|404(?:NotFound|错误|-|页面)|PageNotFound|Error404|HTTP404",
    re.I,
)
_SERVER_ERROR = re.compile(
    r"InternalServerError|BadGateway|ServiceUnavailable|GatewayTime-?out|HTTPStatus[45]\d\d"
    r"|(?:系统|服务器|程序)(?:内部)?(?:错误|异常|繁忙|出错)|出错了|NullPointerException|SQLException",
    re.I,
)
_TITLE_404 = re.compile(r"(?:^|\D)404(?:\D|$)")
# A by-line: what bears the date of its publication was published.
_PUBLISHED = re.compile(r"(?:时间|日期)[:：]\d{4}[-/.年]\d")
_PASSWORD = re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.I)
_FULL_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)", re.I | re.S)
_END_OF_PAGE = re.compile(r"</(?:html|body)\s*>", re.I)
# Elements that no author leaves open on purpose, unlike `p`, `li` or `td`.
_NEVER_LEFT_OPEN = ("div", "table", "ul", "script", "style", "title", "a", "span")
_COMMENT = re.compile(r"<!--.*?-->", re.S)


@dataclass(frozen=True)
class Evidence:
    """What is known of a page when it is judged.

    `stated` tells that the page states metadata by labels, `has_body` that it has text in an
    element that is a body by its name.
    """

    page: Page
    stated: bool = False
    has_body: bool = False

    @cached_property
    def words(self) -> str:
        """The visible text and the title, without white space."""
        page = self.page
        return squeeze(page.head_title + page.outline.text_of(page.root))

    @cached_property
    def plain(self) -> int:
        """How many visible characters stand outside links."""
        return self.page.outline.plain(self.page.root)

    @property
    def bare(self) -> bool:
        """Whether the page might be a notice: nothing on it is a document's."""
        return (
            not self.stated
            and not self.has_body
            and self.plain <= _LITTLE_TEXT
            and not _PUBLISHED.search(self.words)
        )


class Finding(NamedTuple):
    """Why a page is not the document, and which nature that gives it."""

    nature: Nature
    reason: str


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of the catalogue: what the page is, for people, and how it is told."""

    nature: Nature
    reason: str
    holds: Callable[[Evidence], bool]


def _is_empty(evidence: Evidence) -> bool:
    return not evidence.page.body.strip(b" \t\r\n\x00\xef\xbb\xbf")


def _is_file(evidence: Evidence) -> bool:
    body = evidence.page.body
    if body.startswith(_WIDE_ENCODING):
        return False
    probe = body[:_PROBE]
    return body.startswith(_FILE_MAGIC) or probe.count(b"\x00") * _MOST_NULS > len(probe)


def _is_challenge(evidence: Evidence) -> bool:
    return (
        not evidence.stated
        and not evidence.has_body
        and evidence.page.outline.visible(evidence.page.root) <= _NEXT_TO_NO_TEXT
        and has_challenge(evidence.page.markup)
    )


def _is_cut_off(evidence: Evidence) -> bool:
    page = evidence.page
    if not page.whole:
        return True
    if _END_OF_PAGE.search(page.markup) or not _FULL_PAGE.match(page.markup):
        return False
    markup = _COMMENT.sub("", page.markup).lower()
    if markup.rfind("<") > markup.rfind(">") or not page.outline.visible(page.root):
        return True
    return any(
        len(re.findall(rf"<{tag}[\s>]", markup)) > markup.count(f"</{tag}")
        for tag in _NEVER_LEFT_OPEN
    )


def _is_login(evidence: Evidence) -> bool:
    return (
        evidence.bare
        and bool(_PASSWORD.search(evidence.page.markup))
        and bool(re.search("登录|登陆|用户名|password|login", evidence.words, re.I))
    )


def _says(pattern: re.Pattern[str]) -> Callable[[Evidence], bool]:
    return lambda evidence: evidence.bare and bool(pattern.search(evidence.words))


def _is_not_found(evidence: Evidence) -> bool:
    return evidence.bare and bool(
        _NOT_FOUND.search(evidence.words) or _TITLE_404.search(evidence.page.head_title)
    )


CATALOGUE = (
    Sign(Nature.SUSPECT, "an empty body", _is_empty),
    Sign(Nature.SUSPECT, "a file where a page should be", _is_file),
    Sign(Nature.BLOCKED, "a firewall's script challenge", _is_challenge),
    Sign(Nature.SUSPECT, "a page that was cut off", _is_cut_off),
    Sign(Nature.BLOCKED, "a firewall's refusal", _says(_REFUSAL)),
    Sign(Nature.SUSPECT, "a page-not-found notice", _is_not_found),
    Sign(Nature.SUSPECT, "a maintenance notice", _says(_MAINTENANCE)),
    Sign(Nature.SUSPECT, "a server's error page", _says(_SERVER_ERROR)),
    Sign(Nature.SUSPECT, "a login page", _is_login),
)
"""Every page that is known not to be the document; the first sign that holds counts."""

_REFUSING_STATUSES = {
    403: "a firewall's refusal (status 403)",
    412: "a firewall's script challenge (status 412)",
    429: "too many requests (status 429)",
    493: "a firewall's refusal (status 493)",
    521: "a firewall's script challenge (status 521)",
}


def recognise(evidence: Evidence) -> Finding | None:
    """The first entry of the catalogue that a page is, or None."""
    for sign in CATALOGUE:
        if sign.holds(evidence):
            return Finding(sign.nature, sign.reason)
    return None


def judge_status(status: int, body: bytes) -> Finding | None:
    """What an error status says about who answered: a firewall, or None for the portal itself.

    Statuses that firewalls use count by themselves; any other error status counts where `body`
    holds a script challenge.
    """
    if status in _REFUSING_STATUSES:
        return Finding(Nature.BLOCKED, _REFUSING_STATUSES[status])
    if status >= 400 and has_challenge(body[:_PROBE].decode("utf-8", "replace")):
        return Finding(Nature.BLOCKED, f"a firewall's script challenge (status {status})")
    return None


def has_challenge(markup: str) -> bool:
    """Whether a page's source holds a script challenge."""
    return bool(_CHALLENGE.search(markup)) or bool(
        _COOKIE_STUB.search(markup) and _RELOAD.search(markup)
    )

"""How the pages of the catalogue are told: patterns of words, and signs made of them (R10)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from crawler.reading.damage import is_cut_off
from crawler.reading.evidence import Evidence
from crawler.reading.furniture import is_surrounding
from crawler.reading.page import Page
from crawler.reading.stubs import is_front_page, is_login_page
from crawler.reading.whitespace import squeeze

_MOST_DATA = 1 << 20
# A line at most; a document that short does not begin with the words of an error.
_LONGEST_ERROR = 40
# A challenge has no menu.
_MOST_LINKS = 5

Sign = Callable[[Evidence, Sequence[str]], bool]
"""Whether a page is that of an entry, also going by these phrases of the portal's own."""

_CHALLENGE = re.compile(
    r"__jsl?_?clearance|__jsluid|wzwschallenge|wzwstemplate|wzws-waf|\$_ts\b|acw_sc__v\d|aliyun_waf"
    r"|YunSuoAutoJump|security_verify_|_cf_chl|cf-challenge|challenge-platform|__cdn_clearance|_Incapsula_Resource|yunsuo_session"
    r"|safedog|safeline|waf\.chaitin|_waf_|cdn_sec_tc|eval\(function\(p,a,c,k,e,[dr]\)",
    re.I,
)
_SCRIPT_WANTED = re.compile(
    r"(?:请|需要?|必须|务必)[^<>。]{0,12}?(?:开启|启用|打开|允许|支持|使用)[^<>。]{0,12}?(?:JavaScript|JS脚本)"
    r"|(?:不支持|未开启|未启用|禁用了?|关闭了?)JavaScript"
    r"|enable JavaScript|JavaScript is (?:required|disabled)|requires JavaScript",
    re.I,
)
_COOKIE_SET = re.compile(r"document\.cookie\s{0,8}=")
_WAITING = re.compile(
    r"正在(?:进行)?(?:安全|客户端环境)?(?:验证|检查|检测)(?:您的)?(?:浏览器|访问|环境)?|客户端异常|checkingyourbrowser|justamoment"
    r"|ddosprotection",
    re.I,
)
REFUSAL = re.compile(
    r"(?:访问|请求|操作)(?:行为)?(?:已被?|被)?(?:拒绝|拦截|阻断|禁止)|(?:访问|请求).{0,8}(?:异常|过于频繁|太频繁|存在威胁)"
    r"|(?:带有|包含|含有)(?:不合法|非法|恶意)(?:的)?参数|网站管理员设置拦截|^网站防火墙$|Web应用防火墙"
    r"|安全验证|人机验证|滑动.{0,6}验证|请输入验证码|防护系统|[Ii][Pp](?:地址)?(?:已被|被)(?:封|禁|拦截|拉黑)"
    r"|疑似.{0,8}攻击|客户端异常|[已遭]被.{0,8}(?:拦截|阻断)|存在安全风险|触发.{0,12}(?:防护|安全)(?:规则|策略)"
    r"|无权(?:限)?(?:访问|浏览|查看)|(?:没有|无)(?:访问|浏览|查看|操作)(?:该|本|此)?(?:页面?|信息|栏目|内容)?的?权限"
    r"|非法(?:请求|访问|操作|参数|链接)|不在允许.{0,6}范围|仅限.{0,8}(?:网|内部)访问|AccessDenied|RequestBlocked|403Forbidden|AttentionRequired"
    r"|RequestRejected|requestedURLwasrejected|supportID(?:is)?[:：]|(?:列入|加入|进入)(?:了)?(?:访问)?黑名单|黑名单.{0,8}(?:禁止|拦截)"
    r"|(?:您|你|IP|地址).{0,24}(?:禁止|限制)访问|(?:仅|只)(?:对|限|面向|允许|支持).{0,12}(?:地区|境内|国内|大陆|内网).{0,8}(?:提供|访问|开放|服务)"
    r"|only(?:be)?(?:accessible|available)(?:from|in|within).{0,12}China",
    re.I | re.M,
)
NOT_FOUND = re.compile(
    r"(?:页面?|网页|信息|内容|文章|稿件|文档|地址|链接|栏目|站点|资源|域名)(?:已经?|可能|现)?(?:不存在|未找到|找不到|没有找到"
    r"|被(?:管理员)?删除|已?删除|失效|已?过期|已?下[线架]|已?撤[销稿回]|尚?未发布|(?:正在)?审核中|丢失|走丢|去火星|已?(?:经|被)(?:移[除动走]|撤除|下[线架]|屏蔽))|文件(?:不存在|未找到|找不到|没有找到|被删除)"
    r"|(?:找不到|未找到|没有找到|无法找到).{0,12}(?:页|文件|文档|网址|信息|内容|资源|站点)"
    r"|您(?:要|所)?(?:访问|查看|浏览|请求|查找)的.{0,12}(?:不存在|删除|不到|失效|错误|有误)"
    r"|404(?:NotFound|错误|-|页面|pagenotfound)|(?:page|file|object|resource)(?:was)?notfound"
    r"|wasnotfoundon|NoSuchKey|参数(?:错误|有误|不正确|不能?为空)"
    r"|error404|http404|^notfound|message\W{1,3}notfound|noinputfilespecified|cannotget/|(?:^|\D)404$",
    re.I | re.M,
)
MAINTENANCE = re.compile(
    r"(?:系统|网站|平台|站点|服务器?)(?:正在|正|将?进行)*(?:升级|维护|检修|改版|调试)|正在(?:升级|停机)?维护"
    r"|(?:维护|升级|检修)(?:升级|维护)?中|(?:网站|系统|平台|页面|栏目)(?:正在)?(?:建设|开发|调整)中|暂停(?:服务|访问|运行)|暂时(?:无法|不能|停止)(?:进行)?(?:访问|提供服务|服务|使用)"
    r"|(?:网站|系统)(?:已|暂时)?(?:关闭|关停|停用)|under(?:going)?maintenance|underconstruction"
    r"|(?:网站|系统|平台)(?:正在)?进行.{0,8}(?:改造|升级|迁移|割接)|(?:网站|系统|平台)排队中"
    r"|(?:scheduled|temporarily|down)(?:for|under)?maintenance|temporarilyunavailable|^维护中",
    re.I | re.M,
)
SERVER_ERROR = re.compile(
    r"InternalServerError|BadGateway|ServiceUnavailable|GatewayTime-?out|HTTPStatus[45]\d\d"
    r"|(?:系统|服务器?|程序|数据库)(?:内部|发生|运行时?|出现|连接)*(?:错误|异常|繁忙|出错|故障|失败)"
    r"|出错[了啦]|页面(?:错误|异常)|开小差|(?:访问|在线)(?:人数|量)过[多大]|网络(?:繁忙|拥堵|异常)|ORA-\d{5}"
    r"|请?您?(?:稍[后候]|过一会儿?)(?:再|重新|刷新)?(?:重试|再试|试|访问)[。！!～~]?$|ServerErrorin|WhitelabelErrorPage"
    r"|(?:Warning|Notice|Deprecated):.{0,200}online\d|Cannotgetaconnection|can'tconnectto|NullPointerException|SQLException|(?:Fatal|Parse)error:|Stacktrace:|Traceback\(most"
    r"|OLEDBProvider|ODBC.{0,24}Driver|VBScript.{0,12}(?:错误|error)|ADODB\.|establishing(?:a)?database|databaseconnection(?:error|failed)"
    r"|(?:^|[\w.])\w+(?:Exception|Error):|(?:^|[)\w])at(?:com|cn|org|net|java|javax|sun)\.[\w.$]{3,120}\(\w+\.java[:)]"
    r"|^(?:error|exception)[:：]|(?:^|\D)50[0234]$",
    re.I | re.M,
)
DEFAULT_PAGE = re.compile(
    r"Welcometo(?:nginx|OpenResty|CentOS|tengine|Caddy)|Apache2?.{0,20}DefaultPage|^IIS(?:Windows|\d)"
    r"|^Itworks!|ApacheTomcat/\d|恭喜[,，]?站点创建成功|域名.{0,8}(?:出售|转让|停放)|domain(?:name)?(?:is|maybe)forsale|请求在Web服务器中没有找到|^TestPage",
    re.I | re.M,
)
_NOT_LOADED = re.compile(
    r"(?:页面|内容|数据|信息|正文|文章)?(?:正在|努力)*加载(?:中|失败|出错|异常)|正在(?:努力)?加载|Loading\W*$",
    re.I,
)
_LOGIN_TITLE = re.compile(
    r"^(?:统一(?:身份)?认证|单点登[录陆]|(?:用户|账号|帐号|系统|管理员|后台|会员)?登[录陆]|signin|login)",
    re.I,
)
_LOGIN_WANTED = re.compile(
    r"(?:登[录陆]|会话|身份)(?:信息|状态)?(?:已经?)?(?:超时|过期|失效)|请(?:您)?(?:先|重新)登[录陆]"
)
_LOGIN_WORDS = re.compile(
    r"登[录陆]|用户名|账号|帐号|统一(?:身份)?认证|password|login|signin", re.I
)


def damaged(damage: Callable[[Page], bool]) -> Sign:
    """That the page is damaged in this way."""
    return lambda evidence, _: damage(evidence.page)


def cut_off(evidence: Evidence, _: Sequence[str]) -> bool:
    """That the page ends before it should."""
    return is_cut_off(evidence.page, is_hollow=evidence.is_hollow)


def says(pattern: re.Pattern[str]) -> Sign:
    """That a bare page says so among the first things that it says."""

    def holds(evidence: Evidence, phrases: Sequence[str]) -> bool:
        if not evidence.is_bare:
            return False
        opening = evidence.opening
        return bool(pattern.search(opening)) or any(
            squeeze(phrase).casefold() in opening.casefold() for phrase in phrases
        )

    return holds


def fails_in_place(evidence: Evidence, _: Sequence[str]) -> bool:
    """That an error is all that a page has for its text, whatever metadata stands above it."""
    text = squeeze(evidence.text)
    return 0 < len(text) <= _LONGEST_ERROR and bool(
        _NOT_LOADED.match(text) or SERVER_ERROR.match(text)
    )


def challenges(evidence: Evidence, phrases: Sequence[str]) -> bool:
    page = evidence.page
    links = sum(1 for _ in zip(page.root.iter("a"), range(_MOST_LINKS + 1), strict=False))
    if not evidence.is_blank or links > _MOST_LINKS:
        return False
    if _CHALLENGE.search(page.markup) or _SCRIPT_WANTED.search(page.markup):
        return True
    if _WAITING.search(evidence.opening) or any(phrase in page.markup for phrase in phrases):
        return True
    target = evidence.sends_to
    if target is None:
        return False
    return bool(_COOKIE_SET.search(page.markup)) or _path(target) == _path(page.url)


def asks_to_log_in(evidence: Evidence, phrases: Sequence[str]) -> bool:
    target = evidence.sends_to
    if target is not None and is_login_page(target):
        return True
    if says(_LOGIN_TITLE)(evidence, phrases) or says(_LOGIN_WANTED)(evidence, ()):
        return True
    return (
        evidence.is_bare
        and _has_password_of_its_own(evidence.page)
        and bool(_LOGIN_WORDS.search(squeeze(evidence.page.head_title) + evidence.own))
    )


def _has_password_of_its_own(page: Page) -> bool:
    """Whether a page asks for a password elsewhere than in the head of its template."""
    return any(
        (field.get("type") or "").strip().lower() == "password"
        and not any(is_surrounding(around) for around in field.iterancestors())
        for field in page.root.iter("input")
    )


def leads_to_front_page(evidence: Evidence, _: Sequence[str]) -> bool:
    target = evidence.sends_to
    return target is not None and is_front_page(target, evidence.page.url)


def leads_elsewhere(evidence: Evidence, _: Sequence[str]) -> bool:
    return evidence.sends_to is not None


def is_data(evidence: Evidence, _: Sequence[str]) -> bool:
    source = evidence.page.markup.strip()
    if source[:1] + source[-1:] not in ("{}", "[]") or len(source) > _MOST_DATA:
        return False
    try:
        json.loads(source)
    except (ValueError, RecursionError):
        return False
    return True


def by_status_alone(_: Evidence, __: Sequence[str]) -> bool:
    return False


def _path(url: str) -> str:
    return urlsplit(url).path

"""Pages that are not the document, and documents that look like them (R10): the reader's word.

The pages are written after what firewalls, servers and portals are known to send. Each stands
alone and, where it is a notice, also inside a portal's whole template.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.site import File, Record, easysite

from archive.reading import Nature
from crawler.notices import Notice
from crawler.reading import PageReader, ReaderSettings, judge_status, read_list
from crawler.reading.recognition import CATALOGUE

PAGES = Path(__file__).parent / "pages"
URL = "http://www.example.gov.cn/qs/c1/1003/index.html"
READER = PageReader()
ENTRIES = {entry.name: entry for entry in CATALOGUE}

RECORD = Record(
    title="柳溪市城市供水管理办法",
    number="11159900MB10073XYA/2025-00001",
    body=(
        "第一条 为了保障城市供水安全，制定本办法。",
        "第二条 市供水主管部门负责全市城市供水的监督管理工作。",
        File(name="附件：供水范围图.pdf", href="/files/range.pdf"),
        "第三条 本办法自公布之日起施行。",
    ),
)

MENU = "".join(f'<li><a href="/gk/{n}/index.html">栏目{n}</a></li>' for n in range(30))


def page(content, title="", head=""):
    """A page of a foreign template with nothing on it but this."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{content}</body></html>"
    )


def in_template(content, title="柳溪市人民政府"):
    """The same content where a portal's template puts its pages' content."""
    return page(
        '<div class="header"><h1>柳溪市人民政府</h1><p>今天是2025年3月5日 星期三 晴 -8℃～3℃</p>'
        f'<ul class="nav">{MENU}</ul></div><div class="w1200">'
        f'<div class="left"><ul>{MENU}</ul></div>'
        f'<div class="right">{content}</div></div>'
        '<div class="footer"><p>主办：柳溪市人民政府办公室 '
        "承办：柳溪市大数据中心 地址：柳溪市清河大街一号 邮编：010000</p><p>柳ICP备00000000号 "
        "网站标识码：1500000000 电话：0470-0000000 建议使用1920×1080分辨率</p></div>",
        title,
    )


def in_article_template(content, title="提示信息"):
    """The same content in the body that the articles of a portal have."""
    return in_template(
        f'<h1>{title}</h1><p class="xx">发布时间： 来源： 浏览次数：0</p>'
        f'<div id="zoom"><p>{content}</p></div>',
        f"{title}-柳溪市人民政府",
    )


def read(markup, reader=READER):
    body = markup.encode() if isinstance(markup, str) else markup
    return reader.read(body, url=URL, content_type="text/html; charset=utf-8")


NOTICES = {
    "firewall-refusal": [
        "您的访问被拦截，事件ID：20250305-77A1，如有疑问请联系网站管理员。",
        "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。",
        "您的访问过于频繁，请稍后再试。",
        "您的请求带有不合法参数，已被网站管理员设置拦截！",
        "为了您的账号安全，请完成安全验证后继续访问。",
        "您的IP地址已被封禁。",
        "Access Denied. You don't have permission to access this resource.",
        "当前访问疑似黑客攻击，已被创宇盾拦截",
        "当前访问疑似黑客攻击，已被网站管理员拦截 拦截时间：2025-03-05 10:00:01 事件：77a1",
        "该访问行为触发WEB防护规则，已被阻断。事件时间：2025-03-05 来源：10.1.2.3",
        "您的访问存在安全风险，当前时间：2025/03/05 10:00:01",
        "您无权浏览该信息，请登录！",
        "对不起，您没有访问该页面的权限。",
        "您的IP地址不在允许访问的范围内",
        "仅限政务外网访问",
        "非法请求！",
        "The requested URL was rejected. Please consult with your administrator.",
        "Request Rejected. Your support ID is: 1234567890 [Go Back]",
        "您的IP地址(10.1.2.3)已被列入黑名单，禁止访问。",
        "本网站仅对中国大陆地区提供服务 The website is only accessible from mainland China.",
    ],
    "not-found": [
        "您访问的页面不存在或已被删除，请返回首页。",
        "抱歉，您要查看的信息不存在！",
        "对不起，没有找到您要访问的页面",
        "页面走丢了，5秒后自动返回首页",
        "该文章已删除",
        "404 Not Found",
        "404，您访问的资源不存在",
        "File not found.",
        "No input file specified.",
        "The requested URL was not found on this server.",
        "该信息已被删除",
        "该文章已被管理员删除或尚未发布",
        "该信息已下架。",
        "该稿件已撤稿",
        "信息审核中，暂不能查看",
        "操作失败：找不到对应的文档",
        "参数错误",
        "对不起！您所查找的信息已被移除或暂时不可用。",
        "NoSuchKey The specified key does not exist.",
    ],
    "maintenance": [
        "网站正在升级维护，预计今晚二十二时恢复，给您带来不便敬请谅解。",
        "系统维护中，请稍后访问",
        "尊敬的用户：为了给您提供更好的服务，我们的网站正在进行维护，请您稍后再来。",
        "本网站因机房检修暂停服务，开通时间另行通知。",
        "网站暂时无法访问，请稍后再试。",
        "Site is under maintenance. We will be back soon.",
        "网站建设中",
        "系统升级 维护时间：2025年3月5日22:00至次日6:00，维护期间网站暂停服务。",
        "本网站正在进行集约化改造，请访问新网站。",
        "系统排队中，您前面还有 123 人，请勿刷新页面",
    ],
    "server-error": [
        "HTTP Status 500 – Internal Server Error",
        "系统发生错误，请与管理员联系",
        "502 Bad Gateway",
        "服务器繁忙，请稍后再试",
        "数据库连接失败",
        "服务器开小差了，请稍后重试",
        "网络繁忙，请稍后刷新重试",
        "当前访问人数过多，请稍候再试",
        ":( 页面错误！请稍后再试～",
        "ORA-12541: TNS:no listener",
        "Server Error in '/' Application. Runtime Error",
        "Notice: Undefined index: id in /www/a.php on line 12",
        "Error: java.lang.NullPointerException at com.huilan.portal",
        "Microsoft OLE DB Provider for ODBC Drivers 错误 '80004005' /conn.asp，行 6",
        "Microsoft VBScript 运行时错误 错误 '800a000d' 类型不匹配",
        "Error establishing a database connection",
        "org.springframework.dao.DataAccessException: could not open connection",
    ],
    "default-page": [
        "Welcome to nginx! If you see this page, the web server is successfully installed.",
        "恭喜，站点创建成功！这是默认index.html，本页面由系统自动生成",
        "没有找到站点 您的请求在Web服务器中没有找到对应的站点！",
        "该域名正在出售 This domain is for sale",
    ],
}
SAID = [(name, words) for name, all_words in NOTICES.items() for words in all_words]


@pytest.mark.parametrize(("name", "words"), SAID)
def test_a_notice_is_told_alone_and_in_whole_templates(name, words):
    entry = ENTRIES[name]
    for markup in (
        page(f"<p>{words}</p>"),
        page(f"<div><h2>{words}</h2></div>", "提示信息"),
        words,
        in_template(f'<div class="tip">{words}<a href="/">返回首页</a></div>'),
        in_article_template(words),
    ):
        reading = read(markup)
        assert (reading.nature, reading.reason) == (entry.nature, entry.reason), markup


CHALLENGES = {
    "packed-eval": page(
        "",
        head="<script>eval(function(p,a,c,k,e,d){return p}('0 1=2',3,3,'a|b|c'.split('|'),0,{}))"
        "</script>",
    ),
    "javascript-wanted": "<html><body><noscript><h1>请开启JavaScript并刷新该页.</h1>"
    "</noscript><script>f();</script></body></html>",
    "javascript-wanted-in-words": page(
        "<p>您的浏览器未启用 JavaScript，请启用 JavaScript 后重试。</p>"
    ),
    "cookie-and-location": "<script>document.cookie='__guard=1;path=/';"
    "location.href=location.pathname+location.search</script>",
    "cookie-and-reload": "<html><body><script>document.cookie='k='+k;window.location.reload();"
    "</script>正在跳转…</body></html>",
    "reload-alone": page("<script>setTimeout(function(){location.reload()},1500)</script>请稍候"),
    "same-address-with-a-token": "<script>location='/qs/c1/1003/index.html?wafk=77a'</script>",
    "refresh-to-itself": page("", head='<meta http-equiv="refresh" content="1">'),
    "arg1": "<html><script>var arg1='7A1';var _0x4818=['acw_sc__v2'];</script></html>",
    "ts": '<html><head><meta content="x"><script>$_ts=window["$_ts"];if(!$_ts)$_ts={};'
    "$_ts.nsd=77;</script></head><body></body></html>",
    "safeline": page(
        "<p>客户端异常，请确认您是否正常访问</p><p>正在进行客户端环境检查</p>"
        "<script src='/.safeline/static/client.js'></script>"
    ),
    "waiting-page": page(
        "<h1>Checking your browser before accessing the site.</h1>", "Just a moment..."
    ),
}


@pytest.mark.parametrize("case", CHALLENGES)
def test_a_challenge_is_told_by_its_script(case):
    entry = ENTRIES["script-challenge"]
    reading = read(CHALLENGES[case])
    assert (reading.nature, reading.reason) == (entry.nature, entry.reason)


WHOLE = RECORD.html()
OTHERS = {
    "front page by script": ("to-front-page", "<script>window.location.href='/';</script>"),
    "front page of the site": (
        "to-front-page",
        "<script>location.replace('/qs/index.html')</script>",
    ),
    "front page after a word": (
        "to-front-page",
        page("<script>alert('信息不存在！');top.location='http://www.example.gov.cn/';</script>"),
    ),
    "front page by refresh": (
        "to-front-page",
        page("<p>正在返回首页</p>", head='<meta http-equiv="Refresh" content="0; URL=\'/\'">'),
    ),
    "elsewhere by refresh": (
        "to-elsewhere",
        page("", head='<meta http-equiv="refresh" content="0;url=/qs/c9/2001/index.html">'),
    ),
    "login by script": ("login-page", "<script>location.href='/sso/login?back=1003'</script>"),
    "login form": (
        "login-page",
        page('<form>用户名<input name=u>密码<input type="password" name=p></form>', "统一身份认证"),
    ),
    "login form in the template": (
        "login-page",
        in_template("<form><p>用户登录</p><input name=u><input type=password name=p></form>"),
    ),
    "login once more": ("login-page", in_template("<p>会话已过期，请重新登录！</p>")),
    "login without a form": ("login-page", page('<div id="app"></div>', "统一身份认证平台")),
    "json": ("data", json.dumps({"rows": [], "total": 0, "text": "关于供水的通知。" * 40})),
    "json of an error": ("not-found", '{"code":404,"msg":"页面不存在","data":null}'),
    "json of an error in English": ("not-found", '{"status":404,"message":"Not Found"}'),
    "json of a fault": ("server-error", '{"status":500,"error":"Internal Server Error"}'),
    "json in escapes": ("data", json.dumps({"code": 1, "msg": "页面不存在"})),
    "nothing": ("empty", ""),
    "white space": ("empty", "\r\n \t "),
    "a mark alone": ("empty", "\ufeff"),
    "a picture": ("binary", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    "an archive": ("binary", b"PK\x03\x04" + bytes(range(256))),
    "compressed twice": ("binary", bytes((at * 97 + at * at * 31) % 256 for at in range(4000))),
    "cut in the head": ("cut-off", WHOLE[: WHOLE.index("<meta name=")]),
    "cut in a tag": ("cut-off", WHOLE[: WHOLE.index(' id="zoom"')]),
    "cut in an attribute": ("cut-off", WHOLE[: WHOLE.index("range.pdf")]),
    "cut after a paragraph": ("cut-off", WHOLE[: WHOLE.index("第三条") - len("<p>")]),
    "cut in a sentence": ("cut-off", WHOLE[: WHOLE.index("保障城市")]),
    "cut after the body": ("cut-off", WHOLE[: WHOLE.index("<p>上一条")]),
    "cut in a comment": (
        "cut-off",
        WHOLE[: WHOLE.index("第三条")] + "</p><!-- </div></div></body></html> 附件",
    ),
    "cut between the metadata and the body": (
        "cut-off",
        f"<html><body>{WHOLE[WHOLE.index('<table>') : WHOLE.index('</table>')]}</table>",
    ),
    "cut in a script": (
        "cut-off",
        WHOLE[: WHOLE.index("<p>上一条")] + '<script>var end = "</div></body></html>"; share(',
    ),
    "cut behind an early end": (
        "cut-off",
        WHOLE.replace('<div id="center">', '</body></html><div id="center">')[
            : WHOLE.index("第三条") + 10
        ],
    ),
    "cut behind a page in the page": (
        "cut-off",
        WHOLE.replace("<p>第一条", "<html><body><p>第一条").replace(
            "第二条", "</body></html>第二条"
        )[: WHOLE.index("第三条") + 36],
    ),
    "cut in an article, behind half of its text": (
        "cut-off",
        "<!doctype html><html><body><main><h1>供水管理办法</h1><article>"
        "<p>第一条 为了保障供水安全，制定本办法。</p><p>第二条 市水务局负责",
    ),
    "cut with a prologue": (
        "cut-off",
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- 柳溪 -->' + WHOLE[: WHOLE.index("第三条")],
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_each_entry_is_told(case):
    name, markup = OTHERS[case]
    reading = read(markup)
    assert (reading.nature, reading.reason) == (ENTRIES[name].nature, ENTRIES[name].reason)


EMPTY = RECORD.but(body=())


@pytest.mark.parametrize(
    "words", ["内容加载中，请稍候…", "数据加载失败", "系统错误，请联系管理员", "HTTP Status 500 - "]
)
def test_an_error_in_the_place_of_the_text_is_not_the_document(words):
    """R10: though the template and the metadata are those of the document."""
    reading = read(EMPTY.but(body=(words,)).html())
    assert (reading.nature, reading.reason) == (Nature.SUSPECT, ENTRIES["error-as-text"].reason)


@pytest.mark.parametrize(
    "body",
    [
        ("本文件已废止",),
        ("该文件已失效。",),
        ("因内容调整，本信息已撤销。",),
        ("关于系统故障处置的规定见附件。",),
        ("系统故障处置规定", File(name="规定.pdf", href="/files/1.pdf")),
        (
            "系统故障",
            "由市大数据中心处置，其他单位应当予以配合，处置情况每月通报一次，逾期未处置的予以问责。",
        ),
    ],
)
def test_a_line_that_says_what_became_of_the_document_is_its_text(body):
    assert read(EMPTY.but(body=body).html()).nature is Nature.DOCUMENT


def test_a_page_whose_text_is_missing_shows_no_text():
    """R10: neither the menu nor the title is a text, where the element of the text is empty."""
    title = RECORD.title
    markup = page(
        "<div class='top'><a href='/'>首页</a><a href='/gk/'>公开</a></div>"
        f"<ul><li>索引号：{RECORD.number}</li><li>发布机构：市水务局</li></ul>"
        f"<div class='xl_title'>{title}</div><div class='TRS_Editor'></div>"
        "<div class='footer'>柳ICP备00000000号</div>",
        title,
    )
    assert read(markup).text == ""


@settings(max_examples=80, deadline=None)
@given(
    st.integers(40, WHOLE.index("浏览次数")),
    st.sampled_from(["", "<!-- x", "<script>", "<img "]),
)
def test_a_page_cut_off_anywhere_is_no_document(at, rest):
    """Wherever the cut falls before the page's foot, and whatever was begun there."""
    assert read(WHOLE[:at] + rest).nature is not Nature.DOCUMENT


BY_LINE = "<p>发布时间：2025-03-05 09:30　来源：市大数据中心　浏览次数：<span>12</span></p>"
SOURCE_ONLY = "<p>来源：市大数据中心　作者：张三</p>"
INNOCENT = {
    "about maintenance": (
        "<h1>关于系统升级维护的通知</h1><div class='q'><p>各单位：</p>"
        "<p>因系统升级维护，网站将于3月8日暂停服务。</p><p>请提前安排。</p></div>"
    ),
    "maintenance with a by-line": (
        f"<h1>平台停机</h1>{BY_LINE}<div class='q'><p>系统正在维护，暂停服务一天。</p></div>"
    ),
    "maintenance with a source": (
        f"<h1>平台停机</h1>{SOURCE_ONLY}<div class='q'><p>系统正在维护，暂停服务一天。</p></div>"
    ),
    "buying a firewall": (
        "<h2>网站防火墙采购项目中标公告</h2><div class='q'>"
        "<p>网站防火墙一台，Web应用防火墙一套，已完成招标。</p></div>"
    ),
    "pages that are missing": (
        "<h1>2025年第一季度政府网站检查情况通报</h1><div class='q'>"
        "<p>个别网站页面不存在、链接失效，"
        "有的显示404错误，有的提示您访问的页面不存在。</p></div>"
    ),
    "a firewall in a named body": (
        "<h1>提示单</h1><div id='zoom'>"
        "<p>各单位网站防火墙应当开启安全验证，对请求过于频繁的地址予以拦截，"
        "对访问异常的账号予以核查，处置结果于每月末前报市大数据中心汇总，逾期不报的予以通报。</p>"
        "<p>页面不存在的，由承办单位自行更正。</p></div>"
    ),
    "maintenance in a named body": (
        "<h1>关于网站维护的公告</h1><div id='zoom'><p>因系统维护，本网站暂停服务。</p></div>"
    ),
    "a file without force": (
        "<h1>柳政发〔2003〕7号文件</h1><div class='q'><p>本文件已失效。</p></div>"
    ),
    "numbered": (
        "<h1>停机安排</h1><p>柳数发〔2025〕4号</p><div class='q'><p>系统正在维护。</p></div>"
    ),
    "a long notice in a named body": (
        "<h1>温馨提示</h1><div id='zoom'><p>网站正在升级维护期间，"
        "办理供水、供热、燃气业务的居民可以到各区政务服务大厅窗口现场办理，"
        "也可以拨打服务热线预约上门，窗口工作时间为工作日上午八时三十分至十二时，"
        "下午二时三十分至五时三十分。</p></div>"
    ),
    "what visitors see": (
        "<h1>关于“码上停车”小程序使用问题的答复</h1><div class='q'>"
        "<p>小程序提示参数错误、会话已过期请重新登录的，是网络异常所致，请稍后再试。</p>"
        "<p>无权访问的，由所在街道统一开通；维护时间：2025年3月5日至6日。</p></div>"
    ),
    "a login system": (
        "<h1>关于启用统一身份认证平台的通知</h1>"
        "<div class='q'><p>登录时请输入用户名和密码。</p></div>"
        "<div class='header'><input type='password'></div>"
    ),
}


@pytest.mark.parametrize("case", INNOCENT)
@pytest.mark.parametrize("frame", [page, in_template])
def test_a_document_about_such_things_is_a_document(case, frame):
    reading = read(frame(INNOCENT[case]))
    assert (reading.nature, reading.reason) == (Nature.DOCUMENT, "")


NOSCRIPT = (
    "<noscript>请开启JavaScript</noscript><script>document.cookie='seen=1';function go(u)"
    "{location.href=u} function home(){location.href='/'}</script>"
)


@pytest.mark.parametrize(
    "text", ["<p>明日停水。</p><p>请提前储水。</p><p>特此通知。</p>", "<p>任命张三为主任。</p>"]
)
def test_a_short_notice_in_a_template_full_of_scripts_is_a_document(text):
    content = f"<h1>停水</h1>{BY_LINE}<div class='q'>{text}</div>{NOSCRIPT}"
    for markup in (page(content), in_template(content)):
        assert read(markup).nature is Nature.DOCUMENT


def test_scripts_make_no_challenge_of_a_page_with_a_menu_nor_a_stub_of_one_with_text():
    links = "".join(f"<a href='/{n}/'>栏目</a>" for n in range(8))
    short = page(f"<div>{links}</div><h1>停水</h1><div class='q'><p>明日停水。</p></div>{NOSCRIPT}")
    assert read(short).nature is Nature.DOCUMENT
    text = "明日停水，请提前储水，停水时间约为八小时，恢复供水后请先放水数分钟再饮用，" * 2
    script = "<script>function home(){location.href='/'}</script>"
    assert read(page(f"<h1>停水</h1><p>{text}</p>{script}")).nature is Nature.DOCUMENT


SOUND_ENDS = {
    "never ended": "<!DOCTYPE html><html><body><h1>倡议</h1><p>多种树。<p>少开车。<p>从我做起。",
    "a counter behind the end": WHOLE + "<script>count(1)</script><!-- 3 ms -->",
    "a comment left open behind the end": WHOLE + "<!-- cached",
    "a piece of a page": WHOLE[WHOLE.index("<table>") : WHOLE.index("</body>")] + "</div>",
    "an end in a comment and in a script": WHOLE.replace(
        "<p>上一条", '<!-- </body></html> --><script>w("</html><div><a ")</script><p>上一条'
    ),
    "elements that close themselves": WHOLE.replace("</h2>", '<a name="x"/><span/></h2>'),
    "two heads": "<html>" + WHOLE,
    "less than": WHOLE.replace("第三条", "若 a < b 且 b<5，"),
}


@pytest.mark.parametrize("case", SOUND_ENDS)
def test_a_page_that_ends_in_its_own_way_is_whole(case):
    reading = read(SOUND_ENDS[case])
    assert (reading.nature, reading.reason) == (Nature.DOCUMENT, "")


# --- statuses -------------------------------------------------------------------------------------


def test_statuses_belong_to_entries_and_to_one_each():
    statuses = [status for entry in CATALOGUE for status in entry.statuses]
    assert len(statuses) == len(set(statuses))
    for entry in CATALOGUE:
        for status in entry.statuses:
            assert judge_status(status, b"") == (entry.nature, f"{entry.reason} (status {status})")


def test_an_error_status_is_blocked_where_its_page_is_a_firewalls():
    refused = page("<h1>405</h1><p>很抱歉，由于您访问的URL存在威胁，您的访问被阻断。</p>").encode()
    assert judge_status(405, refused) == (Nature.BLOCKED, "a firewall's refusal (status 405)")
    assert judge_status(503, page("<p>系统维护中</p>").encode()) is None
    assert judge_status(300, refused) is None


# --- the catalogue --------------------------------------------------------------------------------


def test_the_catalogue_has_a_name_and_a_reason_for_each_page():
    assert len({entry.name for entry in CATALOGUE}) == len(CATALOGUE)
    assert len({entry.reason for entry in CATALOGUE}) == len(CATALOGUE)
    assert set(Notice) <= set(ENTRIES)


def test_the_rules_show_the_catalogue():
    rules = (Path(__file__).parent.parent / "docs" / "rules.md").read_text("utf-8")
    for entry in CATALOGUE:
        statuses = ", ".join(map(str, entry.statuses)) or "–"
        row = f"| `{entry.name}` | {entry.nature} | {entry.reason} | {entry.told_by} | {statuses} |"
        assert row in rules


# --- phrases of a portal's own --------------------------------------------------------------------

PHRASES = {
    "maintenance": ("系统割接",),
    "firewall-refusal": ("云 盾 提醒您",),
    "script-challenge": ("qingshan_guard",),
    "not-found": ("Nothing here",),
}
OWN = PageReader(ReaderSettings(notices=PHRASES))


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("maintenance", page("<p>系统割接，明晨恢复。</p>")),
        ("maintenance", in_template("<p>系统 割接，明晨恢复。</p>")),
        ("maintenance", in_article_template("系统割接，明晨恢复。")),
        ("firewall-refusal", page("<p>云盾提醒您：请走正门。</p>")),
        ("not-found", page("<p>NOTHING HERE</p>")),
        ("script-challenge", "<script>qingshan_guard(7)</script>"),
    ],
)
def test_a_portals_phrase_counts_as_one_of_its_entry(name, markup):
    entry = ENTRIES[name]
    assert read(markup).reason != entry.reason
    reading = read(markup, OWN)
    assert (reading.nature, reading.reason) == (entry.nature, entry.reason)


def test_a_portals_phrase_needs_the_same_evidence():
    """R10: a document about it is a document."""
    for content in (
        "<h1>关于系统割接的通知</h1><div class='q'><p>系统割接于今夜进行。</p></div>",
        f"<h1>割接</h1>{BY_LINE}<div class='q'><p>系统割接于今夜进行。</p></div>",
    ):
        assert read(page(content), OWN).nature is Nature.DOCUMENT
    assert read(RECORD.but(body=("系统割接于今夜进行。",)).html(), OWN).nature is Nature.DOCUMENT


def test_phrases_are_part_of_the_readers_name_and_come_back_with_it():
    """R12."""
    assert READER.name != OWN.name
    assert OWN.name != PageReader(ReaderSettings(notices={"maintenance": ("割接",)})).name
    assert PageReader(ReaderSettings(notices={"maintenance": ()})).name == READER.name
    again = PageReader.from_settings(OWN.settings)
    assert (again.name, again.settings) == (OWN.name, OWN.settings)
    markup = page("<p>系统割接，明晨恢复。</p>")
    assert read(markup, again) == read(markup, OWN)


def test_a_list_is_judged_by_the_portals_phrases_too():
    notice = page("<p>系统割接，明晨恢复。</p>").encode()
    assert read_list(notice, url=URL).is_list
    listing = read_list(notice, url=URL, notices=PHRASES)
    assert (listing.is_list, listing.reason) == (False, "a maintenance notice")


# --- what is read all the same --------------------------------------------------------------------


def test_what_can_be_read_of_such_a_page_is_read():
    """R10: somebody may find that it was the document, and then it has to be one."""
    sound = read(RECORD.html())
    for damaged in (
        RECORD.html().removesuffix("</div>\n </body>\n</html>\n"),
        RECORD.html().replace("</body>", "<!--").replace("</html>", ""),
        RECORD.html().replace("</body>", "\x01" * 200 + "</body>"),
    ):
        reading = read(damaged)
        assert reading.nature is Nature.SUSPECT
        assert reading.fields == sound.fields
        assert reading.text == sound.text
        assert reading.attachments == sound.attachments
        assert reading.metadata == sound.metadata
        assert reading.has_metadata
    notice = read(
        page(
            "<h1>停机</h1><div class='q'><p>系统正在维护，暂停服务。</p><p>恢复时间见附件。</p>"
            "<p><a href='/files/plan.pdf'>安排.pdf</a></p></div>"
        )
    )
    assert notice.reason == "a maintenance notice"
    assert notice.fields.title == "停机"
    assert notice.text == "系统正在维护，暂停服务。\n恢复时间见附件。\n安排.pdf"
    assert [file.name for file in notice.attachments] == ["安排.pdf"]


def test_an_easysite_list_with_a_notice_beside_it_is_a_list():
    content = "<p>本网站正在升级维护</p><ul opentype='page'>" + "".join(
        f"<li><a href='/gk/{n}/index.html'>公告第{n}号</a><span>2025-03-0{n}</span></li>"
        for n in range(1, 6)
    )
    listing = read_list(easysite("公告", content + "</ul>").encode(), url=URL)
    assert listing.is_list
    assert len(listing.rows) == 5

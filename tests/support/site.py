"""Small portals of the tests' own making: these documents at these addresses, in these lists."""

from dataclasses import dataclass, replace
from html import escape

import yaml

from crawler.replica.server import ADDRESS, Answer, LoopbackSite, Pages


@dataclass(frozen=True, kw_only=True)
class File:
    """A link or, with `picture`, an image in a body."""

    name: str
    href: str
    picture: bool = False

    def html(self):
        if self.picture:
            return f'<p><img src="{escape(self.href)}" alt="{escape(self.name)}" /></p>'
        return f'<p><a href="{escape(self.href)}">{escape(self.name)}</a></p>'


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table in a body: rows of cells."""

    rows: tuple

    def html(self):
        rows = (
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        return f"<table border='1'><tbody>{''.join(rows)}</tbody></table>"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the page of a document states, letter for letter, and its body.

    A body is paragraphs, `Table`s and `File`s. `noise` goes wherever a page has what is no part
    of its document: the counter, the neighbours, the moment of its making, the hidden inputs.
    """

    title: str
    number: str = ""
    document_number: str = "无"
    agency: str = "市人民政府办公室"
    category: str = "规范性文件"
    summary: str = ""
    written: str = "2025-03-03 00:00:00"
    published: str = "2025-03-05 09:30:00"
    repealed: str = ""
    validity: str = "有效"
    body: tuple = ("第一条 为了规范管理，制定本办法。", "第二条 本办法自公布之日起施行。")
    noise: str = "100"

    def but(self, **changes):
        """The record with other values."""
        return replace(self, **changes)

    def html(self):
        """Its page in the EasySite template."""
        return easysite(self.title, self._metadata() + self._heading() + self._body(), self.noise)

    def html_without_metadata(self):
        """The same page, had the table got lost."""
        return easysite(self.title, self._heading() + self._body(), self.noise)

    def _metadata(self):
        rows = [
            (("标&nbsp;题", self.title),),
            (("索&nbsp;引&nbsp;号", self.number), ("发文字号", self.document_number)),
            (("发文机构", self.agency), ("信息分类", self.category)),
            (("概&nbsp;述", self.summary),),
            (("成文日期", self.written), ("公开日期", self.published)),
            (("废止日期", self.repealed), ("有效性", self.validity)),
        ]
        cells = (
            "".join(
                f'<td class="hui12">{label}：</td><td{" colspan=3" * (len(row) == 1)}>'
                f"{escape(value)}</td>"
                for label, value in row
            )
            for row in rows
        )
        return "<table><tbody>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</tbody></table>"

    def _heading(self):
        return f'<div class="easysite-news-title"><h2>{escape(self.title)}</h2></div>'

    def _body(self):
        blocks = (
            f"<p>{escape(block)}</p>" if isinstance(block, str) else block.html()
            for block in self.body
        )
        return f'<div id="zoom">{"".join(blocks)}</div>'


def easysite(title, content, noise="100"):
    """A page of the CMS around `content`."""
    return f"""<!DOCTYPE html>
<html>
 <head>
  <meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
  <title>{escape(title)}-柳溪市人民政府</title>
  <meta name="createDate" content="2025-03-05 10:00:00 {noise}" />
  <link rel="stylesheet" href="/template/default.css?timestamp={noise}" />
 </head>
 <body>
<div style="display:none" easysite="easysiteHiddenDiv">
 <input id="eprotalCurrentArticleKey" value="{noise}" type="hidden"/>
</div>
<div class="header"><ul class="nav"><li><a href="/">首页</a></li></ul></div>
<div id="center"><div class="portlet">{content}
<p>上一条：<span previousarticle="yes"><a href="/near/{noise}.html">邻近文件{noise}</a></span></p>
<p>下一条：<span nextarticle="yes">没有了</span></p>
<div class="easysite-share">分享到：<a href="javascript:void(0)">微信</a></div>
<div>浏览次数：<span articlecounts="yes">{noise}</span></div>
</div></div>
<div class="footer"><p>主办：柳溪市人民政府办公室　柳ICP备00000000号</p></div>
 </body>
</html>
"""


def list_page(name, rows, next_page=None):
    """A page of a column: rows of (href, title), and the way to the next page if there is one."""
    items = "".join(
        f'<li><a href="{escape(href)}" title="{escape(title)}">{escape(title)}</a>'
        "<span>2025-03-05</span></li>"
        for href, title in rows
    )
    turn = f"queryArticleByCondition(this,'{next_page}')" if next_page else ""
    pager = f'<a tagname="{next_page or "[NEXTPAGE]"}" onclick="{turn}">下一页</a>'
    return easysite(
        name,
        f'<div class="portlet-header"><span>{name}</span></div>'
        f'<ul opentype="page">{items}</ul><div class="fenye">{pager}</div>',
    )


class Town:
    """A portal on a loopback port, with columns whose lists follow from what is published.

    An address is a path on the town's own host (`/gk/1/index.html`), or begins with another host
    (`//localhost/nmj/1/index.html`). A document is listed in the column whose folder it is in, if
    it is in one.
    `settings` are further keys of the portal's section of the configuration.
    """

    def __init__(self, *columns, **settings):
        self.columns = list(columns or ("/gk/",))
        self.settings = settings
        self.pages = Pages()
        self.site = LoopbackSite(self.pages)
        self._listed = {column: {} for column in self.columns}
        for column in self.columns:
            self._list(column)

    def __enter__(self):
        self.site.start()
        return self

    def __exit__(self, *_error):
        self.site.close()

    def url(self, address):
        """The full URL of an address."""
        host, path = _split(address)
        return self.site.url(path, host)

    def publish(self, record, *addresses):
        """Publish a document at these addresses, or what it has become, and list it."""
        for address in addresses:
            self.answer(address, record.html())
            self.list_row(address, record.title)

    def answer(self, address, page):
        """Answer an address in this way: a page, a file's bytes or an `Answer`."""
        self.pages[_split(address)] = page

    def remove(self, address, *, unlist=False):
        """Answer an address with 404 from now on."""
        self.pages.pop(_split(address), None)
        if unlist:
            column = self._column_of(address)
            del self._listed[column][address]
            self._list(column)

    def redirect(self, address, target, *, status=301):
        """Let an address lead to another one."""
        self.answer(address, Answer.redirect(target, status=status))

    def list_row(self, address, title, column=None):
        """Show an address in the list of its column, or of another one, above the others."""
        column = column or self._column_of(address)
        if column is None:
            return
        known = self._listed[column]
        self._listed[column] = (
            {**known, address: title} if address in known else {address: title, **known}
        )
        self._list(column)

    def add_column(self, column):
        """Open a further column; the configuration has to be written anew."""
        self.columns.append(column)
        self._listed[column] = {}
        self._list(column)

    def configuration(self, archive):
        """The text of a configuration that watches this town into `archive`."""
        hosts = {ADDRESS, *(_split(column)[0] for column in self.columns)}
        portal = {
            "name": "柳溪市人民政府",
            "hosts": [f"{host}:{self.site.port}" for host in sorted(hosts)],
            "columns": [self.url(f"{column}index.html") for column in self.columns],
            "politeness": {"delay": 0, "concurrency": 4},
            "limits": {"retries": 0},
            **self.settings,
        }
        settings = {
            "timezone": "Asia/Shanghai",
            "contact": "archive@example.org",
            "archive": {"path": str(archive)},
            "portals": {"town": portal},
        }
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)

    def _column_of(self, address):
        return max(
            (column for column in self.columns if address.startswith(column)), key=len, default=None
        )

    def _href(self, address, column):
        host, path = _split(address)
        return path if host == _split(column)[0] else self.url(address)

    def _list(self, column):
        rows = [
            (self._href(address, column), title) for address, title in self._listed[column].items()
        ]
        self.answer(f"{column}index.html", list_page("公开文件", rows))


def _split(address):
    """Host and path of an address."""
    if not address.startswith("//"):
        return ADDRESS, address
    host, _, path = address[2:].partition("/")
    return host, f"/{path}"

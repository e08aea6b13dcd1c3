"""The portal that is crawled: any number of documents, each page distinct, in one large template.

Pages are made of bytes rendered once, so that serving them costs next to nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

ROWS_PER_LIST_PAGE = 20

_COLUMN = "/yanhu/xxgk/tzgg"
_ORGANISATION = "11159900MB0A1B2C3D"
_SENTENCES_PER_PARAGRAPH = 4
_PARAGRAPHS = 11
_SCRIPT_LINES = 110
_RECOMMENDED = 40

_TOPICS = (
    "城市排水",
    "冬季供暖",
    "校园食品",
    "公共停车",
    "湿地保护",
    "老旧小区",
    "技能培训",
    "沙地治理",
)
_KINDS = ("实施方案", "管理办法", "通知", "工作要点", "公告", "若干措施")
_SUBJECTS = (
    *("各区人民政府", "市直有关部门", "镇街便民服务中心", "项目建设单位", "行业主管部门"),
    *("社区居民委员会", "市属国有企业", "第三方评估机构", "片区网格员", "承办科室"),
)
_DUTIES = (
    *("应当逐户核对登记信息", "按月公开资金使用进度", "会同属地完成现场勘验", "限期整改发现的隐患"),
    *(
        "统一受理并当场出具回执",
        "组织开展专题培训和演练",
        "建立问题清单和销号台账",
        "做好设施的日常养护",
    ),
)
_WAYS = (
    *("坚持便民原则", "依照职责分工", "在规定期限以内", "结合本地实际", "经集体研究同意后"),
    *("通过政务服务平台", "以书面形式", "根据风险等级", "在充分听取意见的基础上"),
)
_ENDS = (
    *(
        "并将结果抄送归口单位",
        "不得另行增加申请材料",
        "必要时可以延长十个工作日",
        "费用由本级财政承担",
    ),
    *("有关记录至少保存五年", "并接受群众和媒体监督", "逾期未办结的予以通报", "具体标准另行制定"),
)
_SECTIONS = (
    "政务",
    "民生",
    "产业",
    "生态",
    "文旅",
    "社保",
    "教育",
    "卫健",
    "交通",
    "住建",
    "农牧",
    "应急",
)
_SHEETS = ("要闻", "公示", "解读", "服务", "专栏", "目录", "年报", "指南", "统计", "互动")


class Portal:
    """A portal of so many documents in one column.

    `edition` changes what moves on every page although no document does: times of generation,
    the visit counter, the recommendations.
    """

    def __init__(self, documents: int, edition: int = 0) -> None:
        self._top, self._bottom = _template(edition)
        self._inner: dict[str, bytes] = {}
        for number in range(documents):
            self._inner[document_path(number)] = _document(number, edition).encode()
        for number in range(1, list_pages(documents) + 1):
            self._inner[list_path(number)] = _list(number, documents).encode()

    def page(self, path: str) -> tuple[bytes, ...] | None:
        """The page at `path` in pieces, None if there is none."""
        inner = self._inner.get(path)
        return None if inner is None else (self._top, inner, self._bottom)


def list_pages(documents: int) -> int:
    """How many pages the list of so many documents has."""
    return -(-documents // ROWS_PER_LIST_PAGE)


def paths(documents: int) -> Iterator[str]:
    """Every page of a portal of so many documents: each document's, then each of the list's."""
    yield from map(document_path, range(documents))
    yield from map(list_path, range(1, list_pages(documents) + 1))


def document_path(number: int) -> str:
    """Where the document of that number, from 0, is published."""
    return f"{_COLUMN}/{700_000 + number}/index.html"


def list_path(number: int) -> str:
    """Where that page, from 1, of the list is."""
    return f"{_COLUMN}/index.html" if number == 1 else f"{_COLUMN}/4c76f15a-{number}.html"


def _title(number: int) -> str:
    topic, kind = _TOPICS[number % len(_TOPICS)], _KINDS[number // 3 % len(_KINDS)]
    return f"砚湖市人民政府关于印发{topic}{kind}（{number}号文件）的通知"


def _day(number: int) -> str:
    return f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d}"


def _document(number: int, edition: int) -> str:
    title = _title(number)
    day = _day(number)
    metadata = (
        (("标 题", title), ("索 引 号", f"{_ORGANISATION}/2024-{number:05d}")),
        (("发文字号", f"砚政发〔2024〕{number}号"), ("发文机构", "砚湖市人民政府办公室")),
        (("信息分类", _TOPICS[number % len(_TOPICS)]), ("概 述", title)),
        (("成文日期", f"{day} 00:00:00"), ("公开日期", f"{day} 09:32:08")),
        (("废止日期", ""), ("有效性", "有效")),
    )
    rows = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="xxgk_label" nowrap="nowrap"><strong>{label}</strong></td>'
            f'<td class="xxgk_value">{value}</td>'
            for label, value in row
        )
        + "</tr>"
        for row in metadata
    )
    text = "\n".join(f'<p style="text-indent: 2em;">{one}</p>' for one in _paragraphs(number))
    return f"""<table class="xxgk_table" border="0" width="100%"><tbody>
{rows}
</tbody></table>
<div class="easysite-news-title"><h2>{title}</h2>
<p class="easysite-news-describe">发布时间：{day} 09:32 来源：市政府办公室
浏览次数：<span articlecounts="yes">{number % 977 + 31 * edition}</span></p></div>
<div class="easysite-news-content"><div id="zoom" class="easysite-news-text">
{text}
</div></div>
"""


def _paragraphs(number: int) -> Iterator[str]:
    draw = random.Random(number)  # noqa: S311 the same text every time, and no secret
    for _ in range(_PARAGRAPHS):
        yield "".join(
            f"{draw.choice(_SUBJECTS)}{draw.choice(_WAYS)}{draw.choice(_DUTIES)}"
            f"（第{draw.randrange(1, 400)}项），{draw.choice(_ENDS)}。"
            for _ in range(_SENTENCES_PER_PARAGRAPH)
        )


def _list(page: int, documents: int) -> str:
    first = (page - 1) * ROWS_PER_LIST_PAGE
    rows = "\n".join(
        f'<li class="clearfix"><a href="{document_path(number)}" target="_blank"'
        f' title="{_title(number)}">{_title(number)[:24]}...</a>'
        f'<span class="list_date right">{_day(number)}</span></li>'
        for number in range(first, min(first + ROWS_PER_LIST_PAGE, documents))
    )
    total = list_pages(documents)
    following = list_path(page + 1) if page < total else "[NEXTPAGE]"
    return f"""<div class="portlet" id="c93e0a5b71d24f7e86f21b0d5a7c4e98">
<div class="portlet-header"><span id="menu">公示公告</span></div>
<div><ul class="list_ul" opentype="page">
{rows}
</ul>
<div class="fenye">共<b>{documents}</b>条 分<b>{total}</b>页 当前第<b>{page}</b>页
<a style="cursor:pointer" tagname="{following}" class="pagingNormal">下一页</a></div>
<input type="hidden" name="article_paging_list_hidden" totalpage="{total}" />
</div></div>
"""


def _template(edition: int) -> tuple[bytes, bytes]:
    """What stands before and after the content of every page, about 35 KB together."""
    cleared = f"2025-03-{edition % 28 + 1:02d} 02:10:00"
    names = [f"{section}{sheet}" for sheet in _SHEETS for section in _SECTIONS]
    # Identifiers are what keeps a real template from compressing to nothing.
    draw = random.Random(0)  # noqa: S311 the same template every time, and no secret
    navigation = "\n".join(
        f'<li class="nav-item" id="{draw.randbytes(8).hex()}"><a target="_self"'
        f' href="/yanhu/zl/{draw.randrange(10**6)}/index.html">{name}</a></li>'
        for name in names
    )
    script = "\n".join(
        f'menu.register("{draw.randbytes(16).hex()}", {{"column": {draw.randrange(10**6)}}});'
        for _ in range(_SCRIPT_LINES)
    )
    hot = "\n".join(
        f'<li><a href="/yanhu/zl/{draw.randrange(10**6)}/{draw.randrange(10**6)}/index.html"'
        f' target="_blank" title="{name}：本周大家都在看">{name}：本周大家都在看</a></li>'
        for name in names[edition % 7 : edition % 7 + _RECOMMENDED]
    )
    links = "\n".join(
        f'<option value="http://www{number}.example.org/">{name}网</option>'
        for number, name in enumerate(names[:60])
    )
    top = f"""<!DOCTYPE html>
<html><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>公示公告-砚湖市人民政府</title>
<meta name="createDate" content="{cleared}" />
<meta name="cacheclearDate" content="{cleared}" />
<meta name="SiteName" content="砚湖市人民政府" />
<meta name="ColumnName" content="公示公告" />
<link rel="stylesheet" type="text/css" href="/template/easysite.css?timestamp={edition}" />
<script type="text/javascript">
{script}
</script>
</head><body>
<div style="display:none" easysite="easysiteHiddenDiv">
<input id="contextPath" value="/eportal" type="hidden"/>
<input id="eprotalCurrentSiteId" value="1" type="hidden"/>
</div>
<div class="header"><h1 class="logo"><a href="/index.html">砚湖市人民政府</a></h1>
<ul class="nav">
{navigation}
</ul></div>
<div class="location">当前位置：<a href="/index.html">首页</a></div>
<div class="column">
"""
    bottom = f"""</div>
<div class="portlet side"><div class="portlet-header"><span>热点推荐</span></div>
<ul class="hot">
{hot}
</ul></div>
<div class="links"><select>
{links}
</select></div>
<div class="footer"><p>主办：砚湖市人民政府办公室　承办：砚湖市大数据中心</p>
<p>网站标识码：1599000001　砚ICP备15000001号</p></div>
</body></html>
"""
    return top.encode(), bottom.encode()

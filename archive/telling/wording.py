"""The words in which changes are told, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from archive.comparison import Kind

Language = Literal["zh", "en"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What one language says. `{…}` in a phrase is filled in by whoever uses it."""

    tag: str
    """The language as BCP 47 has it."""
    kinds: Mapping[str, str]
    fields: Mapping[str, str]
    colon: str
    parenthesis: str
    nothing: str
    """What stands for a value that is not stated."""
    separator: str
    index_number: str
    agency: str
    portal: str
    recorded: str
    portal_page: str
    comparison: str
    in_room: str
    before: str
    after: str
    file_added: str
    file_removed: str
    file_replaced: str
    also_at: str
    other_copy: str
    more_lines: str
    feed_title: str


CHINESE = Wording(
    tag="zh-CN",
    kinds={
        Kind.CREATED: "新发布",
        Kind.CONTENT: "正文修改",
        Kind.VALIDITY: "有效性变化",
        Kind.METADATA: "信息修改",
        Kind.ATTACHMENT: "附件变化",
        Kind.RENUMBERED: "索引号变更",
        Kind.RELOCATED: "增加发布地址",
        Kind.DIVERGENCE: "各处内容不一致",
        Kind.COLLISION: "索引号重复",
        Kind.WITHDRAWN: "已撤下",
        Kind.RESTORED: "恢复发布",
    },
    fields={
        "title": "标题",
        "index_number": "索引号",
        "document_number": "发文字号",
        "issuing_agency": "发文机构",
        "category": "信息分类",
        "summary": "概述",
        "written_on": "成文日期",
        "published_at": "公开日期",
        "repealed_on": "废止日期",
        "validity_label": "有效性",
        "validity": "有效性",
    },
    colon="：",
    parenthesis="{text}（{inside}）",
    nothing="无",
    separator="，",
    index_number="索引号",
    agency="发文机构",
    portal="网站",
    recorded="发现时间",
    portal_page="网站原文",
    comparison="新旧对照",
    in_room="查看文件",
    before="原为",
    after="现为",
    file_added="新增附件：{name}",
    file_removed="删除附件：{name}",
    file_replaced="附件内容已替换：{name}",
    also_at="另见：{address}",
    other_copy="另一处：{address}",
    more_lines="……另有 {count} 行改动",
    feed_title="{name}：文件变动",
)

ENGLISH = Wording(
    tag="en",
    kinds={
        Kind.CREATED: "new document",
        Kind.CONTENT: "text changed",
        Kind.VALIDITY: "validity changed",
        Kind.METADATA: "details changed",
        Kind.ATTACHMENT: "attachment changed",
        Kind.RENUMBERED: "index number changed",
        Kind.RELOCATED: "published at a further address",
        Kind.DIVERGENCE: "copies disagree",
        Kind.COLLISION: "index number used twice",
        Kind.WITHDRAWN: "withdrawn",
        Kind.RESTORED: "restored",
    },
    fields={
        "title": "title",
        "index_number": "index number",
        "document_number": "document number",
        "issuing_agency": "issuing agency",
        "category": "category",
        "summary": "summary",
        "written_on": "date of writing",
        "published_at": "date of publication",
        "repealed_on": "date of repeal",
        "validity_label": "validity",
        "validity": "validity",
    },
    colon=": ",
    parenthesis="{text} ({inside})",
    nothing="–",
    separator=", ",
    index_number="index number",
    agency="issuing agency",
    portal="portal",
    recorded="recorded",
    portal_page="on the portal",
    comparison="comparison",
    in_room="the document",
    before="was",
    after="is now",
    file_added="new file: {name}",
    file_removed="file removed: {name}",
    file_replaced="file replaced: {name}",
    also_at="also at {address}",
    other_copy="the other one: {address}",
    more_lines="… and {count} further changed lines",
    feed_title="{name}: changes of documents",
)

WORDINGS: Mapping[Language, Wording] = {"zh": CHINESE, "en": ENGLISH}

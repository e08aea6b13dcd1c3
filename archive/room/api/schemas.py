"""What the API's answers look like, as JSON Schema: the members of docs/json.md, and links."""

from __future__ import annotations

from typing import Any, get_args

from archive.attachments.text import Outcome as FileOutcome
from archive.capture import Outcome
from archive.comparison import Kind
from archive.fields import Validity
from archive.law.claims.claim import ClaimKind
from archive.law.comparison.alignment import ArticleOp
from archive.law.conflicts.conflict import ConflictKind
from archive.law.force.expiries import Reason
from archive.law.force.in_force import Standing
from archive.runs import RunOutcome

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL: Schema = {"type": ["integer", "null"]}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_DATE_OR_NULL: Schema = {"type": ["string", "null"], "format": "date"}
_DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_DIGEST_OR_NULL: Schema = {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"}
_FLAG: Schema = {"type": "boolean"}
_LINK: Schema = {"type": "string", "format": "uri-reference"}


def _object(**members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": list(members)}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _with(schema: Schema, **members: Schema) -> Schema:
    whole = _object(**schema["properties"], **members)
    return {**whole, "required": [*schema["required"], *members]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _links(*names: str) -> Schema:
    return {
        "type": "object",
        "properties": dict.fromkeys(("self", *names), _LINK),
        "required": ["self"],
    }


_VALIDITY = _one_of(*Validity)
_OP = _one_of("equal", "insert", "delete", "replace")
_ROW = _object(
    portal=_TEXT,
    title=_TEXT,
    index_number=_TEXT_OR_NULL,
    document_number=_TEXT_OR_NULL,
    issuing_agency=_TEXT_OR_NULL,
    category=_TEXT_OR_NULL,
    summary=_TEXT_OR_NULL,
    written_on=_DATE_OR_NULL,
    published_at=_INSTANT_OR_NULL,
    repealed_on=_DATE_OR_NULL,
    validity_label=_TEXT_OR_NULL,
    validity=_VALIDITY,
    url=_LINK,
    versions=_COUNT,
    status=_one_of("current", "withdrawn"),
    first_seen=_INSTANT,
    last_changed=_INSTANT,
    last_checked=_INSTANT_OR_NULL,
)
_ATTACHMENT = _object(
    name=_TEXT,
    url=_LINK,
    media_type=_TEXT_OR_NULL,
    bytes=_COUNT_OR_NULL,
    sha256=_DIGEST_OR_NULL,
)
_SPAN = _object(op=_OP, before=_TEXT, after=_TEXT)
_LINE = _object(op=_OP, before=_TEXT_OR_NULL, after=_TEXT_OR_NULL)
_LINE["properties"]["spans"] = _array(_SPAN)
_ARTICLE = _object(
    op=_one_of(*get_args(ArticleOp)),
    before_number=_TEXT_OR_NULL,
    after_number=_TEXT_OR_NULL,
    before=_TEXT_OR_NULL,
    after=_TEXT_OR_NULL,
    spans=_array(_SPAN),
)
_CLAIM = _object(
    source=_TEXT,
    version=_COUNT,
    kind=_one_of(*ClaimKind),
    target_title=_TEXT_OR_NULL,
    target_document_number=_TEXT_OR_NULL,
    target=_TEXT_OR_NULL,
    effective_on=_DATE_OR_NULL,
    period=_TEXT_OR_NULL,
    quote=_TEXT,
    place=_object(paragraph=_COUNT_OR_NULL, start=_COUNT, end=_COUNT, attachment=_TEXT_OR_NULL),
)
# Only of a claim about a part.
_CLAIM["properties"]["part"] = _TEXT
_STANDING: Schema = {"type": ["string", "null"], "enum": [*Standing, None]}
_DOCUMENT_LINKS = _links("versions", "history", "page")

_FILE_TEXT = _object(outcome=_one_of(*FileOutcome), reader=_TEXT, chars=_COUNT, note=_TEXT_OR_NULL)

SCHEMAS: dict[str, Schema] = {
    "Document": _with(_ROW, links=_DOCUMENT_LINKS),
    "Version": _with(
        _ROW,
        version=_COUNT,
        captured_at=_INSTANT,
        confirmed_at=_INSTANT,
        text=_TEXT,
        content_sha256=_DIGEST,
        attachments=_array(
            _with(_ATTACHMENT, text={"anyOf": [_FILE_TEXT, {"type": "null"}]}, links=_links())
        ),
        links=_links("document", "receipt", "received", "page"),
    ),
    "VersionRow": _object(
        version=_COUNT,
        captured_at=_INSTANT,
        url=_LINK,
        content_sha256=_DIGEST,
        validity=_VALIDITY,
        changes=_array(_one_of(*Kind)),
        links=_links("comparison"),
    ),
    "Change": _object(
        seq=_COUNT,
        at=_INSTANT,
        run=_COUNT,
        portal=_TEXT,
        index_number=_TEXT_OR_NULL,
        title=_TEXT,
        url=_LINK,
        version=_COUNT_OR_NULL,
        kind=_one_of(*Kind),
        field=_TEXT_OR_NULL,
        before=_TEXT_OR_NULL,
        after=_TEXT_OR_NULL,
        baseline=_FLAG,
        links=_links("document", "comparison", "run"),
    ),
    "History": _object(
        index_number=_TEXT_OR_NULL,
        numbers=_array(_TEXT),
        locations=_array(
            _object(url=_LINK, status=_TEXT, first_seen=_INSTANT, last_seen=_INSTANT_OR_NULL)
        ),
        versions=_array(_ref("VersionRow")),
        changes=_array(_ref("Change")),
        links=_links("document"),
    ),
    "Comparison": _object(
        **{
            "index_number": _TEXT_OR_NULL,
            "from": _COUNT,
            "to": _COUNT,
            "fields": _array(_object(field=_TEXT, before=_TEXT_OR_NULL, after=_TEXT_OR_NULL)),
            "attachments": _array(
                _object(op=_OP, name=_TEXT, before=_TEXT_OR_NULL, after=_TEXT_OR_NULL)
            ),
            "text": _array(_LINE),
            "attachment_texts": _array(
                _object(name=_TEXT, before=_FILE_TEXT, after=_FILE_TEXT, text=_array(_LINE))
            ),
            "links": _links("document", "page", "table"),
        }
    ),
    "Found": _with(
        _ROW,
        version=_COUNT,
        hits=_array(_object(field=_TEXT, context=_TEXT)),
        links=_DOCUMENT_LINKS,
    ),
    "Run": _object(
        id=_COUNT,
        portal=_TEXT,
        mode=_TEXT,
        job=_TEXT_OR_NULL,
        slot=_INSTANT_OR_NULL,
        started_at=_INSTANT,
        finished_at=_INSTANT_OR_NULL,
        outcome=_one_of(*RunOutcome),
        stopped=_TEXT_OR_NULL,
        **dict.fromkeys(
            ("requests", "pages", "created", "changed", "unchanged", "withdrawn", "gone"), _COUNT
        ),
        **dict.fromkeys(("blocked", "failed", "bytes"), _COUNT),
        problems=_array(_TEXT),
        ledger_length=_COUNT_OR_NULL,
        ledger_head=_DIGEST_OR_NULL,
        seal=_DIGEST_OR_NULL,
        links=_links("changes", "log", "page"),
    ),
    "Event": _object(timestamp=_TEXT, level=_TEXT, event=_TEXT),
    "Capture": _object(
        id=_COUNT,
        at=_INSTANT,
        run=_COUNT,
        portal=_TEXT,
        url=_LINK,
        outcome=_one_of(*Outcome),
        reason=_TEXT_OR_NULL,
        status=_COUNT_OR_NULL,
        bytes=_COUNT_OR_NULL,
        sha256=_DIGEST_OR_NULL,
        accepts=_COUNT_OR_NULL,
        accepted_as=_COUNT_OR_NULL,
        links=_links("run"),
    ),
    "Claim": _with(_CLAIM, links=_links("source", "target")),
    "Conflict": _object(
        id=_TEXT,
        kind=_one_of(*ConflictKind),
        index_number=_TEXT_OR_NULL,
        evidence={"type": "object"},
        first_seen=_INSTANT,
        resolved_at=_INSTANT_OR_NULL,
        links=_links("document", "other"),
    ),
    "Standing": _object(
        index_number=_TEXT_OR_NULL,
        title=_TEXT,
        portal=_STANDING,
        claims=_STANDING,
        differs=_FLAG,
        links=_links("document", "page"),
    ),
    "Expiry": _object(
        last_day={"type": "string", "format": "date"},
        reason=_one_of(*Reason),
        index_number=_TEXT_OR_NULL,
        title=_TEXT,
        document_number=_TEXT_OR_NULL,
        issuing_agency=_TEXT_OR_NULL,
        url=_LINK,
        claim={"anyOf": [_CLAIM, {"type": "null"}]},
        seen=_INSTANT,
        uid=_TEXT,
        links=_links("document", "page"),
    ),
    "Status": {
        "type": "object",
        "properties": {
            "daemon": {"type": "object"},
            "jobs": _array({"type": "object"}),
            "documents": _COUNT,
            "versions": _COUNT,
            "links": _links(),
        },
        "required": ["daemon", "jobs", "links"],
    },
    "Receipt": {
        "type": "object",
        "properties": {
            "format": _TEXT,
            "version": {"type": "object"},
            "entry": {"type": "object"},
            "path": _array(_DIGEST),
            "seal": {"type": "object"},
            "sha256": {"type": "object"},
        },
        "required": ["format", "version", "entry", "path", "seal", "sha256"],
    },
    "Entrance": _object(links=_links()),
    "Problem": {
        "type": "object",
        "properties": {
            "type": _LINK,
            "title": _TEXT,
            "status": _COUNT,
            "detail": _TEXT,
            "instance": _LINK,
            "candidates": _array(_object(url=_LINK, title=_TEXT, links=_links())),
        },
        "required": ["type", "title", "status", "detail", "instance"],
    },
}
"""By name; `Documents` and the like, pages of them, are added below."""

# There where one asks for it, or where a document has no number.
SCHEMAS["Standing"]["properties"]["url"] = _LINK
SCHEMAS["Comparison"]["properties"]["articles"] = _array(_ARTICLE)

LISTS = {
    "Documents": "Document",
    "Versions": "VersionRow",
    "Changes": "Change",
    "SearchResults": "Found",
    "Runs": "Run",
    "Events": "Event",
    "Captures": "Capture",
    "Claims": "Claim",
    "Conflicts": "Conflict",
    "InForce": "Standing",
    "Calendar": "Expiry",
}
SCHEMAS |= {
    name: _object(items=_array(_ref(item)), next={"type": ["string", "null"]}, links=_links())
    for name, item in LISTS.items()
}

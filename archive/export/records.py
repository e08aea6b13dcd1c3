"""WARC 1.1 records, one gzip member each, written one after the other (ISO 28500:2017).

Bodies are kept as they were after content-decoding, so the headers that told of the encoding are
kept under other names and Content-Length is that of the body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from http.client import responses
from io import BytesIO
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlsplit
from uuid import uuid4

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

JSON = "application/json"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
SAME_DOCUMENT = "urn:yange:revisit:same-document"
"""Our own profile: the page was asked for whole and its document was what it had been; the bytes
were not kept, and may have differed in what is no part of the document."""

_OF_THE_ENCODING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_URI_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"


class Output(Protocol):
    """What records are written to."""

    def write(self, data: bytes, /) -> int:
        """Write `data`."""

    def flush(self) -> None:
        """Hand on what waits."""


class Written(NamedTuple):
    """A record that was written: where it stands in the file, and what an index says of it.

    `date` is its WARC-Date, `digest` that of its payload or None, `status` that of HTTP or None.
    """

    id: str
    kind: str
    url: str
    date: str
    media_type: str
    status: int | None
    digest: str | None
    offset: int
    length: int


class Earlier(NamedTuple):
    """What a revisit refers to where it stands in no record of the same file.

    `date` is None where it is not known; `digest` is that of its payload.
    """

    url: str
    date: str | None
    digest: str | None


class Records:
    """Writes records to `out`; `note` is told of each that a replay tool would look for."""

    def __init__(self, out: Output, note: Callable[[Written], None] = lambda _: None) -> None:
        self._out = _Counted(out)
        self._writer: Any = WARCWriter(self._out, gzip=True, warc_version="1.1")
        self._note = note
        self.count = 0

    def info(self, date: str, fields: Mapping[str, str]) -> None:
        """The record about the file itself."""
        text = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        self._write("warcinfo", "", date, text, "application/warc-fields")

    def metadata(self, url: str, date: str, data: bytes) -> None:
        """JSON that goes with the archive."""
        self._write("metadata", url, date, data, JSON)

    def response(
        self, url: str, date: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> Written:
        """A page as it was received, and the request for it as far as it is known."""
        written = self._write(
            "response",
            url,
            date,
            body,
            http=_response_head(status, headers, len(body)),
            digest=digest_of(body),
            status=status,
            media_type=headers.get("content-type", ""),
        )
        parts = urlsplit(as_uri(url))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = StatusAndHeaders(
            f"GET {target} HTTP/1.1", [("Host", parts.netloc)], is_http_request=True
        )
        self._write("request", url, date, b"", http=head, extra={"WARC-Concurrent-To": written.id})
        return written

    def resource(self, url: str, date: str, media_type: str, body: bytes) -> Written:
        """Bytes of which no more of the answer is known than its media type."""
        media_type = media_type or "application/octet-stream"
        return self._write(
            "resource", url, date, body, media_type, digest=digest_of(body), media_type=media_type
        )

    def revisit(
        self,
        url: str,
        date: str,
        profile: str,
        original: Written | Earlier,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        size: int = 0,
    ) -> Written:
        """A visit whose bytes are those of `original`, or that brought none.

        `headers` and `size` are those of the answer, where it is known.
        """
        extra = {"WARC-Profile": profile, "WARC-Refers-To-Target-URI": as_uri(original.url)}
        if isinstance(original, Written):
            extra["WARC-Refers-To"] = original.id
        if original.date is not None:
            extra["WARC-Refers-To-Date"] = original.date
        http = None
        if status is not None and headers is not None:
            http = _response_head(status, headers, size)
        return self._write(
            "revisit",
            url,
            date,
            b"",
            http=http,
            # What the server of our own profile sent is not known, so nothing is said of it.
            digest=None if profile == SAME_DOCUMENT else original.digest,
            status=status,
            media_type="warc/revisit",
            extra=extra,
        )

    def _write(
        self,
        kind: str,
        url: str,
        date: str,
        payload: bytes,
        content_type: str = "",
        *,
        http: StatusAndHeaders | None = None,
        digest: str | None = None,
        status: int | None = None,
        media_type: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> Written:
        uri = as_uri(url)
        identity = f"<{uuid4().urn}>"
        block = (http.to_ascii_bytes() if http else b"") + payload
        headers = {
            "WARC-Record-ID": identity,
            "WARC-Date": date,
            "WARC-Block-Digest": digest_of(block),
            **(extra or {}),
        }
        if digest:
            headers["WARC-Payload-Digest"] = digest
        record = self._writer.create_warc_record(
            uri,
            kind,
            payload=BytesIO(payload),
            length=len(payload),
            warc_content_type=content_type,
            warc_headers_dict=headers,
            http_headers=http,
        )
        offset = self._out.count
        self._writer.write_record(record)
        self.count += 1
        length = self._out.count - offset
        written = Written(identity, kind, uri, date, media_type, status, digest, offset, length)
        if kind in ("response", "resource", "revisit"):
            self._note(written)
        return written


class _Counted:
    """An output that knows how much went into it."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.count = 0

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self.count += len(data)

    def flush(self) -> None:
        """Nothing: warcio asks for it after every record; a file is synchronised at its end."""


def digest_of(data: bytes) -> str:
    """A digest as WARC spells it."""
    return f"sha256:{sha256(data).hexdigest()}"


def as_uri(url: str) -> str:
    """An address in the characters that a URI consists of."""
    return quote(url, safe=_URI_CHARACTERS)


def _response_head(status: int, headers: Mapping[str, str], size: int) -> StatusAndHeaders:
    kept = [
        (f"X-Archive-Orig-{name}" if name in _OF_THE_ENCODING else name, value)
        for name, value in headers.items()
    ]
    line = f"{status} {responses.get(status, '')}".rstrip()
    return StatusAndHeaders(line, [*kept, ("Content-Length", str(size))], protocol="HTTP/1.1")

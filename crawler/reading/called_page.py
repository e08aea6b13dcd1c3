"""Pagers whose links call a script: `javascript:goPage(2)`, `gotoPage('list_2.html')`.

The script is not run. An address among a call's arguments is where it leads. For a number, the
page's own function of that name is looked up: most do nothing but put the number between the pieces
of an address, or into a form that they send.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import urlencode, urlsplit

from lxml import etree

from crawler.reading.page import Page

_LONGEST_CALL = 300
_LONGEST_BODY = 3000
_MOST_INPUTS = 100
_MOST_SUMS = 20
_MOST_PIECES = 12
_CALL = re.compile(r"\s*(?:javascript:)?\s*(?:return\s+)?([\w$]+)\s*\(([^()]*)\)", re.I)
_ARGUMENT = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\"|([^,'\"]*?))\s*(?:,|$)")
_ADDRESS = re.compile(
    r"[^\s\[\]<>]*(?:[/?]|\w\.(?:s?html?|jspx?|aspx?|php|do|action)\b)[^\s\[\]<>]*"
)
_NUMBER = re.compile(r"\d{1,6}")
_PIECE = r"(?:'[^'\n]*'|\"[^\"\n]*\"|\(\s*[\w$]+\s*[-+]\s*1\s*\)|[\w$.]+)"
_SUM = re.compile(rf"{_PIECE}(?:\s*\+\s*{_PIECE})+")
_ONE_PIECE = re.compile(_PIECE)
_SHIFTED = re.compile(r"\(\s*([\w$]+)\s*([-+])\s*1\s*\)")
_GOES = re.compile(r"\blocation\b|\bopen\s*\(")
_SENDS = re.compile(r"\bsubmit\s*\(")
_FIELD = (
    r"(?:get(?:ElementById|ElementsByName)\s*\(\s*['\"](?P<{0}1>[\w.-]+)['\"]\s*\)(?:\s*\[\s*0\s*\])?"
    r"|(?P<{0}2>[\w$-]+))\s*\.\s*value\s*=\s*"
    r"|\$\s*\(\s*['\"](?:#|\w*\[\s*name\s*=\s*['\"]?)(?P<{0}3>[\w.-]+)[^'\")]*['\"]?\]?['\"]?\s*\)"
    r"\s*\.\s*val\s*\(\s*"
)
_FILLED = re.compile(rf"(?:{_FIELD.format('field')})(?P<with>{_PIECE})")


def called_page(page: Page, element: etree._Element) -> str | None:
    """Where the script that a link of a pager calls leads, or None if that cannot be told."""
    return next(filter(None, _led_to(page, element)), None)


def called_number(element: etree._Element) -> int | None:
    """The number that a link calls its script with, such as 2 in `goPage(2)`."""
    for _, arguments in _calls(element):
        numbers = [int(one) for one in arguments if _NUMBER.fullmatch(one)]
        if len(numbers) == 1:
            return numbers[0]
    return None


def _calls(element: etree._Element) -> Iterator[tuple[str, list[str]]]:
    """The functions that a link calls, each with its arguments without quotes."""
    for source in (element.get("onclick"), element.get("href")):
        source = source or ""
        if source is element.get("href") and not source.strip().lower().startswith("javascript:"):
            continue
        call = _CALL.match(source[:_LONGEST_CALL])
        if call is not None:
            found = _ARGUMENT.finditer(call[2])
            yield call[1], [(one[1] or one[2] or one[3] or "").strip() for one in found]


def _led_to(page: Page, element: etree._Element) -> Iterator[str | None]:
    for name, arguments in _calls(element):
        for argument in arguments:
            if _ADDRESS.fullmatch(argument):
                yield page.absolute(argument)
        yield _through_function(page, name, arguments)


def _through_function(page: Page, name: str, arguments: list[str]) -> str | None:
    found = re.search(
        rf"(?:\bfunction\s+{re.escape(name)}|(?<![\w$.]){re.escape(name)}\s*=\s*function)"
        r"\s*\(([^()]*)\)\s*\{",
        page.scripts,
    )
    if found is None:
        return None
    parameters = [one.strip() for one in found[1].split(",")]
    given = {
        parameter: argument
        for parameter, argument in zip(parameters, arguments, strict=False)
        if argument not in ("", "this")
    }
    if not any(_NUMBER.fullmatch(argument) for argument in given.values()):
        return None
    body = _body(page.scripts, found.end())
    if _GOES.search(body) and (address := _summed(page, body, given)):
        return page.absolute(address)
    return _sent(page, body, given) if _SENDS.search(body) else None


def _body(source: str, begin: int) -> str:
    """A function's body, which begins after its brace."""
    depth = 1
    for at in range(begin, min(len(source), begin + _LONGEST_BODY)):
        depth += (source[at] == "{") - (source[at] == "}")
        if not depth:
            return source[begin:at]
    return ""


def _summed(page: Page, body: str, given: Mapping[str, str]) -> str | None:
    """The address that a body puts together with a number that it was given."""
    for whole in islice(_SUM.finditer(body), _MOST_SUMS):
        found = _ONE_PIECE.findall(whole[0])
        if len(found) > _MOST_PIECES or not any(_is_given(piece, given) for piece in found):
            continue
        pieces = [_worth(page, piece, given) for piece in found]
        if None not in pieces and _ADDRESS.fullmatch(address := "".join(map(str, pieces))):
            return address
    return None


def _is_given(piece: str, given: Mapping[str, str]) -> bool:
    shifted = _SHIFTED.fullmatch(piece)
    return bool(_NUMBER.fullmatch(given.get(shifted[1] if shifted else piece, "")))


def _worth(page: Page, piece: str, given: Mapping[str, str]) -> str | None:
    """What a piece of a sum stands for; None where only the script knows."""
    if piece[0] in "'\"":
        return piece[1:-1]
    if shifted := _SHIFTED.fullmatch(piece):
        number = given.get(shifted[1], "")
        return str(int(number) + int(f"{shifted[2]}1")) if _NUMBER.fullmatch(number) else None
    if piece in given:
        return given[piece]
    if piece.endswith("location.pathname"):
        return urlsplit(page.url).path
    assigned = re.search(
        rf"(?<![\w$.]){re.escape(piece)}\s{{0,8}}=\s{{0,8}}(?:'([^'\n]{{0,200}})'|\"([^\"\n]{{0,200}})\"|(\d{{1,9}})\b)",
        page.scripts,
    )
    return None if assigned is None else assigned[1] or assigned[2] or assigned[3] or ""


def _sent(page: Page, body: str, given: Mapping[str, str]) -> str | None:
    """The address that a form is sent to with a number in one of its fields, if sent by GET."""
    filled: dict[str, str] = {}
    for one in _FILLED.finditer(body):
        value = _worth(page, one["with"], given)
        if value is not None and _is_given(one["with"], given):
            filled[one["field1"] or one["field2"] or one["field3"]] = value
    for form in page.root.iter("form"):
        inputs = list(islice(form.iter("input"), _MOST_INPUTS))
        known = [one for one in inputs if {one.get("name"), one.get("id")} & filled.keys()]
        if not known or (form.get("method") or "get").strip().lower() != "get":
            continue
        values = [
            (name, filled.get(name, filled.get(one.get("id") or "", one.get("value") or "")))
            for one in inputs
            if (name := one.get("name"))
            and (one.get("type") or "text").lower() in ("text", "hidden", "number")
        ]
        action = page.absolute(form.get("action")) or page.url
        return urlsplit(action)._replace(query=urlencode(values)).geturl()
    return None

"""Saved pages and the readings that were reviewed: `pages/<case>.html` beside `pages/<case>.json`.

A page without a JSON gets one, and the test fails until somebody has reviewed it. The address and
the Content-Type header of a page stand in `<case>.meta.json` where they matter.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from crawler.reading import PageReader, read_list

PAGES = Path(__file__).parent / "pages"
DEFAULTS = {"url": "http://www.example.gov.cn/qs/c1/1003/index.html", "content_type": "text/html"}


def received(case: str) -> tuple[bytes, dict[str, str]]:
    """The bytes of a saved page, and what came with them."""
    beside = PAGES / f"{case}.meta.json"
    given = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
    return (PAGES / f"{case}.html").read_bytes(), {**DEFAULTS, **given}


def understood(case: str) -> object:
    """What is made of a saved page, as JSON has it."""
    body, given = received(case)
    if case.startswith("list-"):
        made = asdict(read_list(body, **given))
        made["nature"] = PageReader().read(body, **given).nature
    else:
        made = asdict(PageReader().read(body, **given))
        del made["reader"]
        made["text"] = made["text"].split("\n")
    return json.loads(json.dumps(made))


@pytest.mark.parametrize("case", sorted(page.stem for page in PAGES.glob("*.html")))
def test_page_is_read_as_reviewed(case):
    reviewed = PAGES / f"{case}.json"
    made = understood(case)
    if not reviewed.exists():
        reviewed.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")
        pytest.fail(f"{reviewed.name} was missing and has been written: please review it")
    assert made == json.loads(reviewed.read_text("utf-8"))


@pytest.mark.parametrize("around", ["<div>", "<div style='margin:0'>", "<div>\n<span class='n'>"])
def test_a_page_too_deep_for_its_parser_is_read_by_its_names_all_the_same(around):
    """R6, R10: whatever is left out to make it less deep, it is not what tells the body."""
    body, given = received("metadata-in-two-tables")
    sound = PageReader().read(body, **given)
    deep = around.encode() * 9000 + body + b"</div>" * 9000
    assert PageReader().read(deep, **given) == sound

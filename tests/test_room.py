"""The reading room at its door: addresses, languages, and what is said where there is no answer."""

from datetime import timedelta

import pytest
from support.room import Room
from support.shelf import HOST, Shelf

from archive.capture import Capture, Outcome
from archive.room.words import LANGUAGES, words

RULES = {
    "title": "人才公寓管理办法",
    "index_number": "1115990001150073XY/2024-00355",
    "issuing_agency": "市住建局",
    "validity": "valid",
    "validity_label": "有效",
    "text": "第一条 为了规范管理，制定本办法。\n第二条 有效期5年。",
}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("room") / "archive.db")
    shelf.put({"gk/1": RULES, "gk/2": {"title": "另一份通知", "index_number": "/2024-00001"}})
    shelf.put({"nmj/9": {"title": "各有其号", "index_number": "/2024-7", "text": "甲乙丙丁"}})
    amended = {**RULES, "text": RULES["text"].replace("5年", "3年"), "validity_label": "废止"}
    shelf.put({"gk/1": {**amended, "validity": "repealed"}})
    with Room(shelf.path, shelf) as room:
        yield room


PAGES = (
    "/",
    "/changes",
    "/documents",
    "/documents/1",
    "/documents/1/versions/1",
    "/documents/1/compare/1...2",
    "/find",
    "/runs",
    "/runs/1",
    "/columns",
    "/holdings",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(room, path):
    for language in LANGUAGES:
        answer = room.get(path, params={"lang": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize(
    "path", ["/documents/999", f"/documents/{10**30}", "/runs/999", "/nothing"]
)
def test_what_is_not_there_is_said_not_to_be(room, path):
    answer = room.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_any_number_or_address_finds_the_document(room):
    for index in (RULES["index_number"], "http://www.example.gov.cn/gk/1.html"):
        answer = room.get("/find", params={"index": index})
        assert (answer.status_code, answer.headers["location"]) == (302, "/documents/1")


def test_a_language_once_chosen_stays(room):
    room.client.cookies.clear()
    assert 'lang="zh-CN"' in room.get("/runs", headers={"Accept-Language": "fr"}).text
    assert '<html lang="en">' in room.get("/runs", headers={"Accept-Language": "en-GB"}).text
    room.get("/runs", params={"lang": "en"})
    assert '<html lang="en">' in room.get("/runs", headers={"Accept-Language": "zh"}).text
    room.client.cookies.clear()


def test_both_languages_say_the_same_things():
    chinese, english = (words(language) for language in LANGUAGES)
    assert {key.removesuffix(".one") for key in english} == {
        key.removesuffix(".one") for key in chinese
    }
    assert all(isinstance(text, str) for text in (*chinese.values(), *english.values()))


def test_addresses_stay_valid_when_a_document_turns_out_to_be_another(tmp_path):
    shelf = Shelf(tmp_path / "archive.db")
    same = {"title": "同一份通知", "text": "第一条 内容相同。\n第二条 有效期5年。"}
    shelf.put({"gk/1": same})
    shelf.put({"tz/1": {**same, "index_number": "/2024-9", "text": f"{same['text']}\n第三条"}})
    shelf.put({"tz/1": {**same, "index_number": "/2024-9", "text": f"{same['text']}\n第四条"}})
    with shelf.run() as run:
        shelf.now += timedelta(minutes=1)
        moved = Capture(
            url=f"{HOST}/tz/1.html",
            at=shelf.now,
            outcome=Outcome.MOVED,
            status=301,
            moved_to=f"{HOST}/gk/1.html",
        )
        run.see("gk/1", same)
        run.archive.record(moved)
    with Room(shelf.path, shelf) as room:
        assert room.get("/find", params={"index": "/2024-9"}).headers["location"] == "/documents/1"
        assert room.get("/api/documents/2").json()["links"]["self"] == "/api/documents/1/versions/1"
        # What a link showed before it shows still.
        kept = room.get("/api/documents/2/versions/2").json()
        assert kept["text"].endswith("第四条")
        assert "第四条" in room.get("/documents/2/versions/2").text
        compared = room.get("/api/documents/2/compare/1...2").json()["text"]
        assert compared[-1]["after"] == "第四条"

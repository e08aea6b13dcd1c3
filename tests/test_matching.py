"""Which document a claim is about: by number, then by title; what fits nobody stays visible."""

import pytest
from support.law import OFFICE, LawShelf, rule

_OLD = f"{OFFICE}/2020-00001"


@pytest.fixture
def shelf(tmp_path):
    return LawShelf(tmp_path / "archive.db")


def about(shelf, called, **old):
    """The target of a repeal that calls a document so, where an old one states this."""
    text = f"本办法自2026年1月1日起施行，{called}同时废止。"
    new = rule("砚湖市机动车停放管理办法", 2, text=text, written_on="2025-12-01")
    shelf.put({"old": rule(**old), "new": new})
    (repeal,) = [one for one in shelf.claims("new") if one["kind"] == "repeals"]
    return repeal["target"]


@pytest.mark.parametrize(
    "number",
    [
        "砚政发〔2018〕5号",
        "砚政发[2018]5号",
        "砚政发［2018］5号",
        "砚政发【2018】5号",
        "砚政发﹝2018﹞5号",
        "砚政发(2018)5号",
        "砚政发（2018）5号",
        "砚政发〔2018〕 5 号",
        "砚政发〔２０１８〕５号",
        "砚政发〔2018〕第5号",
        "砚政发〔2018〕05号",
    ],
)
@pytest.mark.parametrize("called", ["《砚湖市停车办法》（{}）", "{}文件", "原{}"])
def test_a_number_is_one_number_in_all_its_spellings(shelf, number, called):
    stated = {"title": "完全另外的标题", "document_number": "砚政发〔2018〕5号"}
    assert about(shelf, called.format(number), **stated) == _OLD


def test_the_spelling_on_the_page_may_be_the_odd_one(shelf):
    stated = {"title": "另外的标题", "document_number": "砚政发[2018]5 号"}
    assert about(shelf, "《砚湖市停车办法》（砚政发〔2018〕5号）", **stated) == _OLD


@pytest.mark.parametrize(
    ("called", "title"),
    [
        ("《砚湖市停车管理办法》", "砚湖市停车管理办法"),
        ("《停车管理办法》", "砚湖市停车管理办法"),
        ("《砚湖市停车管理办法》", "停车管理办法"),
        ("《砚湖市停车管理办法》", "砚湖市人民政府关于印发《砚湖市停车管理办法》的通知"),
        ("《砚湖市停车管理办法》", "砚湖市人民政府办公室关于印发砚湖市停车管理办法的通知"),
        ("《关于印发〈砚湖市停车管理办法〉的通知》", "砚湖市停车管理办法"),
        ("《关于加强停车管理的通知》", "砚湖市人民政府关于加强停车管理的通知"),
        ("《砚湖市停车管理办法（试行）》", "砚湖市停车管理办法(试行)"),
        ("《砚湖市停车管理办法》（试行）", "砚湖市停车管理办法（试行）"),
        ("《砚湖市“十四五”停车规划办法》", "砚湖市“十四五”停车规划办法"),
    ],
)
def test_a_title_is_found_by_what_it_wraps_and_without_its_place(shelf, called, title):
    assert about(shelf, called, title=title) == _OLD


@pytest.mark.parametrize(
    ("called", "title"),
    [
        ("《砚湖市停车管理办法》", "砚湖市停车管理办法（试行）"),
        ("《砚湖市停车管理办法》", "石泉县停车管理办法"),
        ("《砚湖市停车管理办法》", "砚湖市停车管理办法实施细则"),
        ("《办法》", "砚湖市停车管理办法"),
    ],
)
def test_another_title_is_another_document(shelf, called, title):
    assert about(shelf, called, title=title) is None


def test_a_title_never_decides_against_a_number(shelf):
    stated = {"title": "关于做好春节安全工作的通知", "document_number": "砚政办发〔2021〕2号"}
    called = "《关于做好春节安全工作的通知》（砚政办发〔2019〕3号）"
    assert about(shelf, called, **stated) is None


def test_a_title_decides_where_the_page_states_no_number(shelf):
    called = "《砚湖市停车管理办法》（砚政发〔2018〕5号）"
    assert about(shelf, called, document_number=None) == _OLD


def test_of_several_that_differ_none_is_chosen(shelf):
    title = "关于做好春节安全工作的通知"
    shelf.put(
        {
            "other": rule(title, 3, document_number="砚政办发〔2018〕1号"),
            "another": rule(title, 4, document_number="砚政办发〔2019〕1号"),
        }
    )
    assert about(shelf, f"《{title}》", title="关于别的事情的通知") is None


def test_what_was_enacted_again_after_a_repeal_is_not_what_it_repealed(shelf):
    assert about(shelf, "《砚湖市停车管理办法》", written_on="2026-02-01") is None


def test_orders_are_told_by_title_and_number(shelf):
    stated = {"document_number": "砚湖市人民政府令第12号"}
    assert about(shelf, "《砚湖市停车管理办法》（市政府令第12号）", **stated) == _OLD
    assert about(shelf, "《砚湖市停车管理办法》（市政府令第13号）", **stated) is None


def test_a_document_is_found_by_the_title_that_it_had(shelf):
    shelf.put({"old": rule("砚湖市停车管理暂行办法")})
    assert (
        about(shelf, "《砚湖市停车管理暂行办法》", title="砚湖市停车管理暂行办法(2021年修订)")
        == _OLD
    )


def test_documents_without_a_number_are_named_by_their_address(shelf):
    shelf.put(
        {
            "old": rule(index_number=None),
            "new": rule(
                "砚湖市新停车办法",
                2,
                text="《砚湖市停车管理办法》同时废止。",
                written_on="2025-12-01",
            ),
        }
    )
    (repeal,) = shelf.claims()
    assert repeal["target"] == "http://www.example.gov.cn/old.html"
    assert repeal["source"] == f"{OFFICE}/2020-00002"


def test_two_portals_keep_their_titles_apart(shelf):
    shelf.put({"there": rule(serial=9)}, portal="city")
    assert about(shelf, "《砚湖市停车管理办法》", title="别的办法") is None

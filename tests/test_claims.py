"""Claims are read from the wordings in which municipal governments write, and only from those."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.fields import Fields
from archive.law.claims.reading import read_claims

_CASES = Path(__file__).parent / "claims"
_SENTENCES = [
    case
    for name in ("sentences", "unseen")
    for case in yaml.safe_load((_CASES / f"{name}.yaml").read_text(encoding="utf-8"))
]
_CLEAN_UPS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((_CASES / "clean_ups").glob("*.yaml"))
}
_USUAL = {
    "title": "砚湖市有关事项的通知",
    "document_number": "砚政发〔2024〕2号",
    "published_at": "2024-03-05T09:30:00+08:00",
    "written_on": "2024-03-01",
}


def _expected(case):
    rows = (tuple(None if one is None else str(one) for one in row) for row in case["claims"])
    return sorted((row + (None,) * (6 - len(row)) for row in rows), key=str)


def _text(case):
    return case["text"].strip("\n").replace(" | ", "\t")


def _fields(case):
    stated = {name: case[name] for name in _USUAL if name in case}
    return Fields(**{**_USUAL, **stated, **case.get("of", {})})


def _read(case):
    claims = read_claims(_text(case), _fields(case))
    return sorted(
        (
            (one.kind.value, one.title, one.number, one.effective_on, one.period, one.part)
            for one in claims
        ),
        key=str,
    )


@pytest.mark.parametrize("case", _SENTENCES, ids=[case["text"][:24] for case in _SENTENCES])
def test_a_sentence_claims_what_it_says_and_nothing_else(case):
    assert _read(case) == _expected(case)


@pytest.mark.parametrize("name", _CLEAN_UPS)
def test_a_clean_up_decision_claims_what_its_lists_say(name):
    assert _read(_CLEAN_UPS[name]) == _expected(_CLEAN_UPS[name])


def test_precision_and_recall(capsys):
    """Of all cases together; printed, and both must be whole."""
    right = found = wanted = 0
    for case in (*_SENTENCES, *_CLEAN_UPS.values()):
        said, expected = set(_read(case)), set(_expected(case))
        right += len(said & expected)
        found += len(said)
        wanted += len(expected)
    with capsys.disabled():
        print(
            f"\n{len(_SENTENCES)} sentences and {len(_CLEAN_UPS)} clean-up decisions:"
            f" {wanted} claims, precision {right / found:.3f}, recall {right / wanted:.3f}"
        )
    assert len(_SENTENCES) >= 60
    assert len(_CLEAN_UPS) >= 5
    assert right == found == wanted


@pytest.mark.parametrize("case", [*_SENTENCES, *_CLEAN_UPS.values()])
def test_a_quotation_stands_where_it_is_said_to_stand(case):
    text, fields = _text(case), _fields(case)
    for one in read_claims(text, fields):
        line = (
            fields.title if one.place.paragraph is None else text.split("\n")[one.place.paragraph]
        )
        assert line[one.place.start : one.place.end] == one.quote


def test_lists_in_attachments_are_lists_of_the_decision():
    text = "现将清理结果予以公布（见附件），自2024年4月1日起施行。"
    kept = ("附件1：继续有效的规范性文件目录.docx", "1.砚湖市供水办法（砚政发〔2019〕1号）")
    ended = (
        "附件2：废止的规范性文件目录.xlsx",
        "序号\t名称\t文号\n1\t砚湖市浴室管理办法\t砚政发〔1999〕7号",
    )
    fields = Fields(**{**_USUAL, "title": "砚湖市人民政府关于行政规范性文件清理结果的公告"})
    begins, repeal = read_claims(text, fields, [kept, ended])
    assert (begins.kind, begins.place.attachment) == ("effective_from", None)
    assert (repeal.kind, repeal.title, repeal.number) == (
        "repeals",
        "砚湖市浴室管理办法",
        "砚政发〔1999〕7号",
    )
    assert repeal.effective_on == "2024-04-01"
    assert repeal.place.attachment == ended[0]
    assert ended[1].split("\n")[repeal.place.paragraph] == repeal.quote


@pytest.mark.parametrize(
    ("title", "speaks"),
    [
        ("砚湖市行政处罚听证办法", True),
        ("砚湖市规范性文件公开征求意见办法", True),
        ("砚湖市人民政府关于废止《砚湖市价格听证办法》的决定", True),
        ("砚湖市户外广告管理办法（修订草案）", False),
        ("关于公开征求《砚湖市户外广告管理办法》意见的公告", False),
        ("《砚湖市户外广告管理办法》公开征求意见的通知", False),
        ("一图读懂《砚湖市户外广告管理办法》", False),
        ("关于《砚湖市户外广告管理办法》的起草说明", False),
        ("《砚湖市户外广告管理办法》十问十答", False),
    ],
)
def test_drafts_and_pages_about_others_are_told_by_their_titles(title, speaks):
    text = "本办法自2024年4月1日起施行，《砚湖市浴室管理办法》同时废止。"
    claims = read_claims(text, Fields(**{**_USUAL, "title": title}))
    assert any(not one.of_itself for one in claims) == speaks
    assert bool(claims) == speaks


_PIECES = st.sampled_from(
    [
        *"《》（）〔〕“”，。；：、\n\t",
        *("废止", "同时废止", "予以", "拟", "修改为", "有效期", "自", "起施行", "本办法", "五年"),
        *("2024年1月1日", "第五条", "砚政发〔2018〕5号", "下列文件：", "1.", "关于安全的通知"),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_whatever_a_text_says_its_claims_can_be_found_in_it(text):
    fields = Fields(**{**_USUAL, "title": "关于修改和废止部分文件的决定"})
    claims = read_claims(text, fields)
    assert claims == read_claims(text, fields)
    for one in claims:
        if one.place.paragraph is not None:
            line = text.split("\n")[one.place.paragraph]
            assert line[one.place.start : one.place.end] == one.quote

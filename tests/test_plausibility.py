"""Which pages a known document can have become, and which are damage (R10): pure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.comparison import Attachment, State
from archive.fields import Fields
from archive.identity import Known, Page, SameDocument, Suspect, identify
from archive.plausibility import doubt

FIELDS = Fields(
    title="夜市经营管理办法",
    index_number="1500/2024-00001",
    issuing_agency="市人民政府办公室",
    category="规范性文件",
    validity_label="有效",
)
LINES = (
    "第一条 为了规范夜市经营，方便群众生活，促进消费，制定本办法。",
    "第二条 夜市由所在街道办事处划定范围，报市人民政府备案，并向社会公布。",
    "第三条 经营者应当保持摊位整洁，收市后清运垃圾，不得占用盲道和消防通道。",
    "第四条 夜市营业时间为每日十八时至二十三时，夏季可以延长一小时。",
    "第五条 本办法自公布之日起施行。（此件公开发布）",
)
FORM = Attachment("登记表.pdf", "http://a.cn/1.pdf", "ab" * 32)
RULES = State(FIELDS, "\n".join(LINES), (FORM,))


def but(state, text=None, attachments=None, **fields):
    """The state with other values."""
    return State(
        Fields(**{**{name: getattr(state.fields, name) for name in Fields.__slots__}, **fields}),
        state.text if text is None else text,
        state.attachments if attachments is None else attachments,
    )


REAL = {
    "nothing at all": RULES,
    "an article less": but(RULES, "\n".join(LINES[:4])),
    "two articles left of five": but(RULES, "\n".join(LINES[:2])),
    "another label of validity and no text": but(RULES, "", (), validity_label="废止"),
    "a day of repeal and no text": but(RULES, "", (), repealed_on="2026-01-01"),
    "a notice of repeal in its place": but(RULES, "本办法已废止。", ()),
    "a covering note in its place": but(RULES, "详见附件"),
    "published as one new file": but(
        RULES, "（此件公开发布）", (FORM, Attachment("全文.pdf", "http://a.cn/2.pdf", None))
    ),
    "a file with other bytes and no text": but(
        RULES, "", (Attachment(FORM.name, FORM.url, "cd" * 32),)
    ),
    "a file less": but(RULES, attachments=()),
    "an article that lost its end": but(RULES, "\n".join((*LINES[:3], LINES[3][:20]))),
    "less metadata": but(RULES, category=None, issuing_agency=None),
}
DAMAGE = {
    "no metadata": but(
        RULES, index_number=None, issuing_agency=None, category=None, validity_label=None
    ),
    "no text and no file": but(RULES, "", ()),
    "no text though the file is still there": but(RULES, ""),
    "no text and less metadata": but(RULES, "", (), category=None),
    "one article of five": but(RULES, LINES[4]),
    "the beginning of the first one": but(RULES, LINES[0][:20]),
    "less than half, in mid-sentence": but(RULES, "\n".join((LINES[0], LINES[1][:16]))),
    "the same in other lines": but(RULES, LINES[0][:15] + "\n" + LINES[0][15:]),
}


@pytest.mark.parametrize("case", REAL)
def test_what_can_become_of_a_document(case):
    assert doubt(RULES, REAL[case]) is None


@pytest.mark.parametrize("case", DAMAGE)
def test_what_is_damage(case):
    assert doubt(RULES, DAMAGE[case]).startswith("a known document")


@pytest.mark.parametrize("text", ["见附件", "第一条 制定本办法。", "联系人：王某"])
def test_a_short_text_comes_and_goes_beside_its_file(text):
    note = but(RULES, text)
    assert doubt(note, but(note, "")) is None
    assert doubt(note, but(note, "", ())) is not None


def test_one_paragraph_that_lost_more_than_half():
    """In mid-sentence it broke off; after one, its other sentences may have been struck out."""
    whole = but(RULES, "".join(LINES))
    kept = len(LINES[0] + LINES[1])
    assert 0.25 < kept / len(whole.text) < 0.5
    assert doubt(whole, but(whole, whole.text[:kept])) is None
    assert doubt(whole, but(whole, whole.text[: kept - 4])) == (
        "a known document whose text breaks off"
    )


def test_a_text_that_lost_more_than_half_and_ends_with_a_whole_line():
    """Headings, signatures and dates end without a full stop."""
    signed = but(RULES, "\n".join((LINES[0], LINES[1], "市人民政府办公室", *LINES[2:])))
    kept = "\n".join((LINES[0], LINES[1], "市人民政府办公室"))
    assert 0.25 < len(kept) / len(signed.text) < 0.5
    assert doubt(signed, but(signed, kept)) is None
    assert doubt(signed, but(signed, kept[:-3])) is not None


def test_a_document_that_is_a_file_and_loses_it():
    file = but(RULES, "")
    assert doubt(file, but(file, attachments=())) == "a known document without its text and files"


TEXTS = st.lists(st.sampled_from(LINES) | st.text("夜市经营第一二条，。 ", max_size=40), max_size=8)
STATES = st.builds(
    lambda lines, files, fields: but(RULES, "\n".join(lines), files, **fields),
    TEXTS,
    st.sampled_from([(), (FORM,)]),
    st.fixed_dictionaries({}, optional={name: st.none() for name in ("category", "repealed_on")}),
)
UNHURRIED = settings(deadline=None)


@UNHURRIED
@given(STATES)
def test_what_stays_as_it_was_is_never_doubted(state):
    assert doubt(state, state) is None


@UNHURRIED
@given(STATES, STATES, st.text("新增条款", min_size=1, max_size=8))
def test_whoever_puts_a_new_line_there_is_believed(before, after, new):
    """As long as there is metadata: a page without it is somebody else's."""
    line = f"修改：{new}"
    assert doubt(before, but(after, f"{after.text}\n{line}")) is None


@UNHURRIED
@given(STATES, STATES)
def test_whoever_puts_a_new_word_or_file_there_is_believed(before, after):
    assert doubt(before, but(after, validity_label="失效")) is None
    file = Attachment("修订说明.pdf", "http://a.cn/9.pdf", None)
    assert doubt(before, but(after, attachments=(*after.attachments, file))) is None


@UNHURRIED
@given(STATES, st.integers(0, 8))
def test_a_text_of_which_half_stays_is_never_doubted(before, cut):
    """Whatever else: amendments that only strike out are amendments."""
    kept = before.text[: len(before.text) - len(before.text) // 2 + cut]
    if "".join(kept.split()) and len("".join(kept.split())) * 2 >= len(
        "".join(before.text.split())
    ):
        assert doubt(before, but(before, kept)) is None


@UNHURRIED
@given(STATES)
def test_a_text_and_files_that_vanish_are_always_missed(before):
    vanished = but(before, "", ())
    if "".join(before.text.split()) or before.attachments:
        assert doubt(before, vanished) is not None


# --- somebody else's page -------------------------------------------------------------------------


def known(number, title, text):
    return Known(7, Page(number, title, text, has_metadata=False))


def decide(page, here, **more):
    return identify(page, here=here, moved_from=None, same_number=[], same_serial=[], **more)


def test_r4_a_page_without_a_number_that_is_somebody_elses_is_suspect():
    here = known(None, "夜市经营管理办法", "\n".join(LINES))
    stranger = Page(None, "停电检修通告", "因线路检修，城北一带于周六停电六小时。", False)
    assert isinstance(decide(stranger, here), Suspect)
    for page in (
        Page(None, "停电检修通告", "\n".join(LINES), False),
        Page(None, "夜市经营管理办法", "因线路检修，城北一带于周六停电六小时。", False),
        Page("1500/2024-00001", "夜市经营管理办法", "全文见附件。", False),
    ):
        assert decide(page, here) == SameDocument(7)
    untitled = known(None, "", "\n".join(LINES))
    assert decide(Page(None, "", "因线路检修停电。", False), untitled) == SameDocument(7)


def test_what_a_person_accepts_is_the_document_of_its_place():
    """R10: whatever speaks against it."""
    here = known("1500/2024-00001", "夜市经营管理办法", "\n".join(LINES))
    stranger = Page("9/2026-00003", "停电检修通告", "因线路检修停电。", False)
    assert isinstance(decide(stranger, here), Suspect)
    assert decide(stranger, here, accepted=True) == SameDocument(7)

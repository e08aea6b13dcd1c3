"""The Chinese pages say what the English ones do: same outline, same commands, same names."""

import re
from collections import Counter
from pathlib import Path

import pytest

from docs.chinese import Chinese

ROOT = Path(__file__).parent.parent
CHINESE = sorted([*ROOT.glob("*.zh-CN.md"), *(ROOT / "docs").glob("*.zh-CN.md")])
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
GENERATED = re.compile(r"<!-- (\w+): generated -->.*?<!-- \1: end -->", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def english(page):
    """The page that this one is the Chinese of."""
    return page.with_name(page.name.replace(".zh-CN", ""))


def written(page):
    """What people wrote on a page, without what the program put there."""
    return GENERATED.sub("", page.read_text(encoding="utf-8"))


def prose(page):
    """The page without its blocks of code."""
    return CODE.sub("```", written(page))


def outline(page):
    """The kinds of a page's blocks in order: headings by level, list items, rows, paragraphs."""
    kinds = []
    for block in re.split(r"\n{2,}", prose(page).strip()):
        lines = block.splitlines()
        marks = [re.match(r"#+ |- |\d+\. |\||```|!\[", line) for line in lines]
        # Lines that begin like prose go on with what was before them.
        kinds += [mark[0] for mark in marks if mark] or ["paragraph"]
    return kinds


def files_linked(page):
    """How often each file is linked to, a page in either language being the same file."""
    targets = (target.partition("#")[0] for target in LINK.findall(prose(page)))
    # A link to an anchor alone is to the page itself.
    return Counter(target.replace(".zh-CN", "") for target in targets)


def code_spans(page):
    spans = re.findall(r"`([^`]+)`", CODE.sub("", written(page)))
    # English lines break anywhere.
    return {" ".join(span.split()) for span in spans}


@pytest.fixture(params=CHINESE, ids=lambda page: page.name)
def page(request):
    return request.param


def test_there_is_a_readme_and_a_guide_in_chinese():
    assert {"README.zh-CN.md", "operating.zh-CN.md"} <= {page.name for page in CHINESE}


def test_it_has_the_outline_of_the_english_page(page):
    assert outline(page) == outline(english(page))


def test_it_shows_the_same_commands_and_examples(page):
    assert CODE.findall(written(page)) == CODE.findall(written(english(page)))


def test_it_names_the_same_commands_keys_and_events(page):
    assert code_spans(page) == code_spans(english(page))


def test_it_links_to_the_same_files(page):
    assert files_linked(page) == files_linked(english(page))


def test_it_links_to_chinese_pages_where_there_are_any(page):
    others = {english(one) for one in CHINESE} - {english(page)}
    targets = {target.partition("#")[0] for target in LINK.findall(prose(page))}
    assert not others & {(page.parent / target).resolve() for target in targets if target}


def test_each_leads_to_the_other(page):
    assert f"]({page.name})" in english(page).read_text(encoding="utf-8").partition("\n## ")[0]
    assert f"]({english(page).name})" in page.read_text(encoding="utf-8").partition("\n## ")[0]


# --- the sentences of the reference --------------------------------------------------------------


@pytest.fixture
def say(tmp_path):
    path = tmp_path / "zh.yaml"
    path.write_text(
        "- {en: default, zh: 默认值}\n"
        "- {en: So many., zh: 若干。}\n"
        "- {en: Never said., zh: 没人说。}\n",
        encoding="utf-8",
    )
    return Chinese(path)


def test_a_sentence_is_said_in_chinese_and_what_stands_behind_it_kept(say):
    assert say("So many.") == "若干。"
    assert say("So\n many. [default: 50; x>=1]") == "若干。［默认值：50；x>=1］"


def test_a_sentence_without_chinese_and_chinese_without_a_sentence_are_named(say):
    say("So many.")
    say("default")
    say("Something new.")
    assert say.faults() == ["no Chinese for: Something new.", "nobody says any more: Never said."]


def test_a_sentence_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "zh.yaml"
    path.write_text("- {en: A., zh: 甲。}\n- {en: A., zh: 乙。}\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="twice"):
        Chinese(path)

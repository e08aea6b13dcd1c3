"""The reading room in a real browser: walked through, looked at, and read with a keyboard."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from support.receipts import fault

from browser.past import AMENDED, EMPTIED, REDRAFTED, REPEALED, SHANGHAI, Past

PICTURES = Path(os.environ.get("PICTURES", Path(__file__).parent / "pictures"))
"""Where what the pages look like is kept."""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LIFTS = "砚湖市既有住宅加装电梯实施办法"
HOUSING = "砚湖市人才公寓管理办法"


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    made = Past(tmp_path_factory.mktemp("past"))
    made.live()
    return made


@pytest.fixture(scope="module")
def address(past, served):
    with served(past.yange) as address:
        yield address


@pytest.fixture(scope="module")
def documents(past):
    """The archive's numbers for the documents that the tests are about."""
    with past.yange.catalogue() as catalogue:
        return {index: catalogue.find(index) for index in (REPEALED, AMENDED, REDRAFTED)}


@pytest.fixture
def page(browser, address):
    with browser.new_context(
        base_url=address, viewport=WIDE, locale="zh-CN", accept_downloads=True
    ) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        yield page


def fits(page):
    """Whether nothing sticks out of the page to the side."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# --- three walks ----------------------------------------------------------------------------------


def test_from_yesterdays_validity_change_to_its_comparison_and_its_receipt(page, past):
    yesterday = (datetime.now(SHANGHAI) - timedelta(days=1)).date().isoformat()
    page.goto("/")
    page.get_by_label("有效性变化").check()
    page.get_by_role("button", name="应用").click()
    section = page.get_by_role("region", name=yesterday)
    article = section.get_by_role("article").filter(has_text=LIFTS)
    assert article.locator(".from").filter(has_text="有效").count() == 1
    assert article.locator(".to").filter(has_text="废止").count() == 1

    article.get_by_role("link", name="对照").click()
    row = page.get_by_role("row").filter(has_text="有效性")
    assert row.locator("del").text_content() == "有效"
    assert row.locator("ins").text_content() == "废止"

    with page.expect_download() as download:
        page.get_by_role("link", name="收据").click()
    receipt = json.loads(Path(download.value.path()).read_bytes())
    [run] = [one for one in past.yange.read("runs") if one["id"] == receipt["seal"]["run"]["id"]]
    assert receipt["version"]["fields"]["validity_label"] == "废止"
    assert fault(receipt, run["seal"]) is None


def test_from_a_word_of_two_characters_to_a_document_as_it_stood_last_month(page):
    page.goto("/")
    page.get_by_role("searchbox", name="检索文件").first.fill("公寓")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=HOUSING, exact=True)
    result = page.get_by_role("article").filter(has=link)
    assert "公寓" in result.locator("mark").first.inner_text()
    link.click()
    assert page.locator(".reading").get_by_text("有效期3年").is_visible()

    page.get_by_label("截至日期").fill(
        (datetime.now(SHANGHAI) - timedelta(days=50)).date().isoformat()
    )
    page.get_by_role("button", name="查看", exact=True).click()
    assert page.get_by_text("以下为截至").is_visible()
    assert page.locator(".reading").get_by_text("有效期5年").is_visible()
    assert not page.locator(".reading").get_by_text("有效期3年").is_visible()


def test_from_a_run_with_problems_to_its_log_and_the_column_that_went_empty(page, past):
    page.goto("/runs?outcome=incomplete")
    page.get_by_role("link", name=str(past.run["id"]), exact=True).click()
    assert page.get_by_text("shows no documents").first.is_visible()
    page.get_by_label("最低级别").select_option("警告")
    page.get_by_role("button", name="应用").click()
    log = page.locator(".log")
    assert log.get_by_text("503").first.is_visible()
    assert not log.get_by_text("run_started").count()

    row = page.get_by_role("row").filter(has_text="空无一行")
    row.get_by_role("link").click()
    row = page.get_by_role("row").filter(has_text=EMPTIED.path)
    assert row.get_by_text("空无一行").is_visible()
    # It is the first of its portal, since it is the odd one.
    assert EMPTIED.path in page.get_by_role("row").nth(1).inner_text()


# --- reading with the keyboard, and without scripts -----------------------------------------------


def test_keys_lead_from_difference_to_difference(page, documents):
    page.goto(f"/documents/{documents[REDRAFTED]}/compare/1...2")
    assert page.locator(".difference").count() == 2
    for key, expected in (("n", "d1"), ("j", "d2"), ("n", "d2"), ("p", "d1"), ("k", "d1")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == expected
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_keys_lead_from_article_to_article(page, documents):
    page.goto(f"/documents/{documents[AMENDED]}/compare/1...2")
    page.get_by_role("link", name="逐条对照").click()
    # The keys are there once the script is.
    page.wait_for_url("**?by=article", wait_until="load")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.id") == "d1"
    first = page.locator("#d1")
    assert first.locator(".op").first.text_content() == "修改"
    assert first.locator("del").text_content() == "〔删除：5〕"
    assert first.locator("ins").text_content() == "〔新增：3〕"


def test_from_a_conflict_to_the_document_and_what_is_concluded_there(page):
    page.goto("/")
    page.get_by_role("link", name="效力").click()
    first = page.get_by_role("article").first
    kind = first.locator(".kind").text_content()
    first.get_by_role("link").first.click()
    concluded = page.get_by_role("region", name="沿革的推断")
    assert concluded.get_by_text(kind).is_visible()


# What takes the focus and can be seen; of radio buttons of one name, one is reached by itself.
FOCUSABLE = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]),'
    + ' select, textarea, summary, [tabindex="0"]')]
    .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility()
        && one.type !== 'radio')"""
# The focus as it stands: whether it has left the page, is seen, and how much it has not reached.
REACHED = """() => {
    const here = document.activeElement;
    if (here === document.body) return ['left', window.wanted.size];
    window.wanted.delete(here);
    return [getComputedStyle(here).outlineStyle, window.wanted.size];
}"""


def test_everything_is_reached_with_the_tabulator(page, documents, past):
    missed = {}
    for name, path in every_page(documents, past).items():
        page.goto(path)
        wanted = page.evaluate(f"() => (window.wanted = new Set(({FOCUSABLE})())).size")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.evaluate(REACHED)
        # A field for a date takes several steps.
        for _ in range(wanted * 4):
            page.keyboard.press("Tab")
            outline, left = page.evaluate(REACHED)
            assert outline != "none", name
            if outline == "left" or not left:
                break
        if left:
            missed[name] = page.evaluate("[...window.wanted].map(one => one.outerHTML)")
    assert not missed


def test_a_comparison_is_read_without_scripts(browser, address, documents):
    with browser.new_context(
        base_url=address, java_script_enabled=False, locale="zh-CN"
    ) as context:
        page = context.new_page()
        page.goto(f"/documents/{documents[AMENDED]}/compare/1...2")
        line = page.locator(".pair.replace")
        assert line.locator("del").text_content() == "〔删除：5〕"
        assert line.locator("ins").text_content() == "〔新增：3〕"
        fold = page.locator("details.fold").first
        assert not fold.locator(".pair").first.is_visible()
        fold.locator("summary").click()
        assert fold.locator(".pair").first.is_visible()
        page.get_by_role("link", name="第一处").click()
        assert page.url.endswith("#d1")


# --- every page -----------------------------------------------------------------------------------


def every_page(documents, past):
    """The address of each kind of page, by a name for it."""
    repealed, amended, redrafted = (documents[one] for one in (REPEALED, AMENDED, REDRAFTED))
    return {
        "changes": "/",
        "changes-chosen": f"/changes?kind=content&kind=validity&q={quote('办法')}",
        "changes-none": "/changes?q=zzz",
        "documents": "/documents",
        "search": f"/documents?q={quote('管理')}",
        "document": f"/documents/{repealed}",
        "as-of": f"/documents/{amended}?as_of="
        + (datetime.now(SHANGHAI) - timedelta(days=50)).date().isoformat(),
        "version": f"/documents/{amended}/versions/1",
        "compare": f"/documents/{redrafted}/compare/1...2",
        "compare-one": f"/documents/{amended}/compare/1...2?view=one",
        "compare-article": f"/documents/{redrafted}/compare/1...2?by=article",
        "compare-fields": f"/documents/{repealed}/compare/1...2",
        "conflicts": "/conflicts?all=1",
        "in-force": "/in-force",
        "calendar": "/calendar",
        "runs": "/runs",
        "run": f"/runs/{past.run['id']}",
        "columns": "/columns",
        "holdings": "/holdings",
        "find": "/find",
        "not-found": "/find?index=none",
        "received": f"/documents/{amended}/versions/1/received",
        "login": "/login",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(browser, address, documents, past, scheme):
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), {}
    language = "zh-CN" if scheme == "light" else "en"
    with browser.new_context(
        base_url=address, viewport=WIDE, locale=language, color_scheme=scheme
    ) as context:
        page = context.new_page()
        for name, path in every_page(documents, past).items():
            page.goto(path)
            for one in axe.run(page).response["violations"]:
                found[name, one["id"]] = [node["html"][:200] for node in one["nodes"][:3]]
    assert not found, json.dumps([[*key, value] for key, value in found.items()], indent=1)


def test_pages_fit_a_narrow_screen(browser, address, documents, past):
    with browser.new_context(base_url=address, viewport=NARROW, locale="en") as context:
        page = context.new_page()
        wide = []
        for name, path in every_page(documents, past).items():
            page.goto(path)
            if not fits(page):
                wide.append(name)
        assert not wide


MAIN = ("changes", "search", "document", "compare", "runs", "holdings")


def test_what_the_main_pages_look_like_is_kept(browser, address, documents, past):
    PICTURES.mkdir(parents=True, exist_ok=True)
    for look, scheme, viewport in (
        ("light", "light", WIDE),
        ("dark", "dark", WIDE),
        ("narrow", "light", NARROW),
    ):
        with browser.new_context(
            base_url=address, viewport=viewport, locale="zh-CN", color_scheme=scheme
        ) as context:
            page = context.new_page()
            for name in MAIN:
                page.goto(every_page(documents, past)[name])
                path = PICTURES / f"{name}-{look}.png"
                page.screenshot(path=path)
                assert path.stat().st_size > 10_000

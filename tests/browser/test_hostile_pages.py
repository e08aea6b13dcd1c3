"""What a portal that means harm wrote, crawled and looked at: nothing runs, loads, or breaks.

Each of the hostile texts stands in the title, in a field, in paragraphs, in a table, in a file's
name, and unescaped in the page around them, of a document of its own; a second crawl finds it
changed.
"""

import pytest
from support.site import File, Record, Table, Town
from support.yange import FINISHED, INCOMPLETE, Yange

from browser.payloads import MALFORMED, PAYLOADS

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_MARK = "BYTES"
# All that is asked of a page's shape, at once: each question takes as long as a small page.
_SHAPE = """() => {
    const frames = document.querySelectorAll("main");
    const [heading, ...more] = document.querySelectorAll("h1");
    const size = heading?.getBoundingClientRect();
    return [
        document.documentElement.scrollWidth <= innerWidth,
        frames.length === 1 && more.length === 0 && size?.width > 0 && size.height > 0
            && heading.checkVisibility({visibilityProperty: true}),
    ];
}"""


def record(place, payload):
    """A document that says this wherever a document says anything."""
    return Record(
        title=f"{place} {payload}",
        number=f"1/2025-{place:05}",
        document_number=payload,
        agency=f"{payload} 局",
        category=payload,
        summary=payload,
        validity=payload if place % 2 else "有效",
        body=(
            f"第一条 {payload}",
            payload,
            Table(rows=(("项目", payload), (payload, "二"), ("三", "四"))),
            File(name=payload, href=f"/files/{place}.pdf"),
            "附则",
        ),
    )


def page(place, record, payload):
    """Its page, with the same once more where nothing is escaped."""
    html = record.html().replace("</body>", f"<div>{payload}</div></body>", 1)
    html = html.replace('<div id="zoom">', f'<div id="zoom"><p>{payload}</p>', 1)
    return html.encode("utf-8", "surrogatepass")


def publish(town, *, changed):
    texts = [*PAYLOADS, *(_MARK for _ in MALFORMED)]
    for place, payload in enumerate(texts, start=1):
        said = f"{payload} 改" if changed else payload
        one = record(place, said)
        body = page(place, one, said)
        if place > len(PAYLOADS):
            body = body.replace(_MARK.encode(), MALFORMED[place - len(PAYLOADS) - 1])
        address = f"/gk/{place}/index.html"
        town.answer(address, body)
        town.list_row(address, one.title)
        town.answer(f"/files/{place}.pdf", f"%PDF-1.4 {place} {changed}".encode())


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The archive after two crawls of such a portal."""
    with Town() as town:
        yange = Yange(tmp_path_factory.mktemp("hostile"), town)
        for changed in (False, True):
            publish(town, changed=changed)
            yange.crawl(status=(FINISHED, INCOMPLETE))
    return yange


@pytest.fixture(scope="module")
def address(archive, served):
    with served(archive) as address:
        yield address


@pytest.fixture(scope="module")
def numbers(archive):
    """The archive's numbers for the documents of which there are two versions."""
    with archive.catalogue() as catalogue:
        found = [
            catalogue.find(row["url"]) for row in catalogue.documents() if row["versions"] == 2
        ]
    # Bytes without any sense can be taken for no document, or for the same one as before.
    assert len(found) >= len(PAYLOADS)
    return found


class Watch:
    """A page of a browser whose every request, script and complaint is listened to."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.address = address
        self.told = []
        self.page.expose_function("harm", lambda: self.told.append("a script ran"))
        self.page.on("request", self._asked)
        self.page.on("dialog", lambda dialog: (self.told.append("a dialog"), dialog.dismiss()))
        self.page.on("console", lambda said: self.told.append(said.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.on("framenavigated", self._led)
        context.on("page", lambda _: self.told.append("another page was opened"))

    def _asked(self, request):
        if not request.url.startswith(self.address):
            self.told.append(f"{request.url} was asked for")

    def _led(self, frame):
        if not frame.url.startswith((self.address, "about:blank")):
            self.told.append(f"led to {frame.url}")

    def look(self, path):
        """Open a page; what went wrong there."""
        self.told.clear()
        answer = self.page.goto(self.address + path, wait_until="load")
        found = [f"answered {answer.status}"] if answer.status != 200 else []
        fits, is_framed = self.page.evaluate(_SHAPE)
        if not fits:
            found.append("sticks out")
        if not is_framed:
            found.append("the frame of the page is broken")
        return found + self.told


@pytest.fixture(params=["wide", "narrow"])
def watch(browser, address, request):
    viewport = WIDE if request.param == "wide" else NARROW
    with browser.new_context(viewport=viewport, locale="zh-CN") as context:
        yield Watch(context, address)


def test_there_are_many_hostile_texts():
    assert len(set(PAYLOADS)) + len(set(MALFORMED)) >= 60


def test_lists_hold(watch, numbers):
    found = {
        path: said
        for path in (
            "/changes",
            "/changes?kind=created&baseline=1",
            "/changes?kind=metadata",
            *(f"/documents?page={place}" for place in range(1, 5)),
            "/documents?q=harm",
            "/runs",
            "/runs/2",
            "/columns",
            "/holdings",
        )
        if (said := watch.look(path))
    }
    assert not found


@pytest.mark.parametrize("path", ["", "/compare/1...2", "/versions/1/received"])
def test_documents_hold(watch, numbers, path):
    # Narrow screens show the same; a few of them say whether it fits.
    chosen = numbers if watch.page.viewport_size == WIDE else numbers[::4] + numbers[-14:]
    found = {
        number: said for number in chosen if (said := watch.look(f"/documents/{number}{path}"))
    }
    assert not found

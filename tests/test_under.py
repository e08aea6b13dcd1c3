"""`under:`: columns are found by themselves, watched like configured ones, and missed when gone."""

import json

import pytest
from support.site import Record, Town, easysite
from support.yange import INCOMPLETE, Yange
from test_configuration import complaints, sound

from crawler.replica.server import Answer

HUB = "/gk/index.html"


class Portal(Town):
    """A town with a page that leads to its columns, which are found, and one that is configured."""

    def __init__(self, *columns):
        super().__init__(*columns, "/other/configured/", "/other/unknown/")
        self.lead_to(*columns)
        self.settings |= {
            "columns": [self.url("/other/configured/index.html")],
            "under": [self.url(HUB)],
        }
        for column in self.columns:
            self.fill(column)

    def lead_to(self, *columns):
        links = [*columns, "/other/unknown/", "/gk/dead/"]
        items = "".join(f'<li><a href="{one}index.html">{one}</a></li>' for one in links)
        self.answer(HUB, easysite("政府信息公开", f'<ul class="side">{items}</ul>'))

    def fill(self, column):
        for place in range(3):
            name = f"{column.strip('/').replace('/', '之')}第{place}号文件"
            self.publish(Record(title=name), f"{column}{place}/index.html")

    def configuration(self, archive):
        log = f"log: {{file: {archive.parent / 'yange.jsonl'}}}\n"
        return super().configuration(archive) + log

    @property
    def asked(self):
        """The paths that were asked for since the last look, sorted."""
        paths = sorted(request.path for request in self.site.requests)
        self.site.clear_requests()
        return paths


def lists(*columns):
    return sorted(["/robots.txt", *(f"{column}index.html" for column in columns)])


def test_columns_below_a_page_are_found_watched_and_missed(tmp_path):
    """One story, a crawl a day. R8: a column that appears later begins with a baseline of its own.

    R14: `discover` on a quiet portal costs one request a column, found or configured.
    """
    with Portal("/gk/a/", "/gk/b/") as town:
        yange = Yange(tmp_path, town)
        b, c = town.url("/gk/b/index.html"), town.url("/gk/c/index.html")
        known = ("/gk/a/", "/gk/b/", "/other/configured/")

        first = yange.crawl(mode="discover")
        assert first["problems"] == [f"2 columns were found below {town.url(HUB)}"]
        assert (first["outcome"], first["created"]) == ("finished", 9)
        assert {change["baseline"] for change in yange.changes_of(first)} == {True}
        assert not any("/other/unknown" in path for path in town.asked)

        quiet = yange.crawl(mode="discover")
        assert (quiet["outcome"], quiet["problems"]) == ("finished", [])
        assert town.asked == lists(*known)

        # A column appears; another one is taken off the menu and still stands.
        town.columns.append("/gk/c/")
        town._listed["/gk/c/"] = {}
        town.fill("/gk/c/")
        town.lead_to("/gk/a/", "/gk/c/")
        found = yange.crawl(mode="sweep")
        assert found["problems"] == [f"a column was found below {town.url(HUB)}: 公开文件 {c}"]
        assert (found["outcome"], found["created"]) == ("finished", 3)
        assert {change["baseline"] for change in yange.changes_of(found)} == {True}
        asked = town.asked
        assert asked.count("/gk/c/index.html") == asked.count("/gk/b/index.html") == 1

        # Now that one is gone, and a configured one leads to the front page.
        town.remove("/gk/b/index.html")
        town.redirect("/other/configured/index.html", "/")
        town.answer("/", easysite("柳溪市人民政府", "<p>欢迎</p>"))
        missed = yange.crawl(mode="discover", status=INCOMPLETE)
        assert sorted(missed["problems"]) == [
            f"the column 公开文件 {b}, which was found, is no list now (status 404);"
            " it is left out until a sweep has looked again",
            f"the list {town.url('/other/configured/index.html')} could not be read to its end:"
            f" {town.url('/')}: redirects to a front page",
        ]
        town.site.clear_requests()
        town._list("/other/configured/")
        again = yange.crawl(mode="discover")
        assert again["problems"] == []
        assert town.asked == lists("/gk/a/", "/gk/c/", "/other/configured/")

        for sweep, said in ((1, "is no list now"), (2, "has vanished (status 404)"), (3, None)):
            town.site.clear_requests()
            run = yange.crawl(mode="sweep")
            told = [problem for problem in run["problems"] if b in problem]
            assert [said in problem for problem in told] == ([True] if said else []), run
            assert run["outcome"] == "finished"
            assert ("/gk/b/index.html" in town.asked) is (sweep < 3)

        # It comes back: the search meets it as on the first day.
        town._list("/gk/b/")
        town.lead_to("/gk/a/", "/gk/b/", "/gk/c/")
        back = yange.crawl(mode="sweep")
        assert back["problems"] == [f"a column was found below {town.url(HUB)}: 公开文件 {b}"]
        assert back["created"] == 0
        town.site.clear_requests()
        yange.crawl("--column", b, mode="discover")
        assert town.asked == lists("/gk/b/")

        log = (tmp_path / "yange.jsonl").read_text(encoding="utf-8").splitlines()
        events = [line for line in map(json.loads, log) if line["event"] == "column_found"]
        assert [event["url"] for event in events[2:]] == [c, b]
        assert {event["under"] for event in events} == {town.url(HUB)}


def test_a_search_that_falls_short_says_so_and_is_made_again(tmp_path):
    """R10, R18: a page of the navigation that fails is told; the first search is not over then."""
    with Portal("/gk/a/") as town:
        town.answer(HUB, Answer.html("<h1>Bad Gateway</h1>", status=502))
        yange = Yange(tmp_path, town)
        failed = yange.crawl(mode="discover", status=INCOMPLETE)
        assert failed["problems"] == [
            f"in search of columns: {town.url(HUB)} could not be read: status 502"
        ]
        assert failed["created"] == 3
        town.lead_to("/gk/a/")
        with yange.started("crawl", "--mode", "discover") as process:
            _, said = process.communicate()
        assert process.returncode == 0
        assert f"1 columns were found below {town.url(HUB)}" in said
        with yange.catalogue() as catalogue:
            urls = {one.url: one.under is not None for one in catalogue.known_columns("town")}
        assert urls == {
            town.url("/gk/a/index.html"): True,
            town.url("/other/configured/index.html"): False,
        }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"under": ["http://elsewhere.example.com/gk/"]},
            'portals.town.under: ["http://elsewhere.example.com/gk/"]: the page'
            " 'http://elsewhere.example.com/gk/' cannot be asked: elsewhere.example.com is none of"
            " the portal's hosts",
        ),
        (
            {"columns": [], "under": []},
            "portals.town.columns: []: there is nothing to watch, neither columns nor under;"
            " `yange columns` finds some",
        ),
        (
            {"under": [{"url": "http://www.example.org/", "depth": 99}]},
            "portals.town.under[0].depth: 99: should be less than or equal to 10",
        ),
    ],
)
def test_mistakes_in_under_are_told_in_a_sentence(tmp_path, changes, sentence):
    configuration = sound()
    configuration["portals"]["town"] |= changes
    assert complaints(tmp_path, json.loads(json.dumps(configuration))) == [sentence]

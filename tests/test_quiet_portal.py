"""What a watched portal is asked: its own log of requests is the witness (R13, R14, R19)."""

from dataclasses import replace

import pytest
from scrapy.http import Response
from support.site import ADDRESS, File, Record, Town
from support.yange import Yange, kinds

from crawler.middlewares.retry_after import LONGEST_PAUSE, retry_after
from crawler.replica.server import Answer, LoopbackSite, Pages

DOCUMENTS = 20
SHARED = (File(name="附件", href="/files/shared.pdf"), File(name="遗失", href="/files/lost.pdf"))


def page(number, *body, etag=True):
    record = Record(title=f"关于第{number}号事项的通知", number=f"/2025-{number:05}")
    answer = Answer.html(record.but(body=(*record.body, *body)).html())
    return replace(
        answer, headers={**answer.headers, "ETag": f'"{number}"'} if etag else answer.headers
    )


class Log:
    """What the portal was asked since the last look."""

    def __init__(self, town):
        self.site = town.site
        self.requests = []

    def look(self):
        """The paths asked for, sorted; none may be asked for twice."""
        self.requests = self.site.requests
        self.site.clear_requests()
        paths = sorted(one.path for one in self.requests)
        assert len(set(paths)) == len(paths), paths
        return paths

    def conditional(self, start="/"):
        """How many requests of the last look would have done with a 304."""
        return sum(
            "If-None-Match" in one.headers for one in self.requests if one.path.startswith(start)
        )


@pytest.fixture(scope="module")
def address():
    return {number: f"/{'gk' if number % 2 else 'zc'}/{number}/index.html" for number in range(20)}


def test_what_a_portal_is_asked_from_one_run_to_the_next(tmp_path, address):
    lists = ["/gk/index.html", "/zc/index.html"]
    with Town("/gk/", "/zc/") as town:
        yange, log = Yange(tmp_path, town), Log(town)
        for number, path in address.items():
            town.answer(path, page(number, *(SHARED if number < 6 else ()), etag=number > 0))
            town.list_row(path, f"关于第{number}号事项的通知")
        shared = Answer(200, {"ETag": '"a"', "Content-Type": "application/pdf"}, b"%PDF-1.4 a")
        town.answer("/files/shared.pdf", shared)
        files = ["/files/lost.pdf", "/files/shared.pdf"]

        # The first time everything, and each thing once, whoever links to it.
        yange.crawl(mode="discover")
        assert log.look() == sorted([*address.values(), *files, *lists, "/robots.txt"])
        assert log.conditional() == 0

        # Nothing new: one request a column, and the rules of the host.
        assert yange.crawl(mode="discover")["requests"] == 3
        assert log.look() == sorted([*lists, "/robots.txt"])

        # R13: on condition, where the portal offers one; attachments, too.
        run = yange.crawl(mode="recheck")
        assert log.look() == sorted([*address.values(), *files, "/robots.txt"])
        assert log.conditional() == DOCUMENTS  # nineteen documents and an attachment
        assert log.conditional("/files/") == 1
        assert (run["unchanged"], run["changed"]) == (DOCUMENTS, 0)

        # A renamed page is two requests in the run that meets it, of which one is for the page.
        old, new = address[7], "/gk/7007/index.html"
        town.answer(new, page(7))
        town.redirect(old, new)
        town.list_row(new, "关于第7号事项的通知")
        renamed = {**address, 7: new}
        run = yange.crawl(mode="sweep")
        assert log.look() == sorted([*address.values(), new, *files, *lists, "/robots.txt"])
        assert log.conditional() == 0
        assert kinds(yange.changes_of(run)) == ["relocated"]

        # From then on the old address is not asked, though a list still shows it.
        yange.crawl(mode="recheck")
        assert log.look() == sorted([*renamed.values(), *files, "/robots.txt"])
        yange.crawl(mode="discover")
        assert log.look() == sorted([*lists, "/robots.txt"])

        # Until the new one is gone: then the document may be back where it was.
        town.remove(new, unlist=True)
        town.answer(old, page(7))
        yange.crawl(mode="recheck")
        assert old not in log.look()
        for _ in range(2):
            run = yange.crawl(mode="recheck")
            assert old in log.look()
            assert yange.changes_of(run) == []


def test_an_address_that_leads_to_a_known_document_is_asked_once(tmp_path):
    """R19: also where the document stands there as it was, so that nothing is made of it."""
    with Town() as town:
        yange, log = Yange(tmp_path, town), Log(town)
        for number in (1, 2):
            town.answer(f"/gk/{number}/index.html", page(number))
            town.list_row(f"/gk/{number}/index.html", f"关于第{number}号事项的通知")
        yange.crawl(mode="discover")
        # A new row leads to the one, and the other, known by itself, leads there from now on.
        town.redirect("/gk/3/index.html", "/gk/1/index.html")
        town.list_row("/gk/3/index.html", "关于第1号事项的通知")
        log.look()
        run = yange.crawl(mode="discover")
        assert "/gk/3/index.html" in log.look()
        assert kinds(yange.changes_of(run)) == []
        yange.crawl(mode="discover")
        assert log.look() == ["/gk/index.html", "/robots.txt"]


def test_r13_an_address_that_only_spells_itself_otherwise_is_still_asked_on_condition(tmp_path):
    with Town() as town:
        yange, log = Yange(tmp_path, town), Log(town)
        listed, spelt = "/gk/a%2D1/index.html", "/gk/a-1/index.html"
        town.list_row(listed, "关于第1号事项的通知")
        town.answer(listed, page(1))
        yange.crawl(mode="discover")
        town.answer(spelt, page(1))
        town.redirect(listed, spelt)
        log.look()
        assert yange.crawl(mode="recheck")["unchanged"] == 1
        assert log.look() == sorted([listed, spelt, "/robots.txt"])
        assert log.conditional(spelt) == 1


def test_r13_not_modified_is_no_answer_to_who_has_not_asked_on_condition(tmp_path):
    with Town() as town:
        yange = Yange(tmp_path, town)
        town.publish(Record(title="关于除雪的通知", number="/2025-00001"), "/gk/1/index.html")
        yange.crawl()
        town.answer("/gk/1/index.html", Answer(304))
        run = yange.crawl(status=3)
        assert (run["unchanged"], run["failed"]) == (0, 1)


def test_r19_rules_are_followed_over_five_redirects_and_no_further(tmp_path):
    """RFC 9309, 2.3.1.2."""
    with Town() as town, LoopbackSite(Pages()) as other:
        for site, pages, hops in ((town.site, town.pages, 5), (other, other.answer, 6)):
            pages[ADDRESS, "/robots.txt"] = Answer.redirect("/rules/1")
            for hop in range(1, hops):
                pages[ADDRESS, f"/rules/{hop}"] = Answer.redirect(f"/rules/{hop + 1}")
            pages[ADDRESS, f"/rules/{hops}"] = "User-agent: *\nDisallow: /gk/1/\n"
            pages[ADDRESS, "/gk/1/index.html"] = page(hops)
            town.list_row(site.url("/gk/1/index.html"), "关于除雪的通知", "/gk/")
        town.settings["hosts"] = [f"{ADDRESS}:{site.port}" for site in (town.site, other)]
        yange = Yange(tmp_path, town)
        assert yange.crawl()["created"] == 1
        with yange.catalogue() as catalogue:
            assert [one["url"] for one in catalogue.documents()] == [other.url("/gk/1/index.html")]
        assert [one.path for one in other.requests][-2:] == ["/rules/5", "/gk/1/index.html"]


@pytest.mark.parametrize(
    "value",
    [
        "Sat, 01 Mar 2025 12:00:00 +99999999999999999999",
        "Sat, 01 Mar 99999 12:00:00 GMT",
        "Sat, 01 Mar -9999999999999999999999999999 12:00:00 GMT",
        "99999999999999999999x",
        "1e9",
        "\xff",
    ],
)
def test_a_pause_that_nobody_can_read_is_none(value):
    headers = {"Retry-After": value.encode("latin-1")}
    assert retry_after(Response("http://www.example.gov/", status=503, headers=headers)) is None


def test_an_absurd_pause_is_longer_than_any_run():
    headers = {"Retry-After": "9" * 4000}
    asked = retry_after(Response("http://www.example.gov/", status=503, headers=headers))
    assert asked > LONGEST_PAUSE

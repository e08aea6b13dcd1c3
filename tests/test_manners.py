"""The crawler's manners: real crawls, each in a process of its own, of real servers on loopback."""

import json
import threading
import time
from email.utils import formatdate
from tempfile import TemporaryFile

import pytest
import scrapy
from support import warm
from support.asker import CONTACT

from crawler.middlewares.retry_after import retry_after
from crawler.replica.server import Answer, Drop, LoopbackSite, Pages


class Crawl:
    """What came of a crawl: `of(url)` is one URL's outcome."""

    def __init__(self, result):
        self.outcomes = {outcome["asked"]: outcome for outcome in result["outcomes"]}
        self.order = [outcome["asked"] for outcome in result["outcomes"]]
        self.delays = result["delays"]
        self.stats = result["stats"]
        self.reason = result["reason"]

    def of(self, url):
        return self.outcomes[url]


def crawl(
    *urls,
    hosts=("127.0.0.1",),
    columns=None,
    limits=None,
    names=None,
    stop_after=None,
    **politeness,
):
    settings = {
        "name": "示例市人民政府",
        "hosts": list(hosts),
        "columns": columns or [urls[0]],
        "politeness": {"delay": 0, **politeness},
        "limits": {"timeout": 20, **(limits or {})},
    }
    asked = {"portal": settings, "urls": urls, "names": names, "stop_after": stop_after}
    with TemporaryFile("w+") as stdin:
        json.dump(asked, stdin)
        stdin.seek(0)
        done = warm.run("tests.support.asker", stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return Crawl(json.loads(done.stdout))


@pytest.fixture
def pages():
    return Pages({(None, "/a"): "a", (None, "/b"): "b", (None, "/c"): "c"})


@pytest.fixture
def site(pages):
    with LoopbackSite(pages) as running:
        yield running


@pytest.fixture
def other():
    """A neighbour on another port, outside the fence unless a test lets it in."""
    with LoopbackSite(
        Pages({(None, "/x"): "x", (None, "/robots.txt"): "User-agent: *"})
    ) as running:
        yield running


def paths(site):
    return [request.path for request in site.requests]


# Who is asking -----------------------------------------------------------------------------------


def test_a_request_says_who_asks_how_to_reach_them_and_that_chinese_is_welcome(site):
    assert crawl(site.url("/a")).of(site.url("/a"))["text"] == "a"
    for request in site.requests:
        assert request.headers["User-Agent"] == f"yange/0.0 (+{CONTACT})"
        assert request.headers["Accept-Language"].startswith("zh-CN")
        assert "Cookie" not in request.headers


# The fence ---------------------------------------------------------------------------------------


def test_an_address_outside_is_never_contacted(site, other):
    asked = crawl(site.url("/a"), other.url("/x"), "file:///etc/hostname")
    assert asked.of(site.url("/a"))["status"] == 200
    assert asked.of(other.url("/x"))["error"] == "OutsideFence"
    assert asked.of("file:///etc/hostname")["error"] == "OutsideFence"
    assert f"port {other.port}" in asked.of(other.url("/x"))["reason"]
    assert other.requests == []
    assert asked.stats["yange/outside_fence"] == 2


def test_a_redirect_to_the_outside_is_not_followed(site, pages, other):
    pages[None, "/away"] = Answer.redirect(other.url("/x"))
    asked = crawl(site.url("/away"))
    assert asked.of(site.url("/away"))["error"] == "OutsideFence"
    assert other.requests == []


def test_a_second_hop_to_the_outside_is_not_followed(site, pages, other):
    pages[None, "/first"] = Answer.redirect("/second", status=302)
    pages[None, "/second"] = Answer.redirect(other.url("/x"), status=307)
    assert crawl(site.url("/first")).of(site.url("/first"))["error"] == "OutsideFence"
    assert other.requests == []


def test_a_redirect_inside_is_followed_even_to_a_page_already_seen(site, pages):
    pages[None, "/old"] = Answer.redirect("/a")
    asked = crawl(site.url("/a"), site.url("/old"))
    assert asked.of(site.url("/old"))["url"] == site.url("/a")


def test_a_redirect_to_another_host_goes_by_that_hosts_robots_and_delay(site, pages):
    pages[None, "/moved"] = Answer.redirect(site.url("/a", host="localhost"))
    pages["localhost", "/robots.txt"] = "User-agent: *\nCrawl-delay: 0.25\n"
    asked = crawl(site.url("/moved"), hosts=["127.0.0.1", "localhost"])
    assert asked.of(site.url("/moved"))["text"] == "a"
    assert asked.delays["localhost"] == 0.25
    assert asked.delays["127.0.0.1"] < 0.25


def test_redirects_come_to_an_end(site, pages):
    for number in range(9):
        pages[None, f"/{number}"] = Answer.redirect(f"/{number + 1}")
    asked = crawl(site.url("/0"), limits={"redirects": 3}, robots=False)
    assert "redirections" in asked.of(site.url("/0"))["reason"]
    assert paths(site) == ["/0", "/1", "/2", "/3"]


def test_a_meta_refresh_is_a_page_to_be_read(site, pages):
    pages[None, "/refresh"] = '<html><meta http-equiv="refresh" content="0;url=/b"></html>'
    asked = crawl(site.url("/refresh"))
    assert asked.of(site.url("/refresh"))["url"] == site.url("/refresh")
    assert "/b" not in paths(site)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["192.0.2.1", "127.0.0.1"]])
def test_a_name_that_leads_to_a_private_address_is_not_followed(site, addresses):
    url = site.url("/a", host="www.example.gov")
    asked = crawl(url, hosts=["www.example.gov"], names={"www.example.gov": addresses})
    assert asked.of(url)["error"] == "OutsideFence"
    assert "not public" in asked.of(url)["reason"]
    assert site.requests == []


def test_a_name_may_lead_to_a_private_address_that_hosts_names(site):
    url = site.url("/a", host="www.example.gov")
    asked = crawl(
        url, hosts=["www.example.gov", "127.0.0.1"], names={"www.example.gov": ["127.0.0.1"]}
    )
    assert asked.of(url)["text"] == "a"


def test_a_name_that_leads_nowhere_is_a_failure_and_no_refusal(site):
    url = site.url("/a", host="www.example.gov")
    asked = crawl(url, hosts=["www.example.gov"], names={}, robots=False)
    assert asked.of(url)["error"] == "CannotResolveHostError"


def test_localhost_is_reached_where_hosts_names_it(site):
    url = site.url("/a", host="localhost")
    assert crawl(url, hosts=["localhost"]).of(url)["text"] == "a"


# robots.txt --------------------------------------------------------------------------------------


def test_what_robots_forbids_is_not_fetched(site, pages):
    pages[None, "/robots.txt"] = "User-agent: *\nDisallow: /b\n"
    asked = crawl(site.url("/a"), site.url("/b"), site.url("/c"))
    assert asked.of(site.url("/b"))["error"] == "ForbiddenByRobots"
    assert asked.stats["yange/forbidden_by_robots"] == 1
    assert sorted(paths(site)) == ["/a", "/c", "/robots.txt"]
    assert paths(site)[0] == "/robots.txt"


def test_rules_for_this_crawler_go_before_rules_for_everyone(site, pages):
    pages[None, "/robots.txt"] = "User-agent: *\nDisallow: /\n\nUser-agent: Yange\nDisallow: /b\n"
    asked = crawl(site.url("/a"), site.url("/b"))
    assert asked.of(site.url("/a"))["status"] == 200
    assert asked.of(site.url("/b"))["error"] == "ForbiddenByRobots"


@pytest.mark.parametrize("status", [403, 404])
def test_no_robots_means_no_rules(site, pages, status):
    pages[None, "/robots.txt"] = Answer(status, body=b"User-agent: *\nDisallow: /\n")
    assert crawl(site.url("/a")).of(site.url("/a"))["status"] == 200


@pytest.mark.parametrize("answer", [Answer(503), Answer(429), Answer(then=Drop())])
def test_robots_out_of_reach_forbids_the_host(site, pages, answer):
    pages[None, "/robots.txt"] = answer
    asked = crawl(site.url("/a"), site.url("/b"), limits={"retries": 1})
    assert asked.of(site.url("/a"))["error"] == "RobotsUnavailable"
    assert asked.of(site.url("/b"))["error"] == "RobotsUnavailable"
    assert paths(site) == ["/robots.txt", "/robots.txt"]
    assert asked.stats["yange/robots_unavailable"] == 2


def test_robots_are_fetched_once_per_host_and_port(site, other):
    urls = [site.url("/a"), site.url("/b"), site.url("/c"), other.url("/x")]
    crawl(*urls, columns=[site.url("/a"), other.url("/x")])
    assert paths(site).count("/robots.txt") == 1
    assert paths(other).count("/robots.txt") == 1


def test_robots_may_be_redirected_inside_the_fence(site, pages):
    pages[None, "/robots.txt"] = Answer.redirect("/rules")
    pages[None, "/rules"] = "User-agent: *\nDisallow: /a\n"
    assert crawl(site.url("/a")).of(site.url("/a"))["error"] == "ForbiddenByRobots"


def test_robots_beyond_the_fence_are_rules_that_cannot_be_had(site, pages, other):
    pages[None, "/robots.txt"] = Answer.redirect(other.url("/robots.txt"))
    assert crawl(site.url("/a")).of(site.url("/a"))["status"] == 200
    assert other.requests == []


def test_rules_beyond_the_first_500_kib_do_not_count(site, pages):
    filling = "# filling\n" * (500 * 1024 // 10)
    pages[None, "/robots.txt"] = f"User-agent: *\nDisallow: /a\n{filling}Disallow: /b\n"
    asked = crawl(site.url("/a"), site.url("/b"))
    assert asked.of(site.url("/a"))["error"] == "ForbiddenByRobots"
    assert asked.of(site.url("/b"))["status"] == 200


@pytest.mark.parametrize(("asked_for", "kept"), [("0.3", 0.3), ("0.05", 0.1), ("86400", 60)])
def test_the_longer_of_crawl_delay_and_our_own_is_kept_within_reason(site, pages, asked_for, kept):
    pages[None, "/robots.txt"] = f"User-agent: *\nCrawl-delay: {asked_for}\nDisallow: /a\n"
    asked = crawl(site.url("/a"), delay=0.1)
    assert asked.delays["127.0.0.1"] == kept


def test_robots_can_be_set_aside(site, pages):
    pages[None, "/robots.txt"] = "User-agent: *\nDisallow: /\n"
    assert crawl(site.url("/a"), robots=False).of(site.url("/a"))["status"] == 200
    assert paths(site) == ["/a"]


# Delay and Retry-After ---------------------------------------------------------------------------


def test_a_host_is_asked_no_faster_than_the_delay(site):
    assert crawl(site.url("/a"), delay=0.3).delays == {"127.0.0.1": 0.3}


class Pairs:
    """Answers two requests together, so that one alone would wait, and counts how many there are.

    `most` is the highest number that were ever under way at once.
    """

    def __init__(self):
        self.both = threading.Barrier(2)
        self.lock = threading.Lock()
        self.now = self.most = 0

    def __call__(self, request):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.both.wait(timeout=30)
        with self.lock:
            self.now -= 1
        return Answer()


def test_a_host_is_asked_as_much_at_once_as_was_configured(pages):
    pairs = Pairs()
    with LoopbackSite(pairs) as site:
        urls = [site.url(f"/{number}") for number in range(6)]
        asked = crawl(*urls, robots=False, concurrency=2)
        assert all(asked.of(url)["status"] == 200 for url in urls)
    assert pairs.most == 2


def test_a_host_that_does_not_answer_keeps_no_other_waiting(pages):
    with LoopbackSite(pages) as site:
        last = site.url("/b", host="localhost")

        def answer(request):
            if request.hostname == "127.0.0.1":
                assert other_host_was_served.wait(60)
            elif request.path == "/b":
                other_host_was_served.set()
            return pages(request)

        other_host_was_served = threading.Event()
        site.answer = answer
        slow = [site.url(f"/a?{number}") for number in range(40)]
        asked = crawl(*slow, last, hosts=["127.0.0.1", "localhost"], limits={"timeout": 90})
        # The answers to the two under way can overtake the one that set them free.
        assert last in asked.order[:3]
        assert len(asked.order) == 41


class Busy:
    """Answers the first request for `/busy` with `answer`, and everything else as `pages` do."""

    def __init__(self, pages, answer):
        self.pages = pages
        self.answers = [answer]

    def __call__(self, request):
        if request.path == "/busy" and self.answers:
            return self.answers.pop()
        return self.pages(request)


def in_seconds(seconds):
    return formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_asked_for_is_given_to_the_host_and_to_no_other(pages, status):
    pages[None, "/busy"] = "free again"
    busy = Busy(pages, Answer(status, {"Retry-After": "2"}))
    with LoopbackSite(busy) as site:
        here = [site.url("/busy"), *(site.url(f"/a?{number}") for number in range(4))]
        there = [site.url(f"/b?{number}", host="localhost") for number in range(4)]
        asked = crawl(*here, *there, hosts=["127.0.0.1", "localhost"], robots=False, concurrency=1)
        assert asked.of(site.url("/busy"))["text"] == "free again"
        assert asked.stats["yange/retry_after"] == 1
        times = {request.path: request.monotonic for request in reversed(site.requests)}
        again = [request.monotonic for request in site.requests if request.path == "/busy"][1]
    assert again - times["/busy"] >= 2
    for number in range(4):
        assert times[f"/a?{number}"] - times["/busy"] >= 2
        assert times[f"/b?{number}"] < again


def test_a_pause_may_be_asked_for_as_a_date_by_the_hosts_own_clock(pages):
    wrong_clock = {"Date": in_seconds(-86400), "Retry-After": in_seconds(-86400 + 2)}
    pages[None, "/busy"] = "free again"
    with LoopbackSite(Busy(pages, Answer(503, wrong_clock))) as site:
        asked = crawl(site.url("/busy"), robots=False)
        assert asked.of(site.url("/busy"))["status"] == 200
        first, second = site.requests
    assert second.monotonic - first.monotonic >= 2


NOON, LATER = "Sat, 01 Mar 2025 12:00:00 GMT", "Sat, 01 Mar 2025 12:01:30 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 7 "}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": LATER, "Date": NOON}, 90),
        ({"Retry-After": NOON, "Date": LATER}, 0),
        ({"Retry-After": NOON}, 0),
        ({"Retry-After": LATER, "Date": "yesterday"}, 0),
        ({"Retry-After": "Sat, 01 Mar 2025 12:01:30 -0000", "Date": NOON}, 90),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_the_pause_that_an_answer_asks_for(headers, seconds):
    response = scrapy.http.Response("http://www.example.gov/", status=503, headers=headers)
    assert retry_after(response) == seconds


def test_a_host_that_asks_for_more_than_a_run_can_wait_is_left_alone(pages):
    with LoopbackSite(Busy(pages, Answer(503, {"Retry-After": "3600"}))) as site:
        here = [site.url("/busy"), *(site.url(f"/a?{number}") for number in range(20))]
        there = site.url("/b", host="localhost")
        asked = crawl(*here, there, hosts=["127.0.0.1", "localhost"], robots=False, concurrency=1)
        assert asked.of(there)["status"] == 200
        for url in here:
            assert asked.of(url)["error"] == "AskedToWait"
            assert "3600 seconds" in asked.of(url)["reason"]
        assert [request.path for request in site.requests].count("/busy") == 1
        assert not any(request.path.startswith("/a") for request in site.requests)


def test_retries_come_to_an_end_and_the_last_answer_arrives(site, pages):
    pages[None, "/busy"] = Answer(503, body=b"down")
    asked = crawl(site.url("/busy"), robots=False, limits={"retries": 2})
    assert asked.of(site.url("/busy"))["status"] == 503
    assert paths(site) == ["/busy"] * 3


# Endings -----------------------------------------------------------------------------------------


def test_a_run_that_ends_does_not_wait_for_a_pause(site, pages):
    pages[None, "/busy"] = Answer(503, {"Retry-After": "100"})
    here = [site.url("/busy"), *(site.url(f"/a?{number}") for number in range(8))]
    there = site.url("/b", host="localhost")
    asked = crawl(
        *here, there, hosts=["127.0.0.1", "localhost"], robots=False, concurrency=1, stop_after=1
    )
    assert asked.reason == "enough"
    assert asked.order[0] == there
    assert {asked.of(url)["error"] for url in asked.order[1:]} <= {"RunEnding"}


def test_a_body_that_was_cut_off_is_asked_for_again_and_then_kept(site, pages):
    pages[None, "/cut"] = Answer(body=b"0123456789", then=Drop(4))
    asked = crawl(site.url("/cut"), robots=False, limits={"retries": 1})
    assert asked.of(site.url("/cut"))["flags"] == ["dataloss"]
    assert asked.of(site.url("/cut"))["text"] == "0123"
    assert paths(site) == ["/cut", "/cut"]

"""The replica portal, spoken to over HTTP as a crawler would."""

import csv
import http.client
import io
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from contextlib import closing
from urllib.parse import urljoin, urlsplit

import pytest
import yaml
from lxml import html

from archive.numbers import is_complete
from crawler.replica.replica import Replica, epoch_names
from crawler.replica.server import Answer, Drip, Drop, Hang, LoopbackSite, Pages


@pytest.fixture(scope="module")
def published():
    with Replica() as replica:
        yield replica


@pytest.fixture
def replica():
    with Replica() as running:
        yield running


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def get(url, method="GET", **headers):
    """Status, headers and body of one request, whatever the status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=named, method=method)
    try:
        response = _opener.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.headers, response.read()


def tree(url, encoding="utf-8"):
    return html.fromstring(get(url)[2], parser=html.HTMLParser(encoding=encoding))


def rows(page, url):
    """The addresses and whole titles of a list page's rows."""
    return [
        (urljoin(url, link.get("href")), link.get("title") or link.text_content())
        for link in page.cssselect("[opentype=page] a")
    ]


def next_page(page, url):
    """The address of the next page, from the pager of either design."""
    for link in page.xpath("//a[text()='下一页']"):
        address = link.get("tagname") or link.get("href")
        if not address.startswith("["):
            return urljoin(url, address)
    return None


def walk(column):
    """All list pages of a column, as lists of rows."""
    pages, url = [], column
    while url is not None:
        page = tree(url)
        pages.append(rows(page, url))
        url = next_page(page, url)
    return pages


def body_text(url, encoding="utf-8"):
    """The words of a page's body, without any white space."""
    body = tree(url, encoding).cssselect("#zoom, #UCAP-CONTENT, article")[0]
    return re.sub(r"\s", "", body.text_content())


def encoding_of(url):
    """The encoding that a page's own meta names."""
    head = get(url)[2][:1000]
    return "gb18030" if b"charset=gbk" in head or b'charset="gbk"' in head else "utf-8"


def test_the_portal_lists_everything_that_it_publishes(published):
    listed = {url for column in published.columns for page in walk(column) for url, _ in page}
    expected = {url for each in published.expected_documents() for url in each["urls"]}
    assert len(published.expected_documents()) >= 70
    assert len(published.columns) >= 6
    assert expected <= listed
    away = listed - expected
    assert [urlsplit(url).hostname for url in away] == ["gov.example.org"]


def test_lists_are_paginated_in_all_three_ways(published):
    def turns(column):
        return next_page(tree(column), column)

    addresses = [turns(column) or "" for column in published.columns]
    assert any(re.search(r"/[0-9a-f]{8}-2\.html$", address) for address in addresses)
    assert any(re.search(r"/\d+/index2\.html$", address) for address in addresses)
    assert any("/eportal/ui?currentPage=2&pageId=" in address for address in addresses)
    assert sum(len(walk(column)) >= 3 for column in published.columns) >= 3


def test_a_long_title_is_cut_in_the_list_and_whole_in_its_attribute(published):
    link = tree(published.columns[3]).cssselect("[opentype=page] a")[0]
    assert link.text.endswith("...")
    assert link.get("title").startswith(link.text.removesuffix("..."))


def test_list_dates_are_spelled_in_three_ways(published):
    spelled = {
        re.sub(r"\d", "9", each.text)
        for column in published.columns
        for each in tree(column).cssselect("[opentype=page] span")
    }
    assert spelled == {"9999-99-99", "9999/99/99", "9999年99月99日"}


def test_one_page_past_the_last_is_404(published):
    column = published.columns[0]
    last = len(walk(column))
    second = next_page(tree(column), column)
    assert get(second.replace("-2.html", f"-{last}.html"))[0] == 200
    assert get(second.replace("-2.html", f"-{last + 1}.html"))[0] == 404
    dynamic = next_page(tree(published.columns[4]), published.columns[4])
    assert get(dynamic.replace("currentPage=2", "currentPage=99"))[0] == 404


def test_an_unknown_query_parameter_is_answered_with_page_one(published):
    column = published.columns[0]
    assert get(column + "?page=2")[2] == get(column)[2]
    first = next_page(tree(published.columns[4]), published.columns[4])
    assert get(first.replace("currentPage=2&", ""))[2] == get(published.columns[4])[2]


def test_every_document_page_states_what_the_document_states(published):
    for document in published.expected_documents():
        for url in document["urls"]:
            page = tree(url, encoding_of(url))
            assert page.cssselect(".easysite-news-title h2")[0].text == document["title"]
            shown = page.text_content()
            for name in ("index_number", "document_number", "issuing_agency", "validity_label"):
                assert (document[name] or "") in shown
            text = body_text(url, encoding_of(url))
            files = document["attachments"]
            for line in document["text"].split("\n"):
                cells = [cell for cell in line.split("\t") if cell not in files]
                assert all(re.sub(r"\s", "", cell) in text for cell in cells)


def test_numbers_are_complete_incomplete_and_foreign(published):
    numbers = [each["index_number"] for each in published.expected_documents()]
    assert sum(number is not None and is_complete(number) for number in numbers) > 40
    assert any(number is not None and number.startswith("/") for number in numbers)
    assert any(number is not None and "/" not in number for number in numbers)
    assert None in numbers


def test_the_two_hosts_are_told_apart_by_name(published):
    city, agency = get(published.city + "/")[2], get(published.agency + "/")[2]
    assert "砚湖市人民政府" in city.decode()
    assert "砚湖市农牧局" in agency.decode()
    path = urlsplit(published.columns[0]).path
    assert get(published.agency + path)[0] == 404


def test_one_page_is_gbk_although_its_header_says_otherwise(published):
    wrong = []
    for document in published.expected_documents():
        _, headers, body = get(document["urls"][0])
        try:
            body.decode(headers.get_content_charset())
        except UnicodeDecodeError:
            wrong.append(document)
            assert document["title"] in body.decode("gbk")
    assert len(wrong) == 1


def test_attachments_are_real_files(published):
    kinds = set()
    for document in published.expected_documents():
        url = document["urls"][0]
        page = tree(url, encoding_of(url))
        for element in page.cssselect("#zoom a[href], #zoom img[src]"):
            address = urljoin(url, element.get("href") or element.get("src"))
            status, headers, body = get(address)
            assert status == 200
            kinds.add(headers.get_content_type())
            match headers.get_content_type():
                case "application/pdf":
                    assert body.startswith(b"%PDF-")
                    assert body.endswith(b"%%EOF\n")
                case "application/zip":
                    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
                case "text/csv":
                    table = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
                    assert len({len(row) for row in table}) == 1
                case "image/png":
                    assert body.startswith(b"\x89PNG")
    assert kinds == {"application/pdf", "application/zip", "text/csv", "text/plain", "image/png"}


def test_validators_are_honest(replica):
    url = replica.expected_documents()[0]["urls"][0]
    _, headers, body = get(url)
    assert get(url, If_None_Match=headers["ETag"])[::2] == (304, b"")
    assert get(url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200
    replica.move_to("quiet")
    _, later, moved = get(url, If_None_Match=headers["ETag"])
    assert moved != body
    assert later["ETag"] != headers["ETag"]
    assert get(url, If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_head_has_the_length_and_no_body(published):
    status, headers, body = get(published.columns[0], method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(get(published.columns[0])[2])


def test_robots_forbids_the_back_rooms(published):
    status, headers, body = get(published.city + "/robots.txt")
    assert (status, headers.get_content_type()) == (200, "text/plain")
    assert b"Disallow: /eportal/admin" in body


def test_a_quiet_day_moves_every_page_and_no_document(replica):
    urls = [url for each in replica.expected_documents() for url in each["urls"]]
    before = {url: (get(url)[2], body_text(url, encoding_of(url))) for url in urls}
    replica.move_to("quiet")
    assert replica.expected_changes("quiet") == []
    for url, (page, text) in before.items():
        assert get(url)[2] != page
        assert body_text(url, encoding_of(url)) == text


def test_the_redesign_changes_every_page_and_no_document(replica):
    replica.move_to("amended")
    documents = replica.expected_documents("amended")
    before = {
        url: (get(url)[2], body_text(url, encoding_of(url)))
        for each in documents
        for url in each["urls"]
    }
    lists = {
        column: [url for page in walk(column) for url, _ in page] for column in replica.columns
    }
    replica.move_to("redesigned")
    for url, (page, text) in before.items():
        assert get(url)[2] != page
        assert body_text(url, encoding_of(url)) == text
    for column, urls in lists.items():
        assert [url for page in walk(column) for url, _ in page] == urls
    assert [each["kind"] for each in replica.expected_changes("redesigned")] == ["withdrawn"]


def test_the_amendments_show_on_the_pages_as_they_are_told(replica):
    def seen(change):
        url = urljoin(
            replica.agency if "nongmuj" in change["url_path"] else replica.city,
            change["url_path"],
        )
        return re.sub(r"\s", "", tree(url, encoding_of(url)).text_content())

    told = replica.expected_changes("amended")
    shown = [
        each for each in told if each["kind"] in {"content", "metadata", "validity", "renumbered"}
    ]
    for change in shown:
        if change["before"] is not None:
            assert re.sub(r"\s", "", change["before"]) in seen(change)
    replica.move_to("amended")
    for change in shown:
        if change["after"] is not None:
            assert re.sub(r"\s", "", change["after"]) in seen(change)
    assert {each["kind"] for each in told} == {
        "attachment", "collision", "content", "created", "metadata", "relocated", "renumbered",
        "validity",
    }  # fmt: skip


def test_a_moved_document_redirects_and_a_removed_one_is_gone(replica):
    replica.move_to("amended")
    before = {each["title"]: each["urls"] for each in replica.expected_documents()}
    after = {each["title"]: each["urls"] for each in replica.expected_documents("amended")}
    moved = [title for title in before if title in after and before[title][0] != after[title][0]]
    assert len(moved) == 1
    status, headers, _ = get(before[moved[0]][0])
    assert status == 301
    assert urljoin(before[moved[0]][0], headers["Location"]) == after[moved[0]][0]
    gone = [urls for title, urls in before.items() if get(urls[0])[0] == 404]
    assert len(gone) == 1


def test_what_is_told_of_the_beginning_is_every_document_once(published):
    told = published.expected_changes("published")
    created = [each for each in told if each["kind"] == "created"]
    documents = published.expected_documents()
    assert len(created) == len(documents)
    further = [url for each in documents for url in each["urls"][1:]]
    assert [each["after"] for each in told if each["kind"] == "relocated"] == further
    assert len(further) >= 2


def test_titles_and_numbers_are_distinct_until_the_collision(published):
    for epoch in ("published", "quiet"):
        documents = published.expected_documents(epoch)
        numbers = [each["index_number"] for each in documents if each["index_number"]]
        assert len(set(numbers)) == len(numbers)
        assert len({each["title"] for each in documents}) == len(documents)
        assert len({each["text"] for each in documents}) == len(documents)


def test_a_fault_lasts_until_it_is_healed(replica):
    url = replica.columns[0]
    replica.fault(urlsplit(url).path, Answer.html("<p>系统维护</p>", status=503))
    assert get(url)[0] == 503
    replica.heal()
    assert get(url)[0] == 200


def test_requests_are_kept_in_order(replica):
    get(replica.city + "/robots.txt", User_Agent="watcher/1")
    get(replica.agency + "/search?q=1")
    first, second = replica.site.requests
    assert (first.host, first.path) == (f"127.0.0.1:{replica.port}", "/robots.txt")
    assert first.headers["user-agent"] == "watcher/1"
    assert (second.hostname, second.path) == ("localhost", "/search?q=1")
    assert first.monotonic <= second.monotonic
    replica.site.clear_requests()
    assert replica.site.requests == []


def test_the_configuration_names_every_column(published, tmp_path):
    text = published.configuration(tmp_path / "a.db", timetable={"sweep": "every 1d"})
    settings = yaml.safe_load(text)
    portal = settings["portals"]["replica"]
    assert [column["url"] for column in portal["columns"]] == published.columns
    assert portal["hosts"] == [f"127.0.0.1:{published.port}", f"localhost:{published.port}"]
    assert portal["timetable"] == {"sweep": "every 1d"}


def test_an_epoch_that_there_is_not_is_named(published):
    with pytest.raises(ValueError, match="no epoch 'tomorrow'; there are published, quiet"):
        published.move_to("tomorrow")
    assert epoch_names() == ["published", "quiet", "amended", "redesigned"]


def test_it_can_be_served_for_a_person_to_look_at():
    command = [sys.executable, "-m", "crawler.replica", "--epoch", "redesigned"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        city = process.stdout.readline().split()[1]
        assert get(city)[0] == 200
        process.terminate()
        assert process.wait() == 0


# -- the loopback site itself ------------------------------------------------------------------


def test_pages_are_found_by_host_path_and_query():
    pages = Pages(
        {
            (None, "/a.html"): "甲",
            ("localhost", "/a.html"): "乙",
            (None, "/a.html?page=2"): "丙",
            (None, "/b.pdf"): b"%PDF-",
        }
    )
    with LoopbackSite(pages) as site:
        assert get(site.url("/a.html"))[2].decode() == "甲"
        assert get(site.url("/a.html", "localhost"))[2].decode() == "乙"
        assert get(site.url("/a.html?page=2"))[2].decode() == "丙"
        assert get(site.url("/b.pdf"))[1]["Content-Type"] == "application/pdf"
        assert get(site.url("/c.html"))[0] == 404
        pages[None, "/c.html"] = Answer.redirect("/a.html", status=302)
        assert get(site.url("/c.html"))[0] == 302


def test_a_connection_is_kept_for_several_requests():
    with (
        LoopbackSite(Pages({(None, "/a.html"): "甲"})) as site,
        closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as connection,
    ):
        for _ in range(3):
            connection.request("GET", "/a.html")
            assert connection.getresponse().read().decode() == "甲"
            assert connection.sock is not None


def test_a_connection_dropped_within_the_body():
    pages = Pages({(None, "/a.html"): Answer(body=b"x" * 100, then=Drop(10))})
    with LoopbackSite(pages) as site, pytest.raises(http.client.IncompleteRead) as caught:
        get(site.url("/a.html"))
    assert caught.value.partial == b"x" * 10


def test_a_connection_dropped_before_the_status_line():
    pages = Pages({(None, "/a.html"): Answer(then=Drop())})
    with LoopbackSite(pages) as site, pytest.raises(http.client.RemoteDisconnected):
        get(site.url("/a.html"))


def test_a_wrong_content_length_ends_the_connection():
    pages = Pages({(None, "/a.html"): Answer(headers={"Content-Length": "50"}, body=b"short")})
    with LoopbackSite(pages) as site, pytest.raises(http.client.IncompleteRead):
        get(site.url("/a.html"))


def test_a_slow_body_arrives_whole():
    pages = Pages({(None, "/a.html"): Answer(body=b"0123456789", then=Drip(3, 0.001))})
    with LoopbackSite(pages) as site:
        assert get(site.url("/a.html"))[2] == b"0123456789"


def test_a_hanging_answer_comes_when_released():
    released = threading.Event()
    pages = Pages({(None, "/a.html"): Answer(body=b"late", then=Hang(released))})
    got = []
    with LoopbackSite(pages) as site:
        client = threading.Thread(target=lambda: got.append(get(site.url("/a.html"))[2]))
        client.start()
        while not site.requests:
            pass
        assert got == []
        released.set()
        client.join()
    assert got == [b"late"]


def test_a_site_closes_although_an_answer_hangs():
    pages = Pages({(None, "/a.html"): Answer(then=Hang(threading.Event()))})
    site = LoopbackSite(pages)
    site.start()
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as connection:
        connection.request("GET", "/a.html")
        while not site.requests:
            pass
        site.close()

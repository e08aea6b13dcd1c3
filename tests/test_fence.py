"""The fence: spellings, ports, wildcards and addresses."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.fence import Fence, HostEntry, Origin, origin_of
from crawler.settings import PortalSettings

PORTAL = ["www.example.gov", "*.example.gov"]


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.gov/",
        "https://www.example.gov/index.html",
        "HTTP://WWW.Example.GOV/",
        "http://www.example.gov./",
        "http://www.example.gov:80/",
        "http://www.example.gov:443/",
        "http://nmj.example.gov/",
        "http://a.b.example.gov/",
    ],
)
def test_the_portals_own_hosts_are_inside(url):
    assert Fence(PORTAL).allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.gov/",  # *.example.gov means its subdomains
        "http://www.example.gov.evil.test/",
        "http://evilexample.gov/",
        "http://www.example.gov@evil.test/",
        "http://www.example.gov:80@evil.test/",
        "http://evil.test@www.example.gov/",
        "http://evil.test\\@www.example.gov/",
        "http://www.example.gov\\.evil.test/",
        "http://www.example.gov:8080/",
        "http://www.example.gov:0/",
        "http://www.example.gov:99999/",
        "http://www.example.gov:８０/",
        "http://www.example.gov../",
        "http://.example.gov/",
        "http://%77ww.example.gov/",
        "http://www.example.gov evil.test/",
        "ftp://www.example.gov/",
        "file:///etc/passwd",
        "javascript:void(0)",
        "//www.example.gov/",
        "/wuhai/index.html",
        "http:///index.html",
        "http://",
        "",
        "http://[www.example.gov]/",
        "http://[::1/",
    ],
)
def test_everything_else_is_outside_and_the_reason_is_in_words(url):
    assert Fence(PORTAL).refusal(url)


LOOPBACK_SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://0/",
    "http://0.0.0.0/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://a.localhost/",
]


@pytest.mark.parametrize("url", LOOPBACK_SPELLINGS)
def test_this_machine_is_outside_under_every_name(url):
    assert not Fence([*PORTAL, "192.0.2.7"]).allows(url)


@pytest.mark.parametrize(
    ("hosts", "url", "inside"),
    [
        (["127.0.0.1"], "http://127.0.0.1/", True),
        (["127.0.0.1"], "http://127.0.0.1./", True),
        (["127.0.0.1"], "http://[::ffff:127.0.0.1]/", True),
        (["127.0.0.1"], "http://127.0.0.2/", False),
        (["127.0.0.1"], "http://localhost/", False),
        (["localhost"], "http://localhost/", True),
        (["localhost"], "http://LOCALHOST./", True),
        (["localhost"], "http://127.0.0.1/", False),
        (["localhost"], "http://a.localhost/", False),
        (["*.localhost"], "http://a.localhost/", True),
        (["[::1]"], "http://[::1]/", True),
        (["::1"], "http://[0::1]/", True),
        (["[::1]:8080"], "http://[::1]:8080/", True),
        (["[::1]:8080"], "http://[::1]/", False),
        (["政务.example"], "http://xn--zfr164b.example/", True),
        (["xn--zfr164b.example"], "http://政务.example/", True),
        (["WWW.Example.gov."], "http://www.example.gov/", True),
    ],
)
def test_an_address_is_inside_where_it_is_named(hosts, url, inside):
    assert Fence(hosts).allows(url) is inside


def test_ports_are_the_entrys_own_or_the_usual_ones_and_those_of_the_columns():
    fence = Fence(
        ["www.example.gov", "old.example.gov:8081"], ["http://www.example.gov:8000/a/index.html"]
    )
    assert fence.allows("http://www.example.gov/")
    assert fence.allows("https://www.example.gov/")
    assert fence.allows("http://www.example.gov:8000/")
    assert not fence.allows("http://www.example.gov:8081/")
    assert fence.allows("http://old.example.gov:8081/")
    assert not fence.allows("http://old.example.gov/")
    assert not fence.allows("http://old.example.gov:8000/")


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.",
        "*.127.0.0.1",
        "*.*.example.gov",
        "www.*.gov",
        "http://www.example.gov",
        "www.example.gov/path",
        "user@www.example.gov",
        "www.example.gov:port",
        "www.example.gov:0",
        "127.1",
        "0x7f.1",
        "[::1",
        "a b",
    ],
)
def test_an_entry_that_is_no_host_is_refused_by_name(entry):
    with pytest.raises(ValueError, match=r"is not a host|never before"):
        HostEntry.parse(entry)


# What a name may lead to -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "10.0.0.5",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.5",
        "64:ff9b::a00:5",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_a_name_leads_to_no_address_that_is_not_public(address):
    reason = Fence(PORTAL).refusal_of_address("www.example.gov", address, 80)
    assert reason
    assert "www.example.gov" in reason


@pytest.mark.parametrize("address", ["1.2.3.4", "119.29.29.29", "2400:3200::1", "::ffff:1.2.3.4"])
def test_a_public_address_may_stand_behind_any_name(address):
    assert Fence(PORTAL).refusal_of_address("www.example.gov", address, 80) is None


def test_a_private_address_may_stand_behind_a_name_where_hosts_names_it_with_its_port():
    fence = Fence(["www.example.gov", "10.0.0.5:8080", "10.0.0.6"])
    assert fence.refusal_of_address("www.example.gov", "10.0.0.5", 8080) is None
    assert fence.refusal_of_address("www.example.gov", "10.0.0.5", 80)
    assert fence.refusal_of_address("www.example.gov", "10.0.0.6", 80) is None
    assert fence.refusal_of_address("www.example.gov", "10.0.0.7", 80)


def test_localhost_in_hosts_names_loopback_and_nothing_else():
    fence = Fence(["localhost:8080", "www.example.gov"])
    assert fence.refusal_of_address("localhost", "127.0.0.1", 8080) is None
    assert fence.refusal_of_address("localhost", "::1", 8080) is None
    assert fence.refusal_of_address("localhost", "10.0.0.5", 8080)
    assert fence.refusal_of_address("www.example.gov", "127.0.0.1", 8080)


# Whatever there is to find -----------------------------------------------------------------------


@given(st.text())
@example("http://[v1.x]/")
@example("http://\ud800/")
def test_no_text_whatever_makes_the_fence_fail(text):
    for url in (text, f"http://{text}/", f"http://www.example.gov{text}", f"http://{text}:80/x"):
        Fence(PORTAL).refusal(url)


@given(st.ip_addresses())
def test_no_address_is_ever_matched_by_a_wildcard(address):
    spelt = f"[{address}]" if address.version == 6 else str(address)
    assert not Fence(["*.gov", "www.example.gov"]).allows(f"http://{spelt}/")


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_judged_as_the_address_or_refused(address):
    number = int(address)
    octets = str(address).split(".")
    for spelling in (
        str(number),
        hex(number),
        f"{octets[0]}.{number & 0xFFFFFF}",
        ".".join(hex(int(octet)) for octet in octets),
        ".".join(f"0{int(octet):o}" for octet in octets),
    ):
        assert not Fence(PORTAL).allows(f"http://{spelling}/")
    mapped = f"http://[::ffff:{address}]/"
    assert origin_of(mapped) == Origin(str(address), 80)


@given(st.ip_addresses())
def test_only_global_unicast_addresses_need_no_naming(address):
    if Fence(PORTAL).refusal_of_address("www.example.gov", str(address), 80) is None:
        target = getattr(address, "ipv4_mapped", None) or ipaddress.ip_address(str(address))
        assert target.is_global
        assert not target.is_multicast


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(st.lists(labels, min_size=1, max_size=4).map(".".join))
def test_a_host_ends_in_the_wildcards_name_or_is_outside(prefix):
    fence = Fence(["*.example.gov"])
    assert fence.allows(f"http://{prefix}.example.gov/")
    assert not fence.allows(f"http://{prefix}example.gov.test/")
    assert not fence.allows(f"http://example.gov.{prefix}.test/")


# The portal's settings ---------------------------------------------------------------------------


def portal(**settings):
    return PortalSettings.model_validate(
        {
            "name": "示例市人民政府",
            "hosts": PORTAL,
            "columns": ["http://www.example.gov:8000/zwgk/index.html"],
            **settings,
        }
    )


def test_a_portals_fence_is_made_of_its_hosts_and_its_columns_ports():
    assert portal().fence.allows("http://nmj.example.gov:8000/")
    assert not portal().fence.allows("http://nmj.example.gov:8001/")


@pytest.mark.parametrize(
    ("settings", "where", "sentence"),
    [
        ({"hosts": []}, ("hosts",), "at least one"),
        ({"hosts": ["http://www.example.gov"]}, ("hosts", 0), "give the name alone"),
        ({"columns": ["http://elsewhere.test/"]}, ("columns",), "none of the portal's hosts"),
        ({"columns": ["ftp://www.example.gov/"]}, ("columns",), "not an http or https address"),
        ({"politeness": {"window": "8-9"}}, ("politeness", "window"), "HH:MM-HH:MM"),
        ({"labels": {"titel": "标题"}}, ("labels", "titel", "[key]"), "fields are title"),
        ({"body": "div["}, ("body", 0), "not a CSS selector"),
        ({"bodi": "#zoom"}, ("bodi",), "not permitted"),
    ],
)
def test_a_wrong_setting_is_refused_once_where_it_stands(settings, where, sentence):
    with pytest.raises(ValidationError) as refused:
        portal(**settings)
    [error] = refused.value.errors()
    assert error["loc"] == where
    assert sentence in error["msg"]


def test_one_text_may_stand_for_a_list_of_one():
    settings = portal(
        labels={"title": "名称", "issuing_agency": ["机关", "部门"]},
        body="#text",
        columns=[{"url": "http://www.example.gov/", "name": "公告"}, "http://a.example.gov/"],
    )
    assert settings.labels == {"title": ("名称",), "issuing_agency": ("机关", "部门")}
    assert settings.body == ("#text",)
    assert [column.name for column in settings.columns] == ["公告", None]

"""Which addresses may be asked: spellings, ports, special networks, exact exceptions."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Access
from footnoted.errors import UsageError
from footnoted.ingest.fetching.addresses import AddressRules, Target, Unanswered, shown

RULES = AddressRules()


def refused(url: str, rules: AddressRules = RULES) -> Unanswered:
    with pytest.raises(Unanswered) as caught:
        rules.check_url(url)
    return caught.value


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org/a?b=c#d", Target("https://example.org/a?b=c", "example.org", 443)),
        ("  HTTP://EXAMPLE.org ", Target("http://example.org", "example.org", 80)),
        ("http://example.org:443/", Target("http://example.org:443/", "example.org", 443)),
        ("https://example.org:/x", Target("https://example.org/x", "example.org", 443)),
        (
            "https://Bücher.example/ä b",
            Target("https://xn--bcher-kva.example/%C3%A4%20b", "xn--bcher-kva.example", 443),
        ),
        ("http://خبر.example/", Target("http://xn--ngblk.example/", "xn--ngblk.example", 80)),
        ("http://a_b.example./", Target("http://a_b.example/", "a_b.example", 80)),
        (
            "http://[2606:4700:0:0::1111]/",
            Target("http://[2606:4700::1111]/", "2606:4700::1111", 80),
        ),
        ("http://１.１。１．１/", Target("http://1.1.1.1/", "1.1.1.1", 80)),
    ],
)
def test_web_addresses_are_normalised(url: str, target: Target) -> None:
    assert RULES.check_url(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "javascript://example.org/%0aalert(1)",
        "gopher://127.0.0.1:6379/_x",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://example.org:22/",
        "http://example.org:8080/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0X7F.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://127.0.0.0x1/",
        "http://１２７.０.０.１/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://127.0.0.1\u00ad/",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
    ],
)
def test_unsafe_addresses(url: str) -> None:
    assert refused(url).access is Access.UNSAFE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.example.org/page",
        "//example.org/page",
        "http:example.org",
        "http:///page",
        "http://",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:８０/",
        "http://ex：80.org/",
        "http://a／b.org/",
        "http://[::1/",
        "http://[nonsense]/",
        "http://a..b/",
        f"http://{'a' * 64}.org/",
        f"http://{'a.' * 127}org/",
        "http://example.org/\n",
        "http://example.org/\x1b[2J",
        "http://example.org/\ud800",
        f"http://example.org/{'a' * 70_000}",
        f"http://{'ä' * 70_000}.example/",
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    assert refused(url).access is Access.URL_UNKNOWN


@pytest.mark.parametrize(
    "number",
    [
        *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1"),
        *("127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
        *("192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.1"),
        *("198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:10.0.0.1"),
        *("::ffff:8.8.8.8", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::808:808"),
        *("64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1", "2001:2::1", "2001:10::1"),
        *("2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1"),
        *("3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1"),
        *("fec0::1", "ff02::1", "1::1", "e000::1", "fe80::1%lo"),
    ],
)
def test_special_numbers_are_refused_behind_any_name(number: str) -> None:
    with pytest.raises(Unanswered) as caught:
        RULES.check_address(number, "harmless.example", 443)
    assert caught.value.access is Access.UNSAFE
    assert f"harmless.example leads to {number}; " in caught.value.why
    assert "FOOTNOTED_FETCH_ALLOW" in caught.value.why


@pytest.mark.parametrize(
    "number",
    ["1.1.1.1", "93.184.216.34", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"],
)
def test_public_numbers_pass(number: str) -> None:
    RULES.check_address(number, "example.org", 443)
    with pytest.raises(Unanswered, match="port 8080"):
        RULES.check_address(number, "example.org", 8080)


@given(st.ip_addresses())
def test_nothing_passes_that_python_calls_special(number: IPv4Address | IPv6Address) -> None:
    try:
        RULES.check_address(str(number), "a.example", 80)
    except Unanswered:
        return
    assert number.is_global
    assert not number.is_multicast
    assert number.version == 4 or int(number) >> 125 == 1


def test_exceptions_hold_for_exactly_what_they_name() -> None:
    rules = AddressRules.parse("127.0.0.1:8081, 10.0.0.0/8:443,[::1]:80,Wiki.Intranet:8080")

    for address, host, port in [
        ("127.0.0.1", "127.0.0.1", 8081),
        ("127.0.0.1", "local.example", 8081),
        ("10.9.8.7", "wiki.example", 443),
        ("::1", "::1", 80),
        ("192.168.1.1", "wiki.intranet", 8080),
        ("1.1.1.1", "one.example", 80),
    ]:
        rules.check_address(address, host, port)
    for address, host, port in [
        ("127.0.0.1", "127.0.0.1", 80),
        ("127.0.0.1", "127.0.0.1", 8080),
        ("127.0.0.2", "127.0.0.2", 8081),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", 8081),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1", 443),
        ("10.9.8.7", "wiki.example", 80),
        ("11.0.0.1", "eleven.example", 8081),
        ("::1", "::1", 443),
        ("192.168.1.1", "wiki.intranet", 80),
        ("192.168.1.1", "other.intranet", 8080),
        ("1.1.1.1", "one.example", 8080),
    ]:
        with pytest.raises(Unanswered):
            rules.check_address(address, host, port)

    assert rules.check_url("http://127.0.0.1:8081/").port == 8081
    assert rules.check_url("http://wiki.intranet:8080/").host == "wiki.intranet"
    assert refused("http://127.0.0.2:8081/", rules).access is Access.UNSAFE
    assert refused("http://127.1:8081/", rules).access is Access.UNSAFE
    assert refused("http://u@127.0.0.1:8081/", rules).access is Access.UNSAFE
    assert refused("http://other.example:9999/", rules).access is Access.UNSAFE


def test_an_exception_for_a_translator_does_not_reach_behind_it() -> None:
    rules = AddressRules.parse("64:ff9b::/96:443")
    rules.check_address("64:ff9b::808:808", "example.org", 443)
    with pytest.raises(Unanswered, match=r"127\.0\.0\.1 is this computer itself"):
        rules.check_address("64:ff9b::7f00:1", "example.org", 443)


@pytest.mark.parametrize("allow", ["", "  ", ",", " , "])
def test_an_empty_list_allows_nothing(allow: str) -> None:
    assert AddressRules.parse(allow) == AddressRules()


@pytest.mark.parametrize(
    "allow",
    [
        *("127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http"),
        *("::1:80", "[::1]", "[::1:80", "10.0.0.1/8:443", "10.0.0.0/33:443", "127.1:80", "*:80"),
        *("http://127.0.0.1:80", "a b:80", "name/8:80", "0x7f000001:80", "1.1.1.1:80;2.2.2.2:80"),
    ],
)
def test_nonsense_in_the_list_is_a_usage_error(allow: str) -> None:
    with pytest.raises(UsageError) as caught:
        AddressRules.parse(f"127.0.0.1:8081,{allow}")
    assert caught.value.about == allow
    assert "10.0.0.0/8:443" in (caught.value.hint or "")


@given(st.text(max_size=40), st.sampled_from(["", "/", "/a?b", "#c"]))
def test_what_is_accepted_is_read_alike_by_the_client(host: str, rest: str) -> None:
    try:
        target = RULES.check_url(f"http://{host}{rest}")
    except Unanswered:
        return
    read = httpx2.URL(target.url)
    assert read.raw_host.decode() == target.host
    assert (read.port or 80) == target.port
    assert not read.userinfo
    assert RULES.check_url(target.url) == target
    if target.host.replace(".", "").isdigit():
        assert ip_address(target.host).is_global


def test_an_address_is_shown_without_secrets_and_control_characters() -> None:
    assert shown("http://me:secret@example.org/a@b") == "http://example.org/a@b"
    assert shown("http://example.org/\x1b[2J\u202e") == "http://example.org/\ufffd[2J\ufffd"
    assert len(shown("http://example.org/" + "a" * 999)) == 300

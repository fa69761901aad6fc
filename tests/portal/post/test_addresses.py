"""No webhook leads into our own network, by whatever spelling."""

import socket
from ipaddress import ip_address

import pytest

from portal.post import addresses
from portal.post.addresses import NotAllowed, NotFound, Target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.org/a?b=1&c=2", Target("hooks.example.org", 443, "/a?b=1&c=2")),
        ("https://hooks.example.org", Target("hooks.example.org", 443, "/")),
        ("HTTPS://Hooks.Example.org:8443/x", Target("hooks.example.org", 8443, "/x")),
        ("https://bücher.example/", Target("xn--bcher-kva.example", 443, "/")),
        ("https://[2606:4700::1111]/", Target("2606:4700::1111", 443, "/")),
    ],
)
def test_an_address_is_taken_apart(url, target):
    assert addresses.parsed(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "//hooks.example.org/",
        "http://hooks.example.org/",
        "file:///etc/passwd",
        "gopher://hooks.example.org/",
        "https://",
        "https:///path",
        "https://name@hooks.example.org/",
        "https://name:secret@hooks.example.org/",
        "https://:@hooks.example.org/",
        "https://public.example\\@127.0.0.1/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org:22/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:x/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nHost: x",
        "https://hooks.example.org\t/",
        " https://hooks.example.org/",
        "https://hooks.example.org/\0",
        "https://[::1",
        "https://hooks.example.org/ü",
        "https://" + "a" * 500 + ".example/",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused_before_anybody_is_asked(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: pytest.fail("asked"))
    with pytest.raises(NotAllowed):
        addresses.parsed(url)


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - an address to be refused, which nothing listens on
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "2002:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_numbers_that_are_not_public(number):
    assert not addresses.is_public(ip_address(number))


@pytest.mark.parametrize("number", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"])
def test_numbers_that_are_public(number):
    assert addresses.is_public(ip_address(number))


@pytest.fixture
def names(monkeypatch):
    """What names lead to; how often they were asked for is kept."""

    def names(*numbers):
        asked = []

        def look_up(host, port, **_how):
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in numbers]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return names


def test_a_name_is_looked_up_once(names):
    asked = names("93.184.216.34", "93.184.216.35")
    assert addresses.resolved(Target("a.example", 443, "/")) == "93.184.216.34"
    assert asked == ["a.example"]


@pytest.mark.parametrize(
    "numbers", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["fe80::1%eth0"], ["127.0.0.1"]]
)
def test_a_name_that_leads_inside_by_any_of_its_numbers_is_refused(names, numbers):
    names(*numbers)
    with pytest.raises(NotAllowed):
        addresses.resolved(Target("a.example", 443, "/"))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"])
def test_other_spellings_of_this_machine_are_refused(host):
    with pytest.raises((NotAllowed, NotFound)):
        addresses.resolved(addresses.parsed(f"https://{host}/"))


def test_this_machine_is_allowed_by_a_setting_and_nothing_else_inside(names, settings):
    settings.WEBHOOK_LOOPBACK = True
    names("127.0.0.1")
    assert addresses.resolved(Target("a.example", 443, "/")) == "127.0.0.1"
    names("10.0.0.1")
    with pytest.raises(NotAllowed):
        addresses.resolved(Target("a.example", 443, "/"))


def test_a_name_that_leads_nowhere_may_later(monkeypatch):
    def nowhere(*_given, **_how):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(NotFound):
        addresses.resolved(Target("a.example", 443, "/"))

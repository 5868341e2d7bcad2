"""Lines of a phone's console log, in the forms in which people have them."""

from __future__ import annotations

import textwrap

import pytest
from capf_dissectors.phone_log import Entry, Kind, Stamp, read_entries, read_message
from hypothesis import given
from hypothesis import strategies as st

HEAD = "0478 INF Mar 12 15:07:53.695263 "
AT = Stamp(None, 3, 12, 54_473_695_263_000)


def entries(text: str) -> list[Entry]:
    return read_entries(text.encode().splitlines(keepends=True), 1000).entries


def one(text: str) -> Entry:
    (entry,) = entries(text)
    return entry


@pytest.mark.parametrize(
    ("text", "kind", "name", "type_", "value"),
    [
        ("query[AAAA] PUB.lab.example from 127.0.0.1", Kind.QUERY, "pub.lab.example", "AAAA", ""),
        ("forwarded a.example to 192.0.2.53", Kind.FORWARDED, "a.example", "", "192.0.2.53"),
        ("forwarded a.example to 2001:db8::53#53", Kind.FORWARDED, "a.example", "", "2001:db8::53"),
        ("reply a.example is NXDOMAIN-IPv4", Kind.REPLY, "a.example", "A", "NXDOMAIN"),
        ("reply a.example is NXDOMAIN", Kind.REPLY, "a.example", "", "NXDOMAIN"),
        ("cached a.example is NODATA-IPv6", Kind.CACHED, "a.example", "AAAA", "NODATA"),
        ("reply a.example is 192.0.2.10", Kind.REPLY, "a.example", "A", "192.0.2.10"),
        ("config a.example is 2001:db8::1", Kind.CACHED, "a.example", "AAAA", "2001:db8::1"),
        ("reply error is SERVFAIL", Kind.REPLY, "error", "", "SERVFAIL"),
        ("reply a.example is NXDOMA", Kind.REPLY, "a.example", "", "NXDOMAIN"),
    ],
)
def test_what_the_resolver_says(text: str, kind: Kind, name: str, type_: str, value: str) -> None:
    entry = one(f"{HEAD}dnsmasq[12864]: {text}\n")
    assert (entry.line, entry.stamp) == (1, AT)
    said = entry.message
    assert (said.kind, said.name, said.type, said.value) == (kind, name, type_, value)


@pytest.mark.parametrize(
    "text",
    [
        "reply a.example is",
        "reply a.example is 300.1.2.3",
        "reply a.example is NX",
        "forwarded a to b",
    ],
)
def test_what_is_cut_short_or_no_result_says_nothing(text: str) -> None:
    assert read_message(text) is None


def test_what_the_security_application_says() -> None:
    started = one(
        f"{HEAD}(322:17812) SECUREAPP-RCAPF_START_MODE: Start CAPF - mode:[1]([NULL_STR]\n"
    )
    assert (started.message.kind, started.message.number) == (Kind.CAPF_START, 1)
    assert "NULL_STR" in started.message.text
    failed = one(f"{HEAD}(322:17812) SECUREAPP-SEC_CAPF_OP_F: CAPF operation failed, ret -7\n")
    assert (failed.message.kind, failed.message.number) == (Kind.CAPF_FAILED, -7)
    lost = one(f"{HEAD}(322:17812) SECUREAPP-Sec create BIO - invalid parameter.\n")
    assert lost.message.kind is Kind.CAPF_NO_CONNECTION
    tvs = one(f"{HEAD}(12905:13036) JAVA-configmgr MQThread|cip.sec.TvsProperty:? - Failed to\n")
    assert (tvs.message.kind, tvs.message.text) == (Kind.TVS, "TvsProperty: Failed to")


@pytest.mark.parametrize(
    "line",
    [
        "{head}dnsmasq[1]: reply a.example is 192.0.2.10",
        "INF Mar 12 15:07:53.695263 dnsmasq[1]: reply a.example is 192.0.2.10",
        "Mar 12 15:07:53.695263 INF dnsmasq[1]: reply a.example is 192.0.2.10",
        "Mar 12 15:07:53.695263 dnsmasq[1]: reply a.example is 192.0.2.10",
        "<134>Mar 12 15:07:55 10.1.2.3 {head}dnsmasq[1]: reply a.example is 192.0.2.10",
        "<14>1 2026-03-12T15:07:55Z SEP0 - - {head}dnsmasq[1]: reply a.example is 192.0.2.10",
        "Mar 12 15:07:55 logs SEP001122334455: {head}dnsmasq[1]: reply a.example is 192.0.2.10",
        "\ufeff  {head}dnsmasq[1]:   reply a.example is 192.0.2.10\r",
    ],
)
def test_fields_in_other_orders_and_behind_a_syslog_server_s(line: str) -> None:
    entry = one(line.format(head=HEAD) + "\n")
    assert entry.stamp == AT
    assert entry.message.value == "192.0.2.10"


def test_a_year_that_a_line_has_is_taken() -> None:
    assert one("Mar 12 2026 15:07:53 dnsmasq[1]: reply a.b is 192.0.2.1\n").stamp == Stamp(
        2026, 3, 12, 54_473_000_000_000
    )
    assert one("2026-03-12 15:07:53,5 dnsmasq[1]: reply a.b is 192.0.2.1\n").stamp == Stamp(
        2026, 3, 12, 54_473_500_000_000
    )


LINES = [
    f"{HEAD}dnsmasq[12864]: query[A] PUB11.lab.example from 127.0.0.1",
    f"{HEAD}dnsmasq[12864]: forwarded PUB11.lab.example to 192.0.2.53",
    f"{HEAD}dnsmasq[12864]: reply PUB11.lab.example is NXDOMAIN-IPv4",
    f"{HEAD}(322:17812) SECUREAPP-SEC_CAPF_OP_F: CAPF operation failed, ret -7",
]


@pytest.mark.parametrize("width", range(50, 100))
def test_lines_wrapped_at_any_width_say_the_same(width: int) -> None:
    cut = [line[at : at + width] for line in LINES for at in range(0, len(line), width)]
    whole = [entry.message for entry in entries("\n".join(LINES))]
    assert [entry.message for entry in entries("\n".join(cut))] == whole


def test_lines_wrapped_between_words_say_the_same() -> None:
    for width in range(50, 100):
        cut = [part for line in LINES for part in textwrap.wrap(line, width)]
        whole = [entry.message for entry in entries("\n".join(LINES))]
        assert [entry.message for entry in entries("\n".join(cut))] == whole


def test_lines_joined_into_one_are_told_apart() -> None:
    whole = [entry.message for entry in entries("\n".join(LINES))]
    joined = entries(" ".join(LINES))
    assert [entry.message for entry in joined] == whole
    assert {entry.line for entry in joined} == {1}


def test_the_phone_is_the_one_that_lines_name() -> None:
    text = "Mar 12 15:07:55 SEP001122334455 x: y\n" + LINES[0]
    reading = read_entries(text.encode().splitlines(keepends=True), 10)
    assert reading.devices == {"SEP001122334455": 1}


def test_entries_are_bounded() -> None:
    reading = read_entries([LINES[0].encode() + b"\n"] * 50, 7)
    assert (len(reading.entries), reading.limited) == (7, True)


@given(
    st.lists(st.sampled_from([*LINES, HEAD, "", "\x1b[2J", "x" * 5000]) | st.text(), max_size=12)
)
def test_no_lines_make_it_raise(lines: list[str]) -> None:
    content = [line.encode("utf-8", "surrogatepass") + b"\n" for line in lines]
    for entry in read_entries(content, 100).entries:
        assert 1 <= entry.line <= len(content)
        assert len(entry.message.text) <= 600


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(noise: bytes) -> None:
    read_entries([noise, b"Mar 12 15:07:53 dnsmasq[1]: " + noise, noise], 100)

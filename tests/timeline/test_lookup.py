"""DNS questions of a phone with their answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from capf_dissectors import dns as dissector
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from capfpcap.flows.connection import read_connection
from capfpcap.flows.table import FlowView
from capfpcap.timeline.conversation import read_conversation
from capfpcap.timeline.lookup import (
    MAX_LOOKUPS,
    MAX_MESSAGES,
    Lookup,
    paired,
    read_lookups,
    read_stream_lookups,
)
from tests.timeline.wire import Datagram, answer, connection, flow

NAME = "cucm-pub.lab.example"


def question(name: str = NAME, kind: str = "A", number: int = 7) -> bytes:
    return dns.message.make_query(name, kind, id=number).to_wire()


def reply(
    asked: bytes, *values: str, rcode: str = "NOERROR", truncated: bool = False, ttl: int = 60
) -> bytes:
    query = dns.message.from_wire(asked)
    made = dns.message.make_response(query)
    made.set_rcode(dns.rcode.from_text(rcode))
    made.flags |= dns.flags.TC if truncated else 0
    for value in values:
        kind, _, data = value.partition(" ")
        made.answer.append(dns.rrset.from_text(query.question[0].name, ttl, "IN", kind, data))
    return made.to_wire()


def ask(payload: bytes) -> Datagram:
    return Datagram(payload, destination_port=53)


def told(payload: bytes) -> Datagram:
    return answer(ask(b""), payload)


def lookups_of(*packets: Datagram) -> list[Lookup]:
    return read_lookups(flow(*packets))


def lookup_of(*packets: Datagram) -> Lookup:
    (lookup,) = lookups_of(*packets)
    return lookup


def facts(lookups: Iterable[Lookup]) -> list[list[object]]:
    return [[getattr(lookup, field.name) for field in fields(Lookup)] for lookup in lookups]


def message_by_message(view: FlowView) -> list[Lookup]:
    """The lookups of a flow without the short way for a query and its answer."""
    messages = [dissector.dissect(payload) for payload in view.payloads()]
    return paired(view, zip(range(view.start, view.stop), view.directions(), messages, strict=True))


def test_an_answer_belongs_to_the_question_with_its_id() -> None:
    lookup = lookup_of(ask(question()), told(reply(question(), "A 10.1.1.2", "A 10.1.1.3")))
    assert (lookup.name, lookup.type, lookup.rcode) == (NAME, "A", "NOERROR")
    assert lookup.addresses == ("10.1.1.2", "10.1.1.3")
    assert (lookup.query_rows, lookup.answer_row) == ([0], 1)
    assert lookup.answered is not None
    assert lookup.answered - lookup.asked == 1_000_000


def test_a_name_that_does_not_exist_is_an_answer_without_addresses() -> None:
    lookup = lookup_of(ask(question()), told(reply(question(), rcode="NXDOMAIN")))
    assert (lookup.rcode, lookup.addresses, lookup.answer_row) == ("NXDOMAIN", (), 1)


def test_retries_with_the_same_id_are_one_lookup() -> None:
    lookup = lookup_of(*[ask(question())] * 3, told(reply(question(), "A 10.1.1.2")))
    assert (lookup.query_rows, lookup.answer_row) == ([0, 1, 2], 3)


def test_retries_with_other_ids_are_lookups_of_their_own() -> None:
    asked = [question(number=number) for number in (1, 2)]
    first, second = lookups_of(*map(ask, asked), told(reply(asked[1], "A 10.1.1.2")))
    assert (first.answer_row, second.answer_row) == (None, 2)


def test_an_id_used_again_for_another_name_begins_another_lookup() -> None:
    other = question("tftp.lab.example")
    first, second = lookups_of(ask(question()), ask(other), told(reply(other, "A 10.1.1.9")))
    assert (first.name, first.answer_row) == (NAME, None)
    assert (second.name, second.addresses) == ("tftp.lab.example", ("10.1.1.9",))


def test_an_id_used_again_for_the_same_name_after_an_answer_begins_another_lookup() -> None:
    exchange = [ask(question()), told(reply(question(), "A 10.1.1.2"))]
    assert [lookup.answer_row for lookup in lookups_of(*exchange, *exchange)] == [1, 3]


def test_only_the_first_answer_counts() -> None:
    forged = told(reply(question(), "A 10.6.6.6"))
    lookup = lookup_of(ask(question()), told(reply(question(), "A 10.1.1.2")), forged)
    assert (lookup.addresses, lookup.answer_row) == (("10.1.1.2",), 1)


@pytest.mark.parametrize(
    "packet",
    [
        told(reply(question(number=8), "A 10.6.6.6")),
        told(reply(question("other.example"), "A 10.6.6.6")),
        told(reply(question(kind="AAAA"), "AAAA 2001:db8::6")),
        told(question()),
        replace(ask(reply(question(), "A 10.6.6.6"))),
        told(b"\0\7"),
        told(reply(question(), "A 10.6.6.6")[:-3]),
    ],
)
def test_what_does_not_answer_the_question_is_passed_over(packet: Datagram) -> None:
    view = flow(ask(question()), packet)
    (lookup,) = read_lookups(view)
    assert (lookup.answer_row, lookup.rcode, lookup.addresses) == (None, None, ())
    assert facts([lookup]) == facts(message_by_message(view))


def test_an_answer_without_a_question_is_no_lookup() -> None:
    assert lookups_of(told(reply(question(), "A 10.1.1.2"))) == []


def test_aliases_are_followed_to_the_addresses() -> None:
    reply_with_alias = reply(question(), "CNAME pub.lab.example.", "A 10.1.1.2")
    assert lookup_of(ask(question()), told(reply_with_alias)).addresses == ("10.1.1.2",)


def test_a_truncated_answer_says_so() -> None:
    assert lookup_of(ask(question()), told(reply(question(), truncated=True))).truncated


def test_names_are_compared_in_lower_case() -> None:
    shouted = question(NAME.upper())
    assert lookup_of(ask(question()), told(reply(shouted, "A 10.1.1.2"))).answer_row == 1


def test_a_flood_of_questions_is_followed_up_to_a_limit() -> None:
    flood = [ask(question(number=number)) for number in range(MAX_LOOKUPS + 20)]
    assert len(lookups_of(*flood)) == MAX_LOOKUPS


def test_lookups_over_tcp_are_read_too() -> None:
    asked = [question(), question(kind="AAAA", number=8)]
    replied = [reply(asked[0], "A 10.1.1.2"), reply(asked[1], "AAAA 2001:db8::2")]
    framed = [len(message).to_bytes(2, "big") + message for message in (*asked, *replied)]
    turns = [
        (True, framed[0] + framed[1]),
        (False, framed[2] + framed[3][:9]),
        (False, framed[3][9:]),
    ]
    view = flow(*connection(53, turns))
    first, second = read_stream_lookups(view, read_connection(view))
    assert (first.addresses, first.answer_row) == (("10.1.1.2",), 4)
    assert (second.addresses, second.answer_row) == (("2001:db8::2",), 5)
    assert facts(read_conversation(view).lookups) == facts([first, second])


WIRE = st.sampled_from(
    [
        question(),
        question(number=8),
        question(kind="AAAA"),
        reply(question(), "A 10.1.1.2"),
        reply(question(), "A 10.1.1.2", ttl=59),
        reply(question(), rcode="SERVFAIL"),
        reply(question(kind="AAAA"), "CNAME pub.lab.example.", "AAAA 2001:db8::2"),
        reply(question(), "TXT " + " ".join(["x" * 250] * 4)),
    ]
)
CHANGES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=2)


def changed(sent: tuple[bytes, list[tuple[int, int]]]) -> bytes:
    wire, changes = sent
    octets = bytearray(wire)
    for at, value in changes:
        octets[at % len(octets)] = value
    return bytes(octets)


@given(st.tuples(WIRE, CHANGES).map(changed), st.tuples(WIRE, CHANGES).map(changed))
def test_a_query_and_an_answer_are_read_like_any_messages(asked: bytes, replied: bytes) -> None:
    view = flow(ask(asked), told(replied))
    assert facts(read_lookups(view)) == facts(message_by_message(view))


def test_datagrams_of_a_flood_are_read_up_to_a_limit() -> None:
    asked = [ask(question() + number.to_bytes(4)) for number in range(1, MAX_MESSAGES)]
    packets = [*asked, told(reply(question(), rcode="NXDOMAIN"))]
    (answered,) = lookups_of(*packets)
    assert answered.rcode == "NXDOMAIN"
    (unread,) = lookups_of(ask(question()), *packets)
    assert unread.rcode is None

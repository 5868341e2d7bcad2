"""What is read of usual DNS messages without dnspython is what dnspython reads."""

from __future__ import annotations

import dns.message
import dns.rcode
import dns.rrset
import pytest
from capf_dissectors.dns.message import DnsMessage
from capf_dissectors.dns.reader import read_message
from capf_dissectors.dns.usual import read_usual
from hypothesis import given
from hypothesis import strategies as st

NAME = "CUCM-pub.example.com"


def message(*records: str, rcode: int = 0, kind: str = "A", edns: int = -1) -> bytes:
    """An answer with its names compressed, as servers write it."""
    made = dns.message.make_response(dns.message.make_query(NAME, kind, use_edns=edns, id=7))
    made.set_rcode(dns.rcode.Rcode(rcode))
    for record in records:
        owner, of_type, value = record.split(" ", 2)
        made.answer.append(dns.rrset.from_text(owner, 300, "IN", of_type, value))
    return made.to_wire()


USUAL = [
    message(f"{NAME}. A 10.122.138.102"),
    message(f"{NAME}. CNAME pub.example.com.", "pub.example.com. A 10.1.2.3"),
    message(f"{NAME}. A 10.1.2.3", f"{NAME}. A 10.1.2.4", edns=0),
    message(rcode=3),
    message(kind="AAAA"),
    dns.message.make_query(NAME, "A", id=7).to_wire(),
]
UNUSUAL = [
    message(f"{NAME}. AAAA 2001:db8::1", kind="AAAA"),
    message(f'{NAME}. TXT "a text"'),
    message("a\\.b.example.com. A 10.1.2.3"),
    message(rcode=9),
    dns.message.make_query(".", "NS", id=7).to_wire(),
]


@pytest.mark.parametrize("wire", USUAL)
def test_usual_messages_are_read(wire: bytes) -> None:
    assert read_usual(wire) == read_message(wire)[0]
    assert read_usual(wire) is not None


@pytest.mark.parametrize("wire", UNUSUAL)
def test_all_others_are_left_alone(wire: bytes) -> None:
    assert read_usual(wire) is None
    assert isinstance(read_message(wire)[0], DnsMessage)


@given(
    st.sampled_from(USUAL + UNUSUAL),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4),
    st.integers(0, 200),
)
def test_whatever_is_read_is_what_the_library_reads(
    wire: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    changed = bytearray(wire)
    for place, octet in changes:
        changed[place % len(changed)] = octet
    hostile = bytes(changed[: max(end, 12)])
    read = read_usual(hostile)
    assert read is None or (read, None) == read_message(hostile)

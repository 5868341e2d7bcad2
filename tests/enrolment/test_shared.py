"""Whose the connections of one address are, behind which several phones stand."""

from __future__ import annotations

from dataclasses import replace

from capfpcap.enrolment.phone import Phone
from capfpcap.flows.service import Service
from tests.capture.builder import PHONE
from tests.dissectors.builders import trust_list
from tests.enrolment.scene import load, phones
from tests.timeline.wire import FIN, SYN, Datagram, connection

FIRST, SECOND = "SEP001122334455", "SEP00112233AABB"
LIST, OTHER = trust_list(digest=1), trust_list(digest=2)


def files(name: str, port: int, content: bytes = LIST) -> list[Datagram]:
    """A trust list and a configuration of a phone's own."""
    own = load(f"ITL{name}.tlv", content, port)
    return [*own, *load(f"{name}.cnf.xml", b"<device/>", port + 1)]


def call(port: int, service: int = 3804) -> list[Datagram]:
    """A connection that the server closes before any work was done."""
    packets = connection(service, [(True, b"\x16\x03\x01")], closed_by_server=True)
    return [
        replace(packet, source_port=port)
        if packet.source == PHONE
        else replace(packet, destination_port=port)
        for packet in packets
    ]


def calls(found: list[Phone]) -> dict[str, int]:
    return {phone.name: len(phone.attempts) for phone in found}


def test_phones_that_start_one_after_the_other_are_known_apart() -> None:
    packets = [*files(FIRST, 50001), *call(51001), *files(SECOND, 50003), *call(51002)]
    found = phones(packets)
    assert calls(found) == {FIRST: 1, SECOND: 1}
    assert not any(phone.may_have_called or phone.is_several for phone in found)


def test_a_connection_that_two_phones_may_have_made_is_the_addresss() -> None:
    packets = [*files(FIRST, 50001), *files(SECOND, 50003), *call(51001), *call(51002)]
    found = {phone.name: phone for phone in phones(packets)}
    assert calls([*found.values()]) == {FIRST: 0, SECOND: 0, PHONE: 2}
    assert found[FIRST].may_have_called
    assert found[SECOND].may_have_called
    assert found[PHONE].is_several
    assert not found[PHONE].may_have_called


def test_the_list_that_all_of_them_loaded_counts_for_the_address() -> None:
    alike = [*files(FIRST, 50001), *files(SECOND, 50003), *call(51001)]
    (shared,) = (phone for phone in phones(alike) if phone.is_several)
    assert [item.read.content for item in shared.trust_lists] == [LIST]
    unlike = [*files(FIRST, 50001), *files(SECOND, 50003, OTHER), *call(51001)]
    (shared,) = (phone for phone in phones(unlike) if phone.is_several)
    assert shared.trust_lists == []


def test_a_retry_that_two_phones_may_make_is_the_addresss() -> None:
    first = [*files(FIRST, 50001), *call(51001), *files(SECOND, 50003), *call(51002)]
    assert calls(phones([*first, *call(51003)])) == {FIRST: 1, SECOND: 1, PHONE: 1}


def test_a_phone_whose_session_goes_on_does_not_retry() -> None:
    running = [packet for packet in call(51001) if not (packet.flags or 0) & FIN]
    packets = [*files(FIRST, 50001), *running[:-1], *files(SECOND, 50003), *call(51002)]
    packets += [*call(51003), running[-1]]
    assert [packet.flags for packet in running[:1]] == [SYN]
    assert calls(phones(packets)) == {FIRST: 1, SECOND: 2}


def test_tvs_is_asked_by_the_phone_that_is_due() -> None:
    packets = [*files(FIRST, 50001), *call(51001), *files(SECOND, 50003), *call(51002, 2445)]
    (second,) = (phone for phone in phones(packets) if phone.name == SECOND)
    assert [flow.service for flow in second.flows].count(Service.TVS) == 1

"""Whose the connections of one address are, behind which several phones stand."""

from __future__ import annotations

from dataclasses import replace

from capfpcap.enrolment.phone import Phone
from capfpcap.enrolment.shared import NEXT_STEP
from capfpcap.services import Service
from tests.capture.builder import PHONE, SERVER
from tests.dissectors.builders import trust_list
from tests.enrolment.scene import load, phones
from tests.timeline.wire import FIN, STEP, SYN, Datagram, connection

FIRST, SECOND = "SEP001122334455", "SEP00112233AABB"
LIST, OTHER = trust_list(digest=1), trust_list(digest=2)


def files(
    name: str, port: int, content: bytes = LIST, configuration: bytes = b""
) -> list[Datagram]:
    """A trust list and a configuration of a phone's own; without one, one that cannot be read."""
    own = load(f"ITL{name}.tlv", content, port)
    return [*own, *load(f"{name}.cnf.xml", configuration or b"<encrypted", port + 1)]


def asking(mode: int, host: str = SERVER) -> bytes:
    """A configuration that asks for an operation, or with mode 0 for none."""
    server = f"<capf><phonePort>3804</phonePort><processNodeName>{host}</processNodeName></capf>"
    return (
        f"<device><capfAuthMode>{mode}</capfAuthMode><capfList>{server}</capfList></device>"
    ).encode()


def call(port: int, service: int = 3804) -> list[Datagram]:
    """A connection that the server closes before any work was done."""
    packets = connection(service, [(True, b"\x16\x03\x01")], closed_by_server=True)
    return [
        replace(packet, source_port=port)
        if packet.source == PHONE
        else replace(packet, destination_port=port)
        for packet in packets
    ]


PORTS = ((FIRST, 50001), (SECOND, 50003))


PAUSE = [Datagram(b"", source="192.0.2.9", destination_port=9)] * (NEXT_STEP // STEP)
"""Packets of a stranger, in so much time that no phone is due to call any more."""


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


def test_retries_of_phones_that_may_both_have_called_are_the_addresss() -> None:
    started = [*files(FIRST, 50001), *files(SECOND, 50003)]
    packets = [*started, *call(51001), *call(51002), *PAUSE, *call(51003)]
    assert calls(phones(packets)) == {FIRST: 0, SECOND: 0, PHONE: 3}


def test_a_phone_that_is_asked_for_nothing_did_not_call() -> None:
    idle = files(FIRST, 50001, configuration=asking(0))
    packets = [*idle, *files(SECOND, 50003, configuration=asking(2)), *call(51001)]
    assert calls(phones(packets)) == {FIRST: 0, SECOND: 1}


def test_a_phone_calls_the_server_that_its_configuration_names() -> None:
    here = files(FIRST, 50001, configuration=asking(2))
    elsewhere = files(SECOND, 50003, configuration=asking(2, "192.0.2.77"))
    assert calls(phones([*here, *elsewhere, *call(51001)])) == {FIRST: 1, SECOND: 0}
    names = files(SECOND, 50003, configuration=asking(2, "capf.example.com"))
    unresolved = calls(phones([*here, *names, *call(51001)]))
    assert unresolved == {FIRST: 0, SECOND: 0, PHONE: 1}


def test_who_calls_without_a_reason_has_called_all_the_same() -> None:
    idle = [*files(FIRST, 50001, configuration=asking(0)), *call(51001)]
    packets = [*idle, *files(SECOND, 50003, configuration=asking(0)), *call(51002)]
    assert calls(phones(packets)) == {FIRST: 1, SECOND: 1}


def test_the_list_of_all_goes_to_each_phone_in_turn() -> None:
    first, second = (load(f"ITL{name}.tlv", LIST, port) for name, port in PORTS)
    lists = [*load("ITLFile.tlv", LIST, 50011), *load("ITLFile.tlv", LIST, 50012)]
    own = [
        *load(f"{FIRST}.cnf.xml", asking(2), 50021),
        *load(f"{SECOND}.cnf.xml", asking(2), 50022),
    ]
    found = {phone.name: phone for phone in phones([*first, *second, *lists, *own])}
    for name in (FIRST, SECOND):
        loaded = [item.transfer.name for item in found[name].files]
        assert loaded == [f"ITL{name}.tlv", "ITLFile.tlv", f"{name}.cnf.xml"]


def test_the_address_says_for_whom_it_stands() -> None:
    packets = [*files(FIRST, 50001), *files(SECOND, 50003), *call(51001)]
    found = {phone.name: phone for phone in phones(packets)}
    assert found[PHONE].stands_for == (FIRST, SECOND)
    assert {found[name].shared_with for name in (FIRST, SECOND)} == {PHONE}

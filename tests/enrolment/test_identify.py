"""Which clients are taken for phones, and which flows are whose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capfpcap.services import Service
from capfpcap.vantage.role import Role
from tests.capture.builder import PHONE, PHONE_MAC
from tests.enrolment.scene import at, load, phone, phones
from tests.timeline.test_lookup import ask, question
from tests.timeline.tftp_packets import request
from tests.timeline.wire import Datagram, connection

FIRST = "SEP001122334455"
SECOND = "SEP00112233AABB"
CONFIGURATION = f"{FIRST}.cnf.xml"
IPV6 = "2001:db8::31"
ROUTER = bytes.fromhex("00000c07ac01")
LINK = ":".join(f"{octet:02x}" for octet in PHONE_MAC)


def capf(port: int = 3804) -> list[Datagram]:
    return connection(port, [(True, b"\x16\x03\x01")])


def test_a_phone_is_named_by_the_files_that_it_asks_for() -> None:
    found = phone(load(CONFIGURATION))
    assert (found.name, found.mac, found.addresses) == (FIRST, "00:11:22:33:44:55", (PHONE,))


def test_a_flow_that_names_nobody_belongs_to_the_phone_of_its_address() -> None:
    found = phone([ask(question()), *load(CONFIGURATION), *capf()])
    assert [flow.service for flow in found.flows] == [Service.DNS, Service.TFTP, Service.CAPF]
    assert {flow.phone for flow in found.flows} == {FIRST}
    assert [lookup.lookup.name for lookup in found.lookups] == ["cucm-pub.lab.example"]
    assert [file.transfer.name for file in found.files] == [CONFIGURATION]
    assert [flow.service for flow in found.attempts] == [Service.CAPF]


@pytest.mark.parametrize("port", [3804, 2445])
def test_a_client_of_capf_or_tvs_is_a_phone_known_by_its_address(port: int) -> None:
    found = phone(capf(port))
    assert (found.name, found.mac) == (PHONE, LINK)


def test_a_link_layer_address_is_the_phones_own_only_beside_the_phone() -> None:
    assert phone(capf(), Role.PUBLISHER).mac is None


def test_a_trust_list_for_all_makes_a_phone_that_no_name_tells() -> None:
    assert phone(load("ITLFile.tlv")).name == PHONE


@pytest.mark.parametrize(
    "packets",
    [
        [ask(question())],
        connection(5060, [(True, b"REGISTER sip:pub SIP/2.0\r\n\r\n")]),
        connection(2000, [(True, bytes(12))]),
        load("ringlist.xml"),
        [],
    ],
)
def test_a_client_that_does_nothing_of_a_phone_alone_is_none(packets: list[Datagram]) -> None:
    assert phones(packets) == []


def test_phones_behind_one_address_are_told_by_the_name_told_last() -> None:
    packets = [
        replace(ask(question(number=1)), source_port=49999),
        *load(CONFIGURATION),
        replace(ask(question(number=2)), source_port=49998),
        *load(f"{SECOND}.cnf.xml", port=50001),
        replace(ask(question(number=3)), source_port=49997),
    ]
    first, second = phones(packets)
    assert [(one.name, one.addresses) for one in (first, second)] == [
        (FIRST, (PHONE,)),
        (SECOND, (PHONE,)),
    ]
    assert [flow.service for flow in first.flows] == [Service.DNS, Service.TFTP, Service.DNS]
    assert [flow.service for flow in second.flows] == [Service.TFTP, Service.DNS]


def test_a_phone_that_changes_its_address_stays_one_phone() -> None:
    moved = at(load(f"CTL{FIRST}.tlv"), "10.1.20.99")
    found = phone([*load(CONFIGURATION), *moved])
    assert found.addresses == (PHONE, "10.1.20.99")
    assert [file.transfer.name for file in found.files] == [CONFIGURATION, f"CTL{FIRST}.tlv"]


def test_an_ipv4_and_an_ipv6_address_behind_one_link_layer_address_are_one_phone() -> None:
    found = phone([*load(CONFIGURATION), *at(capf(), IPV6)])
    assert found.addresses == (PHONE, IPV6)
    assert len(found.attempts) == 1


def test_addresses_behind_a_router_of_many_are_not_one_phone() -> None:
    packets = [
        *at(load(CONFIGURATION), PHONE, ROUTER),
        *at(load(f"{SECOND}.cnf.xml"), "10.1.20.32", ROUTER),
        *at(capf(), IPV6, ROUTER),
    ]
    assert [one.addresses for one in phones(packets)] == [(PHONE,), ("10.1.20.32",), (IPV6,)]


def test_two_addresses_of_one_family_are_two_hosts() -> None:
    assert len(phones([*capf(), *at(capf(), "10.1.20.32")])) == 2


def test_phones_come_in_the_order_of_their_first_packets() -> None:
    names = [f"SEP{number:012X}" for number in (7, 3, 9, 1)]
    packets = [
        packet
        for host, name in enumerate(names, 40)
        for packet in at([request(f"{name}.cnf.xml")], f"10.1.20.{host}")
    ]
    assert [one.name for one in phones(packets)] == names


def test_other_device_names_are_told_too() -> None:
    found = phone(load("ATA00AABBCCDDEE.cnf.xml"))
    assert (found.name, found.mac) == ("ATA00AABBCCDDEE", "00:aa:bb:cc:dd:ee")
    softphone = phone(load("CSFJDOE.cnf.xml"), Role.PUBLISHER)
    assert (softphone.name, softphone.mac) == ("CSFJDOE", None)

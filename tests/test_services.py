"""A service that is added is known wherever all of them must be."""

from __future__ import annotations

from capfpcap.capture.ports import CAPF, PortSelection
from capfpcap.flows.service import BY_RANK, NO_SERVICE, tcp_ranks
from capfpcap.ladder import lanes, subject
from capfpcap.services import UNTIL_ENROLMENT, Purpose, Reader, Service, in_order, read_as
from capfpcap.timeline import conversation, events


def test_a_service_is_found_by_the_name_that_reports_give_it() -> None:
    for service in Service:
        assert Service(service.value) is service


def test_every_port_is_read_and_leads_to_its_service() -> None:
    ports = PortSelection()
    ranks = tcp_ranks(ports).tolist()
    for service in Service:
        if service.facts.tcp is not None:
            assert service.facts.tcp in ports.all_tcp
            assert BY_RANK[ranks[service.facts.tcp]] is service
        if service.facts.udp is not None:
            assert service.facts.udp in ports.udp
    assert sum(rank != NO_SERVICE for rank in ranks) == len(ports.all_tcp)
    assert ports.capf == {CAPF}


def test_no_two_services_share_a_port() -> None:
    for numbers in (
        [one.facts.tcp for one in Service if one.facts.tcp],
        [one.facts.udp for one in Service if one.facts.udp],
    ):
        assert len(numbers) == len(set(numbers))


def test_every_reader_reads() -> None:
    assert set(conversation._READERS) == set(Reader)


def test_what_is_said_in_every_stream_is_read_by_somebody() -> None:
    assert set(events._STREAMS) == set(read_as(Reader.STREAM))


def test_every_service_has_its_place_on_ladders() -> None:
    assert set(lanes._ORDER) == set(subject._TELLING_FIRST) == set(Service)
    assert len(lanes._ORDER) == len(subject._TELLING_FIRST) == len(Service)
    assert len({service.facts.lane for service in Service}) == len(Service)


def test_services_stand_in_the_order_in_which_an_enrolment_uses_them() -> None:
    assert [service.value for service in UNTIL_ENROLMENT] == ["dns", "tftp", "http", "tvs", "capf"]
    afterwards = in_order((Purpose.REGISTRATION, Purpose.OTHER))
    assert afterwards[0] is Service.SIP_TLS
    assert afterwards[-1] is Service.OTHER

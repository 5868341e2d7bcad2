"""What a phone knows at each moment."""

from __future__ import annotations

from capfpcap.enrolment.phone import Phone
from capfpcap.timeline.files import FileKind
from tests.dissectors.builders import trust_list
from tests.enrolment.scene import load, phone
from tests.timeline.tftp_packets import request
from tests.timeline.wire import START, STEP

FIRST, SECOND = trust_list(digest=1), trust_list(digest=2)
CONFIGURATION = "SEP001122334455.cnf.xml"
ALWAYS = 1 << 62


def configured(mode: int) -> bytes:
    return f"<device><capfAuthMode>{mode}</capfAuthMode></device>".encode()


def trusted(of: Phone, time: int) -> list[tuple[FileKind, bytes]]:
    return [(item.kind, item.read.content) for item in of.trusted_at(time)]


def test_the_trust_list_that_was_loaded_last_is_what_a_phone_trusts() -> None:
    packets = [*load("ITLFile.tlv", FIRST, 50001), *load("ITLFile.tlv", SECOND, 50002)]
    assert trusted(phone(packets), ALWAYS) == [(FileKind.ITL, SECOND)]


def test_a_trust_list_counts_from_the_moment_at_which_it_is_whole() -> None:
    first, second = load("ITLFile.tlv", FIRST, 50001), load("ITLFile.tlv", SECOND, 50002)
    found = phone([*first, *second])
    whole = START + (len(first) - 2) * STEP
    assert trusted(found, whole - 1) == []
    assert trusted(found, whole) == [(FileKind.ITL, FIRST)]
    assert trusted(found, START + (len(first) + len(second) - 3) * STEP) == [(FileKind.ITL, FIRST)]


def test_one_itl_and_one_ctl_are_trusted_together() -> None:
    packets = [*load("CTLFile.tlv", SECOND, 50001), *load("ITLFile.tlv", FIRST, 50002)]
    assert sorted(trusted(phone(packets), ALWAYS), key=lambda item: item[0].value) == [
        (FileKind.CTL, SECOND),
        (FileKind.ITL, FIRST),
    ]


def test_files_are_in_the_order_of_requests_and_lists_in_the_order_of_arrival() -> None:
    slow, quick = load("ITLFile.tlv", FIRST, 50001), load("CTLFile.tlv", SECOND, 50002)
    found = phone([slow[0], *quick, *slow[1:]])
    assert [file.transfer.name for file in found.files] == ["ITLFile.tlv", "CTLFile.tlv"]
    assert [item.kind for item in found.trust_lists] == [FileKind.CTL, FileKind.ITL]


def test_the_readable_configuration_that_was_loaded_last_counts() -> None:
    packets = [
        *load(CONFIGURATION, configured(1), 50001),
        *load(CONFIGURATION, configured(2), 50002),
        *load(CONFIGURATION, b"<device", 50003),
    ]
    found = phone(packets)
    assert len(found.configurations) == 3
    assert found.configuration is not None
    assert found.configuration.capf_auth_mode == 2


def test_files_that_never_came_teach_nothing() -> None:
    found = phone([request("ITLFile.tlv"), request(CONFIGURATION)])
    assert len(found.files) == 2
    assert (found.trust_lists, found.configurations, found.configuration) == ([], [], None)

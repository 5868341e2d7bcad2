"""Trust lists as they were loaded, and how two of them differ."""

from __future__ import annotations

import time

from capf_dissectors import trust_list
from capf_dissectors.trust_list import TrustList

from capfpcap.enrolment.loaded import read_trust_list
from capfpcap.inspection.list_differences import Standing, list_differences
from capfpcap.inspection.trust_lists import describe_list, loads_of
from capfpcap.timeline.files import FileKind
from tests.dissectors import builders
from tests.inspection.conftest import opened

SIGNER = builders.identity("ITLRECOVERY")
PUBLISHER, SUBSCRIBER = builders.identity("pub", serial=11), builders.identity("sub", serial=12)
CAPF, NEW_CAPF = builders.identity("CAPF-1", serial=21), builders.identity("CAPF-2", serial=22)
TVS = builders.identity("tvs", serial=31)


def listed(*records: bytes) -> TrustList:
    first = builders.certificate_record(0, SIGNER)
    read = trust_list.dissect(builders.signed(first + b"".join(records), SIGNER))
    assert isinstance(read, TrustList)
    return read


def of(function: int, owner: builders.Identity) -> bytes:
    return builders.certificate_record(function, owner)


def test_a_list_says_with_which_record_its_signature_verifies() -> None:
    scene = opened("itl-mismatch/phone.pcap").analysis.scene
    (item,) = scene.phones[0].trust_lists
    described = describe_list(item.read, item.kind)
    assert described.verified is True
    assert described.signature == "verified with the key of record 1"
    assert [line.number for line in described.records if line.signed_list] == [1]
    (capf,) = [line for line in described.records if line.is_capf]
    assert capf.function == "CAPF"
    assert capf.owner.startswith("CAPF-")
    assert (capf.holds, capf.key) == ("certificate", "RSA 2048")


def test_a_loading_says_who_when_from_whom_and_where_it_is_seen() -> None:
    scene = opened("lists-differ/phone.pcap").analysis.scene
    loads = [load for phone in scene.phones for load in loads_of(phone, scene.addresses)]
    assert [load.phone for load in loads] == ["SEPA0ECF9D21B30", "SEPA0ECF9D21B31"]
    assert len({load.server for load in loads}) == len({load.sha256 for load in loads}) == 2
    assert all(load.last and load.via == "tftp" and load.capture == "phone" for load in loads)
    assert all(load.time.endswith("Z") and load.frame for load in loads)


def test_a_list_that_cannot_be_read_says_why() -> None:
    scene = opened("itl-corrupt/phone.pcap").analysis.scene
    (item,) = scene.phones[0].trust_lists
    described = describe_list(item.read, item.kind)
    assert described.verified is None
    assert described.problem.startswith("byte ")
    empty = describe_list(read_trust_list(b""), FileKind.ITL)
    assert (empty.problem, empty.records) == ("it is empty", ())


def test_a_forged_list_says_that_it_does_not_verify() -> None:
    scene = opened("itl-signature-invalid/phone.pcap").analysis.scene
    (item,) = scene.phones[0].trust_lists
    described = describe_list(item.read, item.kind)
    assert described.verified is False
    assert described.signature.startswith("does not verify")
    assert not [line for line in described.records if line.signed_list]


def test_equal_lists_do_not_differ() -> None:
    one = listed(of(4, CAPF), of(21, TVS))
    differences = list_differences(one, one, of_two_servers=True)
    assert (differences.same, differences.records) == (3, ())
    assert differences.summary == "they are the same"


def test_another_capf_certificate_comes_first_and_matters() -> None:
    one, other = listed(of(21, TVS), of(4, CAPF)), listed(of(4, NEW_CAPF))
    differences = list_differences(one, other, of_two_servers=False)
    capf, tvs = differences.records
    assert (capf.function, capf.standing, capf.owner, capf.other_owner) == (
        "CAPF",
        Standing.CHANGED,
        "CAPF-1",
        "CAPF-2",
    )
    assert "CERTIFICATE" in capf.fields
    assert (tvs.function, tvs.standing, tvs.second) == ("TVS", Standing.ONLY_FIRST, None)
    assert differences.summary.startswith("the CAPF records differ")


def test_what_each_server_says_of_itself_is_expected_to_differ() -> None:
    one = listed(of(0, PUBLISHER), of(2, PUBLISHER), of(4, CAPF))
    other = listed(of(0, SUBSCRIBER), of(2, SUBSCRIBER), of(4, CAPF))
    differences = list_differences(one, other, of_two_servers=True)
    assert differences.records
    assert all(record.expected for record in differences.records)
    assert differences.summary == "they differ only in what each server says of itself"
    alone = list_differences(one, other, of_two_servers=False)
    assert not [record for record in alone.records if record.expected]


def test_the_largest_lists_are_compared_at_once() -> None:
    one = listed(*[of(21, TVS)] * 1000)
    other = listed(*[of(21, CAPF)] * 1000)
    before = time.process_time()
    list_differences(one, other, of_two_servers=True)
    assert time.process_time() - before < 1

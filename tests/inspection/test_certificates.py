"""A certificate beside what should stand for it."""

from __future__ import annotations

import pytest
from capf_dissectors import trust_list
from cryptography.hazmat.primitives import hashes

from capfpcap.inspection.certificates import CertificateComparison, compare_with_record
from capfpcap.inspection.presented import comparisons_at
from tests.dissectors import builders
from tests.inspection.conftest import opened


def record_of(content: bytes) -> trust_list.Record:
    owner = builders.identity("signer")
    read = trust_list.dissect(builders.signed(content, owner))
    assert isinstance(read, trust_list.TrustList)
    return read.records[0]


def compared(record: bytes, certificate: bytes) -> CertificateComparison:
    return compare_with_record(certificate, record_of(record), "presented", "listed")


def differing(comparison: CertificateComparison) -> set[str]:
    return {pair.name for pair in comparison.pairs if pair.same is False}


OWN, OTHER = builders.identity("CAPF-1"), builders.identity("CAPF-2", serial=77)


def test_the_same_certificate_differs_in_nothing() -> None:
    comparison = compared(builders.certificate_record(4, OWN), OWN.der)
    assert comparison.matches is True
    assert not differing(comparison)
    assert comparison.pairs[0].decides


def test_another_certificate_differs_where_its_fields_do() -> None:
    comparison = compared(builders.certificate_record(4, OWN), OTHER.der)
    assert comparison.matches is False
    assert comparison.pairs[0].name == "SHA-1"
    assert comparison.pairs[0].decides
    assert {"Serial number", "Subject", "Issuer", "Public key", "Signature"} <= differing(
        comparison
    )
    same = {pair.name for pair in comparison.pairs if pair.same}
    assert {"Version", "Not before", "Signed with"} <= same


def test_a_hash_in_the_record_decides_where_it_holds_no_certificate() -> None:
    comparison = compared(builders.hash_record(4, OWN, hashes.SHA1()), OTHER.der)
    assert (comparison.pairs[0].name, comparison.pairs[0].decides) == ("Hash", True)
    assert {"Hash", "Public key", "Serial number"} <= differing(comparison)
    times = [pair for pair in comparison.pairs if pair.name.startswith("Not ")]
    assert [(pair.right, pair.same) for pair in times] == [(None, None)] * 2


def test_a_record_for_the_same_certificate_that_holds_its_hash_alone_fits() -> None:
    comparison = compared(builders.hash_record(4, OWN, hashes.SHA1()), OWN.der)
    assert comparison.matches is True
    assert not differing(comparison)


def test_an_emptied_record_decides_nothing() -> None:
    comparison = compared(builders.record(), OWN.der)
    assert comparison.matches is None
    assert not differing(comparison)
    assert not [pair for pair in comparison.pairs if pair.decides]


def test_what_is_no_certificate_is_compared_as_far_as_it_goes() -> None:
    comparison = compared(builders.certificate_record(4, OWN), b"\x30\x82\xff\xffgarbage")
    assert comparison.matches is False
    assert "Problem" in differing(comparison)


@pytest.mark.parametrize(
    ("scenario", "function", "matches"),
    [
        ("itl-mismatch", "record 4 of ITLFile.tlv", False),
        ("itl-mismatch-hash", "record 4 of ITLFile.tlv", False),
        ("success-by-address", "record 4 of ITLFile.tlv", True),
        ("tvs-answers", "record 5 of ITLFile.tlv", True),
    ],
)
def test_what_a_server_presented_is_compared_with_what_the_phone_held(
    scenario: str, function: str, matches: bool
) -> None:
    scene = opened(f"{scenario}/phone.pcap").analysis.scene
    found = [
        comparison
        for flow in scene.flows
        for sighting in flow.sightings
        if (session := sighting.conversation.session) and session.server_certificate
        for comparison in comparisons_at(scene, flow, sighting, session.server_certificate.row)[:1]
    ]
    assert found
    assert function in found[0].right
    assert found[0].matches is matches


def test_rows_that_bring_no_certificate_compare_nothing() -> None:
    scene = opened("itl-mismatch/phone.pcap").analysis.scene
    flow = next(flow for flow in scene.flows if flow.best.conversation.session)
    session = flow.best.conversation.session
    assert session is not None
    assert session.client_hello is not None
    assert comparisons_at(scene, flow, flow.best, session.client_hello.row) == ()

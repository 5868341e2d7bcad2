from __future__ import annotations

import pytest
from capf_dissectors import signed_file, trust_list
from capf_dissectors.signature import SignatureCheck, verify, verify_by_key, verify_by_lists
from capf_dissectors.signed_file import SignedFile
from capf_dissectors.trust_list import TrustList
from hypothesis import given
from hypothesis import strategies as st

from . import builders
from .builders import CAPF, SIGNER, TVS, certificate_record, field, record, signed

WHOLE = builders.trust_list()


def check(data: bytes) -> SignatureCheck:
    parsed = trust_list.dissect(data)
    assert isinstance(parsed, TrustList)
    return verify(data, parsed)


@pytest.mark.parametrize("digest", [1, 2, 3])
def test_a_list_verifies_with_the_certificate_of_its_signer(digest: int) -> None:
    assert check(builders.trust_list(digest)) is SignatureCheck.VALID


def test_a_list_verifies_with_a_record_that_holds_only_the_signers_key() -> None:
    entry = record(field(6, b"\0" + SIGNER.serial), field(7, SIGNER.public_key))
    assert check(signed(entry, SIGNER)) is SignatureCheck.VALID


def test_names_in_another_order_do_not_hide_the_signer() -> None:
    backwards = ",".join(reversed(SIGNER.name.split(",")))
    entry = record(
        builders.text(3, backwards), field(6, SIGNER.serial), field(7, SIGNER.public_key)
    )
    assert check(signed(entry, SIGNER)) is SignatureCheck.VALID


def test_a_changed_octet_outside_the_signature_makes_it_invalid() -> None:
    changed = bytearray(WHOLE)
    changed[-1] ^= 1
    assert check(bytes(changed)) is SignatureCheck.INVALID


def test_a_changed_octet_of_the_signature_makes_it_invalid() -> None:
    parsed = trust_list.dissect(WHOLE)
    assert isinstance(parsed, TrustList)
    changed = bytearray(WHOLE)
    changed[parsed.header.signature_span[1] - 1] ^= 1
    assert check(bytes(changed)) is SignatureCheck.INVALID


def test_a_list_that_lost_its_last_record_is_invalid() -> None:
    parsed = trust_list.dissect(WHOLE)
    assert isinstance(parsed, TrustList)
    assert check(WHOLE[: parsed.records[-1].offset]) is SignatureCheck.INVALID


def test_of_several_records_with_the_signers_serial_any_may_verify() -> None:
    impostor = builders.identity("impostor")
    assert impostor.serial == SIGNER.serial
    entries = certificate_record(0, impostor) + certificate_record(0, SIGNER)
    assert check(signed(entries, SIGNER)) is SignatureCheck.VALID
    assert check(signed(certificate_record(0, impostor), SIGNER)) is SignatureCheck.INVALID


def test_a_signer_without_a_record_is_not_in_the_list() -> None:
    data = signed(certificate_record(4, CAPF), SIGNER)
    assert check(data) is SignatureCheck.SIGNER_NOT_IN_LIST
    parsed, other = trust_list.dissect(data), trust_list.dissect(WHOLE)
    assert isinstance(parsed, TrustList)
    assert isinstance(other, TrustList)
    assert verify(data, parsed, other) is SignatureCheck.VALID


def test_an_elliptic_curve_signer_is_unsupported() -> None:
    entry = record(field(6, SIGNER.serial), field(7, TVS.public_key))
    assert check(signed(entry, SIGNER)) is SignatureCheck.UNSUPPORTED


def test_an_unknown_digest_or_algorithm_is_unsupported() -> None:
    for octets, other in ((b"\x08\0\1\1", b"\x08\0\1\x09"), (b"\x0a\0\1\0", b"\x0a\0\1\1")):
        assert WHOLE.count(octets) >= 1
        assert check(WHOLE.replace(octets, other, 1)) is SignatureCheck.UNSUPPORTED


def test_a_list_without_a_signature_is_invalid() -> None:
    parsed = trust_list.dissect(WHOLE)
    assert isinstance(parsed, TrustList)
    start, end = parsed.header.signature_span
    shorter = (parsed.header.length - (end - start)).to_bytes(2, "big")
    assert check(WHOLE[:8] + shorter + WHOLE[10:start] + WHOLE[end:]) is SignatureCheck.INVALID


def test_a_signed_file_verifies_with_the_phones_list_and_with_a_key() -> None:
    data = signed(b"<device/>", SIGNER, 3, b"\1\0", "SEP001122334455.cnf.xml.sgn")
    parsed, phones = signed_file.dissect(data), trust_list.dissect(WHOLE)
    assert isinstance(parsed, SignedFile)
    assert isinstance(phones, TrustList)
    assert verify_by_lists(data, parsed.header, [phones]) is SignatureCheck.VALID
    assert verify_by_key(data, parsed.header, SIGNER.der) is SignatureCheck.VALID
    assert verify_by_key(data, parsed.header, CAPF.public_key) is SignatureCheck.INVALID
    assert verify_by_key(data + b" ", parsed.header, SIGNER.der) is SignatureCheck.INVALID


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), min_size=1))
def test_no_changed_list_verifies_or_raises(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for offset, mask in changes:
        data[offset] ^= mask
    parsed = trust_list.dissect(bytes(data))
    if isinstance(parsed, TrustList) and bytes(data) != WHOLE:
        assert verify(bytes(data), parsed) is not SignatureCheck.VALID

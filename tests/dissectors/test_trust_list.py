from __future__ import annotations

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.trust_list import (
    MAX_RECORDS,
    RecordMatch,
    TrustFunction,
    TrustList,
    dissect,
    record_matches,
)
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from . import builders
from .builders import CAPF, SIGNER, TVS, field, record, text

WHOLE = builders.trust_list()


def parse(data: bytes) -> TrustList:
    result = dissect(data)
    assert isinstance(result, TrustList), result
    return result


def malformed(data: bytes) -> Malformed:
    result = dissect(data)
    assert isinstance(result, Malformed), result
    return result


def with_records(*records: bytes) -> TrustList:
    return parse(builders.signed(b"".join(records), SIGNER))


def header_length(data: bytes) -> int:
    return int.from_bytes(data[8:10], "big")


def test_the_header_says_who_signed_what_and_when() -> None:
    header = parse(WHOLE).header
    assert header.version == (1, 2)
    assert header.length == header_length(WHOLE)
    assert header.signer.serial == SIGNER.serial_text
    assert header.signer.name == header.signer.ca_name == SIGNER.name
    assert header.signer_version == (1, 0)
    assert (header.digest_algorithm, header.signature_algorithm) == (1, 0)
    assert (header.file_name, header.timestamp) == ("ITLFile.tlv", 1_700_000_000)
    start, end = header.signature_span
    assert WHOLE[start:end] == field(12, header.signature)
    assert header.unknown == ()


def test_records_fill_the_file_behind_the_header() -> None:
    trust_list = parse(WHOLE)
    offset = trust_list.header.length
    for entry in trust_list.records:
        assert entry.offset == offset
        offset += entry.length
    assert offset == len(WHOLE)


def test_records_say_for_whom_they_stand() -> None:
    trust_list = parse(WHOLE)
    assert [entry.function for entry in trust_list.records] == [
        TrustFunction.SAST,
        TrustFunction.CCM_TFTP,
        TrustFunction.CAPF,
        TrustFunction.TVS,
    ]
    (capf,) = trust_list.with_function(TrustFunction.CAPF)
    assert capf.certificate is None
    assert (capf.serial, capf.public_key) == (CAPF.serial_text, CAPF.public_key)
    assert (capf.dns_name, capf.hash_algorithm) == ("pub.lab.example", 1)
    assert trust_list.records[0].certificate == SIGNER.der
    assert trust_list.records[0].dns_name == ""
    assert trust_list.records[1].ip_address == "10.122.138.102"


def test_an_address_is_read_as_octets_and_as_text() -> None:
    values = [bytes(15) + b"\x01", b"192.168.100.100\0", b"10.1.1.1\0", b"\x0a\x01\x02\x03", b""]
    entries = with_records(*(record(field(10, value)) for value in values)).records
    assert [entry.ip_address for entry in entries] == [
        "::1",
        "192.168.100.100",
        "10.1.1.1",
        "10.1.2.3",
        "",
    ]


def test_an_emptied_record_is_a_record_without_values() -> None:
    empty = record(text(2, ""), *(field(tag, b"") for tag in (3, 5, 6, 7, 8, 9, 10)), field(4, b""))
    (entry,) = with_records(empty).records
    assert entry.length == len(empty)
    assert entry.function is None
    assert entry.certificate is None
    assert entry.serial == ""
    assert record_matches(entry, CAPF.der) is RecordMatch.NOTHING_TO_COMPARE


def test_unknown_functions_and_tags_and_repeated_fields_are_kept() -> None:
    data = record(field(4, b"\0\x63"), field(77, b"new"), text(2, "first"), text(2, "second"))
    (entry,) = with_records(data).records
    assert entry.function == 99
    assert entry.dns_name == "first"
    assert entry.unknown == ((77, b"new"), (2, b"second\0"))


def test_unknown_header_tags_are_kept() -> None:
    extra = field(99, b"later") + field(3, field(88, b"inner"))
    header = field(1, b"\1\2") + field(2, (10 + len(extra)).to_bytes(2, "big")) + extra
    assert [tag for tag, _ in parse(header).header.unknown] == [99, 88]


def test_a_serial_number_is_written_as_a_certificate_prints_it() -> None:
    values = [b"\0\x94\xbe", b"\x05\x0a", b"\0", b""]
    entries = with_records(*(record(field(6, value)) for value in values)).records
    assert [entry.serial for entry in entries] == ["94be", "50a", "0", ""]


def test_a_header_without_records_is_an_empty_list() -> None:
    assert with_records().records == ()


def test_nothing_needs_more() -> None:
    assert dissect(b"") == NeedMore(1)


def test_what_does_not_begin_with_a_version_is_malformed_at_its_start() -> None:
    assert malformed(b"<device/>").offset == 0
    assert malformed(b"\x01\x00\x04\x01\x02\x03\x04").offset == 0


def test_a_second_field_other_than_the_header_length_is_malformed_there() -> None:
    assert malformed(WHOLE[:5] + field(28, b"\1\0") + WHOLE[10:]).offset == 5


def test_a_header_length_that_cuts_a_field_is_malformed_at_that_field() -> None:
    at = WHOLE.index(field(15, (1_700_000_000).to_bytes(4, "big")))
    result = malformed(WHOLE[:8] + (at + 4).to_bytes(2, "big") + WHOLE[10:])
    assert result.offset == at
    assert "end of the header" in result.reason


def test_a_header_length_that_reaches_into_the_records_is_malformed_at_the_first() -> None:
    result = malformed(WHOLE[:8] + b"\xff\xff" + WHOLE[10:])
    assert result.offset == header_length(WHOLE)
    assert "65535" in result.reason


def test_a_container_shorter_than_its_fields_is_malformed_within() -> None:
    at = WHOLE.index(b"\x03", 15)
    data = WHOLE[: at + 1] + b"\x00\x10" + WHOLE[at + 3 :]
    assert malformed(data).offset == at + 3


def test_a_record_that_does_not_begin_with_its_length_is_malformed_there() -> None:
    at = header_length(WHOLE)
    assert malformed(WHOLE[:at] + b"\x09" + WHOLE[at + 1 :]).offset == at


def test_a_record_shorter_than_its_own_length_field_is_malformed_at_the_number() -> None:
    at = header_length(WHOLE)
    assert malformed(WHOLE[: at + 3] + b"\0\0" + WHOLE[at + 5 :]).offset == at + 3


def test_a_field_that_leaves_its_record_is_malformed_at_the_field() -> None:
    data = builders.signed(b"\x01\x00\x02\x00\x0a" + b"\x03\x00\x09AB" + bytes(20), SIGNER)
    assert malformed(data).offset == header_length(data) + 5


def test_a_function_of_another_length_is_malformed_at_the_length() -> None:
    data = builders.signed(record(field(4, b"\0\0\4")), SIGNER)
    assert malformed(data).offset == header_length(data) + 6


def test_more_records_than_the_limit_are_malformed_at_the_first_too_many() -> None:
    data = builders.signed(record() * (MAX_RECORDS + 1), SIGNER)
    assert malformed(data).offset == header_length(data) + 5 * MAX_RECORDS


def test_more_fields_than_the_limit_are_malformed() -> None:
    assert "fields" in malformed(builders.signed(record(field(9, b"") * 1000), SIGNER)).reason
    extra = field(99, b"") * 1000
    header = field(1, b"\1\2") + field(2, (10 + len(extra)).to_bytes(2, "big")) + extra
    assert "fields" in malformed(header).reason


def test_containers_within_containers_do_not_nest_without_end() -> None:
    inner = b""
    for _ in range(5000):
        inner = field(7, field(9, inner))
    data = field(1, b"\1\2") + field(2, (10 + len(inner)).to_bytes(2, "big")) + inner
    assert isinstance(dissect(data), TrustList | Malformed)


def test_a_whole_certificate_matches_only_itself() -> None:
    entry = parse(WHOLE).records[0]
    assert record_matches(entry, SIGNER.der) is RecordMatch.SAME_CERTIFICATE
    assert record_matches(entry, CAPF.der) is RecordMatch.DIFFERENT_CERTIFICATE
    assert record_matches(entry, b"no certificate") is RecordMatch.DIFFERENT_CERTIFICATE


def test_a_certificate_hash_of_any_usual_length_matches_only_its_certificate() -> None:
    for digest in (hashes.SHA1(), hashes.SHA256(), hashes.SHA512()):
        (entry,) = with_records(builders.hash_record(4, CAPF, digest)).records
        assert record_matches(entry, CAPF.der) is RecordMatch.SAME_HASH
        assert record_matches(entry, SIGNER.der) is RecordMatch.DIFFERENT_HASH


def test_a_certificate_issued_anew_for_the_same_key_is_told_from_another_key() -> None:
    again = builders.Identity(CAPF.key, builders.certify(CAPF.key, "CAPF-5a7d5c25", 77))
    for old in (builders.certificate_record(4, CAPF), builders.hash_record(4, CAPF, hashes.SHA1())):
        (entry,) = with_records(old).records
        match = record_matches(entry, again.der)
        assert match is RecordMatch.REISSUED
        assert match.matches is False


def test_without_certificate_and_hash_the_key_decides() -> None:
    for owner in (CAPF, TVS):
        (entry,) = with_records(record(field(7, owner.public_key))).records
        assert record_matches(entry, owner.der) is RecordMatch.SAME_KEY
        assert record_matches(entry, SIGNER.der) is RecordMatch.DIFFERENT_KEY
        assert record_matches(entry, b"no certificate") is RecordMatch.NOTHING_TO_COMPARE


def test_with_nothing_else_serial_and_issuer_decide_in_whatever_order_the_name_is() -> None:
    backwards = "; ".join(reversed(CAPF.name.split(",")))
    (entry,) = with_records(record(text(5, backwards), field(6, CAPF.serial))).records
    assert record_matches(entry, CAPF.der) is RecordMatch.SAME_ISSUER_AND_SERIAL
    assert record_matches(entry, TVS.der) is RecordMatch.DIFFERENT_SERIAL
    (foreign,) = with_records(record(text(5, "CN=Else"), field(6, CAPF.serial))).records
    assert record_matches(foreign, CAPF.der) is RecordMatch.DIFFERENT_SERIAL


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cut_list_needs_more_or_is_a_beginning_of_the_whole(length: int) -> None:
    result = dissect(WHOLE[:length])
    if isinstance(result, NeedMore):
        assert 0 < result.at_least <= len(WHOLE) - length
    else:
        whole = parse(WHOLE)
        assert isinstance(result, TrustList)
        assert result.header == whole.header
        assert result.records == whole.records[: len(result.records)]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8))
def test_no_octets_make_it_raise(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for offset, value in changes:
        data[offset] = value
    result = dissect(bytes(data))
    if isinstance(result, Malformed):
        assert 0 <= result.offset < len(data)
    elif isinstance(result, TrustList):
        for entry in result.records:
            record_matches(entry, CAPF.der)


@given(st.binary(max_size=400))
def test_no_tail_behind_a_header_makes_it_raise(tail: bytes) -> None:
    dissect(WHOLE[: header_length(WHOLE)] + tail)
    dissect(b"\x01\x00\x02" + tail)

from __future__ import annotations

import pytest
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.tftp import (
    MAX_OPTIONS,
    MAX_TEXT,
    Acknowledgement,
    Data,
    Error,
    ErrorCode,
    OptionAcknowledgement,
    ReadRequest,
    WriteRequest,
    dissect,
)
from hypothesis import given
from hypothesis import strategies as st

REQUEST = b"\0\1ITLFile.tlv\0Octet\0TSize\x000\0blksize\x001448\0windowsize\x004\0"


def test_a_read_request_has_name_mode_and_options() -> None:
    options = (("tsize", "0"), ("blksize", "1448"), ("windowsize", "4"))
    assert dissect(REQUEST) == ReadRequest("ITLFile.tlv", "octet", options)


def test_a_write_request_is_told_from_a_read_request() -> None:
    result = dissect(b"\0\2log.txt\0netascii\0")
    assert result == WriteRequest("log.txt", "netascii", ())
    assert isinstance(result, WriteRequest)


def test_data_and_acknowledgements_carry_their_block() -> None:
    assert dissect(b"\0\3\xff\xfe" + b"x" * 512) == Data(65534, b"x" * 512)
    assert dissect(b"\0\3\0\7") == Data(7, b"")
    assert dissect(b"\0\4\x01\x02") == Acknowledgement(258)


def test_an_error_has_its_code_and_text() -> None:
    assert dissect(b"\0\5\0\1File not found\0") == Error(ErrorCode.FILE_NOT_FOUND, "File not found")
    assert dissect(b"\0\5\0\x63odd\0") == Error(99, "odd")


def test_an_error_without_its_terminator_is_read_all_the_same() -> None:
    assert dissect(b"\0\5\0\2no") == Error(ErrorCode.ACCESS_VIOLATION, "no")


def test_an_option_acknowledgement_has_the_values_of_the_server() -> None:
    assert dissect(b"\0\6blksize\x001024\0") == OptionAcknowledgement((("blksize", "1024"),))


def test_padding_behind_the_last_option_is_passed_over() -> None:
    assert dissect(REQUEST + bytes(7)) == dissect(REQUEST)


def test_an_option_without_a_name_is_malformed_where_it_stands() -> None:
    assert dissect(b"\0\1a\0octet\0\0value\0") == Malformed(10, "an option without a name")


def test_names_that_are_not_unicode_are_read_octet_by_octet() -> None:
    assert dissect("\0\1é\0octet\0".encode()) == ReadRequest("é", "octet", ())
    assert dissect(b"\0\1\xe9\xff\0octet\0") == ReadRequest("éÿ", "octet", ())


@pytest.mark.parametrize("opcode", [0, 7, 256, 0x1603])
def test_other_opcodes_are_malformed(opcode: int) -> None:
    for rest in (b"", b"more"):
        result = dissect(opcode.to_bytes(2, "big") + rest)
        assert isinstance(result, Malformed)
        assert result.offset == 0


def test_a_name_longer_than_the_limit_is_malformed_and_one_as_long_is_not() -> None:
    longest = b"a" * MAX_TEXT
    assert isinstance(dissect(b"\0\1" + longest + b"\0octet\0"), ReadRequest)
    result = dissect(b"\0\1" + longest + b"a\0octet\0")
    assert isinstance(result, Malformed)
    assert result.offset == 2


def test_more_options_than_the_limit_are_malformed() -> None:
    option = b"o\0v\0"
    assert isinstance(dissect(b"\0\6" + option * MAX_OPTIONS), OptionAcknowledgement)
    assert isinstance(dissect(b"\0\6" + option * (MAX_OPTIONS + 1)), Malformed)


@given(st.integers(0, len(REQUEST) - 1))
def test_a_cut_request_needs_more_or_lacks_only_options(length: int) -> None:
    result = dissect(REQUEST[:length])
    whole = dissect(REQUEST)
    assert isinstance(whole, ReadRequest)
    if isinstance(result, NeedMore):
        assert 0 < result.at_least <= len(REQUEST) - length
    else:
        assert isinstance(result, ReadRequest)
        assert result == whole._replace(options=whole.options[: len(result.options)])


@given(st.integers(0, 7), st.binary(max_size=200))
def test_no_octets_make_it_raise(opcode: int, rest: bytes) -> None:
    data = bytes([0, opcode]) + rest
    result = dissect(data)
    if isinstance(result, Malformed):
        assert 0 <= result.offset < len(data)
    dissect(rest)


@given(st.text(), st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=8))
def test_whatever_a_client_names_is_text_that_can_be_encoded(
    name: str, options: list[tuple[str, str]]
) -> None:
    texts = [name, "octet", *(part for pair in options for part in pair)]
    result = dissect(b"\0\1" + b"".join(part.encode() + b"\0" for part in texts))
    if isinstance(result, ReadRequest):
        repr(result).encode()
        result.file_name.encode()

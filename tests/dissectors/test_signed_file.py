from __future__ import annotations

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.signed_file import SignedFile, dissect, unwrap
from hypothesis import given
from hypothesis import strategies as st

from .builders import SIGNER, signed

CONTENT = b"<device><capfAuthMode>2</capfAuthMode></device>"
NAME = "SEP001122334455.cnf.xml.sgn"
WHOLE = signed(CONTENT, SIGNER, 3, b"\1\0", NAME)


def test_the_content_stands_behind_the_padded_header() -> None:
    result = dissect(WHOLE)
    assert isinstance(result, SignedFile)
    assert result.content == CONTENT == WHOLE[result.header.length :]
    assert result.header.length % 4 == 0
    assert result.header.file_name == NAME
    assert result.header.timestamp == 1_700_000_000
    assert not result.encrypted


def test_version_two_is_encrypted() -> None:
    result = dissect(signed(b"\x8a" * 32, SIGNER, 1, b"\2\0", "SEP001122334455.cnf.xml.enc.sgn"))
    assert isinstance(result, SignedFile)
    assert result.encrypted


def test_unwrap_gives_the_content_of_signed_and_plain_files() -> None:
    assert unwrap(WHOLE) == CONTENT
    assert unwrap(CONTENT) == CONTENT
    assert unwrap(b"") == b""


def test_unwrap_leaves_a_file_whose_header_cannot_be_read() -> None:
    assert unwrap(WHOLE[:40]) == WHOLE[:40]


def test_a_plain_file_is_malformed_at_its_start() -> None:
    assert dissect(CONTENT) == Malformed(
        0, "the file does not begin with a VERSION field of length 2"
    )


@given(st.integers(0, len(WHOLE)))
def test_a_cut_file_needs_more_until_its_header_is_whole(length: int) -> None:
    result = dissect(WHOLE[:length])
    if length < len(WHOLE) - len(CONTENT):
        assert isinstance(result, NeedMore)
    else:
        assert isinstance(result, SignedFile)
        assert CONTENT.startswith(result.content)


@given(st.binary(max_size=200))
def test_no_octets_make_it_raise(data: bytes) -> None:
    dissect(data)
    dissect(WHOLE[:10] + data)

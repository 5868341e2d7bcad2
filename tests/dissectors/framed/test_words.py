"""Commands, elements and values by name; a password by nothing."""

from __future__ import annotations

import pytest
from capf_dissectors import capf, tvs
from capf_dissectors.capf import Tag
from capf_dissectors.capf.words import MASK, describe, key_asked_for, reason_words
from capf_dissectors.framed import Message
from capf_dissectors.framed.words import MAX_DESCRIBED, MAX_TEXT, certificate_in
from capf_dissectors.tvs.words import describe as describe_tvs
from hypothesis import given
from hypothesis import strategies as st

from tests.dissectors.framed import builders
from tests.dissectors.framed.builders import ELEMENTS, Elements, certificate, nested, public_key


def message(*elements: tuple[int, bytes], command: int = 1) -> Message:
    read = capf.dissect(builders.capf(command, *elements))
    assert isinstance(read, Message)
    return read


def answer(*elements: tuple[int, bytes]) -> dict[str, str]:
    read = tvs.dissect(builders.tvs(4, *elements))
    assert isinstance(read, Message)
    return describe_tvs(read)


def test_unknown_commands_and_elements_have_generic_names() -> None:
    assert capf.command_name(99) == tvs.command_name(99) == "COMMAND_99"
    assert describe(message((77, b"\1\2"))) == {"element_77": "0102"}
    assert answer((6, b"")) == {"element_6": ""}


def test_every_element_has_a_name_of_its_own() -> None:
    names = [capf.element_name(tag) for tag in Tag]
    assert len(set(names)) == len(names)
    assert names[2:6] == ["certificate_type", "certificate", "certificate_id", "signed_data"]


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ((Tag.REASON, b"\7"), {"reason": "declined (7)"}),
        ((Tag.REASON, b"\0\0\0\x09"), {"reason": "unknown device (9)"}),
        ((Tag.REASON, b"\5"), {"reason": "5"}),
        ((Tag.AUTH_TYPE, b"\2"), {"auth_type": "null string (2)"}),
        ((Tag.CERT_TYPE, b"\1"), {"certificate_type": "LSC (1)"}),
        ((Tag.KEY_SIZE, b"\x0c\0"), {"key_size": "3072"}),
        ((Tag.KEY_TYPE, b"\1"), {"key_type": "EC (1)"}),
        ((Tag.CURVE, b"\1"), {"curve": "secp384r1 (1)"}),
        ((Tag.RETRY_DELAY, b"\0\0\0\x1e"), {"retry_delay": "30"}),
        ((Tag.DEVICE_NAME, b"SEP001122334455\0"), {"device_name": "SEP001122334455"}),
        ((Tag.VERSION, b""), {"version": ""}),
        ((Tag.SUDI_DATA, bytes(500)), {"sudi_data": "00" * 20 + "… (500 bytes)"}),
    ],
)
def test_values_are_told_in_words(element: tuple[int, bytes], words: dict[str, str]) -> None:
    assert describe(message(element)) == words


@pytest.mark.parametrize(
    ("kind", "name"),
    [("rsa-2048", "RSA 2048"), ("ec-384", "EC secp384r1"), ("ec-521", "EC secp521r1")],
)
def test_a_public_key_is_told_by_kind_and_size(kind: str, name: str) -> None:
    assert describe(message((Tag.PUBLIC_KEY, public_key(kind)))) == {"public_key": name}


@pytest.mark.parametrize("before", [b"", b"\1\2\3\4", b"\1\x03\x30\0\1", b"\x30\x30\0\x30"])
def test_a_certificate_is_found_whatever_stands_before_it(before: bytes) -> None:
    assert certificate_in(before + certificate()) == certificate()
    assert certificate_in(nested(certificate())) == certificate()
    told = describe(message((Tag.CERTIFICATE, before + certificate())))
    assert told == {"certificate": "SEP001122334455, serial 50639e30, issued by CN=CAPF-95b18d5b"}


def test_a_certificate_with_bytes_behind_it_is_found() -> None:
    assert certificate_in(b"\0\1" + certificate() + b"xyz") == certificate()
    assert certificate_in(b"\0\1" + certificate()[:-1]) is None


def test_a_password_is_never_told_unless_that_is_asked_for() -> None:
    for password in (b"", b"\0", b"483920\0"):
        read = message((Tag.PASSWORD, password))
        assert describe(read) == {"password": MASK}
    assert describe(read, show_secrets=True) == {"password": "483920"}


def test_the_key_asked_for_is_told_with_and_without_a_key_type() -> None:
    size, rsa, ec = (Tag.KEY_SIZE, b"\x0c\0"), (Tag.KEY_TYPE, b"\0"), (Tag.KEY_TYPE, b"\1")
    curve = (Tag.CURVE, b"\2")
    assert key_asked_for(message(size, rsa)) == key_asked_for(message(size)) == "RSA 3072"
    assert key_asked_for(message(ec, curve)) == key_asked_for(message(curve)) == "EC secp521r1"
    assert key_asked_for(message(ec)) == "EC"
    assert key_asked_for(message(rsa)) == "RSA"
    assert key_asked_for(message()) is None


def test_a_reason_is_told_where_there_is_one() -> None:
    assert reason_words(message((Tag.REASON, b"\1"))) == "OK (1)"
    assert reason_words(message()) is None


def test_an_answer_of_tvs_is_told() -> None:
    told = answer((7, b"\0"), (8, b"\2\4"), (9, b"\0\1\x51\x80"), (2, certificate()))
    assert told.pop("certificate").startswith("SEP001122334455, serial 50639e30")
    assert told == {"status": "valid (0)", "roles": "2, 4", "ttl": "86400"}
    assert answer((1, b"\1SEP001122334455")) == {"device_name": "SEP001122334455"}


@given(ELEMENTS)
def test_whatever_elements_hold_they_are_told_in_few_words(elements: Elements) -> None:
    for told in (describe(message(*elements)), answer(*elements)):
        assert all(len(words) <= len(elements) * (MAX_TEXT + 2) for words in told.values())


def test_many_elements_are_counted() -> None:
    told = describe(message(*[(77, b"")] * (MAX_DESCRIBED + 3)))
    assert told["more"] == "3 elements"


@given(st.binary(max_size=80))
def test_no_bytes_make_the_search_for_a_certificate_fail(value: bytes) -> None:
    found = certificate_in(b"\x30" + value)
    assert found is None or found in b"\x30" + value

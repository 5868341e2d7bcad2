"""What the files that arrived at a phone say."""

from __future__ import annotations

import pytest
from capf_dissectors.signature import SignatureCheck
from capf_dissectors.trust_list import TrustList

from capfpcap.enrolment.loaded import (
    LoadedConfiguration,
    LoadedTrustList,
    check_signature,
    is_sound,
    read_trust_list,
)
from tests.dissectors.builders import trust_list
from tests.enrolment.scene import load, phone

LIST = trust_list()
CONFIGURATION = b"<device><capfAuthMode>2</capfAuthMode></device>"
SIGNED = b"\x01\x00\x02\x01\x00\x02\x00\x02\x00\x0a"
"""VERSION 1.0 and HEADERLENGTH 10, the smallest signed header."""
ENCRYPTED = b"\x01\x00\x02\x02\x00\x02\x00\x02\x00\x0a"
"""The same with VERSION 2.0."""


def configuration(content: bytes, name: str = "SEP001122334455.cnf.xml") -> LoadedConfiguration:
    (loaded,) = phone(load(name, content)).configurations
    return loaded


def loaded_list(content: bytes) -> LoadedTrustList:
    (loaded,) = phone(load("ITLFile.tlv", content)).trust_lists
    return loaded


@pytest.mark.parametrize("name", ["SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml.sgn"])
@pytest.mark.parametrize("content", [CONFIGURATION, SIGNED + CONFIGURATION])
def test_configurations_are_read_signed_or_not(name: str, content: bytes) -> None:
    loaded = configuration(content, name)
    assert loaded.configuration is not None
    assert loaded.configuration.capf_auth_mode == 2
    assert (loaded.encrypted, loaded.problem) == (False, None)


def test_an_encrypted_configuration_says_only_that_it_is_encrypted() -> None:
    loaded = configuration(ENCRYPTED + bytes(64), "SEP001122334455.cnf.xml.enc.sgn")
    assert (loaded.encrypted, loaded.configuration) == (True, None)
    assert loaded.problem == "it is encrypted"


def test_a_configuration_that_cannot_be_read_says_where() -> None:
    loaded = configuration(b"<device><a></b></device>")
    assert (loaded.encrypted, loaded.configuration) == (False, None)
    assert loaded.problem is not None
    assert loaded.problem.startswith("byte 13: ")


def test_a_trust_list_is_read_with_its_signature() -> None:
    loaded = loaded_list(LIST)
    assert isinstance(loaded.read.parsed, TrustList)
    assert loaded.read.capf_records
    assert loaded.signature is SignatureCheck.VALID
    assert is_sound(loaded.read)


def test_a_changed_trust_list_is_not_sound() -> None:
    changed = bytearray(LIST)
    changed[-1] ^= 1
    loaded = loaded_list(bytes(changed))
    assert loaded.signature is SignatureCheck.INVALID
    assert not is_sound(loaded.read)


def test_what_is_no_trust_list_has_neither_records_nor_signature() -> None:
    loaded = loaded_list(b"no list at all")
    assert loaded.read.capf_records == ()
    assert loaded.signature is None
    assert check_signature(loaded.read) is SignatureCheck.UNSUPPORTED
    assert not is_sound(loaded.read)


def test_a_list_that_many_phones_load_is_read_once() -> None:
    assert loaded_list(LIST).read is loaded_list(LIST).read is read_trust_list(LIST)

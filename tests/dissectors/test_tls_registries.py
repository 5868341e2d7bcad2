"""Numbers and the names the registries give them."""

import pytest
from capf_dissectors.tls import (
    AlertDescription,
    alert_name,
    cipher_suite_name,
    group_name,
    is_grease,
    is_tls13,
    version_name,
)
from capf_dissectors.tls.cipher_suite_names import CIPHER_SUITE_NAMES


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        (0x0000, "TLS_NULL_WITH_NULL_NULL"),
        (0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
        (0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        (0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
        (0x1302, "TLS_AES_256_GCM_SHA384"),
        (0x5600, "TLS_FALLBACK_SCSV"),
        (0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        (0xC0AA, "TLS_PSK_DHE_WITH_AES_128_CCM_8"),
        (0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        (0xABCD, "0xABCD"),
        (0x3A3A, "GREASE (0x3A3A)"),
    ],
)
def test_a_cipher_suite_has_the_name_that_iana_gives_it(suite, name):
    assert cipher_suite_name(suite) == name


def test_the_table_of_cipher_suites_ascends_without_doubles():
    lines = CIPHER_SUITE_NAMES.splitlines()
    values = [int(line.split()[0], 16) for line in lines]
    assert values == sorted(set(values))
    assert len({line.split()[1] for line in lines}) == len(lines)


def test_there_are_sixteen_grease_values():
    assert [value for value in range(0x10000) if is_grease(value)] == [
        0x0A0A + 0x1010 * step for step in range(16)
    ]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (0x0002, "SSL 2.0"),
        (0x0300, "SSL 3.0"),
        (0x0301, "TLS 1.0"),
        (0x0304, "TLS 1.3"),
        (0x7F1C, "TLS 1.3 draft 28"),
        (0x0305, "0x0305"),
    ],
)
def test_a_version_is_named_as_people_write_it(version, name):
    assert version_name(version) == name


def test_drafts_of_tls13_count_as_tls13():
    assert is_tls13(0x0304)
    assert is_tls13(0x7F17)
    assert not is_tls13(0x0303)


def test_an_alert_is_named_as_in_the_registry():
    assert alert_name(AlertDescription.UNKNOWN_CA) == "unknown_ca"
    assert alert_name(40) == "handshake_failure"
    assert alert_name(199) == "199"


def test_a_group_is_named_as_in_the_registry():
    assert group_name(23) == "secp256r1"
    assert group_name(29) == "x25519"
    assert group_name(41) == "curveSM2"
    assert group_name(257) == "ffdhe3072"
    assert group_name(9999) == "0x270F"

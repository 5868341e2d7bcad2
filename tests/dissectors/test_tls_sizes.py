"""What the length of an encrypted record says of its plaintext."""

import pytest
from capf_dissectors.tls import ServerHello
from capf_dissectors.tls.sizes import plaintext_bounds

from .tls_endpoints import TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, Conversation

LENGTHS = (12, 16, 35, 39, 305, 954, 0, 1, 15, 47, 16384)

CIPHERS = [
    *[
        (version, ciphers, "rsa")
        for version in (TLS_1_0, TLS_1_1, TLS_1_2)
        for ciphers in (
            "AES128-SHA",
            "ECDHE-RSA-AES256-SHA",
            "CAMELLIA256-SHA",
            "NULL-SHA",
            "NULL-MD5",
        )
    ],
    *[
        (TLS_1_2, ciphers, "rsa")
        for ciphers in (
            "AES128-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "AES256-GCM-SHA384",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "AES128-CCM",
            "AES256-CCM8",
            "ECDHE-ARIA128-GCM-SHA256",
            "NULL-SHA256",
        )
    ],
    (TLS_1_2, "ECDHE-ECDSA-AES128-CCM8", "ec"),
    (TLS_1_3, "ALL", "rsa"),
]


@pytest.mark.parametrize(("version", "ciphers", "algorithm"), CIPHERS)
@pytest.mark.parametrize("encrypt_then_mac", [True, False])
def test_what_was_written_lies_within_the_bounds(version, ciphers, algorithm, encrypt_then_mac):
    conversation = Conversation(
        version, ciphers, algorithm=algorithm, encrypt_then_mac=encrypt_then_mac
    ).handshake()
    before = len(list(conversation.encrypted_records()))
    for length in LENGTHS:
        if length:
            conversation.say(True, length)
    bounds = [entry[1:] for entry in list(conversation.encrypted_records())[before:]]
    if version == TLS_1_0 and len(bounds) > len(LENGTHS):
        assert all(smallest == 0 for smallest, _ in bounds[::2])
        bounds = bounds[1::2]
    assert len(bounds) == len(LENGTHS) - 1
    for length, (smallest, largest) in zip([n for n in LENGTHS if n], bounds, strict=True):
        assert smallest <= length <= largest
        assert largest - smallest < 16


def test_encrypt_then_mac_was_really_tried_both_ways():
    accepted = [
        Conversation(TLS_1_2, "AES128-SHA", encrypt_then_mac=wanted)
        .handshake()
        .dissected(from_client=False)
        .messages[0]
        for wanted in (True, False)
    ]
    assert all(isinstance(hello, ServerHello) for hello in accepted)
    assert [hello.encrypt_then_mac for hello in accepted] == [True, False]


@pytest.mark.parametrize(
    ("version", "suite", "lengths"),
    [
        (0x0303, 0x009C, (40, 63, 41, 32, 329, 978, 36, 36)),
        (0x0303, 0x002F, (64, 80, 64, 48, 352, 992, 64, 64)),
        (0x0301, 0x002F, (48, 64, 48, 32, 336, 976, 48, 48)),
        (0x0304, 0x1302, (33, 56, 34, 25, 322, 971, 29, 29)),
    ],
)
def test_the_records_of_a_measured_installation_hold_its_messages(version, suite, lengths):
    messages = (16, 39, 17, 8, 305, 954, 12, 12)
    for length, message in zip(lengths, messages, strict=True):
        smallest, largest = plaintext_bounds(version, suite, length, encrypt_then_mac=False)
        assert smallest <= message <= largest


@pytest.mark.parametrize(
    ("version", "suite", "length", "encrypt_then_mac", "bounds"),
    [
        (0x0301, 0x0035, 32, False, (0, 11)),
        (0x0301, 0x0035, 36, True, (0, 15)),
        (0x0302, 0x000A, 40, False, (4, 11)),
        (0x0301, 0x0005, 36, False, (16, 16)),
        (0x0301, 0x0004, 36, False, (20, 20)),
        (0x0304, 0x1305, 33, False, (24, 24)),
        (0x7F1C, 0x1301, 33, False, (16, 16)),
        (0x0304, 0xC0B4, 50, False, (17, 17)),
    ],
)
def test_suites_that_cannot_be_tried_follow_their_standard(
    version, suite, length, encrypt_then_mac, bounds
):
    assert plaintext_bounds(version, suite, length, encrypt_then_mac) == bounds


@pytest.mark.parametrize(
    ("version", "suite", "length"),
    [(0x0303, 0xABCD, 50), (0x0303, 0x0A0A, 50), (0x0303, 0x009C, 10), (0x0303, 0x002F, 65)],
)
def test_a_length_that_nothing_explains_bounds_the_plaintext_by_itself(version, suite, length):
    assert plaintext_bounds(version, suite, length, encrypt_then_mac=False) == (0, length)

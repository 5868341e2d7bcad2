"""CAPF operations told over ciphers and paddings that OpenSSL lacks, or does not use by itself."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from capf_dissectors.capf_shape import (
    Certainty,
    Operation,
    SessionShape,
    SessionState,
    application_records_tls13,
    classify,
    key_told,
    padding_tls13,
    split_records_tls13,
)
from capf_dissectors.tls import plaintext_bounds

from .tls_endpoints import TLS_1_3, Conversation

INSTALL = (16, -39, 17, -8, -305, 954, -12, 12)
"""Bytes of each message of an installation; those of the phone are negative."""
FETCH = (16, -39, 8, -974, 12)
NOTHING = (16, -39, 12)


class Sized(NamedTuple):
    from_client: bool
    smallest: int
    largest: int


THREE_DES = 0x000A
TLS_1_0, TLS_1_1, TLS_1_2 = 0x0301, 0x0302, 0x0303

IN_3DES = {
    (TLS_1_0, True): (
        *(28, 36, -28, -60, 28, 44, -28, -28, -28, -332),
        *(28, 980, -28, -36, 28, 36),
    ),
    (TLS_1_0, False): (
        *(24, 40, -24, -64, 24, 40, -24, -32, -24, -328),
        *(24, 976, -24, -32, 24, 32),
    ),
    (TLS_1_1, True): (52, -68, 52, -44, -340, 988, -44, 44),
    (TLS_1_1, False): (48, -72, 48, -40, -336, 984, -48, 48),
    (TLS_1_2, True): (52, -68, 52, -44, -340, 988, -44, 44),
    (TLS_1_2, False): (48, -72, 48, -40, -336, 984, -48, 48),
}
"""Lengths of the records in which tlslite-ng 0.8.2 said ``INSTALL``, by TLS version and whether it
encrypts first; in TLS 1.0 it sends the first byte of each message apart."""


@pytest.mark.parametrize(("version", "encrypt_then_mac"), IN_3DES)
def test_an_installation_is_likely_over_3des(version: int, encrypt_then_mac: bool) -> None:
    records = [
        (length < 0, *plaintext_bounds(version, THREE_DES, abs(length), encrypt_then_mac))
        for length in IN_3DES[version, encrypt_then_mac]
    ]
    shape = classify(records, version=version)
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)
    assert (shape.certainty, key_told(shape)) == (Certainty.LIKELY, "RSA 2048")


def padded_to_blocks(script: tuple[int, ...], block: int, server_alerts: int = 1) -> list[Sized]:
    """What both sides of TLS 1.3 sent who said a script, had each filled its records to blocks."""
    conversation = Conversation(TLS_1_3).handshake()
    for length in script:
        conversation.say(length < 0, abs(length))
    if server_alerts:
        conversation.close()
    return [
        Sized(from_client, size := -(-(largest + 1) // block) * block - 1, size)
        for from_client, _, largest in conversation.encrypted_records()
    ]


def shape_of(records: list[Sized]) -> SessionShape:
    server, client = padding_tls13(records, 48)
    return classify(
        [
            (
                one.from_client,
                max(0, one.smallest - (client if one.from_client else server).most),
                one.largest - (client if one.from_client else server).least,
            )
            for one in application_records_tls13(records)
        ],
        version=0x0304,
        sure=False,
    )


@pytest.mark.parametrize("block", [16, 32])
@pytest.mark.parametrize("alerts", [0, 1])
def test_padding_to_blocks_hides_neither_installation_nor_fetch(block: int, alerts: int) -> None:
    for script, operation in ((INSTALL, Operation.INSTALL), (FETCH, Operation.FETCH)):
        shape = shape_of(padded_to_blocks(script, block, alerts))
        assert (shape.operation, shape.state) == (operation, SessionState.COMPLETE)


@pytest.mark.parametrize("block", [16, 32, 64, 512, 4096])
def test_who_pads_to_blocks_is_known_by_the_finished_that_is_not_there(block: int) -> None:
    records = padded_to_blocks(INSTALL, block)
    for padding in padding_tls13(records, 48):
        assert padding.least == 0
        assert padding.most + 1 >= block


def test_an_alert_behind_the_end_is_no_message_where_both_have_the_same_size() -> None:
    split = split_records_tls13(padded_to_blocks(NOTHING, 16))
    assert [one.from_client for one in split.alerts] == [False]
    assert [one.from_client for one in split.application] == [False, True, False]


def test_the_rest_of_a_message_whose_header_goes_first_is_no_key_update() -> None:
    flight = [(False, 36), (True, 36)]
    said = [(False, 16), (True, 39), (False, 8), (False, 5), (True, 8), (True, 305)]
    records = [Sized(side, size, size) for side, size in [*flight, *said]]
    assert [one[:2] for one in application_records_tls13(records)] == said
    update = [*flight, *said[:2], (False, 5), (False, 17)]
    kept = application_records_tls13([Sized(side, size, size) for side, size in update])
    assert [one[:2] for one in kept] == [*said[:2], (False, 17)]

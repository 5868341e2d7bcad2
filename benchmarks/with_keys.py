"""*keys*: a thousand phones enrol in sessions that can be decrypted, among other traffic.

Each phone's session is one that OpenSSL really spoke, with CAPF messages in it, and the key log
lies beside the capture. Keys of sessions come from OpenSSL and not from the seed: this capture
alone is another one wherever it is written.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.captures import Population, write_capture
from benchmarks.cluster import Cluster, make_cluster
from benchmarks.contenders import key_log_of
from benchmarks.enrolments import installation
from benchmarks.mixed import others
from benchmarks.scripts import Script
from benchmarks.storm import start_times
from benchmarks.templates import Quantity, Values, hole
from benchmarks.tls_sessions import (
    TLS_1_0,
    TLS_1_2_ECDHE,
    TLS_1_2_RSA,
    TLS_1_3,
    Opaque,
    Side,
    contexts_of,
    speak,
)
from captures.lab import pki
from captures.lab.capf.authentication import key_octets
from captures.lab.capf.messages import Command, Element, Message, certificate_element

FLAVOURS = (TLS_1_2_ECDHE, TLS_1_2_RSA, TLS_1_0, TLS_1_3)
"""Each of a quarter of the phones."""
PACKETS_A_PHONE = 400
SESSION_ID = 1
_OK = b"\x01"
_VERSION = b"\x03"


def write_with_keys(path: Path, packets: int, seed: int) -> int:
    """Write the capture and its key log; returns the number of packets."""
    cluster = make_cluster(seed)
    generator = np.random.default_rng([seed, packets])
    phones = max(len(FLAVOURS), packets // PACKETS_A_PHONE)
    starts = start_times(phones, generator)
    populations = []
    for number, flavour in enumerate(FLAVOURS):
        chosen = np.arange(number, phones, len(FLAVOURS))
        contexts = contexts_of(flavour, cluster.capf, cluster.capf)
        contexts[Side.CLIENT].keylog_filename = str(key_log_of(path))
        populations.append(Population(_script(cluster, contexts), chosen, starts[chosen]))
    left = packets - sum(one.packets for one in populations)
    return write_capture(path, [*populations, *others(cluster, left, generator)], seed)


def _script(cluster: Cluster, contexts: Mapping[Side, ssl.SSLContext]) -> Script:
    """The script of a phone of one flavour; all its sessions are as long as the first one."""
    conversation = _Conversation(cluster)
    first = speak(contexts, list(conversation.messages("000000000000")))
    opaque = Opaque()
    flights = [(flight.sender, opaque.take(len(flight.octets))) for flight in first]

    def fill(values: Values) -> None:
        devices = hole(Quantity.DEVICE, 12).fill(values)
        sessions = [
            b"".join(
                flight.octets
                for flight in speak(
                    contexts, list(conversation.messages(device.tobytes().decode()))
                )
            )
            for device in devices
        ]
        octets = np.frombuffer(b"".join(sessions), np.uint8)
        values.set(Quantity.OPAQUE, octets.reshape(values.count, opaque.used))

    return installation(cluster, flights, conversation.count, fill)


class _Conversation:
    """The CAPF messages of an installation; key and certificate are everybody's."""

    count = 8

    def __init__(self, cluster: Cluster) -> None:
        key = pki.generate_key("rsa-2048")
        issuer = pki.Identity(cluster.capf.certificate, cluster.capf.key)
        self._public = key_octets(key)
        self._certificate = pki.issue_lsc(issuer, self._public, "SEP001122334455", "CP-8861")

    def messages(self, device: str) -> Iterator[tuple[Side, bytes]]:
        """Who says what."""
        stored: dict[int, bytes] = {
            Element.CERTIFICATE_TYPE: _OK,
            Element.CERTIFICATE: certificate_element(self._certificate),
        }
        said: tuple[tuple[Side, Command, dict[int, bytes]], ...] = (
            (
                Side.SERVER,
                Command.AUTH_REQUEST,
                {Element.VERSION: _VERSION, Element.AUTH_TYPE: b"\x02"},
            ),
            (
                Side.CLIENT,
                Command.AUTH_RESPONSE,
                {
                    Element.REASON: _OK,
                    Element.VERSION: _VERSION,
                    Element.DEVICE_NAME: f"SEP{device}".encode() + b"\0",
                },
            ),
            (
                Side.SERVER,
                Command.KEYGEN_REQUEST,
                {Element.KEY_SIZE: b"\x08\0", Element.KEY_TYPE: b"\0"},
            ),
            (Side.CLIENT, Command.REQUEST_IN_PROGRESS, {}),
            (Side.CLIENT, Command.KEYGEN_RESPONSE, {Element.PUBLIC_KEY: self._public}),
            (Side.SERVER, Command.STORE_CERT_REQUEST, stored),
            (Side.CLIENT, Command.STORE_CERT_RESPONSE, {Element.REASON: _OK}),
            (Side.SERVER, Command.END_SESSION, {Element.REASON: _OK}),
        )
        for side, command, elements in said:
            yield side, Message(command, SESSION_ID, elements).encode()

"""Sessions that no endpoint here speaks any more, encrypted by other means than they are opened."""

from __future__ import annotations

import hashlib
import hmac
import struct
from pathlib import Path

import pytest
from capf_dissectors.tls.decryption import Reason, Secrets, load_rsa_key
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.dissectors.tls_endpoints import certificate_and_key
from tests.dissectors.tls_octets import handshake, record

from .sessions import Session, read
from .tshark import tshark

RANDOMS = bytes(range(32)), bytes(range(32, 64))
MASTER = bytes(range(100, 148))
DATA = [b"first words", b"x" * 700, b"", b"last"]


def p_hash(name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    made, chain = b"", seed
    while len(made) < length:
        chain = hmac.new(secret, chain, name).digest()
        made += hmac.new(secret, chain + seed, name).digest()
    return made[:length]


def prf(version: int, secret: bytes, seed: bytes, length: int) -> bytes:
    if version == 0x0303:
        return p_hash("sha256", secret, seed, length)
    halves = p_hash("md5", secret[:24], seed, length), p_hash("sha1", secret[24:], seed, length)
    return bytes(a ^ b for a, b in zip(*halves, strict=True))


def hello(kind: int, version: int, random: bytes, rest: bytes) -> bytes:
    body = version.to_bytes(2, "big") + random + b"\0" + rest
    return record(22, handshake(kind, body), version)


class Writer:
    """One side of an old cipher."""

    def __init__(self, version: int, mac: str, keys: tuple[bytes, bytes, bytes], name: str) -> None:
        self.version, self.mac, self.number = version, mac, 0
        self.mac_key, key, self.iv = keys
        self.name = name
        self.stream = Cipher(ARC4(key), None).encryptor() if name == "rc4" else None
        self.key = key

    def record(self, kind: int, data: bytes) -> bytes:
        head = struct.pack(">QBHH", self.number, kind, self.version, len(data))
        self.number += 1
        plain = data + hmac.new(self.mac_key, head + data, self.mac).digest()
        if self.stream is not None:
            return record(kind, self.stream.update(plain), self.version)
        padding = 7 - len(plain) % 8 + 16
        plain += bytes([padding]) * (padding + 1)
        vector = self.iv if self.version == 0x0301 else hashlib.sha1(head).digest()[:8]
        encryptor = Cipher(TripleDES(self.key), modes.CBC(vector)).encryptor()
        sealed = encryptor.update(plain) + encryptor.finalize()
        self.iv = sealed[-8:]
        return record(kind, sealed if self.version == 0x0301 else vector + sealed, self.version)


def old_session(
    version: int, suite: int, name: str, mac: str, master: bytes = MASTER, exchange: bytes = b""
) -> Session:
    mac_length, key_length = hashlib.new(mac).digest_size, 16 if name == "rc4" else 24
    lengths = [mac_length] * 2 + [key_length] * 2 + ([8] * 2 if name == "3des" else [0] * 2)
    seed = b"key expansion" + RANDOMS[1] + RANDOMS[0]
    block, keys = prf(version, master, seed, sum(lengths)), []
    for length in lengths:
        keys.append(block[:length])
        block = block[length:]
    sides = {
        side: Writer(version, mac, (keys[at], keys[2 + at], keys[4 + at]), name)
        for at, side in enumerate((True, False))
    }
    number = suite.to_bytes(2, "big")
    flights = [
        (True, hello(1, version, RANDOMS[0], b"\0\x02" + number + b"\x01\0")),
        (False, hello(2, version, RANDOMS[1], number + b"\0")),
    ]
    change = b"\x14" + version.to_bytes(2, "big") + b"\0\x01\x01"
    finished = handshake(20, bytes(12))
    if exchange:
        flights.append((True, record(22, handshake(16, exchange), version)))
    flights += [(side, change + sides[side].record(22, finished)) for side in (False, True)]
    said = [(at % 2 == 0, data) for at, data in enumerate(DATA * 2)]
    flights += [(side, sides[side].record(23, data)) for side, data in said]
    log = f"CLIENT_RANDOM {RANDOMS[0].hex()} {MASTER.hex()}\n".encode()
    return Session(f"{version:x} {name} {mac}", flights, said, log)


OLD = [
    old_session(0x0301, 0x000A, "3des", "sha1"),
    old_session(0x0302, 0x000A, "3des", "sha1"),
    old_session(0x0303, 0x000A, "3des", "sha1"),
    old_session(0x0301, 0x0005, "rc4", "sha1"),
    old_session(0x0303, 0x0004, "rc4", "md5"),
]


@pytest.mark.parametrize("session", OLD, ids=repr)
def test_old_ciphers_are_opened_with_long_padding_too(session: Session) -> None:
    opened = session.opened()
    assert opened.reason is None
    for from_client in (True, False):
        assert read(opened, from_client) == session.meant(from_client)


def test_tshark_opens_the_old_ones_alike(tmp_path: Path) -> None:
    followed = tshark(OLD, tmp_path)
    for session, sides in zip(OLD, followed, strict=True):
        expected = sorted(session.meant(side) for side in (True, False))
        assert sorted(sides.values()) == expected, session.name


def expand(secret: bytes, label: bytes, length: int) -> bytes:
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
    return HKDFExpand(SHA256(), length, info).derive(secret)


def tls13_session(padding: int) -> Session:
    """The server's words of TLS 1.3, each record padded."""
    secrets = {"HANDSHAKE_TRAFFIC_SECRET": b"\x11" * 32, "TRAFFIC_SECRET_0": b"\x22" * 32}
    versions = b"\x00\x2b\x00\x02\x03\x04"
    offers = b"\x00\x2b\x00\x03\x02\x03\x04"
    flights = [
        (
            True,
            hello(1, 0x0303, RANDOMS[0], b"\0\x02\x13\x01\x01\0" + struct.pack(">H", 7) + offers),
        ),
        (False, hello(2, 0x0303, RANDOMS[1], b"\x13\x01\0" + struct.pack(">H", 6) + versions)),
    ]
    said = [(False, data) for data in DATA]
    spoken = [("HANDSHAKE_TRAFFIC_SECRET", 22, [handshake(8, b"\0\0") + handshake(20, bytes(32))])]
    spoken.append(("TRAFFIC_SECRET_0", 23, [data for _, data in said]))
    for label, kind, parts in spoken:
        cipher = AESGCM(expand(secrets[label], b"key", 16))
        vector = int.from_bytes(expand(secrets[label], b"iv", 12), "big")
        for number, data in enumerate(parts):
            plain = data + bytes([kind]) + bytes(padding)
            head = b"\x17\x03\x03" + (len(plain) + 16).to_bytes(2, "big")
            sealed = cipher.encrypt((vector ^ number).to_bytes(12, "big"), plain, head)
            flights.append((False, head + sealed))
    lines = [f"SERVER_{name} {RANDOMS[0].hex()} {one.hex()}" for name, one in secrets.items()]
    return Session(f"padded by {padding}", flights, said, "\n".join(lines).encode())


@pytest.mark.parametrize("padding", [0, 1, 300])
def test_padding_of_tls13_is_taken_off(padding: int) -> None:
    session = tls13_session(padding)
    opened = session.opened()
    assert opened.reason is None
    assert read(opened, False) == session.meant(False)


@pytest.mark.parametrize(
    ("suite", "version", "reason"),
    [
        (0x0007, 0x0301, Reason.SUITE),
        (0x0005, 0x0300, Reason.VERSION),
        (0xFFFE, 0x0303, Reason.SUITE),
    ],
)
def test_what_cannot_be_decrypted_is_said(suite: int, version: int, reason: Reason) -> None:
    session = old_session(0x0301, 0x0005, "rc4", "sha1")
    number = suite.to_bytes(2, "big")
    session.flights[1] = (False, hello(2, version, RANDOMS[1], number + b"\0"))
    assert session.opened().reason is reason


def test_compressed_records_are_said_to_be() -> None:
    session = old_session(0x0303, 0x000A, "3des", "sha1")
    session.flights[1] = (False, hello(2, 0x0303, RANDOMS[1], b"\x00\x0a\x01"))
    assert session.opened().reason is Reason.COMPRESSED


def test_an_rsa_key_opens_a_session_that_began_with_a_hello_of_ssl_2() -> None:
    pem = certificate_and_key("rsa")[2]
    key = load_pem_private_key(pem, None)
    premaster = b"\x03\x01" + bytes(46)
    seed = b"master secret" + RANDOMS[0] + RANDOMS[1]
    encrypted = key.public_key().encrypt(premaster, PKCS1v15())
    exchange = len(encrypted).to_bytes(2, "big") + encrypted
    master = prf(0x0301, premaster, seed, 48)
    session = old_session(0x0301, 0x0005, "rc4", "sha1", master, exchange)
    body = b"\x01\x03\x01\0\x03\0\0\0\x20" + b"\0\0\x05" + RANDOMS[0]
    session.flights[0] = (True, (0x8000 | len(body)).to_bytes(2, "big") + body)
    opened = session.opened(Secrets(keys=[load_rsa_key(pem)]))
    assert opened.reason is None
    assert read(opened, True) == session.meant(True)

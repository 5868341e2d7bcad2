"""Decrypted messages: the plugin shows what our own dissectors read, and what the lab said."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from capf_dissectors import capf, tvs
from capf_dissectors.framed import Element, Message
from capf_dissectors.results import Malformed, NeedMore
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from capfpcap.tshark.wishes import Wishes

from .shown import CAPTURES, SHARED, Row, bytes_of, merged, rows_of, secrets_of

PROTOCOLS = ("capf", "tvs")
PREFIX = 5
"""Bytes of a nested element before a certificate."""
PLACE = ("frame.number", "frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport")
HEADER = ("command", "session_id", "length", "element.type", "element.length")
NUMBERS = {1: "reason", 3: "certificate_type", 7: "version", 8: "auth_type", 10: "key_size"}
NUMBERS |= {12: "retry_delay", 17: "key_type", 18: "curve"}
BYTES = {5: "certificate_id", 6: "signed_data", 9: "public_key", 16: "sudi_data", 19: "digest"}
BYTES |= {2: "reason_info", 20: "sha2_signed_data"}
TEXTS = {11: "password", 13: "device_name"}
KEYS = ("public_key.type", "public_key.size", "public_key.curve")
OF_CAPF = (*NUMBERS.values(), *BYTES.values(), *TEXTS.values(), "certificate", *KEYS)
OF_TVS = ("version", "device_name", "certificate", "subject", "issuer", "serial", "status")
OF_TVS += ("role", "ttl")
LINKS = ("response_in", "response_to", "response_time", "unexpected", "malformed")
NAMES = (
    *PLACE,
    *(f"{protocol}.{name}" for protocol in PROTOCOLS for name in (*HEADER, *LINKS)),
    *(f"capf.{name}" for name in OF_CAPF),
    *(f"tvs.{name}" for name in OF_TVS),
    "x509af.serialNumber",
)


class Frame(NamedTuple):
    """One frame with messages: as the plugin shows it, and what is in it."""

    row: Row
    raw: dict[str, list[bytes]]

    @property
    def number(self) -> str:
        return self.row["frame.number"][0]

    @property
    def client(self) -> str:
        return self.end("src" if self.from_client else "dst")

    @property
    def from_client(self) -> bool:
        return self.row["tcp.dstport"][0] in {"3804", "2445"}

    def end(self, which: str) -> str:
        return f"{self.row[f'ip.{which}'][0]}:{self.row[f'tcp.{which}port'][0]}"


def recorded() -> list[Path]:
    folders = [path.parent for path in CAPTURES.rglob("keylog.txt")]
    example = SHARED / "ok-install-tls12-keylog"
    return sorted(folders) + ([example] if example.exists() else [])


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[Frame]:
    """Every frame with a decrypted message of the captures that have a key log."""
    folders = recorded()
    captures = [sorted(folder.glob("*.pcap*"))[-1] for folder in folders]
    path = merged(tmp_path_factory.mktemp("merged") / "all.pcapng", captures)
    wishes = Wishes(path, secrets_of(folders), "capf || tvs || _ws.lua.error")
    rows, raw = rows_of(wishes, NAMES), bytes_of(wishes, PROTOCOLS)
    return [Frame(*both) for both in zip(rows, raw, strict=True)]


def read(protocol: str, raw: bytes) -> Message | Malformed:
    message = capf.dissect(raw) if protocol == "capf" else tvs.dissect(raw)
    assert not isinstance(message, NeedMore)
    return message


def whole(protocol: str, raws: list[bytes]) -> list[Message]:
    """Those that begin as a message does."""
    messages = (read(protocol, raw) for raw in raws)
    return [message for message in messages if isinstance(message, Message)]


def text(value: bytes) -> str:
    return value.split(b"\0")[0].decode()


def capf_values(element: Element) -> Iterator[tuple[str, str]]:
    """The fields of an element, as tshark prints them."""
    tag, value = element.tag, element.value
    if tag in NUMBERS:
        yield NUMBERS[tag], str(int.from_bytes(value, "big"))
    elif tag in BYTES:
        yield BYTES[tag], value.hex()
    elif tag in TEXTS:
        shown = text(value)
        yield TEXTS[tag], "*" * len(shown) if tag == capf.Tag.PASSWORD else shown
    elif tag == capf.Tag.CERTIFICATE:
        yield "certificate", value[PREFIX:].hex()
    if tag == capf.Tag.PUBLIC_KEY:
        key = load_der_public_key(value)
        assert isinstance(key, RSAPublicKey | EllipticCurvePublicKey)
        yield "public_key.size", str(key.key_size)
        yield "public_key.type", "RSA" if isinstance(key, RSAPublicKey) else "EC"
        if isinstance(key, EllipticCurvePublicKey):
            yield "public_key.curve", key.curve.name


def tvs_values(element: Element) -> Iterator[tuple[str, str]]:
    tag, value = tvs.Tag(element.tag), element.value
    if tag in {tvs.Tag.SUBJECT, tvs.Tag.ISSUER}:
        yield tag.name.lower(), text(value)
    elif tag is tvs.Tag.DEVICE_NAME:
        yield "device_name", text(value.lstrip(b"\1"))
    elif tag in {tvs.Tag.STATUS, tvs.Tag.TTL}:
        yield tag.name.lower(), str(int.from_bytes(value, "big"))
    elif tag is tvs.Tag.ROLES:
        yield from (("role", str(role)) for role in value)
    else:
        yield tag.name.lower(), value.hex()


def expected(protocol: str, messages: list[Message]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = defaultdict(list)
    values = capf_values if protocol == "capf" else tvs_values
    for message in messages:
        head = capf.HEADER_LENGTH if protocol == "capf" else tvs.HEADER_LENGTH
        fields["command"].append(str(message.command))
        fields["session_id"].append(str(message.session_id))
        fields["length"].append(str(message.end - message.offset - head))
        if message.version is not None:
            fields["version"].append(str(message.version))
        for element in message.elements:
            fields["element.type"].append(str(element.tag))
            fields["element.length"].append(str(len(element.value)))
            for name, value in values(element):
                fields[name] += [value] if value else []
    return fields


def test_every_field_is_what_our_own_dissectors_read(frames: list[Frame]) -> None:
    assert sum(len(raw) for frame in frames for raw in frame.raw.values()) > 2000
    for row, raw in frames:
        for protocol in PROTOCOLS:
            messages = whole(protocol, raw[protocol])
            found = expected(protocol, messages)
            names = (*HEADER, *(OF_CAPF if protocol == "capf" else OF_TVS))
            assert not set(found) - set(names)
            for name in names:
                shown = list(row[f"{protocol}.{name}"])
                assert shown == found[name], (row["frame.number"], protocol, name)
            problems = [message for message in messages if message.problem]
            wrong = len(raw[protocol]) - len(messages) + len(problems)
            assert len(row[f"{protocol}.malformed"]) == wrong, row["frame.number"]


def test_wireshark_takes_the_certificates_apart(frames: list[Frame]) -> None:
    seen = 0
    for row, _ in frames:
        ders = row["capf.certificate"] + row["tvs.certificate"]
        numbers = [x509.load_der_x509_certificate(bytes.fromhex(der)).serial_number for der in ders]
        shown = [int(number.replace(":", ""), 16) for number in row["x509af.serialNumber"]]
        assert shown == numbers, row["frame.number"]
        seen += len(numbers)
    assert seen > 200


def test_every_message_that_the_lab_said_is_shown_and_no_other(frames: list[Frame]) -> None:
    said: dict[tuple[str, str], list[str]] = {}
    for path in CAPTURES.rglob("truth.json"):
        for session in json.loads(path.read_text()):
            for side in ("phone", "server"):
                messages = [one["sha256"] for one in session["messages"] if one["from"] == side]
                assert said.setdefault((session["client"], side), messages) == messages
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for frame in frames:
        side = "phone" if frame.from_client else "server"
        for raw in frame.raw.values():
            shown[frame.client, side] += [hashlib.sha256(one).hexdigest() for one in raw]
    assert said
    for key, messages in said.items():
        assert shown.get(key, []) == messages, key


def test_requests_and_answers_name_each_other(frames: list[Frame]) -> None:
    pairs = 0
    waiting: dict[tuple[str, str, int], Frame] = {}
    answers: dict[str, list[str]] = defaultdict(list)
    for frame in frames:
        for protocol in PROTOCOLS:
            to: list[str] = []
            for message in whole(protocol, frame.raw[protocol]):
                name = capf.command_name if protocol == "capf" else tvs.command_name
                key = (protocol, frame.client, message.command)
                if name(message.command).endswith("_REQUEST"):
                    waiting[key] = frame
                asked = waiting.pop((*key[:2], message.command - 1), None)
                if asked and name(message.command).endswith("_RESPONSE"):
                    to.append(asked.number)
                    answers[asked.number].append(frame.number)
                    (took,) = frame.row[f"{protocol}.response_time"][:1]
                    between = float(frame.row["frame.time_epoch"][0]) - float(
                        asked.row["frame.time_epoch"][0]
                    )
                    assert float(took) == pytest.approx(between, abs=2e-6)
            assert list(frame.row[f"{protocol}.response_to"]) == to, frame.number
            pairs += len(to)
    for frame in frames:
        shown = [*frame.row["capf.response_in"], *frame.row["tvs.response_in"]]
        assert shown == answers[frame.number], frame.number
    assert pairs > 500


def test_nothing_that_phones_and_servers_said_is_unexpected(frames: list[Frame]) -> None:
    for row, _ in frames:
        assert not row["capf.unexpected"] + row["tvs.unexpected"], row["frame.number"]

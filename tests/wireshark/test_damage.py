"""Damaged messages and lists: no Lua error, and what is left is what our own dissectors read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from capf_dissectors import capf, signed_file, tvs
from capf_dissectors.framed import Message

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.tshark.wishes import Wishes
from fuzz.plaintext import capf_message, capf_seeds, tvs_seeds
from tests.capture.builder import Packet, ethernet, ipv4, pcap, tcp, udp

from .shown import CAPTURES, Row, rows_of

SEED = 20261130
PORTS = {"capf": 13804, "tvs": 12445}
CLEAR = tuple((f"tcp.port=={port}", protocol) for protocol, port in PORTS.items())
HEADER = ("command", "session_id", "length", "element.type", "element.length")
NAMES = tuple(f"{protocol}.{name}" for protocol in PORTS for name in (*HEADER, "malformed"))
MUTANTS = 700
LISTS = 120


def damaged(data: bytes, chance: Random) -> bytes:
    """A few changes: bytes that lie, bytes lost, bytes too many."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(5):
            case 0:
                del changed[at:]
            case 1:
                del changed[at : at + chance.randint(1, 8)]
            case 2:
                changed[at:at] = chance.randbytes(chance.randint(1, 8))
            case 3:
                changed[at : at + 1] = chance.choice([b"\0", b"\1", b"\x7f", b"\xff"])
            case _:
                begin = min(at, 24)  # where headers and the first elements stand
                changed[begin : begin + 1] = chance.randbytes(1)
    return bytes(changed)


def special() -> Iterator[bytes]:
    """What chance does not make."""
    yield capf_message(1, *[(99, b"")] * 400)
    yield capf_message(2, *((tag, b"") for tag in range(256)))
    for length in (1, 2, 3, 4, 5, 8, 300):
        yield capf_message(3, *((tag, bytes([255]) * length) for tag in range(24)))
    for tag in (4, 9, 16):
        for value in (
            b"\x30",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x80",
            b"\1\0\2\0\1",
            b"\x30" * 99,
        ):
            yield capf_message(9, (tag, value))
    yield capf_message(13, (13, b"\xff\xfe\x80 \x1b[31m\0hidden"))
    yield b"\x55"
    yield b"\x55\1\0\0\0\1\xff\xff" + bytes(65535)[:60000]


def streams() -> list[tuple[str, bytes]]:
    chance = Random(SEED)
    made = [("capf", data) for data in special()]
    for protocol, seeds in (("capf", capf_seeds()), ("tvs", tvs_seeds())):
        made += [(protocol, damaged(chance.choice(seeds), chance)) for _ in range(MUTANTS)]
    return made


def frames_of(datagrams: Iterable[bytes], protocol: int = 6) -> bytes:
    return pcap([Packet(ethernet(ipv4(datagram, protocol))) for datagram in datagrams])


def messages_of(protocol: str, data: bytes) -> tuple[list[Message], int]:
    """The messages of a stream that is all of ``data``, and how often something is wrong."""
    read, framing = (
        (capf.dissect, capf.FRAMING) if protocol == "capf" else (tvs.dissect, tvs.FRAMING)
    )
    found: list[Message] = []
    at = 0
    while at < len(data) and isinstance(message := read(data, at), Message):
        found.append(message)
        at = message.end
    foreign = 0 < at <= len(data) - framing.length and data[at] != framing.magic
    return found, sum(bool(one.problem) for one in found) + foreign


def test_damaged_messages_show_what_our_own_dissectors_read(tmp_path: Path) -> None:
    made = streams()
    capture = tmp_path / "damaged.pcap"
    packets = (
        tcp(data, source=20000 + number, destination=PORTS[protocol])
        for number, (protocol, data) in enumerate(made)
    )
    capture.write_bytes(frames_of(packets))
    rows = rows_of(Wishes(capture, ports=CLEAR), NAMES)
    shown = 0
    for (protocol, data), row in zip(made, rows, strict=True):
        messages, wrong = messages_of(protocol, data)
        head = (capf if protocol == "capf" else tvs).HEADER_LENGTH
        elements = [element for message in messages for element in message.elements]
        expected = {
            "command": [message.command for message in messages],
            "session_id": [message.session_id for message in messages],
            "length": [message.end - message.offset - head for message in messages],
            "element.type": [element.tag for element in elements],
            "element.length": [len(element.value) for element in elements],
        }
        for name, values in expected.items():
            assert list(row[f"{protocol}.{name}"]) == [str(value) for value in values], data
        assert len(row[f"{protocol}.malformed"]) >= wrong, data
        shown += len(messages)
    assert shown > MUTANTS


@pytest.fixture(scope="module")
def lists() -> list[bytes]:
    """A trust list, a signed file and an encrypted one, as phones load them."""
    names = ("success-by-address", "success-by-http", "itl-corrupt")
    found = []
    for name in names:
        scene = analyze([CaptureInput((str(CAPTURES / name / "phone.pcap"),))]).scene
        found += [asked.transfer.content for phone in scene.phones for asked in phone.files]
    return [content for content in found if content and signed_file.is_signed(content)]


def damaged_lists(lists: list[bytes]) -> list[bytes]:
    chance = Random(SEED)
    made = [damaged(chance.choice(lists), chance) for _ in range(LISTS)]
    body = lists[0]
    made += [body[:length] for length in (10, 11, 40, 300, 520, 1000)]
    made += [b"\1\0\2" + version + body[5:] for version in (b"\1\0", b"\2\0", b"\0\0", b"\xff\xff")]
    made += [body[:8] + length.to_bytes(2, "big") + body[10:] for length in (0, 9, 10, 65535)]
    return [*made, b"\1\0\2\1\2\2\0\2\0\x0a" + b"\1\0\2\0\5" * 1100]


def itl_rows(capture: Path) -> list[Row]:
    return rows_of(Wishes(capture), ["itl.version", "itl.malformed"])


def test_damaged_lists_raise_no_lua_error(tmp_path: Path, lists: list[bytes]) -> None:
    made = damaged_lists(lists)
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
    )
    capture = tmp_path / "http.pcap"
    packets = (
        tcp(head % len(body) + body, source=80, destination=20000 + number)
        for number, body in enumerate(made)
    )
    capture.write_bytes(frames_of(packets))
    rows = itl_rows(capture)
    read = [bool(row["itl.version"]) for row in rows]
    assert read == [_is_signed(body) for body in made]
    assert sum(bool(row["itl.malformed"]) for row in rows) > LISTS // 4


def _is_signed(body: bytes) -> bool:
    return len(body) >= 10 and body[:3] == b"\1\0\2" and body[5:8] == b"\2\0\2"


def test_a_damaged_transfer_by_tftp_raises_no_lua_error(tmp_path: Path, lists: list[bytes]) -> None:
    chance = Random(SEED)
    packets = []
    for number, body in enumerate(damaged_lists(lists)[-60:]):
        port = 20000 + number
        sent = [
            (b"\0\3" + block.to_bytes(2, "big") + body[at : at + 512]) for block, at in blocks(body)
        ]
        if chance.random() < 0.5:
            sent[chance.randrange(len(sent))] = chance.randbytes(chance.randint(0, 600))
        request = ethernet(ipv4(udp(b"\0\1ITLFile.tlv\0octet\0", port, 69), 17))
        answers = [
            ethernet(ipv4(udp(data, 40000, port), 17, "10.9.8.7", "10.1.20.31")) for data in sent
        ]
        packets += [Packet(frame) for frame in (request, *answers)]
    capture = tmp_path / "tftp.pcap"
    capture.write_bytes(pcap(packets))
    rows = itl_rows(capture)
    assert sum(bool(row["itl.version"]) for row in rows) > 15


def blocks(body: bytes) -> Iterator[tuple[int, int]]:
    return enumerate(range(0, len(body) + 1, 512), start=1)

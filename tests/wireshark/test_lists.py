"""Trust lists and signed files in TFTP and HTTP: the plugin shows what our dissectors read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from capf_dissectors import signed_file, trust_list
from capf_dissectors.signed_header import SignedHeader
from capf_dissectors.trust_list import Record
from msgspec import Struct

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.tshark.wishes import Wishes
from tests.capture.builder import Packet, ethernet, ipv4, pcap, tcp

from .shown import CAPTURES, Row, merged, rows_of, told

UNLIKE = {
    "cut-short": "mergecap refuses it",
    "tftp-other-address-accepted": "Wireshark takes nothing from another address for TFTP",
}
TRUST_LIST = (1, 2)
HEADER = ("version", "header_length", "signer", "signer.serial", "signer.ca", "signer_version")
HEADER += ("digest_algorithm", "signature_algorithm", "signature", "file_name", "timestamp")
RECORD = ("length", "dns_name", "subject", "function", "issuer", "serial", "public_key")
RECORD += ("signature", "certificate", "ip_address", "certificate_hash", "hash_algorithm")
NAMES = (
    "frame.number",
    "itl.malformed",
    *(f"itl.{name}" for name in HEADER),
    *(f"itl.record.{name}" for name in RECORD),
)
SERIALS = {"itl.signer.serial", "itl.record.serial"}


class Loaded(Struct):
    """A signed file that came whole, and the frame with which it did."""

    frame: int
    content: bytes


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folders = sorted(path.parent for path in CAPTURES.glob("*/phone.pcap"))
    assert {folder.name for folder in folders} >= set(UNLIKE)
    captures = [folder / "phone.pcap" for folder in folders if folder.name not in UNLIKE]
    return merged(tmp_path_factory.mktemp("merged") / "all.pcapng", captures)


@pytest.fixture(scope="module")
def loaded(capture: Path) -> list[Loaded]:
    """What capfpcap finds in the captures."""
    scene = analyze([CaptureInput((str(capture),))]).scene
    flows = {id(flow): flow for phone in scene.phones for flow in phone.flows}
    transfers = [
        transfer
        for flow in flows.values()
        for sighting in flow.sightings
        for transfer in sighting.conversation.transfers
    ]
    return [
        Loaded(int(one.view.table.columns.frame[one.end_row]), one.content)
        for one in transfers
        if one.content and one.end_row is not None and signed_file.is_signed(one.content)
    ]


@pytest.fixture(scope="module")
def rows(capture: Path) -> dict[int, Row]:
    """What the plugin shows of them."""
    shown = rows_of(Wishes(capture, display_filter="itl"), NAMES)
    return {int(row["frame.number"][0]): row for row in shown}


def of_header(header: SignedHeader) -> dict[str, object]:
    return {
        "version": "{}.{}".format(*header.version),
        "header_length": header.length,
        "signer": header.signer.name,
        "signer.serial": header.signer.serial,
        "signer.ca": header.signer.ca_name,
        "signer_version": "{}.{}".format(*header.signer_version) if header.signer_version else "",
        "digest_algorithm": header.digest_algorithm,
        "signature_algorithm": header.signature_algorithm,
        "signature": header.signature.hex(),
        "file_name": header.file_name,
        "timestamp": header.timestamp,
    }


def of_record(record: Record) -> dict[str, object]:
    return {
        "length": record.length,
        "dns_name": record.dns_name,
        "subject": record.subject,
        "function": None if record.function is None else int(record.function),
        "issuer": record.issuer,
        "serial": record.serial,
        "public_key": record.public_key.hex(),
        "signature": record.signature.hex(),
        "certificate": (record.certificate or b"").hex(),
        "ip_address": record.ip_address,
        "certificate_hash": record.certificate_hash.hex(),
        "hash_algorithm": record.hash_algorithm,
    }


def expected(content: bytes) -> dict[str, list[str]] | None:
    """The fields of a file; None where it cannot be read."""
    file = signed_file.dissect(content)
    if not isinstance(file, signed_file.SignedFile):
        return None
    records: tuple[Record, ...] = ()
    if file.header.version == TRUST_LIST:
        whole = trust_list.dissect(content)
        if not isinstance(whole, trust_list.TrustList):
            return None
        records = whole.records
    values = {f"itl.{name}": [value] for name, value in of_header(file.header).items()}
    of_all = [of_record(record) for record in records]
    for name in RECORD:
        values[f"itl.record.{name}"] = [of_one[name] for of_one in of_all]
    return {
        name: [str(value) for value in of_field if value not in (None, "")]
        for name, of_field in values.items()
    }


def seconds(text: str) -> str:
    """A time of a file as tshark prints it, which differs by version, in seconds since 1970."""
    plain = text.split(".", maxsplit=1)[0].removesuffix("Z").replace("T", " ")
    layout = "%b %d, %Y %H:%M:%S" if "," in plain else "%Y-%m-%d %H:%M:%S"
    return str(int(datetime.strptime(plain, layout).replace(tzinfo=UTC).timestamp()))


def as_read(name: str, values: tuple[str, ...]) -> list[str]:
    """What tshark prints, as our dissectors have it."""
    if name in SERIALS:
        return [value.lstrip("0") for value in values]
    if name == "itl.timestamp":
        return [seconds(value) for value in values]
    return [value.strip() for value in values if value.strip()]


def test_every_file_that_capfpcap_finds_is_shown_and_no_other(
    loaded: list[Loaded], rows: dict[int, Row]
) -> None:
    assert len(loaded) > 250
    assert sorted(one.frame for one in loaded) == sorted(rows)


def test_every_field_is_what_our_own_dissectors_read(
    loaded: list[Loaded], rows: dict[int, Row]
) -> None:
    damaged = 0
    for one in loaded:
        row, found = rows[one.frame], expected(one.content)
        assert bool(row["itl.malformed"]) == (found is None), one.frame
        if found is None:
            damaged += 1
            continue
        for name, values in found.items():
            assert as_read(name, row[name]) == values, (one.frame, name)
    assert damaged


def response(kind: bytes, body: bytes) -> bytes:
    head = b"Content-Type: %s\r\n" % kind if kind else b""
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)


def by_http(path: Path, bodies: list[bytes]) -> Path:
    """A capture with a response in each packet."""
    frames = [
        ethernet(ipv4(tcp(body, source=80, destination=20000 + number)))
        for number, body in enumerate(bodies)
    ]
    path.write_bytes(pcap([Packet(frame) for frame in frames]))
    return path


@pytest.mark.parametrize("version", ["1.2", "1.0"])
def test_media_types_hide_no_list(tmp_path: Path, loaded: list[Loaded], version: str) -> None:
    mark = bytes(int(number) for number in version.split("."))
    body = next(one.content for one in loaded if one.content[3:5] == mark)
    kinds = [b"", b"*/*", b"application/octet-stream", b"Text/XML; charset=UTF-8"]
    kinds += [b"application/xml", b"application/x-unknown"]
    capture = by_http(tmp_path / "lists.pcap", [response(kind, body) for kind in kinds])
    rows = rows_of(Wishes(capture), ["itl.version"])
    assert [row["itl.version"] for row in rows] == [(version,)] * len(kinds)


def test_other_bodies_are_shown_as_without_the_plugin(tmp_path: Path) -> None:
    bodies = [
        response(b"text/xml; charset=ISO-8859-1", b'<a b="\xe9">\xe9t\xe9</a>'),
        response(b"application/xml", b'<?xml version="1.0"?><a/>'),
        response(b"application/octet-stream", b"\1\0"),
        response(b"application/octet-stream", b"\1\0\3" + bytes(60)),
        response(b"text/plain", b"\1\0\2"),
    ]
    capture = by_http(tmp_path / "others.pcap", bodies)
    shown, plain = (told(Wishes(capture, with_plugin=on), "-V") for on in (True, False))
    assert shown.replace(b"http:itl:", b"http:") == plain
    assert b"XML" in plain.upper()


@pytest.mark.parametrize("scenario", ["success-by-address", "success-by-http"])
def test_wireshark_s_own_defragmenting_changes_nothing(scenario: str) -> None:
    wishes = Wishes(CAPTURES / scenario / "phone.pcap", display_filter="itl")
    names = [option for name in NAMES for option in ("-e", name)]
    on, off = (
        told(wishes, "-o", f"tftp.defragment:{wished}", "-T", "fields", *names)
        for wished in ("TRUE", "FALSE")
    )
    assert on
    assert on == off

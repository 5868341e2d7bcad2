"""Which certificates the phones of shipped captures showed, and what a stranger's frames may do."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from capf_dissectors.eap import EapPacket, dissect
from capf_dissectors.eap_tls import Exchange
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from capfpcap.analysis import Analysis, CaptureInput, Options, analyze
from capfpcap.capture.eapol import EapolFrame, read_eapol
from capfpcap.cli.keys import load_keys
from capfpcap.formats import inventory as rendered
from capfpcap.formats.page import Page
from capfpcap.formats.schema import inventory_schema
from capfpcap.inventory.build import FileFrames, build_inventory
from capfpcap.inventory.holders import Holders
from capfpcap.inventory.model import Inventory, Shown
from capfpcap.inventory.switch_ports import gather
from capfpcap.report import CertificateKind
from tests.capture import builder
from tests.scenarios.expectations import CAPTURES

SWITCH_PORT = CAPTURES / "authenticates-with-mic" / "phone.pcap"


def analysed(*paths: Path) -> Analysis:
    return analyze([CaptureInput((str(path),)) for path in paths])


def inventory_of(*paths: Path, at: int | None = None, only: tuple[str, ...] = ()) -> Inventory:
    frames = [FileFrames(str(path), read_eapol(str(path))) for path in paths]
    return build_inventory(analysed(*paths).scene, frames, at=at, only=only)


@pytest.mark.parametrize(
    ("scenario", "kind", "expired"),
    [
        ("registers-with-lsc", CertificateKind.LSC, False),
        ("phone-uses-mic", CertificateKind.MIC, False),
        ("lsc-expired", CertificateKind.LSC, True),
    ],
)
def test_what_a_phone_shows_to_call_processing_is_listed(
    scenario: str, kind: CertificateKind, expired: bool
) -> None:
    folder = CAPTURES / scenario
    for paths in (("phone",), ("publisher",), ("phone", "publisher")):
        (phone,) = inventory_of(*(folder / f"{stem}.pcap" for stem in paths)).phones
        (held,) = phone.certificates
        assert held.certificate.kind is kind
        assert held.days_left is not None
        assert (held.days_left < 0) == expired
        (use,) = held.uses
        assert (use.service, use.times) == (Shown.SIP_TLS, 1)
        assert use.server is not None
        assert use.server.port == 5061
        assert use.first == use.last


def test_the_frame_is_the_one_in_which_tshark_finds_the_certificate() -> None:
    (phone,) = inventory_of(SWITCH_PORT).phones
    lsc, mic = phone.certificates
    assert (lsc.certificate.kind, mic.certificate.kind) == (
        CertificateKind.LSC,
        CertificateKind.MIC,
    )
    found = told_by_tshark("eapol && tls.handshake.certificate", "eap.code", "2")
    assert [mic.uses[0].first.frame] == found
    assert [lsc.uses[0].first.frame] == told_by_tshark(
        "tcp.dstport == 5061 && tls.handshake.certificate"
    )
    assert mic.uses[0].service is Shown.EAP_TLS
    assert mic.uses[0].authenticator == "00:1b:54:aa:01:01"


def told_by_tshark(wanted: str, *only: str) -> list[int]:
    command = ["tshark", "-r", str(SWITCH_PORT), "-n", "-d", "tcp.port==5061,tls", "-Y", wanted]
    command += ["-T", "fields", "-e", "frame.number", "-e", "eap.code"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in shown.splitlines()]
    return [int(row[0]) for row in rows if not only or row[1] == only[1]]


def test_a_phone_that_showed_none_is_listed_too() -> None:
    (phone,) = inventory_of(CAPTURES / "success-by-name" / "phone.pcap").phones
    assert (phone.certificates, phone.hidden) == ((), 0)
    text = b"".join(
        rendered.render(inventory_of(CAPTURES / "burst" / "publisher.pcap.gz"), "text", Page())
    )
    assert text.decode().count("none seen") == 60


def test_days_are_counted_from_the_last_packet_or_from_any_moment() -> None:
    capture = CAPTURES / "lsc-expired" / "phone.pcap"
    usual = inventory_of(capture)
    assert usual.at is not None
    (held,) = usual.phones[0].certificates
    assert held.days_left is not None
    later = inventory_of(capture, at=1_900_000_000 * 1_000_000_000)
    (then,) = later.phones[0].certificates
    assert then.days_left is not None
    assert then.days_left < held.days_left
    assert later.at == "2030-03-17T17:46:40.000000000Z"


def test_the_documents_fit_their_schema_and_tables_have_a_line_for_each_place() -> None:
    inventory = inventory_of(SWITCH_PORT, CAPTURES / "success-by-name" / "phone.pcap")
    document = json.loads(b"".join(rendered.render(inventory, "json", Page())))
    schema = json.loads(inventory_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    for name, definition in schema["$defs"].items():
        assert set(definition.get("required", [])) == set(definition.get("properties", [])), name
    table = b"".join(rendered.render(inventory, "csv", Page())).decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert sorted(row["kind"] for row in rows) == ["lsc", "mic", "none seen"]
    assert {row["service"] for row in rows} == {"sip-tls", "eap-tls", ""}
    text = b"".join(rendered.render(inventory, "text", Page())).decode()
    assert max(map(len, text.splitlines())) <= 80
    assert all(line == line.rstrip() for line in text.splitlines())


def test_expired_days_are_numbers_to_a_spreadsheet_and_subjects_are_no_formulas() -> None:
    inventory = inventory_of(CAPTURES / "lsc-expired" / "phone.pcap")
    (row,) = csv.DictReader(
        io.StringIO(b"".join(rendered.render(inventory, "csv", Page())).decode())
    )
    assert int(row["days_left"]) < 0
    assert row["subject"].startswith("C=CZ")


def test_only_a_phone_that_is_asked_for_is_listed() -> None:
    burst = CAPTURES / "burst" / "publisher.pcap.gz"
    everybody = inventory_of(burst).phones
    (one,) = inventory_of(burst, only=(everybody[3].name.lower(),)).phones
    assert one == everybody[3]


@pytest.mark.parametrize("recording", ["tls12-ecdsa-aes128-gcm", "tls13-rsa"])
def test_keys_open_what_phones_and_capf_hand_over(recording: str) -> None:
    """Held to what the lab's server and phones say that they did."""
    folder = CAPTURES / "decrypted" / recording
    sessions = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    told = {each["phone"]: set(each["issued"]) for each in sessions if each["service"] == "capf"}
    secrets = load_keys((str(folder / "keylog.txt"),), (), None)
    inputs = [CaptureInput((str(folder / "publisher.pcap"),))]
    inventory = build_inventory(analyze(inputs, Options(secrets=secrets)).scene, [])
    found = {
        phone.name: {
            held.certificate.serial
            for held in phone.certificates
            if any(use.message == "STORE_CERT_REQUEST" for use in held.uses)
        }
        for phone in inventory.phones
    }
    assert {name: serials for name, serials in told.items() if serials} == {
        name: serials for name, serials in found.items() if serials
    }
    authenticated = {
        phone.name: held.certificate.kind.value
        for phone in inventory.phones
        for held in phone.certificates
        if any(use.message == "AUTH_RESPONSE" for use in held.uses)
    }
    assert authenticated == {
        each["phone"]: each["authentication"]
        for each in sessions
        if each["service"] == "capf" and each["authentication"] in ("lsc", "mic")
    }
    without = build_inventory(analyze(inputs).scene, [])
    assert not any(phone.certificates for phone in without.phones)


def frames() -> list[EapolFrame]:
    return read_eapol(str(SWITCH_PORT)).frames


def rewrapped(tmp_path: Path, wrap: bytes) -> Path:
    """The same frames with a tag behind their addresses."""
    packets = [
        builder.Packet(
            frame.destination.to_bytes(6, "big") + frame.source.to_bytes(6, "big") + wrap
            + b"\x88\x8e" + frame.data,
            frame.time,
        )
        for frame in frames()
    ]  # fmt: skip
    path = tmp_path / "tagged.pcap"
    path.write_bytes(builder.pcap(packets))
    return path


@pytest.mark.parametrize(
    "wrap", [b"\x81\0\0\7", b"\x88\xa8\0\5\x81\0\0\7"], ids=["802.1Q", "802.1ad"]
)
def test_frames_behind_tags_are_found(tmp_path: Path, wrap: bytes) -> None:
    path = rewrapped(tmp_path, wrap)
    assert [frame.data for frame in read_eapol(str(path)).frames] == [
        frame.data for frame in frames()
    ]
    (phone,) = inventory_of(path).phones
    assert phone.name == "SEP0C8525A93E17"
    assert phone.certificates[0].certificate.kind is CertificateKind.MIC


PHONE, GROUP = 0x0C8525A93E17, 0x0180C2000003


def addressed(frame: EapolFrame, *, to: int, shifted: int = 0) -> EapolFrame:
    """A frame with the switch's requests to one address, and another pair of hosts."""
    from_phone = frame.source == PHONE
    target = GROUP if from_phone else to
    return replace(frame, source=frame.source ^ shifted, destination=target ^ shifted)


def gathered(told: list[EapolFrame]) -> dict[str, list[str | None]]:
    """To which switches each phone showed certificates."""
    holders = Holders()
    gather(told, "phone", holders)
    phones = [holder.described(None) for holder in holders]
    return {
        phone.name: [use.authenticator for held in phone.certificates for use in held.uses]
        for phone in phones
        if phone.certificates
    }


def test_requests_to_the_phone_itself_are_put_together_as_those_to_the_group() -> None:
    told = [addressed(one, to=PHONE) for one in frames()]
    assert gathered(told) == gathered(frames()) == {"SEP0C8525A93E17": ["00:1b:54:aa:01:01"]}


def test_two_supplicants_are_told_apart_though_their_frames_are_mixed() -> None:
    pairs = [(addressed(one, to=PHONE), addressed(one, to=PHONE, shifted=0xFF)) for one in frames()]
    mixed = [frame for pair in pairs for frame in pair]
    assert gathered(mixed) == {"SEP0C8525A93E17": ["00:1b:54:aa:01:01", "00:1b:54:aa:01:fe"]}


def whole_exchange(change: tuple[bytes, bytes]) -> list[EapolFrame]:
    """All that the phone said in one packet, with a text in it changed."""
    exchange = Exchange()
    for frame in frames():
        packet = dissect(frame.data)
        if isinstance(packet, EapPacket):
            exchange.add(packet)
    said = b"\x0d\0" + b"".join(piece.data for piece in exchange.peer.pieces).replace(*change)
    content = [b"\1\5\0\6\x0d\x20", b"\2\5" + (len(said) + 4).to_bytes(2, "big") + said]
    hosts = [(1, 2), (2, 1)]
    return [
        EapolFrame(number, number, *host, b"\1\0" + len(one).to_bytes(2, "big") + one)
        for number, (one, host) in enumerate(zip(content, hosts, strict=True), 1)
    ]


def test_a_phone_whose_certificate_has_no_name_of_it_goes_by_its_address_on_the_link() -> None:
    told = whole_exchange((b"CP-8861-SEP0C8525A93E17", b"Conference room telephone"[:23]))
    assert gathered(told) == {"00:00:00:00:00:02": ["00:00:00:00:00:01"]}


def test_a_pc_that_authenticates_behind_the_phone_is_no_phone_and_is_counted() -> None:
    told = whole_exchange((b"CP-8861-SEP0C8525A93E17", b"Conference room telephone"[:23]))
    changed = [
        replace(one, data=one.data.replace(b"Cisco Manufacturing", b"Other Manufacturing"))
        for one in told
    ]
    holders = Holders()
    gather(changed, "phone", holders)
    assert (list(holders), holders.strangers) == ([], 1)


@settings(max_examples=60)
@given(st.data())
def test_damaged_frames_are_survived_and_name_nobody_else(data: st.DataObject) -> None:
    whole = frames()
    damaged: list[EapolFrame] = []
    for frame in whole:
        content = bytearray(frame.data)
        if content and data.draw(st.integers(0, 9)) == 0:
            place = data.draw(st.integers(0, len(content) - 1))
            content[place] ^= data.draw(st.integers(1, 255))
        cut = data.draw(st.sampled_from((0, 0, 0, 0, 0, 0, 7)))
        kept = bytes(content[: len(content) - cut])
        if data.draw(st.integers(0, 19)):
            damaged.append(
                EapolFrame(frame.time, frame.number, frame.source, frame.destination, kept)
            )
    gathered(damaged)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.binary(max_size=40)), max_size=30)
)
def test_no_frames_make_it_raise(told: list[tuple[int, int, bytes]]) -> None:
    gathered(
        [
            EapolFrame(number, number, source, destination, b"\1\0\0" + bytes([len(data)]) + data)
            for number, (source, destination, data) in enumerate(told, 1)
        ]
    )

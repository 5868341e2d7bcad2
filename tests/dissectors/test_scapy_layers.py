"""Packets crafted and taken apart by scapy, against our own dissectors and the plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from capf_dissectors import capf, signed_file, trust_list, tvs
from capf_dissectors.framed import Message
from capf_dissectors.results import Malformed
from capf_dissectors.scapy_layers import (
    CAPF,
    CAPF_ELEMENTS,
    LIST_FIELDS,
    RECORD_FIELDS,
    TVS,
    TVS_ELEMENTS,
    CAPFCertificate,
    CAPFElement,
    ListPadding,
    SignedFile,
    TrustList,
    TrustRecord,
)
from capf_dissectors.signed_header import HeaderTag
from capf_dissectors.trust_list import RecordTag, TrustFunction
from hypothesis import given
from hypothesis import strategies as st
from scapy.packet import Packet, Raw

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.tshark.run import fields
from capfpcap.tshark.wishes import Wishes
from tests.capture import builder
from tests.dissectors.framed.builders import certificate
from tests.wireshark.shown import CAPTURES, bytes_of, secrets_of

DECRYPTED = CAPTURES / "decrypted"
SPOKEN = [DECRYPTED / name for name in ("tls12-ecdhe-aes256-gcm", "tls13-rsa")]


def elements_of(packet: Packet) -> list[tuple[int, bytes]]:
    """Tags and values as they are on the wire."""
    return [(one.tag, bytes(one)[3:]) for one in packet.elements]


def agrees(packet: Packet, message: Message) -> bool:
    """Whether scapy and our own dissector read the same, as far as a message can be read."""
    ours = [(one.tag, one.value) for one in message.elements]
    theirs = elements_of(packet)
    if message.problem is not None:
        theirs = theirs[: len(ours)]
    return (packet.cmd, packet.session_id, theirs) == (message.command, message.session_id, ours)


@pytest.mark.parametrize("folder", SPOKEN, ids=lambda folder: folder.name)
def test_recorded_messages_are_read_alike_by_scapy_tshark_and_us(folder: Path) -> None:
    wishes = Wishes(folder / "publisher.pcap", secrets_of([folder]), "capf or tvs")
    spoken = bytes_of(wishes, ["capf", "tvs"])
    met = Counter[str]()
    for messages in spoken:
        for name, layer, read in (("capf", CAPF, capf.dissect), ("tvs", TVS, tvs.dissect)):
            for data in messages[name]:
                packet, message = layer(data), read(data)
                if isinstance(message, Message):
                    assert agrees(packet, message)
                else:
                    assert packet.magic != layer.magic_number
                packet.clear_cache()
                assert bytes(packet) == data
                met[name] += 1
    assert met["capf"] > 100


ODD = [
    CAPF(elements=[CAPF_ELEMENTS[capf.Tag.VERSION](value=3)]),
    CAPF(cmd="KEYGEN_REQUEST", elements=[CAPF_ELEMENTS[capf.Tag.KEY_SIZE](value=512)]),
    CAPF(cmd=99, session_id=0xFFFFFFFF, elements=[CAPFElement(tag=77, value=b"odd")]),
    CAPF(cmd="END_SESSION", elements=[CAPF_ELEMENTS[capf.Tag.REASON](value=200)]),
    CAPF(elements=[CAPFElement(tag=capf.Tag.KEY_SIZE, value=b"\x08\x00\x00\x00\x01")]),
    CAPF(elements=[CAPFElement(tag=capf.Tag.REASON, length=0xFFFF, value=b"\1")]),
    CAPF(length=7, elements=[CAPF_ELEMENTS[capf.Tag.DEVICE_NAME](value=b"SEP\0")]),
    CAPF(elements=[CAPF_ELEMENTS[capf.Tag.VERSION](length=0)]),
    CAPF(
        cmd="STORE_CERT_REQUEST",
        elements=[
            CAPF_ELEMENTS[capf.Tag.CERTIFICATE](value=[CAPFCertificate(certificate=certificate())])
        ],
    ),
    CAPF(cmd="RETRY_LATER") / CAPF(cmd="END_SESSION"),
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[str, ...]]]:
    """What the plugin shows of each odd message, sent in the clear on a port of its own."""
    path = tmp_path_factory.mktemp("odd") / "odd.pcap"
    segments = [
        builder.tcp(bytes(odd), source=20000 + number, destination=9999)
        for number, odd in enumerate(ODD)
    ]
    frames = [builder.Packet(builder.ethernet(builder.ipv4(one))) for one in segments]
    path.write_bytes(builder.pcap(frames))
    wishes = Wishes(path, ports=(("tcp.port==9999", "capf"),))
    names = ["capf.command", "capf.session_id", "capf.element.type", "capf.malformed"]
    return list(fields(wishes, names))


@pytest.mark.parametrize("number", range(len(ODD)))
def test_odd_messages_are_read_alike_by_tshark_and_us(
    number: int, shown: list[list[tuple[str, ...]]]
) -> None:
    data, at = bytes(ODD[number]), 0
    commands, sessions, tags, malformed = shown[number]
    ours: list[Message] = []
    while at < len(data) and data[at] == capf.FRAMING.magic:
        message = capf.dissect(data, at)
        assert isinstance(message, Message)
        ours.append(message)
        at = message.end
    assert [int(one, 0) for one in commands] == [one.command for one in ours]
    assert [int(one, 0) for one in sessions] == [one.session_id for one in ours]
    read = [element.tag for message in ours for element in message.elements]
    assert [int(one, 0) for one in tags][: len(read)] == read
    assert malformed or not any(message.problem for message in ours)


TAGS = st.integers(0, 255)


@given(
    st.integers(0, 255),
    st.integers(0, 0xFFFFFFFF),
    st.lists(st.tuples(TAGS, st.binary(max_size=40)), max_size=6),
)
def test_what_is_crafted_is_read_again(
    command: int, session: int, wanted: list[tuple[int, bytes]]
) -> None:
    made = [CAPFElement(tag=tag, value=value) for tag, value in wanted]
    data = bytes(CAPF(cmd=command, session_id=session, elements=made))
    message = capf.dissect(data)
    assert isinstance(message, Message)
    assert agrees(CAPF(data), message)
    assert elements_of(CAPF(data)) == wanted
    answer = bytes(TVS(session_id=session, elements=[TVS_ELEMENTS[tvs.Tag.TTL](value=7)]))
    read = tvs.dissect(answer)
    assert isinstance(read, Message)
    assert agrees(TVS(answer), read)


@given(st.binary(min_size=capf.HEADER_LENGTH + 2, max_size=60))
def test_any_bytes_are_taken_and_given_back(data: bytes) -> None:
    for layer in (CAPF, TVS, TrustList, SignedFile):
        assert bytes(layer(data)) == data


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    """Every trust list and signed file that some captures hold whole."""
    inputs = [
        CaptureInput((str(CAPTURES / name / "phone.pcap"),))
        for name in ("success-by-name", "ctl-corrupt", "success-by-http", "itl-empty")
    ]
    found: list[bytes] = []
    for one in inputs:
        for flow in analyze([one]).scene.flows:
            for transfer in flow.best.conversation.transfers:
                if transfer.content and transfer.content.startswith(b"\1\0\2"):
                    found.append(transfer.content)  # noqa: PERF401 - two loops
    return found


def test_lists_and_signed_files_are_read_alike_and_built_again(files: list[bytes]) -> None:
    lists = 0
    for content in files:
        ours = trust_list.dissect(content)
        if isinstance(ours, trust_list.TrustList) and ours.records:
            theirs = TrustList(content)
            assert [len(record) for record in theirs.records] == [
                one.length for one in ours.records
            ]
            functions = [_field(record, RecordTag.FUNCTION) for record in theirs.records]
            assert functions == [record.function for record in ours.records]
            lists += 1
        else:
            theirs = SignedFile(content)
        theirs.clear_cache()
        assert bytes(theirs) == content
    assert lists >= 2
    assert len(files) > lists


def _field(record: Packet, tag: RecordTag) -> object:
    return next((one.value for one in record.contents if one.tag == tag), None)


def header() -> list[Packet]:
    signer = [
        LIST_FIELDS[HeaderTag.SIGNERNAME](value=b"CN=ITLRECOVERY\0"),
        LIST_FIELDS[HeaderTag.SERIALNUMBER](value=b"\x12\x34"),
        LIST_FIELDS[HeaderTag.CANAME](value=b"CN=ITLRECOVERY\0"),
    ]
    return [
        LIST_FIELDS[HeaderTag.VERSION](value=0x0102),
        LIST_FIELDS[HeaderTag.HEADERLENGTH](),
        LIST_FIELDS[HeaderTag.SIGNERID](value=signer),
        LIST_FIELDS[HeaderTag.SIGNATURE](value=b"s" * 16),
        ListPadding(),
        LIST_FIELDS[HeaderTag.TIMESTAMP](value=1_764_000_000),
    ]


def test_a_list_is_crafted_with_its_lengths() -> None:
    record = TrustRecord(
        contents=[
            RECORD_FIELDS[RecordTag.SUBJECTNAME](value=b"CN=CAPF-95b18d5b\0"),
            RECORD_FIELDS[RecordTag.FUNCTION](value=TrustFunction.CAPF),
            RECORD_FIELDS[RecordTag.CERTIFICATE](value=certificate()),
        ]
    )
    made = TrustList(header=header(), records=[record, record])
    read = trust_list.dissect(bytes(made))
    assert isinstance(read, trust_list.TrustList)
    assert read.header.signer is not None
    assert read.header.signer.serial == "1234"
    assert [one.subject for one in read.records] == ["CN=CAPF-95b18d5b"] * 2
    assert [one.function for one in read.records] == [TrustFunction.CAPF] * 2
    assert [one.certificate for one in read.records] == [certificate()] * 2


def test_a_list_may_lie_about_its_lengths() -> None:
    lying = TrustRecord(record_length=4, contents=[])
    assert isinstance(
        trust_list.dissect(bytes(TrustList(header=header(), records=[lying]))), Malformed
    )
    signed = SignedFile(header=header()) / Raw(b"<device/>")
    assert isinstance(signed_file.dissect(bytes(signed)), signed_file.SignedFile)


def told_by(program: str, *arguments: Path) -> str:
    """What a program in Python writes, in an interpreter of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


INSIDE = """
import json, sys
from scapy.config import conf
from scapy.sendrecv import sniff
from scapy.sessions import TCPSession
from capf_dissectors.scapy_layers import CAPF, TVS, bind_to_tls

bind_to_tls()
conf.tls_session_enable, conf.tls_nss_filename = True, sys.argv[2]
told = []
for packet in sniff(offline=sys.argv[1], session=TCPSession):
    while packet:
        inner = packet.fields.get("inner")
        for message in [*(packet.fields.get("msg") or []), *(inner.msg if inner else [])]:
            while message:
                if isinstance(message, (CAPF, TVS)):
                    told.append([message.name, message.cmd, message.session_id])
                message = message.payload
        packet = packet.payload
print(json.dumps(told))
"""


@pytest.mark.parametrize("folder", SPOKEN, ids=lambda folder: folder.name)
def test_bound_to_tls_scapy_finds_the_messages_that_were_said(folder: Path) -> None:
    capture, log = folder / "publisher.pcap", folder / "keylog.txt"
    told = told_by(INSIDE, capture, log)
    said = [
        [session["service"].upper(), message["command"], message["session"]]
        for session in json.loads(folder.joinpath("truth.json").read_text())
        for message in session["messages"]
        if message["command"] is not None
    ]
    assert Counter(map(tuple, json.loads(told))) == Counter(map(tuple, said))


def test_nothing_else_loads_scapy() -> None:
    program = (
        "import importlib, pathlib, sys, capf_dissectors\n"
        "folder = pathlib.Path(capf_dissectors.__file__).parent\n"
        "found = [one.relative_to(folder.parent).with_suffix('') for one in folder.rglob('*.py')]\n"
        "others = ['.'.join(one.parts) for one in found if 'scapy_layers' not in one.parts]\n"
        "for name in others:\n"
        "    importlib.import_module(name)\n"
        "print(len(others) > 50, 'scapy' in sys.modules)\n"
    )
    assert told_by(program) == "True False\n"


def test_scapy_is_as_it_was_until_it_is_bound() -> None:
    program = (
        "import scapy.layers.tls.record as record, sys\n"
        "before = record.TLSApplicationData.fields_desc\n"
        "import capf_dissectors.scapy_layers\n"
        "print(record.TLSApplicationData.fields_desc is before)\n"
    )
    assert told_by(program) == "True\n"

"""Where a field stands, as tshark says it."""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import iterparse

import pytest
from capf_dissectors.outline import Node

from tests.inspection.conftest import opened
from tests.scenarios.expectations import CAPTURES

SAME = {
    "Ethernet/Destination": "eth.dst",
    "Ethernet/Source": "eth.src",
    "IPv4/Identification": "ip.id",
    "IPv4/Time to live": "ip.ttl",
    "IPv4/Source": "ip.src",
    "IPv4/Destination": "ip.dst",
    "IPv6/Hop limit": "ipv6.hlim",
    "IPv6/Source": "ipv6.src",
    "UDP/Source port": "udp.srcport",
    "UDP/Checksum": "udp.checksum",
    "TCP/Destination port": "tcp.dstport",
    "TCP/Sequence number": "tcp.seq_raw",
    "TCP/Acknowledgement number": "tcp.ack_raw",
    "TCP/Window": "tcp.window_size_value",
    "TCP/Options/Maximum segment size/Size": "tcp.options.mss_val",
    "TCP/Options/Timestamps/Echo": "tcp.options.timestamp.tsecr",
    "TCP/Options/Selective acknowledgement/Left edge": "tcp.options.sack_le",
    "DNS/Transaction id": "dns.id",
    "DNS/Question/Name": "dns.qry.name",
    "DNS/Question/Type": "dns.qry.type",
    "DNS/Answer/Time to live": "dns.resp.ttl",
    "TFTP/Opcode": "tftp.opcode",
    "TFTP/File name": "tftp.source_file",
    "TFTP/Block": "tftp.block",
    "TFTP/Error code": "tftp.error.code",
    "HTTP/Request line/Method": "http.request.method",
    "HTTP/Request line/Target": "http.request.uri",
    "HTTP/Status line/Status": "http.response.code",
    "TLS record/Length": "tls.record.length",
    "TLS record/Alert/Level": "tls.alert_message.level",
    "TLS record/Alert/Description": "tls.alert_message.desc",
    "Handshake message/Type": "tls.handshake.type",
    "Handshake message/Length": "tls.handshake.length",
    "Handshake message/Random": "tls.handshake.random",
    "Handshake message/Cipher suites/Cipher suite": "tls.handshake.ciphersuite",
    "Handshake message/Cipher suite": "tls.handshake.ciphersuite",
    "Extension/Version": "tls.handshake.extensions.supported_version",
    "Extension/Key share/Key": "tls.handshake.extensions_key_share_key_exchange",
    "Certificate/Extensions/Extension/Type": "x509af.extension.id",
    "Extension/Type": "tls.handshake.extension.type",
    "Extension/Groups/Group": "tls.handshake.extensions_supported_group",
    "Extension/Signature algorithms/Signature algorithm": "tls.handshake.sig_hash_alg",
    "Extension/Versions/Version": "tls.handshake.extensions.supported_version",
    "Extension/Key shares/Key share/Key": "tls.handshake.extensions_key_share_key_exchange",
    "Handshake message/Signature algorithm": "tls.handshake.sig_hash_alg",
    "Handshake message/Named curve": "tls.handshake.server_named_curve",
    "Certificate/Serial number": "x509af.serialNumber",
    "Certificate/Public key/Key/Modulus": "pkcs1.modulus",
    "Certificate/Validity/Not after": "x509af.utcTime",
    "Certificate/Validity/Not before": "x509af.utcTime",
}
"""The last parts of a path through the outline, and what tshark calls that field."""
CAPTURES_TO_COMPARE = (
    "itl-mismatch/phone.pcap",
    "success-tls13/phone.pcap",
    "success-by-http/phone.pcap",
    "success-by-name/phone.pcap",
    "success-ipv6/phone.pcap",
    "loss-overcome/publisher.pcap",
    "tvs-says-no/phone.pcap",
    "server-requires-tls12/phone.pcap",
    "success-other-port/publisher.pcapng",
)


class Spot(NamedTuple):
    """One field of one frame."""

    frame: int
    name: str
    octets: str


def ours(capture: str) -> tuple[Counter[Spot], dict[Spot, set[int]]]:
    """Every field with its bytes, and where those of the frame itself begin."""
    found, places = Counter[Spot](), defaultdict[Spot, set[int]](set)
    for frame, inspection in opened(capture).of_flows():
        for path, node in fields(inspection.fields):
            name = next((SAME[end] for end in SAME if f"/{path}".endswith(f"/{end}")), None)
            if name is None:
                continue
            data = inspection.views[node.view].data[node.start : node.end]
            spot = Spot(frame, name, data.rstrip(b"\0").hex() if "file" in name else data.hex())
            found[spot] += 1
            if len(inspection.views) == 1:
                places[spot].add(node.start)
    return found, places


def fields(nodes: tuple[Node, ...], path: str = "") -> Iterator[tuple[str, Node]]:
    for node in nodes:
        below = f"{path}/{node.name}" if path else node.name
        if node.name.startswith("File ") and not path:
            continue
        yield below, node
        yield from fields(node.children, below)


def theirs(capture: str, wanted: set[str]) -> tuple[Counter[Spot], dict[Spot, set[int]]]:
    """The same as tshark says it."""
    command = [
        "tshark",
        "-r",
        str(CAPTURES / capture),
        "-T",
        "pdml",
        "-o",
        "tcp.check_checksum:FALSE",
    ]
    for port in (3804, 3814, 2445):
        command += ["-d", f"tcp.port=={port},tls"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert run.stdout is not None
    found, places = Counter[Spot](), defaultdict[Spot, set[int]](set)
    number = 0
    for _, element in iterparse(run.stdout):
        name = element.get("name", "")
        if element.tag == "packet":
            element.clear()
        elif name == "num":
            number = int(element.get("show", "0"))
        elif name in wanted and element.get("value"):
            octets = element.get("value", "")
            if "file" in name:
                octets = bytes.fromhex(octets).rstrip(b"\0").hex()
            spot = Spot(number, name, octets)
            found[spot] += 1
            places[spot].add(int(element.get("pos", "0")))
    assert run.wait() == 0
    return found, places


@pytest.mark.parametrize("capture", CAPTURES_TO_COMPARE)
def test_fields_stand_where_tshark_finds_them(capture: str) -> None:
    own, own_places = ours(capture)
    other, other_places = theirs(capture, set(SAME.values()))
    frames = {spot.frame for spot in own}
    missing = [spot for spot in other if spot.frame in frames and spot not in own]
    assert not missing
    assert not [spot for spot in own if spot not in other]
    assert {spot.name for spot in own} >= {"tls.handshake.type", "tls.record.length"}
    for spot, starts in own_places.items():
        assert starts <= other_places[spot], spot

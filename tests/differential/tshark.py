"""The account that tshark gives, from one run a capture."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from .account import Account, Facts
from .captures import holds_secrets

TLS_PORTS = (3804, 2445, 2443, 5061)
"""Ports that tshark is told to read as TLS; elsewhere it recognises TLS by itself."""

FIELDS = (
    "frame.number", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
    "tcp.stream", "tcp.srcport", "tcp.dstport", "udp.stream", "udp.srcport", "udp.dstport",
    "tls.handshake.type", "tls.handshake.version", "tls.handshake.ciphersuite",
    "tls.handshake.cipherspec",
    "tls.handshake.extensions.supported_version", "tls.handshake.extensions_server_name",
    "tls.handshake.certificate", "tls.alert_message.level", "tls.alert_message.desc",
    "dns.id", "dns.flags.response", "dns.flags.rcode", "dns.qry.name", "dns.qry.type",
    "dns.count.answers", "dns.resp.type", "dns.a", "dns.aaaa",
    "tftp.opcode", "tftp.source_file",
    "http.request.method", "http.request.uri", "http.response.code",
    "ip.id", "tcp.checksum", "udp.checksum",
)  # fmt: skip

STREAMS = ("tcp.stream", "udp.stream")
"""Each run of tshark counts them from 0."""
COPY_DISTANCE = 64
"""Frames between a packet and its copy, at the most."""
CLIENT_HELLO, SERVER_HELLO = "1", "2"
ADDRESS, ADDRESS_IPV6 = "1", "28"
"""DNS types A and AAAA (IANA DNS Resource Record Types)."""


@dataclass(frozen=True)
class Frame:
    """One frame; every field with all of its occurrences, in order."""

    fields: dict[str, list[str]]

    def all(self, name: str) -> list[str]:
        return self.fields[name]

    def last(self, name: str) -> str:
        return self.fields[name][-1] if self.fields[name] else ""

    @property
    def number(self) -> int:
        return int(self.last("frame.number"))

    @property
    def error_message(self) -> bool:
        """Whether it is ICMP: then all that looks like TCP or UDP in it is a quotation."""
        return bool(re.search(r":icmp(v6)?\b", self.last("frame.protocols")))

    def ends(self, transport: str) -> tuple[str, str]:
        """Sender and receiver."""
        ip = "ip" if self._inner_is_ipv4() else "ipv6"
        return (
            f"{self.last(f'{ip}.src')}:{self.last(f'{transport}.srcport')}",
            f"{self.last(f'{ip}.dst')}:{self.last(f'{transport}.dstport')}",
        )

    @property
    def identity(self) -> tuple[str, ...]:
        """What routers leave alone, the checksum over ports, numbers and payload last."""
        transport = "tcp" if self.all("tcp.stream") else "udp"
        return *self.ends(transport), self.last("ip.id"), self.last(f"{transport}.checksum")

    def _inner_is_ipv4(self) -> bool:
        protocols = self.last("frame.protocols").split(":")
        versions = [name for name in protocols if name in ("ip", "ipv6")]
        return bool(versions) and versions[-1] == "ip"


@dataclass(frozen=True)
class Run:
    """What one run of tshark gave."""

    frames: list[Frame]
    tftp_files: Facts
    http_bodies: Facts

    def ports_of(self, protocol: str) -> frozenset[int]:
        """The servers' TCP ports at which tshark found a protocol."""
        found = set()
        for frame in self.frames:
            names = frame.last("frame.protocols").split(":")
            if protocol in names and frame.all("tcp.stream") and not frame.error_message:
                found.add(_server_port(frame))
        return frozenset(found)

    def and_also(self, other: Run, numbers: list[int]) -> Run:
        """With the frames of another run, which have these numbers here."""
        frames = [
            Frame(
                frame.fields
                | {
                    name: [f"{numbers[0]}-{stream}" for stream in frame.all(name)]
                    for name in STREAMS
                }
                | {"frame.number": [str(number)]}
            )
            for frame, number in zip(other.frames, numbers, strict=True)
        ]
        return Run(
            self.frames + frames,
            self.tftp_files + other.tftp_files,
            self.http_bodies + other.http_bodies,
        )

    def without_copies(self) -> Run:
        """The same without frames that a mirror port recorded a second time."""
        return replace(
            self, frames=[frame for frame in self.frames if frame.number not in self.copies]
        )

    @cached_property
    def copies(self) -> dict[int, int]:
        """The frames that repeat another, with the one that they repeat."""
        before: deque[tuple[tuple[str, ...], int]] = deque(maxlen=COPY_DISTANCE)
        found = {}
        for frame in self.frames:
            first = dict(before).get(frame.identity) if frame.identity[-1] else None
            if first is None:
                before.append((frame.identity, frame.number))
            else:
                found[frame.number] = first
        return found


def _server_port(frame: Frame) -> int:
    source, destination = int(frame.last("tcp.srcport")), int(frame.last("tcp.dstport"))
    kinds = frame.all("tls.handshake.type")
    if CLIENT_HELLO in kinds or frame.all("http.request.method"):
        return destination
    if SERVER_HELLO in kinds or frame.all("http.response.code"):
        return source
    return min(source, destination)


def read(capture: Path) -> Run:
    """Run tshark once, without what secrets in the capture would reveal to it."""
    command = ["tshark", "-n", "-o", "tcp.reassemble_out_of_order:TRUE"]
    for port in TLS_PORTS:
        command += ["-d", f"tcp.port=={port},tls"]
    command += ["-d", "tcp.port==6970,http", "-T", "fields", "-E", "aggregator=;"]
    for name in FIELDS:
        command += ["-e", name]
    with TemporaryDirectory() as folder:
        tftp, http = Path(folder, "tftp"), Path(folder, "http")
        command += ["-r", str(_without_secrets(capture, Path(folder)))]
        command += ["--export-objects", f"tftp,{tftp}", "--export-objects", f"http,{http}"]
        result = subprocess.run(command, check=False, capture_output=True, timeout=60)
        lines = result.stdout.decode(errors="replace").split("\n")
        frames = [_frame(line) for line in lines if line.strip()]
        return Run(frames, _digests(tftp), _digests(http))


def _without_secrets(capture: Path, folder: Path) -> Path:
    """The capture, or a copy without its block of secrets, which Wireshark's own tools keep."""
    if not holds_secrets(capture):
        return capture
    plain = folder / "plain.pcap"
    command = ["tcpdump", "-r", str(capture), "-w", str(plain)]
    subprocess.run(command, check=True, capture_output=True)
    return plain


def read_by_link(capture: Path) -> Run:
    """Run tshark on the frames of each link alone; frames keep the numbers of the whole file."""
    whole = Run([], Counter(), Counter())
    for alone, numbers in links_of(capture):
        whole = whole.and_also(read(alone), numbers)
    return whole


def links_of(capture: Path) -> Iterator[tuple[Path, list[int]]]:
    """The frames of each link in a file of their own, as one recorder saw them, with their numbers.

    A link is a pair of MAC addresses, whichever sends.
    """
    links: dict[frozenset[str], list[int]] = defaultdict(list)
    for number, *ends in _fields(capture, "frame.number", "eth.src", "eth.dst"):
        links[frozenset(ends)].append(int(number))
    with TemporaryDirectory() as folder:
        for numbers in links.values():
            alone = Path(folder, "link.pcap")
            command = ["editcap", "-r", str(capture), str(alone), *map(str, numbers)]
            subprocess.run(command, check=True, capture_output=True)
            yield alone, numbers


def _fields(capture: Path, *names: str, display: str = "frame") -> list[list[str]]:
    """Some fields of the frames that a display filter passes."""
    command = ["tshark", "-n", "-r", str(capture), "-Y", display, "-T", "fields"]
    for name in names:
        command += ["-e", name]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in listed.splitlines()]


def _frame(line: str) -> Frame:
    values = line.rstrip("\r").split("\t")
    return Frame(
        {
            name: value.split(";") if value else []
            for name, value in zip(FIELDS, values, strict=True)
        }
    )


def _digests(folder: Path) -> Facts:
    files = [path.read_bytes() for path in folder.iterdir()] if folder.is_dir() else []
    return Counter((len(data), hashlib.sha256(data).hexdigest()) for data in files if data)


def account_of(run: Run, tcp_ports: frozenset[int], *, mirrored: bool) -> Account:
    """What tshark says; connections are those with a port of ``tcp_ports``.

    Of a ``mirrored`` capture second copies count as packets, and as nothing else.
    """
    found = run.without_copies() if mirrored else run
    account = Account(
        packets=len(run.frames), tftp_files=found.tftp_files, http_bodies=found.http_bodies
    )
    frames = [frame for frame in found.frames if not frame.error_message]
    selected = {str(port) for port in tcp_ports}
    _add_flows(account.tcp_flows, frames, "tcp", selected)
    _add_flows(account.dns_flows, frames, "udp", {"53"})
    for frame in frames:
        _add_dns(account, frame)
        _add_files(account, frame)
        _add_tls(account, frame)
    return account


def _add_flows(facts: Facts, frames: list[Frame], transport: str, ports: set[str]) -> None:
    numbers: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
    for frame in frames:
        if not frame.all(f"{transport}.stream"):
            continue
        if {frame.last(f"{transport}.srcport"), frame.last(f"{transport}.dstport")} & ports:
            key = frame.last(f"{transport}.stream"), frozenset(frame.ends(transport))
            numbers[key].append(frame.number)
    for (_, ends), members in numbers.items():
        facts[(*sorted(ends), *members)] += 1


def _add_dns(account: Account, frame: Frame) -> None:
    """A frame's DNS; where one frame completes several messages, each as far as fields tell."""
    ports = {frame.last("udp.srcport"), frame.last("udp.dstport")}
    ports |= {frame.last("tcp.srcport"), frame.last("tcp.dstport")}
    if "53" not in ports or not frame.all("dns.qry.name"):
        return
    types = iter(frame.all("dns.resp.type"))
    answered = [
        [next(types, "") for _ in range(int(count))] for count in frame.all("dns.count.answers")
    ]
    single = len(frame.all("dns.id")) == 1
    addresses: list[str] = []
    if single and answered:
        addresses += frame.all("dns.a")[: answered[0].count(ADDRESS)]
        addresses += frame.all("dns.aaaa")[: answered[0].count(ADDRESS_IPV6)]
    rcodes = iter(frame.all("dns.flags.rcode"))
    for index, number in enumerate(frame.all("dns.id")):
        response = frame.all("dns.flags.response")[index] in ("1", "True")
        account.dns_messages[
            (
                frame.number,
                int(number, 16),
                response,
                int(next(rcodes, "0")) if response else 0,
                frame.all("dns.qry.name")[index].lower(),
                int(frame.all("dns.qry.type")[index]),
                *(sorted(addresses) if single else ()),
            )
        ] += 1


def _add_files(account: Account, frame: Frame) -> None:
    if frame.all("tftp.opcode"):
        account.tftp_packets[frame.number, int(frame.last("tftp.opcode"))] += 1
        if frame.all("tftp.source_file") and frame.last("tftp.opcode") == "1":
            account.tftp_requests[frame.number, frame.last("tftp.source_file")] += 1
    if not frame.all("tcp.stream"):
        return
    for method, target in zip(
        frame.all("http.request.method"), frame.all("http.request.uri"), strict=True
    ):
        account.http_requests[frame.number, method, target] += 1
    for status in frame.all("http.response.code"):
        account.http_statuses[frame.ends("tcp")[0], int(status)] += 1


def _add_tls(account: Account, frame: Frame) -> None:
    """What is said in TLS over TCP: a switch speaks it with phones in EAP, too."""
    if not frame.all("tcp.stream"):
        return
    sender = frame.ends("tcp")[0]
    kinds = frame.all("tls.handshake.type")
    for kind in kinds:
        account.tls_messages[frame.number, sender, int(kind)] += 1
    names = frame.all("tls.handshake.ciphersuite") or frame.all("tls.handshake.cipherspec")
    suites = tuple(int(suite, 16) for suite in names)
    versions = [int(version, 16) for version in frame.all("tls.handshake.version")]
    agreed = tuple(
        int(version, 16) for version in frame.all("tls.handshake.extensions.supported_version")
    )
    if CLIENT_HELLO in kinds:
        name = frame.last("tls.handshake.extensions_server_name")
        account.client_hellos[frame.number, versions[0], agreed, suites, name] += 1
    if SERVER_HELLO in kinds:
        version = agreed[0] if agreed else versions[0]
        account.server_hellos[frame.number, version, *suites] += 1
    for place, certificate in enumerate(frame.all("tls.handshake.certificate")):
        der = bytes.fromhex(certificate.replace(":", ""))
        account.certificates[frame.number, place, hashlib.sha1(der).hexdigest()] += 1
    for level, description in zip(
        frame.all("tls.alert_message.level"), frame.all("tls.alert_message.desc"), strict=True
    ):
        account.alerts[frame.number, sender, int(level), int(description)] += 1


def behind_holes(capture: Path, *, merged: bool) -> set[int]:
    """The frames before which tshark misses a segment; in a merged file by each link alone."""
    every = list(range(1, 1 + len(_fields(capture, "frame.number"))))
    return {
        numbers[int(number) - 1]
        for alone, numbers in (links_of(capture) if merged else [(capture, every)])
        for (number,) in _fields(alone, "frame.number", display="tcp.analysis.lost_segment")
    }

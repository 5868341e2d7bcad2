"""The commands that are compared: each reads the whole capture once."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from capfpcap.capture.ports import DNS, TFTP, PortSelection

TSHARK_FIELDS = (
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.stream",
    "tcp.flags",
    "tls.handshake.type",
    "tls.handshake.version",
    "tls.handshake.ciphersuite",
    "tls.handshake.certificate",
    "tls.alert_message.level",
    "tls.alert_message.desc",
)
TSHARK_FILTER = "(tls.handshake || tls.alert_message || tcp.flags.reset==1) && tcp.port==3804"


@dataclass(frozen=True, slots=True)
class Contender:
    """A command and the exit statuses with which it has done its work."""

    name: str
    command: tuple[str, ...]
    good: frozenset[int] = frozenset({0})

    @property
    def shown(self) -> str:
        """The command as one would type it."""
        return shlex.join(self.command)


def contenders(capture: Path) -> list[Contender]:
    """All commands for one capture, ``capfpcap`` first.

    ``check`` ends with 0, 1 or 2 for a verdict (ok, warning, critical).
    """
    path = str(capture)
    return [
        check("capfpcap", path),
        Contender("tshark", _tshark(path)),
        Contender("tcpdump", ("tcpdump", "-r", path, "-w", "/dev/null", port_filter())),
        Contender("cat", ("cat", path)),
    ]


def alone_and_together(phones_capture: Path) -> list[Contender]:
    """``check`` on both captures of a pair, and then on each by itself."""
    captures = str(phones_capture), str(publisher_side(phones_capture))
    return [
        check("both captures", *captures),
        check("the phones' alone", captures[0]),
        check("the publisher's alone", captures[1]),
    ]


def decrypting(capture: Path) -> list[Contender]:
    """``check`` with the key log beside a capture, and without; tshark with the same key log."""
    path, log = str(capture), str(key_log_of(capture))
    decrypted = ("-o", f"tls.keylog_file:{log}", "-d", "tcp.port==3804,tls")
    fields = (
        "-Y",
        "tcp.port==3804 && data",
        "-T",
        "fields",
        "-e",
        "frame.number",
        "-e",
        "data.data",
    )
    return [
        check("with the key log", "--keylog", log, path),
        check("without it", path),
        Contender("tshark", ("tshark", "-r", path, *decrypted, *fields)),
        Contender("cat", ("cat", path)),
    ]


def key_log_of(capture: Path) -> Path:
    """The TLS secrets of a capture of *keys*."""
    return capture.with_name(f"keylog-{capture.stem}.txt")


def publisher_side(phones_capture: Path) -> Path:
    """The second file of the pair of which this is the first."""
    return phones_capture.with_name(f"publisher-{phones_capture.name}")


def check(name: str, *captures: str) -> Contender:
    """``capfpcap check`` with the full report."""
    command = ("-m", "capfpcap", "check", "--format", "json", "-o", "/dev/null", *captures)
    return Contender(name, (sys.executable, *command), frozenset({0, 1, 2}))


def _tshark(path: str) -> tuple[str, ...]:
    """The extraction of TLS handshakes that an engineer would write by hand.

    TCP 3804 belongs to another dissector unless told otherwise, and segments out of order are
    reassembled only on demand.
    """
    fields = tuple(word for field in TSHARK_FIELDS for word in ("-e", field))
    options = ("-o", "tcp.reassemble_out_of_order:TRUE", "-d", "tcp.port==3804,tls")
    return ("tshark", "-r", path, *options, "-Y", TSHARK_FILTER, "-T", "fields", *fields)


def port_filter() -> str:
    """A filter for the ports that ``check`` reads, of frames with an 802.1Q tag and without."""
    selection = PortSelection()
    numbers = sorted({DNS, TFTP} | selection.all_tcp | selection.udp)
    ports = "port " + " or ".join(str(number) for number in numbers)
    return f"({ports}) or (vlan and ({ports}))"

"""What tshark makes of sessions with their key logs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.capture.builder import pcap
from tests.timeline.wire import connection

from .sessions import Session

SEGMENT = 1400
STREAM = re.compile(r"tcp\.stream eq (\d+)")


def tshark(sessions: list[Session], folder: Path) -> list[dict[bool, bytes]]:
    """What tshark makes of sessions: the plaintext of each side."""
    packets = []
    for number, session in enumerate(sessions):
        turns = [
            (side, data[at : at + SEGMENT])
            for side, data in session.flights
            for at in range(0, len(data), SEGMENT)
        ]
        packets += connection(4433, turns, source=f"10.9.{number // 250}.{number % 250 + 1}")
    (folder / "all.pcap").write_bytes(pcap([one.recorded(n) for n, one in enumerate(packets)]))
    (folder / "all.log").write_bytes(b"\n".join(session.log for session in sessions))
    command = ["tshark", "-n", "-q", "-r", str(folder / "all.pcap"), "-d", "tcp.port==4433,tls"]
    command += ["-o", f"tls.keylog_file:{folder / 'all.log'}"]
    for number in range(len(sessions)):
        command += ["-z", f"follow,tls,raw,{number}"]
    (folder / "empty").mkdir()
    environment = {**os.environ, "HOME": str(folder), "WIRESHARK_CONFIG_DIR": str(folder / "empty")}
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    blocks = result.stdout.split("Follow: ")[1:]
    numbered = {int(STREAM.search(block)[1]): followed(block) for block in blocks}
    return [numbered[number] for number in range(len(sessions))]


"""tshark 4.0 takes who speaks first for the client in TLS 1.3, so sides are not compared."""


def followed(block: str) -> dict[bool, bytes]:
    sides = {True: b"", False: b""}
    for line in block.splitlines()[4:]:
        if line.startswith("="):
            break
        sides[not line.startswith("\t")] += bytes.fromhex(line.strip())
    return sides

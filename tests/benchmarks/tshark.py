"""tshark as the judge of what the generators wrote."""

from __future__ import annotations

import subprocess
from pathlib import Path

CHECKSUMS = [
    word for protocol in ("ip", "udp", "tcp") for word in ("-o", f"{protocol}.check_checksum:TRUE")
]


def fields(
    capture: Path, display_filter: str, *names: str, key_log: Path | None = None
) -> list[list[str]]:
    """The named fields of every frame that passes the filter, TCP 3804 read as TLS."""
    command = ["tshark", "-r", str(capture), "-d", "tcp.port==3804,tls", *CHECKSUMS]
    command += ["-o", f"tls.keylog_file:{key_log}"] if key_log else []
    command += ["-Y", display_filter, "-T", "fields"]
    for name in names:
        command += ["-e", name]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in result.stdout.splitlines()]


def count(capture: Path, display_filter: str, *, key_log: Path | None = None) -> int:
    """How many frames pass the filter."""
    return len(fields(capture, display_filter, "frame.number", key_log=key_log))


def exported_files(capture: Path, folder: Path) -> dict[str, bytes]:
    """The files that TFTP carried whole, by name."""
    command = ["tshark", "-r", str(capture), "-q", "--export-objects", f"tftp,{folder}"]
    subprocess.run(command, capture_output=True, check=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}

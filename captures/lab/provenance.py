"""``provenance.toml``: when and with what a scenario was recorded, and the files' hashes."""

from __future__ import annotations

import hashlib
import platform
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

_VERSION_COMMANDS = {
    "tcpdump": ["tcpdump", "--version"],
    "dnsmasq": ["dnsmasq", "--version"],
    "tftpd-hpa": ["in.tftpd", "-V"],
    "nftables": ["nft", "--version"],
}


def _first_line(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0].strip()


def write(directory: Path, files: list[Path]) -> None:
    """Write the table beside the files."""
    lines = [
        "# Written by the lab; recorded again by: make lab",
        f"recorded = {datetime.now(UTC).isoformat(timespec='seconds')}",
        f'kernel = "{platform.system()} {platform.release().partition("-")[0]}"',
        f'tls = "{ssl.OPENSSL_VERSION}"',
        f'python = "{platform.python_version()}"',
    ]
    for name, command in _VERSION_COMMANDS.items():
        lines.append(f'{name} = "{_first_line(command)}"')
    lines += ["", "[sha256]"]
    for path in files:
        lines.append(f'"{path.name}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
    (directory / "provenance.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

"""The captures that both readers are given."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "captures"
OTHERS = ROOT.parent / "shared" / "captures"
"""Captures of other projects; they are not part of this one and may be absent."""
_SUFFIXES = {".pcap", ".pcapng", ".cap", ".gz", ".zst"}


def _under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)


def shipped_captures() -> list[Path]:
    """Every capture that ships with the project."""
    return _under(SHIPPED)


def third_party_captures() -> list[Path]:
    """Every capture of others that is here."""
    return _under(OTHERS)


def name_of(path: Path) -> str:
    """How a test calls a capture: by its folder and name, whatever machine it lies on."""
    for base in (SHIPPED, OTHERS / "thirdparty", OTHERS):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.name

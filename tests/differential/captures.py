"""The captures that both readers are given: those that ship, and named corpora of others."""

from __future__ import annotations

from pathlib import Path

from capfpcap.capture.files.secrets import TLS_KEY_LOG

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "captures"
SHARED = ROOT.parent / "shared"
CORPORA = {
    "thirdparty": SHARED / "captures" / "thirdparty",
    "examples": SHARED / "captures" / "examples",
    "field": SHARED / "field",
}
"""Captures of other projects, examples of enrolments, situations from the field. They are no part
of this project and may be absent; nothing else that lies beside them is read."""
_SUFFIXES = {".pcap", ".pcapng", ".cap", ".gz", ".zst"}


def _under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)


def shipped_captures() -> list[Path]:
    """Every capture that ships with the project."""
    return _under(SHIPPED)


def captures_of(corpus: str) -> list[Path]:
    """Every capture of a corpus that is here."""
    return _under(CORPORA[corpus])


def other_captures() -> list[Path]:
    """Every capture of all corpora that is here."""
    return [path for corpus in CORPORA for path in captures_of(corpus)]


def holds_secrets(path: Path) -> bool:
    """Whether a pcapng, little-endian, may hold a TLS key log, which other formats cannot."""
    return TLS_KEY_LOG.to_bytes(4, "little") in path.read_bytes()


def name_of(path: Path) -> str:
    """How a test calls a capture: by its folder and name, whatever machine it lies on."""
    if path.is_relative_to(SHIPPED):
        return path.relative_to(SHIPPED).as_posix()
    for corpus, folder in CORPORA.items():
        if path.is_relative_to(folder):
            inside = path.relative_to(folder).as_posix()
            return inside if corpus == "thirdparty" else f"{corpus}/{inside}"
    return path.name

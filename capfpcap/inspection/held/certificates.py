"""The certificates in trust lists as PEM, each with a safe name for a file."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from textwrap import wrap

from msgspec import Struct

from capfpcap.inspection.held.sources import Held
from capfpcap.inspection.trust_lists import function_name, owner_of

_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST_PART = 48
"""Characters of a name from a list that come into a file name."""
_PEM_COLUMNS = 64


class CertificateFile(Struct, frozen=True):
    """A certificate to be written."""

    name: str
    """Of letters, digits, hyphens and one dot: no path, no hidden file, nothing for a shell."""
    content: bytes


def certificates_of(files: Iterable[Held]) -> Iterator[CertificateFile]:
    """Every certificate of every list, once for each of its records."""
    seen: set[str] = set()
    for held in files:
        listed = held.trust_list
        for number, record in enumerate(listed.records if listed else (), 1):
            if record.certificate is None:
                continue
            kind = held.kind.value if held.kind else "list"
            parts = (
                f"{kind}-{held.sha256[:8]}",
                f"{number:02}",
                _safe(function_name(record)) or "none",
                _safe(owner_of(record)) or "nobody",
                _safe(record.serial) or "0",
            )
            name = f"{'-'.join(parts)}.pem"
            if name not in seen:
                seen.add(name)
                yield CertificateFile(name, _pem(record.certificate))


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text)[:_LONGEST_PART].strip("-")


def _pem(der: bytes) -> bytes:
    lines = "\n".join(wrap(b64encode(der).decode(), _PEM_COLUMNS))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n".encode()

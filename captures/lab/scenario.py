"""How a scenario is recorded: the table ``[record]`` of its ``scenario.toml``."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from captures.lab.capf.knobs import Capf
from captures.lab.knob_base import Knobs
from captures.lab.knobs import (
    Action,
    Capture,
    Certificate,
    Crowd,
    Files,
    Merge,
    Names,
    Network,
    Noise,
    Phone,
    Sip,
    Tvs,
)
from captures.lab.registration.knobs import Dot1x

CAPTURES_DIRECTORY = Path(__file__).resolve().parent.parent

DEFAULT_CERTIFICATES = {
    "capf": Certificate(kind="capf"),
    "callmanager": Certificate(common_name="cucm-pub.lab.example"),
    "tvs": Certificate(common_name="cucm-pub.lab.example"),
    "recovery": Certificate(kind="recovery", common_name="ITLRECOVERY_cucm-pub.lab.example"),
}


class Record(Knobs, frozen=True, kw_only=True):
    """How a scenario is recorded."""

    phones: tuple[Phone, ...]
    crowd: Crowd = Crowd()
    network: Network = Network()
    names: Names = Names()
    files: Files = Files()
    certificates: dict[str, Certificate] = msgspec.field(default_factory=dict)
    capf: Capf = Capf()
    tvs: Tvs = Tvs()
    sip: Sip = Sip()
    dot1x: Dot1x = Dot1x()
    noise: Noise = Noise()
    actions: tuple[Action, ...] = ()
    captures: tuple[Capture, ...] = (
        Capture(stem="phone", host="phone"),
        Capture(stem="publisher", host="publisher"),
    )
    merges: tuple[Merge, ...] = ()
    runs_for: float = 0.0
    tail_seconds: float = 1.5

    def all_certificates(self) -> dict[str, Certificate]:
        """The cluster's usual certificates with the scenario's own in place of or beside them."""
        return DEFAULT_CERTIFICATES | self.certificates


def load(name: str) -> Record:
    """Read how scenario ``name`` is recorded.

    Raises:
        msgspec.ValidationError: a key is unknown or a value is none of those allowed.
    """
    text = (CAPTURES_DIRECTORY / name / "scenario.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    record = msgspec.convert(document["record"], Record)
    return msgspec.structs.replace(record, phones=record.phones + tuple(_crowd(record)))


def _crowd(record: Record) -> Iterator[Phone]:
    last = record.phones[-1]
    number = int(last.name.removeprefix("SEP"), 16)
    address, _, length = last.address.partition("/")
    for offset in range(1, record.crowd.count + 1):
        yield msgspec.structs.replace(
            last,
            name=f"SEP{number + offset:012X}",
            address=f"{ipaddress.ip_address(address) + offset}/{length}",
            starts_at=last.starts_at + offset * record.crowd.every_seconds,
        )


def names() -> list[str]:
    """Every scenario that has a ``scenario.toml``, in alphabetical order."""
    return sorted(path.parent.name for path in CAPTURES_DIRECTORY.glob("*/scenario.toml"))


def decrypted_names() -> list[str]:
    """Recordings of CAPF sessions alone, with keys and truth: ``decrypted/…``."""
    folders = (path.parent for path in CAPTURES_DIRECTORY.glob("decrypted/*/scenario.toml"))
    return sorted(str(folder.relative_to(CAPTURES_DIRECTORY)) for folder in folders)

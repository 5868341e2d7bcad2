"""What tshark shows with our plugin: fields of frames, and the bytes of a protocol."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from capfpcap.tshark.folder import private_folder
from capfpcap.tshark.process import run
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.run import fields
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.wishes import Wishes, arguments

CAPTURES = Path(__file__).parents[2] / "captures"
SHARED = Path(__file__).parents[3] / "shared" / "captures" / "examples"

Row = dict[str, tuple[str, ...]]
"""The values of each field in one frame."""


def rows_of(wishes: Wishes, names: Sequence[str]) -> list[Row]:
    """The fields of every frame that is asked for."""
    return [dict(zip(names, row, strict=True)) for row in fields(wishes, names)]


def told(wishes: Wishes, *more: str) -> bytes:
    """What tshark writes of a file, with further options; a Lua error fails."""
    with private_folder(wishes.secrets) as folder:
        program = find_tshark()
        command = [
            *program.launcher,
            program.path,
            *arguments(wishes, program),
            *more,
            "-r",
            str(wishes.path),
        ]
        return run(command, folder)


def bytes_of(wishes: Wishes, protocols: Sequence[str]) -> list[dict[str, list[bytes]]]:
    """For every frame that is asked for, the bytes of each message of the protocols."""
    wanted = ["-T", "jsonraw", "--no-duplicate-keys", "-j", " ".join(protocols)]
    output = told(wishes, *wanted)
    layers = [packet["_source"]["layers"] for packet in json.loads(output)]
    return [{name: _raw(layer.get(f"{name}_raw", [])) for name in protocols} for layer in layers]


def _raw(values: list[object]) -> list[bytes]:
    """tshark writes one value as ``[hex, place, …]``, and several as a list of those."""
    several = values if values and isinstance(values[0], list) else [values] if values else []
    return [bytes.fromhex(value[0]) for value in several]  # type: ignore[index]


def merged(target: Path, captures: Iterable[Path]) -> Path:
    """One file of several, one behind the other."""
    subprocess.run(
        ["mergecap", "-a", "-w", target, *captures], check=True, stderr=subprocess.DEVNULL
    )
    return target


def secrets_of(folders: Iterable[Path]) -> Secrets:
    """The key logs of several scenarios."""
    return Secrets(tuple((folder / "keylog.txt").read_bytes() for folder in folders))

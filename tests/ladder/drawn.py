"""Ladders of shipped captures and of made ones."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.ladder.build import ladder_of
from capfpcap.ladder.model import Gap, Ladder, Message

CAPTURES = Path(__file__).resolve().parents[2] / "captures"


@lru_cache(maxsize=2)
def analysis_of(files: tuple[Path, ...]) -> Analysis:
    return analyze([CaptureInput((str(file),)) for file in files])


def of_scenario(name: str, *stems: str, flow: str | None = None) -> Ladder:
    """The ladder of a shipped scenario's phone, by all of its captures or by some."""
    files = sorted((CAPTURES / name).glob("*.pcap*"))
    chosen = [file for file in files if not stems or file.name.partition(".")[0] in stems]
    return ladder_of(analysis_of(tuple(chosen)), flow=flow)


def messages(ladder: Ladder) -> list[Message]:
    return [row for row in ladder.rows if isinstance(row, Message)]


def gaps(ladder: Ladder) -> list[Gap]:
    return [row for row in ladder.rows if isinstance(row, Gap)]


def labelled(ladder: Ladder, label: str) -> list[Message]:
    return [message for message in messages(ladder) if message.label == label]

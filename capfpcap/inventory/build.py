"""From an analysis and the frames of IEEE 802.1X to the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from capfpcap import __version__
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.eapol import MAX_FRAMES, EapolFrames
from capfpcap.compose.basics import timestamp
from capfpcap.compose.whole import describe_captures
from capfpcap.enrolment.choice import PhoneChoice, not_shown
from capfpcap.inventory import sessions, switch_ports
from capfpcap.inventory.holders import Holder, Holders
from capfpcap.inventory.model import SCHEMA_VERSION, Inventory
from capfpcap.report import Tool
from capfpcap.rules.model.case import Scene
from capfpcap.trust.validity import is_dated
from capfpcap.vantage.flow import VantagePoint

_TOO_LONG = "EAP-TLS handshakes longer than any phone's were not read to their end"
_STRANGERS = "certificates of hosts that nothing tells to be phones are left out: "


class FileFrames(Struct, frozen=True):
    """What a capture file holds of IEEE 802.1X, or why nothing is known of it."""

    path: str
    frames: EapolFrames | CaptureError


def build_inventory(
    scene: Scene,
    eapol: Iterable[FileFrames],
    *,
    at: int | None = None,
    only: tuple[str, ...] = (),
    notes: Sequence[str] = (),
) -> Inventory:
    """Every phone with what it showed.

    Days are counted from ``at``, nanoseconds since 1970 UTC, or else from the last packet of all.

    Raises:
        NotShownError: the captures show none of the phones of ``only``.
    """
    holders, remarks = Holders(), list(notes)
    sessions.gather(scene, holders)
    limited = 0
    for file in eapol:
        if isinstance(file.frames, CaptureError):
            remarks.append(f"IEEE 802.1X was not looked for: {file.frames}")
            continue
        limited += switch_ports.gather(file.frames.frames, _name(scene, file.path), holders)
        if file.frames.limited:
            remarks.append(f"{file.path}: of IEEE 802.1X, {MAX_FRAMES:,} frames at most were read")
    remarks += _remarks(holders, limited)
    chosen, missing = _chosen(holders, PhoneChoice(only))
    moment = _last(scene.points) if at is None else at
    return Inventory(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="capfpcap", version=__version__),
        at=None if moment is None else timestamp(moment),
        captures=describe_captures(scene.points).captures,
        phones=tuple(holder.described(moment) for holder in chosen),
        notes=(*remarks, *missing),
    )


def _name(scene: Scene, path: str) -> str:
    """What the inventory calls a file."""
    for point in scene.points:
        for name, file in zip(point.ids, point.table.capture.files, strict=True):
            if file.path == path:
                return name
    return path


def _last(points: Iterable[VantagePoint]) -> int | None:
    """The time of the last packet of all captures that have a clock."""
    ends = [end for point in points if (end := point.table.end) is not None and is_dated(end)]
    return max(ends, default=None)


def _remarks(holders: Holders, limited: int) -> Iterator[str]:
    if limited:
        yield f"{limited} {_TOO_LONG}"
    if holders.strangers:
        yield f"{_STRANGERS}{holders.strangers}"
    if holders.left_out or any(holder.limited for holder in holders):
        yield "there are more phones, certificates or servers than are listed"


def _chosen(holders: Holders, choice: PhoneChoice) -> tuple[list[Holder], list[str]]:
    """The phones that were asked for, and a sentence for each that is not there."""
    if not choice:
        return list(holders), []
    named = [(holder, choice.named(holder.identity)) for holder in holders]
    found = {text for _, texts in named for text in texts}
    missing = not_shown(choice, found, [holder.name for holder in holders])
    return [holder for holder, texts in named if texts], missing

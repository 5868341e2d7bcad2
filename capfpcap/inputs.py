"""What the user hands in: captures, where each was taken, and which files are one capture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture, CaptureError, NothingRecordedError
from capfpcap.capture.names import group_ring_files
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemKind
from capfpcap.capture.reader import capture_without_packets, read_capture
from capfpcap.capture.reading import Progress
from capfpcap.flows.busy_clients import MOST_ASKED
from capfpcap.flows.halves import are_halves
from capfpcap.flows.table import FlowTable, build_tables
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.infer import infer_role
from capfpcap.vantage.role import SERVERS_OWN, Role

if TYPE_CHECKING:
    from capfpcap.flows.keys import Keys


class CaptureInput(Struct, frozen=True):
    """What one vantage point recorded: a file, or the files of one ring buffer."""

    paths: tuple[str, ...]
    role: Role | None = None
    """None: to be told from the packets."""


def grouped(inputs: Sequence[CaptureInput]) -> list[CaptureInput]:
    """The inputs, with ring buffer files that were named one by one put together."""
    single = [item.paths[0] for item in inputs if item.role is None and len(item.paths) == 1]
    groups = [CaptureInput(group) for group in group_ring_files(single)]
    return [item for item in inputs if item.role is not None or len(item.paths) > 1] + groups


def vantage_points(
    groups: Sequence[CaptureInput], ports: PortSelection, progress: Progress | None, workers: int
) -> tuple[list[VantagePoint], list[str]]:
    """The captures that can be read, each with its role and the names of its files, and remarks.

    The two directions of one link, in a file each, are read as one capture.

    Raises:
        CaptureError: there is none.
    """
    points, notes = _read(groups, ports, progress, workers)
    joined = _with_halves_joined(groups, points)
    return (points, notes) if joined is None else _read(joined, ports, progress, workers)


def _with_halves_joined(
    groups: Sequence[CaptureInput], points: Sequence[VantagePoint]
) -> list[CaptureInput] | None:
    """The inputs with the halves of a link's traffic put together; None where there are none."""
    sided = [point for point in points if point.table.one_sided][:_MOST_ONE_SIDED]
    for one, other in combinations(sided, 2):
        if one.role_given == other.role_given and are_halves(one.table, other.table):
            paths = [tuple(file.path for file in item.table.capture.files) for item in (one, other)]
            halves = [group for group in groups if group.paths in paths]
            if len(halves) == 2 and halves[0].role is halves[1].role:
                rest = [group for group in groups if group not in halves]
                return [CaptureInput(paths[0] + paths[1], halves[0].role), *rest]
    return None


_MOST_ONE_SIDED = 16
"""One-sided captures among which halves are looked for; a tap writes two."""


def _read(
    groups: Sequence[CaptureInput], ports: PortSelection, progress: Progress | None, workers: int
) -> tuple[list[VantagePoint], list[str]]:
    """Each input as what its place recorded."""
    addresses = AddressTable()
    points: list[VantagePoint] = []
    failures: list[CaptureError] = []
    notes: list[str] = []
    taken: set[str] = set()
    for group in groups:
        try:
            capture = read_capture(
                group.paths, ports, addresses, progress=progress, workers=workers
            )
        except NothingRecordedError as error:
            failures.append(error)
            capture = capture_without_packets(group.paths, addresses)
        except CaptureError as error:
            failures.append(error)
            notes.append(str(error))
            continue
        notes.extend(_unread(capture))
        tables = build_tables(capture, ports)
        notes.extend(dict.fromkeys(note for table in tables for note in _not_looked_at(table)))
        for table, given in zip(tables, _given(group.role, len(tables)), strict=True):
            role = given or infer_role(table)
            names = _names(table.capture, role, taken)
            points.append(VantagePoint(names, table, role, given is not None))
    if failures and len(failures) == len(groups):
        raise failures[0]
    return points, notes


def take_keys(
    points: Sequence[VantagePoint], keys: Keys | None, *, show_secrets: bool = False
) -> None:
    """Give all captures the keys at hand, and those that any of them holds itself."""
    files = (file for point in points for file in point.table.capture.files if file.secrets)
    first: dict[tuple[bytes, ...], str] = {}
    for file in files:  # the files of a ring hold the same secrets again and again
        first.setdefault(file.secrets, file.path)
    logs = [(path, b"\n".join(secrets)) for secrets, path in first.items()]
    if logs:
        from capfpcap.flows.keys import keys_from  # noqa: PLC0415 - loads cryptography

        keys = (keys or keys_from((), ())).with_logs(logs)
    for point in points:
        point.table.keys = keys
        point.table.show_secrets = show_secrets


def _given(role: Role | None, places: int) -> list[Role | None]:
    """The role of each place in a file, of which the user named that of the whole."""
    if role in SERVERS_OWN:
        return [*[None] * (places - 1), role]
    return [role, *[None] * (places - 1)]


def _unread(capture: Capture) -> Iterator[str]:
    """Why files of which no packet could be decoded could not be read."""
    for file in capture.files:
        for problem in file.problems if file.is_undecoded else ():
            if problem.kind is ProblemKind.UNSUPPORTED:
                named = problem.text.startswith(file.path)
                yield problem.text if named else f"{file.path}: {problem.text}"


def _not_looked_at(table: FlowTable) -> Iterator[str]:
    """Of whom not all is looked at."""
    for busy in table.busy:
        until = datetime.fromtimestamp(busy.until // 1_000_000_000, UTC)
        yield (
            f"{table.capture.addresses.text(busy.address)} begins more than {MOST_ASKED:,} "
            f"connections and transfers: what it begins after {until:%Y-%m-%d %H:%M:%S} UTC is not "
            "judged"
        )


def _names(capture: Capture, role: Role, taken: set[str]) -> tuple[str, ...]:
    """A name for each file of a capture: its role, numbered where that is taken."""
    names = []
    for _ in capture.files:
        stem = role.value if role is not Role.OTHER else "capture"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        names.append(name)
    return tuple(names)

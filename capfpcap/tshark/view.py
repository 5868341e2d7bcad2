"""Wireshark's view of some frames of a capture, from the file to their trees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from msgspec import Struct

from capfpcap.analysis import CaptureInput, Options, read_only
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.frames import Frame, FrameError, frame_reader
from capfpcap.capture.ports import PortSelection
from capfpcap.flows.table import FlowTable
from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.folder import private_folder
from capfpcap.tshark.key_logs import relevant
from capfpcap.tshark.of_the_capture import of_the_capture, with_number
from capfpcap.tshark.other_connections import other_connections
from capfpcap.tshark.pcapng import write_pcapng
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.run import trees
from capfpcap.tshark.selection import Selection, can_be_handed, select
from capfpcap.tshark.tree import Tree
from capfpcap.tshark.wishes import Secrets, Wishes

MAX_ASKED = 200
"""Frames that are shown at a time."""
MAX_NUMBERED = 500_000
"""Frames up to which empty packets stand for those that are not handed over; each takes tshark
some 6 µs."""


class View(Struct, frozen=True):
    """Some frames of one file as Wireshark dissects them."""

    capture: str
    """The file's path."""
    program: str
    """As ``tshark 4.0.17``."""
    trees: tuple[Tree, ...]
    """Numbered as the file numbers them."""
    remarks: tuple[str, ...]
    """What is not as it would be of the whole file; a sentence each."""


def view_of_file(
    path: str,
    numbers: Collection[int],
    secrets: Secrets,
    capf_ports: frozenset[int] = frozenset(),
    *,
    by_pyshark: bool | None = None,
) -> View:
    """Wireshark's view of frames of a file that is read for them.

    Raises:
        TsharkError: it cannot be had; the message is one sentence.
    """
    find_tshark()
    try:
        asked = frame_reader(path).read_all(_few(numbers)).frames
        points = read_only([CaptureInput((path,))], Options(capf_ports=capf_ports))
        others = other_connections(path, asked, PortSelection().with_capf(capf_ports))
    except (FrameError, CaptureError) as error:
        raise TsharkError(str(error)) from error
    tables = [point.table for point in points]
    return view(tables, path, numbers, secrets, others, by_pyshark=by_pyshark)


def view(
    tables: Sequence[FlowTable],
    path: str,
    numbers: Collection[int],
    secrets: Secrets,
    others: Sequence[Collection[int]] = (),
    *,
    by_pyshark: bool | None = None,
) -> View:
    """Wireshark's view of frames of a file that was read into these tables.

    Args:
        tables: what was read.
        path: the file.
        numbers: the frames.
        secrets: what decrypts.
        others: the frames of connections that the tables do not hold.
        by_pyshark: see :func:`capfpcap.tshark.run.trees`.

    Raises:
        TsharkError: it cannot be had; the message is one sentence.
    """
    program = find_tshark()
    try:
        selection = select(tables, path, _few(numbers), others)
    except FrameError as error:
        raise TsharkError(str(error)) from error
    frames = tuple(frame for frame in selection.excerpt.frames if can_be_handed(frame))
    for number in sorted(set(numbers) - {frame.number for frame in frames}):
        raise TsharkError(f"frame {number} of {path} is no packet that Wireshark could dissect")
    remarks = list(selection.remarks)
    if frames[-1].number <= MAX_NUMBERED:
        found = _trees(frames, selection, numbers, secrets, by_pyshark, padded=True)
    else:
        found = _renumbered(frames, selection, numbers, secrets, by_pyshark)
        remarks.append(
            f"frames that the trees name are counted among the {len(frames)} that tshark is shown"
        )
    return View(path, program.name, tuple(map(of_the_capture, found)), tuple(remarks))


def _few(numbers: Collection[int]) -> Collection[int]:
    if len(numbers) > MAX_ASKED:
        raise TsharkError(f"{len(numbers)} frames are too many; {MAX_ASKED} are shown at a time")
    return numbers


def _trees(
    frames: Sequence[Frame],
    selection: Selection,
    numbers: Collection[int],
    secrets: Secrets,
    by_pyshark: bool | None,
    *,
    padded: bool,
) -> list[Tree]:
    """The trees of the frames that tshark counts by these numbers."""
    key_logs = relevant([*selection.secrets, *secrets.key_logs], frames)
    with private_folder(Secrets()) as folder:
        path = folder / "frames.pcapng"
        with path.open("wb") as file:
            write_pcapng(file, frames, key_logs, selection.excerpt.times if padded else None)
        wishes = Wishes(
            path,
            Secrets(rsa_key=secrets.rsa_key),
            display_filter=frame_filter(numbers),
            ports=tuple((f"tcp.port=={port}", "tls") for port in sorted(selection.tls_ports)),
        )
        return trees(wishes, by_pyshark=by_pyshark)


def frame_filter(numbers: Iterable[int]) -> str:
    """A display filter for the frames of these numbers, in the words of every version."""
    told = []
    for _, run in groupby(enumerate(sorted(set(numbers))), lambda one: one[1] - one[0]):
        members = [number for _, number in run]
        first, last = members[0], members[-1]
        told.append(f"(frame.number >= {first} && frame.number <= {last})")
    return " || ".join(told)


def _renumbered(
    frames: Sequence[Frame],
    selection: Selection,
    numbers: Collection[int],
    secrets: Secrets,
    by_pyshark: bool | None,
) -> list[Tree]:
    """The trees of frames that tshark counts among those that it is shown."""
    places = {frame.number: place for place, frame in enumerate(frames, 1)}
    own = {place: number for number, place in places.items()}
    found = _trees(
        frames, selection, [places[number] for number in numbers], secrets, by_pyshark, padded=False
    )
    return [with_number(tree, own[tree.number]) for tree in found]

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
from capfpcap.tshark.folder import private_file, private_folder
from capfpcap.tshark.of_the_capture import of_the_capture, with_number
from capfpcap.tshark.other_connections import other_connections
from capfpcap.tshark.passwords import without_passwords
from capfpcap.tshark.pcapng import write_pcapng
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.run import trees
from capfpcap.tshark.secrets import Secrets, secrets_for
from capfpcap.tshark.selection import Selection, can_be_handed, select
from capfpcap.tshark.tree import Tree
from capfpcap.tshark.wishes import Wishes

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
    options: Options | None = None,
    *,
    by_pyshark: bool | None = None,
) -> View:
    """Wireshark's view of frames of a file that is read for them.

    ``options`` say on which ports CAPF listens, and what decrypts besides the file's own secrets.

    Raises:
        TsharkError: it cannot be had; the message is one sentence.
    """
    find_tshark()
    wished = options or Options()
    try:
        asked = frame_reader(path).read_all(_few(numbers)).frames
        points = read_only([CaptureInput((path,))], wished)
        others = other_connections(path, asked, PortSelection().with_capf(wished.capf_ports))
    except (FrameError, CaptureError) as error:
        raise TsharkError(str(error)) from error
    tables = [point.table for point in points]
    return view(tables, path, numbers, others, by_pyshark=by_pyshark)


def view(
    tables: Sequence[FlowTable],
    path: str,
    numbers: Collection[int],
    others: Sequence[Collection[int]] = (),
    *,
    by_pyshark: bool | None = None,
) -> View:
    """Wireshark's view of frames of a file that was read into these tables.

    Args:
        tables: what was read, with the secrets at hand.
        path: the file.
        numbers: the frames.
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
    keys = tables[0].keys if tables else None
    known = None if keys is None else keys.secrets
    handed = _Handed(frames, selection, secrets_for(frames, known), by_pyshark)
    remarks = list(selection.remarks)
    if frames[-1].number <= MAX_NUMBERED:
        found = handed.trees(numbers)
    else:
        found = handed.renumbered(numbers)
        remarks.append(
            f"frames that the trees name are counted among the {len(frames)} that tshark is shown"
        )
    shown = without_passwords(map(of_the_capture, found))
    return View(path, program.name, tuple(shown), tuple(remarks))


def _few(numbers: Collection[int]) -> Collection[int]:
    if len(numbers) > MAX_ASKED:
        raise TsharkError(f"{len(numbers)} frames are too many; {MAX_ASKED} are shown at a time")
    return numbers


class _Handed(Struct, frozen=True):
    """Frames that tshark is shown."""

    frames: Sequence[Frame]
    selection: Selection
    secrets: Secrets
    by_pyshark: bool | None

    def trees(self, numbers: Collection[int], *, padded: bool = True) -> list[Tree]:
        """The trees of the frames that tshark counts by these numbers."""
        times = self.selection.excerpt.times if padded else None
        with private_folder(Secrets()) as folder:
            path = folder / "frames.pcapng"
            with private_file(path) as file:
                write_pcapng(file, self.frames, self.secrets.key_logs, times)
            wishes = Wishes(
                path,
                Secrets(rsa_keys=self.secrets.rsa_keys),
                frame_filter(numbers),
                tuple((f"tcp.port=={port}", "tls") for port in sorted(self.selection.tls_ports)),
                capf_ports=self.selection.capf_ports,
            )
            return trees(wishes, by_pyshark=self.by_pyshark)

    def renumbered(self, numbers: Collection[int]) -> list[Tree]:
        """The trees where tshark counts the frames that it is shown, and no others."""
        places = {frame.number: place for place, frame in enumerate(self.frames, 1)}
        found = self.trees([places[number] for number in numbers], padded=False)
        return [with_number(tree, self.frames[tree.number - 1].number) for tree in found]


def frame_filter(numbers: Iterable[int]) -> str:
    """A display filter for the frames of these numbers, in the words of every version."""
    told = []
    for _, run in groupby(enumerate(sorted(set(numbers))), lambda one: one[1] - one[0]):
        members = [number for _, number in run]
        told.append(f"(frame.number >= {members[0]} && frame.number <= {members[-1]})")
    return " || ".join(told)

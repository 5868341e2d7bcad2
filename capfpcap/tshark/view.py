"""Wireshark's view of some frames of a capture, from the file to their trees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from msgspec import Struct

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.frames import Frame, FrameError, frame_reader
from capfpcap.capture.files.source import STANDARD_INPUT
from capfpcap.capture.ports import PortSelection
from capfpcap.flows.table import FlowTable
from capfpcap.inputs import CaptureInput
from capfpcap.options import Options
from capfpcap.scenes import read_only
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
    if path == STANDARD_INPUT:
        raise TsharkError("standard input cannot be read a second time, as this does: name a file")
    wished = options or Options()
    try:
        points = read_only([CaptureInput((path,))], wished)
        asked = frame_reader(path).read_all(_few(numbers)).frames
        others = other_connections(path, asked, PortSelection().with_capf(wished.capf_ports))
    except (FrameError, CaptureError) as error:
        raise TsharkError(str(error)) from error
    tables = [point.table for point in points]
    return prepared(tables, path, numbers, others).view(by_pyshark=by_pyshark)


def prepared(
    tables: Sequence[FlowTable],
    path: str,
    numbers: Collection[int],
    others: Sequence[Collection[int]] = (),
) -> Prepared:
    """All that tshark is to be shown for frames of a file that was read into these tables.

    Args:
        tables: what was read, with the secrets at hand.
        path: the file.
        numbers: the frames.
        others: the frames of connections that the tables do not hold.

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
    secrets = secrets_for(frames, None if keys is None else keys.secrets)
    show = any(table.show_secrets for table in tables)
    return Prepared(program.name, program.has_lua, path, numbers, frames, selection, secrets, show)


class Prepared(Struct, frozen=True):
    """What tshark is to be shown; nothing of the analysis is needed any more."""

    program: str
    has_lua: bool
    """Whether it can load our plugin."""
    path: str
    numbers: Collection[int]
    """The frames that are asked for."""
    frames: Sequence[Frame]
    """Those that it is shown."""
    selection: Selection
    secrets: Secrets
    show_passwords: bool = False

    def view(self, *, by_pyshark: bool | None = None) -> View:
        """Wireshark's view of the frames that are asked for.

        Raises:
            TsharkError: it cannot be had; the message is one sentence.
        """
        remarks = list(self.selection.remarks)
        if not self.has_lua:
            remarks.append(f"{self.program} loads no plugin here: CAPF and TVS are not taken apart")
        if self.frames[-1].number <= MAX_NUMBERED:
            found = self._trees(self.numbers, by_pyshark, padded=True)
        else:
            found = self._renumbered(by_pyshark)
            remarks.append(
                "frames that the trees name are counted among the "
                f"{len(self.frames)} that tshark is shown"
            )
        shown = [of_the_capture(tree) for tree in found]
        if not self.show_passwords:
            shown = without_passwords(shown, dissected=self.has_lua)
        return View(self.path, self.program, tuple(shown), tuple(remarks))

    def _trees(
        self, numbers: Collection[int], by_pyshark: bool | None, *, padded: bool
    ) -> list[Tree]:
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
                show_passwords=self.show_passwords,
            )
            return trees(wishes, by_pyshark=by_pyshark)

    def _renumbered(self, by_pyshark: bool | None) -> list[Tree]:
        """The trees where tshark counts the frames that it is shown, and no others."""
        places = {frame.number: place for place, frame in enumerate(self.frames, 1)}
        wanted = [places[number] for number in self.numbers]
        found = self._trees(wanted, by_pyshark, padded=False)
        return [with_number(tree, self.frames[tree.number - 1].number) for tree in found]


def _few(numbers: Collection[int]) -> Collection[int]:
    if len(numbers) > MAX_ASKED:
        raise TsharkError(f"{len(numbers)} frames are too many; {MAX_ASKED} are shown at a time")
    return numbers


def frame_filter(numbers: Iterable[int]) -> str:
    """A display filter for the frames of these numbers, in the words of every version."""
    told = []
    for _, run in groupby(enumerate(sorted(set(numbers))), lambda one: one[1] - one[0]):
        members = [number for _, number in run]
        told.append(f"(frame.number >= {members[0]} && frame.number <= {members[-1]})")
    return " || ".join(told)

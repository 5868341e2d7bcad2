"""The same trees through pyshark, which starts tshark and takes its output apart.

Three things that it does not do by itself are done here. Its event loop runs in a thread of its
own, so that it is inside no other. Its child is in a group of its own and killed whatever happens.
And of each frame it hands over the whole of the tree, of which its own packets keep a flat list.
"""

from __future__ import annotations

import asyncio
import threading
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pyshark import FileCapture
from pyshark.tshark.output_parser.tshark_xml import TsharkXmlParser

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.folder import environment
from capfpcap.tshark.pdml import read_packet
from capfpcap.tshark.process import (
    MAX_COMPLAINTS,
    MAX_OUTPUT,
    PATIENCE_S,
    TOO_LONG,
    TOO_MUCH,
    check_complaints,
    kill_group,
)
from capfpcap.tshark.program import Program
from capfpcap.tshark.tree import Tree


class _Parser(TsharkXmlParser):  # type: ignore[misc]
    """Reads each frame into a tree of ours."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    async def get_packets_from_stream(
        self, stream: asyncio.StreamReader, existing_data: bytes, got_first_packet: bool = True
    ) -> Any:
        """As pyshark's, within a limit."""
        found = await super().get_packets_from_stream(stream, existing_data, got_first_packet)
        self._taken += max(len(found[1]) - len(existing_data), 0)
        if self._taken > MAX_OUTPUT:
            raise TsharkError(TOO_MUCH)
        return found

    def _parse_single_packet(self, packet: bytes) -> Tree:
        return read_packet(packet)


class _Capture(FileCapture):  # type: ignore[misc]
    """A capture file whose frames are trees."""

    def __init__(self, program: Program, options: Sequence[str], path: Path, folder: Path) -> None:
        super().__init__(
            str(path),
            tshark_path=program.path,
            custom_parameters=list(options),
            eventloop=asyncio.get_running_loop(),
            keep_packets=False,
        )
        self._folder = folder
        self.complaints = bytearray()
        self.process: Process | None = None

    def _setup_tshark_output_parser(self) -> _Parser:
        return _Parser()

    async def _get_tshark_process(
        self, packet_count: int | None = None, stdin: object = None
    ) -> Process:
        del stdin
        told = ["-n", "-T", "pdml", *self.get_parameters(packet_count=packet_count)]
        process = await asyncio.create_subprocess_exec(
            str(self.tshark_path),
            *told,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=self._folder,
            env=environment(self._folder),
            start_new_session=True,
        )
        self.process = process
        self._create_stderr_handling_task(process.stderr)
        return process

    async def _handle_process_stderr_forever(self, stderr: asyncio.StreamReader) -> None:
        while piece := await stderr.read(MAX_COMPLAINTS):
            self.complaints += piece
            del self.complaints[MAX_COMPLAINTS:]


def read(program: Program, options: Sequence[str], path: Path, folder: Path) -> list[Tree]:
    """The trees of all frames that tshark shows of a file with these options.

    Raises:
        TsharkError: they cannot be had.
    """
    reading = _Reading(lambda: _read(program, options, path, folder))
    try:
        reading.start()
        reading.join()
    except BaseException:  # Ctrl-C strikes here, not in the other thread
        reading.stop()
        with suppress(RuntimeError):  # it has not begun, and will not
            reading.join()
        raise
    return reading.outcome()


async def _read(program: Program, options: Sequence[str], path: Path, folder: Path) -> list[Tree]:
    found: list[Tree] = []
    capture = _Capture(program, options, path, folder)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await capture.packets_from_tshark(found.append, close_tshark=False)
            assert capture.process is not None
            status = await capture.process.wait()
            await capture.close_async()
    except TimeoutError as error:
        raise TsharkError(TOO_LONG) from error
    except OSError as error:
        raise TsharkError(f"{program.path} cannot be run: {error.strerror}") from error
    finally:
        if capture.process is not None and capture.process.returncode is None:
            kill_group(capture.process.pid)
            await capture.process.wait()
    check_complaints(bytes(capture.complaints), status)
    return found


class _Reading(threading.Thread):
    """Runs a coroutine in an event loop of its own."""

    def __init__(self, begin: Callable[[], Coroutine[None, None, list[Tree]]]) -> None:
        super().__init__(name="pyshark", daemon=True)
        self._begin = begin
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[list[Tree]] | None = None
        self._found: list[Tree] = []
        self._error: BaseException | None = None
        self._unwanted = False

    def run(self) -> None:
        """What the thread does."""
        try:
            self._found = asyncio.run(self._main())
        except BaseException as error:
            self._error = error

    async def _main(self) -> list[Tree]:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        return [] if self._unwanted else await self._begin()

    def stop(self) -> None:
        """Break it off, or have it not begin."""
        self._unwanted = True
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._task.cancel)

    def outcome(self) -> list[Tree]:
        """What the coroutine returned, or raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._found

"""Reads what a test builds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture

Read = Callable[..., Capture]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes each argument to a file and reads the files as one capture."""

    def read_files(*contents: bytes) -> Capture:
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"{number}.pcap"
            path.write_bytes(content)
            paths.append(str(path))
        return read_capture(paths, PortSelection(), AddressTable())

    return read_files


def payloads(capture: Capture) -> list[bytes]:
    """The captured payload of every row."""
    return [capture.payloads.read(capture.columns, row) for row in range(len(capture.columns))]

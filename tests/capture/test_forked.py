"""Processes that are begun to help, and what becomes of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from capfpcap.capture.forked import forked

FOREVER_S = 600
PATIENCE_S = 20

PARENT = """
import os, sys, time
from capfpcap.capture.forked import forked
print(forked(lambda pipe: time.sleep(600)).process, flush=True)
time.sleep(600)
"""


def _is_running(process: int) -> bool:
    """Whether a process is there and not merely waiting to be taken notice of."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def test_what_it_writes_arrives() -> None:
    def work(pipe: BinaryIO) -> None:
        pipe.write(b"done")

    helper = forked(work)
    assert helper.pipe.read() == b"done"
    helper.end()


def test_work_that_fails_ends_without_a_word() -> None:
    def work(pipe: BinaryIO) -> None:
        raise MemoryError

    helper = forked(work)
    assert helper.pipe.read() == b""
    helper.end()


def test_it_can_be_ended_at_its_work() -> None:
    helper = forked(lambda _: time.sleep(FOREVER_S))
    helper.end()
    assert not _is_running(helper.process)


def test_it_ends_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        helper = int(parent.stdout.readline())
        assert _is_running(helper)
        parent.kill()
    until = time.monotonic() + PATIENCE_S
    while _is_running(helper) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _is_running(helper)


def test_where_no_process_is_to_be_had_no_descriptor_is_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(BlockingIOError):
        forked(lambda _: None)
    assert set(Path("/proc/self/fd").iterdir()) == before

"""The program run as a user runs it, on the captures that ship."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CAPTURES = Path(__file__).parents[2] / "captures"

Program = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def capfpcap(tmp_path: Path) -> Program:
    """Runs the program in an empty directory with the given arguments; no status is an error."""

    def run(
        *arguments: str | Path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "capfpcap", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def failing() -> Path:
    """A phone whose trust list holds another CAPF certificate."""
    return CAPTURES / "itl-mismatch" / "phone.pcap"


@pytest.fixture
def healthy() -> Path:
    """A phone that installs its certificate."""
    return CAPTURES / "success-by-address" / "phone.pcap"


@pytest.fixture
def expiring() -> Path:
    """A success with a CAPF certificate that expires soon."""
    return CAPTURES / "certificate-expiring" / "phone.pcap"


@pytest.fixture
def unfinished() -> Path:
    """A capture that ends while its phone connects to CAPF."""
    return CAPTURES / "capture-ends-early" / "phone.pcap"


@pytest.fixture
def empty() -> Path:
    """A capture without a packet."""
    return CAPTURES / "empty" / "phone.pcap"

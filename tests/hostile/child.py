"""The program as a process of its own, its time and its memory measured."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_PROGRAM = """
import sys
import time
from pathlib import Path
from capfpcap.cli import run
status = run(sys.argv[2:])
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
Path(sys.argv[1]).write_text(f"{peak} {time.process_time()}")
sys.exit(status)
"""
"""Runs the command line and leaves in a file the peak of its memory, in KiB, and the seconds that
the processor worked for it, however busy it was with others. The memory that the system counts for
a process that has ended is also that of the process it was forked from."""

SECONDS = 20
"""The processor's time in which every capture is to be read, whatever it holds; a process that is
not done after several times as long is stopped."""
MEBIBYTES = 500


@dataclass(frozen=True)
class Result:
    """How the program ended and what it took."""

    status: int
    out: str
    err: str
    seconds: float
    mebibytes: float


def capfpcap(folder: Path, *arguments: str | Path) -> Result:
    """Run the program; ``folder`` takes what it leaves behind."""
    measured = folder / "measured"
    command = [sys.executable, "-c", _PROGRAM, str(measured), *map(str, arguments)]
    path = f"{ROOT}:{ROOT / 'dissectors'}"
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        timeout=6 * SECONDS,
        cwd=folder,
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    peak, seconds = measured.read_text().split()
    out, err = done.stdout.decode(), done.stderr.decode()
    return Result(done.returncode, out, err, float(seconds), int(peak) / 1024)


def check_bounded(result: Result, mebibytes: int = MEBIBYTES, seconds: int = SECONDS) -> None:
    """The program ended with a verdict or a sentence, in time and memory that are bounded."""
    assert result.status in (0, 1, 2, 3), result.err
    assert "the program itself failed" not in result.err
    assert "Traceback" not in result.err
    assert result.seconds < seconds
    assert result.mebibytes < mebibytes

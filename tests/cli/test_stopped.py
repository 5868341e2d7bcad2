"""What is left of a check whose system fails it: a status, a sentence, and nothing else."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.storm import write_storm
from capfpcap import batches
from capfpcap.cli import run

PATIENCE_S = 30
STORM_PHONES, SEED = 400, 5
LITTLE_MEMORY = 60 << 20
"""Octets of address space in which Python starts and NumPy does not."""


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture whose phones several processes share."""
    path = tmp_path_factory.mktemp("storm") / "storm.pcap"
    write_storm(path, STORM_PHONES, SEED)
    return path


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_process_that_is_told_to_end_leaves_no_half_of_a_report(
    number: signal.Signals, status: int, healthy: Path, tmp_path: Path
) -> None:
    pipe, target = tmp_path / "pipe", tmp_path / "reports"
    target.mkdir()
    os.mkfifo(pipe)
    command = ["check", "--workers", "2", "-o", str(target / "report.txt"), str(pipe)]
    with (
        subprocess.Popen(
            [sys.executable, "-m", "capfpcap", *command], stderr=subprocess.PIPE
        ) as process,
        pipe.open("wb") as writing,
    ):
        writing.write(healthy.read_bytes())
        writing.flush()
        process.send_signal(number)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == status
    assert stderr.strip() == b""
    assert list(target.iterdir()) == []


def test_a_report_half_written_goes_with_the_process_that_is_told_to_end(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from capfpcap import cli\n"
        "from capfpcap.cli.commands import check\n"
        "def slow(*_):\n"
        "    yield b'half'\n"
        "    print('half', flush=True)\n"
        "    time.sleep(600)\n"
        "check.render = slow\n"
        "cli.main()\n"
    )
    capture = Path(__file__).parents[2] / "captures" / "success-by-address" / "phone.pcap"
    command = [sys.executable, "-c", program, "check", "-o", str(tmp_path / "o"), str(capture)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(list(tmp_path.iterdir())) == 1
        process.terminate()
        assert process.wait(PATIENCE_S) == 143
    assert list(tmp_path.iterdir()) == []


def test_a_system_without_another_process_gets_the_same_report(
    storm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "WORTH_SHARING", 1)
    monkeypatch.setattr(batches, "BATCH_ROWS", 1_000)
    monkeypatch.setattr(batches, "FIRST_ROWS", 1_000)
    alone, refused = tmp_path / "alone.json", tmp_path / "refused.json"
    asked = []

    def none_left() -> int:
        asked.append(time.monotonic())
        raise BlockingIOError

    check = ["check", "--format", "json", str(storm), "-o"]
    status = run([*check, str(alone), "--workers", "1"])
    monkeypatch.setattr(os, "fork", none_left)
    assert run([*check, str(refused), "--workers", "3"]) == status
    assert len(asked) == 2
    assert refused.read_bytes() == alone.read_bytes()


def limited(capture: Path, octets: int) -> subprocess.CompletedProcess[bytes]:
    """A check of a process that may address so many octets."""
    return subprocess.run(
        [sys.executable, "-m", "capfpcap", "check", str(capture)],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (octets, resource.RLIM_INFINITY)),
    )


def test_too_little_memory_is_said_in_one_sentence(failing: Path) -> None:
    result = limited(failing, LITTLE_MEMORY)
    assert (result.returncode, result.stdout) == (3, b"")
    assert result.stderr == (
        b"capfpcap: there is not enough memory: 'ulimit -v' allows 61440 KiB; it takes 131072 to "
        b"begin with\n"
    )


@pytest.mark.parametrize("mebibytes", [80, 100, 115, 127, 135, 150])
def test_memory_that_suffices_for_a_part_is_told_in_one_sentence(
    failing: Path, mebibytes: int
) -> None:
    """NumPy's library of linear algebra ends the process itself, others fail without a reason."""
    result = limited(failing, mebibytes << 20)
    assert result.returncode in (2, 3)
    if result.returncode == 3:
        assert result.stderr.startswith(b"capfpcap: there is not enough memory: 'ulimit -v' allows")
        assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize("module", ["click", "capfpcap.cli", "numpy", "msgspec", "click.core"])
def test_an_interruption_while_libraries_load_leaves_no_traceback(
    failing: Path, module: str
) -> None:
    """The signal arrives when the import of a module begins, wherever that is."""
    program = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "from capfpcap.__main__ import main\n"
        "sys.meta_path.insert(0, Finder())\n"
        "main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "check", str(failing)],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, b"", b"")


def test_an_output_in_a_folder_that_is_gone_is_named(failing: Path, tmp_path: Path) -> None:
    gone = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
    program = "from capfpcap.cli import main\n" + gone + "main()\n"
    result = subprocess.run(
        [sys.executable, "-c", program, "check", str(failing.resolve()), "-o", "report.txt"],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        cwd=tmp_path,
    )
    assert result.returncode == 3
    assert result.stderr.count(b"\n") == 1
    assert b"cannot write report.txt: No such file or directory" in result.stderr

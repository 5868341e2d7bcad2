"""Dissectors that other distributions bring are found by their entry point."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from capf_dissectors.plugin import GROUP

from capfpcap.timeline.plugins import plugins

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
NOISE = CAPTURES / "noise-around-success" / "phone.pcap"
PORT = 443
"""In the noise, HTTPS to hosts that are none of the enrolment's."""

GOOD = f"""
from capf_dissectors.plugin import Remark
tcp_ports = frozenset({{{PORT}}})
def dissect_streams(client, server):
    for from_client, pieces in ((True, client), (False, server)):
        for piece in pieces:
            yield Remark(from_client, piece.offset, piece.end, f"{{len(piece.data)}} octets")
"""
FAILS_LATE = f"""
tcp_ports = frozenset({{{PORT}}})
def dissect_streams(client, server):
    raise ZeroDivisionError("no such luck")
    yield
"""
FAILS_EARLY = "raise ImportError('half of me is missing')\n"


def run(
    folder: Path, name: str, source: str, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    """The program with one more distribution installed, whose only module is ``source``."""
    (folder / f"{name}_plugin.py").write_text(source)
    information = folder / f"{name}_plugin-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        f"[capfpcap.dissectors]\n{name} = {name}_plugin\n"
    )
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", "capfpcap", *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
    )


def test_a_dissector_of_another_distribution_is_shown_in_timelines(tmp_path: Path) -> None:
    result = run(tmp_path, "https", GOOD, "timeline", str(NOISE), "--color", "never")
    assert result.returncode == 0, result.stderr
    assert b"https: " in result.stdout
    assert b" octets" in result.stdout


def test_its_flows_carry_its_name(tmp_path: Path) -> None:
    result = run(tmp_path, "https", GOOD, "flows", str(NOISE))
    lines = [line for line in result.stdout.decode().splitlines() if f":{PORT} " in line]
    assert lines
    assert all("  https  " in line for line in lines)


def test_without_it_its_port_is_not_read() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "capfpcap", "flows", str(NOISE)], capture_output=True, check=True
    )
    assert f":{PORT} ".encode() not in result.stdout


@pytest.mark.parametrize(
    ("source", "stream", "sentence"),
    [
        (FAILS_LATE, "stdout", b"odd failed: ZeroDivisionError"),
        (FAILS_EARLY, "stderr", b"the dissector odd cannot be used: ImportError: half of me"),
    ],
    ids=["in mid-stream", "at import"],
)
def test_one_that_fails_is_named_and_costs_nothing_else(
    tmp_path: Path, source: str, stream: str, sentence: bytes
) -> None:
    result = run(tmp_path, "odd", source, "timeline", str(NOISE), "--color", "never")
    assert result.returncode == 0
    assert sentence in getattr(result, stream)
    assert b"ClientHello" in result.stdout


def test_check_looks_for_none(tmp_path: Path) -> None:
    result = run(tmp_path, "odd", FAILS_EARLY, "check", str(NOISE))
    assert result.returncode == 0
    assert result.stderr == b""


def test_the_bundled_ones_are_announced_and_passed_over() -> None:
    announced = {point.name for point in entry_points(group=GROUP)}
    assert {"dns", "tls"} <= announced
    assert not announced & {plugin.name for plugin in plugins()}

"""Start-up is part of the product: nothing is imported that a command does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"textual", "matplotlib", "scapy", "pyshark", "asyncio", "capfpcap.tshark", "rich"}
"""Never on the way of a check whose progress is not shown."""

CLOSE_LOOKS = {"capf_dissectors.outline", "capfpcap.inspection", "capfpcap.ladder"}
"""Only for those who look at single packets."""

OTHER_COMMANDS = {
    "capf_dissectors.eap", "capfpcap.capture.eapol", "capfpcap.cli.commands.frames",
    "capfpcap.cli.commands.inventory", "capfpcap.cli.commands.itl", "capfpcap.inventory",
}  # fmt: skip
"""Only for commands that a check is not."""

ONLY_WHERE_THERE_ARE_ANY = {
    "capf_dissectors.phone_log", "capf_dissectors.shown_list", "capf_dissectors.sip_alarm",
    "capfpcap.capture.select.sip_alarms", "capfpcap.evidence", "capfpcap.rules.names.logged_names",
    "capfpcap.rules.names.logged_phones", "capfpcap.timeline.alarms", "zoneinfo",
}  # fmt: skip
"""Only for logs, alarms and trust lists at hand."""

KEYS = {
    "capf_dissectors.capf",
    "capf_dissectors.framed",
    "capf_dissectors.tls.decryption",
    "capf_dissectors.tvs",
    "capfpcap.flows.keys",
    "capfpcap.timeline.decrypting",
    "capfpcap.rules.capf.reading",
    "capfpcap.timeline.plaintext",
}
"""Only where there are secrets to decrypt with."""

ANALYSIS = {"numpy", "cryptography", "dns", "h11", "msgspec"}
"""Only for commands that read captures."""


def loaded(*arguments: str) -> set[str]:
    """The modules and packages that a run of the program has loaded at its end."""
    program = (
        "import sys\n"
        "from capfpcap.cli import run\n"
        "run(sys.argv[1:])\n"
        "names = {part for name in sys.modules for part in (name, name.partition('.')[0])}\n"
        "print(*names, file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(result.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"]])
def test_help_and_version_load_no_library_but_click(arguments: list[str]) -> None:
    assert not loaded(*arguments) & (HEAVY | ANALYSIS)


@pytest.mark.parametrize("format_name", ["text", "json", "jsonl", "csv"])
def test_a_check_loads_nothing_that_only_other_commands_need(
    failing: Path, format_name: str
) -> None:
    modules = loaded("check", str(failing), "--format", format_name)
    assert "numpy" in modules
    assert not modules & (
        HEAVY | KEYS | CLOSE_LOOKS | OTHER_COMMANDS | ONLY_WHERE_THERE_ARE_ANY | {"numpy.ma"}
    )


def test_nothing_is_collected_while_libraries_are_loaded(failing: Path) -> None:
    """It takes a twentieth of a small capture's time."""
    program = (
        "import gc, os, sys\n"
        "before = [each['collections'] for each in gc.get_stats()]\n"
        "def leave(status):\n"
        "    after = [each['collections'] for each in gc.get_stats()]\n"
        "    print(sum(after) - sum(before), gc.isenabled(), file=sys.stderr, flush=True)\n"
        "    leave_at_once(status)\n"
        "leave_at_once, os._exit = os._exit, leave\n"
        "from capfpcap.__main__ import main\n"
        "main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "check", str(failing)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    collections, enabled = result.stderr.split()[-2:]
    assert int(collections) < 10  # there were 90
    assert enabled == "True"


@pytest.mark.parametrize("format_name", ["text", "svg", "mermaid", "json"])
def test_a_ladder_loads_no_library_that_draws(failing: Path, format_name: str) -> None:
    assert not loaded("ladder", str(failing), "--format", format_name) & HEAVY


@pytest.mark.parametrize("arguments", [["explain", "dns-nxdomain"], ["schema"]])
def test_what_reads_no_capture_loads_no_screen_library(arguments: list[str]) -> None:
    assert not loaded(*arguments) & HEAVY


def test_nothing_is_loaded_before_an_interruption_is_heeded() -> None:
    """What is loaded earlier leaves a traceback where it is interrupted."""
    program = (
        "import sys; before = set(sys.modules); import capfpcap.__main__; "
        "print(*sorted(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(result.stdout.split()) <= {
        "capfpcap", "capfpcap.__main__", "__future__", "_signal", "errno", "gc",
    }  # fmt: skip

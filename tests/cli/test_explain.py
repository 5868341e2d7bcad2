"""``explain``: each code with an example that cannot go stale, a look-alike and its sources."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from capfpcap.explanations import FILE, explanation_of
from capfpcap.explanations.table import TABLE
from capfpcap.rules.catalogue import CATALOGUE

from .conftest import CAPTURES, Program

ROOT = CAPTURES.parent
OF_FILES = {
    "capture-empty",
    "capture-cut-short",
    "capture-malformed-packets",
    "records-out-of-order",
    "capture-duplicates",
    "capture-port-scan",
    "capture-clock-offset",
}
"""Codes whose findings are about a file or a clock as a whole and name no frame."""

RIDDLES = re.compile(
    r"\b(anew|unheard|unsaid|came about|in vain|knocks|shook hands"
    r"|without a word|told by|octets?)\b"
)
"""Words that a network engineer would have to translate back."""


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The program that writes the examples."""
    spec = importlib.util.spec_from_file_location("examples", ROOT / ".ci" / "examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_code_has_an_example_a_look_alike_and_a_source() -> None:
    assert set(TABLE) == set(CATALOGUE)
    for code in CATALOGUE:
        found = explanation_of(code)
        assert found is not None, code
        assert found.row.sources
        assert found.example.title
        assert bool(found.example.evidence) != (code in OF_FILES), code


def test_the_examples_are_what_the_shipped_captures_show_today(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    kept = (ROOT / "capfpcap" / "explanations" / FILE).read_bytes()
    assert maker.made() == kept, "run 'make examples': findings of shipped captures have changed"


@pytest.mark.parametrize("code", TABLE)
def test_a_look_alike_is_another_scenario_without_the_code(code: str) -> None:
    row = TABLE[code]
    text = (CAPTURES / row.look_alike / "scenario.toml").read_text(encoding="utf-8")
    expected = tomllib.loads(text)["expect"]
    assert row.look_alike != row.scenario
    assert all(code not in one["codes"] for one in expected)


def test_pages_speak_the_language_of_the_field() -> None:
    for code in CATALOGUE.values():
        found = explanation_of(code.code)
        assert found is not None
        texts = [code.meaning, code.told_by, code.not_this, code.remedy, found.example.title]
        texts += [found.example.detail, found.example.story, found.example.look_alike]
        texts += [evidence.note for evidence in found.example.evidence]
        assert [word.group() for text in texts for word in RIDDLES.finditer(text)] == [], code.code


def test_a_page_has_everything_in_eighty_columns(capfpcap: Program) -> None:
    page = capfpcap("explain", "itl-capf-mismatch").stdout.decode()
    headings = ["What it means", "What to do", "How it is found", "Example", "Sources"]
    assert [line for line in page.splitlines() if line in headings] == headings
    assert "captures/itl-mismatch/phone.pcap" in page
    assert "phone:97 at " in page
    assert "captures/two-lists-last-counts" in page
    assert "214231" in page
    assert max(map(len, page.splitlines())) <= 80


def test_a_page_needs_neither_the_sources_nor_their_captures(tmp_path: Path) -> None:
    program = "from capfpcap.cli import main; main()"
    command = [sys.executable, "-c", program, "explain", "rst-injected"]
    result = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "publisher" in result.stdout.partition("Example")[2]


def test_the_beginning_of_one_code_is_enough(capfpcap: Program) -> None:
    whole = capfpcap("explain", "rst-injected")
    assert capfpcap("explain", "RST").stdout == whole.stdout


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("dns", b"there is no code dns; these begin so: dns-nxdomain, dns-no-answer"),
        ("itl-mismatch", b"did you mean itl-capf-mismatch"),
        ("refused", b"did you mean "),
        ("zzz", b"there is no code zzz; without a code all are listed"),
    ],
)
def test_what_is_no_code_is_answered_with_those_that_are_near(
    capfpcap: Program, word: str, hint: bytes
) -> None:
    result = capfpcap("explain", word)
    assert result.returncode == 3
    assert hint in result.stderr

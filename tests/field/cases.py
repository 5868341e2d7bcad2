"""Field cases: situations from the field and what is right to say, where they lie beside us.

Each is a folder with captures and an ``expected.json``; its README says what the keys mean.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.cli.exit_status import FailOn, status_of
from capfpcap.report import Report

FIELD = Path(__file__).resolve().parents[3] / "shared" / "field"


@dataclass(frozen=True, slots=True)
class FieldCase:
    """One command line of a field case, and what its report must be."""

    files: tuple[Path, ...]
    expected: dict[str, Any]

    def __str__(self) -> str:
        """The folder and its captures."""
        return f"{self.files[0].parent.name}: {', '.join(path.name for path in self.files)}"


def cases_of(name: str) -> list[FieldCase]:
    """The command lines of one folder; none where it is not there."""
    folder = FIELD / name
    if not folder.is_dir():
        return []
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    files = sorted(folder.glob("*.pcap*"))
    if expected.get("together"):
        return [FieldCase(tuple(files), expected)]
    by_file = expected.get("by_file", {})
    return [FieldCase((path,), {**expected, **by_file.get(path.name, {})}) for path in files]


@lru_cache(maxsize=8)
def report_on(*files: Path) -> Report:
    """The report on captures that are handed in together."""
    return analyze([CaptureInput((str(path),)) for path in files]).report


def objections(case: FieldCase) -> list[str]:
    """What the report says other than it should, a sentence each."""
    report, expected = report_on(*case.files), case.expected
    codes = {finding.code for finding in report.findings}
    status = status_of(report.verdict, FailOn.UNKNOWN)
    outcomes = {phone.outcome.value for phone in report.phones}
    messages = {phone.status_message for phone in report.phones}
    checks = {
        "codes": lambda wanted: set(wanted) <= codes,
        "codes_any": lambda wanted: bool(codes.intersection(wanted)),
        "must_not_codes": codes.isdisjoint,
        "exit_status": lambda wanted: status == wanted,
        "exit_status_one_of": lambda wanted: status in wanted,
        "exit_status_not": lambda wanted: status not in wanted,
        "phones": lambda wanted: len(report.phones) == wanted,
        "must_not_outcome": lambda wanted: wanted not in outcomes,
        "status_message": lambda wanted: wanted in messages,
    }
    said = f"{report.verdict.summary} (codes {sorted(codes)}, exit status {status})"
    return [
        f"{case}: {key} {expected[key]}, and it says: {said}"
        for key, fits in checks.items()
        if key in expected and not fits(expected[key])
    ]

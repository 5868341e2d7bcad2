"""What a scenario says must be found in its captures, and what was found, in one shape."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.cli.exit_status import FailOn, status_of
from capfpcap.flows.keys import keys_from
from capfpcap.report import Phone, Report

CAPTURES = Path(__file__).resolve().parents[2] / "captures"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The parts of a report that a scenario fixes; ``""`` stands for none."""

    codes: tuple[str, ...]
    exit_status: int
    outcome: str
    """Of the phone, where there is just one."""
    root_cause: str
    status_message: str
    outcomes: dict[str, str] | None = None
    """Of each phone by its name, in a scenario of many."""
    root_causes: dict[str, str] | None = None
    notes: tuple[str, ...] = ()
    """Remarks of the tool, of which a rule that failed is one: none is ever expected."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """An ``[[expect]]`` of a ``scenario.toml``."""

    scenario: str
    stems: tuple[str, ...]
    verdict: Verdict
    attempts: int | None = None
    """How often the one phone tried, where the scenario says so."""
    keylog: str = ""
    """The key log beside the captures with which they are judged; none: without keys."""

    def __str__(self) -> str:
        """The test's name."""
        return f"{self.scenario}-{'+'.join(self.stems)}{'-with-keys' if self.keylog else ''}"

    @property
    def keys(self) -> Path | None:
        """The key log, where there is one."""
        return CAPTURES / self.scenario / self.keylog if self.keylog else None

    @property
    def files(self) -> tuple[Path, ...]:
        """The capture of each stem."""
        folder = CAPTURES / self.scenario
        return tuple(path for stem in self.stems for path in folder.glob(f"{stem}.pcap*"))


def expectations() -> list[Expectation]:
    """Those of all scenarios for captures alone, in alphabetical order."""
    return [expected for expected in _every_one() if not expected.keylog]


def expectations_with_keys() -> list[Expectation]:
    """Those of all scenarios for captures and their key logs, in alphabetical order."""
    return [expected for expected in _every_one() if expected.keylog]


def _every_one() -> list[Expectation]:
    return [
        _expectation(path.parent.name, table)
        for path in sorted(CAPTURES.glob("*/scenario.toml"))
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["expect"]
    ]


def _expectation(scenario: str, table: dict[str, Any]) -> Expectation:
    verdict = dict(table, codes=tuple(table["codes"]))
    stems, attempts = tuple(verdict.pop("captures")), verdict.pop("attempts", None)
    keylog = verdict.pop("keylog", "")
    return Expectation(scenario, stems, Verdict(**verdict), attempts, keylog)


@lru_cache(maxsize=1)
def report_on(files: tuple[Path, ...], keylog: Path | None = None) -> Report:
    """The report on captures, each of a place of its own that is to be inferred."""
    captures = [CaptureInput((str(file),)) for file in files]
    if keylog is None:
        return analyze(captures).report
    keys = keys_from([(str(keylog), keylog.read_bytes())], [])
    return analyze(captures, Options(secrets=keys)).report


def report_for(expected: Expectation) -> Report:
    """The report that an expectation is about."""
    return report_on(expected.files, expected.keys)


def verdict_of(report: Report, *, phone_by_phone: bool) -> Verdict:
    """What ``report`` says, in the shape of an expectation."""
    only = report.phones[0] if len(report.phones) == 1 else None
    return Verdict(
        codes=tuple(sorted({finding.code for finding in report.findings})),
        exit_status=status_of(report.verdict, FailOn.UNKNOWN),
        outcome=only.outcome.value if only else "",
        root_cause=(only.root_cause or "") if only else "",
        status_message=(only.status_message or "") if only else "",
        outcomes=_outcomes(report.phones) if phone_by_phone else None,
        root_causes=_root_causes(report.phones) if phone_by_phone else None,
        notes=report.notes,
    )


def _outcomes(phones: tuple[Phone, ...]) -> dict[str, str]:
    return {phone.name: phone.outcome.value for phone in phones}


def _root_causes(phones: tuple[Phone, ...]) -> dict[str, str]:
    return {phone.name: phone.root_cause for phone in phones if phone.root_cause}

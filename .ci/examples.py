"""Writes the examples of ``capfpcap explain`` from the shipped captures: ``make examples``."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import msgspec

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.explanations import FILE, MAX_FRAMES, Example
from capfpcap.explanations.table import TABLE, Row
from capfpcap.flows.keys import Keys, keys_from
from capfpcap.report import Finding, Severity

ROOT = Path(__file__).parents[1]
CAPTURES = ROOT / "captures"


def main() -> None:
    """Write the file again."""
    path = ROOT / "capfpcap" / "explanations" / FILE
    path.write_bytes(made())


def made() -> bytes:
    """The file's content: every example, in the order of the table."""
    found = {(row.shown, row.keylog): findings(row) for row in TABLE.values()}
    examples = {
        code: example(row, found[row.shown, row.keylog][code]) for code, row in TABLE.items()
    }
    return msgspec.json.format(msgspec.json.encode(examples), indent=1) + b"\n"


def example(row: Row, finding: Finding) -> Example:
    """What a page shows of a finding."""
    return Example(
        captures=tuple(path.relative_to(ROOT).as_posix() for path in (*files(row), *key_logs(row))),
        story=story(row.scenario),
        look_alike=story(row.look_alike),
        certainty=finding.certainty,
        title=finding.title,
        detail=finding.detail,
        evidence=finding.evidence[:MAX_FRAMES],
        further=max(len(finding.evidence) - MAX_FRAMES, 0),
    )


def files(row: Row) -> list[Path]:
    """The captures that show a code."""
    folder = CAPTURES / row.scenario
    return [path for stem in row.stems for path in sorted(folder.glob(f"{stem}.pcap*"))]


def story(scenario: str) -> str:
    """What happened in a scenario, in a line: ``scenario.toml``, or ``built.toml``, says it."""
    (description,) = (CAPTURES / scenario).glob("[sb]*.toml")
    return str(tomllib.loads(description.read_text(encoding="utf-8"))["title"])


def findings(row: Row) -> dict[str, Finding]:
    """The first finding of each code in the captures of a row, the critical ones before others."""
    captures = [CaptureInput((str(path.relative_to(ROOT)),)) for path in files(row)]
    report = analyze(captures, Options(secrets=keys(row))).report
    ranked = sorted(report.findings, key=lambda one: one.severity is not Severity.CRITICAL)
    return {finding.code: finding for finding in reversed(ranked)}


def key_logs(row: Row) -> list[Path]:
    """The key log with which the captures show it, if any."""
    return [CAPTURES / row.scenario / row.keylog] if row.keylog else []


def keys(row: Row) -> Keys | None:
    """The keys in it."""
    logs = [(log.name, log.read_bytes()) for log in key_logs(row)]
    return keys_from(logs, ()) if logs else None


if __name__ == "__main__":
    sys.exit(main())

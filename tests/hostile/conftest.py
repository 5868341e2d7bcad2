"""Hostile captures, judged in a process of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .child import Result, capfpcap, check_bounded

Report = dict[str, object]
Judge = Callable[[bytes | Path], tuple[Result, Report]]
"""Checks a capture, or what a file holds: how that went, and the report."""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Checks a capture in a process of its own, within the limits of all captures."""

    def judge_capture(content: bytes | Path) -> tuple[Result, Report]:
        path = content if isinstance(content, Path) else tmp_path / "hostile.pcap"
        if isinstance(content, bytes):
            path.write_bytes(content)
        result = capfpcap(tmp_path, "check", path, "--format", "json")
        check_bounded(result)
        return result, json.loads(result.out) if result.out else {}

    return judge_capture


def codes(report: Report) -> set[str]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return {finding["code"] for finding in findings}


def packets(report: Report) -> int:
    captures = report["captures"]
    assert isinstance(captures, list)
    return int(captures[0]["packets"])

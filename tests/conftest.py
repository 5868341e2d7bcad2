"""For all tests: none is skipped, and none is judged by how busy the machine is."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

settings.register_profile("capfpcap", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("capfpcap")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes do not name a test: what is in them (a time, a key) differs from run to run.

    Workers that collect the same tests by different names refuse to run any of them.
    """
    return "bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skips itself fails: what it needs is to be installed, not to be missed."""
    return _never_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that skips itself fails alike."""
    return _never_skipped((yield))


def _never_skipped(report: Report) -> Report:
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which no test may be: {report.longrepr}"
    return report

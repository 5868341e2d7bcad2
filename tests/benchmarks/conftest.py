"""Small captures of the generators, written once a test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mixed import write_mixed
from benchmarks.storm import write_storm
from tests.benchmarks.small import MIXED_PACKETS, SEED, STORM_PHONES


@pytest.fixture(scope="session")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("storm") / "storm.pcap"
    write_storm(path, STORM_PHONES, SEED)
    return path


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mixed") / "mixed.pcap"
    write_mixed(path, MIXED_PACKETS, SEED)
    return path

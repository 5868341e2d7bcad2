import hashlib
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from captures.lab import index, scenario

SHIPPED_BYTES = 15_000_000
BESIDE_CAPTURES = {"keylog.txt", "server-key.pem", "truth.json"}
EVERY_RECORDING = [*scenario.names(), *scenario.decrypted_names()]
EXPECT_KEYS = {"captures", "exit_status", "outcome", "root_cause", "status_message", "codes"}


def _document(name: str) -> dict[str, Any]:
    path = scenario.CAPTURES_DIRECTORY / name / "scenario.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _files(name: str) -> dict[str, Path]:
    folder = scenario.CAPTURES_DIRECTORY / name
    return {path.name.partition(".")[0]: path for path in folder.glob("*.pcap*")}


@pytest.mark.parametrize("name", EVERY_RECORDING)
def test_every_knob_of_a_scenario_is_one_the_lab_knows(name: str) -> None:
    assert scenario.load(name).phones


@pytest.mark.parametrize("name", scenario.names())
def test_every_capture_that_a_scenario_asks_for_is_there_and_expected(name: str) -> None:
    record = scenario.load(name)
    put_together = {stem for merge in record.merges for stem in merge.of}
    stems = {capture.stem for capture in record.captures} - put_together
    stems |= {merge.stem for merge in record.merges}
    expected = {stem for table in _document(name)["expect"] for stem in table["captures"]}
    assert set(_files(name)) == stems == expected


@pytest.mark.parametrize("name", scenario.names())
def test_expectations_are_complete_and_their_codes_sorted(name: str) -> None:
    for table in _document(name)["expect"]:
        assert set(table) - {"attempts", "keylog", "outcomes", "root_causes"} == EXPECT_KEYS
        assert table["codes"] == sorted(set(table["codes"]))
        assert table["root_cause"] in ["", *table["codes"]]
        assert set(table.get("root_causes", {}).values()) <= set(table["codes"])


@pytest.mark.parametrize("name", EVERY_RECORDING)
def test_the_files_are_those_of_the_recording(name: str) -> None:
    folder = scenario.CAPTURES_DIRECTORY / name
    provenance = tomllib.loads((folder / "provenance.toml").read_text(encoding="utf-8"))
    recorded = set(provenance["sha256"]) - BESIDE_CAPTURES
    assert recorded == {path.name for path in _files(name).values()}
    for file, digest in provenance["sha256"].items():
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest


def test_no_two_scenarios_have_a_phone_in_common() -> None:
    phones = [phone.name for name in EVERY_RECORDING for phone in scenario.load(name).phones]
    assert len(phones) == len(set(phones))


def test_the_captures_are_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for name in EVERY_RECORDING for path in _files(name).values()]
    assert sum(sizes) < SHIPPED_BYTES


def test_the_index_names_every_scenario_as_it_is() -> None:
    assert index.INDEX.read_text(encoding="utf-8") == index.text()


def test_a_misspelt_knob_is_refused() -> None:
    table = {"phones": [{"name": "SEP001122334455", "address": "10.0.0.1/24", "adress": "x"}]}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, scenario.Record)

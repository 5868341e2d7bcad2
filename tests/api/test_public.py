"""What other programs may rely on: few names, typed, loaded when they are used."""

from __future__ import annotations

import doctest
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import capfpcap
from capfpcap import report as model

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"
MISMATCH = ROOT / "captures" / "itl-mismatch"


def test_the_page_s_examples_say_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = doctest.testfile(str(PAGE), module_relative=False)
    assert done.attempted > 10
    assert not done.failed


def test_the_page_names_what_is_public_and_nothing_else() -> None:
    table = PAGE.read_text(encoding="utf-8").split("## ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}
    assert named | {"__version__"} == set(capfpcap.__all__)


def test_a_public_name_is_there_and_a_private_one_is_none() -> None:
    assert {getattr(capfpcap, name) for name in capfpcap.__all__}
    assert set(capfpcap.__all__) <= set(dir(capfpcap))
    assert capfpcap.Report is model.Report
    with pytest.raises(AttributeError, match="has no attribute 'checks'"):
        capfpcap.checks  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_package_loads_nothing_else() -> None:
    program = (
        "import sys; before = set(sys.modules); import capfpcap; dir(capfpcap); "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(done.stdout.split()) <= {"capfpcap", "__future__"}


def test_the_report_is_that_of_the_command_in_every_format() -> None:
    report = capfpcap.check(MISMATCH / "phone.pcap", str(MISMATCH / "publisher.pcap"))
    assert report == capfpcap.analyze(MISMATCH).report
    for name in ("text", "json", "csv"):
        command = [sys.executable, "-m", "capfpcap", "check", "--format", name, str(MISMATCH)]
        written = subprocess.run(command, capture_output=True, check=False, timeout=60).stdout
        assert capfpcap.render(report, name) == written.decode()  # type: ignore[arg-type]


def test_events_come_by_phone_and_by_flow() -> None:
    found = capfpcap.analyze(MISMATCH / "phone.pcap")
    phones, flows = list(found.phones()), list(found.flows())
    assert [phone.name for phone in phones] == ["SEP0008301CE5D2"]
    assert len(phones[0].events) == sum(len(flow.events) for flow in flows) > 10
    assert all(isinstance(event, capfpcap.TimelineEvent) for _, event in phones[0].events)


def test_options_reach_the_rules() -> None:
    path = MISMATCH / "phone.pcap"
    codes = {finding.code for finding in capfpcap.check(path).findings}
    assert {code for code in codes if code.startswith("itl-")}
    left = capfpcap.check(path, ignore="itl-*", workers=2)
    assert {finding.code for finding in left.findings} < codes
    assert not capfpcap.check(path, until=datetime(2000, 1, 1, tzinfo=UTC)).phones


def test_what_cannot_be_read_is_one_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    with pytest.raises(capfpcap.Error, match="folder without a capture file"):
        capfpcap.check(tmp_path)
    (tmp_path / "text.pcap").write_text("no capture")
    with pytest.raises(capfpcap.Error, match=r"text\.pcap"):
        capfpcap.analyze(tmp_path / "text.pcap")
    with pytest.raises(capfpcap.Error, match="SEPFFFFFFFFFFFF"):
        capfpcap.check(MISMATCH, only=["SEPFFFFFFFFFFFF"])
    report = capfpcap.check(tmp_path / "text.pcap", MISMATCH / "phone.pcap")
    assert any("text.pcap" in note for note in report.notes)
    assert [phone.name for phone in report.phones] == ["SEP0008301CE5D2"]


def test_what_is_wrong_in_the_call_is_a_value_error(tmp_path: Path) -> None:
    path = MISMATCH / "phone.pcap"
    (tmp_path / "link.pcap").symlink_to(path)
    with pytest.raises(ValueError, match="no capture is given"):
        capfpcap.check(phone=[])
    with pytest.raises(ValueError, match="is given twice"):
        capfpcap.check(path, phone=str(path))
    with pytest.raises(ValueError, match="are one file"):
        capfpcap.check(path, tmp_path / "link.pcap")
    with pytest.raises(ValueError, match="there is no code"):
        capfpcap.check(path, ignore=["nothing-*"])
    with pytest.raises(ValueError, match="no time zone"):
        capfpcap.check(path, since=datetime(2020, 1, 1))
    with pytest.raises(ValueError, match="1 or more"):
        capfpcap.check(path, workers=0)


def test_a_hyphen_is_a_file_and_not_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(MISMATCH / "phone.pcap", "-")
    report = json.loads(capfpcap.render(capfpcap.check("-"), "json"))
    assert [Path(each["path"]).name for each in report["captures"]] == ["-"]


def test_keys_decrypt_and_what_is_wrong_with_them_is_noted() -> None:
    folder = ROOT / "captures" / "itl-mismatch-tls13"
    capture, log = folder / "phone.pcap", folder / "keylog.txt"
    found = capfpcap.check(capture, keylog=log).findings
    assert "itl-capf-mismatch" in {each.code for each in found}
    noted = capfpcap.check(capture, keylog=[log], rsa_key=log, rsa_key_password="").notes
    assert any("no private key in PEM form" in note for note in noted)
    with pytest.raises(capfpcap.Error, match=r"nowhere\.txt: No such file"):
        capfpcap.check(capture, keylog="nowhere.txt")

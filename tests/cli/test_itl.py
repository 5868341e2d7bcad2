"""``capfpcap itl``: lists in files, captures and saved output, and how two differ."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest
from capf_dissectors import shown_list
from cryptography import x509

from capfpcap.cli import run
from tests.dissectors import builders
from tests.dissectors.builders import certificate_record, field, signed

CAPTURES = Path(__file__).parents[2] / "captures"
MISMATCH = str(CAPTURES / "itl-mismatch" / "phone.pcap")
TWO_LISTS = str(CAPTURES / "lists-differ" / "phone.pcap")

RECOVERY = builders.identity("ITLRECOVERY", serial=41)
PUB, SUB = builders.identity("pub", serial=11), builders.identity("sub", serial=12)
NEW_PUB = builders.identity("pub", "ec", serial=13)
CAPF, NEW_CAPF = builders.identity("CAPF-1", serial=21), builders.identity("CAPF-2", serial=22)
TVS = builders.identity("tvs", serial=31)


class Result(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Program = Callable[..., Result]


@pytest.fixture
def capfpcap(capfd: pytest.CaptureFixture[str]) -> Program:
    """The program in this process: most of what a run costs is starting one."""

    def called(*arguments: str) -> Result:
        status = run(list(arguments))
        written = capfd.readouterr()
        return Result(status, written.out, written.err)

    return called


def a_list(node: builders.Identity, capf: builders.Identity | None = CAPF, *more: bytes) -> bytes:
    """The ITL of a node."""
    records = [certificate_record(0, RECOVERY), certificate_record(3, node)]
    if capf is not None:
        records.append(certificate_record(4, capf))
    return signed(b"".join((*records, *more)), RECOVERY)


def show_itl(capfpcap: Program, content: bytes, path: Path) -> Path:
    """Saved output of ``show itl`` on the node with that list."""
    binary = path.with_suffix(".tlv")
    binary.write_bytes(content)
    text = capfpcap("itl", str(binary)).stdout
    start = text.index("Length of ITL file:")
    path.write_text(f"admin:show itl\n{text[start:]}admin:\n")
    return path


def test_a_capture_s_list_is_shown_with_who_loaded_it_and_as_the_cli_prints_it(
    capfpcap: Program,
) -> None:
    result = capfpcap("itl", MISMATCH)
    assert result.returncode == 0
    assert "verified with the key of record 1" in result.stdout
    loaded = " ".join(result.stdout.split())
    assert "by SEP0008301CE5D2 from 10.122.138.102 over TFTP, whole at 2026-11-23" in loaded
    assert "frames 7 to 50 of" in loaded
    (shown,) = shown_list.dissect(result.stdout)
    assert (shown.length, shown.verified, shown.remarks) == (10822, True, ())
    assert [one.signed for one in shown.records[:2]] == [True, False]
    assert re.findall(r"signature  (.*)", result.stdout) == [
        "verified with the key of record 1",
        "verified with the key of record 2 of ITLFile.tlv",
    ]


def test_json_is_what_its_schema_says_and_has_the_hashes(capfpcap: Program) -> None:
    document = json.loads(capfpcap("itl", "--format", "json", TWO_LISTS).stdout)
    jsonschema.validate(document, json.loads(capfpcap("schema", "itl").stdout))
    kinds = [one["kind"] for one in document["files"]]
    assert kinds == ["ITL", "signed file", "ITL", "signed file"]
    listed, configuration = document["files"][:2]
    assert configuration["signature"] == "verified with the key of record 2 of ITLFile.tlv"
    assert configuration["verified"] is True
    capf = next(one for one in listed["records"] if one["is_capf"])
    assert len(capf["sha1"]) == 40
    assert len(capf["sha256"]) == 64
    assert capf["not_before"] < capf["not_after"]
    assert [len(listed[name]) for name in ("md5", "sha1", "sha256")] == [32, 40, 64]
    (load,) = listed["loads"]
    assert (load["server"], load["via"], load["last"]) == ("10.122.138.102", "tftp", True)


def test_what_a_file_is_its_content_tells(capfpcap: Program, tmp_path: Path) -> None:
    listed, text = tmp_path / "configuration.xml", tmp_path / "phone.pcap"
    listed.write_bytes(a_list(PUB))
    text.write_bytes(b"\xff\xfe" + capfpcap("itl", str(listed)).stdout.encode("utf-16-le"))
    signed_file = tmp_path / "ITLFile.tlv"
    signed_file.write_bytes(signed(b"<device/>", PUB, version=b"\x01\x00", file_name="SEP.sgn"))
    everything = [str(one) for one in (listed, text, signed_file)]
    files = json.loads(capfpcap("itl", "--format", "json", *everything).stdout)["files"]
    assert [(one["kind"], one["form"]) for one in files] == [
        ("ITL", "bytes"),
        ("ITL", "show-output"),
        ("signed file", "bytes"),
    ]
    assert [one["sha1"] for one in files[0]["records"]] == [
        one["sha1"] for one in files[1]["records"]
    ]
    assert files[2]["signature"].startswith("verified with the key of record 2 of ITLFile.tlv")
    alone = json.loads(capfpcap("itl", "--format", "json", str(signed_file)).stdout)["files"][0]
    assert alone["signature"] == "cannot be verified: its signer is in no trust list at hand"


@pytest.mark.parametrize("content", [a_list(PUB), Path(MISMATCH).read_bytes()])
def test_standard_input_may_be_any_of_them(content: bytes) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "capfpcap", "itl", "--summary", "-"],
        input=content,
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0
    assert b"CAPF" in result.stdout
    assert result.stdout.startswith(b"-")
    assert b"/tmp" not in result.stdout


def test_what_is_nothing_of_that_is_told_and_the_rest_is_shown(
    capfpcap: Program, tmp_path: Path
) -> None:
    page, damaged = tmp_path / "ITLFile.tlv", tmp_path / "damaged.tlv"
    page.write_text("<html>login</html>")
    damaged.write_bytes(a_list(PUB)[:-20])
    result = capfpcap("itl", "--summary", str(page), str(tmp_path / "none"), str(damaged), MISMATCH)
    assert result.returncode == 3
    complaints = result.stderr.splitlines()
    assert "is no trust list, signed file, capture or saved output of 'show itl'" in complaints[0]
    assert "cannot read" in complaints[1]
    assert "bytes too early" not in result.stdout
    assert "it ends at byte" in " ".join(result.stdout.split())
    assert "SEP0008301CE5D2" in result.stdout


def test_output_that_does_not_add_up_says_where(capfpcap: Program, tmp_path: Path) -> None:
    saved = show_itl(capfpcap, a_list(PUB), tmp_path / "pub.txt")
    saved.write_text(re.sub(r"(?m)^7 +PUBLICKEY.*\n", "", saved.read_text(), count=1))
    text = capfpcap("itl", "--summary", str(saved)).stdout
    assert re.search(r"line \d+: RECORDLENGTH of record 1 is \d+", text)


def test_a_long_session_comes_to_its_list_late(capfpcap: Program, tmp_path: Path) -> None:
    saved = show_itl(capfpcap, a_list(PUB), tmp_path / "pub.txt")
    saved.write_text("admin:show status\nHost Name : pub\n" * 5000 + saved.read_text())
    assert "CAPF-1" in capfpcap("itl", "--summary", str(saved)).stdout


def test_certificates_are_written_as_pem_with_safe_names(capfpcap: Program, tmp_path: Path) -> None:
    hostile = builders.identity("../../../etc/\x1b[31mpasswd; rm -rf ~", serial=77)
    listed, folder = tmp_path / "ITLFile.tlv", tmp_path / "certificates"
    listed.write_bytes(a_list(PUB, hostile))
    result = capfpcap("itl", "--summary", "--extract", str(folder), str(listed))
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout
    written = sorted(folder.iterdir())
    assert len(written) == 3
    assert all(re.fullmatch(r"ITL-[0-9a-f]{8}-0\d-[A-Za-z0-9-]+\.pem", one.name) for one in written)
    found = {x509.load_pem_x509_certificate(one.read_bytes()).serial_number for one in written}
    assert found == {41, 11, 77}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ITLFile.tlv", "certificates"]


def test_certificates_are_written_over_nothing_and_through_no_link(
    capfpcap: Program, tmp_path: Path
) -> None:
    listed, folder, victim = (tmp_path / name for name in ("ITLFile.tlv", "folder", "victim"))
    listed.write_bytes(a_list(PUB))
    victim.write_text("untouched")
    assert capfpcap("itl", "--summary", "--extract", str(folder), str(listed)).returncode == 0
    first, *others = sorted(folder.iterdir())
    kept = first.read_bytes()
    first.unlink()
    first.symlink_to(victim)
    others[0].unlink()
    refused = capfpcap("itl", "--extract", str(folder), str(listed))
    assert refused.returncode == 3
    assert "--force" in refused.stderr
    assert not others[0].exists()
    assert victim.read_text() == "untouched"
    forced = capfpcap("itl", "--summary", "--extract", str(folder), "--force", str(listed))
    assert forced.returncode == 0, forced.stderr
    assert victim.read_text() == "untouched"
    assert not first.is_symlink()
    assert first.read_bytes() == kept
    assert stat.S_ISREG(os.lstat(first).st_mode)
    assert not [one for one in folder.iterdir() if one.name.startswith(".")]


def test_lists_of_two_nodes_with_one_capf_are_the_same_but_for_the_node(
    capfpcap: Program, tmp_path: Path
) -> None:
    one = show_itl(capfpcap, a_list(PUB, CAPF, certificate_record(21, PUB)), tmp_path / "pub.txt")
    other = show_itl(capfpcap, a_list(SUB), tmp_path / "sub.txt")
    for left, right in ((one, other), (one.with_suffix(".tlv"), other), (other, one)):
        result = capfpcap("itl", "diff", str(left), str(right))
        assert result.returncode == 0, result.stdout
        assert result.stdout.startswith("SAME BUT FOR THE NODE")
        assert "Expected between two nodes" in result.stdout
    same = capfpcap("itl", "diff", str(one), str(one.with_suffix(".tlv")))
    assert (same.returncode, same.stdout[:6]) == (0, "SAME  ")


def test_another_capf_certificate_is_told_first_with_what_follows(
    capfpcap: Program, tmp_path: Path
) -> None:
    one = show_itl(capfpcap, a_list(PUB, CAPF, certificate_record(21, TVS)), tmp_path / "pub.txt")
    other = show_itl(capfpcap, a_list(SUB, NEW_CAPF), tmp_path / "sub.txt")
    for left, right in ((one, other), (one.with_suffix(".tlv"), other.with_suffix(".tlv"))):
        result = capfpcap("itl", "diff", "--format", "json", str(left), str(right))
        assert result.returncode == 1
        document = json.loads(result.stdout)
        jsonschema.validate(document, json.loads(capfpcap("schema", "itl-diff").stdout))
        first = document["records"][0]
        assert (first["function"], first["standing"]) == ("CAPF", "changed")
        assert "LSC: Connection Failed" in first["consequence"]
        assert document["of_two_nodes"] is True
        assert [each["expected"] for each in document["records"]] == [False, False, True, True]
    text = capfpcap("itl", "diff", str(one), str(other)).stdout
    assert text.index("CAPF-1 and CAPF-2") < text.index("Expected between two nodes")
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_list_without_capf_record_differs(capfpcap: Program, tmp_path: Path) -> None:
    one, other = tmp_path / "one.tlv", tmp_path / "other.tlv"
    one.write_bytes(a_list(PUB))
    other.write_bytes(a_list(PUB, None))
    result = capfpcap("itl", "diff", str(one), str(other))
    assert result.returncode == 1
    assert "'No valid CAPF server'" in result.stdout


def test_a_node_s_own_certificate_made_again_is_no_second_node(
    capfpcap: Program, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.tlv", tmp_path / "other.tlv"
    one.write_bytes(a_list(PUB))
    other.write_bytes(a_list(NEW_PUB))
    result = capfpcap("itl", "diff", str(one), str(other))
    assert result.returncode == 1
    assert "Expected" not in result.stdout


def test_what_saved_output_lacks_is_no_difference(capfpcap: Program, tmp_path: Path) -> None:
    saved = show_itl(capfpcap, a_list(PUB), tmp_path / "pub.txt")
    whole = saved.read_text()
    start = whole.index("        ITL Record #:2")
    saved.write_text(whole[:start] + whole[whole.index("        ITL Record #:3") :])
    lacks = capfpcap("itl", "diff", str(saved), str(saved.with_suffix(".tlv")))
    assert (lacks.returncode, lacks.stdout[:11]) == (3, "CANNOT TELL")
    saved.write_text(re.sub(r"(?m)^[69] +(SERIALNUMBER|CERTIFICATE).*\n", "", whole))
    hidden = capfpcap("itl", "diff", str(saved), str(saved.with_suffix(".tlv")))
    assert (hidden.returncode, hidden.stdout[:11]) == (3, "CANNOT TELL")
    saved.write_text(whole[whole.index("        ITL Record #:1") : start])
    ends = capfpcap("itl", "diff", str(saved), str(saved.with_suffix(".tlv")))
    assert (ends.returncode, "its end is not there" in ends.stdout) == (3, True)
    saved.write_text("Length of ITL file: 0\nITL File not found.\n")
    none = capfpcap("itl", "diff", str(saved), str(saved.with_suffix(".tlv")))
    assert (none.returncode, none.stdout[:11]) == (3, "CANNOT TELL")


def test_of_a_capture_with_several_lists_one_is_to_be_named(capfpcap: Program) -> None:
    unclear = capfpcap("itl", "diff", TWO_LISTS, TWO_LISTS)
    assert unclear.returncode == 3
    assert len(unclear.stderr.splitlines()) == 1
    assert f"{TWO_LISTS}:1, {TWO_LISTS}:3" in unclear.stderr
    assert capfpcap("itl", "diff", f"{TWO_LISTS}:1", f"{TWO_LISTS}:3").returncode == 1
    only = capfpcap("itl", "diff", "--only", "SEPA0ECF9D21B30", TWO_LISTS, f"{TWO_LISTS}:1")
    assert only.returncode == 0
    assert capfpcap("itl", "diff", f"{TWO_LISTS}:9", TWO_LISTS).returncode == 3


def test_itl_and_ctl_of_one_text_are_told_apart(capfpcap: Program, tmp_path: Path) -> None:
    itl, ctl = a_list(PUB), signed(certificate_record(4, CAPF), RECOVERY, file_name="CTLFile.tlv")
    for name, content in (("i.tlv", itl), ("c.tlv", ctl)):
        (tmp_path / name).write_bytes(content)
    both = tmp_path / "both.txt"
    both.write_text(
        "".join(capfpcap("itl", str(tmp_path / name)).stdout for name in ("i.tlv", "c.tlv"))
    )
    for name in ("i.tlv", "c.tlv"):
        result = capfpcap("itl", "diff", str(both), str(tmp_path / name))
        assert (result.returncode, result.stdout[:4]) == (0, "SAME"), result.stdout
    apart = capfpcap("itl", "diff", str(tmp_path / "i.tlv"), str(tmp_path / "c.tlv"))
    assert (apart.returncode, apart.stdout[:11]) == (3, "CANNOT TELL")


def test_a_record_with_an_address_in_bytes_round_trips(capfpcap: Program, tmp_path: Path) -> None:
    listed = tmp_path / "one.tlv"
    listed.write_bytes(
        a_list(PUB, CAPF, certificate_record(2, SUB, field(10, b"\x0a\0\0\1"), field(99, b"x")))
    )
    saved = show_itl(capfpcap, listed.read_bytes(), tmp_path / "saved.txt")
    assert capfpcap("itl", "diff", str(listed), str(saved)).returncode == 0


def test_check_weighs_lists_beside_captures_and_alone(capfpcap: Program, tmp_path: Path) -> None:
    one = show_itl(capfpcap, a_list(PUB), tmp_path / "pub.txt")
    other = show_itl(capfpcap, a_list(SUB, NEW_CAPF), tmp_path / "sub.txt")
    lists = ("--show-itl", str(one), "--itl", str(other.with_suffix(".tlv")))
    alone = capfpcap("check", *lists)
    assert (alone.returncode, alone.stdout[:8]) == (2, "CRITICAL")
    assert "\nGiven\n" in alone.stdout
    assert "pub.txt;savedoutputof'showitl'" in re.sub(r"\s", "", alone.stdout)
    assert all(len(line) <= 80 for line in alone.stdout.splitlines())
    healthy = str(CAPTURES / "success-by-address" / "phone.pcap")
    document = json.loads(capfpcap("check", "--format", "json", *lists, healthy).stdout)
    jsonschema.validate(document, json.loads(capfpcap("schema").stdout))
    assert [file["id"] for file in document["evidence_files"]] == ["itl", "show-itl"]
    places = [each for finding in document["findings"] for each in finding["evidence"]]
    assert {each["file"] for each in places} >= {None, "itl"}
    assert all((each["capture"] is None) != (each["file"] is None) for each in places)
    lines = [
        json.loads(line)
        for line in capfpcap("check", "--format", "jsonl", *lists, healthy).stdout.splitlines()
    ]
    kinds = [line["type"] for line in lines]
    assert kinds.count("evidence_file") == 2
    assert lines[-1]["lines"] == len(lines) - 1
    table = capfpcap("check", "--format", "csv", *lists, healthy).stdout
    assert "itl-differs-between-servers" in table


def test_check_refuses_in_a_sentence_what_is_no_list(capfpcap: Program, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    for option, path, words in (
        ("--show-itl", str(empty), "has no list of 'show itl' or 'show ctl' in it"),
        ("--itl", MISMATCH, "is a capture, no trust list"),
        ("--itl", str(tmp_path / "none"), "cannot read"),
    ):
        result = capfpcap("check", option, path, MISMATCH)
        assert (result.returncode, result.stdout) == (3, "")
        assert words in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_standard_input_is_one_file(capfpcap: Program) -> None:
    for arguments in (("--itl", "-", "--show-itl", "-"), ("--itl", "-", "-")):
        result = capfpcap("check", *arguments)
        assert result.returncode == 3
        assert "'-' can be given once" in result.stderr


def test_a_check_without_such_files_loads_nothing_of_them() -> None:
    program = (
        "import sys\n"
        "from capfpcap.cli import run\n"
        "run(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "check", MISMATCH],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = result.stderr.split()
    rooms = ("capfpcap.evidence", "capf_dissectors.shown_list", "capfpcap.rules.trust.by_evidence")
    assert "capfpcap.rules.engine" in loaded
    assert not [name for name in loaded if name.startswith(rooms)]

"""Trust lists that are given beside captures: each fault, and what looks like it and is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from capf_dissectors import shown_list, trust_list

from capfpcap.analysis import CaptureInput, Options, analyze, check
from capfpcap.evidence import Evidence, EvidenceError, GivenFile, read_lists
from capfpcap.report import Certainty, EvidenceKind, Finding, Outcome, Report, Severity
from capfpcap.rules.engine import judge
from capfpcap.timeline.files import FileKind
from tests.dissectors import builders
from tests.dissectors.builders import certificate_record, signed
from tests.rules.records import CAPTURES, records_of

SIGNER = builders.identity("ITLRECOVERY", serial=41)
CAPF, OTHER = builders.identity("CAPF-1", serial=21), builders.identity("CAPF-2", serial=22)
PUB, SUB = builders.identity("pub", serial=11), builders.identity("sub", serial=12)
NOTHING_FOUND = "Length of ITL file: 0\nITL File not found. To generate an ITL file, activate\n"
BOTH = (EvidenceKind.TRUST_LIST, EvidenceKind.SHOW_OUTPUT)


def a_list(*records: bytes, name: str = "ITLFile.tlv") -> bytes:
    first = certificate_record(0, SIGNER)
    return signed(b"".join((first, *records)), SIGNER, file_name=name)


def of(function: int, owner: builders.Identity) -> bytes:
    return certificate_record(function, owner)


def printed(content: bytes, kind: str = "ITL") -> bytes:
    """A list as ``show itl`` prints it."""
    read = trust_list.dissect(content)
    assert isinstance(read, trust_list.TrustList)
    shown = shown_list.of_bytes(
        content, read.header, read.records, kind=shown_list.Kind(kind), verified=True
    )
    return "\n".join(shown_list.as_printed(shown)).encode()


def evidence(*contents: bytes) -> Evidence:
    """Files with that content, in the order of a command line."""
    kinds = [
        EvidenceKind.SHOW_OUTPUT if shown_list.looks_shown(shown_list.decode(content)) else BOTH[0]
        for content in contents
    ]
    files = [
        GivenFile(f"node{number}", content, kind)
        for number, (content, kind) in enumerate(zip(contents, kinds, strict=True), 1)
    ]
    lists, remarks = read_lists(files)
    return Evidence(lists=lists, remarks=remarks)


def report_on(path: Path | None, *contents: bytes) -> Report:
    inputs = [] if path is None else [CaptureInput((str(path),))]
    return check(inputs, Options(evidence=evidence(*contents)))


@cache
def lists_of(scenario: str) -> list[bytes]:
    """The lists that the phones of a scenario load, in order."""
    scene = analyze([CaptureInput((str(CAPTURES / scenario / "phone.pcap"),))]).scene
    return [item.read.content for phone in scene.phones for item in phone.trust_lists]


def without_lists(folder: Path, scenario: str) -> Path:
    """The capture of a scenario that does not show how the phones got their lists."""
    path = CAPTURES / scenario / "phone.pcap"
    scene = analyze([CaptureInput((str(path),))]).scene
    dropped = {
        int(item.transfer.view.table.columns.frame[row])
        for phone in scene.phones
        for item in phone.files
        if item.transfer.kind in (FileKind.ITL, FileKind.CTL)
        for row in range(item.transfer.view.start, item.transfer.view.stop)
    }
    header, records = records_of(path)
    kept = [record for frame, record in enumerate(records, 1) if frame not in dropped]
    made = folder / "phone.pcap"
    made.write_bytes(header + b"".join(kept))
    return made


def capf_alone(folder: Path, scenario: str) -> Path:
    """The packets of a scenario to and from CAPF."""
    header, records = records_of(CAPTURES / scenario / "phone.pcap")
    port = (3804).to_bytes(2, "big")
    kept = [
        record for record in records if record[16 + 23] == 6 and port in record[16 + 34 : 16 + 38]
    ]
    made = folder / "phone.pcap"
    made.write_bytes(header + b"".join(kept))
    return made


def of_code(report: Report, code: str) -> list[Finding]:
    return [item for item in report.findings if item.code == code]


def faults(report: Report) -> list[str]:
    return [item.code for item in report.findings if item.severity is not Severity.INFO]


@pytest.mark.parametrize("form", [bytes, printed])
def test_a_certificate_that_the_list_does_not_have_is_likely_why_it_was_refused(
    form: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (old,) = lists_of("itl-mismatch")
    report = report_on(capf_alone(tmp_path, "itl-mismatch"), form(old))
    (found,) = of_code(report, "itl-capf-mismatch")
    assert (found.severity, found.certainty) == (Severity.CRITICAL, Certainty.LIKELY)
    assert report.phones[0].root_cause == "itl-capf-mismatch"
    of_file, of_capture = found.evidence
    assert (of_file.capture, of_file.frame, of_file.record) == (None, None, 4)
    assert (of_file.line is None) == (form is bytes)
    assert (of_capture.capture, of_capture.file) == ("phone", None)
    assert [file.id for file in report.evidence_files] == [of_file.file]
    (symptom,) = of_code(report, "tls-certificate-rejected")
    assert symptom.caused_by == "itl-capf-mismatch"


@pytest.mark.parametrize("form", [bytes, printed])
def test_the_right_list_is_silent_and_says_so_where_the_phone_refuses_all_the_same(
    form: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (good,) = lists_of("success-by-address")
    assert not faults(report_on(capf_alone(tmp_path, "success-by-address"), form(good)))
    good, _ = lists_of("lists-differ")
    report = report_on(capf_alone(tmp_path, "lists-differ"), form(good))
    (found,) = of_code(report, "tls-certificate-rejected")
    assert "A CAPF record of node1, which was given, stands for it" in found.detail
    assert "erase its ITL" in found.remedy
    assert not of_code(report, "itl-capf-mismatch")


def test_a_box_in_the_middle_is_told_as_with_a_list_that_is_captured(tmp_path: Path) -> None:
    whole = check([CaptureInput((str(CAPTURES / "intercepted" / "phone.pcap"),))])
    path = capf_alone(tmp_path, "intercepted")
    (listed,) = set(lists_of("intercepted"))
    for content in (listed, printed(listed)):
        report = report_on(path, content)
        assert report.phones[0].root_cause == whole.phones[0].root_cause
        assert report.phones[0].root_cause == "capf-certificate-replaced"
        (found,) = of_code(report, "capf-certificate-replaced")
        assert "no record of the trust lists that were given" in found.detail
    assert not of_code(check([CaptureInput((str(path),))]), "capf-certificate-replaced")


def test_a_phone_that_accepts_the_certificate_holds_another_list_than_the_one_given(
    tmp_path: Path,
) -> None:
    report = report_on(capf_alone(tmp_path, "success-by-address"), a_list(of(4, CAPF)))
    (found,) = of_code(report, "itl-capf-mismatch")
    assert (found.severity, found.certainty) == (Severity.WARNING, Certainty.LIKELY)
    assert report.phones[0].outcome is Outcome.SUCCEEDED


def test_the_phone_s_own_alarm_tells_whether_it_holds_the_list_that_is_given(
    tmp_path: Path,
) -> None:
    path = without_lists(tmp_path, "alarm-names-own-list")
    ((alarm, *_),) = analyze([CaptureInput((str(path),))]).scene.held.values()
    assert alarm.said.itl is not None
    listed = printed(a_list(of(4, CAPF)))
    held = re.sub(rb"[0-9a-f]{40}\(SHA1\)", alarm.said.itl.hex().encode() + b"(SHA1)", listed)
    for content, certainty, words in (
        (held, Certainty.LIKELY, "names the SHA-1 of node1: it holds that list"),
        (listed, Certainty.POSSIBLE, "names an ITL that is none of those given"),
        (a_list(of(4, CAPF)), Certainty.POSSIBLE, "names an ITL that is none of those given"),
    ):
        (found,) = of_code(report_on(path, content), "itl-capf-mismatch")
        assert (found.certainty, found.severity) == (certainty, Severity.WARNING)
        assert words in found.detail


def test_a_ctl_with_the_certificate_makes_up_for_the_itl(tmp_path: Path) -> None:
    (old,) = lists_of("itl-mismatch")
    good, _ = lists_of("lists-differ")
    assert shown_list.dissect(printed(good, "CTL").decode())[0].kind is shown_list.Kind.CTL
    report = report_on(capf_alone(tmp_path, "lists-differ"), old, printed(good, "CTL"))
    assert not of_code(report, "itl-capf-mismatch")


def test_what_the_phone_is_seen_to_load_counts_more_than_what_is_given(tmp_path: Path) -> None:
    for scenario in ("itl-mismatch", "itl-no-capf-record", "success-by-address"):
        path = CAPTURES / scenario / "phone.pcap"
        alone = check([CaptureInput((str(path),))])
        same = report_on(path, *lists_of(scenario))
        of_phones = [item for item in same.findings if item.phone]
        assert of_phones == [item for item in alone.findings if item.phone], scenario
        assert same.phones == alone.phones


def test_a_list_with_another_certificate_than_the_phone_loaded_is_a_warning() -> None:
    path = CAPTURES / "success-by-address" / "phone.pcap"
    report = report_on(path, printed(a_list(of(4, CAPF))))
    (found,) = of_code(report, "itl-differs-between-servers")
    assert (found.severity, found.certainty) == (Severity.WARNING, Certainty.LIKELY)
    assert report.phones[0].outcome is Outcome.SUCCEEDED
    assert {one.capture or one.file for one in found.evidence} == {"phone", "show-itl"}
    assert "no certificate in common: the one given is of another cluster" in found.detail


def test_a_newer_list_is_told_beside_the_mismatch_of_the_one_that_was_loaded() -> None:
    _, old = lists_of("lists-differ")
    good, _ = lists_of("lists-differ")
    path = CAPTURES / "lists-differ" / "phone.pcap"
    report = report_on(path, good)
    found = [
        item for item in of_code(report, "itl-differs-between-servers") if "node1" in item.title
    ]
    assert [item.phone for item in found] == ["SEPA0ECF9D21B31"]
    assert "They are of two nodes" in found[0].detail
    assert "CAPF presents the certificate of node1" in found[0].detail
    assert not [item for item in report_on(path, good, old).findings if "node" in item.title]


@pytest.mark.parametrize("form", [bytes, printed])
def test_two_nodes_of_which_one_has_an_old_list_explain_a_refusal(
    form: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    report = report_on(capf_alone(tmp_path, "lists-differ"), *map(form, lists_of("lists-differ")))
    (found,) = of_code(report, "itl-differs-between-servers")
    assert (found.severity, found.certainty) == (Severity.CRITICAL, Certainty.LIKELY)
    refused = next(phone for phone in report.phones if phone.outcome is Outcome.FAILED)
    assert (found.phone, refused.root_cause) == (refused.name, found.code)


@pytest.mark.parametrize("form", [bytes, printed])
def test_lists_of_two_nodes_are_compared_without_any_capture(
    form: Callable[[bytes], bytes],
) -> None:
    one, other = a_list(of(3, PUB), of(4, CAPF)), a_list(of(3, SUB), of(4, OTHER))
    report = report_on(None, form(one), form(other))
    (found,) = report.findings
    assert (found.code, found.phone) == ("itl-differs-between-servers", None)
    assert (found.severity, found.certainty) == (Severity.CRITICAL, Certainty.PROVEN)
    assert report.verdict.summary.startswith("no capture, 2 files: The lists")
    alike = report_on(None, form(one), form(a_list(of(3, SUB), of(4, CAPF))))
    assert (alike.findings, alike.verdict.severity.value) == ((), "unknown")
    assert "no fault in what they say" in alike.verdict.summary


def cases() -> Iterator[tuple[str, bytes]]:
    whole = a_list(of(3, PUB), of(4, CAPF))
    yield "itl-empty", b""
    yield "itl-empty", b"Length of ITL file: 0\n"
    yield "itl-not-found", NOTHING_FOUND.encode()
    yield "itl-corrupt", whole[:-10]
    yield "itl-corrupt", b"<html>please log in</html>"
    yield "itl-corrupt", b"Error parsing the ITL File.\n"
    yield "itl-signature-invalid", whole.replace(b"CAPF-1", b"CAPF-X")
    yield "itl-signature-invalid", printed(whole).replace(b"was verified", b"was not verified")
    yield "itl-no-capf-record", a_list(of(3, PUB))
    yield "itl-no-capf-record", printed(a_list(of(3, PUB)))


@pytest.mark.parametrize(("code", "content"), list(cases()))
def test_a_fault_of_a_node_s_list_is_told_of_the_node_and_of_a_phone_that_stays_away(
    code: str, content: bytes, tmp_path: Path
) -> None:
    (alone,) = report_on(None, content).findings
    assert (alone.code, alone.severity, alone.phone) == (code, Severity.CRITICAL, None)
    healthy = report_on(CAPTURES / "success-by-address" / "phone.pcap", content)
    assert healthy.phones[0].outcome is Outcome.SUCCEEDED
    (beside,) = [item for item in healthy.findings if item.code == code]
    assert (beside.severity, beside.phone) == (Severity.WARNING, None)
    away = report_on(without_lists(tmp_path, "not-attempted"), content)
    (found,) = of_code(away, code)
    assert (found.phone, found.certainty) == (away.phones[0].name, Certainty.LIKELY)
    assert away.phones[0].root_cause == code


def looks_like_a_fault() -> Iterator[tuple[bytes, ...]]:
    whole, without = a_list(of(3, PUB), of(4, CAPF)), a_list(of(3, PUB))
    yield (whole,)
    yield (printed(whole),)
    yield printed(without), printed(a_list(of(4, CAPF), name="CTLFile.tlv"), "CTL")
    yield without, a_list(of(4, CAPF), name="CTLFile.tlv")
    yield whole, b"Length of CTL file: 0\nCTL File not found. Please run CTLClient plugin\n"
    rows = printed(without).decode()
    yield (rows[: rows.rindex("        ITL Record #")].replace("#:1", "#:2").encode(),)
    yield (rows.replace("TFTP", "[...]").encode(),)
    records = rows[rows.index("        ITL Record #") :]
    yield (records[: records.index("The ITL file was verified")].encode(),)
    yield printed(whole), printed(a_list(of(3, SUB), of(4, CAPF)))


@pytest.mark.parametrize("contents", list(looks_like_a_fault()))
def test_what_only_looks_like_a_fault_is_none(contents: tuple[bytes, ...], tmp_path: Path) -> None:
    assert report_on(None, *contents).findings == ()
    away = report_on(without_lists(tmp_path, "not-attempted"), *contents)
    assert faults(away) == ["capf-not-attempted"]


def test_a_node_with_a_good_list_leaves_the_bad_one_possible(tmp_path: Path) -> None:
    good, bad = a_list(of(3, PUB), of(4, CAPF)), a_list(of(3, SUB))
    away = report_on(without_lists(tmp_path, "not-attempted"), good, bad)
    (found,) = of_code(away, "itl-no-capf-record")
    assert (found.certainty, found.severity) == (Certainty.POSSIBLE, Severity.WARNING)


def test_a_phone_that_tried_capf_did_not_lack_it_in_its_list(tmp_path: Path) -> None:
    report = report_on(capf_alone(tmp_path, "service-stopped"), a_list(of(3, PUB)))
    (found,) = of_code(report, "itl-no-capf-record")
    assert (found.phone, found.severity) == (None, Severity.WARNING)
    assert report.phones[0].root_cause == "connection-refused"


def test_what_does_not_add_up_is_remarked_with_its_line() -> None:
    whole = printed(a_list(of(3, PUB), of(4, CAPF))).decode()
    lacking = "\n".join(line for line in whole.splitlines() if "PUBLICKEY" not in line)
    report = report_on(None, lacking.encode())
    assert report.notes[0].startswith("node1, line ")
    assert "RECORDLENGTH of record 1" in report.notes[0]


def test_a_code_that_is_ignored_is_ignored_here_too() -> None:
    given = evidence(a_list(of(3, PUB)))
    options = Options(evidence=given, ignore=frozenset({"itl-no-capf-record"}))
    assert check([], options).findings == ()


def test_all_phones_are_judged_alike_one_by_one_and_in_batches() -> None:
    path = CAPTURES / "burst" / "publisher.pcap.gz"
    options = Options(evidence=evidence(a_list(of(4, CAPF))))
    whole = judge(analyze([CaptureInput((str(path),))], options).scene)
    told = {
        (account.case.phone.name, draft.code.code)
        for account in whole.accounts
        for draft in account.drafts
    }
    report = check([CaptureInput((str(path),))], options)
    assert {(item.phone, item.code) for item in report.findings if item.phone} == told
    assert "itl-differs-between-servers" in {code for _, code in told}


def test_a_page_in_place_of_a_list_is_called_one() -> None:
    (found,) = report_on(None, b"<html>please log in</html>").findings
    assert "it is a web page" in found.detail


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (signed(b"<x/>", SIGNER, version=b"\1\0", file_name="SEP.sgn"), "is a signed file"),
        ((CAPTURES / "empty" / "phone.pcap").read_bytes(), "is a capture"),
    ],
)
def test_what_is_no_list_at_all_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        read_lists([GivenFile("x", content, EvidenceKind.TRUST_LIST)])
    with pytest.raises(EvidenceError, match="has no list"):
        read_lists([GivenFile("x", b"nothing", EvidenceKind.SHOW_OUTPUT)])

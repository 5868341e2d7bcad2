"""A phone's log beside captures and alone: its clock, and what it proves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, Options, analyze, check
from capfpcap.evidence import Evidence, PhoneLog
from capfpcap.evidence.logs import Clock, place, read_log
from capfpcap.formats import FORMATS, phone_timeline, render
from capfpcap.formats.page import Page
from capfpcap.report import Certainty, EvidenceFile, EvidenceKind, Outcome, Report, Severity
from tests.cli.conftest import Program, capfpcap  # noqa: F401 - a fixture
from tests.scenarios.expectations import CAPTURES

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "protocol" / "samples"
UNRESOLVED = CAPTURES / "dns-nxdomain" / "phone.pcap"
RESOLVED = CAPTURES / "success-by-name" / "phone.pcap"
HOST = "cucm-pub.lab.example"
FILE = EvidenceFile(id="phone-log", path="console.log", kind=EvidenceKind.PHONE_LOG)


def log_of(lines: Sequence[str], **given: object) -> PhoneLog:
    content = [line.encode() + b"\n" for line in lines]
    return read_log(content, FILE, **given)[0]  # type: ignore[arg-type]


def checked(paths: Sequence[Path], log: PhoneLog) -> Report:
    inputs = [CaptureInput((str(path),)) for path in paths]
    return check(inputs, Options(evidence=Evidence(logs=(log,))))


def asked_in(path: Path) -> list[tuple[str, int]]:
    phone = analyze([CaptureInput((str(path),))]).scene.phones[0]
    return [(item.lookup.name, item.lookup.asked) for item in phone.lookups]


def written(path: Path, ahead: timedelta, result: str) -> list[str]:
    """What the phone of a capture would have logged with a clock that is so much ahead."""
    lines = []
    for name, time in asked_in(path):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000) + ahead
        for after, text in (
            (-400, f"query[A] {name} from 127.0.0.1"),
            (0, f"forwarded {name} to 10.122.140.53"),
            (900, f"reply {name} is {result}"),
        ):
            at = moment + timedelta(microseconds=after)
            lines.append(f"0478 INF {at:%b %d %H:%M:%S.%f} dnsmasq[12864]: {text}")
    return lines


FAILED = "0638 ERR {at} (322:17812) SECUREAPP-SEC_CAPF_OP_F: CAPF operation failed, ret -7"


@pytest.mark.parametrize("minutes", [-570, -300, 0, 60, 330, 345, 840])
@pytest.mark.parametrize("skew", [-95.5, 0.0, 2.3, 61.0])
def test_zone_and_clock_are_found_where_log_and_capture_show_the_same(
    minutes: int, skew: float
) -> None:
    ahead = timedelta(minutes=minutes, seconds=skew)
    log = log_of(written(UNRESOLVED, ahead, "NXDOMAIN-IPv4"))
    seen = asked_in(UNRESOLVED)
    placed = place(log, seen, seen[0][1])
    assert placed.clock is Clock.MATCHED
    zone, fast = placed.zone_and_skew
    assert zone == minutes
    assert abs(fast / 1e9 - skew) < 0.01
    forwarded = [time for time, entry in placed.timed if "asked of" in entry.message.text]
    assert all(abs(time - own) < 10**7 for time, (_, own) in zip(forwarded, seen, strict=True))


def test_a_zone_that_is_given_is_taken_and_the_year_is_the_capture_s() -> None:
    log = log_of(["Dec 31 23:59:59 dnsmasq[1]: forwarded a.b to 192.0.2.1"], zone=UTC)
    new_year = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 10**9
    placed = place(log, [], new_year)
    assert (placed.clock, placed.times) == (Clock.GIVEN, (new_year - 10**9,))


def test_a_log_over_new_year_goes_on_in_the_next() -> None:
    lines = ["Dec 31 23:59:59 dnsmasq[1]: forwarded a.b to 192.0.2.1"]
    lines.append("Jan  1 00:00:01 dnsmasq[1]: forwarded a.b to 192.0.2.1")
    placed = place(log_of(lines, year=2025), [], None)
    assert placed.times[1] - placed.times[0] == 2 * 10**9


def test_what_log_and_capture_show_is_one_finding_with_the_evidence_of_both() -> None:
    log = log_of(written(UNRESOLVED, timedelta(hours=1), "NXDOMAIN-IPv4"))
    (finding,) = [one for one in checked([UNRESOLVED], log).findings if one.code == "dns-nxdomain"]
    assert finding.certainty is Certainty.PROVEN
    assert {item.capture for item in finding.evidence} == {"phone", None}
    lines = [item for item in finding.evidence if item.file == "phone-log"]
    assert lines
    assert all(item.line and item.time and item.frame is None for item in lines)
    assert "UTC+01:00" in finding.detail, finding.detail


def test_without_the_log_the_report_is_the_same_as_before() -> None:
    plain = check([CaptureInput((str(UNRESOLVED),))])
    other = checked(
        [UNRESOLVED], log_of(["Mar 1 00:00:00 dnsmasq[1]: query[A] wpad from 127.0.0.1"])
    )
    assert other.findings == plain.findings
    assert other.phones == plain.phones


def test_a_log_of_another_phone_proves_nothing_and_is_remarked() -> None:
    log = log_of(
        [*written(RESOLVED, timedelta(), "NXDOMAIN-IPv4"), FAILED.format(at="Nov 23 14:27:33")],
        phone="SEP000000000001",
    )
    report = checked([RESOLVED], log)
    assert report.verdict == check([CaptureInput((str(RESOLVED),))]).verdict
    assert any("SEP000000000001" in note for note in report.notes)


def test_a_log_that_names_nobody_beside_many_phones_is_remarked() -> None:
    log = log_of(written(RESOLVED, timedelta(), "NXDOMAIN-IPv4"))
    report = checked([CAPTURES / "burst" / "publisher.pcap.gz"], log)
    assert any("nothing tells which phone" in note for note in report.notes)
    assert not any(item.file for finding in report.findings for item in finding.evidence)


def test_a_log_of_another_day_makes_nothing_of_a_phone_that_enrols_but_possible() -> None:
    name = asked_in(RESOLVED)[0][0]
    lines = [f"Nov 2 10:00:00 dnsmasq[1]: reply {name} is NXDOMAIN-IPv4"]
    lines.append(FAILED.format(at="Nov 2 10:00:01"))
    report = checked([RESOLVED], log_of(lines))
    (finding,) = [one for one in report.findings if one.code == "dns-nxdomain"]
    assert (finding.certainty, finding.severity) == (Certainty.POSSIBLE, Severity.WARNING)
    assert report.phones[0].outcome is Outcome.SUCCEEDED


BAD = f"0478 INF Mar 12 15:07:53.695263 dnsmasq[1]: reply {HOST} is"
AFTER = FAILED.format(at="Mar 12 15:07:55.762040")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([f"{BAD} NXDOMAIN-IPv4", AFTER], "dns-nxdomain"),
        ([f"{BAD} NXDOMAIN", AFTER], "dns-nxdomain"),
        ([f"{BAD} NODATA-IPv4", AFTER], "dns-no-address"),
        ([f"{BAD} SERVFAIL", AFTER], "dns-server-failure"),
        ([BAD.replace("reply", "forwarded").replace(" is", " to 192.0.2.1")] * 3 + [AFTER],
         "dns-no-answer"),
    ],
)  # fmt: skip
def test_a_log_alone_is_judged(lines: list[str], code: str) -> None:
    report = checked([], log_of(lines, phone="SEP001122334455"))
    (finding,) = report.findings
    assert (finding.code, finding.certainty) == (code, Certainty.LIKELY)
    assert (finding.phone, finding.severity) == ("SEP001122334455", Severity.CRITICAL)
    assert all(item.file == "phone-log" and item.line for item in finding.evidence)
    assert all(item.time is None for item in finding.evidence)
    assert report.phones[0].outcome is Outcome.FAILED
    assert report.phones[0].status_message == "No valid CAPF server"
    assert [file.id for file in report.evidence_files] == ["phone-log"]


@pytest.mark.parametrize(
    "lines",
    [
        [f"{BAD} NXDOMAIN-IPv4"],
        [f"{BAD} NXDOMAIN-IPv6", f"{BAD} 192.0.2.10", AFTER],
        [f"{BAD} NXDOMAIN-IPv4", f"{BAD} 192.0.2.10", AFTER],
        [f"{BAD} <CNAME>", f"{BAD} 192.0.2.10"],
        [BAD.replace(HOST, "wpad") + " NXDOMAIN", AFTER],
        [BAD.replace(HOST, "_cisco-uds._tcp.lab.example") + " NXDOMAIN", AFTER],
        [f"{BAD} NXDOMAIN-IPv4", AFTER.replace("15:07:55", "16:20:00")],
        [BAD.replace("reply", "forwarded").replace(" is", " to 192.0.2.1"), AFTER],
    ],
    ids=["nobody complains", "AAAA alone", "resolves later", "alias", "wpad", "service",
         "an hour later", "asked once"],
)  # fmt: skip
def test_what_only_looks_like_a_name_that_fails_is_silent(lines: list[str]) -> None:
    report = checked([], log_of(lines, year=2026))
    assert [finding.code for finding in report.findings] == []


def test_the_samples_say_what_they_are_about(capfpcap: Program) -> None:  # noqa: F811
    for sample, status in (("unresolved", 2), ("resolved", 3)):
        path = SAMPLES / f"phone-console-{sample}.txt"
        if path.exists():
            result = capfpcap("check", "--phone-log", path, "--format", "json")
            assert result.returncode == status, result.stderr
            found = {one["code"] for one in json.loads(result.stdout)["findings"]}
            assert found == ({"dns-nxdomain"} if status == 2 else set())


def test_events_of_log_and_capture_stand_on_one_timeline() -> None:
    log = log_of(written(UNRESOLVED, timedelta(hours=-5), "NXDOMAIN-IPv4"))
    inputs = [CaptureInput((str(UNRESOLVED),))]
    analysis = analyze(inputs, Options(evidence=Evidence(logs=(log,))))
    (phone,) = [one for one in analysis.timeline_by_phone() if one.name]
    told = [event.capture for _, event in phone.events]
    assert told[-1] == "phone-log" or "phone-log" in told
    places = [at for at, name in enumerate(told) if name == "phone-log"]
    assert places != list(range(places[0], places[0] + len(places))), "they are not mixed"
    document = json.loads(b"".join(phone_timeline.json_pieces(analysis.timeline_by_phone())))
    logged = [one for one in document["phones"][0]["events"] if one["file"]]
    assert {(one["flow"], one["capture"], one["frame"]) for one in logged} == {(None, None, None)}
    assert [one["line"] for one in logged] == sorted(one["line"] for one in logged)


HOSTILE = ["\x1b]0;owned\x07", "\u202egnp.exe", "a\u200bb", "=1+1", "|markup [red]", "\x9b31m"]


@pytest.mark.parametrize("name", FORMATS)
def test_no_rendering_lets_a_log_s_text_act(name: str) -> None:
    lines = [f"{BAD} NXDOMAIN-IPv4"]
    lines += [f"{HEAD}(1:2) SECUREAPP-CAPF{text} CAPF create bio failed" for text in HOSTILE]
    text = b"".join(render(checked([], log_of(lines)), name, Page())).decode()
    assert "\x1b" not in text
    assert all(line.isprintable() for line in text.splitlines())


HEAD = "0478 INF Mar 12 15:07:54.695263 "


def test_options_say_what_is_wrong_with_them(capfpcap: Program, tmp_path: Path) -> None:  # noqa: F811
    missing = capfpcap("check", "--phone-log", "none.txt", UNRESOLVED)
    assert missing.returncode == 3
    assert missing.stderr.startswith(b"capfpcap: cannot read none.txt")
    assert capfpcap("check", "--phone-log", tmp_path, UNRESOLVED).returncode == 3
    assert capfpcap("check", "--log-tz", "Nowhere", UNRESOLVED).returncode == 3
    assert capfpcap("check").returncode == 3
    log = tmp_path / "noise.txt"
    log.write_bytes(b"\0\xff" * 5000 + b"\n" + b"x" * 300_000)
    noise = capfpcap("check", "--phone-log", f"SEP001122334455={log}")
    assert noise.returncode == 3
    assert b"holds no line of a phone's log" in noise.stdout.replace(b"\n  ", b" ")

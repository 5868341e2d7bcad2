"""Sessions with CAPF that ended early say what their messages prove, and deny nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Certainty, Finding, Severity
from tests.dissectors.tls_endpoints import TLS_1_0, TLS_1_2, Conversation
from tests.rules.made import LISTS, SECOND, at, by_tftp, faults, from_port, report_on
from tests.timeline.wire import connection

CAPF = 3804
AUTHENTICATION = [(False, 16), (True, 35)]
ASKED = [*AUTHENTICATION, (False, 17)]
KEY = [*ASKED, (True, 8), (True, 305)]
STORING = [*KEY, (False, 972)]
END, LATER = (False, 12), (False, 15)


def found(
    folder: Path, messages: list[tuple[bool, int]], code: str, *, blocks: bool = False
) -> list[Finding]:
    """Findings of a code where the server closes in order behind some messages."""
    suite = (TLS_1_0, "AES128-SHA") if blocks else (TLS_1_2, "AES128-GCM-SHA256")
    conversation = Conversation(*suite, encrypt_then_mac=False).handshake()
    for from_client, length in messages:
        conversation.say(from_client, length)
    conversation.close()
    packets = connection(CAPF, conversation.flights, closed_by_server=True)
    report = report_on(folder, at(0, from_port(packets, 50001)))
    return [item for item in report.findings if item.code == code]


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (KEY, "No certificate was delivered"),
        ([*KEY, END], "No certificate was delivered"),
        (STORING, "CAPF sent a certificate; that the phone stored it is not seen."),
        ([*STORING, (True, 12)], "most likely it holds the certificate"),
        ([*AUTHENTICATION, (False, 8), (True, 900)], "most likely holds its certificate"),
    ],
    ids=["key", "key and END_SESSION", "certificate sent", "certificate stored", "fetched"],
)
def test_what_was_achieved_before_a_session_broke_off_is_told_by_its_messages(
    tmp_path: Path, messages: list[tuple[bool, int]], told: str
) -> None:
    (finding,) = found(tmp_path, messages, "capf-session-aborted")
    assert told in finding.detail
    assert finding.certainty is Certainty.LIKELY
    delivered = "No certificate" not in told
    assert ("No certificate was delivered" in finding.detail) is not delivered


def test_a_session_that_came_to_its_end_was_not_broken_off(tmp_path: Path) -> None:
    assert not found(tmp_path, [*STORING, (True, 12), END], "capf-session-aborted")


def test_a_request_that_looks_like_the_end_is_said_to_do_so(tmp_path: Path) -> None:
    for messages in (ASKED, [*AUTHENTICATION, END]):
        (finding,) = found(tmp_path, messages, "capf-session-refused", blocks=True)
        assert finding.certainty is Certainty.LIKELY
        assert "a request that CAPF broke off would have the same size" in finding.detail


def test_where_sizes_are_exact_the_end_is_the_end(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, [*AUTHENTICATION, END], "capf-session-refused")
    assert "same size" not in finding.detail
    assert finding.certainty is Certainty.LIKELY


def test_a_phone_that_is_put_off_is_to_wait(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, [*AUTHENTICATION, LATER], "capf-session-refused")
    assert finding.certainty is Certainty.POSSIBLE
    assert "try again later" in finding.title
    assert finding.remedy.startswith("Wait for the phone's next attempt")


def without_end(folder: Path, starts: list[int], until: int) -> list[tuple[str, Severity]]:
    """What is told of sessions without END_SESSION that begin then, in seconds."""
    packets = []
    for number, start in enumerate(starts):
        conversation = Conversation(TLS_1_2, "AES128-GCM-SHA256", encrypt_then_mac=False)
        conversation.handshake()
        for from_client, length in (*STORING, (True, 12)):
            conversation.say(from_client, length)
        conversation.close()
        said = connection(CAPF, conversation.flights, closed_by_server=True)
        packets += at(start * SECOND, from_port(said, 50001 + number))
    packets += by_tftp(until * SECOND, LISTS[0])
    return [(item.code, item.severity) for item in faults(report_on(folder, packets))]


def test_a_phone_that_does_not_come_back_most_likely_has_its_certificate(tmp_path: Path) -> None:
    aborted = ("capf-session-aborted", Severity.WARNING)
    found = without_end(tmp_path, [1], until=90)
    assert aborted in found
    assert Severity.CRITICAL not in {severity for _, severity in found}


@pytest.mark.parametrize(("starts", "until"), [([1], 20), ([1, 35], 150)])
def test_one_that_tries_again_or_may_yet_do_so_failed(
    starts: list[int], until: int, tmp_path: Path
) -> None:
    found = without_end(tmp_path, starts, until)
    assert ("capf-session-aborted", Severity.CRITICAL) in found
    assert ("connection-lost", Severity.CRITICAL) in found


def test_a_session_of_sizes_that_nobody_knows_may_have_ended_as_it_should(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, [*AUTHENTICATION, (False, 43)], "connection-lost")
    assert finding.certainty is Certainty.POSSIBLE
    assert "mid-session" not in finding.title


def test_where_capf_ends_a_session_the_connection_is_not_lost(tmp_path: Path) -> None:
    assert not found(tmp_path, [*KEY, END], "connection-lost")
    (finding,) = found(tmp_path, [*KEY, END], "capf-session-aborted")
    assert finding.title == "CAPF ends the session before its operation is complete"

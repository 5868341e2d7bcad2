"""How far a phone came is told by its flows and findings, and nothing else is claimed."""

from __future__ import annotations

import msgspec
import pytest

from capfpcap.formats.steps import State, Step, enrolment_steps, host_and_port
from capfpcap.report import Alert, Endpoint, Flow, Outcome, SeenAt, Severity

from . import samples


def unanswered(flow: Flow) -> Flow:
    seen = SeenAt(
        packets_to_server=4,
        packets_to_client=0,
        bytes_to_server=0,
        bytes_to_client=0,
        history="S",
    )
    return msgspec.structs.replace(flow, seen_at={"phone": seen})


def states(**kwargs: object) -> dict[Step, State]:
    given = {"phone": samples.phone(), "flows": [], "findings": [], **kwargs}
    return {result.step: result.state for result in enrolment_steps(**given)}


def words(**kwargs: object) -> dict[Step, str]:
    given = {"phone": samples.phone(), "flows": [], "findings": [], **kwargs}
    return {result.step: result.text for result in enrolment_steps(**given)}


def test_a_phone_that_enrolled_passed_every_step_that_was_seen() -> None:
    session = msgspec.structs.replace(samples.rejected_tls(), alerts=(), established=True)
    flows = [samples.dns_flow(), samples.flow(tls=session)]
    found = states(phone=samples.healthy_phone(), flows=flows)
    assert set(found.values()) == {State.PASSED}
    assert Step.TVS not in found


def test_an_unanswered_syn_opens_nothing_and_what_follows_was_not_reached() -> None:
    finding = samples.finding(code="connection-no-answer")
    flows = [unanswered(samples.flow())]
    found = states(flows=flows, findings=[finding])
    assert found[Step.TCP] is State.FAILED
    assert found[Step.TLS] is found[Step.CAPF] is State.NOT_SEEN
    text = words(flows=flows, findings=[finding])
    assert text[Step.TCP] == "connection-no-answer (10.122.138.102:3804, 2 attempts)"
    assert text[Step.TLS] == text[Step.CAPF] == "not reached"


def test_nothing_is_claimed_of_what_no_packet_shows() -> None:
    phone = samples.phone(
        outcome=Outcome.UNKNOWN, root_cause=None, trust_list=None, configuration=None
    )
    found = states(phone=phone)
    assert set(found.values()) == {State.NOT_SEEN}
    assert words(phone=phone)[Step.TCP] == "no connection seen"


@pytest.mark.parametrize(
    ("code", "service", "step"),
    [
        ("dns-nxdomain", "dns", Step.NAMES),
        ("tftp-no-answer", "tftp", Step.FILES),
        ("transfer-stalled", "http", Step.FILES),
        ("connection-refused", "http", Step.FILES),
        ("itl-not-found", "tftp", Step.TRUST_LIST),
        ("connection-refused", "capf", Step.TCP),
        ("server-silent", "capf", Step.TLS),
        ("tls-fatal-alert", "capf", Step.TLS),
        ("capf-certificate-expired", "capf", Step.TLS),
        ("capf-session-refused", "capf", Step.CAPF),
        ("connection-refused", "tvs", Step.TVS),
        ("tls-fatal-alert", "tvs", Step.TVS),
    ],
)
def test_a_finding_fails_the_step_at_which_it_strikes(code: str, service: str, step: Step) -> None:
    found = states(findings=[samples.finding(code=code, service=service, flow=None)])
    assert [each for each, state in found.items() if state is State.FAILED] == [step]


@pytest.mark.parametrize("service", ["sip-tls", "sccp-tls"])
def test_what_strikes_registration_fails_no_step_to_the_certificate(service: str) -> None:
    found = states(findings=[samples.finding(code="tls-fatal-alert", service=service)])
    assert State.FAILED not in found.values()


def test_a_connection_lost_after_the_handshake_fails_capf() -> None:
    session = msgspec.structs.replace(samples.rejected_tls(), alerts=(), established=True)
    found = states(
        flows=[samples.flow(tls=session)], findings=[samples.finding(code="connection-lost")]
    )
    assert found[Step.TLS] is State.PASSED
    assert found[Step.CAPF] is State.FAILED


def test_a_connection_lost_amid_the_handshake_fails_tls() -> None:
    session = msgspec.structs.replace(samples.rejected_tls(), alerts=())
    found = states(
        flows=[samples.flow(tls=session)], findings=[samples.finding(code="connection-lost")]
    )
    assert found[Step.TLS] is State.FAILED
    assert found[Step.CAPF] is State.NOT_SEEN


def test_a_warning_warns_and_what_was_overcome_does_not_count() -> None:
    warning = samples.finding(code="capf-certificate-expiring", severity=Severity.WARNING)
    overcome = samples.finding(code="connection-refused", resolved=True)
    flows = [samples.flow(tls=samples.rejected_tls())]
    found = states(flows=flows, findings=[warning, overcome])
    assert found[Step.TLS] is State.WARNED
    assert found[Step.TCP] is State.PASSED


def test_a_critical_finding_outweighs_a_warning_before_it() -> None:
    warning = samples.finding(code="capf-certificate-expiring", severity=Severity.WARNING)
    fatal = samples.finding(code="tls-certificate-rejected")
    assert "tls-certificate-rejected" in words(findings=[warning, fatal])[Step.TLS]


def test_a_close_notify_is_no_failure_of_tls() -> None:
    alert = Alert(by="client", level="warning", description="close_notify", frames={})
    session = msgspec.structs.replace(samples.rejected_tls(), alerts=(alert,), established=True)
    assert states(flows=[samples.flow(tls=session)])[Step.TLS] is State.PASSED


def test_many_servers_are_counted() -> None:
    flows = [
        samples.flow(server=Endpoint(address=f"10.0.0.{number}", port=3804)) for number in range(5)
    ]
    text = words(flows=flows)[Step.TCP]
    assert text == "10.0.0.0:3804, 10.0.0.1:3804 and 3 more, 2 attempts"


def test_an_ipv6_address_stands_in_brackets_before_its_port() -> None:
    assert host_and_port("2001:db8::1", 3804) == "[2001:db8::1]:3804"
    assert host_and_port("10.0.0.1", 3804) == "10.0.0.1:3804"


def test_a_configuration_that_tells_nothing_says_why() -> None:
    phone = samples.phone()
    assert phone.configuration is not None
    encrypted = msgspec.structs.replace(phone.configuration, encrypted=True)
    broken = msgspec.structs.replace(phone.configuration, problem="octet 1: no element")
    name = phone.configuration.file
    told = words(phone=samples.phone(configuration=encrypted))[Step.FILES]
    assert told == f"{name}, encrypted"
    told = words(phone=samples.phone(configuration=broken))[Step.FILES]
    assert told == f"{name}, which cannot be read: octet 1: no element"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("C=CZ,O=Lab Example,CN=CAPF-ce9d15a3", "CN=CAPF-ce9d15a3"),
        ("CN=CAPF\\, the first,O=Lab", "CN=CAPF\\, the first"),
        ("O=Lab Example,OU=Telephony", "O=Lab Example,OU=Telephony"),
    ],
)
def test_a_certificate_is_called_by_its_common_name(subject: str, shown: str) -> None:
    tls = msgspec.structs.replace(
        samples.rejected_tls(), alerts=(), server_certificate=samples.certificate(subject)
    )
    assert words(flows=[samples.flow(tls=tls)])[Step.TLS] == f"TLS 1.2, server certificate {shown}"


def test_what_strikes_before_tcp_opened_fails_that_step() -> None:
    reset = samples.finding(code="rst-injected", flow="f7")
    assert states(flows=[unanswered(samples.flow())], findings=[reset])[Step.TCP] is State.FAILED
    assert states(flows=[samples.flow()], findings=[reset])[Step.TLS] is State.FAILED

"""How far a phone came is told by its flows and findings, and nothing else is claimed."""

from __future__ import annotations

import msgspec
import pytest

from capfpcap.formats.steps import State, enrolment_steps, host_and_port
from capfpcap.report import Alert, Endpoint, Flow, Outcome, SeenAt, Severity, Stage

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


def states(**kwargs: object) -> dict[Stage, State]:
    given = {"phone": samples.phone(), "flows": [], "findings": [], **kwargs}
    return {result.stage: result.state for result in enrolment_steps(**given)}


def words(**kwargs: object) -> dict[Stage, str]:
    given = {"phone": samples.phone(), "flows": [], "findings": [], **kwargs}
    return {result.stage: result.text for result in enrolment_steps(**given)}


def test_a_phone_that_enrolled_passed_every_step_that_was_seen() -> None:
    session = msgspec.structs.replace(samples.rejected_tls(), alerts=(), established=True)
    flows = [samples.dns_flow(), samples.flow(tls=session)]
    found = states(phone=samples.healthy_phone(), flows=flows)
    assert set(found.values()) == {State.PASSED}
    assert Stage.TVS not in found


def test_an_unanswered_syn_opens_nothing_and_what_follows_was_not_reached() -> None:
    finding = samples.finding(code="connection-no-answer", stage=Stage.TCP)
    flows = [unanswered(samples.flow())]
    found = states(flows=flows, findings=[finding])
    assert found[Stage.TCP] is State.FAILED
    assert found[Stage.TLS] is found[Stage.CAPF] is State.NOT_REACHED
    text = words(flows=flows, findings=[finding])
    assert text[Stage.TCP] == "connection-no-answer (10.122.138.102:3804, 2 attempts)"
    assert text[Stage.TLS] == text[Stage.CAPF] == "not reached"


def test_nothing_is_claimed_of_what_no_packet_shows() -> None:
    phone = samples.phone(
        outcome=Outcome.UNKNOWN, root_cause=None, trust_list=None, configuration=None
    )
    found = states(phone=phone)
    assert set(found.values()) == {State.NOT_SEEN}
    assert words(phone=phone)[Stage.TCP] == "no connection seen"


@pytest.mark.parametrize("stage", list(Stage))
def test_a_finding_fails_the_step_that_it_names(stage: Stage) -> None:
    found = states(findings=[samples.finding(stage=stage, service="capf")])
    failed = [each for each, state in found.items() if state is State.FAILED]
    assert failed == ([stage] if stage is not Stage.CAPTURES else [])


@pytest.mark.parametrize("service", ["sip-tls", "sccp-tls"])
def test_what_strikes_registration_fails_no_step_to_the_certificate(service: str) -> None:
    findings = [samples.finding(stage=stage, service=service) for stage in (Stage.TCP, Stage.TLS)]
    assert State.FAILED not in states(findings=findings).values()


@pytest.mark.parametrize("service", ["sip-tls", "tvs"])
def test_the_phones_own_certificate_is_a_step_wherever_it_is_shown(service: str) -> None:
    finding = samples.finding(code="lsc-expired", stage=Stage.CERTIFICATE, service=service)
    assert Stage.CERTIFICATE not in states()
    assert states(findings=[finding])[Stage.CERTIFICATE] is State.FAILED
    assert words(findings=[finding])[Stage.CERTIFICATE] == "lsc-expired"


def test_a_warning_warns_and_what_was_overcome_does_not_count() -> None:
    warning = samples.finding(
        code="capf-certificate-expiring", stage=Stage.TLS, severity=Severity.WARNING
    )
    overcome = samples.finding(code="connection-refused", stage=Stage.TCP, resolved=True)
    flows = [samples.flow(tls=samples.rejected_tls())]
    found = states(flows=flows, findings=[warning, overcome])
    assert found[Stage.TLS] is State.WARNED
    assert found[Stage.TCP] is State.PASSED


def test_a_critical_finding_outweighs_a_warning_before_it() -> None:
    warning = samples.finding(
        code="capf-certificate-expiring", stage=Stage.TLS, severity=Severity.WARNING
    )
    fatal = samples.finding(code="tls-certificate-rejected", stage=Stage.TLS)
    assert "tls-certificate-rejected" in words(findings=[warning, fatal])[Stage.TLS]


def test_a_close_notify_is_no_failure_of_tls() -> None:
    alert = Alert(by="client", level="warning", description="close_notify", frames={})
    session = msgspec.structs.replace(samples.rejected_tls(), alerts=(alert,), established=True)
    assert states(flows=[samples.flow(tls=session)])[Stage.TLS] is State.PASSED


def test_many_servers_are_counted() -> None:
    flows = [
        samples.flow(server=Endpoint(address=f"10.0.0.{number}", port=3804)) for number in range(5)
    ]
    text = words(flows=flows)[Stage.TCP]
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
    told = words(phone=samples.phone(configuration=encrypted))[Stage.FILES]
    assert told == f"{name}, encrypted"
    told = words(phone=samples.phone(configuration=broken))[Stage.FILES]
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
    assert words(flows=[samples.flow(tls=tls)])[Stage.TLS] == f"TLS 1.2, server certificate {shown}"

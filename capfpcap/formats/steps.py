"""A phone's way to its certificate, step by step, read from the report.

The report holds flows and findings; a reader wants to see how far the phone came: the name was
found, the files were loaded, the trust list was good, TCP opened, TLS did not. A step failed where
a finding says so and passed where the flows show that it did. Of what no packet shows, nothing is
claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from capfpcap.report import Configuration, Finding, Flow, Outcome, Phone, SeenAt, Severity, Stage


class State(Enum):
    """What the captures say of a step."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    NOT_SEEN = "not seen"
    NOT_REACHED = "not reached"
    """Nothing was seen of it, and a step before it had failed."""


class StepResult(Struct, frozen=True):
    """One step of one phone, with a few words on what was seen."""

    stage: Stage
    state: State
    text: str


STEP_LABELS = {
    Stage.NAMES: "names",
    Stage.FILES: "files",
    Stage.TRUST_LIST: "trust list",
    Stage.TVS: "TVS",
    Stage.TCP: "TCP",
    Stage.TLS: "TLS",
    Stage.CAPF: "CAPF",
    Stage.CERTIFICATE: "LSC",
}
"""The steps in their order."""

_ONLY_WHERE_SEEN = frozenset({Stage.TVS, Stage.CERTIFICATE})
"""Steps that many phones go without, of which nothing is said then."""

_OF_CAPF = frozenset({Stage.TCP, Stage.TLS})
"""Steps of the connection to CAPF; other services have the like."""

_REGISTRATION = frozenset({"sip-tls", "sccp-tls"})
"""Services that a phone turns to when it is enrolled."""

_UNSEEN = {
    Stage.NAMES: "no query seen",
    Stage.FILES: "no transfer seen",
    Stage.TCP: "no connection seen",
}

_SIDES = {"client": "phone"}

_COMMON_NAME = re.compile(r"\bCN=(?:[^,+\\]|\\.)+")

ENROLLED = frozenset({Outcome.SUCCEEDED, Outcome.RECOVERED})
"""Outcomes of a phone that holds what it asked for."""


def enrolment_steps(
    phone: Phone, flows: Sequence[Flow], findings: Iterable[Finding]
) -> list[StepResult]:
    """The steps of ``phone``, from its own flows and findings."""
    troubles = _troubles(findings)
    results = []
    for stage in STEP_LABELS:
        passed, text = _evidence(stage, phone, flows)
        trouble = troubles.get(stage)
        if trouble is not None:
            failed = trouble.severity is Severity.CRITICAL
            state = State.FAILED if failed else State.WARNED
            results.append(StepResult(stage, state, _joined(trouble.code, text)))
        elif stage not in _ONLY_WHERE_SEEN or text:
            state = State.PASSED if passed else State.NOT_SEEN
            results.append(StepResult(stage, state, text))
    return _with_words(results)


def _troubles(findings: Iterable[Finding]) -> dict[Stage, Finding]:
    """The finding that weighs most at each step, the first of those that weigh the same."""
    troubles: dict[Stage, Finding] = {}
    for finding in findings:
        if finding.resolved or finding.severity is Severity.INFO:
            continue
        if finding.service in _REGISTRATION and finding.stage in _OF_CAPF:
            continue
        known = troubles.get(finding.stage)
        if known is None or _outweighs(finding, known):
            troubles[finding.stage] = finding
    return troubles


def _outweighs(finding: Finding, other: Finding) -> bool:
    return finding.severity is Severity.CRITICAL and other.severity is not Severity.CRITICAL


def _with_words(results: Sequence[StepResult]) -> list[StepResult]:
    """Words for the steps of which nothing was seen: after a failed one they were not reached."""
    failed = False
    steps = []
    for result in results:
        if result.text:
            steps.append(result)
        elif failed:
            steps.append(StepResult(result.stage, State.NOT_REACHED, State.NOT_REACHED.value))
        else:
            absent = _UNSEEN.get(result.stage, State.NOT_SEEN.value)
            steps.append(StepResult(result.stage, result.state, absent))
        failed = failed or result.state is State.FAILED
    return steps


def _evidence(stage: Stage, phone: Phone, flows: Sequence[Flow]) -> tuple[bool, str]:
    """Whether the flows show that a step was done, and what there is to say of it."""
    match stage:
        case Stage.NAMES:
            return _names(phone, _of(flows, "dns"))
        case Stage.FILES:
            return _files(phone, _of(flows, "tftp", "http"))
        case Stage.TRUST_LIST:
            return _trust_list(phone)
        case Stage.TVS:
            return _tvs(_of(flows, "tvs"))
        case Stage.TCP:
            return _tcp(phone, _of(flows, "capf"))
        case Stage.TLS:
            return _tls(_of(flows, "capf"))
        case Stage.CAPF:
            return _capf(phone)
        case _:
            return False, ""


def _of(flows: Sequence[Flow], *services: str) -> list[Flow]:
    return [flow for flow in flows if flow.service in services]


def _names(phone: Phone, flows: Sequence[Flow]) -> tuple[bool, str]:
    answered = [flow for flow in flows if _both_ways(flow)]
    if answered:
        return True, f"answered by {_servers(answered)}"
    if flows:
        return False, f"asked of {_servers(flows)}"
    host = phone.configuration and phone.configuration.capf_host
    return False, f"no query seen; CAPF host {host}" if host else ""


def _files(phone: Phone, flows: Sequence[Flow]) -> tuple[bool, str]:
    if phone.configuration is not None:
        return True, _configuration(phone.configuration)
    if any(_both_ways(flow) for flow in flows):
        return True, f"from {_servers(flows)}"
    return False, f"asked of {_servers(flows)}" if flows else ""


def _configuration(configuration: Configuration) -> str:
    if configuration.encrypted:
        return f"{configuration.file}, encrypted"
    problem = configuration.problem
    return configuration.file + (f", which cannot be read: {problem}" if problem else "")


def _trust_list(phone: Phone) -> tuple[bool, str]:
    trust_list = phone.trust_list
    if trust_list is None:
        return False, ""
    return True, f"{trust_list.file} from {trust_list.server} by {trust_list.via.upper()}"


def _tvs(flows: Sequence[Flow]) -> tuple[bool, str]:
    return any(_opened(flow) for flow in flows), _servers(flows) if flows else ""


def _tcp(phone: Phone, flows: Sequence[Flow]) -> tuple[bool, str]:
    if not flows:
        return False, ""
    attempts = max(phone.attempts, 1)
    times = f", {attempts} attempts" if attempts > 1 else ""
    return any(_opened(flow) for flow in flows), f"{_servers(flows, ports=True)}{times}"


def _tls(flows: Sequence[Flow]) -> tuple[bool, str]:
    sessions = [flow.tls for flow in flows if flow.tls is not None]
    if not sessions:
        return False, ""
    last = sessions[-1]
    certificate = last.server_certificate
    words = [
        *(
            f"{alert.description} alert by the {_SIDES.get(alert.by, alert.by)}"
            for alert in [each for each in last.alerts if each.description != _CLOSE][:1]
        ),
        *([last.version] if last.version else []),
        *([f"server certificate {_short_name(certificate.title)}"] if certificate else []),
    ]
    fatal = any(alert.level == "fatal" for alert in last.alerts)
    return last.established and not fatal, ", ".join(words)


_CLOSE = "close_notify"
"""The alert that ends a session well; keys reveal it."""


def _short_name(subject: str) -> str:
    """The common name of a subject as text (RFC 4514), or all of it where it has none."""
    found = _COMMON_NAME.search(subject)
    return found[0] if found else subject


def _capf(phone: Phone) -> tuple[bool, str]:
    if phone.outcome in ENROLLED:
        done = {"unknown": "a complete session"}.get(phone.operation.value)
        return True, done or f"{phone.operation_words} succeeded"
    if phone.outcome is Outcome.IN_PROGRESS:
        return False, "still in progress when the captures end"
    return False, ""


def _opened(flow: Flow) -> bool:
    """Whether TCP opened: a SYN-ACK in the history, or data both ways in one capture."""
    return any(
        "h" in seen.history or (seen.bytes_to_server > 0 and seen.bytes_to_client > 0)
        for seen in flow.seen_at.values()
    )


def _both_ways(flow: Flow) -> bool:
    return any(_is_both_ways(seen) for seen in flow.seen_at.values())


def _is_both_ways(seen: SeenAt) -> bool:
    return seen.packets_to_server > 0 and seen.packets_to_client > 0


def _servers(flows: Sequence[Flow], *, ports: bool = False) -> str:
    """The servers of ``flows``, each once, in order; two are named, the rest counted."""
    named = dict.fromkeys(
        host_and_port(flow.server.address, flow.server.port) if ports else flow.server.address
        for flow in flows
    )
    shown = list(named)
    more = f" and {len(shown) - 2} more" if len(shown) > 2 else ""
    return ", ".join(shown[:2]) + more


def host_and_port(address: str, port: int) -> str:
    """``10.0.0.1:3804``, or ``[2001:db8::1]:3804`` (RFC 5952, section 6)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _joined(code: str, text: str) -> str:
    return f"{code} ({text})" if text else code

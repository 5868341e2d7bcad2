"""What a code declares of itself: its stage, its screen message and its causes, or no import."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

from capfpcap import rules
from capfpcap.report import Severity, Stage
from capfpcap.rules import catalogue
from capfpcap.rules.catalogue import CATALOGUE
from capfpcap.rules.certificates.certificate import CAPF_CERTIFICATE_EXPIRED
from capfpcap.rules.connections.opening import CONNECTION_REFUSED
from capfpcap.rules.connections.session import CONNECTION_LOST
from capfpcap.rules.model.code import Code, Family, Scope
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.screen import NameOf, Screen, ScreenRule
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.names import names
from capfpcap.rules.names.names import DNS_NXDOMAIN
from capfpcap.rules.questions.tcp import TCP_SERVICES
from capfpcap.services import Service
from tests.scenarios.expectations import CAPTURES, report_on

every_code = pytest.mark.parametrize("code", CATALOGUE.values(), ids=lambda code: code.code)


def test_every_code_of_every_file_is_in_the_catalogue() -> None:
    declared = {
        value
        for module in pkgutil.walk_packages(rules.__path__, "capfpcap.rules.")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, Code)
    }
    assert declared == set(CATALOGUE.values())
    assert len({code.code for code in declared}) == len(declared)


@every_code
def test_every_code_says_what_it_means_how_it_is_told_and_what_to_do(code: Code) -> None:
    assert all((code.meaning, code.told_by, code.not_this, code.remedy))
    assert isinstance(code.family, Family)


@every_code
def test_every_code_has_a_stage_and_decides_on_the_screen(code: Code) -> None:
    assert isinstance(code.stage, Stage | Layer)
    assert isinstance(code.screen, Screen | ScreenRule | None)
    about_captures = code.family is Family.CAPTURES
    assert (code.stage is Stage.CAPTURES) == about_captures == bool(code.scene_rules)
    assert not about_captures or code.screen is None


@every_code
def test_a_code_of_any_service_is_told_by_the_service_and_explains_nothing_beyond(
    code: Code,
) -> None:
    of_any_service = set(TCP_SERVICES) <= set(code.services) and code.stage is not Stage.CAPTURES
    by_service = isinstance(code.stage, Layer)
    assert by_service or not of_any_service or code.severity is Severity.WARNING
    assert (code.scope is Scope.SERVICE) == by_service


@pytest.mark.parametrize("forgotten", ["family", "severity", "stage", "screen"])
def test_a_code_that_forgets_what_it_must_declare_does_not_import(forgotten: str) -> None:
    source = Path(names.__file__).read_text(encoding="utf-8")
    exec(compile(source, "whole", "exec"), {"__name__": "whole"})
    less = re.sub(rf"^    {forgotten}=.*\n", "", source, count=1, flags=re.MULTILINE)
    assert less != source
    with pytest.raises(TypeError, match=f"Missing required argument '{forgotten}'"):
        exec(compile(less, "less", "exec"), {"__name__": "less"})


def test_a_cause_that_nobody_declares_does_not_import() -> None:
    source = Path(names.__file__).read_text(encoding="utf-8")
    other = source.replace("causes=(ICMP_UNREACHABLE,)", "causes=(ICMP_UNREACHED,)")
    assert other != source
    with pytest.raises(NameError, match="ICMP_UNREACHED"):
        exec(compile(other, "other", "exec"), {"__name__": "other"})


def test_a_cause_that_no_rule_finds_does_not_import() -> None:
    without = {name: code for name, code in CATALOGUE.items() if name != "icmp-unreachable"}
    with pytest.raises(LookupError, match="icmp-unreachable, a cause of dns-no-answer"):
        catalogue._checked(without)


def draft(code: Code, service: Service | None, name_of: NameOf | None = None) -> Draft:
    return Draft(code, title="", detail="", proofs=(), service=service, name_of=name_of)


@pytest.mark.parametrize(
    ("code", "service", "stage", "screen"),
    [
        (CONNECTION_REFUSED, Service.CAPF, Stage.TCP, Screen.CONNECTION_FAILED),
        (CONNECTION_REFUSED, Service.TVS, Stage.TVS, Screen.PENDING),
        (CONNECTION_REFUSED, Service.HTTP, Stage.FILES, None),
        (CONNECTION_REFUSED, Service.SIP_TLS, Stage.TCP, None),
        (CONNECTION_LOST, Service.TVS, Stage.TVS, Screen.PENDING),
        (CONNECTION_LOST, Service.SCCP_TLS, Stage.TLS, None),
        (CAPF_CERTIFICATE_EXPIRED, Service.CAPF, Stage.TLS, Screen.CONNECTION_FAILED),
    ],
)
def test_the_service_of_a_finding_decides_where_the_code_leaves_it_to(
    code: Code, service: Service, stage: Stage, screen: Screen | None
) -> None:
    made = draft(code, service)
    assert made.stage is stage
    assert made.screen is screen


@pytest.mark.parametrize("name_of", NameOf)
def test_whose_name_it_is_decides_what_the_screen_says(name_of: NameOf) -> None:
    made = draft(DNS_NXDOMAIN, Service.DNS, name_of)
    capf = name_of is NameOf.CAPF
    assert made.screen is (Screen.NO_VALID_SERVER if capf else Screen.PENDING)
    assert made.stage is Stage.NAMES


def test_the_screen_says_nothing_of_what_can_be_lived_with() -> None:
    made = draft(CONNECTION_REFUSED, Service.CAPF)
    made.resolved = True
    assert made.screen is None


@pytest.mark.parametrize(
    ("scenario", "code", "stage"),
    [
        ("rst-injected", "rst-injected", Stage.TLS),
        ("service-stopped", "connection-refused", Stage.TCP),
        ("reset-at-connect", "connection-reset", Stage.TLS),
        ("reset-mid-session", "connection-reset", Stage.CAPF),
        ("path-dies-in-key-generation", "connection-lost", Stage.CAPF),
        ("lost-clienthello", "connection-lost", Stage.TLS),
        ("refused-on-the-way", "rst-injected", Stage.TCP),
        ("tvs-stopped", "connection-refused", Stage.TVS),
        ("tftp-answers-filtered", "tftp-no-answer", Stage.FILES),
    ],
)
def test_a_connection_fault_strikes_at_the_stage_that_its_flow_had_reached(
    scenario: str, code: str, stage: Stage
) -> None:
    report = report_on((CAPTURES / scenario / "phone.pcap",))
    assert {finding.stage for finding in report.findings if finding.code == code} == {stage}

"""Reports written by hand, for the tests of the formats."""

from __future__ import annotations

from typing import Any

import msgspec

from capfpcap.report import (
    SCHEMA_VERSION,
    Alert,
    Authentication,
    Capf,
    CapfMessage,
    CapfOutcome,
    Capture,
    Certainty,
    Certificate,
    CertificateKind,
    Configuration,
    Endpoint,
    Evidence,
    Finding,
    Flow,
    Operation,
    Outcome,
    PathSegment,
    Phone,
    PhoneOperation,
    Reach,
    Reachability,
    Report,
    Role,
    SeenAt,
    Severity,
    Stage,
    Tls,
    Tool,
    TrustList,
    Verdict,
    VerdictSeverity,
)

PHONE = "SEP2C31F694FAD9"
HEALTHY_PHONE = "SEP00163E000001"


def stamp(second: int) -> str:
    return f"2026-11-23T12:30:{second:02d}.123456789Z"


def certificate(subject: str) -> Certificate:
    return Certificate(
        subject=subject,
        issuer=subject,
        serial="5aa8fc183aef828d761d3b4f15d38c27",
        sha1="e63def5c9dae34c3ac9a22274fa135fde1ef3b67",
        sha256="ee4813faabd056d2e2114d18189e2aa441101148d4af2f23cf9f29b376dcb8c1",
        not_before="2026-11-21T12:30:22.000000000Z",
        not_after="2031-11-20T12:30:22.000000000Z",
        key="RSA 2048",
        signature_hash="sha256",
        kind=CertificateKind.CAPF,
        problem=None,
    )


def capture(**changes: Any) -> Capture:
    base = Capture(
        id="phone",
        path="phone.pcap",
        role=Role.PHONE,
        role_given=False,
        format="pcap",
        link_types=("EN10MB",),
        packets=12088,
        relevant_packets=80,
        first=stamp(22),
        last=stamp(58),
        clock_offset_s=0.0,
        clock_offset_error_s=0.0,
    )
    return msgspec.structs.replace(base, **changes)


def phone(**changes: Any) -> Phone:
    base = Phone(
        name=PHONE,
        mac="2c:31:f6:94:fa:d9",
        addresses=("10.10.10.50",),
        operation=Operation.UNKNOWN,
        outcome=Outcome.FAILED,
        status_message="LSC: Connection Failed",
        root_cause="itl-capf-mismatch",
        operations=(),
        attempts=2,
        lsc=None,
        trust_list=TrustList(
            file="ITLFile.tlv",
            server="10.122.138.102",
            via="tftp",
            sha256="00" * 32,
            capf_certificate=certificate("CN=CAPF-918a998b"),
        ),
        configuration=Configuration(
            file=f"{PHONE}.cnf.xml.sgn",
            capf_host="10.122.138.102",
            capf_port=3804,
            capf_auth_mode=2,
            encrypted=False,
            problem=None,
        ),
    )
    return msgspec.structs.replace(base, **changes)


def healthy_phone(name: str = HEALTHY_PHONE, **changes: Any) -> Phone:
    return phone(
        name=name,
        addresses=("10.10.10.51",),
        operation=Operation.INSTALL,
        outcome=Outcome.SUCCEEDED,
        status_message=None,
        root_cause=None,
        operations=operations(),
        attempts=1,
        **changes,
    )


def operations() -> tuple[PhoneOperation, ...]:
    """First CAPF reads the certificate that the phone has, then it installs another one."""
    return tuple(
        PhoneOperation(
            flow="f9",
            operation=operation,
            outcome=CapfOutcome.COMPLETE,
            certainty=Certainty.LIKELY,
        )
        for operation in (Operation.FETCH, Operation.INSTALL)
    )


def capf(**changes: Any) -> Capf:
    base = Capf(
        decrypted=False,
        operation=Operation.UNKNOWN,
        outcome=CapfOutcome.UNKNOWN,
        authentication=Authentication.UNKNOWN,
        key=None,
        key_asked_for=None,
        device_name=None,
        session_id=None,
        reason=None,
        issued=None,
        certainty=Certainty.POSSIBLE,
        messages=(),
    )
    return msgspec.structs.replace(base, **changes)


def installation(**changes: Any) -> Flow:
    """The flow of a healthy phone, with the first and the last of its messages."""
    said = (("server", "AUTH_REQUEST", 81), ("server", "END_SESSION", 97))
    messages = tuple(
        CapfMessage(
            sender=sender,
            command=command,
            time=stamp(25),
            frames={"phone": frame, "publisher": frame + 3},
            elements={},
            certainty=Certainty.LIKELY,
        )
        for sender, command, frame in said
    )
    return flow(
        id="f9",
        phone=HEALTHY_PHONE,
        client=Endpoint(address="10.10.10.51", port=49153),
        capf=capf(
            operation=Operation.INSTALL,
            outcome=CapfOutcome.COMPLETE,
            authentication=Authentication.NULL_STRING,
            key="RSA 2048",
            certainty=Certainty.LIKELY,
            messages=messages,
        ),
        **changes,
    )


def flow(**changes: Any) -> Flow:
    base = Flow(
        id="f7",
        service="capf",
        transport="tcp",
        phone=PHONE,
        client=Endpoint(address="10.10.10.50", port=49152),
        server=Endpoint(address="10.122.138.102", port=3804),
        start=stamp(25),
        end=stamp(26),
        seen_at={
            "phone": SeenAt(
                packets_to_server=6,
                packets_to_client=5,
                bytes_to_server=169,
                bytes_to_client=1372,
                history="ShADadFfR",
            )
        },
        path_segments=(),
        reachability=Reachability(to_server=Reach.PASSES, to_client=Reach.PASSES),
        tls=None,
        capf=None,
    )
    return msgspec.structs.replace(base, **changes)


def path_segment() -> PathSegment:
    """Three routers on the way to the publisher."""
    return PathSegment(
        near="phone",
        far="publisher",
        client=None,
        server=None,
        ttl_to_server=(64, 61),
        ttl_to_client=(61, 64),
        mss_to_server=(1460, 1460),
        mss_to_client=(1460, 1460),
    )


def rejected_tls() -> Tls:
    return Tls(
        version="TLS 1.2",
        cipher_suite="TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        established=False,
        server_certificate=certificate("CN=CAPF-ce9d15a3"),
        alerts=(Alert(by="client", level="fatal", description="unknown_ca", frames={"phone": 68}),),
    )


def evidence(frame: int, note: str) -> Evidence:
    return Evidence(
        capture="phone",
        frame=frame,
        time=stamp(25),
        note=note,
        file=None,
        line=None,
        record=None,
    )


def finding(**changes: Any) -> Finding:
    base = Finding(
        code="itl-capf-mismatch",
        stage=Stage.TRUST_LIST,
        severity=Severity.CRITICAL,
        resolved=False,
        title="CAPF presents another certificate than the phone's trust list holds",
        detail=(
            "The phone loaded ITLFile.tlv, whose CAPF record is CN=CAPF-918a998b (SHA-1 "
            "1a0f14bcf7ab4114a8529a68b5eb009f9bd50a98); the server presents CN=CAPF-ce9d15a3 "
            "(SHA-1 e63def5c9dae34c3ac9a22274fa135fde1ef3b67)."
        ),
        remedy=(
            "Restart the TFTP service on every server that runs it, so that the trust list is "
            "built with the new CAPF certificate; then reset the phone."
        ),
        phone=PHONE,
        service="capf",
        flow="f7",
        caused_by=None,
        certainty=Certainty.PROVEN,
        evidence=(
            evidence(44, "the last block of ITLFile.tlv"),
            evidence(66, "server certificate CN=CAPF-ce9d15a3"),
        ),
    )
    return msgspec.structs.replace(base, **changes)


def symptom() -> Finding:
    return finding(
        code="tls-certificate-rejected",
        stage=Stage.TLS,
        title="The phone ended TLS with the fatal alert unknown_ca",
        caused_by="itl-capf-mismatch",
        evidence=(evidence(68, "fatal alert unknown_ca"),),
    )


def fact(**changes: Any) -> Finding:
    return finding(
        **{
            "code": "capture-mid-session",
            "stage": Stage.CAPTURES,
            "severity": Severity.INFO,
            "title": "The capture begins in the middle of one connection",
            "phone": None,
            "flow": None,
            "evidence": (),
            **changes,
        }
    )


def report(**changes: Any) -> Report:
    base = Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="capfpcap", version="0.1.0"),
        verdict=Verdict(
            severity=VerdictSeverity.CRITICAL,
            unjudged=None,
            summary="1 of 2 phones failed: the trust list holds another CAPF certificate",
        ),
        captures=(capture(), capture(id="publisher", path="publisher.pcap", role=Role.PUBLISHER)),
        evidence_files=(),
        phones=(phone(), healthy_phone()),
        flows=(dns_flow(), flow(tls=rejected_tls(), capf=capf()), installation()),
        findings=(finding(), symptom(), fact()),
        notes=(),
    )
    return msgspec.structs.replace(base, **changes)


def dns_flow() -> Flow:
    seen = SeenAt(
        packets_to_server=1,
        packets_to_client=1,
        bytes_to_server=40,
        bytes_to_client=56,
        history="Dd",
    )
    server = Endpoint(address="10.10.10.1", port=53)
    return flow(id="f1", service="dns", transport="udp", server=server, seen_at={"phone": seen})


def storm(phones: int, flows: int) -> Report:
    """A burst in which every second phone fails, with ``flows`` flows over all phones."""
    names = [f"SEP{number:012X}" for number in range(phones)]
    return report(
        phones=tuple(
            phone(name=name) if number % 2 else healthy_phone(name)
            for number, name in enumerate(names)
        ),
        flows=tuple(
            flow(id=f"f{number}", phone=names[number % phones], tls=rejected_tls())
            for number in range(flows)
        ),
        findings=tuple(finding(phone=name) for name in names[1::2]),
    )

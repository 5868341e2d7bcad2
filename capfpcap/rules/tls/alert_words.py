"""What findings on TLS alerts say of them, and the frames that show them."""

from __future__ import annotations

from capf_dissectors.tls import (
    Alert,
    ClientHello,
    alert_name,
    cipher_suite_name,
    is_grease,
    version_name,
)

from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.questions.wording import server_of
from capfpcap.timeline.session import Said
from capfpcap.trust.certificate import CertificateFacts, UnreadableCertificate, read_certificate

NEWER_SERVER = (
    "The phone wants a newer version than the server offers: look what limits it there ('show tls "
    "min-version' has the lowest allowed, the release of CUCM the highest), and whether a proxy in "
    "between answers in its place. Upgrade CUCM, or give the phone a firmware that suits it."
)


def sender(said: Said) -> str:
    """Who sent it."""
    return "phone" if said.from_client else "server"


def other_side(said: Said) -> str:
    """Who received it."""
    return "server" if said.from_client else "phone"


def name_of(said: Said) -> str:
    """The name of an alert in the registry of IANA; a question mark where it is encrypted."""
    assert isinstance(said.message, Alert)
    return alert_name(said.message.description) if said.message.description is not None else "?"


def alert_proofs(found: list[tuple[Progress, Said]]) -> tuple[Proof, ...]:
    """The frames of the last alerts."""
    return tuple(
        proof(progress.sighting, said.row, f"fatal alert {name_of(said)} by the {sender(said)}")
        for progress, said in found[-MAX_EVIDENCE:]
    )


def times(found: list[tuple[Progress, Said]]) -> str:
    """How often, where it was more than once."""
    return f" ({len(found)} times)" if len(found) > 1 else ""


def offered(progress: Progress) -> str:
    """What the ClientHello offers, in words."""
    said = progress.session.client_hello
    if said is None or not isinstance(said.message, ClientHello):
        return "nothing that the capture shows"
    hello = said.message
    suites = [cipher_suite_name(suite) for suite in hello.cipher_suites if not is_grease(suite)]
    shown = ", ".join(suites[:6]) + (f" and {len(suites) - 6} more" if len(suites) > 6 else "")
    return f"up to {version_name(hello.highest_version)} with {shown or 'no cipher suite'}"


def refused_title(case: Case, progress: Progress) -> str:
    """What a server that refuses the phone's certificate, or its having none, is said to do."""
    session, server = progress.session, server_of(case, progress.flow)
    if session.client_certificate is not None and session.client_leaf is None:
        return f"{server} asks for a certificate and the phone has none"
    return f"{server} refuses the phone's certificate"


def client_certificate_in_words(progress: Progress) -> str:
    """Whose certificate the phone presented."""
    leaf = progress.session.client_leaf
    facts = read_certificate(leaf) if leaf is not None else None
    if isinstance(facts, CertificateFacts):
        return f"CN={facts.common_name}, issued by {facts.issuer_common_name}"
    return "none" if facts is None else named(facts)


def named(facts: CertificateFacts | UnreadableCertificate) -> str:
    """A certificate by its common name, or by its hash."""
    if isinstance(facts, UnreadableCertificate):
        return f"unreadable, SHA-1 {facts.sha1}"
    return f"CN={facts.common_name}"

"""CAPF sessions of which keys revealed the messages: what rules ask of them, and their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capf_dissectors.capf_order import Command, command_name

from capfpcap.rules.model.draft import MAX_EVIDENCE, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.timeline.capf import Authentication, CapfSaid, CapfSession, Certainty
from capfpcap.trust.certificate import CertificateFacts, read_certificate
from capfpcap.trust.validity import day

_TELLING = ("reason", "retry_delay", "device_name", "auth_type", "key_size", "curve", "public_key")
"""Elements that evidence repeats."""
_WAYS = {
    Authentication.NULL_STRING: "by null string",
    Authentication.STRING: "by authentication string",
    Authentication.CERTIFICATE: "by certificate",
    Authentication.UNKNOWN: "in a way that is not seen",
}


def who(known: CapfSession, server: str) -> str:
    """The phone as it calls itself, with whom it was in session, and how it authenticated itself.

    The session has the number by which CAPF's trace calls it.
    """
    name = known.device_name or "The phone"
    number = "" if known.session_id is None else f", session {known.session_id}"
    shown = "" if known.presented is None else f", {certificate_words(known.presented)}"
    capf = f"(CAPF at {server}{number})"
    if not any(one.from_client for one in known.messages):
        return f"{name} said nothing before that {capf}"
    return f"{name} authenticates itself {_WAYS[known.authentication]} {capf}{shown}"


def what_was_done(known: CapfSession, server: str) -> str:
    """A session that did what it was for, and in which nothing was there to do it with."""
    nothing = ""
    if known.denied is not None:
        nothing = f" To {known.operation.value} there is nothing: {denial(known.denied)}."
    return f"{who(known, server)}.{nothing}"


def certificate_words(der: bytes) -> str:
    """A certificate by all that tells it from others."""
    facts = read_certificate(der)
    if not isinstance(facts, CertificateFacts):
        return f"a certificate that cannot be read ({facts.reason}), SHA-1 {facts.sha1}"
    return (
        f"{facts.subject}, serial {facts.serial}, issued by {facts.issuer}, {facts.key}, valid "
        f"from {day(facts.not_before)} to {day(facts.not_after)}"
    )


def denial(said: CapfSaid) -> str:
    """A message of the phone with a reason against what it was to do."""
    return f"{command_name(said.command)} has the reason {said.elements.get('reason', 'unknown')}"


def proofs_of(
    progress: Progress, known: CapfSession, commands: Sequence[Command] | None = None
) -> tuple[Proof, ...]:
    """The messages that were read, all or those of some commands, the last ones."""
    said = [one for one in known.messages if commands is None or one.command in commands]
    return tuple(proof(progress.sighting, one.row, _note(one)) for one in said[-MAX_EVIDENCE:])


def _note(said: CapfSaid) -> str:
    sender = "phone" if said.from_client else "CAPF"
    return ", ".join([f"{sender}: {_name(said)}", *_telling(said)])


def _name(said: CapfSaid) -> str:
    name = command_name(said.command)
    return name if said.certainty is Certainty.PROVEN else f"{said.certainty.value} {name}"


def _telling(said: CapfSaid) -> Iterator[str]:
    for name in _TELLING:
        if name in said.elements:
            yield f"{name.replace('_', ' ')} {said.elements[name]}"

"""The marks of sessions drawn at random, over every cipher suite of this machine's OpenSSL."""

from __future__ import annotations

from capfpcap.timeline.capf import CapfSession, Certainty, Hints, guess
from tests.guess.rates import Said, Tally
from tests.timeline.capf_truth import Chance, Truth, session_of, spoken, transports

ROUNDS = 4
"""Sessions over each suite."""


def of_drawn() -> Tally:
    """Installations, fetches, deletions, refusals and broken sessions, however they are written."""
    tally = Tally()
    for number, transport in enumerate(transports()):
        chance = Chance(number)
        for _ in range(ROUNDS):
            truth = chance.any()
            packets = spoken(truth, transport.conversation()).packets
            guessed = guess(session_of(packets), Hints(truth.name_length))
            tally.add(str(transport), _true_of(truth), _told_of(guessed))
    return tally


def _true_of(truth: Truth) -> Said:
    commands = [int(said.command or 0) for said in truth.messages]
    return Said(
        truth.operation.value,
        truth.outcome.value,
        truth.key,
        truth.authentication.value,
        commands,
        [],
        likely=True,
    )


def _told_of(guessed: CapfSession) -> Said:
    return Said(
        guessed.operation.value,
        guessed.outcome.value,
        guessed.key,
        guessed.authentication.value,
        [int(message.command) for message in guessed.messages],
        [message.certainty is Certainty.LIKELY for message in guessed.messages],
        guessed.certainty is Certainty.LIKELY,
    )

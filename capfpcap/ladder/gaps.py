"""Times in which nothing happens: the phone generates its key, or all is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from capf_dissectors.capf_shape import Command

from capfpcap.ladder.model import Gap, GapKind, Layer, Message, Moment
from capfpcap.report import Certainty
from capfpcap.vantage.flow import Flow

SHORTEST_SILENCE = 3_000_000_000
"""Nanoseconds; shorter pauses show as the time since the row before."""
MOST_SILENCES = 1_000
"""Rows of one ladder that tell of silence."""

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_ASKED, _DONE = Command.KEYGEN_REQUEST.name, Command.KEYGEN_RESPONSE.name


def duration(nanoseconds: int) -> str:
    """A time in few words: ``0.8 s``, ``41 s``, ``2 min 5 s``, ``3 h 20 min``."""
    if nanoseconds < 10 * _SECOND:
        return f"{nanoseconds / _SECOND:.1f} s"
    if nanoseconds < 2 * _MINUTE:
        return f"{nanoseconds / _SECOND:.0f} s"
    if nanoseconds < 2 * _HOUR:
        return f"{nanoseconds // _MINUTE} min {nanoseconds % _MINUTE // _SECOND} s"
    return f"{nanoseconds // _HOUR} h {nanoseconds % _HOUR // _MINUTE} min"


def gaps_of(messages: Sequence[Message], flows: Sequence[Flow]) -> list[Gap]:
    """All gaps, in the order of their ends."""
    keys = list(_key_generations(messages, flows))
    quiet = [
        gap for gap in _silences(messages, flows) if not any(_within(gap, key) for key in keys)
    ]
    return sorted([*keys, *quiet[:MOST_SILENCES]], key=lambda gap: gap.ends)


def _within(gap: Gap, key: Gap) -> bool:
    return key.begins <= gap.begins and gap.ends <= key.ends


def _key_generations(messages: Sequence[Message], flows: Sequence[Flow]) -> Iterator[Gap]:
    """From the request for a key to the response, or to the end of a capture that lacks it."""
    asked: dict[str, Message] = {}
    for message in messages:
        if message.layer is not Layer.CAPF:
            continue
        command = message.label.partition(",")[0]
        if command == _ASKED:
            asked[message.flow] = message
        elif command == _DONE and (request := asked.pop(message.flow, None)):
            yield _generation(request, message.time, "key generation, {}", message.certainty)
    for flow in flows:
        waiting = asked.get(flow.id)
        connection = flow.best.conversation.connection
        if waiting is not None and connection is not None and connection.open_at_end:
            end = max(flow.best.watched_until, waiting.time)
            words = "key generation, not over when the capture ends ({})"
            yield _generation(waiting, end, words, waiting.certainty)


def _generation(request: Message, ends: int, words: str, certainty: Certainty | None) -> Gap:
    return Gap(
        kind=GapKind.KEY_GENERATION,
        begins=request.time,
        ends=Moment(ends),
        text=words.format(duration(ends - request.time)),
        flow=request.flow,
        certainty=None if certainty is Certainty.PROVEN else certainty,
    )


def _silences(messages: Sequence[Message], flows: Sequence[Flow]) -> Iterator[Gap]:
    """Where none of the flows has a packet, whether or not that would have a row."""
    times = _packet_times(messages, flows)
    pauses = np.diff(times)
    one = flows[0].id if len(flows) == 1 else None
    for at in np.flatnonzero(pauses >= SHORTEST_SILENCE).tolist():
        yield Gap(
            kind=GapKind.SILENCE,
            begins=Moment(int(times[at])),
            ends=Moment(int(times[at + 1])),
            text=f"no traffic, {duration(int(pauses[at]))}",
            flow=one,
            certainty=None,
        )


def _packet_times(messages: Sequence[Message], flows: Sequence[Flow]) -> npt.NDArray[np.int64]:
    """The times of all packets, wherever they were seen, in order."""
    times = [
        sighting.at.table.columns.time[sighting.conversation.view.rows]
        for flow in flows
        for sighting in flow.sightings
    ]
    times.append(np.array([message.time for message in messages], np.int64))
    return np.sort(np.concatenate(times))

"""Who may say what when: the plugin goes by the table that our own dissectors go by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from capf_dissectors.capf_order import ORDER, TAKE_TIME, Command, Place

from capfpcap.tshark.wishes import Wishes
from fuzz.plaintext import capf_message
from tests.capture.builder import PHONE, SERVER, Packet, ethernet, ipv4, pcap, tcp

from .shown import Row, rows_of

CLEAR = (("tcp.port==13804", "capf"),)
NAMES = ["capf.unexpected", "_ws.expert.message"]
PROGRESS = Command.REQUEST_IN_PROGRESS


class Said(NamedTuple):
    by_server: bool
    command: int
    session: int = 1


def placed(segment: bytes, own: int, other: int) -> bytes:
    """A segment with its sequence and acknowledgement numbers."""
    return segment[:4] + own.to_bytes(4, "big") + other.to_bytes(4, "big") + segment[12:]


def shown(path: Path, sessions: Sequence[Sequence[Said]]) -> list[list[Row]]:
    """What the plugin shows of sessions in the clear, message by message."""
    packets = []
    for number, messages in enumerate(sessions):
        for step, (by_server, command, session) in enumerate(messages):
            ports = (13804, 20000 + number) if by_server else (20000 + number, 13804)
            ends = (SERVER, PHONE) if by_server else (PHONE, SERVER)
            message = capf_message(command, session=session)
            own = len(message) * sum(other.by_server is by_server for other in messages[:step])
            other = len(message) * step - own
            segment = placed(tcp(message, *ports), 1000 + own, 1000 + other)
            packets.append(Packet(ethernet(ipv4(segment, 6, *ends))))
    path.write_bytes(pcap(packets))
    rows = iter(rows_of(Wishes(path, ports=CLEAR), NAMES))
    return [[next(rows) for _ in messages] for messages in sessions]


def test_what_is_out_of_order_is_said_and_how(tmp_path: Path) -> None:
    begun = [Said(True, Command.AUTH_REQUEST), Said(False, Command.AUTH_RESPONSE)]
    within = [Said(False, Command.KEYGEN_RESPONSE), Said(True, Command.STORE_CERT_REQUEST)]
    sessions = {
        "": within,  # a capture may begin here
        "STORE_CERT_REQUEST where": [*begun, Said(True, Command.STORE_CERT_REQUEST)],
        "Session 2 within session 1": [*begun, Said(True, Command.KEYGEN_REQUEST, 2)],
        "comes from the phone": [*begun, Said(False, Command.KEYGEN_REQUEST)],
        "within a session that has begun": [*begun, Said(True, Command.AUTH_REQUEST)],
    }
    rows = shown(tmp_path / "order.pcap", list(sessions.values()))
    for complaint, (*before, last) in zip(sessions, rows, strict=True):
        assert not any(row["capf.unexpected"] for row in before)
        assert bool(last["capf.unexpected"]) == bool(complaint)
        assert any(complaint in said for said in last["_ws.expert.message"]) or not complaint


def ways() -> dict[Place, list[Said]]:
    """Messages that lead to each place of a session."""
    found: dict[Place, list[Said]] = {Place.BEGUN: []}
    waiting = [Place.BEGUN]
    while waiting:
        place = waiting.pop(0)
        for step in ORDER[place]:
            if step.to not in found:
                found[step.to] = [*found[place], Said(not step.from_client, step.command)]
                waiting.append(step.to)
    return found


def attempts() -> Iterator[tuple[Place, list[Said], bool]]:
    """At each place each message of the table, and whether it is in order there."""
    steps = {step.command: step for steps in ORDER.values() for step in steps}
    for place, way in ways().items():
        if place in {Place.BEGUN, Place.KEY_DENIED}:
            continue  # where nothing was said all may be; a key's lack is not looked at
        allowed = {step.command for step in ORDER[place]}
        for command, step in steps.items():
            if command is not Command.AUTH_REQUEST:  # which a later connection may begin with
                said = Said(not step.from_client, command)
                yield place, [*way, said], command in allowed
        yield place, [*way, Said(False, PROGRESS)], place in TAKE_TIME


def test_at_every_place_the_messages_of_the_table_are_in_order_and_no_others(
    tmp_path: Path,
) -> None:
    tried = list(attempts())
    rows = shown(tmp_path / "table.pcap", [messages for _, messages, _ in tried])
    for (place, messages, in_order), (*before, last) in zip(tried, rows, strict=True):
        assert not any(row["capf.unexpected"] for row in before), (place, messages)
        assert bool(last["capf.unexpected"]) != in_order, (place, messages)
    assert sum(in_order for _, _, in_order in tried) > 20

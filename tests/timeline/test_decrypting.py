"""Sessions opened with keys: their plaintext with its holes, and what they reveal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from capf_dissectors.tls import Alert, Certificate, EncryptedHandshake, Finished
from capf_dissectors.tls.decryption import load_rsa_key

from capfpcap.analysis import CaptureInput, Options, analyze, check
from capfpcap.flows.keys import Keys, keys_from
from capfpcap.services import Service
from capfpcap.timeline.conversation import read_conversations
from capfpcap.timeline.decrypted import PlainStream
from capfpcap.timeline.plain_sessions import plain_sessions
from capfpcap.timeline.session import Session
from tests.dissectors.decryption.sessions import TURNS, converse
from tests.dissectors.tls_endpoints import TLS_1_2, TLS_1_3, Conversation, certificate_and_key

from .wire import Datagram, connection, table

CAPTURES = Path(__file__).parents[2] / "captures"
KEYED = sorted((CAPTURES / "decrypted").iterdir())
CLIENT = {True: "phone", False: "server"}


def keys_of(folder: Path) -> Keys:
    log = folder / "keylog.txt"
    return keys_from([(str(log), log.read_bytes())], ())


def sessions_of(folder: Path, keys: Keys) -> dict[str, Session]:
    """The sessions of a recording by the client's address and port."""
    (capture,) = folder.glob("*.pcap*")
    scene = analyze([CaptureInput((str(capture),))], Options(secrets=keys)).scene
    return {
        f"{scene.addresses.text(view.client)}:{view.client_port}": session
        for flow in scene.flows
        if (session := flow.best.conversation.session) is not None
        for view in [session.view]
    }


def told(session: Session, from_client: bool) -> bytes:
    decrypted = session.decrypted
    assert decrypted is not None
    stream = decrypted.client if from_client else decrypted.server
    return b"".join(piece.data for piece in stream.pieces)


@pytest.mark.parametrize("folder", KEYED, ids=lambda folder: folder.name)
def test_what_the_lab_said_is_what_is_read(folder: Path) -> None:
    """The lab's own account of each message: who said it, its length and its hash."""
    sessions = sessions_of(folder, keys_of(folder))
    truth = json.loads((folder / "truth.json").read_text())
    told_of = 0
    for account in truth:
        session = sessions[account["client"]]
        assert session.decrypted is not None
        assert session.decrypted.reason is None
        for from_client, sender in CLIENT.items():
            data = told(session, from_client)
            for message in account["messages"]:
                if message["from"] == sender:
                    said, data = data[: message["length"]], data[message["length"] :]
                    assert hashlib.sha256(said).hexdigest() == message["sha256"]
                    told_of += 1
            assert not data
    assert told_of > 60


def table_of(*conversations: Conversation):
    packets: list[Datagram] = []
    for number, one in enumerate(conversations, 1):
        packets += connection(3804, one.flights, source=f"10.1.1.{number}", closed_by_server=True)
    return table(packets)


def session_in(made, place: int = 0) -> Session:
    session = read_conversations(made, made.views)[place].session
    assert session is not None
    return session


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Conversation, Keys]]:
    """A conversation of each version with its key log."""
    made = {}
    for version in (TLS_1_2, TLS_1_3):
        conversation = Conversation(version, "ALL", client_certificate=True)
        log = converse(conversation, tmp_path_factory.mktemp("log")).log
        made[version.name] = conversation, keys_from([("log", log)], ())
    return made


def test_what_keys_reveal_takes_the_place_of_what_stood_for_it(spoken) -> None:
    for name, (conversation, keys) in spoken.items():
        made = table_of(conversation)
        made.keys = keys
        session = session_in(made)
        kinds = [type(said.message) for said in session.said]
        assert EncryptedHandshake not in kinds
        assert kinds.count(Finished) == 2
        assert [said.message.close_notify for said in session.alerts] == [True], name
        assert kinds.count(Certificate) == 2
        assert session.server_leaf == session.client_leaf == certificate_and_key("rsa")[1]
        assert session.handshake_complete


def test_records_of_application_data_are_those_and_their_sizes_exact(spoken) -> None:
    for conversation, keys in spoken.values():
        made = table_of(conversation)
        made.keys = keys
        session = session_in(made)
        said = [(one.from_client, one.smallest, one.largest) for one in session.application_records]
        assert said == [(side, len(data), len(data)) for side, data in TURNS]
        stream = session.decrypted.server
        assert stream.records == [0, 2, 4]
        assert [stream.record_completing(end) for end in stream.ends] == stream.records
        rows = [session.application_records[number].row for number in stream.records]
        assert stream.rows == rows


def test_without_keys_there_is_nothing_and_with_those_of_others_a_reason(spoken) -> None:
    conversation, _ = spoken["TLSv1_2"]
    made = table_of(conversation)
    assert session_in(made).decrypted is None
    made.keys = spoken["TLSv1_3"][1]
    decrypted = session_in(made).decrypted
    assert (decrypted.readable, decrypted.has_secret) == (False, False)
    assert decrypted.reason == "no secret given is for it"
    assert any(isinstance(said.message, Alert) for said in session_in(made).said)


def test_only_sessions_with_a_secret_leave_the_short_way(spoken, tmp_path: Path) -> None:
    others = [Conversation(TLS_1_2, "AES128-GCM-SHA256").handshake() for _ in range(3)]
    for other in others:
        other.say(False, 16)
    mine = Conversation(TLS_1_2, "AES128-GCM-SHA256")
    log = converse(mine, tmp_path).log
    made = table_of(others[0], mine, *others[1:])
    short = set(plain_sessions(made, made.views))
    assert len(short) > 1, "one in a hundred is no plain session, by what its ciphertext looks like"
    made.keys = keys_from([("log", log)], ())
    left = plain_sessions(made, made.views)
    assert set(left) == short - {made.views[1].start}
    assert all(not session.decrypted.has_secret for session in left.values())
    made.keys = keys_from((), [load_rsa_key(certificate_and_key("rsa")[2])])
    assert not plain_sessions(made, made.views)


def test_a_session_that_is_resumed_is_opened_by_the_key_of_the_first(tmp_path: Path) -> None:
    first = Conversation(TLS_1_2, "AES128-GCM-SHA256")
    converse(first, tmp_path)
    second = Conversation(TLS_1_2, "AES128-GCM-SHA256")
    second.client = first.client.context.wrap_bio(
        second._to_client, second._from_client, session=first.client.session
    )
    second.server = first.server.context.wrap_bio(
        second._to_server, second._from_server, server_side=True
    )
    converse(second, tmp_path)
    assert second.client.session_reused
    again = [
        Datagram(**{**vars(one), "source_port": 50001})
        if one.source_port == 50000
        else Datagram(**{**vars(one), "destination_port": 50001})
        for one in connection(3804, second.flights)
    ]
    key = keys_from((), [load_rsa_key(certificate_and_key("rsa")[2])])
    made = table([*connection(3804, first.flights), *again])
    made.keys = key
    whole, resumed = (one.session for one in read_conversations(made, made.views))
    assert whole.decrypted.readable
    assert resumed.decrypted.complete
    alone = table(again)
    alone.keys = key
    assert "resumed began outside of the capture" in session_in(alone).decrypted.reason


def test_a_hole_in_the_capture_is_a_hole_in_the_plaintext(spoken) -> None:
    conversation, keys = spoken["TLSv1_2"]
    packets = connection(3804, conversation.flights, closed_by_server=True)
    sizes = [len(one.payload) for one in packets]
    lost = max(range(6, len(packets)), key=sizes.__getitem__)
    made = table([one for at, one in enumerate(packets) if at != lost])
    made.keys = keys
    stream = session_in(made).decrypted.server
    assert [piece.data for piece in stream.pieces] == [TURNS[0][1], TURNS[4][1]]
    first, second = stream.pieces
    assert second.offset > first.end


def test_plain_streams_of_nothing_have_nothing() -> None:
    assert PlainStream().pieces == []
    assert PlainStream().length == 0


def test_reports_in_batches_are_the_same_with_keys() -> None:
    folder = CAPTURES / "decrypted" / "tls12-rsa-aes128-gcm"
    inputs = [CaptureInput((str(folder / "publisher.pcap"),))]
    one_secret = keys_of(folder)
    options = Options(secrets=one_secret)
    assert check(inputs, options) == analyze(inputs, options).report


def test_services_of_call_processing_are_opened_as_well(spoken) -> None:
    conversation, keys = spoken["TLSv1_3"]
    made = table(connection(5061, conversation.flights))
    made.keys = keys
    session = session_in(made)
    assert session.view.service is Service.SIP_TLS
    assert session.client_leaf == certificate_and_key("rsa")[1]


@pytest.mark.parametrize("label", ["CLIENT_TRAFFIC", "SERVER_TRAFFIC", "TRAFFIC_SECRET_0"])
def test_half_of_a_dialogue_is_left_closed(spoken, label: str) -> None:
    """What one side says misleads who cannot read the other; sizes tell more."""
    conversation, keys = spoken["TLSv1_3"]
    (whole,) = keys.secrets.logs
    lines = [line for line in whole._data.splitlines() if label.encode() not in line]
    made = table_of(conversation)
    made.keys = keys_from([("log", b"\n".join(lines))], ())
    session = session_in(made)
    assert not session.readable
    assert session.decrypted.reason == "the key log lacks a part of the secrets"
    assert session.certificate_hidden


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"\x00\x9c\x00", b"\x00\x07\x00", "TLS_RSA_WITH_IDEA_CBC_SHA cannot be decrypted"),
        (b"\x03\x03", b"\x03\x00", "SSL 3.0 cannot be decrypted"),
    ],
)
def test_what_cannot_be_decrypted_is_named(
    tmp_path: Path, old: bytes, new: bytes, reason: str
) -> None:
    conversation = Conversation(TLS_1_2, "AES128-GCM-SHA256")
    log = converse(conversation, tmp_path).log
    (side, hello), *rest = conversation.flights[1:]
    hello = hello[:9] + hello[9:].replace(old, new, 1)
    conversation.flights[1:] = [(side, hello), *rest]
    made = table_of(conversation)
    made.keys = keys_from([("log", log)], ())
    session = session_in(made)
    assert (session.readable, session.decrypted.reason) == (False, reason)

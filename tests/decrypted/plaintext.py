"""The plaintext of the lab's recordings, as we open it, and as tshark does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from capf_dissectors.tls import ContentType
from capf_dissectors.tls.decryption import KeyLog, Secrets, Side, decrypt, load_rsa_key

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.timeline.session import Session
from capfpcap.tshark.folder import private_folder
from capfpcap.tshark.process import run
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.secrets import Secrets as TsharkSecrets
from capfpcap.tshark.wishes import Wishes, arguments

CAPF_PORT = 3804
_SERVERS = (str(CAPF_PORT), "2445")


class Spoken(NamedTuple):
    """What both sides of a session wrote into TLS."""

    phone: bytes
    server: bytes


@cache
def sessions_of(capture: Path) -> Mapping[str, Session]:
    """Each TLS session by its client's address and port, in the order of their SYNs."""
    analysis = analyze([CaptureInput((str(capture),))])
    sessions = {
        f"{told.client.address}:{told.client.port}": flow.best.conversation.session
        for told, flow in zip(analysis.report.flows, analysis.scene.flows, strict=True)
    }
    return {client: session for client, session in sessions.items() if session is not None}


def key_log_of(folder: Path) -> bytes:
    """The secrets that lie beside the captures."""
    return (folder / "keylog.txt").read_bytes()


def rsa_key_of(folder: Path) -> bytes:
    """CAPF's own key."""
    return (folder / "server-key.pem").read_bytes()


@cache
def ours(capture: Path, *, by_rsa: bool = False) -> Mapping[str, Spoken]:
    """What we open with the key log beside a capture, or with CAPF's own RSA key."""
    folder = capture.parent
    if by_rsa:
        secrets = Secrets(keys=[load_rsa_key(rsa_key_of(folder))])
    else:
        secrets = Secrets([KeyLog(key_log_of(folder))])
    return {
        client: _opened(session, secrets)
        for client, session in sessions_of(capture).items()
        if not by_rsa or session.view.server_port == CAPF_PORT
    }


def _opened(session: Session, secrets: Secrets) -> Spoken:
    client = Side(session.client_tls, session.client_stream.pieces)
    server = Side(session.server_tls, session.server_stream.pieces)
    opened = decrypt(client, server, secrets)
    assert opened.reason is None, opened
    phone, service = (
        b"".join(one.data for one in side if one.content_type == ContentType.APPLICATION_DATA)
        for side in (opened.client, opened.server)
    )
    return Spoken(phone, service)


@cache
def tsharks(capture: Path, *, by_rsa: bool = False) -> Mapping[str, Spoken]:
    """What tshark opens, in one run of it; captures hold nothing but these sessions."""
    folder = capture.parent
    if by_rsa:
        secrets = TsharkSecrets(rsa_keys=(rsa_key_of(folder),))
    else:
        secrets = TsharkSecrets(key_logs=(key_log_of(folder),))
    wishes = Wishes(
        capture,
        secrets,
        ports=tuple((f"tcp.port=={port}", "tls") for port in _SERVERS),
        with_plugin=False,
    )
    with private_folder(secrets) as private:
        program = find_tshark()
        command = [program.path, *arguments(wishes, program), "-q", "-r", str(capture)]
        for number in range(len(sessions_of(capture))):
            command += ["-z", f"follow,tls,raw,{number}"]
        output = run(command, private)
    clients = list(sessions_of(capture))
    return {clients[number]: said for number, said in _followed(output.decode())}


def _followed(output: str) -> Iterator[tuple[int, Spoken]]:
    """Read ``follow,tls,raw``: lines in hex, those of the second node behind a tab.

    The first node is whose application data came first.
    """
    for block in output.split("Follow: tls,raw")[1:]:
        selected, node, _, *lines = block.strip().splitlines()
        said: defaultdict[bool, bytes] = defaultdict(bytes)
        for line in lines:
            if not line.startswith("="):
                said[line.startswith("\t")] += bytes.fromhex(line)
        server_first = node.rpartition(":")[2] in _SERVERS
        spoken = Spoken(said[server_first], said[not server_first])
        yield int(selected.removeprefix("Filter: tcp.stream eq ")), spoken

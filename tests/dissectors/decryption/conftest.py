"""Sessions that several modules read."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.dissectors.tls_endpoints import (
    TLS_1_0,
    TLS_1_1,
    TLS_1_2,
    TLS_1_3,
    Conversation,
)

from .sessions import Session, converse, programs

_MATRIX = [
    (TLS_1_0, "AES128-SHA", "rsa"),
    (TLS_1_0, "ECDHE-RSA-AES256-SHA", "rsa"),
    (TLS_1_0, "NULL-SHA", "rsa"),
    (TLS_1_0, "NULL-MD5", "rsa"),
    (TLS_1_1, "AES256-SHA", "rsa"),
    (TLS_1_2, "AES128-SHA", "rsa"),
    (TLS_1_2, "AES128-SHA256", "rsa"),
    (TLS_1_2, "AES256-SHA256", "rsa"),
    (TLS_1_2, "ECDHE-RSA-AES256-SHA384", "rsa"),
    (TLS_1_2, "ECDHE-ECDSA-AES128-SHA256", "ec"),
    (TLS_1_2, "NULL-SHA256", "rsa"),
    (TLS_1_2, "AES128-GCM-SHA256", "rsa"),
    (TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384", "rsa"),
    (TLS_1_2, "AES256-CCM", "rsa"),
    (TLS_1_2, "ECDHE-ECDSA-AES128-CCM8", "ec"),
    (TLS_1_2, "ECDHE-RSA-CHACHA20-POLY1305", "rsa"),
    (TLS_1_3, "ALL", "rsa"),
    (TLS_1_3, "ALL", "ec"),
]


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> list[Session]:
    """A session of each version and cipher, of CBC with and without encrypt-then-MAC."""
    folder = tmp_path_factory.mktemp("logs")
    sessions = []
    for version, cipher, algorithm in _MATRIX:
        aead = version is TLS_1_3 or any(kind in cipher for kind in ("GCM", "CCM", "POLY", "NULL"))
        for encrypt_then_mac in (True,) if aead else (True, False):
            conversation = Conversation(
                version,
                cipher,
                algorithm=algorithm,
                client_certificate=True,
                encrypt_then_mac=encrypt_then_mac,
            )
            name = f"{version.name} {cipher} {algorithm}" + " etm" * (encrypt_then_mac and not aead)
            sessions.append(converse(conversation, folder, name))
    return sessions


@pytest.fixture(scope="session")
def retried(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """TLS 1.3 in which the server asks for another key share."""
    conversation = Conversation(TLS_1_3)
    context: ssl.SSLContext = conversation.server.context
    context.set_ecdh_curve("secp384r1")
    return converse(conversation, tmp_path_factory.mktemp("log"), "HelloRetryRequest")


@pytest.fixture(scope="session")
def driven(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    """Sessions of OpenSSL's own programs, which do what the standard library cannot ask for."""
    folder = tmp_path_factory.mktemp("programs")
    again = [(True, b"before\n"), (True, b"R\n"), (True, b"behind\n"), (False, b"answer\n")]
    sessions: dict[str, Session] = {}
    suites = "AES128-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
    with programs(folder, "-tls1_2", "-client_renegotiation", "-cipher", suites) as started:
        for name, suite in zip(("rsa again", "ecdhe again"), suites.split(":"), strict=True):
            sessions[name] = started.session(name, again, "-tls1_2", "-cipher", suite)
    updates = [(True, b"before\n"), (True, b"K\n"), (True, b"behind\n"), (False, b"answer\n")]
    updates += [(True, b"k\n"), (True, b"more\n")]
    ticket, early = str(folder / "ticket"), folder / "early"
    early.write_bytes(b"early bird\n")
    with programs(folder, "-tls1_3", "-early_data", "-no_anti_replay") as started:
        sessions["updated"] = started.session("updated", updates, "-tls1_3", "-sess_out", ticket)
        options = ("-tls1_3", "-sess_in", ticket, "-early_data", str(early))
        sessions["early"] = started.session("early", [(True, b"late\n")], *options)
    return sessions


@pytest.fixture(scope="session")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("more-logs")

"""Sessions that several modules read."""

from __future__ import annotations

import pytest

from .tls_endpoints import TLS_1_2, Conversation


@pytest.fixture(scope="module")
def rsa_session():
    conversation = Conversation(TLS_1_2, "AES128-GCM-SHA256").handshake()
    conversation.say(False, 16)
    conversation.say(True, 39)
    conversation.close()
    return conversation

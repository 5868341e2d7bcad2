"""One session, of whatever version."""

from __future__ import annotations

from collections.abc import Mapping

from capf_dissectors.tls.decryption import tls13, until_tls12
from capf_dissectors.tls.decryption.model import Decryption, Reason, Side
from capf_dissectors.tls.decryption.secrets import Secrets
from capf_dissectors.tls.messages import ClientHello, ServerHello


def decrypt(
    client: Side, server: Side, secrets: Secrets, resumable: Mapping[bytes, bytes] | None = None
) -> Decryption:
    """Open what the secrets open.

    ``resumable`` has the master secrets of other sessions by session id and ticket, as
    :attr:`Decryption.masters` tells them.
    """
    client_hello = next((one for one in client.tls.messages if isinstance(one, ClientHello)), None)
    server_hello = next(
        (
            one
            for one in server.tls.messages
            if isinstance(one, ServerHello) and not one.hello_retry_request
        ),
        None,
    )
    if client_hello is None or server_hello is None:
        return Decryption(reason=Reason.NO_HELLO)
    if server_hello.tls13:
        return tls13.decrypt(client, server, (client_hello, server_hello), secrets)
    return until_tls12.decrypt(client, server, secrets, resumable or {})

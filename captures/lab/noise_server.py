"""The subscriber: services that have nothing to do with enrolment, and who watches over CAPF."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time

from captures.lab.knob_base import Tls
from captures.lab.one_answer import serve_one_answer
from captures.lab.plan import Plan, from_arguments
from captures.lab.tls import server_context

HTTPS_PORT = 443
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n" + b"x" * 6000
PROBE_SECONDS = 3.0


def main() -> None:
    """Serve until the process is ended."""
    plan = from_arguments()
    if plan.record.noise.probe_seconds:
        threading.Thread(target=_probe_capf, args=(plan,), daemon=True).start()
    context = server_context(Tls(minimum="1.2", maximum="1.3"), plan.identities, "tvs", None)
    serve_one_answer(context, HTTPS_PORT, PAGE)


def _probe_capf(plan: Plan) -> None:
    """See as monitoring does, at even distances, whether CAPF sets up TLS; hear nothing it says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    following = time.monotonic()
    while True:
        with contextlib.suppress(OSError):
            raw = socket.create_connection((plan.publisher, plan.record.capf.port), PROBE_SECONDS)
            with context.wrap_socket(raw) as channel:
                channel.settimeout(PROBE_SECONDS)
                channel.unwrap()
        following += plan.record.noise.probe_seconds
        time.sleep(max(0.0, following - time.monotonic()))


if __name__ == "__main__":
    main()

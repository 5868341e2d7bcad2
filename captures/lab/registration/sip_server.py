"""SIP over TLS on the publisher: it asks for the phone's certificate and answers REGISTER."""

from __future__ import annotations

import ssl

from captures.lab import pki
from captures.lab.one_answer import serve_one_answer
from captures.lab.plan import from_arguments
from captures.lab.tls import server_context

PORT = 5061
OK = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"


def main() -> None:
    """Serve until the process is ended; trusts the certificates that CAPF issues."""
    plan = from_arguments()
    settings = plan.record.sip
    context = server_context(settings.tls, plan.identities, "callmanager", None)
    context.verify_mode = ssl.CERT_REQUIRED
    for name in settings.trusts:
        context.load_verify_locations(cadata=pki.read(plan.identities, name).der)
    serve_one_answer(context, PORT, OK)


if __name__ == "__main__":
    main()

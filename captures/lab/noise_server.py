"""The subscriber: services that have nothing to do with enrolment, on TLS 443 and UDP."""

from __future__ import annotations

from captures.lab.knobs import Tls
from captures.lab.one_answer import serve_one_answer
from captures.lab.plan import from_arguments
from captures.lab.tls import server_context

HTTPS_PORT = 443
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n" + b"x" * 6000


def main() -> None:
    """Serve until the process is ended."""
    plan = from_arguments()
    context = server_context(Tls(minimum="1.2", maximum="1.3"), plan.identities, "tvs", None)
    serve_one_answer(context, HTTPS_PORT, PAGE)


if __name__ == "__main__":
    main()

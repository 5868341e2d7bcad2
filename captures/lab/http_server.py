"""The TFTP service's HTTP side: the same files on port 6970."""

from __future__ import annotations

import http.server
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from captures.lab.plan import Plan, from_arguments
from captures.lab.processes import READY

PORT = 6970


def handler_of(plan: Plan) -> type[http.server.BaseHTTPRequestHandler]:
    """The request handler for the files of one plan."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "TFTP"
        sys_version = ""

        def do_GET(self) -> None:
            name = unquote(urlsplit(self.path).path).rpartition("/")[2]
            status, body = answer(plan, name)
            kind = "text/html" if plan.record.files.web_page else "application/octet-stream"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            print(format % arguments, flush=True)

    return Handler


def answer(plan: Plan, name: str) -> tuple[HTTPStatus, bytes]:
    """The status and body for a file name."""
    if plan.record.files.web_page:
        return HTTPStatus.OK, plan.record.files.web_page.encode()
    if any(name.startswith(each) for each in plan.record.files.http_unavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE, b""
    path = plan.root / name
    if not path.is_file() or any(name.startswith(e) for e in plan.record.files.http_missing):
        return HTTPStatus.NOT_FOUND, b""
    return HTTPStatus.OK, path.read_bytes()


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("", PORT), handler_of(from_arguments()))
    print(READY, flush=True)
    server.serve_forever()

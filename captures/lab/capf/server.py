"""A CAPF service: TLS by OpenSSL, the server speaks first, every certificate is really issued."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time

from captures.lab import pki
from captures.lab.capf.conversation import Conversation, Stopped, serial_of
from captures.lab.capf.knobs import Task
from captures.lab.capf.truth import Tapped, tell
from captures.lab.plan import Plan, from_arguments
from captures.lab.processes import READY
from captures.lab.tls import alert_and_reset, close_politely, reset, server_context

SILENCE_SECONDS = 3600.0
SESSION_SECONDS = 300.0
DEFAULT_MODEL = "CP-8861"
PLAIN_GREETING = b"220 print spooler ready\r\n"


class CapfServer:
    """Answers every connection as ``[record.capf]`` says."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.settings = plan.record.capf
        self._tasks = {
            phone.address.partition("/")[0]: phone.task
            for phone in plan.record.phones
            if phone.task
        }
        self._models = {phone.name: phone.model for phone in plan.record.phones}
        self._identity = pki.read(plan.identities, self.settings.certificate)
        key_log = plan.key_log if self.settings.log_keys else None
        self._context = server_context(
            self.settings.tls, plan.identities, self.settings.certificate, key_log
        )
        if self.settings.alert is not None:
            self._context.sni_callback = self._alert
        self._sessions = itertools.count(1)
        self._connections = itertools.count(1)

    def issue(self, public_key: bytes, device: str) -> bytes:
        """Sign a phone's key; returns the certificate in DER."""
        model = self._models.get(device, DEFAULT_MODEL)
        return pki.issue_lsc(self._identity, public_key, device, model)

    def serve(self) -> None:
        """Listen on both address families until the process is ended."""
        listener = socket.create_server(
            ("::", self.settings.port),
            family=socket.AF_INET6,
            dualstack_ipv6=True,
            backlog=self.settings.backlog,
        )
        print(READY, flush=True)
        for number in itertools.count(1):
            connection, _ = listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()
            if number == self.settings.pauses_after:
                time.sleep(self.settings.pause_seconds)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(SESSION_SECONDS)
        if next(self._connections) <= self.settings.fails_first:
            reset(connection)
        elif self.settings.speaks == "nothing":
            time.sleep(SILENCE_SECONDS)
        elif self.settings.speaks == "plain":
            connection.sendall(PLAIN_GREETING)
            connection.recv(4096)
            connection.close()
        else:
            with contextlib.suppress(OSError, ValueError):
                self._session(self._context.wrap_socket(connection, server_side=True))

    def _alert(self, _connection: object, _name: str | None, _context: object) -> int | None:
        """Called by OpenSSL at the ClientHello: the fatal alert to answer with."""
        return self.settings.alert

    def _session(self, connection: ssl.SSLSocket) -> None:
        host, port = connection.getpeername()[:2]
        address = host.removeprefix("::ffff:")
        task = self._tasks.get(address, self.settings)
        tapped = Tapped(connection)
        conversation = Conversation(self, tapped, next(self._sessions), task)
        try:
            conversation.run()
        except Stopped:
            self._stop(connection)
        except (OSError, ValueError):
            close_politely(connection)
        else:
            ends = {"close": close_politely, "alert-and-reset": alert_and_reset}
            ends[self.settings.ending](connection)
        if self.settings.tells_truth:
            self._tell(task, conversation, tapped, f"{address}:{port}")

    def _tell(self, task: Task, said: Conversation, tapped: Tapped, client: str) -> None:
        operations = [task.operation, *task.then]
        key = f"{task.key}-{task.key_size}" if "install" in operations else None
        tell(
            self.plan.truth("capf"),
            {
                "client": client,
                "service": "capf",
                "phone": said.device,
                "operations": operations,
                "key": key,
                "authentication": task.authentication,
                "issued": [serial_of(der) for der in said.issued],
                "messages": tapped.messages("capf"),
            },
        )

    def _stop(self, connection: ssl.SSLSocket) -> None:
        if self.settings.stops_by == "silence":
            time.sleep(SILENCE_SECONDS)
        elif self.settings.stops_by == "reset":
            reset(connection)
        else:
            close_politely(connection)


if __name__ == "__main__":
    CapfServer(from_arguments()).serve()

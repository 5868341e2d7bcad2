"""A phone: it boots, fetches its files, and enrols with CAPF as its configuration asks."""

from __future__ import annotations

import itertools
import socket
import ssl
import struct
import threading
import time
from pathlib import Path

from cryptography.exceptions import InvalidSignature

from captures.lab import pki
from captures.lab.capf.client import CapfClient, Outcome
from captures.lab.fetching import NoAnswer, NotServed, fetch_by_http, fetch_by_tftp, resolve
from captures.lab.knobs import Phone
from captures.lab.plan import Plan, from_arguments
from captures.lab.registration import alarms
from captures.lab.tls import client_context, close_politely, refuse_in_silence
from captures.lab.trust_rows import Function
from captures.lab.trust_store import Configuration, TrustStore, read_configuration, split_header
from captures.lab.tvs_messages import Command, Element, encode, receive

TVS_PORT = 2445
TVS_TRIES = 2
TVS_VALID = b"\0"
REBOOT_SECONDS = 2.0
SIP_TLS_PORT = 5061
REGISTER = (
    "REGISTER sips:cucm-pub.lab.example SIP/2.0\r\n"
    "User-Agent: Cisco-CP8861/14.2.1\r\n"
    "Contact: <sips:{name}>\r\n"
    "Content-Length: 0\r\n\r\n"
)


class PhoneMachine:
    """One phone of the plan."""

    def __init__(self, plan: Plan, phone: Phone) -> None:
        self._plan = plan
        self._phone = phone
        self._dns = plan.record.network.dns.address.partition("/")[0]
        self._key_log = plan.key_log if phone.key_log else None
        self._lsc: pki.Identity | None = None
        self._itl: bytes | None = None

    def run(self) -> None:
        """Start, enrol, and start again where the scenario asks for it."""
        time.sleep(self._phone.starts_at)
        self._start()
        if self._phone.starts_again_after:
            time.sleep(self._phone.starts_again_after)
            self._start()
        time.sleep(self._phone.waits_after)

    def _start(self) -> None:
        try:
            enrolled = self._boot()
            if enrolled and self._phone.reboots:
                time.sleep(REBOOT_SECONDS)
                self._fetch_files()
        except NoAnswer as error:
            self._say(f"gave up: {error}")

    def _say(self, text: str) -> None:
        print(f"{time.time():.3f} {self._phone.name} {text}", flush=True)

    def _boot(self) -> bool:
        store, configuration = self._fetch_files()
        for _ in range(self._phone.loads_again):
            time.sleep(self._phone.loads_again_seconds)
            self._fetch_files()
        time.sleep(self._phone.enrols_after)
        enrolled = self._maybe_enrol(store, configuration)
        if self._phone.sends_alarm != "no":
            self._send_alarm()
        if self._phone.registers_with:
            self._register(store)
        return enrolled

    def _maybe_enrol(self, store: TrustStore | None, configuration: Configuration | None) -> bool:
        if configuration is None or configuration.auth_mode == 0 or not self._phone.connects:
            return False
        anchor = store.certificate(Function.CAPF) if store else None
        if store is None or anchor is None:
            self._say("No valid CAPF server")
            return False
        if self._phone.asks_tvs != "no" and not self._ask_tvs(configuration, store):
            return False
        return self._enrol(configuration, anchor)

    def _fetch_files(self) -> tuple[TrustStore | None, Configuration | None]:
        host = self._phone.tftp_host or self._plan.publisher
        servers = resolve(self._phone, self._dns, host)[:1]
        if self._phone.tftp_backup:
            servers.append(self._phone.tftp_backup)
        store = self._fetch_trust_list(servers)
        plain = f"{self._phone.name}.cnf.xml"
        signed = self._fetch(servers, f"{plain}.sgn") if store else None
        if signed is not None:
            return store, read_configuration(split_header(signed)[1].decode())
        file = self._fetch(servers, plain)
        if file is None:
            self._fetch(servers, f"XMLDefault.cnf.xml{'.sgn' if store else ''}")
            return store, None
        return store, read_configuration(file.decode())

    def _fetch_trust_list(self, servers: list[str]) -> TrustStore | None:
        """CTLSEP, then the phone's own ITL, then everybody's.

        The last one loaded counts, but for one that names no CAPF server beside one that does.
        """
        name = self._phone.name
        store = None
        for file in (f"CTL{name}.tlv", f"ITL{name}.tlv", "ITLFile.tlv"):
            data = self._fetch(servers, file)
            loaded = self._load(data)
            if loaded and file.startswith("I"):
                self._itl = data
            if loaded and (store is None or loaded.certificate(Function.CAPF)):
                store = loaded
            if loaded and file.startswith("ITL") and not self._phone.loads_every_list:
                break
        return store

    def _load(self, data: bytes | None) -> TrustStore | None:
        try:
            return TrustStore(self._plan, data) if data else None
        except (struct.error, LookupError, ValueError, InvalidSignature) as error:
            self._say(f"trust list: {error!r}")
            return None

    def _fetch(self, servers: list[str], name: str) -> bytes | None:
        """Ask each server in each way until one delivers."""
        ways = [fetch_by_tftp]
        if self._phone.fetches_by == "http":
            ways.insert(0, fetch_by_http)
        for server, way in itertools.product(servers, ways):
            try:
                data = way(self._phone, server, name)
            except (NotServed, NoAnswer) as error:
                self._say(str(error))
            else:
                self._say(f"{name}: {len(data)} octets")
                return data
        return None

    def _ask_tvs(self, configuration: Configuration, store: TrustStore) -> bool:
        for attempt in range(TVS_TRIES):
            if attempt:
                time.sleep(self._phone.retry_seconds)
            try:
                return self._ask_tvs_once(configuration, store)
            except (OSError, NoAnswer) as error:
                self._say(f"TVS: {error}")
        return False

    def _ask_tvs_once(self, configuration: Configuration, store: TrustStore) -> bool:
        host = self._phone.own_tvs_host or configuration.tvs_host
        server = resolve(self._phone, self._dns, host)[0]
        channel = self._open(server, TVS_PORT, store.certificate(Function.TVS))
        elements = {Element.DEVICE_NAME: b"\x01" + self._phone.name.encode()}
        if self._phone.asks_tvs == "verify":
            elements[Element.CERTIFICATE] = pki.read(self._plan.identities, "callmanager").der
            command = Command.VERIFY_REQUEST
        else:
            elements[Element.SUBJECT] = store.signer_name
            elements[Element.SERIAL] = store.signer_serial
            command = Command.QUERY_REQUEST
        channel.sendall(encode(command, 0, elements))
        _, answer = receive(channel)
        close_politely(channel)
        return answer[Element.STATUS] == TVS_VALID

    def _enrol(self, configuration: Configuration, anchor: bytes) -> bool:
        for attempt in range(self._phone.attempts):
            if attempt:
                time.sleep(self._phone.retry_seconds)
            try:
                host = self._phone.own_capf_host or configuration.capf_host
                servers = resolve(self._phone, self._dns, host)
            except NoAnswer as error:
                self._say(f"CAPF: {error}")
                continue
            for server in servers:
                outcome = self._attempt(server, configuration.capf_port, anchor)
                self._say(f"CAPF at {server}: {outcome.value}")
                if outcome is not Outcome.FAILED:
                    return outcome is Outcome.DONE
        self._say("LSC: Connection Failed")
        return False

    def _register(self, store: TrustStore | None) -> None:
        """Open SIP over TLS with the phone's own certificate and send a REGISTER."""
        anchor = store.certificate(Function.CCM_TFTP) if store else None
        chain = self._plan.identities / f"{self._phone.name}.pem"
        if self._phone.registers_with != "lsc":
            chain.write_bytes(pki.read(self._plan.identities, self._phone.registers_with).pem)
        elif self._lsc is not None:
            chain.write_bytes(self._lsc.pem)
        try:
            channel = self._open(self._plan.publisher, SIP_TLS_PORT, anchor, chain)
            channel.sendall(REGISTER.format(name=self._phone.name).encode())
            self._say(f"SIP: {channel.recv(4096)!r}")
            close_politely(channel)
        except OSError as error:
            self._say(f"SIP: {error}")

    def _send_alarm(self) -> None:
        """Tell the publisher, in the clear, which list is held."""
        held = self._itl
        if self._phone.holds_former_list and held is not None:
            held = held[: len(held) // 2]
        publisher, transport = self._plan.publisher, self._phone.sends_alarm
        kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
        text = alarms.alarm(self._phone, alarms.signature(held), alarms.NOT_INSTALLED, publisher)
        with socket.socket(socket.AF_INET, kind) as channel:
            channel.settimeout(self._phone.answer_seconds)
            channel.connect((publisher, alarms.PORT))
            port = channel.getsockname()[1]
            channel.sendall(alarms.refer(self._phone, publisher, port, transport, text))
            self._say(f"alarm: {channel.recv(4096)!r}")

    def _attempt(self, server: str, port: int, anchor: bytes) -> Outcome:
        try:
            channel = self._open(server, port, anchor)
        except (OSError, ValueError) as error:
            self._say(f"CAPF at {server}: {error}")
            return Outcome.FAILED
        client = CapfClient(self._plan, self._phone, channel)
        try:
            return client.run()
        except (OSError, ValueError) as error:
            self._say(f"CAPF at {server}: {error}")
            return Outcome.FAILED
        finally:
            self._lsc = client.lsc or self._lsc
            close_politely(channel)

    def _open(
        self, server: str, port: int, anchor: bytes | None, chain: Path | None = None
    ) -> ssl.SSLSocket:
        """Connect and shake hands, trusting ``anchor`` alone, with a certificate of its own."""
        phone = self._phone
        own = phone.address6 if ":" in server else phone.address
        source = (own.partition("/")[0], 0)
        connection = socket.create_connection((server, port), phone.connect_seconds, source)
        connection.settimeout(phone.answer_seconds)
        context = client_context(
            phone.tls, anchor, any_date=phone.accepts_any_date, key_log=self._key_log
        )
        if chain is not None:
            context.load_cert_chain(chain)
        try:
            if not phone.says_why:
                refuse_in_silence(context, connection)
            if phone.looks_late:
                context.verify_mode = ssl.CERT_NONE
            channel = context.wrap_socket(connection)
            if phone.looks_late and channel.getpeercert(binary_form=True) != anchor:
                close_politely(channel)
                raise ValueError("the certificate is not the one of the trust list")
            return channel
        except (OSError, ValueError):
            connection.close()
            raise


def main() -> None:
    """Run every phone of the plan at once."""
    plan = from_arguments()
    machines = [PhoneMachine(plan, phone) for phone in plan.record.phones if phone.boots]
    threads = [threading.Thread(target=machine.run) for machine in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()

"""One scenario from its settings to its recorded files."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from captures.lab import content, provenance
from captures.lab.capf import truth
from captures.lab.knobs import Action
from captures.lab.network import Network
from captures.lab.plan import KEY_LOG, SERVER_KEY, SERVICES, TRUTH, Plan
from captures.lab.processes import Processes
from captures.lab.recorder import ENDINGS, Recorder, merge
from captures.lab.registration import dot1x
from captures.lab.scenario import CAPTURES_DIRECTORY, load

SETTLE_SECONDS = 0.4
PHONE_SECONDS = 300.0
# A domain of which dnsmasq knows everything: what it has no record of does not exist.
LOCAL_DOMAINS = ("example", "local", "wpad")
OPENSSL_DEFAULTS = """\
openssl_conf = all
[all]
ssl_conf = services
[services]
system_default = tls
[tls]
Ciphersuites = {suites}
"""


def record(name: str) -> None:
    """Record a scenario again; its folder's old capture files are replaced."""
    with tempfile.TemporaryDirectory(prefix="capflab-") as work:
        directory = Path(work)
        directory.chmod(0o755)
        plan = Plan(name, load(name), directory)
        content.build(plan)
        with Network(plan.record) as network, Processes(directory) as processes:
            recorders = _Session(plan, network, processes).run()
        _deliver(plan, recorders)


class _Session:
    """The while in which everything runs."""

    def __init__(self, plan: Plan, network: Network, processes: Processes) -> None:
        self._plan = plan
        self._record = plan.record
        self._network = network
        self._processes = processes
        self._recorders = [Recorder(each, plan.directory) for each in plan.record.captures]

    def run(self) -> list[Recorder]:
        self._start_services()
        began = time.monotonic()
        for at, step in sorted(self._steps(), key=lambda each: each[0]):
            time.sleep(max(0.0, began + at - time.monotonic()))
            step()
        if self._record.phones:
            self._processes.get("phone").wait(PHONE_SECONDS)
        time.sleep(max(0.0, began + self._record.runs_for - time.monotonic()))
        time.sleep(self._record.tail_seconds)
        for recorder in self._recorders:
            recorder.stop()
        return self._recorders

    def _steps(self) -> list[tuple[float, Callable[[], None]]]:
        """What happens when, in seconds; recorders that start at 0 are first."""
        steps: list[tuple[float, Callable[[], None]]] = []
        for recorder in self._recorders:
            steps.append((recorder.capture.starts_at, self._starter(recorder)))
            if recorder.capture.stops_at is not None:
                steps.append((recorder.capture.stops_at, recorder.stop))
        steps.append((SETTLE_SECONDS, self._start_phone))
        steps.extend((action.at, self._doer(action)) for action in self._record.actions)
        return steps

    def _starter(self, recorder: Recorder) -> Callable[[], None]:
        return lambda: recorder.start(self._network, self._processes)

    def _doer(self, action: Action) -> Callable[[], None]:
        return lambda: self._act(action)

    def _act(self, action: Action) -> None:
        if action.clears:
            self._network.clear_rules(action.host)
        self._network.add_rules(action.host, action.rules)
        if action.freeze:
            self._processes.get(action.freeze).send(signal.SIGSTOP)
        if action.stop:
            self._processes.get(action.stop).stop()
        if action.names:
            self._processes.get("dns").stop()
            self._start_dns(knows=action.names == "known")

    def _start_phone(self) -> None:
        if self._record.dot1x.state == "running":
            self._authenticate()
        self._start_python("phone", "phone", "phone", wait=False)
        self._start_python("noise", "phone", "noise", wait=False)

    def _authenticate(self) -> None:
        """Let the phone in at its switch port; later phones are."""
        phone = self._record.phones[0]
        for name, host, command, ready in (
            ("hostapd", "router", dot1x.authenticator(self._plan), "AP-ENABLED"),
            ("supplicant", "phone", dot1x.supplicant(self._plan, phone), dot1x.AUTHENTICATED),
        ):
            self._processes.start(name, self._network.inside(host, *command)).wait_for(ready)

    def _start_python(self, name: str, host: str, module: str, *, wait: bool = True) -> None:
        python = [*self._openssl(), sys.executable]
        command = [*python, "-m", f"captures.lab.{module}", *self._plan.arguments()]
        process = self._processes.start(name, self._network.inside(host, *command))
        if wait:
            process.wait_for("ready")

    def _openssl(self) -> list[str]:
        """Sets OpenSSL's defaults: Python 3.11 cannot choose the suites of TLS 1.3."""
        suites = self._record.capf.tls.suites
        if not suites:
            return []
        file = self._plan.directory / "openssl.cnf"
        file.write_text(OPENSSL_DEFAULTS.format(suites=suites), encoding="utf-8")
        return ["env", f"OPENSSL_CONF={file}"]

    def _start_services(self) -> None:
        record = self._record
        if record.names.state == "running":
            self._start_dns()
        if record.files.tftp != "stopped":
            self._start_tftp("publisher", self._plan.root)
        if record.files.subscriber_lists:
            self._start_tftp("subscriber", self._plan.subscriber_root)
        if record.files.http:
            self._start_python("http", "publisher", "http_server")
        if record.sip.state == "running":
            self._start_python("sip", "publisher", "registration.sip_server")
        if any(phone.sends_alarm != "no" for phone in record.phones):
            self._start_python("alarms", "publisher", "registration.alarm_server")
        if record.network.wire is not None:
            self._start_python("wire", "wire", "wire")
        for name, module, state in (
            ("capf", "capf.server", record.capf.state),
            ("tvs", "tvs_server", record.tvs.state),
        ):
            if state != "stopped":
                self._start_python(name, "publisher", module)
            if state == "frozen":
                self._processes.get(name).send(signal.SIGSTOP)
        self._start_python("subscriber", "subscriber", "noise_server")

    def _start_dns(self, *, knows: bool = True) -> None:
        names = self._record.names
        records = names.records if knows else {}
        command = [
            "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null",
            "--no-resolv", "--no-hosts", "--pid-file=", "--user=root",
            *(f"--local=/{domain}/" for domain in LOCAL_DOMAINS),
            *(f"--host-record={name},{','.join(each)}" for name, each in records.items()),
            *names.arguments,
        ]  # fmt: skip
        self._processes.start("dns", self._network.inside("dns", *command)).wait_for("started")

    def _start_tftp(self, host: str, root: Path) -> None:
        refused = [
            part for each in self._record.files.tftp_refused_options for part in ("-r", each)
        ]
        command = [
            "in.tftpd",
            "-L",
            "-a",
            ":69",
            "-u",
            "root",
            *refused,
            "-s",
            str(root),
        ]
        name = "tftp" if host == "publisher" else f"tftp-{host}"
        self._processes.start(name, self._network.inside(host, *command))


def _deliver(plan: Plan, recorders: list[Recorder]) -> None:
    """Move the files to the scenario's folder, with where they come from beside them."""
    destination = CAPTURES_DIRECTORY / plan.scenario
    for ending in set(ENDINGS.values()):
        for old in destination.glob(f"*{ending}"):
            old.unlink()
    for name in (KEY_LOG, SERVER_KEY, TRUTH):
        (destination / name).unlink(missing_ok=True)
    files = [recorder.deliver(destination) for recorder in recorders]
    for wanted in plan.record.merges:
        files = merge(wanted, files)
    if plan.key_log.exists():
        files.append(Path(shutil.copyfile(plan.key_log, destination / KEY_LOG)))
    files += _told(plan, destination)
    provenance.write(destination, files)


def _told(plan: Plan, destination: Path) -> list[Path]:
    """What was really said, and the server's own key, where the scenario shows them."""
    files = []
    truths = [plan.truth(service) for service in SERVICES]
    if any(path.exists() for path in truths):
        files.append(destination / TRUTH)
        truth.gather(truths, files[-1])
    if plan.record.capf.shows_key:
        key = plan.identities / f"{plan.record.capf.certificate}.key"
        files.append(Path(shutil.copyfile(key, destination / SERVER_KEY)))
    return files

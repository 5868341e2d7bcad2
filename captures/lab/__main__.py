"""Record scenarios: ``python -m captures.lab [SCENARIO…]``; without names, all of them.

Needs root (network namespaces), tcpdump, dnsmasq, tftpd-hpa, nftables and editcap.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time

from captures.lab import index, scenario
from captures.lab.processes import LabError
from captures.lab.recording import record

JOBS = 3
POLL_SECONDS = 0.1
CHILD_STOP_SECONDS = 60.0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m captures.lab", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help="folders of captures/ (default: all)")
    parser.add_argument("--jobs", type=int, default=JOBS, help="recordings at once")
    parser.add_argument("--index", action="store_true", help="only write captures/README.md")
    return parser.parse_args()


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)


class _Jobs:
    """Recordings in processes of their own, each with namespaces of its own."""

    def __init__(self, names: list[str], limit: int) -> None:
        self._waiting = names
        self._limit = limit
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.failed: list[str] = []

    def run(self) -> None:
        try:
            while self._waiting or self._running:
                self._start()
                self._collect()
                time.sleep(POLL_SECONDS)
        finally:
            for job in self._running.values():
                job.terminate()
            for job in self._running.values():
                job.wait(CHILD_STOP_SECONDS)

    def _start(self) -> None:
        while self._waiting and len(self._running) < self._limit:
            name = self._waiting.pop(0)
            command = [sys.executable, "-m", "captures.lab", "--jobs", "0", name]
            self._running[name] = subprocess.Popen(command)

    def _collect(self) -> None:
        for name, job in list(self._running.items()):
            code = job.poll()
            if code is None:
                continue
            del self._running[name]
            print(f"{name}: {'recorded' if code == 0 else 'FAILED'}", flush=True)
            if code != 0:
                self.failed.append(name)


def main() -> int:
    """Record, and say which scenarios failed by the exit status."""
    options = _options()
    if options.index:
        index.write()
        return 0
    signal.signal(signal.SIGTERM, _stop)
    if os.geteuid() != 0:
        print("The lab makes network namespaces, which only root may do.", file=sys.stderr)
        return 2
    every = [*scenario.names(), *scenario.decrypted_names()]
    unknown = set(options.scenarios) - set(every)
    if unknown:
        print(f"No such scenario: {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    if options.jobs == 0:
        return _record_here(options.scenarios)
    jobs = _Jobs(options.scenarios or every, options.jobs)
    jobs.run()
    return 1 if jobs.failed else 0


def _record_here(names: list[str]) -> int:
    for name in names:
        try:
            record(name)
        except LabError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

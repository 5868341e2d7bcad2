"""tcpdump at several hosts at once, and the last touches on the files that it wrote."""

from __future__ import annotations

import gzip
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from captures.lab.clock import FILE_HEADER_SIZE, RECORD_HEADER, set_wrong
from captures.lab.frames import Frame
from captures.lab.knobs import Capture, Merge
from captures.lab.network import INTERFACE, MIRROR_END, Network
from captures.lab.plan import KEY_LOG
from captures.lab.processes import Processes, run

CAPF_PORT = 3804
ENDINGS = {
    "pcap": ".pcap",
    "nanosecond-pcap": ".pcap",
    "pcapng": ".pcapng",
    "pcap.gz": ".pcap.gz",
}
# Where tcpdump listens if not at a host's only interface: namespace and interface.
PLACES = {"mirror": ("wire", MIRROR_END), "router": ("router", "to-phone")}
PLACES["router-both-sides"] = ("router", "any")
DIRECTIONS = {"both": "inout", "in": "in", "out": "out"}


class Recorder:
    """One tcpdump."""

    def __init__(self, capture: Capture, directory: Path) -> None:
        self.capture = capture
        self._raw = directory / f"{capture.stem}.raw"
        self._processes: Processes | None = None

    @property
    def _name(self) -> str:
        return f"tcpdump-{self.capture.stem}"

    def start(self, network: Network, processes: Processes) -> None:
        """Record from now on; returns when tcpdump listens."""
        precision = "nano" if self.capture.format == "nanosecond-pcap" else "micro"
        host, interface = PLACES.get(self.capture.host, (self.capture.host, INTERFACE))
        command = network.inside(
            host, "tcpdump", "-i", interface, "-n", "-U", "-Z", "root", "-B", "16384",
            "--immediate-mode",
            f"--time-stamp-precision={precision}", "-s", str(self.capture.snap_length),
            "-Q", DIRECTIONS[self.capture.direction],
            "-w", str(self._raw), *filter(None, [self.capture.filter]),
        )  # fmt: skip
        self._processes = processes
        processes.start(self._name, command).wait_for("listening on")

    def stop(self) -> None:
        """End the recording, if it runs."""
        if self._processes is not None:
            self._processes.get(self._name).stop(signal.SIGINT)
            self._processes = None

    def _secrets(self) -> list[str]:
        if not self.capture.holds_secrets:
            return []
        return ["--inject-secrets", f"tls,{self._raw.with_name(KEY_LOG)}"]

    def deliver(self, destination: Path) -> Path:
        """Put the finished file into the scenario's folder."""
        path = destination / f"{self.capture.stem}{ENDINGS[self.capture.format]}"
        set_wrong(self._raw, self.capture)
        if self.capture.cut_inside:
            _cut(self._raw, CUTS[self.capture.cut_inside])
        if self.capture.format == "pcapng":
            run("editcap", "-F", "pcapng", *self._secrets(), str(self._raw), str(path))
        elif self.capture.format == "pcap.gz":
            with gzip.GzipFile(path, "wb", mtime=0) as packed:
                packed.write(self._raw.read_bytes())
        else:
            shutil.copyfile(self._raw, path)
        return path


def merge(wanted: Merge, files: list[Path]) -> list[Path]:
    """The files with some of them in one, as mergecap puts them together."""
    parts = [path for path in files if path.name.partition(".")[0] in wanted.of]
    merged = parts[0].with_name(f"{wanted.stem}{ENDINGS[wanted.format]}")
    run("mergecap", "-F", wanted.format, "-w", str(merged), *map(str, parts))
    for part in parts:
        part.unlink()
    return [merged, *(path for path in files if path not in parts)]


def _cut(path: Path, is_there: Callable[[bytes], bool]) -> None:
    """Truncate a pcap in the middle of the first frame for which ``is_there``, or of the last."""
    data = path.read_bytes()
    start, end = 0, FILE_HEADER_SIZE
    while end < len(data):
        start, end = end, end + RECORD_HEADER.size + RECORD_HEADER.unpack_from(data, end)[2]
        if is_there(data[start + RECORD_HEADER.size : end]):
            break
    path.write_bytes(data[: (start + RECORD_HEADER.size + end) // 2])


def _never(_frame: bytes) -> bool:
    return False


def _answers_from_capf(data: bytes) -> bool:
    frame = Frame(data, to_server=False)
    return frame.ports[:1] == (CAPF_PORT,) and frame.payload_size > 0


CUTS = {"last-frame": _never, "first-answer-of-capf": _answers_from_capf}

"""The process in which the engine, atheris over libFuzzer, feeds one harness.

It goes on behind a fault: each distinct one is written down with the first input that showed it.
Only what ends the process, a crash of native code or a hang of it, is left to the engine to record.
"""

from __future__ import annotations

import hashlib
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from fuzz.harness import Fault, Harness, fault_of

MEBIBYTES = 768
"""Memory that one input may take beyond what the process has before it."""
HANG = 300
"""Seconds after which an input that cannot be interrupted ends the process. They are the clock's:
at the lowest priority a process may wait long for its turn."""
_INSTRUMENTED = ["capfpcap", "capf_dissectors"]


class FaultLog:
    """Faults of one run, each signature with one input and its account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = {path.stem for path in folder.glob("*.txt")}

    def note(self, fault: Fault, data: bytes) -> None:
        """Write down a fault that is not known yet."""
        if fault.signature in self._known:
            return
        self._known.add(fault.signature)
        (self._folder / f"{fault.signature}.input").write_bytes(data)
        (self._folder / f"{fault.signature}.txt").write_text(fault.account, encoding="utf-8")


def run(name: str, folder: Path, arguments: list[str]) -> None:
    """Feed the harness called ``name`` and never return.

    ``folder`` has a folder for the corpus and one for faults; ``arguments`` are libFuzzer's.
    """
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=_INSTRUMENTED):
        from fuzz.registry import load  # noqa: PLC0415 - what it loads is to be instrumented

        harness = load(name)
    corpus = folder / "corpus"
    plant(harness, corpus)
    log = FaultLog(folder / "faults")

    def feed(data: bytes) -> None:
        limit_memory()
        if fault := fault_of(harness, data):
            log.note(fault, data)

    options = [
        *(f"-max_len={harness.longest}", f"-timeout={HANG}", "-rss_limit_mb=0"),
        *(f"-artifact_prefix={folder / 'faults'}/", "-print_final_stats=1", *arguments),
    ]
    if harness.dictionary:
        options.append(f"-dict={write_dictionary(harness, folder)}")
    mutator = {"custom_mutator": _mutator(harness, atheris)} if harness.mutate else {}
    atheris.Setup([sys.argv[0], str(corpus), *options], feed, **mutator)
    atheris.Fuzz()


def _mutator(harness: Harness, atheris: Any) -> Any:
    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        assert harness.mutate is not None
        return harness.mutate(data, longest, seed, atheris.Mutate)

    return mutate


def plant(harness: Harness, corpus: Path) -> None:
    """Write the inputs to begin with, each under its hash."""
    for seed in harness.seeds():
        if len(seed) <= harness.longest:
            (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)


def limit_memory() -> None:
    """Let the next input take no more than :data:`MEBIBYTES`; what tries raises MemoryError.

    The limit moves along with the process, which grows by every input that the engine had changed
    here: atheris never frees them.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + (MEBIBYTES << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def write_dictionary(harness: Harness, folder: Path) -> Path:
    """The harness's words in libFuzzer's notation."""
    path = folder / "dictionary"
    lines = [
        '"' + "".join(f"\\x{octet:02x}" for octet in word) + '"' for word in harness.dictionary
    ]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])

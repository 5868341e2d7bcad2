"""Runs commands in turn where this Python has lost the names that another system's lacks.

Which those are is read out of typeshed, which mypy brings: what its stubs keep from a platform. It
is no other system: paths, files and the terminal are still those of this one.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

STILL_NEEDED = {
    "posix": None,  # os is made of it, and other modules of the library ask os.name for it
    "os": {
        "WIFSTOPPED",
        "WNOHANG",
        "WSTOPSIG",
        "waitpid",
        "uname",
    },  # subprocess and NumPy of Linux
}
"""What the library of this Python cannot do without; None: the whole module."""


def lost_names(platform: str) -> tuple[dict[str, list[str]], list[str]]:
    """Names by module, and whole modules, that Linux has and ``platform`` has not."""
    mypy = find_spec("mypy")
    assert mypy is not None
    assert mypy.origin is not None
    names, modules = {}, []
    folder = Path(mypy.origin).parent / "typeshed" / "stdlib"
    for stub in [*sorted(folder.glob("*.pyi")), folder / "os" / "__init__.pyi"]:
        text = stub.read_text(encoding="utf-8")
        name = stub.parent.name if stub.stem == "__init__" else stub.stem
        if "sys.platform" not in text or STILL_NEEDED.get(name, {}) is None:
            continue
        tree = ast.parse(text)
        here, there = (set(_names(tree.body, each)) for each in ("linux", platform))
        lost = here - there - set(STILL_NEEDED.get(name) or ())
        if here and not any(map(_is_public, there)):
            modules.append(name)
        elif lost:
            names[name] = sorted(lost)
    return names, modules


def _is_public(name: str) -> bool:
    return name != "sys" and not name.startswith("_")


def _names(body: list[ast.stmt], platform: str) -> Iterator[str]:
    """The names that a stub defines for a platform."""
    for item in body:
        if isinstance(item, ast.If):
            known = {"sys": SimpleNamespace(platform=platform, version_info=sys.version_info)}
            condition = compile(ast.Expression(item.test), "stub", "eval")
            yield from _names(item.body if eval(condition, known) else item.orelse, platform)
        elif isinstance(item, ast.FunctionDef | ast.ClassDef):
            yield item.name
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield item.target.id
        elif isinstance(item, ast.Assign):
            yield from (each.id for each in item.targets if isinstance(each, ast.Name))
        elif isinstance(item, ast.ImportFrom):
            yield from (each.asname for each in item.names if each.asname)


def lose(platform: str) -> None:
    """Take away what ``platform`` lacks."""
    names, modules = lost_names(platform)
    for module, lost in names.items():
        loaded = sys.modules.get(module)
        for name in lost if loaded is not None else ():
            vars(loaded).pop(name, None)
    for name in modules:
        sys.modules[name] = None  # type: ignore[assignment]


def main(platform: str, commands: list[list[str]]) -> NoReturn:
    """Run all commands, the last one as the program does, which ends the process."""
    for module in ("errno", "os", "signal", "socket", "time"):
        import_module(module)
    lose(platform)
    batches, reader = map(import_module, ("capfpcap.batches", "capfpcap.capture.reader"))
    vars(batches)["WORTH_SHARING"] = vars(reader)["WORTH_HALVING"] = 1
    from capfpcap.__main__ import main as program  # noqa: PLC0415 - now they are lost
    from capfpcap.cli import run  # noqa: PLC0415

    for command in commands[:-1]:
        sys.stdout.write(f"status {run(command)} of {command}\n")
        sys.stdout.flush()
    sys.argv[1:] = commands[-1]
    program()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))

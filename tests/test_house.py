"""The laws of the house that hold for all of its rooms."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import capfpcap

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

ROOMS_WITHOUT_FILES = (
    "dissectors/capf_dissectors",
    *(f"capfpcap/{room}" for room in ("compose", "enrolment", "flows", "ladder", "rules")),
    *(f"capfpcap/{room}" for room in ("timeline", "trust", "vantage")),
)

TEXT_SUFFIXES = {".json", ".md", ".py", ".toml"}
FOLDERS = ("benchmarks", "capfpcap", "captures", "dissectors", "docs", "fuzz", "tests")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", *(f"{folder}/**/*.md" for folder in FOLDERS))
    for path in ROOT.glob(pattern)
)

MACHINE_PATH = re.compile(r"(?<![\w.)/-])/(home|root|work|Users)/\w")


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_contracts_between_rooms_are_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_dissectors_work_where_the_analyzer_is_not_there() -> None:
    program = (
        "import sys, importlib, pkgutil\n"
        "sys.modules['capfpcap'] = None\n"
        "import capf_dissectors\n"
        "for module in pkgutil.walk_packages(capf_dissectors.__path__, 'capf_dissectors.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("room", ROOMS_WITHOUT_FILES)
def test_between_captures_and_report_no_file_is_opened(room: str) -> None:
    opened = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    assert sources(room)
    assert not opened


def test_every_announced_dissector_can_be_loaded() -> None:
    announced = entry_points(group="capfpcap.dissectors")
    assert {point.name for point in announced} >= {"dns", "http", "tftp", "tls", "trust_list"}
    for point in announced:
        assert point.load().__doc__


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([\w-]+)` \|", reasons, re.MULTILINE))
    extras = PROJECT["optional-dependencies"]
    required = [*PROJECT["dependencies"], *(name for extra in extras.values() for name in extra)]
    others = [name for name in required if not name.startswith("capfpcap[")]
    assert {re.split("[<>=]", name)[0] for name in others} <= explained


def test_the_version_is_the_same_everywhere() -> None:
    assert capfpcap.__version__ == PROJECT["version"] == version("capfpcap")


def test_no_source_or_text_names_a_path_of_one_machine() -> None:
    texts = [ROOT / "Makefile", *(ROOT / ".ci").iterdir(), *ROOT.glob("[!.]*.*")]
    for folder in FOLDERS:
        texts += [path for path in (ROOT / folder).rglob("*") if path.suffix in TEXT_SUFFIXES]
    named = [path.name for path in texts if path.is_file() and MACHINE_PATH.search(_text(path))]
    assert not named


def test_the_readme_names_commands_that_there_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^make (\w+)", readme, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for command in set(re.findall(r"\bcapfpcap (\w+) ", readme)):
        place = ROOT / "capfpcap" / "cli" / "commands" / command
        assert place.is_dir() or place.with_suffix(".py").is_file(), command


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    for target in targets:
        assert ((ROOT / page).parent / target).exists(), target


def test_the_glossary_names_what_there_is() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    names = re.findall(r"`([a-z_.]+)\.([A-Z]\w+)`", glossary)
    assert len(names) > 30
    for module, name in names:
        whole = module if module.startswith("capf_dissectors") else f"capfpcap.{module}"
        assert hasattr(importlib.import_module(whole), name), f"{module}.{name}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")

"""Every screen as a picture, at two sizes, and the pictures of the README.

``make pictures`` writes them again; a change of one is to be looked at.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from capf_tui.screens import SCREENS

from tests.tui.looking import LARGE, ROOT, SMALL, Screen, captures_of, look, shipped

PICTURES = Path(__file__).parent / "pictures"
KEYS = {"details": ("3", "n", "enter"), "ladder": ("3", "n")}
"""Keys that lead to a screen where its digit shows little."""
WORDS = {
    "phones": "The certificate of CAPF is not the one in the phone's trust list",
    "flows": "10.122.138.102:3804",
    "ladder": "alert, fatal unknown_ca",
    "findings": "server certificate CN=CAPF-f7ef9802",
    "details": "Alert",
    "lists": "ITLFile.tlv",
    "captures": "captures/itl-mismatch/phone.pcap",
}
"""What a picture says, whatever it looks like."""


def normalised(picture: str) -> str:
    """Without what differs from run to run, and without fonts of other servers."""
    picture = re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", picture)


def words_of(picture: str) -> str:
    """What a picture says, row by row."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        if element.text and element.get("clip-path"):
            row = rows.setdefault(float(element.get("y", 0)), [])
            row.append((float(element.get("x", 0)), element.text))
    lines = ("".join(text for _, text in sorted(row)) for _, row in sorted(rows.items()))
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def taken(
    keys: tuple[str, ...], size: tuple[int, int], words: str = "", scenario: str = "itl-mismatch"
) -> str:
    pictures: list[str] = []
    paths = shipped(*(f"{scenario}/{path.name}" for path in captures_of(scenario)))

    async def act(screen: Screen) -> None:
        for key in keys:
            await screen.press(key)
        await screen.until(lambda: words in screen.text)
        await screen.settle()
        title = shlex.join(["capfpcap", "tui", *map(str, paths)])
        pictures.append(normalised(screen.app.export_screenshot(title=title)))

    look(paths, act, size=size)
    return pictures[0]


def compare(picture: str, kept: Path) -> None:
    """Assert that a picture is as it was, or keep it."""
    if os.environ.get("CAPFPCAP_PICTURES") == "write":
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(picture, encoding="utf-8")
    assert picture == kept.read_text(encoding="utf-8"), (
        f"{kept.name} looks otherwise: make pictures"
    )


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
@pytest.mark.parametrize(
    ("number", "name"), [(str(n), entry.name) for n, entry in enumerate(SCREENS, 1)]
)
def test_a_screen_looks_as_it_did(number: str, name: str, size: tuple[int, int]) -> None:
    picture = taken(KEYS.get(name, (number,)), size, WORDS[name])
    assert WORDS[name] in words_of(picture)
    compare(picture, PICTURES / f"{name}-{size[0]}x{size[1]}.svg")


class Shown(NamedTuple):
    """A picture of the README."""

    scenario: str
    keys: tuple[str, ...]
    size: tuple[int, int]
    words: str


README = {
    "phones": Shown("burst", (), (110, 30), "4 of 60 phones failed"),
    "ladder": Shown("return-path-filtered", ("enter",), (110, 30), "lost between publisher"),
    "mismatch": Shown(
        "itl-mismatch", ("enter", "n", "enter", "p", "p"), (120, 30), "10 fields differ"
    ),
}


@pytest.mark.parametrize("name", README)
def test_the_readme_shows_what_the_program_draws(name: str) -> None:
    shown = README[name]
    picture = taken(shown.keys, shown.size, shown.words, shown.scenario)
    assert shown.words in words_of(picture)
    compare(picture, ROOT / "docs" / "pictures" / f"{name}.svg")
    assert f"(docs/pictures/{name}.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_pictures_ask_no_other_server_for_anything() -> None:
    for path in (*PICTURES.glob("*.svg"), *(ROOT / "docs" / "pictures").glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        assert "url(http" not in text.replace('"', ""), path.name


def test_a_picture_is_the_same_when_it_is_taken_again() -> None:
    assert taken(("4",), SMALL) == taken(("4",), SMALL)

"""Pictures for a page: the same every time, and what they should look like.

``CAPFPCAP_REGENERATE=1 pytest tests/plots`` writes the expected pictures; look at them then.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.testing.compare import compare_images
from msgspec.structs import replace

from capfpcap.formats.ladders.picture import picture_of
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.page import Page
from capfpcap.ladder.model import Ladder
from capfpcap.plots import canvas
from capfpcap.plots.ladder import drawn, ladder_picture
from capfpcap.plots.path import path_picture
from capfpcap.plots.storm import storm_picture
from capfpcap.plots.timeline import timeline_picture
from tests.formats import ladder_samples
from tests.ladder.drawn import CAPTURES, analysis_of, of_scenario

EXPECTED = Path(__file__).parent / "expected"
TOLERANCE = 12
"""Root mean square of the differences of colours, of 255: fonts are drawn a little differently by
each version of the library."""
SIGNATURES = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
HOSTILE = "$\\frac{1}{0}$ $ _^ 日本 \U0001f4a3 \u202e\x1b[2J <b>&amp;"


def files(scenario: str) -> tuple[Path, ...]:
    return tuple(sorted((CAPTURES / scenario).glob("*.pcap*")))


def ladder(name: str) -> bytes:
    return ladder_picture(ladder_samples.ladder(), Page(), name)


def timeline(name: str) -> bytes:
    return timeline_picture(of_scenario("reset-mid-session"), Page(), name)


def path(name: str) -> bytes:
    return path_picture(analysis_of(files("rst-injected")), Page(), name, flow="f5")


def storm(name: str) -> bytes:
    return storm_picture(analysis_of(files("burst")), Page(), name)


PICTURES: dict[str, Callable[[str], bytes]] = {
    "ladder": ladder,
    "timeline": timeline,
    "path": path,
    "storm": storm,
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_looks_as_expected(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas, "_DOTS_AN_INCH", 72)
    expected, drawn = EXPECTED / f"{kind}.png", tmp_path / f"{kind}.png"
    drawn.write_bytes(PICTURES[kind]("png"))
    if os.environ.get("CAPFPCAP_REGENERATE"):
        expected.write_bytes(drawn.read_bytes())
    copy = tmp_path / "expected.png"
    copy.write_bytes(expected.read_bytes())
    difference = compare_images(str(copy), str(drawn), tol=TOLERANCE)
    assert difference is None, difference


@pytest.mark.parametrize(
    ("kind", "name"), [*((kind, "svg") for kind in PICTURES), ("path", "png"), ("path", "pdf")]
)
def test_a_picture_is_the_same_every_time(kind: str, name: str) -> None:
    once = PICTURES[kind](name)
    assert once.startswith(SIGNATURES[name])
    assert PICTURES[kind](name) == once


def test_settings_of_the_user_change_no_picture() -> None:
    plain = path("svg")
    settings = {"text.usetex": True, "axes.spines.top": True, "text.parse_math": True}
    with mpl.rc_context(settings):
        assert path("svg") == plain


def hostile() -> Ladder:
    sample = ladder_samples.ladder()
    return replace(
        sample,
        title=HOSTILE,
        lanes=tuple(replace(lane, title=HOSTILE) for lane in sample.lanes),
        rows=tuple(replace(row, text=HOSTILE, **_label(row)) for row in sample.rows),
        groups=tuple(replace(group, text=HOSTILE) for group in sample.groups),
    )


def _label(row: object) -> dict[str, str]:
    return {"label": f"TFTP request {HOSTILE}"} if hasattr(row, "label") else {}


@pytest.mark.parametrize("draw", [ladder_picture, timeline_picture])
@pytest.mark.parametrize("name", canvas.FORMATS)
def test_hostile_text_is_neither_mathematics_nor_a_warning(
    draw: Callable[[Ladder, Page, str], bytes], name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw(hostile(), Page(), name)
    assert capfd.readouterr() == ("", "")


def test_characters_that_the_fonts_lack_are_escapes() -> None:
    assert canvas.shown("é日\U0001f4a3") == "é\\u65e5\\u1f4a3"


def test_a_picture_of_a_long_ladder_has_a_limit_and_says_so() -> None:
    many = tuple(ladder_samples.message(at, "SYN") for at in range(100))
    long = ladder_samples.ladder(rows=many, groups=())
    made = drawn(picture_of(long, Page(), most=10))
    texts = [text.get_text() for text in made.axes[0].texts]
    assert texts.count("SYN") == 10
    assert "90 more rows are left out" in texts


def test_times_since_the_beginning_stand_on_the_axis() -> None:
    shown = of_scenario("slow-key-generation")
    clock = timeline_picture(shown, Page(), "svg")
    assert timeline_picture(shown, Page(), "svg", Times.RELATIVE) != clock

"""Hostile text in packets: the screens that show packets closely show it, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from capf_tui.asking.captures import Captures
from capf_tui.asking.details import Details, DetailsAnswer
from capf_tui.asking.trust_lists import ListStory, Loads
from capf_tui.engine.wire import pack_harmless, unpack

from capfpcap.analysis import CaptureInput, Options
from capfpcap.formats.harmless import is_visible
from capfpcap.formats.json_flows import JsonFlows
from capfpcap.study import Study, study
from tests.hostile.enrolment import HOSTILE, enrolment
from tests.tui.looking import LARGE, Screen, look

pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length")


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(request.param))
    return path


def looked_at(path: Path) -> Study:
    return study([CaptureInput((str(path),))], Options(), kept_as=JsonFlows)


def test_every_packet_is_taken_apart_into_text_that_acts_on_nothing(hostile: Path) -> None:
    examined = looked_at(hostile)
    point = examined.points[0]
    frames = point.table.columns.frame.tolist()
    assert frames
    for frame in frames:
        answer = Details(point.name, frame).answer(examined)
        told = unpack(pack_harmless(answer), DetailsAnswer)
        for field in told.inspection.fields:
            for node in field.walk():
                assert all(map(is_visible, node.name + node.value)), node
        for comparison in told.comparisons:
            for pair in comparison.pairs:
                assert all(map(is_visible, f"{pair.left}{pair.right}")), pair


def test_lists_and_captures_are_told_in_text_that_acts_on_nothing(hostile: Path) -> None:
    examined = looked_at(hostile)
    loads = Loads(0).answer(examined).loads
    answers = [Loads(0).answer(examined), Captures().answer(examined)]
    answers += [ListStory(load.sha256, load.phone).answer(examined) for load in loads]
    for answer in answers:
        kept = unpack(pack_harmless(answer), type(answer))
        assert all(map(is_visible, "".join(texts(kept))))


def texts(value: object) -> list[str]:
    """Every string in a value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [text for entry in value for text in texts(entry)]
    fields = getattr(value, "__struct_fields__", ())
    return [text for name in fields for text in texts(getattr(value, name))]


@pytest.mark.parametrize("kind", ["terminal escapes", "markup", "10,000 characters"])
def test_the_screens_show_hostile_text_as_it_is_written(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(HOSTILE[kind]))

    async def act(screen: Screen) -> None:
        shown = {"terminal escapes": r"\x1b[2J", "markup": "[bold red]x[/]"}.get(kind, "AAAA")
        await screen.sees("1 phone", "Do this")
        await screen.press("enter")
        await screen.sees("words of the messages", "TFTP")
        await screen.press("home", "down", "enter")
        await screen.sees(" frame ")
        await screen.press("asterisk")
        await screen.sees(shown[:4])
        for _ in range(12):
            await screen.press("n", "asterisk")
        await screen.press("6")
        await screen.sees("list")
        await screen.press("7")
        await screen.sees("1 phone", "packets")
        assert all(is_visible(letter) or letter == "\n" for letter in screen.text)

    look([path], act, size=LARGE)

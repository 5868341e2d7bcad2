from __future__ import annotations

import asyncio
import time
from datetime import UTC
from pathlib import Path

from capf_tui.engine.start import start
from capf_tui.run import Wishes

from benchmarks.tui.driver import play
from benchmarks.tui.keys import Stroke, strokes
from benchmarks.tui.report import Timed, keys_table, percentile
from capfpcap.analysis import CaptureInput, Options


def test_keys_are_pressed_on_the_screen_and_their_times_taken(storm: Path) -> None:
    link = start(Wishes(lambda: [CaptureInput((str(storm),))], Options(), UTC).examine)
    keys = [Stroke("phones", "down", "down"), Stroke("phones", "open ladder", "enter")]
    begun = time.monotonic()
    try:
        assert link.process is not None
        run = asyncio.run(play(link, link.process, keys, begun))
    finally:
        link.close()
    assert 0 < run.opened_s < time.monotonic() - begun
    assert [(key.screen, key.does) for key in run.keys] == [key[:2] for key in keys]
    for key in run.keys:
        assert key.painted_s > 0
        assert key.own_s > 0
    assert run.keys[1].engine_s > 0


def test_every_screen_is_pressed_keys_on() -> None:
    seven = {"phones", "flows", "ladder", "findings", "details", "lists", "captures"}
    assert {stroke.screen for stroke in strokes()} == seven | {"all"}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile(range(1, 101)) == 95
    assert percentile([3.0]) == 3.0
    assert percentile([1.0, 2.0], 50) == 1.0


def test_the_table_has_a_row_for_each_kind_of_key() -> None:
    keys = [
        Timed("phones", "down", milliseconds / 1000, 0.05, 0.01, 0.0) for milliseconds in (8, 4)
    ]
    table = keys_table([*keys, Timed("flows", "sort", 0.1, 0.2, 0.05, 0.03)]).splitlines()
    assert table[2] == "| phones | down | 2 | 6, 8, 8 | 50, 50 | 10, 10 | 0 |"
    assert len(table) == 5

"""A ladder drawn into so many cells."""

from __future__ import annotations

import pytest
from capf_tui.screens.ladder_rows import LadderTable, items_of
from capf_tui.widgets.tone import Tone
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from capfpcap.ladder.model import Ladder
from tests.formats.ladder_samples import ladder, message

LANES = 3

DRAWN = """
SEP2C31F694FAD9     phone          publisher          CAPF
10.20.50.60                                10.122.138.102:3804
── f5 capf 10.20.50.60:43829 → 10.122.138.10…, attempt 1 of 1
     │────────────────●───── SYN ──────●───────────────▶│
     │                │       ✗────────●─ SYN-ACK ──────│
     │────────────────●─── ↻1 SYN ─────●───────────────▶│
     │◀───────────────┼─ ↻1 SYN-ACK ───●────────────────│
     │────────────────┼─ ClientHello ──●───────────────▶│
     │◀───────────── ServerHello, TLS 1.2 ──────────────│
     │◀──────────── Certificate of CAPF-1 ──────────────│
     │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ ≈KEYGEN_REQUEST ●╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│
     ┊              ≈key generation, 41 s               ┊
     │──────────────── KEYGEN_RESPONSE ●───────────────▶│
     ┊                 no traffic, 30 s                 ┊
     │◀──────── RST ──●───────◇        │                │
     │───────── FIN ──●───────?        │                │
"""


def table_of(drawn: Ladder, width: int) -> LadderTable:
    table = LadderTable()
    table.ladder = drawn
    table.add(items_of(drawn))
    table.laid_out([1, 12, 0, width])
    return table


def lines_of(drawn: Ladder, width: int) -> list[str]:
    table = table_of(drawn, width)
    fields = [head[LANES] for head in table.heads(None)]
    fields += [table.cells(row)[LANES] for row in range(len(table))]
    return ["".join(span.text for span in field) for field in fields]


def test_every_kind_of_arrow_and_gap_is_drawn_as_it_should() -> None:
    lines = lines_of(ladder(), 62)
    assert "\n".join(line.rstrip() for line in lines) == DRAWN.strip("\n")


@pytest.mark.parametrize("width", [1, 8, 20, 44, 62, 100, 300])
def test_a_row_takes_all_cells_and_no_more(width: int) -> None:
    for line in lines_of(ladder(), width):
        assert cell_len(line) == max(width, 1)


@given(st.text(max_size=60), st.integers(1, 120))
def test_labels_of_any_text_keep_to_the_row(label: str, width: int) -> None:
    shown = ladder(rows=(message(0, label), message(1, label, up=False)), groups=())
    for line in lines_of(shown, width)[2:]:
        assert cell_len(line) == width


def test_tones_say_what_was_found_what_was_lost_and_what_is_inferred() -> None:
    table = table_of(ladder(), 62)
    tones = {}
    for row in range(len(table)):
        item = table.rows[row]
        if item.message is not None:
            tones[item.message.label, item.message.repetition] = table.cells(row)[LANES][1].tone
    assert tones["SYN-ACK", 0] is Tone.BAD
    assert tones["SYN-ACK", 1] is Tone.WARN
    assert tones["KEYGEN_REQUEST", 0] is Tone.LIKELY
    assert tones["KEYGEN_RESPONSE", 0] is Tone.PLAIN


def test_messages_of_one_packet_bear_its_time_once() -> None:
    table = table_of(ladder(), 62)
    times = {
        item.message.label: table.cells(row)[1][0].text
        for row, item in enumerate(table.rows)
        if item.message is not None
    }
    assert times["ServerHello, TLS 1.2"]
    assert times["Certificate of CAPF-1"] == ""

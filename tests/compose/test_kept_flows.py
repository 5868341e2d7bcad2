"""Flows kept as bytes are those that were described."""

from __future__ import annotations

import msgspec
import pytest

from capfpcap.compose.kept_flows import KeptFlows, PackedFlows
from capfpcap.formats import FORMATS, flows_kept_for, render
from capfpcap.formats.json_flows import JsonFlows
from capfpcap.formats.page import Page
from tests.formats import samples

FLOWS = [samples.flow(id=f"f{number}") for number in range(1, 6)]
NO_TEXT = samples.flow(id="f6", phone="SEP\udc80")


class Name(msgspec.Struct, frozen=True):
    id: str


@pytest.mark.parametrize("kept_as", [JsonFlows, PackedFlows])
def test_they_are_read_as_they_were(kept_as: type[KeptFlows]) -> None:
    kept = kept_as(kept_as.keep(FLOWS))
    assert len(kept) == len(FLOWS)
    assert list(kept) == FLOWS
    assert kept[-1] == FLOWS[-1]
    assert list(kept[1:3]) == FLOWS[1:3]
    assert [each.id for each in kept.each(Name)] == [flow.id for flow in FLOWS]


def test_names_that_are_no_text_are_kept() -> None:
    kept = PackedFlows(PackedFlows.keep([*FLOWS, NO_TEXT]))
    assert list(kept) == [*FLOWS, NO_TEXT]
    assert [each.id for each in kept.each(Name)][-1] == NO_TEXT.id
    (written,) = JsonFlows(JsonFlows.keep([NO_TEXT]))
    assert written.phone == r"SEP\udc80"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kept_as", [JsonFlows, PackedFlows])
def test_a_format_is_the_same_however_flows_are_kept(name: str, kept_as: type[KeptFlows]) -> None:
    report = samples.report()
    kept = msgspec.structs.replace(report, flows=kept_as(kept_as.keep(report.flows)))
    page = Page()
    assert b"".join(render(kept, name, page)) == b"".join(render(report, name, page))


def test_json_is_written_once() -> None:
    assert {name for name in FORMATS if flows_kept_for(name) is JsonFlows} == {"json", "jsonl"}

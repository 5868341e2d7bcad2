"""Every shipped capture gives ladders, of each phone and each flow, that keep their promises."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from capfpcap.analysis import Analysis
from capfpcap.ladder.build import ladder_of
from capfpcap.ladder.model import Delivery, Gap, Ladder, LaneKind
from capfpcap.report import Reach
from tests.scenarios.expectations import Expectation, expectations

from .drawn import analysis_of, messages

MOST_FLOWS = 12
"""Flows of one expectation of which each gets a ladder of its own."""


@pytest.fixture(scope="module", params=expectations(), ids=str)
def analysis(request: pytest.FixtureRequest) -> Analysis:
    """Of the captures of each expectation, once for all tests."""
    expected: Expectation = request.param
    return analysis_of(expected.files)


def ladders(analysis: Analysis) -> Iterator[Ladder]:
    for account in analysis.judged.accounts:
        yield ladder_of(analysis, phone=account.case.phone.name)
    for flow in analysis.scene.flows[:MOST_FLOWS]:
        yield ladder_of(analysis, flow=flow.id)


def test_each_phone_and_each_flow_has_a_ladder_whose_parts_fit(analysis: Analysis) -> None:
    for ladder in ladders(analysis):
        _lanes_fit(ladder)
        _rows_fit(ladder)
        _groups_fit(ladder)
        _places_exist(ladder, analysis)


def _lanes_fit(ladder: Ladder) -> None:
    assert ladder.lanes[0].kind is LaneKind.PHONE
    of_points = {lane.point for lane in ladder.lanes if lane.kind is LaneKind.POINT}
    seen = {one.point for message in messages(ladder) for one in message.seen}
    assert len(of_points) != 1
    assert len(seen) < 2 or seen <= of_points
    for index, point in enumerate(ladder.points):
        assert (point.lane is not None) is (index in of_points)
        assert point.lane is None or ladder.lanes[point.lane].point == index


def _rows_fit(ladder: Ladder) -> None:
    """Each message lies within its lanes, and all stand in order of time."""
    places = range(len(ladder.lanes))
    said = messages(ladder)
    flows = {flow.id for flow in ladder.flows}
    assert [one.delta_ns for one in said[:1]] == [None] * bool(said)
    for before, message in pairwise(said):
        assert message.delta_ns == message.time - before.time >= 0
    for message in said:
        assert message.flow in flows
        assert message.sender in places
        assert message.receiver in places
        assert 0 <= min(message.tail, message.head) < max(message.tail, message.head) < len(places)
        assert (message.head > message.tail) is (message.receiver > message.sender)
        assert all(0 <= index < len(ladder.findings) for index in message.findings)
        assert message.label
        assert message.text


def _groups_fit(ladder: Ladder) -> None:
    for group in ladder.groups:
        assert 0 <= group.first < group.stop <= len(ladder.rows)
        rows = ladder.rows[group.first : group.stop]
        assert {row.flow for row in (rows[0], rows[-1])} == {group.flow}
        assert {row.flow for row in rows} <= {group.flow, None}
    for row in ladder.rows:
        if isinstance(row, Gap):
            assert row.begins <= row.ends
        elif row.flight is not None:
            assert ladder.groups[row.flight].flow == row.flow


def _places_exist(ladder: Ladder, analysis: Analysis) -> None:
    """Every frame that a message names exists, holds what it says, and every finding's is there."""
    captures = {capture.id: capture for capture in ladder.captures}
    for message in messages(ladder):
        assert message.seen
        assert [one.delay_ns for one in message.seen[:1]] == [0]
        for one in message.seen:
            assert 1 <= one.frame <= captures[one.capture].packets
            table = analysis.scene.points[one.point].table
            columns = table.others if one.among_others else table.columns
            assert int(columns.frame[one.row]) == one.frame
            assert int(columns.time[one.row]) == one.time
            assert one.time - one.delay_ns == message.time


def test_an_arrow_breaks_off_where_the_captures_show_a_loss_and_nowhere_else(
    analysis: Analysis,
) -> None:
    flows = {flow.id: flow for flow in analysis.scene.flows}
    for ladder in ladders(analysis):
        for described in ladder.flows:
            broken = [
                one
                for one in messages(ladder)
                if one.flow == described.id and one.delivery.ends_on_the_way
            ]
            flow = flows[described.id]
            lost = {
                (leg.to_server, leg.origin.name, passage.sent_row)
                for leg in analysis.scene.legs(flow)
                for passage in leg.lost
            }
            drawn = {
                (one.from_client, ladder.points[one.seen[-1].point].name, one.seen[-1].row)
                for one in broken
                if not one.in_part
            }
            assert drawn == lost
            reach = described.reachability
            if not lost and len(described.seen_at) > 1:
                assert Reach.DROPPED not in (reach.to_server, reach.to_client)


def test_one_capture_alone_shows_no_message_lost(analysis: Analysis) -> None:
    for ladder in ladders(analysis):
        if len(ladder.points) == 1:
            assert {one.delivery for one in messages(ladder)} <= {Delivery.SEEN}


def test_every_packet_of_the_phone_that_a_finding_names_is_in_its_ladder(
    analysis: Analysis,
) -> None:
    for account in analysis.judged.accounts:
        ladder = ladder_of(analysis, phone=account.case.phone.name)
        own = {
            (sighting.at.name, row)
            for flow in account.case.phone.flows
            for sighting in flow.sightings
            for row in range(sighting.conversation.view.start, sighting.conversation.view.stop)
        }
        for index, draft in enumerate(account.drafts):
            assert ladder.findings[index].code == draft.code.code
            proofs = [proof for proof in draft.frames if not proof.among_others]
            named = {(proof.at.name, proof.row) for proof in proofs} & own
            marked = {
                (ladder.points[one.point].name, one.row)
                for message in messages(ladder)
                if index in message.findings
                for one in message.seen
            }
            assert named <= marked

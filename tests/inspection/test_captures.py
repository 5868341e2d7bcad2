"""What there is to say of the captures themselves."""

from __future__ import annotations

from capfpcap.inspection.captures import capture_details, clock_words
from capfpcap.vantage.clock import Clock, Sureness
from tests.inspection.conftest import opened


def test_a_capture_says_how_long_it_ran_and_what_of_it_matters() -> None:
    (details,) = capture_details(opened("success-by-address/phone.pcap").analysis.scene.points)
    assert details.capture.id == "phone"
    assert details.span_s is not None
    assert details.span_s > 0
    assert details.kept == details.capture.relevant_packets
    assert details.clock == "the common clock"
    assert details.flaws == ()


def test_flaws_are_told_with_their_first_frame() -> None:
    (snapped,) = capture_details(opened("snapped/phone.pcap").analysis.scene.points)
    (flaw,) = snapped.flaws
    assert flaw.text == "packets of which the file holds only the beginning"
    assert flaw.count > 1
    assert flaw.frame is not None
    (cut,) = capture_details(opened("cut-short/phone.pcap").analysis.scene.points)
    assert cut.flaws[0].text.startswith("the file ends inside frame")


def test_what_a_mirror_recorded_twice_is_counted_apart() -> None:
    (details,) = capture_details(opened("mirrored-twice/mirror.pcap").analysis.scene.points)
    (flaw,) = details.flaws
    assert "twice" in flaw.text
    assert flaw.count + details.kept == details.capture.relevant_packets


def test_one_direction_alone_is_a_flaw() -> None:
    points = opened("asymmetric-capture/phone-late.pcap").analysis.scene.points
    (details,) = capture_details(points)
    assert [flaw.text for flaw in details.flaws] == ["only packets of clients were recorded"]


def test_an_empty_capture_says_so() -> None:
    (details,) = capture_details(opened("empty/phone.pcap").analysis.scene.points)
    assert [flaw.text for flaw in details.flaws] == ["holds no packet"]
    assert details.span_s is None


def test_clocks_are_compared_in_words() -> None:
    assert clock_words(Clock(), None) == "the common clock"
    assert clock_words(None, "phone") == "not compared with that of phone: no packet is in both"
    assert clock_words(Clock(5, 10), "phone") == "that of phone, within 0.000000 s"
    ahead = Clock(2_500_000_000, 1_000, 12e-6)
    assert clock_words(ahead, "phone") == "+2.500000 s against phone ±0.000001 s, drifts +12.0 ppm"
    bound = Clock(-1_000_000_000, None, 0.0, 0, Sureness.AT_LEAST)
    assert clock_words(bound, "phone") == "at least -1.000000 s against phone"

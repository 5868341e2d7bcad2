"""Saved output of ``show itl``, as it comes out of terminals, mails and documents."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from capf_dissectors import shown_list, trust_list
from capf_dissectors.shown_list import Failure, Kind, ShownList
from capf_dissectors.signature import verifying_record
from capf_dissectors.trust_list import Record, TrustFunction, TrustList
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from . import builders
from .builders import CAPF, SIGNER, TVS, field, record, text

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "protocol" / "samples"
CONTENT = builders.trust_list()


def shown_of(content: bytes, kind: Kind = Kind.ITL) -> ShownList:
    read = trust_list.dissect(content)
    assert isinstance(read, TrustList)
    signing = verifying_record(content, read)
    return shown_list.of_bytes(
        content, read.header, read.records, kind=kind, signing=signing, verified=True
    )


def printed(content: bytes = CONTENT, kind: Kind = Kind.ITL) -> str:
    return "".join(f"{line}\n" for line in shown_list.as_printed(shown_of(content, kind)))


def only(content: str) -> ShownList:
    (one,) = shown_list.dissect(content)
    return one


def records(shown: ShownList) -> list[Record]:
    return [shown_list.as_record(one) for one in shown.records]


def without_lines(shown: ShownList) -> ShownList:
    return replace(
        shown,
        line=0,
        header=tuple(replace(row, line=0) for row in shown.header),
        records=tuple(
            replace(one, line=0, rows=tuple(replace(row, line=0) for row in one.rows))
            for one in shown.records
        ),
    )


WHOLE = records(only(printed()))


@pytest.mark.parametrize("kind", Kind)
def test_what_is_printed_is_read_back_and_adds_up(kind: Kind) -> None:
    assert without_lines(only(printed(kind=kind))) == shown_of(CONTENT, kind)


def test_a_record_says_what_the_list_has_of_it() -> None:
    read = trust_list.dissect(CONTENT)
    assert isinstance(read, TrustList)
    for shown, binary in zip(WHOLE, read.records, strict=True):
        assert shown.function is binary.function
        assert (shown.subject, shown.issuer, shown.serial, shown.dns_name) == (
            binary.subject,
            binary.issuer,
            binary.serial,
            binary.dns_name,
        )
        if binary.certificate is None:
            assert shown.certificate_hash == binary.certificate_hash
        else:
            same = trust_list.record_matches(shown, binary.certificate)
            assert same is trust_list.RecordMatch.SAME_HASH
    first, second, capf, _ = only(printed()).records
    assert (first.signed, second.signed, capf.signed) == (True, None, None)


def _collapsed(content: str) -> str:
    return " ".join(content.split())


def _pasted(content: str) -> str:
    pager = "\nPress <enter> for 1 line, <space> for one page, or <q> to quit\n"
    noisy = content.replace("\n", "\n\n").replace("4       FUNCTION", f"{pager}4       FUNCTION")
    return f"Using username admin\nadmin:show itl\n{noisy}admin:\nadmin:exit\n"


def _wrapped(content: str) -> str:
    return re.sub("(,O=Lab),", "\\1,\n      ", content)


def _broken_anywhere(content: str) -> str:
    """Values broken at the width of a terminal."""
    return re.sub(r"(?m)^((?!9 ).{60})(?=.)", r"\1\n", content)


def _misspelt(content: str) -> str:
    return content.replace("ISSUERNAME", "ISSUENAME").replace("DNSNAME ", "dnsname ")


def _serials_in_one_run(content: str) -> str:
    return re.sub(
        r"(SERIALNUMBER\s+\d+\s+)(\S+)", lambda found: found[1] + found[2].replace(":", ""), content
    )


def _quoted(content: str) -> str:
    return "".join(f"> {line}\n" for line in content.splitlines())


@pytest.mark.parametrize(
    "change",
    [
        _collapsed,
        _pasted,
        _wrapped,
        _broken_anywhere,
        _misspelt,
        _serials_in_one_run,
        _quoted,
        lambda content: content.replace("\n", "\r\n"),
        lambda content: content.replace(" ", "\u00a0"),
        lambda content: content.replace("\n", "\x1b[K\n"),
        lambda content: content[content.index("ITL Record #:1") :],
        lambda content: re.sub(r"\n *ITL Record #:\d+\n *-+\n", "\n", content),
        lambda content: re.sub(r"(?m)^-+ .*\n|^BYTEPOS.*\n", "", content),
        lambda content: content + "\nSome words of the document's author, 4 of them.\n",
    ],
)
def test_no_disfigurement_changes_what_the_records_say(change: object) -> None:
    assert callable(change)
    shown = only(change(printed()))
    assert records(shown) == WHOLE
    assert [remark.text for remark in shown.remarks] == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_text_is_read_in_whichever_encoding_it_was_saved(encoding: str) -> None:
    assert records(only(shown_list.decode(printed().encode(encoding)))) == WHOLE


def test_several_lists_in_one_text_are_told_apart() -> None:
    content = printed() + printed(kind=Kind.CTL) + printed()
    for one in (content, _collapsed(content)):
        lists = shown_list.dissect(one)
        assert [each.kind for each in lists] == [Kind.ITL, Kind.CTL, Kind.ITL]
        assert all(records(each) == WHOLE for each in lists)
    bare = "\n".join(printed()[printed().index("ITL Record #:1") :] for _ in range(2))
    assert [records(each) for each in shown_list.dissect(bare)] == [WHOLE, WHOLE]


def test_a_text_says_on_which_line_a_record_stands() -> None:
    content = printed()
    shown = only(content)
    lines = content.splitlines()
    for one in shown.records:
        assert f"ITL Record #:{one.number}" in lines[one.line - 1]
        assert all(row.tag[:4] in lines[row.line - 1] for row in one.rows)


def test_a_missing_row_is_noticed_and_nothing_is_said_of_it() -> None:
    content = re.sub(r"(?m)^11 +CERTHASH.*\n", "", printed(), count=1)
    shown = only(content)
    (remark,) = shown.remarks
    assert re.match(r"RECORDLENGTH of record 3 is \d+, its rows add up to \d+: some", remark.text)
    assert "ITL Record #:3" in content.splitlines()[remark.line - 1]
    assert "certificate_hash" in shown_list.untold(shown.records[2])
    assert "serial" not in shown_list.untold(shown.records[2])


def test_what_was_left_out_is_not_taken_for_a_value() -> None:
    content = re.sub(r"(11 +CERTHASH +20 +(?:\S\S ){5})[^\n]*", r"\1[...]", printed())
    shown = only(content)
    assert shown.elided
    assert "certificate_hash" in shown_list.untold(shown.records[2])
    cut = only(re.sub(r"(SUBJECTNAME.*)NL", r"\1[...]", printed()))
    assert all("subject" in shown_list.untold(one) for one in cut.records)
    assert any("is cut off" in remark.text for remark in cut.remarks)


def test_missing_records_and_a_wrong_length_of_the_file_are_noticed() -> None:
    content = printed()
    start, end = content.index("        ITL Record #:2"), content.index("        ITL Record #:3")
    remarks = [remark.text for remark in only(content[:start] + content[end:]).remarks]
    assert remarks[0] == "record 2 is missing"
    assert remarks[1].endswith("records are missing")


def test_a_header_that_does_not_add_up_is_noticed() -> None:
    content = re.sub(r"(SIGNERID +2 +)\d+", r"\g<1>99", printed())
    assert "SIGNERID is 99" in only(content).remarks[0].text


@pytest.mark.parametrize(
    ("content", "failures"),
    [
        ("admin:show itl\nLength of ITL file: 0\n", (Failure.EMPTY,)),
        ("ITL File not found. To generate an ITL file, activate\n", (Failure.NOT_FOUND,)),
        ("Error parsing the ITL File.\n", (Failure.UNPARSABLE,)),
        ("error parsing\nthe itl file.", (Failure.UNPARSABLE,)),
    ],
)
def test_what_stands_in_place_of_a_list_is_understood(
    content: str, failures: tuple[Failure, ...]
) -> None:
    shown = only(content)
    assert (shown.kind, shown.failures, shown.records) == (Kind.ITL, failures, ())


def test_text_about_something_else_holds_no_list() -> None:
    for content in ("", "admin:", "Version: 1.2", "the ITL file\nshow itl or show ctl", "1 2 3"):
        assert shown_list.dissect(content) == ()
    assert not shown_list.looks_shown("0475 INF Mar 12 15:07:53.686410 dnsmasq[12864]: query[A]")
    assert shown_list.looks_shown(printed())


def test_names_are_printed_in_many_ways_and_mean_the_same() -> None:
    name = 'C=NL, O="Cisco Systems, Inc.", CN=pub'
    content = printed(
        builders.signed(record(text(3, name), field(4, b"\0\4"), field(6, b"\0\1\2")), SIGNER)
    )
    (one,) = records(only(content))
    assert (one.subject, one.serial, one.function) == (name, "102", TrustFunction.CAPF)


def test_the_samples_of_documents_are_read() -> None:
    """Where they are at hand: the output of a CUCM 11.5, with and without a list."""
    for path in SAMPLES.glob("show-itl.txt"):
        shown = only(shown_list.decode(path.read_bytes()))
        assert (shown.kind, shown.verified, shown.remarks) == (Kind.ITL, True, ())
        functions = [one.function for one in records(shown)]
        capf, tvs, sast = TrustFunction.CAPF, TrustFunction.TVS, TrustFunction.SAST
        tftp = TrustFunction.TFTP
        assert functions == [capf, tvs, sast, tvs, sast, tftp, tftp]
        assert [one.signed for one in shown.records].count(True) == 1
        assert all(len(one.certificate_hash) == 20 for one in records(shown))
    for path in SAMPLES.glob("show-itl-corrupt.txt"):
        assert only(shown_list.decode(path.read_bytes())).failures == tuple(Failure)


PIECES = [*printed().split(" "), "ITL Record #:", "[...]", "\n", "9", "\x1b[31m", "ff"]


@given(st.lists(st.sampled_from(PIECES), max_size=200).map(" ".join) | st.text(max_size=400))
@settings(max_examples=150)
def test_any_text_is_read_without_an_error(content: str) -> None:
    for shown in shown_list.dissect(content):
        for one in shown.records:
            shown_list.as_record(one)
        shown_list.dissect("\n".join(shown_list.as_printed(shown)))


@given(st.binary(max_size=200))
def test_any_bytes_are_some_text(content: bytes) -> None:
    shown_list.dissect(shown_list.decode(content))


@pytest.mark.parametrize("piece", ["1 SIGNATURE 5 ff ", "a;\n", "-"])
def test_long_texts_cost_no_more_than_their_length(piece: str) -> None:
    before = time.process_time()
    shown_list.dissect(piece * ((1 << 20) // len(piece)))
    assert time.process_time() - before < 10


def test_there_are_no_more_lists_than_a_cluster_has() -> None:
    assert len(shown_list.dissect("Length of ITL file: 0\n" * 1000)) == shown_list.MAX_LISTS


def test_certificates_of_both_kinds_are_known_by_their_hash() -> None:
    by_hash = next(one for one in WHOLE if one.function is TrustFunction.CAPF)
    assert trust_list.record_matches(by_hash, CAPF.der).matches is True
    assert trust_list.record_matches(by_hash, TVS.der).matches is False

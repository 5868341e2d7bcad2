"""The engine: analyses beside the application, answers, is cancelled, follows, is shared."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from capf_tui.asking.ladders import LadderOf
from capf_tui.asking.overview import Overview
from capf_tui.asking.phones import PhoneRows, PhoneStory
from capf_tui.engine.link import Link, NoAnswerError
from capf_tui.engine.start import attach, serve, start
from capf_tui.engine.wire import Cancelled, Failed, Judged, News, Ready

from tests.tui.looking import PATIENCE_S, captures_of, wishes_for

MISMATCH = captures_of("itl-mismatch")
PHONE = "SEP0008301CE5D2"


class Heard:
    """What a link was told, in order."""

    def __init__(self, link: Link) -> None:
        self.news: list[News] = []
        self._more = threading.Condition()
        link.listen(self._hear)

    def _hear(self, news: News) -> None:
        with self._more:
            self.news.append(news)
            self._more.notify()

    def wait_for(self, kind: type[News], count: int = 1) -> News:
        def found() -> list[News]:
            return [one for one in self.news if isinstance(one, kind)]

        with self._more:
            assert self._more.wait_for(lambda: len(found()) >= count, PATIENCE_S), self.news
            return found()[-1]


def test_questions_are_answered_once_the_captures_are_analysed() -> None:
    wishes = wishes_for(MISMATCH)
    link = start(wishes.examine)
    try:
        assert isinstance(Heard(link).wait_for(Ready), Ready)
        assert link.ask(Overview()).verdict.severity.value == "critical"
        assert link.ask(PhoneStory(PHONE)).phone.root_cause == "itl-capf-mismatch"
        assert link.ask(LadderOf(phone=PHONE)).rows
    finally:
        link.close()


def test_what_is_not_there_is_refused_with_a_sentence() -> None:
    link = start(wishes_for(MISMATCH).examine)
    try:
        Heard(link).wait_for(Ready)
        with pytest.raises(NoAnswerError, match="the captures show no phone SEP0"):
            link.ask(PhoneStory("SEP0"))
        with pytest.raises(NoAnswerError, match="the captures show no flow f99"):
            link.ask(LadderOf(flow="f99"))
    finally:
        link.close()


def test_a_file_that_cannot_be_read_is_told_with_its_reason(tmp_path: Path) -> None:
    link = start(wishes_for([tmp_path / "none.pcap"]).examine)
    try:
        told = Heard(link).wait_for(Failed)
        assert isinstance(told, Failed)
        assert "none.pcap" in told.sentence
        with pytest.raises(NoAnswerError, match="not analysed"):
            link.ask(Overview())
    finally:
        link.close()


def test_phones_are_told_while_others_are_judged() -> None:
    link = start(wishes_for(captures_of("burst")).examine)
    try:
        heard = Heard(link)
        heard.wait_for(Ready)
        judged = [row.name for news in heard.news if isinstance(news, Judged) for row in news.rows]
        rows = [row.name for row in link.ask(PhoneRows(0)).rows]
        assert sorted(judged) == sorted(rows)
    finally:
        link.close()


def test_an_analysis_is_broken_off_and_begun_again(tmp_path: Path) -> None:
    pipe = tmp_path / "slow.pcap"
    os.mkfifo(pipe)
    link = start(wishes_for([pipe]).examine)
    try:
        heard = Heard(link)
        with pipe.open("wb") as file:  # the engine waits for what never comes
            file.write(b"\xd4\xc3\xb2\xa1")
            file.flush()
            link.cancel()
            heard.wait_for(Cancelled)
        pipe.unlink()
        shutil.copy(MISMATCH[0], pipe)
        link.begin()
        heard.wait_for(Ready)
        assert link.ask(Overview()).phones == 1
    finally:
        link.close()


def test_the_engine_ends_with_its_application() -> None:
    link = start(wishes_for(MISMATCH).examine)
    process = link._process
    Heard(link).wait_for(Ready)
    link.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_an_engine_that_dies_leaves_a_sentence() -> None:
    link = start(wishes_for(MISMATCH).examine)
    heard = Heard(link)
    heard.wait_for(Ready)
    os.kill(link._process, signal.SIGKILL)
    told = heard.wait_for(Failed)
    assert isinstance(told, Failed)
    assert "ended unexpectedly" in told.sentence
    with pytest.raises(NoAnswerError, match="ended unexpectedly"):
        link.ask(Overview())
    link.close()


def test_an_analysis_is_broken_off_however_early(tmp_path: Path) -> None:
    pipe = tmp_path / "never.pcap"
    os.mkfifo(pipe)
    link = start(wishes_for([pipe]).examine)
    try:
        link.cancel()  # the process may not have come to the analysis yet
        Heard(link).wait_for(Cancelled)
    finally:
        link.close()


def test_visitors_share_one_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reads = tmp_path / "reads"
    wishes = wishes_for(MISMATCH)

    def examine(progress, heard):
        with reads.open("a") as file:
            file.write("read\n")
        return wishes.examine(progress, heard)

    path = "engine"  # a whole path may be longer than an address of a socket
    link = serve(examine, path)
    try:
        Heard(link).wait_for(Ready)
        for _ in range(3):
            visitor = attach(path)
            Heard(visitor).wait_for(Ready)
            assert visitor.ask(Overview()).phones == 1
            visitor.close()
        assert link.ask(Overview()).phones == 1
        assert reads.read_text() == "read\n"
    finally:
        link.close()


def test_captures_that_grow_are_analysed_again(tmp_path: Path) -> None:
    growing = tmp_path / "phone.pcap"
    whole = MISMATCH[0].read_bytes()
    growing.write_bytes(whole[:3000])
    wishes = wishes_for([growing], follow=True)
    link = start(wishes.examine, wishes.growth())
    try:
        heard = Heard(link)
        heard.wait_for(Ready)
        before = link.ask(Overview()).captures[0].packets
        with growing.open("ab") as file:
            file.write(whole[3000:])
        ready = heard.wait_for(Ready, count=2)
        assert isinstance(ready, Ready)
        assert ready.following
        assert link.ask(Overview()).captures[0].packets > before
        assert link.ask(Overview()).verdict.severity.value == "critical"
    finally:
        link.close()


def test_captures_that_cannot_be_read_just_now_leave_what_was_known(tmp_path: Path) -> None:
    growing = tmp_path / "phone.pcap"
    shutil.copy(MISMATCH[0], growing)
    wishes = wishes_for([growing], follow=True)
    link = start(wishes.examine, wishes.growth())
    try:
        heard = Heard(link)
        heard.wait_for(Ready)
        growing.unlink()
        time.sleep(1.5)
        assert link.ask(Overview()).phones == 1
        shutil.copy(MISMATCH[1], growing)
        heard.wait_for(Ready, count=2)
    finally:
        link.close()

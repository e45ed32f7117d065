"""The one way to the terminal: in order, never more than the line takes, and nobody blocked."""

from __future__ import annotations

import os
import select
import threading
from typing import TYPE_CHECKING

import pytest

from tuinb.terminal.writer import (
    ASK_EVERY,
    FIRST_WINDOW,
    LARGEST_WINDOW,
    MOST_TIMEOUTS,
    PATIENCE,
    QUESTION,
    SMALLEST_WINDOW,
    FlowControl,
    TerminalWriter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_open(flow: FlowControl) -> bool:
    """As a function, for a property that was true once is true for ever to a type checker."""
    return flow.open


def test_key_echoes_are_never_held_back() -> None:
    flow = FlowControl()
    for _ in range(30):
        assert not flow.sent(30)
        assert is_open(flow)


def test_the_terminal_is_asked_after_a_while_and_frames_wait_when_too_much_is_on_the_way() -> None:
    flow = FlowControl()
    assert flow.sent(ASK_EVERY)
    flow.asked(0.0)
    assert is_open(flow)
    flow.sent(FIRST_WINDOW)
    assert not is_open(flow)
    flow.answered(0.1)
    assert flow.in_flight == FIRST_WINDOW
    assert is_open(flow)  # there is no question open whose answer could be waited for


def test_the_window_grows_on_a_quick_line_and_shrinks_on_a_slow_one() -> None:
    flow = FlowControl()
    for _ in range(20):
        flow.asked(0.0)
        flow.answered(0.001)
    flow.asked(0.0)
    flow.sent(LARGEST_WINDOW - 1)
    assert is_open(flow)
    for _ in range(20):
        flow.asked(0.0)
        flow.answered(0.5)
    flow.asked(0.0)
    flow.sent(SMALLEST_WINDOW)
    assert not is_open(flow)
    assert flow.round_trip == pytest.approx(0.001)


def test_a_terminal_that_never_answers_is_left_alone_until_it_does() -> None:
    flow = FlowControl()
    for attempt in range(MOST_TIMEOUTS):
        assert flow.sent(FIRST_WINDOW * 2)
        flow.asked(float(attempt * 10))
        assert not is_open(flow)
        assert not flow.expire(attempt * 10 + PATIENCE / 2)
        assert flow.expire(attempt * 10 + PATIENCE)
        assert is_open(flow)
    assert flow.answers_due == 0
    assert not flow.sent(FIRST_WINDOW * 2)
    assert is_open(flow)
    flow.answered(100.0)
    assert flow.asks


class Line:
    """A pipe with a writer at one end."""

    def __init__(self) -> None:
        self.reader, self.end = os.pipe()
        self.now = 0.0
        self.ready = threading.Event()
        self.gone = threading.Event()
        self.writer = TerminalWriter(self.end, self.ready.set, self.gone.set, clock=lambda: self.now)

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            assert select.select([self.reader], [], [], 10)[0], "nothing came"
            data += os.read(self.reader, count - len(data))
        return data


def is_ready(line: Line) -> bool:
    return line.writer.ready


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    for end in (made.reader, made.end):
        os.close(end)


def test_a_small_frame_goes_out_at_once(line: Line) -> None:
    line.writer.frame("hello")
    assert select.select([line.reader], [], [], 0)[0]
    assert line.read(5) == b"hello"
    assert is_ready(line)
    line.writer.stop()


def test_all_is_in_order_and_nothing_blocks_while_the_line_is_full(line: Line) -> None:
    frames = [str(digit) * 50_000 for digit in range(6)]
    for frame in frames:
        line.writer.write(frame)  # far more than a pipe takes
    line.writer.write("end")
    assert not is_ready(line)
    assert line.read(300_003).decode() == "".join(frames) + "end"
    assert line.ready.wait(10)
    assert is_ready(line)
    line.writer.stop()


def test_another_program_may_have_made_writing_fail_where_it_would_block(line: Line) -> None:
    """Who opened the terminal shares its flags: a program before us, or in the background, may have left O_NONBLOCK."""
    os.set_blocking(line.end, False)
    frames = [str(digit) * 50_000 for digit in range(6)]
    for frame in frames:
        line.writer.write(frame)
    assert line.read(300_000).decode() == "".join(frames)
    assert line.ready.wait(10)
    assert not line.gone.is_set()
    assert is_ready(line)
    line.writer.stop()


def test_after_a_page_the_terminal_is_asked_and_the_answer_opens_the_way(line: Line) -> None:
    size = FIRST_WINDOW + 1
    line.writer.frame("x" * size)
    assert line.read(size + len(QUESTION)).endswith(QUESTION)
    assert not is_ready(line)
    line.now = 0.05
    line.writer.answered()
    assert line.ready.is_set()
    assert is_ready(line)
    line.writer.stop()


def test_without_an_answer_the_way_opens_after_a_while(line: Line) -> None:
    line.writer.frame("x" * (FIRST_WINDOW + 1))
    assert not is_ready(line)
    assert line.writer.waits_until == pytest.approx(PATIENCE)
    line.now = PATIENCE
    assert is_ready(line)
    line.writer.stop()


def test_at_the_end_outstanding_answers_are_waited_for(line: Line) -> None:
    line.writer.frame("x" * 2000)

    def answer() -> None:
        for _ in range(2):
            line.read(1)
            line.writer.answered()

    answering = threading.Thread(target=answer)
    answering.start()
    line.writer.settle()
    answering.join()
    line.writer.stop()
    line.writer.write("too late")
    line.writer.frame("too late")
    assert b"late" not in line.read(2000 + 2 * len(QUESTION) - 2)


def test_a_terminal_that_is_gone_is_told_once_and_ends_the_writing(line: Line) -> None:
    os.close(line.reader)
    line.writer.frame("hello")
    assert line.gone.wait(10)
    assert not is_ready(line)
    line.writer.write("more")
    line.writer.stop()
    line.reader = os.dup(line.end)

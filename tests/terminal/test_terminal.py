"""A terminal as a value, on pseudo-terminals."""

from __future__ import annotations

import os
import pty
import termios
from typing import TYPE_CHECKING

import pytest

from tuinb.capabilities import Colors
from tuinb.terminal.terminal import Terminal, Window

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def slave() -> Iterator[int]:
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (30, 100))
    yield slave
    os.close(slave)
    os.close(master)


def test_the_size_is_the_descriptors(slave: int) -> None:
    terminal = Terminal(slave, slave, {"COLUMNS": "132", "LINES": "50"})
    assert terminal.size() == (100, 30)
    assert terminal.window() == Window(30, 100, 0, 0)


def test_a_size_that_is_unknown_is_the_environments_or_the_usual_one(slave: int) -> None:
    termios.tcsetwinsize(slave, (0, 0))
    assert Terminal(slave, slave, {"COLUMNS": "132", "LINES": "50"}).size() == (132, 50)
    assert Terminal(slave, slave, {"COLUMNS": "0", "LINES": "many"}).size() == (80, 24)


def test_what_is_no_terminal(slave: int) -> None:
    reader, writer = os.pipe()
    terminal = Terminal(reader, writer, {})
    assert (terminal.window(), terminal.size(), terminal.make_raw()) == (None, (80, 24), None)
    assert not terminal.in_background
    terminal.restore(termios.tcgetattr(slave))
    terminal.discard_input()
    terminal.stop()
    assert Terminal(-1, -1, {}).size() == (80, 24)
    os.close(reader)
    os.close(writer)


def test_capabilities_follow_its_own_environment(slave: int) -> None:
    assert Terminal(slave, slave, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}).capabilities().colors is Colors.TRUE
    assert Terminal(slave, slave, {"TERM": "xterm"}).capabilities().colors is Colors.ANSI16


def test_it_is_made_raw_and_restored(slave: int) -> None:
    terminal = Terminal(slave, slave, {})
    before = termios.tcgetattr(slave)
    settings = terminal.make_raw()
    assert settings == before
    inputs, outputs, _, local, *_ = termios.tcgetattr(slave)
    assert not inputs & (termios.ICRNL | termios.IXON)
    assert not outputs & termios.OPOST
    assert not local & (termios.ECHO | termios.ICANON | termios.ISIG)
    terminal.restore(before)
    assert termios.tcgetattr(slave) == before


def test_reading_never_waits_and_leaves_the_mode_of_other_programs(slave: int) -> None:
    descriptor = Terminal(slave, slave, {}).open_input()
    with pytest.raises(BlockingIOError):
        os.read(descriptor, 1)
    assert os.get_blocking(slave)
    os.close(descriptor)


def test_what_can_not_be_opened_again_is_read_as_it_is() -> None:
    reader, writer = os.pipe()
    descriptor = Terminal(reader, writer, {}).open_input()
    os.write(writer, b"x")
    assert os.read(descriptor, 1) == b"x"
    for number in (descriptor, reader, writer):
        os.close(number)

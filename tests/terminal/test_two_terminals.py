"""Two terminals in one process: two apps in one event loop, each with its own size, colours, keys and end."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import sys
import termios
import threading
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyte
import pytest
from textual.widgets import Static

from tests.support import wait_for
from tests.terminal.app_on_a_terminal import Small
from tuinb.terminal.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from textual.app import ComposeResult

PRIVATE = re.compile(r"\x1b\[[<>=?][0-9;]*[a-z]|\x1b\[\?[0-9;]*\$p")
TRUE_COLOR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
FEW_COLORS = {"TERM": "xterm"}
NO_COLOR = {**TRUE_COLOR, "NO_COLOR": "1"}
SGR_COLOR = re.compile(r"\x1b\[[0-9;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
ORANGE = "38;2;255;135;50"


class Coloured(Small):
    """Shows a colour that only a terminal of true colour has as it is."""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static("[#ff8732]orange[/]")


class Seat:
    """An app on a pseudo-terminal of this process, and what the person there sees."""

    def __init__(self, columns: int, rows: int, environ: Mapping[str, str]) -> None:
        self.master, self.slave = pty.openpty()
        self.settings = termios.tcgetattr(self.slave)[:4]
        self.stopped = 0
        self.all = ""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self.resize(columns, rows)
        self.app = Coloured(terminal=Terminal(self.slave, self.slave, environ, self._stop))

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        termios.tcsetwinsize(self.slave, (rows, columns))

    def read(self) -> None:
        text = os.read(self.master, 1 << 16).decode()
        self.all += text
        self.type("\x1b[?62;22c" * text.count("\x1b[c"))
        self._stream.feed(PRIVATE.sub("", text))

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def shows(self, text: str) -> bool:
        return any(text in line for line in self.screen.display)

    def _stop(self) -> None:
        self.stopped += 1


@pytest.fixture(autouse=True)
def _standard_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restores what Textual's apps redirect: apps that do not end in the order of a stack leave an ended one's."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)


@asynccontextmanager
async def seat(columns: int, rows: int, environ: Mapping[str, str]) -> AsyncIterator[Seat]:
    """Runs an app on a terminal of its own; at the end the app leaves and the descriptors are closed."""
    made, loop = Seat(columns, rows, environ), asyncio.get_running_loop()
    loop.add_reader(made.master, made.read)
    running = asyncio.create_task(made.app.run_async())
    try:
        await wait_for(partial(made.shows, f"size {columns}x{rows}."))
        yield made
    finally:
        made.app.leave(0)
        await running
        loop.remove_reader(made.master)
        os.close(made.master)
        os.close(made.slave)


async def test_each_has_its_own_size_and_colours() -> None:
    async with seat(60, 12, TRUE_COLOR) as one, seat(40, 9, FEW_COLORS) as two, seat(50, 8, NO_COLOR) as three:
        for one_of_them in (one, two, three):
            await wait_for(partial(one_of_them.shows, "orange"))
        assert ORANGE in one.all
        assert ORANGE not in two.all
        assert "\x1b[91morange" in two.all
        assert not SGR_COLOR.search(three.all)
        two.resize(44, 10)
        two.app.terminal_resized()
        await wait_for(lambda: two.shows("size 44x10."))
        assert one.shows("size 60x12.")


async def test_keys_reach_the_app_of_their_terminal() -> None:
    async with seat(60, 12, TRUE_COLOR) as one, seat(40, 9, FEW_COLORS) as two:
        one.type("a")
        await wait_for(lambda: one.shows("key a."))
        two.type("b")
        await wait_for(lambda: two.shows("key b."))
        assert one.shows("key a.")
        before = len(one.all)
        two.type("c")
        await wait_for(lambda: two.shows("key c."))
        assert one.all[before:] == ""


@pytest.mark.parametrize("first", [0, 1])
async def test_one_that_ends_leaves_the_other_running(first: int) -> None:
    async with seat(60, 12, TRUE_COLOR) as one, seat(40, 9, FEW_COLORS) as two:
        ends, stays = (one, two) if first == 0 else (two, one)
        ends.app.leave(0)
        await wait_for(lambda: "\x1b[?1049l" in ends.all)
        await wait_for(lambda: termios.tcgetattr(ends.slave)[:4] == ends.settings)
        stays.type("x")
        await wait_for(lambda: stays.shows("key x."))
        assert "\x1b[?1049l" not in stays.all


async def test_one_that_is_stopped_stops_its_own_program_and_comes_back() -> None:
    async with seat(60, 12, TRUE_COLOR) as one, seat(40, 9, FEW_COLORS) as two:
        two.type("\x1a")
        await wait_for(lambda: two.stopped == 1)
        await wait_for(lambda: "\x1b[?1049l" in two.all)
        one.type("x")
        await wait_for(lambda: one.shows("key x."))
        two.screen.reset()
        two.app.terminal_continued()
        await wait_for(lambda: two.shows("size 40x9."))
        two.type("y")
        await wait_for(lambda: two.shows("key y."))
        assert one.stopped == 0


async def test_a_terminal_that_goes_away_ends_its_app_alone() -> None:
    async with seat(60, 12, TRUE_COLOR) as one:
        master, slave = pty.openpty()
        app = Coloured(terminal=Terminal(slave, slave, TRUE_COLOR))
        running = asyncio.create_task(app.run_async())
        await wait_for(lambda: app.is_running and app.is_mounted(app.screen))
        os.close(master)
        await asyncio.wait_for(running, 20)
        os.close(slave)
        one.type("x")
        await wait_for(lambda: one.shows("key x."))


async def test_what_another_program_reads_first_does_not_hold_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    wait, missed = select.select, list[int]()

    def sees_what_is_gone(
        readers: list[int], writers: list[int], others: list[int], within: float | None = None
    ) -> tuple[list[int], list[int], list[int]]:
        if threading.current_thread().name == "terminal-input" and len(missed) < 2:
            missed.append(readers[0])
            return [readers[0]], [], []
        return wait(readers, writers, others, within)

    async with seat(60, 12, TRUE_COLOR) as one:
        monkeypatch.setattr(select, "select", sees_what_is_gone)
        one.type("x")
        await wait_for(lambda: one.shows("key x."))
        await wait_for(lambda: len(missed) == 2)
        one.type("y")
        await wait_for(lambda: one.shows("key y."))


async def test_no_descriptor_is_left_open() -> None:
    before = open_descriptors()
    async with seat(60, 12, TRUE_COLOR), seat(40, 9, FEW_COLORS):
        assert open_descriptors() > before
    assert open_descriptors() == before


def open_descriptors() -> int:
    """How many descriptors this process has."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


class HandingOver(Coloured):
    """Leaves the terminal as it is for another app."""

    @property
    def hands_over(self) -> bool:
        return True


async def test_a_terminal_is_handed_from_one_app_to_another_as_it_is() -> None:
    made, loop = Seat(60, 12, TRUE_COLOR), asyncio.get_running_loop()
    settings = termios.tcgetattr(made.slave)
    loop.add_reader(made.master, made.read)
    first = HandingOver(terminal=Terminal(made.slave, made.slave, TRUE_COLOR))
    running = asyncio.create_task(first.run_async())
    await wait_for(lambda: made.shows("size 60x12."))
    first.leave(0)
    await running
    assert not termios.tcgetattr(made.slave)[3] & (termios.ECHO | termios.ICANON)
    made.type("n")  # what is typed between the two is for the next one
    second = Coloured(terminal=Terminal(made.slave, made.slave, TRUE_COLOR, held=settings))
    running = asyncio.create_task(second.run_async())
    await wait_for(lambda: made.shows("key n."))
    assert made.all.count("\x1b[?1049h") == 1
    assert "\x1b[?1049l" not in made.all
    second.leave(0)
    await running
    await wait_for(lambda: made.all.count("\x1b[?1049l") == 1)
    assert termios.tcgetattr(made.slave) == settings
    loop.remove_reader(made.master)
    os.close(made.master)
    os.close(made.slave)

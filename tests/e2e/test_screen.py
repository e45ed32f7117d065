"""The screen in terminals of several sizes and abilities, and files that are not as they should be. No kernel runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support import NOTEBOOKS, write_notebook
from tests.terminal_emulator import CTRL_END, ENTER, ESCAPE, PAGE_DOWN
from tests.wire_grammar import foreign

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start

ANALYSIS = NOTEBOOKS / "analysis.ipynb"
WHEEL_UP = "\x1b[<64;20;10M"
WHEEL_DOWN = "\x1b[<65;20;10M"
SGR = re.compile(rb"\x1b\[([0-9;:]*)m")


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (10, 40), (40, 120)])
def test_a_notebook_is_read_at_any_size(start: Start, rows: int, columns: int) -> None:
    terminal = start(ANALYSIS, "--no-kernel", rows=rows, columns=columns)
    terminal.wait_for("How long is the queue?")
    terminal.send("G")
    terminal.wait_for("What to remember")
    terminal.send("gg")
    terminal.wait_for("How long is the queue?")
    terminal.send("\x11")
    assert terminal.exit_code() == 0


def test_it_can_be_left_as_soon_as_it_is_seen(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel")
    terminal.wait_for("How long is the queue?")
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize("pause", [0.0, 0.1])
def test_what_is_typed_and_pasted_at_the_start_arrives_in_order(start: Start, tmp_path: Path, pause: float) -> None:
    terminal = start(write_notebook(tmp_path / "one.ipynb", "first = 1"), "--no-kernel", "--no-session")
    terminal.wait_for(lambda: "no kernel" in terminal.status)
    for keys in ("b" + ENTER, "\x1b[200~pasted =\x1b[201~", " x", ESCAPE):
        terminal.send(keys)
        terminal.pump(pause)
    terminal.wait_for("pasted = x")
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.settle()
    assert terminal.shows("first = 1")
    assert terminal.shows("pasted = x")
    assert "2/2" in terminal.status


def test_the_screen_follows_its_terminal(start: Start) -> None:
    of_another_window = {"COLUMNS": "83", "LINES": "7"}
    terminal = start(ANALYSIS, "--no-kernel", env=of_another_window)
    terminal.wait_for("How long is the queue?")
    terminal.wait_for(lambda: "no kernel" in terminal.status)
    terminal.resize(30, 100)
    terminal.wait_for(lambda: "no kernel" in terminal.status)


def test_every_cell_and_output_of_a_notebook(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel", rows=280)
    for text in ("simulated", "50,000 customers", "▀", "ValueError", "[5]", "Leave some slack"):
        terminal.wait_for(text)


def test_a_page_down_shows_what_was_below(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel")
    terminal.wait_for("How long is the queue?")
    terminal.send(PAGE_DOWN)
    terminal.wait_for("def waits(")
    terminal.wait_for(lambda: not terminal.shows("How long is the queue?"))


def test_the_terminals_own_cursor_rests_where_one_types(start: Start, tmp_path: Path) -> None:
    """An input method opens its window there. It stays with its line when the wheel turns, and on the screen."""
    path = write_notebook(tmp_path / "long.ipynb", "\n".join(f"line = {n}" for n in range(90)))
    terminal = start(path, "--no-kernel")
    terminal.wait_for("line = 0")
    terminal.send(f"{ENTER}{CTRL_END}ZZZ")

    def rests_after(text: str) -> bool:
        cursor = terminal.screen.cursor
        return terminal.screen.display[cursor.y][: cursor.x].endswith(text)

    terminal.wait_for(lambda: rests_after("line = 89ZZZ"))
    terminal.send("\x1b[A" * 12)
    terminal.wait_for(lambda: rests_after("line = 77"))
    row = terminal.screen.cursor.y
    terminal.send(WHEEL_UP)
    terminal.wait_for(lambda: rests_after("line = 77") and terminal.screen.cursor.y == row + 3)
    for wheel in (WHEEL_UP, WHEEL_DOWN):
        terminal.send(wheel * 60)
        terminal.settle(0.2, within=3)
    terminal.send("Z")
    terminal.wait_for(lambda: rests_after("line = 77Z"))
    assert foreign(bytes(terminal.raw)) == []


def test_the_editor_stays_on_its_cell_when_the_window_changes(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "many.ipynb", *(f"z={n}" for n in range(12))), "--no-kernel")
    terminal.wait_for("z=0")
    terminal.send(f"G{ENTER}\x1b[F")
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    for rows, columns, typed in ((9, 60, "a"), (40, 100, "b"), (14, 70, "c")):
        terminal.resize(rows, columns)
        terminal.wait_for(lambda: any(row.startswith("▌   [ ] z=11") for row in terminal.screen.display))
        terminal.send(typed)
        terminal.wait_for(f"[ ] z=11{'abc'[: 'abc'.index(typed) + 1]}")


def colours(raw: bytes) -> set[bytes]:
    """The SGR parameters that set a colour."""
    parameters = {part for found in SGR.findall(raw) for part in re.split(rb"[;:]", found)}
    return {part for part in parameters if re.fullmatch(rb"[34][0-8]|9[0-7]|10[0-7]", part)}


def test_sixteen_colours_are_enough(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel", env={"TERM": "xterm", "COLORTERM": ""})
    terminal.wait_for("How long is the queue?")
    terminal.wait_for(lambda: bool(colours(bytes(terminal.raw))))
    terminal.settle()
    assert colours(bytes(terminal.raw)).isdisjoint({b"38", b"48"})


def test_no_color_is_honoured(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel", env={"NO_COLOR": "1"})
    terminal.wait_for("How long is the queue?")
    terminal.settle()
    assert colours(bytes(terminal.raw)) == set()


def test_nothing_is_sent_at_rest(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel")
    terminal.wait_for("How long is the queue?")
    assert terminal.settle(2.0)
    terminal.send(ENTER)
    terminal.wait_for("EDIT")
    assert terminal.settle(2.0)


def test_help_shows_the_keys(start: Start) -> None:
    terminal = start(ANALYSIS, "--no-kernel")
    terminal.wait_for("How long is the queue?")
    terminal.send("?")
    terminal.wait_for("Run")
    terminal.send(ESCAPE)
    terminal.wait_for("How long is the queue?")


def test_a_kernel_that_is_not_there_is_said_and_the_notebook_opens(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "x.ipynb", "print('here')"), "--kernel", "no-such-kernel")
    terminal.wait_for("print('here')")
    terminal.wait_for("no-such-kernel")


BROKEN = {
    "not JSON": b"hello",
    "empty": b"",
    "conflict markers": b'{\n<<<<<<< HEAD\n "cells": [],\n=======\n "cells": [1],\n>>>>>>> theirs\n "nbformat": 4}',
    "version 5": b'{"cells": [], "metadata": {}, "nbformat": 5, "nbformat_minor": 0}',
    "invalid UTF-8": b'{"cells": [], "metadata": {"x": "\xff\xfe"}, "nbformat": 4, "nbformat_minor": 5}',
    "deep": b"[" * 100_000,
    "a list": b"[1, 2]",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_notebook_is_refused_or_shown_and_never_changed(start: Start, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_bytes(content)
    terminal = start(path, "--no-kernel", columns=240)
    terminal.wait_for(lambda: terminal.shows("COMMAND") or terminal.raw.startswith(b"tuinb: "))
    if terminal.shows("COMMAND"):
        terminal.wait_for("broken.ipynb")
        terminal.send("\x11")
        assert terminal.exit_code() == 0
    else:
        assert terminal.exit_code() == 1
        said = bytes(terminal.raw).decode().splitlines()
        assert len(said) == 1
        assert said[0].startswith("tuinb: ")
    assert b"Traceback" not in terminal.raw
    assert path.read_bytes() == content


def test_a_folder_is_no_notebook(start: Start, tmp_path: Path) -> None:
    terminal = start(tmp_path, "--no-kernel")
    assert terminal.exit_code() == 1
    assert terminal.raw.startswith(b"tuinb: ")

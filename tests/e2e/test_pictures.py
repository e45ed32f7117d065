"""Pictures in terminals that can show them: what is on the wire, and when. No kernel runs."""

from __future__ import annotations

import json
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import NOTEBOOKS
from tests.terminal_emulator import PAGE_DOWN, Terminal

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = "\U0010eeee"
TRANSMITTED = re.compile(rb"\x1b+_Ga=T,U=1,f=100,t=d,i=(\d+),c=\d+,r=\d+,q=1,m=")
SIXEL = re.compile(rb"\x1bP[0-9;]*q[^\x1b]*\x1b\\")
KITTY: dict[str, Any] = {"version": "kitty(0.35.2)", "kitty": True}


def notebook(folder: Path) -> Path:
    """One picture, and words below it for several screens."""
    cells = json.loads((NOTEBOOKS / "analysis.ipynb").read_text())["cells"]
    picture = next(cell for cell in cells if "image/png" in str(cell.get("outputs")))
    picture["source"] = "plot()"
    words = [{"cell_type": "markdown", "id": f"w{n}", "metadata": {}, "source": f"words {n}\n\nand more"} for n in range(30)]
    path = folder / "picture.ipynb"
    path.write_text(json.dumps({"cells": [picture, *words], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def opened(folder: Path, *arguments: str, command: tuple[str, ...] = (), **says: Any) -> Terminal:  # noqa: ANN401
    """The notebook in a terminal of 40 rows that says so of itself."""
    program = [*command, sys.executable, "-m", "tuinb", str(notebook(folder)), "--no-kernel", "--theme", "dark", *arguments]
    return Terminal(program, rows=40, columns=100, cwd=folder, **says)


def sent(terminal: Terminal) -> list[int]:
    return [int(found) for found in TRANSMITTED.findall(terminal.raw)]


def leave(terminal: Terminal) -> None:
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    assert b"Traceback" not in terminal.raw


def test_a_kitty_image_is_sent_once_and_is_text_from_then_on(tmp_path: Path) -> None:
    with opened(tmp_path, **KITTY) as terminal:
        terminal.wait_for(PLACEHOLDER)
        terminal.settle()
        [image_id] = sent(terminal)
        colour = f"\x1b[38;2;{image_id >> 16};{image_id >> 8 & 255};{image_id & 255}"
        assert re.search(re.escape(colour.encode()) + rb"[;m]", terminal.raw)
        terminal.send("jjjjjjjjj" + PAGE_DOWN)
        for keys, seen in (("G", "words 29"), ("gg", "plot()"), ("G", "words 29"), ("gg", "plot()")):
            terminal.send(keys)
            terminal.wait_for(seen)
            terminal.settle()
        terminal.wait_for(PLACEHOLDER)
        assert sent(terminal) == [image_id]
        leave(terminal)
        assert b"\x1b_Ga=d,d=I,i=%d,q=2\x1b\\" % image_id in terminal.raw
        assert terminal.raw.rindex(b"a=d,d=I") < terminal.raw.rindex(b"?1049l")


def test_a_redraw_sends_it_again(tmp_path: Path) -> None:
    with opened(tmp_path, **KITTY) as terminal:
        terminal.wait_for(PLACEHOLDER)
        terminal.send(":redraw")
        terminal.wait_for("Redraw the screen")
        terminal.send("\r")
        terminal.wait_for(lambda: len(sent(terminal)) == 2)
        terminal.wait_for(PLACEHOLDER)
        leave(terminal)


@pytest.mark.parametrize(
    ("says", "arguments"),
    [
        ({"version": "kitty(0.26.5)", "kitty": True}, ()),
        ({"version": "WezTerm-like 1", "kitty": True}, ()),
        (KITTY, ("--graphics", "blocks")),
        ({}, ()),
    ],
)
def test_where_placeholders_are_not_known_there_are_blocks(
    tmp_path: Path, says: dict[str, Any], arguments: tuple[str, ...]
) -> None:
    with opened(tmp_path, *arguments, **says) as terminal:
        terminal.wait_for("▀")
        terminal.settle()
        assert sent(terminal) == []
        assert not terminal.shows(PLACEHOLDER)
        leave(terminal)


def test_nothing_is_drawn_where_one_wants_it_so(tmp_path: Path) -> None:
    with opened(tmp_path, "--graphics", "none", **KITTY) as terminal:
        terminal.wait_for("image/png 640×400")
        terminal.settle()
        assert not terminal.shows("▀")
        assert sent(terminal) == []
        leave(terminal)


def test_a_sixel_is_laid_when_all_is_still_and_lifted_before_anything_moves(tmp_path: Path) -> None:
    with opened(tmp_path, sixel=True) as terminal:
        terminal.wait_for(lambda: SIXEL.search(terminal.raw) is not None)
        terminal.settle()
        assert not terminal.shows("▀"), "its blocks would stand out at its edges"
        before = len(terminal.raw)
        terminal.watch(0.5)
        terminal.send("j")
        terminal.settle()
        assert len(SIXEL.findall(terminal.raw)) == 1, "another cell was chosen: nothing moved"
        terminal.send("jjjjjjjjjjjj")
        terminal.wait_for("words 11")
        terminal.settle()
        moved = terminal.raw[before:]
        assert re.search(rb"\x1b\[\d+X", moved)
        assert len(SIXEL.findall(moved)) == 0, "it is not whole any more"
        terminal.send("gg")
        terminal.wait_for(lambda: len(SIXEL.findall(terminal.raw)) == 2)
        leave(terminal)


def test_a_screen_of_another_font_gets_a_sixel_that_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, sixel=True) as terminal:
        terminal.wait_for(lambda: SIXEL.search(terminal.raw) is not None)
        terminal.settle()
        monkeypatch.setattr("tests.terminal_emulator.CELL_PIXELS", (12, 24))
        terminal.resize(38, 96)

        def heights() -> list[int]:
            found = (re.search(rb"1;1;\d+;(\d+)", sixel) for sixel in SIXEL.findall(terminal.raw))
            return [int(size[1]) for size in found if size is not None]

        terminal.wait_for(lambda: len(heights()) >= 2 and heights()[-1] % 24 == 0)
        assert heights()[0] % 16 == 0
        leave(terminal)


def test_iterm_is_known_by_its_name(tmp_path: Path) -> None:
    with opened(tmp_path, version="iTerm2 3.5.0") as terminal:
        terminal.wait_for(lambda: b"\x1b]1337;File=inline=1" in terminal.raw)
        leave(terminal)


def test_a_screen_at_rest_is_sent_nothing(tmp_path: Path) -> None:
    sixel: dict[str, Any] = {"sixel": True}
    for says in (KITTY, sixel):
        with opened(tmp_path, **says) as terminal:
            terminal.wait_for("plot()")
            assert terminal.settle(2.0)
            leave(terminal)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("passes", ["on", "off"])
def test_inside_tmux_images_go_to_the_terminal_around_it(tmp_path: Path, passes: str) -> None:
    settings = tmp_path / "tmux.conf"
    settings.write_text(f"set -g allow-passthrough {passes}\nset -as terminal-overrides ',*:RGB'\n")
    tmux = ("tmux", "-S", str(tmp_path / "socket"), "-f", str(settings), "new-session")
    with opened(tmp_path, command=tmux, env={"SHELL": "/bin/sh"}, **KITTY) as terminal:
        if passes == "on":
            terminal.wait_for(PLACEHOLDER)
            terminal.settle()
            [image_id] = sent(terminal)
            assert b"38;2;%d;%d;%d" % (image_id >> 16, image_id >> 8 & 255, image_id & 255) in terminal.raw.replace(b":", b";")
        else:
            terminal.wait_for("▀")
            terminal.settle()
            assert sent(terminal) == []
        terminal.send("\x11")
        assert terminal.exit_code() == 0

"""Outputs handed to other programs, by the real program on a terminal."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.terminal_emulator import ENTER
from tests.ui.notebooks import bundle, notebook, stream

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start

LINES = "".join(f"\x1b[32mline {number}\x1b[0m\x1b]0;title\x07\n" for number in range(50_000))


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def long(tmp_path: Path) -> Path:
    return notebook(tmp_path / "a.ipynb", ("print", [stream(LINES), stream("the end\n")]))


def test_the_pager_has_the_terminal_and_gives_it_back(start: Start, tmp_path: Path, long: Path) -> None:
    pager = script(tmp_path / "pager", f"cat > {tmp_path}/paged; printf '\\n\\nthe pager is here\\n'; read answer < /dev/tty")
    terminal = start(long, "--no-kernel", env={"PAGER": str(pager)})
    terminal.wait_for("more lines")
    terminal.send("|")
    terminal.wait_for("the pager is here")
    terminal.send(ENTER)
    terminal.wait_for(lambda: not terminal.shows("the pager is here"))
    terminal.wait_for("more lines")
    paged = (tmp_path / "paged").read_text(encoding="utf-8")
    assert paged.count("\n") == 50_001
    assert "\x1b[32mline 49999\x1b[0m\n" in paged
    assert "\x1b]" not in paged
    assert paged.endswith("the end\n\x1b[0m")
    terminal.send("\x11")
    assert terminal.exit_code() == 0


def test_a_pager_that_is_left_early(start: Start, tmp_path: Path, long: Path) -> None:
    pager = script(tmp_path / "pager", "head -1 > /dev/null")
    terminal = start(long, "--no-kernel", env={"PAGER": str(pager)})
    terminal.wait_for("more lines")
    terminal.send("|")
    # Until the screen is painted again the terminal may still read lines, in which Enter and Ctrl+Q are others.
    terminal.wait_for(lambda: b"1/1" in terminal.raw.partition(b"\x1b[?1049h")[2].partition(b"\x1b[?1049h")[2])
    terminal.send("G:redraw" + ENTER)
    terminal.wait_for("1/1")
    terminal.settle()
    assert not terminal.shows("pager")
    terminal.send("\x11")
    assert terminal.exit_code() == 0


@pytest.mark.parametrize(("pager", "said"), [("/no/such/pager", "the pager can't be run"), ("false", "ended with exit code 1")])
def test_a_pager_that_fails_is_said(start: Start, long: Path, pager: str, said: str) -> None:
    terminal = start(long, "--no-kernel", env={"PAGER": pager})
    terminal.wait_for("more lines")
    terminal.send("|")
    terminal.wait_for(said)


def test_an_interrupt_in_the_pager_is_the_pagers(start: Start, tmp_path: Path, long: Path) -> None:
    pager = script(
        tmp_path / "pager",
        "cat > /dev/null; trap 'printf \"\\n\\ninterrupted\\n\"; read answer < /dev/tty; exit' INT\n"
        "printf '\\n\\nhere\\n'\nwhile :; do sleep 0.1; done",
    )
    terminal = start(long, "--no-kernel", env={"PAGER": str(pager)})
    terminal.wait_for("more lines")
    terminal.send("|")
    terminal.wait_for("here")
    terminal.send("\x03")
    terminal.wait_for("interrupted")
    terminal.send(ENTER)
    terminal.wait_for(lambda: not terminal.shows("interrupted"))
    terminal.wait_for("more lines")


def test_a_page_in_the_browser_is_private_and_goes_with_the_program(start: Start, tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("table", [bundle(text_html="<table><tr><td>one cell</td></tr></table>")]))
    browser = script(tmp_path / "browser", f"echo $1 > {tmp_path}/opened")
    terminal = start(path, "--no-kernel", env={"BROWSER": str(browser)})
    terminal.wait_for("one cell")
    terminal.send("w")
    opened = tmp_path / "opened"
    terminal.wait_for(lambda: opened.exists() and opened.read_text(encoding="utf-8").endswith("\n"))
    page = type(path)(opened.read_text(encoding="utf-8").strip().removeprefix("file://"))
    assert page.read_text(encoding="utf-8") == "<table><tr><td>one cell</td></tr></table>"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.parent.parent.stat().st_mode) == 0o700
    terminal.settle()
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    assert not page.parent.parent.exists()

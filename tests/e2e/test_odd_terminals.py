"""Terminals without a name or of another locale, those that can't show a screen, and no terminal at all.

A shell notes the settings of the terminal before and after the program.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.terminal_emulator import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUIT = "\x11"
TUINB = f"{shlex.quote(sys.executable)} -m tuinb --no-kernel x.ipynb"


class Shell:
    """A shell on a terminal that runs one command."""

    def __init__(self, folder: Path, command: str) -> None:
        self._folder = folder
        write_notebook(folder / "x.ipynb", "print('héllo →')", "y = 2")
        script = f"read go; stty -a > before; {command}; echo $? > code; stty -a > after"
        self.terminal = Terminal(["/bin/sh", "-c", script], rows=24, columns=80, cwd=folder)
        self.terminal.send("\n")  # the settings are those that the program meets

    def end(self) -> int:
        """Waits for the end. Returns the command's exit code, once the terminal is as it was."""
        assert self.terminal.exit_code() == 0
        before, after = ((self._folder / name).read_text() for name in ("before", "after"))
        assert before == after
        return int((self._folder / "code").read_text())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "work"
    folder.mkdir()
    yield folder
    assert {path.name for path in folder.iterdir()} == {"x.ipynb", "before", "after", "code"}


@pytest.mark.parametrize(
    ("environment", "session"),
    [
        ("env -u TERM -u COLORTERM", ""),
        ("TERM= COLORTERM=", " --no-session"),
        ("LC_ALL=C LANG=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0", ""),
    ],
    ids=["unset", "empty", "C"],
)
def test_a_screen_without_a_name_of_the_terminal_or_a_locale(folder: Path, environment: str, session: str) -> None:
    shell = Shell(folder, f"{environment} {TUINB}{session}")
    with shell.terminal as terminal:
        terminal.wait_for(lambda: "COMMAND" in terminal.status and "1/2" in terminal.status)
        assert terminal.shows("print('héllo →')")
        terminal.send("j")
        terminal.wait_for(lambda: "2/2" in terminal.status)
        terminal.send(QUIT)
        assert shell.end() == 0
        assert b"\x1b[?1049l" in terminal.raw


def test_a_locale_without_unicode_gets_ascii(folder: Path) -> None:
    shell = Shell(folder, f"LC_ALL=en_GB.ISO-8859-1 {TUINB}")
    with shell.terminal as terminal:
        terminal.wait_for(lambda: "COMMAND" in terminal.status and "1/2" in terminal.status)
        terminal.send(QUIT)
        assert shell.end() == 0
        assert terminal.raw.isascii()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (f"TERM=dumb {TUINB}", "TERM=dumb: this terminal can't move the cursor (use another terminal, or set TERM)"),
        (f"{TUINB} < /dev/null", "standard input and output must be a terminal"),
        (f"{TUINB} > /dev/null", "standard input and output must be a terminal"),
        (f"{TUINB} <&-", "standard input and output must be a terminal"),
        (f"{TUINB} >&-", "standard input and output must be a terminal"),
    ],
    ids=["dumb", "no input", "no output", "closed input", "closed output"],
)
def test_no_terminal_for_a_screen_is_said_and_nothing_is_changed(folder: Path, command: str, sentence: str) -> None:
    shell = Shell(folder, command)
    with shell.terminal as terminal:
        assert shell.end() == 1
        said = bytes(terminal.raw).decode()
        assert f"tuinb: {sentence}" in said
        assert "\x1b" not in said
        assert "Traceback" not in said
    assert not (folder.parent / "state").exists()

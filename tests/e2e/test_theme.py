"""The theme of the real program: by the terminal's answer, by the environment, by choice; and a file that is wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.terminal_emulator import DOWN, ENTER, ESCAPE, Terminal

if TYPE_CHECKING:
    from pathlib import Path

WHITE, DARK = "48;5;231", "48;5;234"
"""The backgrounds of light and dark, as SGR."""
LIGHT_TERMINAL = b"ffff/ffff/ffff"


def opened(folder: Path, *arguments: str, background: bytes = b"1010/1010/1010", **env: str) -> Terminal:
    command = [sys.executable, "-m", "tuinb", str(write_notebook(folder / "x.ipynb", "x = 1")), "--no-kernel", *arguments]
    return Terminal(command, cwd=folder, env=env, background=background)


def paints(terminal: Terminal, color: str) -> bool:
    return color.encode() in terminal.raw


def test_a_light_terminal_gets_the_light_theme(tmp_path: Path) -> None:
    with opened(tmp_path, background=LIGHT_TERMINAL) as terminal:
        terminal.wait_for(lambda: paints(terminal, WHITE))
        terminal.settle()
        terminal.wait_for("x = 1")
        terminal.wait_for(lambda: "COMMAND" in terminal.status)


def test_a_dark_terminal_sees_no_other(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.wait_for("x = 1")
        terminal.settle()
        assert paints(terminal, DARK)
        assert not paints(terminal, WHITE)


def test_what_the_environment_says_is_believed_before_the_first_paint(tmp_path: Path) -> None:
    with opened(tmp_path, background=LIGHT_TERMINAL, COLORFGBG="0;15") as terminal:
        terminal.wait_for("x = 1")
        terminal.settle()
        assert paints(terminal, WHITE)
        assert not paints(terminal, DARK)


def test_a_theme_that_was_chosen_stays(tmp_path: Path) -> None:
    with opened(tmp_path, "--theme", "dark", background=LIGHT_TERMINAL) as terminal:
        terminal.wait_for("x = 1")
        terminal.settle()
        assert not paints(terminal, WHITE)


def test_a_theme_is_seen_while_it_is_chosen(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.wait_for("no kernel")
        terminal.settle()
        terminal.send(":theme" + ENTER)
        terminal.wait_for("Enter selects")
        terminal.send(DOWN)
        terminal.wait_for(lambda: paints(terminal, WHITE))
        terminal.settle()
        seen = len(terminal.raw)
        terminal.send(ESCAPE)
        terminal.wait_for(lambda: DARK.encode() in terminal.raw[seen:])


def test_a_broken_theme_is_explained_and_the_program_starts(tmp_path: Path) -> None:
    themes = tmp_path / "tuinb" / "themes"
    themes.mkdir(parents=True)
    (themes / "mine.toml").write_text('extends = "dark"\n[interface]\nforegruond = "#ffffff"\n')
    with opened(tmp_path, "--theme", "mine", XDG_CONFIG_HOME=str(tmp_path)) as terminal:
        terminal.wait_for("did you mean foreground")
        terminal.wait_for("COMMAND")
        assert paints(terminal, DARK)


def test_problems_fit(tmp_path: Path) -> None:
    (tmp_path / "tuinb").mkdir()
    settings = 'theme = "dork"\noutput_lines = "many"\npicture_rows = 2\nline_numbers = 1\n'
    (tmp_path / "tuinb" / "config.toml").write_text(settings)
    with opened(tmp_path, XDG_CONFIG_HOME=str(tmp_path)) as terminal:
        terminal.wait_for("4 problems in the settings; `tuinb config --show` lists them.")
        terminal.wait_for("picture_rows")
        assert terminal.text.count("config.toml") == 1

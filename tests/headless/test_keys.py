"""`tuinb keys`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tuinb.commands.keymap.elsewhere import NAMES, PROGRAMS, hint_for, sequences
from tuinb.commands.registry import COMMANDS
from tuinb.config import KEY_SETS
from tuinb.headless import keys
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path


def settings(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tuinb").mkdir()
    (folder / "tuinb" / "config.toml").write_text(text)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))


def test_keys_of_the_chosen_set_with_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(tmp_path, '[keys]\nset = "vim"\n[keys.normal]\n"f20" = "run-all"\n', monkeypatch)
    assert keys.main([]) == 0
    shown = capsys.readouterr().out
    assert "Keys of the set vim" in shown
    assert "F20 " in shown
    assert "vim: motions" in shown
    assert keys.main(["jupyter"]) == 0
    assert "F20 " not in capsys.readouterr().out


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("key_set", KEY_SETS)
def test_keys_of_other_programs(program: str, key_set: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.main([key_set, "--from", program]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(PROGRAMS[program]) + 2
    assert {habit.command for habit in PROGRAMS[program]} <= set(COMMANDS)
    assert len({habit.keys for habit in PROGRAMS[program]}) == len(PROGRAMS[program])


def test_keys_of_another_program_are_those_of_the_users_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(tmp_path, '[keys]\nset = "vim"\n[keys.command]\n"f20" = "run-all"\n', monkeypatch)
    assert keys.main(["--from", "colab"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"Ctrl\+M B +:insert-below +Insert a code cell below", shown)
    assert re.search(r"Ctrl\+M D +:delete-cells", shown)
    assert re.search(r"Ctrl\+F9 +Space Shift\+R  F20 +Run all cells", shown)


def test_each_key_of_another_program_can_be_pressed_here() -> None:
    assert sequences("Shift+J, Shift+Down") == [("J",), ("shift+down",)]
    assert sequences("D D") == [("d", "d")]
    assert sequences("Ctrl+A (text)") == [("ctrl+a",)]
    assert all(sequences(habit.keys) for habits in PROGRAMS.values() for habit in habits)
    assert set(NAMES) == set(PROGRAMS)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("p",), "{palette} does what it does in Jupyter Notebook."),
        (("ctrl+b",), "{contents-panel} does what it does in JupyterLab."),
        (("ctrl+f9",), "{run-all} does what it does in Colab."),
        (("ctrl+w",), "{quit} does what it does in euporie."),
        (("f20",), ""),
        (("tab",), "{operate-widgets} does what it does in euporie."),
    ],
)
def test_what_a_key_of_another_program_is_here(keys: tuple[str, ...], said: str) -> None:
    assert hint_for(keys, Mode.COMMAND) == said
    assert hint_for(("ctrl+shift+backslash",), Mode.EDIT) == "{go-to-bracket} does what it does in VS Code."


def test_an_unknown_program_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        keys.main(["--from", "collab"])
    assert "colab" in capsys.readouterr().err


def test_wrong_settings_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    settings(tmp_path, '[keys]\nset = "emacz"\n\n[keys.command]\n"f5" = "run-al"\n', monkeypatch)
    assert keys.main([]) == 1
    out, err = capsys.readouterr()
    assert "Keys of the set jupyter" in out
    assert "config.toml, line 2: keys.set = 'emacz' does not fit (did you mean emacs?)" in err
    assert "line 5, keys 'f5' in command mode: there is no command 'run-al' (did you mean run-all" in err


def test_mappings_are_listed_and_their_mistakes_named_with_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '[keys]\nset = "vim"\n[vim]\nescape = "jk"\nctrl_o = "cells"\n[vim.map.normal]\n"," = "Space"\n"gh" = "ctrl+nothing"\n'
    )
    settings(tmp_path, text, monkeypatch)
    assert keys.main([]) == 1
    out, err = capsys.readouterr()
    assert "Keys that stand for others" in out
    assert "jk                             Esc in insert mode" in out
    assert ",                              Space in normal mode" in out
    assert "Ctrl+O o " in out
    assert "[vim.map.normal] \"gh\" in line 8: there is no key 'ctrl+nothing'" in err

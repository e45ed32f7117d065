"""The command line: exit codes, and one clear line for each thing that can be wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import ROOT
from tuinb import __version__, cli
from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.target import Arguments


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the program with its standard input and output not at a terminal."""
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tuinb", *arguments]
    return subprocess.run(command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tuinb {__version__}\n", "")


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert told.count("\n") <= 10
    assert max(map(len, told.splitlines())) <= 100
    for action in cli._parser()._actions:
        for option in action.option_strings or [str(action.metavar)]:
            assert f"{option} {action.metavar}" in told if action.option_strings and action.metavar else option in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nonsense"], "unknown option --nonsense"),
        (["a.ipynb", "--nonsense"], "unknown option --nonsense"),
        (["--kernel"], "expected one argument"),
        (["rnu", "b.ipynb"], "'rnu' is not a command, and there is no such notebook; did you mean run?\n"),
    ],
)
def test_a_command_line_that_can_not_be_understood_is_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert "tuinb: error: " in error
    assert said in error


def test_options_that_contradict_each_other_are_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    assert cli.main(["--existing", "7", "--kernel", "python3"]) == 2
    assert capsys.readouterr().err.startswith("tuinb: --existing can't be combined with another option for the kernel")
    assert cli.main(["--no-session", "a.ipynb", "b.ipynb"]) == 2
    assert capsys.readouterr().err.startswith("tuinb: --no-session is for one notebook")
    assert cli.main(["--no-kernel", "--kernel", "python3"]) == 2
    assert capsys.readouterr().err.startswith("tuinb: --no-kernel ")


def test_a_way_to_show_images_that_there_is_not_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    assert cli.main(["--graphics", "kitten"]) == 2
    assert "choose one of auto, kitty" in capsys.readouterr().err


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    done = run("x.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"tuinb: standard input and output must be a terminal .*\n", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_dumb_terminal_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "dumb")
    assert cli.main(["x.ipynb"]) == 1
    assert capsys.readouterr().err.startswith("tuinb: TERM=dumb: ")


def test_an_error_of_several_lines_becomes_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(arguments: Arguments) -> int:
        raise TuinbError(f"{arguments.file} can't\nbe read", hint="try\tanother")

    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(cli, "_open", fail)
    assert cli.main(["x.ipynb"]) == 1
    assert capsys.readouterr().err == "tuinb: x.ipynb can't be read (try another)\n"

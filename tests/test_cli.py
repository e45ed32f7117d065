"""The command line: exit codes, and one clear line for each thing that can be wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import NOTEBOOKS, ROOT, write_notebook
from tuinb import __version__, cli, start
from tuinb.errors import NotebookFileError, TuinbError
from tuinb.notebook.document import Notebook
from tuinb.ui.view.painter import MARGIN

if TYPE_CHECKING:
    from pathlib import Path


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
        (["--nonsense"], "there is no option --nonsense"),
        (["a.ipynb", "--nonsense"], "there is no option --nonsense"),
        (["--kernel"], "expected one argument"),
        (["a.ipynb", "b.ipynb"], "one notebook is opened at a time, and 'a.ipynb' is no command\n"),
        (["rnu", "b.ipynb"], "one notebook is opened at a time, and 'rnu' is no command; did you mean run?\n"),
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
    assert cli.main(["--no-kernel", "--kernel", "python3"]) == 2
    assert capsys.readouterr().err.startswith("tuinb: --no-kernel ")


def test_a_way_to_show_images_that_there_is_not_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    assert cli.main(["--graphics", "kitten"]) == 2
    assert "give one of auto, kitty" in capsys.readouterr().err


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    done = run("x.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"tuinb: this is not a terminal .*\n", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_dumb_terminal_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "dumb")
    assert cli.main(["x.ipynb"]) == 1
    assert capsys.readouterr().err.startswith("tuinb: TERM=dumb: ")


def test_an_error_of_several_lines_becomes_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(arguments: start.Arguments) -> int:
        raise TuinbError(f"{arguments.file} can't\nbe read", hint="try\tanother")

    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(cli, "_open", fail)
    assert cli.main(["x.ipynb"]) == 1
    assert capsys.readouterr().err == "tuinb: x.ipynb can't be read (try another)\n"


# ---- what happens before the screen


def test_an_untitled_notebook_takes_the_first_free_name(tmp_path: Path) -> None:
    assert start.untitled(tmp_path).name == "Untitled.ipynb"
    (tmp_path / "Untitled.ipynb").touch()
    (tmp_path / "Untitled1.ipynb").symlink_to("nowhere")
    assert start.untitled(tmp_path).name == "Untitled2.ipynb"


def test_a_file_that_is_not_there_becomes_a_new_notebook(tmp_path: Path) -> None:
    options = start.prepare(start.Arguments(str(tmp_path / "new.ipynb"), no_kernel=True))
    assert options.path == tmp_path / "new.ipynb"
    assert options.launched is None
    assert not options.path.exists()


@pytest.mark.parametrize(("own", "told"), [(None, "71"), ("100", "100")])
def test_kernels_are_told_the_columns_of_outputs(
    own: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    monkeypatch.setenv("JUPYTER_COLUMNS", own or "")
    if own is None:
        monkeypatch.delenv("JUPYTER_COLUMNS")
    start.prepare(start.Arguments(str(tmp_path / "new.ipynb"), no_kernel=True))
    assert os.environ["JUPYTER_COLUMNS"] == told
    assert start.BESIDE_OUTPUTS == MARGIN + 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotebookFileError, match="there is no such folder"):
        start.prepare(start.Arguments(str(tmp_path / "no" / "new.ipynb"), no_kernel=True))


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotebookFileError):
        start.prepare(start.Arguments(str(tmp_path / "file" / "new.ipynb"), no_kernel=True))


def test_a_kernel_that_is_not_there_is_no_reason_not_to_open(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "1")
    options = start.prepare(start.Arguments(str(path), kernel="no-such-kernel"))
    assert options.launched is None
    assert "no-such-kernel" in str(options.kernel_problem)


@pytest.mark.kernel
def test_the_kernel_is_spawned_and_abandoned() -> None:
    options = start.prepare(start.Arguments(str(NOTEBOOKS / "analysis.ipynb")))
    assert options.kernel_problem is None
    assert options.kernel_name == "python3"
    if start.processors() > 1:
        assert options.launched is not None
        process, folder = options.launched.process, options.launched.folder
        assert process.poll() is None
        start.abandon(options.launched)
        assert process.poll() is not None
        assert not folder.exists()
    start.abandon(options.launched)


@pytest.mark.parametrize(
    ("metadata", "name"),
    [({}, None), ({"kernelspec": {"name": "ir"}}, "ir"), ({"kernelspec": {"name": 3}}, None), ({"kernelspec": "ir"}, None)],
)
def test_the_kernelspec_that_a_notebook_names(metadata: dict[str, object], name: str | None) -> None:
    notebook = Notebook((), metadata)
    assert start.kernel_name(notebook) == name

"""The first word: a command, or a file to open; what each costs to import, and what its help says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.headless.support import notebook, tuinb
from tests.support import ROOT
from tuinb import cli

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.target import Arguments


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_each_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: tuinb {command} ")
    assert re.search(rf"examples:\n( .*tuinb {command}.*\n)+", told)


def test_the_help_names_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    for command, what in cli.COMMANDS.items():
        assert f"{command} {what}" in told


@pytest.mark.parametrize("words", [["./run"], ["--", "run"], ["runs"], ["--theme", "dark", "show"]])
def test_a_file_may_have_a_commands_name(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str | None] = []

    def open_(arguments: Arguments) -> int:
        opened.append(arguments.file)
        return 0

    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(cli, "_open", open_)
    assert cli.main(words) == 0
    assert opened == [words[-1]]


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import tuinb.cli; tuinb.cli.COMMANDS", {"asyncio", "rich", "json", "tuinb.headless", "textual", "zmq"}),
        ("import tuinb.headless.strip.command", {"asyncio", "rich", "pygments", "textual", "zmq", "nbformat"}),
        ("import tuinb.headless.kernels", {"asyncio", "rich", "textual", "zmq", "nbformat"}),
        ("import tuinb.headless.show", {"asyncio", "textual", "zmq", "nbformat"}),
        (
            "import tuinb.headless.run.command, tuinb.headless.run.job, tuinb.headless.run.report",
            {"rich", "pygments", "textual", "zmq"},
        ),
    ],
)
def test_a_command_imports_what_it_needs(statement: str, forbidden: set[str]) -> None:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not forbidden & set(done.stdout.split())


def test_an_error_is_one_line(tmp_path: Path) -> None:
    done = tuinb("run", "no\x1b.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"\x1b" not in done.stderr


def test_a_name_that_begins_with_a_tilde_is_a_name(tmp_path: Path) -> None:
    notebook(tmp_path / "~nobody.ipynb", "1 + 1")
    done = tuinb("show", "~nobody.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"    [ ] 1 + 1\n")


@pytest.mark.parametrize("words", [["show", "x.ipynb"], ["run", "x.ipynb"], ["kernels"], ["strip", "--install"]])
def test_a_working_folder_that_is_gone_is_said(words: list[str], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); from tuinb import cli; sys.exit(cli.main(sys.argv[1:]))"
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=gone, env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"the working folder does not exist any more (change to another folder)\n")


def test_symbolic_links_that_lead_in_a_circle_are_said(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").symlink_to("x.ipynb")
    done = tuinb("convert", "x.ipynb", "--to", "py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"its symbolic links form a loop" in done.stderr


def test_a_locale_without_a_character_does_not_end_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    path = notebook(tmp_path / "\u00e9\udcff.ipynb", "x")
    done = tuinb("strip", "--check", path, path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    done = tuinb("convert", path, "--to", "ipynb", "-o", tmp_path / "\u00e8.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path}/?.ipynb\n".encode(), b"")


@pytest.mark.kernel
def test_a_terminal_gets_a_line_that_is_painted_over(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "print('one')", "print('two')\n1/0")
    environ = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    words = ["-m", "tuinb", "run", str(path)]
    child = pexpect.spawn(sys.executable, words, env=environ, encoding="utf-8", dimensions=(24, 50), timeout=30)
    told = child.read()
    child.close()
    assert child.exitstatus == 1
    assert "\r\x1b[Kx.ipynb [....................] cell 1 of 2 0:00 p" in told
    assert "\r\x1b[Kone\r\n" in told
    plain = re.sub(r"\x1b\[[0-9;]*m", "", told)
    assert "cell 2, line 2: ZeroDivisionError: division by zero" in plain
    assert plain.count("\nZeroDivisionError: division by zero\r\n") == 2, "first and last of the traceback"
    assert plain.splitlines()[-1].endswith(" s, error")

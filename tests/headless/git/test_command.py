"""`tuinb git`: git compares and merges notebooks by cells, and goes on without tuinb where that fails."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import code, content, notebook
from tests.support import ROOT
from tests.terminal_emulator import Terminal
from tuinb.headless.git.command import main

if TYPE_CHECKING:
    from pathlib import Path

SAVE, QUIT = "\x13", "\x11"
STREAM = {"name": "stdout", "output_type": "stream", "text": ["x\n"]}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one notebook, which is the working folder."""
    settings = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONPATH": str(ROOT)}
    for name, value in {**settings, "XDG_CONFIG_HOME": str(tmp_path / "config"), "PAGER": "cat"}.items():
        monkeypatch.setenv(name, value)
    for word in ("NAME", "EMAIL"):
        monkeypatch.setenv(f"GIT_AUTHOR_{word}", "me")
        monkeypatch.setenv(f"GIT_COMMITTER_{word}", "me")
    folder = tmp_path / "a repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    commit(folder, "a\nb\nc", code("d"))
    return folder


def git(*words: str, code: int = 0) -> tuple[str, str]:
    """The output of git and what it wrote to stderr."""
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def commit(folder: Path, *cells: object) -> Path:
    path = notebook(folder / "x -'1.ipynb", *cells)  # type: ignore[arg-type]
    git("add", ".")
    git("commit", "-q", "-m", "x")
    return path


def branches(folder: Path, ours: tuple[object, ...], theirs: tuple[object, ...]) -> Path:
    git("checkout", "-q", "-b", "other")
    commit(folder, *theirs)
    git("checkout", "-q", "main")
    return commit(folder, *ours)


def sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in content(path)["cells"]]


def test_git_merges_by_cells(repository: Path) -> None:
    assert main(["--install"]) == 0
    path = branches(repository, ("a\nb\nC", code("d", count=7)), ("A\nb\nc", code("d", count=9), code("new")))
    git("merge", "-q", "-m", "m", "other")
    assert sources(path) == ["A\nb\nC", "d", "new"]


def test_a_conflict_of_git_is_a_valid_notebook(repository: Path) -> None:
    assert main(["--install"]) == 0
    path = branches(repository, ("a\nb\n1", code("d")), ("a\nb\n2", code("d")))
    _, said = git("merge", "-q", "-m", "m", "other", code=1)
    assert sources(path) == ["a\nb\n<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs", "d"]
    assert "cell 1: both sides changed the same lines" in said
    assert git("status", "--porcelain")[0].startswith("UU ")


@pytest.mark.parametrize("how", ["broken", "gone"])
def test_git_merges_texts_where_the_driver_fails(repository: Path, how: str) -> None:
    assert main(["--install"]) == 0
    driver = git("config", "merge.tuinb.driver")[0].strip()
    path = branches(repository, ("a\nb\nC", code("d")), ("A\nb\nc", code("d"), code("new")))
    if how == "gone":
        git("config", "merge.tuinb.driver", driver.replace(" -m tuinb ", " -m no_such_module "))
    else:
        path.write_text(path.read_text().replace('"nbformat": 4', '"nbformat": 9'))
        git("commit", "-qam", "y")
    _, said = git("merge", "-q", "-m", "m", "other")
    assert said.endswith("tuinb: x -'1.ipynb is not merged by cells but as text\n")
    assert sources(path) == ["A\nb\nC", "d", "new"]


def test_git_shows_differences_by_cells(repository: Path) -> None:
    assert main(["--install"]) == 0
    path = notebook(repository / "x -'1.ipynb", "a\nB\nc", code("d", outputs=[STREAM], count=5))
    out, said = git("diff")
    assert said == ""
    assert out.splitlines()[1:] == [
        f"--- a/{path.name}", f"+++ b/{path.name}", "@@ cell 1 (code)", " a", "-b", "+B", " c",
        "@@ cell 2 (code)", "   output: stdout", "+x",
    ]  # fmt: skip
    git("commit", "-qam", "y")
    out, _ = git("log", "-p", "-1")
    assert "\n-b\n+B\n" in out
    assert "\n+   output: stdout\n+x\n" in out
    assert '"cell_type"' not in out
    notebook(path, "a\nB\nc", code("d", outputs=[STREAM], count=6))
    assert "only counts, ids, times or metadata differ" in git("diff")[0]


def test_names_of_files_send_nothing_to_the_terminal(repository: Path) -> None:
    assert main(["--install"]) == 0
    path = commit(repository, "a").rename(repository / "x\x1b[31m\ny.ipynb")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    notebook(path, "b")
    out, _ = git("diff")
    assert "\x1b" not in out
    assert out.splitlines()[0] == r"diff --git a/x\x1b[31m\ny.ipynb b/x\x1b[31m\ny.ipynb"


@pytest.mark.parametrize("text", ["", "{", '{"cells": [\n<<<<<<< HEAD\n'])
def test_git_shows_texts_where_the_driver_fails(repository: Path, text: str) -> None:
    assert main(["--install"]) == 0
    path = repository / "x -'1.ipynb"
    path.write_text(text)
    out, said = git("diff")
    assert ("is not compared by cells but as text\n" in said) == bool(text)
    assert ('-   "cell_type": "code"' in out) == bool(text)
    git("commit", "-qam", "y")
    assert "\n-b\n" in git("log", "-p", "-1")[0]


def test_git_goes_on_without_tuinb(repository: Path) -> None:
    assert main(["--install", "--parts", "diff"]) == 0
    for name in ("command", "textconv"):
        value = git("config", f"diff.tuinb.{name}")[0].strip()
        git("config", f"diff.tuinb.{name}", value.replace(" -m tuinb ", " -m no_such_module "))
    notebook(repository / "x -'1.ipynb", "new")
    assert '+    "new"' in git("diff")[0]
    assert '+    "new"' in git("diff", "--no-ext-diff")[0]


def test_added_and_deleted_files(repository: Path) -> None:
    assert main(["--install"]) == 0
    notebook(repository / "y.ipynb", "one")
    git("add", "-A")
    assert git("diff", "--cached")[0].splitlines()[1:] == ["--- /dev/null", "+++ b/y.ipynb", "@@ cell 1 (code), added", "+one"]
    git("commit", "-qm", "y")
    (repository / "y.ipynb").unlink()
    assert "@@ cell 1 (code), deleted\n-one\n" in git("diff")[0]


def test_the_merge_tool(repository: Path) -> None:
    assert main(["--install", "--parts", "mergetool"]) == 0
    path = branches(repository, ("a\nb\nC", code("d", count=7)), ("A\nb\nc", code("d", count=9), code("new")))
    git("merge", "-q", "-m", "m", "other", code=1)
    git("mergetool", "-y", "-t", "tuinb")
    assert sources(path) == ["A\nb\nC", "d", "new"]
    assert git("status", "--porcelain", "--untracked-files=no")[0].startswith("M  ")


def merge_tool(folder: Path) -> Terminal:
    """Git's merge tool on a terminal, once it shows a notebook with one conflict."""
    terminal = Terminal(["git", "mergetool", "-y", "-t", "tuinb"], rows=24, columns=80, cwd=folder)
    terminal.wait_for("A merge left 1 conflict", within=60)
    return terminal


@pytest.mark.kernel
def test_a_conflict_is_resolved_in_the_merge_tool(repository: Path) -> None:
    assert main(["--install", "--parts", "mergetool"]) == 0
    path = branches(repository, ("a\nb\n1", code("d")), ("A\nb\n2", code("d")))
    git("merge", "-q", "-m", "m", "other", code=1)
    with merge_tool(repository) as terminal:
        terminal.send(":resolve\r")
        terminal.wait_for("Conflict 1 of 1: cell 1: its source")
        terminal.send("t")
        terminal.wait_for("1 conflict resolved")
        terminal.send(SAVE)
        terminal.wait_for("Saved")
        terminal.send(QUIT)
        assert terminal.exit_code() == 0
    assert sources(path) == ["A\nb\n2", "d"]
    assert git("status", "--porcelain", "--untracked-files=no")[0].startswith("M  ")
    git("commit", "-q", "-m", "merged")


@pytest.mark.kernel
def test_a_merge_tool_that_is_left_with_a_conflict_keeps_what_was_saved(repository: Path) -> None:
    assert main(["--install", "--parts", "mergetool"]) == 0
    path = branches(repository, ("a\nb\n1", code("d")), ("A\nb\n2", code("d")))
    git("merge", "-q", "-m", "m", "other", code=1)
    with merge_tool(repository) as terminal:
        terminal.send("b")
        terminal.wait_for("2/3")
        terminal.send(SAVE)
        terminal.wait_for("Saved")
        terminal.send(QUIT)
        assert terminal.exit_code() == 1
    assert b"1 conflict left (:resolve them" in terminal.raw
    assert sources(path) == ["A\nb\n<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs", "", "d"]
    assert git("status", "--porcelain", "--untracked-files=no")[0].startswith("UU ")


def test_a_notebook_that_is_none_is_not_resolved(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(repository / "x.ipynb", "<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs", "a")
    assert main(["--run", "resolved", "--", str(path)]) == 1
    notebook(path, "1", "a")
    assert main(["--run", "resolved", "--", str(path)]) == 0
    path.write_text("{\n<<<<<<< HEAD\n")
    assert main(["--run", "resolved", "--", str(path)]) == 2
    assert "x.ipynb" in capsys.readouterr().err


def test_all_is_taken_away_again(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attributes = repository / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("*.txt text\n")
    before = git("config", "--local", "--list")
    assert main(["--uninstall"]) == 0
    assert capsys.readouterr().out == "There was nothing to take away\n"
    for _ in range(2):
        assert main(["--install", "--parts", "diff,merge,mergetool,strip"]) == 0
    assert attributes.read_text().splitlines() == [
        "*.txt text", "*.ipynb filter=tuinb-strip", "*.ipynb diff=tuinb", "*.ipynb merge=tuinb",
    ]  # fmt: skip
    assert main(["--uninstall", "--parts", "strip"]) == 0
    assert main(["--uninstall"]) == 0
    assert attributes.read_text() == "*.txt text\n"
    assert git("config", "--local", "--list") == before


def test_for_all_repositories(repository: Path, tmp_path: Path) -> None:
    assert main(["--install", "--global"]) == 0
    attributes = tmp_path / "config" / "git" / "attributes"
    assert attributes.read_text() == "*.ipynb diff=tuinb\n*.ipynb merge=tuinb\n"
    notebook(repository / "x -'1.ipynb", "new")
    assert "@@ cell 1 (code)" in git("diff")[0]
    assert (
        not (repository / ".git" / "info" / "attributes").exists()
        or "tuinb" not in (repository / ".git" / "info" / "attributes").read_text()
    )
    assert main(["--uninstall", "--global"]) == 0
    assert attributes.read_text() == ""


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--install", "--parts", "diff,nothing"], "there is no part 'nothing'"),
        (["--install", "x"], "what is 'x' for?"),
    ],
)
def test_words_that_do_not_fit(repository: Path, words: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert what in capsys.readouterr().err


def test_another_driver_is_not_replaced(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".gitattributes").write_text("*.ipynb merge=nbdime\n")
    assert main(["--install"]) == 2
    assert "notebooks have the merge driver 'nbdime' here already" in capsys.readouterr().err
    assert "tuinb" not in git("config", "--local", "--list")[0]
    assert main(["--install", "--parts", "diff"]) == 0

"""`tuinb merge`: bytes, exit codes, conflicts in a valid file."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.headless.support import code, content, notebook, tuinb
from tuinb.files import load
from tuinb.headless.merge.command import CONFLICTS_FOR_GIT, main
from tuinb.notebook.alignment import Hunk
from tuinb.notebook.conflicts import Part, Side, find_marked, marked_regions, settled
from tuinb.notebook.difference import Content

if TYPE_CHECKING:
    from pathlib import Path

STREAM = {"name": "stdout", "output_type": "stream", "text": ["x\n"]}


class Versions:
    """A base and two versions of a notebook, as files."""

    def __init__(self, folder: Path) -> None:
        self.base, self.ours, self.theirs = (folder / f"{name}.ipynb" for name in ("base", "ours", "theirs"))
        self.out = folder / "out.ipynb"

    def merge(self, *words: str) -> int:
        return main([*map(str, (self.base, self.ours, self.theirs)), "-o", str(self.out), *words])


@pytest.fixture
def files(tmp_path: Path) -> Versions:
    return Versions(tmp_path)


def sources(path: Path) -> list[str]:
    nbformat.validate(content(path))
    return ["".join(cell["source"]) for cell in content(path)["cells"]]


def test_changes_of_both_sides(files: Versions, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.base, "a\nb\nc", "d")
    notebook(files.ours, "a\nb\nC", "d", {**code("mine"), "id": "new-1"})
    notebook(files.theirs, "A\nb\nc", "d", code("other"))
    assert files.merge() == 0
    assert sources(files.out) == ["A\nb\nC", "d", "mine", "other"]
    assert capsys.readouterr() == ("", "")


def test_bytes_of_ours_stay_where_nothing_changes(files: Versions) -> None:
    cell = (
        '{"source":["%s\\u00e9\\/"],"outputs":[ ],"metadata":{"x":1e-7},"execution_count" : null,"cell_type":"code", "id":"%s"}'
    )
    text = '{"nbformat":4, "cells":[\n  ' + cell + ",\n " + cell + '],\r\n"metadata":{"y":1.10},"nbformat_minor":5}'
    files.base.write_bytes((text % ("a", "1", "b", "2")).encode())
    files.ours.write_bytes((text % ("A", "1", "b", "2")).encode())
    notebook(files.theirs, code("aé/", x=1e-7), code("Bé/", x=1e-7), y=1.1)
    theirs = content(files.theirs)
    for number, one in enumerate(theirs["cells"], 1):
        one["id"] = str(number)
    files.theirs.write_text(json.dumps(theirs))
    assert files.merge() == 0
    assert files.out.read_bytes() == (text % ("A", "1", "B", "2")).replace("B\\u00e9\\/", "B\\u00e9/").encode()


def test_a_side_that_changed_nothing_gives_the_others_bytes(files: Versions) -> None:
    for path in (files.base, files.ours):
        notebook(path, "a")
    files.theirs.write_text(json.dumps(content(notebook(files.theirs, "b"))))
    assert files.merge() == 0
    assert files.out.read_bytes() == files.theirs.read_bytes()
    files.ours, files.theirs = files.theirs, files.ours
    assert files.merge() == 0
    assert files.out.read_bytes() == files.ours.read_bytes()


def test_conflicts_are_kept_with_both_sides(files: Versions, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.base, "a\nb", code("run"), code("gone"), title="t")
    notebook(files.ours, "a\n1", code("run", outputs=[STREAM]), title="u")
    notebook(files.theirs, "a\n2", code("run", outputs=[STREAM | {"text": "y"}]), code("kept"), title="v")
    assert files.merge("--name", "my.ipynb") == 1
    assert sources(files.out) == [
        "a\n<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs", "run", "<<<<<<< ours\n=======\nkept\n>>>>>>> theirs",
    ]  # fmt: skip
    assert capsys.readouterr().err.splitlines() == [
        "tuinb: my.ipynb, the notebook: both sides changed the metadata title; ours is kept",
        "tuinb: my.ipynb, cell 1: both sides changed the same lines",
        "tuinb: my.ipynb, cell 2: both sides have other outputs",
        "tuinb: my.ipynb, cell 3: one side deleted it, and the other changed it",
    ]
    merged = Content.of(load.load(files.out).notebook)
    found = list(find_marked(merged))
    assert [conflict.part for conflict in found] == [Part.METADATA, Part.SOURCE, Part.OUTPUTS, Part.CELL]
    theirs = settled(merged, found, Side.THEIRS)
    assert theirs.metadata == {"title": "v"}
    assert [cell.source for cell in theirs.cells.values()] == ["a\n2", "run", "kept"]
    assert [cell.source for cell in settled(merged, found, Side.OURS).cells.values()] == ["a\n1", "run"]
    assert files.merge("--for-git") == CONFLICTS_FOR_GIT


def test_markers_of_git_in_a_source_are_found() -> None:
    lines = ["a", "<<<<<<< HEAD", "b", "||||||| 1234", "x", "=======", "c", ">>>>>>> topic", "d"]
    assert marked_regions(lines) == (("a",), Hunk(("x",), ("b",), ("c",)), ("d",))
    for broken in (lines[:5], lines[5:], ["=======", *lines[:1]], ["<<<<<<<x"]):
        assert marked_regions(broken) == ()


@pytest.mark.parametrize("odd", [None, "twice", "not valid"])
def test_ids_that_are_not_valid_are_renewed(files: Versions, odd: str | None) -> None:
    def write(path: Path, *some: str) -> None:
        book: dict[str, Any] = content(notebook(path, *some))
        for cell in book["cells"][:2]:
            del cell["id"]
            if odd is not None:
                cell["id"] = odd
        path.write_text(json.dumps(book))

    for names in (("a", "b", "c", "d"), ("a", "b", "c2", "d")):
        write(files.base, "a", "b", "c")
        write(files.ours, *names[:3])
        write(files.theirs, *names)
        assert files.merge() == 0
        assert sources(files.out) == list(names)
        ids = [cell["id"] for cell in content(files.out)["cells"]]
        assert len(set(ids)) == len(ids)


def test_both_sides_added_the_file(files: Versions) -> None:
    files.base.write_bytes(b"")
    notebook(files.ours, "same", "mine")
    notebook(files.theirs, "same", "other")
    assert files.merge() == 1
    files.base = files.base.__class__(os.devnull)
    assert files.merge() == 1
    assert sources(files.out)[0] == "same"


def test_to_standard_output(tmp_path: Path) -> None:
    notebook(tmp_path / "b.ipynb", "a", "b")
    notebook(tmp_path / "o.ipynb", "a", "B")
    notebook(tmp_path / "t.ipynb", "A", "b")
    done = tuinb("merge", "b.ipynb", "o.ipynb", "t.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [cell["source"] for cell in json.loads(done.stdout)["cells"]] == [["A"], ["B"]]


def test_another_kind_of_file_is_not_replaced(tmp_path: Path) -> None:
    """Symptom: `-o data.csv` replaced a table by a notebook, without a word. So did `tuinb run`."""
    table, path = tmp_path / "data.csv", notebook(tmp_path / "b.ipynb", "a")
    for before, status in ((b"a,b\n", 2), (path.read_bytes(), 0), (b"", 0)):
        table.write_bytes(before)
        done = tuinb("merge", "b.ipynb", "b.ipynb", "b.ipynb", "-o", "data.csv", cwd=tmp_path)
        assert done.returncode == status
        assert (b"another kind of file" in done.stderr) is (status == 2)
        assert table.read_bytes() == (before if status else path.read_bytes())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "there is no such file"),
        (b"{", "it can't be merged: it is cut off at line 1"),
        (b'{"cells": [\n<<<<<<< HEAD\n', "it has the conflict markers of a merge, the first at line 2"),
        (b'{"cells": [], "metadata": {}, "nbformat": 9}', "format 9"),
    ],
)
def test_what_can_not_be_merged(files: Versions, text: bytes, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.base, "a")
    notebook(files.ours, "b")
    if text:
        files.theirs.write_bytes(text)
    assert files.merge() == 2
    error = capsys.readouterr().err
    assert "theirs.ipynb: " in error
    assert what.removeprefix("it can't be merged: ") in error
    assert not files.out.exists()


def test_scripts_are_merged_by_git(files: Versions, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a.py", "b.py", "c.py"]) == 2
    assert "only .ipynb files are merged by cells" in capsys.readouterr().err


# ---- a file with git's markers


def conflicted(folder: Path, style: str, *versions: tuple[dict[str, Any] | str, ...]) -> Path:
    """What `git merge-file` makes of three versions."""
    paths = [notebook(folder / f"{name}.ipynb", *cells) for name, cells in zip("obt", versions, strict=True)]
    done = subprocess.run(["git", "merge-file", "-p", style, *paths], capture_output=True, check=False)
    assert b"\n<<<<<<< " in done.stdout
    (folder / "x.ipynb").write_bytes(done.stdout)
    return folder / "x.ipynb"


@pytest.mark.parametrize("style", ["--diff3", "--zdiff3"])
def test_the_sides_of_a_text_that_git_merged_are_merged_by_cells(tmp_path: Path, style: str) -> None:
    path = conflicted(
        tmp_path, style, (code("a", count=3), "b", "c2"), (code("a", count=1), "b", "c"), (code("a2", count=2), "b", "c")
    )
    assert main([str(path), "-o", str(path)]) == 0
    assert sources(path) == ["a2", "b", "c2"]


def test_without_a_base_what_differs_is_a_conflict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = conflicted(tmp_path, "-q", ("a1", "b", "c"), ("a", "b", "c"), ("a2", "b", "c", "d"))
    assert main([str(path), "-o", str(path)]) == 1
    assert sources(path) == ["<<<<<<< ours\na1\n=======\na2\n>>>>>>> theirs", "b", "c", "d"]
    assert capsys.readouterr().err == f"tuinb: {path}, cell 1: both sides changed the same lines\n"


def test_the_base_of_a_merge_that_is_not_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{word}_NAME", "me")
        monkeypatch.setenv(f"GIT_{word}_EMAIL", "me")
    path = tmp_path / "x.ipynb"

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, check=False)

    def commit(*cells: dict[str, Any]) -> None:
        notebook(path, *cells)
        git("add", ".")
        git("commit", "-m", "x")

    git("init", "-b", "main")
    commit(code("a", count=1), code("b"))
    git("checkout", "-b", "other")
    commit(code("a", count=2), code("b2"))
    git("checkout", "main")
    commit(code("a2", count=3))
    git("merge", "other")
    assert b"<<<<<<< " in path.read_bytes()
    assert main([str(path), "-o", str(path)]) == 1
    assert sources(path) == ["a2", "<<<<<<< ours\n=======\nb2\n>>>>>>> theirs"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"cells": []}', "it has no conflict markers of git"),
        ("{\n<<<<<<< HEAD\n", "it has no conflict markers of git"),
        ("<<<<<<< HEAD\n=======\n=======\n>>>>>>> x\n", "it has no conflict markers of git"),
        ("{\n<<<<<<< HEAD\n=======\n1\n>>>>>>> x\n", "not JSON"),
    ],
)
def test_what_has_no_sides(tmp_path: Path, text: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    assert main([str(path)]) == 2
    error = capsys.readouterr().err
    assert what in error or "cut off" in error
    assert main([str(path), str(path)]) == 2
    assert "a version is missing" in capsys.readouterr().err

"""`tuinb strip`: only outputs and counts go, and what git stores has none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given

from tests.files.test_lossless import notebooks
from tests.headless.support import code, content, notebook, tuinb
from tests.support import CORPUS, ROOT
from tuinb.errors import NotebookFormatError, UsageError
from tuinb.files.ipynb.scan import container_at, scan_notebook
from tuinb.headless.strip.command import main, strip
from tuinb.headless.strip.git_filter import install, uninstall

STREAM = {"name": "stdout", "output_type": "stream", "text": ["x\n"]}
RESULT = {"data": {"text/plain": "1"}, "execution_count": 4, "metadata": {}, "output_type": "execute_result"}


def stripped(path: Path) -> list[tuple[object, int]]:
    """Count, and number of outputs, of each cell after stripping."""
    cells = json.loads(strip(path.read_bytes(), path))["cells"]
    return [(cell["execution_count"], len(cell["outputs"])) for cell in cells]


def test_every_other_byte_stays(tmp_path: Path) -> None:
    text = (
        '{"nbformat":4, "cells":[\n  {"source":["1.10\\u00e9\\/"],"outputs":%s,"metadata":{"x":1e-7,"collapsed":true},'
        '"execution_count" : %s,"cell_type":"code", "own":[ ]}],\r\n"metadata":{},"nbformat_minor":4}'
    )
    path = tmp_path / "x.ipynb"
    full = text % (json.dumps([STREAM, RESULT]), "12")
    assert strip(full.encode(), path) == (text % ("[]", "null")).encode()


@given(notebooks())
def test_every_other_byte_stays_in_any_style(text: str) -> None:
    scan = scan_notebook(text.removeprefix("\ufeff"))
    assume("widgets" not in scan.top.get("metadata", {}))
    expected, at = ["\ufeff"[: text.startswith("\ufeff")]], 0
    for cell, start in zip(scan.cells or (), scan.starts, strict=True):
        for member in container_at(scan.text, start).members if cell["cell_type"] == "code" else ():
            new = {"outputs": "[]", "execution_count": "null"}.get(member.key)
            if new and member.value not in (None, [], "x"):
                expected += (scan.text[at : member.at], new)
                at = member.end
    expected.append(scan.text[at:])
    assert strip(text.encode(), Path("x.ipynb")) == "".join(expected).encode()


def test_a_count_goes_from_an_output_that_stays() -> None:
    text = (
        '{"nbformat":4,"cells":[{"outputs":[ {"data" : {"text/plain":["1.10\\u00e9"]},"execution_count":%s, "output_type":'
        '"execute_result","metadata":{"x":1e-7}}],"cell_type":"code","metadata":{"tags":["keep_output"]},"source":"",'
        '"execution_count":%s}],"metadata":{}}'
    )
    assert strip((text % (7, 7)).encode(), Path("x.ipynb")) == (text % ("null", "null")).encode()


def test_what_has_nothing_is_given_back(tmp_path: Path) -> None:
    for data in (b"", b" \n", (text := notebook(tmp_path / "x.ipynb", "1").read_bytes()), b"\xef\xbb\xbf" + text):
        assert strip(data, tmp_path) == data


def test_what_is_to_be_kept_is(tmp_path: Path) -> None:
    kept: dict[str, Any] = {"outputs": [STREAM, RESULT], "count": 4}
    cells = [
        code("a", **kept),
        code("b", "keep_output", **kept),
        code("c", keep_output=True, **kept),
        code("d", keep_output=False, **kept),
        code("e", init_cell=True, **kept),
        code("f", "keep_output", init_cell=False, **kept),
    ]
    path = notebook(tmp_path / "x.ipynb", *cells)
    assert stripped(path) == [(None, 0), (None, 2), (None, 2), (None, 0), (None, 2), (None, 0)]
    assert json.loads(strip(path.read_bytes(), path))["cells"][1]["outputs"][1]["execution_count"] is None
    path = notebook(tmp_path / "y.ipynb", *cells[:4], keep_output=True)
    assert stripped(path) == [(None, 2), (None, 2), (None, 2), (None, 0)]
    path = notebook(tmp_path / "z.ipynb", code("a", "keep_output", keep_output=False, **kept))
    with pytest.raises(NotebookFormatError, match=r"z\.ipynb, cell 1: its metadata says"):
        strip(path.read_bytes(), path)


def widget_state(model: str, *references: str, secret: str = "") -> dict[str, Any]:
    state = {"outputs": [STREAM | {"text": [secret]}], "children": [f"IPY_MODEL_{other}" for other in references]}
    return {model: {"model_module": "@jupyter-widgets/output", "model_name": "OutputModel", "state": state}}


def test_saved_widgets_are_outputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Symptom: what an Output widget captured stayed in the file, and --check found nothing."""
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2}}
    output = {"data": view, "metadata": {}, "output_type": "display_data"}
    state = {**widget_state("a", "b"), **widget_state("b"), **widget_state("c", secret="SECRET")}
    section = {"state": state, "version_major": 2, "version_minor": 0}
    widgets = {"application/vnd.jupyter.widget-state+json": section}
    path = notebook(tmp_path / "x.ipynb", code("1"), widgets=widgets)
    assert main(["--check", str(path)]) == 1
    assert main([str(path)]) == 0
    assert path.read_bytes() == notebook(tmp_path / "bare.ipynb", code("1")).read_bytes()
    assert main(["--check", str(path)]) == 0
    path = notebook(tmp_path / "x.ipynb", code("1", "keep_output", outputs=[output]), widgets=widgets)
    assert main([str(path)]) == 0
    del state["c"]
    kept = notebook(tmp_path / "kept.ipynb", code("1", "keep_output", outputs=[output]), widgets=widgets).read_bytes()
    assert path.read_bytes() == kept
    assert main(["--check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    for odd in (3, {"x": 1}, {"application/vnd.jupyter.widget-state+json": {"a": state["a"]}}):
        path = notebook(tmp_path / "x.ipynb", code("1"), widgets=odd)
        assert json.loads(strip(path.read_bytes(), path))["metadata"] == {}


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_outputs_of_cells_that_are_no_code(tmp_path: Path, kind: str) -> None:
    """Symptom: such outputs, as VS Code wrote them, stayed in the file, which nbformat calls invalid."""
    bare = {"cell_type": kind, "metadata": {}, "source": ["x"]}
    expected = notebook(tmp_path / "bare.ipynb", bare).read_bytes()
    for results in ({"outputs": [STREAM], "execution_count": 3}, {"outputs": [RESULT]}, {"outputs": [], "execution_count": 3}):
        path = notebook(tmp_path / "x.ipynb", bare | results)
        assert main(["--check", str(path)]) == 1
        assert main([str(path)]) == 0
        assert path.read_bytes() == expected


CELL = '{"cell_type": "code", %s"execution_count": null, "metadata": {}, "outputs": [], "source": ["a = 1"]}'
HIDDEN = '"outputs": [{"name": "stdout", "output_type": "stream", "text": ["SECRET"]}], '
COUNT = '"execution_count": 7, '


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{{"cells": [{CELL % HIDDEN}, {CELL % (COUNT + HIDDEN)}]', f'{{"cells": [{CELL % ""}, {CELL % ""}]'),
        (f'{{"cells": [{CELL % HIDDEN}], "cells": [{CELL % ""}]', f'{{ "cells": [{CELL % ""}]'),
        (
            f'{{"metadata": {{"widgets": "SECRET"}}, "cells": [{CELL % ""}]',
            f'{{ "cells": [{CELL % ""}]',
        ),
    ],
)
def test_what_a_later_key_hides_goes(tmp_path: Path, text: str, expected: str) -> None:
    """Symptom: readers take the last of two equal keys, and outputs in the first one stayed and passed --check."""
    rest = ', "metadata": {"n": 1.10, "n": 2}, "nbformat": 4, "nbformat_minor": 4}'
    path = tmp_path / "x.ipynb"
    path.write_text("\ufeff" + text + rest)
    assert main(["--check", str(path)]) == 1
    assert main([str(path)]) == 0
    assert path.read_text() == "\ufeff" + expected + rest
    assert main(["--check", str(path)]) == 0


def test_what_a_later_key_hides_goes_from_format_3(tmp_path: Path) -> None:
    cell = '{"cell_type": "code", "outputs": [%s], "outputs": [], "input": "1", "language": "python"}'
    path = tmp_path / "x.ipynb"
    path.write_text(
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [%s]}]}' % (cell % '"SECRET"')
    )
    assert main([str(path)]) == 0
    assert "SECRET" not in path.read_text()
    assert json.loads(path.read_text())["worksheets"][0]["cells"][0]["input"] == "1"


def test_stripping_twice_changes_nothing_more(tmp_path: Path) -> None:
    files = sorted(CORPUS.rglob("*.ipynb")) if CORPUS.is_dir() else []
    if not files:
        pytest.skip(f"there is no {CORPUS}")
    seen = 0
    for file in files:
        data = file.read_bytes()
        try:
            once = strip(data, file)
        except NotebookFormatError:
            continue
        assert strip(once, tmp_path) == once
        before, after = json.loads(data.decode("utf-8-sig")), json.loads(once.decode("utf-8-sig"))
        sheets = before.get("worksheets", ())
        for cell in [*before.get("cells", ()), *(cell for sheet in sheets for cell in sheet["cells"])]:
            for key, nothing in (("outputs", []), ("execution_count", None), ("prompt_number", None)):
                if cell.get("cell_type") == "code" and key in cell:
                    cell[key] = nothing
        assert after == before
        seen += 1
    assert seen > len(files) // 2


# ---- the command


def test_files_are_changed_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = notebook(tmp_path / "full.ipynb", code("1", outputs=[STREAM], count=1))
    bare = notebook(tmp_path / "bare.ipynb", "1")
    untouched = bare.stat()
    assert main([str(full), str(bare), "--check"]) == 1
    assert capsys.readouterr() == (f"{full}\n", "")
    assert main([str(full), str(bare)]) == 0
    assert capsys.readouterr() == ("", "")
    assert content(full)["cells"][0]["outputs"] == []
    assert bare.stat() == untouched
    assert main([str(full), "--check"]) == 0


def test_what_could_not_be_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = notebook(tmp_path / "full.ipynb", code("1", outputs=[STREAM], count=1))
    (tmp_path / "other.ipynb").hardlink_to(full)
    assert main([str(full)]) == 0
    assert capsys.readouterr() == ("", f"tuinb: {full}: other hard links to this file keep the old content\n")


def test_what_is_no_notebook_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text('{"cells": [1,')
    full = notebook(tmp_path / "full.ipynb", code("1", outputs=[STREAM], count=1))
    assert main([str(path), str(tmp_path / "no.ipynb"), str(full)]) == 2
    assert capsys.readouterr().err.count("tuinb: ") == 2
    assert path.read_text() == '{"cells": [1,'
    assert content(full)["cells"][0]["outputs"] == []


def old_format(*cells: dict[str, Any], **metadata: object) -> str:
    """A notebook of format 3."""
    whole = [{"cell_type": "code", "collapsed": False, "language": "python", "metadata": {}, **cell} for cell in cells]
    top = {"metadata": {"name": "é", **metadata}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": whole}]}
    return json.dumps(top, indent=1)


def test_an_older_format_is_stripped_and_stays_in_its_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream = {"output_type": "stream", "stream": "stdout", "text": ["1\n"]}
    cells = [
        {"input": ["1"], "outputs": [stream, {"output_type": "pyout", "prompt_number": 3, "text": ["1"]}], "prompt_number": 3},
        {"input": ["2"], "outputs": [], "x": [1.10, "\ud83d"]},
        {"input": ["3"], "outputs": [stream], "prompt_number": 4, "metadata": {"keep_output": True}},
    ]
    bare = [cells[0] | {"outputs": [], "prompt_number": None}, cells[1], cells[2] | {"prompt_number": None}]
    full, expected = (old_format(*them).replace('"nbformat": 3', '"nbformat":  3') for them in (cells, bare))
    path = tmp_path / "x.ipynb"
    for mark in ("", "\ufeff"):
        path.write_text(mark + full, encoding="utf-8")
        assert main(["--check", str(path)]) == 1
        assert main([str(path)]) == 0
        assert path.read_text(encoding="utf-8") == mark + expected
        assert main(["--check", str(path)]) == 0
    assert strip(old_format(*cells, keep_output=True).encode(), path).decode() == old_format(
        cells[0] | {"prompt_number": None}, cells[1], bare[2], keep_output=True
    )
    assert capsys.readouterr() == (f"{path}\n{path}\n", "")


def test_widgets_that_an_older_format_has_go(tmp_path: Path) -> None:
    """Symptom: what an Output widget had captured stayed in a notebook of format 3 or 2."""
    cell = {"input": ["1"], "outputs": [], "prompt_number": None}
    assert strip(old_format(cell, widgets={"state": "SECRET"}).encode(), tmp_path / "x.ipynb").decode() == old_format(cell)
    kept = old_format(cell, widgets={"state": "1"}, keep_output=True)
    assert strip(kept.encode(), tmp_path / "x.ipynb").decode() == kept


def test_the_oldest_format_is_stripped(tmp_path: Path) -> None:
    """Symptom: a notebook of format 1, which has no worksheets, passed with its counts and outputs, without a word."""
    text = '{"nbformat": 1, "cells": [{"cell_type": "code", "code": "1", "prompt_number": %s, "outputs": %s}]}'
    full = (text % ("1", '[{"output_type": "pyout", "text": "SECRET"}]')).encode()
    assert strip(full, tmp_path / "x.ipynb").decode() == text % ("null", "[]")


@pytest.mark.parametrize("sheets", [3, [7], [{"cells": "x"}], [{"cells": [1]}]])
def test_an_older_format_that_has_no_cells(tmp_path: Path, sheets: object) -> None:
    text = json.dumps({"metadata": {}, "nbformat": 3, "worksheets": sheets}).encode()
    with pytest.raises(NotebookFormatError, match="format 3"):
        strip(text, tmp_path / "x.ipynb")


@pytest.mark.parametrize("words", [["--check"], ["--install", "x.ipynb"], ["--install", "--check"], ["--uninstall", "x.ipynb"]])
def test_options_that_do_not_fit(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("tuinb: ")


def test_through_a_pipe(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("1", outputs=[STREAM], count=1))
    done = tuinb("strip", cwd=tmp_path, stdin=path.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == notebook(tmp_path / "y.ipynb", "1").read_bytes()
    assert tuinb("strip", "-", cwd=tmp_path, stdin=path.read_bytes()).stdout == done.stdout


def test_a_filter_passes_on_what_it_can_not_strip(tmp_path: Path) -> None:
    kept = code("1", "keep_output", outputs=[STREAM], keep_output=False)
    contradiction = notebook(tmp_path / "x.ipynb", kept).read_bytes()
    full = notebook(tmp_path / "x.ipynb", code("1", outputs=[STREAM])).read_bytes()
    later = full.replace(b'"nbformat": 4', b'"nbformat": 9')
    conflict = full.replace(b'"cells": [', b'"cells": [\n<<<<<<< HEAD\n')
    inputs = (b"no notebook", b"\xff", b"[1]", contradiction, later, conflict, full[:-9], full.decode().encode("utf-16"))
    for data in inputs:
        done = tuinb("strip", "--stdin-name=-a b.ipynb", cwd=tmp_path, stdin=data)
        assert (done.returncode, done.stdout) == (0, data)
        assert done.stderr.startswith(b"tuinb: -a b.ipynb")
        assert done.stderr.endswith(b"; it passes unchanged, with its outputs\n")
        assert done.stderr.count(b"\n") == 1


# ---- git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(name, value)
    for word in ("NAME", "EMAIL"):
        monkeypatch.setenv(f"GIT_AUTHOR_{word}", "me")
        monkeypatch.setenv(f"GIT_COMMITTER_{word}", "me")
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q")
    return folder


def git(folder: Path, *words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True).stdout


def test_git_stores_no_outputs(repository: Path) -> None:
    assert "filter.tuinb-strip" in install(repository / "sub")
    install(repository)
    assert (repository / ".git" / "info" / "attributes").read_text().count("*.ipynb filter=tuinb-strip\n") == 1
    path = notebook(repository / "sub" / "x.ipynb", code("1", outputs=[STREAM], count=1))
    full = path.read_bytes()
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    assert git(repository, "show", "HEAD:sub/x.ipynb") == strip(full, path)
    assert path.read_bytes() == full
    assert git(repository, "status", "--porcelain") == b""


def test_git_works_on_with_notebooks_that_can_not_be_stripped(repository: Path) -> None:
    """Symptom: one such notebook made status, add, commit and checkout fail for the whole repository."""
    old = repository / "old.ipynb"
    old.write_text(old_format({"input": ["1"], "outputs": [{"output_type": "stream", "text": ["1"]}], "prompt_number": 1}))
    broken = repository / "-bro'ken.ipynb"
    broken.write_text("{")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    install(repository)
    for path in (old, broken):
        os.utime(path, (1, 1))
    git(repository, "status")
    git(repository, "add", "-A")
    git(repository, "checkout", "-q", "-b", "other")
    git(repository, "commit", "-q", "--allow-empty", "-m", "y")
    assert git(repository, "show", ":old.ipynb").decode() == old_format({"input": ["1"], "outputs": [], "prompt_number": None})
    assert git(repository, "show", ":./-bro'ken.ipynb") == b"{"
    broken.write_text("{ ")
    done = subprocess.run(["git", "add", "."], cwd=repository, capture_output=True, check=True)
    assert b"tuinb: -bro'ken.ipynb: it is cut off at line 1" in done.stderr


@pytest.mark.parametrize("gone", ["the program", "the package"])
def test_git_works_on_without_tuinb(repository: Path, gone: str) -> None:
    """Symptom: once the environment of tuinb was removed, status, add and checkout exited with 128."""
    git(repository, "config", "filter.tuinb-strip.required", "true")  # as earlier versions did
    install(repository)
    path = notebook(repository / "x 'y.ipynb", code("1", outputs=[STREAM] * 5000, count=1))
    clean = git(repository, "config", "filter.tuinb-strip.clean").decode().strip()
    old, new = (sys.executable, "/gone/python") if gone == "the program" else (" -m tuinb ", " -m no_such_module ")
    git(repository, "config", "filter.tuinb-strip.clean", clean.replace(old, new))
    done = subprocess.run(["git", "add", "."], cwd=repository, capture_output=True, check=True)
    hint = b"remove the filter with `git config --remove-section filter.tuinb-strip`\n"
    assert b"tuinb: x 'y.ipynb is not stripped, since tuinb can't be run: install tuinb and run `tuinb strip" in done.stderr
    assert done.stderr.count(hint) == 1
    assert gone == "the package" or done.stderr.count(b"\n") == 1
    assert git(repository, "show", ":./x 'y.ipynb") == path.read_bytes()
    git(repository, "commit", "-q", "-m", "x")
    os.utime(path, (1, 1))
    assert git(repository, "status", "--porcelain") == b""
    git(repository, "checkout", "-q", "-b", "other")
    git(repository, "config", "--remove-section", "filter.tuinb-strip")
    os.utime(path, (2, 2))
    done = subprocess.run(["git", "status", "--porcelain"], cwd=repository, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_git_runs_no_code_of_the_repository(repository: Path) -> None:
    install(repository)
    (repository / "tuinb").mkdir()
    for name in ("json.py", "argparse.py", "tuinb/__init__.py"):
        (repository / name).write_text("raise SystemExit(9)")
    path = notebook(repository / "x.ipynb", code("1", outputs=[STREAM], count=1))
    git(repository, "add", ".")
    assert git(repository, "show", ":x.ipynb") == strip(path.read_bytes(), path)


def test_the_filter_is_taken_away_again(repository: Path) -> None:
    attributes = repository / ".git" / "info" / "attributes"
    assert "nothing" in uninstall(repository)
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("*.txt text")
    install(repository)
    assert "keeps its outputs" in uninstall(repository / "sub")
    assert attributes.read_text() == "*.txt text\n"
    assert git(repository, "config", "--local", "--list").count(b"filter") == 0
    attributes.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="can't be changed"):
        uninstall(repository)


def test_another_filter_stays(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.ipynb filter=nbstripout\n")
    with pytest.raises(UsageError, match="nbstripout"):
        install(repository)
    assert git(repository, "config", "--local", "--list").count(b"filter") == 0


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="git repository"):
        install(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git can't be run"):
        install(tmp_path)

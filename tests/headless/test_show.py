"""`tuinb show`: the rows of a notebook, in colour or not, and where they go."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.headless.support import code, notebook
from tests.support import CORPUS, NOTEBOOKS, ROOT
from tuinb.headless.show import main

if TYPE_CHECKING:
    from pathlib import Path

STDERR = {"name": "stderr", "output_type": "stream", "text": ["oh \x1b[1mno\x1b[0m\x1b]0;title\x07\n"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    title = {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "\n", "some *words*"]}
    raw = {"cell_type": "raw", "metadata": {}, "source": ["raw text"]}
    picture = {"data": {"image/png": "iVBORw0KGgo="}, "metadata": {}, "output_type": "display_data"}
    return notebook(tmp_path / "x.ipynb", title, code("def f():\n\treturn 1", outputs=[STDERR, picture], count=12), "1", raw)


def shown(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main([str(word) for word in words]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def test_the_rows_are_those_of_the_screen(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, path).splitlines() == [
        "        # Title",
        "",
        "        some words",
        "",
        "   [12] def f():",
        "            return 1",
        "        oh no",
        "        image/png unreadable, 8 B",
        "",
        "    [ ] 1",
        "",
        "        raw text",
    ]


def test_only_what_is_asked_for(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = shown(capsys, path, "--no-output").splitlines()
    assert not any("image/png" in line for line in bare)
    assert "            return 1" in bare
    assert shown(capsys, path, "--cell", "4", "--cell", "cell-3").splitlines() == ["    [ ] 1", "", "        raw text"]
    assert main([str(path), "--cell", "9"]) == 2
    assert "no cell is called '9'" in capsys.readouterr().err


def test_colours_are_for_terminals_or_on_demand(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in shown(capsys, path)
    monkeypatch.setenv("NO_COLOR", "1")
    coloured = shown(capsys, path, "--color", "always")
    assert "\x1b[" in coloured
    assert "\x1b]" not in coloured
    assert shown(capsys, path, "--color", "always", "--theme", "dark") != coloured
    assert main([str(path), "--theme", "none"]) == 2


def test_the_width_is_kept(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = [{"name": "stdout", "output_type": "stream", "text": ["x" * 50]}]
    long = notebook(path.parent / "long.ipynb", code("1", outputs=outputs))
    assert shown(capsys, long, "--width", "28").splitlines()[1:] == [" " * 8 + "x" * 20, " " * 8 + "x" * 20, " " * 8 + "x" * 10]
    with pytest.raises(SystemExit):
        main([str(long), "--width", "5"])


def test_a_table_is_whole_where_nobody_can_scroll_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = "".join(f"<td>column-{number}</td>" for number in range(20))
    outputs = [{"data": {"text/html": f"<table><tr>{row}</tr></table>"}, "metadata": {}, "output_type": "display_data"}]
    wide = notebook(path.parent / "wide.ipynb", code("1", outputs=outputs))
    assert shown(capsys, wide).split()[-20:] == [f"column-{number}" for number in range(20)]
    fitted = shown(capsys, wide, "--width", "60")
    assert "column-19" not in fitted
    assert max(map(len, fitted.splitlines())) <= 60


def test_from_standard_input(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert shown(capsys, "-") == shown(capsys, path)


def test_what_is_no_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "no.ipynb")]) == 2
    (tmp_path / "half.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "a", "outputs": []}, {')
    assert main([str(tmp_path / "half.ipynb")]) == 0
    told = capsys.readouterr()
    assert told.err.count("tuinb: ") == 2
    assert "[ ] a" in told.out


def test_every_notebook_of_the_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(CORPUS.rglob("*.ipynb")) if CORPUS.is_dir() else []
    if not files:
        pytest.skip(f"there is no {CORPUS}")
    for file in files:
        main([str(file), "--color", "always"])
        told = capsys.readouterr().out
        assert "\x1b]" not in told.replace("\x1b]8;;", "")
        assert "\x9b" not in told


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", *["print(1)\n" * 2000] * 5)
    command = [sys.executable, "-m", "tuinb", "show", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_terminal_gets_a_pager_and_colours(path: Path) -> None:
    environ = os.environ | {"PAGER": "sed 's/^/P /'", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    words = ["-m", "tuinb", "show", str(path)]
    child = pexpect.spawn(sys.executable, words, env=environ, encoding="utf-8", dimensions=(24, 60), timeout=20)
    told = child.read()
    child.close()
    assert child.exitstatus == 0
    assert "P " + " " * 8 in told
    assert "\x1b[" in told
    environ["PAGER"] = "no-such-pager"
    child = pexpect.spawn(sys.executable, words, env=environ, encoding="utf-8", timeout=20)
    assert "the pager can't be run" in child.read()
    child.close()
    assert child.exitstatus == 2


def test_nothing_of_a_screen_is_imported() -> None:
    code = "import sys; from tuinb.cli import main; main(sys.argv[1:]); print(sorted({'textual', 'zmq'} & set(sys.modules)))"
    command = [sys.executable, "-c", code, "show", str(NOTEBOOKS / "analysis.ipynb")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_odd_outputs_are_shown_as_what_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = {"output_type": "display_data", "data": {"text/plain": "fine"}, "metadata": {}}
    outputs = [
        bundle | {"metadata": []},
        bundle | {"data": []},
        {"output_type": "stream", "name": "stdout", "text": 1},
        {"output_type": "error", "ename": "E", "evalue": 5, "traceback": None},
        {"output_type": 3},
        None,
        [1],
    ]
    path = notebook(tmp_path / "x.ipynb", code("1", outputs=outputs))
    assert main([str(path)]) == 0
    assert [line.strip() for line in capsys.readouterr().out.splitlines()[1:]] == [
        "fine",
        "a MIME bundle should be an object, not a list of other things",
        "the text of a stream should be text, not a number",
        "E: 5",
        "an output without a type",
        "null in place of an output",
        "a list in place of an output",
    ]

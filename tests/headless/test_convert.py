"""tuinb convert, both ways."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import CORPUS, shut
from tuinb.files.load import load
from tuinb.headless.convert import main

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\ny = 2\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def read(path: Path) -> Any:  # noqa: ANN401
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_and_back(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(script), "--to", "ipynb"]) == 0
    notebook = script.with_suffix(".ipynb")
    assert capsys.readouterr() == (f"{notebook}\n", "")
    assert ["".join(cell["source"]) for cell in read(notebook)["cells"]] == ["# Title", "x = 1", "y = 2"]
    assert main([str(notebook), "--to", "py", "--force"]) == 0
    assert script.read_text(encoding="utf-8").endswith(SCRIPT)
    assert main([str(notebook), "--to", "md", "-o", str(script.parent / "b.md")]) == 0
    assert "```python\nx = 1\n```" in (script.parent / "b.md").read_text(encoding="utf-8")


def test_into_a_folder(script: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert main([str(script), "--to", "ipynb", "-o", str(tmp_path / "folder")]) == 0
    assert len(read(tmp_path / "folder" / "a.ipynb")["cells"]) == 3
    assert main([str(script), "--to", "ipynb", "-o", str(tmp_path / "folder")]) == 2


def test_a_format_by_name_to_standard_output(script: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([str(script), "--to", "py:light", "-o", "-"]) == 0
    out = capsysbinary.readouterr().out
    assert b"# # Title\n\nx = 1\n\ny = 2\n" in out
    assert b"%%" not in out


def test_standard_input(script: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    main([str(script), "--to", "ipynb"])
    data = script.with_suffix(".ipynb").read_bytes()
    capsysbinary.readouterr()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["-", "--to", "py"]) == 0
    assert capsysbinary.readouterr().out.endswith(SCRIPT.encode())


def test_update_keeps_the_outputs_of_what_did_not_change(script: Path) -> None:
    main([str(script), "--to", "ipynb"])
    notebook = script.with_suffix(".ipynb")
    top = read(notebook)
    for cell in top["cells"][1:]:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [cell["source"][0]]}]
    notebook.write_text(json.dumps(top), encoding="utf-8")
    script.write_text(SCRIPT.replace("y = 2", "y = 3"), encoding="utf-8")
    assert main([str(script), "--to", "ipynb", "--update"]) == 0
    outputs = [(cell["source"], cell["outputs"]) for cell in read(notebook)["cells"][1:]]
    assert outputs == [(["x = 1"], [{"name": "stdout", "output_type": "stream", "text": ["x = 1"]}]), (["y = 3"], [])]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--to", "doc"], "there is no format 'doc'"),
        (["--to", "ipynb:x"], "an .ipynb has no formats to choose from"),
        (["--to", "py"], "that is the notebook itself"),
        (["--to", "md", "-o", "b.txt"], "its name does not end in .md"),
        (["--to", "md", "--update"], "--update keeps the outputs of an .ipynb file"),
        (["--to", "py:nosuch", "-o", "-"], "nosuch"),
    ],
)
def test_what_can_not_be(script: Path, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(script), *words]) == 2
    assert complaint in capsys.readouterr().err


def test_nothing_is_overwritten_unasked(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = script.with_suffix(".ipynb")
    notebook.write_text("{}", encoding="utf-8")
    assert main([str(script), "--to", "ipynb"]) == 2
    assert "there is a file of that name" in capsys.readouterr().err
    assert notebook.read_text(encoding="utf-8") == "{}"


def test_a_folder_that_may_not_be_looked_into(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shut(folder := script.parent / "shut", monkeypatch)
    assert main([str(script), "--to", "md", "-o", str(folder / "x.md")]) == 2
    assert "no permission to write it" in capsys.readouterr().err


def test_a_damaged_notebook_is_not_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', encoding="utf-8")
    assert main([str(path), "--to", "py"]) == 2
    assert "it can't be converted" in capsys.readouterr().err
    assert main([str(tmp_path / "none.ipynb"), "--to", "py"]) == 2
    assert "no such file" in capsys.readouterr().err


def test_every_notebook_of_the_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(CORPUS.rglob("*.ipynb")) if CORPUS.is_dir() else []
    if not files:
        pytest.skip(f"there is no {CORPUS}")
    made = [file for file in files if main([str(file), "--to", "py", "-o", str(tmp_path / f"{file.stem}.py")]) == 0]
    # Those of a format that is broken, and those whose metadata is.
    assert capsys.readouterr().err.count("tuinb: ") == len(files) - len(made) == 5
    for file in made:
        assert main([str(tmp_path / f"{file.stem}.py"), "--to", "ipynb"]) == 0
        before = [(cell.kind, cell.source.rstrip("\n")) for cell in load(file).notebook]
        after = [(cell.kind, cell.source.rstrip("\n")) for cell in load(tmp_path / f"{file.stem}.ipynb").notebook]
        assert all(cell in {again, ("future cell", "")} for cell, again in zip(before, after, strict=True)), file

"""Scripts and documents as notebooks: unedited files keep their bytes, and unreadable ones are reported."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.files.support import change, opened, splice
from tuinb.errors import NotebookFileError, NotebookFormatError, NotebookSaveError
from tuinb.files import text_notebook
from tuinb.files.load import Loaded, load, new
from tuinb.notebook.changes import AppendStream, CellData, CellId, InsertCell, SetMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIGHT = "import os\n\n# a comment\nx = 1\n\n\ndef f():\n    return 1\n"
PERCENT = '# %% [markdown]\n# # Title\n\n# %% tags=["a"]\nx = 1\n'
DOCUMENT = "# Title\n\ntext\n\n```python\nx = 1\n```\n"


def cells(loaded: Loaded) -> Iterator[tuple[str, str]]:
    for cell in loaded.notebook:
        yield cell.kind, cell.source


def saved(loaded: Loaded) -> bytes:
    return loaded.file.save_now(loaded.notebook).path.read_bytes()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.py", LIGHT, [("code", "import os"), ("code", "# a comment\nx = 1"), ("code", "def f():\n    return 1")]),
        ("a.py", PERCENT, [("markdown", "# Title"), ("code", "x = 1")]),
        ("a.md", DOCUMENT, [("markdown", "# Title\n\ntext"), ("code", "x = 1")]),
        ("a.py", "", []),
    ],
)
def test_reads_jupytexts_formats_and_gives_them_back(
    tmp_path: Path, name: str, text: str, expected: list[tuple[str, str]]
) -> None:
    loaded = opened(tmp_path, text, name)
    assert list(cells(loaded)) == expected
    assert loaded.notices == (text_notebook.NO_OUTPUTS,)
    assert loaded.notebook.language == "python"
    assert saved(loaded) == text.encode()


@pytest.mark.parametrize("text", ["a   =  1\n\n\n\n\n\n# %%\n\n\n\nb", "#!/usr/bin/env python\r\nprint(1)\r\n", "\ufeffx = 1"])
def test_a_text_that_jupytext_would_write_otherwise_stays_as_it_is(tmp_path: Path, text: str) -> None:
    loaded = opened(tmp_path, text, "a.py")
    first = loaded.notebook.order[0]
    change(loaded, AppendStream(first, "stdout", "out"), SetMetadata(None, "kernelspec", {"name": "p", "display_name": "P"}))
    assert saved(loaded) == text.encode()


def test_an_edit_changes_its_lines_and_keeps_the_line_ends(tmp_path: Path) -> None:
    loaded = opened(tmp_path, LIGHT.replace("\n", "\r\n"), "a.py")
    splice(loaded, 1, len("# a comment\nx = "), "1", "23")
    assert saved(loaded) == LIGHT.replace("x = 1", "x = 23").replace("\n", "\r\n").encode()
    splice(loaded, 1, len("# a comment\nx = "), "23", "4")
    assert saved(loaded) == LIGHT.replace("x = 1", "x = 4").replace("\n", "\r\n").encode()


def test_a_new_script_has_its_cells_marked(tmp_path: Path) -> None:
    loaded = new(tmp_path / "new.py")
    splice(loaded, 0, 0, "", "x = 1")
    change(loaded, InsertCell(CellData(CellId("m"), "markdown", "# Title", {"id": "m", "metadata": {}}), None))
    text = saved(loaded).decode()
    assert "# %% [markdown]\n# # Title\n" in text
    assert text.endswith("# %%\nx = 1\n")
    assert list(cells(load(tmp_path / "new.py"))) == [("markdown", "# Title"), ("code", "x = 1")]


def test_saving_elsewhere_changes_the_format(tmp_path: Path) -> None:
    loaded = opened(tmp_path, PERCENT, "a.py")
    done = loaded.file.save_now(loaded.notebook, tmp_path / "a.ipynb")
    assert list(cells(load(done.path))) == list(cells(loaded))
    assert done.notices == ()
    done = loaded.file.save_now(loaded.notebook, tmp_path / "b.md")
    assert text_notebook.NO_OUTPUTS in done.notices
    assert b'```python tags=["a"]\nx = 1\n```' in done.path.read_bytes()


OLD = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [
    {"cell_type": "code", "language": "python", "input": "x = 1", "outputs": []},
]}]}  # fmt: skip
BARE = {"nbformat": 4, "metadata": {}, "cells": [
    {"cell_type": "code", "metadata": {}, "source": "x = 1"}, {"cell_type": "future", "metadata": {}},
]}  # fmt: skip


@pytest.mark.parametrize("text", [json.dumps(OLD), json.dumps(BARE), f"\ufeff{json.dumps(BARE)}"])
def test_an_old_or_a_bare_notebook_has_a_text(text: str, tmp_path: Path) -> None:
    loaded = opened(tmp_path, text, "a.ipynb")
    done = loaded.file.save_now(loaded.notebook, tmp_path / "b.py")
    assert b"# %%\nx = 1\n" in done.path.read_bytes()


async def test_there_is_nothing_to_sign(tmp_path: Path) -> None:
    loaded = opened(tmp_path, PERCENT, "a.py")
    done = await loaded.file.save(loaded.notebook)
    assert await loaded.file.endorse(done, own_outputs=True) == ()


def test_what_is_not_utf_8_says_where(tmp_path: Path) -> None:
    with pytest.raises(NotebookFormatError, match="byte 5 is not UTF-8"):
        opened(tmp_path, b"x = '\xff'", "a.py")


def test_a_header_that_is_no_yaml_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(NotebookFormatError, match=r"a\.md: jupytext can't convert it"):
        opened(tmp_path, "---\njupyter: [1\n---\n\nx\n", "a.md")


def test_an_unknown_format_is_an_error_of_saving(tmp_path: Path) -> None:
    data = load(opened(tmp_path, PERCENT, "a.py").file.path).file
    loaded = load(data.path)
    form = text_notebook.TextFormat(".py", "nosuch")
    with pytest.raises(NotebookSaveError, match="nosuch"):
        text_notebook.from_ipynb(loaded.file.render(loaded.notebook), data.path, None, form)


def test_without_jupytext_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    with pytest.raises(NotebookFileError, match=r"\.py notebooks need jupytext .*tuinb\[text\]"):
        opened(tmp_path, LIGHT, "a.py")
    monkeypatch.setattr(text_notebook, "find_spec", lambda _name: None)
    with pytest.raises(NotebookFileError, match="need jupytext"):
        new(tmp_path / "b.py")
    assert new(tmp_path / "b.ipynb").file.path.name == "b.ipynb"

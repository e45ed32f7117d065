"""Opening a notebook in which git left its conflict markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.session.support import ME
from tests.support import write_notebook
from tuinb.errors import NotebookFormatError
from tuinb.files import load
from tuinb.session.opening import open_session, prepare
from tuinb.session.target import Arguments

if TYPE_CHECKING:
    from pathlib import Path


def marked(path: Path) -> Path:
    """Writes a notebook whose second cell is in conflict, as `git merge` does."""
    text = write_notebook(path, "a = 1", "b = 2", "c = 3").read_text()
    line = '    "b = 2"\n'
    assert line in text
    path.write_text(
        text.replace(line, f"<<<<<<< HEAD\n{line.replace('2', 'ours')}=======\n{line.replace('2', 'theirs')}>>>>>>> x\n")
    )
    return path


async def test_it_opens_merged_and_unsaved(tmp_path: Path) -> None:
    path = marked(tmp_path / "x.ipynb")
    options = prepare(Arguments(file=str(path), no_kernel=True))
    assert not options.loaded.read_only
    assert options.loaded.notices == (
        "Git left its conflict markers in this file. Both sides are merged by cells, unsaved; "
        "1 conflict left: :resolve shows them.",
    )
    session = open_session(options.loaded, None)
    merged = ["a = 1", "<<<<<<< ours\nb = ours\n=======\nb = theirs\n>>>>>>> theirs", "c = 3"]
    assert [cell.source for cell in session.notebook] == merged
    assert session.modified
    await session._other_writers.look()
    assert await session.incoming() is None
    await session.save(endorse=False)
    assert [cell.source for cell in load.load(path).notebook] == merged
    session.undo(ME)
    assert [cell.source for cell in session.notebook] == ["a = 1", "b = ours", "c = 3"]
    await session.shut_down()


async def test_another_program_may_resolve_it_meanwhile(tmp_path: Path) -> None:
    path = marked(tmp_path / "x.ipynb")
    session = open_session(prepare(Arguments(file=str(path), no_kernel=True)).loaded, None)
    write_notebook(path, "a = 1", "b = ours", "c = 4")
    found = await session.incoming()
    assert found is not None
    assert not found.merge.conflicts
    await session._other_writers.look()
    assert [cell.source for cell in session.notebook][2] == "c = 4"
    await session.shut_down()


def test_without_two_notebooks_it_opens_as_before(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text("{\n<<<<<<< HEAD\n=======\n>>>>>>> x\n")
    with pytest.raises(NotebookFormatError, match="conflict markers"):
        prepare(Arguments(file=str(path), no_kernel=True))
    path.write_bytes(b"\xff{")
    with pytest.raises(NotebookFormatError):
        prepare(Arguments(file=str(path), no_kernel=True))
    whole = marked(path).read_text()
    path.write_text(whole.replace(">>>>>>> x\n", ""))
    assert "conflict markers" in prepare(Arguments(file=str(path), no_kernel=True)).loaded.read_only

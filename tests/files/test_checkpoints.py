"""Checkpoints: where Jupyter has them, with the content before the first save, and never through a link."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tuinb.errors import NotebookFileError
from tuinb.files import checkpoints, load
from tuinb.notebook.changes import CellId, ClientId, SpliceSource, Step, Transaction
from tuinb.session.events import Saved
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.session import Session

A = CellId("cell-0")


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "a.ipynb", "a")


def content(path: Path) -> bytes:
    return path.read_bytes()


def test_it_is_a_copy_with_no_more_rights(notebook: Path) -> None:
    notebook.chmod(0o600)
    checkpoints.keep(notebook)
    kept = notebook.parent / ".ipynb_checkpoints" / "a-checkpoint.ipynb"
    assert checkpoints.path_of(notebook) == kept
    assert kept.read_bytes() == notebook.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_notebook_without_a_file_has_none(tmp_path: Path) -> None:
    checkpoints.keep(tmp_path / "new.ipynb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_folder", [True, False])
def test_links_are_not_followed(notebook: Path, tmp_path: Path, is_folder: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    kept = checkpoints.path_of(notebook)
    if is_folder:
        kept.parent.symlink_to(tmp_path / "elsewhere")
    else:
        kept.parent.mkdir()
        kept.symlink_to(tmp_path / "elsewhere" / "planted")
    with pytest.raises(NotebookFileError, match="symbolic link"):
        checkpoints.keep(notebook)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_cannot_be_made(notebook: Path) -> None:
    checkpoints.path_of(notebook).parent.write_text("a file")
    with pytest.raises(NotebookFileError, match="File exists"):
        checkpoints.keep(notebook)


def edit(session: Session) -> None:
    session.apply(Transaction((SpliceSource(A, 0, "", "x"),), ClientId("me"), Step.TYPING))


async def test_the_first_save_of_a_session_keeps_the_file_as_it_was(notebook: Path) -> None:
    before = content(notebook)
    session = open_session(load.load(notebook), None)
    edit(session)
    session.keep_checkpoints()
    for _ in range(2):
        await session.save(endorse=False)
        edit(session)
    assert content(checkpoints.path_of(notebook)) == before
    await session.shut_down(discard=True)


async def test_none_is_kept_unless_asked(notebook: Path) -> None:
    session = open_session(load.load(notebook), None)
    edit(session)
    await session.save(endorse=False)
    assert [path.name for path in notebook.parent.iterdir()] == ["a.ipynb"]
    await session.shut_down()


async def test_one_that_cannot_be_kept_is_a_notice(notebook: Path) -> None:
    checkpoints.path_of(notebook).parent.write_text("a file")
    session = open_session(load.load(notebook), None)
    events: list[object] = []
    session.listen(events.append)
    edit(session)
    session.keep_checkpoints()
    await session.save(endorse=False)
    [saved] = [event for event in events if isinstance(event, Saved)]
    assert "no checkpoint is kept" in saved.notices[0]
    assert load.load(notebook).notebook[A].source == "xa"
    await session.shut_down()

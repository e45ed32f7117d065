"""Disks that fail while a session saves: the file keeps its bytes, the journal has the work, a message says where to save."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tuinb.errors import NotebookSaveError
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.notebook.changes import CellId, ClientId, SpliceSource, Step, Transaction
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.session.session import Session

CELL, ME = CellId("cell-0"), ClientId("disk")
FAULTS = [
    ("write", errno.ENOSPC),
    ("write", errno.EDQUOT),
    ("write", errno.EIO),
    ("write", errno.EFBIG),
    ("fsync", errno.EIO),
    ("fsync", errno.ENOSPC),
    ("fsync", errno.EDQUOT),
    ("replace", errno.EIO),
    ("replace", errno.EEXIST),
    ("replace", errno.ENOTSUP),
    ("replace", errno.EXDEV),
    ("replace", errno.EROFS),
    ("open", errno.EROFS),
    ("open", errno.EACCES),
    ("open", errno.ENOSPC),
    ("open", errno.EMFILE),
]


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "work").mkdir()
    return write_notebook(tmp_path / "work" / "a.ipynb", "old")


def content(path: Path) -> bytes:
    return path.read_bytes()


async def edited(notebook: Path, text: str = "new ") -> Session:
    """A session with a change that is in its journal."""
    session = open_session(load.load(notebook), None, journal=True)
    session.apply(Transaction((SpliceSource(CELL, 0, "", text),), ME, Step.TYPING))
    await session.flush()
    return session


def in_journal() -> str:
    """The source in the only journal."""
    [file] = folder.journals().glob(f"*{folder.SUFFIX}")
    found = recover(file.read_bytes())
    assert found is not None
    return found.restored.notebook[CELL].source


def beside(notebook: Path, function: str, code: int) -> Callable[..., object]:
    """The function, which fails for files in the notebook's folder."""
    real = getattr(os, function)

    def fail(target: int | str, *arguments: object, **keywords: object) -> object:
        where = str(Path(f"/proc/self/fd/{target}").readlink()) if isinstance(target, int) else os.fspath(target)
        if where.startswith(str(notebook.parent)) and ".tuinb" in where:
            raise OSError(code, os.strerror(code))
        return real(target, *arguments, **keywords)

    return fail


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the names of open files are in /proc on Linux only")
@pytest.mark.parametrize(("function", "code"), FAULTS)
async def test_a_fault_loses_nothing(notebook: Path, monkeypatch: pytest.MonkeyPatch, function: str, code: int) -> None:
    before = content(notebook)
    session = await edited(notebook)
    with monkeypatch.context() as patch:
        patch.setattr(os, function, beside(notebook, function, code))
        with pytest.raises(NotebookSaveError) as caught:
            await session.save(endorse=False)
    assert "save" in caught.value.hint
    assert content(notebook) == before
    assert [path.name for path in notebook.parent.iterdir()] == [notebook.name]
    assert session.modified
    assert in_journal() == "new old"
    session.apply(Transaction((SpliceSource(CELL, 0, "", "more "),), ME, Step.TYPING))
    await session.flush()
    assert in_journal() == "more new old"
    await session.save(endorse=False)
    assert load.load(notebook).notebook[CELL].source == "more new old"
    await session.shut_down()
    assert list(folder.journals().glob("*")) == []


async def test_a_folder_that_vanishes(notebook: Path, tmp_path: Path) -> None:
    session = await edited(notebook)
    shutil.rmtree(notebook.parent)
    with pytest.raises(NotebookSaveError, match="folder does not exist") as caught:
        await session.save(endorse=False)
    assert "save in another" in caught.value.hint
    assert in_journal() == "new old"
    await session.save(tmp_path / "b.ipynb", endorse=False)
    assert load.load(tmp_path / "b.ipynb").notebook[CELL].source == "new old"
    await session.shut_down()
    assert list(folder.journals().glob("*")) == []


async def test_a_folder_that_cannot_be_synced(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await edited(notebook)
    fsync = os.fsync

    def only_files(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "not here")
        fsync(number)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", only_files)
        await session.save(endorse=False)
    assert load.load(notebook).notebook[CELL].source == "new old"
    await session.shut_down()


async def test_links(notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "link.ipynb").symlink_to(notebook)
    (tmp_path / "hard.ipynb").hardlink_to(notebook)
    before = content(notebook)
    session = await edited(tmp_path / "link.ipynb")
    await session.save(endorse=False)
    assert (tmp_path / "link.ipynb").is_symlink()
    assert load.load(notebook).notebook[CELL].source == "new old"
    assert content(tmp_path / "hard.ipynb") == before
    await session.shut_down()


async def test_what_a_failed_save_noted_is_not_kept_in_memory(notebook: Path) -> None:
    session = await edited(notebook)
    shutil.rmtree(notebook.parent)
    with pytest.raises(NotebookSaveError):
        await session.save(endorse=False)
    assert session._journal is not None
    assert session._journal._since is None
    await session.shut_down(discard=True)

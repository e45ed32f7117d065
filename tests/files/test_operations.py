"""Renaming, deleting, making and copying files and folders of this machine."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import ChangedOnDiskError, NotebookFileError, NotebookSaveError, TuinbError, UsageError
from tuinb.files import operations
from tuinb.files.claim import Claim
from tuinb.files.journal.folder import Header, journals, leftovers
from tuinb.server.address import path_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = tmp_path / "w"
    (found / "sub").mkdir(parents=True)
    (found / "a.ipynb").write_text("a")
    (found / "sub" / "b.ipynb").write_text("b")
    return found


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_files_and_folders_are_renamed(folder: Path) -> None:
    operations.rename(folder / "a.ipynb", folder / "sub" / "c.ipynb")
    operations.rename(folder / "sub", folder / "new")
    assert files(folder) == {"new/b.ipynb": "b", "new/c.ipynb": "a"}


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_a_disk_without_hard_links(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "link", link)
    operations.rename(folder / "a.ipynb", folder / "c.ipynb")
    assert files(folder) == {"c.ipynb": "a", "sub/b.ipynb": "b"}


def test_a_file_that_appears_meanwhile_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    with pytest.raises(NotebookFileError, match="there is one of this name already"):
        operations.rename(folder / "a.ipynb", folder / "sub" / "b.ipynb")
    assert files(folder) == {"a.ipynb": "a", "sub/b.ipynb": "b"}


REFUSED: list[tuple[Callable[[Path], object], str]] = [
    (lambda w: operations.rename(w / "a.ipynb", w / "sub" / "b.ipynb"), "there is one of this name already"),
    (lambda w: operations.rename(w / "a.ipynb", w / "none" / "b.ipynb"), "there is no such file or folder"),
    (lambda w: operations.rename(w / "none", w / "b.ipynb"), "there is no such file or folder"),
    (lambda w: operations.rename(w / "sub", w / "sub" / "in"), "a folder can't be moved into itself"),
    (lambda w: operations.rename(w / "a.ipynb", w / ("x" * 300)), "its name is too long"),
    (lambda w: operations.rename(w / "a.ipynb", path_of("http://h/", "a.ipynb")), "it can't be moved to another machine"),
    (lambda w: operations.rename(w / "a.ipynb", w / "a.ipynb" / "b"), "moved into itself"),
    (lambda w: operations.remove(w / "sub"), "the folder is not empty"),
    (lambda w: operations.remove(w / "none"), "there is no such file or folder"),
    (lambda w: operations.make_folder(w / "sub"), "there is one of this name already"),
    (lambda w: operations.make_folder(w / "a.ipynb" / "in"), "a part of the path is a file"),
    (lambda w: operations.copy(w / "none", w / "b"), "there is no such file"),
    (lambda w: operations.copy(w / "sub", w / "b"), "it is a folder"),
    (lambda w: operations.copy(w / "a.ipynb", w / "none" / "b"), "its folder does not exist"),
    (lambda w: operations.within(w / "none", w / "a.ipynb", named_folder=True), "there is no such folder"),
    (lambda w: operations.beside(w / "a.ipynb", ""), "that is no name"),
    (lambda w: operations.beside(w / "a.ipynb", "a\0b"), "that is no name"),
]


@pytest.mark.parametrize(("work", "why"), REFUSED)
def test_what_is_refused_changes_nothing(folder: Path, work: Callable[[Path], object], why: str) -> None:
    with pytest.raises(TuinbError, match=why):
        work(folder)
    assert files(folder) == {"a.ipynb": "a", "sub/b.ipynb": "b"}


@pytest.mark.parametrize(
    ("number", "why"), [(errno.EACCES, "no permission: it was not deleted"), (errno.EIO, "it was not deleted: bad")]
)
def test_a_disk_that_refuses(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, why: str) -> None:
    def unlink(*_: object, **__: object) -> None:
        raise OSError(number, "bad")

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(NotebookFileError, match=why):
        operations.remove(folder / "a.ipynb")


def test_files_and_empty_folders_are_deleted(folder: Path) -> None:
    operations.remove(folder / "a.ipynb")
    operations.remove(folder / "sub" / "b.ipynb")
    operations.remove(folder / "sub")
    operations.make_folder(folder / "new")
    (folder / "link").symlink_to(folder / "new")
    operations.remove(folder / "link")
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_a_copy_replaces_nothing_that_differs(folder: Path) -> None:
    target = operations.within(folder / "sub", folder / "a.ipynb", named_folder=False)
    assert target == folder / "sub" / "a.ipynb"
    assert operations.within(folder / "new", folder / "a.ipynb", named_folder=False) == folder / "new"
    operations.copy(folder / "a.ipynb", target)
    operations.copy(folder / "a.ipynb", target)  # it is the same
    with pytest.raises(ChangedOnDiskError, match="there is a file of this name with other content"):
        operations.copy(folder / "sub" / "b.ipynb", target)
    assert target.read_text() == "a"
    operations.copy(folder / "sub" / "b.ipynb", target, replace=True)
    assert target.read_text() == "b"


def test_an_open_notebook_stays(folder: Path) -> None:
    claim = Claim(folder / "sub" / "b.ipynb")
    assert claim.take() is None
    works: list[Callable[[], None]] = [
        lambda: operations.rename(folder / "sub" / "b.ipynb", folder / "c.ipynb"),
        lambda: operations.rename(folder / "sub", folder / "new"),
        lambda: operations.remove(folder / "sub" / "b.ipynb"),
    ]
    for work in works:
        with pytest.raises(NotebookSaveError, match=r"sub/b\.ipynb: tuinb \(process \d+ on .*\) has it open .*close it there"):
            work()
    claim.release()
    assert files(folder) == {"a.ipynb": "a", "sub/b.ipynb": "b"}
    operations.rename(folder / "sub", folder / "new")
    assert claim.take() is None, "claims are given back"
    claim.release()


def test_unsaved_changes_of_a_killed_session_keep_a_notebook(folder: Path) -> None:
    notebook = folder / "a.ipynb"
    journals().mkdir(parents=True, mode=0o700)
    (journals() / "1.journal").write_bytes(Header.of(notebook).pack())
    with pytest.raises(NotebookFileError, match="it has unsaved changes"):
        operations.remove(notebook)
    written = (journals() / "1.journal").stat().st_mtime
    os.utime(notebook, (written + 1, written + 1))  # another program wrote it since: the journal would not find it
    with pytest.raises(NotebookFileError, match="it has unsaved changes"):
        operations.rename(notebook, folder / "c.ipynb")
    os.utime(notebook, (written, written))
    operations.rename(notebook, folder / "c.ipynb")
    (left,) = leftovers(folder / "c.ipynb")
    left.discard()
    operations.remove(folder / "c.ipynb")
    with pytest.raises(UsageError):
        operations.copy(folder / "c.ipynb", notebook)


def test_a_file_that_can_not_be_taken_away_keeps_one_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = folder / "a.ipynb", folder / "sub" / "c.ipynb"
    unlink = Path.unlink

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path == old:
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(NotebookFileError, match="it was not renamed"):
        operations.rename(old, new)
    assert (old.exists(), new.exists()) == (True, False)


@pytest.mark.parametrize("name", [".", "..", "sub/.."])
def test_a_folder_is_named_with_a_slash(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="that is no name"):
        operations.beside(folder / "a.ipynb", name)


def test_a_folder_that_is_not_there_is_the_new_names(folder: Path) -> None:
    with pytest.raises(NotebookFileError, match="there is no such file or folder") as found:
        operations.rename(folder / "a.ipynb", folder / "none" / "a.ipynb")
    assert found.value.where.endswith("none/a.ipynb")

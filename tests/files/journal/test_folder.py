"""Whose a journal is: of which notebook, and whether its writer still runs."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from tests.files.journal.support import Journaled
from tests.support import ROOT, write_notebook
from tuinb.files.journal import folder, records
from tuinb.files.journal.folder import Header, Leftover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def killed(path: Path) -> Journaled:
    """The journal of a notebook, without its writer."""
    work = Journaled(write_notebook(path, "a", "b"))
    work.desk.type(work.notebook.order[0], 0, "x")
    work.writer.close()
    return work


def found(path: Path | None = None) -> list[Leftover]:
    left = folder.leftovers(path)
    for one in left:
        one.release()
    return left


def test_a_journal_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        killed(tmp_path / "x.ipynb")
    finally:
        os.umask(before)
    [file] = folder.journals().iterdir()
    assert folder.journals() == tmp_path / "state" / "tuinb" / "journals"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.journals().stat().st_mode) == 0o700


def test_a_folder_that_others_may_read_is_closed(tmp_path: Path) -> None:
    folder.journals().mkdir(parents=True, mode=0o755)
    killed(tmp_path / "x.ipynb")
    assert stat.S_IMODE(folder.journals().stat().st_mode) == 0o700


def test_a_folder_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(PermissionError, match="another user"):
        killed(tmp_path / "x.ipynb")


def test_a_journal_is_found_by_the_notebooks_path(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    killed(path)
    other = write_notebook(tmp_path / "other.ipynb", "a")
    (tmp_path / "link.ipynb").symlink_to(path)
    assert len(found(path)) == len(found(tmp_path / "link.ipynb")) == len(found()) == 1
    assert found(other) == []
    path.unlink()
    assert len(found(path)) == 1
    assert found(tmp_path / "gone.ipynb") == []


def test_a_journal_is_found_after_the_notebook_was_renamed(tmp_path: Path) -> None:
    path, renamed = tmp_path / "x.ipynb", tmp_path / "folder" / "y.ipynb"
    killed(path)
    renamed.parent.mkdir()
    path.rename(renamed)
    assert len(found(renamed)) == 1
    assert found(write_notebook(tmp_path / "z.ipynb", "a")) == []
    write_notebook(path, "another")
    assert found(renamed) == []


def test_a_younger_file_that_got_the_number_of_a_deleted_one_is_another(tmp_path: Path) -> None:
    path, reused = tmp_path / "x.ipynb", tmp_path / "y.ipynb"
    killed(path)
    path.rename(reused)  # the number stays, as with a file system that gives it out again
    written = found()[0].written
    os.utime(reused, (written + 1, written + 1))
    assert found(reused) == []
    os.utime(reused, (written, written))
    assert len(found(reused)) == 1


def test_the_latest_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    files = []
    for age in (3, 1, 2):
        work = killed(path)
        assert work.writer.file is not None
        os.utime(work.writer.file, (0, 1000 - age))
        files.append(work.writer.file)
    assert [left.file for left in found(path)] == [files[1], files[2], files[0]]


def test_a_journal_that_is_being_written_is_no_leftover(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a")
    work = Journaled(path)
    assert found(path) == []
    work.writer.start(work.base)
    assert found(path) == []
    work.writer.close()
    assert len(found(path)) == 1


def test_a_leftover_belongs_to_the_one_who_asks_first(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    killed(path)
    [left] = folder.leftovers(path)
    assert found(path) == []
    left.release()
    left.release()
    [left] = folder.leftovers(path)
    left.discard()
    assert found(path) == []
    assert list(folder.journals().iterdir()) == []


def test_the_lock_ends_with_the_process(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a")
    code = f"""
import os, pathlib, signal
from tests.files.journal.support import Journaled
from tuinb.files.journal import folder
work = Journaled(pathlib.Path({str(path)!r}))
assert folder.leftovers() == []
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert len(found(path)) == 1


# ---- without locks


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_the_process_is_looked_up(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a")
    work = Journaled(path)
    assert found(path) == []
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    header = Header.parse(work.bytes())
    assert header is not None
    assert not header.locked
    others: list[dict[str, object]] = [{"pid": gone.pid}, {"started": "1"}, {"boot": "another"}, {"host": "another"}, {}]
    for other in others:
        changed = Header(**{**asdict(header), **other})
        count = 1 if other else 0
        assert work.writer.file is not None
        work.writer.file.write_bytes(changed.pack())
        assert len(found(path)) == count, other


# ---- what else may be in the folder


def strangers(target: Path) -> Iterator[Path]:
    for name, data in (("a.journal", b""), ("b.journal", b"nonsense"), ("c.journal", records.MAGIC), ("note.txt", b"x")):
        path = target / name
        path.write_bytes(data)
        yield path
    (target / "d.journal").mkdir()
    (target / "e.journal").symlink_to(target / "a.journal")
    (target / "f.tmp").write_bytes(b"")


def test_what_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    assert found() == []
    work = killed(tmp_path / "x.ipynb")
    target = folder.journals()
    others = list(strangers(target))
    assert [left.file for left in found()] == [work.writer.file]
    assert all(path.exists() for path in others)


def test_an_unfinished_journal_is_removed_after_a_while(tmp_path: Path) -> None:
    killed(tmp_path / "x.ipynb")
    old, new = folder.journals() / "old.tmp", folder.journals() / "new.tmp"
    for path in (old, new):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    assert len(found()) == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_an_unfinished_journal_of_a_process_that_has_ended_is_removed_at_once(tmp_path: Path) -> None:
    work = killed(tmp_path / "x.ipynb")
    unfinished = folder.journals() / "unfinished.tmp"
    unfinished.write_bytes(work.writer.file.read_bytes() if work.writer.file else b"")
    with unfinished.open("r+b") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        assert len(found()) == 1
        assert unfinished.exists()
    assert len(found()) == 1
    assert not unfinished.exists()

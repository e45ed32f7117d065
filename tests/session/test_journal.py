"""The journal of a session: what it holds at any time, how large it is, and what happens if it can't be written."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.notebook.test_nesting import nested
from tests.session.support import ME
from tests.support import ROOT, wait_for, write_notebook
from tuinb.errors import NotebookSaveError
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.files.journal.writer import JournalWriter
from tuinb.files.notebook_file import NotebookFile
from tuinb.jobs import shared
from tuinb.notebook.changes import (
    KERNEL,
    AppendOutput,
    AppendStream,
    CellId,
    ClearOutputs,
    DeleteCell,
    SetMetadata,
    SpliceSource,
    Step,
    Transaction,
)
from tuinb.session import journal
from tuinb.session.events import Message
from tuinb.session.opening import open_session
from tuinb.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.notebook.changes import Change

A, B = CellId("cell-0"), CellId("cell-1")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def files() -> list[Path]:
    return sorted(folder.journals().glob("*.journal"))


def held() -> tuple[list[str], list[str]]:
    """The sources in the only journal: what it begins with, and what it restores."""
    [file] = files()
    found = recover(file.read_bytes())
    assert found is not None
    assert not found.problem
    return [cell.source for cell in found.base.notebook], [cell.source for cell in found.restored.notebook]


class Work:
    """A session on a file, with a journal."""

    def __init__(self, path: Path, session: Session | None = None) -> None:
        self.path = path
        self.session = session or open_session(load.load(path), None, journal=True)
        self.messages: list[str] = []
        self.session.listen(lambda event: self.messages.append(event.text) if isinstance(event, Message) else None)

    def type(self, text: str, cell: CellId = A) -> None:
        self.session.apply(Transaction((SpliceSource(cell, 0, "", text),), ME, Step.TYPING))

    def output(self, *changes: Change) -> None:
        self.session._on_commit(self.session.notebook.apply(Transaction(changes, KERNEL, Step.OUTPUT)))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(write_notebook(tmp_path / "x.ipynb", "a", "b"))


async def test_a_notebook_that_is_only_read_has_no_journal(work: Work) -> None:
    await work.session.flush()
    assert await work.session.shut_down() == ""
    assert files() == []


async def test_what_is_changed_is_in_the_journal_soon(work: Work) -> None:
    work.type("x")
    await wait_for(lambda: bool(files()) and held() == (["a", "b"], ["xa", "b"]))
    work.type("y")
    work.session.apply(Transaction((DeleteCell(B),), ME))
    await work.session.flush()
    assert held() == (["a", "b"], ["yxa"])
    work.session.undo(ME)
    await work.session.flush()
    assert held() == (["a", "b"], ["yxa", "b"])
    await work.session.shut_down()


async def test_a_save_removes_it_and_the_next_change_begins_another(work: Work) -> None:
    work.type("x")
    await work.session.flush()
    await work.session.save(endorse=False)
    await work.session.flush()
    assert files() == []
    work.type("y")
    await work.session.flush()
    assert held() == (["xa", "b"], ["yxa", "b"])
    await work.session.shut_down()


async def test_what_is_typed_during_a_save_stays_in_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    work.type("x")
    await work.session.flush()
    replace, typed = os.replace, threading.Event()

    def type_text() -> None:
        work.type("y")
        typed.set()

    def type_and_replace(*args: Any) -> None:  # noqa: ANN401 - whatever os.replace takes
        loop.call_soon_threadsafe(type_text)
        typed.wait()
        replace(*args)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(os, "replace", type_and_replace)
    await work.session.save(endorse=False)
    await work.session.flush()
    assert held() == (["xa", "b"], ["yxa", "b"])
    await work.session.shut_down()


async def test_what_is_saved_is_in_it_before_the_file_is_written(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    work.type("x")
    await work.session.flush()
    order: list[str] = []
    begun, released = threading.Event(), threading.Event()
    append, write, keep_checkpoint = JournalWriter.append, NotebookFile._write, Session._keep_checkpoint

    def append_late(writer: JournalWriter, transactions: Sequence[Transaction]) -> None:
        begun.set()
        released.wait(10)
        append(writer, transactions)
        order.append("journal")

    def write_file(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever _write takes
        order.append("file")
        return write(*args, **options)

    async def type_last(session: Session, path: Path) -> tuple[str, ...]:
        work.type("y")
        return await keep_checkpoint(session, path)

    monkeypatch.setattr(JournalWriter, "append", append_late)
    monkeypatch.setattr(NotebookFile, "_write", write_file)
    monkeypatch.setattr(Session, "_keep_checkpoint", type_last)
    saving = asyncio.create_task(work.session.save(endorse=False))
    await wait_for(begun.is_set)
    for _ in range(10):  # a file's job would be run before these
        await shared().run(int)
    assert order == []
    assert not saving.done()
    released.set()
    await saving
    assert order == ["journal", "file"]
    await work.session.shut_down()


async def test_a_save_does_not_wait_for_ever_for_a_disk_that_hangs(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LONGEST", 0.05)
    work.type("x")
    await work.session.flush()
    released = threading.Event()
    monkeypatch.setattr(JournalWriter, "append", lambda *_: released.wait(10))
    work.type("y")
    await work.session.save(endorse=False)
    assert "yxa" in work.path.read_text()
    released.set()
    await work.session.shut_down()


async def test_a_save_that_fails_leaves_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    work.type("x")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(NotebookSaveError):
        await work.session.save(endorse=False)
    work.type("y")
    await work.session.flush()
    assert held() == (["a", "b"], ["yxa", "b"])
    monkeypatch.undo()
    await work.session.shut_down(discard=True)


async def test_saving_under_another_name_takes_it_along(work: Work, tmp_path: Path) -> None:
    work.type("x")
    await work.session.save(tmp_path / "other.ipynb", endorse=False)
    work.type("y")
    await work.session.shut_down()
    assert folder.leftovers(work.path) == []
    [left] = folder.leftovers(tmp_path / "other.ipynb")
    left.release()


@pytest.mark.parametrize("discard", [False, True])
async def test_at_the_end_it_stays_only_if_it_is_needed(discard: bool, work: Work) -> None:
    work.type("x")
    told = await work.session.shut_down(discard=discard)
    assert (bool(told), len(files())) == ((False, 0) if discard else (True, 1))
    if told:
        assert "x.ipynb are kept; open it again to restore them" in told
        assert held() == (["a", "b"], ["xa", "b"])


async def test_a_notebook_as_it_was_read_needs_none_at_the_end(work: Work) -> None:
    work.type("x")
    work.session.apply(Transaction((SpliceSource(A, 0, "x", ""),), ME, Step.TYPING))
    assert await work.session.shut_down() == ""
    assert files() == []


async def test_what_happens_after_the_end_is_not_recorded(work: Work) -> None:
    work.type("x")
    await work.session.shut_down()
    work.type("y")
    await work.session.flush()
    await work.session.shut_down()
    assert held() == (["a", "b"], ["xa", "b"])


async def test_a_new_notebook_has_a_journal_from_its_first_change(tmp_path: Path) -> None:
    loaded = load.new(tmp_path / "new.ipynb", {"name": "python3"})
    work = Work(tmp_path / "new.ipynb", open_session(loaded, None, journal=True))
    work.type("x = 1", loaded.notebook.order[0])
    await work.session.flush()
    assert held() == ([""], ["x = 1"])
    [file] = files()
    found = recover(file.read_bytes())
    assert found is not None
    assert found.restored.notebook.metadata == {"kernelspec": {"name": "python3"}}
    await work.session.shut_down()


async def test_a_read_only_notebook_has_none(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a", "b")
    path.write_text(path.read_text()[:-30])
    work = Work(path)
    work.output(AppendStream(A, "stdout", "x"))
    assert await work.session.shut_down() == ""
    assert files() == []


# ---- size


@pytest.mark.parametrize("text", ["{0}\n", "line {0} of \x1b[31mmany\x1b[0m\n", "行 {0}\n", "{0}\r"])
async def test_a_flood_costs_what_it_is_long_once(text: str, work: Work) -> None:
    size = 0
    for number in range(0, 50_000, 100):
        piece = "".join(text.format(line) for line in range(number, number + 100))
        size += len(piece.encode())
        work.output(AppendStream(A, "stdout", piece))
    await work.session.flush()
    [file] = files()
    assert file.stat().st_size <= 1.2 * size
    await work.session.shut_down(discard=True)


async def test_an_animation_does_not_make_it_grow_for_ever(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGE", 100_000)
    for _ in range(20):
        picture = {"image/png": os.urandom(15_000).hex()}
        display = {"output_type": "display_data", "data": picture, "metadata": {}}
        work.output(ClearOutputs(A, wait=True), AppendOutput(A, display))
        await work.session.flush()
    await wait_for(lambda: sum(file.stat().st_size for file in files()) < 200_000)
    work.type("x")
    await work.session.flush()
    assert held() == (["a", "b"], ["xa", "b"])
    [file] = files()
    found = recover(file.read_bytes())
    assert found is not None
    assert found.restored.notebook[A].outputs.to_json() == work.session.notebook[A].outputs.to_json()
    await work.session.shut_down(discard=True)


async def test_it_grows_by_as_much_as_a_large_notebook_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGE", 1_000)
    work = Work(write_notebook(tmp_path / "large.ipynb", "#" * 50_000, "b"))

    async def show(bytes_shown: int) -> int:
        display = {"output_type": "display_data", "data": {"image/png": os.urandom(bytes_shown // 2).hex()}, "metadata": {}}
        work.output(ClearOutputs(B, wait=True), AppendOutput(B, display))
        await work.session.flush()
        return files()[0].stat().st_ino

    begun = await show(1_000)
    assert [await show(10_000) for _ in range(8)] == [begun] * 8, "far more than LARGE, and less than the notebook"
    inodes = [await show(10_000) for _ in range(8)]
    assert inodes != [begun] * 8, "begun anew, with a snapshot"
    await wait_for(lambda: files()[0].stat().st_size < 150_000)
    [file] = files()
    found = recover(file.read_bytes())
    assert found is not None
    assert not found.problem
    assert found.restored.notebook[B].outputs.to_json() == work.session.notebook[B].outputs.to_json()
    await work.session.shut_down(discard=True)


async def test_an_output_that_json_cannot_hold_leads_to_a_snapshot(work: Work) -> None:
    deep = {"output_type": "display_data", "data": {"application/json": nested(100_000)}, "metadata": {}}
    work.type("x")
    work.output(AppendOutput(B, deep))
    await wait_for(lambda: bool(files()) and held()[1] == ["xa", "b"])
    work.type("y")
    await work.session.flush()
    assert held() == (["a", "b"], ["yxa", "b"])
    assert work.messages == []
    await work.session.shut_down(discard=True)


# ---- problems


def failing(monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)


async def test_a_full_disk_is_told_once_and_editing_goes_on(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        failing(patch)
        for _ in range(3):
            work.type("x")
            await work.session.flush()
        await wait_for(lambda: bool(work.messages))
    assert work.messages == ["Unsaved changes are not kept on the disk: No space left on device. You can go on editing."]
    assert files() == []
    monkeypatch.setattr(journal, "RETRY", 0.0)
    work.type("y")
    await wait_for(lambda: bool(files()) and held() == (["a", "b"], ["yxxxa", "b"]))
    work.type("z")
    await work.session.flush()
    assert held() == (["a", "b"], ["zyxxxa", "b"])
    assert len(work.messages) == 1
    await work.session.shut_down()


async def test_a_state_folder_that_cannot_be_made_is_told_once(work: Work, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    for _ in range(3):
        work.type("x")
        await work.session.flush()
    await wait_for(lambda: bool(work.messages))
    assert len(work.messages) == 1
    assert "are lost" in await work.session.shut_down()


async def test_a_disk_that_has_room_again_at_the_end_gets_all(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        failing(patch)
        work.type("x")
        await work.session.flush()
    assert "are kept" in await work.session.shut_down()
    assert held() == (["a", "b"], ["xa", "b"])


async def test_a_disk_that_stays_full_is_told_at_the_end(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    work.type("x")
    await work.session.flush()
    failing(monkeypatch, errno.EDQUOT)
    work.type("y")
    told = await work.session.shut_down()
    assert told.startswith(f"the last changes of {work.path} are lost: {os.strerror(errno.EDQUOT)}; those before are kept")
    assert held() == (["a", "b"], ["yxa", "b"])


async def test_a_save_after_a_problem_ends_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        failing(patch)
        work.type("x")
        await work.session.flush()
    await work.session.save(endorse=False)
    work.type("y")
    await work.session.flush()
    assert held() == (["xa", "b"], ["yxa", "b"])
    await work.session.shut_down()


def test_a_record_that_is_cut_off_does_not_harm_the_next(work: Work) -> None:
    """The limit on the size of files cuts a write in the middle."""
    code = f"""
import asyncio, resource, signal, sys
from pathlib import Path
from tests.session.test_journal import Work, files
from tuinb.session import journal

async def main():
    work = Work(Path({str(work.path)!r}))
    work.type("x")
    await work.session.flush()
    [file] = files()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 30, hard))
    work.type("y" * 1000)
    await work.session.flush()
    await asyncio.sleep(0.1)
    print(work.messages)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    journal.RETRY = 0.0
    work.type("z")
    await work.session.flush()
    await asyncio.sleep(0.1)
    work.type("!")
    await work.session.shut_down()

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout
    assert held() == (["a", "b"], [f"!z{'y' * 1000}xa", "b"])


async def test_an_unexpected_error_goes_to_the_event_loop(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: 1 / 0)
        work.type("x")
        await wait_for(lambda: bool(seen))
    assert isinstance(seen[0]["exception"], ZeroDivisionError)
    assert "are kept" in await work.session.shut_down()
    assert held() == (["a", "b"], ["xa", "b"])


async def test_metadata_that_no_file_can_hold_is_told(work: Work) -> None:
    work.session.apply(Transaction((SetMetadata(None, "deep", nested(100_000)),), ME))
    await wait_for(lambda: bool(work.messages))
    assert "nested too deeply" in work.messages[0]
    assert "are lost" in await work.session.shut_down()

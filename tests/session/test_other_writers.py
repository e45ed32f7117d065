"""Another program writes the file of a session."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.session.support import ME
from tests.support import wait_for, write_notebook
from tuinb.errors import ChangedOnDiskError, NotebookFileError
from tuinb.files import disk, load
from tuinb.files.journal import folder
from tuinb.kernel.connection.scripted import ScriptedKernel, hang, stream
from tuinb.notebook.changes import AppendStream, CellId, Change, SpliceSource, Step, Transaction
from tuinb.notebook.conflicts import Part, Side, settled
from tuinb.session import other_writers, recovery
from tuinb.session.events import Message
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path


A, B, C = (CellId(f"cell-{number}") for number in range(3))
SEEN_WITHIN = other_writers.EVERY + other_writers.PAUSE
SOURCES = ("a = 1\nb\nc", "b = 2", "c = 3")


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(other_writers, "PAUSE", 0.0)
    monkeypatch.setattr(other_writers, "EVERY", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", *SOURCES)


class Work:
    """A session on a file, and what it says."""

    def __init__(self, path: Path, kernel: ScriptedKernel | None = None) -> None:
        self.path = path
        kernels = None if kernel is None else lambda name: kernel
        self.session = open_session(load.load(path), kernels, journal=True)
        self.said: list[str] = []
        self.session.listen(
            lambda event: self.said.append(f"{event.text} {event.hint}".rstrip()) if isinstance(event, Message) else None
        )

    def edit(self, *changes: Change, step: Step = Step.EDIT) -> None:
        self.session.apply(Transaction(changes, ME, step))

    def sources(self) -> list[str]:
        return [cell.source for cell in self.session.notebook]

    async def look(self) -> None:
        await self.session._other_writers.look()

    def write(self, *sources: str, **metadata: object) -> bytes:
        write_notebook(self.path, *sources, **metadata)
        return self.path.read_bytes()

    def undo(self) -> None:
        self.session.undo(ME)


def test_what_another_program_writes_is_seen_within_two_seconds(path: Path) -> None:
    assert SEEN_WITHIN <= 2.0
    work = Work(path)
    assert work.session._other_writers._store.storage.pause <= other_writers.EVERY


def read(path: Path) -> bytes:
    return path.read_bytes()


def put(path: Path, content: bytes | str) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def remove(path: Path) -> None:
    path.unlink()


async def test_a_clean_notebook_is_reloaded_as_one_step(path: Path) -> None:
    work = Work(path)
    theirs = work.write("a = 1\nB\nc", "b = 2", "new")
    await work.look()
    assert work.sources() == ["a = 1\nB\nc", "b = 2", "new"]
    assert work.said == ["Reloaded: 2 cells changed on disk by another program. {undo|undo-typing} undoes it."]
    assert not work.session.modified
    assert read(await work.session.save(endorse=False)) == theirs
    work.undo()
    assert (work.sources(), work.session.modified) == (list(SOURCES), True)
    await work.session.save(endorse=False)
    assert [cell.source for cell in load.load(path).notebook] == list(SOURCES)
    await work.session.shut_down()


@pytest.mark.parametrize(
    ("order", "metadata", "said"),
    [
        ((0, 1, 2), {"by": "Lab"}, "the metadata"),
        ((1, 0, 2), {}, "the order of the cells"),
        ((1, 0, 2), {"by": "Lab"}, "the order of the cells and the metadata"),
    ],
)
async def test_changes_of_no_cell_are_told(order: tuple[int, ...], metadata: dict[str, str], said: str, path: Path) -> None:
    work = Work(path)
    content = json.loads(read(path))
    content["cells"] = [content["cells"][index] for index in order]
    content["metadata"] |= metadata
    put(path, json.dumps(content))
    await work.look()
    assert work.said == [f"Reloaded: {said} changed on disk by another program. {{undo|undo-typing}} undoes it."]
    await work.session.shut_down()


async def test_the_file_is_watched(path: Path) -> None:
    work = Work(path)
    work.session.watch_disk()
    work.session.watch_disk()
    work.write("theirs", "b = 2", "c = 3")
    await wait_for(lambda: work.sources()[0] == "theirs")
    await work.session.shut_down()


async def test_a_file_that_is_not_watched_is_left_alone_until_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(path)
    work.session.watch_disk()
    work.write("theirs", "b = 2", "c = 3")
    await wait_for(lambda: work.sources()[0] == "theirs")
    work.session.unwatch_disk()
    monkeypatch.setattr(other_writers, "EVERY", 1000.0)
    work.write("theirs again", "b = 2", "c = 3")
    await asyncio.sleep(0.1)
    assert work.sources()[0] == "theirs"
    work.session.watch_disk()
    await wait_for(lambda: work.sources()[0] == "theirs again")
    await work.session.shut_down()


async def test_bytes_that_nobody_changed_stay(path: Path) -> None:
    """The other program writes in a style of its own: the next save keeps it."""
    work = Work(path)
    content = json.loads(read(path).decode())
    content["cells"][0]["source"] = ["theirs\n", "line"]
    content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1.0"}]
    content["cells"][1]["unknown"] = 1
    put(path, json.dumps(content, indent=7))
    await work.look()
    work.edit(SpliceSource(C, 0, "c", "z"))
    content["cells"][2]["source"] = ["z = 3"]
    await work.session.save(endorse=False)
    assert json.loads(read(path).decode()) == content
    assert read(path).decode().count(" " * 21 + '"unknown": 1') == 1
    await work.session.shut_down()


async def test_touching_the_file_changes_nothing(path: Path) -> None:
    work = Work(path)
    os.utime(path, (1, 1))
    await work.look()
    assert work.said == []
    assert work.session._store.state is not None
    assert work.session._store.state.modified == 1_000_000_000
    await work.session.shut_down()


async def test_a_file_that_is_written_is_read_once_it_is_whole(path: Path) -> None:
    work = Work(path)
    whole = work.write("theirs", "b = 2", "c = 3")
    for part in (b"", whole[:50], whole[:100]):
        put(path, part)
        await work.look()
    assert (work.sources(), work.said) == (list(SOURCES), [])
    put(path, whole)
    await work.look()
    assert work.sources()[0] == "theirs"
    assert work.said == ["Reloaded: 1 cell changed on disk by another program. {undo|undo-typing} undoes it."]
    await work.session.shut_down()


async def test_a_state_that_changes_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(path)
    states = iter(range(100))
    monkeypatch.setattr(disk, "state", lambda path: next(states))
    await work.look()
    with pytest.raises(NotebookFileError, match="is writing it"):
        await work.session.incoming()
    assert work.sources() == list(SOURCES)
    await work.session.shut_down()


async def test_a_file_that_stays_broken_is_told_of_once(path: Path) -> None:
    work = Work(path)
    put(path, "{")
    for _ in range(6):
        await work.look()
    assert len(work.said) == 1
    assert work.said[0].startswith("x.ipynb changed on disk, and can't be read: ")
    with pytest.raises(ChangedOnDiskError):
        await work.session.save(endorse=False)
    await work.session.shut_down()


async def test_a_file_that_is_gone_is_told_of_once(path: Path) -> None:
    work = Work(path)
    before = read(path)
    remove(path)
    await work.look()
    await work.look()
    assert len(work.said) == 1
    assert work.said[0].startswith("x.ipynb is gone from the disk")
    assert await work.session.is_gone()
    with pytest.raises(ChangedOnDiskError, match="gone"):
        await work.session.save(automatic=True)
    with pytest.raises(ChangedOnDiskError, match="gone"):
        await work.session.incoming()
    put(path, before)
    await work.look()
    assert len(work.said) == 1
    assert not work.session.modified
    remove(path)
    await work.look()
    assert len(work.said) == 2
    await work.session.save(endorse=False)
    assert read(path) == before
    await work.session.shut_down()


async def test_unsaved_changes_are_merged(path: Path) -> None:
    work = Work(path)
    work.edit(SpliceSource(A, 0, "a", "x"))
    work.write("a = 1\nb\nC", "theirs", "c = 3", name=1)
    await work.look()
    assert work.sources() == ["x = 1\nb\nC", "theirs", "c = 3"]
    assert work.said == ["Merged: 2 cells changed on disk by another program. {undo|undo-typing} undoes it."]
    assert work.session.modified
    work.undo()
    assert work.sources() == ["x = 1\nb\nc", "b = 2", "c = 3"]
    work.undo()
    assert work.sources() == list(SOURCES)
    for _ in range(2):
        work.session.redo(ME)
    await work.session.save(endorse=False)
    saved = load.load(path).notebook
    assert [cell.source for cell in saved] == ["x = 1\nb\nC", "theirs", "c = 3"]
    assert saved.metadata["name"] == 1
    assert not Work(path).session.modified
    await work.session.shut_down()


async def test_a_journal_follows_the_merged_file(path: Path) -> None:
    work = Work(path)
    work.edit(SpliceSource(A, 0, "a", "x"))
    work.write("a = 1\nb\nC", "theirs", "c = 3")
    await work.look()
    work.edit(SpliceSource(C, 0, "c", "y"))
    await work.session.shut_down()
    session = open_session(load.load(path), None)
    [unsaved] = await recovery.find(session)
    assert not unsaved.difference.is_elsewhere
    recovery.restore(session, unsaved, ME)
    assert [cell.source for cell in session.notebook] == ["x = 1\nb\nC", "theirs", "y = 3"]
    unsaved.leftover.discard()


async def test_a_reloaded_notebook_leaves_no_journal(path: Path) -> None:
    work = Work(path)
    work.edit(SpliceSource(A, 0, "a", "x"))
    work.undo()
    work.write("theirs")
    await work.look()
    await work.session.shut_down()
    assert folder.leftovers(path) == []


async def test_conflicts_are_told_and_change_nothing(path: Path) -> None:
    work = Work(path)
    work.edit(SpliceSource(A, 0, "a", "ours"))
    work.write("theirs = 1\nb\nc", "also theirs", "c = 3")
    for _ in range(3):
        await work.look()
    assert work.sources() == ["ours = 1\nb\nc", "b = 2", "c = 3"]
    assert work.said == [
        "x.ipynb changed on disk. 1 conflict with unsaved changes: :resolve shows them. Until then nothing changes here."
    ]
    with pytest.raises(ChangedOnDiskError):
        await work.session.save(endorse=False)
    found = await work.session.incoming()
    assert found is not None
    [conflict] = found.merge.conflicts
    assert (conflict.cell, conflict.part) == (A, Part.SOURCE)
    content = settled(found.merge.content, [conflict], Side.BOTH)
    assert await work.session.take(found, content, ME)
    assert work.sources() == ["ours = 1\ntheirs = 1\nb\nc", "also theirs", "c = 3"]
    assert not await work.session.take(found, content, ME)  # another terminal was first
    await work.session.save(endorse=False)
    await work.session.shut_down()


async def test_what_happens_during_a_merge_is_not_overwritten(path: Path) -> None:
    work = Work(path)
    work.write("theirs", "b = 2", "c = 3", name=1)
    found = await work.session.incoming()
    assert found is not None
    work.edit(SpliceSource(A, 0, "a", "x"))
    assert not await work.session.take(found, found.merge.content, ME)
    work.undo()
    found = await work.session.incoming()
    assert found is not None
    work.edit(SpliceSource(B, 0, "b", "x"))
    assert await work.session.take(found, found.merge.content, ME)
    assert work.sources() == ["theirs", "x = 2", "c = 3"]
    assert work.session.modified
    await work.session.save(endorse=False)
    assert [cell.source for cell in load.load(path).notebook] == ["theirs", "x = 2", "c = 3"]
    await work.session.shut_down()


async def test_a_running_cell_keeps_its_outputs(path: Path) -> None:
    forever = ScriptedKernel({"b = 2": [stream("hello\n"), hang()]})
    work = Work(path, forever)
    work.session.run([B])
    await wait_for(lambda: len(work.session.notebook[B].outputs) == 1)
    work.write("theirs", "b = 3", "c = 3")
    await work.look()
    assert work.sources() == ["theirs", "b = 3", "c = 3"]
    assert "hello" in str(work.session.notebook[B].outputs[-1].to_json()["text"])
    assert work.session.queue() == (B,)
    await work.session.shut_down()


async def test_a_file_may_gain_ids(tmp_path: Path) -> None:
    """JupyterLab upgrades a file of format 4.4."""
    path = tmp_path / "old.ipynb"
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in ("one", "two")]
    put(path, json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    work = Work(path)
    work.edit(SpliceSource(work.session.notebook.order[0], 0, "", "my "))
    for number, cell in enumerate(cells):
        cell["id"] = f"id{number}"
    put(path, json.dumps({"cells": cells[::-1], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    await work.look()
    assert work.sources() == ["two", "my one"]
    await work.session.save(endorse=False)
    saved = json.loads(read(path).decode())
    assert [(cell["id"], cell["source"]) for cell in saved["cells"]] == [("id1", "two"), ("id0", "my one")]
    assert work.session.notebook.nbformat_minor == 5
    await work.session.shut_down()


async def test_a_script_is_followed_and_outputs_stay(tmp_path: Path) -> None:
    pytest.importorskip("jupytext")
    path = tmp_path / "script.py"
    put(path, "# %%\na = 1\n\n# %%\nb = 2\n")
    work = Work(path)
    first, second = work.session.notebook.order
    work.edit(AppendStream(second, "stdout", "out"), step=Step.OUTPUT)
    await work.session.save(endorse=False)
    put(path, "# %%\na = 5\n\n# %%\nb = 2\n")
    await work.look()
    assert work.sources() == ["a = 5", "b = 2"]
    assert len(work.session.notebook[second].outputs) == 1
    assert not work.session.modified
    work.edit(SpliceSource(first, 0, "a", "x"))
    put(path, "# %%\na = 5\n\n# %%\nb = 9\n")
    await work.look()
    assert work.sources() == ["x = 5", "b = 9"]
    await work.session.save(endorse=False)
    assert read(path).decode().count("x = 5") == 1
    await work.session.shut_down()


async def test_a_new_notebook_meets_a_file_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "new.ipynb"
    session = open_session(load.new(path), None)
    write_notebook(path, "theirs")
    await session._other_writers.look()
    assert [cell.source for cell in session.notebook] == ["theirs"]
    await session.shut_down()
    path = tmp_path / "typed.ipynb"
    session = open_session(load.new(path), None)
    session.apply(Transaction((SpliceSource(session.notebook.order[0], 0, "", "ours"),), ME))
    write_notebook(path, "theirs")
    await session._other_writers.look()
    assert sorted(cell.source for cell in session.notebook) == ["ours", "theirs"]
    await session.shut_down()


async def test_the_watch_goes_on_after_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(path)
    failing = [True]
    state = disk.state

    def fail(path: Path) -> object:
        if failing[0]:
            raise NotebookFileError("no permission")
        return state(path)

    monkeypatch.setattr(disk, "state", fail)
    work.session.watch_disk()
    await asyncio.sleep(0.1)
    failing[0] = False
    work.write("theirs")
    await wait_for(lambda: work.sources() == ["theirs"])
    await work.session.shut_down()

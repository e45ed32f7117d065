"""The content of a session: changes, undo, listeners, saving."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.session.support import ME, World
from tests.support import wait_for
from tuinb.errors import ChangedOnDiskError, ChangeError, NotebookFileError
from tuinb.files.load import load, new
from tuinb.files.notebook_file import NotebookFile
from tuinb.kernel.connection.scripted import next_input, stream
from tuinb.notebook.changes import Applied, CellId, DeleteCell, MoveCell, SetMetadata, SpliceSource, Step
from tuinb.notebook.document import Notebook
from tuinb.session.events import Message, Saved, SessionEvent
from tuinb.session.session import Session
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.session.port import SessionPort


def test_serves_the_port() -> None:
    port: SessionPort = World([]).session
    assert port.kernel.state is KernelState.NONE


# ---- content


async def test_undo_redo_and_what_counts_as_modified(worlds: Callable[..., World]) -> None:
    world = worlds(["a", "b"])
    assert not world.modified()
    world.edit(DeleteCell(world.cells[0]))
    world.edit(MoveCell(CellId("c1"), None))
    assert world.modified()
    undone = world.session.undo(ME)
    assert undone is not None
    assert (undone.origin, undone.step) == (ME, Step.UNDO)
    world.session.undo(ME)
    assert not world.modified()
    assert world.session.undo(ME) is None
    world.session.redo(ME)
    assert world.modified()
    world.session.undo(ME)
    assert not world.modified()
    world.edit(SpliceSource(world.cells[0], 0, "", "x"), step=Step.TYPING)
    assert world.modified()
    assert world.session.redo(ME) is None or world.modified()


async def test_a_change_that_does_not_fit_changes_nothing(worlds: Callable[..., World]) -> None:
    world = worlds(["a"])
    with pytest.raises(ChangeError):
        world.edit(DeleteCell(CellId("nowhere")))
    assert not world.modified()
    assert world.heard == []


async def test_a_listener_can_stop(worlds: Callable[..., World]) -> None:
    world = worlds(["a"])
    heard: list[Applied | SessionEvent] = []
    stop = world.session.listen(heard.append)
    stop()
    stop()
    world.edit(DeleteCell(world.cells[0]))
    assert heard == []


# ---- saving


async def test_saving(worlds: Callable[..., World], tmp_path: Path) -> None:
    world = worlds(["a"], store=NotebookFile(tmp_path / "n.ipynb"))
    world.edit(SpliceSource(world.cells[0], 0, "a", "b"))
    assert await world.session.save() == tmp_path / "n.ipynb"
    assert world.all(Saved) == [Saved(tmp_path / "n.ipynb")]
    assert not world.modified()
    assert load(tmp_path / "n.ipynb").notebook.at(0).source == "b"
    world.session.undo(ME)
    assert world.modified()


async def test_what_was_computed_here_is_trusted(worlds: Callable[..., World], tmp_path: Path) -> None:
    store = NotebookFile(tmp_path / "n.ipynb")
    world = worlds(["print"], {"print": [stream("a")]}, store=store)
    await world.run()
    await world.session.save()
    await world.session.shut_down()
    assert store.trusted
    assert not world.all(Message)
    loaded = load(tmp_path / "n.ipynb")
    other = Session(loaded.notebook, kernels=None, store=NotebookFile(tmp_path / "copy.ipynb"))
    await other.save()
    await other.shut_down()
    assert not other._store.trusted


async def test_a_notebook_out_of_format_is_saved_and_said_to_be(worlds: Callable[..., World], tmp_path: Path) -> None:
    world = worlds(["a"], store=NotebookFile(tmp_path / "n.ipynb"))
    world.edit(SetMetadata(world.cells[0], "tags", 3))
    await world.session.save()
    await wait_for(lambda: bool(world.all(Message)))
    assert "notebook format" in world.all(Message)[0].text


async def test_what_is_typed_while_it_saves_stays_unsaved(worlds: Callable[..., World], tmp_path: Path) -> None:
    world = worlds(["a"], store=NotebookFile(tmp_path / "n.ipynb"))
    world.edit(SpliceSource(world.cells[0], 0, "a", "b"))
    saving = [asyncio.create_task(world.session.save()) for _twice in range(2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.edit(SpliceSource(world.cells[0], 1, "", "c"), step=Step.TYPING)
    await saving[0]
    assert world.modified()
    await saving[1]
    assert not world.modified()
    assert load(tmp_path / "n.ipynb").notebook.at(0).source == "bc"


async def test_a_save_that_nobody_waits_for_any_more_counts(worlds: Callable[..., World], tmp_path: Path) -> None:
    world = worlds(["a"], store=NotebookFile(tmp_path / "n.ipynb"))
    world.edit(SpliceSource(world.cells[0], 0, "a", "b"))
    saving = asyncio.create_task(world.session.save())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    saving.cancel()
    await wait_for(lambda: not world.modified())
    assert load(tmp_path / "n.ipynb").notebook.at(0).source == "b"


async def test_what_is_typed_before_the_content_is_taken_is_saved(worlds: Callable[..., World], tmp_path: Path) -> None:
    world = worlds(["a"], store=NotebookFile(tmp_path / "n.ipynb"))
    saving = asyncio.create_task(world.session.save())
    await asyncio.sleep(0)
    world.edit(SpliceSource(world.cells[0], 0, "a", "b"))
    await saving
    assert world.modified() == (load(tmp_path / "n.ipynb").notebook.at(0).source == "a")
    world.session.undo(ME)
    assert world.modified() == (load(tmp_path / "n.ipynb").notebook.at(0).source == "b")


async def test_saving_elsewhere(worlds: Callable[..., World], tmp_path: Path) -> None:
    world = worlds(["a"], store=NotebookFile(tmp_path / "n.ipynb"))
    assert await world.session.save(tmp_path / "other.ipynb") == tmp_path / "other.ipynb"
    assert world.session.path == tmp_path / "other.ipynb"


async def test_a_file_that_somebody_else_wrote_is_kept(worlds: Callable[..., World], tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    world = worlds(["a"], store=NotebookFile(path))
    await world.session.save()
    path.write_text("theirs")
    world.edit(DeleteCell(world.cells[0]))
    with pytest.raises(ChangedOnDiskError):
        await world.session.save()
    assert world.modified()
    assert path.read_text() == "theirs"
    await world.session.save(overwrite=True)
    assert not world.modified()


async def test_a_read_only_notebook_is_not_edited_but_runs(worlds: Callable[..., World], tmp_path: Path) -> None:
    store = NotebookFile(tmp_path / "n.ipynb", read_only="it is damaged")
    world = worlds(["load", "print"], {"print": [stream("a")], "load": [next_input("x")]}, store=store, metadata={})
    with pytest.raises(NotebookFileError, match="it is damaged"):
        world.edit(DeleteCell(world.cells[0]))
    assert world.session.undo(ME) is None
    await world.run()
    assert world.text(world.cells[1]) == "a"
    assert len(world.notebook) == 2
    assert world.notebook.metadata == {}
    with pytest.raises(NotebookFileError):
        await world.session.save()


async def test_a_new_notebook(tmp_path: Path) -> None:
    loaded = new(tmp_path / "n.ipynb")
    session = Session(loaded.notebook, kernels=None, store=loaded.file)
    assert session.path == tmp_path / "n.ipynb"
    assert Session(Notebook(), kernels=None).path.name == "Untitled.ipynb"

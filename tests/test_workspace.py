"""Open notebooks are found by their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.files.ipynb import new
from tuinb.kernel.scripted import ScriptedKernel
from tuinb.notebook.changes import CellData, CellId, ClientId, InsertCell, Transaction
from tuinb.session import Session
from tuinb.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def open_new(path: Path, kernel: ScriptedKernel | None = None) -> Session:
    loaded = new(path)
    return Session(loaded.notebook, transport_factory=lambda _name: kernel or ScriptedKernel(), store=loaded.file)


async def test_a_file_is_found_by_any_of_its_names(tmp_path: Path) -> None:
    workspace = Workspace()
    first, second = open_new(tmp_path / "a.ipynb"), open_new(tmp_path / "b.ipynb")
    workspace.add(first)
    workspace.add(second)
    assert list(workspace) == [first, second]
    assert workspace.find(tmp_path / "x" / ".." / "b.ipynb") is second
    assert workspace.find(tmp_path / "c.ipynb") is None
    await first.save(tmp_path / "c.ipynb")
    assert workspace.find(tmp_path / "c.ipynb") is first


async def test_unsaved_work_and_the_end(tmp_path: Path) -> None:
    workspace = Workspace()
    kernels = [ScriptedKernel(), ScriptedKernel()]
    for number, kernel in enumerate(kernels):
        session = open_new(tmp_path / f"{number}.ipynb", kernel)
        await session.start_kernel()
        workspace.add(session)
    first, second = workspace
    cell = CellData(CellId("c"), "code", "", {"metadata": {}})
    second.apply(Transaction((InsertCell(cell, None),), ClientId("me")))
    assert workspace.modified == (second,)
    await workspace.close(first)
    assert kernels[0].closed
    assert len(workspace) == 1
    await workspace.close_all()
    assert kernels[1].closed
    assert list(workspace) == []

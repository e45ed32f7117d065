"""Cells that were cut or copied in one program are pasted in another, and nothing worse than nothing is pasted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tuinb import private_folder
from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.workspace import cell_file
from tuinb.workspace.cell_file import CellFile
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from pathlib import Path

OUTPUT = OutputData({"output_type": "stream", "name": "stdout", "text": "lone \ud800"}, display_id="d")
CELLS = (
    CellData(CellId("a"), "code", "1 + 1", {"metadata": {"tags": ["x"]}}, (OUTPUT,), 3),
    CellData(CellId("b"), "markdown", "text"),
)
OTHERS = (CellData(CellId("c"), "raw", "other"),)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


def cut(file: CellFile, cells: tuple[CellData, ...]) -> bool:
    file.announce()
    return file.write(cells)


def test_cells_come_whole_into_another_program_once(environ: dict[str, str], tmp_path: Path) -> None:
    here, there = CellFile(environ), CellFile(environ)
    assert here.read_new() is None
    assert cut(here, CELLS)
    assert (tmp_path / "state/tuinb/cells.json").stat().st_mode & 0o777 == 0o600
    assert there.read_new() == CELLS
    assert there.read_new() is None
    assert here.read_new() is None, "what a program cut itself it has"


def test_the_last_cut_of_all_programs_is_pasted(environ: dict[str, str]) -> None:
    here, there = (CellClipboard(file=CellFile(environ)) for _ in range(2))
    assert here.file is not None
    assert there.file is not None
    assert there.newest() == ()
    here.cells = CELLS
    cut(here.file, CELLS)
    assert there.newest() == CELLS
    there.cells = OTHERS
    there.file.announce()
    assert there.newest() == OTHERS, "although it is not written yet"
    there.file.write(OTHERS)
    assert here.newest() == OTHERS
    assert there.newest() == OTHERS


DAMAGED = ["", "{", "[]", '{"cells": 1}', '{"cells": []}', '{"cells": [{"type": "DeleteCell"}]}', "[" * 99_999]


@pytest.mark.parametrize("data", DAMAGED)
def test_a_damaged_file_changes_nothing(environ: dict[str, str], tmp_path: Path, data: str) -> None:
    here = CellClipboard(OTHERS, file=CellFile(environ))
    cut(CellFile(environ), CELLS)
    (tmp_path / "state/tuinb/cells.json").write_text(data)
    assert here.newest() == OTHERS


def test_only_a_file_of_its_own_is_read(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut(CellFile(environ), CELLS)
    path = tmp_path / "state/tuinb/cells.json"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert CellFile(environ).read_new() is None
    path.unlink()
    (tmp_path / "elsewhere").rename(path)
    assert CellFile(environ).read_new() == CELLS
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert CellFile(environ).read_new() is None


def test_cells_that_are_too_long_leave_none_to_paste(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = CellFile(environ), CellFile(environ)
    cut(here, OTHERS)
    monkeypatch.setattr(cell_file, "MOST", 200)
    assert not cut(here, CELLS)
    assert there.read_new() is None


def test_cells_that_can_not_be_written_are_still_the_latest(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    cut(CellFile(environ), OTHERS)
    here = CellClipboard(CELLS, file=CellFile(environ))
    assert here.file is not None
    monkeypatch.setattr(private_folder, "write", lambda path, text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cut(here.file, CELLS)
    assert here.newest() == CELLS

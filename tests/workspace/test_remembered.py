"""Where the user was in a notebook is remembered beyond its session, and damaged files are as good as none."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.workspace import remembered
from tuinb.workspace.view_state import ViewState

if TYPE_CHECKING:
    from pathlib import Path


def notebook(*ids: str) -> Notebook:
    return Notebook([CellData(CellId(name), "code", f"in {name}") for name in ids])


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.ipynb"
    path.write_text("")
    return path


def left(path: Path, environ: dict[str, str]) -> None:
    view = ViewState(
        active=CellId("b"),
        scroll_cell=CellId("c"),
        scroll_row=-3,
        folds={CellId("a"): True, CellId("gone"): True},
        unfolded={CellId("b")},
    )
    remembered.write(path, remembered.described(view, 2, notebook("a", "b", "c")), environ)


def came_back(path: Path, environ: dict[str, str], found: Notebook) -> tuple[ViewState, int | None]:
    where, view = remembered.read(path, environ), ViewState(active=found.order[0])
    assert where is not None
    return view, remembered.apply(where, view, found)


def test_a_view_is_restored(path: Path, environ: dict[str, str]) -> None:
    left(path, environ)
    view, cursor = came_back(path, environ, notebook("a", "b", "c"))
    assert (view.active, cursor) == ("b", 2)
    assert (view.scroll_cell, view.scroll_row) == ("c", -3)
    assert view.folds == {"a": True}
    assert view.unfolded == {"b"}
    assert (path.parent / "state/tuinb/views").stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in (path.parent / "state/tuinb/views").iterdir()] == [0o600]


def test_cells_whose_ids_did_not_last_are_found_by_their_places(path: Path, environ: dict[str, str]) -> None:
    left(path, environ)
    view, cursor = came_back(path, environ, notebook("p", "q"))
    assert (view.active, cursor) == ("q", 2)
    assert view.scroll_cell is None
    assert (view.folds, view.unfolded) == ({}, set())


def test_a_notebook_by_another_name_is_the_same(path: Path, environ: dict[str, str], tmp_path: Path) -> None:
    left(path, environ)
    (tmp_path / "link.ipynb").symlink_to(path)
    assert remembered.read(tmp_path / "link.ipynb", environ) is not None
    assert remembered.read(tmp_path / "other.ipynb", environ) is None


ODD = '{"active": ["b"], "scroll": ["c", 9], "row": "x", "cursor": -1, "folds": 1}'


@pytest.mark.parametrize("data", ["", "{", "[]", "[" * 100_000, '{"active": 3}', ODD])
def test_a_damaged_file_is_as_good_as_none(path: Path, environ: dict[str, str], data: str) -> None:
    left(path, environ)
    (file,) = (path.parent / "state/tuinb/views").iterdir()
    file.write_text(data)
    found, view = notebook("a", "b"), ViewState(active=CellId("a"))
    assert remembered.apply(remembered.read(path, environ) or {}, view, found) is None
    assert view == ViewState(active=CellId("a"))
    assert remembered.recent(environ, 5) == []


def test_the_latest_notebooks_are_listed_without_those_that_are_gone(tmp_path: Path, environ: dict[str, str]) -> None:
    paths = [tmp_path / f"{number}.ipynb" for number in range(4)]
    for when, path in enumerate(paths):
        path.write_text("")
        remembered.write(path, {}, environ)
        newest = max((tmp_path / "state/tuinb/views").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (when, when))
    paths[3].unlink()
    assert remembered.recent(environ, 2) == [paths[2], paths[1]]
    remembered.write(tmp_path / "never saved.ipynb", {}, environ)
    assert remembered.recent(environ, 9) == [paths[2], paths[1], paths[0]]
    assert remembered.recent({"XDG_STATE_HOME": "/nowhere"}, 9) == []


def test_the_notebooks_that_were_left_longest_ago_are_forgotten(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST", 2)
    for number in range(4):
        (tmp_path / f"{number}.ipynb").write_text("")
        remembered.write(tmp_path / f"{number}.ipynb", {}, environ)
    files = list((tmp_path / "state/tuinb/views").iterdir())
    assert len(files) == 2
    assert {json.loads(file.read_text())["path"] for file in files} <= {
        str(tmp_path / f"{number}.ipynb") for number in range(4)
    }

"""The changes between two notebooks lead from one to the other, and keep what others changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.notebook.building import (
    ALL_KINDS,
    DISPLAY,
    EDIT_KINDS,
    LOADED,
    A,
    B,
    C,
    D,
    apply,
    content,
    notebook_of,
    random_change,
    sources,
)
from tuinb.notebook.changes import (
    ABSENT,
    AppendStream,
    CellData,
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    OutputData,
    RestoreCell,
    SetAttachments,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
)
from tuinb.notebook.difference import Content, Difference, difference
from tuinb.notebook.merge import carried_over

if TYPE_CHECKING:
    from tuinb.notebook.document import Notebook

CELLS = ("one", "two", "three", "four")


def changed(*changes: Change, cells: tuple[str, ...] = CELLS) -> Notebook:
    notebook = notebook_of(*cells)
    apply(notebook, *changes)
    return notebook


def between(current: Notebook, target: Notebook, base: Notebook | None = None) -> Difference:
    if base is None:
        return difference(Content.of(current), Content.of(target))
    return carried_over(Content.of(current), Content.of(target), Content.of(base))


def shown(notebook: Notebook) -> list[Any]:
    """What a file of it would hold."""
    found = []
    for cell in notebook:
        data = cell.data()
        outputs = [{**one.raw, "text": "".join(one.raw["text"])} if "text" in one.raw else one.raw for one in data.outputs]
        found.append((cell.id, data.kind, data.source, dict(cell.metadata), outputs, data.execution_count))
    return [dict(notebook.metadata), *found]


@given(st.data())
def test_the_changes_lead_from_any_notebook_to_any_other_and_back(data: st.DataObject) -> None:
    current, target = notebook_of(*CELLS), notebook_of(*CELLS)
    for notebook, kinds in ((current, EDIT_KINDS), (target, ALL_KINDS)):
        for _ in range(data.draw(st.integers(0, 8))):
            if (change := random_change(data, notebook, kinds)) is not None:
                apply(notebook, change)
    before = content(current)
    found = between(current, target)
    applied = apply(current, *found.changes)
    assert shown(current) == shown(target)
    assert between(current, target) == Difference((), (), ())
    assert found.conflicts == ()
    apply(current, *applied.inverse)
    assert {**content(current), "cells": {}} == {**before, "cells": {}}
    assert all(content(current)["cells"][cell][:4] == before["cells"][cell][:4] for cell in current.order)


def test_metadata_of_a_cell_that_had_none_comes_back_to_its_place() -> None:
    notebook = notebook_of()
    cell = notebook.new_id()
    apply(notebook, InsertCell(CellData(cell, "code", ""), None))
    apply(notebook, SetMetadata(cell, "tags", None), SetAttachments(cell, {}))
    before = content(notebook)
    applied = apply(notebook, SetMetadata(cell, "tags", ABSENT), SetAttachments(cell, None))
    apply(notebook, *applied.inverse)
    assert content(notebook) == before


def test_a_source_is_changed_where_it_differs() -> None:
    target = changed(SpliceSource(A, 1, "n", "xy"))
    found = between(notebook_of(*CELLS), target)
    assert found == Difference((SpliceSource(A, 1, "n", "xy"),), (A,), ())


def test_the_fewest_cells_are_moved() -> None:
    assert between(notebook_of(*CELLS), changed(MoveCell(A, D))).changes == (MoveCell(A, D),)
    assert between(notebook_of(*CELLS), changed(MoveCell(D, None))).changes == (MoveCell(D, None),)


def test_what_is_changed_is_named_where_no_cell_is() -> None:
    current = notebook_of(*CELLS)
    for change, extent in (
        (SpliceSource(A, 0, "", "x"), "1 cell"),
        (MoveCell(A, B), "the order of the cells"),
        (SetMetadata(None, "title", ("x",)), "the metadata"),
    ):
        assert between(current, changed(change)).extent == extent
    both = changed(MoveCell(A, B), SetMetadata(None, "title", ("x",)))
    assert between(current, both).extent == "the order of the cells and the metadata"
    assert between(current, current).extent == "0 cells"


def test_a_cell_that_was_deleted_here_is_restored() -> None:
    current = changed(DeleteCell(B))
    found = between(current, changed(SpliceSource(B, 0, "", "x")))
    assert found.changes == (RestoreCell(B, A), SpliceSource(B, 0, "", "x"))
    apply(current, *found.changes)
    assert sources(current) == ["one", "xtwo", "three", "four"]


def test_an_output_is_the_same_as_a_text_and_as_lines() -> None:
    lines = changed(SetOutputs(A, (OutputData(LOADED),)))
    text = changed(AppendStream(A, "stdout", "1\n2"))
    assert between(lines, text) == Difference((), (), ())
    other = changed(AppendStream(A, "stdout", "1\n3"))
    assert between(lines, other).cells == (A,)


def test_a_count_goes_with_the_code() -> None:
    current = changed(SetExecutionCount(A, 3))
    target = changed(SetKind(A, "markdown"))
    found = between(current, target)
    assert found.changes == (SetKind(A, "markdown"),)


# ---- with a base


def carried(current: Notebook, target: Notebook, base: Notebook | None = None) -> Difference:
    found = between(current, target, base or notebook_of(*CELLS))
    apply(current, *found.changes)
    return found


def test_what_others_changed_stays() -> None:
    new = CellData(CellId("theirs"), "code", "new", {"metadata": {}})
    current = changed(SpliceSource(A, 0, "", "x"), InsertCell(new, B), SetMetadata(None, "name", 1), DeleteCell(D))
    mine = CellData(CellId("mine"), "code", "mine", {"metadata": {}})
    target = changed(SpliceSource(B, 0, "", "y"), InsertCell(mine, C), SetMetadata(None, "tags", 2), SetExecutionCount(A, 2))
    found = carried(current, target)
    assert sources(current) == ["xone", "ytwo", "new", "three", "mine"]
    assert (current.metadata, current[A].execution_count) == ({"name": 1, "tags": 2}, 2)
    assert found.cells == (A, B, "mine")
    assert found.conflicts == (A,)


def test_what_is_the_same_on_both_sides_is_no_change() -> None:
    new = InsertCell(CellData(CellId("n"), "raw", ""), A)
    both = (SpliceSource(A, 0, "one", "1"), DeleteCell(B), SetMetadata(C, "tags", []), new)
    assert carried(changed(*both), changed(*both)) == Difference((), (), (), is_elsewhere=True)
    assert carried(changed(), changed(*both)).is_elsewhere is False


def test_where_both_changed_a_source_the_target_wins() -> None:
    current = changed(SpliceSource(A, 0, "one", "theirs"), SetMetadata(A, "name", 1))
    found = carried(current, changed(SpliceSource(A, 0, "one", "mine"), SetMetadata(A, "tags", [])))
    assert sources(current)[0] == "mine"
    assert current[A].metadata == {"name": 1, "tags": []}
    assert found.conflicts == (A,)


def test_a_cell_that_one_side_deleted_and_the_other_changed_is_kept() -> None:
    current = changed(DeleteCell(A), SpliceSource(B, 0, "", "x"))
    _forget(current, A)
    found = carried(current, changed(SpliceSource(A, 0, "", "y"), DeleteCell(B)))
    assert sources(current) == ["yone", "xtwo", "three", "four"]
    assert set(found.conflicts) == {A, B}


def test_a_cell_that_others_deleted_stays_deleted() -> None:
    current = changed(DeleteCell(A))
    _forget(current, A)
    assert carried(current, changed(SpliceSource(B, 0, "", "y"))).cells == (B,)
    assert sources(current) == ["ytwo", "three", "four"]


def test_cells_that_the_target_moved_are_moved_among_those_of_others() -> None:
    new = CellData(CellId("theirs"), "code", "new", {"metadata": {}})
    current = changed(InsertCell(new, A))
    carried(current, changed(MoveCell(A, D)))
    assert sources(current) == ["two", "three", "four", "one", "new"]


def test_a_key_that_the_target_removed_goes() -> None:
    base, target, current = (changed(SetMetadata(A, "tags", [])) for _ in range(3))
    apply(target, SetMetadata(A, "tags", ABSENT))
    carried(current, target, base)
    assert current[A].metadata == {}


def _forget(notebook: Notebook, *cells: CellId) -> None:
    notebook.retain(cells)
    notebook.release(cells)


# ---- files without ids


def named(notebook: Notebook, prefix: str) -> Content:
    """The same notebook as it is after another reading: with other ids."""
    cells = [replace(cell.data(), id=CellId(f"{prefix}{cell.id}")) for cell in notebook]
    return Content({cell.id: cell for cell in cells}, notebook.metadata)


def test_cells_without_ids_are_found_by_their_place() -> None:
    current = notebook_of(*CELLS)
    target = changed(SpliceSource(B, 0, "", "x"), DeleteCell(C))
    found = carried_over(Content.of(current), named(target, "old-"), named(notebook_of(*CELLS), "old-"))
    apply(current, *found.changes)
    assert sources(current) == ["one", "xtwo", "four"]


def test_cells_without_ids_are_found_by_their_source_if_others_changed_the_file() -> None:
    current = notebook_of("zero", "one", "three", "four")
    base, target = notebook_of(*CELLS), changed(SpliceSource(C, 0, "", "x"), SetOutputs(A, (OutputData(DISPLAY),)))
    found = carried_over(Content.of(current), named(target, "old-"), named(base, "old-"))
    apply(current, *found.changes)
    assert sources(current) == ["zero", "one", "xthree", "four"]
    assert len(current[B].outputs) == 1

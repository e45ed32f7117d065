"""What commands on cells do beyond what the notation shows: ids, metadata, attachments, the queue, the clipboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tuinb.commands import cell_edits
from tuinb.errors import NotebookFileError
from tuinb.notebook.changes import CellData, CellId, SetMetadata, Transaction
from tuinb.notebook.document import Notebook
from tuinb.workspace.view_state import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk
    from tuinb.notebook.changes import Json


def with_cells(it: Desk, *cells: CellData) -> None:
    """Puts cells above what is there, and makes the first active."""
    cell_edits.apply(it.context, cell_edits.insertions(cells, None), "set up")
    it.view.activate(cells[0].id)


def markdown(name: str, source: str, attachments: Json = None, tags: list[str] | None = None) -> CellData:
    raw: dict[str, Json] = {"metadata": {"tags": tags} if tags else {}}
    if attachments:
        raw["attachments"] = attachments
    return CellData(CellId(name), "markdown", source, raw)


def test_new_cells_have_ids_where_the_format_has_them(desk: Callable[..., Desk]) -> None:
    it = desk("a*")
    it.press("b")
    cell = it.notebook.at(1)
    assert cell.raw == {"id": cell.id, "metadata": {}}


def test_and_none_where_it_has_not(desk: Callable[..., Desk]) -> None:
    it = desk("a*", nbformat_minor=4)
    it.press("b c v")
    assert [cell.raw for cell in it.notebook] == [{"metadata": {}}] * 3


def test_pasted_cells_have_ids_of_their_own(desk: Callable[..., Desk]) -> None:
    it = desk("a=1*|b")
    it.press("c v v")
    pasted = [it.notebook.at(1), it.notebook.at(2)]
    assert len({cell.id for cell in it.notebook}) == 4
    assert [cell.raw["id"] for cell in pasted] == [cell.id for cell in pasted]


def test_a_copy_is_not_changed_with_its_original(desk: Callable[..., Desk]) -> None:
    it = desk("a*")
    it.press("c v k")
    it.context.session.apply(Transaction((SetMetadata(CellId("c0"), "tags", ["x"]),), it.context.client))
    it.press("v")
    assert [cell.tags for cell in it.notebook] == [("x",), (), ()]


def test_cells_go_from_one_notebook_to_another(desk: Callable[..., Desk]) -> None:
    one, other = desk("a=1*|b"), desk("c*")
    other.context = replace(other.context, cells=one.context.cells)
    one.press("x")
    other.press("v")
    assert str(other) == "c|a*=1"


def test_a_copy_is_said_and_nothing_to_paste_too(desk: Callable[..., Desk]) -> None:
    it = desk("[a*|b]")
    it.press("v c")
    assert it.said() == ["No cells to paste: none were cut or copied.", "Copied 2 cells."]


def test_duplicate_leaves_the_clipboard_alone(desk: Callable[..., Desk]) -> None:
    it = desk("[a*|b=1]|c")
    it.run("duplicate-cells")
    assert str(it) == "a|b=1|a|b*=1|c"
    assert it.context.cells.cells == ()


def test_merging_keeps_the_first_ones_metadata_and_all_tags(desk: Callable[..., Desk]) -> None:
    it = desk("z")
    first = markdown("m1", "one", tags=["a"])
    with_cells(it, replace(first, raw={**first.raw, "x": 1}), markdown("m2", "two", tags=["b", "a"]))
    it.press("M")
    cell = it.notebook.at(0)
    assert (cell.id, cell.source, cell.tags, cell.raw["x"]) == ("m1", "one\n\ntwo", ("a", "b"), 1)
    it.press("z")
    assert it.notebook.at(0).tags == ("a",)


def test_merging_keeps_every_picture(desk: Callable[..., Desk]) -> None:
    it = desk("z")
    with_cells(
        it,
        markdown("m1", "![](attachment:a.png)", {"a.png": {"image/png": "1"}, "a-2.png": {"image/png": "4"}}, tags=["t"]),
        markdown("m2", "![](attachment:a.png) ![](attachment:b.png) ![](attachment:a.png.gz)", {
            "a.png": {"image/png": "2"},
            "b.png": {"image/png": "3"},
            "a-3.png": {"image/png": "5"},
        }),
    )  # fmt: skip
    it.press("M")
    cell = it.notebook.at(0)
    assert cell.source == "![](attachment:a.png)\n\n![](attachment:a-4.png) ![](attachment:b.png) ![](attachment:a.png.gz)"
    assert {name: bundle["image/png"] for name, bundle in cell.raw["attachments"].items()} == {
        "a.png": "1",
        "a-2.png": "4",
        "a-4.png": "2",
        "b.png": "3",
        "a-3.png": "5",
    }
    assert cell.tags == ("t",)
    assert it.view.active == cell.id
    it.press("z")
    assert [cell.id for cell in it.notebook] == ["m1", "m2", "c0"]


def test_merging_the_last_cell_says_that_there_is_none_below(desk: Callable[..., Desk]) -> None:
    it = desk("a*")
    it.press("M")
    assert it.said() == ["There is no cell below to merge with."]


def test_splitting_needs_a_cursor(desk: Callable[..., Desk]) -> None:
    it = desk("a*")
    it.run("split-cell")
    assert str(it) == "a*"
    assert it.said() == ["Splitting needs a cursor: Enter edits the cell."]


def test_the_lower_part_of_a_split_is_the_cell_that_ran(desk: Callable[..., Desk]) -> None:
    it = desk("ab^cd=1")
    it.press("ctrl+backslash")
    assert it.view.active == "c0"
    assert [cell.execution_count for cell in it.notebook] == [None, 1]


def test_clearing(desk: Callable[..., Desk]) -> None:
    it = desk("a=1*|b=2|m:c")
    it.run("clear-outputs")
    assert str(it) == "a*|b=2|m:c"
    assert it.notebook.at(0).execution_count is None
    it.run("clear-all-outputs")
    assert str(it) == "a*|b|m:c"
    it.run("clear-all-outputs")
    assert len(it.session.applied) == 2
    it.press("z z")
    assert str(it).replace("*", "") == "a=1|b=2|m:c"
    assert [cell.execution_count for cell in it.notebook] == [1, 1, None]


def test_undo_says_what_it_undid(desk: Callable[..., Desk]) -> None:
    it = desk("[a*|b]|c")
    it.press("z d d z Z Z")
    assert it.said() == ["Nothing to undo.", "Undo: delete 2 cells.", "Redo: delete 2 cells.", "Nothing to redo."]


def test_a_read_only_notebook_is_not_edited(desk: Callable[..., Desk]) -> None:
    it = desk("a|b*")
    it.session.read_only = "its version is 5"
    with pytest.raises(NotebookFileError):
        it.press("d d")
    it.press("enter")
    assert it.said() == ["Read-only: its version is 5"]
    assert str(it) == "a|b^"
    it.press("f9")
    assert str(it) == "a|b*"


def test_go_to_cell_and_select_all(desk: Callable[..., Desk]) -> None:
    it = desk("a*|b|c")
    it.run("go-to-cell", " 2 ")
    assert str(it) == "a|b*|c"
    it.run("go-to-cell", "two")
    assert it.said() == ["'two' is not a cell number."]
    it.run("go-to-cell", None)
    it.run("go-to-cell", "9" * 5000)
    assert str(it) == "a|b*|c"
    it.run("select-all")
    assert str(it) == "[a|b|c*]"


def test_go_to_the_running_cell(desk: Callable[..., Desk]) -> None:
    it = desk("a|b|c*")
    it.session.running = it.session.notebook.order[1]
    it.press("g r")
    assert str(it) == "a|b*|c"


def test_an_empty_notebook_takes_cells(desk: Callable[..., Desk]) -> None:
    it = desk("")
    it.press("b a")
    assert str(it) == "*|"


def test_new_cells_of_an_old_format() -> None:
    cell = cell_edits.new_cell(Notebook(nbformat=4, nbformat_minor=2), "markdown", "hi")
    assert (cell.kind, cell.source, cell.raw) == ("markdown", "hi", {"metadata": {}})


def test_nothing_is_selected_in_an_empty_notebook(desk: Callable[..., Desk]) -> None:
    assert cell_edits.selected(desk("").context) == ()
    assert ViewState().active is None

"""What is looked at follows what happens to the cells."""

from __future__ import annotations

from tests.notebook.building import A, B, C, D, Desk, apply, notebook_of
from tuinb.notebook.changes import CellData, CellId, DeleteCell, InsertCell, MoveCell, SpliceSource
from tuinb.notebook.history import History
from tuinb.workspace.view_state import DEFAULT_LOOK, Look, Mode, ViewState


def test_selection_runs_in_the_notebooks_order() -> None:
    notebook, view = notebook_of("1", "2", "3", "4"), ViewState()
    assert view.selected(notebook) == ()
    view.activate(C)
    assert view.selected(notebook) == (C,)
    view.extend(B)
    view.extend(A)
    assert (view.active, view.anchor) == (A, C)
    assert view.selected(notebook) == (A, B, C)
    view.extend(C)
    assert view.anchor is None
    view.anchor = CellId("gone")
    assert view.selected(notebook) == (C,)


def test_a_copy_is_independent() -> None:
    view = ViewState(Mode.EDIT, B, unfolded={A}, looks={A: Look("text/plain")})
    copy = view.copy()
    assert copy == view
    view.unfolded.add(B)
    view.looks[B] = Look("text/html")
    assert (copy.unfolded, copy.looks) == ({A}, {A: Look("text/plain")})


def test_a_deleted_cell_gives_way_to_the_next() -> None:
    notebook = notebook_of("1", "2", "3", "4")
    view = ViewState(Mode.EDIT, B, anchor=C, unfolded={A, B}, scroll_cell=C, scroll_row=3)
    view.reduce(apply(notebook, DeleteCell(B), DeleteCell(C)), notebook)
    assert view == ViewState(Mode.COMMAND, D, None, {A}, scroll_cell=D, scroll_row=0)


def test_at_the_end_it_is_the_one_above() -> None:
    notebook, view = notebook_of("1", "2", "3"), ViewState(active=C)
    view.reduce(apply(notebook, DeleteCell(C), DeleteCell(B)), notebook)
    assert view.active == A
    view.reduce(apply(notebook, DeleteCell(A)), notebook)
    assert view.selected(notebook) == ()
    view.reduce(apply(notebook, InsertCell(CellData(D, "code", ""), None)), notebook)
    assert view.active == D


def test_what_others_do_elsewhere_moves_nothing() -> None:
    notebook, view = notebook_of("1", "2", "3"), ViewState(Mode.EDIT, B, anchor=C)
    view.reduce(apply(notebook, SpliceSource(A, 0, "", "x")), notebook)
    view.reduce(apply(notebook, MoveCell(B, None)), notebook)
    view.reduce(apply(notebook, InsertCell(CellData(D, "code", ""), None)), notebook)
    assert view == ViewState(Mode.EDIT, B, anchor=C)


def test_undo_goes_where_cells_came_back() -> None:
    notebook = notebook_of("1", "2", "3", "4")
    desk, view = Desk(notebook, History(notebook)), ViewState(active=A)
    view.reduce(desk.do(DeleteCell(C), DeleteCell(B)), notebook)
    for step, active in ((desk.history.undo, B), (desk.history.redo, D)):
        transaction = step()
        assert transaction is not None
        applied = notebook.apply(transaction)
        desk.history.record(applied)
        view.reduce(applied, notebook)
        assert view.active == active


def test_looks_are_kept_only_where_they_are_not_as_it_comes() -> None:
    notebook, view = notebook_of("1", "2"), ViewState(active=A)
    view.set_look(A, Look("text/html"))
    view.toggle_node(B, 0, "/a")
    assert view.look(A).mime == "text/html"
    assert view.look(B) == Look(toggled=frozenset({(0, "/a")}))
    view.toggle_node(B, 0, "/a")
    assert view.looks == {A: Look("text/html")}
    view.set_look(A, DEFAULT_LOOK)
    view.set_look(B, Look(start=3))
    view.reduce(apply(notebook, DeleteCell(B)), notebook)
    assert view.looks == {}

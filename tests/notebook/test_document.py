"""The document: changes are whole or not at all, and each has its inverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notebook.building import (
    ALL_KINDS,
    DISPLAY,
    EDIT_KINDS,
    OUTPUT_KINDS,
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
from tuinb.errors import ChangeError
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellData,
    CellId,
    Change,
    ClearOutputs,
    DeleteCell,
    InsertCell,
    MoveCell,
    OutputData,
    RestoreCell,
    RestoreOutputs,
    SetAttachments,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    UpdateDisplay,
)
from tuinb.notebook.document import Notebook

if TYPE_CHECKING:
    from tuinb.notebook.changes import Applied

NEW = CellData(D, "code", "new")
GONE = CellId("gone")


def draw_applied(data: st.DataObject, notebook: Notebook, kinds: tuple[str, ...]) -> Applied:
    """Applies a few changes that fit one after the other as one transaction."""
    rehearsal = [random_change(data, notebook, kinds)]
    return apply(notebook, *(change for change in rehearsal if change is not None))


@given(st.data(), st.integers(1, 12))
@settings(max_examples=40)
def test_the_inverse_of_a_transaction_gives_back_the_notebook(data: st.DataObject, count: int) -> None:
    notebook = notebook_of("one\ntwo", "three", "")
    steps: list[tuple[dict[str, Any], tuple[Change, ...]]] = []
    for _ in range(count):
        before = content(notebook)
        applied = draw_applied(data, notebook, ALL_KINDS)
        steps.append((before, applied.inverse))
    for before, inverse in reversed(steps):
        after = content(notebook)
        back = apply(notebook, *inverse)
        now = content(notebook)
        known = set(before["cells"])
        assert {**now, "cells": {cell: now["cells"][cell] for cell in known}} == before
        apply(notebook, *back.inverse)
        assert content(notebook) == after
        apply(notebook, *inverse)


@pytest.mark.parametrize("outputs", [(), (OutputData(DISPLAY),)])
def test_a_pending_clear_survives_a_kind_that_is_changed_and_changed_back(outputs: tuple[OutputData, ...]) -> None:
    """Outputs may arrive for a cell that is no longer code: its run goes on."""
    notebook = notebook_of("x", kind="markdown")
    apply(notebook, SetOutputs(A, outputs), ClearOutputs(A, wait=True))
    before = content(notebook)
    applied = apply(notebook, SetKind(A, "code"))
    assert notebook[A].arrived.pending_clear
    back = apply(notebook, *applied.inverse)
    assert content(notebook) == before
    apply(notebook, *apply(notebook, *back.inverse).inverse)
    assert content(notebook) == before


@given(st.data())
@settings(max_examples=25)
def test_many_changes_are_one_transaction(data: st.DataObject) -> None:
    """The changes of several transactions, made on one notebook, do the same as one transaction on another."""
    one, other = notebook_of("one", "two", "three"), notebook_of("one", "two", "three")
    before = content(other)
    changes = [change for _ in range(6) for change in draw_applied(data, one, ALL_KINDS).changes]
    applied = apply(other, *changes)
    assert content(other) == content(one)
    apply(other, *applied.inverse)
    now = content(other)
    assert {**now, "cells": {cell: now["cells"][cell] for cell in before["cells"]}} == before


@given(st.data(), st.integers(0, 5))
@settings(max_examples=30)
def test_a_transaction_that_fails_changes_nothing(data: st.DataObject, count: int) -> None:
    notebook, twin = notebook_of("one", "two"), notebook_of("one", "two")
    changes = [change for _ in range(count) for change in draw_applied(data, twin, ALL_KINDS).changes]
    before = content(notebook), notebook.revision, [cell.revision for cell in notebook]
    with pytest.raises(ChangeError):
        apply(notebook, *changes, DeleteCell(GONE))
    assert (content(notebook), notebook.revision, [cell.revision for cell in notebook]) == before


@given(st.data())
@settings(max_examples=30)
def test_outputs_reach_their_cell_whatever_moves(data: st.DataObject) -> None:
    notebook = notebook_of("1", "2", "3")
    notebook.retain((A, B, C))
    expected = {A: "", B: "", C: ""}
    for number in range(8):
        draw_applied(data, notebook, ("insert", "delete", "restore", "move", "splice"))
        cell = data.draw(st.sampled_from([A, B, C]))
        apply(notebook, AppendStream(cell, "stdout", f"{number}\n"))
        expected[cell] += f"{number}\n"
    for cell, text in expected.items():
        assert "".join(output["text"] for output in notebook[cell].outputs.to_json()) == text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([InsertCell(CellData(A, "code", ""), None)], "InsertCell of cell a: there is a cell with this id already"),
        ([InsertCell(NEW, None), InsertCell(NEW, None)], "there is a cell with this id already"),
        ([DeleteCell(A), InsertCell(CellData(A, "code", ""), None)], "there is a cell with this id already"),
        ([InsertCell(NEW, GONE)], "there is no cell gone for it to stand below"),
        ([InsertCell(CellData(CellId(""), "code", ""), None)], "a cell needs an id"),
        ([InsertCell(CellData(D, "code", "", outputs=("no",)), None)], "an output must be a mapping"),  # type: ignore[arg-type]
        ([DeleteCell(A), DeleteCell(A)], "there is no such cell in the order"),
        ([DeleteCell(A), MoveCell(A, None)], "there is no such cell in the order"),
        ([DeleteCell(A), MoveCell(B, A)], "there is no cell a for it to stand below"),
        ([MoveCell(A, A)], "a cell can't stand below itself"),
        ([RestoreCell(A, None)], "the cell is not deleted"),
        ([RestoreCell(GONE, None)], "there is no such cell"),
        ([SetKind(GONE, "code")], "there is no such cell"),
        ([SetKind(A, "")], "a cell needs a kind"),
        ([SetMetadata(GONE, "key", 1)], "there is no such cell"),
        ([SetExecutionCount(GONE, 1)], "there is no such cell"),
        ([SpliceSource(GONE, 0, "", "")], "there is no such cell"),
        ([SpliceSource(A, 9, "", "")], "offset 9 is outside the source of 3 characters"),
        ([SpliceSource(A, -1, "", "")], "offset -1 is outside the source of 3 characters"),
        ([SpliceSource(A, 0, "two", "")], "'one' stands where 'two' was to be replaced"),
        ([SpliceSource(A, 0, "one", "x"), SpliceSource(A, 0, "one", "x")], "'x' stands where 'one' was to be replaced"),
        ([AppendStream(GONE, "stdout", "")], "there is no such cell"),
        ([AppendOutput(A, "no")], "an output must be a mapping"),  # type: ignore[arg-type]
        ([SetOutputs(A, ("no",))], "an output must be a mapping"),  # type: ignore[arg-type]
        ([SetAttachments(A, ["no"])], "attachments must be a mapping"),  # type: ignore[arg-type]
        ([RestoreOutputs(A, None)], "this is no state of the cell's outputs"),
    ],
)
def test_what_does_not_fit_is_said(changes: list[Change], said: str) -> None:
    with pytest.raises(ChangeError, match=said):
        apply(notebook_of("one", "two"), *changes)


def test_a_state_is_of_one_cell() -> None:
    notebook = notebook_of("one", "two")
    (undone,) = apply(notebook, ClearOutputs(A)).inverse
    assert isinstance(undone, RestoreOutputs)
    with pytest.raises(ChangeError, match="no state of the cell's"):
        apply(notebook, RestoreOutputs(B, undone.state))


def test_applied_says_what_happened() -> None:
    notebook = notebook_of("one", "two")
    typed = apply(notebook, SpliceSource(A, 3, "", "!"))
    assert (typed.revision, typed.touched, typed.structural) == (1, frozenset({A}), False)
    moved = apply(notebook, MoveCell(A, B))
    assert (moved.revision, moved.touched, moved.structural) == (2, frozenset(), True)
    shown = apply(notebook, AppendOutput(A, DISPLAY, "x"), AppendOutput(B, DISPLAY, "x"), AppendOutput(B, DISPLAY, "x"))
    assert shown.touched == {A, B}
    assert apply(notebook, UpdateDisplay("x", {}, {})).touched == {A, B}
    assert apply(notebook, UpdateDisplay("y", {}, {})).touched == frozenset()


def test_the_revision_of_a_cell_counts_the_commits_that_changed_it() -> None:
    notebook = notebook_of("one")
    cell = notebook[A]
    apply(notebook, SpliceSource(A, 0, "", "x"))
    assert cell.revision == 1
    apply(notebook, AppendStream(A, "stdout", "x"), SetExecutionCount(A, 1))
    assert (cell.revision, cell.source, cell.first_source) == (2, "xone", "one")


def test_the_order_is_known_by_position_and_by_id() -> None:
    notebook = notebook_of("1", "2", "3")
    apply(notebook, MoveCell(A, C), DeleteCell(B), InsertCell(NEW, None))
    assert [*notebook.order] == [D, C, A]
    assert [cell.id for cell in notebook] == [D, C, A]
    assert (len(notebook), notebook.index(A), notebook.at(1).id) == (3, 2, C)
    assert (A in notebook, B in notebook, notebook.knows(B), GONE in notebook) == (True, False, True, False)
    with pytest.raises(KeyError):
        notebook.index(B)
    assert notebook.standing(A) == A
    assert notebook.standing(B) is None
    assert notebook.standing(GONE) is None


def test_a_count_that_came_to_prose_survives_becoming_code_and_back() -> None:
    notebook = notebook_of("one")
    apply(notebook, SetKind(A, "markdown"))
    apply(notebook, SetExecutionCount(A, 7))
    apply(notebook, *apply(notebook, SetKind(A, "code")).inverse)
    assert (notebook[A].kind, notebook[A].execution_count) == ("markdown", 7)


def test_leaving_code_drops_outputs_and_count() -> None:
    notebook = notebook_of("one")
    apply(notebook, AppendStream(A, "stdout", "x"), SetExecutionCount(A, 3))
    before = content(notebook)
    applied = apply(notebook, SetKind(A, "markdown"))
    cell = notebook[A]
    assert (cell.kind, cell.execution_count, len(cell.outputs)) == ("markdown", None, 0)
    apply(notebook, *applied.inverse)
    assert content(notebook) == before


def test_a_kind_may_change_twice_in_one_transaction() -> None:
    notebook = notebook_of("one")
    before = content(notebook)
    applied = apply(notebook, SetKind(A, "markdown"), SetKind(A, "raw"))
    assert notebook[A].kind == "raw"
    apply(notebook, *applied.inverse)
    assert content(notebook) == before


def test_late_outputs_of_a_cell_that_is_markdown_now_are_kept_aside() -> None:
    notebook = notebook_of("one")
    apply(notebook, AppendStream(A, "stdout", "early"))
    applied = apply(notebook, SetKind(A, "markdown"))
    apply(notebook, AppendOutput(A, DISPLAY))
    assert (len(notebook[A].outputs), notebook[A].data().outputs) == (0, ())
    apply(notebook, *applied.inverse)
    assert [output.type for output in notebook[A].outputs] == ["stream", "display_data"]


def test_what_was_kept_aside_is_kept_when_it_becomes_code_and_back() -> None:
    notebook = notebook_of("one", kind="markdown")
    apply(notebook, AppendOutput(A, DISPLAY))
    before = content(notebook)
    applied = apply(notebook, SetKind(A, "code"))
    assert len(notebook[A].outputs) == 1
    apply(notebook, *applied.inverse)
    assert content(notebook) == before


def test_metadata_keys_keep_their_place() -> None:
    notebook = Notebook([CellData(A, "code", "", {"metadata": {"a": 1, "b": 2, "c": 3}}), CellData(B, "code", "")])
    applied = apply(notebook, SetMetadata(A, "a", ABSENT), SetMetadata(A, "c", 4))
    assert notebook[A].metadata == {"b": 2, "c": 4}
    apply(notebook, *applied.inverse)
    assert list(notebook[A].metadata.items()) == [("a", 1), ("b", 2), ("c", 3)]
    applied = apply(notebook, SetMetadata(B, "tags", ["x", 1]))
    assert notebook[B].tags == ("x",)
    apply(notebook, *applied.inverse)
    assert notebook[B].raw == {}
    assert notebook[B].tags == ()
    apply(notebook, SetMetadata(None, "kernelspec", {"language": "R"}))
    assert notebook.language == "R"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"language_info": {"name": "julia"}, "kernelspec": {"language": "R"}}, "R"),
        ({"language_info": "odd", "kernelspec": {"language": ""}}, "python"),
    ],
)
def test_language(metadata: dict[str, Any], language: str) -> None:
    assert Notebook((), metadata).language == language


def test_a_deleted_cell_is_known_while_somebody_holds_it() -> None:
    notebook = notebook_of("one", "two")
    notebook.retain((A,))
    notebook.retain({A: ""})
    apply(notebook, AppendOutput(A, DISPLAY, "x"), DeleteCell(A))
    apply(notebook, AppendStream(A, "stdout", "late"))
    notebook.release((A,))
    assert len(notebook[A].outputs) == 2
    apply(notebook, RestoreCell(A, B))
    notebook.release((A,))
    assert sources(notebook) == ["two", "one"]
    notebook.retain((A,))
    apply(notebook, DeleteCell(A))
    notebook.release((A,))
    assert not notebook.knows(A)
    assert apply(notebook, UpdateDisplay("x", {}, {})).touched == frozenset()


def test_an_adopted_cell_has_no_place() -> None:
    notebook = notebook_of("one")
    cell = notebook.adopt(CellData(B, "code", "two"))
    apply(notebook, AppendOutput(B, DISPLAY, "x"), SetExecutionCount(B, 1))
    assert (sources(notebook), len(cell.outputs), cell.execution_count) == (["one"], 1, 1)
    assert B not in notebook
    notebook.release((B,))
    assert not notebook.knows(B)
    assert len(cell.outputs) == 1


def test_new_ids_are_new() -> None:
    ids = iter("aabc")
    notebook = Notebook([CellData(A, "code", "")], id_factory=lambda: next(ids))
    assert notebook.new_id() == B
    assert len(Notebook().new_id()) == 8


def test_two_cells_of_one_id_are_refused() -> None:
    with pytest.raises(ChangeError, match="cell a: two cells have the same id"):
        Notebook([CellData(A, "code", ""), CellData(A, "raw", "")])


def test_a_cell_is_a_plain_value_again() -> None:
    output = OutputData({"output_type": "odd", "x": [1]}, "d")
    loaded = CellData(A, "code", "x", {"metadata": {"k": 1}, "id": "q"}, (output,), 3)
    notebook = Notebook([loaded], extra={"more": 1})
    assert notebook[A].data() == loaded
    assert [output.original for output in notebook[A].outputs] == [output.raw for output in loaded.outputs]
    assert notebook[A].data() == loaded
    assert notebook.extra == {"more": 1}
    assert Notebook([CellData(A, "code", "", {"metadata": None})])[A].metadata == {}


def test_kinds_are_all_tried() -> None:
    assert {*OUTPUT_KINDS, *EDIT_KINDS} == {*ALL_KINDS}


@pytest.mark.parametrize(("minor", "ids"), [(4, False), (5, True)])
def test_a_cell_to_insert_has_an_id_of_its_own(minor: int, ids: bool) -> None:
    notebook = Notebook([CellData(CellId("a"), "code", "x")], nbformat_minor=minor, id_factory=iter(["a", "b"]).__next__)
    made = notebook.fresh(CellData(CellId("a"), "code", "x", {"id": "a", "metadata": {"tags": ["t"]}}))
    assert (made.id, dict(made.raw)) == ("b", ({"id": "b"} if ids else {}) | {"metadata": {"tags": ["t"]}})


def test_the_tags_that_say_how_a_cell_is_run() -> None:
    notebook = notebook_of("1/0", "print")
    assert not notebook[A].may_raise
    assert not notebook[A].skipped
    apply(notebook, SetMetadata(A, "tags", ["raises-exception"]), SetMetadata(B, "tags", ["skip-execution", "x"]))
    assert (notebook[A].may_raise, notebook[A].skipped) == (True, False)
    assert (notebook[B].may_raise, notebook[B].skipped) == (False, True)

"""Undo and redo: what is a step, and what comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notebook.building import (
    DISPLAY,
    EDIT_KINDS,
    OUTPUT_KINDS,
    A,
    B,
    C,
    D,
    Desk,
    content,
    notebook_of,
    random_change,
    random_splice,
    sources,
)
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellData,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    Step,
    UpdateDisplay,
)
from tuinb.notebook.history import History


def desk_of(*texts: str, limit: int = 1000) -> Desk:
    notebook = notebook_of(*texts)
    return Desk(notebook, History(notebook, limit))


MERGE: tuple[Change, ...] = (SpliceSource(A, 1, "", "\n\nB\n\nC"), DeleteCell(B), DeleteCell(C))
SPLIT: tuple[Change, ...] = (InsertCell(CellData(D, "code", "head"), None), SpliceSource(A, 0, "head\n", ""))


def test_steps_are_taken_back_and_done_again() -> None:
    desk = desk_of("one", "two")
    states = [content(desk.notebook)]
    for change in (SetKind(A, "raw"), MoveCell(A, B), SetMetadata(B, "k", 1), SpliceSource(A, 0, "one", "1"), DeleteCell(A)):
        desk.do(change)
        states.append(content(desk.notebook))
    for state in states[-2::-1]:
        assert desk.undo()
        assert content(desk.notebook) == state
    assert not desk.undo()
    for state in states[1:]:
        assert desk.redo()
        assert content(desk.notebook) == state
    assert not desk.redo()


def test_an_undo_that_nothing_came_between_is_the_very_inverse() -> None:
    desk = desk_of("A", "B", "C", "D")
    desk.type(A, 0, "x")
    applied = desk.do(SpliceSource(A, 2, "", "\n\nB\n\nC"), DeleteCell(B), DeleteCell(C), SetOutputs(A))
    desk.do(AppendStream(B, "stdout", "x"), step=Step.OUTPUT)
    desk.do(SpliceSource(D, 0, "", "x"), step=Step.TYPING)
    transaction = desk.history.undo()
    assert transaction is not None
    assert (transaction.changes, transaction.step) == (applied.inverse, Step.UNDO)


def test_a_new_step_ends_what_could_be_done_again() -> None:
    desk = desk_of("one")
    desk.do(InsertCell(CellData(D, "code", "new"), A))
    assert desk.undo()
    assert desk.notebook.knows(D)
    desk.do(SetKind(A, "raw"))
    assert not desk.redo()
    assert not desk.notebook.knows(D)


def test_neither_typing_nor_outputs_are_steps() -> None:
    desk = desk_of("one")
    desk.type(A, 0, "x")
    desk.do(AppendStream(A, "stdout", "x"), step=Step.OUTPUT)
    assert not desk.undo()


def test_typing_leaves_what_can_be_done_again() -> None:
    desk = desk_of("one", "two")
    desk.do(SpliceSource(A, 1, "ne", "NE"))
    desk.undo()
    desk.type(A, 0, "typed ")
    desk.type(B, 0, "typed ")
    assert desk.redo()
    assert sources(desk.notebook) == ["typed oNE", "typed two"]
    assert desk.undo()
    assert sources(desk.notebook) == ["typed one", "typed two"]


def test_text_typed_into_a_merged_cell_goes_back_with_its_part() -> None:
    desk = desk_of("A", "B", "C")
    desk.do(*MERGE)
    desk.type(A, 7, "!c")
    desk.type(A, 4, "!b")
    desk.type(A, 1, "!a")
    assert sources(desk.notebook) == ["A!a\n\nB!b\n\nC!c"]
    for _ in range(2):
        assert desk.undo()
        assert sources(desk.notebook) == ["A!a", "B!b", "C!c"]
        assert desk.redo()
        assert sources(desk.notebook) == ["A!a\n\nB!b\n\nC!c"]


def test_text_typed_between_undo_and_redo_of_a_merge_moves_along() -> None:
    desk = desk_of("A", "B", "C")
    desk.do(*MERGE)
    desk.undo()
    desk.type(B, 0, "b")
    desk.type(C, 1, "c")
    desk.type(A, 1, "a")
    desk.redo()
    assert sources(desk.notebook) == ["Aa\n\nbB\n\nCc"]


def test_text_removed_from_a_merged_cell_stays_removed_from_its_part() -> None:
    desk = desk_of("A", "BBB")
    desk.do(SpliceSource(A, 1, "", "\nBBB"), DeleteCell(B))
    desk.type(A, 3, "", removed="BB")
    desk.undo()
    assert sources(desk.notebook) == ["A", "B"]


def test_text_typed_after_a_split_is_joined_again() -> None:
    desk = desk_of("head\ntail")
    desk.do(SetMetadata(A, "k", 1))
    desk.do(*SPLIT)
    desk.type(D, 4, "!")
    desk.type(A, 0, "?")
    assert desk.undo()
    assert sources(desk.notebook) == ["head!\n?tail"]
    assert desk.redo()
    assert sources(desk.notebook) == ["head!", "?tail"]


def test_older_steps_are_carried_over_text_that_moved() -> None:
    desk = desk_of("head\ntail")
    desk.do(SpliceSource(A, 5, "tail", "TAIL"))
    desk.do(*SPLIT)
    desk.type(D, 0, "1234")
    desk.undo()
    assert sources(desk.notebook) == ["1234head\nTAIL"]
    desk.undo()
    assert sources(desk.notebook) == ["1234head\ntail"]


def test_what_was_typed_into_inserted_text_stays() -> None:
    desk = desk_of("()")
    desk.do(SpliceSource(A, 1, "", "pasted"))
    desk.type(A, 4, "typed")
    desk.undo()
    assert sources(desk.notebook) == ["(typed)"]


def test_equal_parts_of_a_merge_are_told_apart_by_their_order() -> None:
    desk = desk_of("x", "aa", "a")
    desk.do(SpliceSource(A, 1, "", "\naa\na"), DeleteCell(B), DeleteCell(C))
    desk.type(A, 6, "!")
    desk.undo()
    assert sources(desk.notebook) == ["x", "aa", "a!"]


def test_a_cell_that_came_back_otherwise_is_passed_over() -> None:
    desk = desk_of("one", "two", "three")
    desk.do(DeleteCell(B))
    desk.do(MoveCell(A, C))
    transaction = desk.history.undo()
    assert transaction is not None
    desk.do(*(change for change in transaction.changes), step=Step.OUTPUT)
    desk.do(DeleteCell(A), step=Step.OUTPUT)
    assert desk.undo()
    assert [*desk.notebook.order] == [B, C]
    assert desk.redo()
    assert [*desk.notebook.order] == [C]


def test_a_restored_cell_stands_below_what_is_left() -> None:
    desk = desk_of("one", "two", "three")
    desk.do(DeleteCell(C))
    desk.do(DeleteCell(B), step=Step.OUTPUT)
    assert desk.undo()
    assert [*desk.notebook.order] == [A, C]
    desk.do(MoveCell(C, None))
    desk.do(DeleteCell(A), step=Step.OUTPUT)
    assert desk.undo()
    assert [*desk.notebook.order] == [C]


def test_what_a_run_replaced_is_not_brought_back() -> None:
    desk = desk_of("one")
    desk.do(AppendOutput(A, DISPLAY), SetExecutionCount(A, 1), step=Step.OUTPUT)
    desk.do(SetMetadata(A, "k", 1))
    desk.do(SetOutputs(A), SetExecutionCount(A, None))
    desk.do(SetOutputs(A), SetExecutionCount(A, 2), AppendStream(A, "stdout", "new"), step=Step.OUTPUT)
    before = content(desk.notebook)["cells"][A][3:]
    assert desk.undo()
    assert content(desk.notebook)["cells"][A][3:] == before
    assert desk.notebook[A].metadata == {}


def test_outputs_that_came_late_stay() -> None:
    desk = desk_of("one")
    desk.do(AppendOutput(A, DISPLAY, "x"), step=Step.OUTPUT)
    desk.do(SetOutputs(A), SetKind(A, "markdown"))
    desk.do(AppendStream(A, "stdout", "late"), step=Step.OUTPUT)
    assert desk.undo()
    assert [output.type for output in desk.notebook[A].outputs] == ["display_data", "stream"]
    desk.do(UpdateDisplay("x", {}, {}))
    assert desk.undo()
    assert desk.notebook[A].outputs[0].data == {"text/plain": "old"}


def test_old_steps_fall_off_and_let_their_cells_go() -> None:
    desk = desk_of("one", "two", limit=2)
    desk.do(DeleteCell(B))
    desk.type(A, 0, "x")
    desk.do(SpliceSource(A, 0, "x", ""))
    assert not desk.notebook.knows(B)
    desk.do(SetMetadata(None, "k", 1))
    assert desk.undo()
    assert desk.undo()
    assert not desk.undo()
    assert sources(desk.notebook) == ["xone"]


def test_an_undo_that_was_never_applied_changes_nothing() -> None:
    desk = desk_of("one")
    desk.do(SpliceSource(A, 0, "one", "two"))
    assert desk.history.undo() is not None
    desk.type(A, 0, "x")
    assert desk.undo()
    assert sources(desk.notebook) == ["xone"]
    desk.do(SetMetadata(A, "k", ABSENT), step=Step.REDO)
    assert desk.redo()


def test_text_typed_into_a_deleted_cell_stays_there() -> None:
    desk = desk_of("A", "B", "C")
    desk.do(*MERGE)
    desk.type(B, 0, "b")
    desk.type(A, 4, "a")
    desk.undo()
    assert sources(desk.notebook) == ["Aa", "bB", "C"]


def some_step(data: st.DataObject, desk: Desk, letter: str) -> None:
    """An edit, a merge, a split, an output, or `letter` typed somewhere."""
    notebook, order = desk.notebook, [*desk.notebook.order]
    action = data.draw(st.sampled_from(["edit", "output", *(["type", "type", "split", "merge"] if order else [])]))
    if action in ("edit", "output"):
        kinds = OUTPUT_KINDS if action == "output" else ("move", "kind", "metadata", "set", "count")
        change = random_change(data, notebook, kinds)
        desk.do(*([change] if change else []), step=Step.OUTPUT if action == "output" else Step.EDIT)
        return
    cell = data.draw(st.sampled_from(order))
    source = notebook[cell].source
    if action == "type":
        desk.do(random_splice(data, notebook, cell, letter), step=Step.TYPING)
    elif action == "split":
        head = source[: data.draw(st.integers(0, len(source)))]
        desk.do(InsertCell(CellData(notebook.new_id(), "code", head), None), SpliceSource(cell, 0, head, ""))
    elif cell != order[-1]:
        below = order[order.index(cell) + 1]
        desk.do(SpliceSource(cell, len(source), "", "\n" + notebook[below].source), DeleteCell(below))


@given(st.data())
@settings(max_examples=80)
def test_whatever_comes_between_nothing_raises_and_typed_text_stays(data: st.DataObject) -> None:
    """Letters typed are one of a kind: each stands in one cell at most, and in one that undo or redo can bring back."""
    desk = desk_of("one\ntwo", "three", "four")
    letters = "ABCDEFGHIJKLMN"
    for letter in letters[: data.draw(st.integers(1, len(letters)))]:
        step = data.draw(st.sampled_from([None, None, desk.undo, desk.redo]))
        if step is None:
            some_step(data, desk, letter)
        else:
            step()
    held = "".join(cell.source for cell in desk.notebook.known())
    for step in (desk.undo, desk.redo):
        while step():
            pass
        text = "".join(sources(desk.notebook))
        left = "".join(cell.source for cell in desk.notebook.known())
        for letter in letters:
            assert text.count(letter) <= 1
            assert (letter in left) == (letter in held)


@given(st.data())
@settings(max_examples=50)
def test_without_typing_undo_and_redo_are_exact(data: st.DataObject) -> None:
    desk = desk_of("one\ntwo", "three", "four")
    states = [content(desk.notebook)]
    for _ in range(data.draw(st.integers(1, 8))):
        change = random_change(data, desk.notebook, [kind for kind in EDIT_KINDS if kind != "restore"])
        if change is not None:
            desk.do(change)
            states.append(content(desk.notebook))
    for state in states[-2::-1]:
        assert desk.undo()
        now = content(desk.notebook)
        assert {**now, "cells": {cell: now["cells"][cell] for cell in state["cells"]}} == state
    for state in states[1:]:
        assert desk.redo()
        now = content(desk.notebook)
        assert {**now, "cells": {cell: now["cells"][cell] for cell in state["cells"]}} == state


@pytest.mark.parametrize("count", [1, 3])
def test_a_history_of_nothing(count: int) -> None:
    desk = desk_of(*["x"] * count)
    assert desk.history.undo() is None
    assert desk.history.redo() is None

"""Undo and redo: what is a step, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notebook.building import (
    DISPLAY,
    EDIT_KINDS,
    A,
    B,
    C,
    D,
    Desk,
    content,
    notebook_of,
    random_change,
    sources,
)
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellData,
    CellId,
    Change,
    ClientId,
    DeleteCell,
    InsertCell,
    MoveCell,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    Step,
    Transaction,
    UpdateDisplay,
)
from tuinb.notebook.history import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.document import Notebook


def desk_of(*texts: str, limit: int = 1000) -> Desk:
    notebook = notebook_of(*texts)
    return Desk(notebook, History(notebook, limit, clock=lambda: 0.0))


def write(desk: Desk, cell: CellId, text: str) -> None:
    """Types characters at the end of a cell."""
    for char in text:
        desk.type(cell, len(desk.notebook[cell].source), char)


def erase(desk: Desk, cell: CellId, count: int) -> None:
    """Types backspaces at the end of a cell."""
    for _ in range(count):
        source = desk.notebook[cell].source
        desk.type(cell, len(source) - 1, "", removed=source[-1])


def walk(step: Callable[[], bool], notebook: Notebook) -> list[list[str]]:
    """Steps as far as possible and returns the sources after each step."""
    found = []
    while step():
        found.append(sources(notebook))
    return found


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


def test_an_undo_is_the_very_inverse_whatever_was_put_out_meanwhile() -> None:
    desk = desk_of("A", "B", "C", "D")
    desk.type(A, 0, "x")
    applied = desk.do(SpliceSource(A, 2, "", "\n\nB\n\nC"), DeleteCell(B), DeleteCell(C), SetOutputs(A))
    desk.do(AppendStream(B, "stdout", "x"), step=Step.OUTPUT)
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


def test_outputs_are_no_steps() -> None:
    desk = desk_of("one")
    desk.do(AppendStream(A, "stdout", "x"), step=Step.OUTPUT)
    assert not desk.undo()


# ---- typing


def test_typing_is_taken_back_before_the_step_below_it() -> None:
    desk = desk_of("one")
    desk.do(InsertCell(CellData(D, "code", ""), A))
    desk.type(D, 0, "pasted\ntext")
    desk.do(AppendStream(D, "stdout", "out"), SetExecutionCount(D, 1), step=Step.OUTPUT)
    assert walk(desk.undo, desk.notebook) == [["one", ""], ["one"]]
    assert walk(desk.redo, desk.notebook) == [["one", ""], ["one", "pasted\ntext"]]
    assert desk.notebook[D].execution_count == 1
    assert len(desk.notebook[D].outputs) == 1


def test_a_stay_in_a_cell_is_one_step_whatever_was_typed_in_it() -> None:
    desk = desk_of("", "")
    write(desk, A, "abc\ndef")
    erase(desk, A, 2)
    desk.type(A, 0, "pasted")
    desk.history.end_typing()
    write(desk, A, "x")
    write(desk, B, "y")
    write(desk, A, "z")
    assert walk(desk.undo, desk.notebook) == [
        ["pastedabc\ndx", "y"],
        ["pastedabc\ndx", ""],
        ["pastedabc\nd", ""],
        ["", ""],
    ]
    assert walk(desk.redo, desk.notebook)[-1] == ["pastedabc\ndxz", "y"]


def test_typing_of_another_client_is_a_group_of_its_own() -> None:
    desk = desk_of("")
    write(desk, A, "mine")
    other = Transaction((SpliceSource(A, 0, "", "theirs"),), ClientId("other"), Step.TYPING)
    desk.history.record(desk.notebook.apply(other))
    write(desk, A, "!")
    assert walk(desk.undo, desk.notebook) == [["theirsmine"], ["mine"], [""]]


def at_each(desk: Desk, keys: str) -> None:
    """Types characters behind both of two words. `<` is Backspace."""
    for char in keys:
        source = desk.notebook[A].source
        first, second = source.index(" "), len(source)
        if char == "<":
            changes = (SpliceSource(A, first - 1, source[first - 1], ""), SpliceSource(A, second - 2, source[-1], ""))
        else:
            changes = (SpliceSource(A, first, "", char), SpliceSource(A, second + 1, "", char))
        desk.do(*changes, step=Step.TYPING)


def test_an_editor_takes_back_what_was_typed_at_several_cursors_in_pieces() -> None:
    desk = desk_of("a b")
    at_each(desk, "xyz<<")
    write(desk, A, "!")
    at_each(desk, "1")
    states = []
    while desk.undo(A):
        states.append(desk.notebook[A].source)
    assert states == ["ax bx!", "ax bx", "axyz bxyz", "a b"]
    states = []
    while desk.redo(A):
        states.append(desk.notebook[A].source)
    assert states == ["axyz bxyz", "ax bx", "ax bx!", "ax1 bx!1"]
    assert walk(desk.undo, desk.notebook) == [["a b"]]


def test_a_piece_of_several_cursors_begins_with_what_replaces_the_selected_text() -> None:
    desk = desk_of("foo foo")
    desk.do(SpliceSource(A, 0, "foo", "v"), SpliceSource(A, 2, "foo", "v"), step=Step.TYPING)
    at_each(desk, "al")
    assert desk.notebook[A].source == "val val"
    assert desk.undo(A)
    assert desk.notebook[A].source == "foo foo"


def test_an_editor_takes_back_pieces() -> None:
    desk = desk_of("")
    write(desk, A, "abc\ndef")
    erase(desk, A, 2)
    desk.type(A, 0, "pasted")
    write(desk, A, "!")
    states = []
    while desk.undo(A):
        states.append(desk.notebook[A].source)
    assert states == ["pastedabc\nd", "abc\nd", "abc\ndef", "abc\n", "abc", ""]
    assert desk.redo(A)
    assert desk.notebook[A].source == "abc"
    assert desk.redo()
    assert desk.notebook[A].source == "pastedabc\nd!"


def test_an_editor_takes_back_hundreds_of_pieces() -> None:
    desk = desk_of("one")
    for _ in range(300):
        write(desk, A, "x\n")
    undone = 0
    while desk.undo(A):
        undone += 1
    assert (desk.notebook[A].source, undone) == ("one", 600)


def test_pieces_are_what_is_typed_at_one_place_in_one_go() -> None:
    now = [0.0]
    notebook = notebook_of("")
    desk = Desk(notebook, History(notebook, clock=lambda: now[0]))
    write(desk, A, "ab")
    now[0] += 10
    write(desk, A, "cd")
    desk.type(A, 1, "X")
    desk.type(A, 2, "", removed="b")
    desk.type(A, 2, "", removed="c")
    desk.type(A, 1, "", removed="X")
    desk.type(A, 1, "12", removed="d")
    pieces = []
    while desk.undo(A):
        pieces.append(notebook[A].source)
    assert pieces == ["ad", "aXbcd", "abcd", "ab", ""]
    write(desk, A, "x" * 250)
    assert desk.undo(A)
    assert len(notebook[A].source) == 200
    erase(desk, A, 150)
    assert desk.undo(A)
    assert len(notebook[A].source) == 100


@pytest.mark.parametrize("old", ["old", "long" * 100])
def test_a_replaced_selection_goes_on_with_what_is_typed_next(old: str) -> None:
    desk = desk_of(f"{old} text")
    desk.type(A, 0, "n", removed=old)
    desk.type(A, 1, "e")
    desk.type(A, 2, "w")
    assert desk.undo(A)
    assert sources(desk.notebook) == [f"{old} text"]
    assert not desk.undo(A)
    assert desk.redo(A)
    assert sources(desk.notebook) == ["new text"]


def test_an_editor_takes_back_what_was_typed_in_its_cell_before_typing_elsewhere() -> None:
    desk = desk_of("a", "b")
    write(desk, A, "1")
    write(desk, B, "2")
    assert desk.undo(A)
    assert sources(desk.notebook) == ["a", "b2"]
    assert desk.undo(A)
    assert sources(desk.notebook) == ["a", "b"]
    assert desk.redo(A)
    assert sources(desk.notebook) == ["a1", "b"]
    assert desk.redo(A)
    assert sources(desk.notebook) == ["a1", "b2"]


@pytest.mark.parametrize("by_group", [False, True])
def test_an_editor_takes_back_what_was_typed_in_its_cell_before_a_new_cell(by_group: bool) -> None:
    desk = desk_of("a", "b")
    write(desk, A, "1")
    desk.do(InsertCell(CellData(D, "code", ""), A))
    write(desk, D, "2")
    assert desk.undo(A, by_group=by_group)
    assert sources(desk.notebook) == ["a", "2", "b"]
    assert desk.redo(D, by_group=by_group)
    assert sources(desk.notebook) == ["a1", "2", "b"]
    assert desk.undo(A, by_group=by_group)
    assert walk(desk.undo, desk.notebook) == [["a", "", "b"], ["a", "b"]]
    assert walk(desk.redo, desk.notebook) == [["a", "", "b"], ["a", "2", "b"], ["a1", "2", "b"]]
    assert desk.undo(D, by_group=by_group)
    assert sources(desk.notebook) == ["a1", "", "b"]


def test_an_editor_takes_back_a_change_of_cells_that_came_after_the_typing() -> None:
    desk = desk_of("a", "b")
    write(desk, A, "1")
    desk.do(DeleteCell(B))
    assert desk.undo(A)
    assert sources(desk.notebook) == ["a1", "b"]


def test_typing_there_and_back_is_passed_over_by_commands_but_not_by_an_editor() -> None:
    desk = desk_of("a", "b")
    desk.do(DeleteCell(B))
    write(desk, A, "xyz")
    erase(desk, A, 3)
    assert desk.undo()
    assert sources(desk.notebook) == ["a", "b"]
    assert walk(desk.redo, desk.notebook) == [["a"]]
    assert desk.undo(A)
    assert sources(desk.notebook) == ["axyz"]


# ---- undone typing stays on the walk


def test_what_was_typed_and_undone_can_be_reached_after_a_new_step() -> None:
    desk = desk_of("one", "two")
    write(desk, A, "!")
    desk.do(DeleteCell(B))
    assert desk.undo()
    assert desk.undo()
    desk.do(SetKind(A, "raw"))
    assert walk(desk.undo, desk.notebook) == [["one", "two"], ["one!", "two"], ["one", "two"]]
    assert walk(desk.redo, desk.notebook) == [["one!", "two"], ["one", "two"], ["one", "two"]]
    assert desk.notebook[A].kind == "raw"


def test_what_was_typed_into_a_cell_that_is_merged_away_can_be_reached() -> None:
    desk = desk_of("a", "b", "c")
    write(desk, B, "lost?")
    assert desk.undo()
    write(desk, C, "!")
    desk.do(SpliceSource(A, 1, "", "b"), DeleteCell(B))
    assert not desk.redo()
    assert ["a", "blost?", "c"] in walk(desk.undo, desk.notebook)
    assert walk(desk.redo, desk.notebook)[-1] == ["ab", "c!"]


def test_a_group_that_an_editor_took_back_in_part_can_be_reached_whole() -> None:
    desk = desk_of("")
    write(desk, A, "one\ntwo")
    assert desk.undo(A)
    assert desk.undo(A)
    write(desk, A, "!")
    assert walk(desk.undo, desk.notebook) == [["one"], ["one\ntwo"], [""]]
    assert walk(desk.redo, desk.notebook) == [["one\ntwo"], ["one"], ["one!"]]


def test_a_group_goes_on_after_undone_typing_was_kept() -> None:
    desk = desk_of("a", "b")
    write(desk, B, "!")
    assert desk.undo()
    write(desk, A, "1\n2")
    assert desk.undo(A)
    assert desk.undo(B)
    assert sources(desk.notebook) == ["a1\n", "b!"]
    assert walk(desk.undo, desk.notebook) == [["a", "b!"], ["a", "b"]]


def test_a_cell_in_which_something_was_typed_comes_back_after_a_new_step() -> None:
    desk = desk_of("one")
    desk.do(InsertCell(CellData(D, "code", ""), A))
    write(desk, D, "new")
    desk.do(AppendStream(D, "stdout", "out"), step=Step.OUTPUT)
    assert desk.undo()
    assert desk.undo()
    desk.do(SetKind(A, "raw"))
    assert desk.notebook.knows(D)
    assert walk(desk.undo, desk.notebook) == [["one"], ["one", ""], ["one", "new"], ["one", ""], ["one"]]
    assert len(desk.notebook[D].outputs) == 1


# ---- merges and splits


def test_text_typed_into_a_merged_cell_goes_before_the_merge_is_undone() -> None:
    desk = desk_of("A", "B", "C")
    desk.do(*MERGE)
    desk.type(A, 7, "!c")
    desk.type(A, 4, "", removed="\n\nC")
    desk.type(A, 1, "!a")
    merged = sources(desk.notebook)
    for _ in range(2):
        assert walk(desk.undo, desk.notebook) == [["A\n\nB\n\nC"], ["A", "B", "C"]]
        assert walk(desk.redo, desk.notebook) == [["A\n\nB\n\nC"], merged]


def test_text_typed_between_undo_and_redo_of_a_merge_is_kept() -> None:
    desk = desk_of("A", "B", "C")
    write(desk, A, "?")
    desk.do(SpliceSource(A, 2, "", "B"), DeleteCell(B))
    write(desk, A, "!")
    assert desk.undo()
    assert desk.undo()
    write(desk, B, "b")
    assert sources(desk.notebook) == ["A?", "Bb", "C"]
    assert walk(desk.undo, desk.notebook) == [
        ["A?", "B", "C"],
        ["A?B", "C"],
        ["A?B!", "C"],
        ["A?B", "C"],
        ["A?", "B", "C"],
        ["A", "B", "C"],
    ]


def test_text_typed_after_a_split_goes_before_the_split_is_undone() -> None:
    desk = desk_of("head\ntail")
    desk.do(SpliceSource(A, 5, "tail", "TAIL"))
    desk.do(*SPLIT)
    desk.type(D, 4, "!")
    desk.type(A, 0, "?")
    assert walk(desk.undo, desk.notebook) == [["head!", "TAIL"], ["head", "TAIL"], ["head\nTAIL"], ["head\ntail"]]
    assert walk(desk.redo, desk.notebook)[-1] == ["head!", "?TAIL"]


# ---- what a kernel does between the steps


def test_a_change_of_the_order_by_a_kernel_is_a_step_in_its_turn() -> None:
    desk = desk_of("one", "two", "three")
    desk.do(DeleteCell(C))
    desk.do(DeleteCell(B), step=Step.OUTPUT)
    desk.do(SpliceSource(A, 0, "", "1"), step=Step.OUTPUT)
    assert walk(desk.undo, desk.notebook) == [["one"], ["one", "two"], ["one", "two", "three"]]
    assert walk(desk.redo, desk.notebook)[-1] == ["1one"]


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
    assert walk(desk.redo, desk.notebook) == [["one"]]
    assert content(desk.notebook)["cells"][A][3:] == before


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


def test_text_typed_into_a_deleted_cell_is_a_step_too() -> None:
    desk = desk_of("A", "B")
    desk.do(DeleteCell(B))
    write(desk, B, "b")
    assert desk.undo()
    assert desk.notebook[B].source == "B"
    assert walk(desk.undo, desk.notebook) == [["A", "B"]]
    assert walk(desk.redo, desk.notebook) == [["A"], ["A"]]
    assert desk.notebook[B].source == "Bb"


# ---- the limit


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


def test_what_was_typed_into_a_cell_that_is_forgotten_is_passed_over() -> None:
    desk = desk_of("A", "B", limit=2)
    desk.do(DeleteCell(B))
    write(desk, B, "b")
    write(desk, A, "a")
    assert not desk.notebook.knows(B)
    assert walk(desk.undo, desk.notebook) == [["A"]]


def test_undone_steps_that_are_kept_count_for_the_limit() -> None:
    desk = desk_of("one", limit=4)
    desk.do(InsertCell(CellData(D, "code", ""), A))
    write(desk, D, "new")
    assert desk.undo()
    assert desk.undo()
    desk.do(SetKind(A, "raw"))
    assert walk(desk.undo, desk.notebook) == [["one"], ["one", ""], ["one", "new"], ["one", ""]]
    desk.do(SetKind(A, "code"))
    for number in range(4):
        desk.do(SetMetadata(None, "k", number))
    assert D in desk.notebook
    assert desk.history.redo() is None


def test_an_undo_that_was_never_applied_changes_nothing() -> None:
    desk = desk_of("one")
    desk.do(SpliceSource(A, 0, "one", "two"))
    assert desk.history.undo() is not None
    desk.type(A, 0, "x")
    assert desk.undo()
    assert sources(desk.notebook) == ["two"]
    desk.do(SetMetadata(A, "k", ABSENT), step=Step.REDO)
    assert desk.redo()
    assert sources(desk.notebook) == ["xtwo"]


@given(st.data())
@settings(max_examples=25)
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


def test_a_group_of_typing_in_a_cell_is_undone_as_a_whole_from_its_editor() -> None:
    desk = desk_of("", "")
    desk.type(A, 0, "x")
    desk.type(A, 0, "yz")  # another place: another piece of the same group
    desk.history.end_typing()
    write(desk, A, "!")
    desk.history.end_typing()
    write(desk, B, "b")
    assert desk.undo(A, by_group=True)
    assert sources(desk.notebook) == ["yzx", "b"]
    assert desk.undo(A, by_group=True)
    assert sources(desk.notebook) == ["", "b"]
    assert desk.redo(A, by_group=True)
    assert sources(desk.notebook) == ["yzx", "b"]


def selecting(desk: Desk, step: Callable[[], bool]) -> list[list[tuple[int, int]]]:
    """Returns what each step selects, until there is no other."""
    found = []
    while step():
        found.append([(each.anchor, each.head) for each in desk.selections])
    return found


def test_undo_and_redo_select_what_was_selected_around_typing() -> None:
    desk = desk_of("abc")
    desk.select(A, 1, "x", "b")
    desk.select(A, 2, "y")  # the same piece
    desk.select(A, 0, "\n")
    assert desk.selections == ()
    assert selecting(desk, lambda: desk.undo(A)) == [[(0, 0)], [(1, 2)]]
    assert selecting(desk, lambda: desk.redo(A)) == [[(3, 3)], [(1, 1)]]
    assert selecting(desk, desk.undo) == [[(1, 2)]]
    desk.select(A, 3, "!")  # what was undone is kept: forth and back, before it
    desk.do(DeleteCell(A))
    undone = selecting(desk, lambda: desk.undo(A))
    assert undone == [[], [(3, 3)], [(3, 3)], [(1, 1)], [(0, 0)], [(1, 2)]]
    assert selecting(desk, lambda: desk.redo(A))[-2:] == [[(4, 4)], []]


def test_typing_whose_selections_nobody_told_selects_nothing_again() -> None:
    desk = desk_of("abc")
    desk.type(A, 1, "x")
    desk.select(A, 2, "y")
    assert selecting(desk, desk.undo) == [[]]
    assert selecting(desk, desk.redo) == [[(3, 3)]]


def in_parts(desk: Desk, *changes: Change, others: str = "me") -> None:
    """Makes the changes as one step: all but the first one as more of it, by `others`."""
    for number, change in enumerate(changes):
        step, origin = (Step.MORE, others) if number else (Step.EDIT, "me")
        desk.history.record(desk.notebook.apply(Transaction((change,), ClientId(origin), step)))


def test_a_step_that_is_made_in_parts_is_undone_at_once() -> None:
    desk = desk_of("a", "b", "c")
    in_parts(desk, SpliceSource(A, 0, "a", "1"), DeleteCell(B), SpliceSource(C, 0, "c", "3"), SpliceSource(A, 0, "1", "one"))
    assert sources(desk.notebook) == ["one", "3"]
    assert desk.undo()
    assert sources(desk.notebook) == ["a", "b", "c"]
    assert not desk.undo()
    assert desk.redo()
    assert sources(desk.notebook) == ["one", "3"]


def test_only_its_maker_can_add_to_a_step() -> None:
    desk = desk_of("a", "b")
    in_parts(desk, SpliceSource(A, 0, "a", "1"), SpliceSource(B, 0, "b", "2"), others="other")
    assert desk.undo()
    assert sources(desk.notebook) == ["1", "b"]


@pytest.mark.parametrize("between", ["typing", "undo", "undo and redo"])
def test_nothing_is_added_to_a_step_behind_another_one(between: str) -> None:
    desk = desk_of("a", "b")
    in_parts(desk, SpliceSource(A, 0, "a", "1"))
    if between == "typing":
        write(desk, A, "x")
    else:
        desk.undo()
    if between == "undo and redo":
        desk.redo()
    before = sources(desk.notebook)
    desk.history.record(desk.notebook.apply(Transaction((SpliceSource(B, 0, "b", "2"),), ClientId("me"), Step.MORE)))
    assert desk.undo()
    assert sources(desk.notebook) == before

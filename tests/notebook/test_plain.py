"""What is written down of a commit makes a copy what the notebook is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
    Desk,
    apply,
    content,
    notebook_of,
    random_change,
)
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellData,
    Change,
    ClearOutputs,
    DeleteCell,
    InsertCell,
    MoveCell,
    OutputData,
    PlainChange,
    RestoreCell,
    SetMetadata,
    SetOutputs,
    Step,
    UpdateDisplay,
)
from tuinb.notebook.history import History
from tuinb.notebook.json_codec import TRANSACTIONS
from tuinb.notebook.plain import plain, replay

if TYPE_CHECKING:
    from tuinb.notebook.changes import Applied
    from tuinb.notebook.document import Notebook


class Copied:
    """A notebook, and a copy of it that only reads what is written down."""

    def __init__(self, *texts: str) -> None:
        self.notebook, self.copy = notebook_of(*texts), notebook_of(*texts)
        self.desk = Desk(self.notebook, History(self.notebook))
        self.desk.listener = self.write
        self.written: list[Change] = []

    def do(self, *changes: Change) -> Applied:
        """Applies changes of which no history is kept."""
        applied = apply(self.notebook, *changes)
        self.write(applied)
        return applied

    def write(self, applied: Applied) -> None:
        transaction = plain(applied, self.notebook)
        assert (transaction.origin, transaction.step, transaction.label) == (applied.origin, applied.step, applied.label)
        self.written = [*transaction.changes]
        assert all(isinstance(change, PlainChange) for change in self.written)
        replay(self.copy, TRANSACTIONS.from_json(json.loads(json.dumps(TRANSACTIONS.to_json(transaction)))))
        assert shown(self.copy) == shown(self.notebook)


def shown(notebook: Notebook) -> dict[str, Any]:
    """The content of the cells in the order, but for whether an output is as it was loaded."""
    whole = content(notebook)
    cells = {cell: whole["cells"][cell] for cell in notebook.order}
    for cell, (*rest, outputs) in cells.items():
        cells[cell] = (*rest, [output[:-1] for output in outputs])
    return {**whole, "cells": cells}


@given(st.data(), st.integers(1, 14))
@settings(max_examples=30)
def test_a_copy_that_reads_plain_transactions_is_the_same(data: st.DataObject, count: int) -> None:
    both = Copied("one\ntwo", "three", "")
    desk = both.desk
    for _ in range(count):
        step = data.draw(st.sampled_from(["edit", "type", "output", "undo", "redo"]))
        if step == "undo":
            desk.undo()
        elif step == "redo":
            desk.redo()
        else:
            kinds, as_step = {
                "edit": (EDIT_KINDS, Step.EDIT),
                "type": (("splice",), Step.TYPING),
                "output": (OUTPUT_KINDS, Step.OUTPUT),
            }[step]
            change = random_change(data, desk.notebook, kinds)
            if change is not None:
                desk.do(change, step=as_step)
    while desk.undo():
        pass
    while desk.redo():
        pass


@given(st.data())
@settings(max_examples=25)
def test_many_changes_at_once_are_the_same_to_a_copy(data: st.DataObject) -> None:
    """The changes are made one by one on another notebook first, so that they fit."""
    rehearsal, both = notebook_of("one", "two", "three"), Copied("one", "two", "three")
    for _ in range(3):
        changes: list[Change] = []
        for _ in range(data.draw(st.integers(1, 6))):
            change = random_change(data, rehearsal, ALL_KINDS)
            if change is not None:
                apply(rehearsal, change)
                changes.append(change)
        applied = both.do(*changes)
        if data.draw(st.booleans()):
            back = both.do(*applied.inverse)
            both.do(*back.inverse)


def test_outputs_that_undo_brings_back_are_written_whole() -> None:
    both = Copied("one")
    both.desk.do(AppendOutput(A, DISPLAY, "x"), AppendStream(A, "stdout", "50 %"), ClearOutputs(A, wait=True), step=Step.OUTPUT)
    both.desk.do(SetOutputs(A))
    assert both.desk.undo()
    stream = {"name": "stdout", "output_type": "stream", "text": "50 %"}
    assert both.written == [SetOutputs(A, (OutputData(DISPLAY, "x"), OutputData(stream))), ClearOutputs(A, wait=True)]
    both.desk.do(UpdateDisplay("x", {"text/plain": "new"}, {}), step=Step.OUTPUT)
    assert both.copy[A].outputs[0].data == {"text/plain": "new"}


def test_a_stream_that_undo_brings_back_goes_on_where_its_cursor_is() -> None:
    both = Copied("one")
    both.desk.do(AppendStream(A, "stdout", "50 %\r"), step=Step.OUTPUT)
    both.desk.do(SetOutputs(A))
    assert both.desk.undo()
    both.desk.do(AppendStream(A, "stdout", "60 %\r"), step=Step.OUTPUT)
    assert both.copy[A].outputs.to_json() == ({"name": "stdout", "output_type": "stream", "text": "60 %"},)


def test_a_cell_that_undo_brings_back_is_written_as_a_new_one() -> None:
    both = Copied("one", "two")
    both.desk.do(DeleteCell(B))
    assert not both.copy.knows(B)
    both.desk.do(AppendOutput(B, DISPLAY), step=Step.OUTPUT)
    assert both.written == []
    assert both.desk.undo()
    cell = CellData(B, "code", "two", {"metadata": {}})
    assert both.written == [InsertCell(cell, A), SetOutputs(B, (OutputData(DISPLAY),))]


def test_a_cell_without_metadata_that_comes_back_loses_them_again() -> None:
    both = Copied()
    for change in (InsertCell(CellData(A, "code", ""), None), SetMetadata(A, "tags", ["x"]), DeleteCell(A)):
        both.do(change)
    both.do(RestoreCell(A, None))
    assert both.written[:2] == [InsertCell(CellData(A, "code", ""), None), SetMetadata(A, "tags", ["x"])]
    both.do(SetMetadata(A, "tags", ABSENT))
    assert both.copy[A].raw == {}


def test_a_cell_that_comes_and_goes_in_one_transaction_still_holds_a_place() -> None:
    both = Copied("one", "two", "three")
    both.do(DeleteCell(B))
    new = InsertCell(CellData(D, "code", "new"), B)
    both.do(RestoreCell(B, None), new, MoveCell(C, D), DeleteCell(B))
    assert both.written == [InsertCell(CellData(B, "code", ""), None), new, MoveCell(C, D), DeleteCell(B)]
    both.do(DeleteCell(A), RestoreCell(A, C))
    assert both.written == [MoveCell(A, C)]
    assert both.copy.order == [D, C, A]

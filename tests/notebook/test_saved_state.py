"""Once the saved content is back, by undo or by typing, it reads as unmodified; nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb.notebook import saved_state
from tuinb.notebook.changes import (
    KERNEL,
    AppendStream,
    CellData,
    CellId,
    ClientId,
    DeleteCell,
    InsertCell,
    MoveCell,
    SpliceSource,
    Step,
    Transaction,
)
from tuinb.notebook.document import Notebook
from tuinb.notebook.history import History
from tuinb.notebook.saved_state import SavedState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.changes import Change

ME = ClientId("me")


class Content:
    """A notebook with its history, and the names of its contents."""

    def __init__(self) -> None:
        self.notebook = Notebook([CellData(CellId(name), "code", name, {"metadata": {}}) for name in "ab"])
        self.history = History(self.notebook)
        self.contents = SavedState(self.notebook)

    def apply(self, transaction: Transaction | None) -> None:
        if transaction is not None:
            applied = self.notebook.apply(transaction)
            self.contents.follow(applied)
            self.history.record(applied)

    def do(self, change: Change, step: Step = Step.EDIT) -> None:
        self.apply(Transaction((change,), ME if step is not Step.OUTPUT else KERNEL, step))

    def do_splice(self, word: str) -> None:
        first = self.notebook.at(0)
        removed = first.source[:1] if word == "erase" else ""
        splice = SpliceSource(first.id, 0, removed, {"type": "x", "edit": "y"}.get(word, ""))
        self.do(splice, Step.EDIT if word == "edit" else Step.TYPING)

    def do_merge(self) -> None:
        first, second = self.notebook.at(0), self.notebook.at(1)
        joined = SpliceSource(first.id, len(first.source), "", second.source)
        self.apply(Transaction((joined, DeleteCell(second.id)), ME))

    def play(self, word: str) -> None:
        order = self.notebook.order
        match word:
            case "undo":
                self.apply(self.history.undo(ME))
            case "redo":
                self.apply(self.history.redo(ME))
            case "insert":
                self.do(InsertCell(CellData(self.notebook.new_id(), "code", "new", {"metadata": {}}), None))
            case "save":
                self.contents.saved = self.contents.current
            case "delete" if order:
                self.do(DeleteCell(order[0]))
            case "move" if len(order) > 1:
                self.do(MoveCell(order[-1], None))
            case "type" | "erase" | "edit" if order:
                self.do_splice(word)
            case "merge" if len(order) > 1:
                self.do_merge()
            case "print" if order:
                self.do(AppendStream(order[0], "stdout", "z"), Step.OUTPUT)
            case _:
                pass

    @property
    def modified(self) -> bool:
        return self.contents.current != self.contents.saved


@pytest.mark.parametrize(
    ("words", "modified"),
    [
        ("", False),
        ("delete", True),
        ("delete undo", False),
        ("delete save undo", True),
        ("delete save undo redo", False),
        ("delete edit undo undo", False),
        ("delete undo redo undo", False),
        ("delete undo edit", True),
        ("delete undo edit undo", False),
        ("type", True),
        ("print", True),
        ("delete print undo", True),
        ("edit type undo", True),
        ("type erase", False),
        ("type save erase", True),
        ("type save erase type", False),
        ("edit type undo erase", False),
        ("delete type erase undo", False),
        ("type delete undo erase", False),
        ("merge", True),
        ("merge undo", False),
        ("merge type undo", True),
        ("merge type undo undo", False),
        ("type undo", False),
        ("type undo redo", True),
        ("type undo save redo undo", False),
        ("delete type undo undo move undo", False),
        ("delete type undo undo move undo undo", True),
        ("delete type undo undo move undo undo undo undo undo", False),
        ("delete type undo undo move undo undo undo redo redo redo redo undo", False),
        ("delete type undo undo move save undo undo redo redo", False),
        ("type merge undo erase", False),
        ("print erase", True),
    ],
)
def test_what_counts_as_modified(words: str, modified: bool) -> None:
    content = Content()
    for word in words.split():
        content.play(word)
    assert content.modified == modified


WORDS = ["undo", "undo", "redo", "insert", "delete", "move", "type", "type", "erase", "erase", "merge", "edit", "print", "save"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_what_reads_as_unmodified_is_what_was_saved(words: list[str]) -> None:
    content = Content()
    saved = [cell.data() for cell in content.notebook]
    for word in words:
        content.play(word)
        if word == "save":
            saved = [cell.data() for cell in content.notebook]
        if not content.modified:
            assert [cell.data() for cell in content.notebook] == saved


def test_only_the_latest_contents_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_state, "REMEMBERED", 3)
    work = Content()
    work.contents.saved = work.contents.current
    for _ in range(5):
        work.play("insert")
    for _ in range(5):
        work.play("undo")
    assert len(work.notebook) == 2
    assert work.contents.current != work.contents.saved, "the way back is forgotten, so that it counts as modified"


class Counted(tuple[SpliceSource, ...]):
    """Counts how often it is read."""

    readings = 0

    def __iter__(self) -> Iterator[SpliceSource]:
        self.readings += 1
        return super().__iter__()


def test_splices_of_many_cells_are_read_a_few_times_not_once_a_cell() -> None:
    notebook = Notebook([CellData(CellId(str(number)), "code", "ab") for number in range(50)])
    state = SavedState(notebook)
    applied = notebook.apply(Transaction(tuple(SpliceSource(cell, 0, "a", "") for cell in notebook.order), ME))
    inverse = Counted(change for change in applied.inverse if isinstance(change, SpliceSource))
    state.follow(replace(applied, inverse=inverse))
    assert inverse.readings < 5
    assert state.current != state.saved
    state.follow(notebook.apply(Transaction(applied.inverse, ME, Step.UNDO)))
    assert state.current == state.saved

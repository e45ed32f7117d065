"""Whatever is typed, changed, put out, undone and redone: undo and redo walk over all of it, exactly."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.notebook.building import OUTPUT_KINDS, Desk, content, notebook_of, random_change, random_splice
from tuinb.notebook.changes import (
    CellData,
    CellId,
    DeleteCell,
    InsertCell,
    MoveCell,
    SetKind,
    SpliceSource,
    Step,
    UpdateDisplay,
)
from tuinb.notebook.history import History
from tuinb.notebook.saved_state import SavedState

EDITS = ("insert", "delete", "move", "kind", "metadata", "splice", "set", "count")
"""Kinds of single changes that commands make."""


class Walk(RuleBasedStateMachine):
    """`texts` are the sources of cells when a group of typing in them ended."""

    def __init__(self) -> None:
        super().__init__()
        self.notebook = notebook_of("one\ntwo", "three", "four")
        self.desk = Desk(self.notebook, History(self.notebook, limit=100_000, clock=lambda: 0.0))
        self.state = SavedState(self.notebook)
        self.desk.listener = self.state.follow
        self.first = self.seen()
        self.saved = content(self.notebook)
        self.texts: set[tuple[CellId, str]] = set()
        self.typing: CellId | None = None
        """The cell of the group of typing that goes on."""
        self.put_out = False
        """Whether a kernel changed outputs."""

    @property
    def order(self) -> list[CellId]:
        return [*self.notebook.order]

    def seen(self) -> dict[str, Any]:
        """Returns what a reader sees, without outputs and counts."""
        whole = content(self.notebook)
        return {**whole, "cells": {cell: whole["cells"][cell][:3] for cell in self.notebook.order}}

    def whole(self) -> dict[str, Any]:
        """Returns all of the cells in the order, with outputs."""
        found = content(self.notebook)
        return {**found, "cells": {cell: found["cells"][cell] for cell in self.notebook.order}}

    def end_group(self) -> None:
        if self.typing is not None:
            self.texts.add((self.typing, self.notebook[self.typing].source))
        self.typing = None

    # ---- typing

    @precondition(lambda self: self.order)
    @rule(data=st.data(), times=st.integers(1, 4))
    def type_characters(self, data: st.DataObject, times: int) -> None:
        cell = self.choose(data)
        at = data.draw(st.integers(0, len(self.notebook[cell].source)))
        self.go_on_in(cell)
        for shift in range(times):
            self.desk.type(cell, at + shift, data.draw(st.sampled_from("xyz\n")))

    @precondition(lambda self: self.order)
    @rule(data=st.data(), times=st.integers(1, 4))
    def erase_characters(self, data: st.DataObject, times: int) -> None:
        cell = self.choose(data)
        at = data.draw(st.integers(0, len(self.notebook[cell].source)))
        for removed in reversed(self.notebook[cell].source[max(0, at - times) : at]):
            at -= 1
            self.go_on_in(cell)
            self.desk.type(cell, at, "", removed=removed)

    @precondition(lambda self: self.order)
    @rule(data=st.data())
    def paste_text(self, data: st.DataObject) -> None:
        cell = self.choose(data)
        splice = random_splice(data, self.notebook, cell)
        if splice.removed or splice.inserted:
            self.go_on_in(cell)
            self.desk.do(splice, step=Step.TYPING)

    def choose(self, data: st.DataObject) -> CellId:
        """Returns a cell to type in, more often the one in which typing goes on."""
        again = [self.typing] * 3 if self.typing in self.order else []
        cell: CellId = data.draw(st.sampled_from([*again, *self.order]))
        return cell

    def go_on_in(self, cell: CellId) -> None:
        if cell != self.typing:
            self.end_group()
            self.typing = cell

    @rule()
    def leave_the_editor(self) -> None:
        self.end_group()
        self.desk.history.end_typing()

    # ---- commands and kernels

    @rule(data=st.data(), kind=st.sampled_from(EDITS))
    def change(self, data: st.DataObject, kind: str) -> None:
        change = random_change(data, self.notebook, (kind,))
        here = isinstance(change, InsertCell | UpdateDisplay) or (change is not None and change.cell in (None, *self.order))
        if change is not None and here:
            self.end_group()
            self.desk.do(change)

    @precondition(lambda self: self.order)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        self.end_group()
        cell = self.notebook[data.draw(st.sampled_from(self.order))]
        head = cell.source[: data.draw(st.integers(0, len(cell.source)))]
        above = InsertCell(CellData(self.notebook.new_id(), cell.kind, head), None)
        self.desk.do(above, SpliceSource(cell.id, 0, head, ""), MoveCell(cell.id, above.cell.id))

    @precondition(lambda self: len(self.order) > 1)
    @rule(data=st.data(), kind=st.sampled_from(["code", "markdown"]))
    def merge(self, data: st.DataObject, kind: str) -> None:
        self.end_group()
        at = data.draw(st.integers(0, len(self.order) - 2))
        upper, lower = self.notebook.at(at), self.notebook.at(at + 1)
        joined = SpliceSource(upper.id, len(upper.source), "", "\n\n" + lower.source)
        self.desk.do(joined, SetKind(upper.id, kind), DeleteCell(lower.id))

    @rule(data=st.data(), kind=st.sampled_from(OUTPUT_KINDS))
    def put_something_out(self, data: st.DataObject, kind: str) -> None:
        if (change := random_change(data, self.notebook, (kind,))) is not None:
            self.desk.do(change, step=Step.OUTPUT)
            self.put_out = True

    @rule()
    def save(self) -> None:
        self.state.saved, self.saved = self.state.current, self.whole()

    # ---- the walk

    @rule(times=st.integers(1, 5))
    def undo(self, times: int) -> None:
        self.end_group()
        for _ in range(times):
            self.desk.undo()

    @rule(times=st.integers(1, 5))
    def redo(self, times: int) -> None:
        self.end_group()
        for _ in range(times):
            self.desk.redo()

    @precondition(lambda self: self.order)
    @rule(data=st.data(), times=st.integers(1, 5), back=st.booleans())
    def walk_in_an_editor(self, data: st.DataObject, times: int, back: bool) -> None:
        self.end_group()
        cell = data.draw(st.sampled_from(self.order))
        for _ in range(times):
            (self.desk.undo if back else self.desk.redo)(cell)

    @invariant()
    def what_reads_as_unmodified_is_what_was_saved(self) -> None:
        if self.state.current == self.state.saved:
            assert self.whole() == self.saved

    def teardown(self) -> None:
        self.end_group()
        while self.desk.redo():
            self.what_reads_as_unmodified_is_what_was_saved()
        back = self.walked(Step.UNDO)
        assert back[-1][0] == self.first
        forth = self.walked(Step.REDO)
        # A step that changed outputs alone is skipped once a kernel has replaced them.
        assert distinct([seen for seen, _ in forth]) == distinct([seen for seen, _ in reversed(back)])
        if not self.put_out:
            assert forth == back[::-1]
        reached = {(cell, values[1]) for seen, _ in back for cell, values in seen["cells"].items()}
        assert not self.texts - reached
        known = {cell.id for cell in self.notebook.known()}
        assert known.issuperset(cell for cell, _ in self.texts)

    def walked(self, way: Step) -> list[tuple[dict[str, Any], tuple[int, int]]]:
        """Returns what is seen at each stop of the walk, the start too, with what stands for the content."""
        stops = [(self.seen(), self.state.current)]
        while self.desk.undo() if way is Step.UNDO else self.desk.redo():
            stops.append((self.seen(), self.state.current))
            self.what_reads_as_unmodified_is_what_was_saved()
        return stops


def distinct(stops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the stops without those that show the same as the one before them."""
    return [stop for at, stop in enumerate(stops) if not at or stop != stops[at - 1]]


Walk.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestWalk = Walk.TestCase

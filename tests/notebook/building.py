"""Notebooks in one line, their whole content as a plain value, and random transactions that fit them."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tuinb.editing.selection import Selection
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellData,
    CellId,
    Change,
    ClearOutputs,
    ClientId,
    DeleteCell,
    InsertCell,
    MoveCell,
    OutputData,
    RestoreCell,
    Selected,
    SetAttachments,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    Step,
    Transaction,
    UpdateDisplay,
)
from tuinb.notebook.document import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tuinb.notebook.changes import Applied
    from tuinb.notebook.history import History

ME = ClientId("me")
A, B, C, D = (CellId(name) for name in "abcd")
DISPLAY = {"output_type": "display_data", "data": {"text/plain": "old"}, "metadata": {}}


def notebook_of(*sources: str, kind: str = "code") -> Notebook:
    """Cells a, b, c … with these sources."""
    ids = (f"id{number}" for number in count())
    cells = [CellData(CellId("abcdefgh"[at]), kind, source, {"metadata": {}}) for at, source in enumerate(sources)]
    return Notebook(cells, {}, id_factory=lambda: next(ids))


def apply(notebook: Notebook, *changes: Change, step: Step = Step.EDIT) -> Applied:
    return notebook.apply(Transaction(changes, ME, step))


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook]


def content(notebook: Notebook) -> dict[str, Any]:
    """All that a notebook holds, deleted cells too, but revisions."""
    cells = {}
    for cell in notebook.known():
        outputs = cell.arrived
        raw = [(key, [*value.items()] if key == "metadata" else value) for key, value in cell.raw.items()]
        shown = [(output.display_id, output.to_json(), output.original is None) for output in outputs]
        cells[cell.id] = (cell.kind, cell.source, raw, cell.execution_count, outputs.pending_clear, shown)
    return {"order": [*notebook.order], "metadata": [*notebook.metadata.items()], "cells": cells}


class Desk:
    """A notebook with its history, as a session joins them."""

    def __init__(self, notebook: Notebook, history: History) -> None:
        self.notebook = notebook
        self.history = history
        self.listener: Callable[[Applied], None] = lambda _: None
        self.selections: tuple[Selection, ...] = ()
        """What the last commit selects again."""

    def do(self, *changes: Change, step: Step = Step.EDIT) -> Applied:
        return self._commit(Transaction(changes, ME, step))

    def select(self, cell: CellId, at: int, text: str, removed: str = "") -> None:
        """Types text in place of what is selected."""
        change, end = SpliceSource(cell, at, removed, text), at + len(text)
        selected = Selected((Selection(at, at + len(removed)),), (Selection(end, end),))
        self._commit(Transaction((change,), ME, Step.TYPING), selected)

    def type(self, cell: CellId, at: int, text: str, removed: str = "") -> Applied:
        return self.do(SpliceSource(cell, at, removed, text), step=Step.TYPING)

    def undo(self, typing_in: CellId | None = None, *, by_group: bool = False) -> bool:
        return self._step(self.history.undo(typing_in=typing_in, by_group=by_group))

    def redo(self, typing_in: CellId | None = None, *, by_group: bool = False) -> bool:
        return self._step(self.history.redo(typing_in=typing_in, by_group=by_group))

    def _step(self, transaction: Transaction | None) -> bool:
        if transaction is not None:
            self._commit(transaction)
        return transaction is not None

    def _commit(self, transaction: Transaction, selected: Selected | None = None) -> Applied:
        applied = self.notebook.apply(transaction)
        self.selections = self.history.record(applied, selected)
        self.listener(applied)
        return applied


# ---- random changes

TEXT = st.text("ab\n\r\b", max_size=4)
STREAM = st.lists(
    st.sampled_from(["a", "bc", "\n", "\r", "\b", "\x1b[A", "\x1b[31m", "\x1b[0m", "\x1b", "[", "\x1b[K", "é"]), max_size=6
).map("".join)
KEY = st.sampled_from(["tags", "collapsed", "name"])


def _anchor(data: st.DataObject, order: Iterable[CellId]) -> CellId | None:
    return data.draw(st.sampled_from([None, *order]))


def random_change(data: st.DataObject, notebook: Notebook, kinds: Iterable[str]) -> Change | None:
    """A change of one of `kinds` that fits the notebook, or None where it has no cell for it."""
    cells = [cell.id for cell in notebook.known()]
    here, gone = [*notebook.order], [cell for cell in cells if cell not in notebook]
    kind = data.draw(st.sampled_from([*kinds]))
    pools = {"delete": here, "move": here, "restore": gone}
    pool = pools.get(kind, cells)
    if kind == "insert":
        return InsertCell(CellData(notebook.new_id(), "code", data.draw(TEXT), {}, data.draw(OUTPUTS)), _anchor(data, here))
    if not pool:
        return None
    return _change(data, notebook, kind, data.draw(st.sampled_from(pool)))


def _change(data: st.DataObject, notebook: Notebook, kind: str, cell: CellId) -> Change:
    here = [other for other in notebook.order if other != cell]
    makers: dict[str, Callable[[], Change]] = {
        "delete": lambda: DeleteCell(cell),
        "restore": lambda: RestoreCell(cell, _anchor(data, here)),
        "move": lambda: MoveCell(cell, _anchor(data, here)),
        "kind": lambda: SetKind(cell, data.draw(st.sampled_from(["code", "markdown", "raw", "sql"]))),
        "metadata": lambda: SetMetadata(
            data.draw(st.sampled_from([cell, None])), data.draw(KEY), data.draw(st.sampled_from([ABSENT, None, ["x"]]))
        ),
        "attachments": lambda: SetAttachments(cell, data.draw(st.sampled_from([None, {}, {"a.png": {"image/png": "AAAA"}}]))),
        "splice": lambda: random_splice(data, notebook, cell),
        "output": lambda: AppendOutput(cell, DISPLAY, data.draw(st.sampled_from([None, "one", "two"]))),
        "stream": lambda: AppendStream(cell, data.draw(st.sampled_from(["stdout", "stderr"])), data.draw(STREAM)),
        "clear": lambda: ClearOutputs(cell, data.draw(st.booleans())),
        "update": lambda: UpdateDisplay(data.draw(st.sampled_from(["one", "two"])), {"text/plain": data.draw(TEXT)}, {}),
        "set": lambda: SetOutputs(cell, data.draw(OUTPUTS)),
        "count": lambda: SetExecutionCount(cell, data.draw(st.sampled_from([None, 1, 2]))),
    }
    return makers[kind]()


LOADED = {"name": "stdout", "output_type": "stream", "text": ["1\n", "2"]}
OUTPUTS = st.sampled_from([(), (OutputData(DISPLAY),), (OutputData(LOADED),), (OutputData(DISPLAY, "one"), OutputData(LOADED))])
OUTPUT_KINDS = ("output", "stream", "clear", "update", "set", "count")
EDIT_KINDS = ("insert", "delete", "restore", "move", "kind", "metadata", "attachments", "splice", "set", "count")
ALL_KINDS = tuple(dict.fromkeys((*OUTPUT_KINDS, *EDIT_KINDS)))


def random_splice(data: st.DataObject, notebook: Notebook, cell: CellId, text: str | None = None) -> SpliceSource:
    source = notebook[cell].source
    start = data.draw(st.integers(0, len(source)))
    stop = data.draw(st.integers(start, len(source))) if text is None else start
    return SpliceSource(cell, start, source[start:stop], data.draw(TEXT) if text is None else text)

"""Undo and redo of a notebook's edits, by the inverses that `apply` gave. (A first version: see the next commit.)"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tuinb.notebook.changes import Applied, CellId, Change, ClientId, DeleteCell, RestoreCell, Step, Transaction
from tuinb.notebook.document import Notebook


@dataclass(frozen=True, slots=True)
class _Entry:
    inverse: tuple[Change, ...]
    label: str
    held: tuple[CellId, ...]


class History:
    def __init__(self, notebook: Notebook, limit: int = 1000) -> None:
        self._notebook = notebook
        self._limit = limit
        self._undo: deque[_Entry] = deque()
        self._redo: deque[_Entry] = deque()

    def record(self, applied: Applied) -> None:
        """Takes in every commit, in order."""
        held = tuple([c.cell for c in applied.inverse if isinstance(c, RestoreCell | DeleteCell)])
        entry = _Entry(applied.inverse, applied.label, held)
        match applied.step:
            case Step.EDIT:
                self._drop(self._redo)
                self._push(self._undo, entry)
            case Step.UNDO:
                self._notebook.release(self._undo.pop().held)
                self._push(self._redo, entry)
            case Step.REDO:
                self._notebook.release(self._redo.pop().held)
                self._push(self._undo, entry)
            case Step.TYPING | Step.OUTPUT:
                pass

    def undo(self, origin: ClientId = ClientId("")) -> Transaction | None:
        return self._transaction(self._undo, Step.UNDO, origin)

    def redo(self, origin: ClientId = ClientId("")) -> Transaction | None:
        return self._transaction(self._redo, Step.REDO, origin)

    def _transaction(self, stack: deque[_Entry], step: Step, origin: ClientId) -> Transaction | None:
        return Transaction(stack[-1].inverse, origin, step, stack[-1].label) if stack else None

    def _push(self, stack: deque[_Entry], entry: _Entry) -> None:
        self._notebook.retain(entry.held)
        stack.append(entry)
        if len(stack) > self._limit:
            self._notebook.release(stack.popleft().held)

    def _drop(self, stack: deque[_Entry]) -> None:
        while stack:
            self._notebook.release(stack.pop().held)

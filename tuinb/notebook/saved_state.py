"""Whether a notebook differs from the saved file. The notebook is unmodified again once its saved content is back.

Sources are compared by their hashes, whatever changed them. All other content gets a number. An undo whose changes, apart from
those of sources, are exactly the inverse of the latest step returns to the number before it. Any other commit that changes more
than sources (outputs, an undo that had to be rebased) leads to a new number.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from tuinb.notebook.changes import SpliceSource, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.notebook.changes import Applied, CellId, Change
    from tuinb.notebook.document import Notebook

_Steps: TypeAlias = "deque[tuple[int, tuple[Change, ...]]]"

REMEMBERED = 1000
"""Number of steps back at which an earlier content is recognised."""


class SavedState:
    """Tracks whether the notebook differs from the saved file. Equal values `current` and `saved` mean equal contents."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._number = self._latest = 0
        self._sources = 0
        """Sum of the hashes of all changed sources, less the hashes of what they were at first."""
        self._hashes: dict[CellId, int] = {}
        """Hashes of sources that changed."""
        self.saved = self.current
        self._undoable: _Steps = deque(maxlen=REMEMBERED)
        self._redoable: _Steps = deque(maxlen=REMEMBERED)

    @property
    def current(self) -> tuple[int, int]:
        """Stands for the content: the number of all but the sources, and a hash of the sources."""
        return self._number, self._sources

    def follow(self, applied: Applied) -> None:
        """Updates `current` after a commit. The cost follows the cells whose sources changed."""
        for cell in dict.fromkeys(change.cell for change in applied.changes if isinstance(change, SpliceSource)):
            self._follow_source(cell, applied.inverse)
        changes, inverse = _without_sources(applied.changes), _without_sources(applied.inverse)
        if applied.step in (Step.UNDO, Step.REDO):
            self._follow_undo(applied.step, changes, inverse)
        elif applied.step is Step.EDIT:
            self._undoable.append((self._number, inverse))
            self._redoable.clear()
            if changes:
                self._next()
        elif changes:
            self._forget()

    def _follow_source(self, cell: CellId, inverse: Sequence[Change]) -> None:
        source = self._notebook[cell].source
        after = hash((cell, source))
        before = self._hashes.get(cell)
        if before is None:
            for change in inverse:
                if isinstance(change, SpliceSource) and change.cell == cell:
                    source = f"{source[: change.at]}{change.inserted}{source[change.at + len(change.removed) :]}"
            before = hash((cell, source))
        self._hashes[cell] = after
        self._sources += after - before

    def _follow_undo(self, step: Step, changes: tuple[Change, ...], inverse: tuple[Change, ...]) -> None:
        back, forth = self._undoable, self._redoable
        if step is Step.REDO:
            back, forth = forth, back
        if back and back[-1][1] == changes:
            before = back.pop()[0]
            forth.append((self._number, inverse))
            self._number = before
        else:
            self._forget()

    def _forget(self) -> None:
        self._undoable.clear()
        self._redoable.clear()
        self._next()

    def _next(self) -> None:
        self._latest += 1
        self._number = self._latest


def _without_sources(changes: Sequence[Change]) -> tuple[Change, ...]:
    return tuple([change for change in changes if not isinstance(change, SpliceSource)])

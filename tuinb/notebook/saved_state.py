"""Whether a notebook differs from the saved file, across undo and redo: undoing back to the saved content is unmodified.

Every content gets a number. An undo whose changes are exactly the inverse of the latest step returns to the number before it.
Contents are not compared: any other commit (typing, outputs, an undo that had to be rebased) leads to a new number.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tuinb.notebook.changes import Step

if TYPE_CHECKING:
    from tuinb.notebook.changes import Applied, Change


REMEMBERED = 1000
"""Number of steps back at which an earlier content is recognised."""


class SavedState:
    """Tracks whether the notebook differs from the saved file. Equal numbers `current` and `saved` mean equal contents."""

    def __init__(self) -> None:
        self.saved = self.current = self._latest = 0
        self._undoable: deque[tuple[int, tuple[Change, ...]]] = deque(maxlen=REMEMBERED)
        self._redoable: deque[tuple[int, tuple[Change, ...]]] = deque(maxlen=REMEMBERED)

    def follow(self, applied: Applied) -> None:
        """Updates `current` after a commit."""
        back, forth = self._undoable, self._redoable
        if applied.step in (Step.UNDO, Step.REDO):
            if applied.step is Step.REDO:
                back, forth = forth, back
            if back and back[-1][1] == applied.changes:
                before = back.pop()[0]
                forth.append((self.current, applied.inverse))
                self.current = before
                return
        elif applied.step is Step.EDIT:
            back.append((self.current, applied.inverse))
            forth.clear()
            self._next()
            return
        back.clear()
        forth.clear()
        self._next()

    def _next(self) -> None:
        self._latest += 1
        self.current = self._latest

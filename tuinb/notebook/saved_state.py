"""Names for the contents that a notebook goes through, so that undoing back to the saved one reads as unmodified.

Nothing is compared but what a step undoes: an undo whose changes are exactly the inverse of the latest step brings back the
content before it. Whatever else happens (typing, outputs, an undo that had to be rebased) makes a content never seen before.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tuinb.notebook.changes import Step

if TYPE_CHECKING:
    from tuinb.notebook.changes import Applied, Change


REMEMBERED = 1000
"""How many steps back a content is known again."""


class Contents:
    """`current` and `saved` are names: equal ones mean equal contents."""

    def __init__(self) -> None:
        self.saved = self.current = self._latest = 0
        self._undoable: deque[tuple[int, tuple[Change, ...]]] = deque(maxlen=REMEMBERED)
        self._redoable: deque[tuple[int, tuple[Change, ...]]] = deque(maxlen=REMEMBERED)

    def follow(self, applied: Applied) -> None:
        """Names the content after a commit."""
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

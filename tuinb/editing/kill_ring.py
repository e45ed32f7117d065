"""The kill ring: texts that were cut, the last one first, as Emacs has it.

Kills that follow each other without another key between them join to one text. `yank` gives the last text, and `rotate` the
one before it, again and again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 60
"""Texts that are kept."""


class KillRing(Record, frozen=False):
    """The texts, and which one was yanked last."""

    _texts: list[str] = field(default_factory=list)
    _at: int = 0
    """Index of the text that was yanked last."""

    @property
    def texts(self) -> Sequence[str]:
        """The texts, the last one first."""
        return self._texts

    @texts.setter
    def texts(self, texts: Sequence[str]) -> None:
        self._texts, self._at = list(texts[:MOST]), 0

    def kill(self, text: str, *, joins: bool = False, before: bool = False) -> str:
        """Adds a text and returns it. If it `joins`, it becomes a part of the last one, its start if it was `before` that."""
        if joins and self._texts:
            text = text + self._texts[0] if before else self._texts[0] + text
            self._texts[0] = text
        elif text:
            self._texts.insert(0, text)
            del self._texts[MOST:]
        self._at = 0
        return text

    def yank(self, clipboard: str = "") -> str:
        """Returns the last text; at first what another command has copied since, if `clipboard` is something else.

        Returns an empty string if there is none.
        """
        if clipboard and self._texts[:1] != [clipboard]:
            self.kill(clipboard)
        self._at = 0
        return self._texts[0] if self._texts else ""

    def rotate(self) -> str:
        """Returns the text before the one that was yanked last; after the first one, the last again."""
        if not self._texts:
            return ""
        self._at = (self._at + 1) % len(self._texts)
        return self._texts[self._at]

"""Suggests how a line goes on, from lines that were written before."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEAST = 2
"""Characters of a line before anything is suggested."""
_MOST = 200
"""Lines with the same beginning that are compared."""
_LONGEST = 400
"""Characters of the longest line that is remembered."""


class Suggestions:
    """Lines of texts, of which the later ones are preferred."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._age: dict[str, int] = {}
        count = 0
        for text in texts:
            for line in text.split("\n"):
                line = line.strip()
                if _LEAST < len(line) <= _LONGEST:
                    count += 1
                    self._age[line] = count
        self._sorted = sorted(self._age)

    def after(self, line: str) -> str:
        """Returns how a line goes on. Empty if no earlier line begins with it. Its indentation does not matter."""
        typed = line.lstrip()
        if len(typed) < _LEAST:
            return ""
        at = bisect_left(self._sorted, typed)
        best, age = "", -1
        for known in self._sorted[at : at + _MOST]:
            if not known.startswith(typed):
                break
            if known != typed and self._age[known] > age:
                best, age = known, self._age[known]
        return best[len(typed) :]

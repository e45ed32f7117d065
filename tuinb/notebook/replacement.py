r"""Replaces what a search found in sources.

For a plain query the replacement is plain, too. For a regular expression it may have `\1` to `\9` and `\g<name>` for groups
(`\0` for the whole match), `\n` and `\t`, `\\`, and as in other editors `\u` and `\l` for the case of the next character,
`\U` and `\L` for that of what follows up to `\E`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tuinb.notebook.changes import SpliceSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.search import Query

_PIECE: Final = re.compile(
    r"\\(?:(?P<number>[0-9])|g<(?P<name>\w+)>|(?P<sign>[nt\\])|(?P<case>[ulULE])|(?P<bad>.?))|[^\\]+", re.DOTALL
)
_SIGNS: Final = {"n": "\n", "t": "\t", "\\": "\\"}
_CASES: Final[dict[str, Callable[[str], str]]] = {"u": str.upper, "U": str.upper, "l": str.lower, "L": str.lower}


class Replacement:
    """What each match of a query becomes."""

    def __init__(self, query: Query, text: str) -> None:
        self._query = query
        self.text = text
        """What was written."""
        self._pieces = list(_PIECE.finditer(text)) if query.is_regex else None
        self.problem = query.problem or self._problem()
        """Why nothing can be replaced. Empty if it can."""

    def _problem(self) -> str:
        for piece in self._pieces or ():
            if piece["bad"] is not None:
                return rf"\{piece['bad']} means nothing: write \\ for a backslash"
            group = piece["name"] or int(piece["number"] or 0)
            if group not in (*range(self._query.groups + 1), *self._query.names):
                return f"there is no group {group}"
        return ""

    def of(self, text: str, start: int, end: int) -> str:
        """Returns what a match at `start` of a text becomes."""
        if self._pieces is None:
            return self.text
        first = text.rfind("\n", 0, start) + 1
        line = text[first:] if (last := text.find("\n", end)) < 0 else text[first:last]
        found = self._query.match(line, start - first)
        return self._filled(found) if found is not None else text[start:end]

    def _filled(self, found: re.Match[str]) -> str:
        made: list[str] = []
        case, once = "E", ""
        for piece in self._pieces or ():
            if piece["case"]:
                if piece["case"] in "ul":
                    once = piece["case"]
                else:
                    case = piece["case"]
                continue
            if piece["number"] or piece["name"]:
                text = found[int(piece["number"]) if piece["number"] else piece["name"]] or ""
            else:
                text = _SIGNS[piece["sign"]] if piece["sign"] else piece[0]
            text = _CASES.get(case, str)(text)
            if once and text:
                text, once = _CASES[once](text[0]) + text[1:], ""
            made.append(text)
        return "".join(made)

    @property
    def timed_out(self) -> bool:
        """Whether the regular expression took too long in a source."""
        return bool(self._query.problem)

    def in_cell(self, cell: Cell, since: int = 0) -> tuple[SpliceSource, int] | None:
        """Returns what replaces all matches in a source from an offset on, and their number. None if nothing changes."""
        source = cell.source
        hits = [hit for hit in self._query.hits(source) if hit[0] >= since]
        if not hits:
            return None
        made, at = list[str](), hits[0][0]
        for start, end in hits:
            made += (source[at:start], self.of(source, start, end))
            at = end
        removed, inserted = source[hits[0][0] : at], "".join(made)
        return (SpliceSource(cell.id, hits[0][0], removed, inserted), len(hits)) if removed != inserted else None

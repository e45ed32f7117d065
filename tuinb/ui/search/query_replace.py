"""Replaces matches in sources one by one, with a question at each, as Emacs does: `y`, `n`, `!`, `.`, `q`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from rich.style import Style

from tuinb.notebook.changes import SpliceSource
from tuinb.notebook.search import SOURCE, Match, offset_of
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.floating import BORDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.strip import Strip

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.replacement import Replacement
    from tuinb.notebook.search import Query

_ANSWERS = {
    "y": "y",
    "space": "y",
    "n": "n",
    "backspace": "n",
    "delete": "n",
    "exclamation_mark": "!",
    "full_stop": ".",
    "q": "q",
    "enter": "q",
    "ctrl+j": "q",
    "escape": "q",
    "ctrl+c": "q",
}
"""Key → the answer that it is."""


class Replaced(NamedTuple):
    """How many matches were replaced, and in how many cells."""

    matches: int
    cells: int


class Replacer(Protocol):
    """What changes the notebook. Each call but the first goes on with the same step of undo."""

    def show(self, match: Match) -> None:
        """Shows a match."""
        ...

    def replace(self, splice: SpliceSource, *, goes_on: bool) -> None:
        """Replaces text."""
        ...

    async def replace_in(self, cells: Sequence[CellId], replacement: Replacement, *, start: int, goes_on: bool) -> Replaced:
        """Replaces all matches in cells, in the first one those from the offset `start` on."""
        ...


class QueryReplace:
    """Goes from a match on to the end of the notebook, match by match, and replaces those that it is told to."""

    def __init__(self, notebook: Notebook, query: Query, replacement: Replacement, start: Match, replacer: Replacer) -> None:
        self._notebook = notebook
        self._query = query
        self._replacement = replacement
        self._replacer = replacer
        self._cells = list(notebook.order[notebook.index(start.cell) :])
        """The cell of the match that is asked about, and those below."""
        self._at = 0
        """The offset in that cell that the next search begins at."""
        self._hit = (0, 0)
        """Start and end of the match that is asked about."""
        self.replaced = 0
        """Matches that were replaced."""
        self.current: Match | None = None
        """The match that is asked about. None at the end."""
        if start.place == SOURCE:
            self._at = offset_of(notebook[start.cell].source, start) or 0
        else:
            del self._cells[0]  # its source is above its outputs
        self._find()

    @property
    def question(self) -> str:
        """What is asked at each match."""
        return f"Replace {self._query.text} by {self._replacement.text}?"

    def _find(self) -> None:
        """Goes to the next match, and shows it."""
        self.current = None
        while self._cells and self.current is None:
            cell = self._cells[0]
            source = self._notebook[cell].source if cell in self._notebook else ""
            hit = next((hit for hit in self._query.hits(source) if hit[0] >= self._at), None)
            if hit is None:
                self._cells, self._at = self._cells[1:], 0
            else:
                self._hit = hit
                column = hit[0] - source.rfind("\n", 0, hit[0]) - 1
                self.current = Match(cell, SOURCE, source.count("\n", 0, hit[0]), column, hit[1] - hit[0])
                self._replacer.show(self.current)

    def skip(self) -> None:
        """Leaves the match as it is, and goes to the next one."""
        self._at = self._hit[1]
        self._find()

    def replace(self, *, is_last: bool = False) -> None:
        """Replaces the match, and goes to the next one unless it is the last to replace.

        One that somebody has changed meanwhile is left as it is.
        """
        cell, (start, end) = self._cells[0], self._hit
        source = self._notebook[cell].source if cell in self._notebook else ""
        if self._hit in self._query.hits(source):
            inserted = self._replacement.of(source, start, end)
            splice = SpliceSource(cell, start, source[start:end], inserted)
            self._replacer.replace(splice, goes_on=self.replaced > 0)
            self.replaced += 1
            self._at = start + len(inserted)
        if not is_last:
            self._find()

    async def replace_rest(self) -> None:
        """Replaces the match and all below."""
        cells, self._cells = self._cells, []
        goes_on = self.replaced > 0
        found = await self._replacer.replace_in(cells, self._replacement, start=self._hit[0], goes_on=goes_on)
        self.replaced += found.matches
        self._find()


class QueryBar(Dialog[bool]):
    """Asks at each match until there are no more, or the user ends it. A key of another command ends it, and runs that."""

    badge = "REPLACE"
    hints = (
        "y replaces  n skips  ! replaces all below  . replaces and ends  q ends",
        "y yes  n no  ! all below  . yes, then ends  q ends",
        "q ends",
    )

    def __init__(self, role: Role, question: str, query: QueryReplace, leave: Callable[[events.Key], object]) -> None:
        super().__init__(role)
        self._question = question
        self._query = query
        self._leave = leave
        self.styles.height = 1 + BORDER

    def render_line(self, y: int) -> Strip:
        return self.row(f"{self._question}  y n ! . q", Style(bold=True))

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        answer = _ANSWERS.get(event.key, "")
        if not answer and not event.is_printable:
            self._leave(event)
            self.finish(True)
            return
        if answer in ("y", "."):
            self._query.replace(is_last=answer == ".")
        elif answer == "n":
            self._query.skip()
        elif answer == "!":
            await self._query.replace_rest()
        if answer in ("!", ".", "q") or self._query.current is None:
            self.finish(True)

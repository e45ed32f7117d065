"""Search on the event loop in slices of a few milliseconds, from the current cell to the end and on from the top.

The first match at or after the origin is shown as soon as it is found; the search goes on to count the others. Results are kept
until the notebook changes; the next step then searches again.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tuinb.notebook.search import Match, Query, search
from tuinb.regex_timeout import regex_timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.search import Texts

SLICE = 0.006
"""Seconds of searching before the event loop gets its turn."""
_TURNS = 8
"""Turns of the event loop between two slices: a key passes through several queues before it is seen."""
MOST_MATCHES = 100_000
"""Maximum number of matches that are kept."""


async def give_way() -> None:
    """Lets the event loop do what waits, such as a key, and goes on at once if nothing does."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class BackgroundSearch:
    """One search at a time. Calls `go` with each match to show, and `changed` when `message` has changed."""

    def __init__(self, notebook: Notebook, texts: Texts, go: Callable[[Match], None], changed: Callable[[], None]) -> None:
        self._notebook = notebook
        self._texts = texts
        self._go = go
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._revision = -1
        self._after: list[Match] = []
        """Matches from the origin's cell on. Complete before the search fills `_before`."""
        self._before: list[Match] = []
        """Matches in the cells above the origin's cell."""
        self._cells: Sequence[CellId] = ()
        self._steps = 0
        """Steps that were asked for before any match was found."""
        self._matches: list[Match] | None = None
        """All matches in notebook order; None while the search runs."""
        self.query = Query("")
        self.current: Match | None = None
        """The match that is shown."""
        self.wrapped = False
        """Whether the last step passed an end of the searched cells."""

    @property
    def message(self) -> str:
        """The result as text: `3 of 17`, `no match`, `searching…`, or the error in the regular expression."""
        if self.query.problem:
            return self.query.problem
        if not self.query.text:
            return ""
        if self._matches is None:
            return "searching…"
        if not self._matches or self.current is None:
            return "no match"
        more = "the first " if len(self._matches) >= MOST_MATCHES else ""
        place = self._matches.index(self.current) + 1 if self.current in self._matches else 0
        return f"{place:,} of {more}{len(self._matches):,}" + (", wrapped" if self.wrapped else "")

    def start(
        self, text: str, cells: Sequence[CellId], origin: CellId | None, *, at: Match | None = None, direction: int = 1
    ) -> None:
        """Starts a search for `text` in `cells`. Shows the first match from the cell `origin` on.

        `at` is a place in that cell to begin at, `direction` -1 shows the match before it.
        """
        self.stop()
        self.query, self.current, self.wrapped = Query(text, regex_timeout), None, False
        self._cells = cells
        self._begin(origin, at, direction)

    def step(self, direction: int) -> None:
        """Shows the next match (1) or the previous one (-1). Wraps at the ends. Waits for the first match, if need be."""
        if self._task is not None and self.current is None:
            self._steps += direction
            return
        known = self._matches if self._revision == self._notebook.revision else None
        if known is None or self.current is None or self.current not in known:
            origin = self.current
            self.stop()
            cells = [cell for cell in self._cells if cell in self._notebook]
            self._cells = cells
            at = origin.cell if origin is not None and origin.cell in cells else None
            self._begin(at, origin if at else None, direction)
            return
        place = known.index(self.current) + direction
        self.wrapped = not 0 <= place < len(known)
        self._show(known[place % len(known)])

    async def settle(self) -> None:
        """Waits until a match is shown, and the steps that were asked for are done, or a second has passed."""
        if self._task is not None and (self.current is None or self._steps):
            await asyncio.wait({self._task}, timeout=1)

    def stop(self) -> None:
        """Cancels a running search."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def restore(self, text: str, current: Match | None) -> None:
        """Restores the query and the match of an earlier search. The next step searches again."""
        self.query, self.current, self._matches = Query(text, regex_timeout), current, None

    def _begin(self, start: CellId | None, origin: Match | None, direction: int) -> None:
        self._after, self._before, self._matches, self._steps = [], [], None, 0
        self._revision = self._notebook.revision
        if not self.query.text or self.query.problem:
            self._matches = []
            self._changed()
            return
        self._task = asyncio.get_running_loop().create_task(self._run(start, origin, direction))

    async def _run(self, start: CellId | None, origin: Match | None, direction: int) -> None:
        at = self._cells.index(start) if start in self._cells and start is not None else 0
        eager = direction > 0
        for cells, into in ((self._cells[at:], self._after), (self._cells[:at], self._before)):
            if len(self._after) >= MOST_MATCHES:
                break
            until = time.perf_counter() + SLICE
            known = (self._notebook[cell] for cell in cells if cell in self._notebook)
            for found in search(self.query, known, self._texts):
                into += found
                if eager and (first := next((match for match in found if _later(match, origin)), None)):
                    eager = False
                    self.wrapped = into is self._before
                    self._show(first)
                if len(self._after) + len(self._before) >= MOST_MATCHES:
                    break
                if time.perf_counter() > until:
                    await give_way()
                    until = time.perf_counter() + SLICE
        self._task = None
        # The match that is shown was found first, so the last matches are dropped.
        del self._after[MOST_MATCHES:]
        self._matches = self._before[: MOST_MATCHES - len(self._after)] + self._after
        if direction < 0 or eager:
            self._show_last(origin, direction)
        steps, self._steps = self._steps, 0
        for _ in range(abs(steps) if self._matches else 0):
            self.step(1 if steps > 0 else -1)
        self._changed()

    def _show_last(self, origin: Match | None, direction: int) -> None:
        """Shows a match that is known only at the end of the search: the previous one, or the first one of all."""
        matches = self._matches or []
        if not matches:
            self.current = None
            return
        if direction > 0:
            self.wrapped = True
            self._show(matches[0])
            return
        earlier = [match for match in self._after if origin is not None and match.cell == origin.cell and match < origin]
        before = earlier[-1] if earlier else self._before[-1] if self._before else None
        self.wrapped = before is None
        self._show(before or matches[-1])

    def _show(self, match: Match) -> None:
        self.current = match
        self._go(match)
        self._changed()

    def number(self, match: Match, fields: int) -> int:
        """Returns the index of a match among those with the same first `fields` fields: 2 for its text, 3 for its line."""
        known = next((part for part in (self._after, self._before) if match in part), [])
        at = known.index(match) if known else 0
        first = at
        while first and known[first - 1][:fields] == match[:fields]:
            first -= 1
        return at - first


def _later(match: Match, origin: Match | None) -> bool:
    """Returns whether a match in the origin's cell or a later one is after the origin."""
    return origin is None or match.cell != origin.cell or match > origin

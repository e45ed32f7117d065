"""One search on the screen: joins the search bar to the background search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.notebook.search import SOURCE, offset_of
from tuinb.ui.search.background import BackgroundSearch
from tuinb.ui.search.find_bar import FindBar, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.search import Match, Texts
    from tuinb.ui.shell import Shell


class TextSearch:
    """One search and its bar. `go` shows a match; `report` shows the result after a step without the bar."""

    def __init__(
        self, shell: Shell, notebook: Notebook, texts: Texts, go: Callable[[Match], None], report: Callable[[], object]
    ) -> None:
        self._shell = shell
        self._notebook = notebook
        self._report = report
        self.background = BackgroundSearch(notebook, texts, go, self._changed)
        self._bar: FindBar | None = None
        self.said = ""
        """What the bar shows instead of the number of matches."""
        self.direction = 1
        """Whether the last step in the bar went on (1) or back (-1)."""

    async def ask(
        self,
        cells: Sequence[CellId],
        origin: CellId | None,
        *,
        at: Match | None = None,
        direction: int = 1,
        replaces: bool = False,
        is_incremental: bool = False,
        replace: Callable[[str, bool], bool] | None = None,
        ask: Callable[[str], bool] | None = None,
        grown: Callable[[int], object] | None = None,
        goes_on: bool = False,
        seed: str = "",
    ) -> bool:
        """Opens the bar and searches as the user types. Returns whether the user kept the result.

        `at` and `direction` are as in BackgroundSearch.start. `replaces` shows the line that replaces matches at once.
        With `is_incremental`, as in Emacs, the last search is not in the bar at first: Ctrl+S and Ctrl+R bring it. A key of
        another command keeps the result, and runs that. Ctrl+W takes a word of the text after the match. `replace`, `ask` and
        `grown` are as in Finding. With `goes_on`, Enter goes to the next match, and Escape stays there. `seed` is in the bar at
        first; without one, it is the last search.
        """
        background, before = self.background, (self.background.query.text, self.background.current)
        self.direction = direction

        started = False

        def shown() -> Match | None:
            return background.current if started and background.query.text else None

        def typed(text: str) -> None:
            nonlocal started
            self.said, found, known = "", shown(), background.query.text
            started = True
            if is_incremental and self.direction > 0 and found is not None and text.startswith(known):
                # As in Emacs, what continues the text is searched from the match on.
                background.start(text, cells, found.cell, at=found._replace(length=-1))
            else:
                background.start(text, cells, origin, at=at, direction=direction)

        def following() -> str:
            place = shown() or at
            if place is None or place.place != SOURCE or place.cell not in self._notebook:
                return ""
            source = self._notebook[place.cell].source
            start = offset_of(source, place)
            return "" if start is None else source[start + max(0, place.length) :].partition("\n")[0]

        def step(direction: int) -> None:
            self.direction = direction
            background.step(direction)

        finding = Finding(
            typed,
            step,
            background.settle,
            lambda: self.said or background.message,
            replace,
            self._shell.show_status,
            grown,
            replaces,
            before[0],
            ask,
            self._shell.give_back if is_incremental else None,
            following if is_incremental else None,
            (lambda: background.current is not None) if goes_on else None,
        )
        self.said = ""
        self._bar = FindBar(self._shell.role, "" if is_incremental else seed or before[0], finding)
        try:
            kept = await self._shell.dialogs.open(self._bar)
        finally:
            self._bar = None
        if not kept:
            background.stop()
            background.restore(*before)
        return bool(kept)

    def again(self, direction: int) -> None:
        """Goes to the next match (1) or the previous one (-1) of the last search."""
        if self.background.query.text:
            self.background.step(direction)
        else:
            self._shell.dialogs.notify("No search yet.", hint="{find} finds text.")

    def report(self, text: str) -> None:
        """Shows what became of replacing all: in the bar if it is still open."""
        if self._bar is not None:
            self.said = text
            self._bar.refresh_message()
        else:
            self._shell.dialogs.notify(f"{self.background.query.text}: {text}")

    def _changed(self) -> None:
        if self._bar is not None:
            self._bar.refresh_message()
        else:
            self._report()

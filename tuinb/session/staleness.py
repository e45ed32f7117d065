"""Feeds the runs of a session's kernel and the notebook to analysis/staleness.py, and keeps what is known against cells.

The analysis runs in a thread: after runs, and when typing pauses. It has its own copy of the runs; `judgements` is what it
found last. For other languages than Python there are no judgements, only the facts: edited since, run by an earlier kernel.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from tuinb.analysis.judgement import NOTHING_KNOWN
from tuinb.analysis.name_uses import names_of, set_by
from tuinb.analysis.staleness import Staleness
from tuinb.jobs import shared
from tuinb.record import Record
from tuinb.session.events import CellsChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tuinb.analysis.judgement import Judgement
    from tuinb.analysis.name_uses import NameUse
    from tuinb.analysis.page import Page
    from tuinb.analysis.staleness import Origin
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.session.events import SessionEvent

_PYTHON = frozenset({"python", "ipython", "python3"})
_AFTER_RUN = 0.05
"""Seconds from a run until the cells are judged: runs follow each other fast."""
_AFTER_EDIT = 0.4
"""Seconds without an edit until the cells are judged."""


class _Run(Record):
    cell: CellId
    source: str
    ok: bool


class SessionStaleness:
    """What is known against the results of cells, by the runs of the current kernel."""

    def __init__(self, notebook: Notebook, notify: Callable[[SessionEvent], None], is_edited: Callable[[CellId], bool]) -> None:
        self._notebook = notebook
        self._notify = notify
        self._is_edited = is_edited
        self._staleness = Staleness()
        self._waiting: list[_Run | None] = []
        """Runs that the analysis does not know yet. None stands for the end of a kernel."""
        self._has_runs = False
        self._wanted = False
        """Whether anybody asked for judgements. Runs without a screen do not."""
        self._timer: asyncio.TimerHandle | None = None
        self._works = False
        self._settled = asyncio.Event()
        self._judgements: Mapping[CellId, Judgement] = {}
        self.count = 0
        """Number of cells that are stale or edited."""

    # ---- what happens

    def ran(self, cell: CellId, source: str, *, ok: bool) -> None:
        """Notes a run of the current kernel, in the order of execution."""
        self._waiting.append(_Run(cell, source, ok))
        self._has_runs = True
        self._schedule(_AFTER_RUN)

    def kernel_lost(self) -> None:
        """Notes that the kernel is gone, and all names with it."""
        self._waiting = [None]
        self._has_runs = False
        self._schedule(_AFTER_RUN)

    def edited(self) -> None:
        """Notes that sources or the order of cells changed."""
        self._schedule(_AFTER_EDIT)

    def close(self) -> None:
        """Stops judging."""
        if self._timer is not None:
            self._timer.cancel()
        shared().cancel(self)

    # ---- what is known

    @property
    def judgements(self) -> Mapping[CellId, Judgement]:
        """What is known against the cells. They are judged from the first call on."""
        if not self._wanted:
            self._wanted = True
            if self._waiting:
                self._schedule(_AFTER_RUN)
        return self._judgements

    async def settled(self) -> None:
        """Waits until everything that happened so far is judged."""
        self._wanted = True
        if self._waiting and self._timer is None:
            self._schedule(0)
        while self._timer is not None or self._works:
            if self._timer is not None and not self._works:
                self._start()
            await self._settled.wait()

    def marked(self) -> list[CellId]:
        """Returns the cells that are stale or edited, from top to bottom."""
        known = self._judgements
        return [
            cell.id
            for cell in self._notebook
            if ((found := known.get(cell.id)) is not None and found.reasons) or self._is_edited(cell.id)
        ]

    @property
    def reads_names(self) -> bool:
        """Whether the names of the notebook's language are read."""
        return self._notebook.language.lower() in _PYTHON

    async def plan(self, targets: Iterable[CellId]) -> list[CellId]:
        """Returns the cells to run so that the targets follow from the cells above them, the targets included."""
        return await self._ask(Staleness.plan, targets)

    async def followers(self, cells: Iterable[CellId]) -> list[CellId]:
        """Returns the cells and those below that use what they give."""
        return await self._ask(Staleness.followers, cells)

    async def _ask(
        self, question: Callable[[Staleness, Page, Iterable[CellId]], list[CellId]], cells: Iterable[CellId]
    ) -> list[CellId]:
        """Asks the analysis, in a thread, once it has judged the page as it is now."""
        await self.settled()
        page = self._page()

        def work() -> list[CellId]:
            self._staleness.judge(page)
            return question(self._staleness, page, cells)

        with self._alone():
            return await shared().run(work)

    async def names(self) -> list[NameUse]:
        """Returns the names of the notebook, and where they are set, changed and used."""
        return await shared().run(names_of, self._page())

    async def origins(self) -> Mapping[str, Origin]:
        """Returns the cells whose runs gave the kernel's names their values. Empty for other languages than Python."""
        if not self.reads_names:
            return {}
        await self.settled()
        with self._alone():
            return await shared().run(self._staleness.origins)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps the analysis for one thread. To be entered right after `settled`, with no await between them."""
        self._works = True
        self._settled.clear()
        try:
            yield
        finally:
            self._works = False
            self._settled.set()

    async def set_by(self, cell: CellId) -> frozenset[str]:
        """Returns the names that a cell sets when it runs. None for other languages than Python."""
        if not self.reads_names or cell not in self._notebook or self._notebook[cell].kind != "code":
            return frozenset()
        return await shared().run(set_by, self._notebook[cell].source)

    # ---- judging

    def _page(self) -> Page:
        if not self.reads_names:
            return []
        return [(cell.id, cell.source) for cell in self._notebook if cell.kind == "code" and cell.source.strip()]

    def _schedule(self, seconds: float) -> None:
        if not self._wanted:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._settled.clear()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._works:  # `_done` begins again
            self._timer = asyncio.get_running_loop().call_later(_AFTER_RUN, self._start)
            return
        self._works = True
        self._settled.clear()
        if not self._has_runs and not self._waiting:
            self._done({})
            return
        runs, self._waiting = self._waiting, []
        work = partial(_judge, self._staleness, runs, self._page())
        shared().submit(self, work, done=self._done, failed=self._failed)

    def _done(self, judgements: Mapping[CellId, Judgement]) -> None:
        old, self._judgements = self._judgements, judgements
        self._works = False
        self._settled.set()
        cells = {*old, *judgements}
        changed = [cell for cell in cells if old.get(cell, NOTHING_KNOWN) != judgements.get(cell, NOTHING_KNOWN)]
        count, self.count = self.count, len(self.marked())
        if changed or count != self.count:
            self._notify(CellsChanged(tuple(changed)))

    def _failed(self, error: BaseException) -> None:
        self._done({})
        asyncio.get_running_loop().call_exception_handler({"message": "staleness can't be judged", "exception": error})


def _judge(staleness: Staleness, runs: Sequence[_Run | None], page: Page) -> Mapping[CellId, Judgement]:
    """Tells the analysis about runs, and judges the page. Runs in a thread, and leaves the processor to others in between."""
    for run in runs:
        if run is None:
            staleness.forget_kernel()
        else:
            staleness.ran(run.cell, run.source, ok=run.ok)
            time.sleep(0)
    return staleness.judge(page, partial(time.sleep, 0))

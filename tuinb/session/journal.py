"""Writes what changes in a session to its journal, so that a killed program loses no more than the last moment.

A commit is handed to a thread as plain changes. The thread writes what came within DELAY at once, up to the disk. Nothing
waits for it. The journal exists only while there are changes that are not saved; its format is in files/journal.

If the journal grows far over the notebook (a progress bar, an animation), or could not be written, the thread asks for a
snapshot of the notebook, with which a new journal begins.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeAlias

from tuinb.errors import shown
from tuinb.notebook import changes as c

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.files.journal.writer import Base, JournalWriter
    from tuinb.files.notebook_file import NotebookFile
    from tuinb.notebook.changes import Applied, CellId, Transaction
    from tuinb.notebook.document import Notebook

    Task: TypeAlias = Callable[[], None]

DELAY = 0.25
"""Seconds that a change waits for others, to be written with them."""
RETRY = 30.0
"""Seconds until the journal is tried again after it could not be written."""
LONGEST = 5.0
"""Seconds that the end of the program waits for the disk."""
LARGE = 8 << 20
"""Bytes of changes that are never too many."""


class SessionJournal:
    """The journal of one session. `report` shows a problem to the user.

    Call all methods on the event loop. `record` has to be called with each commit before the next one.
    """

    def __init__(self, notebook: Notebook, file: NotebookFile, report: Callable[[str], None]) -> None:
        self._notebook = notebook
        self._notebook_file = file
        self._report = report
        self._ids: Sequence[CellId] = list(notebook.order)
        self._seed = () if file.ipynb else _seed(notebook)
        self._data = file.ipynb
        self._since: list[Transaction] | None = None
        """What was recorded since the snapshot of a save that is going on."""
        self._saving: Sequence[CellId] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._tasks: deque[Transaction | Task] = deque()
        self._is_awake = False
        self._wake = Event()
        self._urgent = Event()
        self._ended = False
        # The following are the thread's.
        self._writer: JournalWriter | None = None
        self._base: Base | None = None
        self._failed_at: float | None = None
        self._is_waiting_for_snapshot = False
        self.problem = ""
        """Why the journal can't be written. Empty if it can."""

    # ---- what happens in the session

    def record(self, applied: Applied) -> None:
        """Writes a commit to the journal, soon."""
        from tuinb.notebook.plain import plain

        transaction = plain(applied, self._notebook)
        if transaction.changes:
            self._put(transaction)
            if self._since is not None:
                self._since.append(transaction)

    async def on_snapshot(self) -> None:
        """Notes that the present content is about to be saved. What is recorded from now on stays when it is.

        Waits until the content is on the disk here, so that a save which damages the file loses nothing.
        """
        self._since = []
        self._saving = list(self._notebook.order)
        await self.flush()

    def on_save_failed(self) -> None:
        """Forgets what was noted for a save that failed."""
        self._since = None

    def on_saved(self) -> None:
        """Begins anew after a save: with what was recorded since its snapshot, or without a journal."""
        since, self._since = self._since or [], None
        self._ids, self._data, self._seed = self._saving, self._notebook_file.ipynb, ()
        if self._thread is not None:
            self._put(partial(self._rebase, self._make_base(), since))

    def on_followed(self, *, is_whole: bool) -> None:
        """Begins anew with a file that another program wrote. `is_whole` tells whether the notebook equals it."""
        self._ids, self._data, self._seed = list(self._notebook_file.order), self._notebook_file.ipynb, ()
        if self._thread is not None:
            self._put(partial(self._rebase, self._make_base(), ()))
        if not is_whole:
            self._take_snapshot()

    async def flush(self) -> None:
        """Waits until all that was recorded is on the disk, as far as it can be written."""
        if self._thread is not None and not self._ended:
            await self._do(lambda: None)

    async def close(self, *, keep: bool) -> None:
        """Ends writing. Removes the journal unless `keep`."""
        if self._thread is None or self._ended:
            return
        if keep and (self.problem or self._is_waiting_for_snapshot):
            self._take_snapshot()
        await self._do(partial(self._close, keep=keep))

    def outcome(self) -> str:
        """Returns what became of changes that were kept, for the user."""
        name = shown(self._notebook_file.path)
        how = "open it again to restore them, or use `tuinb recover`"
        if not self.problem:
            return f"the unsaved changes of {name} are kept; {how}"
        if self._writer is not None and self._writer.file is not None:
            return f"the last changes of {name} are lost: {self.problem}; those before are kept; {how}"
        return f"the unsaved changes of {name} are lost: {self.problem}"

    async def _do(self, task: Task) -> None:
        """Lets the thread do all that waits, and then `task`. Does not wait for a disk that hangs."""
        from concurrent.futures import Future

        done: Future[None] = Future()

        def work() -> None:
            task()
            done.set_result(None)

        self._put(work)
        self._urgent.set()
        await asyncio.wait([asyncio.wrap_future(done)], timeout=LONGEST)

    def _put(self, task: Transaction | Task) -> None:
        self._tasks.append(task)
        if self._thread is None:
            self._start()
        if not self._is_awake:
            self._is_awake = True
            self._wake.set()

    def _start(self) -> None:
        from tuinb.files.journal.writer import JournalWriter

        self._loop = asyncio.get_running_loop()
        self._base, self._writer = self._make_base(), JournalWriter()
        self._thread = Thread(target=self._run, name="tuinb-journal", daemon=True)
        self._thread.start()

    def _make_base(self) -> Base:
        from tuinb.files.journal.records import Content
        from tuinb.files.journal.writer import Base

        ids = () if self._seed else self._ids
        return Base(self._notebook_file.path, Content(ids, self._data), self._seed)

    def _take_snapshot(self) -> None:
        """Hands the present content to the thread, which makes the bytes."""
        render = self._notebook_file.renderer(self._notebook)
        self._put(partial(self._restart, list(self._notebook.order), render))

    # ---- the thread

    def _run(self) -> None:
        while not self._ended:
            self._wake.wait()
            self._urgent.wait(DELAY)
            self._wake.clear()
            self._urgent.clear()
            self._is_awake = False
            try:
                self._work()
            except Exception as error:
                self._fail(str(error))
                self._call(partial(self._raise, error))

    def _work(self) -> None:
        batch: list[Transaction] = []
        while self._tasks:
            task = self._tasks.popleft()
            if isinstance(task, c.Transaction):
                batch.append(task)
            else:
                self._append(batch)
                batch = []
                task()
        self._append(batch)

    def _append(self, batch: Sequence[Transaction]) -> None:
        assert self._writer is not None
        assert self._base is not None
        if not batch:
            return
        if self._failed_at is not None:
            if time.monotonic() - self._failed_at > RETRY:
                self._ask_for_snapshot()
            return
        try:
            if self._writer.is_open:
                self._writer.append(batch)
            else:
                self._writer.start(self._base, batch)
        except OSError as error:
            self._fail(error.strerror or str(error))
        except (ValueError, RecursionError):
            # A value that json can't write. The codec of files leaves it out.
            self._ask_for_snapshot()
        else:
            if self._writer.appended > max(LARGE, self._writer.whole):
                self._ask_for_snapshot()

    def _rebase(self, base: Base, since: Sequence[Transaction]) -> None:
        assert self._writer is not None
        self._base = base
        try:
            if since:
                self._writer.start(base, since)
            else:
                self._writer.remove()
        except (OSError, ValueError, RecursionError) as error:
            self._fail(str(error))
        else:
            self._succeed()

    def _restart(self, ids: Sequence[CellId], render: Callable[[], bytes]) -> None:
        from tuinb.errors import NotebookSaveError
        from tuinb.files.journal.records import Content

        assert self._writer is not None
        assert self._base is not None
        self._is_waiting_for_snapshot = False
        try:
            self._writer.start(self._base, snapshot=Content(ids, render()))
        except OSError as error:
            self._fail(error.strerror or str(error))
        except NotebookSaveError as error:
            self._fail(error.what)
        else:
            self._succeed()

    def _close(self, *, keep: bool) -> None:
        assert self._writer is not None
        self._ended = True
        try:
            if keep:
                self._writer.close()
            else:
                self._writer.remove()
        except OSError as error:
            self.problem = error.strerror or str(error)

    def _ask_for_snapshot(self) -> None:
        if not self._is_waiting_for_snapshot:
            self._is_waiting_for_snapshot = True
            self._call(self._take_snapshot)

    def _succeed(self) -> None:
        self._failed_at, self.problem = None, ""

    def _fail(self, reason: str) -> None:
        is_new = not self.problem
        self._failed_at, self.problem = time.monotonic(), reason
        if is_new:
            self._call(partial(self._report, f"Unsaved changes are not kept on the disk: {reason}. You can go on editing."))

    def _call(self, function: Task) -> None:
        """Calls a function on the event loop, unless the loop has ended."""
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(function)

    def _raise(self, error: Exception) -> None:
        assert self._loop is not None
        self._loop.call_exception_handler({"message": "the journal failed", "exception": error})


def prepare() -> None:
    """Imports what a journal needs, which the first change then does not wait for."""
    from tuinb.files.journal import writer  # noqa: F401


def _seed(notebook: Notebook) -> tuple[Transaction, ...]:
    """Returns what makes a new notebook out of an empty one."""
    order = [None, *notebook.order]
    changes: list[c.Change] = [c.SetMetadata(None, key, value) for key, value in notebook.metadata.items()]
    changes += [c.InsertCell(cell.data(), above) for cell, above in zip(notebook, order, strict=False)]
    return (c.Transaction(tuple(changes), c.KERNEL, c.Step.OUTPUT),)

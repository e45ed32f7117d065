"""The imperative shell: joins a notebook and its history, a kernel, and a file, and tells listeners what happened.

Content changes by `apply` for people, in session_kernel for kernels, and by `keep_widgets`; all end in `_committed`. What is
about the kernel is a half of its own, made when a kernel is first wanted: until then nothing runs or waits, and nothing of it
is imported. Knows no screen: one, a run without one, and a test use the same class.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from tuinb.errors import NotebookFileError
from tuinb.files.notebook_file import NotebookFile
from tuinb.kernel.execution.runs import NEVER_RUN, RunPolicy
from tuinb.notebook import changes as c
from tuinb.notebook.history import History
from tuinb.notebook.saved_state import SavedState
from tuinb.session.state import NO_KERNEL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.files.notebook_file import Saved as SavedFile
    from tuinb.kernel.client import KernelLink
    from tuinb.kernel.connection.port import Transport
    from tuinb.kernel.execution.runs import CellRun
    from tuinb.kernel.protocol.events import CompleteReply, InspectReply
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId, Change, ClientId, Transaction
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.widgets import Widgets
    from tuinb.session.events import Notice
    from tuinb.session.kernel import SessionKernel
    from tuinb.session.port import Listener
    from tuinb.session.state import KernelChoice, KernelStatus

    TransportFactory: TypeAlias = Callable[[str | None], Transport]


class Session:
    """Serves SessionPort, on the event loop that it is used on.

    `transport_factory` gives a kernel by its kernelspec's name (None: the notebook's own) and may raise KernelError; without
    one, nothing runs. `store` is its file, read or yet to be written; None: Untitled.ipynb in the current folder.
    """

    def __init__(
        self,
        notebook: Notebook,
        *,
        transport_factory: TransportFactory | None,
        store: NotebookFile | None = None,
        clock: Callable[[], float] = time.monotonic,
        link: Callable[..., KernelLink] | None = None,
        policy: RunPolicy | None = None,
    ) -> None:
        self._notebook = notebook
        self._factory = transport_factory
        self._clock = clock
        self._make_link = link
        self._policy = policy or RunPolicy()
        self._kernel: SessionKernel | None = None
        self._store = store or NotebookFile(Path("Untitled.ipynb"))
        self._history = History(notebook)
        self._saved_state = SavedState()
        self._widgets: Widgets | None = None
        self._listeners: list[Listener] = []
        self._saving = asyncio.Lock()
        self._endorsing = asyncio.Lock()
        self._endorsements: set[asyncio.Task[None]] = set()

    # ---- what is so

    @property
    def notebook(self) -> Notebook:
        """The content, to read."""
        return self._notebook

    @property
    def widgets(self) -> Widgets:
        """The models of widgets, to read."""
        if self._widgets is None:
            from tuinb.notebook.widgets import Widgets

            self._widgets = Widgets(self._notebook)
        return self._widgets

    @property
    def path(self) -> Path:
        """Where it is saved."""
        return self._store.path

    @property
    def modified(self) -> bool:
        """Whether the content differs from what was last read or saved."""
        return self._saved_state.current != self._saved_state.saved

    @property
    def read_only(self) -> str:
        """Why it can't be edited, or an empty string."""
        return self._store.read_only

    @property
    def kernel(self) -> KernelStatus:
        """The kernel's state now."""
        return self._kernel.status if self._kernel else NO_KERNEL

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` for every Applied and Notice; the result stops that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _tell(self, news: Applied | Notice) -> None:
        for listener in tuple(self._listeners):
            listener(news)

    def _tell_line(self, text: str) -> None:
        from tuinb.session.events import Told

        self._tell(Told(text, "warning"))

    # ---- content

    def apply(self, transaction: Transaction) -> Applied:
        """Raises ChangeError; where the notebook is read-only, NotebookFileError."""
        if self.read_only:
            raise NotebookFileError(f"it can't be edited: {self.read_only}", where=str(self.path))
        return self._committed(self._notebook.apply(transaction))

    def undo(self, origin: ClientId) -> Applied | None:
        """Takes back the latest step; None where there is none."""
        return self._step(self._history.undo(), origin, c.Step.UNDO)

    def redo(self, origin: ClientId) -> Applied | None:
        """Does again what was taken back last; None where there is nothing."""
        return self._step(self._history.redo(), origin, c.Step.REDO)

    def _step(self, transaction: Transaction | None, origin: ClientId, step: c.Step) -> Applied | None:
        return None if transaction is None else self.apply(replace(transaction, origin=origin, step=step))

    def _committed(self, applied: Applied) -> Applied:
        self._history.record(applied)
        self._saved_state.follow(applied)
        self._tell(applied)
        if applied.origin != c.KERNEL:
            self.cancel([change.cell for change in applied.changes if _makes_unrunnable(change)])
        return applied

    def keep_widgets(self) -> None:
        """Writes the widgets that a kernel made into the notebook's metadata, as runs without a screen do.

        A screen leaves them out, as JupyterLab does unless it is told otherwise: they make a notebook several times as long.
        """
        state = self._widgets.to_json() if self._widgets is not None else None
        if state is not None and state != self._notebook.metadata.get("widgets"):
            change = c.SetMetadata(None, "widgets", state)
            self._committed(self._notebook.apply(c.Transaction((change,), c.KERNEL, c.Step.OUTPUT)))

    # ---- running

    def run(self, cells: Sequence[CellId]) -> None:
        """Queues code cells, with their source as it is now. A blank one only loses its outputs. Starts a kernel."""
        if kernel := self._wanted():
            kernel.run(cells)

    def cancel(self, cells: Sequence[CellId] | None = None) -> None:
        """Takes queued cells (all, where None) out of the queue; what runs goes on."""
        if self._kernel:
            self._kernel.cancel(cells)

    def run_of(self, cell: CellId) -> CellRun:
        """What became of the cell's latest run."""
        return self._kernel.run_of(cell) if self._kernel else NEVER_RUN

    def queue(self) -> tuple[CellId, ...]:
        """The cell that runs, then those that wait, in order."""
        return self._kernel.queue() if self._kernel else ()

    def answer(self, text: str) -> None:
        """Answers the open prompt; does nothing where none is open."""
        if self._kernel:
            self._kernel.answer(text)

    def answer_eof(self) -> None:
        """End of file on the open prompt."""
        if self._kernel:
            self._kernel.answer_eof()

    def interrupt(self) -> None:
        """Interrupts by the gentlest means not yet tried in vain on what runs now; what waits is taken off the queue."""
        if self._kernel:
            self._kernel.interrupt()

    async def complete(self, code: str, cursor: int) -> CompleteReply | None:
        """Completions at `cursor` (code points); None where the kernel is busy or does not answer in time."""
        return await self._kernel.complete(code, cursor) if self._kernel else None

    async def inspect(self, code: str, cursor: int) -> InspectReply | None:
        """What the kernel knows about the name at `cursor`."""
        return await self._kernel.inspect(code, cursor) if self._kernel else None

    # ---- the kernel's life

    async def start_kernel(self, name: str | None = None) -> None:
        """Starts the kernel, or switches to the kernelspec `name`. A failure becomes KernelChanged with its detail."""
        if kernel := self._wanted():
            await kernel.start(name)

    async def restart(self) -> None:
        """Restarts the kernel. Outputs stay; what runs and waits is freed. A kernel that is not there is started."""
        if kernel := self._wanted():
            await kernel.restart()

    async def shutdown_kernel(self) -> None:
        """Ends the kernel; the next run starts one."""
        if self._kernel:
            await self._kernel.shut_down()

    async def kernels(self) -> tuple[KernelChoice, ...]:
        """The kernelspecs that are installed."""
        from tuinb.kernel.launch.kernelspecs import find_all
        from tuinb.session.state import KernelChoice

        specs = await asyncio.to_thread(find_all)
        return tuple(KernelChoice(spec.name, spec.display_name, spec.language, spec.interpreter) for spec in specs.values())

    def kernel_log(self) -> str:
        """The path of the file with the kernel's own stdout and stderr, or an empty string."""
        return self._kernel.log if self._kernel else ""

    def _wanted(self) -> SessionKernel | None:
        """The half that concerns the kernel, made now if it was not; None, said to the listeners, where there is to be none."""
        if self._kernel is None and self._factory is None:
            self._tell_line("This notebook was opened without a kernel.")
        elif self._kernel is None and self._factory is not None:
            from tuinb.kernel.client import KernelLink
            from tuinb.session.kernel import SessionKernel

            self._kernel = SessionKernel(
                self._notebook,
                self._factory,
                partial(self._make_link or KernelLink, clock=self._clock),
                self.widgets,
                committed=self._committed,
                tell=self._tell,
                read_only=lambda: self.read_only,
                policy=self._policy,
            )
        return self._kernel

    # ---- files and the end

    async def save(self, path: Path | None = None, *, overwrite: bool = False) -> Path:
        """Raises NotebookSaveError, or ChangedOnDiskError unless `overwrite`. Returns what was written.

        What is typed meanwhile stays unsaved. Saves follow one another.
        """
        from tuinb.session.events import Saved

        contents, own_outputs = 0, False

        def taken() -> None:
            nonlocal contents, own_outputs
            contents = self._saved_state.current
            own_outputs = self._store.trusted is not True and all(map(self._is_own, self._notebook))

        async with self._saving:
            saved = await self._store.save(self._notebook, path, overwrite=overwrite, taken=taken)
            self._saved_state.saved = contents
        self._tell(Saved(saved.path))
        for notice in saved.notices:
            self._tell_line(notice)
        task = asyncio.create_task(self._endorse(saved, own_outputs=own_outputs))
        self._endorsements.add(task)
        task.add_done_callback(self._endorsements.discard)
        return saved.path

    def rescue(self) -> Path | None:
        """Writes what is unsaved to a file of its own, for when nobody can be asked any more; where, or None if nothing is.

        Raises NotebookSaveError.
        """
        if self.read_only or not self.modified:
            return None
        from tuinb.files import rescue

        return rescue.write(self.path, self._store.render(self._notebook))

    def _is_own(self, cell: Cell) -> bool:
        """Whether it has no outputs but those of this session's runs."""
        return all(output.original is None for output in cell.outputs)

    async def _endorse(self, saved: SavedFile, *, own_outputs: bool) -> None:
        """One after the other: whether a content is trusted follows from whether the one before it was."""
        async with self._endorsing:
            for notice in await self._store.endorse(saved, own_outputs=own_outputs):
                self._tell_line(notice)

    async def close(self) -> None:
        """Ends the kernel, finishes what saves left to do, and releases everything. Never raises."""
        if self._kernel:
            await self._kernel.close()
        if self._endorsements:
            await asyncio.wait(self._endorsements)
        self._listeners.clear()


def _makes_unrunnable(change: Change) -> TypeGuard[c.DeleteCell | c.SetKind]:
    return isinstance(change, c.DeleteCell) or (isinstance(change, c.SetKind) and change.kind != "code")

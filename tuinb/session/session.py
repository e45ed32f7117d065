"""Joins a notebook, its undo history, its kernel and its file, and notifies listeners.

The notebook is changed by `apply` for users, by session/kernel.py for kernels, and by `keep_widgets`. All three end in
`_on_commit`. The kernel part is created, and its modules imported, on first use. Knows no screen: screens, runs without one
and tests use the same class.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from tuinb.errors import ChangedOnDiskError, NotebookFileError, TuinbError, shown
from tuinb.files.notebook_file import NotebookFile
from tuinb.jobs import shared
from tuinb.kernel.execution.runs import NEVER_RUN, RunPolicy
from tuinb.notebook import changes as c
from tuinb.notebook.history import History
from tuinb.notebook.saved_state import SavedState
from tuinb.session.access import Host
from tuinb.session.journal import SessionJournal
from tuinb.session.state import NO_KERNEL, Doubt, Sign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tuinb.analysis.judgement import Judgement
    from tuinb.files.claim import Claim
    from tuinb.files.notebook_file import Saved as SavedFile
    from tuinb.files.pairs import PairedText
    from tuinb.kernel.client import KernelClient
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.execution.others import OtherRun
    from tuinb.kernel.execution.runs import CellRun
    from tuinb.kernel.protocol.events import CompleteReply, InspectReply
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId, Change, ClientId, Json, Selected, Transaction
    from tuinb.notebook.difference import Content
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.widgets import Widgets
    from tuinb.session.access import Access
    from tuinb.session.autosave import Autosave
    from tuinb.session.debugger import SessionDebugger
    from tuinb.session.events import Prompt, SessionEvent
    from tuinb.session.incoming import Incoming
    from tuinb.session.inspector import Inspector
    from tuinb.session.kernel import SessionKernel
    from tuinb.session.languages import LanguageServers
    from tuinb.session.other_writers import OtherWriters
    from tuinb.session.paired_texts import PairedTexts
    from tuinb.session.port import Listener
    from tuinb.session.staleness import SessionStaleness
    from tuinb.session.state import Breakpoint, KernelChoice, KernelStatus, RunningKernel, Stop
    from tuinb.session.variables import Variables

    KernelFactory: TypeAlias = Callable[[str | None], KernelConnection]


class Session:
    """Implements SessionPort. All methods run on one event loop.

    `kernels` returns a connection for a kernelspec's name (None for the notebook's own) and may raise KernelError. Without it
    nothing can be run. `answer` takes the user's answer on an environment that `kernels` refused. `choices` returns, in a
    thread, the kernelspecs to choose from if they are not those of this machine. `follow` tells, in a thread, the kernel's
    server that the notebook was saved to another path. `store` is the notebook's file, by default Untitled.ipynb in the current
    folder. With `journal`, what is not saved yet is kept on the disk. `access` tells whether another process writes the
    notebook.
    """

    def __init__(
        self,
        notebook: Notebook,
        *,
        kernels: KernelFactory | None,
        answer: Callable[..., None] | None = None,
        choices: Callable[[], tuple[KernelChoice, ...]] | None = None,
        follow: Callable[[Path], None] | None = None,
        store: NotebookFile | None = None,
        clock: Callable[[], float] = time.monotonic,
        client: Callable[..., KernelClient] | None = None,
        policy: RunPolicy | None = None,
        journal: bool = False,
        access: Access | None = None,
    ) -> None:
        self._notebook = notebook
        self._kernels = kernels
        self._answer = answer
        self._choices = choices
        self._tell_path = follow
        self._clock = clock
        self._make_client = client
        self._policy = policy or RunPolicy()
        self._kernel: SessionKernel | None = None
        self._store = store or NotebookFile(Path("Untitled.ipynb"))
        self._history = History(notebook, clock=clock)
        self._saved_state = SavedState(notebook)
        self._widgets: Widgets | None = None
        self._listeners: list[Listener] = []
        self.access = access
        self._journal = SessionJournal(notebook, self._store, self._warn) if journal and not self.read_only else None
        self._autosave: Autosave | None = None
        self._checkpointed: set[Path] | None = None
        """Files that were saved. None if no checkpoints are kept."""
        self._others: OtherWriters | None = None
        self._staleness: SessionStaleness | None = None
        self._debugger: SessionDebugger | None = None
        self._inspector: Inspector | None = None
        self._variables: Variables | None = None
        self._languages: LanguageServers | None = None
        self._endorsing = asyncio.Lock()
        self._endorsements: set[asyncio.Task[None]] = set()
        if access is not None:
            access.start(Host(self._begin_writing, self._end_writing, self._show_file, self._warn))

    # ---- state

    @property
    def notebook(self) -> Notebook:
        """The content. Read it only; `apply` changes it."""
        return self._notebook

    @property
    def widgets(self) -> Widgets:
        """The models of widgets. Read them only."""
        if self._widgets is None:
            from tuinb.notebook.widgets import Widgets

            self._widgets = Widgets(self._notebook)
        return self._widgets

    @property
    def path(self) -> Path:
        """The file that it is saved to."""
        return self._store.path

    @property
    def modified(self) -> bool:
        """Whether the content differs from what was last read or saved."""
        return self._saved_state.current != self._saved_state.saved

    @property
    def read_only(self) -> str:
        """Why the notebook can't be edited. Empty if it can."""
        return self._store.read_only or (self.access.reason if self.access is not None else "")

    @property
    def inspector(self) -> Inspector:
        """Asks the kernel about its variables. Created on first use."""
        if self._inspector is None:
            from tuinb.session.inspector import Inspector

            self._inspector = Inspector(lambda: self._kernel)
        return self._inspector

    @property
    def variables(self) -> Variables:
        """The kernel's variables. Created on first use."""
        if self._variables is None:
            from tuinb.session.variables import Variables

            self._variables = Variables(self)
        return self._variables

    @property
    def languages(self) -> LanguageServers:
        """The language servers that read the notebook. Created on first use."""
        if self._languages is None:
            from tuinb.session.languages import LanguageServers

            self._languages = LanguageServers(self, self._warn)
        return self._languages

    @property
    def languages_in_use(self) -> LanguageServers | None:
        """`languages`, if something has asked for it. None before: what is slow to import is not imported to know nothing."""
        return self._languages

    @property
    def staleness(self) -> SessionStaleness:
        """Judges which cells no longer follow from those above. Created on first use, as it is slow to import."""
        if self._staleness is None:
            from tuinb.session.staleness import SessionStaleness

            self._staleness = SessionStaleness(self._notebook, self._notify, self.is_edited)
        return self._staleness

    @property
    def debugger(self) -> SessionDebugger:
        """The breakpoints, and where the kernel is stopped."""
        if self._debugger is None:
            from tuinb.session.debugger import SessionDebugger

            self._debugger = SessionDebugger(self._notebook, self._notify)
        return self._debugger

    @property
    def stop(self) -> Stop | None:
        """Where the kernel is stopped by the debugger. None if it is not."""
        return self._debugger.stop if self._debugger is not None else None

    def breakpoints_of(self, cell: CellId) -> tuple[Breakpoint, ...]:
        """Returns the breakpoints of a cell, by lines."""
        return self._debugger.breakpoints_of(cell) if self._debugger is not None else ()

    @property
    def stale_count(self) -> int:
        """The number of cells that are stale or edited, as it was counted last."""
        return self._staleness.count if self._staleness is not None else 0

    def is_edited(self, cell: CellId) -> bool:
        """Returns whether a cell has results of another source than it has now.

        Theirs is the one that was sent at the last run, or else the one that they were loaded with.
        """
        now = self._notebook[cell]
        if now.kind != "code" or (now.execution_count is None and not len(now.outputs)):
            return False
        ran = self.run_of(cell).code
        return now.source != (now.first_source if ran is None else ran)

    def doubt_of(self, cell: CellId) -> Doubt | None:
        """Returns what is known against the results of a cell. None says nothing: what is not found is not known."""
        if missing := self.run_of(cell).incomplete:
            return Doubt(Sign.INCOMPLETE, missing)
        if self.is_edited(cell):
            return Doubt(Sign.EDITED, "edited since")
        # It exists with the kernel. Without one, nothing ran.
        judgement = self._staleness.judgements.get(cell) if self._staleness is not None else None
        if judgement is None:
            return None
        return _doubt(judgement, lambda other: self._notebook.index(other) + 1 if other in self._notebook else 0)

    @property
    def kernel(self) -> KernelStatus:
        """The kernel's current status."""
        return self._kernel.status if self._kernel else NO_KERNEL

    @property
    def kernel_folder(self) -> str:
        """The private folder from which another tuinb can adopt the kernel. Empty if it ends with this process."""
        return self._kernel.folder if self._kernel else ""

    @property
    def prompt(self) -> Prompt | None:
        """The line of input that the kernel waits for, if it does."""
        return self._kernel.prompt if self._kernel else None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` for every Applied and SessionEvent. Call the result to stop."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _notify(self, event: Applied | SessionEvent) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def _warn(self, text: str) -> None:
        from tuinb.session.events import Message

        self._notify(Message(text, "warning"))

    def renderer(self) -> Callable[[], bytes]:
        """Takes a snapshot of the notebook. Returns a function, for any thread, that returns the bytes of an .ipynb file.

        The function raises NotebookSaveError.
        """
        return self._store.renderer(self._notebook)

    # ---- content

    def apply(self, transaction: Transaction, selected: Selected | None = None) -> Applied:
        """Applies a transaction. Raises ChangeError. Raises NotebookFileError if the notebook is read-only.

        `selected` is what is selected around typing, so that undo and redo select it again.
        """
        self._check_editable()
        return self._on_commit(self._notebook.apply(transaction), selected)

    def _check_editable(self) -> None:
        if self.read_only:
            raise NotebookFileError(f"it can't be edited: {self.read_only}", where=shown(self.path))

    def apply_file(self, transaction: Transaction) -> Applied:
        """Applies what the file has, also if the notebook is read-only here. Raises ChangeError."""
        return self._on_commit(self._notebook.apply(transaction))

    def undo(self, origin: ClientId, typing_in: CellId | None = None, *, by_group: bool = False) -> Applied | None:
        """Undoes the latest step. Returns None if there is none.

        All that was typed in one stay in a cell is one step. With `typing_in`, the cell of an open editor, a piece of it is:
        the latest piece in that cell if only typing in other cells, and new cells, came after it. With `by_group`, all that was
        typed there between two calls of `end_typing`.
        """
        transaction = self._history.undo(origin, typing_in, by_group=by_group)
        return None if transaction is None else self.apply(transaction)

    def redo(self, origin: ClientId, typing_in: CellId | None = None, *, by_group: bool = False) -> Applied | None:
        """Redoes the step that was undone last. Returns None if there is none. See `undo`."""
        transaction = self._history.redo(origin, typing_in, by_group=by_group)
        return None if transaction is None else self.apply(transaction)

    def remember_outputs(self) -> dict[CellId, tuple[c.OutputData, ...]]:
        """Makes a step of undo that brings the outputs and counts of all code cells back as they are now, also after runs.

        Returns the outputs.
        """
        data = [cell.data() for cell in self._notebook if cell.kind == "code"]
        changes = [
            change
            for one in data
            for change in (c.SetOutputs(one.id, one.outputs), c.SetExecutionCount(one.id, one.execution_count))
        ]
        self._history.remember(tuple(changes), "outputs")
        return {one.id: one.outputs for one in data}

    def end_typing(self) -> None:
        """Ends a stay in a cell: what is typed next is another step of undo."""
        self._history.end_typing()

    def _on_commit(self, applied: Applied, selected: Selected | None = None) -> Applied:
        self._saved_state.follow(applied)
        if selections := self._history.record(applied, selected):
            applied = replace(applied, selections=selections)
        if self._journal:
            self._journal.record(applied)
        if self._debugger is not None:
            self._debugger.follow(applied)
        self._notify(applied)
        if self._staleness is not None and (applied.structural or any(isinstance(one, _JUDGED) for one in applied.changes)):
            self._staleness.edited()
        if applied.origin != c.KERNEL:
            self.cancel([change.cell for change in applied.changes if _makes_unrunnable(change)])
        return applied

    def keep_widgets(self) -> None:
        """Writes the state of widgets into the notebook's metadata. Runs without a screen call this.

        A screen does not, as JupyterLab by default: the state makes a notebook several times as long.
        """
        state = self._widgets.to_json() if self._widgets is not None else None
        if state is not None and state != self._notebook.metadata.get("widgets"):
            change = c.SetMetadata(None, "widgets", state)
            self._on_commit(self._notebook.apply(c.Transaction((change,), c.KERNEL, c.Step.OUTPUT)))

    # ---- running

    def run(self, cells: Sequence[CellId]) -> None:
        """Queues code cells with their current source. Starts a kernel if there is none. Clears blank cells.

        What is typed next is another step of undo.
        """
        self._history.end_typing()
        if self._may_run() and (kernel := self._require_kernel()):
            kernel.run(cells)

    def run_part(self, cell: CellId, code: str) -> None:
        """Queues a part of the source of a code cell. Its outputs are added to those of the cell.

        What is typed next is another step of undo. Listeners get a Message if the cell waits to run already.
        """
        self._history.end_typing()
        if self._may_run() and (kernel := self._require_kernel()):
            kernel.run_part(cell, code)

    def run_apart(self, code: str) -> Cell | None:
        """Queues code that is no part of the notebook. Returns a cell that gets its outputs, until `forget`.

        Returns None, after telling listeners, if the session has no kernel, or another process writes the notebook.
        """
        kernel = self._require_kernel() if self._may_run() else None
        return kernel.run_apart(code) if kernel is not None else None

    def _may_run(self) -> bool:
        """Returns whether this process writes the notebook. Tells listeners if another one does."""
        if self.access is None or self.access.owner is None:
            return True
        self._warn(f"Read-only: {self.access.reason}. :take-over asks for it.")
        return False

    def forget(self, cell: Cell) -> None:
        """Ends what `run_apart` began."""
        if self._kernel is not None:
            self._kernel.forget(cell.id)

    def set_policy(self, policy: RunPolicy) -> None:
        """Changes how cells are run that are queued from now on."""
        self._policy = policy
        if self._kernel is not None:
            self._kernel.policy = policy

    def cancel(self, cells: Sequence[CellId] | None = None) -> None:
        """Removes waiting cells (all, if None) from the queue. The running cell goes on."""
        if self._kernel:
            self._kernel.cancel(cells)

    def run_of(self, cell: CellId) -> CellRun:
        """Returns the cell's latest run."""
        return self._kernel.run_of(cell) if self._kernel else NEVER_RUN

    def queue(self) -> tuple[CellId, ...]:
        """Returns the running cell, then the waiting ones in order."""
        return self._kernel.queue() if self._kernel else ()

    @property
    def progress(self) -> tuple[int, int]:
        """The number of the running cell, from 1, and the number of cells, since the queue was empty. (0, 0) if it is empty."""
        return self._kernel.progress if self._kernel else (0, 0)

    def answer(self, text: str) -> None:
        """Answers the open prompt. Does nothing if none is open."""
        if self._kernel:
            self._kernel.answer(text)

    def answer_eof(self) -> None:
        """Sends end of file to the open prompt."""
        if self._kernel:
            self._kernel.answer_eof()

    def operate_widget(self, cell: CellId, model: str, state: Mapping[str, Json] | None) -> None:
        """Sets values of a widget that a cell shows, or presses it if `state` is None. Does nothing if its kernel has gone."""
        if self._kernel:
            self._kernel.operate_widget(cell, model, state)

    def interrupt(self, *, others: bool = False) -> None:
        """Interrupts the running cell by the gentlest means that has not failed on it. Removes waiting cells from the queue.

        `others`: interrupts also code of other clients.
        """
        if self._kernel:
            self._kernel.interrupt(others=others)

    async def complete(self, code: str, cursor: int) -> CompleteReply | None:
        """Returns completions at `cursor` (in code points), also while a cell runs if the kernel can.

        Returns None if it can't, or does not reply in time.
        """
        return await self._kernel.complete(code, cursor) if self._kernel else None

    async def inspect(self, code: str, cursor: int, detail: int = 0) -> InspectReply | None:
        """Returns what is known of the name at `cursor`; its source, too, if `detail` is 1. Returns None as `complete` does."""
        return await self._kernel.inspect(code, cursor, detail) if self._kernel else None

    async def history(self, count: int) -> tuple[str, ...] | None:
        """Returns the latest inputs that the kernel remembers. Returns None if it is busy or does not reply in time."""
        return await self._kernel.history(count) if self._kernel else None

    # ---- the kernel's life

    async def start_kernel(self, name: str | None = None) -> None:
        """Starts the kernel, or switches to the kernelspec `name`. A failure becomes KernelChanged with its detail."""
        if kernel := self._require_kernel():
            await kernel.start(name)

    async def answer_environment(self, *, trust: bool) -> None:
        """Takes the user's answer on the environment in `kernel.untrusted`.

        Starts the kernel on it, or passes it over from now on. Raises KernelError if the answer can't be remembered.
        """
        if self._answer is not None:
            self._answer(trust=trust)
        if trust:
            await self.start_kernel()

    async def restart(self) -> None:
        """Restarts the kernel, or starts it if there is none. Outputs stay. Running and waiting cells are freed."""
        if kernel := self._require_kernel():
            await kernel.restart()

    async def shutdown_kernel(self) -> None:
        """Ends the kernel. The next run starts one."""
        if self._kernel:
            await self._kernel.shut_down()

    async def kernels(self) -> tuple[KernelChoice, ...]:
        """Returns the kernelspecs that are installed, here or on the server. Raises KernelError."""
        if self._choices is not None:
            return await asyncio.to_thread(self._choices)
        from tuinb.kernel.launch.kernelspecs import find_all
        from tuinb.session.state import KernelChoice

        specs = await asyncio.to_thread(find_all)
        return tuple(KernelChoice(spec.name, spec.display_name, spec.language, spec.interpreter) for spec in specs.values())

    async def running_kernels(self) -> tuple[RunningKernel, ...]:
        """Returns the kernels of this user that run already, whoever started them. Dead connection files are left out."""
        from tuinb.session.running_kernels import survey

        return await asyncio.to_thread(survey)

    async def attach_kernel(self, file: str) -> None:
        """Leaves the current kernel and connects to the one of a connection file, which is never ended from here.

        A failure to connect becomes KernelChanged with its detail. Raises KernelError if the file is not good, or if its kernel
        has ended.
        """
        if kernel := self._require_kernel():
            from tuinb.kernel.connection.connection import attach
            from tuinb.kernel.launch import connection_files

            found = await asyncio.to_thread(connection_files.find, file, None, os.environ)
            await kernel.attach(partial(attach, found))

    def other_runs(self) -> tuple[OtherRun, ...]:
        """Returns the latest runs of other clients of the kernel, the oldest first."""
        return self._kernel.others if self._kernel else ()

    async def kernel_log(self) -> str:
        """Returns the end of what the kernel wrote to its own stdout and stderr. Raises KernelError if it can't be read."""
        return await self._kernel.log() if self._kernel else ""

    def _require_kernel(self) -> SessionKernel | None:
        """Returns the kernel controller, creating it on first use.

        Returns None, after telling listeners, if the session has no kernel.
        """
        if self._kernel is None and self._kernels is None:
            self._warn("This notebook was opened without a kernel.")
        elif self._kernel is None and self._kernels is not None:
            from tuinb.kernel.client import KernelClient
            from tuinb.session.kernel import SessionKernel

            self._kernel = SessionKernel(
                self._notebook,
                self._kernels,
                partial(self._make_client or KernelClient, clock=self._clock),
                self.widgets,
                on_commit=self._on_commit,
                notify=self._notify,
                read_only=lambda: self.read_only,
                staleness=self.staleness,
                policy=self._policy,
                debugger=lambda: self._debugger,
                make_debugger=lambda: self.debugger,
            )
        return self._kernel

    # ---- files

    def autosave(self, seconds: float) -> None:
        """Saves the notebook by itself, `seconds` after the first change that is not saved."""
        from tuinb.session.autosave import Autosave

        save = partial(self.save, automatic=True)
        self._autosave = Autosave(seconds, lambda: self.modified, save, self._notify)
        self.listen(self._autosave.on_event)

    def keep_checkpoints(self) -> None:
        """Keeps a file as it was before it is first saved."""
        self._checkpointed = set()

    async def _keep_checkpoint(self, path: Path) -> tuple[str, ...]:
        """Keeps the file as it is, before the first save there. Returns a notice if that fails."""
        if self._checkpointed is None or self.read_only or path in self._checkpointed:
            return ()
        self._checkpointed.add(path)
        try:
            await shared().run(self._store.storage_of(path).keep_checkpoint, path)
        except NotebookFileError as error:
            return (f"no checkpoint is kept: {error}",)
        return ()

    async def save(
        self, path: Path | None = None, *, overwrite: bool = False, endorse: bool = True, automatic: bool = False
    ) -> Path:
        """Writes the file, at `path` from now on if one is given. Returns its path.

        Raises NotebookSaveError. Raises ChangedOnDiskError if a file that is not the one that was read would be overwritten,
        unless `overwrite`. `endorse` signs the outputs, so that Jupyter trusts them, and checks the format, afterwards.
        What is typed meanwhile stays unsaved. Saves follow one another. `automatic` tells listeners that no user asked for it;
        then a file that is gone is not made anew.
        """
        from tuinb.session.events import Saved

        if automatic and self.read_only:
            return self.path
        if automatic and await self.is_gone():
            raise ChangedOnDiskError("it is gone from the disk", where=shown(self.path), hint="save it to make it anew")
        paired, before = self._others.paired if self._others is not None else None, self.path
        notices = await self._prepare_save(path or self.path, paired, overwrite=overwrite)
        claim = self.access.claim_for(path or self.path) if self.access is not None else None
        contents, own_outputs = self._saved_state.current, False
        inputs: Content | None = None

        async def taken() -> None:
            nonlocal contents, own_outputs, inputs
            contents = self._saved_state.current
            inputs = paired.inputs_of(self._notebook) if paired is not None else None
            own_outputs = self._store.trusted is not True and all(map(self._is_own, self._notebook))
            if self._journal:
                await self._journal.on_snapshot()

        def written() -> None:
            self._saved_state.saved = contents
            if self._journal:
                self._journal.on_saved()

        saved = await self._store.save(
            self._notebook,
            path,
            overwrite=overwrite,
            on_snapshot=taken,
            on_written=written,
            on_failed=partial(self._on_save_failed, claim),
        )
        if self.access is not None and claim is not None:
            self.access.moved(saved.path, claim)
        if paired is not None and inputs is not None:
            notices = (*notices, *await paired.write(inputs, overwrite=overwrite))
        notices = (*notices, *await self._move_kernel(before, saved.path))
        self._notify(Saved(saved.path, (*notices, *saved.notices), automatic))
        if endorse:
            self._endorse_soon(saved, own_outputs=own_outputs)
        return saved.path

    async def _move_kernel(self, before: Path, path: Path) -> tuple[str, ...]:
        """Tells the kernel's server where the notebook is from now on. Returns a notice if that fails."""
        if self._tell_path is None or path == before:
            return ()
        try:
            await shared().run(self._tell_path, path)
        except TuinbError as error:
            return (f"others find the kernel by the old name alone: {error}",)
        return ()

    def _endorse_soon(self, saved: SavedFile, *, own_outputs: bool) -> None:
        task = asyncio.create_task(self._endorse(saved, own_outputs=own_outputs))
        self._endorsements.add(task)
        task.add_done_callback(self._endorsements.discard)

    async def _prepare_save(self, path: Path, paired: PairedTexts | None, *, overwrite: bool) -> tuple[str, ...]:
        """Looks at what a save would overwrite, and keeps it if the user wants that. Returns notices. Raises
        ChangedOnDiskError.
        """
        if paired is not None:
            await paired.prepare(path, self._notebook.metadata, overwrite=overwrite)
        return await self._keep_checkpoint(path)

    def _on_save_failed(self, claim: Claim | None) -> None:
        if self._journal:
            self._journal.on_save_failed()
        if claim is not None:
            claim.release()

    def keep(self, path: Path) -> None:
        """Writes a journal with the present content, where saving to `path` failed. Raises NotebookSaveError."""
        from tuinb.files.journal import writer

        writer.keep(path, self._store, self._notebook)

    # ---- other programs that write the file

    @property
    def _other_writers(self) -> OtherWriters:
        if self._others is None:
            from tuinb.session.other_writers import OtherWriters

            self._others = OtherWriters(self, self._store, self._follow, self._notify)
        return self._others

    def watch_disk(self) -> None:
        """Follows what other programs write to the file, from now on: see session/other_writers.py."""
        if not self._store.read_only:
            self._other_writers.start()

    def unwatch_disk(self) -> None:
        """Stops that. Saving looks at the file in any case."""
        if self._others:
            self._others.stop()

    def follow_pair(self, texts: Sequence[PairedText]) -> None:
        """Saves the texts of jupytext's pair, too, whose inputs the notebook has. Leaves one that another program changes."""
        self._other_writers.paired.follow(texts)

    async def is_gone(self) -> bool:
        """Whether the file was read or saved, and does not exist any more. Raises NotebookFileError."""
        return await self._other_writers.is_gone()

    async def incoming(self, *, anew: bool = False) -> Incoming | None:
        """Returns what another program wrote to the file, merged with the notebook. None if it wrote nothing.

        With `anew` the file is read and merged in any case. Raises NotebookFileError if it can't be read now.
        """
        return await self._other_writers.incoming(anew=anew)

    async def take(self, found: Incoming, content: Content, origin: ClientId) -> bool:
        """Changes the notebook into a content that was made of `found`, as one step. Follows the file that it is from.

        Returns False, and does nothing, if the notebook or what is known of the file has changed since. Raises
        NotebookFileError if the notebook is read-only.
        """
        self._check_editable()
        return await self._other_writers.take(found, content, origin)

    def _follow(self, is_whole: bool) -> None:
        if is_whole:
            self._saved_state.saved = self._saved_state.current
        else:
            self._saved_state.file_changed()
        if self._journal:
            self._journal.on_followed(is_whole=is_whole)

    # ---- the end

    async def flush(self) -> None:
        """Waits until the journal is on the disk."""
        if self._journal:
            await self._journal.flush()

    def _is_own(self, cell: Cell) -> bool:
        """Returns whether all outputs of the cell come from runs of this session."""
        return all(output.original is None for output in cell.outputs)

    async def _endorse(self, saved: SavedFile, *, own_outputs: bool) -> None:
        """Signs a saved file, one after the other: a file is trusted only if the one before it was."""
        async with self._endorsing:
            for notice in await self._store.endorse(saved, own_outputs=own_outputs):
                self._warn(notice)

    async def shut_down(self, *, discard: bool = False) -> str:
        """Ends the kernel, waits until saved files are signed, and removes all listeners. Never raises.

        Unsaved changes stay in the journal, unless `discard`. Returns what the user has to know about them.
        """
        if self._autosave:
            self._autosave.stop()
        self.unwatch_disk()
        languages = asyncio.ensure_future(self._languages.close()) if self._languages else None
        await self.flush()
        if self._kernel:
            await self._kernel.close()
        if self._debugger:
            self._debugger.close()
        if self._variables:
            self._variables.close()
        if languages is not None:
            await languages
        if self._staleness:
            self._staleness.close()
        if self._endorsements:
            await asyncio.wait(self._endorsements)
        self._listeners.clear()
        keep, outcome = self.modified and not discard, ""
        if self._journal is not None:
            await self._journal.close(keep=keep)
            outcome = self._journal.outcome() if keep else ""
        if self.access is not None:
            await self.access.stop()
        return outcome

    # ---- other processes that have the notebook open

    def _begin_writing(self) -> None:
        self._journal = SessionJournal(self._notebook, self._store, self._warn)

    async def _end_writing(self) -> None:
        """Leaves unsaved changes in the journal. What comes later, from a cell that runs, is shown only."""
        journal, self._journal = self._journal, None
        keep, self._saved_state.saved = self.modified, self._saved_state.current
        if journal is not None:
            await journal.flush()
            await journal.close(keep=keep)
            if keep and journal.problem:
                self._warn(journal.outcome())

    async def _show_file(self) -> None:
        if await shared().run(self._store.storage.state, self.path) is not None:
            await self._other_writers.show()


_JUDGED = (c.SpliceSource, c.SetKind, c.SetExecutionCount)
"""Changes after which the cells are judged anew. A cell whose results were cleared is not edited."""


def _doubt(judgement: Judgement, number: Callable[[CellId], int]) -> Doubt:
    """Returns a judgement in words."""
    if not judgement.reasons:
        return Doubt(Sign.PERHAPS, f"{judgement.perhaps} may have changed since")
    first, more = judgement.reasons[0].describe(number), len(judgement.reasons) - 1
    return Doubt(Sign.STALE, f"{first}, and {more} more" if more else first)


def _makes_unrunnable(change: Change) -> TypeGuard[c.DeleteCell | c.SetKind]:
    return isinstance(change, c.DeleteCell) or (isinstance(change, c.SetKind) and change.kind != "code")

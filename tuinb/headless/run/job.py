"""Runs one notebook: reads it, sets its parameters, starts its kernel, runs the cells, saves and reports.

An error in the file, the parameters or the kernelspec gives an Outcome like any other, so that one bad notebook does not stop
the others. The modules that a run needs are imported after the kernel's process was started.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from tuinb.errors import KernelError, NotebookFileError, TuinbError, UsageError, is_remote, shown
from tuinb.headless.arguments import Exit, exit_code
from tuinb.headless.console import complain, relevant
from tuinb.headless.run.results import CellResult, Status
from tuinb.notebook.changes import Step, Transaction
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.files.pairs import PairedText
    from tuinb.headless.run.runner import Ending, Runner
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.execution.runs import RunPolicy
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId, Change
    from tuinb.notebook.document import Notebook
    from tuinb.session.opening import LocalKernels
    from tuinb.session.remote import ServerKernels
    from tuinb.session.session import Session

_EXITS = {
    Status.OK: Exit.OK,
    Status.ERROR: Exit.FAILED,
    Status.TIMEOUT: Exit.FAILED,
    Status.NOT_RUN: Exit.FAILED,
    Status.INTERRUPTED: Exit.INTERRUPTED,
    Status.DEAD: Exit.KERNEL,
}


_NO_HISTORY = "--HistoryManager.hist_file=:memory:"
"""An option of IPython: code that a program runs does not belong into the user's history, and writing it costs time."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a command, for every notebook."""

    parameters: Mapping[str, object] = field(default_factory=dict)
    kernel: str | None = None
    python: str | None = None
    trust_env: bool = False
    """Whether to use an environment of the notebook's folder that the user has not trusted."""
    cwd: Path | None = None
    timeout: float | None = None
    """Limit for each cell, in seconds."""
    allow_errors: bool = False
    first: str | None = None
    last: str | None = None


class Outcome(Record):
    """The result of running a notebook."""

    path: Path
    exit: Exit
    status: str
    seconds: float = 0.0
    cells: Sequence[CellResult] = ()
    error: TuinbError | None = None
    """An error other than the failure of a cell."""
    saved: Path | None = None

    def complain(self) -> None:
        """Prints the error on stderr, with the name of the notebook."""
        if self.error is None:
            return
        text = str(self.error)
        named = (
            isinstance(self.error, NotebookFileError)
            or shown(self.path) in text
            or (is_remote(self.path) and bool(self.error.where))
        )
        complain(
            text if named else f"{shown(self.path)}: {text}", self.error.stderr if isinstance(self.error, KernelError) else ""
        )


class JobListener(Protocol):
    """Receives the progress of jobs."""

    def note(self, job: Job, text: str) -> None:
        """Takes a notice for the user. It is no error."""

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """Called when a cell is sent to its kernel."""

    def ended(self, job: Job, result: CellResult) -> None:
        """Called when a cell has ended or was skipped."""

    def follow(self, job: Job, session: Session) -> Callable[[], None]:
        """Called with the session before cells run. The result is called when it ends."""

    def finished(self, job: Job, outcome: Outcome) -> None:
        """Called when the notebook is done."""


@dataclass(slots=True)
class Job:
    """A notebook to run. `target` is the file to save to, if any. `make` replaces the kernels of this machine in tests."""

    path: Path
    target: Path | None
    options: Options
    make: Callable[[str | None], KernelConnection] | None = None
    narrow: Callable[[Notebook, list[CellId]], list[CellId]] | None = None
    """Called with the notebook as it was read and the cells to run. Returns the cells to keep."""
    loaded: Loaded | TuinbError | None = None
    """The notebook, or the error that prevented reading it. None before `open`."""
    kernels: LocalKernels | ServerKernels | None = None
    cells: Sequence[CellId] = ()
    notices: list[str] = field(default_factory=list)
    runner: Runner | None = None
    results: list[CellResult] = field(default_factory=list)
    texts: Sequence[PairedText] = ()
    """The text files of jupytext's pair, if they are saved with the notebook."""
    _stopped: bool = False

    def open(self) -> None:
        """Reads the notebook and starts its kernel, once. Call it from the main thread."""
        if self.loaded is None:
            try:
                self.loaded = self.read()
                if self.kernels is not None and self.cells:
                    self.kernels.spawn()
            except TuinbError as error:
                self.loaded = error

    def read(self) -> Loaded:
        """Reads the notebook, sets its parameters and finds its kernel. Returns it. Raises TuinbError."""
        from tuinb.files import atomic, claim, load, text_notebook
        from tuinb.headless.cell_names import chosen

        options = self.options
        loaded = load.load(self.path)
        if loaded.read_only:
            raise NotebookFileError(f"it can't be run: {loaded.read_only}", where=shown(self.path))
        if self.target is not None:
            if not is_remote(self.target):
                atomic.require_writable(self.target)
            claim.require_free(self.target)
            text_notebook.require_jupytext(self.target)
        notebook = loaded.notebook
        made = self._take_newer_inputs(loaded)
        self.notices += relevant(loaded.notices)
        if self.target is not None and text_notebook.is_text(self.target):
            self.notices.append("a script or a document has no room for outputs; -o NAME.ipynb saves them")
        cells = chosen(notebook, options.first, options.last, shown(self.path))
        if self.narrow is not None:
            cells = self.narrow(notebook, cells)
        spec = self._find_kernel(notebook) if self.make is None else None
        if options.parameters:
            from tuinb.headless.run import parameters

            language = spec.language if spec is not None and spec.language else notebook.language
            found = parameters.injection(notebook, options.parameters, language)
            made.append(notebook.apply(found.transaction))
            self.notices += found.notices
            cells = sorted({*cells, found.cell}, key=notebook.index)
        self.cells = cells
        if self.kernels is not None and spec is not None and cells:
            self.notices += spec.notices
            if spec.of_folder:
                self.notices.append(f"runs on {spec.interpreter} ({spec.why})")
            self.kernels.spec = replace(spec, argv=(*spec.argv, _NO_HISTORY)) if spec.is_ipykernel else spec
        # The session makes these changes: its journal begins with the file.
        return replace(loaded, changes=tuple(_taken_back(notebook, made)), label="inputs and parameters")

    def _take_newer_inputs(self, loaded: Loaded) -> list[Applied]:
        """Gives the notebook the inputs of a newer text of its pair. Returns the commits."""
        from tuinb.headless import paired

        found = paired.newer_inputs(loaded)
        if found is None:
            return []
        if self.target is not None and os.path.realpath(self.target) == os.path.realpath(self.path):
            self.texts = found.texts
        self.notices += found.notices
        return [loaded.notebook.apply(Transaction(found.changes, paired.ORIGIN))] if found.changes else []

    def _find_kernel(self, notebook: Notebook) -> KernelSpec | None:
        """Returns the kernelspec to run on. None on a server, which finds it. Raises TuinbError."""
        from tuinb.session.opening import KernelWanted, LocalKernels

        options, folder = self.options, self.path.parent
        if is_remote(self.path):
            if options.python or options.trust_env or options.cwd is not None:
                hint = "leave them out for a notebook on a server"
                raise UsageError("--python, --trust-env and --cwd are for kernels of this machine", hint=hint)
            from tuinb.session.remote import fresh_kernels

            self.kernels = fresh_kernels(self.path, notebook, options.kernel)
            return None
        wanted = KernelWanted.of(
            notebook,
            folder,
            kernel=options.kernel,
            python=options.python,
            cwd=options.cwd,
            trust_env=options.trust_env,
        )
        self.kernels = LocalKernels(wanted)
        return wanted.find()

    @property
    def policy(self) -> RunPolicy:
        """How the kernel runs the cells."""
        from tuinb.kernel.execution.runs import RunPolicy

        return RunPolicy(attended=False, allow_errors=self.options.allow_errors)

    async def run(self, listener: JobListener) -> Outcome:
        """Runs the notebook to its end."""
        import asyncio

        from tuinb.session.opening import open_session

        started = time.monotonic()
        if self._stopped:
            await asyncio.to_thread(self.abandon)
            return Outcome(self.path, Exit.INTERRUPTED, Status.INTERRUPTED)
        self.open()
        loaded = self.loaded
        if isinstance(loaded, TuinbError):
            return Outcome(self.path, exit_code(loaded), Status.NOT_RUN, error=loaded)
        assert loaded is not None
        claims = self.target is not None
        session = open_session(loaded, self.make or self.kernels, self.policy, claims=claims, target=self.target)
        try:
            outcome = await self.run_in(session, listener)
        finally:
            await session.shut_down()
            await asyncio.to_thread(self.abandon)
        return replace(outcome, seconds=time.monotonic() - started)

    async def run_in(self, session: Session, listener: JobListener) -> Outcome:
        """Runs the notebook, which was read, in a session on it, and saves it. The session's owner ends the session."""
        from tuinb.headless.run.autosave import Autosave

        started = time.monotonic()
        for notice in self.notices:
            listener.note(self, notice)
        autosave = None
        if self.texts:
            session.follow_pair(self.texts)
        if self.target is not None:
            autosave = Autosave(session, self.target)
            autosave.start()
        error: TuinbError | None = None
        try:
            ending = await self._drive(session, listener)
        finally:
            try:
                session.keep_widgets()
                if autosave is not None:
                    await autosave.finish()
                    for notice in relevant(autosave.notices):
                        listener.note(self, notice)
            except NotebookFileError as refused:
                error = refused
        if ending.status is Status.DEAD and error is None:
            reason, _, stderr = ending.reason.partition("\n")
            error = KernelError(reason, where=self._where(), stderr=stderr)
        code = max(_EXITS[ending.status], Exit.OK if error is None else exit_code(error))
        saved = self.target if not isinstance(error, NotebookFileError) else None
        return Outcome(self.path, code, ending.status, time.monotonic() - started, self.results, error, saved)

    async def _drive(self, session: Session, listener: JobListener) -> Ending:
        from tuinb.headless.run.runner import Runner

        def ended(result: CellResult) -> None:
            self.results.append(result)
            listener.ended(self, result)

        self.runner = Runner(
            session,
            self.cells,
            self.policy,
            timeout=self.options.timeout,
            began=lambda cell, number: listener.began(self, cell, number),
            ended=ended,
            interrupt_failed=lambda: listener.note(self, "the cell goes on; Ctrl+C once more ends its kernel"),
        )
        stop_following = listener.follow(self, session)
        try:
            return await self.runner.run()
        finally:
            stop_following()

    def abandon(self) -> None:
        """Ends the kernel that no session has taken over. Blocks until a server has answered."""
        if self.kernels is not None:
            self.kernels.abandon()

    def _where(self) -> str:
        """Returns the notebook's name, and the cell at which its kernel died."""
        last = self.results[-1] if self.results else None
        name = shown(self.path)
        return f"{name}, cell {last.number}" if last is not None and last.status is Status.DEAD else name

    def interrupt(self) -> None:
        """Interrupts the running cell and runs no other."""
        self._stopped = True
        if self.runner is not None:
            self.runner.interrupt()

    def kill(self) -> None:
        """Ends the run without waiting for the cell."""
        self._stopped = True
        if self.runner is not None:
            self.runner.kill()


def _taken_back(notebook: Notebook, made: Sequence[Applied]) -> Iterator[Change]:
    """Takes commits back. Returns the changes that make them again."""
    back = [notebook.apply(Transaction(applied.inverse, applied.origin, Step.OUTPUT)) for applied in reversed(made)]
    return (change for applied in reversed(back) for change in applied.inverse)


async def run_all(jobs: Sequence[Job], at_a_time: int, listener: JobListener) -> list[Outcome]:
    """Runs the jobs in order, `at_a_time` in parallel. After an interrupt no further job begins."""
    import asyncio

    places = asyncio.Semaphore(at_a_time)

    async def one(job: Job) -> Outcome:
        async with places:
            outcome = await job.run(listener)
            listener.finished(job, outcome)
            return outcome

    return list(await asyncio.gather(*(one(job) for job in jobs)))

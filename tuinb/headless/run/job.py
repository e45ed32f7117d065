"""One notebook to run: read, given its parameters, with its kernel's process under way; then run, saved, and told about.

What is wrong with the file, the parameters or the kernelspec is an Outcome like any other, so that one bad notebook among
many stops none of them. What a run needs is imported once its kernel's process is on its way.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from tuinb.errors import KernelError, NotebookFileError, TuinbError
from tuinb.headless.arguments import Exit, exit_code
from tuinb.headless.console import complain, told
from tuinb.headless.run.results import CellResult, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.headless.run.runner import Ending, Runner
    from tuinb.kernel.connection.port import Transport
    from tuinb.kernel.execution.runs import RunPolicy
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.session.opening import LocalKernels
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
"""For IPython: what is run by a program is none of what a person typed, and keeping it would cost time."""


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for every notebook of a command."""

    parameters: Mapping[str, object] = field(default_factory=dict)
    kernel: str | None = None
    python: str | None = None
    cwd: Path | None = None
    timeout: float | None = None
    """Seconds for each cell."""
    allow_errors: bool = False
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went."""

    path: Path
    exit: Exit
    status: str
    seconds: float = 0.0
    cells: Sequence[CellResult] = ()
    error: TuinbError | None = None
    """What went wrong beside the failure of a cell."""
    saved: Path | None = None

    def complain(self) -> None:
        """Says what the error is, with the notebook that it is about: there may be many."""
        if self.error is None:
            return
        text = str(self.error)
        named = isinstance(self.error, NotebookFileError) or str(self.path) in text
        complain(text if named else f"{self.path}: {text}", self.error.said if isinstance(self.error, KernelError) else "")


class Report(Protocol):
    """Who is told how jobs go."""

    def note(self, job: Job, text: str) -> None:
        """Something that the user should know, though all is well."""

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """A cell is handed to its kernel."""

    def ended(self, job: Job, result: CellResult) -> None:
        """A cell is done, or was passed over."""

    def follow(self, job: Job, session: Session) -> Callable[[], None]:
        """The session that it runs in; the result is called when that ends."""

    def finished(self, job: Job, outcome: Outcome) -> None:
        """The notebook is done."""


@dataclass(slots=True)
class Job:
    """`target` is where it is saved, None for nowhere. `make` replaces the kernels of this machine, for tests."""

    path: Path
    target: Path | None
    options: Options
    make: Callable[[str | None], Transport] | None = None
    narrow: Callable[[Notebook, list[CellId]], list[CellId]] | None = None
    """Sees the notebook as it was read, and takes away of the cells to run."""
    loaded: Loaded | TuinbError | None = None
    """What was read, or why it wasn't."""
    launched: Launched | None = None
    """Its kernel's process, until a session is made for it."""
    kernels: LocalKernels | None = None
    cells: Sequence[CellId] = ()
    notices: list[str] = field(default_factory=list)
    runner: Runner | None = None
    results: list[CellResult] = field(default_factory=list)
    _stopped: bool = False

    def open(self) -> None:
        """Reads the notebook and spawns its kernel, unless that was done. Call it from the main thread."""
        if self.loaded is None:
            try:
                self.loaded = self._open()
            except TuinbError as error:
                self.loaded = error

    def _open(self) -> Loaded:
        from tuinb.files import atomic, load, text_notebook
        from tuinb.headless.cell_names import chosen

        options = self.options
        loaded = load.load(self.path)
        if loaded.read_only:
            raise NotebookFileError(f"it can't be run: {loaded.read_only}", where=str(self.path))
        if self.target is not None:
            atomic.require(self.target)
            text_notebook.require(self.target)
        notebook = loaded.notebook
        self.notices += told(loaded.notices)
        if self.target is not None and text_notebook.is_text(self.target):
            self.notices.append("a script or a document has no room for outputs; -o NAME.ipynb saves them")
        cells = chosen(notebook, options.first, options.last, str(self.path))
        if self.narrow is not None:
            cells = self.narrow(notebook, cells)
        spec = self._spec(notebook) if self.make is None else None
        if options.parameters:
            from tuinb.headless.run import parameters

            spoken = spec.language if spec is not None and spec.language else notebook.language
            found = parameters.injection(notebook, options.parameters, spoken)
            notebook.apply(found.transaction)
            self.notices += found.notices
            cells = sorted({*cells, found.cell}, key=notebook.index)
        self.cells = cells
        if spec is not None and cells:
            from tuinb.kernel.launch.spawn import launch

            self.notices += spec.notices
            quiet = replace(spec, argv=(*spec.argv, _NO_HISTORY)) if spec.is_ipykernel else spec
            self.launched = launch(quiet, options.cwd or self.path.parent)
        return loaded

    def _spec(self, notebook: Notebook) -> KernelSpec:
        """What it is to run on. Raises KernelError and ConfigError."""
        from tuinb import config
        from tuinb.kernel.launch.kernelspecs import choose
        from tuinb.start import kernel_name

        options = self.options
        language = None if options.kernel else notebook.language
        name = options.kernel or kernel_name(notebook) or config.load().kernel
        return choose(name, language=language, python=options.python, notebook_dir=self.path.parent)

    def _session(self, loaded: Loaded, policy: RunPolicy) -> Session:
        """A session on the notebook, and on the process that was spawned."""
        from tuinb.session.opening import LocalKernels, open_session

        options = self.options
        folder = options.cwd or self.path.parent
        kernels = LocalKernels(loaded.notebook, folder, options.kernel, python=options.python, launched=self.launched)
        self.launched, self.kernels = None, kernels
        return open_session(loaded, self.make or kernels, policy)

    async def run(self, report: Report) -> Outcome:
        """Runs it to its end, whatever that is."""
        from tuinb.headless.run.autosave import Saver
        from tuinb.kernel.execution.runs import RunPolicy

        started = time.monotonic()
        if self._stopped:
            self.abandon()
            return Outcome(self.path, Exit.INTERRUPTED, Status.INTERRUPTED)
        self.open()
        loaded = self.loaded
        if isinstance(loaded, TuinbError):
            return Outcome(self.path, exit_code(loaded), Status.NOT_RUN, error=loaded)
        assert loaded is not None
        for notice in self.notices:
            report.note(self, notice)
        policy = RunPolicy(attended=False, allow_errors=self.options.allow_errors)
        session = self._session(loaded, policy)
        saver = None
        if self.target is not None:
            saver = Saver(loaded.notebook, loaded.file, self.target)
            saver.start()
        error: TuinbError | None = None
        try:
            ending = await self._drive(session, policy, report)
        finally:
            try:
                session.keep_widgets()
                if saver is not None:
                    await saver.finish()
                    for notice in told(saver.notices):
                        report.note(self, notice)
            except NotebookFileError as refused:
                error = refused
            finally:
                await session.close()
                self.abandon()
        if ending.status is Status.DEAD and error is None:
            why, _, said = ending.why.partition("\n")
            error = KernelError(why, where=self._where(), said=said)
        code = max(_EXITS[ending.status], Exit.OK if error is None else exit_code(error))
        saved = self.target if not isinstance(error, NotebookFileError) else None
        return Outcome(self.path, code, ending.status, time.monotonic() - started, self.results, error, saved)

    async def _drive(self, session: Session, policy: RunPolicy, report: Report) -> Ending:
        from tuinb.headless.run.runner import Runner

        def ended(result: CellResult) -> None:
            self.results.append(result)
            report.ended(self, result)

        self.runner = Runner(
            session,
            self.cells,
            policy,
            timeout=self.options.timeout,
            began=lambda cell, number: report.began(self, cell, number),
            ended=ended,
            resisted=lambda: report.note(self, "the cell goes on; Ctrl+C once more ends its kernel"),
        )
        silence = report.follow(self, session)
        try:
            return await self.runner.run()
        finally:
            silence()

    def abandon(self) -> None:
        """Ends its process where no session took it over."""
        if self.kernels is not None and self.kernels.launched is not None:
            self.launched, self.kernels.launched = self.kernels.launched, None
        if self.launched is not None:
            from tuinb.start import abandon

            abandon(self.launched)
            self.launched = None

    def _where(self) -> str:
        """The notebook, and the cell at which its kernel died."""
        last = self.results[-1] if self.results else None
        return f"{self.path}, cell {last.number}" if last is not None and last.status is Status.DEAD else str(self.path)

    def interrupt(self) -> None:
        """Ends it after the cell that runs, which is interrupted."""
        self._stopped = True
        if self.runner is not None:
            self.runner.interrupt()

    def kill(self) -> None:
        """Ends it now."""
        self._stopped = True
        if self.runner is not None:
            self.runner.kill()


async def run_all(jobs: Sequence[Job], at_a_time: int, report: Report) -> list[Outcome]:
    """Runs the jobs in their order, so many at a time; after an interrupt, those that did not begin don't."""
    import asyncio

    places = asyncio.Semaphore(at_a_time)

    async def one(job: Job) -> Outcome:
        async with places:
            outcome = await job.run(report)
            report.finished(job, outcome)
            return outcome

    return list(await asyncio.gather(*(one(job) for job in jobs)))

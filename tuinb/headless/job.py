"""One notebook to run: read, given its parameters, with its kernel's process under way; then run, saved, and told about.

What is wrong with the file, the parameters or the kernelspec is an Outcome like any other, so that one bad notebook among
many stops none of them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tuinb import config
from tuinb.errors import KernelError, NotebookFileError, TuinbError
from tuinb.files import ipynb
from tuinb.headless import parameters
from tuinb.headless.arguments import Exit, exit_code
from tuinb.headless.cells import chosen
from tuinb.headless.runner import CellResult, Ending, Runner, Status
from tuinb.headless.saving import Saver
from tuinb.kernel.launch import launch
from tuinb.kernel.runs import Conduct
from tuinb.kernel.specs import choose
from tuinb.opening import LocalKernels, open_session
from tuinb.start import abandon, kernel_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tuinb.files.ipynb import Loaded
    from tuinb.kernel.transport import Transport
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Cell, Notebook
    from tuinb.session import Session

_EXITS = {
    Status.OK: Exit.OK,
    Status.ERROR: Exit.FAILED,
    Status.TIMEOUT: Exit.FAILED,
    Status.NOT_RUN: Exit.FAILED,
    Status.INTERRUPTED: Exit.INTERRUPTED,
    Status.DEAD: Exit.KERNEL,
}


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
        options = self.options
        loaded = ipynb.load(self.path)
        if loaded.read_only:
            raise NotebookFileError(f"it can't be run: {loaded.read_only}", where=str(self.path))
        notebook = loaded.notebook
        self.notices += loaded.notices
        cells = chosen(notebook, options.first, options.last, str(self.path))
        if self.narrow is not None:
            cells = self.narrow(notebook, cells)
        language = None if options.kernel else notebook.language
        name = options.kernel or kernel_name(notebook) or config.load().kernel
        self.kernels = LocalKernels(notebook, options.cwd or self.path.parent, options.kernel, python=options.python)
        spec = None
        if self.make is None:
            spec = choose(name, language=language, python=options.python, notebook_dir=self.path.parent)
        if options.parameters:
            spoken = spec.language if spec is not None and spec.language else notebook.language
            found = parameters.injection(notebook, options.parameters, spoken)
            notebook.apply(found.transaction)
            self.notices += found.notices
            cells = sorted({*cells, found.cell}, key=notebook.index)
        self.cells = cells
        if spec is not None and cells:
            self.kernels.launched = launch(spec, options.cwd or self.path.parent)
        return loaded

    async def run(self, report: Report) -> Outcome:
        """Runs it to its end, whatever that is."""
        started = time.monotonic()
        if self._stopped:
            await self._discard()
            return Outcome(self.path, Exit.INTERRUPTED, Status.INTERRUPTED)
        self.open()
        loaded = self.loaded
        if isinstance(loaded, TuinbError):
            return Outcome(self.path, exit_code(loaded), Status.NOT_RUN, error=loaded)
        assert loaded is not None
        for notice in self.notices:
            report.note(self, notice)
        conduct = Conduct(attended=False, allow_errors=self.options.allow_errors)
        session = open_session(loaded, self.make or self.kernels, conduct)
        saver = None
        if self.target is not None:
            saver = Saver(loaded.notebook, loaded.file, self.target)
            saver.start()
        error: TuinbError | None = None
        try:
            ending = await self._drive(session, conduct, report)
        finally:
            try:
                session.keep_widgets()
                if saver is not None:
                    await saver.finish()
                    for notice in saver.notices:
                        report.note(self, notice)
            except NotebookFileError as refused:
                error = refused
            finally:
                await session.close()
                await self._discard()
        if ending.status is Status.DEAD and error is None:
            error = KernelError(ending.why, where=self._where())
        code = max(_EXITS[ending.status], Exit.OK if error is None else exit_code(error))
        saved = self.target if not isinstance(error, NotebookFileError) else None
        return Outcome(self.path, code, ending.status, time.monotonic() - started, self.results, error, saved)

    async def _drive(self, session: Session, conduct: Conduct, report: Report) -> Ending:
        def ended(result: CellResult) -> None:
            self.results.append(result)
            report.ended(self, result)

        self.runner = Runner(
            session,
            self.cells,
            conduct,
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

    async def _discard(self) -> None:
        """Ends a process that no session took over."""
        launched = self.kernels.launched if self.kernels is not None else None
        if launched is not None and self.kernels is not None:
            from tuinb.kernel.local import LocalKernel

            self.kernels.launched = None
            await LocalKernel(launched.spec, launched.cwd, launched=launched).close()

    def abandon(self) -> None:
        """Ends its process where it never came to run."""
        if self.kernels is not None:
            launched, self.kernels.launched = self.kernels.launched, None
            abandon(launched)

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
    places = asyncio.Semaphore(at_a_time)

    async def one(job: Job) -> Outcome:
        async with places:
            outcome = await job.run(report)
            report.finished(job, outcome)
            return outcome

    return list(await asyncio.gather(*(one(job) for job in jobs)))

"""Prints a run: outputs and summaries on stdout, progress and errors on stderr.

Foreign text passes render/safe.py. Rendering is imported when there is something to render: most runs only write a file.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.errors import KernelError, TuinbError, shown
from tuinb.headless.arguments import Exit
from tuinb.headless.console import complain, one_line, tell
from tuinb.headless.run.progress import Progress
from tuinb.headless.run.results import FINE, Status, runnable
from tuinb.notebook.changes import KERNEL, AppendStream, Applied
from tuinb.notebook.language import is_same
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.headless.ansi_lines import LineWriter
    from tuinb.headless.run.job import Job, Outcome
    from tuinb.headless.run.results import CellResult, Failure
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.session.events import SessionEvent
    from tuinb.session.session import Session

_UNWRAPPED = 1 << 20
"""Columns for text that goes to a file: lines are not wrapped."""


class ReportOptions(Record):
    """Which parts of a run are printed."""

    quiet: bool = False
    json: bool = False
    outputs: bool = False
    """Whether outputs are printed when their cell has ended."""
    stream: bool = False
    """Whether outputs are printed line by line as they arrive."""


class Report:
    """Prints the notebooks of a command, of which `at_a_time` run in parallel.

    Calls `stdout_closed` once the reader of stdout has closed it.
    """

    def __init__(
        self, options: ReportOptions, jobs: int, at_a_time: int, *, stdout_closed: Callable[[], None] = lambda: None
    ) -> None:
        self._options = options
        self._stdout_closed = stdout_closed
        self._stdout_open = True
        self.lost = False
        """Whether writing to stdout failed for another reason."""
        self._parallel = at_a_time > 1
        self._progress = Progress(jobs, quiet=options.quiet, prints_outputs=options.outputs or options.stream)
        self._printer: Printer | None = None
        self._waiting: dict[int, list[CellResult]] = {}
        """Cells of notebooks that run in parallel. Their outputs are printed when the notebook is done."""

    # ---- JobListener

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """See JobListener."""
        self._progress.began(job, cell, number)

    def ended(self, job: Job, result: CellResult) -> None:
        """See JobListener."""
        if result.status is Status.SKIPPED:
            return
        if self._options.outputs or self._options.stream:
            if self._parallel:
                self._waiting.setdefault(id(job), []).append(result)
            else:
                self._print(result.cell, errors=result.status is Status.ALLOWED)
            if self._printer is not None:
                self._printer.forget()
        self._progress.ended(job, result)

    def follow(self, job: Job, session: Session) -> Callable[[], None]:
        """Prints outputs as they arrive, with --stream. See JobListener."""
        if not self._options.stream or self._parallel:
            return lambda: None

        def on_event(event: Applied | SessionEvent) -> None:
            if isinstance(event, Applied) and event.origin == KERNEL and (cell := self._progress.running(job)):
                last = event.changes[-1]
                self._print(cell, whole=isinstance(last, AppendStream) and last.text.endswith("\n"))

        return session.listen(on_event)

    def finished(self, job: Job, outcome: Outcome) -> None:
        """See JobListener."""
        for result in self._waiting.pop(id(job), ()):
            self._print(result.cell, errors=result.status is Status.ALLOWED)
        self._progress.finished(job)
        for result in outcome.cells:
            unread = result.status is Status.INTERRUPTED and not self._stdout_open
            if result.status not in FINE and result.status is not Status.DEAD and not unread:
                self._failed(job, outcome, result)
        outcome.complain()
        if self._options.json:
            self._tell(json.dumps(as_json(outcome)))
        elif not self._options.quiet and (outcome.error is None or (outcome.cells and isinstance(outcome.error, KernelError))):
            self._tell(summary(outcome))

    def note(self, job: Job, text: str) -> None:
        """See JobListener."""
        self._progress.print_line(f"tuinb: {one_line(f'{shown(job.path)}: {text}')}")

    def close(self) -> None:
        """Removes the progress line from the screen."""
        self._progress.close()

    def _tell(self, *lines: str) -> None:
        try:
            if tell(*lines):
                return
        except TuinbError as error:
            self.lost = True
            self._progress.wipe()
            complain(error)
        if self._stdout_open:
            self._stdout_open = False
            self._stdout_closed()

    # ---- lines

    def _failed(self, job: Job, outcome: Outcome, result: CellResult) -> None:
        failure = result.failure
        origin = _origin_of_missing(job, result)
        complain(f"{describe(outcome, result)}{origin and f', {origin}'}")
        if failure is not None and failure.traceback:
            self._traceback(failure)

    def _traceback(self, failure: Failure) -> None:
        from tuinb.headless.ansi_lines import LineWriter, colors_for, context_for
        from tuinb.render.traceback import render_error

        error = {"ename": failure.name, "evalue": failure.value, "traceback": [failure.traceback]}
        block = render_error(error, context_for(_UNWRAPPED))
        write = LineWriter(colors_for(sys.stderr))
        for index in range(block.height):
            self._progress.print_line(write(block.line(index)))

    # ---- outputs

    def _print(self, cell: Cell, *, whole: bool = True, errors: bool = False) -> None:
        if self._printer is None:
            self._printer = Printer()
        lines = self._printer.lines(cell, whole=whole, errors=errors)
        if lines:
            self._progress.wipe()
            self._tell(*lines)
        self._progress.paint()


class Printer:
    """Outputs as lines for stdout, each line once."""

    def __init__(self) -> None:
        from tuinb.headless.ansi_lines import LineWriter, colors_for, columns_of, context_for

        colors = colors_for(sys.stdout)
        self._write: LineWriter = LineWriter(colors)
        self._context: RenderContext = context_for(columns_of(sys.stdout), colors=colors)
        self._wide = self._context if sys.stdout.isatty() else replace(self._context, width=_UNWRAPPED)
        self._blocks: dict[Output, Block] = {}
        self._printed: dict[Output, int] = {}

    def lines(self, cell: Cell, *, whole: bool, errors: bool) -> list[str]:
        """Returns the lines of the cell's outputs that were not printed yet.

        Without `whole` leaves out the last line, which may still change. Without `errors` leaves out exceptions: those that
        end a run are printed on stderr.
        """
        found: list[str] = []
        count = len(cell.outputs)
        for place, output in enumerate(cell.outputs):
            if output.type == "error" and not errors:
                continue
            block = self._block(output)
            printed = self._printed.get(output, 0)
            end = block.height if whole or place < count - 1 or output.stream is None else block.height - 1
            if end > printed:
                found += [self._write(block.line(index)) for index in range(printed, end)]
                self._printed[output] = end
        return found

    def forget(self) -> None:
        """Forgets the cells printed so far."""
        self._blocks.clear()
        self._printed.clear()

    def _block(self, output: Output) -> Block:
        block = self._blocks.get(output)
        if block is None:
            from tuinb.render.registry import render_output

            # Markdown is wrapped. Other text that goes to a file keeps its lines.
            block = render_output(output, self._context if "text/markdown" in output.data else self._wide)
            if output.stream is not None:
                self._blocks[output] = block
        return block


def describe(outcome: Outcome, result: CellResult) -> str:
    """Returns where and why a cell failed, in one line."""
    failure = result.failure
    line = f", line {failure.line}" if failure is not None and failure.line else ""
    what = {Status.TIMEOUT: "it took too long and was interrupted", Status.INTERRUPTED: "interrupted"}.get(result.status)
    what = what or (failure.summary() if failure is not None else "the kernel did not run it")
    return f"{shown(outcome.path)}, cell {result.number}{line}: {what}"


def _origin_of_missing(job: Job, result: CellResult) -> str:
    """Returns a clause on where the name should have been defined that a cell of Python misses; empty if it misses none."""
    failure, loaded = result.failure, job.loaded
    if failure is None or failure.name != "NameError" or loaded is None or isinstance(loaded, TuinbError):
        return ""
    if not is_same(loaded.notebook.language, "python"):
        return ""
    from tuinb.analysis.dataflow import origin_of_missing

    sources = [(place, cell.source) for place, cell in enumerate(loaded.notebook) if runnable(cell)]
    return origin_of_missing(sources, result.number - 1, failure.value)


def as_json(outcome: Outcome) -> dict[str, object]:
    """Returns the outcome as --json prints it."""
    cells = [
        {
            "cell": result.number,
            "id": result.cell.raw.get("id"),
            "status": result.status,
            "seconds": round(result.seconds, 6),
            "execution_count": result.cell.execution_count,
        }
        for result in outcome.cells
    ]
    error: dict[str, object] | None = None
    failed = next((result for result in outcome.cells if result.status not in FINE), None)
    if failed is not None:
        error = {"cell": failed.number, "status": failed.status}
        if (failure := failed.failure) is not None:
            error |= {"line": failure.line, "name": failure.name, "value": failure.value, "traceback": failure.traceback}
    if outcome.error is not None:
        error = {**(error or {}), "message": str(outcome.error)}
        if isinstance(outcome.error, KernelError) and outcome.error.stderr:
            error["stderr"] = outcome.error.stderr
    return {
        "file": shown(outcome.path),
        "status": outcome.status,
        "exit": int(outcome.exit),
        "seconds": round(outcome.seconds, 6),
        "saved": None if outcome.saved is None else str(outcome.saved),
        "cells": cells,
        "error": error,
    }


def summary(outcome: Outcome) -> str:
    """Returns how many cells ran, how long, and where they were saved."""
    ran = sum(result.status is not Status.SKIPPED for result in outcome.cells)
    text = f"{shown(outcome.path)}: {ran} cell{'' if ran == 1 else 's'} in {outcome.seconds:.1f} s"
    if outcome.exit is not Exit.OK:
        text += f", {outcome.status}"
    if outcome.saved is not None and outcome.saved != outcome.path:
        text += f", saved as {one_line(str(outcome.saved))}"
    return text

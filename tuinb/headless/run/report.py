"""What a run says: outputs and summaries on stdout, progress and what went wrong on stderr.

Foreign text passes render's choke point. Rendering is imported when there is something to render: most runs only write a
file.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuinb.errors import KernelError, TuinbError
from tuinb.headless.arguments import Exit
from tuinb.headless.console import complain, one_line, tell
from tuinb.headless.run.progress import Progress
from tuinb.headless.run.results import FINE, Status
from tuinb.notebook.changes import KERNEL, AppendStream, Applied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.headless.ansi_lines import Ink
    from tuinb.headless.run.job import Job, Outcome
    from tuinb.headless.run.results import CellResult, Failure
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.session.events import Notice
    from tuinb.session.session import Session

_UNWRAPPED = 1 << 20
"""Columns for a text that goes to a file: lines are as they were printed."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What is wanted of a report."""

    quiet: bool = False
    json: bool = False
    outputs: bool = False
    """Whether outputs are printed when their cell is done."""
    stream: bool = False
    """Whether they are printed line by line as they come."""


class Report:
    """One for all notebooks of a command; `at_a_time` of them run at once.

    `unheard` is called when it turns out that nobody reads stdout any more.
    """

    def __init__(self, voice: Voice, jobs: int, at_a_time: int, *, unheard: Callable[[], None] = lambda: None) -> None:
        self._voice = voice
        self._unheard = unheard
        self._heard = True
        self.lost = False
        """Whether stdout could not be written, with a reader there."""
        self._together = at_a_time > 1
        self._progress = Progress(jobs, quiet=voice.quiet, beside=voice.outputs or voice.stream)
        self._printer: Printer | None = None
        self._waiting: dict[int, list[CellResult]] = {}
        """With several at once: the cells of each whose outputs are printed when it is done."""

    # ---- what happens

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """A cell is handed to its kernel."""
        self._progress.began(job, cell, number)

    def ended(self, job: Job, result: CellResult) -> None:
        """A cell is done, or was passed over."""
        if result.status is Status.SKIPPED:
            return
        if self._voice.outputs or self._voice.stream:
            if self._together:
                self._waiting.setdefault(id(job), []).append(result)
            else:
                self._print(result.cell, errors=result.status is Status.ALLOWED)
            if self._printer is not None:
                self._printer.forget()
        self._progress.ended(job, result)

    def follow(self, job: Job, session: Session) -> Callable[[], None]:
        """Prints what a session's cells say as they say it, where that is wanted. The result ends it."""
        if not self._voice.stream or self._together:
            return lambda: None

        def heard(news: Applied | Notice) -> None:
            if isinstance(news, Applied) and news.origin == KERNEL and (cell := self._progress.running(job)):
                last = news.changes[-1]
                self._print(cell, whole=isinstance(last, AppendStream) and last.text.endswith("\n"))

        return session.listen(heard)

    def finished(self, job: Job, outcome: Outcome) -> None:
        """A notebook is done."""
        for result in self._waiting.pop(id(job), ()):
            self._print(result.cell, errors=result.status is Status.ALLOWED)
        self._progress.finished(job)
        for result in outcome.cells:
            left = result.status is Status.INTERRUPTED and not self._heard
            if result.status not in FINE and result.status is not Status.DEAD and not left:
                self._failed(outcome, result)
        outcome.complain()
        if self._voice.json:
            self._tell(json.dumps(as_json(outcome)))
        elif not self._voice.quiet and (outcome.error is None or (outcome.cells and isinstance(outcome.error, KernelError))):
            self._tell(_summary(outcome))

    def note(self, job: Job, text: str) -> None:
        """Something that the user should know, though all is well."""
        self._progress.say(f"tuinb: {one_line(f'{job.path}: {text}')}")

    def close(self) -> None:
        """Takes the progress off the screen."""
        self._progress.close()

    def _tell(self, *lines: str) -> None:
        try:
            if tell(*lines):
                return
        except TuinbError as error:
            self.lost = True
            self._progress.wipe()
            complain(error)
        if self._heard:
            self._heard = False
            self._unheard()

    # ---- words

    def _failed(self, outcome: Outcome, result: CellResult) -> None:
        failure = result.failure
        line = f", line {failure.line}" if failure is not None and failure.line else ""
        what = {Status.TIMEOUT: "it took too long and was interrupted", Status.INTERRUPTED: "interrupted"}.get(result.status)
        what = what or (str(failure) if failure is not None else "the kernel did not run it")
        complain(f"{outcome.path}, cell {result.number}{line}: {what}")
        if failure is not None and failure.traceback:
            self._traceback(failure)

    def _traceback(self, failure: Failure) -> None:
        from tuinb.headless.ansi_lines import Ink, colors_for, context_for
        from tuinb.render.traceback import render_error

        block = render_error({"traceback": [failure.traceback]}, context_for(_UNWRAPPED))
        ink = Ink(colors_for(sys.stderr))
        for index in range(block.height):
            self._progress.say(ink(block.line(index)))

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
        from tuinb.headless.ansi_lines import Ink, colors_for, columns_of, context_for

        colors = colors_for(sys.stdout)
        self._ink: Ink = Ink(colors)
        self._context: RenderContext = context_for(columns_of(sys.stdout), colors=colors)
        self._wide = self._context if sys.stdout.isatty() else replace(self._context, width=_UNWRAPPED)
        self._blocks: dict[Output, Block] = {}
        self._printed: dict[Output, int] = {}

    def lines(self, cell: Cell, *, whole: bool, errors: bool) -> list[str]:
        """What was not yet printed of the cell's outputs. But for `whole`, not the last line, which may still change.

        `errors`: exceptions, too; those that end a run are for stderr.
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
                found += [self._ink(block.line(index)) for index in range(printed, end)]
                self._printed[output] = end
        return found

    def forget(self) -> None:
        """The cells so far are done with."""
        self._blocks.clear()
        self._printed.clear()

    def _block(self, output: Output) -> Block:
        block = self._blocks.get(output)
        if block is None:
            from tuinb.render.registry import render_output

            # Prose follows the width; all else that goes to a file keeps its lines.
            block = render_output(output, self._context if "text/markdown" in output.data else self._wide)
            if output.stream is not None:
                self._blocks[output] = block
        return block


def as_json(outcome: Outcome) -> dict[str, object]:
    """An outcome as --json gives it."""
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
        "file": str(outcome.path),
        "status": outcome.status,
        "exit": int(outcome.exit),
        "seconds": round(outcome.seconds, 6),
        "saved": None if outcome.saved is None else str(outcome.saved),
        "cells": cells,
        "error": error,
    }


def _summary(outcome: Outcome) -> str:
    ran = sum(result.status is not Status.SKIPPED for result in outcome.cells)
    text = f"{one_line(str(outcome.path))}: {ran} cell{'' if ran == 1 else 's'} in {outcome.seconds:.1f} s"
    if outcome.exit is not Exit.OK:
        text += f", {outcome.status}"
    if outcome.saved is not None and outcome.saved != outcome.path:
        text += f", saved as {one_line(str(outcome.saved))}"
    return text

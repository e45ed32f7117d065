"""`tuinb verify`: runs notebooks on a fresh kernel and compares each cell with its saved outputs, to find hidden state.

Every cell is run, also after an error, by the runner of `tuinb run`. The file is not changed.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.errors import TuinbError, UsageError
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, one_line, tell
from tuinb.headless.run import batch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tuinb.headless.run.job import Job, Options, Outcome
    from tuinb.headless.run.results import CellResult
    from tuinb.headless.verify.verdicts import CellVerdict, Verified, Verifier
    from tuinb.notebook.cell import Cell
    from tuinb.session.session import Session

_SHOWN = 40
"""Number of lines of a diff that are printed. --json has all."""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = batch.parse(arguments(), argv)
    from tuinb.headless.verify.verdicts import Verifier, pattern

    try:
        ignored = [pattern(text) for text in parsed.ignore]
        options = batch.run_options(parsed, allow_errors=True)
        verifier = Verifier(ignored, exact=parsed.exact)
        # The list grows while they run: signals concern all in it.
        jobs = [verifier.job(path, options) for path in batch.notebooks(parsed)]
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    shown = {"quiet": parsed.quiet, "as_json": parsed.json}
    with batch.started(jobs) as signals, closing(_Report(verifier, jobs, twice=parsed.twice, **shown)) as report:
        ended_by = batch.run_jobs(jobs, min(parsed.jobs, len(jobs)), report, signals)
        if again := report.begin_again(options):
            jobs += again
            ended_by = max(ended_by, batch.run_jobs(again, min(parsed.jobs, len(again)), report, signals))
        report.finish()
    return max(ended_by, report.worst)


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "verify",
        "Run notebooks on a fresh kernel and compare with what is saved in them; the files stay as they are. Exit: "
        "0 they reproduce, or vary; 1 they don't; 2 the command line or a file; 3 the kernel; 130 interrupted.",
        "tuinb verify analysis.ipynb",
        "tuinb verify --twice analysis.ipynb",
        "tuinb verify --ignore 'seed=[0-9]+' -j 4 chapters/*.ipynb",
        "tuinb verify analysis.ipynb --json | jq '.cells[] | select(.verdict != \"same\")'",
    )
    batch.add_run_options(options)
    options.add_argument(
        "--ignore", metavar="REGEX", action="append", default=[],
        help="what to pass over in outputs, besides times, addresses and their like; repeatable",
    )  # fmt: skip
    options.add_argument("--exact", action="store_true", help="pass over nothing but what --ignore says")
    options.add_argument(
        "--twice", action="store_true",
        help="run once more what does not reproduce: what differs between the two runs varies, the rest has changed",
    )  # fmt: skip
    report = options.add_mutually_exclusive_group()
    report.add_argument("-q", "--quiet", action="store_true", help="print only what does not reproduce")
    report.add_argument("--json", action="store_true", help="a JSON object for each notebook: cells, verdicts, diffs, names")
    return options


# ---- the report


class _Report:
    """Prints progress during the run, and for each notebook what does not reproduce and a summary. Serves JobListener."""

    def __init__(self, verifier: Verifier, jobs: Sequence[Job], *, quiet: bool, as_json: bool, twice: bool = False) -> None:
        from tuinb.headless.run.progress import Progress

        self._verifier = verifier
        self._progress = Progress(len(jobs), quiet=quiet)
        self._quiet = quiet
        self._json = as_json
        self._jobs = jobs
        self._twice = twice
        self._undecided: dict[Path, tuple[Job, Outcome]] = {}
        """The first runs of notebooks that are to run once more."""
        self.worst = 0
        """The highest exit code so far."""

    def note(self, job: Job, text: str) -> None:
        self._progress.print_line(f"tuinb: {one_line(f'{errors.shown(job.path)}: {text}')}")

    def began(self, job: Job, cell: Cell, number: int) -> None:
        self._progress.began(job, cell, number)

    def ended(self, job: Job, result: CellResult) -> None:
        self._progress.ended(job, result)

    def follow(self, job: Job, session: Session) -> Callable[[], None]:
        return lambda: None

    def close(self) -> None:
        self._progress.close()

    def finished(self, job: Job, outcome: Outcome) -> None:
        self._progress.finished(job)
        if (before := self._undecided.pop(job.path, None)) is not None:
            self._conclude(*before, outcome)
        else:
            self._conclude(job, outcome)

    def begin_again(self, options: Options) -> list[Job]:
        """Returns the jobs for a second run."""
        from tuinb.headless.run.progress import Progress

        jobs = [self._verifier.job(path, options) for path in self._undecided]
        self._progress.close()
        self._progress = Progress(len(jobs), quiet=self._quiet)
        self._twice = False
        return jobs

    def finish(self) -> None:
        """Reports what was to run once more, but did not."""
        for first in list(self._undecided.values()):
            self._conclude(*first)

    def _conclude(self, job: Job, outcome: Outcome, again: Outcome | None = None) -> None:
        """Judges a notebook and reports it."""
        from tuinb.headless.verify.verdicts import Verdict

        try:
            verified = self._verifier.judge(job, outcome, again)
        except UsageError as error:
            complain(f"{errors.shown(job.path)}: {error}")
            self.worst = max(self.worst, Exit.USAGE)
            return
        if self._twice and any(cell.verdict in {Verdict.DIFFERENT, Verdict.NEW_ERROR} for cell in verified.cells):
            self._undecided[job.path] = (job, outcome)
            return
        self.worst = max(self.worst, verified.exit)
        (again or outcome).complain()
        lines = [json.dumps(as_json(verified))] if self._json else list(as_text(verified, quiet=self._quiet))
        try:
            stdout_open = not lines or tell(*lines)
        except TuinbError as error:
            complain(error)
            self.worst, stdout_open = max(self.worst, Exit.USAGE), False
        if not stdout_open:
            batch.kill_unsaved_jobs(self._jobs)


def as_text(verified: Verified, *, quiet: bool = False) -> Iterator[str]:
    """Yields lines on what does not reproduce, and unless `quiet` a summary."""
    from tuinb.headless.verify.noise import described, total
    from tuinb.headless.verify.verdicts import Verdict

    path = errors.shown(verified.outcome.path)
    for cell in verified.cells:
        if cell.verdict in {Verdict.DIFFERENT, Verdict.CHANGED}:
            yield f"{path}, cell {cell.result.number}: {cell.verdict}"
            yield from _differences(cell)
        elif cell.verdict in {Verdict.NEW_ERROR, Verdict.NOT_FINISHED}:
            yield f"{path}, {_failed(cell)}"
    varying = [str(cell.result.number) for cell in verified.cells if cell.verdict is Verdict.VARIES]
    if varying and not quiet:
        yield f"{path}: differs between two new runs: {'cells' if len(varying) > 1 else 'cell'} {', '.join(varying)}"
    if verified.exit or not quiet:
        yield from (f"{path}, {one_line(found.describe())}" for found in verified.names)
        yield from (f"{path}: {note}" for note in verified.notes)
    if not quiet and (verified.outcome.error is None or verified.cells):
        verdicts = [cell.verdict for cell in verified.cells]
        counts = {kind: verdicts.count(kind) for kind in Verdict if kind in verdicts}
        counted = [
            f"{number} {'vary' if kind is Verdict.VARIES and number > 1 else kind}" for kind, number in counts.items()
        ] or ["nothing to run"]
        passed = total(dict(cell.passed) for cell in verified.cells if cell.verdict is Verdict.SAME)
        if passed:
            counted[0] += f" but for {described(passed)}"
        counted += [f"{verified.unreached} not reached"] if verified.unreached else []
        result = "reproduces" if not verified.exit else "does not reproduce"
        yield f"{path}: {result}: {', '.join(counted)}, in {verified.outcome.seconds:.1f} s"


def _failed(cell: CellVerdict) -> str:
    """Returns the line for a cell that failed or did not finish."""
    failure = cell.result.failure
    if failure is None or str(cell.verdict) == "not finished":
        return f"cell {cell.result.number}: {cell.verdict}: {cell.result.status}"
    line = f", line {failure.line}" if failure.line else ""
    hint = f", {cell.hint}" if cell.hint else ""
    return one_line(f"cell {cell.result.number}{line}: {cell.verdict}: {failure.summary()}{hint}")


def _differences(cell: CellVerdict) -> Iterator[str]:
    from tuinb.headless.ansi_lines import LineWriter, colors_for, columns_of, context_for, drawn
    from tuinb.render.code.highlight import Highlighted

    colors = colors_for(sys.stdout)
    context = context_for(columns_of(sys.stdout), colors=colors)
    write, styles = LineWriter(colors), context.styles
    for difference in cell.differences:
        yield f"  {difference.what}"
        for name, image in zip(difference.image_names, difference.images, strict=False) if colors else ():
            yield f"  {name}:"
            yield from (f"  {write(line)}" for line in drawn(context, image))
        # The first two lines, `saved` and `now`, are always the same.
        lines = difference.diff[2:] if difference.diff[:1] == ("--- saved",) else difference.diff
        shown = Highlighted("\n".join(lines[:_SHOWN]), "diff", styles)
        if lines:
            yield from (f"  {write(shown.line(index))}" for index in range(shown.line_count))
        if len(lines) > _SHOWN:
            yield f"  … {len(lines) - _SHOWN} more lines (--json has all)"


def as_json(verified: Verified) -> dict[str, object]:
    """Returns what --json prints for a notebook."""
    outcome = verified.outcome
    return {
        "file": errors.shown(outcome.path),
        "reproduces": verified.exit == Exit.OK,
        "exit": verified.exit,
        "status": outcome.status,
        "seconds": round(outcome.seconds, 6),
        "cells": [
            {
                "cell": cell.result.number,
                "id": cell.result.cell.raw.get("id"),
                "verdict": cell.verdict,
                "status": cell.result.status,
                "seconds": round(cell.result.seconds, 6),
                "passed_over": {str(kind): number for kind, number in cell.passed},
                "differences": [{"what": part.what, "diff": "\n".join(part.diff)} for part in cell.differences],
                "error": None if cell.result.failure is None else str(cell.result.failure),
            }
            for cell in verified.cells
        ],
        "names": [
            {"cell": name.place + 1, "line": name.line, "name": name.name, "defined_in": [at + 1 for at in name.setters]}
            for name in verified.names
        ],
        "notes": list(verified.notes),
        "error": None if outcome.error is None else str(outcome.error),
    }

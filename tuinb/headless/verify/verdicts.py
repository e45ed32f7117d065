"""Judges a new run of a notebook, cell by cell, by the outputs that were saved in it.

Tags of a cell: `verify-skip` (run, but not compared), `skip-execution` (not run), `raises-exception` (an error is expected).
nbval's tags and comments NBVAL_IGNORE_OUTPUT, NBVAL_SKIP and NBVAL_RAISES_EXCEPTION mean the same three.

With a second run, what differs between the two runs varies, and what differs from both has changed.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb.analysis import dataflow
from tuinb.errors import TuinbError, UsageError
from tuinb.headless.arguments import Exit
from tuinb.headless.run.job import Job
from tuinb.headless.run.results import FINE, Status, runnable
from tuinb.headless.verify.compare import Comparison
from tuinb.mime import joined
from tuinb.notebook.language import is_same
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tuinb.analysis.dataflow import Undefined
    from tuinb.headless.run.job import Options, Outcome
    from tuinb.headless.run.results import CellResult, Failure
    from tuinb.headless.verify.compare import Difference
    from tuinb.headless.verify.noise import Kind
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId, Json
    from tuinb.notebook.document import Notebook

_NBVAL = re.compile(r"^\s*#\s*NBVAL_(IGNORE_OUTPUT|SKIP|RAISES_EXCEPTION)\b", re.MULTILINE)
_NUMBERS = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?")


_Saved: TypeAlias = "tuple[Sequence[Mapping[str, Json]], int | None]"
"""The outputs and the execution count of a cell."""


class _Before(Record):
    saved: Mapping[CellId, _Saved]
    started: float
    """When the notebook was read, by the clock."""


class _Run(NamedTuple):
    code: str
    """The source of all cells."""
    window: tuple[float, float]
    """When the new outputs were made, by the clock."""


class Verdict(StrEnum):
    """The judgement of a cell."""

    SAME = "same"
    DIFFERENT = "different"
    CHANGED = "changed"
    """Two new runs agree, and the saved outputs differ from both."""
    VARIES = "varies"
    """Two new runs differ."""
    NEW_ERROR = "new error"
    NOTHING_SAVED = "nothing saved"
    """It was never run, or stripped; it ran without an error."""
    LEFT_OUT = "left out"
    NOT_FINISHED = "not finished"
    """The run ended at it."""


_FAILS = frozenset({Verdict.DIFFERENT, Verdict.CHANGED, Verdict.NEW_ERROR, Verdict.NOT_FINISHED})


class CellVerdict(Record):
    result: CellResult
    verdict: Verdict
    differences: Sequence[Difference] = ()
    hint: str = ""
    """The origin of a name that was missing."""
    passed: tuple[tuple[Kind, int], ...] = ()
    """How much differs that was passed over."""


class Verified(Record):
    """The judgement of a notebook."""

    outcome: Outcome
    cells: Sequence[CellVerdict]
    names: Sequence[Undefined]
    notes: Sequence[str]
    unreached: int = 0
    """Number of cells below the one at which the run ended."""

    @property
    def exit(self) -> int:
        """The exit code. 0 if the notebook reproduces."""
        fine = all(cell.verdict not in _FAILS for cell in self.cells)
        return max(self.outcome.exit, Exit.OK if fine else Exit.FAILED)


def pattern(text: object) -> re.Pattern[str]:
    """Compiles a pattern of text to ignore. Raises UsageError."""
    try:
        return re.compile(str(text), re.MULTILINE)
    except re.error as error:
        raise UsageError(f"{text!r} is no regular expression: {error}", hint="--ignore takes Python's") from error


class Verifier:
    """Remembers the saved outputs of each notebook before it runs, and judges the run afterwards."""

    def __init__(self, ignored: Sequence[re.Pattern[str]] = (), *, exact: bool = False) -> None:
        self._ignored = ignored
        self._exact = exact
        self._before: dict[int, _Before] = {}

    def job(self, path: Path, options: Options, make: Callable[[str | None], KernelConnection] | None = None) -> Job:
        """Returns a job that runs a notebook and saves nothing."""
        job = Job(path, None, options, make)

        def narrow(notebook: Notebook, cells: list[CellId]) -> list[CellId]:
            codes = (cell for cell in notebook if cell.kind == "code")
            saved = {cell.id: ([one.raw for one in cell.data().outputs], cell.execution_count) for cell in codes}
            self._before[id(job)] = _Before(saved, time.time())
            return [cell for cell in cells if "SKIP" not in _marks(notebook[cell])]

        job.narrow = narrow
        return job

    def judge(self, job: Job, outcome: Outcome, again: Outcome | None = None) -> Verified:
        """Compares the run with the saved outputs, and with a second run, if there was one.

        Raises UsageError for an invalid pattern in the metadata.
        """
        if isinstance(job.loaded, TuinbError) or job.loaded is None:
            return Verified(outcome, (), (), ())
        notebook, before = job.loaded.notebook, self._before[id(job)]
        sources = []
        if is_same(notebook.language, "python"):
            cells = enumerate(notebook)
            sources = [(place, cell.source) for place, cell in cells if runnable(cell) and "SKIP" not in _marks(cell)]
        run = _Run("\n".join(source for _, source in sources), (before.started, time.time()))
        second = {} if again is None else {result.number: result for result in again.cells}
        verdicts = []
        for result in outcome.cells:
            if not result.cell.source.strip():
                continue
            saved = before.saved.get(result.cell.id, ((), None))
            verdict = self._judge(notebook, run, result, saved)
            if again is not None:
                verdict = self._judge_again(notebook, run, verdict, saved, second.get(result.number))
            if verdict.verdict is Verdict.NEW_ERROR and result.failure is not None:
                verdict = replace(verdict, hint=dataflow.origin_of_missing(sources, result.number - 1, result.failure.value))
            verdicts.append(verdict)
        reached = {result.cell.id for result in outcome.cells}
        unreached = sum(cell not in reached and runnable(notebook[cell]) for cell in job.cells)
        return Verified(outcome, verdicts, dataflow.undefined(sources), _order(notebook, before.saved), unreached)

    def _judge(self, notebook: Notebook, run: _Run, result: CellResult, saved: _Saved) -> CellVerdict:
        marks, cell, (outputs, count) = _marks(result.cell), result.cell, saved
        if result.status is Status.SKIPPED:
            return CellVerdict(result, Verdict.LEFT_OUT)
        if result.status not in FINE:
            return CellVerdict(result, Verdict.NOT_FINISHED)
        if result.failure is not None and not _has_error(outputs, result.failure) and "RAISES_EXCEPTION" not in marks:
            return CellVerdict(result, Verdict.NEW_ERROR)
        if "IGNORE_OUTPUT" in marks:
            return CellVerdict(result, Verdict.LEFT_OUT)
        if not outputs and count is None:
            return CellVerdict(result, Verdict.NOTHING_SAVED)
        found = self._comparison(notebook, run, cell).compare(outputs, cell.outputs.to_json())
        verdict = Verdict.DIFFERENT if found.differences else Verdict.SAME
        return CellVerdict(result, verdict, found.differences, passed=tuple(sorted(found.passed.items())))

    def _judge_again(
        self, notebook: Notebook, run: _Run, first: CellVerdict, saved: _Saved, result: CellResult | None
    ) -> CellVerdict:
        """Returns the verdict after a second run of the cell."""
        if first.verdict not in {Verdict.DIFFERENT, Verdict.NEW_ERROR}:
            return first
        if result is None or result.status not in FINE:
            return replace(first, verdict=Verdict.NOT_FINISHED)
        if (result.failure is None) != (first.result.failure is None):
            return replace(first, verdict=Verdict.VARIES)
        if first.verdict is Verdict.NEW_ERROR:
            return first
        comparison = self._comparison(notebook, run, first.result.cell)
        old, one, other = saved[0], first.result.cell.outputs.to_json(), result.cell.outputs.to_json()
        varying = comparison.compare(one, other).differences
        if not varying:
            return replace(first, verdict=Verdict.CHANGED)
        words = [_words(comparison, outputs) for outputs in (old, one, other)]
        if words[1] == words[2] != words[0]:
            return replace(first, verdict=Verdict.CHANGED)
        return replace(first, verdict=Verdict.VARIES, differences=varying)

    def _comparison(self, notebook: Notebook, run: _Run, cell: Cell) -> Comparison:
        own = [*_patterns(notebook.metadata), *_patterns(cell.metadata)]
        return Comparison([*self._ignored, *own], exact=self._exact, code=run.code, run=run.window)


def _words(comparison: Comparison, outputs: Sequence[Mapping[str, Json]]) -> list[tuple[str, str]]:
    """Returns what the outputs say apart from numbers, the layout that follows from their widths, and images.

    If two runs agree in it, it does not vary.
    """
    texts = comparison.texts(outputs)
    return [(name, "" if name.startswith("image/") else " ".join(_NUMBERS.sub("#", text).split())) for name, text in texts]


def _has_error(saved: Sequence[Mapping[str, Json]], failure: Failure) -> bool:
    """Returns whether the saved outputs have an error. Without an error output, one of this name on stderr counts as one."""
    if any(raw.get("output_type") == "error" for raw in saved):
        return True
    stderr = (joined(raw.get("text")) for raw in saved if raw.get("output_type") == "stream" and raw.get("name") == "stderr")
    return not failure.traceback and failure.name in "".join(stderr)


def _marks(cell: Cell) -> set[str]:
    """Returns what the cell's tags and nbval's comments in it ask for, by nbval's names."""
    found = set(_NBVAL.findall(cell.source))
    for tag in cell.tags:
        name = tag.upper().replace("-", "_")
        found.add({"VERIFY_SKIP": "IGNORE_OUTPUT"}.get(name, name).removeprefix("NBVAL_"))
    return found


def _patterns(metadata: Mapping[str, Json]) -> list[re.Pattern[str]]:
    """Returns the patterns in the metadata of a notebook or a cell: `"tuinb": {"ignore": ["regex", …]}`."""
    own = metadata.get("tuinb")
    given = own.get("ignore") if isinstance(own, dict) else None
    return [pattern(text) for text in given] if isinstance(given, list) else []


def _order(notebook: Notebook, saved: Mapping[CellId, tuple[object, int | None]]) -> list[str]:
    """Returns a note if the saved counts show that cells were not run from top to bottom."""
    last = (0, 0)
    for place, cell in enumerate(notebook, 1):
        count = saved[cell.id][1] if cell.id in saved else None
        if count is None:
            continue
        if count < last[1]:
            return [f"when it was saved, cell {place} (count {count}) had been run before cell {last[0]} (count {last[1]})"]
        last = (place, count)
    return []

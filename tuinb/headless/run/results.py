"""The results of cells and of runs, as the runner finds them and reports print them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from tuinb.analysis.failing_line import failing_line
from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.kernel.execution.runs import CellRun
    from tuinb.notebook.cell import Cell


_LONGEST = 300
"""Characters of a failure's summary."""


class Status(StrEnum):
    """How a cell or a run ended."""

    OK = "ok"
    ALLOWED = "allowed error"
    SKIPPED = "skipped"
    ERROR = "error"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    DEAD = "dead kernel"
    NOT_RUN = "not run"


FINE = frozenset({Status.OK, Status.ALLOWED, Status.SKIPPED})


class Failure(Record):
    """An exception that ended a cell."""

    name: str
    value: str
    traceback: str
    line: int | None
    """The line of the cell's source, from 1, if the traceback gives it."""

    def __str__(self) -> str:
        return f"{self.name}: {self.value}" if self.value else self.name

    def summary(self) -> str:
        """Returns the start of the message, for one line. A message can be as long as the value that it shows."""
        text = str(self)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


class CellResult(Record):
    cell: Cell
    number: int
    """The cell's position in the notebook, from 1."""
    status: Status
    seconds: float = 0.0
    failure: Failure | None = None


def runnable(cell: Cell) -> bool:
    """Returns whether the cell has code and is not tagged to be skipped."""
    return cell.kind == "code" and bool(cell.source.strip()) and not cell.skipped


def failure_of(cell: Cell, run: CellRun) -> Failure:
    """Returns the exception among a cell's outputs. If there is none, returns the error that the kernel's reply named.

    IPython writes some errors, such as ExceptionGroup and UsageError, to stderr and names them only in the reply.
    """
    found = failing_line(cell)
    line = None if found is None else found + 1
    for output in reversed(list(cell.outputs)):
        if output.type == "error":
            frames = output.raw.get("traceback")
            text = "\n".join(map(str, frames)) if isinstance(frames, list) else ""
            found_name, value = str(output.raw.get("ename") or run.error_name or "error"), str(output.raw.get("evalue") or "")
            return Failure(found_name, value, text, line)
    return Failure(run.error_name or "error", run.error_value, "", line)

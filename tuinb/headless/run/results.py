"""How a cell ended, and a run: what the runner finds and everybody else tells, saves or compares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.notebook.cell import Cell

SKIP = "skip-execution"
RAISES = "raises-exception"
_SGR = re.compile(r"\x1b\[[0-9;]*m")


class Status(StrEnum):
    """How a cell ended, and a run."""

    OK = "ok"
    ALLOWED = "allowed error"
    SKIPPED = "skipped"
    ERROR = "error"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    DEAD = "dead kernel"
    NOT_RUN = "not run"


FINE = frozenset({Status.OK, Status.ALLOWED, Status.SKIPPED})


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that ended a cell."""

    name: str
    value: str
    traceback: str
    line: int | None
    """The line of the cell's source, from 1, where the kernel says it."""

    def __str__(self) -> str:
        return f"{self.name}: {self.value}" if self.value else self.name


@dataclass(frozen=True, slots=True)
class CellResult:
    cell: Cell
    number: int
    """The cell's place in the notebook, from 1."""
    status: Status
    seconds: float = 0.0
    failure: Failure | None = None


def runnable(cell: Cell) -> bool:
    """Whether there is something to run, and it is not to be passed over."""
    return cell.kind == "code" and bool(cell.source.strip()) and SKIP not in cell.tags


def failure_of(cell: Cell, name: str) -> Failure:
    """The exception among a cell's outputs; `name` where the kernel sent none."""
    for output in reversed(list(cell.outputs)):
        if output.type == "error":
            frames = output.raw.get("traceback")
            text = "\n".join(map(str, frames)) if isinstance(frames, list) else ""
            found, value = str(output.raw.get("ename") or name or "error"), str(output.raw.get("evalue") or "")
            return Failure(found, value, text, _line(text, cell.execution_count))
    return Failure(name or "error", "", "", None)


def _line(traceback: str, count: int | None) -> int | None:
    """The line as IPython names it: `Cell In[3], line 2`."""
    found = re.search(rf"\bIn ?\[{count}\], line (\d+)", _SGR.sub("", traceback))
    return int(found[1]) if found else None

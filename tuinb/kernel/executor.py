"""What is queued and in flight, as a state machine without I/O: commands and events in, changes, notices, requests out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tuinb.kernel.messages import Request
from tuinb.notebook.changes import CellId, Change


class RunState(StrEnum):
    """What became of a cell's last run, as far as this session knows."""

    NEVER = "never"
    QUEUED = "queued"
    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    ABORTED = "aborted"
    """Sent, but not run to an end: the kernel refused it, or was lost meanwhile. As good as not run."""


@dataclass(frozen=True, slots=True)
class CellRun:
    """A cell's run, as prompts and status lines show it."""

    state: RunState = RunState.NEVER
    place: int = 0
    """1 = next; 0 = not queued. A cell that runs and is queued once more has both."""
    started: float | None = None
    """When it was sent, in the seconds of the `now` that the executor was given."""
    ended: float | None = None
    source_revision: int | None = None
    """The cell's `source_revision` as it was sent: another one now means that it was edited since."""
    kernel_generation: int = 0
    current: bool = False
    """Whether the kernel that is alive now ran it."""
    error_name: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One run of one cell, with its source as it is to be sent."""

    cell: CellId
    code: str
    source_revision: int
    stop_on_error: bool = True


# ---- notices


@dataclass(frozen=True, slots=True)
class RunsChanged:
    """Ask `run_of` again for these."""

    cells: tuple[CellId, ...]


@dataclass(frozen=True, slots=True)
class PromptShown:
    """The kernel waits for a line; it takes the place of a prompt that was open."""

    cell: CellId | None
    text: str
    password: bool


@dataclass(frozen=True, slots=True)
class PromptGone:
    """No prompt is open any more."""


Notice = RunsChanged | PromptShown | PromptGone


@dataclass(frozen=True, slots=True)
class Effects:
    """What is to be done about a command or a batch of events, in this order: changes, notices, requests."""

    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()
    requests: tuple[Request, ...] = ()

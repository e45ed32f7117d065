"""How cells are run, and what became of a cell's run: known before there is a kernel, so apart from its other records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Conduct:
    """How cells are run: by default, as with somebody at the screen."""

    attended: bool = True
    """Whether somebody sees to what a kernel asks for. With nobody, input() raises in the kernel at once, and the text that it
    proposes for the next cell is passed over."""
    allow_errors: bool = False
    """Whether cells go on after every error, as after one in a cell tagged `raises-exception`."""


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
    """When it was sent: wall time in seconds since the epoch (UTC), which another process can read."""
    seconds: float | None = None
    """How long it took, measured on a monotonic clock. None until it ends."""
    source_revision: int | None = None
    """The cell's `source_revision` as it was sent: another one now means that it was edited since."""
    kernel_generation: int = 0
    current: bool = False
    """Whether the kernel that is alive now ran it."""
    error_name: str = ""


NEVER_RUN = CellRun()

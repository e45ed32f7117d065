"""How cells are run, and the state of each run. Needed before there is a kernel, so apart from effects.py."""

from __future__ import annotations

from enum import StrEnum

from tuinb.record import Record


class RunPolicy(Record):
    """Whether stdin is answered and whether errors stop the queue. The default is for a user at a screen."""

    attended: bool = True
    """Whether a user can answer the kernel. If not, input() raises in the kernel at once, and set_next_input payloads are
    ignored."""
    allow_errors: bool = False
    """Whether the queue continues after every error, as after an error in a cell tagged `raises-exception`."""


class RunState(StrEnum):
    """The state of a cell's last run in this session."""

    NEVER = "never"
    QUEUED = "queued"
    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    ABORTED = "aborted"
    """Sent, but not finished: the kernel refused it or was lost. Treated as not run."""


class CellRun(Record):
    """A cell's run, for prompts and status lines."""

    state: RunState = RunState.NEVER
    place: int = 0
    """1 = next; 0 = not queued. A cell that runs and is queued again has state RUNNING and a place."""
    started: float | None = None
    """When it was sent, in wall time: seconds since the epoch (UTC)."""
    seconds: float | None = None
    """How long it took, measured on a monotonic clock. None until it ends."""
    code: str | None = None
    """The source that was sent. If the cell has another one now, it was edited since."""
    kernel_generation: int = 0
    current: bool = False
    """Whether the current kernel ran it."""
    error_name: str = ""
    error_value: str = ""
    """The message of the error."""
    asked_exit: bool = False
    """Whether it ended its kernel, as `exit()` and `quit()` do. The kernel may answer for about a second more."""
    incomplete: str = ""
    """Why output may be missing. Empty if nothing is known of that."""


NEVER_RUN = CellRun()

"""The state of a session's kernel and of its cells' results, as plain values."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellId


class KernelState(StrEnum):
    NONE = "no kernel"
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    RESTARTING = "restarting"
    DEAD = "dead"
    UNREACHABLE = "not answering"


class KernelStatus(Record):
    state: KernelState
    name: str = ""
    """The kernelspec's name."""
    display_name: str = ""
    interpreter: str = ""
    language: str = ""
    detail: str = ""
    """Why the kernel died or did not start, for the user, with the last lines of its stderr."""
    pid: int | None = None
    """The number of its process. None if none runs on this machine."""
    strays: int = 0
    """Number of messages that belonged to no cell."""
    untrusted: str = ""
    """What the environment is, and whose, that the user has to trust before a kernel starts on it. Empty if there is none."""

    explanation: str = ""
    """Why the kernel died, as sentences for the user: names the cell that ended it, and counts the cells that were not run.
    Ends with the last lines of the kernel's stderr. Empty if it did not die."""

    connection_file: str = ""
    """The path of the file by which other clients connect. Empty if there is none."""
    foreign: bool = False
    """Whether tuinb did not start it. It goes on when the session ends, and can't be restarted here."""
    server: str = ""
    """The URL of the Jupyter server that runs it. It goes on there when the session ends. Empty for other kernels."""
    others_run: bool = False
    """Whether the kernel runs code of another client, or may do so."""

    @property
    def works_for_us(self) -> bool:
        """Whether the kernel runs code that the end of the session would end, or nobody would see the end of."""
        return self.state is KernelState.BUSY and not (self.foreign and self.others_run)

    @property
    def has_process(self) -> bool:
        """Whether a kernel runs or starts, so that there is something to interrupt and variables that a restart would lose."""
        return self.state not in (KernelState.NONE, KernelState.DEAD)


class Sign(StrEnum):
    """What is known against the results of a cell, as it is shown in the margin."""

    EDITED = "~"
    INCOMPLETE = "!"
    STALE = "^"
    PERHAPS = "?"
    """Shown on request only."""


class Doubt(Record):
    """What is known against the results of a cell."""

    sign: Sign
    text: str
    """A few words for the user."""


class Breakpoint(Record):
    line: int
    """Of the cell's source, from 0."""
    condition: str = ""
    """An expression. The kernel stops, or logs, if it is true."""
    message: str = ""
    """A text with expressions in braces. The kernel logs it and goes on. Empty if it stops."""


class Frame(Record):
    """A function that is being called, in a kernel that is stopped."""

    id: int
    name: str
    cell: CellId | None
    """The cell whose code it is. None for other code."""
    line: int
    """From 0."""
    path: str
    """The file of the code."""


class Stop(Record):
    """A stop of the kernel at a breakpoint, or after a step."""

    thread: int
    reason: str
    frames: tuple[Frame, ...]
    """The innermost one first."""
    error: str = ""
    """The error that stopped it."""


class LogLine(Record):
    """A message that a breakpoint logged."""

    text: str
    cell: CellId | None
    """The cell of the breakpoint. None for an error in its expressions: the debugger does not say where it was."""
    line: int
    """The breakpoint's line when it was sent, from 0."""


Reference: TypeAlias = int | tuple[int, ...]
"""The debugger's number for something that has parts; of a finished call, the places that lead to it."""


class Variable(Record):
    """A variable of a frame, a part of one, or a scope of a frame."""

    name: str
    value: str
    type: str
    reference: Reference
    """What to ask for its parts by. 0 if it has none."""


NO_KERNEL = KernelStatus(KernelState.NONE)


class RunningKernel(Record):
    """A kernel of this user that runs already."""

    file: str
    """The path of its connection file."""
    name: str
    """The name of that file, without `kernel-` and `.json`."""
    kernel_name: str
    """The kernelspec's name. Empty if it is not known."""
    language: str
    activity: str
    """`idle`, `busy`, or `no answer`: it is busy and can't answer meanwhile, or has another key."""
    notebook: str = ""
    """The path of the notebook that it was started for. Empty if it is not known."""
    pid: int | None = None
    address: str = ""
    """The address of the other machine that it runs on. Empty if it runs on this one."""
    question: str = ""
    """What to ask before connecting. Empty if it runs on this machine."""
    warnings: tuple[str, ...] = ()
    """What the user should know about its connection file."""


class KernelChoice(Record):
    """An installed kernelspec."""

    name: str
    display_name: str
    language: str
    interpreter: str = ""

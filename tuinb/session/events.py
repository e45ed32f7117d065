"""The events that a session sends to its listeners besides `Applied`, as plain values.

Loaded late: a screen paints without this module, and imports it with the first event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tuinb.kernel.execution.effects import (
    InterruptTimedOut,
    Page,
    PassedOn,
    Prompt,
    PromptClosed,
    PromptOpened,
    WidgetsChanged,
)
from tuinb.record import Record

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import CellId
    from tuinb.session.state import KernelStatus, Stop

__all__ = [
    "CellsChanged",
    "DebugChanged",
    "InterruptTimedOut",
    "KernelChanged",
    "Message",
    "Page",
    "Prompt",
    "PromptClosed",
    "PromptOpened",
    "Saved",
    "SessionEvent",
    "WidgetsChanged",
]


class KernelChanged(Record):
    status: KernelStatus


class CellsChanged(Record):
    """The run state (queued, running, done …) of these cells changed: call `run_of` again."""

    cells: tuple[CellId, ...]


class Saved(Record):
    path: Path
    notices: tuple[str, ...] = ()
    """What the user should know about the file, although it was saved."""
    automatic: bool = False
    """Whether it was saved by itself."""


class Message(Record):
    """A line for the user. severity: `information`, `warning` or `error`."""

    text: str
    severity: str = "information"
    hint: str = ""
    """What the user can do; `{undo}` in it stands for the key of a command. Empty if the text says all."""


UNDOES = "{undo|undo-typing} undoes it."
"""The hint of a message about a change."""


class DebugChanged(Record):
    """The kernel stopped at a breakpoint, or goes on, or breakpoints changed."""

    stop: Stop | None


SessionEvent: TypeAlias = KernelChanged | CellsChanged | Saved | Message | DebugChanged | PassedOn

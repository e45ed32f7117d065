"""The events that a session sends to its listeners besides `Applied`, as plain values.

Loaded late: a screen paints without this module, and imports it with the first event.
"""

from __future__ import annotations

from dataclasses import dataclass
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

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import CellId
    from tuinb.session.state import KernelStatus

__all__ = [
    "CellsChanged",
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


@dataclass(frozen=True, slots=True)
class KernelChanged:
    status: KernelStatus


@dataclass(frozen=True, slots=True)
class CellsChanged:
    """The run state (queued, running, done …) of these cells changed: call `run_of` again."""

    cells: tuple[CellId, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    path: Path
    notices: tuple[str, ...] = ()
    """What the user should know about the file, although it was saved."""
    automatic: bool = False
    """Whether it was saved by itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """A line for the user. severity: `information`, `warning` or `error`."""

    text: str
    severity: str = "information"


SessionEvent: TypeAlias = KernelChanged | CellsChanged | Saved | Message | PassedOn

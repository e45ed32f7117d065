"""What a session tells its listeners beside `Applied`: plain values, as all that crosses SessionPort.

Apart from the port, since none is told before there is something to tell: what imports this does so when it makes or takes
one, and a screen paints without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuinb.notebook.changes import CellId, Json
    from tuinb.session.state import KernelStatus


@dataclass(frozen=True, slots=True)
class KernelChanged:
    status: KernelStatus


@dataclass(frozen=True, slots=True)
class CellsChanged:
    """The run state (queued, running, done …) of these cells changed: ask `run_of` again."""

    cells: tuple[CellId, ...]


@dataclass(frozen=True, slots=True)
class WidgetsChanged:
    """What these models of widgets show is not what it was: ask `widgets` again."""

    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromptOpened:
    """The kernel asks for a line of input while it runs `cell`."""

    cell: CellId | None
    text: str
    password: bool


@dataclass(frozen=True, slots=True)
class PromptClosed:
    """It no longer does: answered, interrupted, or dead."""


@dataclass(frozen=True, slots=True)
class Paged:
    """A kernel's `page` payload, such as the help of `print?`."""

    data: Mapping[str, Json]
    """A MIME bundle."""


@dataclass(frozen=True, slots=True)
class InterruptIneffective:
    """An interrupt has had no effect for 5 s. `stronger` says what the next `interrupt()` does: `signal` or `restart`."""

    stronger: str


@dataclass(frozen=True, slots=True)
class Saved:
    path: Path


@dataclass(frozen=True, slots=True)
class Told:
    """A line for the person at the screen. severity: `information`, `warning` or `error`."""

    text: str
    severity: str = "information"


Notice: TypeAlias = (
    KernelChanged | CellsChanged | WidgetsChanged | PromptOpened | PromptClosed | Paged | InterruptIneffective | Saved | Told
)

"""The records that the executor gives and takes: submissions, notices, and effects with what gathers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol.lifecycle import Lifecycle
from tuinb.notebook.changes import AppendStream, CellId, Change, UpdateDisplay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuinb.errors import KernelError
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.kernel.protocol.requests import Request


@dataclass(frozen=True, slots=True)
class Submission:
    """One run of one cell, with its source as it is to be sent."""

    cell: CellId
    code: str
    source_revision: int
    stop_on_error: bool = True
    allow_stdin: bool = True


# ---- notices; events that concern the session rather than a cell are passed on as they are


@dataclass(frozen=True, slots=True)
class RunsChanged:
    """Ask `run_of` again for these."""

    cells: tuple[CellId, ...]
    moved: bool = False
    """Whether those that wait have other places, too. They are not named: there may be thousands, at every cell's end."""


@dataclass(frozen=True, slots=True)
class PromptShown:
    """The kernel waits for a line; it takes the place of a prompt that was open."""

    cell: CellId | None
    text: str
    password: bool


@dataclass(frozen=True, slots=True)
class PromptGone:
    """No prompt is open any more."""


@dataclass(frozen=True, slots=True)
class Page:
    """A `page` payload: a MIME bundle."""

    data: m.Bundle


@dataclass(frozen=True, slots=True)
class NextInput:
    """A `set_next_input` payload: text for a new cell below `cell`, or (replace) for `cell` itself."""

    cell: CellId
    text: str
    replace: bool


@dataclass(frozen=True, slots=True)
class ExitAsked:
    """An `ask_exit` payload: the code asked its front end to leave."""


@dataclass(frozen=True, slots=True)
class WidgetsChanged:
    """What these models of widgets show is not what it was."""

    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ineffective:
    """What was interrupted runs on. `stronger` is the next means; None: a restart."""

    stronger: InterruptMeans | None


@dataclass(frozen=True, slots=True)
class KernelStopped:
    """The kernel was ended on request."""


@dataclass(frozen=True, slots=True)
class StartFailed:
    """A kernel was not found, or did not start."""

    error: KernelError


Answer: TypeAlias = m.CompleteReply | m.InspectReply | m.KernelInfoReply
Notice: TypeAlias = (
    RunsChanged
    | PromptShown
    | PromptGone
    | Page
    | NextInput
    | ExitAsked
    | WidgetsChanged
    | Ineffective
    | KernelStopped
    | StartFailed
    | Lifecycle
    | Answer
)


@dataclass(frozen=True, slots=True)
class Effects:
    """What is to be done about a command or a batch of events, in this order: changes, notices, requests."""

    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()
    requests: tuple[Request, ...] = ()


@dataclass(slots=True)
class Batch:
    """Effects in the making. Adjacent chunks of one cell's stream become one change; so do updates of one display."""

    now: float
    changes: list[Change] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    runs: dict[CellId, None] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)
    """Of widgets, those that changed."""
    moved: bool = False
    stream: tuple[CellId, str] | None = None
    chunks: list[str] = field(default_factory=list)

    def text(self, cell: CellId, name: str, text: str) -> None:
        """A chunk of a stream."""
        if self.stream != (cell, name):
            self.flush()
            self.stream = (cell, name)
        self.chunks.append(text)

    def change(self, change: Change) -> None:
        """Any change but a stream's."""
        self.flush()
        self.changes.append(change)

    def update(self, change: UpdateDisplay) -> None:
        """An update takes the place of one for the same display just before it."""
        self.flush()
        last = self.changes[-1] if self.changes else None
        if isinstance(last, UpdateDisplay) and last.display_id == change.display_id:
            self.changes.pop()
        self.changes.append(change)

    def flush(self) -> None:
        """Ends the stream's change, since something else comes."""
        if self.stream is not None:
            self.changes.append(AppendStream(*self.stream, "".join(self.chunks)))
            self.stream = None
            self.chunks.clear()

    def ran(self, cells: Iterable[CellId]) -> None:
        """These cells' runs changed."""
        self.runs.update(dict.fromkeys(cells))

    def effects(self) -> Effects:
        """What was gathered; the changed runs come first among the notices."""
        self.flush()
        if self.models:
            self.notices.insert(0, WidgetsChanged(tuple(self.models)))
        if self.runs:
            self.notices.insert(0, RunsChanged(tuple(self.runs), self.moved))
        return Effects(tuple(self.changes), tuple(self.notices), tuple(self.requests))

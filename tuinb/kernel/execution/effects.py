"""The records that the executor takes and returns: submissions, events, effects, and the batch that gathers effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol.lifecycle import Lifecycle
from tuinb.notebook.changes import AppendStream, CellId, Change, UpdateDisplay
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuinb.errors import KernelError
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.kernel.protocol.requests import Request


class Submission(Record):
    """One run of one cell, with its source as it is to be sent."""

    cell: CellId
    code: str
    stop_on_error: bool = True
    allow_stdin: bool = True
    is_part: bool = False
    """Whether the code is a part of the source. Its outputs are added to those of the cell."""


# ---- events that the session passes on to its listeners as they are


class Prompt(Record):
    """A line of input that the kernel waits for."""

    cell: CellId | None
    """The cell that asks. None if the request belongs to no known run."""
    text: str
    password: bool


class PromptOpened(Record):
    """The kernel waits for a line of input. Replaces a prompt that was open."""

    prompt: Prompt


class PromptClosed(Record):
    """No prompt is open any more: it was answered or interrupted, or the kernel died."""


class Page(Record):
    """A `page` payload, such as the help of `print?`."""

    data: m.Bundle


class WidgetsChanged(Record):
    """The state of these widget models changed."""

    models: tuple[str, ...]


class InterruptTimedOut(Record):
    """The cell runs on 5 s after an interrupt."""

    stronger: InterruptMeans | None
    """The means that the next interrupt uses. None if only a restart is left."""


PassedOn: TypeAlias = PromptOpened | PromptClosed | Page | WidgetsChanged | InterruptTimedOut


# ---- events that the session handles


class RunsChanged(Record):
    """The runs of these cells changed."""

    cells: tuple[CellId, ...]
    moved: bool = False
    """Whether the waiting cells moved up, too. They are not listed: there may be thousands each time a cell ends."""


class RunEnded(Record):
    """A run came to its end, or failed. These events come in the order of execution."""

    cell: CellId | None
    """None for code of another client."""
    code: str
    """The source that was sent."""
    ok: bool
    """Whether it ended without an error."""
    generation: int
    """Of the kernel: see Executor.generation."""


class NextInput(Record):
    """A `set_next_input` payload: text for a new cell below `cell`, or (replace) for `cell` itself."""

    cell: CellId
    text: str
    replace: bool


class ExitAsked(Record):
    """An `ask_exit` payload: the code asked its front end to leave."""


class CellsLost(Record):
    """The cells that a kernel's unasked end concerns. Comes just before its KernelDied, if there are any."""

    cell: CellId | None
    """The cell that asked the kernel to exit, or else the one in flight."""
    asked_exit: bool
    waiting: tuple[CellId, ...]
    """The cells that were taken from the queue."""


class OthersChanged(Record):
    """The kernel began, or ended, to run code of other clients."""


class KernelStopped(Record):
    """The kernel was ended on request."""


class StartFailed(Record):
    """A kernel was not found, or did not start."""

    error: KernelError


Answer: TypeAlias = (
    m.CompleteReply
    | m.InspectReply
    | m.KernelInfoReply
    | m.SubshellReply
    | m.HistoryReply
    | m.ExecuteReply
    | m.DebugReply
    | m.DebugEvent
    | m.DisplayData
)
"""Answers to requests that belong to no cell, what such a request publishes, and what the debugger tells."""
ExecutorEvent: TypeAlias = (
    RunsChanged
    | RunEnded
    | NextInput
    | ExitAsked
    | CellsLost
    | OthersChanged
    | KernelStopped
    | StartFailed
    | Lifecycle
    | Answer
)


class Effects(Record):
    """What follows from a command or a batch of messages, to be carried out in this order: changes, events, requests."""

    changes: tuple[Change, ...] = ()
    events: tuple[ExecutorEvent | PassedOn, ...] = ()
    requests: tuple[Request, ...] = ()


@dataclass(slots=True)
class Batch:
    """Effects in the making. Adjacent chunks of one cell's stream become one change; so do updates of one display."""

    now: float
    changes: list[Change] = field(default_factory=list)
    events: list[ExecutorEvent | PassedOn] = field(default_factory=list)
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
        """Returns what was gathered. The changed runs come first among the events."""
        self.flush()
        if self.models:
            self.events.insert(0, WidgetsChanged(tuple(self.models)))
        if self.runs:
            self.events.insert(0, RunsChanged(tuple(self.runs), self.moved))
        return Effects(tuple(self.changes), tuple(self.events), tuple(self.requests))

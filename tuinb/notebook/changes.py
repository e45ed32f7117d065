"""What can happen to a notebook, as frozen data.

A `Transaction` is a tuple of changes with the client that it came from. `Notebook.apply` validates all of it, commits it
whole or not at all, and returns an `Applied` whose `inverse` undoes it. Changes name cells by id, never by position. They are
plain values, but for RestoreOutputs and RestoreCell, which undo needs and which never leave the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NewType, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

CellId = NewType("CellId", str)
ClientId = NewType("ClientId", str)

KERNEL: ClientId = ClientId("kernel")
"""The origin of changes that a kernel's messages cause."""

Json: TypeAlias = Any
"""A JSON value as Python's json module reads it."""


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
"""Stands for a key that is not there, where None is a value."""


@dataclass(frozen=True, slots=True)
class OutputData:
    """One output as a plain value."""

    raw: Mapping[str, Json]
    """The nbformat 4 output."""
    display_id: str | None = None
    """The id by which update_display_data finds the output. A file has no place for it."""


@dataclass(frozen=True, slots=True)
class CellData:
    """All that makes up a cell, as a plain value: to insert, to copy, to paste."""

    id: CellId
    """The key inside tuinb, unique in the notebook; `raw["id"]` is what the file says, if it says one."""
    kind: str
    """`code`, `markdown`, `raw`, or whatever an unknown cell says of itself."""
    source: str
    raw: Mapping[str, Json] = field(default_factory=dict)
    """Every key of the cell but cell_type, source, outputs and execution_count: metadata, attachments, unknown ones."""
    outputs: tuple[OutputData, ...] = ()
    execution_count: int | None = None


# ---- structure


@dataclass(frozen=True, slots=True)
class InsertCell:
    cell: CellData
    after: CellId | None
    """The cell above the new one; None puts it first."""


@dataclass(frozen=True, slots=True)
class DeleteCell:
    """Takes a cell out of the order. It stays addressable, so that late outputs reach it."""

    cell: CellId


@dataclass(frozen=True, slots=True)
class RestoreCell:
    """Puts a deleted cell back, with what it received meanwhile."""

    cell: CellId
    after: CellId | None


@dataclass(frozen=True, slots=True)
class MoveCell:
    cell: CellId
    after: CellId | None


@dataclass(frozen=True, slots=True)
class SetKind:
    """Makes a cell code, markdown or raw. Leaving `code` drops outputs and count; the inverse brings them back."""

    cell: CellId
    kind: str


@dataclass(frozen=True, slots=True)
class SetMetadata:
    """Sets or removes one top-level key of a cell's metadata, or of the notebook's where `cell` is None."""

    cell: CellId | None
    key: str
    value: Json | Absent
    """The new value, or ABSENT to remove the key."""
    position: int | None = None
    """Where a new key goes among the others, counted from 0; None puts it last. A key that is there keeps its place."""


# ---- text


@dataclass(frozen=True, slots=True)
class SpliceSource:
    """Replaces `removed`, which must stand at offset `at` (in code points), by `inserted`."""

    cell: CellId
    at: int
    removed: str
    inserted: str


# ---- outputs


@dataclass(frozen=True, slots=True)
class AppendOutput:
    """Adds an nbformat 4 output at the end; a stream is not joined with the one before it. A pending clear happens first."""

    cell: CellId
    output: Mapping[str, Json]
    display_id: str | None = None


@dataclass(frozen=True, slots=True)
class AppendStream:
    """Text of a stream; joins the last output where that is the same stream. A pending clear happens first."""

    cell: CellId
    name: str
    """`stdout` or `stderr`."""
    text: str


@dataclass(frozen=True, slots=True)
class ClearOutputs:
    """The kernel's clear_output. With `wait`, the outputs go when the next one arrives."""

    cell: CellId
    wait: bool = False


@dataclass(frozen=True, slots=True)
class UpdateDisplay:
    """New data for every output that has this display id, in every cell. Does not flush a pending clear."""

    display_id: str
    data: Mapping[str, Json]
    metadata: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class SetOutputs:
    """Replaces all outputs of a cell (by none, to clear them) and forgets a pending clear."""

    cell: CellId
    outputs: tuple[OutputData, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreOutputs:
    """The inverse of the changes above: the outputs as `state` remembers them (see notebook.outputs)."""

    cell: CellId
    state: Any


@dataclass(frozen=True, slots=True)
class SetExecutionCount:
    cell: CellId
    count: int | None


PlainChange: TypeAlias = (
    InsertCell
    | DeleteCell
    | MoveCell
    | SetKind
    | SetMetadata
    | SpliceSource
    | AppendOutput
    | AppendStream
    | ClearOutputs
    | UpdateDisplay
    | SetOutputs
    | SetExecutionCount
)
"""Changes that any copy of the notebook can apply."""
Change: TypeAlias = PlainChange | RestoreCell | RestoreOutputs
"""All changes. The last two are for the notebook that made them: see notebook.plain for how they are written down."""


class Step(Enum):
    """What the history makes of a transaction."""

    EDIT = "edit"
    """A step of its own that undo takes back."""
    TYPING = "typing"
    """Text typed into an open editor: the editor's own history takes it back."""
    OUTPUT = "output"
    """Arrived from a kernel: never undone."""
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Transaction:
    changes: tuple[Change, ...]
    origin: ClientId
    step: Step = Step.EDIT
    label: str = ""
    """What was done, for the message after an undo: `delete 2 cells`."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What `Notebook.apply` committed."""

    revision: int
    """The notebook's revision after it; each commit adds one."""
    origin: ClientId
    changes: tuple[Change, ...]
    inverse: tuple[Change, ...]
    """Applied in order, these give back the notebook as it was."""
    touched: frozenset[CellId]
    """The cells whose own content (source, kind, metadata, outputs, count) changed."""
    structural: bool
    """Whether cells came, went or moved."""
    step: Step
    label: str

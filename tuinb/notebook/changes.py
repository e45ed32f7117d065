"""The changes that a notebook can undergo, as frozen data.

A `Transaction` is a tuple of changes with the client that it came from. `Notebook.apply` validates all of it, commits it
whole or not at all, and returns an `Applied` whose `inverse` undoes it. Changes name cells by id, never by position. They are
plain values, but for RestoreOutputs and RestoreCell, which undo needs and which never leave the process.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NewType, TypeAlias

from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.editing.selection import Selection

CellId = NewType("CellId", str)
ClientId = NewType("ClientId", str)

KERNEL: ClientId = ClientId("kernel")
"""The origin of changes that messages from a kernel cause."""

Json: TypeAlias = Any
"""A JSON value as Python's json module reads it."""


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
"""The value of a key that does not exist. None is a value."""


class OutputData(Record):
    """One output as a plain value."""

    raw: Mapping[str, Json]
    """The nbformat 4 output."""
    display_id: str | None = None
    """The id by which update_display_data finds the output. A file has no place for it."""


class CellData(Record):
    """A whole cell as a plain value: to insert, copy or paste."""

    id: CellId
    """The id inside tuinb, unique in the notebook. `raw["id"]` is the id in the file, if there is one."""
    kind: str
    """`code`, `markdown`, `raw`, or the cell_type of an unknown cell."""
    source: str
    raw: Mapping[str, Json] = field(default_factory=dict)
    """All keys of the cell except cell_type, source, outputs and execution_count: metadata, attachments, unknown keys."""
    outputs: tuple[OutputData, ...] = ()
    execution_count: int | None = None


# ---- structure


class InsertCell(Record):
    cell: CellData
    after: CellId | None
    """The cell above the new one. None puts it first."""


class DeleteCell(Record):
    """Removes a cell from the order. It stays addressable, so that late outputs reach it."""

    cell: CellId


class RestoreCell(Record):
    """Puts a deleted cell back, with the outputs that it received meanwhile."""

    cell: CellId
    after: CellId | None


class MoveCell(Record):
    cell: CellId
    after: CellId | None


class SetKind(Record):
    """Makes a cell code, markdown or raw. A cell that is no longer code loses its outputs and count until the inverse."""

    cell: CellId
    kind: str


class SetMetadata(Record):
    """Sets or removes one top-level key of a cell's metadata, or of the notebook's where `cell` is None."""

    cell: CellId | None
    key: str
    value: Json | Absent
    """The new value, or ABSENT to remove the key."""
    position: int | None = None
    """The index of a new key among the others. None puts it last. An existing key keeps its place."""


class SetAttachments(Record):
    """Sets or removes the attachments of a cell: the images of a Markdown cell, by name."""

    cell: CellId
    attachments: Mapping[str, Json] | None
    """None removes the key from the cell."""
    position: int | None = None
    """The index of a new key `attachments` among the other keys of the cell. None puts it last."""


# ---- text


class SpliceSource(Record):
    """Replaces `removed`, which must be at offset `at` (in code points), with `inserted`."""

    cell: CellId
    at: int
    removed: str
    inserted: str


# ---- outputs


class AppendOutput(Record):
    """Adds an nbformat 4 output at the end; a stream is not joined with the one before it. A pending clear happens first."""

    cell: CellId
    output: Mapping[str, Json]
    display_id: str | None = None


class AppendStream(Record):
    """Adds text to the last output if it is the same stream, else a new output. A pending clear happens first."""

    cell: CellId
    name: str
    """`stdout` or `stderr`."""
    text: str


class ClearOutputs(Record):
    """The kernel's clear_output. With `wait`, the outputs are removed when the next one arrives."""

    cell: CellId
    wait: bool = False


class UpdateDisplay(Record):
    """Replaces the data of every output with this display id, in all cells. Does not carry out a pending clear."""

    display_id: str
    data: Mapping[str, Json]
    metadata: Mapping[str, Json]


class SetOutputs(Record):
    """Replaces all outputs of a cell and cancels a pending clear. No outputs: clears them."""

    cell: CellId
    outputs: tuple[OutputData, ...] = ()


class RestoreOutputs(Record):
    """Restores the outputs of a cell to `state`, an OutputsState or DisplayState. The inverse of the changes above."""

    cell: CellId
    state: Any


class SetExecutionCount(Record):
    cell: CellId
    count: int | None


PlainChange: TypeAlias = (
    InsertCell
    | DeleteCell
    | MoveCell
    | SetKind
    | SetMetadata
    | SetAttachments
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
    """How the history treats a transaction."""

    EDIT = "edit"
    """A step that undo reverts."""
    MORE = "more"
    """More of the step before it, if the same client made that. So a large step can be made in parts between keys."""
    TYPING = "typing"
    """Text typed into an open editor. Undo reverts what was typed in one stay in a cell as one step."""
    OUTPUT = "output"
    """Came from a kernel, or folds a section. Not undone, unless it changes sources or the order of cells."""
    UNDO = "undo"
    REDO = "redo"


class Transaction(Record):
    changes: tuple[Change, ...]
    origin: ClientId
    step: Step = Step.EDIT
    label: str = ""
    """A name for the message after an undo: `delete 2 cells`."""


class Selected(Record):
    """What is selected in a cell, on both sides of what was typed into it."""

    before: tuple[Selection, ...]
    after: tuple[Selection, ...]


class Applied(Record):
    """The result of a commit by `Notebook.apply`."""

    revision: int
    """The notebook's revision after the commit. Each commit adds one."""
    origin: ClientId
    changes: tuple[Change, ...]
    inverse: tuple[Change, ...]
    """Changes that, applied in order, restore the notebook as it was."""
    touched: frozenset[CellId]
    """The cells whose source, kind, metadata, outputs or count changed."""
    structural: bool
    """Whether cells were inserted, deleted, restored or moved."""
    step: Step
    label: str
    selections: tuple[Selection, ...] = ()
    """What an undo or a redo of typing selects in its cell again. Empty if that is not known."""

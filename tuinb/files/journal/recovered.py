"""What can be restored of a journal: the notebook as it was last, and the one that it was made from."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.errors import TuinbError
from tuinb.files import load
from tuinb.files.journal import records
from tuinb.files.journal.folder import Header
from tuinb.files.journal.records import Content, Kind
from tuinb.notebook.changes import (
    InsertCell,
    MoveCell,
    SetMetadata,
    Step,
    UpdateDisplay,
)
from tuinb.notebook.difference import Content as NotebookContent
from tuinb.notebook.document import Notebook
from tuinb.notebook.history import LIMIT
from tuinb.notebook.plain import replay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.load import Loaded
    from tuinb.notebook.changes import CellId, Change, Transaction


_MOST_STEPS: Final = 5_000
"""Steps that are given, outputs included."""


class Recovered:
    """The content of a journal. `base` is the notebook as it was read or saved, and `restored` as it was last."""

    def __init__(self, header: Header, base: Content) -> None:
        self.header = header
        self._start = base
        self._steps: list[Transaction] = []
        """What was done since `_start`, with the ids of `restored`."""
        self.base = self._load(base)
        self.restored = self._load(base)
        self._names = _names(base, self.restored.notebook)
        self.problem = ""
        """Why the end of the journal could not be used. Empty if all of it was."""

    def _load(self, content: Content) -> Loaded:
        path = Path(self.header.path)
        if not content.data:
            return load.Loaded(Notebook(()), load.NotebookFile(path))
        # A script is in the journal as the notebook that was made of it.
        loaded = load.parse(path.with_suffix(".ipynb"), content.data)
        loaded.file.path = path
        return loaded

    def take(self, kind: Kind, payload: memoryview) -> bool:
        """Takes the next record. Returns False if nothing after it can be used."""
        try:
            if kind is Kind.SNAPSHOT:
                self._start_from(records.unpack_content(payload, compressed=True))
            elif kind in (Kind.CHANGES, Kind.SEED):
                self._replay(records.unpack_changes(payload), is_base=kind is Kind.SEED)
        except (TuinbError, *records.MALFORMED) as error:
            self.problem = str(error) or type(error).__name__
        return not self.problem

    def history(self) -> tuple[NotebookContent, Sequence[Transaction]]:
        """Returns the latest steps, and the content before them. They lead to `restored`."""
        cut = _cut(self._steps)
        notebook = self._load(self._start).notebook
        for transaction in self._steps[:cut]:
            replay(notebook, transaction)
        return NotebookContent.of(notebook), self._steps[cut:]

    def _start_from(self, content: Content) -> None:
        self._start, self._steps = content, []
        self.restored = self._load(content)
        self._names = _names(content, self.restored.notebook)

    def _replay(self, transactions: Sequence[Transaction], *, is_base: bool) -> None:
        for transaction in transactions:
            if is_base:
                replay(self.base.notebook, transaction)
            renamed = _renamed(transaction, self._names)
            replay(self.restored.notebook, renamed)
            self._steps.append(renamed)


def _cut(steps: Sequence[Transaction]) -> int:
    """Returns the index of the first step that is worth while: undo reaches so many, and restoring each takes time."""
    edits = 0
    for at in range(len(steps) - 1, -1, -1):
        edits += steps[at].step is not Step.OUTPUT
        if edits > LIMIT or len(steps) - at > _MOST_STEPS:
            return at + 1
    return 0


def recover(data: bytes) -> Recovered | None:
    """Returns what can be restored of a journal. Returns None if it ends before its base does.

    Raises NotebookFileError if this version can't open the base.
    """
    header = Header.parse(data)
    if header is None:
        return None
    found: Recovered | None = None
    for kind, payload in islice(records.scan(data), 1, None):
        if found is None:
            content = _base(kind, payload)
            if content is None:
                return None
            found = Recovered(header, content)
        elif not found.take(kind, payload):
            break
    return found


def _base(kind: Kind, payload: memoryview) -> Content | None:
    try:
        return records.unpack_content(payload, compressed=False) if kind is Kind.BASE else None
    except records.MALFORMED:
        return None


def _names(content: Content, notebook: Notebook) -> dict[CellId, CellId]:
    """Maps the ids that transactions use to those of a notebook that was loaded, where they differ: a file without ids."""
    return {old: new for old, new in zip(content.ids, notebook.order, strict=False) if old != new}


def _renamed(transaction: Transaction, names: Mapping[CellId, CellId]) -> Transaction:
    if not names:
        return transaction
    return replace(transaction, changes=tuple([_change(change, names) for change in transaction.changes]))


def _change(change: Change, names: Mapping[CellId, CellId]) -> Change:
    match change:
        case InsertCell(data, after):
            # A cell that comes back after it was deleted.
            named = replace(data, id=names.get(data.id, data.id))
            return InsertCell(named, None if after is None else names.get(after, after))
        case MoveCell(cell, after):
            return MoveCell(names.get(cell, cell), None if after is None else names.get(after, after))
        case UpdateDisplay() | SetMetadata(None):
            return change
        case _:
            assert change.cell is not None
            return replace(change, cell=names.get(change.cell, change.cell))

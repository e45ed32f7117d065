"""A notebook file with its journal, and the states that it went through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.notebook.building import Desk
from tuinb.files import load
from tuinb.files.journal import records
from tuinb.files.journal.records import Content, Kind
from tuinb.files.journal.writer import Base, JournalWriter
from tuinb.notebook.history import History
from tuinb.notebook.plain import plain

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Applied, Transaction
    from tuinb.notebook.document import Notebook


def state(notebook: Notebook) -> list[Any]:
    """What a file of the notebook would hold."""
    cells = [(cell.kind, cell.source, dict(cell.raw), cell.arrived.to_json(), cell.execution_count) for cell in notebook]
    return [dict(notebook.metadata), *cells]


class Journaled:
    """A notebook whose every commit is one record of a journal."""

    def __init__(self, path: Path) -> None:
        loaded = load.load(path)
        self.notebook = loaded.notebook
        self.file = loaded.file
        self.desk = Desk(self.notebook, History(self.notebook))
        self.desk.listener = self._write
        self.base = Base(path, Content(list(self.notebook.order), self.file.ipynb))
        self.writer = JournalWriter()
        self.writer.start(self.base)
        self.states = [state(self.notebook)]

    def _write(self, applied: Applied) -> None:
        transaction: Transaction = plain(applied, self.notebook)
        self.writer.append([transaction])
        self.states.append(state(self.notebook))

    def bytes(self) -> bytes:
        assert self.writer.file is not None
        return self.writer.file.read_bytes()


def frame(kind: Kind, payload: bytes) -> bytes:
    """A record."""
    return b"".join(records.frame(kind, payload))

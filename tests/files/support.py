"""Creates, loads and edits notebooks for the tests of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.files.load import Loaded, load
from tuinb.notebook.changes import Change, ClientId, SpliceSource, Step, Transaction

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Applied

ME = ClientId("me")


def opened(folder: Path, text: str | bytes, name: str = "a.ipynb") -> Loaded:
    """Writes a file and loads it."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path)


def change(loaded: Loaded, *changes: Change, step: Step = Step.EDIT) -> Applied:
    return loaded.notebook.apply(Transaction(changes, ME, step))


def undo(loaded: Loaded, applied: Applied) -> None:
    change(loaded, *applied.inverse, step=Step.UNDO)


def splice(loaded: Loaded, position: int, at: int, removed: str, inserted: str) -> Applied:
    return change(loaded, SpliceSource(loaded.notebook.at(position).id, at, removed, inserted))


def rendered(loaded: Loaded) -> bytes:
    return loaded.file.render(loaded.notebook)


def line_changes(before: str, after: str) -> list[tuple[str, str]]:
    """Returns the lines that differ. Both texts must have the same number of lines."""
    old, new = before.split("\n"), after.split("\n")
    assert len(old) == len(new)
    return [(a, b) for a, b in zip(old, new, strict=True) if a != b]

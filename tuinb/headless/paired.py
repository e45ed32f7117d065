"""jupytext's pairs in commands without a screen: the inputs are those of the newer file, as when the notebook is opened.

Commands that compare, merge or strip files take those that are named, alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.files import load, pairs
from tuinb.notebook.changes import ClientId, Transaction

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.session.paired_texts import NewerInputs

ORIGIN = ClientId("pair")


def newer_inputs(loaded: Loaded) -> NewerInputs | None:
    """Returns what a newer text of its pair changes in a notebook. Returns None if it is in no pair."""
    if not pairs.formats(loaded.notebook.metadata):
        return None
    from tuinb.session import paired_texts

    return paired_texts.newer_inputs(loaded)


def load_newer(path: Path) -> tuple[Loaded, tuple[str, ...]]:
    """Reads a notebook with the inputs of the newer file of its pair. Returns it with notices. Raises NotebookFileError."""
    loaded = load.load(path)
    found = newer_inputs(loaded)
    if found is None:
        return loaded, ()
    if found.changes:
        loaded.notebook.apply(Transaction(found.changes, ORIGIN))
    return loaded, found.notices

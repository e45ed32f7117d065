"""Gives cells an id that the notebook format allows, where a file has none, one twice, or an invalid one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.notebook.changes import DeleteCell, InsertCell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tuinb.notebook.changes import CellId, Change
    from tuinb.notebook.document import Notebook

_VALID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def renewals(notebook: Notebook, from_file: Collection[CellId]) -> Iterator[Change]:
    """Yields changes that replace such cells by copies with new ids. The others keep theirs.

    `from_file` are cells that the file has already: the id that is written of them is that in the file.
    """
    if not notebook.has_ids:
        return
    above: CellId | None = None
    for cell in list(notebook):
        if _VALID.fullmatch(cell.id) and (cell.id not in from_file or cell.raw.get("id") == cell.id):
            above = cell.id
            continue
        copy = notebook.fresh(cell.data())
        yield InsertCell(copy, above)
        yield DeleteCell(cell.id)
        above = copy.id

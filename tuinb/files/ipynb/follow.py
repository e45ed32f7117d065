"""The source map of a file that another program wrote, for a notebook that has taken over its changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tuinb.files.ipynb.snapshot import identity_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tuinb.files.ipynb.source_map import SourceMap
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook

_DIFFERS: Final = -1
"""A revision that no cell has."""


def following(
    found: SourceMap,
    notebook: Notebook,
    order: Sequence[CellId],
    *,
    equal: Collection[CellId],
    same_outputs: Collection[CellId],
    is_whole: bool,
) -> SourceMap:
    """Returns `found` with the ids that its cells have in the notebook, so that saving keeps each byte that does not differ.

    `order` are these ids. The cells in `equal` are as in the file; of those in `same_outputs`, the outputs are. `is_whole`
    tells whether the whole notebook is as in the file.
    """
    return replace(
        found,
        order=list(order),
        revisions={cell: notebook[cell].revision if cell in equal else _DIFFERS for cell in order},
        outputs={cell: identity_of(notebook[cell]) for cell in order if cell in same_outputs or cell in equal},
        revision=notebook.revision if is_whole else _DIFFERS,
    )

"""Which cells keep their outputs: nbstripout's rules, by the metadata of the cell and of the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import NotebookFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.notebook.changes import Json

KEEP = "keep_output"
"""Tag of a cell, and key of a cell's or a notebook's metadata."""
_INIT = "init_cell"


def keeps_all(metadata: Mapping[str, Json]) -> bool:
    """Whether the notebook with this metadata keeps the outputs of cells that do not say otherwise."""
    return bool(metadata.get(KEEP))


def keeps(metadata: Mapping[str, Json], keep_all: bool, where: str) -> bool:
    """Whether the cell with this metadata keeps its outputs. Raises NotebookFormatError if tag and metadata disagree."""
    tags = metadata.get("tags")
    tagged = isinstance(tags, list) and KEEP in tags
    if _INIT in metadata:
        return bool(metadata[_INIT])
    if tagged and KEEP in metadata and not metadata[KEEP]:
        raise NotebookFormatError(
            f"its metadata says {KEEP}: false, and a tag says {KEEP}", where=where, hint="remove one of the two"
        )
    return tagged or bool(metadata.get(KEEP, keep_all))

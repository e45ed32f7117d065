"""Converts notebooks of formats 1 to 3 to format 4 with nbformat."""

from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFormatError, shown

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Json


def quicken_nbformat() -> None:
    """Makes nbformat quick to import. Call it before.

    Its jsonschema imports rfc3987_syntax where that is installed, as it is beside jupyter_server. This builds a parser, for two
    seconds, for a check of formats that nbformat never asks for; jsonschema goes on without it.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def upgrade(text: str, version: int, path: Path) -> dict[str, Json]:
    """Returns the notebook as JSON of format 4. Raises NotebookFormatError."""
    quicken_nbformat()
    from nbformat import convert, reader

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = convert(reader.reads(text), 4)  # type: ignore[no-untyped-call]
        # nbformat returns its own subclasses of dict and list; this converts them to plain ones.
        upgraded: dict[str, Json] = json.loads(json.dumps(notebook))
    except Exception as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else f"{type(error).__name__}: {error}"
        raise NotebookFormatError(
            f"it is in format {version} and can't be upgraded to format 4: {why}",
            where=shown(path),
            hint="open it with the version of Jupyter that wrote it, and save it again",
        ) from error
    if not isinstance(upgraded.get("cells"), list):
        raise NotebookFormatError(
            f"it is in format {version} and has no cells to upgrade", where=shown(path), hint="check that it is a notebook"
        )
    return upgraded

"""Removes outputs and counts from notebooks of formats before 4.

Reading such a notebook makes one of format 4, so its text is patched instead, and it stays in its own format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.files.ipynb.damage import BOM
from tuinb.files.ipynb.patch import patch
from tuinb.files.ipynb.scan import space_end, value_at
from tuinb.files.ipynb.style import style_of, to_utf8
from tuinb.headless.strip.keep_rules import keeps, keeps_all

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Json

_WIDGETS = "widgets"
_COUNTS = ("prompt_number", "execution_count")


def strip(data: bytes, path: Path) -> bytes:
    """Returns the bytes without outputs and counts. `data` is valid JSON in UTF-8, and `path` its name in errors.

    Raises NotebookFormatError.
    """
    bom = BOM if data.startswith(BOM) else b""
    raw = data[len(bom) :]
    text = raw.decode()
    at = space_end(text, 0)
    old, end = value_at(text, at)
    new = _stripped(old, errors.shown(path))
    patched = patch(text, at, end, old, new, None, style_of(raw, (), lists=True))
    return bom + to_utf8("".join([text[:at], *patched, text[end:]]))


def _stripped(top: dict[str, Json], where: str) -> dict[str, Json]:
    metadata = top.get("metadata")
    keep_all = isinstance(metadata, dict) and keeps_all(metadata)
    new = dict(top)
    if isinstance(metadata, dict) and metadata.get(_WIDGETS) and not keep_all:
        new["metadata"] = {key: value for key, value in metadata.items() if key != _WIDGETS}
    cells = _cells(top, keep_all, where, 1)
    if cells is not None:  # format 1 has no worksheets
        new["cells"] = cells
    sheets = top.get("worksheets")
    if isinstance(sheets, list):
        new["worksheets"] = new_sheets = []
        number = 1
        for sheet in sheets:
            cells = _cells(sheet, keep_all, where, number)
            new_sheets.append(sheet if cells is None else {**sheet, "cells": cells})
            number += len(cells or ())
    return new


def _cells(holder: Json, keep_all: bool, where: str, first: int) -> list[Json] | None:
    """Returns the stripped cells of a notebook or a worksheet, numbered from `first`; None if it has none."""
    cells = holder.get("cells") if isinstance(holder, dict) else None
    if not isinstance(cells, list):
        return None
    return [_cell(cell, keep_all, f"{where}, cell {number}") for number, cell in enumerate(cells, first)]


def _cell(cell: Json, keep_all: bool, where: str) -> Json:
    if not isinstance(cell, dict):
        return cell
    new = dict(cell)
    for count in _COUNTS:
        if new.get(count) is not None:
            new[count] = None
    metadata = new.get("metadata")
    if new.get("outputs") and not keeps(metadata if isinstance(metadata, dict) else {}, keep_all, where):
        new["outputs"] = []
    return new

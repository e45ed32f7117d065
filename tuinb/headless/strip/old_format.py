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

_COUNT = "prompt_number"


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
    sheets = top.get("worksheets")
    if not isinstance(sheets, list):
        return top
    metadata = top.get("metadata")
    keep_all = isinstance(metadata, dict) and keeps_all(metadata)
    number, new_sheets = 0, []
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            new_sheets.append(sheet)
            continue
        new_cells = [_cell(cell, keep_all, f"{where}, cell {place}") for place, cell in enumerate(cells, number + 1)]
        new_sheets.append({**sheet, "cells": new_cells})
        number += len(cells)
    return {**top, "worksheets": new_sheets}


def _cell(cell: Json, keep_all: bool, where: str) -> Json:
    if not isinstance(cell, dict):
        return cell
    new = dict(cell)
    if new.get(_COUNT) is not None:
        new[_COUNT] = None
    metadata = new.get("metadata")
    if new.get("outputs") and not keeps(metadata if isinstance(metadata, dict) else {}, keep_all, where):
        new["outputs"] = []
    return new

"""Removes outputs and counts that no reader sees: JSON takes the last of two equal keys of an object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tuinb.files.ipynb.damage import BOM
from tuinb.files.ipynb.scan import container_at, space_end
from tuinb.files.ipynb.style import to_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.changes import Json

_Shape = Mapping[str, "_Shape"]

_COUNTS: Final[_Shape] = {"execution_count": {}, "prompt_number": {}}
_CELLS: Final[_Shape] = {"outputs": _COUNTS, **_COUNTS}
_NOTEBOOK: Final[_Shape] = {"metadata": {"widgets": {}}, "cells": _CELLS, "worksheets": {"cells": _CELLS}}
"""The members that are or hold results, by their keys. Other ones stay. A list stands for its elements."""


def without_hidden(data: bytes) -> bytes:
    """Returns a notebook's bytes without the results that a later member of the same key hides.

    `data` is what was loaded: JSON in UTF-8, or a script.
    """
    bom = BOM if data.startswith(BOM) else b""
    text = data[len(bom) :].decode()
    if not _may_hide(text):
        return data
    pieces, at = [], 0
    for start, end in _hidden(text, space_end(text, 0), _NOTEBOOK):
        pieces.append(text[at:start])
        at = end
    return bom + to_utf8("".join([*pieces, text[at:]])) if pieces else data


def _may_hide(text: str) -> bool:
    """Whether an object has two equal keys. Also True where json can't tell, because of the depth. A script has none."""
    found = False

    def look(pairs: list[tuple[str, Json]]) -> None:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)

    try:
        json.loads(text, object_pairs_hook=look, parse_int=str)
    except RecursionError:
        return True
    except ValueError:
        return False
    return found


def _hidden(text: str, at: int, shape: _Shape) -> Iterator[tuple[int, int]]:
    """Yields the start and the end of each hidden member with the comma after it, in order."""
    if text[at] not in "{[":
        return
    members = container_at(text, at).members
    if text[at] == "[":
        for element in members:
            if text[element.at] == "{":
                yield from _hidden(text, element.at, shape)
        return
    starts = [member.at - len(member.head) - len(member.before) for member in members]
    last = {member.key: number for number, member in enumerate(members)}
    for number, member in enumerate(members):
        if member.key not in shape:
            continue
        if number != last[member.key]:
            yield starts[number], starts[number + 1]
        else:
            yield from _hidden(text, member.at, shape[member.key])

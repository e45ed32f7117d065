"""Converts the JSON of cells to CellData, and collects the problems of each cell.

A broken cell becomes a cell of kind `invalid` with its raw text as source. It makes the notebook read-only, because a
change to it can't be written back. An output never breaks its cell: it is kept as it is, and replaced when the cell runs.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tuinb.notebook.changes import CellData, CellId
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.ipynb.scan import NotebookScan
    from tuinb.notebook.changes import Json

KNOWN_KINDS = frozenset({"code", "markdown", "raw"})
INVALID = "invalid"
"""Kind of a cell that stands for a broken one."""
_SHOWN_PROBLEMS = 3
_LONGEST = 80
"""Maximum length, in characters, of a value that is shown in place of an output."""


class ReadCells(Record):
    cells: Sequence[CellData]
    """The cells without their outputs."""
    outputs: Mapping[CellId, tuple[Mapping[str, Json], ...]]
    """The outputs of those cells that have some."""
    problems: Sequence[str]
    lists: bool
    """Whether the sources are lists of lines."""


class _BrokenCellError(Exception):
    """Describes what is wrong with a cell."""


def read_cells(scan: NotebookScan, *, rest: str = "") -> ReadCells:
    """Reads the scanned cells. Their dicts become CellData.raw. `rest` is text after them that could not be parsed."""
    values = scan.cells or []
    problems: list[str] = []
    lists = _uses_lists(values)
    cells: list[CellData] = []
    outputs: dict[CellId, tuple[Mapping[str, Json], ...]] = {}
    append = cells.append
    for number, (value, cell_id) in enumerate(zip(values, _ids(values), strict=True)):
        try:
            append(_cell(value, cell_id, outputs))
        except _BrokenCellError as error:
            problems.append(f"cell {number + 1} is broken: {error}")
            text = scan.cell_text(number) if scan.starts else repr(value)
            append(CellData(cell_id, INVALID, text))
    if rest:
        append(CellData(CellId(f"unreadable-{os.urandom(4).hex()}"), INVALID, rest))
    if len(problems) > _SHOWN_PROBLEMS:
        problems[_SHOWN_PROBLEMS:] = [f"{len(problems) - _SHOWN_PROBLEMS} more cells are broken"]
    return ReadCells(cells, outputs, problems, lists)


def _uses_lists(values: Sequence[Json]) -> bool:
    for value in values:
        source = value.get("source") if isinstance(value, dict) else None
        if source:
            return isinstance(source, list)
    return True


def _ids(values: Sequence[Json]) -> list[CellId]:
    """Returns an id for each cell. Makes a new id if the file's id is missing or a duplicate."""
    ids: list[Json] = [value.get("id") if isinstance(value, dict) else None for value in values]
    try:
        taken = set(ids)
    except TypeError:
        taken = {name for name in ids if isinstance(name, str)}
    if len(taken) == len(ids) and set(map(type, ids)) <= {str} and "" not in taken:
        return ids
    digits = os.urandom(4 * len(ids)).hex()
    seen: set[str] = set()
    result: list[CellId] = []
    for number, name in enumerate(ids):
        if not isinstance(name, str) or not name or name in seen:
            name = digits[8 * number : 8 * number + 8]
            while name in taken or name in seen:
                name = os.urandom(4).hex()
        seen.add(name)
        result.append(CellId(name))
    return result


def _cell(value: Json, cell_id: CellId, saved: dict[CellId, tuple[Mapping[str, Json], ...]]) -> CellData:
    """Returns a cell, and puts its outputs into `saved`. Raises _BrokenCellError.

    The dict itself becomes the cell's `raw`, so nothing in it is lost.
    """
    if value.__class__ is not dict:
        raise _BrokenCellError("it is not an object")
    kind = value.get("cell_type")
    if kind.__class__ is not str:
        raise _BrokenCellError("it does not say its type (cell_type)")
    source = _source(value.get("source", None if kind in KNOWN_KINDS else ""))
    if value.get("metadata", _NOTHING).__class__ is not dict:
        raise _BrokenCellError("its metadata is not an object")
    if kind != "code" and value.get("attachments", _NOTHING).__class__ is not dict:
        raise _BrokenCellError("its attachments are not an object")
    outputs = value.pop("outputs", None)
    if outputs is not None and outputs != []:
        saved[cell_id] = read_outputs(outputs)
    del value["cell_type"]
    value.pop("source", None)
    count = value.pop("execution_count", None)
    return CellData(cell_id, kind, source, value, execution_count=readable_count(count))


def read_outputs(outputs: Json) -> tuple[Mapping[str, Json], ...]:
    """Returns the outputs of a cell, given the value in the file. A value that is no list stands for one output.

    Fields of a wrong type stay as they are: the readers of outputs check each field.
    """
    items = outputs if outputs.__class__ is list else [outputs]
    return tuple([output if output.__class__ is dict else _named(output) for output in items])


def _named(value: Json) -> Mapping[str, Json]:
    """Returns an output that names a value which is none. The value itself stays in the file until the cell runs."""
    kind = "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else json.dumps(value)[:_LONGEST]
    return {"output_type": "display_data", "data": {"text/plain": f"{kind} in place of an output"}, "metadata": {}}


def readable_count(value: Json) -> int | None:
    """Returns an execution count, or None if the value is not an integer."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _source(source: Json) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        try:
            return "".join(source)
        except TypeError:
            raise _BrokenCellError("its source is a list of other things than text") from None
    raise _BrokenCellError("it has no source" if source is None else "its source is not text")


_NOTHING: dict[str, Json] = {}

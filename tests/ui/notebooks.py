"""Notebooks with outputs, and the outputs that they are made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Cell: TypeAlias = tuple[str, Sequence[Mapping[str, Any]]] | str
    """The source and outputs of a code cell, or the text of a Markdown cell."""

LONG = "".join(f"line {number}\n" for number in range(1000))
"""Text of 1,000 lines."""


def stream(text: str) -> dict[str, Any]:
    """Returns text on stdout as an output."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def bundle(**data: object) -> dict[str, Any]:
    """Returns a MIME bundle as an output; `image_svg__xml` stands for `image/svg+xml`."""
    return {
        "output_type": "display_data",
        "data": {name.replace("__", "+").replace("_", "/", 1): value for name, value in data.items()},
        "metadata": {},
    }


def failing(line: int, text: str, count: int = 1) -> dict[str, Any]:
    """Returns the error of a cell that failed on a line with that text. `count` is the execution count."""
    traceback = [f"Cell In[{count}], line {line}", f"----> {line} {text}", "", "ValueError: no"]
    return {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": traceback}


def table(columns: int, rows: int) -> str:
    """Returns an HTML table whose cells say where they are: `r2c5`."""
    cells = "".join(f"<tr>{''.join(f'<td>r{row}c{column}</td>' for column in range(columns))}</tr>" for row in range(rows))
    return f"<table>{cells}</table>"


def notebook(path: Path, *cells: Cell) -> Path:
    """Writes a notebook of code cells with outputs, and of Markdown where there is only text. Returns its path."""
    made: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        base: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
        if isinstance(cell, str):
            made.append({**base, "cell_type": "markdown", "source": cell})
        else:
            count = 1 if cell[1] else None
            made.append({**base, "cell_type": "code", "execution_count": count, "outputs": cell[1], "source": cell[0]})
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path

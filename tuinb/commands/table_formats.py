"""Rows of a table as text for the clipboard or a file: CSV, tab-separated, Markdown."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    Writer = Callable[[Sequence[str] | None, Iterable[Sequence[str]]], str]
    """Writes a header, if there is one, and rows."""


def _csv(header: Sequence[str] | None, rows: Iterable[Sequence[str]]) -> str:
    return _separated(header, rows, ",")


def _tsv(header: Sequence[str] | None, rows: Iterable[Sequence[str]]) -> str:
    return _separated(header, rows, "\t")


def _separated(header: Sequence[str] | None, rows: Iterable[Sequence[str]], separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    if header is not None:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _markdown(header: Sequence[str] | None, rows: Iterable[Sequence[str]]) -> str:
    lines = []
    if header is not None:
        lines = [_markdown_row(header), f"|{' --- |' * len(header)}"]
    lines += [_markdown_row(row) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def _markdown_row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"


FORMATS: Mapping[str, Writer] = {"CSV": _csv, "tab-separated": _tsv, "Markdown": _markdown}
ENDINGS: Mapping[str, str] = {".csv": "CSV", ".tsv": "tab-separated", ".tab": "tab-separated", ".md": "Markdown"}
"""The format of a file by its ending."""


def header_of(index: Sequence[str], labels: Iterable[Sequence[str]]) -> list[str]:
    """Returns the header: the names of the row labels, then those of the columns, levels joined by a blank."""
    return [*index, *(" ".join(filter(None, levels)) for levels in labels)]


def rows_of(answer: Mapping[str, Any]) -> list[list[str]]:
    """Returns the rows of an answer of the kernel: labels, then cells."""
    labels: Sequence[Sequence[str]] = answer["labels"]
    if not labels:
        return [list(row) for row in answer["rows"]]
    return [[*label, *row] for label, row in zip(labels, answer["rows"], strict=True)]

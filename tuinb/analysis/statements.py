"""Finds the statements of a cell: what is run when a part of a cell is run.

Python's are found by its parser. In other languages, and where Python does not parse, a paragraph stands for a statement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.analysis.cell_code import parse

if TYPE_CHECKING:
    import ast

_MAGIC = re.compile(r"\s*(?:[%!?]|[\w.,\s\[\]]+=\s*[%!])|(?:[^#'\"]*[\w.*)\]])?\?{1,2}\s*$")
"""A line that IPython translates."""


def statements(source: str, *, python: bool) -> list[range]:
    """Returns the lines of each statement, from the top. Lines are counted from 0, those of several on one line together."""
    lines = source.split("\n")
    if python and source.lstrip().startswith("%%"):
        return [range(len(lines))]
    # Python's own lines also end with carriage returns.
    tree = (parse(source) or parse(without_magics(source))) if python and "\r" not in source else None
    return _paragraphs(lines) if tree is None else _top_level(tree)


def _top_level(tree: ast.Module) -> list[range]:
    found: list[range] = []
    for statement in tree.body:
        decorators = getattr(statement, "decorator_list", ())
        start = min([statement.lineno, *(decorator.lineno for decorator in decorators)]) - 1
        end = statement.end_lineno or statement.lineno
        if found and start < found[-1].stop:
            found[-1] = range(found[-1].start, max(end, found[-1].stop))
        else:
            found.append(range(start, end))
    return found


def without_magics(source: str) -> str:
    """Replaces magics by numbers, so that lines keep their places. One that goes on after a backslash stays one statement."""
    found: list[str] = []
    goes_on = False
    for line in source.split("\n"):
        if goes_on or _MAGIC.match(line):
            indent = line[: len(line) - len(line.lstrip())]
            goes_on_before, goes_on = goes_on, line.endswith("\\")
            found.append(f"{indent}{'+0' if goes_on_before else '0'}{' ' + chr(92) if goes_on else ''}")
        else:
            found.append(line)
    return "\n".join(found)


def _paragraphs(lines: list[str]) -> list[range]:
    found: list[range] = []
    start = None
    for number, line in enumerate([*lines, ""]):
        if line.strip() and start is None:
            start = number
        elif not line.strip() and start is not None:
            found.append(range(start, number))
            start = None
    return found

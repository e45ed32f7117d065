"""Problems of code that are found without running it: as ruff tells them, or errors of syntax alone."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tuinb import deep_json
from tuinb.analysis.cell_code import FLAGS, parse
from tuinb.analysis.statements import without_magics
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ERRORS = ("invalid-syntax", "E9", "F821", "F822", "F823")
"""Codes of what would fail: syntax, and names that do not exist."""
_ABOUT_NAMES = frozenset(("F401", "F811", "F821", "F841"))
_NAME = re.compile(r"`([^`]+)`")
_MAGIC = re.compile(r"^.*?[%!].*$", re.MULTILINE)
"""A line that may have a magic. Lines that only look so cost nothing but what is not told of their names."""
_WORD = re.compile(r"[^\W\d]\w*")
_MOST = 200
"""Problems of one cell that are told. Below a wrong bracket there may be one in each line."""
_DEFINES_ANY = re.compile(r"%(?:run|pylab|store|load)\b")


class Problem(Record):
    """A problem in the source of a cell."""

    line: int
    column: int
    """Both are counted from 0."""
    text: str
    is_error: bool = False
    """Whether the code would fail."""


@lru_cache(maxsize=4096)
def syntax_problem(source: str) -> Problem | None:
    """Returns the error of syntax in a cell. A cell of another language, such as `%%bash`, has none."""
    if source.lstrip().startswith("%%") or parse(source) is not None:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(without_magics(source), "cell", "exec", FLAGS)
    except SyntaxError as error:
        line = min(max(0, (error.lineno or 1) - 1), source.count("\n"))
        return Problem(line, max(0, (error.offset or 1) - 1), error.msg, is_error=True)
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(0, 0, str(error) or "it is nested too deeply", is_error=True)
    return None


def read_ruff(text: str, sources: Sequence[str]) -> list[list[Problem]] | None:
    """Returns the problems of each cell from what `ruff check --output-format json` wrote. None if it wrote something else.

    ruff does not read what magics do: names in them are neither unused nor unknown.
    """
    found: list[list[Problem]] = [[] for _ in sources]
    known, any_name = names_in_magics(sources)
    try:
        entries: Iterator[dict[str, Any]] = deep_json.members(text)  # 5,000 lines without an import have 4 MB of them
        for entry in entries:
            place, code = entry["location"], str(entry["code"])
            shown = str(entry["message"]) if code == "invalid-syntax" else f"{entry['message']} ({code})"
            is_error = code.startswith(_ERRORS)
            problem = Problem(int(place["row"]) - 1, int(place["column"]) - 1, shown, is_error=is_error)
            name = _NAME.search(shown) if code in _ABOUT_NAMES else None
            if name is not None and (name[1].rpartition(".")[2] in known or (any_name and code == "F821")):
                continue
            # One at the end of the last cell may be told of one more.
            if 0 < int(entry["cell"]) <= len(sources) and problem.line >= 0:
                found[int(entry["cell"]) - 1].append(problem)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return [sorted(problems, key=lambda problem: (problem.line, problem.column))[:_MOST] for problems in found]


def names_in_magics(sources: Iterable[str]) -> tuple[frozenset[str], bool]:
    """Returns the names in lines that may have magics, and whether one of those may define any name."""
    magics = "\n".join(match[0] for source in sources if "%" in source or "!" in source for match in _MAGIC.finditer(source))
    return frozenset(_WORD.findall(magics)), _DEFINES_ANY.search(magics) is not None


def moved(problems: Iterable[Problem], line: int, removed: int, inserted: int) -> tuple[Problem, ...]:
    """Returns problems after an edit that begins in a line, and takes away and puts in so many line ends."""
    found: list[Problem] = []
    for problem in problems:
        if problem.line > line + removed:
            found.append(Problem(problem.line + inserted - removed, problem.column, problem.text, is_error=problem.is_error))
        elif problem.line <= line:
            found.append(problem)
    return tuple(found)

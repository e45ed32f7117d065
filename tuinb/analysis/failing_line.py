"""Finds the line of a cell that failed, in the traceback that its kernel sent.

Tracebacks are text for users, so all known formats are tried: IPython's (`Cell In[3], line 2`, `Input In [3], in f()` with
`----> 2`, `<ipython-input-3-…>`), plain Python's with the file names of ipykernel, Julia's and R's. The result is the
innermost line in this cell of the exception that ended it, which is the last one of a chain.
IPython does not count blank lines at the start of a cell. `%%time` does not count its own line and blank lines after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tuinb.notebook.streams.sgr import without_style
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output

_MOST: Final = 200_000
"""Number of characters of a traceback that are read, from its end."""
_LOOKED_AT: Final = 100
"""Number of outputs that are searched, from the end. Text that threads print may follow an error."""
_LINES: Final = 200
"""Number of lines of stderr that are searched."""
_GROUP: Final = "+ Exception Group Traceback (most recent call last):"
# Strings, compiled by `re` when a cell has failed: compiling them takes a tenth of the time to the first paint. A line number
# has nine digits at most, since Python refuses to convert thousands of digits, which a program may print.
_CHAIN: Final = r"(?m)^(?:The above exception was the direct cause of|During handling of the above exception).*$"
_HEADER: Final = r"""(?x)[ |]*(?:File\ ")?(?:
        (?:Cell\ |Input\ )In\ ?\[(?P<count>\d+)\](?:,?\ line\ (?P<line>\d{1,9}))?
      | (?P<input><ipython-input-\d+-[0-9a-f]+>)(?:",\ line\ (?P<input_line>\d{1,9})|\ in\ )?
      | (?P<file>(?:/|[A-Za-z]:\\)[^"\n]*ipykernel_\d+[/\\]\d+\.py)(?:",\ line\ (?P<file_line>\d{1,9})|:(?P<at>\d{1,9})|\ in\ )?
      | (?:File\ )?(?P<timed><(?:timed\ e(?:xec|val)|magic-timeit)>)
        (?::(?P<timed_line>\d{1,9})|",\ line\ (?P<timed_at>\d{1,9})|\ in\ )?
    )"""
_ELSEWHERE: Final = r"(?:File |[~/<]|[A-Za-z]:\\).*(?:\bin \S|:\d+)|[ |]+File \""
"""The header of a frame outside cells."""
_ARROW: Final = r"-+> (\d{1,9}) ?(.*)"
_NAMELESS: Final = r"\bin \S*<(?:listcomp|setcomp|dictcomp|genexpr|lambda)>"
"""A frame for which IPython, up to Python 3.11, shows another source line than the one whose number it gives."""
_NO_SOURCE: Final = "'Could not get source"
_MAGIC: Final = "get_ipython()"
"""IPython translates magics and shell lines to this call, so that the line shown is not the one in the source."""
_NUMBERED: Final = r"[ |]*\d+(?: |$)"
_JULIA: Final = r"\bIn\[(\d+)\]:(\d{1,9})\b"
_R: Final = r"<text>:(\d{1,9}):\d+:|\bat line (\d{1,9})(?:-\d+)? of file <text>"


class _Frame(Record, frozen=False):
    """A frame in a cell."""

    key: str
    """The cell: its execution count, or the file name that the kernel gave it."""
    line: int = 0
    """Counted from 1. 0 if the traceback does not give it."""
    text: str | None = None
    """The source line, if the traceback shows it."""
    nameless: bool = False
    """Whether it is a comprehension or a lambda."""


def failing_line(cell: Cell) -> int | None:
    """Returns the line (from 0) of the cell's source that its last error names. Returns None if there is none."""
    error = _error(cell)
    return None if error is None else line_of(error, cell.source, cell.execution_count)


def failed(cell: Cell) -> bool:
    """Returns whether the outputs end in an error."""
    return _error(cell) is not None


def _error(cell: Cell) -> Mapping[str, Json] | None:
    """Returns the last error as an nbformat 4 output. IPython 9 prints exception groups to stderr instead."""
    for output in _last(cell):
        if output.type == "error":
            return output.raw
        if output.name == "stderr" and output.stream is not None:
            count = output.stream.line_count
            text = "\n".join(output.stream.lines(max(0, count - _LINES), count))
            if _GROUP in text:
                return {"traceback": [text[text.rindex(_GROUP) :].partition("+-+-")[0]]}
    return None


def _last(cell: Cell) -> list[Output]:
    outputs = cell.outputs
    return [outputs[index] for index in range(len(outputs) - 1, max(-1, len(outputs) - 1 - _LOOKED_AT), -1)]


def line_of(error: Mapping[str, Json], source: str, count: int | None) -> int | None:
    """Returns the failing line (from 0) of a cell with the execution count `count`.

    `error` is an nbformat 4 output of type `error`.
    """
    frames = error.get("traceback")
    if not isinstance(frames, list):
        return None
    text = without_style("\n".join(frame for frame in frames if isinstance(frame, str)))[-_MOST:]
    lines = source.split("\n")
    found = _python(text, str(error.get("ename") or ""), lines, "" if count is None else str(count))
    if found is None:
        found = _other_language(text, str(error.get("evalue") or ""), count)
    return found if found is not None and 0 <= found < len(lines) else None


def _python(text: str, name: str, lines: list[str], count: str) -> int | None:
    sections = re.split(_CHAIN, text)
    timed = next((line for line in lines if line.strip()), "").startswith("%%")
    for number in range(len(sections) - 1, -1, -1):
        frames = _frames(sections[number], name if number == len(sections) - 1 else "")
        keys = [frame.key for frame in frames]
        own = count if count in keys else next((key for key in keys if key), "")
        here = [frame for frame in frames if frame.key == own or (timed and not frame.key)]
        if here:
            return _place(here[-1], lines)
    return None


def _frames(section: str, name: str) -> list[_Frame]:
    """Returns the frames of one traceback that are in cells, the innermost last. Stops at the message of the exception."""
    frames: list[_Frame] = []
    current: _Frame | None = None
    for line in section.split("\n"):
        if name and (line == name or line.startswith(f"{name}: ")):
            break
        if header := re.match(_HEADER, line):
            current = _frame(header)
            current.nameless = bool(re.search(_NAMELESS, line))
            frames.append(current)
        elif re.match(_ELSEWHERE, line):
            current = None
        elif current is not None and current.text is None and line.strip(" |"):
            _read_source(current, line)
    return frames


def _frame(header: re.Match[str]) -> _Frame:
    groups = header.groupdict()
    key = groups["count"] or groups["input"] or groups["file"] or ""
    if groups["input"]:
        key = groups["input"].split("-")[2]
    places = ("line", "input_line", "file_line", "at", "timed_line", "timed_at")
    return _Frame(key, next((int(groups[place]) for place in places if groups[place]), 0))


def _read_source(frame: _Frame, line: str) -> None:
    """Stores the source line that follows a header: the one with an arrow, or the only one."""
    if arrow := re.match(_ARROW, line):
        shown = not frame.nameless and not arrow[2].startswith(_NO_SOURCE)
        frame.line, frame.text = frame.line or int(arrow[1]), arrow[2].strip() if shown else ""
    elif not re.match(_NUMBERED, line):
        frame.text = line.strip(" |")


def _place(frame: _Frame, lines: list[str]) -> int | None:
    blank = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not frame.key:
        blank = next((number for number, line in enumerate(lines) if number > blank and line.strip()), blank + 1)
    place = frame.line - 1
    skipped = place + blank
    if not frame.text:
        return skipped if frame.line else None
    same = [number for number, line in enumerate(lines) if line.strip() == frame.text]
    if frame.line and skipped not in same and _MAGIC in frame.text:
        return skipped
    return next((number for number in (skipped, place) if frame.line and number in same), same[-1] if same else None)


def _other_language(text: str, value: str, count: int | None) -> int | None:
    for cell, line in re.findall(_JULIA, text):
        if count is None or cell == str(count):
            return int(line) - 1
    places = re.findall(_R, f"{value}\n{text}")
    return int(places[-1][0] or places[-1][1]) - 1 if places else None

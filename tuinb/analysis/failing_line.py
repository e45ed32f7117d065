"""Which line of a cell failed, read from the traceback that its kernel sent.

Tracebacks are text for people, so every format that names a place in a cell is looked for: IPython's (`Cell In[3], line 2`,
`Input In [3], in f()` with `----> 2`, `<ipython-input-3-…>`), plain Python's with the file names of ipykernel, Julia's and R's.
The line is the innermost one in this cell, of the exception that ended it: of a chain of them that is the last.
IPython does not count the blank lines at the start of a cell, nor `%%time` its own line and those that follow it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tuinb.notebook.streams.sgr import without_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output

_MOST: Final = 200_000
"""Characters of a traceback that are read, from its end."""
_LOOKED_AT: Final = 100
"""Outputs that are looked at, from the end: what threads print comes after an error."""
_LINES: Final = 200
"""Lines of stderr that are looked at."""
_GROUP: Final = "+ Exception Group Traceback (most recent call last):"
# Text, compiled by `re` when a cell has failed: compiling takes as long as a tenth of the first paint. A line's number has
# nine digits at most: of thousands, as anybody may print them, Python makes no number.
_CHAIN: Final = r"(?m)^(?:The above exception was the direct cause of|During handling of the above exception).*$"
_HEADER: Final = r"""(?x)[ |]*(?:File\ ")?(?:
        (?:Cell\ |Input\ )In\ ?\[(?P<count>\d+)\](?:,?\ line\ (?P<line>\d{1,9}))?
      | (?P<input><ipython-input-\d+-[0-9a-f]+>)(?:",\ line\ (?P<input_line>\d{1,9})|\ in\ )?
      | (?P<file>(?:/|[A-Za-z]:\\)[^"\n]*ipykernel_\d+[/\\]\d+\.py)(?:",\ line\ (?P<file_line>\d{1,9})|:(?P<at>\d{1,9})|\ in\ )?
      | (?:File\ )?(?P<timed><(?:timed\ e(?:xec|val)|magic-timeit)>)
        (?::(?P<timed_line>\d{1,9})|",\ line\ (?P<timed_at>\d{1,9})|\ in\ )?
    )"""
_ELSEWHERE: Final = r"(?:File |[~/<]|[A-Za-z]:\\).*(?:\bin \S|:\d+)|[ |]+File \""
"""The header of a frame that is in no cell."""
_ARROW: Final = r"-+> (\d{1,9}) ?(.*)"
_NAMELESS: Final = r"\bin \S*<(?:listcomp|setcomp|dictcomp|genexpr|lambda)>"
"""A frame for which IPython tells another line than the one whose number it gives, up to Python 3.11."""
_UNTOLD: Final = "'Could not get source"
_MAGIC: Final = "get_ipython()"
"""What IPython makes of magics and shell lines: such a line is not told as it was written."""
_NUMBERED: Final = r"[ |]*\d+(?: |$)"
_JULIA: Final = r"\bIn\[(\d+)\]:(\d{1,9})\b"
_R: Final = r"<text>:(\d{1,9}):\d+:|\bat line (\d{1,9})(?:-\d+)? of file <text>"


@dataclass(slots=True)
class _Frame:
    """A place in a cell."""

    key: str
    """Which cell: its count, or the file that its kernel made of it."""
    line: int = 0
    """From 1; 0 where it was not said."""
    text: str | None = None
    """The source that stands there, where it was told."""
    nameless: bool = False
    """Of a comprehension or a lambda."""


def failing_line(cell: Cell) -> int | None:
    """The line (from 0) of the cell's source that its last error names; None where there is no error, or it names none."""
    error = _error(cell)
    return None if error is None else line_of(error, cell.source, cell.execution_count)


def failed(cell: Cell) -> bool:
    """Whether the outputs end in an error."""
    return _error(cell) is not None


def _error(cell: Cell) -> Mapping[str, Json] | None:
    """The last error as an nbformat 4 output. IPython 9 only prints those of exception groups."""
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
    """The failing line (from 0) by an nbformat 4 output of type `error`, for a cell whose execution count is `count`."""
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
    """The frames of one traceback that are in cells, the innermost last; what follows the exception `name` is its text."""
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
            _tell(current, line)
    return frames


def _frame(header: re.Match[str]) -> _Frame:
    said = header.groupdict()
    key = said["count"] or said["input"] or said["file"] or ""
    if said["input"]:
        key = said["input"].split("-")[2]
    places = ("line", "input_line", "file_line", "at", "timed_line", "timed_at")
    return _Frame(key, next((int(said[place]) for place in places if said[place]), 0))


def _tell(frame: _Frame, line: str) -> None:
    """Takes the source that follows a header: the line with an arrow, or the only one."""
    if arrow := re.match(_ARROW, line):
        told = not frame.nameless and not arrow[2].startswith(_UNTOLD)
        frame.line, frame.text = frame.line or int(arrow[1]), arrow[2].strip() if told else ""
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

"""Finds the offsets of the parts of a notebook in its raw text.

json's C scanner reads one value at an offset and returns its end. Calling it for each cell gives values and offsets
together, at nearly the cost of `json.loads`. Values before an error are kept, so that a damaged file can be shown up to the
error.
"""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING

from tuinb import deep_json
from tuinb.late_pattern import late_pattern
from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import Json

_skip = re.compile(r"[ \t\n\r]*").match
_HUGE = 4300
"""Python refuses to convert integers with more digits."""
_LONG = 1 << 20
"""Characters from which a text is read in pieces. One call of json would hold the GIL for more than 5 ms."""


def _integer(digits: str) -> int | str:
    """Returns an integer, or its text if Python can't convert it. The file keeps the raw text in either case."""
    return int(digits) if len(digits) <= _HUGE else digits


_fast: Callable[[str, int], tuple[Json, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_tolerant: Callable[[str, int], tuple[Json, int]] = json.JSONDecoder(parse_int=_integer).scan_once  # type: ignore[attr-defined]


def space_end(text: str, at: int) -> int:
    """Returns the offset of the first character at or after `at` that is not JSON white space."""
    found = _skip(text, at)
    return found.end() if found else at


def value_at(text: str, at: int) -> tuple[Json, int]:
    """Returns the value that starts at `at`, and its end. Raises JSONDecodeError.

    The value lacks what is nested too deeply for json. The text at its place is whole, so a file keeps what is not edited.
    """
    try:
        return _value(text, at)
    except RecursionError:
        cut, end = deep_json.shallow(text, at)
    try:
        return _value(cut, 0)[0], end
    except JSONDecodeError as error:
        # The offset in `cut` is none in `text`.
        raise JSONDecodeError(error.msg, text, at) from None


def _long_value_at(text: str, at: int) -> tuple[Json, int]:
    """Returns what `value_at` does. Other threads run meanwhile."""
    try:
        return deep_json.value_in_pieces(text, at)
    except (ValueError, RecursionError):
        return value_at(text, at)


def _value(text: str, at: int) -> tuple[Json, int]:
    try:
        return _fast(text, at)
    except StopIteration as error:
        raise JSONDecodeError("Expecting value", text, error.value) from None
    except JSONDecodeError:
        raise
    except ValueError:
        return _tolerant(text, at)


class Member(Record):
    """A member of an object, or an element of an array with an empty key, and its offsets in the text."""

    key: str
    before: str
    """White space before it, after the bracket or comma."""
    head: str
    """The key as written, with its colon and the white space around the colon. Empty in an array."""
    value: Json
    at: int
    end: int
    after: str
    """White space after it, before a comma. Empty for the last member."""


class Container(Record):
    """An object or array, one level deep."""

    members: list[Member]
    close: str
    """White space before the closing bracket."""
    end: int


def container_at(text: str, at: int) -> Container:
    """Returns the object or array that starts at `at`. Raises JSONDecodeError."""
    keyed = text[at] == "{"
    closing = "}" if keyed else "]"
    read_value = value_at if len(text) < _LONG else _long_value_at
    members: list[Member] = []
    start = at + 1
    place = space_end(text, start)
    if text[place : place + 1] == closing:
        return Container(members, text[start:place], place + 1)
    while True:
        before, key_at, key = text[start:place], place, ""
        if keyed:
            key, place = _key_at(text, place)
        value, end = read_value(text, place)
        comma = space_end(text, end)
        mark = text[comma : comma + 1]
        last = mark == closing
        after = "" if last else text[end:comma]
        members.append(Member(key, before, text[key_at:place], value, place, end, after))
        if last:
            return Container(members, text[end:comma], comma + 1)
        if mark != ",":
            raise JSONDecodeError("Expecting ',' delimiter", text, comma)
        start = comma + 1
        place = space_end(text, start)


def _key_at(text: str, at: int) -> tuple[str, int]:
    """Returns the key whose opening quote is at `at`, and the offset of its value."""
    if text[at : at + 1] != '"':
        raise JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    key, end = scanstring(text, at + 1, True)
    colon = space_end(text, end)
    if text[colon : colon + 1] != ":":
        raise JSONDecodeError("Expecting ':' delimiter", text, colon)
    return key, space_end(text, colon + 1)


class NotebookScan(Record, frozen=False):
    """The top level and the cells of a notebook, as far as they could be parsed."""

    text: str
    top: dict[str, Json] = field(default_factory=dict)
    """Every top-level value except the cells."""
    cells: list[Json] | None = None
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    cells_open: int = 0
    """Just after the `[` of the cells."""
    cells_close: int = 0
    """Offset of the `]` of the cells."""
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Start and end of each value in `top`."""
    keys_at: dict[str, int] = field(default_factory=dict)
    """Start of each key in `top`."""
    raw: bytes | None = None
    """The bytes, of which `text` has one character each. None if `text` is decoded text."""
    error: JSONDecodeError | None = None
    stopped_at: int = 0
    """Start of the value that caused `error`."""

    def cell_text(self, number: int) -> str:
        start, end = self.starts[number], self.ends[number]
        return self.text[start:end] if self.raw is None else self.raw[start:end].decode()


def scan_notebook(text: str) -> NotebookScan:
    """Scans a notebook. Stores an error of the text in the result, with all values before it."""
    scan = NotebookScan(text)
    try:
        _scan_top(scan)
    except JSONDecodeError as error:
        scan.error = error
    return scan


def _scan_top(scan: NotebookScan) -> None:
    text = scan.text
    place = space_end(text, 0)
    if text[place : place + 1] != "{":
        _, end = value_at(text, place)
        scan.top = {}
        _expect_end(text, end)
        return
    place = space_end(text, place + 1)
    while text[place : place + 1] != "}":
        key_at = place
        key, place = _key_at(text, place)
        scan.stopped_at = place
        if key == "cells" and text[place : place + 1] == "[":
            scan.cells, scan.starts, scan.ends = [], [], []
            scan.cells_open = place + 1
            end = _scan_cells(scan)
        else:
            scan.top[key], end = value_at(text, place)
            scan.spans[key], scan.keys_at[key] = (place, end), key_at
            if key == "cells":
                scan.cells, scan.starts, scan.ends = None, [], []
        place = scan.stopped_at = space_end(text, end)
        if text[place : place + 1] == ",":
            place = space_end(text, place + 1)
        elif text[place : place + 1] != "}":
            raise JSONDecodeError("Expecting ',' delimiter", text, place)
    _expect_end(text, place + 1)


def _expect_end(text: str, at: int) -> None:
    at = space_end(text, at)
    if at != len(text):
        raise JSONDecodeError("Extra data", text, at)


def _scan_cells(scan: NotebookScan) -> int:
    """Reads the cells from `cells_open` on. Returns the offset after the closing bracket."""
    text, starts, ends = scan.text, scan.starts, scan.ends
    cells: list[Json] = []
    scan.cells = cells
    place = space_end(text, scan.cells_open)
    if text[place : place + 1] == "]":
        scan.cells_close = place
        return place + 1
    gap, width, scan_once = "", 0, _fast
    while True:
        try:
            value, end = scan_once(text, place)
        except (StopIteration, ValueError, RecursionError):
            scan.stopped_at = place
            value, end = value_at(text, place)
        cells.append(value)
        starts.append(place)
        ends.append(end)
        # In most files the white space between cells is always the same. A comparison is cheaper than a search.
        if gap and text.startswith(gap, end):
            place = end + width
            continue
        comma = space_end(text, end)
        mark = text[comma : comma + 1]
        if mark == "]":
            scan.cells_close = comma
            return comma + 1
        if mark != ",":
            scan.stopped_at = comma
            raise JSONDecodeError("Expecting ',' delimiter", text, comma)
        place = space_end(text, comma + 1)
        if text[place : place + 1] == "{":
            gap, width = text[end : place + 1], place - end


def scan_bytes(raw: bytes) -> NotebookScan:
    """Scans a notebook with offsets in bytes. Raises UnicodeDecodeError if a value is not UTF-8.

    Each byte is scanned as one character. This is safe, because the syntax of JSON is ASCII and no ASCII byte is part of
    another character in UTF-8. Offsets need no conversion, and a single emoji does not quadruple the memory of a large
    file. Values with other characters are parsed a second time.
    """
    scan = scan_notebook(raw.decode("latin-1"))
    scan.raw = raw
    if scan.error is not None or raw.isascii():
        return scan
    cells = scan.cells or []
    for number, (start, end) in enumerate(zip(scan.starts, scan.ends, strict=True)):
        piece = raw[start:end]
        if not piece.isascii():
            cells[number] = value_at(piece.decode(), 0)[0]
    top, scan.top = scan.top, {}
    for key, value in top.items():
        start, end = scan.spans[key]
        piece = raw[start:end]
        read = value if piece.isascii() else value_at(piece.decode(), 0)[0]
        # A key may have both UTF-8 and escapes, so it is read again from its bytes.
        name = key if key.isascii() else _key_at(raw[scan.keys_at[key] : start].decode(), 0)[0]
        scan.top[name] = read
    return scan


def string_pieces(literal: str) -> list[tuple[str, str]]:
    """Splits a JSON string literal after each escaped newline. Returns (value, raw text) of each line, without the quotes."""
    return [(scanstring(f'{raw}"', 0, True)[0], raw) for raw in _LINE.findall(literal[1:-1])]


_LINE = late_pattern(r"(?:[^\\]|\\[^n])*?\\n|(?:[^\\]|\\.)+")

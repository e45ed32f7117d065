"""Positions as servers count them: lines from 0, and columns in the units of an encoding that was agreed on.

A line ends at `\\n` alone: what is sent to servers has no carriage returns (documents.py).
"""

from __future__ import annotations

from typing import Any, NamedTuple

DEFAULT = "utf-16"
ENCODINGS = ("utf-32", DEFAULT, "utf-8")
"""What is offered to servers, the best first. UTF-32 are code points, as tuinb counts."""
_LAST_OF_ONE_UNIT = 0xFFFF


class Position(NamedTuple):
    """A line and a column, both from 0. The column is in code points."""

    line: int
    column: int


def read(value: Any) -> Position | None:  # noqa: ANN401 - what a server sent
    """Returns a server's position, whose column is in the server's units. None if it is none."""
    if not isinstance(value, dict):
        return None
    line, character = value.get("line"), value.get("character")
    if type(line) is not int or type(character) is not int or line < 0 or character < 0:
        return None
    return Position(line, character)


def units(text: str, encoding: str) -> int:
    """Returns the length of a text in the units of an encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(ord(character) > _LAST_OF_ONE_UNIT for character in text)


def column(line: str, count: int, encoding: str) -> int:
    """Returns the column, in code points, that is `count` units after the start of a line; its end if that is beyond it.

    Within the units of a character it is that character's column.
    """
    if encoding == "utf-32" or line.isascii():
        return min(count, len(line))
    for index, character in enumerate(line):
        count -= units(character, encoding)
        if count < 0:
            return index
    return len(line)


def position(text: str, offset: int) -> Position:
    """Returns the position of an offset in a text."""
    return Position(text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1)


def to_server(text: str, offset: int, encoding: str) -> dict[str, int]:
    """Returns the position of an offset as a server reads it."""
    start = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, offset), "character": units(text[start:offset], encoding)}

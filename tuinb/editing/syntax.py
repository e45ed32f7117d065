"""Strings, comments and brackets around an offset, found by a scan of the text before it: a few kilobytes at most.

Highlighting knows more, but lexes lines when they are painted. A key needs to know where it is now.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.editing.languages import Language

_REACH = 8_000
"""Characters before an offset that are scanned at least. The scan then begins at the next line that is not indented."""
_UNINDENTED = late_pattern(r"^(?=[^\s#)\]}'\"])", re.MULTILINE)
_PARTNERS = {")": "(", "]": "[", "}": "{"}


class Surroundings(NamedTuple):
    """What an offset is in."""

    inside: str
    """`#` in a comment, the delimiter in a string, else empty."""
    brackets: tuple[int, ...]
    """Offsets of the brackets that are open, the outermost first."""
    statement: int
    """Offset of the start of the line on which the statement begins."""
    start: int
    """Offset of the start of the string or comment that the offset is in."""
    scanned: int
    """Offset from which on the text was scanned."""


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    STRING = "string"
    COMMENT = "comment"
    OPENER = "opener"
    CLOSER = "closer"


class Token(NamedTuple):
    """A piece of code."""

    kind: Kind
    start: int
    end: int


def surroundings(text: str, offset: int, language: Language) -> Surroundings:
    """Returns what an offset is in. A huge text is scanned from an unindented line on, which may be within a string."""
    start = 0
    if offset > _REACH:
        found = _UNINDENTED.search(text, offset - _REACH, offset)
        start = found.start() if found else offset - _REACH
    open_brackets: list[int] = []
    scanned, statement, inside, began = start, text.rfind("\n", 0, start) + 1, "", offset
    for token in _pattern(language.comment, language.strings).finditer(text, start, offset):
        first = token[0][0]
        if first == "\n":
            if not open_brackets or text[open_brackets[-1]] not in language.joining:
                statement = token.end()
        elif first in "([{":
            open_brackets.append(token.start())
        elif first in ")]}":
            _close(open_brackets, text, _PARTNERS[first])
        elif token.end() == offset and token.lastgroup == "comment":
            inside, began = "#", token.start()
        elif token.end() == offset and token.lastgroup is None:  # a string that has not ended
            inside, began = next(each for each in language.strings if token[0].startswith(each)), token.start()
    return Surroundings(inside, tuple(open_brackets), statement, began, scanned)


def tokens(text: str, start: int, end: int, language: Language, *, inside: bool = False) -> Iterator[Token]:
    """Yields the words, strings, comments and brackets of a range. `inside` a string or a comment, these are text, too."""
    comment, strings = ("", ()) if inside else (language.comment, language.strings)
    for found in _words_and(comment, strings).finditer(text, start, end):
        first = found[0][0]
        if found["word"]:
            kind = Kind.WORD
        elif first in "([{":
            kind = Kind.OPENER
        elif first in ")]}":
            kind = Kind.CLOSER
        elif first in "\n\\":
            continue
        else:
            kind = Kind.COMMENT if comment and found[0].startswith(comment) else Kind.STRING
        yield Token(kind, found.start(), found.end())


def _close(brackets: list[int], text: str, opener: str) -> None:
    """Closes the innermost bracket of a kind, with those in it that were never closed. Does nothing without one."""
    for index in range(len(brackets) - 1, -1, -1):
        if text[brackets[index]] == opener:
            del brackets[index:]
            return


@cache
def _words_and(comment: str, strings: tuple[str, ...]) -> re.Pattern[str]:
    """Returns the pattern of words and of all that `_pattern` matches. A string has the prefix of its quotes."""
    return re.compile(rf"(?:\b[A-Za-z]{{1,2}}(?=[\"']))?(?:{_source(comment, strings)})|(?P<word>\w+)", re.DOTALL)


@cache
def _pattern(comment: str, strings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_source(comment, strings), re.DOTALL)


def _source(comment: str, strings: tuple[str, ...]) -> str:
    """Returns the pattern of comments, strings, brackets and line ends. The last group tells comments and whole strings.

    Strings in single or double quotes end with their line at the latest, the others with the text.
    """
    parts = [rf"(?P<comment>{re.escape(comment)}[^\n]*)"] if comment else []
    for number, delimiter in enumerate(strings):
        quote = re.escape(delimiter[0])
        more = rf"|{quote}(?!{quote}{quote})" if len(delimiter) > 1 else ""
        line_end = "" if len(delimiter) > 1 or delimiter == "`" else r"\n"
        parts.append(
            rf"{re.escape(delimiter)}(?:[^\\{quote}{line_end}]|\\.?{more})*(?P<string{number}>{re.escape(delimiter)})?"
        )
    return "|".join([*parts, r"(?P<joined>\\\n)", r"[()\[\]{}\n]"])

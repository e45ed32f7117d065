"""Motions over what a text is made of, as Emacs has them: expressions, brackets, definitions, statements, sentences.

What a key needs is found by tokens: from a line that is not indented, some kilobytes before the cursor, on.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tuinb.editing import motions
from tuinb.editing.languages import indent_of
from tuinb.editing.selection import Selection, Target
from tuinb.editing.syntax import Kind, surroundings, tokens
from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuinb.editing.selection import State
    from tuinb.editing.syntax import Token

_REACH = 16_000
"""Characters after the cursor in which an expression ends."""
_SENTENCE = late_pattern(
    r"""[.?!…][])"'”’*_`]*(?=\s|\Z)|[\u3002\uff01\uff1f]|(?=\n[ \t]*\n)|(?=\n[ \t>]*(?:[-*+]|\d{1,9}[.)]|\#{1,6})[ \t])|\Z"""
)
"""The end of a sentence: its mark, or what is before an empty line, an item of a list or a heading."""
_NUMBER = late_pattern(r"[ \t>]*\d{1,9}\.")
_UNINDENTED = r"[^\s#)\]}]"
"""Begins the first line of a definition in a language whose definitions have no word of their own."""


# ---- expressions


def next_expression(state: State, selection: Selection) -> Target:
    """To the end of the name, number, string or pair of brackets that comes next. Stays before the end of enclosing ones."""
    head = selection.head
    for index, token in enumerate(found := _after(state, head)):
        if token.kind in (Kind.WORD, Kind.STRING):
            return Target(token.end)
        if token.kind is Kind.OPENER:
            closer = _partner(found[index:], Kind.OPENER, Kind.CLOSER)
            return Target(head if closer is None else closer.end)
        if token.kind is Kind.CLOSER:
            break
    return Target(head)


def previous_expression(state: State, selection: Selection) -> Target:
    """To the start of the name, number, string or pair of brackets before. Stays behind the start of enclosing ones."""
    found = _before(state, selection.head)
    for index, token in enumerate(found):
        if token.kind in (Kind.WORD, Kind.STRING):
            return Target(token.start)
        if token.kind is Kind.CLOSER:
            opener = _partner(found[index:], Kind.CLOSER, Kind.OPENER)
            return Target(selection.head if opener is None else opener.start)
        if token.kind is Kind.OPENER:
            break
    return Target(selection.head)


def out_of_brackets(state: State, selection: Selection) -> Target:
    """To the bracket that opens the pair around the cursor, or the start of the string around it."""
    where = surroundings(state.buffer.text, selection.head, state.language)
    if where.inside and where.inside != "#":
        return Target(where.start)
    return Target(where.brackets[-1] if where.brackets else selection.head)


def into_brackets(state: State, selection: Selection) -> Target:
    """Into the next pair of brackets. Stays before the end of enclosing ones."""
    for token in _after(state, selection.head):
        if token.kind is Kind.OPENER:
            return Target(token.end)
        if token.kind is Kind.CLOSER:
            break
    return Target(selection.head)


def _after(state: State, head: int) -> list[Token]:
    """Returns the tokens after the cursor without comments; in a string or a comment, those to its end."""
    text, language = state.buffer.text, state.language
    where = surroundings(text, head, language)
    if not where.inside:
        return [token for token in tokens(text, head, head + _REACH, language) if token.kind is not Kind.COMMENT]
    return list(tokens(text, head, _end_inside(text, head, where.inside), language, inside=True))


def _end_inside(text: str, offset: int, inside: str) -> int:
    """Returns where the string or comment around an offset ends."""
    end = text.find("\n" if inside == "#" else inside, offset)
    return len(text) if end < 0 else end


def _before(state: State, head: int) -> list[Token]:
    """Returns the tokens before the cursor without comments, the last first; in a string or a comment, those from its start."""
    text, language = state.buffer.text, state.language
    where = surroundings(text, head, language)
    if where.inside:
        return list(tokens(text, where.start + len(where.inside), head, language, inside=True))[::-1]
    found = [token for token in tokens(text, where.scanned, head, language) if token.kind is not Kind.COMMENT]
    return found[::-1]


def _partner(found: Sequence[Token], kind: Kind, other: Kind) -> Token | None:
    """Returns the token that ends what the first one begins."""
    depth = 0
    for token in found:
        depth += (token.kind is kind) - (token.kind is other)
        if not depth:
            return token
    return None


# ---- sentences and statements


def sentence_end(state: State, selection: Selection) -> Target:
    """To the end of the sentence; in code, of the statement, and from there of the next one."""
    text, head, lines = state.buffer.text, selection.head, state.buffer.lines
    inside = surroundings(text, head, state.language).inside
    if state.language.has_lists:
        return Target(_sentence_end(text, head, len(text)))
    if inside and text[head : _end_inside(text, head, inside)].strip():
        return Target(_sentence_end(text, head, _end_inside(text, head, inside)))
    row, column = state.buffer.place(head)
    if not lines[row][column:].strip():
        row += 1
    while row < len(lines) and not lines[row].strip():
        row += 1
    while row + 1 < len(lines) and not _begins_statement(state, row + 1):
        row += 1
    return Target(len(state.buffer.text) if row >= len(lines) else state.buffer.start(row) + len(lines[row].rstrip()))


def sentence_start(state: State, selection: Selection) -> Target:
    """To the start of the sentence, or of the one before; in code, of the statement."""
    head, lines = selection.head, state.buffer.lines
    where = surroundings(state.buffer.text, head, state.language)
    if state.language.has_lists or where.inside:
        start = where.start + len(where.inside) if where.inside and not state.language.has_lists else 0
        return Target(_sentence_start(state.buffer.text, max(start, head - _REACH), head))
    row, column = state.buffer.place(head)
    if not lines[row][:column].strip():
        row -= 1
    while row > 0 and (not lines[row].strip() or not _begins_statement(state, row)):
        row -= 1
    return Target(0 if row < 0 else state.buffer.start(row) + len(indent_of(lines[row])))


def _sentence_end(text: str, head: int, most: int) -> int:
    at = head + len(text[head:most]) - len(text[head:most].lstrip())
    return next(_sentence_ends(text, at, most), most)


def _sentence_ends(text: str, start: int, stop: int) -> Iterator[int]:
    """Yields where sentences end, but for the numbers of lists."""
    for found in _SENTENCE.finditer(text, start, stop):
        if not _NUMBER.fullmatch(text, text.rfind("\n", 0, found.start()) + 1, found.end()):
            yield found.end()


def _sentence_start(text: str, least: int, head: int) -> int:
    at = least + len(text[least:head].rstrip())
    starts = [least, *(end for end in _sentence_ends(text, least, at) if end < at)]
    last = starts[-1]
    return last + len(text[last:head]) - len(text[last:head].lstrip())


def _begins_statement(state: State, row: int) -> bool:
    """Returns whether a row is the first of a statement: its start is in no string, comment or brackets that join lines."""
    where = surroundings(state.buffer.text, state.buffer.start(row), state.language)
    return where.statement == state.buffer.start(row) and not where.inside


# ---- definitions


def definition_start(state: State, selection: Selection) -> Target:
    """To the start of the function or class around the cursor, or of the one before it."""
    row, column = state.buffer.place(selection.head)
    row -= not column
    while row > 0 and not state.buffer.lines[row].strip():
        row -= 1
    found = None if row < 0 else _definition(state, row)
    return Target(0 if found is None else state.buffer.start(found))


def definition_end(state: State, selection: Selection) -> Target:
    """To the line below the function or class around the cursor, or below the next one."""
    found = _around_or_next(state, state.buffer.place(selection.head).row)
    end = len(state.buffer.lines) if found is None else _end_of(state, found)
    return Target(state.buffer.start(end) if end < len(state.buffer.lines) else len(state.buffer.text))


def definition_around(state: State) -> Selection:
    """Returns the function or class around the cursor, or the next one, with its decorators: from its end to its start.

    Returns the cursor without one.
    """
    head = state.selection.head
    row = _around_or_next(state, state.buffer.place(head).row)
    if row is None:
        return Selection(head, head)
    end = definition_end(state, Selection(head, head)).offset
    while row and state.buffer.lines[row - 1].lstrip().startswith("@"):
        row -= 1
    return Selection(end, state.buffer.start(row))


def _around_or_next(state: State, row: int) -> int | None:
    """Returns the row of the definition that a row is in; between definitions, that of the next one."""
    lines = state.buffer.lines
    while row + 1 < len(lines) and not lines[row].strip():
        row += 1
    found = _definition(state, row)
    return found if found is not None and _end_of(state, found) > row else _next_definition(state, row)


def _definition(state: State, row: int) -> int | None:
    """Returns the row of the definition that a row is in; of one that is not indented, also of the one before it."""
    lines, pattern = state.buffer.lines, _pattern(state.language.definition)
    indent = len(indent_of(lines[row]))
    if pattern.match(lines[row]) and not _is_inside(state, row):
        return row
    while row > 0:
        row -= 1
        found, begins = len(indent_of(lines[row])), pattern.match(lines[row])
        # Where a row is costs more than the rest, so it is asked of few.
        is_out = found < indent or (begins and not found)
        if is_out and lines[row].strip() and not _is_inside(state, row):
            if begins:
                return row
            indent = found
    return None


def _next_definition(state: State, row: int) -> int | None:
    pattern = _pattern(state.language.definition)
    rows = range(row + 1, len(state.buffer.lines))
    return next((each for each in rows if pattern.match(state.buffer.lines[each]) and not _is_inside(state, each)), None)


def _end_of(state: State, row: int) -> int:
    """Returns the row below the last one of a definition that begins on a row."""
    lines = state.buffer.lines
    indent, end = len(indent_of(lines[row])), row + 1
    at = row + 1
    while at < len(lines):
        line = lines[at]
        if line.strip() and len(indent_of(line)) <= indent and line.lstrip()[0] not in ")]}":
            after = _end_around(state, state.buffer.start(at))
            if after is None:
                break
            at = max(at, state.buffer.place(after).row)
        if lines[at].strip():
            end = at + 1
        at += 1
    return end


def _end_around(state: State, offset: int) -> int | None:
    """Returns where the string or the brackets around an offset end. None if it is in neither, or they end too far away."""
    text = state.buffer.text
    where = surroundings(text, offset, state.language)
    if where.inside:
        return _end_inside(text, offset, where.inside)
    if not where.brackets:
        return None
    start = where.brackets[0]
    closer = _partner(list(tokens(text, start, start + _REACH, state.language)), Kind.OPENER, Kind.CLOSER)
    return None if closer is None else max(closer.start, offset)


def _is_inside(state: State, row: int) -> bool:
    """Returns whether the start of a row is in a string or in brackets."""
    where = surroundings(state.buffer.text, state.buffer.start(row), state.language)
    return bool(where.inside or where.brackets)


@cache
def _pattern(definition: str) -> re.Pattern[str]:
    return re.compile(definition or _UNINDENTED)


# ---- paragraphs


def paragraph_around(state: State) -> Selection:
    """Returns the paragraph around the cursor, or the next one, with the empty line above: from its end to its start."""
    head = state.selection.head
    end = motions.next_paragraph(state, Selection(head, head)).offset
    return Selection(end, motions.previous_paragraph(state, Selection(end, end)).offset)

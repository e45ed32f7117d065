"""Vim's motions that search: a character of the line, a pattern, the word at the cursor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import pattern
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import Failed, Find, Search
from tuinb.editing.vim.target import Extent, Target
from tuinb.editing.vim.walk import NOWHERE, Walker, kind_of

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Vim


# ---- characters of the line


def _find(vim: Vim, count: int | None, find: Find, *, again: bool = False) -> Target:
    line, place = vim.line_here, vim.cursor.column
    step = 1 if find.forward else -1
    # A repeated `t` does not stay before the character that it already is before.
    stops = not (again and find.till and (count or 1) == 1)
    for _ in range(count or 1):
        while True:
            place += step
            if not 0 <= place < len(line):
                raise Failed
            if line[place] == find.character and stops:
                break
            stops = True
    if find.till:
        place -= step
    return Target(Place(vim.cursor.row, place), Extent.INCLUSIVE if find.forward else Extent.EXCLUSIVE)


def _new_find(vim: Vim, count: int | None, argument: str, *, forward: bool, till: bool) -> Target:
    vim.shared.find = Find(argument, forward, till)
    return _find(vim, count, vim.shared.find)


def find_character(vim: Vim, count: int | None, argument: str) -> Target:
    """A character to the right."""
    return _new_find(vim, count, argument, forward=True, till=False)


def find_character_back(vim: Vim, count: int | None, argument: str) -> Target:
    """A character to the left."""
    return _new_find(vim, count, argument, forward=False, till=False)


def till_character(vim: Vim, count: int | None, argument: str) -> Target:
    """Before a character to the right."""
    return _new_find(vim, count, argument, forward=True, till=True)


def till_character_back(vim: Vim, count: int | None, argument: str) -> Target:
    """Behind a character to the left."""
    return _new_find(vim, count, argument, forward=False, till=True)


def repeat_find(vim: Vim, count: int | None, argument: str) -> Target:
    """The last `f F t T` again."""
    if vim.shared.find is None:
        raise Failed
    return _find(vim, count, vim.shared.find, again=True)


def repeat_find_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The last `f F t T` in the other direction."""
    find = vim.shared.find
    if find is None:
        raise Failed
    return _find(vim, count, find._replace(forward=not find.forward), again=True)


# ---- patterns


def search_forward(vim: Vim, count: int | None, argument: str) -> Target:
    """A match of a pattern."""
    return _new_search(vim, count, argument, forward=True)


def search_back(vim: Vim, count: int | None, argument: str) -> Target:
    """A match of a pattern before."""
    return _new_search(vim, count, argument, forward=False)


def _new_search(vim: Vim, count: int | None, line: str, *, forward: bool) -> Target:
    sign = "/" if forward else "?"
    text, offset, more = split_pattern(line, sign)
    last = vim.shared.search
    if not text:
        if last is None:
            raise Failed("There is no pattern to search again.")
        text = last.pattern
        if not line:
            offset = last.offset
    vim.shared.search = Search(text, forward, offset, smart=True if line else last is None or last.smart)
    target = _search(vim, count, forward=forward)
    if not more:
        return target
    # `/one/;/two` searches from where the first one led to.
    before, vim.cursor = vim.cursor, target.place
    try:
        return _new_search(vim, None, more[1:], forward=more[0] != "?")
    finally:
        vim.cursor = before


def split_pattern(line: str, sign: str) -> tuple[str, str, str]:
    """Splits `pattern/offset;…` into the pattern, the offset and the rest.

    A sign that is escaped or in a set of characters is part of the pattern.
    """
    at, inside = 0, False
    while at < len(line):
        if line[at] == "\\":
            at += 1
        elif line[at] == "[" and "]" in line[at + 2 :]:
            inside = True
        elif line[at] == "]" and inside:
            inside = False
        elif line[at] == sign and not inside:
            text = line[:at]
            offset, _, rest = line[at + 1 :].partition(";")
            return text.replace("\\" + sign, sign) if sign == "?" else text, offset, rest
        at += 1
    return line, "", ""


def search_again(vim: Vim, count: int | None, argument: str) -> Target:
    """The next match of the last search."""
    return _search(vim, count, forward=_last(vim).forward)


def search_again_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The match before, of the last search."""
    return _search(vim, count, forward=not _last(vim).forward)


def _last(vim: Vim) -> Search:
    if vim.shared.search is None:
        raise Failed("There is no pattern to search again.")
    return vim.shared.search


_NEAR = 2_000
"""Characters before the cursor in which a match is searched at first."""
_OFFSET = re.compile(r"(?:([esb])?([+-]?\d*))$")


def _search(vim: Vim, count: int | None, *, forward: bool) -> Target:
    search = _last(vim)
    regex = pattern.translate(search.pattern, vim.options, smart=search.smart)
    vim.shared.highlights = True
    offset = _OFFSET.match(search.offset)
    kind, number = (offset[1] or "", offset[2]) if offset else ("", "")
    by = {"": 0, "+": 1, "-": -1}.get(number)
    by = int(number) if by is None else by
    at_end = kind == "e"
    from_row = bool(number) and not kind
    text, here = vim.text, vim.text.offset(vim.cursor)
    outside = not vim.pending_operator and vim.visual is None
    found = _nth_match(vim, regex, here, count or 1, forward=forward, at_end=at_end, shift=by if kind else 0, outside=outside)
    if found is None:
        raise Failed(f"Not found: {search.pattern}")
    start, end = found
    if from_row:
        row = max(0, min(text.place(start).row + by, vim.last_row))
        return Target(Place(row, 0), Extent.LINEWISE, jumps=True)
    walker = Walker(vim.lines, text.place(max(start, end - 1) if at_end else start))
    for _ in range(min(abs(by), len(text.text)) if kind else 0):
        if (walker.step_over() if by > 0 else walker.back_over()) == NOWHERE:
            break
    place = walker.place
    length = len(vim.lines[place.row])
    if place.column >= length and length and not vim.pending_operator and vim.visual is None:
        place = Place(place.row, length - 1)
    return Target(place, Extent.INCLUSIVE if at_end else Extent.EXCLUSIVE, jumps=True, large=True)


def _nth_match(
    vim: Vim, regex: re.Pattern[str], here: int, count: int, *, forward: bool, at_end: bool, shift: int, outside: bool
) -> tuple[int, int] | None:
    """Returns the ends of the match that is `count` matches away. Leaves for other texts if there is none here."""
    if count == 1 and not at_end and not shift:
        return _nearest_match(vim, regex, here, forward=forward, outside=outside)
    with vim.limit(_last(vim).pattern):
        matches = all_matches(regex, vim.text.text)
    if not matches:
        if outside and vim.host.find_outside(regex, count, forward=forward):
            raise Left
        return None
    points = [(max(start, end - 1) if at_end else start) + shift for start, end in matches]
    index = next((i for i, point in enumerate(points) if point > here), len(points)) if forward else -1
    if not forward:
        index = next((i for i in range(len(points) - 1, -1, -1) if points[i] < here), -1)
    index += count - 1 if forward else 1 - count
    if not 0 <= index < len(points):
        beyond = index - len(points) + 1 if forward else -index
        if outside and vim.host.find_outside(regex, beyond, forward=forward):
            raise Left
        if not vim.options.wrapscan:
            return None
    return matches[index % len(points)]


def _nearest_match(vim: Vim, regex: re.Pattern[str], here: int, *, forward: bool, outside: bool) -> tuple[int, int] | None:
    """Returns the ends of the next match. Most are near, so that not all are searched."""
    search, text = match_after if forward else match_before, vim.text.text
    with vim.limit(_last(vim).pattern):
        near = search(regex, text, here)
    if near is not None:
        return near
    if outside and vim.host.find_outside(regex, 1, forward=forward):
        raise Left
    if not vim.options.wrapscan:
        return None
    with vim.limit(_last(vim).pattern):
        return search(regex, text, -1 if forward else len(text) + 1)


def match_after(regex: re.Pattern[str], text: str, here: int) -> tuple[int, int] | None:
    """Returns the ends of the first match that starts behind an offset."""
    match = pattern.first_match(regex, text, here + 1) if here < len(text) else None
    return None if match is None else (match.start, match.end)


def match_before(regex: re.Pattern[str], text: str, here: int) -> tuple[int, int] | None:
    """Returns the ends of the last match that starts before an offset. Looks at the text near it at first."""
    size = _NEAR
    while True:
        at = start = text.rfind("\n", 0, max(0, here - size)) + 1
        found = None
        while at < here and (match := pattern.first_match(regex, text, at)) is not None and match.start < here:
            found, at = (match.start, match.end), match.start + 1
        if found is not None or not start:
            return found
        size *= 4


class Left(Failed):
    """The search went on to another text, where the cursor is now."""


def all_matches(regex: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Returns the ends of all matches in a text. Matches may overlap, as those that `n` leads to."""
    found = []
    at = 0
    while at <= len(text) and (match := pattern.first_match(regex, text, at)) is not None:
        # A match of nothing at the end of the text is on no line.
        found.append((match.start, match.end))
        at = match.start + 1
    return found


def _word_here(vim: Vim) -> tuple[int, str]:
    """Returns the column and the text of the word at or after the cursor: letters if there are some, else other characters."""
    line, at = vim.line_here, vim.cursor.column
    for wanted in ((2,), (1,)):
        column_here = at
        while column_here < len(line) and _small(line[column_here]) not in wanted:
            column_here += 1
        if column_here < len(line):
            start = column_here
            if column_here == at:
                while start and _small(line[start - 1]) in wanted:
                    start -= 1
            end = column_here
            while end < len(line) and _small(line[end]) in wanted:
                end += 1
            return start, line[start:end]
    raise Failed


def _small(character: str) -> int:
    return min(2, kind_of(character))


def _search_word(vim: Vim, count: int | None, *, forward: bool, whole: bool) -> Target:
    column_here, text = _word_here(vim)
    escaped = re.sub(r"([\\/.*$^~\[\]])" if forward else r"([\\?.*$^~\[\]])", r"\\\1", text)
    if whole and (text[0].isalnum() or text[0] == "_"):
        escaped = rf"\<{escaped}\>"
    vim.shared.search = Search(escaped, forward, smart=False)
    vim.shared.lines.append(("/" if forward else "?") + escaped)
    before = vim.cursor
    vim.cursor = Place(before.row, column_here)
    try:
        return _search(vim, count, forward=forward)
    finally:
        vim.cursor = before


def search_word(vim: Vim, count: int | None, argument: str) -> Target:
    """The next occurrence of the word here."""
    return _search_word(vim, count, forward=True, whole=True)


def search_word_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The occurrence before of the word here."""
    return _search_word(vim, count, forward=False, whole=True)


def search_part(vim: Vim, count: int | None, argument: str) -> Target:
    """The next occurrence of the word here, also within words."""
    return _search_word(vim, count, forward=True, whole=False)


def search_part_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The occurrence before of the word here, also within words."""
    return _search_word(vim, count, forward=False, whole=False)


def local_definition(vim: Vim, count: int | None, argument: str) -> Target:
    """The first occurrence of the word here, in a line above."""
    _, text = _word_here(vim)
    regex = re.compile(rf"\b{re.escape(text)}\b" if text[0].isalnum() or text[0] == "_" else re.escape(text))
    match = regex.search(vim.text.text)
    if match is None or match.start() >= vim.text.start(vim.cursor.row):
        raise Failed
    return Target(vim.text.place(match.start()), jumps=True)


def _on_match(vim: Vim, *, forward: bool) -> Target:
    search = vim.shared.search
    if search is None:
        raise Failed("There is no pattern to search again.")
    regex = pattern.translate(search.pattern, vim.options, smart=search.smart)
    here = vim.text.offset(vim.cursor)
    with vim.limit(search.pattern):
        matches = [match for match in all_matches(regex, vim.text.text) if match[1] > match[0]]
    if forward:
        found = next((match for match in matches if match[1] > here), matches[0] if matches else None)
    else:
        found = next((match for match in reversed(matches) if match[0] <= here), matches[-1] if matches else None)
    if found is None:
        raise Failed(f"Not found: {search.pattern}")
    first, last = vim.text.place(found[0]), vim.text.place(found[1] - 1)
    return Target(last if forward else first, Extent.INCLUSIVE, start=first if forward else last)


def match_object(vim: Vim, count: int | None, argument: str) -> Target:
    """The next match of the last search."""
    target = _on_match(vim, forward=True)
    return target._replace(kind=Kind.CHARACTERS)


def match_object_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The match before, of the last search."""
    target = _on_match(vim, forward=False)
    return target._replace(kind=Kind.CHARACTERS)

"""Brackets and quotes that close themselves as they are typed.

An opening one is closed if the cursor is before a blank, a closing one or the end of the line; a quote not after a word, and
nothing within strings and comments. A closing one that was inserted so (`State.closers`) is stepped over when it is typed,
a bracket also from the lines above it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing import indent
from tuinb.editing.selection import Edit, Selection
from tuinb.editing.syntax import surroundings
from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from tuinb.editing.languages import Language
    from tuinb.editing.selection import Operator, State

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_AROUND_MARKDOWN = "*_~\"'"
"""Characters that are put around selected prose, and typed alone otherwise."""
_ROOM = late_pattern(r"$|[\s)\]},;:]")
"""What is after the cursor where something is closed."""
_BLANKS = late_pattern(r"\s*")
_PREFIX = late_pattern(r"(?<!\w)([rbfut]|[bft]r|r[bft])$", re.IGNORECASE | re.ASCII)
"""What may stand before the quote of a Python string."""


def type_text(text: str) -> Operator:
    """Returns the operator of a character that is typed: closes brackets and quotes, and indents branches such as `else:`."""
    return lambda state, selection: _typed(state, selection, text)


def _typed(state: State, selection: Selection, text: str) -> Edit:
    at = selection.head
    if state.auto_close:
        if not selection.is_empty:
            closer = _surrounding(text, state.language)
            return _around(state, selection, text, closer) if closer else _plain(selection.start, selection.end, text)
        if at in state.closers and state.buffer.text[at : at + 1] == text:
            return Edit(at, at, "", Selection(at + 1, at + 1))
        if text in _CLOSERS.values() and (edit := _to_closer_below(state, at, text)):
            return edit
        closer = _closer(state, at, text)
        if closer:
            return Edit(at, at, text + closer, Selection(at + 1, at + 1), closers=tuple(range(at + 1, at + 1 + len(closer))))
    wanted = None
    if selection.is_empty and text == ":":
        wanted = indent.after_colon(state, at)
    elif selection.is_empty and text in (")", "]", "}"):
        wanted = indent.of_closing(state, at, text)
    if wanted is None:
        return _plain(selection.start, selection.end, text)
    row, column = state.buffer.place(at)
    line = state.buffer.lines[row]
    start = at - column
    return _plain(start, at, wanted + line[:column].lstrip() + text)


def _to_closer_below(state: State, at: int, bracket: str) -> Edit | None:
    """Steps over a bracket that was inserted unasked on a line below, and drops blank lines that were left for more text.

    Returns None unless only blanks come before it: Enter between brackets puts the closing one on its own line.
    """
    source = state.buffer.text
    blanks = _BLANKS.match(source, at)
    to = blanks.end() if blanks else at
    (row, column), (last, indentation) = state.buffer.place(at), state.buffer.place(to)
    if row == last or to not in state.closers or source[to : to + 1] != bracket:
        return None
    is_blank = not state.buffer.lines[row][:column].strip()
    start, end = (at - column, to - indentation) if is_blank else (at, at)
    after = to + 1 - (end - start)
    return Edit(start, end, "", Selection(after, after))


def _plain(start: int, end: int, text: str) -> Edit:
    return Edit(start, end, text, Selection(start + len(text), start + len(text)))


def _surrounding(text: str, language: Language) -> str:
    """Returns what closes selected text that `text` opens, or an empty string."""
    if text in language.strings or (not language.comment and text and text in _AROUND_MARKDOWN):
        return text
    return _CLOSERS.get(text, "")


def _around(state: State, selection: Selection, opener: str, closer: str) -> Edit:
    """Puts brackets or quotes around what is selected, which stays selected."""
    chosen = state.buffer.text[selection.start : selection.end]
    return Edit(selection.start, selection.end, opener + chosen + closer, Selection(selection.anchor + 1, selection.head + 1))


def _closer(state: State, at: int, text: str) -> str:
    """Returns what is inserted behind a character that is typed, or an empty string."""
    is_quote = text in state.language.strings
    if not is_quote and text not in _CLOSERS:
        return ""
    row, column = state.buffer.place(at)
    line = state.buffer.lines[row]
    if not _ROOM.match(line, column):
        return ""
    if not is_quote:
        return "" if surroundings(state.buffer.text, at, state.language).inside else _CLOSERS[text]
    before = line[:column]
    if text * 3 in state.language.strings and before.endswith(text * 2):
        # The third quote begins a long string, unless it ends one.
        is_third = not before.endswith(text * 3) and not surroundings(state.buffer.text, at - 2, state.language).inside
        return text * 3 if is_third else ""
    if before[-1:] == text or (before and (before[-1].isalnum() or before[-1] == "_") and not _has_prefix(before, state)):
        return ""
    return "" if surroundings(state.buffer.text, at, state.language).inside else text


def _has_prefix(before: str, state: State) -> bool:
    return state.language.aligns and _PREFIX.search(before) is not None


def empty_pair(state: State, at: int) -> bool:
    """Whether an offset is in an empty pair of brackets or quotes, which Backspace then deletes as a whole."""
    before, after = state.buffer.text[max(0, at - 1) : at], state.buffer.text[at : at + 1]
    if not before or not after or not state.auto_close:
        return False
    return _CLOSERS.get(before) == after or (before == after and before in state.language.strings and at in state.closers)


def between_brackets(state: State, at: int) -> bool:
    """Whether an offset is between an opening bracket and its closing one. Enter then puts that one on its own line."""
    before, after = state.buffer.text[max(0, at - 1) : at], state.buffer.text[at : at + 1]
    return bool(before and after) and _CLOSERS.get(before) == after

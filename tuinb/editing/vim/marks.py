"""Vim's marks, and its motions to them and to the places of changes.

Upper-case letters are marks of the notebook: a motion to one in another cell goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.search import Left
from tuinb.editing.vim.state import Failed
from tuinb.editing.vim.target import Extent, Target

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Vim


def mark(vim: Vim, count: int | None, argument: str) -> Target:
    """A mark."""
    _leave_for(vim, argument, linewise=False)
    place = marked(vim, argument)
    length = len(vim.lines[place.row])
    behind = vim.visual is not None or vim.pending_operator
    return Target(
        Place(place.row, min(place.column, length if behind else max(0, length - 1))), jumps=argument not in "[]<>", large=True
    )


def mark_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The line of a mark."""
    _leave_for(vim, argument, linewise=True)
    return Target(vim.nonblank(marked(vim, argument).row), Extent.LINEWISE, jumps=argument not in "[]<>")


def mark_quietly(vim: Vim, count: int | None, argument: str) -> Target:
    """A mark, without noting the place before."""
    return mark(vim, count, argument)._replace(jumps=False)


def mark_line_quietly(vim: Vim, count: int | None, argument: str) -> Target:
    """The line of a mark, without noting the place before."""
    return mark_line(vim, count, argument)._replace(jumps=False)


def set_mark(vim: Vim, name: str, place: Place) -> None:
    """Sets a mark."""
    vim.marks[name] = place
    if name.isupper():
        vim.host.follow_mark(name)


def remove(vim: Vim, name: str) -> None:
    """Removes a mark, in whichever text it is."""
    vim.marks.pop(name, None)
    if name.isupper():
        vim.host.follow_mark(name)


def _leave_for(vim: Vim, name: str, *, linewise: bool) -> None:
    """Goes to a mark in another text, if it is there. An operator and visual mode stay in theirs. Raises Left if it goes."""
    stays = not name.isupper() or name in vim.marks or vim.pending_operator or vim.visual is not None
    if not stays and vim.host.go_to_mark(name, linewise=linewise):
        raise Left


def marked(vim: Vim, name: str) -> Place:
    """Returns the place of a mark. Raises Failed if it is not set."""
    name = "'" if name == "`" else name
    if name in "<>" and vim.last_visual is not None:
        area, head = vim.last_visual
        first, last = sorted((area.anchor, head))
        if area.kind is Kind.LINES:
            first, last = Place(first.row, 0), Place(last.row, len(vim.lines[min(last.row, vim.last_row)]))
        place: Place | None = first if name == "<" else last
    else:
        place = vim.marks.get(name, Place(0, 0) if name == "'" else None)
    if place is None or place.row > vim.last_row:
        raise Failed(f"Mark {name} is not set.")
    return place


def older_change(vim: Vim, count: int | None, argument: str) -> Target:
    """The place of a change before."""
    return _change(vim, -(count or 1))


def newer_change(vim: Vim, count: int | None, argument: str) -> Target:
    """The place of a later change."""
    return _change(vim, count or 1)


def _change(vim: Vim, by: int) -> Target:
    index = vim.change_index + by
    if not 0 <= index < len(vim.changes):
        raise Failed
    vim.change_index = index
    place = vim.changes[index]
    return Target(vim.clamped(Place(min(place.row, vim.last_row), place.column)))

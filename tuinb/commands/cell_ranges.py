"""Ex commands on cells with a range, as vim has them on lines: `:2,5d`, `:.,+2m$`, `:%s/old/new/g`, `:g/import/m0`.

A cell is what a line is in vim: it has a number, and it matches a pattern if one of its lines does. Each command is one step of
undo.
"""

from __future__ import annotations

import re
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, cells, jumps, selection
from tuinb.commands.registry import COMMANDS
from tuinb.commands.run import submit
from tuinb.editing.buffer import Buffer, difference
from tuinb.editing.vim import pattern, substitution
from tuinb.editing.vim.addresses import Addresses, next_of
from tuinb.editing.vim.state import CHANGE_SECONDS, SEARCH_SECONDS, Failed, Host, Options, TooSlow, Vim
from tuinb.notebook.changes import InsertCell, MoveCell, SpliceSource
from tuinb.regex_timeout import regex_timeout
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from tuinb.commands.command import Command
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId, Change

_NAME = re.compile(r"[A-Za-z]{2,}(?:-\w+)+|[A-Za-z]*")
_SHORT = {
    "delete": 1, "yank": 1, "move": 1, "copy": 2, "join": 1, "put": 2, "substitute": 1, "global": 1, "vglobal": 1, "print": 1,
    "run-cell": 8,
}  # fmt: skip
"""The names of the commands, and the letters that stand for them."""
_NAMES = {name[:size]: name for name, least in _SHORT.items() for size in range(least, len(name) + 1)}
_NAMES |= {"t": "copy", "": "print"}
_ALONE = frozenset(("delete", "yank", "print", "run-cell"))
"""Commands that nothing follows."""
_SELECTING = frozenset(("run", "cells", "outputs", "edit"))
"""Groups of tuinb's commands that work on the selected cells, and so on those of a range."""


class _Quiet(Host):
    """The surroundings of a text that `:s` changes. What is said of all cells is said once."""

    def limit(self, seconds: float) -> AbstractContextManager[None]:
        return regex_timeout(seconds)


class _Cells:
    """The cells, as addresses name them. `here` is the active one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.order: list[CellId] = list(context.session.notebook.order)
        active = context.view.active
        self.here = self.order.index(active) if active in self.order else 0

    @property
    def last(self) -> int:
        """The last row."""
        return len(self.order) - 1

    def marked(self, name: str) -> int:
        """Returns the cell of a mark, or the first or the last selected one. Raises Failed if it is not set."""
        view, notebook = self._context.view, self._context.session.notebook
        if name in "<>":
            selected = view.selected(notebook)
            cell = selected[0 if name == "<" else -1] if selected else None
        else:
            place = view.marks.get(name)
            cell = None if place is None else place.cell
        if cell not in self.order:
            raise Failed(f"Mark {name} is not set.")
        return self.order.index(cell)

    def find(self, text: str, here: int, *, forward: bool, searches: bool = True) -> int:
        """Returns the next cell that matches. Raises Failed without one."""
        if not text:
            raise Failed("There is no pattern to search again.")
        return next_of(self.matches(text, range(len(self.order))), here, text, forward=forward)

    def matches(self, text: str, rows: range) -> list[int]:
        """Returns the cells of a range that match."""
        regex, notebook = pattern.translate(text, Options()), self._context.session.notebook
        try:
            with regex_timeout(CHANGE_SECONDS if len(rows) > 1 else SEARCH_SECONDS):
                return [row for row in rows if pattern.first_match(regex, notebook[self.order[row]].source, 0) is not None]
        except TimeoutError:
            raise TooSlow(f"The pattern '{text}' takes too long, and was given up.") from None

    def go_on_from(self, row: int) -> None:
        """Makes a cell the one that what follows counts from."""
        self.here = max(0, min(row, self.last))


def run(context: Context, line: str) -> None:
    """Runs a line that has the form of a command on cells. Says what is wrong with it."""
    try:
        _run(context, line.lstrip(" \t:"))
    except Failed as failure:
        context.dialogs.notify(str(failure), "error")


def _run(context: Context, line: str) -> None:
    rows = _Cells(context)
    reader = Addresses(rows, line)
    given, _ = reader.range()
    rest = line[reader.at :].lstrip(" \t")
    match = _NAME.match(rest)
    assert match is not None
    argument = rest[len(match[0]) :]
    name = _NAMES.get(match[0], "")
    if name in ("global", "vglobal"):
        _global(context, rows, rows_of(rows, given, whole=True), argument, inverted=name == "vglobal")
        return
    chosen = [rows.order[row] for row in rows_of(rows, given)]
    if not name and match[0] in COMMANDS and COMMANDS[match[0]].group in _SELECTING and not argument.strip():
        _run_on(context, chosen, COMMANDS[match[0]])
    elif name == "join":
        _select(context, chosen)
        COMMANDS["merge-cells"](context)
    elif name == "put":
        context.view.activate(chosen[-1])
        COMMANDS["paste-above" if argument.startswith("!") else "paste-below"](context)
    else:
        _each(context, rows, chosen, name, argument, rest)


def rows_of(rows: _Cells, given: tuple[int, int] | None, *, whole: bool = False) -> range:
    """Returns the cells of a range; without one the active cell, or all if `whole`. Raises Failed for numbers of no cell."""
    first, last = (min(given), max(given)) if given is not None else (0, rows.last) if whole else (rows.here, rows.here)
    if not rows.order:
        raise Failed("There are no cells.")
    if first < 0 or last > rows.last:
        raise Failed(f"Cells have the numbers 1 to {len(rows.order)}.")
    return range(first, last + 1)


def _select(context: Context, chosen: Sequence[CellId]) -> None:
    context.view.activate(chosen[0])
    context.view.extend(chosen[-1])


def _run_on(context: Context, chosen: Sequence[CellId], command: Command) -> None:
    """Runs a command on cells as if they were selected. What was selected before is so again, if the cells are the same then.

    A coroutine has not looked at the selection yet: the cells stay selected for it.
    """
    view, order = context.view, context.session.notebook.order
    before = view.active, view.anchor
    _select(context, chosen)
    command(context)
    edits = view.mode is Mode.EDIT  # the cell that was opened
    if order == context.session.notebook.order and not edits and not iscoroutinefunction(command.function):
        view.active, view.anchor = before


def _global(context: Context, rows: _Cells, among: range, argument: str, *, inverted: bool) -> None:
    inverted ^= argument.startswith("!")
    argument = argument.removeprefix("!").lstrip()
    sign = argument[:1]
    if not sign or sign.isalnum() or sign in '\\"|':
        raise Failed(":g needs a pattern, as in :g/pattern/d.")
    text, closed = substitution.cut(argument[1:], sign)
    command = argument[1 + len(text) + closed :].strip()
    if not text:
        raise Failed("There is no pattern to search again.")
    hits = set(rows.matches(text, among))
    chosen = [rows.order[row] for row in among if (row in hits) != inverted]
    if not chosen:
        raise Failed(f"Not found: {text}")
    match = _NAME.match(command)
    assert match is not None
    name = _NAMES.get(match[0], "")
    if name == "print":
        context.dialogs.notify(f"{cell_edits.count(len(chosen))}.".capitalize())
    _each(context, rows, chosen, name, command[len(match[0]) :], command, one_by_one=True)


def _each(
    context: Context, rows: _Cells, chosen: list[CellId], name: str, argument: str, line: str, *, one_by_one: bool = False
) -> None:
    """Runs a command on cells that need not be neighbours. `one_by_one`: it places each by itself."""
    if name in _ALONE and argument.strip():
        raise Failed(f"'{argument.strip()}' can't follow here: cells have no registers, and the range says how many.")
    if name == "delete":
        cells.cut(context, chosen)
    elif name == "yank":
        cells.copy(context, chosen)
    elif name == "run-cell":
        submit(context, chosen)
    elif name == "print":
        selection.go_to(context, rows.order.index(chosen[-1]) + 1)
    elif name == "substitute":
        _substitute(context, chosen, argument)
    elif name in ("move", "copy"):
        place = _move if name == "move" else _copy
        changes: list[Change] = []
        for group in [[cell] for cell in chosen] if one_by_one else [chosen]:
            place(context, rows, group, argument, changes)
        if name == "copy" or rows.order != list(context.session.notebook.order):
            cell_edits.apply(context, changes, f"{name} {cell_edits.count(len(chosen))}")
        placed = changes[-1] if changes else None
        context.view.activate(placed.cell.id if isinstance(placed, InsertCell) else chosen[-1])
    else:
        raise Failed(f"'{line}' is no command on cells. Enter edits a cell, where : works on its lines.")


def _target(rows: _Cells, argument: str, here: CellId) -> int:
    rows.here = rows.order.index(here)
    reader = Addresses(rows, argument)
    row = reader.address()
    if row is None or argument[reader.at :].strip():
        raise Failed(f"'{argument.strip()}' is no cell." if argument.strip() else "After which cell?")
    if not -1 <= row <= rows.last:
        raise Failed(f"Cells have the numbers 1 to {len(rows.order)}; 0 is before the first one.")
    return row


def _move(context: Context, rows: _Cells, chosen: list[CellId], argument: str, changes: list[Change]) -> None:
    row = _target(rows, argument, chosen[0])
    after = rows.order[row] if row >= 0 else None
    if after in chosen[:-1]:
        raise Failed("Cells can't be moved into themselves.")
    if after == chosen[-1]:
        return
    changes += [MoveCell(cell, before) for cell, before in zip(chosen, (after, *chosen[:-1]), strict=True)]
    rows.order = [cell for cell in rows.order if cell not in chosen]
    at = rows.order.index(after) + 1 if after is not None else 0
    rows.order[at:at] = chosen


def _copy(context: Context, rows: _Cells, chosen: list[CellId], argument: str, changes: list[Change]) -> None:
    row = _target(rows, argument, chosen[0])
    notebook = context.session.notebook
    new = [notebook.fresh(notebook[cell].data()) for cell in chosen]
    changes += cell_edits.insertions(new, rows.order[row] if row >= 0 else None)
    rows.order[row + 1 : row + 1] = [cell.id for cell in new]


def _substitute(context: Context, chosen: Sequence[CellId], argument: str) -> None:
    notebook, host = context.session.notebook, _Quiet()
    wanted, count, more = substitution.read(Vim(Buffer(""), host), argument)
    if "c" in wanted.flags:
        raise Failed("On cells, c can't ask: :replace asks about each match of all cells.")
    if more or count is not None:
        raise Failed("On cells, :s takes a pattern, a replacement and the flags g i I n e.")
    quiet = wanted._replace(flags=f"{wanted.flags}e")
    changes: list[Change] = []
    found = hits = 0
    for cell in chosen:
        old = notebook[cell].source
        vim = Vim(Buffer(old), host)
        number = substitution.substitute(vim, range(vim.last_row + 1), quiet)
        found, hits = found + number, hits + (number > 0)
        if vim.text.text != old:
            start, end, inserted = difference(old, vim.text.text)
            changes.append(SpliceSource(cell, start, old[start:end], inserted))
    if found:
        jumps.remember(context)
        cell_edits.apply(context, changes, f"replace {'a match' if found == 1 else f'{found} matches'}")
    elif "e" not in wanted.flags:
        raise Failed(f"Not found: {wanted.pattern}")
    else:
        return
    what = "match" if "n" in wanted.flags else "substitution"
    plural = f"{what}{'es' if what == 'match' else 's'}" if found != 1 else what
    said = f"{found} {plural} in {hits} cell{'s' if hits != 1 else ''}."
    context.dialogs.notify(said, hint="{undo} undoes that." if changes else "")

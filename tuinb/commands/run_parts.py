"""Commands that run a part of a cell: the selected text, a statement, all statements to the cursor."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from tuinb.analysis.statements import statements
from tuinb.commands.command import EDITOR, Group, command
from tuinb.commands.cursor import say_not_editing

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.notebook.cell import Cell

_PYTHON = frozenset(("python", "ipython", "sage"))


def _edited(context: Context) -> Cell | None:
    """Returns the code cell that is being edited. Says so if there is none."""
    active = context.view.active
    if not context.editor.is_open or active is None:
        say_not_editing(context)
    elif (cell := context.session.notebook[active]).kind != "code":
        context.dialogs.notify("Only code can be run.")
    else:
        return cell
    return None


def _statements(context: Context, cell: Cell) -> list[range]:
    return statements(cell.source, python=context.session.notebook.language.lower() in _PYTHON)


@command(Group.RUN, EDITOR)
def run_selection(context: Context) -> None:
    """Run the selected text; without one, the statement at the cursor, and go to the next one."""
    cell = _edited(context)
    if cell is None:
        return
    start, end = context.editor.selection
    if start != end:
        code = _dedented(cell.source, start, end)
        if code.strip():
            context.session.run_part(cell.id, code)
        return
    line = cell.source.count("\n", 0, context.editor.cursor)
    parts = [part for part in _statements(context, cell) if part.stop > line]
    if not parts:
        context.dialogs.notify("There is no statement at the cursor or below it.")
        return
    lines = cell.source.split("\n")
    context.session.run_part(cell.id, "\n".join(lines[parts[0].start : parts[0].stop]))
    context.editor.edit_at(cell.id, parts[1].start if len(parts) > 1 else min(parts[0].stop, len(lines) - 1))


def _dedented(source: str, start: int, end: int) -> str:
    """Returns a part of a source without the indentation that its lines share, if it begins with a line."""
    line = source.rfind("\n", 0, start) + 1
    return source[start:end] if source[line:start].strip() else dedent(source[line:end])


@command(Group.RUN, EDITOR)
def run_to_cursor(context: Context) -> None:
    """Run the cell from its start to the statement at the cursor."""
    cell = _edited(context)
    if cell is None:
        return
    line = cell.source.count("\n", 0, context.editor.cursor)
    parts = [part for part in _statements(context, cell) if part.start <= line]
    if parts:
        context.session.run_part(cell.id, "\n".join(cell.source.split("\n")[: parts[-1].stop]))
    else:
        context.dialogs.notify("There is no statement before the cursor.")

"""Commands that go back to where one was and to marks, and the way to where a name is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.analysis.definitions import definition_line, line_of
from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.workspace.jumps import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId

_LONGEST = 40
"""Characters of a line that are shown."""


def here(context: Context) -> Place | None:
    """Returns where the user is. None in an empty notebook."""
    active = context.view.active
    if active is None or active not in context.session.notebook:
        return None
    return Place(active, context.editor.cursor if context.editor.is_open else None)


def remember(context: Context) -> None:
    """Notes where the user is, before a jump."""
    place = here(context)
    if place is not None:
        context.view.jumps.remember(place)


def go(context: Context, place: Place) -> None:
    """Goes to a place, and edits the cell there if the place has a cursor."""
    if place.offset is None:
        cell_edits.stop_editing(context)
        context.view.activate(place.cell)
    else:
        context.editor.edit_from(place.cell, place.offset)


def _walk(context: Context, step: Callable[[Place, Container[CellId]], Place | None], nothing: str) -> None:
    place = here(context)
    found = None if place is None else step(place, context.session.notebook)
    if found is None:
        context.dialogs.notify(nothing)
    else:
        go(context, found)


@command(Group.VIEW)
def jump_back(context: Context) -> None:
    """Go back to where you were before the last jump."""
    _walk(context, context.view.jumps.back, "There is no earlier place.")


@command(Group.VIEW)
def jump_forward(context: Context) -> None:
    """Go forward to where you were before you went back."""
    _walk(context, context.view.jumps.forward, "There is no later place.")


# ---- marks


def set_mark(context: Context, letter: str) -> None:
    """Marks where the user is by a letter."""
    place = here(context)
    if len(letter) != 1 or not letter.isalpha():
        context.dialogs.notify(f"'{letter}' is not a letter. `:mark a` marks this place as a.", "error")
    elif place is not None:
        context.view.marks[letter] = place
        context.dialogs.notify(f"Marked as {letter}.", hint="{go-to-mark} goes to marks.")


@command(Group.VIEW)
async def mark(context: Context) -> None:
    """Mark this place by a letter."""
    letter = await context.dialogs.ask("Mark this place, by a letter:")
    if letter is not None:
        set_mark(context, letter.strip())


@command(Group.VIEW)
async def go_to_mark(context: Context) -> None:
    """Go to a place that you marked."""
    notebook, marks = context.session.notebook, context.view.marks
    known = {letter: place for letter, place in sorted(marks.items()) if place.cell in notebook}
    if not known:
        context.dialogs.notify("No place is marked. `:mark a` marks this one as a.")
        return
    places = list(known.values())
    options = [f"{letter}  {described(context, place)}" for letter, place in known.items()]
    choice = await context.dialogs.choose("Go to mark", options)
    if choice is not None and places[choice].cell in notebook:
        remember(context)
        go(context, places[choice])


def described(context: Context, place: Place) -> str:
    """Returns the cell of a place, which must be there, and the line."""
    notebook = context.session.notebook
    source = notebook[place.cell].source
    at = min(place.offset or 0, len(source))
    line = source[source.rfind("\n", 0, at) + 1 :].partition("\n")[0].strip()
    return f"cell {notebook.index(place.cell) + 1}: {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}"


# ---- definitions


async def go_to_setting(context: Context, active: CellId, name: str) -> None:
    """Goes to where a name that the active cell uses is set: in the nearest cell above, else below."""
    cells = await _setting(context, name)
    notebook = context.session.notebook
    if active not in notebook:
        return
    position = notebook.index(active)
    above = [cell for cell in cells if cell in notebook and notebook.index(cell) <= position]
    below = [cell for cell in cells if cell in notebook and notebook.index(cell) > position]
    if not above and not below:
        context.dialogs.notify(f"No cell sets {name}.")
        return
    target = above[-1] if above else below[0]
    remember(context)
    context.editor.edit_at(target, line_of(notebook[target].source, name) or 0)


def name_at(source: str, offset: int) -> str:
    """Returns the name around an offset, or an empty string."""
    start = end = offset
    while start and (source[start - 1].isalnum() or source[start - 1] == "_"):
        start -= 1
    while end < len(source) and (source[end].isalnum() or source[end] == "_"):
        end += 1
    name = source[start:end]
    return name if name and not name[0].isdigit() else ""


async def _setting(context: Context, name: str) -> tuple[CellId, ...]:
    """Returns the cells that set a name, from the top. Where the language is not read, those whose text looks so.

    Where none sets it, those with a method of that name.
    """
    staleness = context.session.staleness
    finds = line_of
    if staleness.reads_names:
        found = next((use.set_in for use in await staleness.names() if use.name == name), ())
        if found:
            return found
        finds = definition_line  # no variable has it, but a method may
    code = [cell for cell in context.session.notebook if cell.kind == "code"]
    return tuple(cell.id for cell in code if finds(cell.source, name) is not None)

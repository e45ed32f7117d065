"""Commands that ask a language server: where a name is used, renaming it, fixes, and the state of the servers.

What a server changes is one step of undo, over all cells.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.analysis.definitions import local_setting
from tuinb.analysis.problems import names_in_magics
from tuinb.commands import cell_edits, jumps
from tuinb.commands.command import EDITOR, Group, command
from tuinb.commands.cursor import say_not_editing
from tuinb.editing.completion import word_start
from tuinb.errors import LanguageServerError, TuinbError
from tuinb.workspace.jumps import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.lsp.answers import Location
    from tuinb.notebook.changes import CellId, SpliceSource
    from tuinb.session.languages import LanguageServers

_NAME = re.compile(r"[^\W\d]\w*")
_LONGEST = 60
"""Characters of a line that are shown."""
_MOST_PLACES = 500
"""Places that are listed."""
_MOST_BYTES = 2_000_000
"""Bytes of a file that is shown."""


def servers_of(context: Context) -> LanguageServers:
    """Returns the language servers of the session, which are started if they were not."""
    servers = context.session.languages
    servers.use(context.language_servers, context.system.environ)
    return servers


def _edited(context: Context) -> CellId | None:
    """Returns the cell that is being edited. None, and says so, without one."""
    if context.editor.is_open and context.view.active is not None:
        return context.view.active
    say_not_editing(context)
    return None


def _name_here(context: Context) -> tuple[CellId, int, str] | None:
    """Returns the cell, the start of the name at the cursor, and the name. None, and says so, without one."""
    active = _edited(context)
    if active is None:
        return None
    source, cursor = context.session.notebook[active].source, context.editor.cursor
    name = jumps.name_at(source, cursor)
    if not name:
        context.dialogs.notify("There is no name at the cursor.")
        return None
    return active, word_start(source, cursor), name


# ---- names


@command(Group.CURSOR, EDITOR)
async def go_to_definition(context: Context) -> None:
    """Go to where the name at the cursor is set: in the function around it, the nearest cell above, else below."""
    here = _name_here(context)
    if here is None:
        return
    cell, offset, name = here
    found = await _defined(context, cell, offset)
    if context.view.active != cell:
        return
    if found is not None:
        await _go(context, found)
    elif (local := _local(context, cell, offset, name)) is not None:
        if local == offset:
            context.dialogs.notify(f"{name} is set here.")
        else:
            jumps.remember(context)
            jumps.go(context, Place(cell, local))
    else:
        await jumps.go_to_setting(context, cell, name)


def _local(context: Context, cell: CellId, offset: int, name: str) -> int | None:
    """Returns where a function of Python around the name sets it, if it does."""
    source = context.session.notebook[cell].source
    if not context.session.staleness.reads_names or source[:offset].endswith("."):
        return None
    return local_setting(source, offset, name)


async def _defined(context: Context, cell: CellId, offset: int) -> Location | None:
    """Returns where a server that runs says that a name is defined. None without one, or if it is defined here."""
    try:
        found = await servers_of(context).definition(cell, offset)
    except LanguageServerError:
        return None  # What tuinb finds by itself is as good.
    return next((place for place in found if (place.cell, place.offset) != (cell, offset)), None)


async def _go(context: Context, place: Location) -> None:
    """Goes to a place in a cell, or shows a file from a line on."""
    if place.cell is None:
        await _show_file(context, place)
    elif place.cell in context.session.notebook:
        jumps.remember(context)
        jumps.go(context, Place(place.cell, place.offset))


async def _show_file(context: Context, place: Location) -> None:
    def read() -> str:
        path = Path(place.path)
        if not path.is_file():
            raise TuinbError("it is no file", where=place.path)
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")

    try:
        text = await asyncio.to_thread(read)
    except OSError as error:
        raise TuinbError(error.strerror or str(error), where=place.path) from error
    lines = text.split("\n")[place.line :]
    context.dialogs.page(f"{place.path}, from line {place.line + 1}", "\n".join(lines))


@command(Group.CURSOR, EDITOR)
async def find_references(context: Context) -> None:
    """List where the name at the cursor is used, and go to one of these places."""
    place = _name_here(context)
    if place is None:
        return
    cell, offset, name = place
    found = await servers_of(context).references(cell, offset)
    notebook = context.session.notebook
    places = sorted(
        (place for place in found if place.cell is None or place.cell in notebook),
        key=lambda place: (place.cell is None, 0 if place.cell is None else notebook.index(place.cell), place.offset),
    )
    if not places:
        context.dialogs.notify(f"No other place uses {name}.")
        return
    here = next((index for index, place in enumerate(places) if (place.cell, place.offset) == (cell, offset)), 0)
    title = f"{name} is used in {cell_edits.count(len(places), 'place')}"
    if len(places) > _MOST_PLACES:
        title, places = f"{title}; the first {_MOST_PLACES} are", places[:_MOST_PLACES]
    choice = await context.dialogs.choose(title, [_described(context, place) for place in places], at=here)
    if choice is not None:
        await _go(context, places[choice])


def _described(context: Context, place: Location) -> str:
    if place.cell is None:
        return f"{place.path}:{place.line + 1}"
    source = context.session.notebook[place.cell].source
    number, row = context.session.notebook.index(place.cell) + 1, source.count("\n", 0, place.offset)
    line = source[source.rfind("\n", 0, place.offset) + 1 :].partition("\n")[0].strip()
    return f"cell {number}, line {row + 1}: {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}"


@command(Group.EDIT, EDITOR)
async def rename_symbol(context: Context) -> None:
    """Rename what the name at the cursor means, in all cells, by a language server."""
    _check_writable(context)
    here = _name_here(context)
    if here is None:
        return
    cell, offset, name = here
    servers = servers_of(context)
    await servers.check_rename(cell, offset)
    before = context.session.notebook[cell].source
    new = await context.dialogs.ask(f"Rename {name} to:", name)
    if new is None or new.strip() in ("", name):
        return
    new = new.strip()
    if not new.isidentifier():
        raise TuinbError(f"{new} is no name")
    if cell not in context.session.notebook or context.session.notebook[cell].source != before:
        raise LanguageServerError("the cell was edited meanwhile, so nothing was changed", hint="try again")
    changes = await servers.rename(cell, offset, new)
    _apply(context, changes, "rename", f"Renamed {name} in {{}}.", f"Nothing was renamed: {name} is set nowhere here.")


def _check_writable(context: Context) -> None:
    if context.session.read_only:
        raise TuinbError(f"Read-only: {context.session.read_only}")


def _apply(context: Context, changes: Sequence[SpliceSource], label: str, done: str, nothing: str) -> None:
    """Makes changes as one step of undo, and tells it: `done` has a place for the number of cells."""
    cell_edits.apply(context, changes, label)
    cells = len({change.cell for change in changes})
    context.dialogs.notify(done.format(cell_edits.count(cells)) if cells else nothing)


# ---- fixes


@command(Group.EDIT)
async def fix_all(context: Context) -> None:
    """Fix all problems that a language server can fix by itself, in all cells."""
    _check_writable(context)
    found = await servers_of(context).of_kind("source.fixAll", "fixes problems")
    in_magics, _ = names_in_magics(cell.source for cell in context.session.notebook if cell.kind == "code")
    # A server does not see that a magic uses what is imported.
    changes = [change for change in found if not (_lost_names(change) & in_magics)]
    _apply(context, changes, "fix all", "Fixed {}.", "There is nothing to fix.")


def _lost_names(change: SpliceSource) -> set[str]:
    """Returns the names that a change takes away."""
    return set(_NAME.findall(change.removed)) - set(_NAME.findall(change.inserted))


@command(Group.EDIT)
async def organize_imports(context: Context) -> None:
    """Sort the imports of all cells by a language server."""
    _check_writable(context)
    changes = await servers_of(context).of_kind("source.organizeImports", "sorts imports")
    _apply(context, changes, "organize imports", "Sorted the imports of {}.", "The imports are in order.")


@command(Group.EDIT, EDITOR)
async def code_actions(context: Context) -> None:
    """List the changes that language servers propose for the line or the selected text."""
    _check_writable(context)
    active = _edited(context)
    if active is None:
        return
    servers = servers_of(context)
    found = await servers.actions(active, *context.editor.selection)
    if not found:
        context.dialogs.notify("No change is proposed here.")
        return
    choice = await context.dialogs.choose("Change the code", [action.title for action in found])
    if choice is not None:
        _apply(context, await servers.edit_of(found[choice]), "code action", "Changed {}.", "It changes nothing.")


# ---- servers


@command(Group.EDIT)
def show_language_servers(context: Context) -> None:
    """Show which language servers read this notebook, and how they are."""
    text = servers_of(context).report()
    none = "No language server reads this notebook.\n\nFor Python, `pip install ty ruff`; others are named in config.toml:\n"
    context.dialogs.page("Language servers", text or f'{none}\n[lsp.python]\ncommand = ["pylsp"]')


@command(Group.EDIT)
async def restart_language_servers(context: Context) -> None:
    """End the language servers, and start them again."""
    await servers_of(context).restart()
    context.dialogs.notify("The language servers are started again.")

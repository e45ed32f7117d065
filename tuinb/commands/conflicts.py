"""Commands that take over what another program wrote to the file, and that resolve the conflicts of a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.errors import NotebookFileError
from tuinb.notebook.changes import Step, Transaction
from tuinb.notebook.conflicts import MARKER, OWN_KEY, Side, find_marked, settled
from tuinb.notebook.difference import Content, difference
from tuinb.session.events import UNDOES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.conflicts import Conflict
    from tuinb.notebook.document import Notebook
    from tuinb.session.incoming import Incoming

_ON_DISK = ("ours: here", "theirs: on disk")
_IN_CELLS = ("ours", "theirs")


@command(Group.FILE)
async def resolve_conflicts(context: Context) -> None:
    """Show the conflicts with the file on disk, or of a merge, side by side, and resolve them."""
    try:
        found = await context.session.incoming()
    except NotebookFileError as error:
        context.dialogs.notify(str(error), "warning")
        found = None
    if found is not None and (not await merge_from_disk(context) or found.merge.conflicts):
        return
    if not await _resolve_marked(context) and found is None:
        context.dialogs.notify("There are no conflicts.")


async def merge_from_disk(context: Context) -> bool:
    """Takes over what another program wrote. Asks about conflicts; until they are resolved, nothing changes.

    Returns False if the user leaves the question. Raises NotebookFileError if the file can't be read now.
    """
    decided: Sequence[Conflict] = ()
    sides: Sequence[Side] | None = ()
    while (found := await context.session.incoming()) is not None:
        conflicts = found.merge.conflicts
        if list(conflicts) != list(decided):
            sides = await _ask(context, _ON_DISK, found.merge.content, conflicts)
            decided = conflicts
        if sides is None:
            context.dialogs.notify("Nothing was changed. :resolve shows the conflicts again.")
            return False
        content = _with_sides(found.merge.content, conflicts, sides)
        if await context.session.take(found, content, context.client):
            _report(context, found, content, len(conflicts))
            return True
    if decided:
        context.dialogs.notify("The conflicts were resolved on another terminal.")
    return True


async def _ask(
    context: Context, names: tuple[str, str], content: Content, conflicts: Sequence[Conflict]
) -> Sequence[Side] | None:
    from tuinb.commands.conflict_pages import pages

    return await context.dialogs.resolve(names, pages(content, conflicts)) if conflicts else ()


def _with_sides(content: Content, conflicts: Sequence[Conflict], sides: Sequence[Side]) -> Content:
    for conflict, side in zip(conflicts, sides, strict=True):
        content = settled(content, [conflict], side)
    return content


def _report(context: Context, found: Incoming, content: Content, conflicts: int) -> None:
    changes = difference(found.taken.content, content)
    if changes.changes:
        what = f"{changes.extent} changed on disk by another program"
        resolved = f", {conflicts} conflict{'s' * (conflicts > 1)} resolved" if conflicts else ""
        context.dialogs.notify(f"{'Merged' if found.taken.is_modified else 'Reloaded'}: {what}{resolved}.", hint=UNDOES)
    elif conflicts:
        context.dialogs.notify("The notebook stays as it is. Saving writes it over what is on the disk.")
    else:
        context.dialogs.notify("The file has nothing new.")


async def _resolve_marked(context: Context) -> bool:
    """Resolves the conflicts that a merge left in cells. Returns False if there are none."""
    notebook = context.session.notebook
    content = Content.of(notebook)
    conflicts = list(find_marked(content))
    if not conflicts:
        return False
    sides = await _ask(context, _IN_CELLS, content, conflicts)
    if sides is None:
        return True
    now = Content.of(notebook)
    if list(find_marked(now)) != conflicts:
        context.dialogs.notify("The conflicts have changed meanwhile. :resolve shows them again.", "warning")
        return True
    chosen = [(conflict, side) for conflict, side in zip(conflicts, sides, strict=True) if side is not Side.MARKED]
    resolved = _with_sides(now, [conflict for conflict, _ in chosen], [side for _, side in chosen])
    changes = difference(now, resolved).changes
    if changes:
        context.session.apply(Transaction(changes, context.client, Step.EDIT, "resolved conflicts"))
    left = f"; {len(sides) - len(chosen)} left with markers" if len(chosen) < len(sides) else ""
    context.dialogs.notify(f"{len(chosen)} conflict{'s' * (len(chosen) != 1)} resolved{left}.", hint=UNDOES)
    return True


def count_marked(notebook: Notebook) -> int:
    """Returns the number of conflicts that a merge left, if a source or the metadata of a cell has one."""
    if not any(MARKER in cell.source or OWN_KEY in cell.metadata for cell in notebook):
        return 0
    return sum(1 for _ in find_marked(Content.of(notebook)))


async def read_again(context: Context) -> None:
    """Takes over what another program wrote. Refuses if there is nothing but unsaved changes."""
    found = await context.session.incoming()
    if found is not None:
        await merge_from_disk(context)
    elif context.session.modified:
        context.dialogs.notify("There are unsaved changes, and the file is as it was. :e! discards them.", "error")
    else:
        context.dialogs.notify("The file has nothing new.")


async def reload(context: Context) -> None:
    """Reads the file again. Unsaved changes are discarded, as one step that can be undone."""
    while (found := await context.session.incoming(anew=True)) is not None:
        content = found.on_disk
        if await context.session.take(found, content, context.client):
            changes = difference(found.taken.content, content)
            if changes.changes:
                context.dialogs.notify(f"Reloaded: {changes.extent} changed.", hint=UNDOES)
            else:
                context.dialogs.notify("The file has nothing new.")
            return

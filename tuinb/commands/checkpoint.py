"""The command that restores a notebook's checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.errors import is_remote
from tuinb.files import checkpoints, disk
from tuinb.jobs import shared
from tuinb.notebook.changes import Step, Transaction
from tuinb.session.events import UNDOES

if TYPE_CHECKING:
    from tuinb.commands.context import Context


_NONE = "This notebook has no checkpoint."


@command(Group.FILE)
async def restore_checkpoint(context: Context) -> None:
    """Change the notebook to its checkpoint, of .ipynb_checkpoints or the server; asks first."""
    from tuinb.files import load
    from tuinb.notebook.difference import Content, difference
    from tuinb.notebook.matching import matched

    session = context.session
    if is_remote(session.path):
        await _restore_on_server(context)
        return
    path = checkpoints.path_of(session.path)
    found = disk.state(path)
    if found is None:
        context.dialogs.notify(_NONE)
        return
    loaded = await shared().run(load.load, path)
    if not await _agrees(context, found.modified / 1e9):
        return
    current = Content.of(session.notebook)
    found_difference = difference(current, matched(current, Content.of(loaded.notebook)))
    if not found_difference.changes:
        context.dialogs.notify("The notebook is the same as its checkpoint.")
        return
    session.apply(Transaction(found_difference.changes, context.client, Step.EDIT, "the checkpoint"))
    context.dialogs.notify("The checkpoint is restored.", hint=UNDOES)


async def _agrees(context: Context, written: float) -> bool:
    from tuinb.session.recovery import shown_time

    question = f"Change the notebook to its checkpoint of {shown_time(written)}?"
    return await context.dialogs.confirm(question, yes="Restore it", no="Cancel", refused="Nothing was restored.")


async def _restore_on_server(context: Context) -> None:
    """Lets the server restore the file, whose API does not show a checkpoint, and reads it again. That can be undone here."""
    from tuinb.commands.conflicts import reload
    from tuinb.files.remote import RemoteFiles
    from tuinb.server import known
    from tuinb.server.address import file_of

    session = context.session
    files = RemoteFiles(known.server(file_of(session.path)[0]))
    found = await shared().run(files.checkpoint, session.path)
    if found is None:
        context.dialogs.notify(_NONE)
        return
    if not await _agrees(context, found.written):
        return
    if await session.incoming() is not None:
        context.dialogs.notify("Somebody else has changed the file: take that over first, with :e.", "warning")
        return
    await shared().run(files.restore, session.path, found)
    await reload(context)

"""The command that restores a notebook's checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.errors import is_remote
from tuinb.files import checkpoints, disk
from tuinb.jobs import shared
from tuinb.notebook.changes import Step, Transaction

if TYPE_CHECKING:
    from tuinb.commands.context import Context


@command(Group.FILE)
async def restore_checkpoint(context: Context) -> None:
    """Change the notebook to its checkpoint in .ipynb_checkpoints; asks first."""
    from tuinb.files import load
    from tuinb.notebook.difference import Content, difference
    from tuinb.notebook.matching import matched
    from tuinb.session.recovery import shown_time

    session = context.session
    if is_remote(session.path):
        context.dialogs.notify("The server has the checkpoint of this notebook: JupyterLab there restores it.")
        return
    path = checkpoints.path_of(session.path)
    found = disk.state(path)
    if found is None:
        context.dialogs.notify("This notebook has no checkpoint.")
        return
    loaded = await shared().run(load.load, path)
    when = shown_time(found.modified / 1e9)
    if not await context.dialogs.confirm(f"Change the notebook to its checkpoint of {when}?", yes="Restore it", no="Cancel"):
        return
    current = Content.of(session.notebook)
    found_difference = difference(current, matched(current, Content.of(loaded.notebook)))
    if not found_difference.changes:
        context.dialogs.notify("The notebook is the same as its checkpoint.")
        return
    session.apply(Transaction(found_difference.changes, context.client, Step.EDIT, "the checkpoint"))
    context.dialogs.notify("The checkpoint is restored. z undoes it.")

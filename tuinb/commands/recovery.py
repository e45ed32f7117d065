"""The command that restores unsaved changes of an earlier run. The screen runs it at the start if there are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.session import recovery
from tuinb.session.events import UNDOES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.session.recovery import Unsaved

OPTIONS = ["Leave them for later", "Restore them", "Compare", "Discard them"]
_LATER, _RESTORE, _COMPARE, _DISCARD = range(4)


@command(Group.FILE)
async def restore_unsaved(context: Context) -> None:
    """Restore, compare or discard unsaved changes of an earlier run."""
    found = await recovery.find(context.session)
    await offer(context, found)
    if not found:
        context.dialogs.notify("There are no unsaved changes of an earlier run.")


async def offer(context: Context, found: Sequence[Unsaved]) -> None:
    """Asks what to do with unsaved changes of an earlier run, and releases their journals."""
    try:
        for unsaved in found:
            await _offer(context, unsaved)
    finally:
        recovery.release(found)


async def _offer(context: Context, unsaved: Unsaved) -> None:
    question, at = _question(context, unsaved), _LATER
    while True:
        choice = await context.dialogs.choose(question, OPTIONS, at=at)
        now = await recovery.compare(unsaved.leftover, context.session.notebook)
        if now is None or choice in (None, _LATER):
            return
        if choice == _COMPARE:
            await context.dialogs.read("Unsaved changes", recovery.report(now, context.session.notebook))
            at = _RESTORE
        elif choice == _RESTORE:
            with_steps = recovery.restore(context.session, now, context.client)
            hint = "{undo|undo-typing} undoes the last step, as before." if with_steps else UNDOES
            extent = now.difference.extent
            context.dialogs.notify(f"{extent[0].upper()}{extent[1:]} restored.", hint=hint)
            await recovery.hand_over(context.session, now)
            return
        elif await context.dialogs.confirm(f"Discard the unsaved changes of {now.when}?", yes="Discard", no="Keep"):
            now.leftover.discard()
            return


def _question(context: Context, unsaved: Unsaved) -> str:
    changed = f"Unsaved changes of {unsaved.when}: {unsaved.difference.extent}."
    parts = [f"tuinb ended without saving {context.session.path.name}. {changed}"]
    if unsaved.host:
        parts.append(f"They were made on {unsaved.host}, where tuinb may still run.")
    if unsaved.difference.is_elsewhere:
        parts.append("The notebook has changed since; other cells stay as they are now.")
    if conflicts := len(unsaved.difference.conflicts):
        parts.append(f"{conflicts} of them {'has' if conflicts == 1 else 'have'} changed here, too.")
    if unsaved.problem:
        parts.append(f"Some of them can't be read: {unsaved.problem}.")
    return " ".join(parts)

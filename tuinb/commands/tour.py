"""Commands of the tour. tour_steps.py has what it teaches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.errors import TuinbError
from tuinb.foreground import NO_COMMAND, Program

if TYPE_CHECKING:
    from tuinb.commands.context import Context

ARGV = (sys.executable, "-m", "tuinb", "--tour")


@command(Group.HELP)
async def tour(context: Context) -> None:
    """Learn the keys in five minutes, on a notebook to practise with; this one waits meanwhile."""
    spawn, program = context.system.spawn, Program(ARGV, context.system.environ)
    code = await context.system.suspend_for(lambda: spawn(program)())
    if code:
        why = "Python could not be started" if code == NO_COMMAND else f"it ended with exit code {code}"
        raise TuinbError(f"The tour did not run: {why}.", hint="`tuinb --tour` in a shell runs it, too")


@command(Group.HELP)
def skip_step(context: Context) -> None:
    """Pass over a step of the tour."""
    if not context.system.skip_step():
        context.dialogs.notify("There is no tour here: :tour begins one.")

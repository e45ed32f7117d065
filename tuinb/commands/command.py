"""What a command is: a free function of a Context, with a name and one line of doc for the palette and the help.

`@command(Group.RUN)` makes a Command of a function and registers nothing: `registry` collects the Commands that it finds in
the modules, so that importing one has no effect on another.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from tuinb.commands.context import Context
from tuinb.workspace.view_state import Mode


class Group(StrEnum):
    """Where the help lists a command, in this order."""

    RUN = "run"
    CELLS = "cells"
    EDIT = "edit"
    OUTPUTS = "outputs"
    VIEW = "view"
    KERNEL = "kernel"
    FILE = "file"
    HELP = "help"


Function: TypeAlias = Callable[[Context], "Coroutine[Any, Any, None] | None"]

BOTH = frozenset({Mode.COMMAND, Mode.EDIT})
EDITOR = frozenset({Mode.EDIT})


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    """`run-and-advance`: what keymaps, the palette and the command line call it."""
    doc: str
    """One line, without a full stop."""
    group: Group
    modes: frozenset[Mode]
    """The modes in which it can do something."""
    function: Function

    def __call__(self, context: Context) -> None:
        """Runs it; one that has to wait for something goes on beside the screen. Raises TuinbError."""
        work = self.function(context)
        if work is not None:
            context.system.run_later(work)


def command(group: Group, modes: frozenset[Mode] = BOTH) -> Callable[[Function], Command]:
    """Makes a Command of a function: its name with hyphens, the first line of its docstring as the doc."""

    def wrap(function: Function) -> Command:
        name = getattr(function, "__name__", "").replace("_", "-")
        doc = (function.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
        return Command(name, doc, group, modes, function)

    return wrap

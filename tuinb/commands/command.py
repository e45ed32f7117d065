"""The Command type: a free function of a Context, with a name and one line of documentation.

`@command(Group.RUN)` turns a function into a Command and registers nothing. `registry` collects the Commands of all modules, so
that importing a module has no side effect.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any, TypeAlias

from tuinb.commands.context import Context
from tuinb.record import Record
from tuinb.workspace.view_state import Mode


class Group(StrEnum):
    """Sections of the help page, in this order."""

    RUN = "run"
    CELLS = "cells"
    EDIT = "edit"
    CURSOR = "cursor"
    OUTPUTS = "outputs"
    VIEW = "view"
    KERNEL = "kernel"
    DEBUG = "debugger"
    FILE = "file"
    KEYS = "keys"
    HELP = "help"


Function: TypeAlias = Callable[[Context], "Coroutine[Any, Any, None] | None"]

BOTH = frozenset({Mode.COMMAND, Mode.EDIT})
EDITOR = frozenset({Mode.EDIT})


class Command(Record):
    """A command: a function with a name, a doc, a group and modes."""

    name: str
    """Name in keymaps, the palette and the command line of the screen: `run-and-advance`."""
    doc: str
    """One line for the help page and the palette, without a full stop."""
    group: Group
    modes: frozenset[Mode]
    """Modes in which keys may run the command."""
    function: Function
    repeats: bool = False
    """Whether a count repeats it."""

    def __call__(self, context: Context) -> None:
        """Runs the command. A coroutine is run in the background. Raises TuinbError."""
        work = self.function(context)
        if work is not None:
            context.system.run_later(work)


def command(group: Group, modes: frozenset[Mode] = BOTH, *, repeats: bool = False) -> Callable[[Function], Command]:
    """Turns a function into a Command: the name with hyphens, the first line of the docstring as `doc`."""

    def wrap(function: Function) -> Command:
        name = getattr(function, "__name__", "").replace("_", "-")
        doc = (function.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
        return Command(name, doc, group, modes, function, repeats)

    return wrap

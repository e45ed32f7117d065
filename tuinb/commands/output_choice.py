"""Which output of the active cell a command means: the one that is looked at, the only one, or one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tuinb.errors import TuinbError
from tuinb.mime import joined
from tuinb.notebook.streams.sgr import without_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output

_OFFERED = 100
"""Outputs that can be chosen among: the last ones."""
_NUMBERED = 9
"""Options up to which the question numbers them itself."""
_LABEL = 60
_LOOKED_AT = 1_000
"""Characters of a text that its first line is looked for in."""


class Picked(NamedTuple):
    output: Output
    mime: str
    """The type as which it is shown; an empty string for streams and errors."""


def cell_with_outputs(context: Context) -> Cell:
    """The active cell. Raises TuinbError where it has no outputs."""
    active = context.view.active
    if active is None or active not in context.session.notebook or not len(context.session.notebook[active].outputs):
        raise TuinbError("This cell has no output.")
    return context.session.notebook[active]


async def pick(context: Context, question: str, every: str = "") -> Sequence[Picked]:
    """The output that is meant, or all of the cell's where that was chosen (`every` offers it); none where none was.

    Raises TuinbError where the cell has no outputs.
    """
    cell = cell_with_outputs(context)
    outputs, at_hand = cell.outputs, context.outputs.selected
    if at_hand is not None and at_hand < len(outputs):
        return [picked(context, cell, outputs[at_hand])]
    if len(outputs) == 1:
        return [picked(context, cell, outputs[0])]
    found = list(outputs)
    offered = found[-_OFFERED:]
    first = len(found) - len(offered) + 1
    options = [label(picked(context, cell, output)) for output in offered]
    if len(options) + bool(every) > _NUMBERED:
        options = [f"{number}: {option}" for number, option in enumerate(options, first)]
    if every:
        options.append(f"all {len(found):,}")
    choice = await context.dialogs.choose(question, options, at=len(offered) if every else 0)
    if choice is None:
        return []
    chosen = found if choice == len(offered) else [offered[choice]]
    return [picked(context, cell, output) for output in chosen]


def picked(context: Context, cell: Cell, output: Output) -> Picked:
    """An output with the type as which it is shown."""
    types = context.outputs.types_of(output, context.view.look(cell.id).mime)
    return Picked(output, types[0] if types else "")


def label(it: Picked) -> str:
    """An output in a few words."""
    output = it.output
    if it.mime:
        said = joined(output.data.get("text/plain"))[:_LOOKED_AT].strip().partition("\n")[0]
        return f"{it.mime}: {without_style(said)[:_LABEL]}" if said else it.mime
    if output.stream is not None:
        return f"{output.name or 'text'}: {without_style(''.join(output.stream.lines(0, 1)))[:_LABEL]}"
    return f"{output.raw.get('ename') or output.type}"

"""Selects the output on which a command works: the one in the viewer, the only one, or one that the user chooses."""

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
"""Maximum number of outputs in the list; the last ones are offered."""
_NUMBERED = 9
"""Options up to this number are numbered by the dialog itself."""
_LABEL = 60
"""Maximum length of an output's text in the list, in characters."""
_HEAD = 1_000
"""Characters at the start of a text in which its first line is searched."""


class Picked(NamedTuple):
    """An output on which a command works."""

    output: Output
    mime: str
    """MIME type that is shown; an empty string for streams and errors."""


def cell_with_outputs(context: Context) -> Cell:
    """Returns the active cell. Raises TuinbError if it has no outputs."""
    active = context.view.active
    if active is None or active not in context.session.notebook or not len(context.session.notebook[active].outputs):
        raise TuinbError("This cell has no output.")
    return context.session.notebook[active]


async def pick(context: Context, question: str, every: str = "") -> Sequence[Picked]:
    """Returns the output in the viewer, the only output of the cell, or those that the user chooses; none if the user cancels.

    `every` adds the option to choose all. Raises TuinbError if the cell has no outputs.
    """
    cell = cell_with_outputs(context)
    outputs, in_viewer = cell.outputs, context.outputs.selected
    if in_viewer is not None and in_viewer < len(outputs):
        return [with_type(context, cell, outputs[in_viewer])]
    if len(outputs) == 1:
        return [with_type(context, cell, outputs[0])]
    found = list(outputs)
    offered = found[-_OFFERED:]
    first = len(found) - len(offered) + 1
    options = [label(with_type(context, cell, output)) for output in offered]
    if len(options) + bool(every) > _NUMBERED:
        options = [f"{number}: {option}" for number, option in enumerate(options, first)]
    if every:
        options.append(f"all {len(found):,}")
    choice = await context.dialogs.choose(question, options, at=len(offered) if every else 0)
    if choice is None:
        return []
    chosen = found if choice == len(offered) else [offered[choice]]
    return [with_type(context, cell, output) for output in chosen]


def with_type(context: Context, cell: Cell, output: Output) -> Picked:
    """Returns an output with the MIME type that is shown."""
    types = context.outputs.types_of(output, context.view.look(cell.id).mime)
    return Picked(output, types[0] if types else "")


def label(picked: Picked) -> str:
    """Returns a short description of an output: its type and the start of its text."""
    output = picked.output
    if picked.mime:
        text = joined(output.data.get("text/plain"))[:_HEAD].strip().partition("\n")[0]
        return f"{picked.mime}: {without_style(text)[:_LABEL]}" if text else picked.mime
    if output.stream is not None:
        return f"{output.name or 'text'}: {without_style(''.join(output.stream.lines(0, 1)))[:_LABEL]}"
    return joined(output.raw.get("ename")) or output.type or "output"

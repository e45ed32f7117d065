"""The command that operates widgets: a list of the controls that the cell shows, then a question for a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.commands.output_choice import cell_with_outputs
from tuinb.errors import TuinbError, UsageError
from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.widget_controls import Control, Kind, controls_in
from tuinb.notebook.widgets import model_of

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId, Json

_SECRET = "•" * 8
_QUESTION = "Operate which widget?"
_ROWS, _AROUND = 12, 3
"""Rows of a list of options at most, and of its question and its border."""
_VALUE = 40
"""Maximum characters of a value in the list."""


@command(Group.OUTPUTS)
async def operate_widgets(context: Context) -> None:
    """Press a button or set a value of the widgets that the cell shows."""
    cell = cell_with_outputs(context)
    controls = controls_in(context.session.widgets, cell.outputs)
    if not controls:
        raise TuinbError(_why_none(cell))
    if len(controls) == 1:
        await _operate(context, cell.id, controls[0])
        return
    at: int | None = 0
    while controls and at is not None:
        context.viewport.show_end(min(len(controls), _ROWS) + _AROUND)
        at = await context.dialogs.choose(_QUESTION, [_label(control) for control in controls], at=min(at, len(controls) - 1))
        if at is not None:
            await _operate(context, cell.id, controls[at])
        controls = controls_in(context.session.widgets, cell.outputs)
    context.viewport.show_end(0)


def _why_none(cell: Cell) -> str:
    if any(model_of(output.data.get(WIDGET_VIEW)) is not None for output in cell.outputs):
        return "These widgets can't be operated, or their kernel has gone: run the cell to have them anew."
    return "This cell shows no widgets."


def _label(control: Control) -> str:
    if control.kind is Kind.PRESS:
        return f"[ {control.label} ]"
    if control.kind is Kind.SWITCH:
        return f"{'☑' if control.value == 'on' else '☐'} {control.label}"
    return f"{control.label}: {_SECRET if control.is_secret else control.value[:_VALUE]}"


async def _operate(context: Context, cell: CellId, control: Control) -> None:
    """Presses or switches a control, or asks for its value. Does nothing if the user cancels."""
    match control.kind:
        case Kind.PRESS:
            context.session.operate_widget(cell, control.model, None)
            return
        case Kind.SWITCH:
            state: dict[str, Json] | None = control.switched()
        case Kind.CHOICE:
            chosen = await context.dialogs.choose(control.label, control.options, at=min(control.chosen, default=0))
            state = None if chosen is None else control.with_choice(chosen)
        case Kind.CHOICES:
            options = [f"{'☑' if at in control.chosen else '☐'} {option}" for at, option in enumerate(control.options)]
            chosen = await context.dialogs.choose(control.label, options, at=min(control.chosen, default=0))
            state = None if chosen is None else control.with_choice(chosen)
        case Kind.NUMBER | Kind.NUMBERS | Kind.TEXT:
            state = await _ask(context, control)
    if state is not None:
        context.session.operate_widget(cell, control.model, state)


async def _ask(context: Context, control: Control) -> dict[str, Json] | None:
    """Asks for the value of a control until it is one. Returns None if the user cancels."""
    question = f"{control.label} ({control.limits}):" if control.limits else f"{control.label}:"
    asked, text = question, "" if control.is_secret else control.value
    while (answer := await context.dialogs.ask(asked, text)) is not None:
        try:
            return control.with_text(answer)
        except UsageError as error:
            asked, text = f"{error.what[:1].upper()}{error.what[1:]}. {question}", answer
    return None

"""Commands of the debugger: breakpoints, steps from where the kernel stopped, and what is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.session.state import Frame, Stop, Variable

_LINE = re.compile(r"\s*(\d{1,7})(?:\s+(\S.*?))?\s*")
"""The answer to the question for a breakpoint: a line, and perhaps a condition."""
_NOT_STOPPED = "The kernel is not stopped at a breakpoint."
_WIDEST_NAME = 20
_LONGEST = 200
"""Characters of a value in a list."""


# ---- breakpoints


@command(Group.DEBUG)
async def toggle_breakpoint(context: Context) -> None:
    """Set or remove a breakpoint on the line of the cursor; in command mode, ask for the line."""
    cell = _code_cell(context)
    if cell is None:
        return
    if context.view.mode is Mode.EDIT:
        line, condition = _cursor_line(context, cell), ""
    elif (found := await _ask_line(context, cell)) is not None:
        line, condition = found
    else:
        return
    debugger = context.session.debugger
    if not condition and any(point.line == line for point in debugger.breakpoints_of(cell)):
        debugger.remove_breakpoint(cell, line)
    elif not context.session.notebook[cell].source.split("\n")[line].strip():
        context.dialogs.notify("This line is empty: the kernel would not stop there.", "warning")
    else:
        debugger.set_breakpoint(cell, line, condition)


@command(Group.DEBUG)
async def set_breakpoint_condition(context: Context) -> None:
    """Set a breakpoint with a condition on the line of the cursor."""
    cell = _code_cell(context)
    if cell is None:
        return
    if context.view.mode is not Mode.EDIT:
        context.dialogs.notify("Put the cursor on the line, or give line and condition to B: `3 x > 10`.")
        return
    line = _cursor_line(context, cell)
    points = context.session.breakpoints_of(cell)
    old = next((point.condition for point in points if point.line == line), "")
    condition = await context.dialogs.ask(f"Line {line + 1}: stop if", old)
    if condition is not None:
        context.session.debugger.set_breakpoint(cell, line, condition.strip())


@command(Group.DEBUG)
def clear_breakpoints(context: Context) -> None:
    """Remove all breakpoints."""
    if context.session.debugger.has_breakpoints:
        context.session.debugger.clear_breakpoints()
    else:
        context.dialogs.notify("There are no breakpoints.")


@command(Group.DEBUG)
async def breakpoints(context: Context) -> None:
    """List the breakpoints; Enter goes there."""
    notebook = context.session.notebook
    found = [(cell, point) for cell in notebook.order for point in context.session.breakpoints_of(cell)]
    if not found:
        context.dialogs.notify("There are no breakpoints. F4 on a line in edit mode, or B, sets one.")
        return
    options = []
    for cell, point in found:
        lines = notebook[cell].source.split("\n")
        text = lines[point.line].strip() if point.line < len(lines) else ""
        condition = f"  if {point.condition}" if point.condition else ""
        options.append(f"cell {notebook.index(cell) + 1}, line {point.line + 1}: {text[:_LONGEST]}{condition}")
    choice = await context.dialogs.choose("Breakpoints", options)
    if choice is not None and found[choice][0] in notebook:
        context.view.activate(found[choice][0])


@command(Group.DEBUG)
def toggle_stop_at_errors(context: Context) -> None:
    """Stop at an error that would end a cell, where its variables are still there; or do so no more."""
    debugger = context.session.debugger
    debugger.stop_at_errors(on=not debugger.stops_at_errors)
    acts = "From the next run on, the kernel" if debugger.stops_at_errors else "The kernel no longer"
    context.dialogs.notify(f"{acts} stops at errors that would end a cell.")


def _code_cell(context: Context) -> CellId | None:
    """Returns the active cell. Returns None, and says why, if it has no code."""
    active = context.view.active
    if active is not None and active in context.session.notebook and context.session.notebook[active].kind == "code":
        return active
    context.dialogs.notify("Breakpoints are set in code cells.")
    return None


def _cursor_line(context: Context, cell: CellId) -> int:
    return context.session.notebook[cell].source.count("\n", 0, context.editor.cursor)


async def _ask_line(context: Context, cell: CellId) -> tuple[int, str] | None:
    """Returns a line, from 0, and a condition."""
    count = context.session.notebook[cell].source.count("\n") + 1
    answer = "1" if count == 1 else await context.dialogs.ask(f"Breakpoint at line (1 to {count}), and a condition")
    if answer is None:
        return None
    match = _LINE.fullmatch(answer)
    if match is None or not 1 <= int(match[1]) <= count:
        context.dialogs.notify(
            f"'{answer}' is no line. The cell has the lines 1 to {count}; `3 x > 10` adds a condition.", "error"
        )
        return None
    return int(match[1]) - 1, match[2] or ""


# ---- steps


@command(Group.DEBUG)
async def debug_continue(context: Context) -> None:
    """Go on from where the kernel is stopped, to the next breakpoint."""
    await _resume(context, "continue")


@command(Group.DEBUG)
async def debug_next(context: Context) -> None:
    """Run the line at which the kernel is stopped, and stop at the next one."""
    await _resume(context, "next")


@command(Group.DEBUG)
async def debug_step_in(context: Context) -> None:
    """Stop in the function that the line calls."""
    await _resume(context, "stepIn")


@command(Group.DEBUG)
async def debug_step_out(context: Context) -> None:
    """Run the function to its end, and stop where it was called."""
    await _resume(context, "stepOut")


async def _resume(context: Context, how: str) -> None:
    if not await context.session.debugger.resume(how):
        context.dialogs.notify(_NOT_STOPPED)


# ---- what is there


@command(Group.DEBUG)
async def show_stop(context: Context) -> None:
    """Show where the kernel is stopped: the calls, and the variables of one of them; Enter looks into it."""
    frame: Frame | None = None
    while (stop := _stop(context)) is not None:
        frame = frame if frame is not None and frame in stop.frames else stop.frames[0]
        variables = await context.session.debugger.variables(frame)
        calls = [f"{'>' if one is frame else ' '} {one.name}  {_place(context, one)}" for one in stop.frames]
        choice = await context.dialogs.choose(
            f"Calls, and variables of {frame.name}", [*calls, *map(_shown, variables)], at=stop.frames.index(frame)
        )
        if choice is None or context.session.stop != stop:
            return
        if choice >= len(calls):
            await _look_into(context, variables[choice - len(calls)])
        elif stop.frames[choice] is frame:
            _go_to(context, frame)
            return
        else:
            frame = stop.frames[choice]


@command(Group.DEBUG)
async def evaluate(context: Context) -> None:
    """Evaluate an expression where the kernel is stopped."""
    stop = _stop(context)
    if stop is None:
        return
    expression = await context.dialogs.ask(f"Evaluate in {stop.frames[0].name}")
    if not expression or context.session.stop != stop:
        return
    text, is_value = await context.session.debugger.evaluate(expression, stop.frames[0])
    if "\n" in text or len(text) > _LONGEST:
        context.dialogs.page(expression, text)
    else:
        context.dialogs.notify(f"{expression} = {text}" if is_value else text, "information" if is_value else "error")


def _stop(context: Context) -> Stop | None:
    """Returns where the kernel is stopped. Returns None, and says so, if it is not."""
    stop = context.session.stop
    if stop is None or not stop.frames:
        context.dialogs.notify(_NOT_STOPPED)
        return None
    return stop


async def _look_into(context: Context, variable: Variable) -> None:
    parts: Sequence[Variable] = await context.session.debugger.parts(variable.reference)
    text = "\n".join(map(_shown, parts)) or variable.value
    await context.dialogs.read(f"{variable.name}  {variable.type}", text)


def _place(context: Context, frame: Frame) -> str:
    notebook = context.session.notebook
    if frame.cell is not None and frame.cell in notebook:
        return f"cell {notebook.index(frame.cell) + 1}, line {frame.line + 1}"
    return f"{frame.path}:{frame.line + 1}"


def _go_to(context: Context, frame: Frame) -> None:
    if frame.cell is not None and frame.cell in context.session.notebook:
        cell_edits.command_mode(context)
        context.view.activate(frame.cell)


def _shown(variable: Variable) -> str:
    value = " ".join(variable.value[:_LONGEST].split())
    return f"  {variable.name:<{_WIDEST_NAME}} {variable.type}  {value}"

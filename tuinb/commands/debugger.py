"""Commands of the debugger: breakpoints, steps from where the kernel stopped, and what is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.commands.run import submit
from tuinb.errors import InspectionError
from tuinb.session.state import Breakpoint
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.session.call_stack import CallStack

_LINE = re.compile(r"\s*(\d{1,7})(?:\s+(\S.*?))?\s*")
"""The answer to the question for a breakpoint: a line, and perhaps a condition."""
_NOT_STOPPED = "The kernel is not stopped at a breakpoint."
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
    elif not _is_empty(context, cell, line):
        debugger.set_breakpoint(cell, line, condition)


@command(Group.DEBUG)
async def set_breakpoint_condition(context: Context) -> None:
    """Set or change the condition of the breakpoint on the line of the cursor, or of one of the cell's."""
    place = await _place_for_breakpoint(context)
    if place is None:
        return
    cell, point = place
    condition = await context.dialogs.ask(f"Line {point.line + 1}: stop if", point.condition)
    if condition is not None:
        context.session.debugger.set_breakpoint(cell, point.line, condition.strip(), point.message)


@command(Group.DEBUG)
async def set_log_message(context: Context) -> None:
    """Have a line log a message, with {expressions}, instead of stopping; an empty one stops again."""
    place = await _place_for_breakpoint(context)
    if place is None:
        return
    cell, point = place
    message = await context.dialogs.ask(f"Line {point.line + 1}: log, with {{expressions}}", point.message)
    if message is not None and (problem := _problem_of(message)):
        context.dialogs.notify(problem, "error")
    elif message is not None:
        context.session.debugger.set_breakpoint(cell, point.line, point.condition, message.strip())


def _problem_of(message: str) -> str:
    """Returns what is wrong with a message. Empty if nothing is. The debugger would log the text as it is."""
    depth = 0
    for character in message:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            break
    return f"'{message}' has a brace without its other half. An expression goes between {{ and }}." if depth else ""


async def _place_for_breakpoint(context: Context) -> tuple[CellId, Breakpoint] | None:
    """Returns the breakpoint on the line of the cursor, or a new one there. In command mode, one of the cell's."""
    cell = _code_cell(context)
    if cell is None:
        return None
    points = context.session.breakpoints_of(cell)
    if context.view.mode is Mode.EDIT:
        line = _cursor_line(context, cell)
    elif not points:
        found = await _ask_line(context, cell, "Line", "")
        if found is None:
            return None
        line = found[0]
    elif len(points) == 1:
        line = points[0].line
    else:
        choice = await context.dialogs.choose("Which breakpoint?", [_describe(context, cell, point) for point in points])
        if choice is None:
            return None
        line = points[choice].line
    if _is_empty(context, cell, line):
        return None
    return cell, next((point for point in points if point.line == line), Breakpoint(line))


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
        context.dialogs.notify("There are no breakpoints.", hint="{toggle-breakpoint} sets one.")
        return
    choice = await context.dialogs.choose("Breakpoints", [_describe(context, cell, point) for cell, point in found])
    if choice is not None and found[choice][0] in notebook:
        context.view.activate(found[choice][0])


def _describe(context: Context, cell: CellId, point: Breakpoint) -> str:
    """Returns a breakpoint as a line of text."""
    notebook = context.session.notebook
    lines = notebook[cell].source.split("\n")
    text = lines[point.line].strip() if point.line < len(lines) else ""
    condition = f"  if {point.condition}" if point.condition else ""
    message = f"  logs {point.message}" if point.message else ""
    return f"cell {notebook.index(cell) + 1}, line {point.line + 1}: {text[:_LONGEST]}{condition}{message}"


@command(Group.DEBUG)
def log_messages(context: Context) -> None:
    """Show the messages that breakpoints have logged, the latest last."""
    notebook, logged = context.session.notebook, context.session.debugger.logged
    if not logged:
        context.dialogs.notify("Nothing is logged. `:set-log-message` has a line log a text.")
        return
    lines = []
    for line in logged:
        known = line.cell is not None and line.cell in notebook
        place = f"cell {notebook.index(line.cell) + 1}, line {line.line + 1}: " if known and line.cell is not None else ""
        lines.append(f"{place}{line.text}")
    context.dialogs.page("Logged", "\n".join(lines))


@command(Group.DEBUG)
def clear_log_messages(context: Context) -> None:
    """Forget the messages that breakpoints have logged."""
    context.session.debugger.logged.clear()


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


def _is_empty(context: Context, cell: CellId, line: int) -> bool:
    """Returns whether a line has no code. Says so if it has none."""
    is_empty = not context.session.notebook[cell].source.split("\n")[line].strip()
    if is_empty:
        context.dialogs.notify("This line is empty: the kernel would not stop there.", "warning")
    return is_empty


async def _ask_line(
    context: Context, cell: CellId, what: str = "Breakpoint at line", more: str = ", and a condition"
) -> tuple[int, str] | None:
    """Returns a line, from 0, and a condition."""
    count = context.session.notebook[cell].source.count("\n") + 1
    answer = "1" if count == 1 else await context.dialogs.ask(f"{what} (1 to {count}){more}")
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


@command(Group.DEBUG)
async def debug_to_line(context: Context) -> None:
    """Run to the line of the cursor, from where the kernel is stopped or else from the start of the cell."""
    cell = _code_cell(context)
    if cell is None:
        return
    if context.view.mode is Mode.EDIT:
        line = _cursor_line(context, cell)
    elif (found := await _ask_line(context, cell, "Run to line", "")) is not None:
        line = found[0]
    else:
        return
    if _is_empty(context, cell, line):
        return
    session = context.session
    is_stopped = session.stop is not None
    if not await session.debugger.run_to(cell, line):
        context.dialogs.notify("The cell was edited since it ran: the kernel does not know this line.", "warning")
    elif not is_stopped:
        submit(context, [cell])


async def _resume(context: Context, how: str) -> None:
    if not await context.session.debugger.resume(how):
        context.dialogs.notify(_NOT_STOPPED)


# ---- what is there


@command(Group.DEBUG)
async def show_stop(context: Context) -> None:
    """Show the calls where the kernel is stopped, or else those of its last error, and the variables of one of them."""
    if context.session.stop is None:
        await _look_at_error(context)
    elif _stack(context) is not None:
        context.inspection.show_calls()


@command(Group.DEBUG)
async def post_mortem(context: Context) -> None:
    """Show the calls of the last error that ended a cell, and their variables as they were left."""
    if context.session.stop is None:
        await _look_at_error(context)
    else:
        context.dialogs.notify("The kernel is stopped: the calls of an error are shown once it goes on.")


async def _look_at_error(context: Context) -> None:
    from tuinb.session.post_mortem import last_error

    try:
        stack = await last_error(context.session)
    except InspectionError as error:
        context.dialogs.notify(f"The kernel is not stopped, and there is no error to look at: {error}.")
        return
    context.session.debugger.show_error(stack)
    context.inspection.show_calls()


@command(Group.DEBUG)
async def frame_up(context: Context) -> None:
    """Choose the call further out, which called the chosen one."""
    await _choose_call(context, 1)


@command(Group.DEBUG)
async def frame_down(context: Context) -> None:
    """Choose the call further in, which the chosen one called."""
    await _choose_call(context, -1)


async def _choose_call(context: Context, calls: int) -> None:
    stack = _stack(context)
    if stack is None:
        return
    if not await stack.move(calls):
        context.dialogs.notify("This is the outermost call." if calls > 0 else "This is the innermost call.")
    elif stack.frame.cell is not None and stack.frame.cell in context.session.notebook:
        cell_edits.stop_editing(context)
        context.view.activate(stack.frame.cell)


@command(Group.DEBUG)
async def evaluate(context: Context) -> None:
    """Evaluate an expression in the chosen call, where the kernel is stopped or an error was."""
    stack = _stack(context)
    if stack is None:
        return
    expression = await context.dialogs.ask(f"Evaluate in {stack.frame.name}")
    if not expression or context.session.debugger.stack is not stack:
        return
    text, is_value = await stack.evaluate(expression)
    if "\n" in text or len(text) > _LONGEST:
        context.dialogs.page(expression, text)
    else:
        context.dialogs.notify(f"{expression} = {text}" if is_value else text, "information" if is_value else "error")


def _stack(context: Context) -> CallStack | None:
    """Returns the calls at the stop, or those of the error that is looked at. Returns None, and says so, if there are none."""
    stack = context.session.debugger.stack
    if stack is None:
        context.dialogs.notify(_NOT_STOPPED)
    return stack

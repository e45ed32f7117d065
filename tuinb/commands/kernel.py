"""Commands that interrupt, restart, change and inspect the kernel."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from textwrap import indent
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, outputs, rerun
from tuinb.commands.command import Group, command
from tuinb.commands.run import submit
from tuinb.errors import KernelError
from tuinb.kernel.execution.runs import RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.context import Context
    from tuinb.kernel.execution.others import OtherRun
    from tuinb.notebook.changes import CellId
    from tuinb.session.state import RunningKernel


@command(Group.KERNEL)
def interrupt(context: Context) -> None:
    """Interrupt the kernel."""
    session = context.session
    if not session.kernel.has_process:
        context.dialogs.notify("No kernel is running.")
        return
    queue = session.queue()
    ours_runs = session.prompt is not None or (queue and session.run_of(queue[0]).state is RunState.RUNNING)
    session.interrupt()
    if not session.kernel.others_run or ours_runs:
        return
    if queue:
        context.dialogs.notify("No cell waits any more. The kernel runs code of another client: ^C again interrupts that.")
    else:
        context.system.run_later(_interrupt_others(context))


async def _interrupt_others(context: Context) -> None:
    question = "The kernel runs code of another client. Interrupt it?"
    if await context.dialogs.confirm(question, yes="Interrupt it", no="Let it run", refused="Nothing was interrupted."):
        context.session.interrupt(others=True)


@command(Group.KERNEL)
def go_to_prompt(context: Context) -> None:
    """Go to the prompt of the kernel and answer it."""
    if context.session.prompt is None:
        context.dialogs.notify("The kernel waits for no input.")
    else:
        context.viewport.go_to_prompt()


async def _restart_if_confirmed(context: Context, question: str) -> bool:
    """Restarts the kernel, or starts it if it has no process. Asks first if variables would be lost.

    Returns whether the kernel was restarted.
    """
    if not context.session.kernel.has_process:
        await context.session.start_kernel()
        return True
    if context.session.kernel.foreign:
        await context.session.restart()  # it says why not
        return False
    question, refused = f"{question} {_costs(context)}", "The kernel was not restarted."
    if not await context.dialogs.confirm(question, yes="Restart", no="Cancel", refused=refused):
        return False
    await context.session.restart()
    return True


def _costs(context: Context) -> str:
    """Returns what the end of the kernel's process costs, as a sentence of a question."""
    if context.session.kernel.others_run:
        return "Its variables will be lost, and it runs code of another client."
    if context.session.other_runs():
        return "Its variables will be lost, also for the other clients."
    return "Its variables will be lost."


@command(Group.KERNEL)
async def restart(context: Context) -> None:
    """Restart the kernel and keep the outputs."""
    await _restart_if_confirmed(context, "Restart the kernel?")


@command(Group.KERNEL)
async def restart_and_run_all(context: Context) -> None:
    """Restart the kernel and run all cells; says what differs from before, undo brings it back."""
    await _restart_and_run(context, "Restart the kernel and run all cells?", None)


@command(Group.KERNEL)
async def restart_and_run_to_cell(context: Context) -> None:
    """Restart the kernel and run the cells from the first one to the selected one."""
    cells = cell_edits.selected(context)
    if cells:
        await _restart_and_run(context, "Restart the kernel and run the cells up to the selected one?", cells[-1])


async def _restart_and_run(context: Context, question: str, last: CellId | None) -> None:
    """Restarts the kernel, if the user agrees, and runs the cells up to the last one. None is the end of the notebook."""
    notebook = context.session.notebook
    if await _restart_if_confirmed(context, question) and (last is None or last in notebook):
        before = context.session.remember_outputs()
        cells = notebook.order if last is None else notebook.order[: notebook.index(last) + 1]
        submit(context, cells)
        rerun.compare_at_end(context, {cell: before[cell] for cell in cells if cell in before})


@command(Group.KERNEL)
async def restart_and_clear(context: Context) -> None:
    """Restart the kernel and clear all outputs."""
    if await _restart_if_confirmed(context, "Restart the kernel and clear all outputs?"):
        cell_edits.apply(context, outputs.clear_changes(context, context.session.notebook.order), "clear all outputs")


@command(Group.KERNEL)
async def start_kernel(context: Context) -> None:
    """Start the kernel if none is running."""
    if not context.session.kernel.has_process:
        await context.session.start_kernel()
    else:
        context.dialogs.notify("A kernel is already running.")


@command(Group.KERNEL)
async def shut_down_kernel(context: Context) -> None:
    """Shut down the kernel, or leave one that tuinb did not start."""
    if not context.session.kernel.has_process:
        context.dialogs.notify("No kernel is running.")
    elif context.session.kernel.foreign:
        question = "tuinb did not start this kernel and does not end it. Leave it? It goes on."
        if await context.dialogs.confirm(question, yes="Leave it", no="Cancel", refused="The kernel was not left."):
            await context.session.shutdown_kernel()
    else:
        question, refused = f"Shut down the kernel? {_costs(context)}", "The kernel was not shut down."
        if await context.dialogs.confirm(question, yes="Shut down", no="Cancel", refused=refused):
            await context.session.shutdown_kernel()


@command(Group.KERNEL)
async def switch_kernel(context: Context) -> None:
    """Change the kernel of the notebook."""
    await _choose_kernel(context)


async def _choose_kernel(context: Context) -> None:
    try:
        kernels = await context.session.kernels()
    except KernelError as error:
        context.dialogs.notify(str(error), "error")
        return
    if not kernels:
        context.dialogs.notify("No kernels are installed. `python -m pip install ipykernel` installs one.", "warning")
        return
    current = context.session.kernel.name
    options = []
    at = next((index for index, kernel in enumerate(kernels) if kernel.name == current), 0)
    for kernel in kernels:
        mark = " (current)" if kernel.name == current else ""
        interpreter = f"  {kernel.interpreter}" if kernel.interpreter else ""
        options.append(f"{kernel.display_name}{mark}{interpreter}")
    choice = await context.dialogs.choose("Kernel of this notebook", options, at=at)
    if choice is not None:
        await context.session.start_kernel(kernels[choice].name)


@command(Group.KERNEL)
async def attach_kernel(context: Context) -> None:
    """Use a kernel that runs already, such as JupyterLab's or a console's."""
    session, dialogs = context.session, context.dialogs
    kernels = await session.running_kernels()
    current = session.kernel.connection_file
    if not any(kernel.file != current for kernel in kernels):
        dialogs.notify("No other kernel of yours runs on this machine.")
        return
    at = next((index for index, kernel in enumerate(kernels) if kernel.file != current), 0)
    options = [_row(kernel, current=kernel.file == current) for kernel in kernels]
    choice = await dialogs.choose("Kernels that run", options, at=at)
    if choice is None or (chosen := kernels[choice]).file == current:
        return
    refused = "The kernel was not changed."
    if chosen.question and not await dialogs.confirm(chosen.question, yes="Connect", no="Cancel", refused=refused):
        return
    status = session.kernel
    if status.has_process and not status.foreign:
        question = "Change to that kernel? This notebook's own kernel is ended, and its variables will be lost."
        if not await dialogs.confirm(question, yes="Change", no="Cancel", refused=refused):
            return
    try:
        await session.attach_kernel(chosen.file)
    except KernelError as error:
        dialogs.notify(str(error), "error")
        return
    for warning in chosen.warnings:
        dialogs.notify(warning, "warning")


def _row(kernel: RunningKernel, *, current: bool) -> str:
    """Returns the row of a running kernel: what it is, what it does, and for which notebook."""
    what = ", ".join(filter(None, (kernel.kernel_name, kernel.language))) or "kernel"
    notebook = PurePath(kernel.notebook).name or "no notebook known"
    where = f"at {kernel.address}" if kernel.address else f"process {kernel.pid}" if kernel.pid is not None else ""
    parts = (f"{what}{' (current)' if current else ''}", kernel.activity, notebook, kernel.name, where)
    return "  ".join(filter(None, parts))


@command(Group.KERNEL)
def others(context: Context) -> None:
    """Show what other clients of the kernel ran, with its output."""
    runs = context.session.other_runs()
    if not runs:
        context.dialogs.notify("No other client has run anything on this kernel since tuinb connected.")
        return
    clients = {client: number for number, client in enumerate(dict.fromkeys(run.client for run in runs), 1)}
    context.dialogs.page("Other clients of the kernel", "\n".join(_logged(run, clients[run.client]) for run in runs))


def _logged(run: OtherRun, client: int) -> str:
    count = "*" if run.running else " " if run.count is None else str(run.count)
    code = "(it began before tuinb connected)" if run.code is None else run.code.rstrip()
    state = ", runs" if run.running else ", failed" if run.failed else ""
    return "\n".join((f"client {client}  [{count}]{state}", indent(code, "    "), run.output.rstrip("\n"), ""))


@command(Group.KERNEL)
async def trust_environment(context: Context) -> None:
    """Say whether the kernel may run on the Python environment of the notebook's folder."""
    session = context.session
    untrusted = session.kernel.untrusted
    if not untrusted:
        context.dialogs.notify("No environment waits for your answer.")
        return
    question = f"Trust the Python environment of this folder? Its programs run when the kernel starts.\n{untrusted}"
    trusted = await context.dialogs.confirm(question, yes="Trust it, and start the kernel", no="Choose another kernel")
    if not session.kernel.untrusted:  # it was answered on another screen
        return
    await session.answer_environment(trust=trusted)
    if not trusted:
        await _choose_kernel(context)


@command(Group.KERNEL)
async def show_kernel_log(context: Context) -> None:
    """Show the kernel's log: its own standard output and error."""
    if not context.session.kernel.name:
        context.dialogs.notify("There is no kernel log: tuinb started no kernel.")
        return
    try:
        text = await context.session.kernel_log()
    except KernelError as error:
        context.dialogs.notify(str(error), "error")
        return
    context.dialogs.page("Kernel log", text or "The kernel has written nothing yet.")


@command(Group.KERNEL)
def show_kernel(context: Context) -> None:
    """Show the kernel's name, state and interpreter."""
    status = context.session.kernel
    rows = {
        "Kernel": f"{status.display_name} ({status.name})" if status.name else status.display_name or "none",
        "State": f"{status.state.value}{_busy_with(context)}",
        "Connection file": status.connection_file,
        "Started by": "another program: it goes on when tuinb leaves" if status.foreign else "",
        "Server": f"{status.server} (the kernel goes on there when tuinb leaves)" if status.server else "",
        "Interpreter": status.interpreter,
        "Language": status.language,
        "Messages without a cell": str(status.strays) if status.strays else "",
        "Detail": status.detail,
    }
    context.dialogs.page("Kernel", "\n".join(f"{name}: {value}" for name, value in rows.items() if value))


def _busy_with(context: Context) -> str:
    return ", with code of another client" if context.session.kernel.others_run else ""


def _describe(context: Context, cell: CellId) -> str:
    notebook = context.session.notebook
    lines = notebook[cell].source.strip().splitlines()
    number = f"cell {notebook.index(cell) + 1}" if cell in notebook else "a deleted cell"
    return f"{number}: {lines[0] if lines else '(empty)'}"


@command(Group.KERNEL)
async def show_queue(context: Context) -> None:
    """Show the running and waiting cells, to interrupt or cancel them."""
    queue = context.session.queue()
    if not queue:
        context.dialogs.notify("No cell is running or waiting.")
        return
    waiting = cell_edits.waiting(context)
    actions: list[tuple[str, Callable[[], None]]] = []
    if context.session.run_of(queue[0]).state is RunState.RUNNING:
        actions.append((f"Interrupt {_describe(context, queue[0])}", context.session.interrupt))
    if waiting:
        actions.append(("Cancel all waiting cells", context.session.cancel))
    actions += [(f"Cancel {_describe(context, cell)}", partial(context.session.cancel, (cell,))) for cell in waiting]
    options = [*(text for text, _ in actions), "Change nothing"]
    choice = await context.dialogs.choose("Running and waiting cells", options, at=len(actions))
    if choice is not None and choice < len(actions):
        actions[choice][1]()

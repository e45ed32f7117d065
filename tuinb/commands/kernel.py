"""Commands that interrupt, restart, change and inspect the kernel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, outputs
from tuinb.commands.command import Group, command
from tuinb.commands.run import submit
from tuinb.errors import KernelError
from tuinb.kernel.execution.runs import RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId


@command(Group.KERNEL)
def interrupt(context: Context) -> None:
    """Interrupt the kernel."""
    if not context.session.kernel.has_process:
        context.dialogs.notify("No kernel is running.")
    else:
        context.session.interrupt()


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
    if not await context.dialogs.confirm(question, yes="Restart", no="Cancel"):
        return False
    await context.session.restart()
    return True


@command(Group.KERNEL)
async def restart(context: Context) -> None:
    """Restart the kernel and keep the outputs."""
    await _restart_if_confirmed(context, "Restart the kernel? Its variables will be lost.")


@command(Group.KERNEL)
async def restart_and_run_all(context: Context) -> None:
    """Restart the kernel and run all cells."""
    if await _restart_if_confirmed(context, "Restart the kernel and run all cells? Its variables will be lost."):
        submit(context, context.session.notebook.order)


@command(Group.KERNEL)
async def restart_and_clear(context: Context) -> None:
    """Restart the kernel and clear all outputs."""
    if await _restart_if_confirmed(context, "Restart the kernel and clear all outputs? Its variables will be lost."):
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
    """Shut down the kernel."""
    if not context.session.kernel.has_process:
        context.dialogs.notify("No kernel is running.")
    elif await context.dialogs.confirm("Shut down the kernel? Its variables will be lost.", yes="Shut down", no="Cancel"):
        await context.session.shutdown_kernel()


@command(Group.KERNEL)
async def switch_kernel(context: Context) -> None:
    """Change the kernel of the notebook."""
    await _choose_kernel(context)


async def _choose_kernel(context: Context) -> None:
    kernels = await context.session.kernels()
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
        "Kernel": f"{status.display_name} ({status.name})" if status.name else "none",
        "State": status.state.value,
        "Interpreter": status.interpreter,
        "Language": status.language,
        "Messages without a cell": str(status.strays) if status.strays else "",
        "Detail": status.detail,
    }
    context.dialogs.page("Kernel", "\n".join(f"{name}: {value}" for name, value in rows.items() if value))


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

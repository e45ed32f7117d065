"""What the session tells beside changes, as the screen shows it: the kernel's state, prompts, pages, messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from tuinb.commands.keymap.key_names import label
from tuinb.mime import joined
from tuinb.session.state import KernelState, KernelStatus
from tuinb.ui.status import Status
from tuinb.ui.view import anchoring
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from tuinb.session.events import Notice, PromptOpened
    from tuinb.ui.app import TuinbApp

_ROLES = {
    KernelState.NONE: "muted",
    KernelState.STARTING: "warning",
    KernelState.RESTARTING: "warning",
    KernelState.IDLE: "success",
    KernelState.BUSY: "running",
    KernelState.DEAD: "error",
    KernelState.UNREACHABLE: "error",
}


def show(app: TuinbApp, notice: Notice) -> None:
    """Shows one notice."""
    from tuinb.session.events import (
        CellsChanged,
        InterruptIneffective,
        KernelChanged,
        Paged,
        PromptClosed,
        PromptOpened,
        Saved,
        Told,
        WidgetsChanged,
    )

    match notice:
        case KernelChanged(status):
            _explain(app, status)
        case PromptOpened():
            _open_prompt(app, notice)
        case PromptClosed():
            _close_prompt(app)
        case Paged(data):
            _page(app, joined(data.get("text/plain")))
        case InterruptIneffective(stronger):
            _offer(app, stronger)
        case Saved(path):
            app.host.notify(f"Saved {path.name}.")
        case Told(text, severity):
            app.host.notify(text, severity)
        case CellsChanged() | WidgetsChanged():
            pass  # the bridge paints what these concern
        case _:
            assert_never(notice)
    app.place_overlays()
    app.show_status()


def _page(app: TuinbApp, text: str) -> None:
    """Opens a page, but not over what somebody is writing: then it waits until the cell is left."""
    if app.view_state.mode is Mode.EDIT:
        app.waiting_pages.append(text)
        app.host.notify("The kernel has something to read: Esc shows it.")
    else:
        app.host.page("From the kernel", text)


def _offer(app: TuinbApp, stronger: str) -> None:
    if stronger == "signal":
        app.host.notify("The interrupt has had no effect for 5 s. ^C interrupts with a signal.", "warning")
    elif app.view_state.mode is Mode.EDIT:
        app.host.notify("The interrupt has had no effect. Only a restart is left: Esc, then 00.", "warning")
    else:
        app.host.run_later(_offer_restart(app))


async def _offer_restart(app: TuinbApp) -> None:
    question = "The interrupt has had no effect. Restart the kernel? Its variables are lost then."
    if await app.host.choose(question, ["Wait", "Restart"]) == 1:
        await app.session.restart()


def _explain(app: TuinbApp, status: KernelStatus) -> None:
    if status.detail:
        app.host.notify(status.detail, "error" if status.state is KernelState.DEAD else "warning")


def _close_prompt(app: TuinbApp) -> None:
    if app.prompt is not None:
        with anchoring.anchored(app):
            app.prompt.close()


def _open_prompt(app: TuinbApp, prompt: PromptOpened) -> None:
    known = prompt.cell is not None and prompt.cell in app.session.notebook
    cell = prompt.cell if known else app.view_state.active
    if app.prompt is None or cell is None:
        return
    # A cell that was just made, below the one that asks, is no reason to keep the keys from the prompt.
    writing = app.view_state.mode is Mode.EDIT and app.editing is not None and bool(app.editing.widget.text)
    typing = writing or app.host.dialog is not None
    with anchoring.anchored(app):
        app.prompt.open(prompt, cell, take_keys=not typing)
    if typing:
        app.host.notify("The kernel asks for input: Esc, then Enter on its cell, to answer.", "warning")


def status_of(app: TuinbApp) -> Status:
    """The status line, from everything that it tells."""
    session, state = app.session, app.view_state
    kernel, prompt = session.kernel, app.prompt is not None and app.prompt.has_keys
    mode, role = {Mode.COMMAND: ("COMMAND", "active"), Mode.EDIT: ("EDIT", "editing")}[state.mode]
    if prompt:
        mode, role = "INPUT", "running"
    active = state.active
    place = session.notebook.index(active) + 1 if active is not None and active in session.notebook else 0
    return Status(
        mode=mode,
        mode_role=role,
        file=session.path.name,
        modified=session.modified,
        read_only=bool(session.read_only),
        kernel=_kernel(kernel),
        kernel_short=f"● {kernel.state}" if kernel.state is not KernelState.NONE else str(kernel.state),
        kernel_role=_ROLES[kernel.state],
        place=f"{place}/{len(session.notebook)}",
        hints=_hints(app, kernel, prompt=prompt),
    )


def _kernel(kernel: KernelStatus) -> str:
    if kernel.state is KernelState.NONE:
        return str(kernel.state)
    name = kernel.display_name or kernel.name
    where = _venv(kernel.interpreter)
    return f"● {kernel.state} {name}{f' ({where})' if where else ''}"


def _venv(interpreter: str) -> str:
    """The short name of an interpreter: its environment's folder, or the program's name."""
    path = Path(interpreter)
    if path.parent.name == "bin" and path.parent.parent.name not in ("", "usr", "local"):
        return path.parent.parent.name
    return path.name


def _hints(app: TuinbApp, kernel: KernelStatus, *, prompt: bool) -> tuple[str, ...]:
    if app.keyboard.pending:
        return (label(app.keyboard.pending) + "…",)
    if prompt:
        return ("Enter answers  ^D end of file  Esc leaves", "Enter answers")
    if app.view_state.mode is Mode.EDIT:
        return ("Esc leaves  ^R runs  Tab completes", "Esc leaves")
    if app.prompt is not None and app.prompt.is_open:
        return ("Enter on the cell that asks answers it", "? help")
    if kernel.state is KernelState.DEAD:
        return ("00 starts the kernel again  ? help", "00 restarts", "? help")
    if kernel.state is KernelState.BUSY:
        return ("^C interrupts  ? help", "^C interrupts", "? help")
    return ("Enter edits  ^R runs  ? help", "? help")

"""From the command line to a running screen, in the order that shows something soonest.

The kernel's process is running by now (tuinb.start spawned it). First the notebook is painted, then code in colour; then the
sockets are connected, which imports zmq; then come the editor and the commands, for the first key; last, what is in memory is
frozen, so that the garbage collector does not walk it again. On the way out the terminal is given back before the kernel ends.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tuinb.capabilities import Graphics
from tuinb.errors import KernelSpecError, NotebookSaveError
from tuinb.render.safe import clean
from tuinb.session.state import KernelState
from tuinb.ui import theme
from tuinb.ui.app import TuinbApp
from tuinb.ui.error_reporter import Unexpected
from tuinb.ui.keys import router

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events

    from tuinb.commands.keymap.keymap import Keymap, Table
    from tuinb.session.session import Session
    from tuinb.start import StartOptions

_SWITCH_SECONDS = 0.001
"""How long the thread that reads keys waits for one that computes: Python's own 5 ms add up to what is felt."""
_GC_THRESHOLDS = (20_000, 50, 1_000)
"""Young objects before a collection: a flood makes many that die by themselves, and a pause is felt in the next key."""


def run(options: StartOptions) -> int:
    """Runs the screen to its end; the exit code. Raises ConfigError."""
    return asyncio.run(_run(options))


async def _run(options: StartOptions) -> int:
    from tuinb.session.opening import LocalKernels, open_session
    from tuinb.terminal.probe import capabilities, window_size

    kernels = None
    if not options.no_kernel:
        kernels = LocalKernels(
            options.loaded.notebook,
            options.path.parent,
            options.kernel_name,
            options.kernel_asked,
            options.python,
            options.launched,
            options.kernel_problem,
        )
    session = open_session(options.loaded, kernels)
    keymap = partial(_keymap, options.config.keys)
    if options.config.keys:
        keymap()  # A mistake in the user's keys is said before there is a screen.
    terminal = capabilities(os.environ, window_size(1))
    if options.config.graphics != "auto":
        terminal = replace(terminal, graphics=Graphics(options.config.graphics))
    choice = theme.at_start(options.theme, options.config, terminal.colors, os.environ)
    app = TuinbApp(session, options.config, keymap, choice.theme, terminal)
    app.automatic_themes = choice.automatic
    app.notices_at_start = (*filter(None, [choice.problem]), *_opening_notices(options))
    app.starts_kernel = kernels is not None
    app.kernel_unknown = isinstance(options.kernel_problem, KernelSpecError)
    unexpected = Unexpected(app.host.notify)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(unexpected)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _leave, app, number)
    try:
        await app.run_async()
    finally:
        try:
            if not app.leaving_is_agreed:
                _rescue(session)
        finally:
            await session.close()
            unexpected.report()
    return app.return_code or 0


def _rescue(session: Session) -> None:
    """The screen ended without anybody having been asked about unsaved work: it is put aside."""
    try:
        where = session.rescue()
    except NotebookSaveError as error:
        print(f"tuinb: {error}", file=sys.stderr)
    else:
        if where is not None:
            print(f"tuinb: unsaved changes are in {clean(str(where))}", file=sys.stderr)


def _opening_notices(options: StartOptions) -> Iterator[str]:
    yield from options.loaded.notices
    if options.launched is not None:
        yield from options.launched.spec.notices
    if options.loaded.read_only:
        yield f"Shown read-only: {options.loaded.read_only}"
    from tuinb.files import rescue

    for found in rescue.found(options.path):
        yield f"Unsaved work of an earlier run is in {clean(found.name)}."


def _keymap(keys: Table) -> Keymap:
    from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
    from tuinb.commands.keymap.keymap import Keymap

    return Keymap.from_tables(DEFAULT_KEYS, keys)


def _leave(app: TuinbApp, number: int) -> None:
    app.exit(return_code=128 + number)


def after_first_paint(app: TuinbApp) -> None:
    """What an app does once it has painted: colours and pictures first, since they are seen, then the rest."""
    from tuinb.ui import pictures

    pictures.start(app)
    app.view.colour()
    app.call_after_refresh(_after_colours, app)


async def _after_colours(app: TuinbApp) -> None:
    if app.starts_kernel and app.session.kernel.state is KernelState.NONE:
        app.host.run_later(app.session.start_kernel())
    from tuinb.commands.registry import COMMANDS
    from tuinb.files.notebook_file import prepare_saving
    from tuinb.ui.editor.cell_editor import CellEditing
    from tuinb.ui.editor.completion import CompletionList
    from tuinb.ui.editor.stdin_prompt import InputPrompt

    def cross(direction: int) -> None:
        router.cross_edge(app, direction)

    def decide(event: events.Key) -> bool:
        return router.decide(app, event)

    def refused(error: Exception) -> None:
        app.host.notify(str(error), "error")

    if app.leaving:
        return
    editing = CellEditing(app.session, app.view_state, app.context.client, app.view, cross, refused, decide)
    await editing.mount(app.stage)
    app.completion = CompletionList(editing.widget, app.view)
    if not app.stage.is_attached:
        return
    await app.stage.mount(app.completion)
    session = app.session
    app.prompt = InputPrompt(app.view, app.stage, session.answer, session.answer_eof, app.focus_home, app.show_status)
    app.editing = editing
    app.sync()
    app.keyboard.load()
    prepare_saving()
    router.release_keys(app)
    if app.notices_at_start:
        app.host.notify("\n".join(app.notices_at_start), "warning")
    if app.kernel_unknown:
        app.run_command(COMMANDS["switch-kernel"])
    app.set_interval(1.0, app.tick)
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    gc.enable()

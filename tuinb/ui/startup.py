"""Starts the screen, in the order that paints the notebook soonest.

`make_app` makes the app of any terminal; `run` is the program with one, its own. The kernel's process runs already. First the
notebook is painted, then code in colour. Then the sockets are connected, which imports zmq. Then come the editor and the
commands, for the first key. Last, the objects in memory are frozen, so that the garbage collector does not walk them again. At
the end the terminal is restored before the kernel ends.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tuinb import private_folder
from tuinb.capabilities import Graphics
from tuinb.config import VimSettings
from tuinb.errors import KernelSpecError, UntrustedEnvironmentError
from tuinb.record import Record
from tuinb.render.safe import clean
from tuinb.session.state import KernelState
from tuinb.terminal import own
from tuinb.ui import theme
from tuinb.ui.app import TuinbApp
from tuinb.ui.error_reporter import ErrorReporter
from tuinb.ui.pane import Left, first_view
from tuinb.workspace.cell_file import CellFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.config import Config
    from tuinb.session.opening import StartOptions
    from tuinb.session.port import SessionPort
    from tuinb.session.recovery import Unsaved
    from tuinb.session.session import Session
    from tuinb.terminal.terminal import Terminal
    from tuinb.ui.system import Company

_SWITCH_SECONDS = 0.001
"""Seconds until a computing thread lets the thread that reads keys run. Python's default of 5 ms delays keys noticeably."""
_SHOWN_PROBLEMS = 3
"""Problems in the settings that the start shows."""
_GC_THRESHOLDS = (20_000, 50, 1_000)
"""Thresholds of the garbage collector. A flood of output makes many objects that reference counting frees, and a collection
delays the next key."""


_GREETED = "greeted"
"""File in the state folder, once the tour was named."""
_GREETING = "First time? :tour (5 minutes)."
_SETS = "For vim, Emacs, VS Code keys: tuinb keys --help"
"""What is added for those who have not chosen a set of keys."""


class Opening(Record):
    """The steps of the start that follow the first paint."""

    starts_kernel: bool = False
    """Whether to start a kernel, if none was started meanwhile."""
    kernel_unknown: bool = False
    """Whether the notebook's kernelspec is not installed, so that the user has to choose one."""
    environment_untrusted: bool = False
    """Whether the user is asked about the environment of the notebook's folder, once dialogs can open."""
    offers_unsaved: bool = False
    """Whether to ask about unsaved changes of an earlier run."""
    problems: tuple[str, ...] = ()
    """Problems in the settings."""
    notices: tuple[str, ...] = ()
    """Messages about the file and the kernel."""
    autosave: int = 0
    """Seconds after a change until the notebook is saved by itself. 0 never does."""
    checkpoints: bool = False
    """Whether the first save keeps the file as it was."""
    command: str = ""
    """The command to begin with."""
    is_tour: bool = False
    """Whether to lead through the tour."""
    greets: bool = False
    """Whether to name the tour if this is the user's first start."""
    chose_keys: bool = False
    """Whether the settings name a set of keys other than the default one."""
    keeps_package: bool = False
    """Whether the process may outlive an upgrade of the package."""

    @classmethod
    def of(cls, options: StartOptions) -> Opening:
        """Returns the steps for the first screen of a session."""
        kernels = options.kernels
        problem = kernels.problem if kernels is not None else None
        untrusted = isinstance(problem, UntrustedEnvironmentError) and bool(problem.description)
        return cls(
            starts_kernel=kernels is not None,
            kernel_unknown=isinstance(problem, KernelSpecError) and not untrusted,
            environment_untrusted=untrusted,
            offers_unsaved=not options.loaded.read_only,
            problems=options.config_problems,
            notices=tuple(_opening_notices(options)),
            autosave=0 if options.loaded.read_only else options.config.autosave,
            checkpoints=options.config.checkpoints,
            greets=True,
            chose_keys=options.config.key_set != type(options.config)().key_set,
            keeps_package=True,
        )


def run(options: StartOptions, *, is_tour: bool = False) -> int:
    """Runs a session with one screen, on the terminal of this process, until it ends. Returns the exit code.

    The notebook of the tour gets the lines that lead through it, and leaves no trace.
    """
    return asyncio.run(_run(options, is_tour=is_tour))


async def _run(options: StartOptions, *, is_tour: bool) -> int:
    from tuinb.session.opening import open_session

    session = open_session(options.loaded, options.kernels, journal=not is_tour, claims=not is_tour)
    steps = Opening(starts_kernel=options.kernels is not None, is_tour=True) if is_tour else Opening.of(options)
    app = make_app(session, options.config, options.theme, steps, own.terminal())
    reporter = ErrorReporter(app.dialogs.notify)
    asyncio.get_running_loop().set_exception_handler(reporter)
    with own.signals_to(app):
        try:
            await app.run_async()
        finally:
            try:
                if not is_tour:
                    await remember(session, app.pane.left(), app.terminal.environ)
            except OSError as error:
                print(f"tuinb: the next start can't go on where this one was left: {error}", file=sys.stderr)
            if kept := await session.shut_down(discard=app.end_is_agreed):
                print(f"tuinb: {clean(kept)}", file=sys.stderr)
            print("".join(reporter.report()), end="", file=sys.stderr)
    return app.return_code or 0


def make_app(
    session: Session,
    config: Config,
    theme_name: str | None,
    opening: Opening,
    terminal: Terminal,
    company: Company | None = None,
    left: Left | None = None,
) -> TuinbApp:
    """Returns the app of one terminal. `company` and `left` are what it shares with and takes over from other screens."""
    has_own = config.keys or config.vim != VimSettings()
    keymap, problems = _user_keymap(config) if has_own else (partial(_keymap, config.key_set), [])
    capabilities = terminal.capabilities()
    if config.graphics != "auto":
        capabilities = replace(capabilities, graphics=Graphics(config.graphics))
    choice = theme.initial_theme(theme_name, config, capabilities.colors, terminal.environ)
    shown = _few([*opening.problems, *filter(None, [choice.problem]), *problems])
    left = left or _restored(session, config, terminal.environ)
    painted = partial(after_first_paint, opening=replace(opening, notices=(*shown, *opening.notices)))
    app = TuinbApp(session, config, keymap, choice, terminal, capabilities, painted, company, left)
    if company is None and not opening.is_tour:
        app.pane.context.cells.file = CellFile(terminal.environ)
    app.question_ahead = opening.offers_unsaved and (_looks_on(session) or _has_journals(terminal.environ))
    return app


def _restored(session: SessionPort, config: Config, environ: Mapping[str, str]) -> Left | None:
    """Returns where the user was when the notebook was left last. None if that is not known."""
    from tuinb.workspace import remembered

    where, notebook = remembered.read(session.path, environ), session.notebook
    if where is None or not len(notebook):
        return None
    view = first_view(config, notebook.order[0])
    cursor = remembered.apply(where, view, notebook)
    active = view.active
    return Left(view, {active: (notebook[active].source, cursor)} if active is not None and cursor is not None else {})


async def remember(session: SessionPort, left: Left, environ: Mapping[str, str]) -> None:
    """Writes down where the user was, for the next start. Raises OSError."""
    from tuinb.workspace import remembered

    view = left.view
    _, cursor = left.cursors.get(view.active, ("", None)) if view.active is not None else ("", None)
    where = remembered.described(view, cursor, session.notebook)
    await asyncio.to_thread(remembered.write, session.path, where, environ)


def _opening_notices(options: StartOptions) -> Iterator[str]:
    yield from options.loaded.notices
    if options.kernels is not None and options.kernels.launched is not None:
        yield from options.kernels.launched.spec.notices
    if options.loaded.read_only:
        yield f"Read-only: {options.loaded.read_only}"
    if (old := options.path.with_name(f"{options.path.stem}.unsaved.ipynb")).exists():
        yield f"Unsaved changes of an earlier run, by tuinb 0.1, are in {clean(old.name)}."
    if options.kernel_notice:
        yield options.kernel_notice


def _few(problems: list[str]) -> list[str]:
    """Returns the first problems in the settings, below how many there are. Names a file once for all of its problems.

    The message line may cut the last ones.
    """
    shown = problems[:_SHOWN_PROBLEMS]
    files = [problem.partition(": ")[0] for problem in shown]
    shown[1:] = [
        problem.removeprefix(f"{file}: ") if file == before else problem
        for problem, file, before in zip(shown[1:], files[1:], files, strict=False)
    ]
    head = f"{len(problems)} problems in the settings; `tuinb config --show` lists them."
    return [head, *shown] if len(problems) > 1 else shown


def _keymap(key_set: str) -> Keymap:
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.commands.keymap.sets import SETS

    return Keymap.from_tables(SETS[key_set])


def _user_keymap(config: Config) -> tuple[Callable[[], Keymap], list[str]]:
    from tuinb.commands.keymap.sets import user_keymap

    keymap, problems = user_keymap(config)
    return lambda: keymap, problems


def after_first_paint(app: TuinbApp, opening: Opening) -> None:
    """Completes the start in visible order: pictures and colours first, then the kernel, the editor and the keys."""
    app.show_pictures()
    app.pane.view.colour()
    app.call_after_refresh(_after_colours, app, opening)


async def _after_colours(app: TuinbApp, opening: Opening) -> None:
    session = app.pane.session
    looks_on = _looks_on(session)
    starts_kernel = opening.starts_kernel and not looks_on and not opening.environment_untrusted
    if starts_kernel and session.kernel.state is KernelState.NONE:
        app.system.run_later(session.start_kernel())
    from tuinb import kept_package
    from tuinb.commands.registry import COMMANDS
    from tuinb.files.notebook_file import prepare_saving
    from tuinb.session import journal
    from tuinb.session.recovery import find, release

    notices = "\n".join(opening.notices)
    unsaved = await find(session) if opening.offers_unsaved and not looks_on else []
    ask = partial(_offer_unsaved, app, unsaved, notices) if unsaved else None
    if opening.offers_unsaved and looks_on:
        ask = partial(_offer_access, app, notices)
    if not await app.finish_start(ask):
        release(unsaved)
        return
    prepare_saving()
    journal.prepare()
    if notices:
        app.dialogs.notify(notices, "warning")
    _ask_for_kernel(app, opening, looks_on=looks_on)
    if opening.command:
        app.pane.run_command(COMMANDS[opening.command])
    _serve_file(session, opening)
    if opening.is_tour:
        await _lead(app)
    elif not notices and ask is None:
        _say_first(app, opening)
    app.set_interval(1.0, app.pane.tick)
    if opening.keeps_package:
        kept_package.keep_soon()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    gc.enable()


def _ask_for_kernel(app: TuinbApp, opening: Opening, *, looks_on: bool) -> None:
    """Asks what the user has to decide before a kernel starts."""
    from tuinb.commands.registry import COMMANDS

    session = app.pane.session
    if session.kernel.untrusted:  # another screen left without an answer
        app.pane.run_command(COMMANDS["trust-environment"])
    elif opening.environment_untrusted and not looks_on:
        app.system.run_later(session.start_kernel())
    if opening.kernel_unknown and not looks_on:
        app.pane.run_command(COMMANDS["switch-kernel"])


def _looks_on(session: SessionPort) -> bool:
    """Whether another process writes the notebook."""
    return session.access is not None and session.access.owner is not None


def _has_journals(environ: Mapping[str, str]) -> bool:
    """Whether there is a journal of any notebook and process."""
    try:
        return any(private_folder.journals(environ).iterdir())
    except OSError:
        return False


def _serve_file(session: SessionPort, opening: Opening) -> None:
    """Starts what a session does with its file by itself."""
    session.watch_disk()
    if opening.checkpoints:
        session.keep_checkpoints()
    if opening.autosave:
        session.autosave(opening.autosave)


async def _offer_access(app: TuinbApp, notices: str) -> None:
    """Asks what to do with a notebook that another process has open."""
    from tuinb.commands import access

    await access.offer(app.pane.context)
    if notices:
        app.dialogs.notify(notices, "warning")


def _name_conflicts(app: TuinbApp) -> None:
    """Says that a merge left conflicts in the notebook, if it did."""
    from tuinb.commands import conflicts

    if count := conflicts.count_marked(app.pane.session.notebook):
        app.dialogs.notify(
            f"A merge left {count} conflict{'s' * (count > 1)} in this notebook: :resolve shows them.", "warning"
        )


async def _lead(app: TuinbApp) -> None:
    """Leads through the tour."""
    from tuinb.ui.tour import Tour

    await Tour(app).begin()


def _say_first(app: TuinbApp, opening: Opening) -> None:
    """Says what the user of a notebook that was opened without a question should know, if there is anything."""
    if opening.greets and not app.message.display:  # who was fast may have to know what failed
        _greet(app, chose_keys=opening.chose_keys)
    if opening.offers_unsaved:
        _name_conflicts(app)


def _greet(app: TuinbApp, *, chose_keys: bool) -> None:
    """Names the tour, once for all notebooks and terminals, unless an answer to a key that was typed early is shown."""
    if app.dialogs.shows_message:
        return
    folder = private_folder.state_folder(app.terminal.environ)
    try:
        if (folder / _GREETED).exists():
            return
        private_folder.make(folder)
        private_folder.write(folder / _GREETED, "")
    except OSError:
        return  # Where nothing can be kept, it would be said each time.
    app.dialogs.notify(_GREETING, hint="{show-help} shows all keys." if chose_keys else _SETS)


async def _offer_unsaved(app: TuinbApp, unsaved: Sequence[Unsaved], notices: str) -> None:
    """Asks about unsaved changes of an earlier run. Then shows the notices, which the question hid."""
    from tuinb.commands import recovery

    await recovery.offer(app.pane.context, unsaved)
    if notices:
        app.dialogs.notify(notices, "warning")

"""The daemon: one session, the terminals that are attached to it, and the socket on which commands come.

Invariants: a screen is one app on one connection; a screen that ends, for whatever reason, does not end the session unless its
user said so (`end_is_agreed`). A command gets `bye` after its terminal was given back; the one that ends the session, after the
kernel has ended. All methods run on one event loop.
"""

from __future__ import annotations

import asyncio
import gc
import io
import math
import os
import signal
import sys
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.console import Console

from tuinb import __version__, kept_package
from tuinb.daemon import ending, environment, frames
from tuinb.daemon.connection import Connection
from tuinb.daemon.idle import IdleEnd
from tuinb.daemon.listeners import Listeners
from tuinb.daemon.logout import leave_login
from tuinb.daemon.meanwhile import meanwhile
from tuinb.daemon.places import Place
from tuinb.daemon.registration import Registration
from tuinb.daemon.requests import answer
from tuinb.daemon.screen_tabs import ScreenTabs
from tuinb.notebook.changes import Applied
from tuinb.render.safe import clean
from tuinb.session import opening, target
from tuinb.terminal.terminal import Terminal
from tuinb.ui import startup
from tuinb.ui.error_reporter import ErrorReporter
from tuinb.ui.layer import packed, unpacked
from tuinb.workspace.cell_file import CellFile
from tuinb.workspace.view_state import ViewState
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
    from typing import Any

    from tuinb.config import LanguageServerSettings
    from tuinb.daemon.batch_run import BatchRun
    from tuinb.daemon.frames import Message
    from tuinb.daemon.registry import Entry
    from tuinb.foreground import Program
    from tuinb.session.events import SessionEvent
    from tuinb.session.opening import StartOptions
    from tuinb.terminal.terminal import Settings
    from tuinb.ui.app import TuinbApp
    from tuinb.ui.pane import Left

_LEFT = "Detached: the session goes on. `tuinb attach` comes back, `tuinb sessions` lists all.\n"
_FAILED = "An internal error ended this screen. The session goes on, with what is unsaved: `tuinb attach` comes back.\n"
_HANGUP = 128 + signal.SIGHUP
_TERMINATED = 128 + signal.SIGTERM
_LEAVING = MappingProxyType(
    {
        "tabs": "quit-all",
        "saved": "save-and-quit-all",
        "discarded": "quit-all-without-saving",
    }
)
"""How all tabs are left (commands.host.Scope) → the command that a screen begins with which is shown meanwhile."""
_LOGIN_SECONDS = 2.0
"""Seconds after which a session leaves its login."""
_SETTINGS = 7
"""Number of the values that termios has for a terminal."""

_MOST_TYPED = 1 << 14
"""Characters that are handed to another tab. A message has room for their escapes beside an environment."""


@dataclass(slots=True)
class Screen:
    """One attached terminal."""

    connection: Connection
    app: TuinbApp
    programs: ClientPrograms
    tabs: ScreenTabs
    farewell: str = ""
    """What the command prints after the screen has ended."""
    is_ended: bool = False
    """Whether the session ends, and nobody at this terminal has said so."""


class ClientPrograms:
    """Runs programs on an attached terminal: the command starts them, in the terminal's foreground."""

    def __init__(self, connection: Connection, environ: Mapping[str, str]) -> None:
        self._connection = connection
        self._environ = environ
        self._loop = asyncio.get_running_loop()
        self._running: Future[int] | None = None

    def spawn(self, program: Program) -> Callable[[], int]:
        """Starts a program, from any thread. The result waits for its end and returns the exit code."""
        running: Future[int] = Future()
        environ = {name: value for name, value in program.environ.items() if self._environ.get(name) != value}
        # The caller closes its descriptor at once.
        given = [] if program.stdin is None else [os.dup(program.stdin)]
        self._loop.call_soon_threadsafe(self._send, {"t": "run", "argv": list(program.argv), "env": environ}, given, running)
        return running.result

    def _send(self, message: Message, given: list[int], running: Future[int]) -> None:
        self._running = running
        self._connection.send(message, given)
        for descriptor in given:
            os.close(descriptor)
        if self._connection.closed:
            self.ended(_HANGUP)

    def ended(self, code: int) -> None:
        """Notes that the program has ended, or the command that ran it."""
        running, self._running = self._running, None
        if running is not None:
            running.set_result(code)


class Company:
    """The other screens of a session, for one of them (ui.system.Company)."""

    def __init__(self, server: Server, connection: Connection, tabs: ScreenTabs) -> None:
        self._server = server
        self._connection = connection
        self.tabs = tabs
        """The tabs of the terminal."""

    @property
    def cells(self) -> CellClipboard:
        """The cell clipboard that the screens share."""
        return self._server.cells

    @property
    def others(self) -> int:
        """The number of other screens."""
        return len(self._server.others(self._connection))

    @property
    def last_look(self) -> float:
        """When the last of the other screens lost the focus, on the monotonic clock. Infinite while one has it."""
        left = [screen.app.unfocused_since for screen in self._server.others(self._connection)]
        return max((math.inf if since is None else since for since in left), default=-math.inf)

    def detach_others(self) -> None:
        """Ends the other screens. The session goes on."""
        for screen in self._server.others(self._connection):
            screen.farewell = "Detached from another terminal.\n"
            screen.app.leave(0)


class Server:
    """Serves one session until it ends. `listener` is the socket of `place`.

    `batch` is the run that the session was begun for. `adopted`: see Registration.
    """

    def __init__(
        self,
        options: StartOptions,
        place: Place,
        listener: socket.socket,
        batch: BatchRun | None = None,
        adopted: Entry | None = None,
    ) -> None:
        policy, target = (batch.job.policy, batch.job.target) if batch is not None else (None, None)
        claims = batch is None or target is not None
        self.session = opening.open_session(options.loaded, options.kernels, policy, journal=True, claims=claims, target=target)
        self.batch = batch
        self._run_of_batch: asyncio.Task[None] | None = None
        self.since = time.time()
        """When the session began, in seconds since 1970."""
        self.cells = CellClipboard(file=CellFile(os.environ))
        self.screens: list[Screen] = []
        self._options = options
        self._agent = place.agent
        """The link that kernels have as SSH_AUTH_SOCK. It stays when the notebook is saved under another name."""
        self._streams = sys.stdout, sys.stderr
        self._listeners = Listeners(place, listener, self._connect, self._log)
        self._loop = asyncio.get_running_loop()
        self.connections: set[Connection] = set()
        """Commands that are connected, with a terminal or without."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._remembering: set[asyncio.Task[None]] = set()
        """What writes down where users were. No terminal waits for it."""
        self._left: Left | None = None
        """Where the user of the last screen was."""
        self._left_at = self.since
        """When the last screen ended."""
        self._prompted_at = 0.0
        """When the kernel requested input last, in seconds since 1970."""
        self._started = batch is not None
        """Whether a screen has completed the start: it started the kernel and showed the notices about the file."""
        self._ending: asyncio.Future[bool] = self._loop.create_future()
        """Set when the session is to end, to whether its user decided about unsaved changes."""
        self._last_words: dict[Connection, tuple[int, list[str]]] = {}
        """Exit codes and lines for the commands whose screens ended with the session."""
        self._errors = ErrorReporter(self._notify_all)
        self._registration = Registration(self.since, self._log, adopted)
        self._idle = IdleEnd(self.session, options.config.session_idle, lambda: bool(self.connections), self._end_unused)
        self._before = ending.take(place)
        """How the session before this one ended, if by itself."""
        self._at_logout = ""
        """What logging out does to the session. The next user who detaches is told so, once."""

    # ---- life

    async def run(self) -> None:
        """Serves until the session has ended, its kernel has, and every command was told so."""
        self._loop.set_exception_handler(self._errors)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.terminate)
        self.session.listen(self._receive)
        self._listeners.start()
        self._register()
        if self.batch is not None:
            kept_package.keep_soon()
            self._run_of_batch = asyncio.create_task(self._run_batch(self.batch))
        self._idle.start()
        self._run(self._leave_login())
        try:
            await self._finish(discard=await self._ending)
        finally:
            self._listeners.close()

    async def _leave_login(self) -> None:
        """Takes the session and its kernel out of the login. The first screen comes first."""
        await asyncio.sleep(_LOGIN_SECONDS)
        kernel = self.session.kernel
        own = [kernel.pid] if kernel.pid is not None and not kernel.foreign else []
        self._at_logout = await asyncio.to_thread(leave_login, [os.getpid(), *own])

    def _take_at_logout(self) -> str:
        said, self._at_logout = self._at_logout, ""
        return f"{clean(said)}\n" if said else ""

    def terminate(self, *, discard: bool = False) -> None:
        """Ends the session without a question. Unsaved changes stay in the journal, unless `discard`."""
        self._end(discard=discard)

    def _end(self, *, discard: bool) -> None:
        if not self._ending.done():
            self._ending.set_result(discard)

    async def _run_batch(self, batch: BatchRun) -> None:
        """Runs what the session was begun for. Ends the session after it, if nobody looks on and nothing is unsaved."""
        outcome = await batch.run(self.session)
        said = [f"{text}\n" for text, _ in batch.report(outcome)]
        self._log(said)
        self._tell(self.screens, f"The run has ended: {said[-1].strip()}")
        if not (batch.keep or self.screens or self.session.modified):
            self._end(discard=False)

    def _end_unused(self) -> None:
        """Ends the session because nobody uses it. The next one says so."""
        try:
            idle, goes_on = self._options.config.session_idle, self.session.kernel.foreign
            ending.note(self._listeners.place, idle, kernel_goes_on=goes_on)
        except OSError as error:
            self._log([f"the next session can't say why this one ended: {error}\n"])
        self.terminate()

    async def _finish(self, *, discard: bool) -> None:
        self._idle.stop()
        self._listeners.close()
        if self._run_of_batch is not None:
            self._run_of_batch.cancel()  # it saves what was computed
            await asyncio.wait({self._run_of_batch})
        for screen in self.screens:
            screen.farewell = "The session was ended on another terminal.\n" if discard else "The session has ended.\n"
            screen.is_ended = not screen.app.end_is_agreed
            screen.app.leave(0 if discard else _TERMINATED)
        while self.screens:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        kept = await self.session.shut_down(discard=discard)
        if self._remembering:
            await asyncio.wait(self._remembering)
        await self._registration.end()
        said = [f"tuinb: {clean(kept)}\n"] if kept else []
        self._log(said)
        for connection in tuple(self.connections):
            code, say = self._last_words.get(connection, (0, []))
            self._bye(connection, code, [*say, *said], ends=True)

    # ---- connections

    def _connect(self, peer: socket.socket) -> None:
        self.connections.add(Connection(peer, self._on_message, self._on_closed))

    def _on_closed(self, connection: Connection) -> None:
        self._idle.used()
        self.connections.discard(connection)
        if (screen := self._screen_of(connection)) is not None:
            screen.programs.ended(_HANGUP)
            screen.tabs.terminal_gone()
            screen.app.leave(_HANGUP)

    def _on_message(self, connection: Connection, message: Message) -> None:
        kind, screen = message["t"], self._screen_of(connection)
        if kind == "hello" and screen is None:
            if not connection.is_abandoned:  # this process may have been stopped meanwhile
                self._attach(connection, message)
        elif kind == "ask":
            self._run(answer(self, connection, message))
        elif screen is not None and kind in _SIGNALS:
            _SIGNALS[kind](screen, message)

    @property
    def address(self) -> Path:
        """The socket on which the session listens."""
        return self._listeners.address

    @property
    def terminals(self) -> int:
        """The number of attached terminals."""
        return len(self.screens)

    def _screen_of(self, connection: Connection) -> Screen | None:
        return next((screen for screen in self.screens if screen.connection is connection), None)

    def others(self, connection: Connection) -> list[Screen]:
        """Returns the screens of other connections."""
        return [screen for screen in self.screens if screen.connection is not connection]

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- screens

    def _attach(self, connection: Connection, hello: Message) -> None:
        descriptors = connection.take_descriptors()
        reason = _reason_to_refuse(hello, descriptors)
        if reason or self._ending.done():
            for descriptor in descriptors:
                os.close(descriptor)
            connection.send({"t": "refused", "say": reason or "the session is ending; try again"})
            return
        reading, writing = descriptors
        environ = hello["env"]
        try:
            environment.follow(environ, self._agent)
        except OSError as error:
            self._log([f"the kernel does not reach the SSH agent of the terminal: {error}\n"])
        programs = ClientPrograms(connection, environ)
        stop, folder = partial(connection.send, {"t": "stop"}), _text(hello, "cwd")
        terminal = Terminal(
            reading, writing, environ, stop, programs.spawn, Path(folder) if folder else None, _settings(hello.get("held"))
        )
        connection.send({"t": "attached"})
        tabs = ScreenTabs(connection.send, hello)
        screen = Screen(connection, self._make_app(Company(self, connection, tabs), terminal, hello), programs, tabs)
        self.screens.append(screen)
        self._tell(self.others(connection), f"Another terminal is attached; {len(self.screens)} show this notebook.")
        self._run(self._attend(screen))

    def _make_app(self, company: Company, terminal: Terminal, hello: Message) -> TuinbApp:
        options = self._options
        self._started = self._started or any(screen.app.pane.editor.ready for screen in self.screens)
        config, theme, steps = options.config, options.theme, startup.Opening.of(options)
        if self._before:
            steps = replace(steps, notices=(*steps.notices, self._before))
        if self._started:
            config, problems = target.settings(_text(hello, "graphics"))
            theme = _text(hello, "theme") or config.theme
            steps = startup.Opening(problems=problems, notices=tuple(self._attach_notices(hello)))
        if (leaving := _text(hello, "leaving")) in _LEAVING:
            steps = replace(steps, command=_LEAVING[leaving])
        elif hello.get("picks") is True and _offers_files(terminal):
            steps = replace(steps, command="open-file")
        if said := _text(hello, "say"):
            steps = replace(steps, notices=(*steps.notices, clean(said)))
        if (carried := hello.get("carried")) is not None:
            self.cells.take(carried)
        left = self.screens[-1].app.pane.left() if self.screens else self._left
        app = startup.make_app(self.session, config, theme, steps, terminal, company, left)
        app.type_first(list(unpacked(hello.get("typed"))))
        return app

    def _attach_notices(self, hello: Message) -> Iterator[str]:
        if not self.screens and (said := meanwhile(self.session, self._left_at, time.time(), self._prompted_at)):
            yield said
        kernel, running = _text(hello, "kernel"), self.session.kernel
        if kernel and kernel not in (running.name, running.interpreter):
            yield f"The session runs on {running.display_name or running.state}. :switch-kernel chooses another kernel."
        existing = hello.get("existing")
        if isinstance(existing, str) and not (running.foreign and existing in running.connection_file):
            yield f"The session runs on {running.display_name or running.state}. :attach-kernel chooses one that runs already."

    async def _attend(self, screen: Screen) -> None:
        """Runs a screen until it ends, and says so to its command."""
        app, connection = screen.app, screen.connection
        failure = io.StringIO()
        app.error_console = Console(file=failure, markup=False, highlight=False, width=100, color_system=None)
        try:
            await app.run_async()
        finally:
            self.screens.remove(screen)
            self._tell(
                self.screens,
                "A terminal has left; " + ("this one stays." if self.terminals == 1 else f"{self.terminals} stay."),
            )
            self._started = self._started or app.pane.editor.ready
            left = self._left = app.pane.left()
            self._left_at = time.time()
            sys.stdout, sys.stderr = self._streams
            _hand_over(screen)
            os.close(app.terminal.input_fd)
            os.close(app.terminal.output_fd)
            if not self.screens:
                self.session.unwatch_disk()
            self._free()
        failed = [f"{clean(line)}\n" for line in failure.getvalue().splitlines()]
        is_left = not (app.return_code or app.end_is_agreed or app.hands_over or self._ending.done())
        farewell = screen.farewell or (_FAILED if failed else _LEFT + self._take_at_logout() if is_left else "")
        say = [*self._errors.report(), *failed, farewell]
        if connection.closed:
            self._log(say[:-1])
        if app.end_is_agreed:
            self._end(discard=True)
        if self._ending.done():
            self._last_words[connection] = app.return_code or 0, say
        else:
            self._bye(connection, app.return_code or 0, say)
        remembering = asyncio.create_task(self._remember(left, app.terminal.environ))
        self._remembering.add(remembering)
        remembering.add_done_callback(self._remembering.discard)

    async def _remember(self, left: Left, environ: Mapping[str, str]) -> None:
        """Writes down where the user was, for the next session of the notebook."""
        try:
            await startup.remember(self.session, left, environ)
        except OSError as error:
            self._log([f"the next session can't go on where this one was left: {error}\n"])

    def _free(self) -> None:
        """Frees the memory of a screen that ended. Attaching froze it (startup). Another screen would feel the pause."""
        if not self.screens:
            self._loop.call_soon(_collect)

    def _bye(self, connection: Connection, code: int, say: list[str], *, ends: bool = False) -> None:
        """Lets a command go. With `ends`, it goes once this process has ended, which closes the connection."""
        connection.send({"t": "bye", "code": code, "say": frames.spoken(say), "ends": ends})
        if not ends:
            self._idle.used()
            self.connections.discard(connection)
            connection.close()

    @property
    def formatters(self) -> Mapping[str, Sequence[str]]:
        """Language → program that formats it, from the settings."""
        return self._options.config.format or {}

    @property
    def language_servers(self) -> Mapping[str, Sequence[LanguageServerSettings]] | None:
        """Language → its language servers, from the settings. None takes those that are installed."""
        return self._options.config.lsp

    def view(self) -> ViewState:
        """Returns a copy of the view state of the terminal that attached last, or of the last one that was attached."""
        left = self.screens[-1].app.pane.left() if self.screens else self._left
        notebook = self.session.notebook
        return left.view.copy() if left is not None else ViewState(active=notebook.order[0] if len(notebook) else None)

    def run_on_screen(self, line: str) -> bool:
        """Runs a line of the command line on the terminal that attached last. Returns False if none shows the notebook."""
        screen = next((screen for screen in reversed(self.screens) if screen.app.pane.editor.ready), None)
        if screen is None:
            return False
        with screen.app.in_context():
            screen.app.execute(line)
        return True

    def detach_all(self) -> int:
        """Ends all screens. Returns how many there were."""
        for screen in self.screens:
            screen.app.leave(0)
        return len(self.screens)

    # ---- events

    def _receive(self, event: Applied | SessionEvent) -> None:
        self._idle.used()
        if isinstance(event, Applied):
            if self._left is not None:
                self._left.view.reduce(event, self.session.notebook)
            return
        from tuinb.session.events import KernelChanged, PromptOpened, Saved

        if isinstance(event, PromptOpened):
            self._prompted_at = time.time()
        if isinstance(event, Saved):
            self._follow_file(event.path)
        if isinstance(event, KernelChanged | Saved):
            self._register()

    def _register(self) -> None:
        """Writes what others find this session by."""
        source = self._options.path if self.batch is not None else None
        kernel = self.session.kernel.pid, self.session.kernel_folder
        self._registration.update(self.session.path, self._listeners.place, kernel, source)

    async def listed(self) -> None:
        """Waits until others find the session by the notebook's name of now."""
        await self._registration.settle()

    def _follow_file(self, path: Path) -> None:
        """Listens where commands look for the notebook, after it was saved under another name."""
        runs = self.batch is not None and self.batch.outcome is None
        self._listeners.follow(Place.of(path), keeps=runs)

    def _notify_all(self, text: str, severity: str) -> None:
        self._tell(self.screens, text, severity)

    def _tell(self, screens: list[Screen], text: str, severity: str = "information") -> None:
        """Shows a message on screens that have started."""
        for screen in screens:
            if screen.app.pane.editor.ready and not screen.app.leaving:
                with screen.app.in_context():
                    screen.app.dialogs.notify(text, severity)
                    screen.app.show_status()

    def _log(self, lines: list[str]) -> None:
        """Writes lines to the log."""
        self._streams[1].writelines(lines)
        self._streams[1].flush()


def _reason_to_refuse(hello: Message, descriptors: list[int]) -> str:
    """Returns why a terminal can't attach, or an empty string.

    Another version of the package is refused: what this process has not imported yet would come from the new version.
    """
    version = _text(hello, "version")
    if hello.get("v") != frames.PROTOCOL or version != __version__:
        return (
            f"the session was begun by tuinb {__version__}, and this is tuinb {clean(version)[:20]}: attach with that version, "
            f"or end the session with `kill {os.getpid()}`, which keeps unsaved changes"
        )
    if len(descriptors) != frames.MOST_DESCRIPTORS or not all(map(os.isatty, descriptors)):
        return "the command did not hand over a terminal"
    environ = hello.get("env")
    if not isinstance(environ, dict) or not all(isinstance(value, str) for value in environ.values()):
        return "the command did not hand over its environment"
    return ""


def _text(message: Message, key: str) -> str:
    value = message.get(key)
    return value if isinstance(value, str) else ""


def _offers_files(terminal: Terminal) -> bool:
    """Whether there are notebooks that the user of a terminal may want to open."""
    from tuinb.files.names import IPYNB
    from tuinb.workspace import remembered

    folder = terminal.folder
    try:
        here = folder is not None and any(name.endswith(IPYNB) for name in os.listdir(folder))  # noqa: PTH208 - a tenth of the time
    except OSError:
        here = False
    return here or bool(remembered.recent(terminal.environ, 1))


def _settings(given: object) -> Settings | None:
    """Returns the settings that a terminal had before it was handed from one screen to another."""
    return given if isinstance(given, list) and len(given) == _SETTINGS and isinstance(given[-1], list) else None


def _code(message: Message) -> int:
    code = message.get("code")
    return code if isinstance(code, int) else _HANGUP


_SIGNALS: dict[str, Callable[[Screen, Message], None]] = {
    "winch": lambda screen, message: screen.app.terminal_resized(),
    "cont": lambda screen, message: screen.app.terminal_continued(),
    "tstp": lambda screen, message: screen.app.action_suspend_process(),
    "hup": lambda screen, message: screen.app.leave(_code(message)),
    "key": lambda screen, message: screen.app.leave_by_key(_code(message)),
    "ran": lambda screen, message: screen.programs.ended(_code(message)),
    "tabs": lambda screen, message: _update_tabs(screen, message),
    "release": lambda screen, message: _release(screen),
    "stay": lambda screen, message: screen.tabs.stay(),
    "notice": lambda screen, message: _notify(screen, message),
}
"""What a message about the terminal calls."""


def _hand_over(screen: Screen) -> None:
    """Leaves the terminal to the command, if it is for another tab. Gives it back if the command was killed meanwhile."""
    app, tabs = screen.app, screen.tabs
    if app.hands_over:
        typed = packed(app.unhandled(), _MOST_TYPED) if tabs.is_released else []
        left = {"t": "left", "then": tabs.scope.value, "ends": app.end_is_agreed, "ended": screen.is_ended, "typed": typed}
        screen.connection.send({**left, "carried": app.pane.context.cells.carried()})
    if screen.connection.closed:
        app.give_terminal_back()


def _update_tabs(screen: Screen, message: Message) -> None:
    with screen.app.in_context():
        screen.tabs.update(message)


def _release(screen: Screen) -> None:
    screen.tabs.release()
    screen.app.end_is_agreed = screen.app.end_is_agreed or screen.tabs.ends_session
    screen.app.leave(0)


def _notify(screen: Screen, message: Message) -> None:
    with screen.app.in_context():
        screen.app.dialogs.notify(clean(_text(message, "say")), _text(message, "severity") or "warning")
        screen.app.show_status()


def _collect() -> None:
    gc.unfreeze()
    gc.collect()


async def serve(
    options: StartOptions, place: Place, listener: socket.socket, batch: BatchRun | None, adopted: Entry | None
) -> frozenset[Connection]:
    """Serves a session, begun for `batch` if that is a run. Returns the connections to keep open until the process ends."""
    server = Server(options, place, listener, batch, adopted)
    await server.run()
    return frozenset(server.connections)

"""The terminal and other programs as commands use them: the clipboard, suspending, opening files and links, themes."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from textual.app import SuspendNotSupported

from tuinb.commands.host import Scope, Tabs
from tuinb.errors import TuinbError
from tuinb.terminal.clipboard import to_tmux

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuinb.foreground import Spawn
    from tuinb.terminal.diffed_app import DiffedApp
    from tuinb.ui.programs import ExternalPrograms
    from tuinb.ui.tasks import BackgroundTasks
    from tuinb.ui.theme import ScreenTheme
    from tuinb.workspace.workspace import CellClipboard

T = TypeVar("T")


class ScreenTabs(Tabs, Protocol):
    """The notebooks that the terminal has open, for the app."""

    changed: Callable[[], None]
    """Called after each change of the entries."""
    stayed: Callable[[], None]
    """Called when keys are meant for this screen again, though another tab was asked for."""
    scope: Scope
    """What is left with the screen."""

    @property
    def takes_keys(self) -> bool:
        """Whether what is typed now is meant for another tab, which is shown soon."""
        ...

    @property
    def keeps_terminal(self) -> bool:
        """Whether the terminal stays as it is at the end of the screen, for the next one."""
        ...


class Company(Protocol):
    """The other screens of a session that goes on without any of them."""

    @property
    def cells(self) -> CellClipboard:
        """The cell clipboard that the screens share."""
        ...

    @property
    def tabs(self) -> ScreenTabs:
        """The notebooks that the terminal has open."""
        ...

    @property
    def others(self) -> int:
        """The number of other screens."""
        ...

    def detach_others(self) -> None:
        """Ends the other screens. The session goes on."""
        ...

    @property
    def last_look(self) -> float:
        """When the last of the other screens lost the focus, on the monotonic clock. Infinite while one has it."""
        ...


class System:
    """Implements commands.host.System for one app.

    `leave` ends the app: with True the session, too; the Scope is what else is left. `company` is None if the session ends
    with the app. `taken_back` is called when another program had the terminal, `go_on` when keys are taken again.
    `notify_by` is the setting `notify`.
    """

    def __init__(
        self,
        app: DiffedApp[None],
        cells: CellClipboard,
        theme: ScreenTheme,
        tasks: BackgroundTasks,
        notify: Callable[[str, str], None],
        leave: Callable[[bool, Scope], None],
        taken_back: Callable[[], None],
        go_on: Callable[[], None],
        company: Company | None,
        notify_by: str,
    ) -> None:
        self._app = app
        self._cells = cells
        self._theme = theme
        self._tasks = tasks
        self._notify = notify
        self._leave = leave
        self._taken_back = taken_back
        self._go_on = go_on
        self._company = company
        self._notify_by = notify_by
        self.skips_step: Callable[[], bool] = lambda: False
        """Passes over a step of the tour, if this is one."""
        self.is_away = False
        """Whether another program has the terminal, or is about to get it."""

    # ---- the terminal

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the terminal."""
        return self._app.terminal.environ

    @property
    def folder(self) -> Path | None:
        """The folder that paths on the terminal are relative to. None for that of this process."""
        return self._app.terminal.folder

    @property
    def clipboard(self) -> str:
        """The text that was last cut or copied in tuinb."""
        return self._cells.text

    def copy(self, text: str) -> None:
        """Copies text to the system's clipboard, and to tmux's buffer inside tmux."""
        self._cells.text = text
        if self._app.capabilities.multiplexer == "tmux":
            self.run_later(to_tmux(text, self.environ))
        if not self._app.copy_text(text):
            self._notify("Copied in tuinb only: the text is too long for the terminal's clipboard.", "warning")

    def redraw(self) -> None:
        """Sends the whole screen again."""
        self._app.redraw()

    def skip_step(self) -> bool:
        """Passes over a step of the tour. Returns False if there is none."""
        return self.skips_step()

    def suspend(self) -> None:
        """Stops the program as Ctrl+Z does in a shell."""
        self._app.action_suspend_process()

    async def suspend_for(self, work: Callable[[], T]) -> T:
        """Gives the terminal to `work`, which runs in a thread, and takes it back. Nothing is painted meanwhile.

        Raises what `work` raises, and TuinbError if the terminal can't be suspended or another program has it.
        """
        with self._away():
            return await self._give(work)

    @contextmanager
    def _away(self) -> Iterator[None]:
        """Keeps the terminal for one program: two would take each other's keys.

        What is typed meanwhile is held: until it ends, keys are meant for it and dropped; then they wait for the command,
        which takes its result first.
        """
        if self.is_away:
            raise TuinbError("another program has the terminal")
        self.is_away = True
        try:
            yield
        finally:
            self.is_away = False
            asyncio.get_running_loop().call_soon(self._go_on)

    async def _give(self, work: Callable[[], T]) -> T:
        app = self._app
        done: list[T] = []
        failed: list[BaseException] = []
        try:
            with app.suspend(), app.batch_update():
                # Textual takes the terminal back only if nothing is raised in here.
                try:
                    done.append(await asyncio.to_thread(work))
                except BaseException as error:
                    failed.append(error)
        except SuspendNotSupported as error:
            raise TuinbError("this terminal can't be given to another program") from error
        app.redraw()
        self._taken_back()
        if failed:
            raise failed[0]
        return done[0]

    def call_user(self, text: str) -> None:
        """Rings, and shows a notification of the desktop, if the user looks elsewhere.

        Of several screens only the one calls that was looked at last, so that an event is told once.
        """
        left = self._app.unfocused_since
        elsewhere = self._company.last_look if self._company is not None else -math.inf
        if left is not None and left > elsewhere and self._notify_by != "none":
            self._app.ring(text, bell_alone=self._notify_by == "bell")

    # ---- other programs

    @property
    def spawn(self) -> Spawn:
        """Starts a program on the terminal, while `suspend_for` has it."""
        return self._app.terminal.spawn

    @cached_property
    def _programs(self) -> ExternalPrograms:
        from tuinb.ui.programs import ExternalPrograms

        return ExternalPrograms(self.suspend_for, self.environ, self.spawn)

    async def open_file(self, name: str, data: bytes, *, page: bool) -> str:
        """Writes data to a private file and opens it. Returns the reason if that fails, else an empty string."""
        path = await self._write_file(name, data)
        return await (self._programs.browse(path.as_uri()) if page else self._programs.view(path))

    async def _write_file(self, name: str, data: bytes) -> Path:
        try:
            return await asyncio.to_thread(self._programs.write_file, name, data)
        except OSError as error:
            raise TuinbError(f"the file could not be written: {error.strerror}", where=str(error.filename)) from error

    async def edit_text(self, name: str, text: str, line: int = 1) -> str | None:
        """Opens text in the user's editor, on a private file with the given name, at a line counted from 1.

        Returns what was saved, or None if that is the same. Raises TuinbError if the editor fails. The file stays then.
        """
        from tuinb import external_editor

        with self._away():
            path = await self._write_file(name, data := f"{text}\n".encode("utf-8", "surrogatepass"))
            code = await self._give(partial(external_editor.edit, path, line, self.environ, self.spawn))
            if problem := external_editor.error_text(self.environ, code):
                raise TuinbError(problem, hint=f"what it saved is in {path} until tuinb ends")
            try:
                edited = await asyncio.to_thread(path.read_bytes)
                saved = edited.decode("utf-8", "surrogatepass").removesuffix("\n")
            except OSError as error:
                raise TuinbError(f"what the editor saved can't be read: {error.strerror}", where=str(path)) from error
            except UnicodeDecodeError as error:
                hint = "let the editor save it as UTF-8; it stays there until tuinb ends"
                raise TuinbError("what the editor saved is no UTF-8", where=str(path), hint=hint) from error
            await asyncio.to_thread(path.unlink)
        return None if edited == data else saved

    async def open_link(self, url: str, folder: Path) -> str:
        """Opens a web page, or a file below `folder`. Returns the reason if that fails, else an empty string."""
        return await self._programs.open_link(url, folder)

    # ---- themes

    @property
    def theme(self) -> str:
        """Name of the current theme."""
        return self._theme.name

    def set_theme(self, name: str) -> None:
        """Changes the theme. Raises ConfigError and keeps the current one if it can't be loaded."""
        self._theme.choose(name)

    def themes(self) -> Sequence[str]:
        """Returns the names of all themes."""
        from tuinb import themes

        return themes.names()

    # ---- the app

    def run_later(self, work: Awaitable[object]) -> None:
        """Runs a coroutine in the background, then brings the screen up to date."""
        self._tasks.run(work)

    def run_aside(self, work: Awaitable[object]) -> None:
        """Runs a coroutine in the background that shows by itself what it changes."""
        self._tasks.run(work, settles=False)

    @property
    def can_detach(self) -> bool:
        """Whether the session goes on without this terminal."""
        return self._company is not None

    @property
    def other_screens(self) -> int:
        """The number of other terminals that show the session."""
        return self._company.others if self._company is not None else 0

    @property
    def tabs(self) -> Tabs | None:
        """The notebooks that the terminal has open. None if the session ends with the app."""
        return self._company.tabs if self._company is not None else None

    def detach(self, scope: Scope = Scope.TAB) -> None:
        """Ends the app. The session goes on."""
        self._leave(False, scope)

    def detach_others(self) -> None:
        """Ends the apps on other terminals. The session goes on."""
        if self._company is not None:
            self._company.detach_others()

    def exit(self, scope: Scope = Scope.TAB) -> None:
        """Ends the session and the app without a question."""
        self._leave(True, scope)

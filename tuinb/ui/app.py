"""The Textual app: the theme, pictures, dialogs, keys, and the message and status lines of one screen.

Everything of one open notebook is in pane.NotebookPane, which knows the app as a Shell.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.containers import Container
from textual.screen import Screen

from tuinb.commands.keymap.key_names import label
from tuinb.errors import TuinbError
from tuinb.terminal.diffed_app import DiffedApp
from tuinb.ui.dialogs.stack import DialogStack
from tuinb.ui.hints import FIRST_KEYS, IN_CELLS
from tuinb.ui.keys.keyboard import Keyboard
from tuinb.ui.keys.router import Handled, KeyRouter
from tuinb.ui.keys.typed_keys import TypedKeys
from tuinb.ui.next_keys import NextKeys
from tuinb.ui.pane import NotebookPane, always_edits
from tuinb.ui.shell import RenderSettings
from tuinb.ui.status import MessageLine, StatusLine
from tuinb.ui.system import System
from tuinb.ui.tab_line import TabLine
from tuinb.ui.tasks import BackgroundTasks, report
from tuinb.ui.theme import Restyled, ScreenTheme, ThemeChoice
from tuinb.workspace.view_state import Mode
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from rich.style import Style
    from textual.app import ComposeResult
    from textual.widget import Widget

    from tuinb.capabilities import Capabilities
    from tuinb.commands.command import Command
    from tuinb.commands.host import Scope
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.config import Config
    from tuinb.files.listing import Listing
    from tuinb.render.block import Picture
    from tuinb.render.images.gallery import Gallery
    from tuinb.session.port import SessionPort
    from tuinb.terminal.terminal import Terminal
    from tuinb.ui.layer import Typed
    from tuinb.ui.pane import Left
    from tuinb.ui.selectable_rows import SelectionMade
    from tuinb.ui.system import Company


class NotebookScreen(Screen[None], inherit_bindings=False):
    """The only screen of the app."""

    DEFAULT_CSS = """
    NotebookScreen { layout: vertical; overflow: hidden; }
    #stage { height: 1fr; width: 1fr; layers: base viewer popup; overflow: hidden; visibility: hidden; }
    #stage > * { visibility: visible; }
    """

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Focuses a widget, once no dialog is open."""
        assert isinstance(self.app, TuinbApp)
        if widget is None or not self.app.dialogs.keeps_focus(widget):
            super().set_focus(widget, scroll_visible, from_app_focus)

    def compose(self) -> ComposeResult:
        assert isinstance(self.app, TuinbApp)
        yield self.app.tab_line
        with Container(id="stage"):
            yield self.app.pane
            yield self.app.message
            yield self.app.next_keys
        yield self.app.status


class TuinbApp(DiffedApp[None], inherit_bindings=False):
    """One screen with one notebook. Implements shell.Shell. `on_first_paint` is called once the notebook is painted.

    `company` are the other screens of a session that outlives its terminals; `left` is what an earlier screen left to this one.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = ""

    def __init__(
        self,
        session: SessionPort,
        config: Config,
        keymap: Callable[[], Keymap],
        theme: ThemeChoice,
        terminal: Terminal,
        capabilities: Capabilities,
        on_first_paint: Callable[[TuinbApp], None],
        company: Company | None = None,
        left: Left | None = None,
    ) -> None:
        super().__init__(terminal=terminal, capabilities=capabilities, ansi_color=True)
        self._always_edits = always_edits(config)
        self._key_set = config.key_set
        self.graphics_chosen = config.graphics != "auto"
        self._on_first_paint = on_first_paint
        self._pictures_of_screen: Gallery | None = None
        self._named_keys: set[str] = set()
        """Commands that the palette ran, whose keys were named."""
        self.leaving = False
        """Whether the app is ending."""
        self.question_ahead = False
        """Whether the start may ask something about the notebook. Until it has, no key changes the notebook."""
        self.end_is_agreed = False
        """Whether the user ended the session and decided about unsaved changes."""
        self.screen_theme = ScreenTheme(theme, self._restyle, lambda text: self.dialogs.notify(text, "error"))
        self.status = StatusLine(self.role)
        self.message = MessageLine(self.role, lambda rows: self.pane.cover(rows))
        self.next_keys = NextKeys(self.role)
        self.keyboard = Keyboard(
            keymap,
            self._run_command,
            self.show_status,
            lambda text: self.pane.insert_text(text),
            self.next_keys.show if config.key_hints else None,
            self._explain_unbound,
        )
        self.tasks = BackgroundTasks(self.message.show_message, self._fail, self._release_keys, self._settle)
        cells = company.cells if company is not None else CellClipboard()
        self._system = System(
            self,
            cells,
            self.screen_theme,
            self.tasks,
            self.message.show_message,
            self._leave,
            self._taken_back,
            self._release_keys,
            company,
            config.notify,
        )
        self._tabs = company.tabs if company is not None else None
        self.tab_line = TabLine(self.role, self._tabs)
        self._dialogs = DialogStack(
            self,
            self.role,
            self.message,
            self.tasks,
            lambda: self.keyboard.keymap,
            self.in_keys,
            execute=self._run_from_palette,
            place=self._folder_of_files,
            opening=self.keyboard.reset,
            opened=self._dialog_opened,
            closed=self._settle,
        )
        self._router = KeyRouter(
            self._dialogs,
            (self._dialogs, self.message),
            self.keyboard,
            lambda: self.pane,
            # By way of the loop: the app handles the messages that wait in one go, and Ctrl+G must reach a macro.
            lambda: asyncio.get_running_loop().call_soon(self.call_later, self._go_on),
            lambda: self.tasks.starting or self.question_ahead or self._system.is_away or self._is_for_others,
        )
        self.keys = TypedKeys(self.keyboard, self._router, self.message.show_message)
        self.pane = NotebookPane(session, self, config, cells, left)

    # ---- the shell of the pane

    @property
    def dialogs(self) -> DialogStack:
        """Messages, questions and pages over the notebook."""
        return self._dialogs

    @property
    def system(self) -> System:
        """The terminal, other programs, and the app itself."""
        return self._system

    @property
    def render_settings(self) -> RenderSettings:
        """The current theme, capabilities of the terminal, and size."""
        styles, pictures = self.screen_theme.styles, self._pictures_of_screen
        return RenderSettings(styles, self.capabilities, pictures, self.size.height, self._keys_in_cells)

    @property
    def _keys_in_cells(self) -> dict[str, str]:
        """The keys that are named among the cells: those on cells, or those in a cell of a set that always edits."""
        if not self.keyboard.is_loaded:
            return {name: FIRST_KEYS[name] for name in IN_CELLS}
        mode = Mode.EDIT if self._always_edits else Mode.COMMAND
        return {name: self.keyboard.keymap.usual_key(name, mode) for name in IN_CELLS}

    def role(self, name: str) -> Style:
        """Returns the theme's style for a role of the interface."""
        return self.screen_theme.role(name)

    def key_of(self, command: str) -> str:
        """Returns the key of a command in the present mode; until the keymap is loaded, that of the default set."""
        if not self.keyboard.is_loaded:
            return FIRST_KEYS.get(command, "")
        return self.keyboard.keymap.usual_key(command, self.pane.key_mode)

    def in_keys(self, text: str) -> str:
        """Returns a text with the keys of the present mode in place of commands."""
        from tuinb.commands.keymap.key_texts import in_keys

        return in_keys(text, self.keyboard.keymap, self.pane.key_mode)

    def _guarded(self, handle: Callable[[], Typed | None]) -> Typed | None:
        """Lets what was typed be handled. An unexpected error in that is reported, and the key is not handled again."""
        try:
            return handle()
        except TuinbError as error:
            self.message.show_message(str(error), "error")
        except Exception as error:
            report(error)
        self._release_keys()
        return None

    @property
    def clipboard(self) -> str:
        """What is pasted in an input line: what was cut or copied last, in a cell, too."""
        return self._system.clipboard

    def copy_to_clipboard(self, text: str) -> None:
        """Copies text from an input line."""
        self._system.copy(text)

    @property
    def awaits_key(self) -> bool:
        """Whether a sequence of keys was begun, whose next key is no one else's."""
        return bool(self.keyboard.pending)

    def give_back(self, event: Typed) -> None:
        """Handles a key that the top dialog got once more, after the dialog, which ends now, and before what was typed next."""
        self._router.give_back(event)

    def call_user(self, text: str) -> None:
        """Rings, and shows a notification of the desktop, if the user looks elsewhere. `text` must be clean."""
        self._system.call_user(text)

    def show_status(self) -> None:
        """Updates the status line. The mode is that of the open dialog, if there is one."""
        status, dialog = self.pane.status(self.keyboard.pending), self.dialogs.top
        if hint := self.keys.hint:
            status = replace(status, hints=(hint, *status.hints))
        if dialog is not None:
            status = replace(
                status, mode=dialog.badge, mode_role="active", stale=0, hints=dialog.hints, least_hint=dialog.least_hint
            )
        self.status.show(status)
        session = self.pane.session
        self.tab_line.show(session.modified, bool(session.queue()), session.prompt is not None)

    # ---- start and end

    def get_default_screen(self) -> Screen[None]:
        return NotebookScreen()

    def on_mount(self) -> None:
        if self._tabs is not None:
            self._tabs.changed = self.show_status
            self._tabs.stayed = self._tab_stays
        self.show_status()
        self.call_after_refresh(self._on_first_paint, self)

    async def finish_start(self, ask: Callable[[], Awaitable[object]] | None = None) -> bool:
        """Mounts the editor and loads the commands, then releases held keys and pastes. Returns False if the app is ending.

        `ask` opens a dialog. What was typed before it is no answer, and changes no notebook that a question is about.
        """
        if self.leaving or not self.pane.is_attached:
            return False
        await self.pane.mount_editor()
        self.pane.show_open_prompt(keys_wait=self._router.holds_keys)
        first_keys = self._keys_in_cells
        self.keyboard.load()
        if self._keys_in_cells != first_keys:
            self.pane.render_anew()
        self.show_status()  # its hints name keys
        if ask is not None:
            self.tasks.run(self._ask_first(ask, self._router.drop()))
        self.question_ahead = False
        self._release_keys()
        return True

    async def _ask_first(self, ask: Callable[[], Awaitable[object]], dropped: int) -> None:
        """Asks, and then says what was dropped for it."""
        await ask()
        self._say_dropped(dropped, "the question came")

    def on_unmount(self) -> None:
        if self._pictures_of_screen is not None:
            self._pictures_of_screen.close()

    def exit(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """Ends the app. Pending paints are dropped."""
        self.leaving = True
        self.pane.prompt.ignore_focus()
        super().exit(*arguments, **options)

    def _leave(self, ends_session: bool, scope: Scope) -> None:
        self.end_is_agreed = ends_session
        if self._tabs is not None:
            self._tabs.scope = scope
        self.exit(return_code=0)

    @property
    def hands_over(self) -> bool:
        """Whether the terminal is left as it is at the end, for the screen of another tab."""
        return self.leaving and self._tabs is not None and self._tabs.keeps_terminal

    @property
    def _is_for_others(self) -> bool:
        """Whether what is typed now is meant for another tab."""
        return self._tabs is not None and self._tabs.takes_keys

    def type_first(self, typed: Sequence[Typed]) -> None:
        """Notes what was typed for this screen before it had the terminal."""
        self._router.hold(typed)

    def unhandled(self) -> list[Typed]:
        """Returns what was typed for another tab, in order, after the end of the app."""
        return [*self._router.take_held(), *self.unread()]

    def _tab_stays(self) -> None:
        """Takes keys again. What was meant for another tab must not change this notebook."""
        with self.in_context():
            if dropped := self._router.drop():
                self.message.show_message(f"{_keys(dropped)} typed for the other tab, and dropped.", "warning")

    def _fail(self, error: BaseException) -> None:
        """Reports an unexpected error of a task, and goes on. Where nothing reports it, the app ends with it."""

        def go_on() -> None:
            if not isinstance(error, Exception):
                raise error
            report(error)

        self.call_later(go_on)

    # ---- appearance

    def _restyle(self) -> None:
        """Shows the whole screen in the current theme, without scrolling."""
        for widget in self.screen.walk_children():
            if isinstance(widget, Restyled):
                widget.restyle(self.role)
            widget.refresh()
        self.pane.sync(reveal=False)

    def background_known(self, light: bool) -> None:
        """Follows the terminal's reply about its background colour."""
        if not self.leaving:
            self.screen_theme.follow_background(light)

    def show_pictures(self) -> None:
        """Shows images as pictures from now on, and queries the terminal for its graphics capabilities."""
        from tuinb import jobs
        from tuinb.render.images.gallery import Gallery
        from tuinb.ui.pictures import SentPictures

        self._pictures_of_screen = Gallery(jobs.shared(), self._picture_changed)
        self.send_pictures(SentPictures(self._pictures_of_screen))
        self.ask_terminal()

    def capabilities_changed(self) -> None:
        """Renders again after the terminal replied about its capabilities."""
        if self._pictures_of_screen is not None:
            from tuinb.ui.pictures import SentPictures

            self._pictures_of_screen.forget_all()
            self.send_pictures(SentPictures(self._pictures_of_screen))
        self.pane.render_anew()

    def _picture_changed(self, picture: Picture) -> None:
        self.pane.picture_changed(picture)
        if self.dialogs.top is not None:
            self.dialogs.top.refresh()

    # ---- keys and commands

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.app_focus = True  # whoever types looks at this terminal
            event.stop()
            await self._leave_to_focused(self._guarded(partial(self._router.take, event)))
        else:
            await super().on_event(event)

    async def _go_on(self) -> None:
        """Handles what was held."""
        await self._leave_to_focused(self._guarded(self._router.awake))

    async def _leave_to_focused(self, event: Typed | None) -> None:
        """Sends the focused widget what it must get."""
        if event is not None:
            await super().on_event(event)
            self._router.left(event, self.focused)

    def on_handled(self, message: Handled) -> None:
        """Takes the keys that were held while one was handled."""
        self._router.handled(message)

    def on_selection_made(self, message: SelectionMade) -> None:
        """Copies what was selected with the mouse."""
        self.system.copy(message.text)
        self.dialogs.notify(f"Copied {len(message.text):,} characters.")

    def on_notebook_view_clicked(self) -> None:
        """A click ends an unfinished sequence of keys."""
        self.keyboard.reset()

    def _run_command(self, command: Command, times: int) -> None:
        self.pane.run_command(command, times)

    def _explain_unbound(self, keys: Sequence[str]) -> None:
        """Says that keys run no command, and what does here what they do in another program."""
        from tuinb.commands.keymap.elsewhere import hint_for

        hint = hint_for(keys, self.pane.view_state.mode, self._key_set) or "{show-help} shows all keys."
        self.dialogs.notify(f"{label(tuple(keys))} runs no command.", hint=hint)

    def _folder_of_files(self) -> Listing:
        """Returns the place whose files a line of the palette may name."""
        from tuinb.commands.tabs import listing_of

        return listing_of(self.pane.context)

    def execute(self, line: str) -> None:
        """Runs a line of the command line. Raises TuinbError."""
        from tuinb.commands import ex_line

        ex_line.execute(self.pane.context, line)
        self._sync()

    def _run_from_palette(self, line: str) -> None:
        """Runs a line of the palette. The first time names a key that would have run the command. Raises TuinbError."""
        mode, name = self.pane.key_mode, line.lstrip(":")
        self.execute(line)
        keys = self.keyboard.keymap.describe(name, mode)
        if keys and name not in self._named_keys and not self.message.display:
            self._named_keys.add(name)
            self.dialogs.notify(f"Next time: {keys[0]}")

    def _dialog_opened(self) -> None:
        self._release_keys()
        self.show_status()

    def _settle(self) -> None:
        self._sync()
        self._release_keys()

    def _release_keys(self) -> None:
        self._router.release()

    def _taken_back(self) -> None:
        self._say_dropped(self._router.drop(), "the other program had the terminal")

    def _say_dropped(self, number: int, before: str) -> None:
        if number:
            self.message.show_message(f"{_keys(number)} typed before {before}, and dropped.", "warning")

    def _sync(self) -> None:
        self.pane.sync()


def _keys(number: int) -> str:
    return "1 key was" if number == 1 else f"{number} keys were"

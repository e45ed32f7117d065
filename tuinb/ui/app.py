"""The Textual app: it wires the session, the view, the editor and the keys, and does little else.

Its length is what each part has to be given, and Textual's handlers, which have to be methods.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.containers import Container
from textual.screen import Screen

from tuinb import themes
from tuinb.commands.context import Context
from tuinb.errors import TuinbError
from tuinb.notebook.changes import CellId, ClientId
from tuinb.render.context import PICTURE_ROWS, RenderContext
from tuinb.render.styles import ThemeStyles
from tuinb.terminal.diffed_app import DiffedApp
from tuinb.ui import session_events
from tuinb.ui import theme as theming
from tuinb.ui.host import ScreenHost
from tuinb.ui.keys import router
from tuinb.ui.keys.keyboard import Keyboard
from tuinb.ui.status import MessageLine, StatusLine
from tuinb.ui.view import anchoring
from tuinb.ui.view.cell_box import Part
from tuinb.ui.view.notebook_view import NotebookView
from tuinb.ui.view.painter import MARGIN, Painter
from tuinb.ui.view.repaint import Bridge
from tuinb.workspace.view_state import Mode, ViewState
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
    from textual.app import ComposeResult

    from tuinb.capabilities import Capabilities
    from tuinb.commands.command import Command
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.config import Config
    from tuinb.render.images.gallery import Gallery
    from tuinb.session.port import SessionPort
    from tuinb.themes import Theme
    from tuinb.ui.editor.cell_editor import CellEditing
    from tuinb.ui.editor.completion import CompletionList
    from tuinb.ui.editor.stdin_prompt import InputPrompt

CLIENT = ClientId("screen")
_LOOKING = ("outputs", "view", "file", "help")
"""Groups of commands that leave the view where it is."""
_BESIDE_PICTURE = 6
"""Rows of the screen that a picture leaves to its code and the status line: some terminals draw it only while it is whole."""
_FEWEST_ROWS = 4


class NotebookScreen(Screen[None], inherit_bindings=False):
    """The one screen; what its keys do is the keymap's business."""

    DEFAULT_CSS = """
    NotebookScreen { layout: vertical; overflow: hidden; }
    #stage { height: 1fr; width: 1fr; layers: base editor viewer popup; overflow: hidden; }
    """

    def compose(self) -> ComposeResult:
        assert isinstance(self.app, TuinbApp)
        with Container(id="stage"):
            yield self.app.view
            yield self.app.message
        yield self.app.status


class TuinbApp(DiffedApp[None], inherit_bindings=False):
    """One notebook on one screen."""

    ENABLE_COMMAND_PALETTE = False
    CSS = ""

    def __init__(
        self, session: SessionPort, config: Config, keymap: Callable[[], Keymap], theme: Theme, capabilities: Capabilities
    ) -> None:
        super().__init__(capabilities=capabilities, ansi_color=True)
        self.session = session
        self.graphics_chosen = config.graphics != "auto"
        self.gallery: Gallery | None = None
        """What makes pictures of images, once the screen stands."""
        self._styles = ThemeStyles(theme)
        self.automatic_themes: theming.Pair | None = None
        """What to change to when the terminal's background is known; None where a theme was chosen."""
        self.view_state = ViewState(active=session.notebook.order[0] if len(session.notebook) else None)
        self.view_state.line_numbers = config.line_numbers
        self.view = NotebookView(session, self.view_state, self._painter)
        self.view.output_lines = config.output_lines
        self.status = StatusLine(self.role)
        self.message = MessageLine(self.role)
        self.host = ScreenHost(self)
        self.context = Context(session, self.view_state, self.host, CLIENT, CellClipboard())
        self.keyboard = Keyboard(keymap, self.run_command, self.show_status, self.insert_text)
        self.tail = anchoring.Tail()
        self.bridge = Bridge(
            session.notebook,
            self.view_state,
            CLIENT,
            paint=partial(anchoring.paint, self),
            showing=self.view.showing,
            notice=partial(session_events.show, self),
            follow=partial(anchoring.follow, self),
            typed=self._typed,
        )
        self.editing: CellEditing | None = None
        self.completion: CompletionList | None = None
        self.prompt: InputPrompt | None = None
        self.starts_kernel = False
        """Whether a kernel is wanted as soon as the screen stands."""
        self.kernel_unknown = False
        """Whether the notebook's kernelspec is not installed, so that one has to be chosen."""
        self.notices_at_start: tuple[str, ...] = ()
        self.failures: dict[CellId, float | None] = {}
        """When the run began whose failure was told, by cell."""
        self.waiting_pages: list[str] = []
        """What a kernel sent to be paged while somebody was writing."""
        self.leaving = False
        self.leaving_is_agreed = False
        """Whether the end was asked for, with what to do about unsaved work."""
        self.early_keys: list[events.Key] = []
        """Typed before the editor, or a dialog, was there to take them."""
        self._shown = (self.view_state.mode, self.view_state.active, self.view_state.line_numbers)

    # ---- looks

    def role(self, name: str) -> Style:
        """The theme's style for a role of the interface."""
        return self._styles.role(name)

    def _painter(self, columns: int) -> Painter:
        session = self.session
        context = RenderContext(
            width=max(1, columns - MARGIN),
            styles=self._styles,
            theme=self._styles.theme,
            capabilities=self.capabilities,
            folder=session.path.parent,
            widgets=session.widgets,
            pictures=self.gallery,
            picture_rows=max(_FEWEST_ROWS, min(PICTURE_ROWS, self.size.height - _BESIDE_PICTURE)),
        )
        return Painter(context, columns)

    def capabilities_changed(self) -> None:
        from tuinb.ui import pictures

        pictures.show_anew(self)

    def use_theme(self, name: str) -> None:
        """Changes the theme of the running screen. Raises ConfigError, and leaves it as it is."""
        self._styles = ThemeStyles(themes.load(name))
        theming.restyle(self)

    @property
    def theme_name(self) -> str:
        """The theme on the screen."""
        return self._styles.theme.name

    def background_known(self, light: bool) -> None:
        theming.follow_background(self, light)

    # ---- start and end

    def exit(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """Ends the app; what was still to be put on the screen is not any more."""
        self.leaving = True
        super().exit(*arguments, **options)

    def get_default_screen(self) -> Screen[None]:
        return NotebookScreen()

    @property
    def stage(self) -> Container:
        """Where the notebook is, and what is laid over it."""
        return self.screen.query_one("#stage", Container)

    def on_mount(self) -> None:
        self._stop_listening = self.session.listen(self.bridge.hear)
        self.view.focus(scroll_visible=False)
        self.show_status()
        self.call_after_refresh(self._painted)

    def on_unmount(self) -> None:
        self._stop_listening()
        self.bridge.close()
        if self.gallery is not None:
            self.gallery.close()

    def _painted(self) -> None:
        from tuinb.ui.startup import after_first_paint

        after_first_paint(self)

    # ---- keys and commands

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and router.take_key(self, event):
            event.stop()
            return
        await super().on_event(event)

    def _typed(self) -> None:
        self.tail.typed()
        self.show_status()

    def run_command(self, command: Command) -> None:
        """Runs a command and shows what it did."""
        if command.group == "run":
            self.tail.ran()
        try:
            command(self.context)
        except TuinbError as error:
            self.host.notify(str(error), "error")
        self.sync(always_reveal=command.group not in _LOOKING)

    def insert_text(self, text: str) -> None:
        """Types text into the open editor."""
        if self.editing is not None and self.editing.cell is not None:
            self.editing.widget.insert_text(text)

    # ---- showing what changed

    def sync(self, *, reveal: bool = True, always_reveal: bool = False) -> None:
        """Makes the screen follow the view state, after whatever may have changed it.

        The active cell is brought into view if it is another one than before, or if `always_reveal`.
        """
        state = self.view_state
        shown = (state.mode, state.active, state.line_numbers)
        if self.editing is not None:
            self.editing.sync()
        if self.completion is not None and shown != self._shown:
            self.completion.close()
        self.view.selection.clear()
        self.view.repaint()
        self.host.refresh_viewer()
        if reveal and state.mode is Mode.EDIT and self.editing is not None:
            self.editing.follow_cursor()
        elif reveal and (always_reveal or shown != self._shown):
            self.view.reveal_active()
        self._shown = shown
        if self.waiting_pages and state.mode is Mode.COMMAND:
            self.host.page("From the kernel", self.waiting_pages.pop(0))
        self.place_overlays()
        self.show_status()

    def focus_home(self) -> None:
        """Gives the keys to the notebook: to the editor where one is open."""
        open_editor = self.editing is not None and self.editing.cell is not None
        home = self.editing.widget if self.editing is not None and open_editor else self.view
        self.screen.set_focus(home, scroll_visible=False)
        self.show_status()

    def place_overlays(self) -> None:
        """Puts the editor and the prompt where their cells are now."""
        if self.editing is not None:
            self.editing.place()
        if self.prompt is not None:
            self.prompt.place()

    def show_status(self) -> None:
        self.status.show(session_events.status_of(self))

    def focus_row(self, cell: CellId) -> int:
        """The row of a cell's box that is to stay in view: the cursor's while it is edited, else the first of its source."""
        row = self.editing.widget.cursor_row if self.editing is not None and self.editing.cell == cell else 0
        return self.view.box(cell).row_of(Part.SOURCE, row)

    def fail(self, error: BaseException) -> None:
        """An error that nobody expected, in a task: the app ends with it, after the terminal is restored."""

        def again() -> None:
            raise error

        self.call_later(again)

    def tick(self) -> None:
        """Once a second while a cell runs: its elapsed time."""
        if self.session.queue():
            self.view.refresh()

    # ---- the mouse, and the editor's messages

    def on_notebook_view_clicked(self, message: NotebookView.Clicked) -> None:
        router.clicked(self, message)

    def on_notebook_view_selected(self, message: NotebookView.Selected) -> None:
        if message.text:
            self.host.copy(message.text)
            self.host.notify(f"Copied {len(message.text):,} characters.")

    def on_notebook_view_scrolled(self) -> None:
        self.place_overlays()

    def on_notebook_view_refitted(self) -> None:
        if self.editing is not None:
            self.editing.follow_cursor()
        if self.prompt is not None:
            self.prompt.keep_in_view()
        self.place_overlays()

    def on_text_area_selection_changed(self) -> None:
        if self.editing is not None and self.editing.cell is not None:
            self.editing.follow_cursor()
            if self.completion is not None:
                self.completion.typed()

    def on_text_area_changed(self) -> None:
        if self.editing is not None and self.editing.cell is not None:
            self.view.repaint_header(self.editing.cell)
            self.editing.follow_cursor()

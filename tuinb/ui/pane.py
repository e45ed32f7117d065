"""The pane: one open notebook on the screen, with its view, editor, prompt, search and repainting.

The constructor builds all parts; widgets that are slow to import are mounted after the first paint. Panes share nothing: an app
may have several, on one session or on many. A pane knows the app only as a Shell.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING
from uuid import uuid4

from textual.containers import Container

from tuinb.commands import cell_edits
from tuinb.commands.context import Context
from tuinb.errors import TuinbError, is_remote
from tuinb.jobs import shared
from tuinb.kernel.execution.runs import RunState
from tuinb.margin import MARGIN
from tuinb.notebook.changes import Applied, CellId, ClientId, SetKind, SetMetadata, SpliceSource
from tuinb.notebook.sections import source_hidden
from tuinb.record import Record
from tuinb.render.context import PICTURE_ROWS, RenderContext
from tuinb.render.safe import clean
from tuinb.ui.editor.actions import EditorActions
from tuinb.ui.editor.cell_editor import CellEditor
from tuinb.ui.editor.completer import Completer
from tuinb.ui.editor.completion import CompletionList
from tuinb.ui.editor.stdin_prompt import StdinPrompt
from tuinb.ui.inspection.contents import Contents
from tuinb.ui.inspection.host import Inspection
from tuinb.ui.inspection.slot import PanelSlot
from tuinb.ui.layer import Layer, Taken
from tuinb.ui.outputs.host import OutputViews
from tuinb.ui.run_report import RunReport
from tuinb.ui.session_events import SessionEvents
from tuinb.ui.status import Status, status_of, vim_hints
from tuinb.ui.strips import cut_with_mark
from tuinb.ui.view.anchoring import Anchoring
from tuinb.ui.view.cell_box import Part
from tuinb.ui.view.notebook_view import NotebookView
from tuinb.ui.view.painter import Painter
from tuinb.ui.view.repaint import Repainter
from tuinb.ui.view.run_marks import error_name
from tuinb.ui.view.scroll_commands import ScrollCommands
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextvars import Context as ContextVars
    from pathlib import Path

    from rich.style import Style
    from textual import events
    from textual.app import ComposeResult

    from tuinb.analysis.problems import Problem
    from tuinb.commands.command import Command
    from tuinb.config import Config
    from tuinb.notebook.changes import Change
    from tuinb.render.block import Picture
    from tuinb.render.images.fetched import FetchedImages
    from tuinb.session.events import SessionEvent
    from tuinb.session.port import SessionPort
    from tuinb.ui.editor.cell_editor import Cursors
    from tuinb.ui.editor.stdin_prompt import Answer
    from tuinb.ui.editor.vim_keys import VimKeys
    from tuinb.ui.linter import Linter
    from tuinb.ui.search.controller import NotebookSearch
    from tuinb.ui.shell import Shell
    from tuinb.workspace.workspace import CellClipboard

_KEEP_VIEW = ("outputs", "view", "file", "help")
"""Groups of commands that do not scroll to the active cell."""
_ROWS_BESIDE_PICTURE = 6
"""Rows of the screen left for code and the status line below a picture: some terminals draw only whole pictures."""
_REST_SECONDS = 0.3
"""Seconds without a key in the editor after which the cursor rests: the status line shows where, and what is wrong there."""
_HINTS = range(76, 12, -4)
"""Columns to which a problem is cut for the status line."""
_MIN_PICTURE_ROWS = 4
"""Minimum height of a picture on a small screen."""


def always_edits(config: Config) -> bool:
    """Returns whether the set of keys has no command mode but on request."""
    return config.key_set == "emacs"


def first_view(config: Config, active: CellId | None) -> ViewState:
    """Returns the view state of a notebook that was not open before."""
    edits = always_edits(config)
    return ViewState(
        active=active,
        line_numbers=config.line_numbers,
        relative_numbers=config.relative_numbers,
        soft_wrap=config.soft_wrap,
        auto_close=config.auto_close,
        hanging_indent=config.hanging_indent,
        continue_lists=config.continue_lists if config.continue_lists is not None else config.key_set != "vim",
        keeps_editing=edits,
        enter_finds_next=config.key_set == "vscode",
        mode=Mode.EDIT if edits and active is not None else Mode.COMMAND,
    )


class Left(Record):
    """What a pane leaves to the next one on its session: where its user was."""

    view: ViewState
    cursors: Cursors
    """The cursor of each cell that was edited."""
    answer: Answer | None = None
    """The answer that was being typed to a prompt of the kernel."""


class NotebookPane(Container):
    """One session on one screen. `client` is the origin of the changes that this pane makes."""

    DEFAULT_CSS = """
    NotebookPane { layer: base; layers: base editor popup; overflow: hidden; visibility: hidden !important; }
    NotebookPane > * { visibility: visible; }
    """
    # A hidden container is not painted; its children are. The view covers the whole pane.

    def __init__(
        self, session: SessionPort, shell: Shell, config: Config, cells: CellClipboard, left: Left | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.client = ClientId(f"screen-{uuid4().hex}")
        self._shell = shell
        notebook = session.notebook
        if left is None:
            first = notebook.order[0] if len(notebook) else None
            left = Left(first_view(config, first), {})
        state = self.view_state = left.view
        self._picture_rows, self._dims_pictures = config.picture_rows or PICTURE_ROWS, config.dim_images
        self._fetched_images: tuple[Path, FetchedImages] | None = None
        """The notebook on a server, and the image files beside it."""
        view = self.view = NotebookView(session, state, self._make_painter)
        view.output_lines, view.time_from = config.output_lines, config.time_from
        self.editor = CellEditor(session, state, self.client, view, self._edited, self._cross_edge, self._report, left.cursors)
        self.completion = CompletionList(self.editor, view)
        self.completer = Completer(shell, session, self.editor, view, self.completion, config.completion)
        self.prompt = StdinPrompt(
            view,
            self,
            session.answer,
            session.answer_eof,
            session.interrupt,
            self.focus_home,
            shell.show_status,
            session.complete,
            lambda text: shell.dialogs.notify(text),
            lambda work: shell.system.run_later(work),
        )
        self._left_answer = left.answer
        self._anchoring = Anchoring(notebook, state, view.viewport, self._focus_row)
        self._events = SessionEvents(
            shell, session, state, view, self.editor, self.prompt, self.keeping, self.run_command, self._call_user
        )
        self.repainter = Repainter(
            notebook,
            state,
            self.client,
            paint=self._paint,
            showing=view.showing,
            notice=self._show_event,
            follow=self._follow,
            typed=self._user_typed,
        )
        self.outputs = OutputViews(shell, session, state, view, self.run_command, self._sync_in_place)
        self.panels = PanelSlot(self, shell, state, self._leave_panel)
        self.inspection = Inspection(self.panels, shell, session, state, self.sync, lambda: self.context)
        self.contents = Contents(self.panels, shell, notebook, state, self.sync)
        self._formatters = config.format or {}
        self._language_servers = config.lsp
        self.context = self._make_context(cells)
        self._config = config
        self._linter: Linter | None = None
        """Reads code while it is edited, once the editor is mounted."""
        self.on_command: Callable[[Command], None] = lambda command: None
        """Called with each command that a key ran."""
        self.vim: VimKeys | None = None
        """Vim's keys, if the set of keys has them and the editor is mounted."""
        self.key_layers: tuple[Layer, ...] = (self.prompt, self.panels, self.completion, self)
        """Layers that are offered a key before the keymap, from the top down."""
        self._run_report = RunReport(session, on_long_run=self._call_user)
        self._reported_failures: dict[CellId, float | None] = {}
        """Start of the run whose failure was reported, by cell."""
        self._position: str | None = None
        """Line and column of the cursor, or what is selected, as the status line shows it."""
        self._resting: asyncio.TimerHandle | None = None
        """Timer until the cursor rests. None while it does."""
        self._moves_on = False
        """Whether the cursor had not rested before its last move."""
        self._problem: Problem | None = None
        """The problem that the status line shows."""
        self._clicked_point: tuple[int, int] | None = None
        """Row and column of a click on source before the editor was mounted."""
        self._shown = (state.mode, state.active, state.line_numbers)
        """Mode, active cell and line numbers at the last `sync`."""

    def _make_context(self, cells: CellClipboard) -> Context:
        state, view, shell = self.view_state, self.view, self._shell
        actions = EditorActions(
            shell,
            self.session,
            state,
            self.editor,
            self.completer,
            cells.kills,
            self.sync,
            self.outputs.leave_viewer,
            self.cover,
            lambda: self.vim is None or self.key_mode == "insert",
        )
        scrolling = ScrollCommands(
            self.session.notebook,
            state,
            view,
            self._focus_row,
            self._sync_in_place,
            self.place_overlays,
            self._find,
            lambda direction: self._search.again(direction),
            self.prompt.enter,
            self.contents.show,
        )
        host = (shell.dialogs, scrolling, self.outputs, self.inspection, actions, shell.system, shell.keys)
        return Context(self.session, state, self.client, *host, cells, self._formatters, self._language_servers)

    # ---- start and end

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self._stop_listening = self.session.listen(partial(self._receive, copy_context()))
        self.view.focus(scroll_visible=False)

    def on_unmount(self) -> None:
        self._stop_listening()
        self.repainter.close()
        self.completer.stop()
        if self._linter is not None:
            self._linter.close()
        if self._resting is not None:
            self._resting.cancel()

    def _receive(self, context: ContextVars, event: Applied | SessionEvent) -> None:
        """Processes an event of the session in the context of this app, since `widget.app` is a context variable.

        Runs in a copy: a context can't be entered twice, and a listener may change the notebook, which sends an event.
        """
        context.copy().run(self._process, event)

    def _process(self, event: Applied | SessionEvent) -> None:
        self.repainter.receive(event)
        if self._linter is not None:
            self._linter.receive(event)
        end = self._run_report.receive(event)
        if end is not None:
            if end.failed is not None:
                self._reported_failures[end.failed] = self.session.run_of(end.failed).started
            self._shell.dialogs.notify(end.text, end.severity)

    def _call_user(self, text: str) -> None:
        """Calls a user who looks elsewhere."""
        self._shell.call_user(f"{clean(self.session.path.name)}: {text}")

    def left(self) -> Left:
        """Returns copies of the view state and of the cursors, and the answer that is being typed, for another pane."""
        return Left(self.view_state.copy(), self.editor.cursors(), self.prompt.unsent)

    async def mount_editor(self) -> None:
        """Imports and mounts the editor, and what floats over it. Call it after the first paint."""
        from tuinb.ui.linter import Linter

        self._linter = Linter(self.context, self.repainter.touch, marks=self._config.lint)
        if self._config.suggestions:
            from tuinb.ui.editor.suggester import Suggester

            suggester = Suggester(self.session, lambda: self.editor.cell, self._shell.system.run_aside)
            self.editor.suggest = suggester.suggest
        if self._config.key_set == "vim":
            from tuinb.editing.vim.state import Shared
            from tuinb.ui.editor.vim_keys import VimKeys
            from tuinb.ui.editor.vim_pane import VimPane

            settings, mapped = self._config.vim, None
            if settings.has_mappings:
                from tuinb.commands.keymap.mappings import Mappings
                from tuinb.ui.editor.mapped_keys import MappedKeys

                mapped = MappedKeys(Mappings.of(settings))
            # An earlier screen may have been left while it recorded.
            shared = Shared() if self.context.cells.vim is None else replace(self.context.cells.vim, recording="", recorded=[])
            self.context.cells.vim = shared
            shared.options.clipboard, shared.options.yank_to_end = settings.clipboard, settings.yank == "end"
            pane = VimPane(
                self.context,
                self.editor,
                self.run_command,
                self.sync,
                self._cross_edge,
                self._shell.show_status,
                self.completer.close,
                lambda: self._shell.render_settings.capabilities,
            )
            self.vim = self.editor.vim = VimKeys(pane, shared, mapped)
            self.completion.accept_key, self.completion.close_key = "ctrl+y", "ctrl+e"
        # All in this turn: the app may end before the next one, and Textual mounts nothing on a widget that is gone.
        await self.mount(self.editor.widget, self.completion, self.completer.documentation, self.completer.signature)
        self.editor.mounted()
        self.sync()  # in the same turn: from here on the editor gets what is typed
        if self._clicked_point is not None and self.editor.is_open:
            self.editor.widget.go_to_point(*self._clicked_point)
        self._clicked_point = None

    def show_open_prompt(self, *, keys_wait: bool) -> None:
        """Opens the prompt if the kernel requested input before. Call it after `mount_editor`, which focuses the editor.

        `keys_wait` is whether keys were typed meanwhile.
        """
        self._events.show_open_prompt(self._left_answer, keys_wait=keys_wait)

    @property
    def keys_must_wait(self) -> bool:
        """Whether keys wait for a panel, for a program that vim's keys run, or until the editor is mounted: those for it, and
        those that a prompt may get.
        """
        waits_for_editor = self.view_state.mode is Mode.EDIT or self.session.prompt is not None
        waits_for_program = self.vim is not None and self.vim.waits_for_program
        return self.panels.is_opening or waits_for_program or (waits_for_editor and not self.editor.ready)

    # ---- appearance

    def _make_painter(self, columns: int) -> Painter:
        settings, session = self._shell.render_settings, self.session
        context = RenderContext(
            width=max(1, columns - MARGIN),
            styles=settings.styles,
            theme=settings.styles.theme,
            capabilities=settings.capabilities,
            folder=None if is_remote(session.path) else session.path.parent,
            files=self._images(session.path) if is_remote(session.path) else None,
            widgets=session.widgets,
            pictures=settings.pictures,
            keys=settings.keys,
            picture_rows=max(_MIN_PICTURE_ROWS, min(self._picture_rows, settings.rows - _ROWS_BESIDE_PICTURE)),
            dim_pictures=self._dims_pictures,
        )
        return Painter(context, columns)

    def _images(self, notebook: Path) -> FetchedImages:
        """Returns the image files beside a notebook on a server. They are fetched as cells that name them are rendered."""
        if self._fetched_images is None or self._fetched_images[0] != notebook:
            from tuinb.files import remote
            from tuinb.render.images.fetched import FetchedImages

            images = FetchedImages(partial(remote.image, notebook), shared(), self._image_fetched)
            self._fetched_images = (notebook, images)
        return self._fetched_images[1]

    def _image_fetched(self, _: str) -> None:
        """Renders the cells in view again: any of them may name the image file."""
        with self.keeping():
            self.view.forget()
            self.view.repaint()

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Applies the colours of the current theme (theme.Restyled)."""
        self.view.render_anew()
        self.editor.restyle()

    def render_anew(self) -> None:
        """Renders again after a change of the terminal's capabilities."""
        self.view.render_anew()
        self.place_overlays()

    def picture_changed(self, picture: Picture) -> None:
        """Schedules a paint of the cells that show a picture."""
        cells = self.view.forget_picture(picture)
        if cells:
            self.repainter.touch(cells)

    def status(self, pending: tuple[str, ...]) -> Status:
        """Returns the content of the status line. `pending` are the keys of an unfinished sequence."""
        status = status_of(
            self.session,
            self.view_state,
            pending,
            prompt_has_keys=self.prompt.has_keys,
            marking=self._is_marking,
            key_of=self._shell.key_of,
        )
        place = status.place
        if self.panels.has_keys:
            status = replace(status, mode=self.panels.mode, mode_role="active", hints=self.panels.hints)
        if self.editor.is_open and self._position is not None:
            place = f"{self._position}  {place}"
        vim = self.vim
        if vim is not None and self.editor.is_open and not self.prompt.has_keys:
            role = "editing" if vim.key_mode == "insert" else "active"
            hints = (vim.hint,) if vim.hint else status.hints if pending else vim_hints(vim.mode, self._shell.key_of)
            status = replace(status, mode=vim.mode, mode_role=role, hints=hints, line=vim.line)
        elif vim is not None and vim.recording and not pending:
            status = replace(status, hints=(f"{vim.recording}  q ends it", vim.recording))
        if not pending and (problem := self._problem_here()) is not None:
            text = f"◆ {clean(problem.text)}"
            status = replace(status, kernel=status.kernel_short, hints=(text, *(cut_with_mark(text, room) for room in _HINTS)))
        if others := self._shell.system.other_screens:
            place = f"{others + 1} terminals  {place}"
        return replace(status, place=place) if place != status.place else status

    @property
    def _is_marking(self) -> bool:
        return self.editor.is_open and self.editor.widget.state.marking

    def _problem_here(self) -> Problem | None:
        """Returns the first problem of the line of the cursor. While it moves on, that of the line where it was shown last:
        a key that is held would send a text for each line.
        """
        cell = self.editor.cell
        if cell is None or self.prompt.has_keys:
            return None
        if not self._moves_on:
            problems, row = self.view_state.problems.get(cell, ()), self.editor.widget.place.row
            self._problem = next((problem for problem in problems if problem.line == row), None)
        return self._problem

    # ---- keys and commands

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Takes Enter on the cell whose prompt is open."""
        state = self.view_state
        if key == "enter" and state.mode is Mode.COMMAND and self.prompt.is_under(state.active):
            self.prompt.enter()
            return Taken.HERE
        return Taken.BELOW

    def run_command(self, command: Command, times: int = 1) -> None:
        """Runs a command, once or several times, and shows its effect."""
        if command.group == "run":
            self._anchoring.user_ran()
        try:
            for _ in range(times):
                command(self.context)
        except TuinbError as error:
            self._report(error)
        if self.vim is not None and command.group == "run":
            self.vim.end_selection()
        self.on_command(command)
        # A command that gave the prompt the keys scrolled to it.
        self.sync(reveal=not self.prompt.has_keys, always_reveal=command.group not in _KEEP_VIEW)

    @property
    def key_mode(self) -> str:
        """The mode of the keymap: that of the view; while a cell is edited with vim's keys, theirs."""
        vim = self.vim
        return self.view_state.mode if vim is None or self.view_state.mode is Mode.COMMAND else vim.key_mode

    def insert_text(self, text: str) -> None:
        """Types text into the open editor."""
        if self.vim is not None:
            for character in text:
                self.vim.press("", character)
        elif self.editor.is_open:
            self.editor.widget.type_text(text)

    def _report(self, error: TuinbError) -> None:
        self._shell.dialogs.notify(str(error), "error")

    def _user_typed(self) -> None:
        self._anchoring.user_typed()
        cell, notebook = self.editor.cell, self.session.notebook
        if cell is not None and cell in notebook and notebook[cell].kind == "markdown":
            self.panels.follow_text()
        self._shell.show_status()

    @cached_property
    def _search(self) -> NotebookSearch:
        from tuinb.ui.search.controller import NotebookSearch

        return NotebookSearch(
            self._shell,
            self.session,
            self.client,
            self.view_state,
            self.view,
            self._sync_in_place,
            self.place_overlays,
            self.editor.set_cursor,
        )

    def _find(self, *, backward: bool, replaces: bool) -> None:
        viewer, editor = self.outputs.viewer, self.editor.widget if self.editor.is_open else None
        if viewer is not None:
            self._shell.system.run_later(viewer.find())
            return
        cursor, seed = None, ""
        if editor is not None:
            cursor, seed = editor.place, editor.selected_text
            if seed and "\n" not in seed:
                cursor = editor.state.buffer.place(editor.state.selection.start)
            else:
                seed = ""
        self._shell.system.run_later(self._search.ask(cursor, backward=backward, replaces=replaces, seed=seed))

    # ---- the view state

    def sync(self, *, reveal: bool = True, always_reveal: bool = False) -> None:
        """Brings the screen up to date with the view state, after a command or another change.

        Scrolls to the active cell if it changed or if `always_reveal`. `reveal=False` does not scroll.
        """
        state = self.view_state
        shown = (state.mode, state.active, state.line_numbers)
        self.view.fold()
        self.view.unfold_over(state.active)
        self.editor.sync()
        if shown != self._shown:
            self.completer.close()
        self.view.selection.clear()
        self.view.repaint()
        self.outputs.refresh_viewer()
        if reveal and state.mode is Mode.EDIT and self.editor.ready:
            self.editor.follow_cursor()
        elif reveal and (always_reveal or shown != self._shown):
            self.view.reveal_active()
        self._shown = shown
        self.panels.follow_active()
        self._events.show_waiting_page()
        self.place_overlays()
        self._show_position()

    def _sync_in_place(self) -> None:
        self.sync(reveal=False)

    def _leave_panel(self) -> None:
        """Moves the focus from the panel of variables to the notebook."""
        if self.view_state.keeps_editing and self.view_state.active is not None:
            self.view_state.mode = Mode.EDIT
            self.sync()
        self.focus_home()

    def focus_home(self) -> None:
        """Moves the focus to the editor if it is open, else to the view."""
        home = self.editor.widget if self.editor.is_open else self.view
        self.screen.set_focus(home, scroll_visible=False)
        self._shell.show_status()

    def place_overlays(self) -> None:
        """Places the editor and the prompt over their cells."""
        self.editor.place()
        self.prompt.place()

    def _focus_row(self, cell: CellId) -> int:
        row = self.editor.widget.point.row if self.editor.cell == cell else 0
        return self.view.box(cell).row_of(Part.SOURCE, row)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keeps the row that the user reads in place while the body changes the rows."""
        with self._anchoring.keeping():
            yield
        self.place_overlays()

    def cover(self, rows: int) -> None:
        """Keeps the focus row visible while a message covers the last `rows` rows; 0 for none."""
        if self._anchoring.cover(rows):
            self.view.refresh()
            self.place_overlays()

    # ---- events of the session

    def _paint(self, changed: frozenset[CellId] | None) -> None:
        """Paints the changed cells in view; None stands for all cells."""
        self.outputs.refresh_viewer()
        if changed is not None:
            self._report_failures(changed)
        if changed is None or not changed.isdisjoint(self.view.viewport.cells()):
            with self.keeping():
                self.view.repaint()
        self._shell.show_status()

    def _follow(self, applied: Applied) -> None:
        """Updates boxes, the prompt and the open editor after a change that the editor did not make."""
        changes = applied.changes
        if any(isinstance(change, SetMetadata) and change.cell is None for change in changes):
            self.view.forget()  # the language may have changed
        kinds = frozenset(change.cell for change in changes if isinstance(change, SetKind))
        if kinds:
            self.view.forget(kinds)
        if applied.structural or any(self._may_fold(change) for change in changes):
            self.view.fold()
            self.panels.follow_text()
        if applied.structural:
            self.prompt.move(self.view_state.active)
        self.editor.follow(applied)

    def _may_fold(self, change: Change) -> bool:
        """Returns whether a change may make a heading, or another one, or say that one is folded."""
        if isinstance(change, SpliceSource):
            return self.session.notebook[change.cell].kind == "markdown"
        return isinstance(change, SetMetadata | SetKind)

    def _show_event(self, event: SessionEvent) -> None:
        self._events.show(event)
        self.inspection.follow_stop()
        self.place_overlays()

    def _report_failures(self, changed: frozenset[CellId]) -> None:
        """Reports each cell that failed while out of view, once for each run."""
        notebook, in_view = self.session.notebook, self.view.viewport.cells()
        for cell in changed:
            run = self.session.run_of(cell)
            failed = cell in notebook and run.state is RunState.ERROR and run.current
            if not failed or self._reported_failures.get(cell) == run.started:
                continue
            self._reported_failures[cell] = run.started
            if cell not in in_view:
                number = notebook.index(cell) + 1
                self._shell.dialogs.notify(f"Cell {number} failed: {error_name(run)}. :{number} selects it.", "error")

    def tick(self) -> None:
        """Paints the elapsed time of the running cell. Called once a second."""
        if self.session.queue():
            self.view.refresh()

    # ---- messages of the view and the editor

    def on_notebook_view_clicked(self, message: NotebookView.Clicked) -> None:
        """Selects the cell. On source sets the cursor; a double click on prose edits it; on an output expands or collapses, or
        operates widgets.
        """
        state = self.view_state
        if message.cell not in self.session.notebook:
            return
        in_source = message.part is Part.SOURCE and message.column >= 0
        edits = in_source or (message.double and message.part is Part.PROSE)
        state.activate(message.cell)
        if edits:
            state.mode = Mode.EDIT
        else:
            state.stop_editing()
        self.sync()
        if message.part is Part.OUTPUT and message.column >= 0:
            if not self._toggle_at(message.cell, message.index) and self._has_controls(message.cell, message.index):
                from tuinb.commands.widgets import operate_widgets

                self.run_command(operate_widgets, 1)
            return
        if in_source and self.editor.ready:
            self.editor.widget.go_to_point(message.index, message.column)
        elif in_source:
            self._clicked_point = message.index, message.column
        elif message.part is Part.PROMPT:
            self.prompt.enter()

    def _toggle_at(self, cell: CellId, row: int) -> bool:
        """Expands the hidden rows, or toggles the tree node, at a row of a cell's outputs. Returns whether there was one."""
        area = self.view.box(cell).area
        if area is None or row >= area.height:
            return False
        if area.place(row).output < 0:
            self.view_state.unfolded.add(cell)
        elif (node := area.node(row)) is not None:
            self.view_state.toggle_node(cell, *node)
        else:
            return False
        self.sync(reveal=False)
        self.view.reveal(cell, Part.OUTPUT, row)
        return True

    def _has_controls(self, cell: CellId, row: int) -> bool:
        """Returns whether the output at a row of a cell's outputs shows widgets that can be operated."""
        from tuinb.notebook.widget_controls import controls_in

        area, outputs = self.view.box(cell).area, self.session.notebook[cell].outputs
        at = area.place(row).output if area is not None and row < area.height else -1
        return 0 <= at < len(outputs) and bool(controls_in(self.session.widgets, [outputs[at]]))

    def _cross_edge(self, direction: int) -> None:
        """Moves the cursor from the edited cell to the next one, up (-1) or down (1). Selects rendered prose instead."""
        notebook, cell, editor = self.session.notebook, self.view_state.active, self.editor
        neighbour = cell_edits.visible_below if direction > 0 else cell_edits.visible_above
        target = None if cell is None else neighbour(self.context, cell)
        if target is None:
            return
        column = editor.widget.point.x
        self.view_state.activate(target)
        if notebook[target].kind == "markdown" or source_hidden(notebook[target]):
            self.view_state.stop_editing()
            if self.vim is not None:
                self._shell.dialogs.notify(
                    "Keys act on cells here: this one is not shown as source.", hint="{enter-edit-mode} edits it."
                )
        self.sync()
        if editor.is_open:
            editor.widget.go_to_point(0 if direction > 0 else editor.widget.rows - 1, column)

    def on_notebook_view_scrolled(self, message: NotebookView.Scrolled) -> None:
        message.stop()  # Otherwise each ancestor dispatches it, too, at every key. So below.
        self.place_overlays()

    def on_notebook_view_refitted(self) -> None:
        self.editor.follow_cursor()
        self.prompt.keep_in_view()
        self.place_overlays()

    def _edited(self, text_changed: bool) -> None:
        """Follows the text and the cursor of the editor."""
        if self.vim is not None:
            self.vim.moved()
        if self.editor.cell is not None:
            if text_changed:
                self.view.repaint_header(self.editor.cell)
            self._follow_cursor()
            self.completer.edited(text_changed=text_changed, typed=self.editor.widget.typed if text_changed else "")
            self._moves_on = self._resting is not None
            if self._resting is not None:
                self._resting.cancel()
            self._resting = asyncio.get_running_loop().call_later(_REST_SECONDS, self._rest)
            if not text_changed:  # It would double the bytes of a letter.
                self._show_position()

    def _rest(self) -> None:
        self._resting, self._moves_on = None, False
        self._show_position()

    def _show_position(self) -> None:
        """Shows the line and the column of the cursor in the status line, or how much is selected."""
        self._position = self.editor.position if self.editor.is_open else None
        self._shell.show_status()

    def _follow_cursor(self) -> None:
        """Scrolls the editor's cursor into view, unless the prompt, which must stay in view, has the keys."""
        if self.prompt.has_keys:
            self.place_overlays()
        else:
            self.editor.follow_cursor()

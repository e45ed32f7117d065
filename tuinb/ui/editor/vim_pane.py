"""What vim's keys need of the pane: its text area, undo, other cells, commands, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands import edit, ex_line, jumps, view
from tuinb.commands.registry import COMMANDS
from tuinb.editing.vim.search import all_matches
from tuinb.errors import TuinbError
from tuinb.ui.editor.vim_programs import VimPrograms
from tuinb.workspace.jumps import Place
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from tuinb.capabilities import Capabilities
    from tuinb.commands.command import Command
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.text_area import SourceEditor


class VimPane:
    """One pane. `sync` brings the screen up to date, `cross` edits the next cell, `changed` shows the status,
    `close_popups` closes the list of completions and the signature."""

    def __init__(
        self,
        context: Context,
        editor: CellEditor,
        run: Callable[[Command], None],
        sync: Callable[[], None],
        cross: Callable[[int], None],
        changed: Callable[[], None],
        close_popups: Callable[[], None],
        capabilities: Callable[[], Capabilities],
    ) -> None:
        self._context = context
        self._editor = editor
        self._run = run
        self._sync = sync
        self.cross_edge = cross
        self.changed = changed
        self.close_popups = close_popups
        self._capabilities = capabilities
        self.programs = VimPrograms(context, changed)
        """Programs and files that vim's keys read and write."""

    @property
    def has_cursor_shapes(self) -> bool:
        """Whether the terminal's cursor can have shapes."""
        return self._capabilities().cursor_shapes

    @property
    def widget(self) -> SourceEditor:
        """The text area."""
        return self._editor.widget

    @property
    def active(self) -> str | None:
        """The active cell, which is edited next."""
        return self._context.view.active

    @property
    def clipboard(self) -> str:
        """The text that was last cut or copied."""
        return self._context.system.clipboard

    @property
    def file_name(self) -> str:
        """The name of the notebook's file."""
        return self._context.session.path.name

    def copy(self, text: str) -> None:
        """Copies text to the clipboard."""
        self._context.system.copy(text)

    def undo(self, *, redoes: bool) -> bool:
        """Undoes or redoes a step. Returns False if there is none."""
        done = edit.redo_group(self._context) if redoes else edit.undo_group(self._context)
        self._sync()
        return done

    def end_step(self) -> None:
        """Ends a step of undo: what is typed next is another one."""
        self._context.session.end_typing()

    def find_match(self, regex: re.Pattern[str], count: int, *, forward: bool) -> tuple[CellId, int] | None:
        """Returns another cell that matches, and the offset of the match. None if there is none."""
        notebook, active = self._context.session.notebook, self._editor.cell
        if active is None:
            return None
        at = notebook.index(active)
        order = [*notebook.order[at + 1 :], *notebook.order[:at]]
        for cell in order if forward else reversed(order):
            found = all_matches(regex, notebook[cell].source)
            if len(found) >= count:
                return cell, found[count - 1 if forward else -count][0]
            count -= len(found)
        return None

    def go_to(self, cell: CellId, offset: int) -> None:
        """Edits another cell, with the cursor at an offset."""
        self._context.view.activate(cell)
        self._context.view.mode = Mode.EDIT
        self._editor.set_cursor(cell, offset)
        self._sync()

    # ---- marks of the notebook

    def remember_jump(self, offset: int) -> None:
        """Notes an offset of the cell that is edited in the list of jumps."""
        if self._editor.cell is not None:
            self._context.view.jumps.remember(Place(self._editor.cell, offset))

    def marks_in(self, cell: str) -> dict[str, int]:
        """Returns the marks in a cell, and their offsets."""
        marks = self._context.view.marks
        return {name: place.offset or 0 for name, place in marks.items() if place.cell == cell}

    def set_mark(self, name: str, offset: int | None) -> None:
        """Sets a mark in the cell that is edited, or with None removes it."""
        if offset is None or self._editor.cell is None:
            self._context.view.marks.pop(name, None)
        else:
            self._context.view.marks[name] = Place(self._editor.cell, offset)

    def go_to_mark(self, name: str, *, linewise: bool) -> bool:
        """Goes to a mark in another cell, or to the start of its line. Returns False if there is none."""
        place = self._context.view.marks.get(name)
        if place is None or place.cell not in self._context.session.notebook:
            return False
        source = self._context.session.notebook[place.cell].source
        offset = min(place.offset or 0, len(source))
        if linewise:
            start = source.rfind("\n", 0, offset) + 1
            line = source[start:].partition("\n")[0]
            offset = start + len(line) - len(line.lstrip())
        jumps.remember(self._context)
        self.go_to(place.cell, offset)
        return True

    def marks_elsewhere(self) -> Sequence[str]:
        """Returns a line for each mark in another cell."""
        notebook, marks = self._context.session.notebook, sorted(self._context.view.marks.items())
        return [
            f"{name}  {jumps.described(self._context, place)}"
            for name, place in marks
            if place.cell in notebook and place.cell != self._editor.cell
        ]

    def perform(self, name: str) -> None:
        """Runs a command of tuinb by its name."""
        self._run(COMMANDS[name])

    def execute(self, line: str) -> None:
        """Runs a line of the command line."""
        try:
            ex_line.execute(self._context, line)
        except TuinbError as error:
            self.notify(str(error), "error")
        self._sync()

    def set_option(self, word: str) -> bool:
        """Sets an option of the view, such as `nonumber`. Returns False if there is none of this name."""
        found = view.set_option(self._context, word)
        self._sync()
        return found

    def page(self, text: str) -> None:
        """Shows text in a page. Its first line is the title."""
        title, _, rest = text.partition("\n")
        self._context.dialogs.page(title, rest)

    def notify(self, text: str, severity: str) -> None:
        """Shows a message."""
        self._context.dialogs.notify(text, severity)

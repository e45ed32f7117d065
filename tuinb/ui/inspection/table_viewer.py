"""The viewer of tables, on the full screen: rows and columns around a cursor, read as they come into view. Read only.

Its keys are those of pagers and of visidata where they agree: arrows or hjkl, g and G, `/` and n, s sorts, f filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.commands import table_export
from tuinb.errors import InspectionError, TooLongError
from tuinb.render.safe import clean, width
from tuinb.session.table_view import Area, Key
from tuinb.ui.dialogs.base import Dialog
from tuinb.ui.inspection import statistics
from tuinb.ui.inspection.grid import NULL, Grid, Placed
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from textual import events

    from tuinb.commands.context import Context
    from tuinb.session.table_view import TableView
    from tuinb.ui.shell import Shell

_ROUNDS = 5
"""Rounds of a search, of two seconds at most, until the user is asked to go on."""
_HINTS = (
    "? keys  s sorts  f filters  / finds  i column  v selects  Y copies  q closes",
    "? keys  s sorts  f filters  / finds  q closes",
    "? keys  q closes",
    "q closes",
)
HELP = """Move     arrows or h j k l · PageUp PageDown, b Space · g G first and last row · 0 $ first and last column
         < > a screen to the left and right · c goes to a column by its name · : goes to a row by its number
Sort     s sorts by the column under the cursor: from small to large, from large to small, not at all
         S does the same, after the columns that rows are sorted by already
Filter   f asks for a condition on columns: price > 3 and "os" in city
         == != < <= > >= · "text" in column · column.startswith("text") · column in (1, 2) · column is None
         and, or, not, brackets · a name with blanks goes between backticks: `unit price` > 3
         F shows all rows again
Find     / finds a text in any column, n the next, N the one before. A number is found if it is equal
Column   i shows its figures and a histogram. Enter counts all rows where that is of a sample
Select   v selects cells, V whole rows: move the cursor. Shift and arrows do the same. Esc ends it
Copy     Y copies the selection as CSV, tab-separated or Markdown, or the cell · W saves the selection, or all rows, to a file
         C copies the code of the filter and the sort
Other    Enter shows the whole cell · r reads the table again if it was set again · q closes"""


class TableViewer(Dialog[bool]):
    """Shows one table. Its result is True if the user wants the same name to be opened again."""

    DEFAULT_CSS = "TableViewer { layer: viewer; height: 100%; }"
    fills_screen = True
    is_framed = False
    badge = "TABLE"

    def __init__(self, shell: Shell, table: TableView, context: Context) -> None:
        super().__init__(shell.role)
        self._shell = shell
        self._table = table
        self._notebook = context
        self._grid = Grid(table)
        self._placed: list[Placed] = []
        self._row = self._column = 0
        self._top = 0
        self._anchor: tuple[int, int] | None = None
        """The other corner of the selection. None if there is none."""
        self._whole_rows = False
        """Whether whole rows are selected."""
        self._pattern = ""
        self._facts: Mapping[str, Any] | None = None
        """The figures that are shown."""
        self._shows_facts = False
        self._works = ""
        """What the kernel is asked for, while a key waits for it."""
        table.changed = self._arrived

    # ---- layout

    def on_mount(self) -> None:
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    @property
    def _head_rows(self) -> int:
        return self._table.levels + 1

    @property
    def _fact_rows(self) -> int:
        return statistics.ROWS if self._shows_facts and self.size.height > statistics.ROWS + self._head_rows + 4 else 0

    @property
    def _page(self) -> int:
        """Rows of the table on the screen."""
        return max(1, self.size.height - self._head_rows - 1 - self._fact_rows)

    @property
    def _area(self) -> Area:
        right = self._placed[-1].column + 1 if self._placed else min(self._table.width, self._grid.left + 1)
        return Area(self._top, max(self._top, min(self._table.rows, self._top + self._page)), self._grid.left, right)

    def _lay_out(self) -> None:
        """Brings the layout up to date with the cursor and with what was read, and asks for what is missing."""
        table, grid, columns = self._table, self._grid, self.size.width
        self._row = max(0, min(self._row, table.rows - 1))
        self._column = max(0, min(self._column, table.width - 1))
        self._top = max(0, min(self._top, self._row, table.rows - self._page), self._row - self._page + 1)
        for _ in range(2):  # what a column needs is known once it is in view
            grid.reveal(self._column, columns)
            self._placed = grid.placed(columns)
            grid.learn(self._area)
        self._placed = grid.placed(columns)
        if columns and table.width:
            area = self._area
            # A table without rows has heads, too.
            table.need(area if area.last > area.first else area._replace(last=area.first + 1))
        self.refresh()

    def _arrived(self) -> None:
        """Shows what was read."""
        if self.is_attached:
            self._lay_out()

    # ---- painting

    def render_line(self, y: int) -> Strip:
        base = Style(color=self.role("foreground").color, bgcolor=self.role("background").bgcolor)
        if y == self.size.height - 1:
            return self.row(self._status(), Style(bold=True))
        if y >= self.size.height - 1 - self._fact_rows:
            return self._fact(y - (self.size.height - 1 - self._fact_rows))
        if y < self._head_rows:
            return self._head(y)
        row = self._top + y - self._head_rows
        if row >= self._table.rows or not self._table.width:
            text = f" {self._empty()}" if row == 0 else ""
            return Strip([Segment(text, base + self.role("muted"))]).adjust_cell_length(self.size.width, base)
        return self._body(row, base)

    def _head(self, level: int) -> Strip:
        is_type = level == self._table.levels
        surface = self.surface + (self.role("muted") if is_type else Style(bold=True))
        surface += Style(bgcolor=self.surface.bgcolor)
        names = self._grid.index_names() if is_type else " " * (self._grid.label_columns - 1)
        segments = [Segment(f"{names}│", surface)]
        at = self._grid.label_columns
        for placed in self._placed:
            segments.append(Segment(" " * (placed.x - at), surface))
            style = surface + (Style(color=self.role("active").color) if placed.column == self._column else Style())
            segments.append(Segment(self._grid.head(level, placed), style))
            at = placed.x + placed.width
        return Strip(segments).adjust_cell_length(self.size.width, surface)

    def _body(self, row: int, base: Style) -> Strip:
        muted = base + self.role("muted")
        selected = self._selected_columns(row)
        segments = [Segment(self._grid.labels(row), muted), Segment("│", base + self.role("rule"))]
        at = self._grid.label_columns
        for placed in self._placed:
            inside = selected is not None and selected[0] <= placed.column < selected[1]
            background = base + self.role("selected_background") if inside else base
            is_first = selected is not None and placed.column == selected[0]
            segments.append(Segment(" " * (placed.x - at), background if inside and not is_first else base))
            cell = self._grid.cell(row, placed)
            style = background + self.role("muted") + Style(bgcolor=background.bgcolor) if cell.is_null else background
            if (row, placed.column) == (self._row, self._column):
                style = base + Style(reverse=True)
            segments.append(Segment(cell.text, style))
            at = placed.x + placed.width
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _fact(self, y: int) -> Strip:
        if self._facts is None:
            return self.row("reading the column…" if y == 0 else "")
        lines = statistics.lines_of(self._facts, self.size.width - 2)
        return self.row(lines[y] if y < len(lines) else "", Style(bold=True) if y == 0 else None)

    def _empty(self) -> str:
        if not self._table.width:
            return "this table has no columns"
        return "no row meets the condition: F shows all" if self._table.condition else "this table has no rows"

    def _status(self) -> str:
        table = self._table
        parts = [f"{clean(table.source)}  {self._extent()}"]
        if table.notice:
            parts.append(f"{clean(table.notice)}: r opens it again")
        elif self._works:
            parts.append(f"{self._works}…")
        else:
            if table.condition:
                parts.append(f"f {clean(table.condition)}")
            if table.sorted_top:
                parts.append(f"the first {table.rows:,} in order: Enter sorts all")
            parts.append(self._here())
        text = " · ".join(filter(None, parts))
        room = self.size.width - 4
        hint = next((hint for hint in _HINTS if width(text) + len(hint) + 2 <= room), "")
        return f"{cut_with_mark(text, room)}{hint.rjust(max(0, room + 2 - width(text))) if hint else ''}"

    def _extent(self) -> str:
        table = self._table
        rows = f"{table.rows:,} of {table.total:,}" if table.condition or table.sorted_top else f"{table.total:,}"
        return f"{rows} × {table.width:,}"

    def _here(self) -> str:
        """Returns the row, and the cell under the cursor as it is."""
        table = self._table
        if not table.rows or not table.width:
            return ""
        if self._anchor is not None:
            area = self._selection
            return f"selected {area.last - area.first:,} × {area.right - area.left:,}"
        text, head = table.cell(self._row, self._column), table.head(self._column)
        value = clean(text.removeprefix(NULL)) if text is not None else "…"
        name = clean(" ".join(filter(None, head.labels))) if head is not None else ""
        return f"row {self._row + 1:,}  {name}: {value}"

    # ---- the selection

    @property
    def _selection(self) -> Area:
        """The selected cells. Without a selection, the one under the cursor."""
        row, column = self._anchor if self._anchor is not None else (self._row, self._column)
        rows = min(row, self._row), max(row, self._row) + 1
        if self._whole_rows and self._anchor is not None:
            return Area(*rows, 0, self._table.width)
        return Area(*rows, min(column, self._column), max(column, self._column) + 1)

    def _selected_columns(self, row: int) -> tuple[int, int] | None:
        if self._anchor is None:
            return None
        area = self._selection
        return (area.left, area.right) if area.first <= row < area.last else None

    # ---- keys

    def on_key(self, event: events.Key) -> None:
        event.stop()
        character = event.character if event.character and event.character.isprintable() else ""
        key = character.strip() or event.key
        target = self._target(key.removeprefix("shift+"))
        if key in ("q", "ctrl+c", "escape"):
            self._leave(only_selection=key == "escape")
        elif target is not None:
            self._move(target, extend=key.startswith("shift+"))
        elif key == "r" and self._table.notice:
            self.finish(True)
        elif (change := self._change(key)) is not None:
            change()
        elif (work := self._work(key)) is not None:
            self._run(work())
        self._lay_out()

    def _leave(self, *, only_selection: bool) -> None:
        """Closes the viewer, or ends the selection if there is one."""
        if only_selection and self._anchor is not None:
            self._anchor = None
        else:
            self.finish(False)

    def _move(self, target: tuple[int, int], *, extend: bool) -> None:
        if extend and self._anchor is None:
            self._anchor, self._whole_rows = (self._row, self._column), False
        self._row, self._column = target
        if self._shows_facts and self._facts is not None and self._facts["column"] != target[1]:
            self._run(self._read_facts(every=False))

    def _change(self, key: str) -> Callable[[], None] | None:
        """Returns what a key changes on the screen alone. None for other keys."""
        return {
            "<": lambda: self._turn(self._grid.page_left(self.size.width)),
            ">": lambda: self._turn(self._grid.page_right(self.size.width)),
            "v": lambda: self._select(whole_rows=False),
            "V": lambda: self._select(whole_rows=True),
            "i": self._toggle_facts,
        }.get(key)

    def _turn(self, column: int) -> None:
        self._grid.left = self._column = column

    def _select(self, *, whole_rows: bool) -> None:
        is_on = self._anchor is not None and self._whole_rows == whole_rows
        self._anchor = None if is_on else self._anchor or (self._row, self._column)
        self._whole_rows = whole_rows

    def _toggle_facts(self) -> None:
        self._shows_facts = not self._shows_facts
        if self._shows_facts:
            self._run(self._read_facts(every=False))

    def _target(self, key: str) -> tuple[int, int] | None:
        """Returns where a key moves the cursor. None for other keys."""
        row, column, page = self._row, self._column, max(1, self._page - 1)
        targets = {
            "down": (row + 1, column), "j": (row + 1, column), "up": (row - 1, column), "k": (row - 1, column),
            "right": (row, column + 1), "l": (row, column + 1), "left": (row, column - 1), "h": (row, column - 1),
            "pagedown": (row + page, column), "space": (row + page, column),
            "pageup": (row - page, column), "b": (row - page, column),
            "g": (0, column), "home": (0, column), "G": (self._table.rows - 1, column), "end": (self._table.rows - 1, column),
            "0": (row, 0), "$": (row, self._table.width - 1),
        }  # fmt: skip
        target = targets.get(key)
        if target is not None and key in ("pagedown", "space", "pageup", "b"):
            self._top = max(0, min(self._top + target[0] - row, self._table.rows - self._page))
        return target

    def _work(self, key: str) -> Callable[[], Awaitable[None]] | None:
        """Returns what a key asks of the kernel or of the user."""
        return {
            "s": lambda: self._sort(add=False),
            "S": lambda: self._sort(add=True),
            "f": self._ask_condition,
            "F": lambda: self._arrange(self._table.keys, ""),
            "/": self._ask_pattern,
            "n": lambda: self._find(backwards=False),
            "N": lambda: self._find(backwards=True),
            "enter": self._enter,
            "c": self._go_to_column,
            ":": self._go_to_row,
            "Y": self._copy,
            "W": self._save,
            "C": self._copy_code,
            "?": lambda: self._read("Keys of a table", HELP),
            "f1": lambda: self._read("Keys of a table", HELP),
        }.get(key)

    def _run(self, work: Awaitable[None]) -> None:
        self._shell.system.run_later(work)

    async def _asked(self, what: str, work: Awaitable[Any]) -> Any:  # noqa: ANN401 - what `work` returns
        """Awaits an answer of the kernel, and shows meanwhile what it is asked for."""
        self._works = what
        self.refresh()
        try:
            return await work
        finally:
            self._works = ""
            self._lay_out()

    # ---- sorting and filtering

    async def _sort(self, *, add: bool) -> None:
        old = next((key for key in self._table.keys if key.column == self._column), None)
        others = tuple(key for key in self._table.keys if key.column != self._column) if add else ()
        new = () if old is not None and old.descending else (Key(self._column, old is not None),)
        await self._arrange((*others, *new), self._table.condition)

    async def _arrange(self, keys: tuple[Key, ...], condition: str) -> None:
        table = self._table
        what = "filtering" if condition != table.condition else "sorting"
        rows = await self._asked(what, table.arrange(keys, condition))
        if rows is not None:
            question = f"To sort {rows:,} rows keeps the kernel from its cells for some seconds."
            refused = "The rows stay as they are."
            if not await self._shell.dialogs.confirm(question, yes="Sort", no="Cancel", refused=refused):
                return
            await self._asked(what, table.arrange(keys, condition, patient=True))
        self._row = self._top = 0
        self._anchor = None
        if self._shows_facts:
            await self._read_facts(every=False)
        self._lay_out()

    async def _ask_condition(self) -> None:
        table, head = self._table, self._table.head(self._column)
        initial = table.condition
        if not initial and head is not None and head.labels:
            name = " / ".join(head.labels)
            initial = f"{name if name.isidentifier() else f'`{name}`'} "
        question = 'Show the rows where (price > 3 and "os" in city):'
        while (text := await self._shell.dialogs.ask(question, initial)) is not None:
            try:
                await self._arrange(table.keys, text.strip())
            except TooLongError:
                raise
            except InspectionError as error:
                if table.notice:
                    raise
                question, initial = f"{error}. Rows where:", text
            else:
                return

    # ---- searching

    async def _ask_pattern(self) -> None:
        text = await self._shell.dialogs.ask("Find in any column:", self._pattern)
        if text:
            self._pattern = text
            await self._find(backwards=False)

    async def _find(self, *, backwards: bool) -> None:
        if not self._pattern:
            self._shell.dialogs.notify("Nothing was searched yet: / finds a text.")
            return
        row, column = self._row, self._column + (-1 if backwards else 1)
        if column < 0 or column >= self._table.width:
            row, column = (row - 1, self._table.width - 1) if backwards else (row + 1, 0)
        for _ in range(_ROUNDS):
            found = await self._asked("searching", self._table.search(self._pattern, row, column, backwards=backwards))
            if found is None:
                side = "above" if backwards else "below"
                self._shell.dialogs.notify(f"{clean(self._pattern)} was not found {side} this cell.")
                return
            if not isinstance(found, int):
                self._row, self._column = found
                self._lay_out()
                return
            row, column = found, self._table.width - 1 if backwards else 0
        self._row = row
        self._lay_out()
        self._shell.dialogs.notify(f"{clean(self._pattern)} was not found up to row {row + 1:,}: n goes on from there.")

    # ---- a column, a cell, a place

    async def _read_facts(self, *, every: bool) -> None:
        column = self._column
        self._facts = None
        found = await self._asked("counting", self._table.statistics(column, every=every))
        self._facts = {**found, "column": column}
        self.refresh()

    async def _enter(self) -> None:
        table = self._table
        if table.sorted_top:
            await self._asked("sorting", table.arrange(table.keys, table.condition, patient=True))
            self._row = self._top = 0
        elif self._shows_facts and self._facts is not None and self._facts["of"] != self._facts["rows"]:
            await self._read_facts(every=True)
        elif table.rows and table.width:
            lines = await self._asked("reading", table.lines_of(self._row, self._column))
            await self._read(self._here(), "\n".join(lines))

    async def _read(self, title: str, text: str) -> None:
        await self._shell.dialogs.read(title, text)

    async def _go_to_column(self) -> None:
        part = await self._shell.dialogs.ask("Go to the column whose name contains:")
        if part is None:
            return
        found, more = await self._asked("searching", self._table.columns(part.strip(), most=_LISTED))
        if not found:
            self._shell.dialogs.notify(f"No column's name contains {clean(part)}.")
            return
        choice: int | None = 0
        if len(found) > 1:
            title = f"Columns ({more:,} more)" if more else "Columns"
            choice = await self._shell.dialogs.choose(title, [f"{at:>6}  {name}" for at, name in found])
        if choice is not None:
            self._column = found[choice][0]
            self._lay_out()

    async def _go_to_row(self) -> None:
        text = await self._shell.dialogs.ask(f"Go to row (1 to {self._table.rows:,}):")
        if text is None:
            return
        number = text.strip().replace(",", "").replace("_", "")
        if not number.isdecimal():
            self._shell.dialogs.notify(f"{clean(text)} is no number of a row.", "warning")
            return
        self._row = int(number) - 1
        self._lay_out()

    # ---- copying

    async def _copy(self) -> None:
        if self._anchor is None:
            text = "\n".join(await self._asked("reading", table_export.cell_text(self._table, self._row, self._column)))
            self._shell.system.copy(text)
            self._shell.dialogs.notify(f"Copied the cell, {len(text):,} characters. v selects more.")
            return
        await table_export.copy(self._notebook, self._table, self._selection)

    async def _save(self) -> None:
        table = self._table
        area = self._selection if self._anchor is not None else Area(0, table.rows, 0, table.width)
        await table_export.save(self._notebook, table, area)

    async def _copy_code(self) -> None:
        code = await self._asked("reading", self._table.code())
        self._shell.system.copy(code)
        self._shell.dialogs.notify(f"Copied: {cut_with_mark(clean(code.splitlines()[-1]), 200)}")


_LISTED = 500
"""Columns that are listed to choose from."""

"""A cell as a box of rows: a header, the source or the rendered prose, the outputs, and the kernel's prompt if it is open.

The header row is the blank line between cells. It shows the state of the run (elapsed time, place in the queue, edited since),
so that no row moves when a run starts or ends.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tuinb.analysis.failing_line import failing_line
from tuinb.editing.view import Measure, Rows
from tuinb.notebook.sections import source_hidden
from tuinb.record import Record
from tuinb.render.block import Block, Line, Lines, Span
from tuinb.render.code.highlight import Highlighted
from tuinb.render.layout.flow import line_width
from tuinb.render.layout.wrapped import TextBlock, TextLines
from tuinb.render.registry import render_markdown, row_of
from tuinb.render.safe import clean, one_to_one, width
from tuinb.ui.view.output_area import OutputArea
from tuinb.workspace.view_state import DEFAULT_LOOK, Look

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId
    from tuinb.render.context import RenderContext

MEASURE = Measure(one_to_one, width)
"""How sources look, here and in the editor."""
CONTINUED = "↳"
"""Mark of a row that continues a line of code."""
_LONGEST_PROMPT = 4_000
"""Maximum characters of the kernel's prompt that are shown; the last ones are kept."""


class Part(Enum):
    """The parts of a box, from the top. A box has a source or prose."""

    HEADER = "header"
    SOURCE = "source"
    PROSE = "prose"
    OUTPUT = "output"
    PROMPT = "prompt"


class BoxOptions(Record):
    """The state of the screen on which the rows of a box depend."""

    editing: bool = False
    editor_rows: int = 0
    """Rows of the editor over the source; 0 if the cell is not edited. The editor wraps prose."""
    editor: Rows | None = None
    """The editor's own rows, which follow each edit, while those of the source are wrapped anew."""
    whole: bool = False
    """Whether long outputs are shown whole."""
    prompt: str | None = None
    """Text of the kernel's prompt below this cell; None if none is open."""
    line_numbers: bool = False
    soft_wrap: bool = False
    """Whether long lines of code are wrapped."""
    output_lines: int = 20
    """Lines of long outputs that are shown while they are collapsed."""
    fitting_lines: int = 0
    """Lines up to which outputs are not collapsed, if more than `output_lines`."""
    look: Look = DEFAULT_LOOK
    edited: bool = False
    """Whether the source changed since the outputs were computed."""
    hides: str = ""
    """What a folded heading hides, as text for the header. Empty for other cells."""


class CellBox:
    """The rows of one cell for one width and theme."""

    def __init__(self, cell: Cell, language: str, context: RenderContext) -> None:
        self._cell = cell
        self._language = language
        self._context = context
        self._options = BoxOptions()
        self._state: tuple[object, ...] | None = None
        self._source = cell.source
        """The source that the rows show. The editor of the cell may be ahead of it."""
        self._highlighted: Highlighted | None = None
        self._prose: Block | None = None
        self._area: OutputArea | None = None
        self._rows: Rows | None = None
        """The rows of the source; None if they are out of date."""
        self._prompt: list[Line] = []
        self.failing: int | None = None
        """Line of the source that failed, counted from 0; None if none failed or the source changed since."""
        self.version = 0
        """Increases with every change of a row. Strips of an older version are stale."""

    @property
    def cell(self) -> CellId:
        """Id of the cell."""
        return self._cell.id

    def sync(self, options: BoxOptions) -> None:
        """Brings the rows up to date with the cell and the options."""
        cell = self._cell
        state = (cell.revision, cell.outputs.revision, cell.kind, options, self._live_revision)
        if state == self._state:
            return
        old, self._state, self._options = self._options, state, options
        self.version += 1
        if source_hidden(cell) and not options.editing:
            lines = cell.source.count("\n") + 1
            hidden = f"{lines} lines are hidden" if lines > 1 else "a line is hidden"
            hidden += self._does("toggle-source", "shows them" if lines > 1 else "shows it")
            self._prose = Lines([(Span(hidden, self._context.styles.role("muted")),)])
        elif cell.kind == "markdown" and not options.editing:
            self._prose = render_markdown(cell.source, self._context, cell.raw.get("attachments"))
            if not self._prose.height or not cell.source.strip():
                text = f"empty Markdown cell{self._does('enter-edit-mode', 'edits it')}"
                self._prose = Lines([(Span(text, self._context.styles.role("muted")),)])
        else:
            self._prose = None
            self._source = cell.source
        self._rows = None
        if len(cell.outputs):
            limits = (options.output_lines, options.fitting_lines)
            if self._area is None or (old.output_lines, old.fitting_lines) != limits:
                self._area = OutputArea(cell.outputs, self._context, *limits)
            self._area.sync(options.whole, options.look)
        else:
            self._area = None
        self._state = (*state[:-1], self._live_revision)
        self.failing = None if self._area is None or options.edited else failing_line(cell)
        self._prompt = [] if options.prompt is None else _prompt_lines(options.prompt, self._context)

    def _does(self, command: str, what: str) -> str:
        """Returns what the user's key for a command does, to be added to a text. Empty if it has none."""
        key = self._context.keys.get(command)
        return f": {key} {what}" if key else ""

    @property
    def highlighted(self) -> Highlighted:
        """The source in colour, which the editor of the cell shares. Each of the two sets its own text before it paints."""
        if self._highlighted is None:
            language = {"code": self._language, "markdown": "markdown"}.get(self._cell.kind, "text")
            self._highlighted = Highlighted(self._source, language, self._context.styles)
        self._highlighted.update(self._source)
        return self._highlighted

    @property
    def _live_revision(self) -> int:
        return self._area.live_revision if self._area is not None else 0

    def shows(self, models: AbstractSet[str]) -> bool:
        """Returns whether the outputs show any of these widget models."""
        return self._area is not None and self._area.shows(models)

    @property
    def memory(self) -> int:
        """Approximate bytes of the rendered rows, without the notebook's own data."""
        return self._area.memory if self._area is not None else 0

    @property
    def area(self) -> OutputArea | None:
        """The rows of the outputs; None if the cell has no outputs."""
        return self._area

    @property
    def prose(self) -> Block | None:
        """The rendered prose of a Markdown cell; None for other cells and while it is edited."""
        return self._prose

    @property
    def note(self) -> str:
        """How the outputs are shown, as text for the header: a chosen type, the visible columns. Empty for the default."""
        if self._area is None:
            return self._options.hides
        look, columns, width = self._options.look, self._area.columns, self._context.width
        notes = [clean(look.mime)] if look.mime and any(look.mime in output.data for output in self._cell.outputs) else []
        if columns:
            start = min(look.start, columns - width)
            sides = (self._context.keys.get(f"scroll-output-{side}") for side in ("left", "right"))
            keys = f" ({shown})" if (shown := " ".join(filter(None, sides))) else ""
            notes.append(f"columns {start + 1}–{start + width} of {columns}{keys}")
        return " · ".join(notes)

    @property
    def source_rows(self) -> int:
        """Rows of the source, the prose or the editor."""
        if self._prose is not None:
            return self._prose.height
        return self._options.editor_rows or self.source.total

    @property
    def source(self) -> Rows:
        """The rows of the source: its lines, wrapped as the editor wraps them."""
        if self._rows is None:
            code = self._cell.kind == "code"
            columns = max(1, self._context.width - self.number_width() - 1) if self._options.soft_wrap else 0
            self._rows = Rows(self.highlighted.lines, MEASURE, width=columns, hangs=code)
        return self._rows

    def line_at(self, row: int) -> int | None:
        """Returns the line of the source that starts on a row of it. None for rows that continue a line, and for prose."""
        if self._prose is not None:
            return None
        rows = self._options.editor or self.source
        return rows.line_at(row) if row < rows.total else None

    def hang(self, row: int) -> int | None:
        """Returns the columns before the text of a row that continues a line of the source. None for other rows."""
        part, index = self.part(row)
        if part is not Part.SOURCE or self._options.editor_rows:
            return None
        piece = self.source.piece(index)
        return piece.indent + self.number_width() if piece.continues else None

    @property
    def output_rows(self) -> int:
        """Rows of the outputs."""
        return self._area.height if self._area is not None else 0

    @property
    def height(self) -> int:
        """Rows of the box, with the header."""
        return 1 + self.source_rows + self.output_rows + self.prompt_rows

    @property
    def prompt_rows(self) -> int:
        """Rows of the kernel's prompt. The answer is typed on the last one."""
        return len(self._prompt)

    @property
    def prompt_indent(self) -> int:
        """Columns before the answer on the last row of the prompt."""
        return line_width(self._prompt[-1]) if self._prompt else 0

    def part(self, row: int) -> tuple[Part, int]:
        """Returns the part of the cell that a row shows, and the index of the row within the part."""
        if row == 0:
            return Part.HEADER, 0
        row -= 1
        if row < self.source_rows:
            return (Part.SOURCE if self._prose is None else Part.PROSE), row
        row -= self.source_rows
        if row < self.output_rows:
            return Part.OUTPUT, row
        return Part.PROMPT, row - self.output_rows

    def row_of(self, part: Part, index: int = 0) -> int:
        """Returns the row of the box for row `index` of a part."""
        before = {Part.HEADER: 0, Part.OUTPUT: 1 + self.source_rows, Part.PROMPT: 1 + self.source_rows + self.output_rows}
        return before.get(part, 1) + index

    def number_width(self) -> int:
        """Returns the columns of line numbers with the space after them; 0 if they are off."""
        return len(str(self.highlighted.line_count)) + 2 if self._options.line_numbers and self._cell.kind == "code" else 0

    def line(self, row: int) -> Line:
        """Returns the content of a row. Empty for the header, which the view paints, and for rows under the editor."""
        part, index = self.part(row)
        if part is Part.SOURCE:
            if self._options.editor_rows:
                return ()
            return self._source_line(index)
        if part is Part.PROSE and self._prose is not None:
            return row_of(self._prose.line, index, self._context)
        if part is Part.OUTPUT and self._area is not None:
            return self._area.line(index)
        return self._prompt[index] if part is Part.PROMPT else ()

    def _source_line(self, row: int) -> Line:
        number, start, end, indent, continues = self.source.piece(row)
        muted = self._context.styles.role("muted")
        before = []
        if digits := self.number_width():
            before.append(Span(f"{'' if continues else number + 1:>{digits - 2}}  ", muted))
        if continues and indent:
            before.append(Span(f"{CONTINUED:>{indent - 1}} ", muted))
        whole = not start and end == len(self.highlighted.lines[number])
        return (*before, *(self.highlighted.line(number) if whole else self.highlighted.piece(number, start, end, indent)))


def _prompt_lines(text: str, context: RenderContext) -> list[Line]:
    """Returns the rows of the kernel's prompt, with an empty one for the answer if the last row is more than half full."""
    lines = TextLines(text[-_LONGEST_PROMPT:])
    block = TextBlock(lines, context.width, context.styles, context.styles.role("running"))
    rows = [block.line(row) for row in range(block.height)]
    return [*rows, ()] if line_width(rows[-1]) > context.width // 2 else rows

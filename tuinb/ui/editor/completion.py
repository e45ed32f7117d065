"""The completion list over the editor, which is narrowed as the user types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.editing.completion import narrowed
from tuinb.editing.selection import Edit, Selection
from tuinb.margin import MARGIN
from tuinb.render.safe import clean, width
from tuinb.ui.floating import BORDER, Floating, row_under, surface
from tuinb.ui.layer import Taken
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygments.token import _TokenType
    from textual import events

    from tuinb.editing.completion import Candidate, Offer
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.text_area import SourceEditor
    from tuinb.ui.view.notebook_view import NotebookView

_ROWS = 10
_MOST_SIGNATURE = 40
"""Maximum columns of a signature."""
_RECENT = 50
"""Accepted texts that are remembered: they come first."""
_KINDS = {
    "function": ("f", "Name.Function"),
    "class": ("c", "Name.Class"),
    "module": ("m", "Name.Namespace"),
    "keyword": ("k", "Keyword"),
    "instance": ("v", "Name.Variable"),
    "statement": ("v", "Name.Variable"),
    "param": ("=", "Name.Variable"),
    "property": ("p", "Name.Attribute"),
    "path": ("/", "Literal.String"),
    "magic": ("%", "Keyword"),
    "dict key": ("k", "Literal.String"),
}
"""Kind, as IPython names it → letter, and the token in whose colour it is shown."""


class CompletionList(Floating):
    """Up, Down and the wheel move in the list, Tab, Enter and a click accept a candidate, Escape closes it; other keys go to
    the editor.

    In a list that opened by itself, Enter and Escape are for the editor until one has moved in it. `chosen` is called when
    another candidate is marked, and when the list opens or closes.
    """

    DEFAULT_CSS = "CompletionList { position: absolute; layer: popup; }"
    ALLOW_SELECT = False

    def __init__(self, editor: CellEditor, view: NotebookView) -> None:
        super().__init__()
        self._cell_editor = editor
        self._view = view
        self.chosen: Callable[[], None] = lambda: None
        self._offer: Offer | None = None
        self._typed = ""
        self._found: list[Candidate] = []
        self._index = 0
        self._is_taken = False
        """Whether the user asked for the list or moved in it."""
        self._recent: dict[str, None] = {}
        self.display = False  # not by CSS, which holds once it is mounted: keys are offered to it before
        self.restyle(view.painter.role)

    @property
    def _editor(self) -> SourceEditor:
        return self._cell_editor.widget

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self.display

    @property
    def candidate(self) -> Candidate | None:
        """The marked candidate. None if the list is closed."""
        return self._found[self._index] if self.is_open else None

    accept_key = close_key = ""
    """Keys that accept the marked candidate and close the list, besides the usual ones."""

    @property
    def is_untouched(self) -> bool:
        """Whether another answer may replace the list: the first candidate is marked."""
        return not self.is_open or self._index == 0

    def offer(self, offer: Offer, *, asked: bool, inserts: bool = True) -> bool:
        """Shows the candidates of an offer for this place. Returns whether there is one.

        If the user `asked`, a single candidate is accepted, unless `inserts` is False or something was typed since. What
        several begin with is not inserted: who types on does not know whether that is there already.
        """
        editor = self._editor
        typed = offer.typed(editor.text, editor.cursor)
        found = [] if typed is None else narrowed(offer.candidates, typed, self._recent)
        if typed is None or not found:
            return False
        self._offer, self._typed, self._found, self._index = offer, typed, found, 0
        self._is_taken = asked or (self._is_taken and self.is_open)
        if asked and inserts and len(found) == 1 and editor.text == offer.text and not editor.read_only:
            self.accept()
            return True
        self._show()
        self.chosen()
        return True

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Takes the keys that move in the list, accept or close it, while it is open."""
        if not self.is_open:
            return Taken.BELOW
        steps = {"down": 1, "ctrl+n": 1, "up": -1, "shift+tab": -1, "ctrl+p": -1, "pagedown": _ROWS, "pageup": -_ROWS}
        if key in steps:
            self._move(steps[key])
        elif key in ("tab", self.accept_key) or (key == "enter" and self._is_taken):
            self.accept()
        elif key == self.close_key:
            self.close()
        elif key in ("escape", "ctrl+g"):
            self.close()
            return Taken.HERE if self._is_taken else Taken.BELOW
        else:
            return Taken.BELOW
        return Taken.HERE

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = row_under(event, self)
        index = self._first + row
        if 0 <= row < _ROWS and index < len(self._found):
            self._index = index
            self.accept()

    def on_mouse_scroll_down(self) -> None:
        self._mark(min(len(self._found) - 1, self._index + 1))

    def on_mouse_scroll_up(self) -> None:
        self._mark(max(0, self._index - 1))

    def _move(self, step: int) -> None:
        if abs(step) > 1:
            self._mark(max(0, min(len(self._found) - 1, self._index + step)))
        else:
            self._mark((self._index + step) % len(self._found))

    def _mark(self, index: int) -> None:
        self._index = index
        self._is_taken = True
        self.refresh()
        self.chosen()

    def typed(self) -> bool:
        """Narrows the list after a change of the text or the cursor. Closes it, and returns False, if nothing is left."""
        if not self.is_open or self._offer is None:
            return True
        typed = self._offer.typed(self._editor.text, self._editor.cursor)
        if typed is None or (typed == self._typed and typed == ""):
            self.close()
            return typed is not None
        if typed != self._typed:
            marked = self._found[self._index] if self._index else None
            self._typed, self._found = typed, narrowed(self._offer.candidates, typed, self._recent)
            self._index = self._found.index(marked) if marked in self._found else 0
        if not self._found or (len(self._found) == 1 and self._found[0].text == typed):
            self.close()
            return bool(self._found)
        self._show()
        self.chosen()
        return True

    def accept(self) -> None:
        """Replaces the completed text by the marked candidate, and closes the list."""
        editor, offer, text = self._editor, self._offer, self._found[self._index].text
        self.close()
        self._recent.pop(text, None)
        self._recent[text] = None
        if len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        if offer is not None and not editor.read_only:
            at = offer.start + len(text)
            end = min(editor.cursor + max(0, offer.end - offer.cursor), len(editor.text))
            editor.apply(Edit(offer.start, end, text, Selection(at, at)))

    def with_candidate(self) -> tuple[str, int] | None:
        """Returns the text as it would be with the marked candidate, and the offset of its end. None if the list is closed."""
        candidate, offer = self.candidate, self._offer
        if candidate is None or offer is None:
            return None
        text, cursor = self._editor.text, self._editor.cursor
        return text[: offer.start] + candidate.text + text[cursor:], offer.start + len(candidate.text)

    def close(self) -> None:
        """Hides the list."""
        if self.display:
            self.display = False
            self.chosen()

    # ---- painting

    @property
    def _first(self) -> int:
        """The index of the candidate in the first row."""
        rows = min(_ROWS, len(self._found))
        return max(0, min(self._index - rows // 2, len(self._found) - rows))

    def _show(self) -> None:
        assert self._offer is not None
        column = self._editor.offset_of(self._offer.start).x
        names = max(width(clean(each.text)) for each in self._found[:200])
        signatures = max(min(width(clean(each.signature)), _MOST_SIGNATURE) for each in self._found[:200])
        columns = max(names + 4 + (signatures + 1 if signatures else 0), width(self._offer.note) + 2)
        columns = min(columns + BORDER, self._view.size.width - 1)
        rows = min(_ROWS, len(self._found)) + bool(self._offer.note) + BORDER
        x = max(0, min(MARGIN + column - 4, self._view.size.width - columns))
        row = int(self._editor.styles.offset.y.value) + self._editor.offset_of(self._editor.cursor).y
        below = self._view.size.height - row - 1
        self.styles.offset = (x, row + 1 if below >= rows or below >= row else max(0, row - rows))
        self.styles.width, self.styles.height = columns, rows
        self.display = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        role = self._view.painter.role
        base = surface(role)
        muted = base + Style(color=role("muted").color)
        columns = self.size.width
        index = self._first + y
        if y >= _ROWS or index >= len(self._found):
            note = self._offer.note if self._offer is not None else ""
            return Strip([Segment(cut_with_mark(f" {note}", columns), muted)]).adjust_cell_length(columns, base)
        candidate = self._found[index]
        is_marked = index == self._index
        if is_marked:
            base += role("selected_background")
            muted = base
        letter, token = _KINDS.get(candidate.kind, (" ", ""))
        colour = self._view.painter.context.styles.token(_token(token)) if token else None
        text = cut_with_mark(clean(candidate.text), columns - 4)
        same = len(self._typed) if candidate.text.lower().startswith(self._typed.lower()) else 0
        segments = [
            Segment(f" {letter} ", base + Style(color=colour.color) if colour is not None and not is_marked else base),
            Segment(text[:same], base + _BOLD),
            Segment(text[same:], base),
        ]
        used = sum(width(segment.text) for segment in segments)
        if candidate.signature and columns - used > 8:
            segments.append(Segment(" " + cut_with_mark(clean(candidate.signature), columns - used - 2), muted))
        return Strip(segments).adjust_cell_length(columns, base)


_BOLD = Style(bold=True)


def _token(name: str) -> _TokenType:
    from pygments.token import string_to_tokentype

    return string_to_tokentype(name)

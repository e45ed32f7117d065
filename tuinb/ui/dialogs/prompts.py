"""Dialogs with an input line: a question, and the palette, which takes commands and ex commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from tuinb.errors import TuinbError
from tuinb.record import Record
from tuinb.render.safe import width
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.floating import BORDER, css, surface
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip

    from tuinb.files.listing import Listing


class LineInput(Input):
    """Textual's Input without a border, in the colours of the theme, with the keys of a shell's line.

    What was deleted last by Ctrl+K, Ctrl+U, Ctrl+W or as a word comes back by Ctrl+Y; else Ctrl+Y pastes.
    """

    BINDINGS: ClassVar = [
        # Terminals send Ctrl+J for an Enter that is pressed before they are in raw mode.
        Binding("ctrl+j", "submit", show=False),
        Binding("ctrl+b", "cursor_left", show=False),
        Binding("ctrl+f", "cursor_right", show=False),
        Binding("alt+b", "cursor_left_word", show=False),
        Binding("alt+f", "cursor_right_word", show=False),
        # Textual's own deletes the word after the cursor.
        Binding("alt+backspace,ctrl+backspace", "delete_left_word", show=False),
        Binding("alt+d,ctrl+delete", "delete_right_word", show=False),
        Binding("ctrl+t", "transpose", show=False),
        Binding("ctrl+y", "yank", show=False),
    ]
    DEFAULT_CSS = """
    LineInput, LineInput:focus, LineInput.-textual-compact {
        border: none; padding: 0 1; height: 1; width: 1fr; background-tint: transparent 0%;
    }
    """

    def __init__(self, value: str, role: Role, *, password: bool = False, select: bool = False) -> None:
        super().__init__(value, password=password, select_on_focus=select, compact=True)
        self.cursor_blink = False
        self._killed = self._copied = ""
        """What was deleted last, and what the clipboard had then."""
        self.restyle(role)

    def surface(self, role: Role) -> Style:
        """Returns the colours of the line."""
        return surface(role)

    def restyle(self, role: Role) -> None:
        """Applies the colours of a theme."""
        self._surface = self.surface(role)
        self.styles.background, self.styles.color = css(self._surface.bgcolor), css(self._surface.color)

    # ---- what is deleted comes back

    def action_delete_left_word(self) -> None:
        """Deletes the word before the cursor."""
        self._kill(super().action_delete_left_word)

    def action_delete_right_word(self) -> None:
        """Deletes the word after the cursor."""
        self._kill(super().action_delete_right_word)

    def action_delete_left_all(self) -> None:
        """Deletes all before the cursor."""
        self._kill(super().action_delete_left_all)

    def action_delete_right_all(self) -> None:
        """Deletes all after the cursor."""
        self._kill(super().action_delete_right_all)

    def action_yank(self) -> None:
        """Inserts what was deleted last, or what was copied since."""
        copied = self.app.clipboard
        text = self._killed if self._killed and copied == self._copied else copied.partition("\n")[0]
        self.replace(text, *sorted(self.selection))

    def action_transpose(self) -> None:
        """Exchanges the characters around the cursor, or at the end the last two."""
        at = min(self.cursor_position, len(self.value) - 1)
        if at > 0:
            self.replace(self.value[at] + self.value[at - 1], at - 1, at + 1)

    def _kill(self, delete: Callable[[], None]) -> None:
        before = self.value
        delete()
        removed = len(before) - len(self.value)
        if removed and not self.password:
            self._killed = before[self.cursor_position : self.cursor_position + removed]
            self._copied = self.app.clipboard

    def get_component_rich_style(self, *names: str, partial: bool = False, default: Style | None = None) -> Style:
        """Returns the reversed colours of the line for the cursor: Textual's cursor has the colours of Textual's theme."""
        if names == ("input--cursor",):
            return self._surface + Style(reverse=True)
        return super().get_component_rich_style(*names, partial=partial, default=default)


class Asker(Dialog[str], can_focus=False):
    """A question with an input line for the answer."""

    DEFAULT_CSS = "Asker { layout: vertical; }"
    badge = "QUESTION"
    hints = ("Enter accepts  Esc cancels",)
    least_hint = "Esc cancels"

    def __init__(self, role: Role, question: str, initial: str) -> None:
        super().__init__(role)
        self._question = question
        self._initial = initial
        self.styles.height = 2 + BORDER

    def compose(self) -> ComposeResult:
        yield Rows(1, lambda y: self.row(self._question, Style(bold=True)))
        yield LineInput(self._initial, self.role)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.finish(event.value)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            event.stop()
            self.finish(None)


class Rows(Widget):
    """Rows that a function paints."""

    DEFAULT_CSS = "Rows { width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, height: int, paint: Callable[[int], Strip]) -> None:
        super().__init__()
        self.styles.height = height
        self._paint = paint

    def render_line(self, y: int) -> Strip:
        return self._paint(y)


class ListRows(Rows):
    """Rows of a list. `chosen` is called with the row that is clicked, `moved` with 1 or -1 when the wheel is turned."""

    def __init__(
        self, height: int, paint: Callable[[int], Strip], chosen: Callable[[int], None], moved: Callable[[int], None]
    ) -> None:
        super().__init__(height, paint)
        self._chosen = chosen
        self._moved = moved

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self._chosen(event.y)

    def on_mouse_scroll_down(self) -> None:
        self._moved(1)

    def on_mouse_scroll_up(self) -> None:
        self._moved(-1)


class Entry(Record):
    """A command in the palette: its name, its one-line doc, its keys, and its names in menus of other programs."""

    name: str
    doc: str
    keys: str
    also: tuple[str, ...] = ()


def matches(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Returns the entries that fit a text, the best first: by the whole name, its start, the initials of its words, a part of
    it or the start of words of another name, words of the name and the doc. If none fits so, by letters of the name in this
    order. Entries that fit alike keep their order.
    """
    text = text.lower().strip()
    found = [(best, entry) for entry in entries if (best := _rank_of(entry, text)) is not None]
    found.sort(key=lambda each: each[0])
    return [entry for best, entry in found if best < _LETTERS or found[0][0] == _LETTERS]


def _rank_of(entry: Entry, text: str) -> int | None:
    """Returns how well an entry fits a text by whichever of its names, or None."""
    best = rank(entry.name.lower(), entry.doc.lower(), text)
    others = (_rank_of_menu(name, text) for name in entry.also)
    return min((each for each in (best, *others) if each is not None), default=None)


def _rank_of_menu(name: str, text: str) -> int | None:
    """Returns how well the words of a text fit a name of a menu: as `rank` does."""
    if name == text:
        return 0
    starts = [f" {word}" for word in text.replace("…", " ").replace("-", " ").split()]
    return _PART if starts and all(start in f" {name}" for start in starts) else None


_PART = 4
"""The rank of an entry with the text in its name, or all words of it in another name."""
_LETTERS = 6
"""The rank of an entry that has all letters in their order."""


def rank(name: str, doc: str, text: str) -> int | None:
    """Returns how well a name of words with hyphens, and what is said of it, fit a text; 0 is best, None not at all.

    All are in lower case.
    """
    joined = text.replace(" ", "-")
    if name.startswith(joined):
        return 0 if name == joined else 1
    if len(joined) <= name.count("-") + 1:
        initials = "".join(word[:1] for word in name.split("-"))
        if initials.startswith(joined):
            return 2 if initials == joined else 3
    if joined in name:
        return _PART
    words = text.split()
    if all(word in name or word in doc for word in words):
        return 5
    letters = iter(name)
    return _LETTERS if all(letter in letters for letter in joined.replace("-", "")) else None


_FILE_LINE = re.compile(r"\s*:?\s*(?:e|edit|tabe|tabedit|w|write|wq)!?\s+", re.IGNORECASE)
"""The start of a line that names a file."""
_NO_COMMAND = "No command matches: Enter runs the line as an ex command (:w, :12)."
_NO_FILE = "No notebook begins so: Enter takes the name as it is."


class Palette(Dialog[str], can_focus=False):
    """The command palette. Its result is the name of a command, or the line if that is an ex command.

    While a line names a file (`:e sub/x`), the list has the notebooks of its folder in `place`, which Tab writes into the line.
    """

    DEFAULT_CSS = "Palette { layout: vertical; }"
    ROWS = 9
    badge = "PALETTE"
    title = "Commands"
    hints = ("Up Down move  Enter runs  Esc cancels", "Enter runs  Esc cancels")
    least_hint = "Esc cancels"

    def __init__(self, role: Role, entries: Sequence[Entry], initial: str, place: Listing | None = None) -> None:
        super().__init__(role)
        self._place = place
        self._folders: dict[str, Sequence[str]] = {}
        """The names in folders that were read, by the folder as it was typed."""
        self._is_reading = False
        """Whether the folder that the line names was not read yet."""
        self._names_file = False
        """Whether the list has files, each as the line that names it."""
        self._moved = False
        """Whether another option was marked than the first."""
        self._completes = False
        """Whether the line is to be completed once its folder was read."""
        self._line = initial
        """The line whose matches are listed."""
        self._entries = entries
        self._initial = initial
        self._found = matches(entries, initial)
        self._index = 0
        self._list = ListRows(self.ROWS, self._option, self._choose, self._move)
        self._fit()

    def compose(self) -> ComposeResult:
        yield self._list
        yield LineInput(self._initial, self.role)

    def _fit(self) -> None:
        """Makes the list as high as what it shows, so that it covers no more of the notebook."""
        rows = max(1, min(self.ROWS, len(self._found)))
        self._list.styles.height = rows
        self.styles.height = rows + 1 + BORDER

    @property
    def _first(self) -> int:
        """The index of the entry in the first row."""
        return max(0, self._index - self.ROWS + 1)

    def _option(self, y: int) -> Strip:
        first = self._first
        if first + y >= len(self._found):
            return self.row("" if self._found or y else _NO_FILE if self._names_file else _NO_COMMAND)
        entry, chosen = self._found[first + y], first + y == self._index
        room = max(1, self.size.width - 4 - width(entry.keys))
        text = cut_with_mark(f"{'▸' if chosen else ' '} {entry.name:<24} {entry.doc}", room)
        return self.row(f"{text:<{room}} {entry.keys}", self.chosen if chosen else None)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._line:
            self._list_matches(event.value)

    def _list_matches(self, line: str) -> None:
        """Lists the commands that fit a line, or the files if it names one."""
        self._line = line
        start = _FILE_LINE.match(line) if self._place is not None else None
        self._names_file = start is not None
        self._found = matches(self._entries, line.removeprefix(":")) if start is None else self._files(start[0], line)
        self._index, self._moved = 0, False
        self._fit()
        self._list.refresh()

    def _files(self, start: str, line: str) -> list[Entry]:
        """Returns the lines that name the files whose names begin as the last word of a line does."""
        folder, slash, begin = line[len(start) :].rpartition("/")
        folder += slash
        self._is_reading = folder not in self._folders
        if self._is_reading:
            self.run_worker(self._look_inside(folder), group="files", exclusive=True)
        names = [name for name in self._folders.get(folder, ()) if name.lower().startswith(begin.lower())]
        return [Entry(f"{start}{folder}{name}", "", "") for name in names if begin.startswith(".") or not name.startswith(".")]

    async def _look_inside(self, folder: str) -> None:
        assert self._place is not None
        try:
            self._folders[folder] = (await self._place.inside(folder)).names
        except TuinbError:
            self._folders[folder] = ()  # the command says what is wrong with the path
        self._list_matches(self.query_one(LineInput).value)
        if self._completes:
            self._complete()

    def _complete(self) -> None:
        """Writes the marked file into the line, or the first one once the folder was read."""
        line = self.query_one(LineInput)
        self._completes = not self._found and self._is_reading
        if self._found:
            line.value = self._found[self._index].name
            line.cursor_position = len(line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        line = event.value.strip()
        if self._names_file:
            self.finish(self._found[self._index].name if self._moved and self._found else line)
            return
        names = {entry.name for entry in self._entries}
        is_ex = line.startswith(":") or (line.split(" ", 1)[0] not in names and not self._found) or _looks_ex(line, names)
        self.finish(line if is_ex or not self._found else self._found[self._index].name)

    def on_key(self, event: events.Key) -> None:
        line = self.query_one(LineInput).value
        if line != self._line:  # the message about the last letter is still on its way
            self._list_matches(line)
        if event.key in ("escape", "ctrl+c"):
            self.finish(None)
        elif event.key == "tab" and self._names_file:
            self._complete()
        elif event.key in ("down", "tab", "ctrl+n"):
            self._move(1)
        elif event.key in ("up", "shift+tab", "ctrl+p"):
            self._move(-1)
        else:
            return
        event.stop()

    def _move(self, step: int) -> None:
        self._index = max(0, min(len(self._found) - 1, self._index + step))
        self._moved = self._moved or step > 0
        self._list.refresh()

    def _choose(self, row: int) -> None:
        """Runs the command of a row, opens its file, or lists what is in its folder."""
        index = self._first + row
        if index >= len(self._found):
            return
        if self._names_file and self._found[index].name.endswith("/"):
            self._index = index
            self._complete()
        else:
            self.finish(self._found[index].name)


def _looks_ex(line: str, names: Collection[str]) -> bool:
    """Returns whether a line is an ex command, which takes precedence over the first match of the list.

    A name of vim's is one unless it begins the name of a command, which may be searched for.
    """
    from tuinb.commands.ex_line import ALIASES, EX, names_cells

    if names_cells(line):
        return True
    word = line.split(" ", 1)[0].removesuffix("!")
    if word in ALIASES:
        return not any(name.startswith(word) for name in names)
    return word in EX or word.isdigit() or word == "$"

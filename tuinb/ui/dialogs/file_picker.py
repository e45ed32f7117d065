"""The file picker: recent notebooks and those of a place, narrowed by what is typed; and folders, by a typed path.

Text is matched with the names of all notebooks of the place. Text that begins as a path does (`/`, `~`, `..`) is one: then the
list is the folder that it names. The place is read beside the screen: the recent notebooks are there at once.

Keys rename, delete, download and upload (file_questions.py). Each asks on the same line, and works beside the screen.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from rich.style import Style

from tuinb.config import home_relative
from tuinb.errors import TuinbError, UsageError, is_remote, shown
from tuinb.files.names import is_notebook_name
from tuinb.jobs import shared
from tuinb.record import Record
from tuinb.render.safe import clean
from tuinb.ui.dialogs import file_questions
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.dialogs.prompts import LineInput, ListRows, Rows, rank
from tuinb.ui.floating import BORDER
from tuinb.ui.strips import cut_front, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip
    from textual.widgets import Input

    from tuinb.files.listing import Listing
    from tuinb.ui.dialogs.file_questions import Question

_PATH = re.compile(r"[/~]|\.\.?(?:/|$)")
"""How text begins that is a path."""
_BETWEEN_WORDS = re.compile(r"[\s_./-]+")
_OF_QUESTION: Final = "Enter accepts  Esc goes back"
_CORNERS: Final = 4
"""Columns of a border beside its text, but for its corners."""
_MOST_SAID: Final = 5
"""Rows of a question, and of what came of the last one."""
_YES: Final = {"y", "yes"}
_KEYS: Final = ("R rename", "X delete", "F folder")
_KEYS_OF_SERVER: Final = ("S download", "L upload")
"""What the keys do, all of them with Ctrl."""
_ANYWHERE = 7
"""The rank of a name whose letters are anywhere in the path, after all other ranks."""


class Item(Record):
    """A notebook or a folder in the list."""

    name: str
    """As it is listed. The name of a folder ends in `/`."""
    path: Path | None = None
    """The notebook, if its name is not relative to the place."""
    note: str = ""
    words: str = ""
    """The words of the name in lower case, with hyphens between them."""
    base: str = ""
    """The same of the last part of the name."""

    @classmethod
    def of(cls, name: str, path: Path | None = None, note: str = "") -> Item:
        """Returns an item that text can be matched with."""
        lower = name.lower()
        return cls(name, path, note, _BETWEEN_WORDS.sub("-", lower), _BETWEEN_WORDS.sub("-", lower.rpartition("/")[2]))


def matching(items: Sequence[Item], text: str) -> list[Item]:
    """Returns the items that fit a text, the best first. Items that fit alike keep their order."""
    joined = _BETWEEN_WORDS.sub("-", text.strip().lower()).strip("-")
    words = joined.replace("-", " ")
    has_letters = re.compile(".*?".join(map(re.escape, joined.replace("-", "")))).search
    found: list[list[Item]] = [[] for _ in range(_ANYWHERE + 1)]
    for item in items:
        if has_letters(item.words) is not None:
            best = rank(item.base, item.words, words)
            found[_ANYWHERE if best is None else best].append(item)
    return [item for alike in found for item in alike]


class FilePicker(Dialog["Path"], can_focus=False):
    """A list of notebooks over a line. Its result is the path of the chosen one."""

    DEFAULT_CSS = "FilePicker { layout: vertical; }"
    ROWS = 12
    badge = "OPEN"
    hints: tuple[str, ...] = (
        "Up Down move  Tab completes  Enter opens  Esc cancels",
        "Enter opens  Esc cancels",
    )
    least_hint = "Esc cancels"
    title = "Open"

    def __init__(self, role: Role, place: Listing, recent: Sequence[Path], shown: Path, here: Path) -> None:
        super().__init__(role)
        self._place = place
        self.here = here
        """The folder of this machine that downloads go to."""
        self._question: Question | None = None
        """What is asked on the line, instead of a notebook."""
        self._is_busy = False
        """Whether an answer is being carried out."""
        self._said: tuple[str, Style | None] = ("", None)
        """What came of the last answer, and its style."""
        self._messages: list[tuple[str, Style | None]] = []
        """The rows between the list and the line: that, and the question."""
        self._shown = shown
        """The notebook that is on the screen: it is not listed."""
        self._recent = [Item.of(_name(path, place.root), path, "recent") for path in recent if path != shown]
        self._all = list(self._recent)
        """The items that text is matched with."""
        self._text = ""
        self._folder: str | None = None
        """The folder whose items are listed, as it was typed. None if `_all` is."""
        self._inside: dict[str, list[Item]] = {}
        """Folders that were read, as they were typed."""
        self._found: list[Item] = list(self._all)
        self._index = 0
        self._note = "Looking for notebooks…"
        """What is shown if no item is."""
        self._list = ListRows(self.ROWS, self._option, self._choose_row, self._move)
        self._below = Rows(0, self._message)
        self._fit()

    def compose(self) -> ComposeResult:
        yield self._list
        yield self._below
        yield LineInput("", self.role)

    def on_mount(self) -> None:
        self.border_title = f"{self.title}: {self._place.title}"
        self._name_keys()
        self.run_worker(self._look(), group="place")

    def on_resize(self) -> None:
        super().on_resize()
        self._fit()
        self._name_keys()

    def _name_keys(self) -> None:
        """Names the keys in the border: a picker that is alone on the screen has no status line."""
        keys = _KEYS + (_KEYS_OF_SERVER if is_remote(self._place.root) else ())
        long, short = "  ".join(f"Ctrl+{key}" for key in keys), f"Ctrl+ {'  '.join(keys)}"
        fitting = long if len(long) + _CORNERS <= self.size.width else short
        self.border_subtitle = fitting if self._question is None else _OF_QUESTION
        self.hints = FilePicker.hints if self._question is None else (_OF_QUESTION,)
        self.hints_changed()

    # ---- the place

    async def _look(self) -> None:
        """Adds the notebooks of the place to the recent ones."""
        found: list[Item] = []
        try:
            names = await self._place.below()
        except TuinbError as error:
            self._note = str(error)
        else:
            known = {self._shown, *(item.path for item in self._recent)}
            more = "" if names.complete else " The folder has too many files: only some are listed."
            self._note = f"No notebook fits. Enter opens a new one with this name.{more}"
            found = await shared().run(_items, names.names, self._place, known)
        self._all = [*self._recent, *found]
        self._narrow(keep=True)

    async def _look_inside(self, folder: str) -> None:
        try:
            names = await self._place.inside(folder)
        except TuinbError as error:
            self._inside[folder], self._note = [], str(error)
        else:
            above = [] if folder.endswith("../") else [Item.of("../")]
            self._inside[folder] = above + [Item.of(name) for name in names.names]
        self._narrow(keep=True)

    # ---- the list

    def _narrow(self, *, keep: bool = False) -> None:
        """Lists what fits the text. Marks the first item, or, with `keep`, the one that is marked, or its place."""
        marked = self._found[self._index].name if self._found else ""
        self._folder = None
        items, text = self._all, self._text
        if _PATH.match(text):
            folder, slash, text = self._text.rpartition("/")
            folder, text = (f"{folder}{slash}", text) if slash else (f"{self._text}/", "")
            self._folder = folder
            if folder not in self._inside:
                self.run_worker(self._look_inside(folder), group="inside", exclusive=True)
            items = self._inside.get(folder, [])
            if not text.startswith("."):
                items = [item for item in items if not item.name.startswith(".") or item.name == "../"]
        self._found = matching(items, text) if text else list(items)
        same = next((at for at, item in enumerate(self._found) if item.name == marked), self._index)
        self._index = max(0, min(same, len(self._found) - 1)) if keep else 0
        self._fit()
        self._list.refresh()

    def _fit(self) -> None:
        columns, asked = max(10, self.size.width - 2), self._question.text if self._question is not None else ""
        texts = (self._said, (asked, Style(bold=True)))
        self._messages = [(row, style) for text, style in texts if text for row in wrap(text, columns, _MOST_SAID)]
        rows, below = max(1, min(self.ROWS, len(self._found))), len(self._messages)
        self._list.styles.height, self._below.styles.height = rows, below
        self.styles.height = rows + below + 1 + BORDER
        self._below.refresh()

    @property
    def _first(self) -> int:
        """The index of the item in the first row."""
        return max(0, self._index - self.ROWS + 1)

    def _option(self, y: int) -> Strip:
        at = self._first + y
        if at >= len(self._found):
            return self.row("" if self._found or y else self._note)
        item, chosen = self._found[at], at == self._index
        room = max(1, self.size.width - 4 - len(item.note))
        text = f"{'▸' if chosen else ' '} {cut_front(clean(item.name), room - 2)}"
        return self.row(f"{text:<{room}} {item.note}", self.chosen if chosen else None)

    # ---- keys

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        text = event.input.value  # the event may tell of an older one, of a question that has ended
        if self._question is None and text != self._text:
            self._text = text
            self._say("")
            self._narrow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._question is not None:
            self._answer(event.value.strip())
        elif not self._found:
            self._open_typed(event.value.strip())
        else:
            self._choose(self._found[self._index])

    def _choose(self, item: Item) -> None:
        """Opens a notebook, or lists a folder."""
        if item.name.endswith("/"):
            self._write((self._folder or "") + item.name)
        else:
            self.finish(item.path or self._place.path((self._folder or "") + item.name))

    def _choose_row(self, row: int) -> None:
        """Chooses what was clicked, unless a question waits for its answer."""
        at = self._first + row
        if self._question is None and at < len(self._found):
            self._choose(self._found[at])

    def _move(self, step: int) -> None:
        """Marks another item, unless a question about the marked one waits for its answer."""
        if self._question is None:
            self._index = max(0, min(len(self._found) - 1, self._index + step))
            self._list.refresh()

    def _open_typed(self, text: str) -> None:
        """Opens the notebook with a typed name, which may be a new one."""
        if not text:
            return
        try:
            path = self._place.path(text)
        except TuinbError as error:
            self._note = str(error)
            self._list.refresh()
        else:
            self.finish(path if is_notebook_name(path) or is_remote(path) else path.with_name(f"{path.name}.ipynb"))

    def _write(self, text: str) -> None:
        line = self.query_one(LineInput)
        line.value, line.cursor_position = text, len(text)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            if self._question is None or self._is_busy:  # what is being done goes on
                self.finish(None)
            else:
                self._end_question("")
        elif self._question is not None:
            return
        elif event.key in _ASKING:
            self._ask(event.key)
        elif event.key in ("down", "ctrl+n"):
            self._move(1)
        elif event.key in ("up", "ctrl+p"):
            self._move(-1)
        elif event.key == "tab":
            if self._found:
                self._write((self._folder or "") + self._found[self._index].name)
        else:
            return
        event.stop()
        self._list.refresh()

    # ---- what is asked of files

    def _ask(self, key: str) -> None:
        """Asks for what a key needs to be known."""
        try:
            question = _ASKING[key](self)
        except TuinbError as error:
            self._say(str(error), failed=True)
            return
        self._question = question
        self._say("")
        self._name_keys()
        self._write(question.initial)
        self.query_one(LineInput).cursor_position = question.end_of_name

    def subject(self) -> Path:
        """Returns what the marked row names, or the line if it fits none. Raises UsageError if that is nothing."""
        if self._found and (item := self._found[self._index]).name != "../":
            return item.path or self._place.path((self._folder or "") + item.name)
        if self._found or not self._text.strip():
            raise UsageError("no file or folder is marked", hint="move to one, or write its name")
        return self._place.path(self._text.strip())

    def folder(self) -> Path:
        """Returns the folder that is listed."""
        return self._place.path(self._folder or ".")

    def _answer(self, answer: str) -> None:
        question = self._question
        if self._is_busy or question is None:
            return
        if not answer or (question.wants_yes and answer.lower() not in _YES):
            self._end_question("Nothing was changed.")
            return
        self._is_busy = True
        self._say(question.doing)
        self.run_worker(self._carry_out(question, answer), group="answer")

    async def _carry_out(self, question: Question, answer: str) -> None:
        """Does what was asked, and reads the folder again. An error is shown, and the question stays with its line."""
        try:
            # In a thread of the event loop: the picker may run before there are jobs.
            done = await asyncio.to_thread(question.act, answer)
        except TuinbError as error:
            done, failure = "", str(error)
        else:
            failure = ""
            self._recent = [item for item in self._recent if item.path != question.gone]
        await self._look_again()
        self._is_busy = False
        if failure:
            self._say(failure, failed=True)
        else:
            self._end_question(done)

    async def _look_again(self) -> None:
        """Reads the place, and the folder that is listed, once more."""
        self._inside = {folder: items for folder, items in self._inside.items() if folder == self._folder}
        if self._folder is not None:
            await self._look_inside(self._folder)
        await self._look()

    def _end_question(self, said: str) -> None:
        self._question = None
        self._name_keys()
        self._write(self._text)
        self._say(said)

    def _say(self, text: str, *, failed: bool = False) -> None:
        self._said = (text, Style(color=self.role("error").color) if failed else None)
        self._fit()

    def _message(self, y: int) -> Strip:
        return self.row(*self._messages[y]) if y < len(self._messages) else self.row("")


_ASKING: Final[Mapping[str, Callable[[FilePicker], Question]]] = {
    "ctrl+r": lambda picker: file_questions.renaming(picker.subject()),
    "ctrl+x": lambda picker: file_questions.deleting(picker.subject()),
    "ctrl+f": lambda picker: file_questions.making_folder(picker.folder()),
    "ctrl+s": lambda picker: file_questions.downloading(picker.subject(), picker.here),
    "ctrl+l": lambda picker: file_questions.uploading(picker.folder(), picker.here),
}
"""Keys → the questions that they ask."""


def _items(names: Sequence[str], place: Listing, known: Collection[Path | None]) -> list[Item]:
    """Returns the items of a place that are not `known`."""
    return [Item.of(name) for name in names if place.path(name) not in known]


def _name(path: Path, root: Path) -> str:
    """Returns a notebook's name: relative to the place if it is below that."""
    if path.is_relative_to(root):
        return shown(str(path.relative_to(root)))
    return shown(path) if is_remote(path) else shown(home_relative(path))

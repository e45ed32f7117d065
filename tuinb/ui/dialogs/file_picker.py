"""The file picker: recent notebooks and those of a place, narrowed by what is typed; and folders, by a typed path.

Text is matched with the names of all notebooks of the place. Text that begins as a path does (`/`, `~`, `..`) is one: then the
list is the folder that it names. The place is read beside the screen: the recent notebooks are there at once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.config import home_relative
from tuinb.errors import TuinbError, is_remote, shown
from tuinb.files.names import is_notebook_name
from tuinb.jobs import shared
from tuinb.record import Record
from tuinb.render.safe import clean
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.dialogs.prompts import LineInput, Rows, rank
from tuinb.ui.floating import BORDER
from tuinb.ui.strips import cut_front

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip
    from textual.widgets import Input

    from tuinb.files.listing import Listing

_PATH = re.compile(r"[/~]|\.\.?(?:/|$)")
"""How text begins that is a path."""
_BETWEEN_WORDS = re.compile(r"[\s_./-]+")
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


class FilePicker(Dialog["Path"]):
    """A list of notebooks over a line. Its result is the path of the chosen one."""

    DEFAULT_CSS = "FilePicker { layout: vertical; }"
    ROWS = 12
    badge = "OPEN"
    hints = ("Up Down move  Tab completes  Enter opens  Esc cancels", "Enter opens  Esc cancels", "Esc cancels")
    title = "Open"

    def __init__(self, role: Role, place: Listing, recent: Sequence[Path], shown: Path) -> None:
        super().__init__(role)
        self._place = place
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
        self._list = Rows(self.ROWS, self._option)
        self._fit()

    def compose(self) -> ComposeResult:
        yield self._list
        yield LineInput("", self.role)

    def on_mount(self) -> None:
        self.border_title = f"{self.title}: {self._place.title}"
        self.run_worker(self._look(), group="place")

    # ---- the place

    async def _look(self) -> None:
        """Adds the notebooks of the place to the recent ones."""
        try:
            names = await self._place.below()
        except TuinbError as error:
            self._note = str(error)
        else:
            known = {self._shown, *(item.path for item in self._recent)}
            more = "" if names.complete else " The folder has too many files: only some are listed."
            self._note = f"No notebook fits. Enter opens a new one with this name.{more}"
            self._all += await shared().run(_items, names.names, self._place, known)
        self._narrow()

    async def _look_inside(self, folder: str) -> None:
        try:
            names = await self._place.inside(folder)
        except TuinbError as error:
            self._inside[folder], self._note = [], str(error)
        else:
            above = [] if folder.endswith("../") else [Item.of("../")]
            self._inside[folder] = above + [Item.of(name) for name in names.names]
        self._narrow()

    # ---- the list

    def _narrow(self) -> None:
        """Lists what fits the text."""
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
        self._index = 0
        self._fit()
        self._list.refresh()

    def _fit(self) -> None:
        rows = max(1, min(self.ROWS, len(self._found)))
        self._list.styles.height = rows
        self.styles.height = rows + 1 + BORDER

    def _option(self, y: int) -> Strip:
        at = max(0, self._index - self.ROWS + 1) + y
        if at >= len(self._found):
            return self.row("" if self._found or y else self._note)
        item, chosen = self._found[at], at == self._index
        room = max(1, self.size.width - 4 - len(item.note))
        text = f"{'▸' if chosen else ' '} {cut_front(clean(item.name), room - 2)}"
        return self.row(f"{text:<{room}} {item.note}", self.chosen if chosen else None)

    # ---- keys

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._text = event.value
        self._narrow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._found:
            self._open_typed(event.value.strip())
        elif (item := self._found[self._index]).name.endswith("/"):
            self._write((self._folder or "") + item.name)
        else:
            self.finish(item.path or self._place.path((self._folder or "") + item.name))

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
            self.finish(None)
        elif event.key in ("down", "ctrl+n"):
            self._index = max(0, min(len(self._found) - 1, self._index + 1))
        elif event.key in ("up", "ctrl+p"):
            self._index = max(0, self._index - 1)
        elif event.key == "tab":
            if self._found:
                self._write((self._folder or "") + self._found[self._index].name)
        else:
            return
        event.stop()
        self._list.refresh()


def _items(names: Sequence[str], place: Listing, known: Collection[Path | None]) -> list[Item]:
    """Returns the items of a place that are not `known`."""
    return [Item.of(name) for name in names if place.path(name) not in known]


def _name(path: Path, root: Path) -> str:
    """Returns a notebook's name: relative to the place if it is below that."""
    if path.is_relative_to(root):
        return shown(str(path.relative_to(root)))
    return shown(path) if is_remote(path) else shown(home_relative(path))

"""What a command is given, and what it may ask of the screen that runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tuinb.notebook.changes import CellId, ClientId
    from tuinb.notebook.outputs import Output
    from tuinb.session.port import SessionPort
    from tuinb.workspace.view_state import ViewState


T = TypeVar("T")


class Link(NamedTuple):
    """A link in what is shown of a cell."""

    text: str
    url: str


class Editor(Protocol):
    """The open editor of the active cell, where there is one."""

    @property
    def cursor(self) -> int:
        """The cursor's offset in the source, in code points."""
        ...

    @property
    def selected(self) -> str:
        """The text that is selected, or an empty string."""
        ...

    def perform(self, action: str) -> None:
        """One of the editor's own actions: indent, dedent, comment, move_line_up, move_line_down, undo, redo, cut, copy,
        paste, complete, inspect."""
        ...


class Host(Protocol):
    """The screen, as far as commands know it."""

    @property
    def editor(self) -> Editor | None: ...

    def notify(self, text: str, severity: str = "information") -> None: ...

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No") -> bool: ...

    async def choose(
        self, question: str, options: Sequence[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> int | None:
        """The index of the option chosen, or None. `at` is the one marked first; `moved` is called with each that is marked
        after it, and what it returns is shown below."""
        ...

    async def ask(self, question: str, initial: str = "") -> str | None: ...

    def copy(self, text: str) -> None:
        """Puts text on the system's clipboard as far as the terminal allows."""
        ...

    def page(self, title: str, text: str) -> None:
        """Shows text to scroll through."""
        ...

    async def suspend_for(self, work: Callable[[], T]) -> T:
        """Gives the terminal to `work`, which runs in a thread, and takes it back. Raises what `work` raises."""
        ...

    # outputs

    @property
    def output_at_hand(self) -> int | None:
        """The place among the active cell's outputs of the one that is being looked at on its own, if one is."""
        ...

    def types_of(self, output: Output, preferred: str = "") -> Sequence[str]:
        """The MIME types as which an output can be shown, the one that is shown first; none for streams and errors."""
        ...

    async def text_of(self, output: Output, mime: str = "") -> str:
        """The whole text of an output, without colours; of a bundle, that of the type `mime`. Empty where it has none."""
        ...

    def pages_of(self, output: Output, mime: str = "") -> Iterator[str]:
        """The same in chunks for a pager: in colour, with no other control sequence. To be read in a thread."""
        ...

    def links_of(self, cell: CellId) -> Sequence[Link]:
        """The links in what is shown of a cell."""
        ...

    def folds(self, cell: CellId) -> bool:
        """Whether the outputs of a cell are so long that they are folded, or would be."""
        ...

    def columns_of(self, cell: CellId) -> tuple[int, int]:
        """The columns shown of a cell's outputs, and those of its widest; 0 where all fit."""
        ...

    def look_at(self, cell: CellId) -> None:
        """Opens the cell's outputs on the whole screen."""
        ...

    async def open_file(self, name: str, data: bytes, *, page: bool) -> str:
        """Shows data as a private file, in the browser where it is a page, else in the system's viewer.

        Returns why it could not, or an empty string.
        """
        ...

    async def open_link(self, url: str) -> str:
        """Opens a page, or a file below the notebook's folder; returns why it could not, or an empty string."""
        ...

    def find(self) -> None:
        """Opens the line that finds text in the notebook."""
        ...

    def find_again(self, direction: int) -> None:
        """Goes to the next match (1), or to the one before (-1)."""
        ...

    def edit_at(self, cell: CellId, line: int) -> None:
        """Edits a cell with the cursor on a line, counted from 0."""
        ...

    def help(self) -> None: ...

    def palette(self, initial: str = "") -> None:
        """Opens the line for commands: by name, or as ex commands (`:w`)."""
        ...

    def scroll(self, *, rows: int = 0, pages: float = 0) -> None:
        """Moves the view, not the active cell."""
        ...

    def visible_page(self, direction: int) -> None:
        """Pages the view by a screen and makes a cell in it active."""
        ...

    def centre(self) -> None:
        """Puts the active cell (or the cursor) into the middle of the view."""
        ...

    def redraw(self) -> None:
        """Sends the whole screen again, for a terminal that lost part of it."""
        ...

    def suspend(self) -> None: ...

    @property
    def theme(self) -> str:
        """The name of the theme on the screen."""
        ...

    def set_theme(self, name: str) -> None:
        """Raises ConfigError, and leaves the screen as it is."""
        ...

    def themes(self) -> Sequence[str]: ...

    def run_later(self, work: Awaitable[None]) -> None:
        """Runs a coroutine beside the screen; a TuinbError that it raises is shown."""
        ...

    def exit(self) -> None:
        """Leaves at once, without asking."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    session: SessionPort
    view: ViewState
    host: Host
    client: ClientId
    cells: CellClipboard = field(default_factory=CellClipboard)

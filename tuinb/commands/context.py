"""What a command is given, and what it may ask of the screen that runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from tuinb.notebook.changes import CellData, ClientId
    from tuinb.notebook.view_state import ViewState
    from tuinb.session_port import SessionPort


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

    async def choose(self, question: str, options: Sequence[str]) -> int | None:
        """The index of the option chosen, or None."""
        ...

    async def ask(self, question: str, initial: str = "") -> str | None: ...

    def copy(self, text: str) -> None:
        """Puts text on the system's clipboard as far as the terminal allows."""
        ...

    def page(self, title: str, text: str) -> None:
        """Shows text to scroll through."""
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

    def set_theme(self, name: str) -> None: ...

    def themes(self) -> Sequence[str]: ...

    def run_later(self, work: Awaitable[None]) -> None:
        """Runs a coroutine beside the screen; a TuinbError that it raises is shown."""
        ...

    def exit(self) -> None:
        """Leaves at once, without asking."""
        ...


@dataclass(slots=True)
class CellClipboard:
    """The cells last cut or copied; one for all open notebooks."""

    cells: tuple[CellData, ...] = ()
    """As they were then, with the ids that they had."""


@dataclass(frozen=True, slots=True)
class Context:
    session: SessionPort
    view: ViewState
    host: Host
    client: ClientId
    cells: CellClipboard = field(default_factory=CellClipboard)

"""The Protocols through which commands use the screen. The object that does the work implements each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuinb.editing.selection import Motion, Operator, State
    from tuinb.files.listing import Listing
    from tuinb.foreground import Spawn
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.conflicts import Side
    from tuinb.notebook.outputs import Output

T = TypeVar("T")


class Scope(StrEnum):
    """What is left of the notebooks that a terminal has open."""

    TAB = "tab"
    """The one that is shown."""
    TABS = "tabs"
    """All, one after the other, each as if it were the only one."""
    SAVED = "saved"
    """All, one after the other, each once its changes are saved."""
    DISCARDED = "discarded"
    """All, one after the other, each without its unsaved changes."""
    TERMINAL = "terminal"
    """The terminal. The sessions of the others go on."""


class Tab(NamedTuple):
    """One of the notebooks that a terminal has open."""

    name: str
    modified: bool = False
    busy: bool = False
    waits: bool = False
    """Whether its kernel waits for input."""


class Link(NamedTuple):
    """A link in the prose or the outputs of a cell."""

    text: str
    url: str


class Entry(NamedTuple):
    """A heading in the list of contents."""

    title: str
    level: int
    note: str = ""
    """What is known of the cells below it: how many failed, that one runs."""
    folded: bool = False


class ConflictRow(NamedTuple):
    """One row of a conflict: a line of each side. None where a side has no line."""

    ours: str | None
    theirs: str | None
    differs: bool


class ConflictPage(NamedTuple):
    """One conflict of a merge, side by side."""

    title: str
    rows: Sequence[ConflictRow]
    sides: Sequence[Side]
    """What can be made of it. The first is the default."""


class Dialogs(Protocol):
    """Messages, questions and pages."""

    def notify(self, text: str, severity: str = "information", *, hint: str = "") -> None:
        """Shows a message until the next key. severity: `information`, `warning` or `error`.

        `hint` follows the text: what the user can do. `{undo}` in it stands for the key of a command (keymap.key_texts).
        """
        ...

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No", refused: str = "") -> bool:
        """Asks a question with two answers, `no` marked first. Returns False if the user leaves the dialog.

        Shows `refused` as a message if the answer is no.
        """
        ...

    async def choose(
        self, question: str, options: Sequence[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> int | None:
        """Returns the index of the chosen option, or None if the user leaves the dialog.

        `at` is the option marked first. `moved` is called with each option marked later; its result is shown below the list.
        """
        ...

    async def ask(self, question: str, initial: str = "") -> str | None:
        """Returns the line that the user writes, or None if the user leaves the dialog."""
        ...

    async def pick_file(self, place: Listing, recent: Sequence[Path], shown: Path, here: Path) -> Path | None:
        """Returns the notebook that the user chooses of a place, or None. `recent` are listed first, `shown` is not.

        `here` is the folder of this machine that files are downloaded to.
        """
        ...

    async def contents(
        self, entries: Sequence[Entry], at: int, moved: Callable[[int], None], fold: Callable[[int, bool], bool]
    ) -> int | None:
        """Shows the headings beside the notebook. Returns the index of the chosen one, or None if the user leaves.

        `at` is the heading marked first, `moved` is called with each one marked later. `fold` folds or unfolds one, and
        returns whether it is folded then.
        """
        ...

    def page(self, title: str, text: str) -> None:
        """Shows text in a page that can be scrolled."""
        ...

    async def read(self, title: str, text: str) -> None:
        """Shows text in a page, and returns when the user has closed it."""
        ...

    async def resolve(self, names: tuple[str, str], pages: Sequence[ConflictPage]) -> Sequence[Side] | None:
        """Shows conflicts side by side. Returns what the user makes of each, or None if the user leaves the dialog.

        `names` are the heads of the two columns.
        """
        ...

    def help(self, topic: str = "") -> None:
        """Shows all keys and commands, or what one key or command does."""
        ...

    def describe_key(self) -> None:
        """Asks for a key, and tells what it does in each mode."""
        ...

    def palette(self, initial: str = "") -> None:
        """Opens the palette: a line for commands by name and for ex commands (`:w`)."""
        ...


class Viewport(Protocol):
    """Which part of the notebook is in view."""

    def scroll(self, *, rows: int = 0, pages: float = 0) -> None:
        """Scrolls the view. The active cell stays active."""
        ...

    def visible_page(self, direction: int) -> None:
        """Scrolls by a page, down (1) or up (-1), and activates a cell in view."""
        ...

    def centre(self) -> None:
        """Scrolls the active cell, or the cursor in it, to the middle of the view."""
        ...

    def put_at_edge(self, direction: int) -> None:
        """Scrolls the active cell, or the cursor in it, to the top (-1) or the bottom (1) of the view."""
        ...

    def show_end(self, covered: int) -> None:
        """Scrolls to the end of the active cell, above the last rows of the view, which a dialog covers. 0 ends that."""
        ...

    def show_contents(self) -> None:
        """Opens the panel of the headings beside the notebook, or gives it the keys."""
        ...

    def go_to_prompt(self) -> None:
        """Scrolls to the open prompt of the kernel and gives it the keys."""
        ...

    def find(self, *, backward: bool = False, replaces: bool = False) -> None:
        """Opens the search line, to search `backward` or with the line that `replaces` matches."""
        ...

    def find_again(self, direction: int) -> None:
        """Goes to the next match (1) or to the previous one (-1)."""
        ...


class OutputViews(Protocol):
    """Outputs as the screen shows them."""

    @property
    def selected(self) -> int | None:
        """Index, in the active cell, of the output under the viewer's cursor. None if the viewer is closed."""
        ...

    def types_of(self, output: Output, preferred: str = "") -> Sequence[str]:
        """Returns the MIME types that can be shown, the one on the screen first. Streams and errors have none."""
        ...

    async def text_of(self, output: Output, mime: str = "") -> str:
        """Returns the whole text of an output without colours; of a MIME bundle, the text of type `mime`."""
        ...

    def pages_of(self, output: Output, mime: str = "") -> Iterator[str]:
        """Returns the same text in chunks for a pager, in colour, without other control sequences.

        Call it on the event loop. The result can be read in any thread.
        """
        ...

    def links_of(self, cell: CellId) -> Sequence[Link]:
        """Returns the links in a cell, or those on the viewer's row if that row has any."""
        ...

    def folds(self, cell: CellId) -> bool:
        """Returns whether the outputs of a cell are long enough to be collapsed."""
        ...

    def columns_of(self, cell: CellId) -> tuple[int, int]:
        """Returns the visible columns of a cell's outputs and the columns of the widest output; 0 if all fit."""
        ...

    def open_viewer(self, cell: CellId) -> None:
        """Opens the viewer, which shows the outputs of a cell on the full screen."""
        ...


class Inspection(Protocol):
    """What the kernel knows, on the screen."""

    def show_panel(self) -> None:
        """Opens the panel, or gives it the keys. It shows the calls if the kernel is stopped, else the variables."""
        ...

    def show_calls(self) -> None:
        """Shows the calls of `session.debugger` in the panel."""
        ...

    async def open_table(self, sources: tuple[str, ...]) -> None:
        """Opens the first of these names, or outputs (`Out[5]`), that is a table. Raises InspectionError if none is."""
        ...


class Editor(Protocol):
    """The editor of the active cell."""

    @property
    def is_open(self) -> bool:
        """Whether a cell is being edited. All other members need an open editor."""
        ...

    @property
    def cursor(self) -> int:
        """Offset of the cursor in the source, in code points."""
        ...

    @property
    def selected(self) -> str:
        """The selected text, or an empty string."""
        ...

    @property
    def selection(self) -> tuple[int, int]:
        """Where the selected text begins and ends. Both are the cursor if nothing is selected."""
        ...

    @property
    def has_several(self) -> bool:
        """Whether there are several cursors or selections."""
        ...

    def perform(self, action: str) -> None:
        """Performs an action that needs the screen, the kernel or the kill ring: cut, copy, paste, complete, inspect, yank,
        yank-earlier, copy-region, cancel.
        """
        ...

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        """Moves the cursor, or the end of the selection if `extend`."""
        ...

    def change(self, operator: Operator) -> None:
        """Changes the text, unless it is read-only."""
        ...

    def update(self, change: Callable[[State], None]) -> None:
        """Changes what is selected, or the mark, by a function of `editing`."""
        ...

    def kill(self, operator: Operator, *, before: bool = False) -> None:
        """Changes the text, and puts what was deleted into the kill ring. `before`: it was before the cursor."""
        ...

    def begin_inserting(self) -> None:
        """Begins insert mode, now or when the editor is opened, if the keys have one."""
        ...

    def begin_with(self, key: str) -> bool:
        """Types a key, now or when the editor is opened, if the keys have modes. Returns False if they have none."""
        ...

    def end_recording(self) -> bool:
        """Ends the recording of keys in a register. Returns False if there is none."""
        ...

    def edit_at(self, cell: CellId, line: int) -> None:
        """Opens a cell with the cursor on a line, counted from 0."""
        ...

    def edit_from(self, cell: CellId, offset: int) -> None:
        """Opens a cell with the cursor at an offset in code points."""
        ...


class Keys(Protocol):
    """The keys that are typed: counts before a command, and keyboard macros."""

    @property
    def given(self) -> int | None:
        """The count that was typed before the command that runs. None without one."""
        ...

    def count(self, text: str) -> None:
        """Begins the count of the next command, or goes on with it: a digit, `-`, or empty, which multiplies by four."""
        ...

    def start_macro(self) -> None:
        """Records the keys from now on."""
        ...

    def end_macro(self) -> None:
        """Ends recording."""
        ...

    def run_macro(self) -> None:
        """Types the keys that were recorded last."""
        ...

    def end_or_run_macro(self) -> None:
        """Ends recording, or types the keys that were recorded last if none are being recorded."""
        ...

    def cancel(self) -> None:
        """Ends a count, and a macro that is recorded or played."""
        ...


class Tabs(Protocol):
    """The notebooks that the terminal has open, of which this screen shows one."""

    @property
    def entries(self) -> Sequence[Tab]:
        """The tabs in their order. Of the one that is shown, only the name is up to date."""
        ...

    @property
    def at(self) -> int:
        """The index of the one that is shown."""
        ...

    def go(self, index: int) -> None:
        """Shows another tab instead, soon. Where that fails, a message says why."""
        ...

    def open(self, path: Path, *, instead: bool = False) -> None:
        """Shows another notebook in a tab, soon: in the one that it has, or in a new one.

        `instead` ends this session without a question.
        """
        ...

    def save_others(self) -> None:
        """Saves the notebooks of the other tabs that have unsaved changes, soon, and says so."""
        ...


class System(Protocol):
    """The terminal, other programs, and the app itself."""

    @property
    def clipboard(self) -> str:
        """The text that was last cut or copied in tuinb."""
        ...

    def copy(self, text: str) -> None:
        """Copies text to the system's clipboard, as far as the terminal allows it."""
        ...

    async def suspend_for(self, work: Callable[[], T]) -> T:
        """Gives the terminal to `work`, which runs in a thread, and takes it back. Raises what `work` raises."""
        ...

    @property
    def spawn(self) -> Spawn:
        """Starts a program on the terminal, while `suspend_for` has it."""
        ...

    async def open_file(self, name: str, data: bytes, *, page: bool) -> str:
        """Writes data to a private file and opens it: a page in the browser, other files in the system's viewer.

        Returns the reason if that fails, else an empty string.
        """
        ...

    async def edit_text(self, name: str, text: str, line: int = 1) -> str | None:
        """Opens text in the user's editor, on a private file with the given name, at a line counted from 1.

        Returns what was saved, or None if that is the same. Raises TuinbError if the editor fails.
        """
        ...

    async def open_link(self, url: str, folder: Path) -> str:
        """Opens a web page, or a file below `folder`. Returns the reason if that fails, else an empty string."""
        ...

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the terminal, for the programs that run on it."""
        ...

    @property
    def folder(self) -> Path | None:
        """The folder that paths on the terminal are relative to. None for that of this process."""
        ...

    def redraw(self) -> None:
        """Sends the whole screen again, for a terminal that lost part of it."""
        ...

    def skip_step(self) -> bool:
        """Passes over a step of the tour. Returns False if there is none."""
        ...

    def suspend(self) -> None:
        """Stops the program as Ctrl+Z does in a shell."""
        ...

    @property
    def theme(self) -> str:
        """Name of the current theme."""
        ...

    def set_theme(self, name: str) -> None:
        """Changes the theme. Raises ConfigError and keeps the current one if it can't be loaded."""
        ...

    def themes(self) -> Sequence[str]:
        """Returns the names of all themes."""
        ...

    def run_later(self, work: Awaitable[None]) -> None:
        """Runs a coroutine in the background, then brings the screen up to date. A TuinbError is shown as a message."""
        ...

    def run_aside(self, work: Awaitable[None]) -> None:
        """Runs a coroutine like `run_later`, but it shows by itself what it changes: it may run once for each key."""
        ...

    @property
    def can_detach(self) -> bool:
        """Whether the session goes on without this terminal."""
        ...

    @property
    def other_screens(self) -> int:
        """The number of other terminals that show the session."""
        ...

    @property
    def tabs(self) -> Tabs | None:
        """The notebooks that the terminal has open. None if it has no room for others: the session ends with it."""
        ...

    def detach(self, scope: Scope = Scope.TAB) -> None:
        """Ends the app. The session goes on. `scope` is what else is left."""
        ...

    def detach_others(self) -> None:
        """Ends the apps on other terminals. The session goes on."""
        ...

    def exit(self, scope: Scope = Scope.TAB) -> None:
        """Ends the session, and with it the app, without a question. `scope` is what else is left."""
        ...

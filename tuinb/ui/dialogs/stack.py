"""The stack of open dialogs. The dialog opened last is on top and has the keys.

A dialog waits until the open one ends. Only the viewer of outputs, which fills the screen, may have a dialog over it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from textual.containers import Container

from tuinb.ui.layer import Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual import events
    from textual.app import App
    from textual.widget import Widget

    from tuinb.commands.host import ConflictPage, Entry
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.files.listing import Listing
    from tuinb.notebook.conflicts import Side
    from tuinb.ui.dialogs.base import Dialog, Role
    from tuinb.ui.status import MessageLine
    from tuinb.ui.tasks import BackgroundTasks

T = TypeVar("T")

_RECENT = 5
"""Commands that the palette lists before all others, as they were run from it last."""


class DialogStack:
    """Implements commands.host.Dialogs for one app.

    `in_keys` puts the user's keys into a text. `opening` is called before a dialog opens, `opened` when it has the keys,
    `closed` after its end. `execute` runs a line that the user entered in the palette, and `place` has the files that such a
    line may name.
    """

    def __init__(
        self,
        app: App[None],
        role: Role,
        message: MessageLine,
        tasks: BackgroundTasks,
        keymap: Callable[[], Keymap],
        in_keys: Callable[[str], str],
        *,
        execute: Callable[[str], None],
        place: Callable[[], Listing],
        opening: Callable[[], None],
        opened: Callable[[], None],
        closed: Callable[[], None],
    ) -> None:
        self._app = app
        self._role = role
        self._message = message
        self._tasks = tasks
        self._keymap = keymap
        self._in_keys = in_keys
        self._execute = execute
        self._place = place
        self._opening = opening
        self._opened = opened
        self._closed = closed
        self._recent: list[str] = []
        """Commands that were run from the palette, the last one first."""
        self._layers: list[Dialog[Any]] = []
        self._top_has_keys = False
        self._home: Widget | None = None
        """What gets the focus when no dialog is open any more."""
        self._one_at_a_time = asyncio.Lock()

    # ---- the stack

    @property
    def top(self) -> Dialog[Any] | None:
        """The dialog that has the keys, or None if none is open."""
        return self._layers[-1] if self._layers else None

    @property
    def is_open(self) -> bool:
        """Whether a dialog is open."""
        return bool(self._layers)

    @property
    def is_changing(self) -> bool:
        """Whether the top dialog does not have the keys yet, or has ended and is not removed yet."""
        return self.top is not None and (not self._top_has_keys or self.top.result.done())

    def keeps_focus(self, widget: Widget) -> bool:
        """Whether the open dialog keeps the focus, which `widget` asks for: that gets it afterwards.

        A panel, the editor and the kernel's prompt open and close when they can, also while a dialog is open. Without the
        focus that dialog would get no keys, and nothing else either.
        """
        if not self._layers or any(layer in widget.ancestors_with_self for layer in self._layers):
            return False
        self._home = widget
        return True

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Leaves every key to the open dialog, which has the focus."""
        if self.top is None:
            return Taken.BELOW
        if self.top.fills_screen:
            self._message.hide()
        return Taken.FOCUSED

    async def open(self, dialog: Dialog[T]) -> T | None:
        """Shows a dialog and returns its result. Waits until the open dialog ends."""
        async with self._one_at_a_time:
            return await self.open_over(dialog)

    async def open_over(self, dialog: Dialog[T]) -> T | None:
        """Shows a dialog over the open ones without waiting, and returns its result."""
        screen = self._app.screen
        focused = screen.focused
        if not self._layers:
            self._home = focused
        self._layers.append(dialog)
        self._top_has_keys = False
        self._opening()
        dialog.hints_changed = self._opened
        if dialog.is_framed:
            dialog.resized = self._message.lift
        try:
            await screen.query_one("#stage", Container).mount(dialog)
            lines = dialog.query("LineInput")
            screen.set_focus(lines.first() if lines else dialog, scroll_visible=False)
            self._top_has_keys = True
            self._opened()
            return await dialog.result
        finally:
            self._layers.remove(dialog)
            self._top_has_keys = True
            if not self._layers:
                focused = self._home
            if focused is not None and focused.is_attached:
                screen.set_focus(focused, scroll_visible=False)
            await dialog.remove()
            self._message.lift(0)
            self._closed()

    # ---- commands.host.Dialogs

    def notify(self, text: str, severity: str = "information", *, hint: str = "") -> None:
        """Shows a message until the next key. `hint` follows it, with the user's keys."""
        self._message.show_message(f"{text} {self._in_keys(hint)}" if hint else text, severity)

    @property
    def shows_message(self) -> bool:
        """Whether a message is shown."""
        return self._message.display

    async def choose(
        self, question: str, options: Sequence[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> int | None:
        """Returns the index of the chosen option, or None if the user leaves the dialog."""
        from tuinb.ui.dialogs.base import Chooser

        return await self.open(Chooser(self._role, question, list(options), at=at, moved=moved))

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No", refused: str = "") -> bool:
        """Asks a question with two answers. `no` is marked first. Returns False if the user leaves the dialog.

        Shows `refused` as a message if the answer is no.
        """
        agreed = await self.choose(question, [yes, no], at=1) == 0
        if refused and not agreed:
            self.notify(refused)
        return agreed

    async def ask(self, question: str, initial: str = "") -> str | None:
        """Returns the line that the user writes, or None if the user leaves the dialog."""
        from tuinb.ui.dialogs.prompts import Asker

        return await self.open(Asker(self._role, question, initial))

    def page(self, title: str, text: str) -> None:
        """Shows text in a page that can be scrolled."""
        self._tasks.run(self.read(title, text))

    async def read(self, title: str, text: str) -> None:
        """Shows text in a page, and returns when the user has closed it."""
        from tuinb.ui.dialogs.pager import Pager

        await self.open(Pager(self._role, title, text))

    async def contents(
        self, entries: Sequence[Entry], at: int, moved: Callable[[int], None], fold: Callable[[int, bool], bool]
    ) -> int | None:
        """Shows the headings beside the notebook. Returns the index of the chosen one, or None if the user leaves."""
        from tuinb.ui.dialogs.contents import Contents

        return await self.open(Contents(self._role, entries, at, moved, fold))

    async def pick_file(self, place: Listing, recent: Sequence[Path], shown: Path, here: Path) -> Path | None:
        """Returns the notebook that the user chooses of a place, or None. `recent` are listed first, `shown` is not.

        `here` is the folder of this machine that files are downloaded to.
        """
        from tuinb.ui.dialogs.file_picker import FilePicker

        return await self.open(FilePicker(self._role, place, recent, shown, here))

    async def panel(
        self,
        title: str,
        text: str,
        *,
        more: str,
        cover: Callable[[int], None],
        give_back: Callable[[events.Key], None] | None = None,
    ) -> bool:
        """Shows text in a panel below the notebook, of half the screen at most. Returns whether the user asks for more.

        `more` says what that is; empty if there is no more. `cover` is called with the rows that the panel takes, then with 0.
        `give_back` gets a key that is meant for the text that is typed, which closes the panel.
        """
        from tuinb.ui.dialogs.pager import Panel

        wants_more = await self.open(Panel(self._role, title, text, more, cover, give_back))
        return wants_more is True

    async def resolve(self, names: tuple[str, str], pages: Sequence[ConflictPage]) -> Sequence[Side] | None:
        """Shows conflicts side by side. Returns what the user makes of each, or None if the user leaves the dialog."""
        from tuinb.ui.dialogs.conflicts import Conflicts

        return await self.open(Conflicts(self._role, names, pages))

    def help(self, topic: str = "") -> None:
        """Shows all keys and commands, or what one key or command does."""
        if topic:
            self._help_on(topic)
            return
        from tuinb.ui.dialogs.help import help_text

        self.page("Help", help_text(self._keymap()))

    def _help_on(self, topic: str) -> None:
        from tuinb.commands.keymap.topics import help_on

        found = help_on(self._keymap(), topic)
        if not found:
            self.notify(f"No help on '{topic}'.", "warning", hint="{show-help} shows all keys.")
        elif len(found) == 1:
            self.notify(f"{found[0]}.")
        else:
            self.page(f"Help on {topic}", "\n".join(map(str, found)))

    def describe_key(self) -> None:
        """Asks for a key, and tells what it does in each mode."""
        self._tasks.run(self._describe_key())

    async def _describe_key(self) -> None:
        from tuinb.ui.dialogs.describe_key import DescribeKey

        text = await self.open(DescribeKey(self._role, self._keymap()))
        if text:
            self.notify(text)

    def palette(self, initial: str = "") -> None:
        """Opens the palette."""
        self._tasks.run(self._run_palette(initial))

    async def _run_palette(self, initial: str) -> None:
        from tuinb.ui.dialogs.help import entries
        from tuinb.ui.dialogs.prompts import Palette

        found = entries(self._keymap())
        places = {name: place for place, name in enumerate(self._recent)}
        found.sort(key=lambda entry: places.get(entry.name, len(places)))
        line = await self.open(Palette(self._role, found, initial, self._place()))
        if line:
            self._recent = [line, *(name for name in self._recent if name != line)][:_RECENT]
            self._execute(line)

"""The context of a command that comes without a screen, as `tuinb do` sends it.

It has a view state of its own: it begins where the user of the last terminal is, and moves nobody. What a command says is kept
for the one who sent it. What needs a screen, or an answer, is refused with NeedsScreenError.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NoReturn

from tuinb.commands.context import Context
from tuinb.commands.host import Scope
from tuinb.errors import SessionError
from tuinb.notebook.changes import ClientId

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from tuinb.commands.host import ConflictPage, Entry
    from tuinb.daemon.host import Host
    from tuinb.files.listing import Listing
    from tuinb.notebook.conflicts import Side

CLIENT = ClientId("do")


class NeedsScreenError(SessionError):
    """A command can't be carried out without a screen."""


def refuse(what: str = "it needs a terminal") -> NoReturn:
    """Raises NeedsScreenError."""
    raise NeedsScreenError(what, hint="`tuinb do --screen` runs it on an attached terminal")


class Said:
    """Implements Dialogs: keeps what is said, answers a yes-or-no question if it may, and no other."""

    def __init__(self, *, yes: bool) -> None:
        self._yes = yes
        self.lines: list[tuple[str, str]] = []
        """What was said, each with its severity."""

    def notify(self, text: str, severity: str = "information", *, hint: str = "") -> None:
        """Keeps a message, without its hint about keys."""
        self.lines.append((text, severity))

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No", refused: str = "") -> bool:
        """Returns True with `--yes`, and refuses without it."""
        if not self._yes:
            raise NeedsScreenError(f"it asks: {question}", hint=f"--yes answers {yes!r}")
        return True

    async def choose(
        self, question: str, options: Sequence[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> int | None:
        """Refuses."""
        refuse(f"it asks: {question} ({' / '.join(options)})")

    async def ask(self, question: str, initial: str = "") -> str | None:
        """Refuses."""
        refuse(f"it asks: {question}")

    async def resolve(self, names: tuple[str, str], pages: Sequence[ConflictPage]) -> Sequence[Side] | None:
        """Refuses."""
        refuse(f"there are conflicts with what is on the disk, the first in {pages[0].title}")

    async def pick_file(self, place: Listing, recent: Sequence[Path], shown: Path, here: Path) -> Path | None:
        """Refuses."""
        refuse()

    async def contents(
        self, entries: Sequence[Entry], at: int, moved: Callable[[int], None], fold: Callable[[int, bool], bool]
    ) -> int | None:
        """Refuses."""
        refuse()

    def page(self, title: str, text: str) -> None:
        """Keeps the text."""
        self.notify(text)

    async def read(self, title: str, text: str) -> None:
        """Keeps the text."""
        self.notify(text)

    def help(self, topic: str = "") -> None:
        """Refuses."""
        refuse()

    def describe_key(self) -> None:
        """Refuses."""
        refuse()

    def palette(self, initial: str = "") -> None:
        """Refuses."""
        refuse()


class Absent:
    """Stands for the view, outputs on the screen, the editor and typed keys, of which there is none: every method refuses."""

    is_open = False
    selected = None
    given = None

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        return lambda *_, **__: refuse()


class NoTerminal(Absent):
    """Stands for System: collects work in the background, has the session's terminals, and refuses to run other programs."""

    can_detach = True
    folder = None

    def __init__(self, host: Host) -> None:
        self._host = host
        self._work: list[Awaitable[None]] = []

    @property
    def clipboard(self) -> str:
        """The text that was last cut or copied in the session."""
        return self._host.cells.text

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the session."""
        return os.environ

    def copy(self, text: str) -> None:
        """Keeps the text. No terminal has a clipboard for it."""
        self._host.cells.text = text

    def run_later(self, work: Awaitable[None]) -> None:
        """Keeps work for `settle`."""
        self._work.append(work)

    async def settle(self) -> None:
        """Does the work that a command left. Raises TuinbError."""
        while self._work:
            await self._work.pop(0)

    @property
    def other_screens(self) -> int:
        """The number of attached terminals."""
        return self._host.terminals

    @property
    def tabs(self) -> NoReturn:
        """Refuses: the one who sent the command has no terminal that has tabs."""
        refuse("tabs are those of a terminal")

    def detach(self, scope: Scope = Scope.TAB) -> None:
        """Refuses: the one who sent the command has no terminal to leave."""
        raise NeedsScreenError("there is no terminal to detach", hint="`tuinb sessions detach NAME` detaches all")

    def detach_others(self) -> None:
        """Detaches all terminals."""
        self._host.detach_all()

    def exit(self, scope: Scope = Scope.TAB) -> None:
        """Ends the session, whose unsaved changes were decided about."""
        self._host.terminate(discard=True)


def context(host: Host, *, yes: bool) -> tuple[Context, Said, NoTerminal]:
    """Returns a context, and what keeps the words and the work of a command. With `yes` questions are answered so."""
    said, system = Said(yes=yes), NoTerminal(host)
    absent: Any = Absent()
    terminal: Any = system
    parts = (said, absent, absent, absent, absent, terminal, absent, host.cells, host.formatters, host.language_servers)
    return Context(host.session, host.view(), CLIENT, *parts), said, system

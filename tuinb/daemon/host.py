"""The server, as the handlers of requests see it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tuinb.daemon.frames import Message

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.config import LanguageServerSettings
    from tuinb.daemon.batch_run import BatchRun
    from tuinb.session.session import Session
    from tuinb.workspace.view_state import ViewState
    from tuinb.workspace.workspace import CellClipboard


class Host(Protocol):
    """The server, for handlers."""

    session: Session
    since: float
    """When the session began, in seconds since 1970."""

    batch: BatchRun | None
    """The run for which the session was begun, if any."""

    @property
    def address(self) -> Path:
        """The socket on which the session listens."""
        ...

    async def listed(self) -> None:
        """Waits until others find the session by the notebook's name of now."""
        ...

    @property
    def terminals(self) -> int:
        """The number of attached terminals."""
        ...

    def detach_all(self) -> int:
        """Detaches all terminals. Returns how many there were."""
        ...

    @property
    def cells(self) -> CellClipboard:
        """The cell clipboard that the terminals share."""
        ...

    @property
    def formatters(self) -> Mapping[str, Sequence[str]]:
        """Language → program that formats it, from the settings."""
        ...

    @property
    def language_servers(self) -> Mapping[str, Sequence[LanguageServerSettings]] | None:
        """Language → its language servers, from the settings. None takes those that are installed."""
        ...

    def view(self) -> ViewState:
        """Returns a copy of the view state of the terminal that attached last, or of the last one that was attached."""
        ...

    def run_on_screen(self, line: str) -> bool:
        """Runs a line of the command line on the terminal that attached last. Returns False if none shows the notebook."""
        ...

    def terminate(self, *, discard: bool = False) -> None:
        """Ends the session without a question. Unsaved changes stay in the journal, unless `discard`."""
        ...


Handler: TypeAlias = Callable[[Host, Message], Awaitable[Message]]
Stream: TypeAlias = Callable[[Host, Message], AsyncGenerator[Message, None]]

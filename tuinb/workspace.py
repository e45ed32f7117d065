"""The notebooks that are open in this process, by the real path of their file, so that one file is never open twice.

Not in it: what is on the screen, and cells cut or copied, which belong to whoever edits (commands.context.CellClipboard).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuinb.session import Session


class Workspace:
    """Sessions in the order in which they were opened."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions))

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, session: Session) -> None:
        """Takes in a session that was just opened."""
        self._sessions.append(session)

    def find(self, path: Path) -> Session | None:
        """The session on that file, by whatever name or link; paths are compared now, since a save may have moved one."""
        real = path.resolve()
        return next((session for session in self._sessions if session.path.resolve() == real), None)

    @property
    def modified(self) -> tuple[Session, ...]:
        """Those with unsaved work."""
        return tuple(session for session in self._sessions if session.modified)

    async def close(self, session: Session) -> None:
        """Closes one, without saving."""
        self._sessions.remove(session)
        await session.close()

    async def close_all(self) -> None:
        """Ends every kernel, all at once."""
        sessions, self._sessions = self._sessions, []
        await asyncio.gather(*(session.close() for session in sessions))

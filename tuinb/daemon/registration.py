"""Keeps the entry of a session in the registry up to date, without the event loop waiting for the disk."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tuinb.daemon import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.daemon.places import Place


class Registration:
    """The entry of this process's session. `log` gets what went wrong: a session goes on without an entry.

    `adopted` is the entry of the session whose kernel this one takes over. It goes once this one's names that kernel, so that
    the kernel is always listed.
    """

    def __init__(self, since: float, log: Callable[[list[str]], None], adopted: registry.Entry | None = None) -> None:
        self._adopted = adopted
        self._id = os.urandom(8).hex()
        self._since = since
        self._log = log
        self._wanted: registry.Entry | None = None
        self._written: registry.Entry | None = None
        self._writing: asyncio.Task[None] | None = None

    def update(self, notebook: Path, place: Place, kernel: tuple[int | None, str], source: Path | None) -> None:
        """Writes the entry, soon, if it has changed. `kernel`: its process and its folder. `source`: see Entry."""
        self._wanted = registry.Entry.of(self._id, notebook, place, self._since, kernel, source)
        if self._writing is None and self._wanted != self._written:
            self._writing = asyncio.create_task(self._write())

    async def settle(self) -> None:
        """Waits until the entry is written that is wanted now."""
        if self._writing is not None:
            await asyncio.shield(self._writing)

    async def _write(self) -> None:
        try:
            while self._wanted is not None and self._wanted != self._written:
                entry = self._written = self._wanted
                await asyncio.to_thread(registry.write, entry)
                if self._adopted is not None and entry.kernel_pid == self._adopted.kernel_pid:
                    await asyncio.to_thread(registry.remove, self._adopted)
                    self._adopted = None
        except OSError as error:
            self._log([f"the session can't be listed: {error}\n"])
        finally:
            self._writing = None

    async def end(self) -> None:
        """Removes the entry."""
        await self.settle()
        if self._written is not None:
            try:
                await asyncio.to_thread(registry.remove, self._written)
            except OSError as error:
                self._log([f"the session is still listed: {error}\n"])

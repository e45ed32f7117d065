"""A session with the fake server, for tests."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import wait_for
from tuinb.config import LanguageServerSettings
from tuinb.files.notebook_file import NotebookFile
from tuinb.notebook.changes import CellData, CellId, ClientId, SetMetadata, SpliceSource, Transaction
from tuinb.notebook.document import Notebook
from tuinb.session.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

FAKE = Path(__file__).with_name("fake_server.py")
ME = ClientId("me")


def command(*arguments: str) -> list[str]:
    """Returns what starts the fake server. It needs the standard library alone, and no site-packages."""
    return [sys.executable, "-ISs", str(FAKE), *arguments]


def settings(*arguments: str, format: bool = False) -> Mapping[str, list[LanguageServerSettings]]:  # noqa: A002
    """Returns settings that name the fake server for Python."""
    return {"python": [LanguageServerSettings(command(*arguments), {}, format=format)]}


class Served:
    """A session whose notebook is read by the fake server."""

    def __init__(self, sources: tuple[str, ...], path: Path | None = None) -> None:
        cells = [CellData(CellId(f"c{number}"), "code", source) for number, source in enumerate(sources)]
        self.notebook = Notebook(cells)
        store = NotebookFile(path) if path is not None else None
        self.session = Session(self.notebook, kernels=None, store=store)
        self.said: list[str] = []
        self.session.listen(lambda event: self.said.append(text) if (text := getattr(event, "text", "")) else None)
        self.servers = self.session.languages

    def sources(self) -> list[str]:
        return [cell.source for cell in self.notebook]

    def splice(self, cell: str, at: int, removed: str, inserted: str) -> None:
        self.session.apply(Transaction((SpliceSource(CellId(cell), at, removed, inserted),), ME))

    def set_language(self, name: str) -> None:
        change = SetMetadata(None, "kernelspec", {"name": name, "language": name})
        self.session.apply(Transaction((change,), ME))

    async def until_ready(self) -> None:
        await wait_for(lambda: self.servers.offers("renameProvider") or bool(self.said))

    async def texts(self) -> list[str]:
        """Returns the documents as the server has them."""
        client = self.servers._clients[0]
        client.sync()
        found: list[str] = await client.request("fake/texts", {}, 5)
        return found


@asynccontextmanager
async def served(
    *sources: str,
    arguments: tuple[str, ...] = (),
    format: bool = False,  # noqa: A002
    waits: bool = True,
) -> AsyncIterator[Served]:
    """Runs the fake server on a notebook with these cells."""
    it = Served(sources)
    it.servers.use(settings(*arguments, format=format), {})
    try:
        if waits:
            await it.until_ready()
        yield it
    finally:
        await it.session.shut_down()
        assert not [task for task in asyncio.all_tasks() if "_initialize" in repr(task)]

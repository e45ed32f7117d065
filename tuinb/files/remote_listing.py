"""A folder of a Jupyter server, as the file picker lists it: one folder at a time, because each is a request."""

from __future__ import annotations

import asyncio
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, shown
from tuinb.files import disk
from tuinb.files.listing import MOST, Names
from tuinb.files.names import is_notebook_name
from tuinb.record import Record
from tuinb.server import contents, known
from tuinb.server.address import path_of
from tuinb.server.rest import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = "./"
"""How the name of a folder of the root begins: the picker takes text for a path that begins so."""


class ServerFolder(Record):
    """Implements Listing for a folder of a server that is logged in to."""

    base: str
    folder: str = ""
    """Its path on the server."""

    @property
    def root(self) -> Path:
        """See Listing."""
        return path_of(self.base, self.folder)

    @property
    def title(self) -> str:
        """See Listing."""
        return shown(f"{self.base}{self.folder}")

    async def below(self) -> Names:
        """See Listing."""
        found = await self.inside("")
        return Names(tuple(f"{_HERE}{name}" if name.endswith("/") else name for name in found.names), found.complete)

    async def inside(self, folder: str) -> Names:
        """See Listing."""
        try:
            # In a thread of the event loop: the picker may run before there are jobs.
            found = await asyncio.to_thread(contents.listing, known.server(self.base), self._on_server(folder))
        except ServerError as error:
            raise NotebookFileError(error.what, where=error.where, hint=error.hint) from None
        names = tuple(_names(found))
        return Names(names[:MOST], complete=len(names) <= MOST)

    def path(self, name: str) -> Path:
        """See Listing. `~` is the home folder of this machine, `/` the server's own folder."""
        if "://" in name or name.startswith("~"):
            return disk.absolute_path(name)
        return path_of(self.base, self._on_server(name))

    def _on_server(self, name: str) -> str:
        """Returns the path on the server. What would lead out of the server's folder stays in it."""
        return posixpath.normpath(posixpath.join("/", self.folder, name)).lstrip("/")


def _names(entries: list[contents.Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.is_folder:
            yield f"{entry.name}/"
        elif entry.kind == contents.NOTEBOOK or is_notebook_name(Path(entry.name)):
            yield entry.name

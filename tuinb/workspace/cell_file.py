"""The file by which cells that were cut or copied in one tuinb are pasted in another.

It is in the state folder, which all terminals of a user share, however they logged in; a runtime folder may be another one in
each. The last cut or copy of any program is in it, with outputs, as one JSON object for all cells. A file that is damaged, too
long or another user's is as good as none: then a program pastes what it cut itself.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from tuinb import private_folder
from tuinb.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tuinb.notebook.changes import CellData

MOST: Final = 8 << 20
"""Maximum bytes of the file. Reading so many takes 0.1 s."""


class CellFile:
    """The file, for one program. It remembers the file that the program wrote or read last."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = private_folder.state_folder(environ) / "cells.json"
        self._known: tuple[int, int, int] | None = None
        """What tells the file that was written or read last from others."""
        self._unwritten = 0
        """Calls of `write` that are to come or running."""

    def announce(self) -> None:
        """Notes that cells are about to be written: until they are, older ones of other programs do not count."""
        self._unwritten += 1

    def write(self, cells: Sequence[CellData]) -> bool:
        """Writes cells, once they were announced; in any thread. Returns whether they fit. Raises OSError.

        If they do not, the file is removed: nobody should paste what was cut before.
        """
        from tuinb.notebook.changes import InsertCell
        from tuinb.notebook.json_codec import CHANGES

        try:
            text = json.dumps({"cells": [CHANGES.to_json(InsertCell(cell, None)) for cell in cells]})
            if len(text) > MOST:
                self._path.unlink(missing_ok=True)
                return False
            private_folder.make(self._path.parent)
            temporary = self._path.with_suffix(f".{os.getpid()}{private_folder.UNFINISHED}")
            private_folder.write(temporary, text)
            self._known = _stamp(temporary)
            temporary.replace(self._path)
            return True
        except BaseException:
            self._known = _stamp(self._path)  # older cells than those that could not be written
            raise
        finally:
            self._unwritten -= 1

    def read_new(self) -> tuple[CellData, ...] | None:
        """Returns the cells that another program cut or copied since. None if none has."""
        stamp = _stamp(self._path)
        if self._unwritten or stamp is None or stamp == self._known:
            return None
        self._known = stamp
        try:
            return _cells(json.loads(private_folder.read(self._path, MOST)))
        except (OSError, ValueError, RecursionError, RecordError):
            return None


def _cells(found: object) -> tuple[CellData, ...] | None:
    """Returns the cells of the JSON object. None if it has none. Raises RecordError."""
    from tuinb.notebook.changes import InsertCell
    from tuinb.notebook.json_codec import CHANGES

    records = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(records, list):
        return None
    changes = [CHANGES.from_json(record) for record in records]
    return tuple(change.cell for change in changes if isinstance(change, InsertCell)) or None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Returns what tells a file from one that replaces it. None if there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

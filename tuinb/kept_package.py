"""Keeps the package's files as they are now, for modules that are imported later.

An upgrade replaces the files under a program that runs, and most modules are imported when they are first needed: a session of
days would mix two versions. To import all of them at the start would cost 25 MB of memory. Instead the files, 7 MB, are copied
into one temporary file without a name, in 0.1 s of processor time. From then on modules are imported from that copy.
"""

from __future__ import annotations

import asyncio
import errno
import io
import os
import sys
import tempfile
import time
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source, spec_from_file_location
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_PACKAGE: Final = Path(__file__).parent
_START: Final = 2.0
"""Seconds after the first paint in which a kernel starts and the first keys come."""
_PAUSE: Final = 0.001
"""Seconds between two files, in which keys are handled."""


class _File(NamedTuple):
    """A file that was copied: where it is in the copy, and when it was modified, which its bytecode has."""

    offset: int
    length: int
    modified: float


class KeptPackage:
    """A finder for `sys.meta_path`, which finds the modules whose source is in a copy."""

    def __init__(self, files: Mapping[str, _File], copy: BinaryIO) -> None:
        self._files = files
        self._copy = copy
        self._lock = Lock()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Returns the spec of a module of the package. None for another module, which another finder may find."""
        place = str(_PACKAGE.parent.joinpath(*fullname.split(".")))
        for source, folders in ((f"{place}.py", None), (f"{place}/__init__.py", [place])):
            if source in self._files:
                loader = _Loader(fullname, source, self)
                return spec_from_file_location(fullname, source, loader=loader, submodule_search_locations=folders)
        return None

    def file(self, path: str) -> _File:
        """Returns what is known of a file. Raises FileNotFoundError if it was not copied."""
        if path not in self._files:
            raise FileNotFoundError(path)
        return self._files[path]

    def data(self, path: str) -> bytes:
        """Returns the content of a file. Raises OSError."""
        file = self.file(path)
        with self._lock:  # threads import, too
            self._copy.seek(file.offset)
            return self._copy.read(file.length)


class _Loader(SourceFileLoader):
    """Loads a module from the copy, from its bytecode if that was there."""

    def __init__(self, fullname: str, path: str, kept: KeptPackage) -> None:
        super().__init__(fullname, path)
        self._kept = kept

    def get_data(self, path: str) -> bytes:
        return self._kept.data(path)

    def path_stats(self, path: str) -> Mapping[str, Any]:
        file = self._kept.file(path)
        return {"mtime": file.modified, "size": file.length}

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        """Writes no bytecode beside the files of another version."""


def keep_soon() -> None:
    """Calls `keep` in a thread, once the start is over. Call it on the event loop."""
    loop = asyncio.get_running_loop()
    loop.call_later(_START, loop.run_in_executor, None, keep)


def keep() -> None:
    """Copies the package's files, and imports its modules from the copy from now on. Reads about 800 files."""
    if any(isinstance(finder, KeptPackage) for finder in sys.meta_path):
        return
    file: BinaryIO
    try:
        file = tempfile.TemporaryFile(prefix="tuinb-", buffering=0)  # noqa: SIM115 - it stays open until the process ends
        files = _copy(file)
    except OSError:  # no disk has room for it
        file = io.BytesIO()
        files = _copy(file)
    sys.meta_path.insert(0, KeptPackage(files, file))


def _copy(file: BinaryIO) -> dict[str, _File]:
    """Writes the package's files. Returns where each is, by its path. Raises OSError."""
    files: dict[str, _File] = {}
    offset = 0
    for path in _files():
        time.sleep(_PAUSE)
        try:
            status, data = path.stat(), path.read_bytes()
        except OSError:  # there is no bytecode, or importing it would fail as well
            continue
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        files[str(path)] = _File(offset, len(data), status.st_mtime)
        offset += len(data)
    file.seek(0)
    return files


def _files() -> Iterator[Path]:
    """Returns the files of the package but those of imported modules, and where the bytecode of the others is."""
    for folder, folders, names in os.walk(_PACKAGE):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        package = ".".join(Path(folder).relative_to(_PACKAGE.parent).parts)
        for name in names:
            path = Path(folder, name)
            if path.suffix != ".py":
                yield path
            elif (package if path.stem == "__init__" else f"{package}.{path.stem}") not in sys.modules:
                yield path
                yield Path(cache_from_source(path))

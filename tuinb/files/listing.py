"""The files that a user may open, for the file picker: those of a folder of this machine, or of another place.

A place is a Listing. LocalFolder is the one of this machine. Its files are those that git knows and does not ignore, or,
outside a repository, those of a walk that is bounded, so that a home folder does not hold the picker.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tuinb.config import home_relative
from tuinb.errors import NotebookFileError, shown
from tuinb.files import disk
from tuinb.files.names import is_notebook_name
from tuinb.jobs import shared
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST: Final = 20_000
"""Entries of folders that a walk looks at, and files that are listed at most."""
_NOT_WALKED: Final = {"__pycache__", "node_modules"}
"""Folders that hold no notebooks of the user. Neither do those whose names begin with a dot."""
_GIT_SECONDS: Final = 5.0
_LIST_FILES: Final = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
# A repository can name a program as its file monitor, which git would run.
_GIT: Final = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false")


class Names(Record):
    """Names in a folder, relative to it. The name of a folder ends in `/`."""

    names: tuple[str, ...]
    complete: bool = True
    """Whether these are all. False if there were too many."""


class Listing(Protocol):
    """A place with notebooks, as the file picker sees it. All methods that wait for a device are coroutines.

    `folder` is text as a user types it: relative to the root, or a path of its own. It ends in `/`, or is empty for the root.
    """

    @property
    def root(self) -> Path:
        """The folder, as paths of its files begin."""
        ...

    @property
    def title(self) -> str:
        """The name of the root, for the picker's border."""
        ...

    async def below(self) -> Names:
        """Returns the notebooks of the root and of the folders in it, as deep as the place can tell quickly.

        A place that can't look into all folders returns what `inside("")` does. Raises NotebookFileError.
        """
        ...

    async def inside(self, folder: str) -> Names:
        """Returns the notebooks and the folders in one folder. Raises NotebookFileError."""
        ...

    def path(self, name: str) -> Path:
        """Returns the path by which a file is opened. `name` is one of a listing, or what the user typed. Raises TuinbError."""
        ...


class LocalFolder(Record):
    """A folder of this machine."""

    root: Path

    @property
    def title(self) -> str:
        """The folder, with `~` for the home folder."""
        return shown(home_relative(self.root).removesuffix("/."))

    async def below(self) -> Names:
        """Returns the notebooks of the folder and of those in it: what git lists, or what a walk finds."""
        return await shared().run(_below, self.root)

    async def inside(self, folder: str) -> Names:
        """Returns the notebooks and the folders in one folder. Raises NotebookFileError."""
        return await shared().run(_inside, self.path(folder))

    def path(self, name: str) -> Path:
        """Returns the path of a file. `~` is the home folder. Raises UsageError for a URL that is none of a server's."""
        if "://" in name or name.startswith("~"):
            return disk.absolute_path(name)
        return Path(os.path.normpath(self.root / name))


def _below(root: Path) -> Names:
    listed = _listed_by_git(root)
    return walked(root) if listed is None else _few(sorted(listed, key=_depth))


def _listed_by_git(root: Path) -> list[str] | None:
    """Returns the notebooks that git knows or does not ignore. None outside a repository, or if git does not answer."""
    try:
        done = subprocess.run(
            [*_GIT, "-C", str(root), *_LIST_FILES],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    names = map(os.fsdecode, filter(None, done.stdout.split(b"\0")))
    return [name for name in dict.fromkeys(names) if is_notebook_name(Path(name))]


def walked(root: Path) -> Names:
    """Returns the notebooks of a folder and of those in it, the nearest folders first. Looks at MOST entries."""
    found: list[str] = []
    folders = [""]
    seen = 0
    for folder in folders:  # which grows meanwhile
        for name, is_folder in _entries(root / folder):
            seen += 1
            if seen > MOST:
                return Names(tuple(found), complete=False)
            if not is_folder:
                if is_notebook_name(Path(name)):
                    found.append(folder + name)
            elif not name.startswith(".") and name not in _NOT_WALKED:
                folders.append(f"{folder}{name}/")
    return Names(tuple(found))


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Returns the names in a folder, sorted, with whether each is a folder and no link to one. A folder that can't be read is
    empty.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError:
        return []


def _inside(folder: Path) -> Names:
    try:
        with os.scandir(folder) as entries:
            found = [f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries]
    except OSError as error:
        raise NotebookFileError(f"the folder can't be read: {error.strerror}", where=shown(folder)) from error
    return _few(sorted(name for name in found if name.endswith("/") or is_notebook_name(Path(name))))


def _few(names: Iterable[str]) -> Names:
    found = tuple(names)
    return Names(found[:MOST], complete=len(found) <= MOST)


def _depth(name: str) -> tuple[int, str]:
    return name.count("/"), name

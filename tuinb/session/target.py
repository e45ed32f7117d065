"""What the arguments of `tuinb [options] [FILE]` name: the notebook, and the user's settings. Nothing is read of the notebook.

A command that finds a session of the notebook imports this and no more of how one is opened, so that it attaches quickly.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.files import disk
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.config import Config


class Arguments(Record):
    """The arguments of `tuinb [options] [FILE]`."""

    file: str | None = None
    kernel: str | None = None
    python: str | None = None
    no_kernel: bool = False
    trust_env: bool = False
    theme: str | None = None
    graphics: str | None = None
    no_session: bool = False
    existing: str | None = None
    """What names a kernel that runs already. Empty for the notebook's own, or the only one. None to start a kernel."""
    more: tuple[str, ...] = ()
    """Other notebooks, for tabs of their own."""
    server: str = ""
    """The base URL of the server on which the kernel of a notebook of this machine runs. Empty for one of this machine."""


class Target(Record):
    """The notebook that the arguments name, and the settings, before anything is read."""

    path: Path
    """Absolute, with symbolic links as they were given."""
    config: Config
    config_problems: tuple[str, ...] = ()
    """Problems in the settings, for the user. What has one keeps its default."""

    @classmethod
    def of(cls, arguments: Arguments) -> Target:
        """Reads the settings and chooses the path. Raises TuinbError if the file's name can't be one."""
        config_found, problems = settings(arguments.graphics)
        path = disk.absolute_path(arguments.file) if arguments.file else untitled(disk.absolute_path(os.curdir))
        return cls(path, config_found, problems)


def settings(graphics: str | None) -> tuple[Config, tuple[str, ...]]:
    """Returns the user's settings, with `graphics` instead of theirs if it is given, and the problems in them."""
    found, problems = config.read()
    if graphics:
        from dataclasses import replace

        found = replace(found, graphics=graphics)
    return found, tuple(map(str, problems))


def untitled(folder: Path, in_use: Callable[[Path], bool] = lambda path: False) -> Path:
    """Returns the first of Untitled.ipynb, Untitled1.ipynb … that does not exist in the folder and is not in use."""
    number = 0
    while os.path.lexists(path := folder / f"Untitled{number or ''}.ipynb") or in_use(path):
        number += 1
    return path

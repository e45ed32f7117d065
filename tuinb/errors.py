"""The one exception tree.

    TuinbError
    ├── UsageError            the command line was wrong (exit 2)
    ├── ConfigError           a configuration or theme file was wrong
    ├── ChangeError           a change does not fit the document it was applied to
    ├── RecordError           a record in JSON is not one that this program knows
    ├── NotebookFileError     a notebook could not be read or written
    │   ├── NotebookFormatError   its bytes are not a notebook that can be edited
    │   ├── NotebookSaveError     it could not be written
    │   └── ChangedOnDiskError    somebody else wrote it since it was read
    └── KernelError           a kernel could not be found, started or reached
        ├── KernelSpecError       no such kernelspec, or a broken one
        └── KernelStartError      the process did not start, or died at once

Foreign errors are mapped to these once, at the edge. Each says what was wrong, where, and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class TuinbError(Exception):
    """An error whose text is meant for the person at the screen.

    `what` was wrong, `where` (a path, a cell, a kernel's name), and `hint`, what to do next.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.hint})" if self.hint else text


class UsageError(TuinbError):
    """The command line can't be carried out as it was given."""


class ConfigError(TuinbError):
    """A configuration or theme file says something that can't be used."""


class ChangeError(TuinbError):
    """A change names a cell, an offset or an output that the document does not have."""


class RecordError(TuinbError):
    """A record in JSON has an unknown type, lacks a field, or holds another value than its type allows."""


class NotebookFileError(TuinbError):
    """A notebook could not be read or written."""


class NotebookFormatError(NotebookFileError):
    """The file is there, but is not a notebook that can be edited."""


class NotebookSaveError(NotebookFileError):
    """The notebook could not be written; the file is as it was."""


class ChangedOnDiskError(NotebookFileError):
    """The file was changed by somebody else since it was read; nothing was written."""


class KernelError(TuinbError):
    """A kernel could not be found, started or reached. `said` are the last lines that it wrote to its stderr."""

    def __init__(self, what: str, *, where: str = "", hint: str = "", said: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.said = said


class KernelSpecError(KernelError):
    """No kernelspec of that name, or one that can't be used."""


class KernelStartError(KernelError):
    """The kernel's process did not start, or ended before it answered."""


def shown(path: Path | str) -> str:
    """A file's name for a message: what is not printable stands as its escape."""
    name = str(path)
    return name if name.isprintable() else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)

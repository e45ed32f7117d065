"""The exception tree.

    TuinbError
    ├── UsageError            a wrong command line (exit 2)
    ├── ConfigError           a wrong configuration or theme file
    ├── ChangeError           a change that does not fit the document
    ├── RecordError           a JSON record that this program does not know
    ├── SessionError          a session that can't be begun or attached
    ├── LanguageServerError   a language server that can't be used, or what it wants to do
    ├── NotebookFileError     a notebook that can't be read or written
    │   ├── NotebookFormatError   a file that is not an editable notebook
    │   ├── NotebookSaveError     a failed save
    │   └── ChangedOnDiskError    a save would overwrite a file that was not read
    └── KernelError           a kernel that can't be found, started or reached
        ├── KernelSpecError       a missing or broken kernelspec
        │   └── UntrustedEnvironmentError   an environment that its user has not trusted
        ├── KernelStartError      a process that did not start, or ended at once
        └── InspectionError       a variable or a table that the kernel can't show
            ├── NotNowError           it is busy, waits for input, or has not started
            └── TooLongError          it takes longer than a view may keep the kernel from its cells

Foreign exceptions are mapped to these where they enter the program. Each message names the problem, the place and the next
step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class TuinbError(Exception):
    """An error whose text is shown to the user.

    `what` is the problem, `where` its place (a path, a cell, a kernel's name), and `hint` the next step.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[Callable[..., TuinbError], tuple[type[TuinbError], tuple[object, ...], dict[str, object]]]:
        """Returns how pickle makes the error, whatever its own type takes."""
        return _restored, (type(self), self.args, vars(self))

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.hint})" if self.hint else text


def _restored(kind: type[TuinbError], args: tuple[object, ...], attributes: dict[str, object]) -> TuinbError:
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


class UsageError(TuinbError):
    """The command line can't be carried out."""


class ConfigError(TuinbError):
    """A configuration or theme file has a value that can't be used."""


class ChangeError(TuinbError):
    """A change names a cell, offset or output that does not exist in the document."""


class RecordError(TuinbError):
    """A record in JSON has an unknown type, lacks a field, or holds another value than its type allows."""


class SessionError(TuinbError):
    """A session that can't be begun or attached."""


class LanguageServerError(TuinbError):
    """A language server that can't be found, started or understood, or an edit of one that can't be made."""


class NotebookFileError(TuinbError):
    """A notebook can't be read or written."""


class NotebookFormatError(NotebookFileError):
    """The file exists but is not an editable notebook."""


class NotebookSaveError(NotebookFileError):
    """The notebook can't be written. The file is unchanged."""


class ChangedOnDiskError(NotebookFileError):
    """A save would overwrite a file that changed since it was read, or another file of that name. Nothing was written."""


class KernelError(TuinbError):
    """A kernel can't be found, started or reached. `stderr` holds the last lines that it wrote there."""

    def __init__(self, what: str, *, where: str = "", hint: str = "", stderr: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.stderr = stderr


class KernelSpecError(KernelError):
    """The kernelspec does not exist or can't be used."""


class UntrustedEnvironmentError(KernelSpecError):
    """The kernel would run on an environment of the notebook's folder that the user has not trusted.

    `description` says what it is and who owns it, and `identity` is its real path, owner and inode, for the user's answer. Both
    are empty if it can't be trusted, because others can write to it.
    """

    def __init__(
        self, what: str, *, where: str, hint: str, description: str = "", identity: tuple[str, int, int] | None = None
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.description = description
        self.identity = identity


class KernelStartError(KernelError):
    """The kernel's process did not start, or ended before it answered."""


class InspectionError(KernelError):
    """The kernel can't show a variable or a table. The text says why."""


class NotNowError(InspectionError):
    """The kernel can't answer now: it is busy, waits for input, or has not started."""


class TooLongError(InspectionError):
    """An answer takes longer than a view may keep the kernel from its cells."""


def shown(path: Path | str) -> str:
    """Returns a file's name for a message, with unprintable characters escaped. The path of a file on a server is a URL."""
    name = str(path)
    if is_remote(path):
        name = name[1:].replace(":/", "://", 1)
    return name if name.isprintable() else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)


def is_remote(path: Path | str) -> bool:
    """Returns whether a path is that of a file on a server (see server/address.py)."""
    return str(path).startswith(("/https:/", "/http:/"))

"""What the file picker asks before it renames, deletes, makes, downloads or uploads, and what it does with the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.config import home_relative
from tuinb.errors import UsageError, is_remote, shown
from tuinb.files import operations
from tuinb.files.names import is_notebook_name
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable


class Question(Record):
    """A question with a line for the answer."""

    text: str
    initial: str
    act: Callable[[str], str]
    """Carries out the answer, which is not empty. Blocks. Returns what was done, for the user. Raises TuinbError."""
    doing: str
    """What is shown meanwhile."""
    gone: Path | None = None
    """The path that no longer exists afterwards."""
    wants_yes: bool = False
    """Whether only yes is an answer."""

    @property
    def end_of_name(self) -> int:
        """The place in `initial` before the ending of a file, where the cursor is put."""
        name = self.initial.rpartition("/")[2]
        return len(self.initial) - len(Path(name).suffix)


def renaming(path: Path) -> Question:
    """Asks for the new name of a file or folder. A name that ends in a slash is that of a folder to move it to."""

    def act(answer: str) -> str:
        if answer.endswith(f"/{path.suffix}"):  # the ending that stood there
            answer = answer.removesuffix(path.suffix)
        typed = operations.beside(path, answer)
        target = operations.within(typed, path, named_folder=True) if answer.endswith("/") else typed
        if is_notebook_name(path) and not is_notebook_name(target):
            target = target.with_name(target.name + path.suffix)  # else it would be no notebook
        if target == path:
            return "It has that name already."
        operations.rename(path, target)
        return f"Renamed to {_name(target)}."

    return Question(f"Rename {_name(path)} to (a folder ends in /):", _typable(path.name), act, "Renaming…", path)


def deleting(path: Path) -> Question:
    """Asks whether to delete a file, or an empty folder. Only yes does."""

    def act(_: str) -> str:
        operations.remove(path)
        return f"Deleted {_name(path)}."

    for_good = "" if is_remote(path) else " for good"
    return Question(f"Delete {_name(path)}{for_good}? [y/N]", "", act, "Deleting…", path, wants_yes=True)


def making_folder(folder: Path) -> Question:
    """Asks for the name of a new folder in `folder`."""

    def act(answer: str) -> str:
        target = operations.beside(folder / "new", answer)
        operations.make_folder(target)
        return f"Made the folder {_name(target)}."

    return Question(f"Make a folder in {_name(folder)} called:", "", act, "Making it…")


def downloading(path: Path, here: Path) -> Question:
    """Asks where to put a copy of a server's file on this machine."""
    if not is_remote(path):
        raise UsageError("it is on this machine", where=shown(path), hint="there is nothing to download")

    def act(answer: str) -> str:
        target = operations.within(operations.beside(here / path.name, answer), path, named_folder=answer.endswith("/"))
        return _copied(path, target, "Downloaded")

    return Question(
        f"Download {_name(path)} to this machine as:", f"{home_relative(here)}/{_typable(path.name)}", act, "Downloading…"
    )


def uploading(folder: Path, here: Path) -> Question:
    """Asks for a file of this machine, to put a copy of it into `folder`, which is a server's."""
    if not is_remote(folder):
        raise UsageError("the folder is on this machine", where=shown(folder), hint="there is nothing to upload to")

    def act(answer: str) -> str:
        source = operations.beside(here / "file", answer)
        return _copied(source, folder / source.name, "Uploaded")

    return Question(f"Upload to {_name(folder)} the file of this machine:", f"{home_relative(here)}/", act, "Uploading…")


def _copied(source: Path, target: Path, done: str) -> str:
    return " ".join((f"{done} to {_name(target)}.", *operations.copy(source, target)))


def _typable(name: str) -> str:
    """Returns a name for a line, or nothing if it has characters that a terminal would obey."""
    return name if name.isprintable() else ""


def _name(path: Path) -> str:
    return shown(path) if is_remote(path) else shown(home_relative(path))

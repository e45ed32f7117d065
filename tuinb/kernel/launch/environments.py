"""The Python environments of a notebook's folder: who could have written them, and which ones their user trusts.

A `.venv` comes with an archive or a repository as easily as a notebook, and its `bin/python` can be any program. So a kernel
runs on an environment that was only found once the user has trusted it: its real path, owner and inode are then remembered in
tuinb's state folder, in one small file for each. An environment that is made anew at the same path is another one.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from binascii import crc32
from contextlib import suppress
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tuinb import private_folder
from tuinb.errors import UntrustedEnvironmentError, shown
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = (".venv", "venv")
"""Names of an environment beside a notebook, in order of precedence."""
_SUFFIX = ".json"
_LONGEST = 64 * 1024
"""Bytes of a file of the state folder that are read. The longest path takes 24 kB in JSON."""


class Consent(Enum):
    """How to treat an environment of the folder that its user has not trusted yet."""

    NEEDED = auto()
    """It is refused."""
    GIVEN = auto()
    """It is used, for one run: --trust-env."""
    DENIED = auto()
    """It is passed over, as if it were not there: the user was asked."""


class Standing(StrEnum):
    """Whether an environment may run, for a list of them."""

    NAMED = "yours to use"
    """It is active, or tuinb runs on it."""
    TRUSTED = "trusted"
    UNTRUSTED = "not trusted"
    UNSAFE = "not used, because others can write to it"
    FOREIGN = "not used, because it belongs to another user"


class Identity(NamedTuple):
    """What an environment is known by."""

    path: str
    """The real path."""
    owner: int
    inode: int

    @classmethod
    def of(cls, prefix: Path) -> Identity:
        """Returns the identity of the environment that is at a path now. Raises OSError."""
        path = os.path.realpath(prefix)
        found = Path(path).stat()
        return cls(path, found.st_uid, found.st_ino)


class Environment(Record):
    """A Python environment that a notebook may run on."""

    prefix: Path
    why: str
    """The reason to search it, for the user."""
    of_folder: bool = False
    """Whether it was found in the notebook's folder or above it. The user named any other."""

    @property
    def interpreter(self) -> Path:
        return self.prefix / "bin" / "python"


def find(notebook_dir: Path, environ: Mapping[str, str]) -> Iterator[Environment]:
    """Yields the environments to search for ipykernel, in order of precedence."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if (active := environ.get(name, "")).startswith("/"):
            yield Environment(Path(active), f"the active environment ({name})")
    folder = notebook_dir.absolute()
    for at in (folder, *folder.parents):
        for prefix in of_folder(at):
            yield Environment(prefix, f"{prefix.name} beside the notebook" if at == folder else f"{prefix.name} in {at}", True)


def of_folder(folder: Path) -> list[Path]:
    """Returns the environments directly in a folder."""
    return [folder / name for name in NAMES if is_environment(folder / name)]


def is_environment(prefix: Path) -> bool:
    """Returns whether a folder looks like a virtual environment."""
    try:
        return (prefix / "pyvenv.cfg").is_file()
    except OSError:
        return False


# ---- whose it is


def standing(environment: Environment, environ: Mapping[str, str]) -> Standing:
    """Returns whether an environment may run."""
    prefix = environment.prefix
    if not environment.of_folder or is_own(prefix):
        return Standing.NAMED
    if is_foreign(prefix):
        return Standing.FOREIGN
    try:
        if writable_by_others(prefix):
            return Standing.UNSAFE
        return Standing.TRUSTED if is_trusted(Identity.of(prefix), environ) else Standing.UNTRUSTED
    except OSError:
        return Standing.UNSAFE


def refusal(prefix: Path) -> UntrustedEnvironmentError:
    """Returns the error for an environment that may not run: what it is, and how to trust it. Raises OSError."""
    if problem := writable_by_others(prefix):
        return UntrustedEnvironmentError(
            f"this environment is not used: {problem}",
            where=shown(prefix),
            hint=f"after a look at it, `chmod -R go-w {_quoted(prefix)}`; --python names another one",
        )
    return UntrustedEnvironmentError(
        "the environment of this folder is not trusted, so nothing in it is run",
        where=shown(prefix),
        hint=f"`tuinb trust {_quoted(prefix.parent)}` trusts it; --trust-env uses it once; --python names another one",
        description=describe(prefix),
        identity=Identity.of(prefix),
    )


def is_own(prefix: Path) -> bool:
    """Returns whether tuinb runs on this environment."""
    try:
        return prefix.samefile(sys.prefix)
    except OSError:
        return False


def is_foreign(prefix: Path) -> bool:
    """Returns whether a user other than this one and root owns the environment, or a symbolic link to it.

    Any user of the machine may create /tmp/.venv, which is above every notebook in /tmp.
    """
    try:
        return not {prefix.lstat().st_uid, prefix.stat().st_uid} <= {0, os.geteuid()}
    except OSError:
        return True


def writable_by_others(prefix: Path) -> str:
    """Returns why another user could have put a program into an environment, or an empty string. Raises OSError."""
    for path in (prefix, prefix / "bin", prefix / "lib", prefix / "bin" / "python"):
        with suppress(FileNotFoundError):
            found = path.lstat()
            if found.st_uid not in {0, os.geteuid()}:
                return f"{shown(path)} belongs to {_user(found.st_uid)}"
            # The Python that an environment was made with is for its administrator to guard.
            if path.name != "python" and stat.S_ISLNK(found.st_mode):
                found = path.stat()
            if stat.S_ISLNK(found.st_mode):
                continue
            if found.st_mode & stat.S_IWOTH:
                return f"everybody can write to {shown(path)}"
            if found.st_mode & stat.S_IWGRP and not _is_private_group(found.st_gid, found.st_uid):
                return f"its group can write to {shown(path)}"
    return ""


def _is_private_group(group: int, owner: int) -> bool:
    """Returns whether a group holds its owner alone. With such groups, many systems have the umask 002."""
    import grp
    import pwd

    try:
        found, name = grp.getgrgid(group), pwd.getpwuid(owner).pw_name
    except KeyError:
        return False
    return found.gr_name == name and set(found.gr_mem) <= {name}


def describe(prefix: Path) -> str:
    """Returns what an environment is and who owns it, in two lines for a question."""
    real, python = os.path.realpath(prefix), os.path.realpath(prefix / "bin" / "python")
    version = next((path.name.removeprefix("python") for path in sorted(prefix.glob("lib/python3*"))), "")
    program = "a program of its own" if Path(python).is_relative_to(real) else f"a link to {python}"
    owner = prefix.stat().st_uid
    whose = "owned by you" if owner == os.geteuid() else f"owned by {_user(owner)}"
    return f"{shown(real)}\nPython {version}".rstrip() + f", {whose}; its bin/python is {shown(program)}."


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(shown(path))


# ---- what is remembered


def is_trusted(identity: Identity, environ: Mapping[str, str]) -> bool:
    """Returns whether the user has trusted this environment."""
    return _read(_file(identity.path, environ)) == identity


def remember(identity: Identity, environ: Mapping[str, str]) -> None:
    """Remembers that the user trusts an environment. Raises OSError."""
    file = _file(identity.path, environ)
    private_folder.make(file.parent.parent)
    private_folder.make(file.parent)
    private_folder.replace(file, json.dumps(identity._asdict()))


def forget(path: str, environ: Mapping[str, str]) -> bool:
    """Forgets the environment at a real path. Returns whether it was trusted. Raises OSError."""
    try:
        _file(path, environ).unlink()
    except FileNotFoundError:
        return False
    return True


def remembered(environ: Mapping[str, str]) -> list[Identity]:
    """Returns all environments that the user trusts, by path."""
    files = _folder(environ).glob(f"*{_SUFFIX}")
    return sorted(found for file in files if (found := _read(file)) is not None and _file(found.path, environ) == file)


def _read(file: Path) -> Identity | None:
    """Reads a file of the state folder. Returns None if it is missing, damaged, or could be somebody else's work."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as opened:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid() or found.st_mode & 0o022 or not stat.S_ISREG(found.st_mode):
            return None
        try:
            data = json.loads(opened.read(_LONGEST))
            return Identity(str(data["path"]), int(data["owner"]), int(data["inode"]))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None


def _folder(environ: Mapping[str, str]) -> Path:
    return private_folder.state_folder(environ) / "trusted"


def _file(path: str, environ: Mapping[str, str]) -> Path:
    # The file says which path it is for. hashlib would cost a kernel's start a millisecond or two.
    return _folder(environ) / f"{crc32(os.fsencode(path)):08x}{_SUFFIX}"

"""`tuinb server ls`, `get`, `put`, `mv`, `rm` and `mkdir`: the files of a Jupyter server, through its contents API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import ChangedOnDiskError, UsageError, shown
from tuinb.files import atomic, disk
from tuinb.files.remote import RemoteFiles
from tuinb.headless.arguments import given_path
from tuinb.server import contents, known, names
from tuinb.server.address import is_url, path_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from tuinb.server.rest import Server

_UNITS = ("B", "kB", "MB", "GB")


class Place:
    """A path on a server, as two words of the command line name it: a server, or a URL, and a path below it."""

    def __init__(self, word: str, path: str = "") -> None:
        above = ""
        if is_url(word):
            address = known.address_of(word)
            self.base, above = address.base, address.file
        else:
            self.base = names.base_of(word)
        parts = [part for part in f"{above}/{path}".split("/") if part not in ("", ".")]
        if ".." in parts or "\0" in path:
            raise UsageError("the path leads out of the server's folder", where=shown(path), hint="leave .. out")
        self.path = "/".join(parts)

    @property
    def server(self) -> Server:
        """The server, once it takes this user's requests. Raises TuinbError."""
        return known.server(self.base)

    @property
    def notebook(self) -> Path:
        """The path by which tuinb knows the file."""
        return path_of(self.base, self.path)

    def within(self, name: str) -> Place:
        """Returns the place of a name in this folder."""
        return Place(self.base, contents.joined(self.path, name))

    def __str__(self) -> str:
        return shown(self.notebook)


def _list(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    place = Place(*words)
    found = contents.listing(place.server, place.path)
    if parsed.json:
        fields = ("name", "path", "kind", "size", "modified")
        return [json.dumps([{field: getattr(entry, field) for field in fields} for entry in found], indent=1)]
    from tuinb.render.safe import clean

    rows = [
        (_size(each.size), each.modified[:16].replace("T", " "), f"{each.name}{'/' if each.is_folder else ''}")
        for each in found
    ]
    return [clean(f"{size:>8}  {modified:<16}  {name}") for size, modified, name in rows] or ["The folder is empty."]


def _size(size: int | None) -> str:
    """Returns a number of bytes with at most four digits, and its unit."""
    if size is None:
        return ""
    scaled, unit = float(size), 0
    while scaled >= 9999.5 and unit < len(_UNITS) - 1:
        scaled, unit = scaled / 1000, unit + 1
    return f"{scaled:.0f} {_UNITS[unit]}"


def _get(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    place = Place(*words[:2])
    target = given_path(words[2]) if len(words) > 2 else Path.cwd()
    if target.is_dir():
        target /= place.path.rpartition("/")[2]
    elif len(words) > 2:
        _require_no_folder(words[2], target)
    try:
        data, _ = RemoteFiles(place.server).read(place.notebook)
    except FileNotFoundError:
        raise UsageError("there is no such file", where=str(place), hint="`tuinb server ls` lists a folder") from None
    if not parsed.force:
        _require_absent(target, data)
    atomic.replace(target, data)
    return [f"{place} → {shown(target)}"]


def _require_no_folder(word: str, place: Place | Path) -> None:
    """Raises UsageError if a word names a folder, which does not exist, by a slash at its end."""
    if word.endswith("/"):
        raise UsageError("there is no such folder", where=str(place), hint="make it, or leave the slash at the end out")


def _require_absent(target: Path, data: bytes) -> None:
    """Raises UsageError if a file of this machine has other content."""
    try:
        there, _ = disk.read(target)
    except FileNotFoundError:
        return
    if there != data:
        raise UsageError("there is a file of this name with other content", where=shown(target), hint="--force replaces it")


def _put(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    source, place = given_path(words[1]), Place(words[0], words[2] if len(words) > 2 else "")
    try:
        data, _ = disk.read(source)
    except FileNotFoundError:
        raise UsageError("there is no such file", where=shown(source), hint="check the path") from None
    there = contents.find(place.server, place.path)
    if there is not None and there.is_folder:
        place = place.within(source.name)
    elif len(words) > 2:
        _require_no_folder(words[2], place)
    files = RemoteFiles(place.server)

    def check() -> None:
        try:
            is_same = files.has(place.notebook, data)
        except FileNotFoundError:
            return
        if not is_same:
            hint = "look at it first; --force replaces it"
            raise ChangedOnDiskError("the server has a file of this name with other content", where=str(place), hint=hint)

    _, notices = files.replace(place.notebook, data, check=None if parsed.force else check)
    return [f"{shown(source)} → {place}", *notices]


def _rename(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    old, new = Place(*words[:2]), Place(words[0], words[2])
    if contents.find(new.server, new.path) is None:
        _require_no_folder(words[2], new)
    to = contents.rename(old.server, old.path, new.path)
    return [f"{old} → {Place(old.base, to)}"]


def _remove(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    place = Place(*words)
    if contents.find(place.server, place.path) is None:
        raise UsageError("there is no such file or folder", where=str(place), hint="`tuinb server ls` lists a folder")
    if not parsed.yes and not known.agrees(f"Delete {place}? [y/N] "):
        raise UsageError("it was not deleted", where=str(place), hint="--yes deletes without asking")
    contents.remove(place.server, place.path)
    return [f"Deleted {place}"]


def _make_folder(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    place = Place(*words)
    contents.make_folder(place.server, place.path)
    return [f"Made {place}/"]


ACTIONS: dict[str, Callable[[argparse.Namespace, list[str]], Iterable[str]]] = {
    "ls": _list,
    "get": _get,
    "put": _put,
    "mv": _rename,
    "rm": _remove,
    "mkdir": _make_folder,
}

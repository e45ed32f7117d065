"""`tuinb server ls`, `get`, `put`, `mv`, `rm` and `mkdir`: the files of a Jupyter server, through its contents API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tuinb.errors import ChangedOnDiskError, UsageError, shown
from tuinb.files import operations
from tuinb.headless.arguments import given_path
from tuinb.server import contents, known, names
from tuinb.server.address import is_url, path_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from pathlib import Path

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
    word = words[2] if len(words) > 2 else "."
    target = operations.within(given_path(word), place.notebook, named_folder=word.endswith("/"))
    try:
        notices = operations.copy(place.notebook, target, replace=parsed.force)
    except ChangedOnDiskError as error:
        raise UsageError(error.what, where=error.where, hint="--force replaces it") from None
    return [f"{place} → {shown(target)}", *notices]


def _put(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    source, place = given_path(words[1]), Place(words[0], words[2] if len(words) > 2 else "")
    target = operations.within(place.notebook, source, named_folder=len(words) > 2 and words[2].endswith("/"))
    try:
        notices = operations.copy(source, target, replace=parsed.force)
    except ChangedOnDiskError as error:
        raise ChangedOnDiskError(error.what, where=error.where, hint="look at it first; --force replaces it") from None
    return [f"{shown(source)} → {shown(target)}", *notices]


def _rename(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    old, new = Place(*words[:2]), Place(words[0], words[2])
    target = operations.within(new.notebook, old.notebook, named_folder=words[2].endswith("/"))
    operations.rename(old.notebook, target)
    return [f"{old} → {shown(target)}"]


def _remove(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    place = Place(*words)
    if contents.find(place.server, place.path) is None:
        raise UsageError("there is no such file or folder", where=str(place), hint="`tuinb server ls` lists a folder")
    if not parsed.yes and not known.agrees(f"Delete {place}? [y/N] "):
        raise UsageError("it was not deleted", where=str(place), hint="--yes deletes without asking")
    operations.remove(place.notebook)
    return [f"Deleted {place}"]


def _make_folder(parsed: argparse.Namespace, words: list[str]) -> Iterable[str]:
    place = Place(*words)
    operations.make_folder(place.notebook)
    return [f"Made {place}/"]


ACTIONS: dict[str, Callable[[argparse.Namespace, list[str]], Iterable[str]]] = {
    "ls": _list,
    "get": _get,
    "put": _put,
    "mv": _rename,
    "rm": _remove,
    "mkdir": _make_folder,
}

"""The folders of a Jupyter server, by its contents API: lists them, makes, renames and deletes what is in them.

The bytes of files are files/remote.py's. All functions block, and raise ServerError. Paths are the server's, without a slash
before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tuinb.errors import shown
from tuinb.record import Record
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER: Final = "directory"
NOTEBOOK: Final = "notebook"
FILE: Final = "file"
_MOST_BYTES: Final = 64 << 20
"""Bytes of a listing."""
_HINT: Final = "is it a Jupyter server with files?"
_SLOW: Final = 120.0
"""Seconds for what moves many files."""


class Entry(Record):
    """A file or folder of a server."""

    name: str
    """As the server has it. Not safe to be shown."""
    path: str
    kind: str
    """FOLDER, NOTEBOOK or FILE."""
    size: int | None = None
    """In bytes. None for a folder."""
    modified: str = ""
    """When it was written last, as in ISO 8601."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.kind == FOLDER


def joined(folder: str, name: str) -> str:
    """Returns the path of `name` in a folder."""
    return f"{folder.rstrip('/')}/{name}".lstrip("/")


def find(server: Server, path: str) -> Entry | None:
    """Returns what is at a path. None if there is nothing."""
    try:
        return _entry(_get(server, path, content=False), path, server)
    except ServerError as error:
        if error.status == 404:
            return None
        raise _at(path, error) from None


def listing(server: Server, folder: str) -> list[Entry]:
    """Returns what a folder has, folders first. The server leaves hidden files out."""
    try:
        model = _get(server, folder, content=True)
    except ServerError as error:
        if error.status in (400, 404):  # 400 is a file
            there = find(server, folder)
            what = "there is no such folder" if there is None else "it is a file, not a folder"
            raise ServerError(what, where=shown(folder), hint="check the path", status=error.status) from None
        raise _at(folder, error) from None
    content = model.get("content")
    if model.get("type") != FOLDER or not isinstance(content, list):
        raise ServerError("its answer lists no folder", where=shown(folder), hint=_HINT)
    return sorted(_entries(content, folder, server), key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))


def make_folder(server: Server, path: str) -> None:
    """Makes a folder in an existing one."""
    _require_folder(server, path)
    _require_absent(server, path)
    _send(server, "PUT", path, {"type": FOLDER})


def rename(server: Server, old: str, new: str) -> None:
    """Renames a file or folder, also into another folder. Never over what is there."""
    if find(server, old) is None:
        raise ServerError("there is no such file or folder", where=shown(old), hint="check the path", status=404)
    _require_folder(server, new)
    _require_absent(server, new)
    _send(server, "PATCH", old, {"path": new})


def remove(server: Server, path: str) -> None:
    """Deletes a file or an empty folder. Many servers have a bin, which gets it."""
    there = find(server, path)
    if there is None:
        raise ServerError("there is no such file or folder", where=shown(path), hint="check the path", status=404)
    if there.is_folder and listing(server, path):
        raise ServerError("the folder is not empty", where=shown(path), hint="delete what is in it first")
    _send(server, "DELETE", path, None)


def _require_absent(server: Server, path: str) -> None:
    if not path:
        raise ServerError("the path is empty", where=server.name, hint="name a file or folder")
    if find(server, path) is not None:
        raise ServerError("there is one of this name already", where=shown(path), hint="choose another name", status=409)


def _require_folder(server: Server, path: str) -> None:
    """Raises ServerError if there is no folder for `path`. Servers say nothing that helps."""
    folder = path.rpartition("/")[0]
    if folder and ((there := find(server, folder)) is None or not there.is_folder):
        raise ServerError("there is no such folder", where=shown(folder), hint="make it, or check the path", status=404)


def _get(server: Server, path: str, *, content: bool) -> dict[str, Any]:
    query: dict[str, str | int] = {"content": 1, "type": FOLDER} if content else {"content": 0}
    model = server.request("GET", _url(path), query=query, most=_MOST_BYTES)
    return model if isinstance(model, dict) else {}


def _send(server: Server, method: str, path: str, body: object) -> None:
    try:
        server.request(method, _url(path), body, timeout=_SLOW)
    except ServerError as error:
        raise _at(path, error) from None


def _url(path: str) -> str:
    return f"api/contents/{path}"


def _entries(content: Iterable[object], folder: str, server: Server) -> Iterable[Entry]:
    for each in content:
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and _is_name(name):
            yield _entry(each, joined(folder, name), server)


def _is_name(name: str) -> bool:
    """Returns whether a file can have this name, and a URL can name it."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entry(model: object, path: str, server: Server) -> Entry:
    fields = model if isinstance(model, dict) else {}
    kind, size = fields.get("type"), fields.get("size")
    if kind not in (FOLDER, NOTEBOOK, FILE):
        raise ServerError("its answer describes no file or folder", where=server.name, hint=_HINT)
    modified = fields.get("last_modified")
    return Entry(
        path.rpartition("/")[2],
        path,
        kind,
        size if isinstance(size, int) and kind != FOLDER else None,
        modified if isinstance(modified, str) else "",
    )


def _at(path: str, error: ServerError) -> ServerError:
    return ServerError(error.what, where=f"{error.where}{shown(path)}", hint=error.hint, status=error.status)

"""The files of a Jupyter server, by its contents API: read and written byte for byte, as type `file` in format `text`.

As type `notebook` the server would read the JSON, and write its own. A PUT checks nothing, and the API has no condition for it:
so the hash of the file is compared once all but the end of the new content is sent, and again after the PUT. If the connection
is lost in a PUT, the server's file is the old or the new one, and the next save knows both. A server that is killed in mid-save
leaves its file cut: jupyter_server writes into it, and keeps the old one as `.~NAME`.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from codecs import getincrementaldecoder
from functools import partial
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tuinb import long_text
from tuinb.errors import NotebookFileError, NotebookSaveError, TuinbError, is_remote, shown
from tuinb.record import Record
from tuinb.server import known
from tuinb.server.address import file_of
from tuinb.server.rest import UNTRACKED, Server, ServerError, Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST_IMAGE: Final = 16 << 20
"""Bytes of an image that a notebook names."""
_MOST_BYTES: Final = 1 << 30
"""Bytes of a file in JSON."""
_ID: Final = re.compile(r"[\w-]{1,100}", re.ASCII)
"""The id of a checkpoint, which becomes part of a URL."""
_BESIDES: Final = 1 << 14
"""Bytes of an answer besides the content of a file."""
_OTHER_CONTENT: Final = (
    "the file is not what was saved: another program saved at the same moment, or the server changes what it saves"
)
_NO_SPACE: Final = ("Errno 28", "Errno 122", "No space left", "Disk quota")


class RemoteState(Record):
    """Distinguishes states of a file on a server without reading it."""

    size: int
    modified: str


class Checkpoint(Record):
    """A file as a server keeps it beside the present one."""

    id: str
    written: float
    """When, in seconds since 1970."""


_NOT_OURS: Final = RemoteState(-1, "")
"""No file has this state: the next look at the file reads it, and merges what is there."""


class RemoteFiles:
    """Implements Storage for the files of one server."""

    pause = 5.0

    def __init__(self, server: Server) -> None:
        self.server = server
        self._unconfirmed = ""
        """The hash of what was sent last, if the server did not confirm it."""

    def serves(self, path: Path) -> bool:
        """See Storage."""
        return is_remote(path) and file_of(path)[0] == self.server.base

    def read(self, path: Path) -> tuple[bytes, RemoteState]:
        """See Storage."""
        try:
            return self._read(path, "text")
        except ServerError as error:
            if error.status != 400:
                raise self._unreadable(path, error) from None
        try:
            return self._read(path, "base64")  # it is not UTF-8, or a folder
        except ServerError as error:
            raise self._unreadable(path, error) from None

    def _read(self, path: Path, form: str) -> tuple[bytes, RemoteState]:
        model = self._get(path, {"content": 1, "type": "file", "format": form}, _MOST_BYTES)
        content = model.get("content")
        if not isinstance(content, str):
            raise ServerError("its answer has no content of the file")
        return long_text.encode(content) if form == "text" else _from_base64(content), _state(model)

    def read_small(self, path: Path, most: int) -> bytes:
        """Returns the bytes of a file that has at most `most`. Raises FileNotFoundError and NotebookFileError."""
        try:
            model = self._get(path, {"content": 1, "type": "file", "format": "base64"}, most * 4 // 3 + _BESIDES)
            content = model.get("content")
            return _from_base64(content) if isinstance(content, str) else b""
        except ServerError as error:
            raise self._unreadable(path, error) from None

    def state(self, path: Path) -> RemoteState | None:
        """See Storage."""
        try:
            return _state(self._get(path, {"content": 0, **UNTRACKED}))
        except FileNotFoundError:
            return None
        except ServerError as error:
            raise self._unreadable(path, error) from None

    def has(self, path: Path, data: bytes | None) -> bool:
        """See Storage."""
        found, algorithm = self._hash(path)
        if found == self._unconfirmed:
            return True
        return data is not None and hashlib.new(algorithm, data).hexdigest() == found

    def _hash(self, path: Path) -> tuple[str, str]:
        """Returns the hash of a file, and its algorithm. Servers before jupyter_server 2.11 tell none: then the file is read.

        Raises FileNotFoundError and NotebookFileError.
        """
        try:
            model = self._get(path, {"content": 0, "hash": 1})
        except ServerError as error:
            raise self._unreadable(path, error) from None
        found, algorithm = model.get("hash"), model.get("hash_algorithm")
        if isinstance(found, str) and algorithm in hashlib.algorithms_guaranteed:
            return found, str(algorithm)
        return hashlib.sha256(self.read(path)[0]).hexdigest(), "sha256"

    def replace(
        self, path: Path, data: bytes, *, check: Callable[[], None] | None = None
    ) -> tuple[RemoteState, tuple[str, ...]]:
        """See Storage."""

        def begin() -> None:
            if check is not None:
                check()
            self._unconfirmed = hashlib.sha256(data).hexdigest()

        try:
            model = self.server.request("PUT", _url(path), Upload(partial(_as_json, data, _form(data)), begin))
        except ServerError as error:
            raise self._unsaved(path, error) from None
        self._unconfirmed = ""
        state = _state(model if isinstance(model, dict) else {})
        try:
            is_ours = self.has(path, data)
        except (FileNotFoundError, NotebookFileError):
            is_ours = True  # it was saved; whoever looks at the file next learns what became of it
        return (state, ()) if is_ours else (_NOT_OURS, (_OTHER_CONTENT,))

    def has_folder(self, path: Path) -> bool:
        """Returns whether the folder of a file exists. Raises NotebookFileError."""
        folder = file_of(path)[1].rpartition("/")[0]
        try:
            self.server.request("GET", f"api/contents/{folder}", query={"content": 0})
        except ServerError as error:
            if error.status == 404:
                return False
            raise self._unreadable(path, error) from None
        return True

    def keep_checkpoint(self, path: Path) -> None:
        """Lets the server keep the file as it is now. Raises NotebookFileError."""
        if self.state(path) is None:
            return
        try:
            self.server.request("POST", f"{_url(path)}/checkpoints")
        except ServerError as error:
            raise self._unreadable(path, error) from None

    def checkpoint(self, path: Path) -> Checkpoint | None:
        """Returns the latest checkpoint of a file. None without one. Raises NotebookFileError."""
        try:
            found = self.server.request("GET", f"{_url(path)}/checkpoints")
        except ServerError as error:
            if error.status == 404:
                return None
            raise self._unreadable(path, error) from None
        listed = [each for each in map(_checkpoint, found if isinstance(found, list) else ()) if each is not None]
        return max(listed, key=lambda each: each.written, default=None)

    def restore(self, path: Path, checkpoint: Checkpoint) -> None:
        """Lets the server replace a file by its checkpoint. Raises NotebookFileError."""
        try:
            self.server.request("POST", f"{_url(path)}/checkpoints/{checkpoint.id}")
        except ServerError as error:
            raise self._unreadable(path, error) from None

    # ---- the requests

    def _get(self, path: Path, query: dict[str, str | int], most: int | None = None) -> dict[str, Any]:
        """Returns the model of a file. Raises FileNotFoundError and ServerError."""
        limit = {} if most is None else {"most": most}
        try:
            model = self.server.request("GET", _url(path), query=query, **limit)
        except ServerError as error:
            if error.status == 404:
                raise FileNotFoundError(shown(path)) from None
            raise
        if not isinstance(model, dict):
            raise ServerError("its answer describes no file")
        if model.get("type") == "directory":
            raise ServerError("it is a folder, not a notebook", hint="name a notebook inside it")
        return model

    def _unreadable(self, path: Path, error: ServerError) -> NotebookFileError:
        hint = error.hint or "check the server, and try again"
        return NotebookFileError(error.what, where=shown(path), hint=hint)

    def _unsaved(self, path: Path, error: ServerError) -> NotebookSaveError:
        if any(sign in error.what for sign in _NO_SPACE):
            what, hint = "the server's disk is full; the file is unchanged", "free some space there, or save another place"
        elif error.status:
            what, hint = f"{error.what}; the file is unchanged", error.hint or "save under another name"
        else:
            what = f"the server did not confirm the save: {error.what}; its file is the old or the new one, or was cut"
            hint = "your changes are kept here: save again when the server is back"
        return NotebookSaveError(what, where=shown(path), hint=hint)


def image(notebook: Path, name: str) -> bytes:
    """Returns an image file of the folder of a notebook on a server. Raises ValueError with the reason for not showing it."""
    path = Path(os.path.normpath(notebook.parent / name))
    if not path.is_relative_to(notebook.parent):
        raise ValueError("it is outside the notebook's folder")
    try:
        return RemoteFiles(known.server(file_of(path)[0])).read_small(path, LARGEST_IMAGE)
    except FileNotFoundError:
        raise ValueError("no such file") from None
    except TuinbError as error:
        raise ValueError(error.what) from None


def _url(path: Path) -> str:
    return f"api/contents/{file_of(path)[1]}"


def _state(model: dict[str, Any]) -> RemoteState:
    size = model.get("size")
    return RemoteState(size if isinstance(size, int) else -1, str(model.get("last_modified")))


def _checkpoint(model: object) -> Checkpoint | None:
    fields = model if isinstance(model, dict) else {}
    identity, written = fields.get("id"), fields.get("last_modified")
    if not isinstance(identity, str) or not _ID.fullmatch(identity) or not isinstance(written, str):
        return None
    try:
        return Checkpoint(identity, datetime.datetime.fromisoformat(written).timestamp())
    except ValueError:
        return None


def _from_base64(content: str) -> bytes:
    try:
        return long_text.from_base64(content)
    except ValueError:
        raise ServerError("its data is damaged") from None


def _form(data: bytes) -> str:
    """Returns the format in which bytes are sent. What is not UTF-8, no notebook, is sent as base64."""
    decoder = getincrementaldecoder("utf-8")()
    try:
        for piece in long_text.pieces(data):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "base64"
    return "text"


def _as_json(data: bytes, form: str) -> Iterator[bytes]:
    """Yields the body of a PUT."""
    yield f'{{"type": "file", "format": "{form}", "content": "'.encode()
    if form == "base64":
        yield from long_text.to_base64(data)
    else:
        for piece in long_text.pieces(data):
            # What JSON escapes is ASCII: the bytes of other characters, of which a piece may end within, stay.
            yield encode_basestring(piece.decode("latin-1"))[1:-1].encode("latin-1")
    yield b'"}'

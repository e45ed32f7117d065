"""Notebooks of a real server, read and written through its contents API."""

from __future__ import annotations

import hashlib
import http.client
import json
from base64 import b64encode, encodebytes
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.support import TOKEN
from tests.support import ROOT
from tuinb import long_text
from tuinb.errors import ChangedOnDiskError, NotebookFileError, NotebookSaveError
from tuinb.files import load, remote
from tuinb.files.remote import RemoteFiles
from tuinb.files.storage import storage_of
from tuinb.notebook.changes import ClientId, SpliceSource, Step, Transaction
from tuinb.server import known
from tuinb.server.address import path_of
from tuinb.server.rest import Server, ServerError, Upload
from tuinb.session import remote as opening

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.support import JupyterServer
    from tuinb.files.load import Loaded

ANALYSIS = (ROOT / "tests" / "notebooks" / "analysis.ipynb").read_bytes()
ODD = [
    ANALYSIS,
    b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    ANALYSIS.replace(b"\n", b"\r\n"),
    b"\xef\xbb\xbf" + ANALYSIS,
    '{"cells":[{"cell_type":"raw","metadata":{},"source":"ä\u2028😀\\u001b \\"\\\\"}],"metadata":{},"nbformat":4}'.encode(),
]


def typed(loaded: Loaded, text: str) -> None:
    cell = loaded.notebook.at(0)
    loaded.notebook.apply(Transaction((SpliceSource(cell.id, 0, "", text),), ClientId("me"), Step.EDIT))


@pytest.fixture
def files(jupyter: JupyterServer) -> RemoteFiles:
    return RemoteFiles(jupyter.server)


@pytest.fixture
def there(jupyter: JupyterServer) -> Path:
    """A notebook in the server's folder."""
    path = jupyter.folder / "dir ä" / "a notebook.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(ANALYSIS)
    return path


def path_to(there: Path, jupyter: JupyterServer) -> Path:
    return path_of(jupyter.base, str(there.relative_to(jupyter.folder)))


@pytest.mark.server
@pytest.mark.parametrize("data", ODD)
def test_every_byte_is_kept(data: bytes, files: RemoteFiles, there: Path, jupyter: JupyterServer) -> None:
    there.write_bytes(data)
    path = path_to(there, jupyter)
    loaded = load.load(path, files)
    assert loaded.file.data == data
    assert path.name == "a notebook.ipynb"
    loaded.file.save_now(loaded.notebook)
    assert there.read_bytes() == data
    if len(loaded.notebook):
        typed(loaded, "more ")
        saved = loaded.file.save_now(loaded.notebook)
        assert there.read_bytes() == saved.data != data


@pytest.mark.server
def test_what_somebody_else_wrote_is_not_overwritten(files: RemoteFiles, there: Path, jupyter: JupyterServer) -> None:
    path = path_to(there, jupyter)
    loaded = load.load(path, files)
    typed(loaded, "mine ")
    theirs = ANALYSIS.replace(b"queue", b"quEUE")
    there.write_bytes(theirs)
    assert files.state(path) != loaded.file.state
    with pytest.raises(ChangedOnDiskError, match="another program changed it") as raised:
        loaded.file.save_now(loaded.notebook)
    assert raised.value.where.endswith("/lab/tree/dir ä/a notebook.ipynb")
    assert there.read_bytes() == theirs
    loaded.file.save_now(loaded.notebook, overwrite=True)
    assert b"mine " in there.read_bytes()


@pytest.mark.server
def test_a_file_that_is_no_utf_8_a_folder_and_none(files: RemoteFiles, there: Path, jupyter: JupyterServer) -> None:
    there.write_bytes(ANALYSIS.replace(b"queue", b"qu\xffeue"))
    assert "UTF-8" in load.load(path_to(there, jupyter), files).read_only
    with pytest.raises(NotebookFileError, match=r"folder|directory"):
        load.load(path_to(there.parent, jupyter), files)
    with pytest.raises(NotebookFileError, match="there is no such file"):
        load.load(path_to(there.with_name("none.ipynb"), jupyter), files)
    assert files.state(path_to(there.with_name("none.ipynb"), jupyter)) is None


@pytest.mark.server
def test_saving_elsewhere(files: RemoteFiles, there: Path, jupyter: JupyterServer, tmp_path: Path) -> None:
    loaded = load.load(path_to(there, jupyter), files)
    copy = there.with_name("copy.ipynb")
    copy.write_bytes(b"theirs")
    with pytest.raises(ChangedOnDiskError, match="a file of that name already exists"):
        loaded.file.save_now(loaded.notebook, path_to(copy, jupyter))
    copy.unlink()
    loaded.file.save_now(loaded.notebook, path_to(copy, jupyter))
    assert copy.read_bytes() == ANALYSIS
    with pytest.raises(NotebookSaveError, match="only to the server that it is from"):
        loaded.file.save_now(loaded.notebook, path_of("https://other/", "a.ipynb"))
    with pytest.raises(NotebookSaveError, match="the file is unchanged"):
        loaded.file.save_now(loaded.notebook, path_to(there.parent / "none" / "a.ipynb", jupyter))
    loaded.file.save_now(loaded.notebook, tmp_path / "here.ipynb")
    assert (tmp_path / "here.ipynb").read_bytes() == ANALYSIS
    assert loaded.file.path == tmp_path / "here.ipynb"
    typed(loaded, "only here ")
    loaded.file.save_now(loaded.notebook)
    assert copy.read_bytes() == ANALYSIS


@pytest.mark.server
def test_opening_asks_the_server_once(there: Path, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", TOKEN)
    path = path_to(there, jupyter)
    assert opening.read(path).file.data == ANALYSIS
    storage, again = storage_of(path), storage_of(path)
    assert isinstance(storage, RemoteFiles)
    assert isinstance(again, RemoteFiles)
    assert storage.server is again.server
    new = opening.read(path.with_name("new.ipynb"))
    assert not new.file.exists
    new.file.save_now(new.notebook)
    assert there.with_name("new.ipynb").exists()
    with pytest.raises(NotebookFileError, match="there is no such folder"):
        opening.read(path.parent / "none" / "new.ipynb")
    with pytest.raises(NotebookFileError, match="the name of a new notebook ends in"):
        opening.read(path.with_name("new"))
    files = RemoteFiles(known.server(jupyter.base))
    files.keep_checkpoint(path)
    files.keep_checkpoint(path.with_name("none.ipynb"))
    assert [*(there.parent / ".ipynb_checkpoints").iterdir()]


# ---- servers that fail


class Answers(Server):
    """A server that answers each request with the next of these."""

    def __init__(self, *answers: object) -> None:
        super().__init__("https://h/")
        self.answers = [*answers]
        self.sent: list[tuple[str, Any]] = []

    def request(self, method: str, path: str, body: object = None, **_: Any) -> Any:  # noqa: ANN401
        self.sent.append((method, b"".join(body) if isinstance(body, Upload) else body))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


PATH = path_of("https://h/", "a.ipynb")
LOST = ServerError("it ended the connection without an answer", where="https://h/")
HASH = {"type": "file", "hash": hashlib.sha256(ANALYSIS).hexdigest(), "hash_algorithm": "sha256"}
MODEL = {"type": "file", "content": ANALYSIS.decode(), "size": 5, "last_modified": "now"}


def test_a_server_that_ends_in_mid_save_and_took_it_all_the_same() -> None:
    theirs = {**HASH, "hash": hashlib.sha256(b"x").hexdigest()}
    files = RemoteFiles(Answers(MODEL, HASH, LOST))
    loaded = load.load(PATH, files)
    typed(loaded, "mine ")
    with pytest.raises(
        NotebookSaveError,
        match=r"did not confirm the save: it ended .*its file is the old or the new one, or was cut .*save again",
    ):
        loaded.file.save_now(loaded.notebook)
    sent = loaded.file.render(loaded.notebook)
    server = files.server
    assert isinstance(server, Answers)
    confirmed = {**HASH, "hash": hashlib.sha256(sent).hexdigest()}
    server.answers = [confirmed, MODEL, confirmed]
    loaded.file.save_now(loaded.notebook)
    server.answers = [theirs]
    typed(loaded, "more ")
    with pytest.raises(ChangedOnDiskError):
        loaded.file.save_now(loaded.notebook)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ServerError("[Errno 28] No space left on device", status=500), "the server's disk is full; the file is unchanged"),
        (ServerError("it refuses", hint="a new one", status=403), r"it refuses; the file is unchanged \(a new one\)"),
        (ServerError("it refuses: no", status=500), r"it refuses: no; the file is unchanged \(save under another name\)"),
    ],
)  # fmt: skip
def test_a_save_that_the_server_refuses(error: ServerError, what: str) -> None:
    loaded = load.load(PATH, RemoteFiles(Answers(MODEL, HASH, error)))
    with pytest.raises(NotebookSaveError, match=what):
        loaded.file.save_now(loaded.notebook)


def test_a_save_to_a_server_that_does_not_answer_is_no_question_of_who_changed_what() -> None:
    loaded = load.load(PATH, RemoteFiles(Answers(MODEL, LOST)))
    with pytest.raises(
        NotebookSaveError, match=r"it ended the connection .*nothing was written, and your changes are kept here"
    ):
        loaded.file.save_now(loaded.notebook)


def test_an_old_server_tells_no_hash() -> None:
    files = RemoteFiles(Answers({"type": "file"}, MODEL, {"type": "file"}, MODEL))
    assert files.has(PATH, ANALYSIS)
    assert not files.has(PATH, b"x")


@pytest.mark.parametrize("answer", [[], {"type": "file"}, {"type": "directory"}, LOST, ServerError("no", status=500)])
def test_an_answer_that_is_no_file(answer: object) -> None:
    with pytest.raises(NotebookFileError):
        RemoteFiles(Answers(answer)).read(PATH)


def test_what_can_not_be_looked_at() -> None:
    for look in (RemoteFiles.state, RemoteFiles.has_folder, RemoteFiles.keep_checkpoint):
        with pytest.raises(NotebookFileError, match="ended the connection"):
            look(RemoteFiles(Answers(LOST)), PATH)
    with pytest.raises(NotebookFileError, match="ended the connection"):
        RemoteFiles(Answers(LOST)).has(PATH, b"")
    with pytest.raises(NotebookFileError, match="ended the connection"):
        RemoteFiles(Answers(MODEL, LOST)).keep_checkpoint(PATH)
    assert not RemoteFiles(Answers(ServerError("no", status=404))).has_folder(PATH)
    with pytest.raises(FileNotFoundError):
        RemoteFiles(Answers(ServerError("no", status=404))).has(PATH, b"")


@given(st.text(max_size=40).map(str.encode) | st.binary(max_size=40), st.integers(min_value=1, max_value=5))
def test_the_body_of_a_save_is_the_file(data: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_text, "PIECE", 3 * piece)
        sent = Upload(partial(remote._as_json, data, remote._form(data)), lambda: None)
        body = b"".join(sent)
        assert sent.size == len(body)
        model = json.loads(body)
        assert RemoteFiles(Answers({"type": "file", "content": model["content"]})).read(PATH)[0] == (
            data if model["format"] == "text" else model["content"].encode()
        )
        again = Answers(ServerError("it is not UTF-8", status=400), {"type": "file", "content": encodebytes(data).decode()})
        assert RemoteFiles(again).read(PATH)[0] == data
    if model["format"] == "text":
        assert model == {"type": "file", "format": "text", "content": data.decode()}
    else:
        assert model == {"type": "file", "format": "base64", "content": b64encode(data).decode()}


def test_a_server_whose_base64_is_damaged() -> None:
    with pytest.raises(NotebookFileError, match="its data is damaged"):
        RemoteFiles(Answers(ServerError("it is not UTF-8", status=400), {"type": "file", "content": "abcde"})).read(PATH)


# ---- others that save at the same moment


@pytest.mark.server
def test_a_change_that_comes_while_the_file_is_sent(
    files: RemoteFiles, there: Path, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_to(there, jupyter)
    loaded = load.load(path, files)
    typed(loaded, "mine ")
    sent: list[bytes] = []

    def send(socket: http.client.HTTPConnection, data: bytes) -> None:
        if data.startswith(b'{"type": "file"'):  # the headers are sent
            there.write_bytes(b"theirs")
        sent.append(data)
        whole(socket, data)

    whole = http.client.HTTPConnection.send
    monkeypatch.setattr(http.client.HTTPConnection, "send", send)
    with pytest.raises(ChangedOnDiskError, match="another program changed it since it was read"):
        loaded.file.save_now(loaded.notebook)
    assert any(b"mine " in data for data in sent)
    assert there.read_bytes() == b"theirs"
    assert not there.parent.joinpath(f".~{there.name}").exists()


@pytest.mark.server
def test_a_change_right_after_a_save_is_said_and_seen(
    files: RemoteFiles, there: Path, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_to(there, jupyter)
    loaded = load.load(path, files)
    typed(loaded, "mine ")

    def request(server: Server, method: str, path: str, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        found = original(server, method, path, *args, **named)
        if method == "PUT":
            there.write_bytes(ANALYSIS)
        return found

    original = Server.request
    monkeypatch.setattr(Server, "request", request)
    saved = loaded.file.save_now(loaded.notebook)
    assert "another program saved at the same moment" in saved.notices[0]
    assert files.state(path) != loaded.file.state  # so it is read again, and merged
    monkeypatch.undo()
    with pytest.raises(ChangedOnDiskError):
        loaded.file.save_now(loaded.notebook)


@pytest.mark.server
def test_a_file_that_is_no_text(files: RemoteFiles, there: Path, jupyter: JupyterServer) -> None:
    picture = there.with_name("picture.png")
    data = bytes(range(256))
    files.replace(path_to(picture, jupyter), data)
    assert picture.read_bytes() == data == files.read(path_to(picture, jupyter))[0]

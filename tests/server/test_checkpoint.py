"""Checkpoints that a real server keeps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.server.support import TOKEN
from tests.server.test_remote_files import ANALYSIS, PATH, Answers
from tuinb.commands.checkpoint import restore_checkpoint
from tuinb.errors import NotebookFileError
from tuinb.files.remote import Checkpoint, RemoteFiles
from tuinb.notebook.changes import ClientId, SpliceSource, Step, Transaction
from tuinb.server.address import path_of
from tuinb.server.rest import ServerError
from tuinb.session import remote
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.support import JupyterServer
    from tuinb.commands.context import Context
    from tuinb.session.session import Session

ME = ClientId("me")


class Dialogs:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.agrees = True

    async def confirm(self, question: str, **_: str) -> bool:
        self.said.append(question)
        return self.agrees

    def notify(self, text: str, severity: str = "", *, hint: str = "") -> None:
        self.said.append(text)


@pytest.fixture
def there(jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_TOKEN", TOKEN)
    path = jupyter.folder / "kept.ipynb"
    path.write_bytes(ANALYSIS)
    return path


def content(path: Path) -> bytes:
    return path.read_bytes()


def change(path: Path) -> None:
    path.write_bytes(ANALYSIS.replace(b"queue", b"quEUE"))


@pytest.mark.server
async def test_it_is_restored_and_undone(there: Path, jupyter: JupyterServer) -> None:
    path = path_of(jupyter.base, there.name)
    session: Session = open_session(remote.read(path), None)
    dialogs = Dialogs()
    context = cast("Context", SimpleNamespace(session=session, dialogs=dialogs, client=ME))

    async def restored() -> str:
        dialogs.said.clear()
        work = restore_checkpoint.function(context)
        assert work is not None
        await work
        return dialogs.said[-1]

    cell = session.notebook.at(0).id
    assert await restored() == "This notebook has no checkpoint."
    RemoteFiles(jupyter.server).keep_checkpoint(path)
    session.apply(Transaction((SpliceSource(cell, 0, "", "later "),), ME, Step.EDIT))
    await session.save()
    dialogs.agrees = False
    assert "checkpoint of" in await restored()
    assert b"later " in content(there)
    dialogs.agrees = True
    change(there)
    assert "Somebody else has changed the file" in await restored()
    assert b"quEUE" in content(there)
    await session.save(overwrite=True)
    assert await restored() == "Reloaded: 1 cell changed."
    assert content(there) == ANALYSIS
    assert not session.modified
    session.undo(ME)
    assert session.notebook[cell].source.startswith("later ")
    await session.shut_down()


@pytest.mark.parametrize(
    "model", [[], {}, {"id": "a/b", "last_modified": "2026-01-02"}, {"id": "a", "last_modified": "soon"}, 3]
)
def test_an_answer_that_is_no_checkpoint(model: object) -> None:
    good = {"id": "a", "last_modified": "2026-01-02T03:04:05.678901Z"}
    assert RemoteFiles(Answers([model, good])).checkpoint(PATH) == Checkpoint("a", 1767323045.678901)
    assert RemoteFiles(Answers([model])).checkpoint(PATH) is None
    assert RemoteFiles(Answers(model)).checkpoint(PATH) is None


def test_a_server_that_has_none_or_refuses() -> None:
    assert RemoteFiles(Answers(ServerError("no", status=404))).checkpoint(PATH) is None
    refused = ServerError("no", status=500)
    with pytest.raises(NotebookFileError):
        RemoteFiles(Answers(refused)).checkpoint(PATH)
    with pytest.raises(NotebookFileError):
        RemoteFiles(Answers(refused)).restore(PATH, Checkpoint("a", 0))

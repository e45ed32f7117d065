"""Renaming, deleting, making and copying files and folders of a Jupyter server."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.server.test_rest import answering
from tuinb.errors import ChangedOnDiskError, NotebookFileError, NotebookSaveError, TuinbError
from tuinb.files import operations
from tuinb.files.claim import Claim
from tuinb.files.journal.folder import Header, journals, leftovers
from tuinb.server import kernels, known
from tuinb.server.address import Secret, path_of
from tuinb.server.kernels import RemoteKernel
from tuinb.server.rest import Server, ServerError
from tuinb.session import remote
from tuinb.session.opening import open_session
from tuinb.session.remote import ServerKernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.support import JupyterServer
    from tuinb.session.session import Session

pytestmark = pytest.mark.server


@pytest.fixture
def folder(jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder of the server, called `o ä`."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = jupyter.folder / "o ä"
    (found / "sub" / "deep").mkdir(parents=True)
    for name in ("a.ipynb", "sub/b.ipynb", "sub/deep/c.ipynb"):
        (found / name).write_text(name)
    known._OPEN[jupyter.base] = jupyter.server
    yield found
    shutil.rmtree(found)


@pytest.fixture
def at(jupyter: JupyterServer, folder: Path) -> Callable[[str], Path]:
    """Returns the path of a name in that folder, or beside it."""
    return lambda name: operations.beside(path_of(jupyter.base, "o ä/x"), name)


def test_names_never_leave_the_server(at: Callable[[str], Path], jupyter: JupyterServer) -> None:
    assert at("../../../a") == path_of(jupyter.base, "a")
    assert at("/a/./b") == path_of(jupyter.base, "a/b")
    assert at("~/a") == path_of(jupyter.base, "o ä/~/a")
    assert operations.is_folder(path_of(jupyter.base, ""))
    assert not operations.is_folder(at("none"))


def test_what_is_open_below_a_folder_keeps_it(folder: Path, at: Callable[[str], Path]) -> None:
    claim = Claim(at("sub/deep/c.ipynb"))
    assert claim.take() is None
    works: list[Callable[[], None]] = [
        lambda: operations.rename(at("sub"), at("new")),
        lambda: operations.remove(at("sub/deep/c.ipynb")),
    ]
    for work in works:
        with pytest.raises(NotebookSaveError, match=r"lab/tree/o ä/sub/deep/c\.ipynb: tuinb .* has it open"):
            work()
    assert (folder / "sub" / "deep" / "c.ipynb").exists()
    claim.release()
    operations.rename(at("sub"), at("new"))
    assert (folder / "new" / "deep" / "c.ipynb").read_text() == "sub/deep/c.ipynb"


def test_kernels_follow_their_notebooks(jupyter: JupyterServer, folder: Path, at: Callable[[str], Path]) -> None:
    first, other = (
        RemoteKernel(jupyter.server, "o ä/sub/b.ipynb", "python3"),
        RemoteKernel(jupyter.server, "o ä/subs.ipynb", "python3"),
    )
    kernel = first.start()
    other.start()
    operations.rename(at("sub"), at("new"))
    operations.rename(at("new/b.ipynb"), at("new/d.ipynb"))
    paths = {each["path"]: each["name"] for each in jupyter.server.request("GET", "api/sessions")}
    assert (paths["o ä/new/d.ipynb"], "o ä/subs.ipynb" in paths) == ("d.ipynb", True)
    found = RemoteKernel(jupyter.server, "o ä/new/d.ipynb", "python3")
    assert found.start().id == kernel.id
    for one in (found, other):
        one.end()


async def test_a_kernel_goes_with_a_notebook_that_is_saved_under_another_name(
    jupyter: JupyterServer, folder: Path, at: Callable[[str], Path], tmp_path: Path
) -> None:
    (folder / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    server_kernels = ServerKernels(jupyter.server, "o ä/a.ipynb", wanted="python3")
    session: Session = open_session(remote.read(at("a.ipynb")), server_kernels)
    await session.start_kernel()

    def paths() -> set[str]:
        return {each["path"] for each in jupyter.server.request("GET", "api/sessions") if each["path"].startswith("o ä")}

    await session.save(at("sub/later.ipynb"))
    assert paths() == {"o ä/sub/later.ipynb"}
    await session.save(tmp_path / "here.ipynb")
    assert paths() == {"o ä/sub/later.ipynb"}
    await session.shut_down()
    found = RemoteKernel(jupyter.server, "o ä/sub/later.ipynb", "python3")
    found.start()
    assert found.joined
    found.end()


def test_a_server_that_moves_no_kernels(monkeypatch: pytest.MonkeyPatch, at: Callable[[str], Path]) -> None:
    def refuse(*args: object) -> None:
        raise ServerError("it answers 500", where="h")

    monkeypatch.setattr(kernels, "move_sessions", refuse)
    with pytest.raises(NotebookFileError, match=r"it was renamed, but its kernels .*: it answers 500 \(rename it back"):
        operations.rename(at("a.ipynb"), at("z.ipynb"))


def test_a_large_tree_is_not_looked_through(folder: Path, at: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_MOST_FOLDERS", 1)
    assert [*operations._notebooks_in(at("sub"))] == [at("sub/b.ipynb")]


def test_unsaved_changes_of_a_killed_session_keep_the_name(at: Callable[[str], Path]) -> None:
    journals().mkdir(parents=True, mode=0o700)
    (journals() / "1.journal").write_bytes(Header.of(at("a.ipynb")).pack())
    works: list[Callable[[], None]] = [
        lambda: operations.rename(at("a.ipynb"), at("z.ipynb")),
        lambda: operations.remove(at("a.ipynb")),
    ]
    for work in works:
        with pytest.raises(NotebookFileError, match="it has unsaved changes"):
            work()
    (left,) = leftovers(at("a.ipynb"))
    left.discard()


def test_copies_and_what_they_do_not_replace(folder: Path, at: Callable[[str], Path], tmp_path: Path) -> None:
    data = bytes(range(256)) * 10
    (tmp_path / "x.bin").write_bytes(data)
    operations.copy(tmp_path / "x.bin", operations.within(at("sub"), tmp_path / "x.bin", named_folder=True))
    assert (folder / "sub" / "x.bin").read_bytes() == data
    operations.copy(at("sub/x.bin"), tmp_path / "y.bin")
    assert (tmp_path / "y.bin").read_bytes() == data
    with pytest.raises(ChangedOnDiskError, match="the server has a file of this name with other content"):
        operations.copy(tmp_path / "x.bin", at("a.ipynb"))
    assert (folder / "a.ipynb").read_text() == "a.ipynb"


REFUSED: list[tuple[Callable[[Callable[[str], Path]], object], str]] = [
    (lambda at: operations.rename(at("a.ipynb"), at("none/b.ipynb")), "there is no such folder"),
    (lambda at: operations.rename(at("a.ipynb"), at("sub/b.ipynb/c")), "there is no such folder"),
    (lambda at: operations.rename(at("a.ipynb"), at("sub/b.ipynb")), "there is one of this name already"),
    (lambda at: operations.rename(at("sub"), at("sub/in")), "a folder can't be moved into itself"),
    (lambda at: operations.remove(at("sub")), "the folder is not empty"),
    (lambda at: operations.make_folder(at("none/in")), "there is no such folder"),
    (lambda at: operations.make_folder(at("sub")), "there is one of this name already"),
]


@pytest.mark.parametrize(("work", "why"), REFUSED)
def test_what_is_refused_says_why(folder: Path, at: Callable[[str], Path], work: Callable[..., object], why: str) -> None:
    with pytest.raises(TuinbError, match=why):
        work(at)
    assert sorted(path.name for path in folder.rglob("*.ipynb")) == ["a.ipynb", "b.ipynb", "c.ipynb"]


@pytest.mark.parametrize(
    ("status", "message", "why"),
    [
        (403, "Permission denied: a.ipynb", "Permission denied: a.ipynb .*check the permissions of the file"),
        (403, "Forbidden", "it refuses the token"),
        (404, "gone", "gone"),
        (409, "File already exists", "it refuses: File already exists"),
        (500, "No space left on device", "it refuses: No space left on device"),
        (0, "", "it ended the connection without an answer"),
    ],
)
def test_a_server_that_refuses(status: int, message: str, why: str) -> None:
    def answer(method: str, path: str, *_: object) -> tuple[int, dict[str, str], bytes] | None:
        if method == "GET":
            there = path.partition("?")[0].endswith("a.ipynb")
            return (200, {}, b'{"type": "notebook"}') if there else (404, {}, b"{}")
        return (status, {}, json.dumps({"message": message}).encode()) if status else None

    with answering(answer) as (base, _):
        known._OPEN[base] = Server(base, Secret("x"))
        works: list[Callable[[], None]] = [
            lambda: operations.rename(path_of(base, "a.ipynb"), path_of(base, "b.ipynb")),
            lambda: operations.remove(path_of(base, "a.ipynb")),
            lambda: operations.make_folder(path_of(base, "new")),
        ]
        for work in works:
            with pytest.raises(TuinbError, match=why):
                work()

"""Opening a notebook of a server, and what its session says of its kernel."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.session.support import ME, World
from tests.support import ROOT, wait_for
from tuinb.config import Config
from tuinb.errors import ChangedOnDiskError, KernelError, KernelSpecError, NotebookFileError, is_remote
from tuinb.files.storage import DISK, storage_of
from tuinb.kernel.connection.port import KernelDescription
from tuinb.kernel.connection.scripted import ScriptedKernel, gate, hang, prompt
from tuinb.kernel.execution.executor import LOST
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.protocol.lifecycle import HeartbeatLost, OutputDropped, Reconnected
from tuinb.notebook.changes import SpliceSource, Step, Transaction
from tuinb.server import known
from tuinb.server.address import path_of
from tuinb.server.kernels import KernelModel, KernelSpecModel, RemoteKernel
from tuinb.server.rest import Server, ServerError, Upload
from tuinb.session import opening, remote
from tuinb.session.events import Message
from tuinb.session.remote import ServerKernels
from tuinb.session.state import KernelChoice, KernelState, Sign
from tuinb.session.target import Arguments, Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = "https://h/"
ANALYSIS = (ROOT / "tests" / "notebooks" / "analysis.ipynb").read_text()
SPECS = {"default": "python3", "kernelspecs": {"python3": {"spec": {"display_name": "Py\x1b", "language": "python"}}, "x": 3}}


class Files(Server):
    """A server that has files by their paths, and no kernels."""

    def __init__(self, **files: str) -> None:
        super().__init__(BASE)
        self.files = {"a.ipynb": ANALYSIS, **files}
        self.asked: list[tuple[str, str]] = []
        self.gone = False
        self.may_start = Event()
        """Set when a kernel without a session may start."""
        self.may_start.set()

    def asked_of(self, page: str) -> list[str]:
        """Returns the methods of the requests whose path begins with `page`."""
        return [method for method, path in self.asked if path.startswith(page)]

    def request(self, method: str, path: str, body: object = None, **options: Any) -> Any:  # noqa: ANN401
        self.asked.append((method, path))
        if self.gone:
            raise ServerError("nothing listens there", where=BASE)
        if path == "api/kernelspecs":
            return SPECS
        name = path.removeprefix("api/contents/")
        if name == "":
            return {"type": "directory"}
        if path.startswith("api/sessions"):
            started = {"id": "s", "path": "other.ipynb", "kernel": {"id": "k", "name": "python3"}}
            return started if method == "POST" else [started]
        if path.startswith("api/kernels"):
            self.may_start.wait()
            return {"id": "k", "name": "python3"}
        if name not in self.files:
            raise ServerError("no such file", status=404)
        if isinstance(body, Upload):
            self.files[name] = json.loads(b"".join(body))["content"]
        return {
            "type": "file",
            "content": self.files[name],
            "size": len(self.files[name]),
            "last_modified": self.files[name][-9:],
        }


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Files:
    found = Files()
    monkeypatch.setattr(known, "server", lambda base: found)
    monkeypatch.setattr("tuinb.config.read", lambda *_: (Config(kernel="of the settings"), []))
    return found


def prepared(*, file: str = "a.ipynb", **options: Any) -> opening.StartOptions:  # noqa: ANN401
    return opening.prepare(Arguments(f"{BASE}lab/tree/{file}?token=x", **options))


def test_a_notebook_and_its_kernel(server: Files) -> None:
    options = prepared()
    assert options.path == path_of(BASE, "a.ipynb")
    assert options.loaded.file.data == ANALYSIS.encode()
    kernels = options.kernels
    assert isinstance(kernels, ServerKernels)
    assert (kernels.file, kernels.wanted, kernels.language) == ("a.ipynb", "python3", "python")
    kernels.abandon()
    assert server.asked_of("api/sessions") == []
    assert kernels(None).describe() == KernelDescription("python3", "python3", "", "", server=BASE)
    assert kernels("other").describe().name == "other"
    assert kernels.choices() == (KernelChoice("python3", "Py\\x1b", "python"), KernelChoice("x", "x", ""))
    chosen = prepared(kernel="other").kernels
    assert isinstance(chosen, ServerKernels)
    assert (chosen.wanted, chosen.language) == ("other", None)
    assert prepared(no_kernel=True).kernels is None


def kernels_of(options: opening.StartOptions) -> ServerKernels:
    assert isinstance(options.kernels, ServerKernels)
    return options.kernels


def test_the_kernel_that_was_started_early_is_used_once(server: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[RemoteKernel] = []
    monkeypatch.setattr("tuinb.kernel.connection.server.ServerConnection", made.append)
    kernels = kernels_of(prepared())
    kernels.spawn_early()
    kernels.spawn_early()
    kernels("other")
    kernels(None)
    kernels(None)
    assert [kernel.wanted for kernel in made] == ["other", "python3", "python3"]
    assert made[1].start() == KernelModel("k", "python3", "", 0)
    assert made[1].spec == KernelSpecModel("python3", "Py\\x1b", "python")
    assert server.asked_of("api/sessions") == ["GET", "POST"]
    kernels.abandon()
    assert server.asked_of("api/sessions") == ["GET", "POST"]
    assert made[2].start() == made[1].start()
    assert server.asked_of("api/sessions") == ["GET", "POST", "GET", "POST"]


def test_a_kernel_that_was_started_early_for_nobody_is_ended(server: Files) -> None:
    kernels = kernels_of(prepared())
    kernels.spawn()
    kernels.abandon()
    kernels.abandon()
    assert server.asked_of("api/sessions") == ["GET", "POST", "DELETE"]


async def test_a_kernel_that_is_starting_for_nobody_is_ended_once_it_has_started(server: Files) -> None:
    """Nobody else would find it: it has no session."""
    server.may_start.clear()
    kernels = ServerKernels(server)
    kernels.spawn_early()
    connection = ServerKernels(server)(None)
    opening_it = asyncio.create_task(connection.open(lambda _: None))
    await wait_for(lambda: server.asked_of("api/kernels").count("POST") == 2)
    asyncio.get_running_loop().call_later(0.1, server.may_start.set)
    await asyncio.gather(asyncio.to_thread(kernels.abandon), connection.leave())
    with pytest.raises(KernelError, match="it was closed"):
        await opening_it
    assert server.asked_of("api/kernels")[-2:] == ["DELETE", "DELETE"]


def test_the_kernel_of_others_is_not_ended(server: Files) -> None:
    server.files["other.ipynb"] = ANALYSIS
    kernels = kernels_of(prepared(file="other.ipynb"))
    kernels.spawn()
    kernels.abandon()
    assert server.asked_of("api/sessions") == ["GET"]


def test_why_a_kernel_was_not_started_early_is_told_to_its_connection(server: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[RemoteKernel] = []
    monkeypatch.setattr("tuinb.kernel.connection.server.ServerConnection", made.append)
    kernels = kernels_of(prepared(kernel="julia"))
    kernels.spawn_early()
    kernels(None)
    with pytest.raises(KernelSpecError, match="there is no kernel 'julia' on the server"):
        made[0].start()
    server.gone = True
    kernels.spawn_early()
    kernels.abandon()


def test_a_notebook_of_this_machine_on_a_kernel_of_a_server(server: Files, tmp_path: Path) -> None:
    (tmp_path / "here.ipynb").write_text(ANALYSIS)
    options = opening.prepare(Arguments(str(tmp_path / "here.ipynb"), server=BASE))
    assert options.loaded.file.data == ANALYSIS.encode()
    kernels = options.kernels
    assert isinstance(kernels, ServerKernels)
    assert (kernels.file, kernels.wanted) == ("", "python3")
    assert not opening.prepare(Arguments(str(tmp_path / "new.ipynb"), server=BASE)).loaded.file.exists


def test_a_run_has_a_kernel_of_its_own(server: Files) -> None:
    notebook = prepared().loaded.notebook
    kernels = remote.fresh_kernels(path_of(BASE, "dir/a.ipynb"), notebook, None)
    assert (kernels.file, kernels.folder, kernels.wanted, kernels.language) == ("", "dir/a.ipynb", "python3", "python")
    assert remote.fresh_kernels(path_of(BASE, "a.ipynb"), notebook, "other").language is None


@pytest.mark.parametrize(("file", "given"), [("", {"KERNEL_USERNAME": "ann"}), ("a.ipynb", {})])
def test_a_gateway_gets_what_is_meant_for_kernels(
    file: str, given: dict[str, str], server: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[dict[str, str]] = []

    def make(*arguments: Any) -> RemoteKernel:  # noqa: ANN401
        found.append(arguments[-1])
        return RemoteKernel(*arguments)

    monkeypatch.setenv("KERNEL_USERNAME", "ann")
    monkeypatch.setattr(remote, "RemoteKernel", make)
    ServerKernels(server, file)(None)
    assert found == [given]


def test_a_new_notebook(server: Files) -> None:
    options = prepared(file="new.ipynb")
    assert not options.loaded.file.exists
    kernels = options.kernels
    assert isinstance(kernels, ServerKernels)
    assert kernels.wanted == ""
    with pytest.raises(NotebookFileError, match="there is no such folder"):
        remote.read(path_of(BASE, "none/new.ipynb"))
    with pytest.raises(NotebookFileError, match="the name of a new notebook ends in"):
        remote.read(path_of(BASE, "new"))


def test_a_text_that_is_no_unicode_is_shown_but_not_changed(server: Files) -> None:
    server.files["a.ipynb"] += "\ud800"
    assert "UTF-8" in prepared().loaded.read_only


def test_kernels_of_a_server_that_is_gone(server: Files) -> None:
    server.gone = True
    with pytest.raises(KernelError, match="nothing listens there"):
        ServerKernels(server).choices()


async def test_a_session_of_a_server(server: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = prepared()
    session = opening.open_session(options.loaded, options.kernels, journal=True, claims=True)
    try:
        assert [choice.name for choice in await session.kernels()] == ["python3", "x"]
        assert is_remote(session.path)
        assert not await session.is_gone()
        session.keep_checkpoints()
        assert session.access is not None
        await session.access.take_over()
        cell = session.notebook.at(0)
        session.apply(Transaction((SpliceSource(cell.id, 0, "", "mine "),), ME, Step.EDIT))
        server.files["a.ipynb"] += " "
        with pytest.raises(ChangedOnDiskError):
            await session.save()
        assert ("POST", "api/contents/a.ipynb/checkpoints") in server.asked
        found = await session.incoming()
        assert found is not None
        assert not found.merge.conflicts
        saved = await session.save(tmp_path / "here.ipynb", endorse=False)
        assert b"mine " in saved.read_bytes()
        assert session.path == saved
    finally:
        await session.shut_down()
    assert storage_of(tmp_path) is DISK
    assert Target.of(Arguments(f"{BASE}lab/tree/b.ipynb")).path == path_of(BASE, "b.ipynb")


class OnServer(ScriptedKernel):
    """A scripted kernel that says that it is on a server."""

    left = 0

    def describe(self) -> KernelDescription:
        return replace(super().describe(), server=BASE)

    async def leave(self) -> None:
        self.left += 1
        await self._stop()


async def test_leaving_leaves_the_kernel_and_interrupts_a_prompt(worlds: Callable[..., World]) -> None:
    kernel = OnServer({"ask": [prompt("? ")]})
    world = worlds(["ask"], kernel=kernel)
    world.session.run(world.cells)
    await wait_for(lambda: world.session.prompt is not None)
    assert world.session.kernel.server == BASE
    await world.session.shut_down()
    assert (kernel.left, kernel.closed, len(kernel.interrupts)) == (1, False, 1)


async def test_a_connection_that_is_lost_is_said_with_its_reason(worlds: Callable[..., World]) -> None:
    world = worlds(["slow"], {"slow": [hang()]})
    world.session.run(world.cells)
    await wait_for(lambda: world.state() is KernelState.BUSY)
    world.kernel.emit(HeartbeatLost("nothing listens there"))
    assert (world.session.kernel.state, world.session.kernel.detail) == (KernelState.UNREACHABLE, "nothing listens there")
    world.kernel.emit(Reconnected(lost=True))
    assert (world.session.kernel.state, world.session.kernel.detail) == (KernelState.BUSY, "")
    doubt = world.session.doubt_of(world.cells[0])
    assert doubt is not None
    assert (doubt.sign, doubt.text) == (Sign.INCOMPLETE, LOST)
    world.session.interrupt()
    await wait_for(lambda: world.states() == [RunState.ERROR])


async def test_output_that_the_server_dropped_is_said(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    world = worlds(["fast"], {"fast": [gate(opened)]})
    world.session.run(world.cells)
    await wait_for(lambda: world.state() is KernelState.BUSY)
    world.kernel.emit(OutputDropped(world.session._kernel._executor.in_flight or "", "too fast"))  # type: ignore[union-attr]
    opened.set()
    await wait_for(lambda: world.states() == [RunState.OK])
    assert Message("Output of a cell is incomplete: too fast.", "warning") in world.heard
    assert world.session.run_of(world.cells[0]).incomplete == "too fast"

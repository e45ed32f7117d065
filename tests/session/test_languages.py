"""A notebook and its language servers, by the fake one, with a document for each cell and with one for all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lsp.support import ME, served, settings
from tests.support import wait_for
from tuinb.analysis.problems import Problem
from tuinb.config import LanguageServerSettings
from tuinb.editing.completion import Candidate
from tuinb.errors import LanguageServerError
from tuinb.lsp import client, servers
from tuinb.lsp.answers import Location
from tuinb.notebook.changes import CellData, CellId, DeleteCell, MoveCell, SetKind, SpliceSource, Transaction
from tuinb.notebook.document import Notebook
from tuinb.session.events import KernelChanged
from tuinb.session.languages import LanguageServers
from tuinb.session.state import NO_KERNEL, KernelState, KernelStatus

if TYPE_CHECKING:
    from collections.abc import Callable

C0, C1, C2 = CellId("c0"), CellId("c1"), CellId("c2")
WAYS = [(), ("one",), ("one", "full"), ("encoding=utf-8",), ("one", "encoding=utf-32")]


@pytest.mark.parametrize("arguments", WAYS)
async def test_names_over_cells(arguments: tuple[str, ...]) -> None:
    async with served("😀 = value = 1", "text", "print(value, '😀', value)", arguments=arguments) as it:
        assert await it.servers.definition(C2, 6) == [Location(C0, 4)]
        assert await it.servers.references(C2, 6) == [Location(C0, 4), Location(C2, 6), Location(C2, 18)]
        await it.servers.check_rename(C2, 6)
        assert await it.servers.rename(C2, 6, "new") == [
            SpliceSource(C0, 4, "value", "new"),
            SpliceSource(C2, 18, "value", "new"),
            SpliceSource(C2, 6, "value", "new"),
        ]
        assert await it.servers.hover(C2, 6) == ("value: int\nIt is a name.", "fake_server")


@pytest.mark.parametrize("arguments", WAYS)
async def test_the_server_follows_the_notebook(arguments: tuple[str, ...]) -> None:
    async with served("a", "b", "c", arguments=arguments) as it:
        it.splice("c0", 1, "", "😀\nd")
        it.splice("c2", 0, "c", "")
        it.session.apply(Transaction((MoveCell(C1, None), SetKind(C2, "markdown")), ME))
        expected = ["b", "a😀\nd"]
        assert await it.texts() == (["\n".join(expected)] if "one" in arguments else expected)
        it.session.undo(ME)
        it.session.apply(Transaction((DeleteCell(C0),), ME))
        assert await it.texts() == (["b\n"] if "one" in arguments else ["b", ""])


@pytest.mark.parametrize("arguments", WAYS)
async def test_problems(arguments: tuple[str, ...]) -> None:
    async with served("x\n😀BAD", "display()\n%store -r set_by\n%time set_by_magic", "NOTE", arguments=arguments) as it:
        await wait_for(lambda: bool(dict(it.servers.problems)))
        bad, note = (
            Problem(1, 1, "Bad thing said at length (bad)", is_error=True),
            Problem(0, 0, "Name `NOTE` is not defined (undefined)"),
        )
        # `%store` may set any name.
        assert dict(it.servers.problems) == {C0: (bad,)}
        it.splice("c1", 0, it.notebook[C1].source, "ok")
        await wait_for(lambda: bool(dict(it.servers.problems).get(C2)))
        assert dict(it.servers.problems)[C2] == (note,)


async def test_watchers_are_told_what_changed() -> None:
    async with served("ok", "BAD") as it:
        await wait_for(lambda: C1 in dict(it.servers.problems))
        told: list[frozenset[CellId]] = []
        stop = it.servers.watch(told.append)
        it.splice("c0", 0, "", "BAD ")
        await wait_for(lambda: told == [frozenset((C0,))])
        stop()
        await it.servers.restart()
        assert len(told) == 1


async def test_what_is_asked_beside_the_cursor() -> None:
    async with served("call(ser") as it:
        assert await it.servers.signature(C0, 5) == "(first, second=2)"
        start, found, _ = await it.servers.complete(C0, 8)
        assert (start, found) == (5, (Candidate("server_1", "function"), Candidate("server_2", "function")))


async def test_no_server_for_what_is_asked_beside_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PAUSES", ())
    async with served("a", arguments=("die-at-once",)) as it:
        assert await it.servers.hover(C0, 0) == ("", "")
        assert await it.servers.signature(C0, 0) == ""
        assert await it.servers.complete(C0, 0) == (0, (), "")
        assert await it.servers.definition(C0, 0) == []


@pytest.mark.parametrize(("way", "why"), [("outside", "would also change passwd"), ("overlap", "overlap")])
async def test_a_rename_that_does_not_fit_is_refused(way: str, why: str) -> None:
    async with served("a = a", arguments=(way,)) as it:
        with pytest.raises(LanguageServerError, match=why):
            await it.servers.rename(C0, 0, "b")


async def test_a_rename_is_refused_if_a_cell_was_edited_meanwhile() -> None:
    async with served("a = a", "b") as it:
        asking = asyncio.ensure_future(it.servers.rename(C0, 0, "b"))
        await asyncio.sleep(0)
        it.splice("c0", 5, "", "a")
        with pytest.raises(LanguageServerError, match="edited meanwhile"):
            await asking
        looking = asyncio.ensure_future(it.servers.references(C0, 0))
        await asyncio.sleep(0)
        it.splice("c1", 1, "", "a")
        it.servers._sync()
        with pytest.raises(LanguageServerError, match="edited meanwhile"):
            await looking


async def test_what_can_not_be_renamed() -> None:
    async with served("fixed = 1") as it:
        with pytest.raises(LanguageServerError, match="this can't be renamed"):
            await it.servers.check_rename(C0, 0)


@pytest.mark.parametrize("arguments", WAYS)
async def test_fixes_of_all_cells(arguments: tuple[str, ...]) -> None:
    async with served("TYPO x", "y TYPO", arguments=arguments) as it:
        found = await it.servers.of_kind("source.fixAll", "fixes")
        assert {(change.cell, change.removed, change.inserted) for change in found} == {
            (C0, "TYPO", "typed"),
            (C1, "TYPO", "typed"),
        }


async def test_a_fix_at_a_place() -> None:
    async with served("TYPO x", "TYPO") as it:
        (action,) = await it.servers.actions(C0, 0, 0)
        assert action.title == "Fix typos"
        assert await it.servers.edit_of(action) == [SpliceSource(C0, 0, "TYPO", "typed")]


async def test_formatting() -> None:
    async with served("a  =   1", format=True) as it:
        assert await it.servers.formatter()
        assert await it.servers.format(C0) == [SpliceSource(C0, 0, "a  =   1", "a = 1")]
    async with served("a  =   1", arguments=("one",), format=True) as it:
        with pytest.raises(LanguageServerError, match="can't format single cells"):
            await it.servers.format(C0)
    async with served("a") as it:
        assert await it.servers.formatter() == ""


@pytest.mark.parametrize("arguments", [(), ("silent",)])
async def test_a_server_whose_problems_are_not_marked_is_started_by_a_command(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_KNOWN", {"fake_server": servers._Known(marks_problems=False)})
    monkeypatch.setattr("tuinb.session.languages._SHORT", 0.5)
    async with served("TYPO x", arguments=arguments, waits=False) as it:
        it.splice("c0", 6, "", "y")
        assert it.servers._clients[0].pid is None
        assert it.servers.report().endswith("is started by the first command that needs it")
        assert await it.servers.hover(C0, 0) == ("", "")
        (action,) = await it.servers.actions(C0, 0, 0)
        assert await it.servers.edit_of(action) == [SpliceSource(C0, 0, "TYPO", "typed")]
        assert it.servers._has_read == (set() if arguments else set(it.servers._clients))
        await it.servers.restart()
        assert it.servers._clients[0].pid is None


async def test_servers_of_another_language_are_others() -> None:
    async with served("a") as it:
        it.set_language("R")
        await it.servers.restart()
        assert it.servers.report() == ""
        with pytest.raises(LanguageServerError, match=r"write \[lsp.r\] into config.toml"):
            await it.servers.references(C0, 0)


class Kernels:
    """The part of a session that servers need, whose kernel changes."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.path = Path("/notebooks/a.ipynb")
        self.kernel = NO_KERNEL
        self.listeners: list[Callable[[Any], None]] = []

    def listen(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def change(self, state: KernelState, interpreter: str, *, foreign: bool = False) -> None:
        self.kernel = KernelStatus(state, "python3", "Python 3", interpreter, "python", foreign=foreign)
        for listener in self.listeners:
            listener(KernelChanged(self.kernel))


async def test_servers_are_started_again_for_another_python() -> None:
    it = Kernels(Notebook([CellData(C0, "code", "a")]))
    languages = LanguageServers(it, lambda _text: None)
    languages.use(settings(), {})
    first = await languages.client("renameProvider")
    assert first is not None
    assert "python" not in first.server.settings
    it.change(KernelState.IDLE, "/env/bin/python")
    await wait_for(lambda: languages._clients != [first] and languages.offers("renameProvider"))
    (second,) = languages._clients
    assert second.server.settings["python"] == {"pythonPath": "/env/bin/python"}
    it.change(KernelState.DEAD, "/env/bin/python")
    it.change(KernelState.IDLE, "/other/bin/python", foreign=True)
    assert languages._restarting is None
    await languages.close()
    assert it.listeners == []


async def test_a_program_that_is_missing_is_named_once() -> None:
    said: list[str] = []
    languages = LanguageServers(Kernels(Notebook([CellData(C0, "code", "a")])), said.append)
    languages.use({"python": [LanguageServerSettings(["no-such-server"], {})]}, {})
    assert said == ["no-such-server: this language server is not installed (correct [lsp.python] of config.toml)"]
    languages.use({"python": [LanguageServerSettings(["other"], {})]}, {})
    assert len(said) == 1
    await languages.close()


async def test_a_long_notebook_has_no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.session.languages._MOST_CELLS", 1)
    async with served("a", "b", waits=False) as it:
        assert it.servers.report() == "The notebook is too long for language servers."
        with pytest.raises(LanguageServerError, match="too long for language servers"):
            await it.servers.references(C0, 0)


# ---- which there are


@pytest.fixture(autouse=True)
def _nothing_beside_tuinb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_OWN_PROGRAMS", str(tmp_path / "own"))


def test_what_is_beside_tuinb_comes_last(tmp_path: Path) -> None:
    own = program(tmp_path / "own" / "ty")
    assert servers.find("ty", {"PATH": "/usr/bin"}, "") == str(own)
    first = program(tmp_path / "bin" / "ty")
    assert servers.find("ty", {"PATH": str(first.parent)}, "") == str(first)


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o700)
    return path


def test_what_is_installed_is_used(tmp_path: Path) -> None:
    ty, ruff = program(tmp_path / "bin" / "ty"), program(tmp_path / "env" / "bin" / "ruff")
    program(tmp_path / "bin" / "pylsp")
    environ = {"PATH": f"{tmp_path / 'bin'}:."}
    found, problems = servers.available("python", None, environ, "")
    assert [server.argv for server in found] == [[str(ty), "server"]]
    found, problems = servers.available("python", None, environ, str(ruff.with_name("python")))
    assert [server.name for server in found] == ["ty", "ruff"]
    assert found[0].settings["ty"]["configuration"]["environment"]["python"] == str(ruff.with_name("python"))
    assert [found[1].marks_problems, problems] == [False, []]
    assert servers.available("r", None, environ, "") == ([], [])


def test_what_the_settings_name(tmp_path: Path) -> None:
    program(tmp_path / "pylsp")
    named = [
        LanguageServerSettings(["pylsp"], {"pylsp": {"plugins": {"x": 1}}}, format=True),
        LanguageServerSettings(["ty"], {}),
    ]
    (found,), (problem,) = servers.available("python", named, {"PATH": str(tmp_path)}, "/env/bin/python")
    assert (found.formats, found.knows_notebooks) == (True, False)
    assert found.settings["pylsp"] == {"plugins": {"jedi": {"environment": "/env/bin/python"}, "x": 1}}
    assert str(problem) == "ty: this language server is not installed (`pip install ty`)"
    assert servers.available("python", [], {"PATH": str(tmp_path)}, "") == ([], [])


@pytest.mark.parametrize("path", [".", "", "bin"])
def test_no_program_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    program(tmp_path / "ty")
    program(tmp_path / "bin" / "ty")
    assert servers.find("ty", {"PATH": path}, "") == ""
    assert servers.find("bin/ty", {"PATH": path}, "") == ""
    assert servers.find(str(tmp_path / "ty"), {"PATH": path}, "") == str(tmp_path / "ty")


def test_parts_of_settings() -> None:
    settings = {"a": {"b": 1}}
    assert [servers.section(settings, name) for name in ("a", "a.b", "a.b.c", "x", "", None)] == [
        {"b": 1}, 1, None, None, settings, settings,
    ]  # fmt: skip

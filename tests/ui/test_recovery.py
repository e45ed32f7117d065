"""The question about unsaved changes of an earlier run, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.files.journal.support import frame
from tests.session.support import ME
from tests.support import wait_for, write_notebook
from tests.ui.harness import Driver, running
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.records import Kind
from tuinb.notebook.changes import CellId, DeleteCell, SpliceSource, Step, Transaction
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

A, B = CellId("cell-0"), CellId("cell-1")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A notebook with unsaved changes of an earlier run."""
    path = write_notebook(tmp_path / "x.ipynb", "a = 1", "b = 2", "c = 3")
    session = open_session(load.load(path), None, journal=True)
    session.apply(Transaction((SpliceSource(A, 0, "", "new_"), DeleteCell(B)), ME, Step.EDIT))
    await session.shut_down()
    return path


def journals() -> list[Path]:
    return list(folder.journals().glob("*.journal"))


def words(t: Driver) -> str:
    """The text on the screen without its line breaks, and without borders."""
    return " ".join(t.text().replace("│", "").split())


async def test_enter_leaves_them_for_later(path: Path) -> None:
    for _ in range(2):
        async with running(path) as t:
            await t.shows("Unsaved changes of")
            assert "tuinb ended without saving x.ipynb." in words(t)
            assert ": 2 cells." in words(t)
            assert "▸ 1 Leave them for later" in t.text()
            await t.press("enter")
            assert t.sources() == ["a = 1", "b = 2", "c = 3"]
            assert not t.session.modified
        assert len(journals()) == 1


async def test_escape_leaves_them_for_later_and_a_command_asks_again(path: Path) -> None:
    async with running(path) as t:
        await t.shows("Unsaved changes of")
        await t.press("escape")
        await t.press("colon")
        await t.type("restore-unsaved\n")
        await t.shows("Unsaved changes of")
        await t.press("2")
        await t.shows("2 cells restored. z undoes the last step, as before.")
        assert t.sources() == ["new_a = 1", "c = 3"]
        await wait_for(lambda: journals() == [])
        await t.press("colon")
        await t.type("restore-unsaved\n")
        await t.shows("There are no unsaved changes of an earlier run.")


async def test_they_are_restored_and_that_is_undone(path: Path) -> None:
    async with running(path) as t:
        await t.shows("Unsaved changes of")
        await t.press("2")
        await t.shows("new_a = 1")
        assert t.session.modified
        await t.press("z")
        assert t.sources() == ["a = 1", "b = 2", "c = 3"]
        assert not t.session.modified


async def test_they_are_compared_first(path: Path) -> None:
    async with running(path) as t:
        await t.shows("Unsaved changes of")
        await t.press("3")
        await t.shows("+new_a = 1")
        assert "-b = 2" in t.text()
        await t.press("q")
        await t.shows("▸ 2 Restore them")
        await t.press("enter")
        await t.shows("new_a = 1")


async def test_they_are_discarded_after_a_second_question(path: Path) -> None:
    async with running(path) as t:
        await t.shows("Unsaved changes of")
        await t.press("4")
        await t.shows("Discard the unsaved changes of")
        await t.press("enter")
        await t.shows("Leave them for later")
        await t.press("4")
        await t.shows("Discard the unsaved changes of")
        await t.press("1")
        await wait_for(lambda: journals() == [])
        assert t.sources() == ["a = 1", "b = 2", "c = 3"]


async def test_a_file_that_changed_is_named(path: Path) -> None:
    write_notebook(path, "a = 2", "b = 2", "c = 3", "theirs")
    async with running(path) as t:
        await t.shows("Unsaved changes of")
        assert "The notebook has changed since; other cells stay as they are now." in words(t)
        assert "1 of them has changed here, too." in words(t)
        await t.press("2")
        await t.shows("new_a = 1")
        assert t.sources() == ["new_a = 1", "c = 3", "theirs"]


async def test_changes_that_came_into_the_notebook_meanwhile_are_not_restored_again(path: Path) -> None:
    async with running(path) as t:
        await t.shows("Unsaved changes of")
        t.session.apply(Transaction((SpliceSource(A, 0, "", "new_"), DeleteCell(B)), ME, Step.EDIT))
        await t.press("2")
        await wait_for(lambda: journals() == [])
        assert t.sources() == ["new_a = 1", "c = 3"]
        await t.press("z")
        assert t.sources() == ["a = 1", "b = 2", "c = 3"]


async def test_another_machine_and_a_problem_are_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [file] = journals()
    file.write_bytes(file.read_bytes() + frame(Kind.CHANGES, b"nonsense"))
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    async with running(path, size=(100, 30)) as t:
        await t.shows("Unsaved changes of")
        assert "where tuinb may still run. Some of them can't be read: " in words(t)

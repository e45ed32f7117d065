"""Two sessions on one notebook: one writes, the other looks on, and they change places."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.session.support import ME
from tests.support import wait_for, write_notebook
from tuinb.errors import NotebookFileError, NotebookSaveError
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.notebook.changes import CellId, InsertCell, SpliceSource, Step, Transaction
from tuinb.session import access, recovery
from tuinb.session.events import Message
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.access import Access
    from tuinb.session.session import Session

A = CellId("cell-0")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(access, "_BEAT", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "a.ipynb", "a", "b")


def text_of(path: Path) -> str:
    return path.read_text()


def remove(path: Path) -> None:
    path.unlink()


def remove_ids(path: Path) -> None:
    text = path.read_text().replace('"nbformat_minor": 5', '"nbformat_minor": 4')
    path.write_text("".join(line for line in text.splitlines(keepends=True) if '"id"' not in line))


class One:
    """A session, as one of several processes has it."""

    def __init__(self, path: Path) -> None:
        self.session: Session = open_session(load.load(path), None, journal=True, claims=True)
        self.session.watch_disk()
        self.messages: list[str] = []
        self.session.listen(lambda event: self.messages.append(event.text) if isinstance(event, Message) else None)

    @property
    def access(self) -> Access:
        assert self.session.access is not None
        return self.session.access

    def type(self, text: str) -> None:
        self.session.apply(Transaction((SpliceSource(self.session.notebook.order[0], 0, "", text),), ME, Step.TYPING))

    def sources(self) -> list[str]:
        return [cell.source for cell in self.session.notebook]


async def test_the_second_looks_on_and_follows_what_the_first_saves(path: Path) -> None:
    first, second = One(path), One(path)
    assert first.session.read_only == ""
    assert f"process {os.getpid()}" in second.session.read_only
    with pytest.raises(NotebookFileError, match="has it open"):
        second.type("x")
    with pytest.raises(NotebookSaveError, match="read-only"):
        await second.session.save()
    assert await second.session.save(automatic=True) == path
    second.session.run([A])
    assert "Read-only" in second.messages[-1]
    assert second.session.run_apart("1") is None
    first.type("x")
    cell = first.session.notebook.fresh(first.session.notebook[A].data())
    first.session.apply(Transaction((InsertCell(cell, A),), ME))
    await first.session.save(endorse=False)
    await wait_for(lambda: second.sources() == ["xa", "xa", "b"])
    assert not second.session.modified
    await second.session.shut_down()
    first.type("y")
    await first.session.save(endorse=False)
    await first.session.shut_down()


@pytest.mark.parametrize("has_ids", [True, False])
async def test_taking_over_hands_unsaved_changes_to_the_new_owner(path: Path, has_ids: bool) -> None:
    if not has_ids:
        remove_ids(path)
    first, second = One(path), One(path)
    first.type("saved ")
    await first.session.save(endorse=False)
    first.type("unsaved ")
    assert await second.access.take_over()
    assert "took it over" in first.session.read_only
    assert "Unsaved changes went there" in first.messages[-1]
    assert not first.session.modified
    with pytest.raises(NotebookFileError, match="took it over"):
        first.type("late ")
    assert second.session.read_only == ""
    assert second.sources() == ["saved a", "b"]
    await wait_for(lambda: not list(folder.journals().glob("*.tmp")))
    [unsaved] = await recovery.find(second.session)
    recovery.restore(second.session, unsaved, ME)
    await recovery.hand_over(second.session, unsaved)
    assert second.sources() == ["unsaved saved a", "b"]
    second.type("second ")
    await second.session.save(endorse=False)
    await wait_for(lambda: first.sources() == ["second unsaved saved a", "b"])
    before = text_of(path)
    assert await first.access.take_over()
    first.type("x")
    await first.session.save(endorse=False)
    assert text_of(path) == before.replace("second unsaved", "xsecond unsaved")
    for one in (first, second):
        assert await one.session.shut_down() == ""
    assert list(folder.journals().glob("*")) == []
    assert list((folder.journals().parent / "open").glob("*")) == []


async def test_a_notebook_whose_file_is_gone_is_taken_over_as_it_is(path: Path) -> None:
    first, second = One(path), One(path)
    remove(path)
    assert await second.access.take_over()
    second.type("x")
    await second.session.save(endorse=False)
    await wait_for(lambda: first.sources() == ["xa", "b"])
    for one in (first, second):
        await one.session.shut_down()


async def test_an_owner_that_does_not_answer_is_passed_over_only_if_told_to(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_BEAT", 1000.0)
    monkeypatch.setattr(access, "_ANSWER", 0.1)
    first, second = One(path), One(path)
    assert not await second.access.take_over()
    assert second.session.read_only
    assert await second.access.take_over(unanswered=True)
    second.type("x")
    await second.session.save(endorse=False)
    first.type("y")
    with pytest.raises(NotebookSaveError, match="took it over"):
        await first.session.save()
    assert first.session.read_only
    await first.session.shut_down()
    assert load.load(path).notebook[A].source == "xa"
    [unsaved] = await recovery.find(second.session)
    unsaved.leftover.release()
    await second.session.shut_down()


async def test_a_copy_is_edited_by_its_own_session(path: Path, tmp_path: Path) -> None:
    first, second = One(path), One(path)
    copy = tmp_path / "copy.ipynb"
    await second.session.save(copy, endorse=False)
    assert second.session.read_only == ""
    second.type("x")
    await second.session.save(endorse=False)
    assert load.load(copy).notebook[A].source == "xa"
    with pytest.raises(NotebookSaveError, match="has it open"):
        await first.session.save(copy, overwrite=True)
    third = One(copy)
    assert third.session.read_only
    for one in (first, second, third):
        await one.session.shut_down()


async def test_another_name_of_the_same_file_is_not_another_file(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link.ipynb").symlink_to(path)
    first = One(path)
    first.type("x")
    await first.session.save(tmp_path / "link.ipynb", overwrite=True, endorse=False)
    first.type("y")
    await first.session.save(endorse=False)
    assert load.load(path).notebook[A].source == "yxa"
    await first.session.shut_down()


async def test_a_save_elsewhere_that_fails_claims_nothing(path: Path, tmp_path: Path) -> None:
    first = One(path)
    with pytest.raises(NotebookSaveError):
        await first.session.save(tmp_path / "gone" / "a.ipynb")
    (tmp_path / "gone").mkdir()
    other = One(write_notebook(tmp_path / "gone" / "a.ipynb", "c"))
    assert other.session.read_only == ""
    for one in (first, other):
        await one.session.shut_down()


async def test_a_state_folder_that_cannot_be_written_leaves_the_notebook_editable(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    one = One(path)
    assert one.access.problem
    one.type("x")
    await one.session.save(endorse=False)
    await one.session.shut_down()

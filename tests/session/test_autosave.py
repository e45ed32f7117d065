"""A notebook is saved by itself some time after it was changed, if the user asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.session.support import ME
from tests.support import wait_for, write_notebook
from tuinb.files import load
from tuinb.notebook.changes import CellId, SpliceSource, Step, Transaction
from tuinb.session.events import Message, Saved
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Applied
    from tuinb.session.autosave import Autosave
    from tuinb.session.events import SessionEvent
    from tuinb.session.session import Session

A = CellId("cell-0")
SOON, NEVER = 0.01, 3600.0


class Work:
    """A session with the events that a listener received."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.session: Session = open_session(load.load(path), None)
        self.heard: list[Applied | SessionEvent] = []
        self.session.listen(self.heard.append)
        self.session.autosave(seconds)

    def type(self, text: str) -> None:
        self.session.apply(Transaction((SpliceSource(A, 0, "", text),), ME, Step.TYPING))

    def saves(self) -> list[Saved]:
        return [event for event in self.heard if isinstance(event, Saved)]

    def messages(self) -> list[str]:
        return [event.text for event in self.heard if isinstance(event, Message)]


def waits(autosave: Autosave) -> bool:
    """Whether a save is to come."""
    return autosave._timer is not None


def text(path: Path) -> str:
    return path.read_text()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "a")


async def test_a_change_is_saved_by_itself(path: Path) -> None:
    work = Work(path, SOON)
    work.type("x")
    await wait_for(lambda: bool(work.saves()))
    assert '"xa"' in text(path)
    assert not work.session.modified
    assert [event.automatic for event in work.saves()] == [True]
    work.type("y")
    await wait_for(lambda: '"yxa"' in text(path))
    await work.session.shut_down()


async def test_what_is_saved_or_undone_meanwhile_is_not_saved_again(path: Path) -> None:
    work = Work(path, NEVER)
    autosave = work.session._autosave
    assert autosave is not None
    work.type("x")
    assert waits(autosave)
    await work.session.save(endorse=False)
    assert not waits(autosave)
    work.type("y")
    work.session.apply(Transaction((SpliceSource(A, 0, "y", ""),), ME, Step.TYPING))
    autosave._begin()
    assert autosave._task is None
    work.type("z")
    autosave._begin()
    await wait_for(lambda: len(work.saves()) == 2)
    assert '"zxa"' in text(path)
    assert [event.automatic for event in work.saves()] == [False, True]
    await work.session.shut_down()


async def test_another_programs_file_is_not_overwritten_and_that_is_told_once(path: Path) -> None:
    work = Work(path, SOON)
    write_notebook(path, "theirs")
    theirs = text(path)
    work.type("x")
    await wait_for(lambda: bool(work.messages()))
    work.type("y")
    work.type("z")
    tries = len(work.heard)
    await wait_for(lambda: len(work.heard) >= tries)
    assert text(path) == theirs
    assert len(work.messages()) == 1
    assert "Not saved by itself: " in work.messages()[0]
    assert "another program changed it" in work.messages()[0]
    await work.session.save(overwrite=True, endorse=False)
    write_notebook(path, "theirs again")
    work.type("!")
    await wait_for(lambda: len(work.messages()) == 2)
    await work.session.shut_down()


async def test_nothing_is_saved_after_the_end(path: Path) -> None:
    work = Work(path, NEVER)
    before = text(path)
    work.type("x")
    await work.session.shut_down()
    work.type("y")
    assert text(path) == before
    assert work.saves() == []

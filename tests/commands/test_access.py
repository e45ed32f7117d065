"""The question about a notebook that another process has open, and taking it over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tuinb.commands import access as commands
from tuinb.files.claim import Owner
from tuinb.session.access import Access

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Desk


class FakeAccess(Access):
    """Another process has the notebook, and may answer."""

    def __init__(self, path: Path, *, answers: bool = True) -> None:
        super().__init__(path)
        self.owner = replace(Owner.of_this_process(), host="elsewhere", pid=4242)
        self.answers = answers
        self.asked: list[bool] = []

    async def take_over(self, *, unanswered: bool = False) -> bool:
        self.asked.append(unanswered)
        if self.answers or unanswered:
            self.owner = None
        return self.owner is None


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return write_notebook(tmp_path / "a.ipynb", "a")


def opened(it: Desk, path: Path, *answers: object, responds: bool = True) -> FakeAccess:
    it.session.path = path
    it.session.access = access = FakeAccess(path, answers=responds)
    it.host.answers.extend(answers)
    it.host.run_later(commands.offer(it.context))
    it.settle()
    return access


@pytest.mark.parametrize("answer", [0, None])
def test_looking_on_changes_nothing(desk: Callable[[str], Desk], path: Path, answer: int | None) -> None:
    it = desk("a*")
    access = opened(it, path, answer)
    [(_, question, options)] = it.host.log
    assert question.startswith("a.ipynb is open in tuinb (process 4242 on elsewhere) since ")
    assert "may have ended" not in question
    assert options[0] == "Look on, read-only"
    assert access.asked == []


def test_a_silent_owner_is_said_to_be_silent(desk: Callable[[str], Desk], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.files.claim.SILENT", -1.0)
    it = desk("a*")
    opened(it, path, 0)
    assert "may have ended" in it.host.log[0][1]


def test_taking_over(desk: Callable[[str], Desk], path: Path) -> None:
    it = desk("a*")
    access = opened(it, path, 1)
    assert access.asked == [False]
    assert "edited here now" in it.host.log[-1][1]
    it.run("take-over")
    assert it.host.log[-1][1] == "No other tuinb has this notebook."


@pytest.mark.parametrize("answer", [True, False])
def test_an_owner_that_does_not_answer(desk: Callable[[str], Desk], path: Path, answer: bool) -> None:
    it = desk("a*")
    access = opened(it, path, 0, responds=False)
    it.run("take-over", answer)
    assert access.asked == [False, True][: 1 + answer]
    assert any("does not answer" in str(entry) for entry in it.host.log)


def test_another_process_may_be_faster(desk: Callable[[str], Desk], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(self: Access, *, unanswered: bool = False) -> bool:
        return False

    monkeypatch.setattr(FakeAccess, "take_over", refused)
    it = desk("a*")
    opened(it, path, 1, True)
    assert "Another process took it meanwhile." in str(it.host.log[-1])


def test_a_copy_gets_a_free_name(desk: Callable[[str], Desk], path: Path) -> None:
    (path.parent / "a-copy.ipynb").write_text("")
    it = desk("a*")
    opened(it, path, 2, str(path.with_name("b.ipynb")))
    assert ("ask", "Save the copy as:", str(path.with_name("a-copy2.ipynb"))) in it.host.log
    assert it.session.log == [("save", str(path.with_name("b.ipynb")), False)]
    it = desk("a*")
    opened(it, path, 2, None)
    assert it.session.log == []

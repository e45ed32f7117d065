"""Restoring a notebook's checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tuinb.files import checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Desk


def with_checkpoint(it: Desk, folder: Path, *sources: str) -> None:
    it.session.path = folder / "a.ipynb"
    path = checkpoints.path_of(it.session.path)
    path.parent.mkdir()
    write_notebook(path, *sources)


def sources(it: Desk) -> list[str]:
    return [cell.source for cell in it.notebook]


def test_it_is_restored_as_one_step_after_a_question(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*|b")
    with_checkpoint(it, tmp_path, "one", "two", "b")
    it.run("restore-checkpoint", False)
    assert sources(it) == ["a", "b"]
    assert it.host.log[0][:2] == ("confirm", it.host.log[0][1])
    assert "checkpoint of" in it.host.log[0][1]
    it.run("restore-checkpoint", True)
    assert sources(it) == ["one", "two", "b"]
    it.run("undo")
    assert sources(it) == ["a", "b"]


def test_one_that_is_the_same_changes_nothing(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*|b")
    with_checkpoint(it, tmp_path, "a", "b")
    it.run("restore-checkpoint", True)
    assert it.session.applied == []
    assert "the same as its checkpoint" in it.host.log[-1][1]


def test_a_notebook_without_one(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    it.session.path = tmp_path / "a.ipynb"
    it.run("restore-checkpoint")
    assert "no checkpoint" in it.host.log[-1][1]

"""Commands that run cells, and those that take them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

RUNS = [
    ("run-all", ("run", "a", "b", "c", "d")),
    ("run-all-above", ("run", "a")),
    ("run-all-below", ("run", "b", "c", "d")),
    ("run-in-place", ("run", "b", "c")),
]


@pytest.mark.parametrize(("name", "asked"), RUNS)
def test_what_is_run(desk: Callable[[str], Desk], name: str, asked: tuple[str, ...]) -> None:
    it = desk("a|m:x|[b|c*]|d")
    it.run(name)
    assert it.session.log == [asked]
    assert str(it) == "a|m:x|[b|c*]|d"


def test_cancelling(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b|c|d")
    it.run("cancel-queued")
    it.run("cancel-all-queued")
    assert it.said() == ["No selected cell is waiting to run.", "No cell is waiting to run."]
    it.session.running = CellId("c0")
    it.session.waiting = [CellId("c1"), CellId("c2"), CellId("c3")]
    it.run("cancel-queued")
    assert it.session.log == []
    it.press("j")
    it.run("cancel-queued")
    it.run("cancel-all-queued")
    assert it.session.log == [("cancel", "b"), ("cancel", "c", "d")]

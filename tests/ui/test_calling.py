"""Calls a user who looks elsewhere: only then, once, and as the settings say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import wait_for, write_notebook
from tests.ui.harness import Driver, running
from tuinb.config import Config
from tuinb.kernel.connection import scripted

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.workspace.workspace import CellClipboard

WAITS = "a⟨U+202E⟩b.ipynb: The kernel waits for input."


class Others:
    """The other screens of the session."""

    cells: CellClipboard
    others = 1

    def __init__(self, last_look: float) -> None:
        self.last_look = last_look

    def detach_others(self) -> None:
        raise AssertionError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "a\u202eb.ipynb", "ask", "2")


async def calls(t: Driver, monkeypatch: pytest.MonkeyPatch, *, elsewhere: bool = True) -> list[tuple[str, bool]]:
    """Runs a cell that asks, with or without the focus. Returns each call, and whether it is by the bell alone."""
    made: list[tuple[str, bool]] = []
    monkeypatch.setattr(t.app, "ring", lambda text, *, bell_alone: made.append((text, bell_alone)))
    if elsewhere:
        t.app.post_message(events.AppBlur())
        await t.until(lambda: t.app.unfocused_since is not None)
    t.session.run([t.cell(0)])
    await wait_for(lambda: t.app.pane.prompt.is_open)
    await t.pilot.pause()
    return made


ASKS = {"ask": [scripted.prompt("password? ")]}


async def test_a_prompt_calls_a_user_who_looks_elsewhere(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(path, ASKS) as t:
        assert await calls(t, monkeypatch) == [(WAITS, False)]


async def test_the_focus_is_back_with_the_first_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(path, ASKS) as t:
        t.app.post_message(events.AppBlur())
        await t.until(lambda: t.app.unfocused_since is not None)
        await t.press("j")
        await t.press("k")
        assert await calls(t, monkeypatch, elsewhere=False) == []


@pytest.mark.parametrize(("setting", "made"), [("bell", [(WAITS, True)]), ("none", [])])
async def test_the_setting(path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, made: list[tuple[str, bool]]) -> None:
    async with running(path, ASKS, config=Config(notify=setting)) as t:
        assert await calls(t, monkeypatch) == made


@pytest.mark.parametrize(("last_look", "made"), [(math.inf, []), (0.0, [(WAITS, False)])])
async def test_one_of_several_screens_calls(
    path: Path, monkeypatch: pytest.MonkeyPatch, last_look: float, made: list[tuple[str, bool]]
) -> None:
    async with running(path, ASKS) as t:
        monkeypatch.setattr(t.app.system, "_company", Others(last_look))
        assert await calls(t, monkeypatch) == made

"""Sequences of keys: what is shown of one, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tests.ui.harness import running
from tuinb.config import Config
from tuinb.ui.keys import keyboard
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_sequence_shows_what_it_waits_for(two: Path) -> None:
    async with running(two) as t:
        await t.press("d")
        assert "d…" in t.rows()[-1]
        await t.press("j")
        assert "d…" not in t.rows()[-1]
        assert len(t.sources()) == 2


async def test_a_click_ends_a_sequence(two: Path) -> None:
    async with running(two) as t:
        await t.press("d")
        row = next(i for i, r in enumerate(t.rows()) if "2 + 2" in r)
        await t.pilot.click(offset=(3, row))
        await t.press("d")
        assert len(t.sources()) == 2


async def test_a_users_sequence_in_edit_mode_loses_no_letter(two: Path) -> None:
    async with running(two, config=Config(keys={"edit": {"j k": "leave-edit-mode"}})) as t:
        await t.press("b", "enter")
        await t.type("just")
        await t.until(lambda: t.sources()[1] == "just")
        await t.type("jx")
        await t.until(lambda: t.sources()[1] == "justjx")
        await t.press("j", "k")
        assert t.app.pane.view_state.mode is Mode.COMMAND
        assert t.sources()[1] == "justjx"


async def test_a_paste_follows_the_letters_of_a_sequence_that_it_ends(two: Path) -> None:
    async with running(two, config=Config(keys={"edit": {"j k": "leave-edit-mode"}})) as t:
        await t.press("b", "enter", "j")
        t.app.post_message(events.Paste("ust"))
        await t.until(lambda: t.sources()[1] == "just")


async def test_the_next_keys_of_a_sequence_are_shown_and_it_waits_for_them(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboard, "HINT_SECONDS", 0.02)
    async with running(two) as t:
        await t.press("0")
        await t.shows("Restart the kernel")
        await t.press("escape")
        assert "Restart the kernel" not in t.text()
        await t.press("d")
        await t.shows("d  Delete")
        await t.press("d")
        assert t.sources() == ["2 + 2"]
        assert "d  Delete" not in t.text()
        await t.press("d")
        await t.shows("d  Delete")
        await t.press("enter")
        assert t.app.pane.view_state.mode is Mode.EDIT
        assert not t.app.next_keys.display


async def test_many_next_keys_stand_in_two_columns_and_what_finds_no_room_is_counted(
    two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyboard, "HINT_SECONDS", 0.02)
    async with running(two, config=Config(key_set="vim"), size=(80, 24)) as t:
        await t.press("space")
        keys = [key for key, _ in t.app.keyboard.keymap.next_keys()]
        assert len(keys) > 20
        await t.shows("Format the selected cells")
        for key in keys:
            assert f" {key} " in t.text()
        assert "ngs of level 3" in t.text()
        await t.press("escape")
        await t.pilot.resize_terminal(80, 12)
        await t.press("space")
        await t.shows(f"{len(keys) - 11} more")


async def test_a_setting_shows_no_next_keys(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboard, "HINT_SECONDS", 0.0)
    monkeypatch.setattr("tuinb.commands.keymap.keymap.SEQUENCE_SECONDS", 0.02)
    async with running(two, config=Config(key_hints=False, lint=False)) as t:
        await t.press("d")
        await t.until(lambda: not t.app.keyboard.pending)
        assert not t.app.next_keys.display

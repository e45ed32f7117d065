"""The status line, and the message line above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_message_does_not_hide_what_is_written(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "m.ipynb", *("x = 1\ny = 2" for _ in range(6)))
    async with running(path, size=(60, 12)) as t:
        await t.press("G", "enter")
        await t.type("here")
        t.app.dialogs.notify("one\ntwo\nthree")
        await t.pilot.pause()
        assert "here" in t.text()
        assert "three" in t.text()

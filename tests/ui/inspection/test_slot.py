"""The place of the panels: one at a time, and it gets the keys that were typed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tests.ui.keys.test_router import burst
from tuinb.config import Config
from tuinb.ui.inspection.contents_panel import ContentsPanel

if TYPE_CHECKING:
    from pathlib import Path


async def test_keys_that_come_with_the_one_that_opens_a_panel_are_for_the_panel(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", "a", "b", "c")) as t:
        burst(t, *((key, key) for key in "Djdd"))
        await t.shows("Variables")
        await t.until(lambda: t.app.pane.panels.has_keys)
        await t.pilot.pause()
        assert t.sources() == ["a", "b", "c"]
        assert "1/3" in t.rows()[-1]


async def test_of_several_panels_in_one_read_the_last_one_stays(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", "a")) as t:
        for keys in ("DT", "DTDDT", "TT"):
            with t.app.in_context():
                for key in keys:
                    t.app.execute({"D": "show-variables", "T": "contents-panel"}[key])
            await t.until(lambda: not t.app.pane.panels.is_opening)
            await t.pilot.pause()
            assert [type(panel) for panel in t.app.screen.query("SidePanel")] == [ContentsPanel]
            assert t.app.pane.panels.has_keys
        t.app.pane.panels.close()
        await t.until(lambda: not t.app.screen.query("SidePanel"))
        assert not t.app.pane.panels.has_keys


async def test_the_second_key_of_a_sequence_is_not_the_panels(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "a", "b")
    async with running(path, config=Config(key_set="vscode")) as t:
        await t.press("b")
        await t.press("T")
        await t.until(lambda: t.app.pane.panels.has_keys)
        await t.press("ctrl+k", "s")
        await t.shows("Saved n.ipynb")
        assert t.app.pane.panels.has_keys
        await t.press("b")  # without a sequence
        assert len(t.sources()) == 3

"""Pages of text over the notebook, help among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.harness import running
from tuinb.commands.registry import COMMANDS
from tuinb.ui.dialogs.pager import Pager

if TYPE_CHECKING:
    from pathlib import Path


async def test_help_lists_keys_and_leaves(two: Path) -> None:
    async with running(two, size=(100, 30)) as t:
        await t.press("question_mark")
        await t.shows("Two modes")
        await t.press("space", "end", "q")
        assert "COMMAND" in t.rows()[-1]
        assert "Two modes" not in t.text()


async def test_help_breaks_between_words_below_the_description(two: Path) -> None:
    async with running(two, size=(60, 60)) as t:
        await t.press("question_mark")
        await t.shows("Two modes")
        words = {word for command in COMMANDS.values() for word in command.doc.split()}
        described = [row for row in t.rows() if row.startswith(" " * 20)]
        assert described
        assert {word for row in described for word in row.split()} <= words


async def test_a_page_is_wrapped_from_the_first(two: Path) -> None:
    async with running(two) as t:
        t.app.dialogs.page("Page", "word " * 60 + "END")
        await t.shows("END")


async def test_the_mouse_copies_text_of_a_page(two: Path) -> None:
    async with running(two) as t:
        t.app.dialogs.page("Title", "one\ntwo  \nthree\n" + "more\n" * 30)
        await t.shows("Title")
        pager = t.app.screen.query_one(Pager)
        await t.pilot.mouse_down(pager, offset=(3, 2))
        await t.pilot.hover(pager, offset=(1, 0))
        await t.pilot.mouse_up(pager, offset=(1, 0))
        await t.shows("Copied 10 characters.")
        assert t.app.system.clipboard == "ne\ntwo\nthr"
        await t.pilot.mouse_down(pager, offset=(60, 15))
        await t.pilot.mouse_up(pager, offset=(60, 15))
        assert t.app.system.clipboard == "ne\ntwo\nthr"
        await t.pilot.mouse_down(pager, offset=(3, 2))
        await t.press("q")
        await t.until(lambda: not t.app.screen.query(Pager))
        assert t.app.mouse_captured is None


async def test_a_page_scrolls_and_is_searched_by_the_keys_of_emacs(two: Path) -> None:
    async with running(two, size=(60, 12)) as t:
        t.app.dialogs.page("Page", "\n".join(f"row {number}" for number in range(100)))
        await t.shows("row 0")

        async def leads_to(keys: str, first: str) -> None:
            await t.press(*keys.split())
            await t.until(lambda: t.rows()[0].strip() == first)

        await leads_to("ctrl+n ctrl+n ctrl+p", "row 1")
        await leads_to("ctrl+v", "row 10")
        await leads_to("alt+v", "row 1")
        await leads_to("ctrl+f", "row 10")
        await leads_to("ctrl+b", "row 1")
        await leads_to("ctrl+s 5 5 ctrl+s", "row 55")

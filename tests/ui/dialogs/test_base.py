"""Questions with a few answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.ui.harness import running
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_key_that_looks_like_a_digit_answers_nothing(two: Path) -> None:
    """AZERTY keyboards have one left of the 1."""
    async with running(two) as t:
        await t.press("0", "0")
        await t.shows("Restart the kernel?")
        await t.press("²", "٢")
        await t.until(lambda: "Restart the kernel?" not in t.text())
        assert t.session.kernel.state is KernelState.IDLE


async def test_a_letter_marks_the_next_option_that_begins_with_it(two: Path) -> None:
    async with running(two) as t:
        chosen: list[int | None] = []

        async def ask() -> None:
            chosen.append(await t.app.dialogs.choose("Which?", ["Restart", "Cancel", "rename", "Éclair"]))

        t.app.system.run_later(ask())
        await t.shows("▸ 1 Restart")
        await t.press("r")
        await t.shows("▸ 3 rename")
        await t.press("R")
        await t.shows("▸ 1 Restart")
        await t.press("é")
        await t.shows("▸ 4 Éclair")
        await t.press("x", "c")
        await t.shows("▸ 2 Cancel")
        assert chosen == [], "only Enter and numbers answer"
        await t.press("enter")
        await t.until(lambda: chosen == [1])


async def test_enter_alone_declines(two: Path) -> None:
    async with running(two) as t:
        answers: list[bool] = []

        async def ask() -> None:
            answers.append(await t.app.dialogs.confirm("Leave all the same?", yes="Leave", no="Stay"))

        for keys in (("enter",), ("up", "enter"), ("1",), ("escape",)):
            t.app.system.run_later(ask())
            await t.shows("Leave all the same?")
            await t.press(*keys)
            await t.until(lambda: "Leave all the same?" not in t.text())
        assert answers == [False, True, True, False]


async def test_a_question_is_wrapped_to_a_narrow_screen(two: Path) -> None:
    async with running(two, size=(40, 12)) as t:
        await t.press("0", "0")
        await t.shows("lost.")
        shown = " ".join(row.strip("│ ") for row in t.rows())
        assert "Restart the kernel? Its variables will be lost." in shown
        assert "1 Restart" in shown
        await t.pilot.resize_terminal(24, 12)
        # At 40 columns, a row begins with other words.
        await t.until(lambda: any(row.strip("│ ").startswith("Its variables") for row in t.rows()))
        assert "Its variables will be lost." in " ".join(row.strip("│ ") for row in t.rows())
        await t.press("escape")
        assert "lost" not in t.text()


async def test_a_message_stands_above_a_dialog(two: Path) -> None:
    async with running(two) as t:
        await t.press("0", "0")
        await t.shows("Restart the kernel?")
        t.app.dialogs.notify("It fails.")
        await t.shows("It fails.")
        top = next(y for y, row in enumerate(t.rows()) if row.startswith("╭"))
        assert t.rows()[top - 1].strip() == "It fails."
        await t.press("escape")
        t.app.dialogs.notify("It fails again.")
        await t.shows("It fails again.")
        assert t.rows()[-2].strip() == "It fails again."


async def test_the_mouse_chooses_and_the_wheel_moves(two: Path) -> None:
    async with running(two) as t:
        answers: list[int | None] = []
        moves: list[int] = []

        def is_marked(option: str) -> bool:
            return any(option in row and "▸" in row for row in t.rows())

        def moved(at: int) -> str:
            moves.append(at)
            return ""

        async def ask() -> None:
            answers.append(await t.app.dialogs.choose("Which?", ["Red", "Green", "Blue"], moved=moved))

        t.app.system.run_later(ask())
        await t.shows("Blue")
        dialog = t.app.dialogs.top
        assert dialog is not None
        for turned, marked in (("down", "Green"), ("down", "Blue"), ("down", "Blue"), ("up", "Green")):
            getattr(dialog, f"on_mouse_scroll_{turned}")()
            await t.until(partial(is_marked, marked))
        assert moves == [1, 2, 1]
        for beside in ((5, 1), (0, 2), (5, 5)):  # the question, the border on two sides
            await t.pilot.click(dialog, offset=beside)
        assert not answers
        await t.pilot.click(dialog, offset=(5, 4))
        await t.until(lambda: answers == [2])

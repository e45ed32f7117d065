"""Images on the screen: made after the first paint, made anew when the terminal says what it can do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.support import NOTEBOOKS
from tests.ui.harness import running
from tuinb.capabilities import Graphics
from tuinb.terminal.pictures import Picture
from tuinb.terminal.queries import Answers
from tuinb.ui.pictures import SentPictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver


def notebook(folder: Path) -> Path:
    """A plot in the second of three cells."""
    cells = json.loads((NOTEBOOKS / "analysis.ipynb").read_text())["cells"]
    plot = next(cell for cell in cells if "image/png" in str(cell.get("outputs"))) | {"source": "plot()"}
    words: list[dict[str, object]] = [
        {"cell_type": "markdown", "id": name, "metadata": {}, "source": f"words of {name}"} for name in ("above", "below")
    ]
    path = folder / "plot.ipynb"
    path.write_text(json.dumps({"cells": [words[0], plot, words[1]], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def pictures(screen: Driver) -> set[Picture]:
    """Those that were painted."""
    return {Picture(*picture) for painted in screen.app.pane.view._painted.values() for picture in painted.pictures}


async def test_an_image_is_a_picture_as_soon_as_it_was_made(tmp_path: Path) -> None:
    async with running(notebook(tmp_path), size=(80, 50)) as screen:
        await screen.shows("▀")
        [picture] = pictures(screen)
        assert picture.rows <= 24
        await screen.shows("words of below")


async def test_a_picture_leaves_room_for_its_code_on_a_low_screen(tmp_path: Path) -> None:
    async with running(notebook(tmp_path), size=(80, 24)) as screen:
        await screen.shows("▀")
        [before] = pictures(screen)
        assert before.rows <= 18
        await screen.pilot.resize_terminal(80, 16)
        await screen.until(lambda: bool(pictures(screen)) and before not in pictures(screen))
        [after] = pictures(screen)
        assert after.rows <= 10


async def test_what_the_terminal_says_late_is_followed_without_scrolling(tmp_path: Path) -> None:
    async with running(notebook(tmp_path), size=(80, 50)) as screen:
        await screen.shows("▀")
        [before] = pictures(screen)
        app = screen.app
        active = app.pane.view_state.active
        app._answers = Answers()
        for reply in ("\x1bP>|kitty(0.35.2)", "\x1b_Gi=31;OK", "\x1b[6;30;10t", "\x1b[6;30;10t"):
            app.terminal_replied(reply)
        await screen.until(lambda: app.capabilities.graphics is Graphics.KITTY)
        await screen.until(lambda: before not in pictures(screen) and bool(pictures(screen)))
        [after] = pictures(screen)
        assert after.rows < before.rows, "its cells are higher"
        assert app.pane.view_state.active == active

        assert app._pictures_of_screen is not None
        port = SentPictures(app._pictures_of_screen)
        await screen.until(lambda: port.transmission(after, 0x123456) is not None)
        port.sent(after, 0x123456)
        await screen.shows("\U0010eeee")
        app._pictures_of_screen.forget_all()
        await screen.shows("▀")
        assert "i=1193046" in port.deletion(0x123456)


async def test_an_answer_that_changes_nothing_paints_nothing(tmp_path: Path) -> None:
    async with running(notebook(tmp_path), size=(80, 50)) as screen:
        await screen.shows("▀")
        app = screen.app
        app.capabilities = replace(app.capabilities, cell_pixels=(10, 20))
        painter = app.pane.view.painter
        app._answers = Answers()
        app.terminal_replied("\x1b[6;20;10t")
        await screen.until(lambda: app._answered is None)
        assert app.pane.view.painter is painter


async def test_nothing_of_a_picture_is_copied(tmp_path: Path) -> None:
    async with running(notebook(tmp_path), size=(80, 50)) as screen:
        await screen.shows("▀")
        view = screen.app.pane.view
        view.selection.begin(view._point(8, 1))
        end = view._point(70, 40)
        assert end is not None
        view.selection.extend(end)
        copied = view.selected_text()
        assert "words of above" in copied
        assert "plot()" in copied
        assert "words of below" in copied
        assert "▀" not in copied
        view.refresh()
        await screen.pilot.pause()
        assert "▀" in screen.text()

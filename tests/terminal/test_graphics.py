"""What is sent of pictures, when, and how often."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from rich.segment import Segment
from rich.style import Style

from tests.support import wait_for
from tuinb.capabilities import Capabilities, Graphics
from tuinb.terminal import graphics
from tuinb.terminal.graphics import PictureSender
from tuinb.terminal.pens import is_short
from tuinb.terminal.pictures import Picture, marked
from tuinb.terminal.screen_diff import ScreenDiff

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 40, 12
ONE, TWO = Picture("one", 8, 3), Picture("two", 10, 4)


class Pictures:
    """A gallery, and what it was told."""

    def __init__(self) -> None:
        self.ready = {ONE, TWO}
        self.held: dict[Picture, int] = {}
        self.pieces = 3
        self.size = 10

    def payload(self, picture: Picture) -> str | None:
        return f"<{picture.digest}{'.' * self.size}>" if picture in self.ready else None

    def transmission(self, picture: Picture, image_id: int) -> Sequence[str] | None:
        if picture not in self.ready:
            return None
        return [f"<{picture.digest} {image_id} {piece}{'.' * self.size}>" for piece in range(self.pieces)]

    def deletion(self, image_id: int) -> str:
        return f"<delete {image_id}>"

    def sent(self, picture: Picture, image_id: int) -> None:
        self.held[picture] = image_id

    def forget(self, picture: Picture) -> None:
        del self.held[picture]


class Line:
    """A way to the terminal that takes so many frames."""

    def __init__(self) -> None:
        self.room = 1000
        self.burst = float("inf")
        self.sent: list[str] = []
        self.refusals = 0

    @property
    def ready(self) -> bool:
        return self.room > 0

    def frame(self, text: str) -> None:
        self.room -= 1
        self.sent.append(text)

    def frame_refused(self) -> None:
        self.refusals += 1


class Bench:
    def __init__(self, how: Graphics, multiplexer: str = "", cell: tuple[int, int] | None = None) -> None:
        capabilities = Capabilities(graphics=how, multiplexer=multiplexer, cell_pixels=cell)
        self.pictures, self.line = Pictures(), Line()
        self.diff = ScreenDiff(WIDTH, HEIGHT, capabilities)
        self.sender = PictureSender(self.pictures, self.line, self.diff, capabilities)

    def show(self, *pictures: Picture, below: int = 0) -> None:
        """Puts pictures on the screen, so many rows below its top, and makes the frame."""
        rows = [[Segment("▀", marked(Style(), picture, row, False)), Segment("▀" * (picture.columns - 1))]
                for picture in pictures for row in range(picture.rows)]  # fmt: skip
        rows = [[]] * below + rows
        for y in range(HEIGHT):
            self.diff.put(y, 0, [*(rows[y] if y < len(rows) else []), Segment(" " * WIDTH)])
        self.diff.render()
        self.sender.framed()

    def ids(self) -> list[int]:
        return [int(found) for found in re.findall(r"<\w+ (\d+) 0", "".join(self.line.sent))]


# ---- kitty


async def test_a_picture_is_sent_once_however_often_it_comes_into_view() -> None:
    bench = Bench(Graphics.KITTY)
    bench.show(ONE)
    assert [text[:4] for text in bench.line.sent] == ["<one"] * 3
    assert bench.pictures.held == {ONE: bench.ids()[0]}
    for _ in range(3):
        bench.show(TWO)
        bench.show(ONE)
    assert len(bench.line.sent) == 6
    assert set(bench.pictures.held) == {ONE, TWO}
    assert len(set(bench.ids())) == 2


async def test_what_is_not_made_yet_is_sent_when_it_is() -> None:
    bench = Bench(Graphics.KITTY)
    bench.pictures.ready.clear()
    bench.show(ONE)
    assert bench.line.sent == []
    bench.pictures.ready.add(ONE)
    bench.sender.framed()
    assert bench.pictures.held


async def test_pieces_wait_for_the_line_and_frames_come_between() -> None:
    bench = Bench(Graphics.KITTY)
    bench.line.room = 1
    bench.show(ONE)
    assert len(bench.line.sent) == 1
    assert bench.line.refusals == 1
    assert bench.pictures.held == {}
    bench.line.room = 2
    bench.show(TWO)
    assert [text[:4] for text in bench.line.sent] == ["<one"] * 3
    bench.line.room = 100
    bench.sender.framed()
    assert set(bench.pictures.held) == {ONE, TWO}


async def test_other_events_have_their_turn() -> None:
    bench = Bench(Graphics.KITTY)
    bench.pictures.pieces, bench.pictures.size = 10, graphics.PER_TURN
    bench.show(ONE)
    assert len(bench.line.sent) == 1
    await wait_for(lambda: ONE in bench.pictures.held)
    assert len(bench.line.sent) == 10


async def test_inside_tmux_all_of_it_is_passed_through() -> None:
    bench = Bench(Graphics.KITTY, multiplexer="tmux")
    bench.show(ONE)
    assert all(text.startswith("\x1bPtmux;<one") and text.endswith(">\x1b\\") for text in bench.line.sent)
    assert bench.sender.farewell().startswith("\x1bPtmux;<delete")


async def test_what_was_seen_least_recently_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Graphics.KITTY, cell=(10, 20))
    monkeypatch.setattr(graphics, "MOST_HELD", 4 * (8 * 10 * 3 * 20 + 10))
    bench.show(ONE)
    first = bench.pictures.held[ONE]
    bench.show(TWO)
    assert bench.line.sent[-1] == f"<delete {first}>"
    assert set(bench.pictures.held) == {TWO}
    bench.show(ONE, TWO)
    assert set(bench.pictures.held) == {ONE, TWO}, "what is in view stays"


async def test_what_the_terminal_could_not_take_stays_blocks() -> None:
    bench = Bench(Graphics.KITTY)
    bench.show(ONE)
    bench.sender.refused(bench.pictures.held[ONE])
    assert bench.pictures.held == {}
    bench.show(ONE)
    assert len(bench.line.sent) == 3
    bench.line.room = 1
    bench.show(TWO)
    bench.sender.refused(bench.ids()[1])
    bench.line.room = 100
    bench.show(TWO)
    assert bench.pictures.held == {}
    assert len(bench.line.sent) == 6


async def test_a_cleared_terminal_is_sent_all_again_and_one_that_is_left_holds_nothing() -> None:
    bench = Bench(Graphics.KITTY)
    bench.show(ONE)
    first = bench.pictures.held[ONE]
    assert bench.sender.farewell() == f"<delete {first}>"
    bench.sender.lost()
    assert bench.pictures.held == {}
    bench.show(ONE)
    assert bench.pictures.held[ONE] != first
    bench.line.room = 1
    bench.show(TWO)
    farewell = bench.sender.farewell()
    assert farewell.startswith("\x1b_Gm=0,q=2;\x1b\\")
    assert farewell.count("delete") == 2
    bench.sender.close()
    bench.line.room = 100
    bench.sender.framed()
    assert set(bench.pictures.held) == {ONE}


async def test_no_id_is_a_colour_that_would_be_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda most: most - 3)
    bench = Bench(Graphics.KITTY)
    assert bench.sender._new_id() == 0xFFFFFE
    assert bench.sender._new_id() == 0x010000
    assert is_short(0x5F87AF)
    bench.sender._next_id = 0x5F87AE
    assert bench.sender._new_id() == 0x5F87B0


# ---- sixel and iTerm2


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics, "STILL", 0.0)


@pytest.mark.usefixtures("still")
async def test_a_picture_is_laid_when_nothing_moves_and_not_again() -> None:
    bench = Bench(Graphics.SIXEL)
    bench.show(ONE)
    assert bench.line.sent == []
    await wait_for(lambda: bool(bench.line.sent))
    bench.sender.framed()
    await asyncio.sleep(0)
    (laid,) = bench.line.sent
    assert laid.endswith("\x1b[1;1H<one..........>\x1b8")
    assert laid.startswith("\x1b7\x1b[;49m\x1b[1;1H\x1b[8X\x1b[2;1H\x1b[8X")


async def test_it_is_not_laid_while_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics, "STILL", 60.0)
    bench = Bench(Graphics.SIXEL)
    for below in (3, 2, 1):
        bench.show(ONE, below=below)
        await asyncio.sleep(0)
    assert bench.line.sent == []
    bench.sender.close()


@pytest.mark.usefixtures("still")
async def test_it_is_laid_when_it_was_made_or_the_line_is_free() -> None:
    bench = Bench(Graphics.ITERM)
    bench.pictures.ready.clear()
    bench.show(ONE)
    await wait_for(lambda: bench.sender._still is None)
    bench.pictures.ready.add(ONE)
    bench.line.room = 0
    bench.sender.framed()
    assert bench.line.refusals == 1
    bench.line.room = 1
    bench.sender.framed()
    assert len(bench.line.sent) == 1


@pytest.mark.usefixtures("still")
async def test_a_slow_line_is_not_held_up() -> None:
    bench = Bench(Graphics.SIXEL)
    bench.line.burst = 5
    bench.show(ONE)
    await wait_for(lambda: bench.sender._still is None)
    assert bench.line.sent == []


@pytest.mark.parametrize("how", [Graphics.BLOCKS, Graphics.NONE])
async def test_other_terminals_are_sent_nothing(how: Graphics) -> None:
    bench = Bench(how)
    bench.show(ONE)
    assert bench.line.sent == []
    assert bench.sender.farewell() == ""

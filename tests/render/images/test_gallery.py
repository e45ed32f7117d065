"""Pictures are made on demand, once, and in jobs."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from tests.render.images.support import RED, b64, context, data_of, plot, quarters
from tests.support import wait_for
from tuinb.capabilities import Graphics
from tuinb.jobs import Jobs
from tuinb.render.block import ImageRow, Picture, plain
from tuinb.render.images import decode, encode, gallery, picture
from tuinb.render.images.gallery import Gallery
from tuinb.render.images.picture import PictureBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.render.block import Line
    from tuinb.render.images.encode import MadePicture, PictureRequest

PNG = b64(data_of(quarters((200, 200))))


def turned(turns: int) -> str:
    """Different pictures of the same size."""
    return b64(data_of(quarters((200, 200)).rotate(90 * turns)))


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(2)
    yield made
    made.close(wait=True)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """Records which pictures were made, in order."""
    found: list[Picture] = []
    real = encode.make

    def make(shown: PictureRequest) -> MadePicture:
        assert threading.current_thread() is not threading.main_thread()
        found.append(shown.picture)
        return real(shown)

    monkeypatch.setattr(gallery, "make", make)
    return found


def block_of(shown: Gallery, text: str = PNG, graphics: Graphics = Graphics.BLOCKS, columns: int = 80) -> PictureBlock:
    block = picture.render("image/png", text, None, context(columns, graphics, pictures=shown))
    assert isinstance(block, PictureBlock)
    return block


def rows(block: PictureBlock) -> list[Line]:
    return [block.line(index) for index in range(block.height)]


def plain_rows(block: PictureBlock) -> list[list[tuple[str, object]]]:
    return [[(span.text, span.style) for span in block.line(index)] for index in range(block.height)]


async def test_a_frame_until_it_is_made(jobs: Jobs, made: list[Picture]) -> None:
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    block = block_of(shown)
    assert (block.height, made, jobs.pending()) == (10, [], ())
    first, second = block.line(0), block.line(1)
    assert plain(first).startswith("image/png 200×200")
    assert plain(second) == " " * 20
    assert [line[0].image for line in (first, second)] == [ImageRow(block.picture, row) for row in (0, 1)]
    await wait_for(lambda: bool(changed))
    assert changed == made == [block.picture]
    for index, line in enumerate(rows(block)):
        assert plain(line).strip() == ""
        assert line[0].image == ImageRow(block.picture, index)
        assert all(span.image is None for span in line[1:])
    style = block.line(0)[0].style
    assert style is not None
    assert style.bgcolor is not None
    assert style.bgcolor.triplet is not None
    assert all(abs(one - other) < 4 for one, other in zip(style.bgcolor.triplet, RED, strict=True))
    assert shown.payload(block.picture) is None


async def test_each_picture_is_made_once_and_the_last_that_was_asked_for_first(jobs: Jobs, made: list[Picture]) -> None:
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    blocks = [block_of(shown, columns=columns) for columns in (10, 11, 12, 13)]
    twin = block_of(shown, "".join(list(PNG)), columns=10)
    assert twin.picture == blocks[0].picture
    for block in (*blocks, twin, *blocks[1:]):
        block.line(0)
    await wait_for(lambda: len(changed) == 4)
    for block in (*blocks, twin):
        block.line(0)
    assert jobs.pending() == ()
    assert {*made[:2]} == {block.picture for block in blocks[2:]}
    assert {*made[2:]} == {block.picture for block in blocks[:2]}


async def test_the_picture_that_it_replaces_is_shown_until_it_is_made(jobs: Jobs, made: list[Picture]) -> None:
    shown = Gallery(jobs)
    first, second, third = (block_of(shown, turned(turns)) for turns in range(3))
    first.line(0)
    await wait_for(lambda: len(made) == 1 and not jobs.pending())
    before = plain_rows(first)
    assert plain_rows(second) != before
    second.instead_of(first.picture)
    third.instead_of(second.picture)
    assert plain_rows(second) == plain_rows(third) == before
    assert second.line(0)[0].image == ImageRow(second.picture, 0), "what is asked for is the new one"
    await wait_for(lambda: len(made) == 3 and not jobs.pending())
    assert len({tuple(map(tuple, rows(block))) for block in (first, second, third)}) == 3


async def test_a_picture_of_another_size_is_a_frame_until_it_is_made(jobs: Jobs, made: list[Picture]) -> None:
    shown = Gallery(jobs)
    first, second = block_of(shown), block_of(shown, b64(data_of(quarters((100, 200)))))
    first.line(0)
    await wait_for(lambda: len(made) == 1 and not jobs.pending())
    second.instead_of(first.picture)
    assert plain(second.line(0)).startswith("image/png")
    await wait_for(lambda: len(made) == 2 and not jobs.pending())


def replaced(shown: Gallery) -> tuple[PictureBlock, PictureBlock]:
    """Returns a picture that the terminal holds, and its replacement."""
    first, second = (block_of(shown, turned(turns), Graphics.KITTY) for turns in range(2))
    shown.sent(first.picture, 7)
    second.instead_of(first.picture)
    return first, second


async def test_a_kitty_picture_that_is_replaced_stays_until_the_next_is_sent(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_SEND_TIME", 60)
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    first, second = replaced(shown)
    assert plain_rows(second) == plain_rows(first)
    await wait_for(lambda: second.picture in changed)
    assert shown.payload(second.picture) is not None
    assert plain_rows(second) == plain_rows(first)
    shown.sent(second.picture, 8)
    assert plain(second.line(0)) == plain(first.line(0))
    assert plain_rows(second) != plain_rows(first), "the id is another one"


async def test_pictures_that_come_faster_than_they_are_sent_are_not_held_back(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_SEND_TIME", 60)
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    _, second = replaced(shown)
    third = block_of(shown, turned(2), Graphics.KITTY)
    second.line(0)
    await wait_for(lambda: second.picture in changed)
    third.instead_of(second.picture)
    assert "\U0010eeee" not in plain(third.line(0)), "the second one's blocks, not the first one's picture"
    await wait_for(lambda: third.picture in changed)


async def test_on_a_slow_line_a_picture_that_replaces_another_is_blocks_after_a_moment(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_SEND_TIME", 0.01)
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    first, second = replaced(shown)
    second.line(0)
    await wait_for(lambda: changed.count(second.picture) == 2)
    assert "\U0010eeee" not in plain(second.line(0))
    shown.forget(first.picture)
    assert "\U0010eeee" not in plain(second.line(0))


async def test_after_its_end_nobody_is_told(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "_SEND_TIME", 0)
    told: list[Picture] = []

    def heard(picture: Picture) -> None:
        told.append(picture)
        if len(told) == 2:
            shown.close()

    shown = Gallery(jobs, heard)
    first, second = replaced(shown)
    second.line(0)
    await wait_for(lambda: second.picture in told and second.picture not in shown._replaced)
    assert told == [first.picture, second.picture]


async def test_what_was_scrolled_past_is_not_made(jobs: Jobs, made: list[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "_MAX_WAITING", 2)
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    blocks = [block_of(shown, columns=columns) for columns in range(10, 16)]
    for block in blocks:
        block.line(0)
    await wait_for(lambda: len(changed) == 2)
    assert {*made} == {blocks[place].picture for place in (5, 4)}


async def test_room_is_bounded(jobs: Jobs, made: list[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "CAPACITY", 1)
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    blocks = [block_of(shown, columns=columns) for columns in (10, 11)]
    for number, block in enumerate((*blocks, blocks[0])):
        block.line(0)
        await wait_for(lambda wanted=number + 1: len(changed) == wanted)  # type: ignore[misc]
        block.line(0)
        assert jobs.pending() == ()
    assert made == [blocks[place].picture for place in (0, 1, 0)]


async def test_kitty_is_sent_a_picture_once(jobs: Jobs) -> None:
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    block = block_of(shown, graphics=Graphics.KITTY)
    assert shown.payload(block.picture) is None
    block.line(0)
    await wait_for(lambda: len(changed) == 1)
    payload = shown.payload(block.picture)
    assert payload is not None
    assert plain(block.line(0)).strip() == ""
    shown.sent(block.picture, 0x010203)
    assert changed == [block.picture] * 2
    for index, line in enumerate(rows(block)):
        (span,) = line
        assert span.text.startswith("\U0010eeee")
        assert span.image == ImageRow(block.picture, index)
        assert span.style is not None
        assert span.style.color is not None
        assert span.style.color.triplet == (1, 2, 3)
    assert shown.payload(block.picture) is None
    assert jobs.pending() == ()
    shown.forget_all()
    assert changed == [block.picture] * 3
    shown.forget(block.picture)
    assert changed == [block.picture] * 3
    assert plain(block.line(0)).startswith("image/png")
    await wait_for(lambda: len(changed) == 4)
    assert shown.payload(block.picture) == payload


async def test_a_payload_that_was_dropped_is_made_anew(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "CAPACITY", 1)
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    blocks = [block_of(shown, graphics=graphics) for graphics in (Graphics.SIXEL, Graphics.ITERM)]
    for number, block in enumerate(blocks):
        block.line(0)
        await wait_for(lambda wanted=number + 1: len(changed) == wanted)  # type: ignore[misc]
    assert (shown.payload(blocks[1].picture) or "").startswith("\x1b]1337;File=")
    assert shown.payload(blocks[0].picture) is None
    await wait_for(lambda: len(changed) == 3)
    assert (shown.payload(blocks[0].picture) or "").startswith("\x1bP")


async def test_a_picture_that_fails_says_so_and_is_no_picture(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[Picture] = []
    shown = Gallery(jobs, changed.append)
    lying = data_of(quarters())[:33] + b"nothing that is a chunk"
    block = block_of(shown, b64(lying))
    block.line(0)
    await wait_for(lambda: len(changed) == 1)
    assert plain(block.line(0)).startswith("image/png 80×80, 56 B: it is damaged")
    assert block.line(1) == ()
    assert block.line(0)[0].image is None
    again = picture.render("image/png", b64(lying), None, context(pictures=shown))
    assert again is not None
    assert again.height == 1

    def broken(*_args: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(decode, "flattened", broken)
    block = block_of(shown, b64(data_of(plot())))
    block.line(0)
    await wait_for(lambda: len(changed) == 2)
    assert "it could not be shown: 'unforeseen'" in plain(block.line(0))


async def test_a_closed_pool_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(1)
    jobs.close()
    monkeypatch.setattr(gallery, "_START_DELAY", 0)
    block = block_of(Gallery(jobs))
    assert plain(block.line(0)).startswith("image/png")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert plain(block.line(0)).startswith("image/png")


async def test_nobody_has_to_listen(jobs: Jobs) -> None:
    block = block_of(Gallery(jobs))
    await wait_for(lambda: not plain(block.line(0)).strip())


async def test_after_its_end_nothing_is_made(jobs: Jobs, made: list[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "_START_DELAY", 0)
    shown = Gallery(jobs)
    waiting, late = block_of(shown, columns=10), block_of(shown, columns=11)
    waiting.line(0)
    shown.close()
    late.line(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (jobs.pending(), made) == ((), [])
    assert plain(late.line(0)).startswith("image/png")

"""Sends pictures to terminals that can show them, through the ordered writer and after everything else.

kitty: a picture is transmitted once, in pieces, each only while the line takes frames, so that a key waits for one piece at
most. Then its rows are placeholders, ordinary text. The amount held is bounded: pictures seen least recently are deleted.
sixel and iTerm2: a picture is laid over its blocks when it is whole and nothing has moved for a moment. The screen diff
erases it as soon as something moves. The sequence can't be interrupted, so it is not sent where it would delay a slow line.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final, Protocol

from tuinb.capabilities import Graphics
from tuinb.terminal.pens import is_short
from tuinb.terminal.queries import passthrough

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuinb.capabilities import Capabilities
    from tuinb.terminal.pictures import Picture, Placed
    from tuinb.terminal.screen_diff import ScreenDiff

STILL: Final = 0.15
"""Seconds without a movement after which pictures are laid over their blocks."""
PER_TURN: Final = 32 << 10
"""Characters after which other events have their turn."""
MOST_HELD: Final = 64 << 20
"""Bytes of pixels, about, that the terminal may hold beyond those in view."""
USUAL_CELL: Final = (10, 20)
_GIVEN_UP: Final = "\x1b_Gm=0,q=2;\x1b\\"
"""Ends a transmission early."""


class Gallery(Protocol):
    """Makes pictures."""

    def payload(self, picture: Picture, /) -> str | None:
        """sixel and iTerm2: returns the sequence that draws it at the cursor; None if it is not ready or never will be."""
        ...

    def transmission(self, picture: Picture, image_id: int, /) -> Sequence[str] | None:
        """kitty: returns the sequences that send it, which need not be adjacent; None if it is not ready or never will be."""
        ...

    def deletion(self, image_id: int, /) -> str:
        """kitty: returns the sequence that deletes it from the terminal."""
        ...

    def sent(self, picture: Picture, image_id: int, /) -> None:
        """Called when the terminal holds the picture."""
        ...

    def forget(self, picture: Picture, /) -> None:
        """Called when the terminal no longer holds the picture."""
        ...


class Line(Protocol):
    """The line to the terminal."""

    @property
    def ready(self) -> bool: ...

    @property
    def burst(self) -> float:
        """Bytes that may be sent at once without delaying what follows for long."""
        ...

    def frame(self, text: str) -> None: ...

    def frame_refused(self) -> None: ...


class PictureSender:
    """Sends the pictures of one screen. All methods belong on the event loop's thread."""

    def __init__(self, gallery: Gallery, line: Line, diff: ScreenDiff, capabilities: Capabilities) -> None:
        self._gallery = gallery
        self._line = line
        self._diff = diff
        self._kitty = capabilities.graphics is Graphics.KITTY
        self._lays = capabilities.graphics in (Graphics.SIXEL, Graphics.ITERM)
        self._wrap = passthrough if capabilities.multiplexer == "tmux" else str
        self._cell = capabilities.cell_pixels or USUAL_CELL
        self._held: dict[Picture, int] = {}
        """Pictures that the terminal holds → their ids; the one seen last comes last."""
        self._refused: set[Picture] = set()
        """Pictures that the terminal refused."""
        self._sending: tuple[Picture, int, Iterator[str]] | None = None
        self._next_id = secrets.randbelow(1 << 24)
        self._turn: asyncio.Handle | None = None
        self._still: asyncio.TimerHandle | None = None
        self._bare: set[Placed] = set()
        """Pictures that could be laid at the last look."""

    def framed(self) -> None:
        """Called after a frame. Sends or schedules the pictures that the screen lacks."""
        if self._kitty:
            self._go_on()
        elif self._lays:
            bare = self._diff.bare()
            if bare != self._bare:
                self._bare = bare
                if self._still is not None:
                    self._still.cancel()
                self._still = asyncio.get_running_loop().call_later(STILL, self._lay) if bare else None
            elif bare and self._still is None:
                self._lay()  # a payload may have come, or the line may have become free

    def refused(self, image_id: int) -> None:
        """Handles an error about an image: its picture stays blocks."""
        for picture, its in list(self._held.items()):
            if its == image_id:
                del self._held[picture]
                self._refused.add(picture)
                self._gallery.forget(picture)
        if self._sending is not None and self._sending[1] == image_id:
            self._refused.add(self._sending[0])

    def lost(self) -> None:
        """Forgets what the terminal holds, since it may have been cleared. Pictures are sent again when they are seen."""
        held, self._held, self._sending = self._held, {}, None
        self._bare.clear()
        for picture in held:
            self._gallery.forget(picture)

    def farewell(self) -> str:
        """Returns the sequences that delete everything that was sent."""
        ids = list(self._held.values())
        unfinished = ""
        if self._sending is not None:
            ids.append(self._sending[1])
            unfinished = self._wrap(_GIVEN_UP)
        return unfinished + "".join(map(self._deletion, ids))

    def close(self) -> None:
        """Stops sending."""
        self._kitty = self._lays = False
        for handle in (self._turn, self._still):
            if handle is not None:
                handle.cancel()
        self._turn = self._still = None

    # ---- kitty

    def _go_on(self) -> None:
        """Sends pieces of visible pictures that were not sent yet, while the line takes them."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        seen = self._diff.seen()
        if not seen:
            return
        for picture in seen & self._held.keys():
            self._held[picture] = self._held.pop(picture)
        room = PER_TURN
        while self._sending is not None or self._begin(seen):
            if not self._line.ready:
                self._line.frame_refused()
                return
            if room <= 0:
                self._turn = asyncio.get_running_loop().call_soon(self._go_on)
                return
            room -= self._send_piece()

    def _begin(self, seen: set[Picture]) -> bool:
        """Chooses the next picture. Returns whether there is one."""
        for picture in sorted(seen - self._held.keys() - self._refused):
            image_id = self._new_id()
            pieces = self._gallery.transmission(picture, image_id)
            if pieces is not None:
                self._sending = picture, image_id, iter(pieces)
                return True
        return False

    def _send_piece(self) -> int:
        """Sends the next piece, or completes the picture after the last one. Returns the number of characters sent."""
        assert self._sending is not None
        picture, image_id, pieces = self._sending
        piece = next(pieces, None)
        if piece is not None:
            piece = self._wrap(piece)
            self._line.frame(piece)
            return len(piece)
        self._sending = None
        if picture in self._refused:
            return 0
        self._held[picture] = image_id
        self._make_room()
        self._gallery.sent(picture, image_id)
        return 0

    def _make_room(self) -> None:
        """Deletes the pictures seen least recently until no more than MOST_HELD is held."""
        width, height = self._cell
        weights = {held: 4 * held.columns * width * held.rows * height for held in self._held}
        total, seen = sum(weights.values()), self._diff.seen()
        for picture, weight in weights.items():
            if total <= MOST_HELD:
                break
            if picture not in seen:
                total -= weight
                self._line.frame(self._deletion(self._held.pop(picture)))
                self._gallery.forget(picture)

    def _deletion(self, image_id: int) -> str:
        return self._wrap(self._gallery.deletion(image_id))

    def _new_id(self) -> int:
        """Returns an unused id that is not a colour of a palette. Other programs count from 1; ids here start at random."""
        used = set(self._held.values())
        while True:
            self._next_id = (self._next_id + 1) % (1 << 24)
            if self._next_id > 0xFFFF and self._next_id not in used and not is_short(self._next_id):
                return self._next_id

    # ---- sixel, iTerm2

    def _lay(self) -> None:
        """Lays pictures over their blocks, once nothing has moved for a moment."""
        self._still = None
        for placed in sorted(self._diff.bare()):
            payload = self._gallery.payload(placed.picture)
            if payload is None or len(payload) > self._line.burst:
                continue
            if not self._line.ready:
                self._line.frame_refused()
                return
            self._line.frame(self._diff.lay(placed, payload))
        self._bare = self._diff.bare()

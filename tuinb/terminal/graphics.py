"""Sends pictures to terminals that can show them, through the one ordered writer and behind everything else.

kitty: a picture is transmitted once, in pieces, each only while the line takes frames, so that a key waits for one piece at
most; then its rows are placeholders, ordinary text. What was sent is bounded: the pictures seen least recently are deleted.
sixel and iTerm2: a picture is laid over its blocks when it is whole and nothing has moved for a moment; the screen diff takes
it away as soon as anything does. Such a sequence can't be interrupted: it is not sent where it would hold a slow line.
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
"""Bytes of pixels that the terminal is made to hold, about, beyond those in view."""
USUAL_CELL: Final = (10, 20)
_GIVEN_UP: Final = "\x1b_Gm=0,q=2;\x1b\\"
"""Ends a transmission before its time."""


class Gallery(Protocol):
    """Where pictures are made."""

    def payload(self, picture: Picture, /) -> str | None:
        """sixel and iTerm2: the sequence that draws it at the cursor; None: not yet, or not at all."""
        ...

    def transmission(self, picture: Picture, image_id: int, /) -> Sequence[str] | None:
        """kitty: the sequences that send it, between which others may come; None: not yet, or not at all."""
        ...

    def deletion(self, image_id: int, /) -> str:
        """kitty: the sequence that makes the terminal forget it."""
        ...

    def sent(self, picture: Picture, image_id: int, /) -> None:
        """The terminal holds it now."""
        ...

    def forget(self, picture: Picture, /) -> None:
        """The terminal holds it no longer."""
        ...


class Line(Protocol):
    """The way to the terminal."""

    @property
    def ready(self) -> bool: ...

    @property
    def burst(self) -> float:
        """Bytes that may be sent at once without holding up what comes after them for long."""
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
        """What the terminal holds → its id; the one seen last stands last."""
        self._refused: set[Picture] = set()
        """What the terminal could not take."""
        self._sending: tuple[Picture, int, Iterator[str]] | None = None
        self._next_id = secrets.randbelow(1 << 24)
        self._turn: asyncio.Handle | None = None
        self._still: asyncio.TimerHandle | None = None
        self._bare: set[Placed] = set()
        """What could be laid, when that was looked at last."""

    def framed(self) -> None:
        """The screen is as it is wanted now: see what pictures it lacks."""
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
        """The terminal says that it has no such image, or could not take it: it stays blocks."""
        for picture, its in list(self._held.items()):
            if its == image_id:
                del self._held[picture]
                self._refused.add(picture)
                self._gallery.forget(picture)
        if self._sending is not None and self._sending[1] == image_id:
            self._refused.add(self._sending[0])

    def lost(self) -> None:
        """The terminal may have been cleared: what it held is sent again when it is seen."""
        held, self._held, self._sending = self._held, {}, None
        self._bare.clear()
        for picture in held:
            self._gallery.forget(picture)

    def farewell(self) -> str:
        """What deletes all that was sent."""
        ids = list(self._held.values())
        unfinished = ""
        if self._sending is not None:
            ids.append(self._sending[1])
            unfinished = self._wrap(_GIVEN_UP)
        return unfinished + "".join(map(self._deletion, ids))

    def close(self) -> None:
        """Nothing more is sent."""
        self._kitty = self._lays = False
        for handle in (self._turn, self._still):
            if handle is not None:
                handle.cancel()
        self._turn = self._still = None

    # ---- kitty

    def _go_on(self) -> None:
        """Send pieces of what is seen and was not sent, for as long as the line takes them."""
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
        """Choose the next picture; whether there is one."""
        for picture in sorted(seen - self._held.keys() - self._refused):
            image_id = self._new_id()
            pieces = self._gallery.transmission(picture, image_id)
            if pieces is not None:
                self._sending = picture, image_id, iter(pieces)
                return True
        return False

    def _send_piece(self) -> int:
        """Send the next piece, or say that there is none any more; the characters sent."""
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
        """Delete what was seen least recently, as far as too much is held."""
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
        """An id that is a colour of no palette, and not one of its neighbours in other programs: they start at 1."""
        used = set(self._held.values())
        while True:
            self._next_id = (self._next_id + 1) % (1 << 24)
            if self._next_id > 0xFFFF and self._next_id not in used and not is_short(self._next_id):
                return self._next_id

    # ---- sixel, iTerm2

    def _lay(self) -> None:
        """Nothing has moved for a moment: lay what can be laid over its blocks."""
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

"""The pictures of an app: made in jobs when their rows are first asked for, kept while there is room.

A picture that is not made yet is a quiet frame of its final height, or the picture that it replaces, so that a plot that is
drawn again and again does not flicker; `changed` says when that is over. Few jobs run at a time, for what was asked for last:
that is what is being looked at. A picture that the terminal holds (kitty) is placeholders, which scroll as text; the terminal
is told of it once.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from tuinb.render.block import ImageRow, Line, Picture, Span
from tuinb.render.images import kitty, sandbox
from tuinb.render.images.encode import failed, frame, make

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.jobs import Jobs
    from tuinb.render.images.encode import Made, Shown

ROOM = 64 << 20
"""Bytes of pictures that are kept, about."""
_AT_ONCE = 2
"""Pictures that are made at a time: more would keep other work out of the pool, and one alone may be slow."""
_BREATH = 0.02
"""Seconds before a job starts: it would keep the processor from the paint that asked for it."""
_SENDING = 0.15
"""Seconds that a picture stays which another one replaces, while that one is sent; on a slow line it is blocks meanwhile."""
_WAITING = 64
"""Pictures that wait to be made. More are not on a screen at once; those that were scrolled past are asked for again."""


class Gallery:
    """One for an app, or for a run without a screen (`synchronous`: rows are made while one waits for them).

    All methods belong on the event loop's thread.
    """

    def __init__(
        self, jobs: Jobs | None = None, changed: Callable[[Picture], None] | None = None, *, synchronous: bool = False
    ) -> None:
        """`changed` is called when the rows or the payload of a picture are other ones now."""
        self._jobs = jobs
        self._changed = changed
        self._synchronous = synchronous or jobs is None
        self._made: OrderedDict[Picture, Made] = OrderedDict()
        self._room = ROOM
        self._sent: dict[Picture, int] = {}
        self._asked: WeakValueDictionary[Picture, Shown] = WeakValueDictionary()
        self._waiting: OrderedDict[Picture, Shown] = OrderedDict()
        self._running: set[Picture] = set()
        self._replaced: OrderedDict[Picture, Picture] = OrderedDict()
        """A picture that is not made yet, or not sent → the last one that was, in the same place."""
        self._begins = False
        """Whether jobs are about to be started."""
        self._troubled = False
        """Whether any could not be made."""

    # ---- for blocks

    def row(self, shown: Shown, index: int) -> Line:
        """Row `index` of a picture; a frame's, until it is made."""
        picture = shown.picture
        made = self._find(shown)
        line = self._line(shown, made, index)
        if made is not None and made.trouble:
            return line
        return (line[0]._replace(image=ImageRow(picture, index)), *line[1:])

    def replace(self, earlier: Picture, later: Picture) -> None:
        """Another picture is in the place of one: of the same size, it looks like that until it is made."""
        if (earlier.columns, earlier.rows) == (later.columns, later.rows) and later not in self._made:
            # One that is made is shown by now, or would be: who draws faster than the line sends must not see a still picture.
            self._replaced[later] = earlier if earlier in self._made else self._replaced.get(earlier, earlier)
            if len(self._replaced) > _WAITING:
                self._replaced.popitem(last=False)

    def trouble(self, shown: Shown) -> str:
        """Why it can't be shown, as far as that is known; empty where it can."""
        if not self._synchronous and not self._troubled:
            # Nearly always. To know which picture this is takes a walk through its data.
            return ""
        made = self._find(shown) if self._synchronous else self._made.get(shown.picture)
        return made.trouble if made is not None else ""

    def _line(self, shown: Shown, made: Made | None, index: int) -> Line:
        picture = shown.picture
        earlier = self._replaced.get(picture)
        if earlier is not None and (made is None or earlier in self._sent):
            picture, made = earlier, self._made.get(earlier)
            made = None if made is not None and made.trouble else made
        image_id = self._sent.get(picture)
        if image_id is not None:
            return (Span(kitty.placeholders(index, picture.columns), kitty.id_style(image_id)),)
        return made.lines[index] if made is not None else frame(shown, index)

    def _find(self, shown: Shown) -> Made | None:
        picture = shown.picture
        self._asked[picture] = shown
        made = self._made.get(picture)
        if made is not None:
            self._made.move_to_end(picture)
        elif self._synchronous:
            made = make(shown)
            self._keep(picture, made)
        elif picture not in self._sent:
            self._want(shown)
        return made

    # ---- for the screen

    def payload(self, picture: Picture) -> str | None:
        """What a terminal with graphics needs to show it, made for the capabilities it was rendered for.

        kitty: the base64 of a PNG, for `kitty.transmit`; sixel and iTerm2: the whole sequence. None where it is not made
        yet, or where the picture is shown as text only.
        """
        made = self._made.get(picture)
        if made is None and picture not in self._sent and (shown := self._asked.get(picture)) is not None:
            self._want(shown)
        return made.payload if made is not None else None

    def sent(self, picture: Picture, image_id: int) -> None:
        """The terminal holds the picture under this id (24 bits): its rows are placeholders from now on."""
        self._sent[picture] = image_id
        self._replaced.pop(picture, None)
        made = self._made.get(picture)
        if made is not None:
            self._keep(picture, replace(made, payload=None))
        self._tell(picture)

    def forget(self, picture: Picture) -> None:
        """The terminal holds it no longer: rows are blocks again, and the payload is made anew."""
        if self._sent.pop(picture, None) is not None:
            self._drop(picture)
            self._tell(picture)

    def forget_all(self) -> None:
        """The terminal was cleared, or is another one."""
        for picture in tuple(self._sent):
            self.forget(picture)

    def close(self) -> None:
        """No picture is made any more; what draws one in a process of its own is ended."""
        self._waiting.clear()
        self._jobs = None
        sandbox.end_all()

    # ---- making

    def _want(self, shown: Shown) -> None:
        picture = shown.picture
        if picture in self._running:
            return
        self._waiting[picture] = shown
        self._waiting.move_to_end(picture)
        if len(self._waiting) > _WAITING:
            self._waiting.popitem(last=False)
        if not self._begins:
            from asyncio import get_running_loop

            self._begins = True
            get_running_loop().call_later(_BREATH, self._begin)

    def _begin(self) -> None:
        self._begins = False
        while self._waiting and len(self._running) < _AT_ONCE:
            self._start(*self._waiting.popitem())

    def _start(self, picture: Picture, shown: Shown) -> None:
        if self._jobs is None:
            return
        self._running.add(picture)
        # A screen may be painted once more after the pool was closed.
        with suppress(RuntimeError):
            self._jobs.submit(
                ("picture", id(self), picture),
                lambda: make(shown),
                done=lambda made: self._arrived(picture, made),
                failed=lambda error: self._arrived(picture, failed(shown, f"it could not be shown: {error}")),
            )

    def _arrived(self, picture: Picture, made: Made) -> None:
        self._running.discard(picture)
        if made.payload is not None and self._replaced.get(picture) in self._sent:
            from asyncio import get_running_loop

            get_running_loop().call_later(_SENDING, self._show, picture)
        else:
            self._replaced.pop(picture, None)
        self._keep(picture, made)
        if not self._begins:
            self._begin()
        self._tell(picture)

    def _show(self, picture: Picture) -> None:
        """Shows a picture as it is, instead of the one that it replaces."""
        if self._replaced.pop(picture, None) is not None and self._jobs is not None:
            self._tell(picture)

    def _keep(self, picture: Picture, made: Made) -> None:
        self._drop(picture)
        self._made[picture] = made
        self._troubled = self._troubled or bool(made.trouble)
        self._room -= made.weight
        while self._room < 0 and len(self._made) > 1:
            self._drop(next(iter(self._made)))

    def _drop(self, picture: Picture) -> None:
        made = self._made.pop(picture, None)
        if made is not None:
            self._room += made.weight

    def _tell(self, picture: Picture) -> None:
        if self._changed is not None:
            self._changed(picture)

"""The pictures of an app: made in jobs when their rows are first requested, and cached.

A picture that is not made yet is shown as a muted frame of its final size, or as the picture that it replaces, so that a
plot that is redrawn does not flicker. `changed` reports when the picture is ready. Few jobs run at a time, newest request
first, because that is what the user sees. A picture that the terminal holds (kitty) is shown as placeholders, which scroll
as text. It is sent to the terminal once.
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
    from tuinb.render.images.encode import MadePicture, PictureRequest

CAPACITY = 64 << 20
"""Approximate capacity of the cache in bytes."""
_PARALLEL = 2
"""Maximum number of jobs at a time. More would block other work in the pool. A single one might be slow."""
_START_DELAY = 0.02
"""Delay in seconds before a job starts, so that it does not slow down the paint that requested it."""
_SEND_TIME = 0.15
"""Seconds for which a replaced picture stays visible while the new one is sent. On a slow line, blocks are shown after that."""
_MAX_WAITING = 64
"""Maximum number of waiting pictures. A screen shows fewer. Pictures that were scrolled past are requested again."""


class Gallery:
    """The cache of an app, or of a run without a screen (`synchronous`: rows are made immediately).

    Call all methods on the event loop's thread.
    """

    def __init__(
        self, jobs: Jobs | None = None, changed: Callable[[Picture], None] | None = None, *, synchronous: bool = False
    ) -> None:
        """`changed` is called when the rows or the payload of a picture have changed."""
        self._jobs = jobs
        self._changed = changed
        self._synchronous = synchronous or jobs is None
        self._made: OrderedDict[Picture, MadePicture] = OrderedDict()
        self._free = CAPACITY
        self._sent: dict[Picture, int] = {}
        self._requested: WeakValueDictionary[Picture, PictureRequest] = WeakValueDictionary()
        self._waiting: OrderedDict[Picture, PictureRequest] = OrderedDict()
        self._running: set[Picture] = set()
        self._replaced: OrderedDict[Picture, Picture] = OrderedDict()
        """Maps a picture that is not made or not sent to the last one that was, in the same place."""
        self._start_scheduled = False
        """Whether the start of jobs is scheduled."""
        self._any_error = False
        """Whether any picture could not be made."""

    # ---- rows

    def row(self, request: PictureRequest, index: int) -> Line:
        """Returns row `index` of a picture. Returns a frame's row until the picture is made."""
        picture = request.picture
        made = self._find(request)
        line = self._line(request, made, index)
        if made is not None and made.error:
            return line
        return (line[0]._replace(image=ImageRow(picture, index)), *line[1:])

    def replace(self, earlier: Picture, later: Picture) -> None:
        """Shows `earlier` in the place of `later` until `later` is made. Does nothing if their sizes differ."""
        if (earlier.columns, earlier.rows) == (later.columns, later.rows) and later not in self._made:
            # A picture that is already made is shown at once. Otherwise an animation faster than the line would freeze.
            self._replaced[later] = earlier if earlier in self._made else self._replaced.get(earlier, earlier)
            if len(self._replaced) > _MAX_WAITING:
                self._replaced.popitem(last=False)

    def error(self, request: PictureRequest) -> str:
        """Returns why a picture can't be shown, or an empty string if no reason is known."""
        if not self._synchronous and not self._any_error:
            # The usual case. Identifying the picture would require a walk through its data.
            return ""
        made = self._find(request) if self._synchronous else self._made.get(request.picture)
        return made.error if made is not None else ""

    def _line(self, request: PictureRequest, made: MadePicture | None, index: int) -> Line:
        picture = request.picture
        earlier = self._replaced.get(picture)
        if earlier is not None and (made is None or earlier in self._sent):
            picture, made = earlier, self._made.get(earlier)
            made = None if made is not None and made.error else made
        image_id = self._sent.get(picture)
        if image_id is not None:
            return (Span(kitty.placeholders(index, picture.columns), kitty.id_style(image_id)),)
        return made.lines[index] if made is not None else frame(request, index)

    def _find(self, request: PictureRequest) -> MadePicture | None:
        picture = request.picture
        self._requested[picture] = request
        made = self._made.get(picture)
        if made is not None:
            self._made.move_to_end(picture)
        elif self._synchronous:
            made = make(request)
            self._keep(picture, made)
        elif picture not in self._sent:
            self._request(request)
        return made

    # ---- payloads

    def payload(self, picture: Picture) -> str | None:
        """Returns the data that a terminal with graphics needs, for the capabilities of the request.

        For kitty, this is the base64 of a PNG, for `kitty.transmit`. For sixel and iTerm2, it is the whole sequence.
        Returns None if it is not made yet, or if the picture is only shown as text.
        """
        made = self._made.get(picture)
        if made is None and picture not in self._sent and (request := self._requested.get(picture)) is not None:
            self._request(request)
        return made.payload if made is not None else None

    def sent(self, picture: Picture, image_id: int) -> None:
        """Records that the terminal holds the picture under this id (24 bits). Its rows are now placeholders."""
        self._sent[picture] = image_id
        self._replaced.pop(picture, None)
        made = self._made.get(picture)
        if made is not None:
            self._keep(picture, replace(made, payload=None))
        self._notify(picture)

    def forget(self, picture: Picture) -> None:
        """Records that the terminal does not hold the picture any more. Its rows are blocks again, and the payload is made
        anew.
        """
        if self._sent.pop(picture, None) is not None:
            self._drop(picture)
            self._notify(picture)

    def forget_all(self) -> None:
        """Forgets all sent pictures. Called after the terminal was cleared or replaced."""
        for picture in tuple(self._sent):
            self.forget(picture)

    def close(self) -> None:
        """Stops making pictures and kills the child processes."""
        self._waiting.clear()
        self._jobs = None
        sandbox.kill_all()

    # ---- making

    def _request(self, request: PictureRequest) -> None:
        picture = request.picture
        if picture in self._running:
            return
        self._waiting[picture] = request
        self._waiting.move_to_end(picture)
        if len(self._waiting) > _MAX_WAITING:
            self._waiting.popitem(last=False)
        if not self._start_scheduled:
            from asyncio import get_running_loop

            self._start_scheduled = True
            get_running_loop().call_later(_START_DELAY, self._begin)

    def _begin(self) -> None:
        self._start_scheduled = False
        while self._waiting and len(self._running) < _PARALLEL:
            self._start(*self._waiting.popitem())

    def _start(self, picture: Picture, request: PictureRequest) -> None:
        if self._jobs is None:
            return
        self._running.add(picture)
        # The screen may be painted once more after the pool was closed.
        with suppress(RuntimeError):
            self._jobs.submit(
                ("picture", id(self), picture),
                lambda: make(request),
                done=lambda made: self._finished(picture, made),
                failed=lambda error: self._finished(picture, failed(request, f"it could not be shown: {error}")),
            )

    def _finished(self, picture: Picture, made: MadePicture) -> None:
        self._running.discard(picture)
        if made.payload is not None and self._replaced.get(picture) in self._sent:
            from asyncio import get_running_loop

            get_running_loop().call_later(_SEND_TIME, self._show, picture)
        else:
            self._replaced.pop(picture, None)
        self._keep(picture, made)
        if not self._start_scheduled:
            self._begin()
        self._notify(picture)

    def _show(self, picture: Picture) -> None:
        """Shows a picture instead of the one that it replaces."""
        if self._replaced.pop(picture, None) is not None and self._jobs is not None:
            self._notify(picture)

    def _keep(self, picture: Picture, made: MadePicture) -> None:
        self._drop(picture)
        self._made[picture] = made
        self._any_error = self._any_error or bool(made.error)
        self._free -= made.weight
        while self._free < 0 and len(self._made) > 1:
            self._drop(next(iter(self._made)))

    def _drop(self, picture: Picture) -> None:
        made = self._made.pop(picture, None)
        if made is not None:
            self._free += made.weight

    def _notify(self, picture: Picture) -> None:
        if self._changed is not None:
            self._changed(picture)

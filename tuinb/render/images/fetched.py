"""Image files that take time to read, such as those beside a notebook on a server: read in jobs, one at a time, and kept.

An image that is not there yet is described by a line. `changed` is called with its name when that line is no longer right. What
was read some time ago is read again when it is shown anew, so that a plot that is written again appears.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from tuinb.record import Record
from tuinb.render.images.sources import RawBytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.jobs import Jobs

FRESH: Final = 30.0
"""Seconds after which an image is read again."""
_MOST_BYTES: Final = 64 << 20
"""Bytes that are kept."""
_MOST_WANTED: Final = 32
"""Images that wait to be read. A screen shows fewer."""


class _Read(Record):
    """What reading an image came to."""

    data: bytes | None
    problem: str
    at: float


class FetchedImages:
    """Implements ImageFiles. `read` is called in a thread; it returns the bytes, or raises ValueError with the reason.

    Without `jobs` it is called at once.
    """

    def __init__(
        self,
        read: Callable[[str], bytes],
        jobs: Jobs | None = None,
        changed: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._jobs = jobs
        self._changed = changed
        self._clock = clock
        self._found: OrderedDict[str, _Read] = OrderedDict()
        self._wanted: dict[str, None] = {}
        """Names that are to be read, the newest last."""
        self._reading = ""

    def find(self, name: str) -> RawBytes:
        """See ImageFiles."""
        found = self._found.get(name)
        if found is None or self._clock() - found.at > FRESH:
            self._want(name)
            found = self._found.get(name)
        if found is None:
            raise ValueError("it is being fetched")
        self._found.move_to_end(name)
        if found.data is None:
            raise ValueError(found.problem)
        return RawBytes(found.data)

    def _want(self, name: str) -> None:
        if self._jobs is None:
            self._take(name, self._fetched(name))
            return
        if name == self._reading:
            return
        self._wanted.pop(name, None)
        self._wanted[name] = None
        if len(self._wanted) > _MOST_WANTED:
            del self._wanted[next(iter(self._wanted))]
        self._begin()

    def _begin(self) -> None:
        if self._jobs is None or self._reading or not self._wanted:
            return
        self._reading, _ = self._wanted.popitem()
        self._jobs.submit(self, partial(self._fetched, self._reading), done=self._finished)

    def _fetched(self, name: str) -> _Read:
        try:
            return _Read(self._read(name), "", self._clock())
        except ValueError as error:
            return _Read(None, str(error), self._clock())

    def _finished(self, found: _Read) -> None:
        name, self._reading = self._reading, ""
        self._take(name, found)
        self._begin()

    def _take(self, name: str, found: _Read) -> None:
        before = self._found.get(name)
        self._found[name] = found
        self._found.move_to_end(name)
        while len(self._found) > 1 and sum(len(each.data or b"") for each in self._found.values()) > _MOST_BYTES:
            self._found.popitem(last=False)
        if before is None or (before.data, before.problem) != (found.data, found.problem):
            self._changed(name)

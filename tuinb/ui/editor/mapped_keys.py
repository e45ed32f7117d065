"""Mapped keys: the timer of keys that may begin a mapping. `commands.keymap.mappings` has what they stand for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.commands.keymap.mappings import Key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.keymap.mappings import Mappings


class MappedKeys:
    """Passes on what keys stand for. A key that may begin a mapping waits, but not for long."""

    def __init__(self, mappings: Mappings) -> None:
        self._mappings = mappings
        self._timer: asyncio.TimerHandle | None = None

    def press(
        self,
        mode: str,
        key: str,
        character: str | None,
        give: Callable[[str, str | None], bool],
        is_awaited: Callable[[], bool],
    ) -> bool:
        """Passes the keys that one stands for to `give`. Returns whether it is handled, or waits.

        `is_awaited` returns whether the next key belongs to what was given: such a key begins no mapping.
        """
        self._stop_timer()
        pressed = Key(key, character)
        keys = self._mappings.feed(mode, pressed)
        taken = [give(*each) for each in keys]
        if self._mappings.pending and is_awaited():
            self.end(give)
        elif self._mappings.pending:
            seconds = self._mappings.seconds
            self._timer = asyncio.get_running_loop().call_later(seconds, self.end, give)
        return taken[0] if keys == [pressed] else True

    def end(self, give: Callable[[str, str | None], bool]) -> None:
        """Passes on the keys that wait, at the time limit or before a paste."""
        self._stop_timer()
        for key in self._mappings.flush():
            give(*key)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

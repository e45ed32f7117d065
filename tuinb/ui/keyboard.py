"""From a key to a command: the keymap, and the second that a sequence waits for its next key."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tuinb.commands.keymap import SEQUENCE_SECONDS, Keymap, Match, Pending
from tuinb.notebook.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.command import Command


class Keyboard:
    """Feeds normalised keys to the keymap."""

    def __init__(self, keymap: Keymap, run: Callable[[Command], None], changed: Callable[[], None]) -> None:
        self.keymap = keymap
        self._run = run
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self.pending: tuple[str, ...] = ()
        """Keys of a sequence that is not complete yet."""

    def press(self, mode: Mode, key: str) -> bool:
        """Takes a key; returns whether it ends here: it ran a command, or began a sequence."""
        found = self.keymap.feed(mode, key, time.monotonic())
        was_pending, self.pending = bool(self.pending), ()
        self._stop_timer()
        if isinstance(found, Match):
            self._run(found.command)
            return True
        if isinstance(found, Pending):
            self.pending = found.keys
            self._timer = asyncio.get_running_loop().call_later(SEQUENCE_SECONDS, self._expire)
            self._changed()
            return True
        if was_pending:
            self._changed()
        return was_pending and mode is Mode.COMMAND

    def _expire(self) -> None:
        self._timer = None
        self.keymap.expire(time.monotonic())
        self.pending = ()
        self._changed()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

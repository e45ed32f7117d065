"""From a key to a command: the keymap, and the second that a sequence waits for its next key."""

from __future__ import annotations

import asyncio
import time
from functools import cached_property
from typing import TYPE_CHECKING

from tuinb.notebook.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.command import Command
    from tuinb.commands.keymap import Keymap


class Keyboard:
    """Feeds normalised keys to the keymap, which is made when it is first wanted: it needs every command imported."""

    def __init__(self, keymap: Callable[[], Keymap], run: Callable[[Command], None], changed: Callable[[], None]) -> None:
        self._make_keymap = keymap
        self._run = run
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self.pending: tuple[str, ...] = ()
        """Keys of a sequence that is not complete yet."""

    @cached_property
    def keymap(self) -> Keymap:
        return self._make_keymap()

    def load(self) -> None:
        """Makes the keymap now, so that the first key does not wait for it."""
        _ = self.keymap

    def press(self, mode: Mode, key: str) -> bool:
        """Takes a key; returns whether it ends here: it ran a command, or began a sequence."""
        from tuinb.commands.keymap import SEQUENCE_SECONDS, Match, Pending

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

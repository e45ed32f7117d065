"""From a key to a command: the keymap, and the second that a sequence waits for its next key."""

from __future__ import annotations

import asyncio
import time
from functools import cached_property
from typing import TYPE_CHECKING

from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.commands.command import Command
    from tuinb.commands.keymap.keymap import Keymap


class Keyboard:
    """Feeds normalised keys to the keymap, which is made when it is first wanted: it needs every command imported."""

    def __init__(
        self,
        keymap: Callable[[], Keymap],
        run: Callable[[Command], None],
        changed: Callable[[], None],
        insert: Callable[[str], None],
    ) -> None:
        self._make_keymap = keymap
        self._run = run
        self._changed = changed
        self._insert = insert
        self._timer: asyncio.TimerHandle | None = None
        self._mode = Mode.COMMAND
        self._typed: list[str | None] = []
        self.pending: tuple[str, ...] = ()
        """Keys of a sequence that is not complete yet."""

    @cached_property
    def keymap(self) -> Keymap:
        return self._make_keymap()

    def load(self) -> None:
        """Makes the keymap now, so that the first key does not wait for it."""
        _ = self.keymap

    def press(self, mode: Mode, key: str, character: str | None = None) -> bool:
        """Takes a key and what it types; returns whether it ends here: it ran a command, or began a sequence."""
        from tuinb.commands.keymap.keymap import SEQUENCE_SECONDS, Match, NoMatch, Pending

        found = self.keymap.feed(mode, key, time.monotonic())
        was_pending, typed = bool(self.pending), [*self._typed, character]
        self._mode, self.pending, self._typed = mode, (), []
        self._stop_timer()
        if isinstance(found, NoMatch):
            self._give_up(typed[:-1])
            if was_pending:
                self._changed()
            return was_pending and mode is Mode.COMMAND
        given_up = len(found.unmatched)
        self._give_up(typed[:given_up])
        if isinstance(found, Match):
            self._run(found.command)
        elif isinstance(found, Pending):
            self.pending, self._typed = found.keys, typed[given_up:]
            self._timer = asyncio.get_running_loop().call_later(SEQUENCE_SECONDS, self._expire)
            self._changed()
        return True

    def reset(self) -> None:
        """Forgets an open sequence: something else than a key came in between."""
        self._stop_timer()
        if self.pending:
            self.keymap.reset()
            self.pending, self._typed = (), []
            self._changed()

    def _expire(self) -> None:
        typed = self._typed
        self.reset()
        self._give_up(typed)

    def _give_up(self, typed: Sequence[str | None]) -> None:
        """Keys that began a sequence and did not end one are text after all, where text is typed."""
        text = "".join(character for character in typed if character and character.isprintable())
        if text and self._mode is Mode.EDIT:
            self._insert(text)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

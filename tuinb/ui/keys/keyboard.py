"""Runs commands for keys through the keymap, with the timer of an unfinished sequence."""

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

HINT_SECONDS = 0.5
"""Seconds until the next keys of a sequence are shown."""


class Keyboard:
    """Feeds normalised keys to the keymap, which is built at its first use: it imports all commands.

    `run` is called with each command, `changed` when `pending` changes, `insert` with typed text that is no sequence after all.
    `show_next` is called with the next keys of a sequence that is not continued for a while, and with nothing when it ends. If
    it is None, they are not shown.
    """

    def __init__(
        self,
        keymap: Callable[[], Keymap],
        run: Callable[[Command], None],
        changed: Callable[[], None],
        insert: Callable[[str], None],
        show_next: Callable[[Sequence[tuple[str, str]]], None] | None = None,
    ) -> None:
        self._make_keymap = keymap
        self._run = run
        self._changed = changed
        self._insert = insert
        self._show_next = show_next
        self._shows_next = False
        self._timer: asyncio.TimerHandle | None = None
        self._mode: str = Mode.COMMAND
        self._typed: list[str | None] = []
        """Characters of the pending keys; None for a key that types nothing."""
        self.pending: tuple[str, ...] = ()
        """Keys of an unfinished sequence."""

    @cached_property
    def keymap(self) -> Keymap:
        """The keymap, built at its first use."""
        return self._make_keymap()

    def load(self) -> None:
        """Builds the keymap now, so that the first key does not wait for it."""
        _ = self.keymap

    def press(self, mode: str, key: str, character: str | None = None) -> bool:
        """Processes a key; `character` is the text that it types. Returns whether it ran a command or is part of a sequence."""
        from tuinb.commands.keymap.keymap import SEQUENCE_SECONDS, Match, NoMatch, Pending

        found = self.keymap.feed(mode, key, time.monotonic())
        was_pending, typed = bool(self.pending), [*self._typed, character]
        self._mode, self.pending, self._typed = mode, (), []
        self._stop_timer()
        if isinstance(found, NoMatch):
            self._insert_typed(typed[:-1])
            if was_pending:
                self._changed()
            return was_pending and mode == Mode.COMMAND
        abandoned = len(found.unmatched)
        self._insert_typed(typed[:abandoned])
        if isinstance(found, Match):
            self._run(found.command)
        elif isinstance(found, Pending):
            self.pending, self._typed = found.keys, typed[abandoned:]
            # In edit mode its keys are text, which must not wait.
            hints = self._show_next is not None and mode is Mode.COMMAND
            seconds, then = (HINT_SECONDS, self._hint) if hints else (SEQUENCE_SECONDS, self.end_sequence)
            self._timer = asyncio.get_running_loop().call_later(seconds, then)
            self._changed()
        return True

    def _hint(self) -> None:
        """Shows the next keys of the sequence, which is kept open meanwhile."""
        self._timer = None
        if self._show_next is not None:
            self.keymap.hold()
            self._shows_next = True
            self._show_next(self.keymap.next_keys())

    def reset(self) -> None:
        """Drops an unfinished sequence, after a click or when a dialog opens."""
        self._stop_timer()
        if self.pending:
            self.keymap.reset()
            self.pending, self._typed = (), []
            self._changed()

    def end_sequence(self) -> None:
        """Ends an unfinished sequence at its time limit or before a paste. In edit mode its keys are text."""
        typed = self._typed
        self.reset()
        self._insert_typed(typed)

    def _insert_typed(self, typed: Sequence[str | None]) -> None:
        """Inserts the characters of an abandoned sequence if the user is editing."""
        text = "".join(character for character in typed if character and character.isprintable())
        if text and self._mode != Mode.COMMAND:
            self._insert(text)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._shows_next and self._show_next is not None:
            self._shows_next = False
            self._show_next(())

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
    from tuinb.commands.keymap.counts import Count
    from tuinb.commands.keymap.keymap import Keymap

HINT_SECONDS = 0.5
"""Seconds until the next keys of a sequence are shown."""


class Keyboard:
    """Feeds normalised keys to the keymap, which is built at its first use: it imports all commands.

    `run` is called with each command and how often it runs, `unbound` with keys that run none. `changed` is called when
    `pending` or the count changes, `insert` with typed text that is no sequence after all. `show_next` is called with the next
    keys of a sequence that is not continued for a while, and with nothing when it ends. If it is None, they are not shown.
    """

    def __init__(
        self,
        keymap: Callable[[], Keymap],
        run: Callable[[Command, int], None],
        changed: Callable[[], None],
        insert: Callable[[str], None],
        show_next: Callable[[Sequence[tuple[str, str]]], None] | None = None,
        unbound: Callable[[Sequence[str]], None] = lambda keys: None,
    ) -> None:
        self._make_keymap = keymap
        self._run = run
        self._changed = changed
        self._insert = insert
        self._show_next = show_next
        self.unbound = unbound
        self._shows_next = False
        self._timer: asyncio.TimerHandle | None = None
        self._mode: str = Mode.COMMAND
        self._typed: list[str | None] = []
        """Characters of the pending keys; None for a key that types nothing."""
        self.pending: tuple[str, ...] = ()
        """Keys of an unfinished sequence."""
        self.count: Count | None = None
        """The count that is being written."""
        self._counted: Count | None = None
        """The count of the command that runs."""

    @cached_property
    def keymap(self) -> Keymap:
        """The keymap, built at its first use."""
        return self._make_keymap()

    @property
    def is_loaded(self) -> bool:
        """Whether the keymap is built."""
        return "keymap" in vars(self)

    def load(self) -> None:
        """Builds the keymap now, so that the first key does not wait for it."""
        _ = self.keymap

    def press(self, mode: str, key: str, character: str | None = None) -> bool:
        """Processes a key; `character` is the text that it types. Returns whether it ran a command or is part of a sequence."""
        from tuinb.commands.keymap.keymap import SEQUENCE_SECONDS, Match, NoMatch, Pending

        if self.count is not None and not self.pending and self.count.takes(character):
            self._set_count(self.count.then(character or ""))
            return True
        found = self.keymap.feed(mode, key, time.monotonic())
        was_pending, typed = bool(self.pending), [*self._typed, character]
        self._mode, self.pending, self._typed = mode, (), []
        self._stop_timer()
        if isinstance(found, NoMatch):
            if found.was_prefix:
                self._end_prefix(found.keys)
                return True
            self._insert_typed(typed[:-1])
            if was_pending:
                self._changed()
            return self._insert_counted(mode, character) or (was_pending and mode == Mode.COMMAND)
        abandoned = len(found.unmatched)
        self._insert_typed(typed[:abandoned])
        if isinstance(found, Match):
            self._run_counted(found.command)
        elif isinstance(found, Pending):
            self.pending, self._typed = found.keys, typed[abandoned:]
            # In edit mode its keys may be text, which must not wait.
            hints = self._show_next is not None and (mode == Mode.COMMAND or self.keymap.is_held)
            if hints or not self.keymap.is_held:
                seconds, then = (HINT_SECONDS, self._hint) if hints else (SEQUENCE_SECONDS, self.end_sequence)
                self._timer = asyncio.get_running_loop().call_later(seconds, then)
            self._changed()
        return True

    def binds(self, key: str) -> bool:
        """Whether a key runs a command or begins a sequence, in any mode."""
        commands, continues = self.keymap.meanings((key,))
        return bool(commands) or continues

    # ---- counts

    def set_count(self, text: str) -> None:
        """Begins the count of the next command, or goes on with that of the command that runs: see Count.then."""
        from tuinb.commands.keymap.counts import Count

        self._set_count((self._counted or Count()).then(text))

    def _set_count(self, count: Count | None) -> None:
        self.count = count
        self._changed()

    @property
    def times(self) -> int:
        """The count of the command that runs, 1 without one."""
        return 1 if self._counted is None else max(0, self._counted.value)

    @property
    def given(self) -> int | None:
        """The count of the command that runs. None without one."""
        return None if self._counted is None else self._counted.value

    def _run_counted(self, command: Command) -> None:
        self._counted, self.count = self.count, None
        try:
            if self._counted is None:
                self._run(command, 1)
            else:
                from tuinb.commands.keymap.counts import counted

                self._run(*counted(command, self._counted))
        finally:
            self._counted = None

    def _insert_counted(self, mode: str, character: str | None) -> bool:
        """Inserts a character as often as the count says. Returns False without a count."""
        count, self.count = self.count, None
        if count is None:
            return False
        self._changed()
        if mode == Mode.COMMAND or not character or not character.isprintable():
            return False
        self._insert(character * max(0, count.value))
        return True

    def _end_prefix(self, keys: Sequence[str]) -> None:
        """Ends a sequence that runs no command. Says so, unless the user cancelled it."""
        self.count = None
        self._changed()
        if keys[-1] not in ("ctrl+g", "escape"):
            self.unbound(keys)

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
        self.count = None
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
        text = "".join(character for character in typed if character is not None and _types(character))
        if text and self._mode != Mode.COMMAND:
            self._insert(text)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._shows_next and self._show_next is not None:
            self._shows_next = False
            self._show_next(())


def _types(character: str | None) -> bool:
    """Whether a key types text."""
    return bool(character) and character is not None and character.isprintable()

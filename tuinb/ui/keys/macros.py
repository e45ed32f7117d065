"""Keyboard macros: the keys and pastes between two commands, to be typed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import TuinbError
from tuinb.ui.layer import copy_typed

if TYPE_CHECKING:
    from tuinb.ui.layer import Typed

MOST = 5_000
"""Keys that are typed at once at most."""


class Macros:
    """The macro that is recorded, and the last one."""

    def __init__(self) -> None:
        self._recorded: list[Typed] | None = None
        """What was typed since recording began; None if nothing is recorded."""
        self._sequence = 0
        """How much of it was typed before the last sequence of keys began."""
        self._last: list[Typed] = []

    @property
    def is_recording(self) -> bool:
        """Whether keys are recorded."""
        return self._recorded is not None

    def note(self, event: Typed, *, begins: bool) -> None:
        """Records what was typed. `begins` is whether no unfinished sequence of keys waits for it."""
        if self._recorded is not None:
            if begins:
                self._sequence = len(self._recorded)
            self._recorded.append(copy_typed(event))

    def forget(self) -> None:
        """Forgets what was typed last: it comes again."""
        if self._recorded:
            del self._recorded[-1]

    def start(self) -> None:
        """Begins to record, or begins anew."""
        self._recorded, self._sequence = [], 0

    def end(self) -> bool:
        """Ends recording, without the keys that ask for it. Returns False if nothing was recorded."""
        if self._recorded is None:
            return False
        self._last, self._recorded = self._recorded[: self._sequence], None
        return True

    def cancel(self) -> bool:
        """Stops recording and keeps the macro before. Returns whether anything was recorded."""
        was_recording, self._recorded = self.is_recording, None
        return was_recording

    def again(self, times: int) -> list[Typed]:
        """Returns what was recorded last, so many times. Raises TuinbError if that is nothing, or too much."""
        if not self._last:
            raise TuinbError("No keyboard macro was recorded.", hint="the command start-macro begins one")
        if len(self._last) * times > MOST:
            raise TuinbError(f"That would type more than {MOST:,} keys.", hint="use a smaller count")
        return [copy_typed(event) for _ in range(times) for event in self._last]

"""Counts and keyboard macros as commands use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.ui.keys.keyboard import Keyboard
    from tuinb.ui.keys.router import KeyRouter


class TypedKeys:
    """Implements commands.host.Keys for one app."""

    def __init__(self, keyboard: Keyboard, router: KeyRouter, notify: Callable[[str], None]) -> None:
        self._keyboard = keyboard
        self._router = router
        self._notify = notify

    @property
    def hint(self) -> str:
        """The count that is being written, and that keys are recorded or typed again."""
        count, router = self._keyboard.count, self._router
        macro = "recording" if router.macros.is_recording else "^G stops the macro" if router.is_playing else ""
        parts = (f"count {count}" if count is not None else "", macro)
        return "  ".join(filter(None, parts))

    @property
    def given(self) -> int | None:
        """The count that was typed before the command that runs. None without one."""
        return self._keyboard.given

    def count(self, text: str) -> None:
        """Begins the count of the next command, or goes on with it."""
        self._keyboard.set_count(text)

    def start_macro(self) -> None:
        """Records the keys from now on."""
        self._router.macros.start()
        self._notify("Recording keys.")

    def end_macro(self) -> None:
        """Ends recording."""
        self._notify("Recorded." if self._router.macros.end() else "Nothing is recorded.")

    def run_macro(self) -> None:
        """Types the keys that were recorded last, as often as the count says. Raises TuinbError."""
        self._router.macros.end()
        self._router.replay(self._router.macros.again(self._keyboard.times))

    def end_or_run_macro(self) -> None:
        """Ends recording, or types the keys that were recorded last if none are being recorded. Raises TuinbError."""
        if self._router.macros.is_recording:
            self.end_macro()
        else:
            self.run_macro()

    def cancel(self) -> None:
        """Ends a count, and a macro that is recorded."""
        if self._router.macros.cancel():
            self._notify("Stopped recording.")

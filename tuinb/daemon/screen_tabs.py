"""The tabs of an attached terminal, for its screen: the command keeps them (tabs.py), and goes from one to another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from tuinb.commands.host import Scope, Tab

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tuinb.daemon.frames import Message

_KEYS_WAIT: Final = 2.0
"""Seconds in which another tab is usually shown. Keys that are typed in them are meant for that one."""


class ScreenTabs:
    """Implements commands.host.Tabs, and knows whether the terminal is kept as it is for another tab when the screen ends."""

    def __init__(self, send: Callable[[Message], None], hello: Message) -> None:
        self._send = send
        self.entries: Sequence[Tab] = (Tab(""),)
        self.at = 0
        self.changed: Callable[[], None] = lambda: None
        """Called after each change."""
        self.stayed: Callable[[], None] = lambda: None
        """Called when keys are meant for this screen again, though another tab was asked for."""
        self.scope = Scope.TAB
        """What is left with the screen."""
        self.ends_session = False
        """Whether the session ends once another tab can be shown."""
        self._going: asyncio.TimerHandle | None = None
        """While another tab was asked for and keys are meant for that: the end of it."""
        self._is_released = False
        self._is_gone = False
        self._take(hello)

    def update(self, message: Message) -> None:
        """Takes what the command says of the tabs."""
        self._take(message)
        self.changed()

    def _take(self, message: Message) -> None:
        entries, at = message.get("tabs"), message.get("at")
        if isinstance(entries, list) and isinstance(at, int) and 0 <= at < len(entries):
            self.entries, self.at = tuple(_tab(entry) for entry in entries), at

    def go(self, index: int) -> None:
        """Shows another tab instead, soon."""
        self.ends_session = False
        self._go({"t": "go", "tab": index})

    def open(self, path: Path, *, instead: bool = False) -> None:
        """Shows another notebook in a tab, soon."""
        self.ends_session = instead
        self._go({"t": "go", "path": str(path)})

    def save_others(self) -> None:
        """Saves the notebooks of the other tabs, soon."""
        self._send({"t": "save"})

    def _go(self, message: Message) -> None:
        if self._going is not None:
            self._going.cancel()
        self._going = asyncio.get_running_loop().call_later(_KEYS_WAIT, self.stay)
        self._send(message)

    def stay(self) -> None:
        """Notes that the other tab is not shown, or not soon."""
        going, self._going = self._going, None
        if going is not None:
            going.cancel()
            if not self._is_released:
                self.stayed()

    def release(self) -> None:
        """Notes that another tab waits for the terminal."""
        self._is_released = True

    @property
    def is_released(self) -> bool:
        """Whether the screen ends because the user goes to another tab."""
        return self._is_released

    @property
    def takes_keys(self) -> bool:
        """Whether what is typed now is meant for another tab."""
        return self._is_released or self._going is not None

    def terminal_gone(self) -> None:
        """Notes that there is no command any more that could give the terminal back."""
        self._is_gone = True

    @property
    def keeps_terminal(self) -> bool:
        """Whether the terminal stays as it is at the end of the screen, for the next one."""
        return not self._is_gone and (self._is_released or (len(self.entries) > 1 and self.scope is not Scope.TERMINAL))


def _tab(entry: Any) -> Tab:  # noqa: ANN401
    """Returns the tab that the command describes."""
    described: Mapping[str, object] = entry if isinstance(entry, dict) else {}
    name, flags = described.get("name"), (described.get(flag) is True for flag in ("modified", "busy", "waits"))
    return Tab(name if isinstance(name, str) else "", *flags)

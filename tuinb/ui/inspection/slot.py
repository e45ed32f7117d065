"""The place of the panel beside the notebook, of variables, calls or headings. One that opens takes it from another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.ui.layer import Taken
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.widget import Widget

    from tuinb.ui.inspection.side_panel import SidePanel
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class PanelSlot:
    """Holds at most one panel. `leave` gives the notebook the keys; what opens the panels passes it to them."""

    def __init__(self, parent: Widget, shell: Shell, state: ViewState, leave: Callable[[], None]) -> None:
        self._parent = parent
        self._shell = shell
        self._state = state
        self.leave = leave
        self.panel: SidePanel | None = None
        """None if no panel is open."""
        self._opening = 0
        self._one_at_a_time = asyncio.Lock()

    @property
    def is_opening(self) -> bool:
        """Whether a panel that gets the keys is about to open."""
        return self._opening > 0

    def show(self, make: Callable[[], SidePanel], *, focus: bool = True) -> None:
        """Opens a panel, unless one of its kind is open. With `focus`, gives it the keys."""
        if focus:
            self._state.mode = Mode.COMMAND
            self._opening += 1
        self._shell.system.run_later(self._show(make, focus=focus))

    async def _show(self, make: Callable[[], SidePanel], *, focus: bool) -> None:
        try:
            async with self._one_at_a_time:
                panel, before = make(), self.panel
                if before is not None and type(before) is type(panel):
                    panel = before
                else:
                    self.panel = panel
                    if before is not None:
                        await before.remove()
                    await self._parent.mount(panel)
                if focus and self.panel is panel:
                    self._parent.screen.set_focus(panel, scroll_visible=False)
        finally:
            self._opening -= focus

    def close(self) -> None:
        """Closes the panel if one is open."""
        panel, self.panel = self.panel, None
        if panel is not None:
            self.leave()
            panel.remove()

    # ---- for the pane

    @property
    def has_keys(self) -> bool:
        """Whether the panel has the focus."""
        return self.panel is not None and self.panel.has_keys

    @property
    def mode(self) -> str:
        """What the status line calls the panel."""
        return self.panel.mode if self.panel is not None else ""

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints of the panel."""
        return self.panel.hints if self.panel is not None else ()

    def follow_active(self) -> None:
        """Tells the panel that the active cell may be another."""
        if self.panel is not None:
            self.panel.follow_active()

    def follow_text(self) -> None:
        """Tells the panel that headings may be others."""
        if self.panel is not None:
            self.panel.follow_text()

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Offers a key to the panel, unless it goes on with a sequence such as Ctrl+K S."""
        if self.panel is None or self._shell.awaits_key:
            return Taken.BELOW
        return self.panel.offer_key(key, event)

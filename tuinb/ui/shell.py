"""What the app lends to a notebook on its screen. Nothing below the app imports the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from tuinb.capabilities import Capabilities
    from tuinb.commands.host import System
    from tuinb.render.images.gallery import Gallery
    from tuinb.render.styles import ThemeStyles
    from tuinb.ui.dialogs.stack import DialogStack


@dataclass(frozen=True, slots=True)
class Looks:
    """What rendering depends on besides the notebook: the theme, the terminal, and the size of the screen."""

    styles: ThemeStyles
    capabilities: Capabilities
    pictures: Gallery | None
    """The maker of pictures; None before the first paint, when images are described in words."""
    rows: int
    """Rows of the screen."""


class Shell(Protocol):
    """Served by the app, used by each NotebookPane."""

    @property
    def dialogs(self) -> DialogStack:
        """Messages, questions and pages over the notebook."""
        ...

    @property
    def system(self) -> System:
        """The terminal, other programs, and the app itself."""
        ...

    @property
    def looks(self) -> Looks:
        """The theme, terminal and size as they are now."""
        ...

    def role(self, name: str) -> Style:
        """Returns the theme's style for a role of the interface."""
        ...

    def route_key(self, event: events.Key) -> bool:
        """Sends a key to the layer that takes it. Returns False for a key that is text for the editor."""
        ...

    def show_status(self) -> None:
        """Updates the status line."""
        ...

"""The Protocol through which a pane uses the app. Nothing below the app imports the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.style import Style

    from tuinb.capabilities import Capabilities
    from tuinb.commands.host import Keys, System
    from tuinb.render.images.gallery import Gallery
    from tuinb.render.styles import ThemeStyles
    from tuinb.ui.dialogs.stack import DialogStack
    from tuinb.ui.layer import Typed


class RenderSettings(Record):
    """The settings of rendering that are the same for all notebooks: theme, terminal, size of the screen."""

    styles: ThemeStyles
    capabilities: Capabilities
    pictures: Gallery | None
    """The gallery that makes pictures; None before the first paint, when images are shown as text."""
    rows: int
    """Rows of the screen."""
    keys: Mapping[str, str]
    """The keys that are named among the cells, by command."""


class Shell(Protocol):
    """Implemented by the app, used by each pane."""

    @property
    def dialogs(self) -> DialogStack:
        """Messages, questions and pages over the notebook."""
        ...

    @property
    def system(self) -> System:
        """The terminal, other programs, and the app itself."""
        ...

    @property
    def keys(self) -> Keys:
        """Counts and keyboard macros."""
        ...

    @property
    def render_settings(self) -> RenderSettings:
        """The current theme, capabilities of the terminal, and size."""
        ...

    def key_of(self, command: str) -> str:
        """Returns the key of a command in the present mode, as the help shows it. Empty if it has none."""
        ...

    def in_keys(self, text: str) -> str:
        """Returns a text with the user's keys in place of commands: `{undo}` (keymap.key_texts)."""
        ...

    def role(self, name: str) -> Style:
        """Returns the theme's style for a role of the interface."""
        ...

    @property
    def awaits_key(self) -> bool:
        """Whether a sequence of keys was begun, whose next key is no one else's."""
        ...

    def give_back(self, event: Typed) -> None:
        """Handles a key that the top dialog got once more, after the dialog, which ends now, and before what was typed next."""
        ...

    def call_user(self, text: str) -> None:
        """Rings, and shows a notification of the desktop, if the user looks elsewhere. `text` must be clean (render.safe)."""
        ...

    def show_status(self) -> None:
        """Updates the status line."""
        ...

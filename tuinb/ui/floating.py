"""The look of what floats over the notebook: the colours of the page within a round border. A shadow would cost bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.color import Color
    from textual import events

BORDER = 2
"""Rows, and columns, of a border."""


def surface(role: Callable[[str], Style]) -> Style:
    """Returns the colours within a border."""
    return Style(color=role("foreground").color, bgcolor=role("background").bgcolor)


def css(color: Color | None) -> str:
    """Returns a colour as Textual writes it."""
    name = getattr(color, "name", "default")
    if name == "default":
        return "ansi_default"
    return name if name.startswith("#") else f"ansi_{name}"


def row_under(event: events.MouseEvent, widget: Widget) -> int:
    """Returns the row within the border of a widget that the mouse is on. -1 on the border."""
    offset = event.get_content_offset(widget)
    return -1 if offset is None else offset.y


class Floating(Widget):
    """A widget with a border. Its size includes the border. `title` is shown in it."""

    title = ""

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Applies the colours of a theme."""
        self.styles.border = ("round", css(role("rule").color))
        self.styles.background = css(role("background").bgcolor)
        self.styles.border_title_color = css(role("muted").color)
        self.border_title = self.title

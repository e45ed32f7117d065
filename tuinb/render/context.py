"""What rendering depends on, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuinb.capabilities import Capabilities

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.widgets import Widgets
    from tuinb.render.images.gallery import Gallery
    from tuinb.render.styles import ThemeStyles
    from tuinb.themes import Theme

PICTURE_ROWS = 24
"""The height of a picture at most, where there is room for it."""


@dataclass(frozen=True, slots=True)
class RenderContext:
    """For whom something is rendered. Blocks keep to `width` columns."""

    width: int
    theme: Theme
    styles: ThemeStyles
    capabilities: Capabilities = field(default_factory=Capabilities)
    folder: Path | None = None
    """The notebook's folder: image files that Markdown names are looked for below it."""
    widgets: Widgets | None = None
    """The models that widget views name; without them a widget is shown as text."""
    toggled: frozenset[str] = frozenset()
    """Nodes of a JSON tree that were flipped from how they start, folded or open, by their JSON pointers."""
    pictures: Gallery | None = None
    """What makes pictures of images; without it they are described in words."""
    picture_rows: int = PICTURE_ROWS
    """The height of a picture at most."""
    enlarge_pictures: bool = False
    """Whether they are made as large as there is room; else no larger than they are."""

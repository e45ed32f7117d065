"""The settings that every renderer takes, and the services that a renderer may call.

The services are Protocols, so that this module imports no renderer and no picture code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tuinb.capabilities import Capabilities
from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.widgets import Widgets
    from tuinb.render.block import Block, Line, Picture
    from tuinb.render.images.encode import PictureRequest
    from tuinb.render.images.sources import Source
    from tuinb.render.styles import ThemeStyles
    from tuinb.themes import Theme

PICTURE_ROWS = 24
"""Default maximum height of a picture, in rows."""


class Renderer(Protocol):
    """Renders content inside other content, such as the outputs that a widget captured."""

    def render_output(self, output: Output, context: RenderContext) -> Block: ...

    def render_bundle(self, data: Json, context: RenderContext) -> Block: ...

    def render_markdown(self, source: str, context: RenderContext) -> Block: ...


class PictureMaker(Protocol):
    """Makes the rows of pictures."""

    def row(self, request: PictureRequest, index: int) -> Line:
        """Returns row `index` of a picture. Returns a frame's row until the picture is made."""
        ...

    def replace(self, earlier: Picture, later: Picture) -> None:
        """Shows `earlier` in the place of `later` until `later` is made. Does nothing if their sizes differ."""
        ...

    def error(self, request: PictureRequest) -> str:
        """Returns why a picture can't be shown, or an empty text if no reason is known."""
        ...


class ImageFiles(Protocol):
    """The image files of a folder that is not on this machine."""

    def find(self, name: str) -> Source:
        """Returns the image file `name`, relative to the folder. Raises ValueError with the reason for not showing it."""
        ...


class RenderContext(Record):
    """The settings for one rendering. Blocks are at most `width` columns wide."""

    width: int
    theme: Theme
    styles: ThemeStyles
    capabilities: Capabilities = Capabilities()
    folder: Path | None = None
    """The notebook's folder. Image files that Markdown names must be inside it."""
    files: ImageFiles | None = None
    """Where these files are, if `folder` is not on this machine."""
    widgets: Widgets | None = None
    """The models that widget views refer to. Without them, a widget is shown as text."""
    toggled: frozenset[str] = frozenset()
    """Pointers of the nodes of a FoldingBlock that the user folded or opened, against their initial state."""
    folds_frames: bool = False
    """Whether the frames of libraries in tracebacks are folded."""
    pictures: PictureMaker | None = None
    """Without it, an image is shown as a line that describes it."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The user's keys for commands that a line may name. It names none without them."""
    renderer: Renderer | None = None
    """Set by the registry for the renderers that need it."""
    picture_rows: int = PICTURE_ROWS
    """Maximum height of a picture, in rows."""
    dim_pictures: bool = False
    """Whether pictures are dimmed on a dark background."""
    enlarge_pictures: bool = False
    """Whether small pictures are enlarged to the available space."""
    enlarge_blocks: bool = False
    """Whether a picture in blocks is enlarged to the available space, until a pixel is a column wide. Blocks show few of the
    pixels that its own size has room for.
    """

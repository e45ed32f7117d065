"""Blocks: rendered content of a fixed width, with a height and lines made on demand.

Because lines are made on demand, the cost of a million lines is that of the visible ones. A line is a tuple of spans, never
wider than the width of the block; the painter pads it. The text of a span has passed `render.safe`, so it has no control
characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeGuard, runtime_checkable

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from rich.style import Style


class Picture(NamedTuple):
    """An image at a size in cells. It is decoded, encoded and sent once."""

    digest: str
    """Digest of its data."""
    columns: int
    rows: int


class ImageRow(NamedTuple):
    """Marks the first span of a picture's row, for terminals that draw pictures over text."""

    picture: Picture
    row: int


class Span(NamedTuple):
    text: str
    style: Style | None = None
    image: ImageRow | None = None


Line: TypeAlias = tuple[Span, ...]


class FoldingRow(NamedTuple):
    """A row of a text with folds."""

    line: Line
    hidden: tuple[Line, ...] = ()
    """Lines that are shown below it once it is unfolded."""
    is_stop: bool = False
    """Whether the keys that go from one change to the next stop here."""


class Block(Protocol):
    @property
    def height(self) -> int:
        """Number of rows. May grow while the source grows."""
        ...

    def line(self, index: int) -> Line:
        """Returns row `index`, 0 ≤ index < height."""
        ...


class WideBlock(Block, Protocol):
    """A block that may be wider than its context. The view scrolls it sideways."""

    @property
    def columns(self) -> int:
        """Its full width. `line` returns the first columns, cut to the width of the context."""
        ...

    def window(self, index: int, start: int) -> Line:
        """Returns row `index` from column `start` on, cut to the width of the context."""
        ...


class PictureRows(Block, Protocol):
    """The rows of one picture. They are useful only together."""

    @property
    def picture(self) -> Picture: ...

    def supersede(self, earlier: Picture) -> None:
        """Keeps showing `earlier` in this place until this picture is made."""
        ...


def is_wide(block: Block) -> TypeGuard[WideBlock]:
    """Whether the block can be scrolled sideways. `isinstance` takes fifty times as long, and a flood of outputs calls this
    often.
    """
    return hasattr(block, "window")


def is_picture(block: Block) -> TypeGuard[PictureRows]:
    """Whether all rows belong to one picture. Called as often as `is_wide`."""
    return hasattr(block, "picture")


def hides_frames(block: Block) -> bool:
    """Whether the block is a traceback with frames that are folded if the context says so. Called as often as `is_wide`."""
    return getattr(block, "hides_frames", False)


@runtime_checkable
class FoldingBlock(Block, Protocol):
    """A block with nodes that can be folded and opened: a tree, or a traceback. It has pointers in the manner of JSON's."""

    def node(self, index: int) -> str | None:
        """Returns the JSON pointer of the node that can be folded or opened on row `index`, or None."""
        ...

    def pointer(self, index: int) -> str:
        """Returns the JSON pointer of the value to which row `index` belongs."""
        ...


@runtime_checkable
class LiveBlock(Block, Protocol):
    """A block whose content changes independently of the notebook, such as a widget. Its lines are valid for the last
    height read.
    """

    @property
    def revision(self) -> int:
        """Increases when the block must be painted again."""
        ...

    def shows(self, models: AbstractSet[str]) -> bool:
        """Whether any of these widget models is part of the block."""
        ...


class Lines(Record):
    """A block whose lines already exist."""

    lines: Sequence[Line]

    @property
    def height(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> Line:
        return self.lines[index]


def plain(line: Line) -> str:
    """Returns the text of a line without styles."""
    return "".join(span.text for span in line)

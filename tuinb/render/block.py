"""A Block is rendered content of a fixed width: a height, and its lines on demand.

Lines are made when they are asked for, so that a million of them cost what is visible. A line is a tuple of spans that
never add up to more than the width it was rendered for; whoever paints it pads. The text of a span has been through
`render.safe`: it holds no control character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeGuard, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from rich.style import Style


class Picture(NamedTuple):
    """An image at a size in cells: what is decoded, encoded and sent once."""

    digest: str
    """Of its data."""
    columns: int
    rows: int


class ImageRow(NamedTuple):
    """Says of a span that a row of a picture starts with it, for terminals that lay pictures over text."""

    picture: Picture
    row: int


class Span(NamedTuple):
    text: str
    style: Style | None = None
    image: ImageRow | None = None


Line: TypeAlias = tuple[Span, ...]


class Block(Protocol):
    @property
    def height(self) -> int:
        """Rows at the width that it was rendered for; may grow while its source grows."""
        ...

    def line(self, index: int) -> Line:
        """The row `index`, 0 ≤ index < height."""
        ...


class WideBlock(Block, Protocol):
    """A block that may be wider than what it was rendered for; whoever shows it scrolls it sideways."""

    @property
    def columns(self) -> int:
        """The columns that it has; `line` gives those from the first on, cut to the width it was rendered for."""
        ...

    def window(self, index: int, start: int) -> Line:
        """The row `index` from column `start` on, cut to the width that it was rendered for."""
        ...


class PictureRows(Block, Protocol):
    """The rows of a picture, which say little one without the other."""

    @property
    def picture(self) -> Picture: ...

    def instead_of(self, earlier: Picture) -> None:
        """Takes the place of this picture, which is shown until its own is made."""
        ...


def is_wide(block: Block) -> TypeGuard[WideBlock]:
    """Whether it can be scrolled sideways. Asked of each output of a flood: `isinstance` takes fifty times as long."""
    return hasattr(block, "window")


def is_picture(block: Block) -> TypeGuard[PictureRows]:
    """Whether all its rows are one picture's; asked as often."""
    return hasattr(block, "picture")


@runtime_checkable
class FoldingBlock(Block, Protocol):
    """A tree, some of whose nodes may be folded or opened where they stand."""

    def node(self, index: int) -> str | None:
        """The JSON pointer of the node that can be flipped on the row `index`; None where there is none."""
        ...

    def pointer(self, index: int) -> str:
        """The JSON pointer of the value that the row `index` shows, or is part of."""
        ...


@runtime_checkable
class LiveBlock(Block, Protocol):
    """A block of what changes beside the notebook, as widgets do. Its lines are those that it had when its height was asked."""

    @property
    def revision(self) -> int:
        """Goes up when it is to be shown anew."""
        ...

    def shows(self, models: AbstractSet[str]) -> bool:
        """Whether any of these models of widgets is part of it."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """A block whose lines are all there."""

    lines: Sequence[Line]

    @property
    def height(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> Line:
        return self.lines[index]


def plain(line: Line) -> str:
    """The text of a line, without styles."""
    return "".join(span.text for span in line)

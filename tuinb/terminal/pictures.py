"""Marks rows of pictures by a mark in the style of their first cell.

Textual composes, crops and covers what widgets paint, and passes styles through unchanged. So the composed screen itself
tells where pictures are and which of them are whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACEHOLDER: Final = "\U0010eeee"
"""The character that kitty replaces by a cell of an image. The combining marks on it give row and column."""
_KEY: Final = "picture"


class Picture(NamedTuple):
    """An image at a size in cells; equal to `render.block.Picture`."""

    digest: str
    columns: int
    rows: int


class Mark(NamedTuple):
    """Marks a cell in which a row of a picture starts."""

    picture: Picture
    row: int
    exact: bool
    """Whether the row is made of placeholders. Their colour is the image's id and must not be changed."""


class Placed(NamedTuple):
    """A picture that is whole on the screen."""

    picture: Picture
    y: int
    x: int

    @property
    def bottom(self) -> int:
        """The first row of the screen below it."""
        return self.y + self.picture.rows

    @property
    def right(self) -> int:
        """The first column of the screen after it."""
        return self.x + self.picture.columns


@lru_cache(maxsize=1024)
def marked(style: Style, picture: tuple[str, int, int], row: int, exact: bool) -> Style:
    """Returns the style of the first cell of a picture's row."""
    return style + Style.from_meta({_KEY: (*picture, row, exact)})


def mark_of(style: Style) -> Mark | None:
    """Returns the mark in a style, if there is one."""
    found = style.meta.get(_KEY)
    if found is None:
        return None
    digest, columns, rows, row, exact = found
    return Mark(Picture(digest, columns, rows), row, exact)


def placeholder_cells(text: str) -> tuple[str, ...]:
    """Returns the cells of a row of placeholders, each with its combining marks."""
    return tuple(PLACEHOLDER + marks for marks in text.split(PLACEHOLDER)[1:])


class Marks:
    """The marks on the screen."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Mark]] = {}

    def clear(self) -> None:
        self._rows.clear()

    def put(self, y: int, x: int, stop: int, marks: Iterable[tuple[int, Mark]]) -> None:
        """Replaces the marks in columns `x` to `stop` of row `y`. A row that is cut counts as none."""
        row = self._rows.get(y)
        if row is not None:
            for at in [at for at, mark in row.items() if at < stop and at + mark.picture.columns > x]:
                del row[at]
        for at, mark in marks:
            if at + mark.picture.columns <= stop:
                self._rows.setdefault(y, {})[at] = mark

    def seen(self) -> set[Picture]:
        """Returns the pictures of which a row is visible."""
        return {mark.picture for row in self._rows.values() for mark in row.values()}

    def whole(self) -> set[Placed]:
        """Returns the pictures of which every row is visible."""
        found = set()
        for y, row in self._rows.items():
            for x, mark in row.items():
                if mark.row == 0 and not mark.exact:
                    below = (self._rows.get(y + i, {}).get(x) for i in range(1, mark.picture.rows))
                    if all(other == Mark(mark.picture, i, False) for i, other in enumerate(below, 1)):
                        found.add(Placed(mark.picture, y, x))
        return found

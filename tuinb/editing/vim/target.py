"""Where a motion or a text object leads."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tuinb.editing.buffer import Place
    from tuinb.editing.vim.registers import Kind


class Extent(StrEnum):
    """What an operator does with the end of a motion."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"
    LINEWISE = "linewise"


class Target(NamedTuple):
    """Where a motion leads."""

    place: Place
    extent: Extent = Extent.EXCLUSIVE
    wanted: int | None = None
    """The column of the screen that moves up and down lead to, if it is not that of the place."""
    start: Place | None = None
    """The other end, of a text object."""
    kind: Kind | None = None
    """The kind of selection that a text object makes."""
    extends: bool = False
    """Whether a text object extends what is selected, whose kind stays as it is."""
    exact: bool = False
    """Whether the start of a line is the end of the text, and not the end of the line before."""
    jumps: bool = False
    """Whether the place before the motion is noted for `''`."""
    large: bool = False
    """Whether text that is deleted over it goes into register 1, even if it is less than a line."""

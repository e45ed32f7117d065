"""Places of a notebook that one may go back to: the jump list, as browsers and editors have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Container

    from tuinb.notebook.changes import CellId, SpliceSource

MOST = 64
"""Places that are remembered."""


class Place(Record):
    """A cell, and the cursor in it if it was being edited."""

    cell: CellId
    offset: int | None = None


class JumpList(Record, frozen=False):
    """Where one was before each jump. Going back keeps the way forward until the next jump."""

    _behind: list[Place] = field(default_factory=list)
    _ahead: list[Place] = field(default_factory=list)

    def remember(self, place: Place) -> None:
        """Notes the place that is left by a jump."""
        self._ahead.clear()
        self._append(self._behind, place)

    def back(self, here: Place, known: Container[CellId]) -> Place | None:
        """Returns the place before the last jump. Cells that are not `known` any more are passed over."""
        return self._go(self._behind, self._ahead, here, known)

    def forward(self, here: Place, known: Container[CellId]) -> Place | None:
        """Returns the place that was left by going back."""
        return self._go(self._ahead, self._behind, here, known)

    def follow(self, splice: SpliceSource) -> None:
        """Moves the places in a cell with its text."""
        for places in (self._behind, self._ahead):
            for index, place in enumerate(places):
                if place.cell == splice.cell and place.offset is not None and place.offset > splice.at:
                    end = splice.at + len(splice.removed)
                    offset = splice.at if place.offset < end else place.offset - len(splice.removed) + len(splice.inserted)
                    places[index] = Place(place.cell, offset)

    def copy(self) -> JumpList:
        """Returns an independent copy."""
        return JumpList(list(self._behind), list(self._ahead))

    def _go(self, source: list[Place], target: list[Place], here: Place, known: Container[CellId]) -> Place | None:
        while source:
            place = source.pop()
            if place.cell in known and place != here:
                self._append(target, here)
                return place
        return None

    def _append(self, places: list[Place], place: Place) -> None:
        if places[-1:] != [place]:
            places.append(place)
            del places[:-MOST]

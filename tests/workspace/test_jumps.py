"""The jump list."""

from __future__ import annotations

from tuinb.notebook.changes import CellId, SpliceSource
from tuinb.workspace.jumps import MOST, JumpList, Place

A, B, C = (Place(CellId(name)) for name in "abc")
ALL = {A.cell, B.cell, C.cell}


def test_back_and_forward() -> None:
    jumps = JumpList()
    jumps.remember(A)
    jumps.remember(B)
    assert jumps.back(C, ALL) == B
    assert jumps.back(B, ALL) == A
    assert jumps.back(A, ALL) is None
    assert jumps.forward(A, ALL) == B
    assert jumps.forward(B, ALL) == C
    assert jumps.forward(C, ALL) is None


def test_a_jump_drops_the_way_forward() -> None:
    jumps = JumpList()
    jumps.remember(A)
    assert jumps.back(B, ALL) == A
    jumps.remember(A)
    assert jumps.forward(C, ALL) is None
    assert jumps.back(C, ALL) == A


def test_deleted_cells_and_the_place_itself_are_passed_over() -> None:
    jumps = JumpList()
    for place in (A, A, B, Place(B.cell, 3)):
        jumps.remember(place)
    assert jumps.back(Place(B.cell, 3), {A.cell}) == A
    assert jumps.back(A, ALL) is None


def test_the_oldest_are_forgotten_and_a_copy_goes_its_own_way() -> None:
    jumps = JumpList()
    for offset in range(MOST + 5):
        jumps.remember(Place(A.cell, offset))
    other = jumps.copy()
    here, count = B, 0
    while (place := jumps.back(here, ALL)) is not None:
        here, count = place, count + 1
    assert (here.offset, count) == (5, MOST)
    assert other.back(B, ALL) == Place(A.cell, MOST + 4)


def test_places_move_with_the_text_of_their_cell() -> None:
    jumps = JumpList()
    jumps.remember(Place(A.cell, 10))
    jumps.follow(SpliceSource(A.cell, 2, "", "abc"))
    jumps.follow(SpliceSource(A.cell, 13, "", "behind"))
    jumps.follow(SpliceSource(B.cell, 0, "", "another"))
    assert jumps.back(C, ALL) == Place(A.cell, 13)
    jumps.remember(Place(A.cell, 10))
    jumps.follow(SpliceSource(A.cell, 7, "12", ""))
    jumps.follow(SpliceSource(A.cell, 3, "345678", "x"))
    assert jumps.back(C, ALL) == Place(A.cell, 3)
    jumps.follow(SpliceSource(C.cell, 0, "", "a place without a cursor stays"))
    assert jumps.forward(A, ALL) == C

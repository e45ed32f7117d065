"""The size of a picture."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.render.images.fit import MAX_CELLS, Fit, fit, requested_size


@pytest.mark.parametrize(
    ("size", "room", "cell", "found"),
    [
        ((640, 480), (100, 24), (10, 20), Fit(64, 24, (640, 480), (640, 480))),
        ((389, 411), (100, 40), (10, 20), Fit(39, 21, (389, 411), (390, 420))),
        ((640, 480), (32, 24), (10, 20), Fit(32, 12, (320, 240), (320, 240))),
        ((640, 480), (100, 12), (10, 20), Fit(32, 12, (320, 240), (320, 240))),
        ((640, 480), (100, 24), None, Fit(64, 24, (640, 480), (640, 480))),
        ((640, 480), (100, 24), (0, 0), Fit(64, 24, (640, 480), (640, 480))),
        ((640, 480), (100, 24), (8, 16), Fit(64, 24, (512, 384), (512, 384))),
        ((1, 1), (100, 24), (10, 20), Fit(1, 1, (1, 1), (10, 20))),
        ((10_000, 1), (100, 24), (10, 20), Fit(100, 1, (1000, 1), (1000, 20))),
        ((1, 10_000), (100, 24), (10, 20), Fit(1, 24, (1, 480), (10, 480))),
        ((10_000, 10_000), (1 << 20, 1 << 20), (10, 20), Fit(297, 149, (2970, 2970), (2970, 2980))),
    ],
)
def test_fits(size: tuple[int, int], room: tuple[int, int], cell: tuple[int, int] | None, found: Fit) -> None:
    assert fit(size, *room, cell) == found


def test_enlarges_where_that_is_wanted() -> None:
    assert fit((64, 48), 100, 24, (10, 20), largest=inf) == Fit(64, 24, (640, 480), (640, 480))


SIDE = st.integers(1, 1 << 20)


@given(SIDE, SIDE, st.integers(1, 400), st.integers(1, 400), st.booleans())
def test_any_image_fits(width: int, height: int, columns: int, rows: int, enlarge: bool) -> None:
    found = fit((width, height), columns, rows, None, largest=inf if enlarge else 1.0)
    assert 1 <= found.columns <= min(columns, MAX_CELLS)
    assert 1 <= found.rows <= min(rows, MAX_CELLS)
    assert found.box == (found.columns * 10, found.rows * 20)
    for pixels, box, cell in zip(found.pixels, found.box, (10, 20), strict=True):
        assert box - cell < pixels <= box


@pytest.mark.parametrize(
    ("metadata", "size"),
    [
        ({"width": 320}, (320, 240)),
        ({"height": 240}, (320, 240)),
        ({"width": 320, "height": 320}, (320, 320)),
        ({"width": "320", "height": "320px"}, (320, 320)),
        ({"width": 320.4}, (320, 240)),
        ({"width": "50%"}, (640, 480)),
        ({"width": -3}, (640, 480)),
        ({"width": True}, (640, 480)),
        ({"width": float("nan")}, (640, 480)),
        ({"width": 10**30}, (640, 480)),
        ({"width": "9" * 99}, (100_000, 75_000)),
        ({"height": [1]}, (640, 480)),
        (None, (640, 480)),
        ([1], (640, 480)),
    ],
)
def test_what_metadata_asks_for(metadata: Any, size: tuple[int, int]) -> None:  # noqa: ANN401
    assert requested_size((640, 480), metadata) == size

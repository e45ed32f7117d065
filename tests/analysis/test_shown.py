"""Names that a cell shows, and the cells that a kernel's names come from."""

from __future__ import annotations

import pytest

from tuinb.analysis.name_uses import set_by
from tuinb.analysis.page import OUTSIDE
from tuinb.analysis.shown import shown_names
from tuinb.analysis.staleness import Origin, Staleness
from tuinb.notebook.changes import CellId

A, B = CellId("a"), CellId("b")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("df", ("df",)),
        ("x = 1\ndf.head()", ("df",)),
        ("df['a'].sum()", ("df",)),
        ("display(df)\nx = 1", ("df",)),
        ("display(a, b.head())\nc", ("c", "a", "b")),
        ("print(df)", ("df",)),
        ("df.plot();", ("df",)),
        ("3", ()),
        ("x = df", ()),
        ("len([1])", ("len",)),
        ("%time df", ("df",)),
        ("df +", ()),
        ("", ()),
        ("f'{df}'\ndf", ("df",)),
    ],
)
def test_shown_names(source: str, names: tuple[str, ...]) -> None:
    assert shown_names(source) == names


def test_origins() -> None:
    staleness = Staleness()
    staleness.ran(A, "x = load()\ny = []\ndel_me = 1\nkept = load()\nimport random", ok=True)
    staleness.ran(B, "y.append(1)\nx += 1\nkept.figure()\ndel del_me", ok=True)
    staleness.ran(OUTSIDE, "z = 3", ok=True)
    found = staleness.origins()
    assert found["x"] == Origin(A, B)
    assert found["z"] == Origin(OUTSIDE, OUTSIDE)
    assert found["y"].set_in == A
    assert found["kept"] == Origin(A, A), "what may have changed it is no change"
    assert "del_me" not in found
    assert all(name.isidentifier() for name in found)


def test_what_a_source_sets() -> None:
    assert set_by("x = 1\nif y:\n    z = 2\ndef f(): pass") == {"x", "z", "f"}
    assert set_by("print(x)") == frozenset()

"""The line that sets a name."""

from __future__ import annotations

import pytest

from tuinb.analysis.definitions import line_of


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = f\n\ndef f(a):\n    pass", 2),
        ("class f:", 0),
        ("async def f():", 0),
        ("print(f)\nf = 1", 1),
        ("f: int = 1", 0),
        ("a, f = 1, 2", 0),
        ("f, a = 1, 2", 0),
        ("f += 1", 0),
        ("import os\nimport numpy as f", 1),
        ("from x import a, f", 0),
        ("for i, f in y:", 0),
        ("with open() as f:", 0),
        ("if (f := 1):", 0),
        ("f <- function(x) {", 0),
        ("function f(x)", 0),
        ("let f = 1", 0),
        ("f == 1", None),
        ("x.f = 1", None),
        ("ff = 1", None),
        ("", None),
    ],
)
def test_the_line_that_sets_f(source: str, line: int | None) -> None:
    assert line_of(source, "f") == line

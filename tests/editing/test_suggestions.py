"""Suggestions: how a line goes on, by the lines before."""

from __future__ import annotations

import pytest

from tuinb.editing.suggestions import Suggestions

LINES = Suggestions(["import os\nimport sys", "for x in xs:\n    print(x)", "import os", "x" * 500])


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("imp", "ort os"),  # the latest one
        ("import s", "ys"),
        ("import sys", ""),
        ("i", ""),
        ("    pri", "nt(x)"),
        ("xx", ""),  # too long to be remembered
        ("zz", ""),
        ("", ""),
    ],
)
def test_the_latest_line_that_begins_so(line: str, rest: str) -> None:
    assert LINES.after(line) == rest

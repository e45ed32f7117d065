"""Where statements begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.analysis.statements import statements

PYTHON = [
    ("a\nb", ["a", "b"]),
    ("a; b\n\nc", ["a; b", "c"]),
    ("x = [\n  1,\n]\n# c\ny", ["x = [\n  1,\n]", "y"]),
    ("x = '''\n'''; y = [\n]\nz", ["x = '''\n'''; y = [\n]", "z"]),
    ("@one\n@two\ndef f():\n    pass\n\n    pass\nf()", ["@one\n@two\ndef f():\n    pass\n\n    pass", "f()"]),
    ("if a:\n    b\nelse:\n    c\nd", ["if a:\n    b\nelse:\n    c", "d"]),
    ("%matplotlib inline\nimport a", ["%matplotlib inline", "import a"]),
    ("!ls \\\n  -l\nx", ["!ls \\\n  -l", "x"]),
    ("files = !ls\nfiles?\n?files\nfor f in files:\n    !cat {f}\nx", None),
    ("await f()\nx", ["await f()", "x"]),
    ("%%bash\nls\n\nls", ["%%bash\nls\n\nls"]),
    ("a = (\n\nb\nc", ["a = (", "b\nc"]),
    ("a\rb\nc", ["a\rb\nc"]),
    ("# only\n", []),
    ("", []),
]


def texts(source: str, *, python: bool = True) -> list[str]:
    lines = source.split("\n")
    return ["\n".join(lines[part.start : part.stop]) for part in statements(source, python=python)]


@pytest.mark.parametrize(("source", "expected"), PYTHON)
def test_of_python(source: str, expected: list[str] | None) -> None:
    magics = ["files = !ls", "files?", "?files", "for f in files:\n    !cat {f}", "x"]
    assert texts(source) == (magics if expected is None else expected)


def test_of_other_languages_are_paragraphs() -> None:
    assert texts("f <- function(x) {\n  x\n}\n\n\nf(1)\n", python=False) == ["f <- function(x) {\n  x\n}", "f(1)"]


@given(st.text("ab=()[]:\n \\%!?#'\"\r;", max_size=40), st.booleans())
def test_no_line_is_in_two_and_none_is_outside_the_source(source: str, python: bool) -> None:
    found = statements(source, python=python)
    assert all(part for part in found)
    assert all(one.stop <= other.start for one, other in pairwise(found))
    assert not found or 0 <= found[0].start < found[-1].stop <= source.count("\n") + 1

"""The line that sets a name."""

from __future__ import annotations

import pytest

from tuinb.analysis.definitions import definition_line, line_of, local_setting


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


@pytest.mark.parametrize(
    "source",
    [
        "def f(a, <b>):\n    return a + ^b",
        "b = 1\ndef f(*<b>):\n    return ^b",
        "é = 'ä'; f = lambda é, <b>: ^b + é",
        "[b for b in x]\nprint([^b for <b> in b])",
        "def f():\n    <b> = 1\n    def g():\n        return ^b\n    b = 2",
        "def f(b):\n    def g(<b>):\n        return ^b",
        "async def f():\n    import os as <b>\n    ^b.x",
        "def f():\n    try:\n        pass\n    except E as <b>:\n        print(^b)",
        "def f():\n    def <b>(): pass\n    ^b()",
        "%time\ndef f(<b>):\n    return ^b",
        "def f(a):\n    with a as (c, <b>):\n        ^b",
        "def f(a, <^b>): pass",
        "def f(a, <b>):\n    ^b\n    ééé?\n    éé = !ls é",
    ],
)
def test_what_a_function_sets_for_itself(source: str) -> None:
    offset = source.replace("<", "").replace(">", "").index("^")
    place = source.replace("^", "").index("<")
    assert local_setting(source.translate({ord(sign): None for sign in "<>^"}), offset, "b") == place


@pytest.mark.parametrize(
    "source",
    [
        "b = 1\n^b",
        "def f(b): pass\n^b",
        "def f():\n    global b\n    b = 1\n    ^b",
        "def f():\n    return ^b",
        "class f:\n    b = 1\n    ^b",
        "def f():\n    class c:\n        b = 1\n    ^b",
        "def f(b:\n    ^b",
        "def f(b):\r    return ^b",
    ],
)
def test_what_no_function_sets_for_itself(source: str) -> None:
    assert local_setting(source.replace("^", ""), source.index("^"), "b") is None


def test_the_line_of_a_definition() -> None:
    source = "class a:\n    x = 1\n    def x(self): pass\n    y = 2"
    assert [definition_line(source, name) for name in "axyz"] == [0, 2, None, None]

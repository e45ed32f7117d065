"""Problems of code."""

from __future__ import annotations

import json

import pytest

from tuinb.analysis.problems import Problem, moved, read_ruff, syntax_problem


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a = 1", None),
        ("await f()", None),
        ("%time f()\n!ls\nx?", None),
        ("%%bash\nls -l |", None),
        ("a\nb c", (1, 2)),
        ("%time f()\nif x(:", (1, 5)),
        ("if x:\n", (0, 5)),
        ("a\0", (0, 0)),
        ("(" * 500 + ")" * 500, (0, 0)),
        ("-" * 20_000 + "1", (0, 0)),
    ],
)
def test_errors_of_syntax(source: str, place: tuple[int, int] | None) -> None:
    found = syntax_problem(source)
    if place is None:
        assert found is None
    else:
        assert found is not None
        assert found.is_error
        assert found.text
        assert found.line == place[0]
        assert found.column <= len(source)


def entry(cell: object, row: object, column: object, code: object = "F401", message: str = "unused") -> dict[str, object]:
    return {"cell": cell, "location": {"row": row, "column": column}, "code": code, "message": message}


def test_what_ruff_says() -> None:
    text = json.dumps([entry(2, 3, 1), entry(2, 1, 5, "F821", "no x"), entry(3, 1, 1), entry(1, 1, 1, "invalid-syntax", "bad")])
    assert read_ruff(text, ["a", "b"]) == [
        [Problem(0, 0, "bad", is_error=True)],
        [Problem(0, 4, "no x (F821)", is_error=True), Problem(2, 0, "unused (F401)")],
    ]
    assert read_ruff("[]", ["a"]) == [[]]


def test_the_first_problems_of_a_cell_are_told() -> None:
    [found] = read_ruff(json.dumps([entry(1, row, 1) for row in range(1, 300)]), ["a"]) or []
    assert [problem.line for problem in found] == list(range(200))


@pytest.mark.parametrize(
    "text", ["", "x", "3", "{}", "[1]", '[{"cell": 1}]', json.dumps([entry(None, 1, 1)]), json.dumps([entry(1, "x", 1)])]
)
def test_what_is_no_answer(text: str) -> None:
    assert read_ruff(text, ["a"]) in (None, [[]])


def test_problems_move_with_their_lines() -> None:
    found = [Problem(line, 0, str(line)) for line in range(5)]
    assert [(problem.line, problem.text) for problem in moved(found, 1, 0, 2)] == [
        (0, "0"), (1, "1"), (4, "2"), (5, "3"), (6, "4"),
    ]  # fmt: skip
    assert [(problem.line, problem.text) for problem in moved(found, 1, 2, 0)] == [(0, "0"), (1, "1"), (2, "4")]


@pytest.mark.parametrize(
    ("magic", "told"),
    [("%time x()", "y"), ("%%capture y", "x"), ("y = !ls", "x"), ("!echo $x {y}", ""), ("%run other.py", ""), ("x + y", "xy")],
)
def test_names_in_magics_are_known(magic: str, told: str) -> None:
    text = json.dumps([entry(1, 1, 1, "F821", f"Undefined name `{name}`") for name in "xy"])
    found = read_ruff(text, ["x + y", magic])
    assert found is not None
    assert "".join(problem.text[16] for problem in found[0]) == told


def test_imports_that_magics_use_are_used() -> None:
    text = json.dumps([entry(1, 1, 1, "F401", f"`{name}` imported but unused") for name in ("os.path", "re")])
    assert read_ruff(text, ["", "%timeit path.join()"]) == [[Problem(0, 0, "`re` imported but unused (F401)")], []]

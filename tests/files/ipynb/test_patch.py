"""Patching a JSON value keeps the text of unchanged parts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tuinb.files.ipynb.patch import common_ends, patch, same
from tuinb.files.ipynb.style import Style

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json

FLAT = Style(indent=None, comma=", ")


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("[1.0,  2.50 , 3e0]", [1.0, 2.5, 3.0], "[1.0,  2.50 , 3e0]"),
        ("[1.0,  2.50 , 3e0]", [1.0, 9, 3.0], "[1.0,  9 , 3e0]"),
        ("[1.0,  2.50 , 3e0]", [1.0, 3.0], "[1.0, 3e0]"),
        ("[1.0,  2.50 , 3e0]", [1.0, 2.5, 7, 3.0], "[1.0,  2.50 ,  7, 3e0]"),
        ("[1.0,  2.50 , 3e0]", [], "[]"),
        ("[1, 1.0, true]", [1, 1, 1], "[1, 1, 1]"),
        ("[]", [1, "a"], '[1, "a"]'),
        ('[{"a" : 1.0, "b":2}]', [{"a": 1.0, "b": 3}], '[{"a" : 1.0, "b":3}]'),
        ('{"a":{"b":1.0}, "c":1}', {"a": {"b": 1.0, "d": None}, "c": 1}, '{"a":{"b":1.0, "d":null}, "c":1}'),
        ('{"a":1, "a":2, "b":3}', {"a": 5, "b": 3}, '{"a":5, "b":3}'),
        ('{"a":1, "a":2, "b":3}', {"a": 2, "b": 4}, '{"a":1, "a":2, "b":4}'),
        ('{"a":1, "a":2, "b":3}', {"b": 3}, '{"b":3}'),
        ('{"x":0, "a":2, "a":1, "b":3}', {"x": 0, "a": 2, "b": 3}, '{"x":0, "a":2, "b":3}'),
        ('{"a":1, "b":2,"c":3}', {"a": 9, "b": 2, "c": 3}, '{"a":9, "b":2,"c":3}'),
        ('{ "a": 1 }', {}, "{}"),
        ("{}", {"a": 1}, '{"a": 1}'),
        ('{"b":1, "d":2}', {"b": 1, "d": 2, "c": 3}, '{"b":1, "c":3, "d":2}'),
        ('{"d":1, "b":2}', {"b": 2, "d": 1, "c": 3}, '{"d":1, "b":2, "c":3}'),
        ('{"a": [1]}', {"a": {"b": 1}}, '{"a": {"b": 1}}'),
    ],
)
def test_on_one_line(text: str, new: Json, expected: str) -> None:
    old = json.loads(text)
    assert "".join(patch(text, 0, len(text), old, new, None, FLAT)) == expected
    assert same(json.loads(expected), new)


def test_on_lines() -> None:
    old = {"a": ["x", "y"], "e": {}, "z": 1}
    new = {"a": ["x", "w", "y"], "e": {"n": [1]}, "z": 1, "k": []}
    text = json.dumps(old, indent=2)
    order = {key: new[key] for key in ("a", "e", "k", "z")}
    assert "".join(patch(text, 0, len(text), old, new, "", Style(indent="  "))) == json.dumps(order, indent=2)


def test_the_same() -> None:
    assert same({"a": [1, 1.5, None]}, {"a": [1, 1.5, None]})
    assert same(float("nan"), float("nan"))
    for a, b in ((1, True), (1, 1.0), (0.0, -0.0), ({"a": 1}, {"b": 1}), ([1], [1, 2]), ("a", "b"), (None, False)):
        assert not same(a, b)
    assert common_ends([1, 2, 3, 4], [1, 9, 3, 4]) == (1, 2)
    assert common_ends([1, 1], [1]) == (1, 0)

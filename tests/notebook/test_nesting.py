"""Outputs that are nested too deeply for a file lose only the deep part."""

from __future__ import annotations

from typing import Any

import pytest

from tuinb.notebook.nesting import DEEPEST, is_deep, without_deep_parts


def nested(levels: int, value: object = 1) -> Any:  # noqa: ANN401
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_levels_are_counted() -> None:
    assert not is_deep(1, 0)
    assert is_deep([], 0)
    assert not is_deep([1, {"a": "b"}], 2)
    assert is_deep([1, {"a": []}], 2)
    assert not is_deep(nested(DEEPEST))
    assert is_deep(nested(DEEPEST + 1))


def test_an_output_that_is_not_deep_is_the_same_object() -> None:
    output = {"output_type": "display_data", "data": {"application/json": nested(DEEPEST - 2)}, "metadata": {}}
    assert without_deep_parts(output) is output


@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_the_deep_types_of_a_bundle_are_left_out(kind: str) -> None:
    deep = nested(DEEPEST)
    rest = {"output_type": kind, "execution_count": 3, "metadata": {}}
    named = "application/json is nested more than 400 levels deep and was not saved"
    for data, kept in (
        ({"application/json": deep, "text/plain": "x", "text/html": "y"}, {"text/plain": "x", "text/html": "y"}),
        ({"application/json": deep}, {"text/plain": named}),
        ({"application/json": deep, "text/plain": ""}, {"text/plain": named}),
    ):
        assert without_deep_parts({**rest, "data": data}) == {**rest, "data": kept}
    odd = {**rest, "data": {"text/plain": "x"}, "metadata": {"a": deep}, "own": deep}
    assert without_deep_parts(odd) == {**rest, "data": {"text/plain": "x"}}


def test_another_deep_output_becomes_a_line() -> None:
    line = "this output (hologram) is nested more than 400 levels deep and was not saved"
    expected = {"output_type": "display_data", "data": {"text/plain": line}, "metadata": {}}
    assert without_deep_parts({"output_type": "hologram", "x": nested(DEEPEST)}) == expected

"""JSON that is nested more deeply than json can read."""

from __future__ import annotations

import json
from json.decoder import JSONDecodeError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb import deep_json
from tuinb.deep_json import LEVELS, dumps, loads, shallow

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


def deep_text(levels: int, inner: str = "1") -> str:
    return '[{"a":' * (levels // 2) + inner + "}]" * (levels // 2)


@pytest.mark.parametrize(("levels", "more"), [(10_000, "9,550"), (100_000, "99,550")])
def test_the_levels_that_are_too_deep_are_counted(levels: int, more: str) -> None:
    inner = json.dumps(['"', "[", "\\", '{"'])
    value = loads(f" {deep_text(levels, inner)} ")
    seen = 0
    while not isinstance(value, str):
        (value,) = value.values() if isinstance(value, dict) else value
        seen += 1
    # The innermost list is one level more.
    assert (seen, value) == (LEVELS, f"… {int(more.replace(',', '')) + 1:,} more levels")
    assert deep_json.is_cut(value)


def test_the_end_of_a_value_is_found() -> None:
    text = f'x{deep_text(2000)}, "y"'
    cut, end = shallow(text, 1)
    assert text[end:] == ', "y"'
    assert json.loads(cut) == loads(deep_text(2000))


def test_what_is_beside_a_deep_part_stays() -> None:
    assert loads(f'{{"a":{deep_text(2000)},"b":[1,"]"],"c":{{}}}}')["b"] == [1, "]"]


UNCLOSED = '"' + '\\"' * 9999


@pytest.mark.parametrize("text", ['{"a":' * 5000, deep_text(2000)[:-1], f"{deep_text(2000)}x", deep_text(2000, UNCLOSED)])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(JSONDecodeError):
        loads(text)


@given(JSON)
def test_a_value_is_written_as_json_writes_it(value: object) -> None:
    assert "".join(deep_json._written(value)) == dumps(value) == json.dumps(value, indent=2, ensure_ascii=False)


def test_a_deep_value_is_written() -> None:
    value = loads(deep_text(900))
    assert json.loads(dumps(value)) == value
    assert json.loads(dumps([loads(deep_text(2000)), {1, 2}]))[1] == "{1, 2}"

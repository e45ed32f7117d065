"""JSON that is nested more deeply than json can read."""

from __future__ import annotations

import json
from json.decoder import JSONDecodeError
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb import deep_json
from tuinb.deep_json import LEVELS, dumps, loads, shallow

if TYPE_CHECKING:
    from collections.abc import Callable

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


# ---- in pieces

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.sampled_from('a"\\,]}{[: \n\x1bé漢😀\ud83d\ude00')),
    lambda values: st.lists(values, max_size=8) | st.dictionaries(st.text(max_size=6), values, max_size=6),
    max_leaves=40,
)


def outcome(loads: Callable[[str], object], text: str) -> object:
    try:
        return loads(text)
    except ValueError:
        return ValueError


@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.integers(1, 40), st.data())
def test_in_pieces_it_is_the_same(
    value: object, indent: int | None, ascii_only: bool, window: int, data: st.DataObject
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    with patch.object(deep_json, "_WINDOW", window):
        assert deep_json.loads_in_pieces(text) == json.loads(text)
        at = data.draw(st.integers(0, len(text)))
        for damaged in (
            text[:at],
            text[:at] + data.draw(st.sampled_from(',]}"{[:\\ 1')) + text[at:],
            text[:at] + text[at + 1 :],
        ):
            assert outcome(deep_json.loads_in_pieces, damaged) == outcome(json.loads, damaged), damaged


@pytest.mark.parametrize(
    "value",
    [
        [*map(float, range(3_000))],
        [{"a": number, "b": [number]} for number in range(500)],
        [[[number], [[]]] for number in range(500)],
        {str(number): {"x": "y,]" * 5} for number in range(500)},
        {"data": {"text/html": '<a href="\\">' * 3_000}},
        ["x" * 3_000, {"k" * 300: 'say "\\"' * 300}],
    ],
)
def test_no_call_of_json_is_long_and_their_number_is_that_of_the_windows(value: object) -> None:
    text, lengths = json.dumps(value), []

    def counted(decode: Callable[[str], object]) -> Callable[[str], object]:
        def call(part: str) -> object:
            lengths.append(len(part))
            return decode(part)

        return call

    with (
        patch.object(deep_json, "_WINDOW", 256),
        patch.object(deep_json, "_raw_decode", counted(deep_json._raw_decode)),
        patch.object(json, "loads", counted(json.loads)),
    ):
        found = deep_json.loads_in_pieces(text)
    assert found == value
    assert max(lengths) < 600
    assert len(lengths) < 10 * len(text) / 256


@given(st.lists(VALUES, max_size=4), st.sampled_from([None, 1]), st.data())
def test_members_of_a_list_are_read_one_by_one(values: list[object], indent: int | None, data: st.DataObject) -> None:
    text = json.dumps(values, indent=indent)
    calls = []

    def counted(text: str, at: int) -> tuple[object, int]:
        calls.append(at)
        return json.JSONDecoder().raw_decode(text, at)

    with patch.object(deep_json, "_raw_decode", counted):
        assert list(deep_json.members(text)) == json.loads(text)
    assert len(calls) == len(values)
    at = data.draw(st.integers(0, len(text)))
    for damaged in (text[:at], text[:at] + data.draw(st.sampled_from(',]}"{[:\\ 1')) + text[at:], text[:at] + text[at + 1 :]):
        whole = outcome(json.loads, damaged)
        expected = whole if isinstance(whole, list) else ValueError
        assert outcome(lambda text: list(deep_json.members(text)), damaged) == expected, damaged


def test_a_window_is_looked_through_once_for_all_levels_that_begin_in_it() -> None:
    value: object = 0
    for number in range(130):
        value = [number, "]," * 10, {"a": value, "b": number}]
    text = json.dumps(value)
    with (
        patch.object(deep_json, "_WINDOW", 256),
        patch.object(deep_json, "_unclosed", wraps=deep_json._unclosed) as looked,
    ):
        assert deep_json.loads_in_pieces(text) == value
    assert 0 < looked.call_count <= len(text) / 256


def test_what_is_nested_too_deeply_is_cut_in_pieces_too() -> None:
    text = "[" * 5_000 + "]" * 5_000
    with patch.object(deep_json, "_WINDOW", 256):
        assert deep_json.loads_in_pieces(text) == deep_json.loads(text)

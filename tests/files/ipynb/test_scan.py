"""Scanning bytes gives the same values as json."""

from __future__ import annotations

import json
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tuinb import deep_json
from tuinb.files.ipynb import scan
from tuinb.files.ipynb.scan import container_at, scan_bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=20,
)


@pytest.mark.parametrize("value", ["", "é"])
@pytest.mark.parametrize("key", ['"\\u3437"', '"é"', '"é\\u3437"', '"\\u00c3\\u00a9"', '"\\u00e9"', '"\\ud800é"', '"\\n \\""'])
def test_a_key_is_read_as_json_reads_it(key: str, value: str) -> None:
    text = f'{{"cells": [], {key}  :["{value}"], "metadata": {{}}}}'
    found = scan_bytes(text.encode())
    assert found.error is None
    assert {**found.top, "cells": found.cells} == json.loads(text)


@example([1.0000000000000002e16], 19, False)
@example([-1.5, {"a": 2e5}], 6, False)
@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES), st.integers(1, 30), st.booleans())
def test_the_members_of_a_long_text_are_those_of_a_short_one(value: object, window: int, ascii_only: bool) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=ascii_only)
    expected = container_at(text, 0)
    with patch.object(scan, "_LONG", 0), patch.object(deep_json, "_WINDOW", window), patch.object(deep_json, "_SMALL", window):
        assert container_at(text, 0) == expected


def test_no_call_of_json_reads_a_long_member_at_once() -> None:
    text = json.dumps({"a": "x" * 2_000_000, "b": [*range(300_000)], "c": 1})
    reads: list[int] = []

    def raw_decode(window: str) -> tuple[object, int]:
        reads.append(len(window))
        return json.JSONDecoder().raw_decode(window)

    with patch.object(deep_json, "_raw_decode", raw_decode), patch.object(scan, "_fast", None):
        members = container_at(text, 0).members
    assert [(member.key, member.value) for member in members] == [*json.loads(text).items()]
    assert max(reads) < 1 << 18


def test_a_number_of_too_many_digits_in_a_long_text_stays_its_text() -> None:
    digits = "9" * 5000
    text = f'{{"a": {digits}, "b": "{"x" * 1_100_000}"}}'
    assert [member.value for member in container_at(text, 0).members] == [digits, "x" * 1_100_000]

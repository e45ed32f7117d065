"""JSON as a folding tree: initially open nodes, content of rows, pointers."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import Name, Number

from tests.render.support import context
from tuinb.render.block import FoldingBlock, plain
from tuinb.render.registry import Choices, render_bundle
from tuinb.render.safe import clean, width


def tree(value: Any, columns: int = 60, metadata: Any = None, *toggled: str) -> FoldingBlock:  # noqa: ANN401
    choices = Choices(toggled=frozenset(toggled))
    own = None if metadata is None else {"application/json": metadata}
    block = render_bundle({"application/json": value}, context(columns), own, choices)
    assert isinstance(block, FoldingBlock)
    return block


def rows(block: FoldingBlock) -> list[str]:
    return [plain(block.line(index)) for index in range(block.height)]


def nodes(block: FoldingBlock) -> list[str]:
    return [pointer for index in range(block.height) if (pointer := block.node(index)) is not None]


def test_a_small_value_is_open() -> None:
    block = tree({"a": [1, None, True], "b": {"c": {"d": [[1], [2]]}}, "e": []})
    assert rows(block) == [
        "▾ {",
        '    "a": [1, null, true],',
        '▾   "b": {',
        '▾     "c": {',
        '▾       "d": [',
        "          [1],",
        "          [2]",
        "        ]",
        "      }",
        "    },",
        '    "e": []',
        "  }",
    ]
    assert nodes(block) == ["", "/b", "/b/c", "/b/c/d"]


def test_what_is_large_starts_folded_with_a_count() -> None:
    block = tree({"list": list(range(3000)), "object": {str(n): n for n in range(50)}, "one": [["x" * 50]]})
    assert rows(block)[1:3] == ['▸   "list": […], 3,000 items', '▸   "object": {…}, 50 keys']


def test_what_is_deep_starts_folded() -> None:
    value: list[Any] = [0, 1, 2, 3, 4, 5, 6]
    for _ in range(20):
        value = [value]
    assert "▸" in "".join(rows(tree(value)))
    assert "[0" not in "".join(rows(tree(value)))


def test_the_root_is_open_however_large_it_is() -> None:
    block = tree(list(range(1_000_000)))
    assert block.height == 1_000_002
    assert plain(block.line(999_999)) == "    999998,"
    assert plain(block.line(1_000_000)) == "    999999"


def test_nodes_are_flipped() -> None:
    value = {"a": {"x/y": [[1, 2, [3]]], "~": 1}, "b": list(range(100))}
    assert rows(tree(value, 60, None, "/a"))[1:3] == ['▸   "a": {…}, 2 keys', '▸   "b": […] 100 items']
    assert rows(tree(value, 60, None, "/a/x~1y"))[2] == '▸     "x/y": […], 1 item'
    opened = tree(value, 60, None, "/b", "/a")
    assert opened.height == 105
    assert plain(opened.line(103)) == "    ]"
    assert rows(tree(value, 60, None, "")) == ["▸ {…} 2 keys"]


@pytest.mark.parametrize("pointer", ["/nope", "/b/1", "/a/99999999999999999999", "/a/-1", "nonsense", "/a/0/0/0"])
def test_a_pointer_to_nothing_changes_nothing(pointer: str) -> None:
    value = {"a": [[1, [2]]], "b": 3}
    assert rows(tree(value, 60, None, pointer)) == rows(tree(value))


def test_metadata_are_honoured_as_in_jupyterlab() -> None:
    value = {"a": {"b": list(range(100))}}
    assert rows(tree(value))[2] == '▸     "b": […] 100 items'
    assert rows(tree(value, 60, {"expanded": True, "root": "data"}))[:4] == [
        "▾ data: {",
        '▾   "a": {',
        '▾     "b": [',
        "        0,",
    ]
    assert rows(tree(value, 60, {"expanded": "yes", "root": 3})) == rows(tree(value))
    assert rows(tree(value, 60, "nonsense")) == rows(tree(value))


def test_a_long_text_is_cut_with_a_note_and_opens() -> None:
    value = {"text": "word " * 1000, "short": "x"}
    folded = tree(value)
    assert rows(folded)[1] == '▸   "text": "word word word word word wor… 5,000 characters,'
    assert folded.node(1) == "/text"
    opened = rows(tree(value, 60, None, "/text"))
    assert opened[1] == '▾   "text": …'
    assert "".join(row[4:] for row in opened[2:-2]) == json.dumps("word " * 1000) + ","
    assert opened[-2:] == ['    "short": "x"', "  }"]


def test_a_huge_text_is_not_shown_whole() -> None:
    shown = rows(tree({"text": "x" * 10_000_000}, 60, None, "/text"))
    assert len(shown) < 1000
    assert shown[-2] == "    … cut here: it has 10,000,000 characters"


def test_nesting_without_end() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    block = tree(value, 60, {"expanded": True})
    assert block.height < 100
    deep = [f"{'/0' * depth}" for depth in range(1, 200)]
    assert tree(value, 60, {"expanded": True}, *deep[20:]).height < 100
    shown = tree(value, 60, None, *deep[6:])
    assert shown.height > 300
    assert max(width(row) for row in rows(shown)) <= 60


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (math.nan, "NaN"),
        (10**5000, "a number of 16,610 bits"),
        ("\x1b]52;c;x\x07\u202e", '"\\u001b]52;c;x\\u0007⟨U+202E⟩"'),
        ({}, "{}"),
        ("", '""'),
        (b"x", "b'x'"),
    ],
    ids=["nan", "huge", "hostile", "empty", "empty text", "bytes"],
)
def test_odd_values(value: object, shown: str) -> None:
    assert rows(tree(value)) == ["  " + shown]


def test_colours() -> None:
    line = tree({"k": 1.5, "s": [[["x"]]], "t": True}).line(1)
    styles = context(60).styles
    shown = {span.text: span.style for span in line}
    assert shown['"k"'] == styles.token(Name.Tag)
    assert shown["1.5"] == styles.token(Number)


def test_other_types_written_in_json_are_trees_where_nothing_better_is_there() -> None:
    data = {"application/geo+json": {"type": "Point", "coordinates": [[1.5], [2]]}}
    assert plain(render_bundle(data, context(60)).line(1)) == '    "type": "Point",'
    both = {**data, "text/plain": "a point"}
    assert plain(render_bundle(both, context(60)).line(0)) == "a point"
    chosen = render_bundle(both, context(60), None, Choices(preferred="application/geo+json"))
    assert isinstance(chosen, FoldingBlock)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(), inner, max_size=8),
    max_leaves=40,
)


@given(VALUES, st.integers(1, 90), st.booleans(), st.lists(st.integers(0, 60), max_size=4))
def test_every_row_fits_and_every_flip_is_one_node(value: Any, columns: int, expanded: bool, picks: list[int]) -> None:  # noqa: ANN401
    toggled: frozenset[str] = frozenset()
    for pick in [*picks, 0]:
        block = tree(value, columns, {"expanded": expanded}, *toggled)
        shown = rows(block)
        assert max(map(width, shown)) <= columns
        assert all(clean(row) == row for row in shown)
        found = nodes(block)
        assert len(found) == len(set(found))
        if not found:
            return
        pointer = found[pick % len(found)]
        flipped = tree(value, columns, {"expanded": expanded}, *(toggled ^ {pointer}))
        assert pointer in nodes(flipped)
        assert flipped.height != block.height
        toggled ^= {pointer}

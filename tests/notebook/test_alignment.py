"""What two sequences have in common, and the merge of two versions of one."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.notebook import alignment
from tuinb.notebook.alignment import Hunk, longest_rising, matches, merge3

ITEMS = st.lists(st.integers(0, 6), max_size=12)


@given(ITEMS, ITEMS)
def test_matches_are_equal_and_in_order(old: list[int], new: list[int]) -> None:
    found = matches(old, new)
    assert all(old[one] == new[other] for one, other in found)
    assert all(one < next_one and other < next_other for (one, other), (next_one, next_other) in pairwise(found))


@given(ITEMS, ITEMS)
def test_equal_parts_at_both_ends_are_matched(old: list[int], both: list[int]) -> None:
    assert len(matches([*both, *old], both)) == len(matches(both, [*old, *both])) == len(both)


def test_items_that_occur_once_are_matched_before_others() -> None:
    old, new = ["}", "a", "}", "b", "}"], ["}", "}", "b", "}", "x"]
    assert (3, 2) in matches(old, new)


def test_long_sequences_of_repeated_items_take_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """difflib's time grows with the square of their length."""
    monkeypatch.setattr(SequenceMatcher, "get_matching_blocks", pytest.fail)
    half = alignment._LONGEST
    assert len(matches([1, 2] * half, [3, *([2, 1] * half), 3])) == 0
    assert len(matches([1] * half, [1] * (half + 3))) == half


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("abc", "abc", "abc", "abc"),
        ("abc", "xabc", "abcy", "xabcy"),
        ("abc", "ac", "abcy", "acy"),
        ("abc", "axc", "axc", "axc"),
        ("", "ab", "ab", "ab"),
        ("abcde", "xbcde", "abcdy", "xbcdy"),
    ],
)
def test_a_merge_without_conflicts(base: str, ours: str, theirs: str, merged: str) -> None:
    assert "".join("".join(region) for region in merge3(base, ours, theirs) if not isinstance(region, Hunk)) == merged
    assert merge3(base, ours, theirs) == merge3(base, theirs, ours)


def test_a_conflict_has_no_more_than_what_differs() -> None:
    assert merge3("abc", "a12c", "a13c") == [("a", "1"), Hunk(("b",), ("2",), ("3",)), ("c",)]
    assert merge3("abc", "ac", "axc") == [("a",), Hunk(("b",), (), ("x",)), ("c",)]
    assert merge3("ab", "xb", "ay") == [Hunk(("a", "b"), ("x", "b"), ("a", "y"))]


@given(ITEMS, ITEMS)
def test_one_side_that_changed_nothing_gives_the_other(base: list[int], other: list[int]) -> None:
    whole = [tuple(other)] if other else []
    assert merge3(base, other, base) == merge3(base, base, other) == merge3(base, other, other) == whole


@given(ITEMS, ITEMS, ITEMS)
def test_what_a_side_added_is_in_the_merge(base: list[int], ours: list[int], theirs: list[int]) -> None:
    regions = merge3(base, ours, theirs)
    sides = [[*region.ours, *region.theirs] if isinstance(region, Hunk) else [*region] for region in regions]
    assert {*ours, *theirs}.difference(base) <= {item for side in sides for item in side}
    swapped = [Hunk(one.base, one.theirs, one.ours) if isinstance(one, Hunk) else one for one in regions]
    assert merge3(base, theirs, ours) == swapped


@given(st.permutations(range(6)))
def test_the_longest_rising_items_are_the_most_that_are_in_order(order: list[int]) -> None:
    found = [item for item in order if item in longest_rising(order, range(6))]
    rising = [some for length in range(7) for some in combinations(order, length) if list(some) == sorted(some)]
    assert found == sorted(found)
    assert len(found) == max(map(len, rising))

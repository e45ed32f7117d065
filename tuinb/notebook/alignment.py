"""Finds what two sequences have in common, in order, and merges two versions of a sequence with their common base.

Items that occur once in both sequences are matched first (patience diff), as they mark the same place; what is left between two
of them is matched by difflib, if it is short. So the time grows with the length, not with its square. The merge is diff3's. The
package merge3 does the same, but its licence (GPL) does not fit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

Item = TypeVar("Item", bound="Hashable")

_LONGEST = 250_000
"""The product of two lengths up to which difflib is used. Its time grows with that product."""


@dataclass(frozen=True, slots=True)
class Hunk(Generic[Item]):
    """A part that both sides changed, each in another way."""

    base: tuple[Item, ...]
    ours: tuple[Item, ...]
    theirs: tuple[Item, ...]


Region: TypeAlias = tuple[Item, ...] | Hunk[Item]
"""Items of the merged sequence, or a conflict."""


def merge3(base: Sequence[Item], ours: Sequence[Item], theirs: Sequence[Item]) -> list[Region[Item]]:
    """Merges two sequences. Changes of neighbouring items, with no unchanged item between them, are a conflict."""
    in_ours, in_theirs = dict(matches(base, ours)), dict(matches(base, theirs))
    regions: list[Region[Item]] = []
    same: list[Item] = []
    at = [0, 0, 0]
    both = [place for place in in_ours if place in in_theirs]
    synced = [(place, in_ours[place], in_theirs[place]) for place in both]
    for ends in (*synced, (len(base), len(ours), len(theirs))):
        some = tuple(tuple(side[start:end]) for side, start, end in zip((base, ours, theirs), at, ends, strict=True))
        for region in _resolved(*some):
            if isinstance(region, Hunk):
                if same:
                    regions.append(tuple(same))
                    same = []
                regions.append(region)
            else:
                same += region
        same += base[ends[0] : ends[0] + 1]
        at = [end + 1 for end in ends]
    if same:
        regions.append(tuple(same))
    return regions


def _resolved(base: tuple[Item, ...], ours: tuple[Item, ...], theirs: tuple[Item, ...]) -> Iterator[Region[Item]]:
    if ours in (base, theirs):
        yield theirs
    elif theirs == base:
        yield ours
    else:
        before = _common_start(ours, theirs)
        after = _common_end(ours[before:], theirs[before:])
        yield ours[:before]
        yield Hunk(base, ours[before : len(ours) - after], theirs[before : len(theirs) - after])
        yield ours[len(ours) - after :]


# ---- two sequences


def matches(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int, int]]:
    """Returns pairs of the indexes of equal items. Both indexes rise."""
    found: list[tuple[int, int]] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        first, last, start, end = todo.pop()
        before = _common_start(old[first:last], new[start:end])
        found += zip(range(first, first + before), range(start, start + before), strict=True)
        first, start = first + before, start + before
        after = _common_end(old[first:last], new[start:end])
        found += zip(range(last - after, last), range(end - after, end), strict=True)
        last, end = last - after, end - after
        if first == last or start == end:
            continue
        anchors = _anchors(old[first:last], new[start:end])
        if anchors:
            one, other = first, start
            for place, other_place in anchors:
                found.append((first + place, start + other_place))
                todo.append((one, first + place, other, start + other_place))
                one, other = first + place + 1, start + other_place + 1
            todo.append((one, last, other, end))
        elif (last - first) * (end - start) <= _LONGEST:
            found += ((first + place, start + other) for place, other in _by_difflib(old[first:last], new[start:end]))
    found.sort()
    return found


def _common_start(some: Sequence[Item], others: Sequence[Item]) -> int:
    shortest = min(len(some), len(others))
    return next((at for at in range(shortest) if some[at] != others[at]), shortest)


def _common_end(some: Sequence[Item], others: Sequence[Item]) -> int:
    shortest = min(len(some), len(others))
    return next((at for at in range(shortest) if some[-1 - at] != others[-1 - at]), shortest)


def _anchors(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int, int]]:
    """Returns the pairs of items that occur once in each sequence: the most that are in order."""
    counts, others = Counter(old), Counter(new)
    unique = [item for item in old if counts[item] == 1 and others.get(item) == 1]
    if not unique:
        return []
    places = {item: place for place, item in enumerate(new) if others[item] == 1}
    kept = longest_rising([item for item in new if item in counts and others[item] == counts[item] == 1], unique)
    return [(place, places[item]) for place, item in enumerate(old) if item in kept]


def _by_difflib(old: Sequence[Item], new: Sequence[Item]) -> Iterator[tuple[int, int]]:
    from difflib import SequenceMatcher

    for first, start, length in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        yield from zip(range(first, first + length), range(start, start + length), strict=True)


def longest_rising(order: Sequence[Item], old: Sequence[Item]) -> set[Item]:
    """Returns the most items of `old` that are in the same sequence in `order`. No item occurs twice."""
    positions = {item: position for position, item in enumerate(old)}
    ends: list[int] = []
    last: list[Item] = []
    before: dict[Item, Item | None] = {}
    for item in order:
        if item not in positions:
            continue
        length = bisect_left(ends, positions[item])
        before[item] = last[length - 1] if length else None
        ends[length : length + 1] = [positions[item]]
        last[length : length + 1] = [item]
    found: set[Item] = set()
    at = last[-1] if last else None
    while at is not None:
        found.add(at)
        at = before[at]
    return found

"""Sums of a list of integers that changes: the lengths of lines, the rows of lines."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOCK = 256


class BlockSums:
    """Positive integers with the sum of each block of 256, so that no sum is over the whole list."""

    def __init__(self, values: Iterable[int]) -> None:
        self._values = list(values)
        self._sums: list[int] = []
        self._inner: dict[int, list[int]] = {}
        """Block → the sums of its values before each of them and behind the last one, as far as they were asked for."""
        self._sum_from(0)

    def _sum_from(self, block: int) -> None:
        values = self._values
        self._sums[block:] = [sum(values[at : at + _BLOCK]) for at in range(block * _BLOCK, len(values), _BLOCK)]
        self._inner = {kept: sums for kept, sums in self._inner.items() if kept < block}

    def _within(self, block: int) -> list[int]:
        sums = self._inner.get(block)
        if sums is None:
            values = self._values[block * _BLOCK : (block + 1) * _BLOCK]
            sums = self._inner[block] = list(accumulate(values, initial=0))
        return sums

    @property
    def total(self) -> int:
        """The sum of all values."""
        return sum(self._sums)

    def splice(self, first: int, last: int, values: list[int]) -> None:
        """Replaces the values from index `first` to `last`, exclusive."""
        self._values[first:last] = values
        block = first // _BLOCK
        if len(values) == last - first and (last - 1) // _BLOCK == block:
            self._sums[block] = sum(self._values[block * _BLOCK : (block + 1) * _BLOCK])
            self._inner.pop(block, None)
        else:
            self._sum_from(block)

    def before(self, index: int) -> int:
        """Returns the sum of the values before an index."""
        block = index // _BLOCK
        return sum(self._sums[:block]) + self._within(block)[index - block * _BLOCK]

    def find(self, total: int) -> tuple[int, int]:
        """Returns the index of the value that covers `total`, and how far `total` is into it.

        A total beyond all values is as far into the last one.
        """
        block = 0
        last = len(self._sums) - 1
        while block < last and total >= self._sums[block]:
            total -= self._sums[block]
            block += 1
        sums = self._within(block)
        index = min(bisect_right(sums, total) - 1, len(sums) - 2)
        return block * _BLOCK + index, total - sums[index]

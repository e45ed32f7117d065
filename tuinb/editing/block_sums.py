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
        self._sum_from(0)

    def _sum_from(self, block: int) -> None:
        values = self._values
        self._sums[block:] = [sum(values[at : at + _BLOCK]) for at in range(block * _BLOCK, len(values), _BLOCK)]

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
        else:
            self._sum_from(block)

    def before(self, index: int) -> int:
        """Returns the sum of the values before an index."""
        block = index // _BLOCK
        return sum(self._sums[:block]) + sum(self._values[block * _BLOCK : index])

    def find(self, total: int) -> tuple[int, int]:
        """Returns the index of the value that covers `total`, and how far `total` is into it.

        A total beyond all values is as far into the last one.
        """
        block = 0
        last = len(self._sums) - 1
        while block < last and total >= self._sums[block]:
            total -= self._sums[block]
            block += 1
        sums = list(accumulate(self._values[block * _BLOCK : (block + 1) * _BLOCK], initial=0))
        index = min(bisect_right(sums, total) - 1, len(sums) - 2)
        return block * _BLOCK + index, total - sums[index]

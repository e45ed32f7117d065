"""Random merges of three notebooks: no cell is lost, and the result is a valid notebook."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.faults.tally import Tally
from tests.headless.merge.random_notebooks import check, corpus, versions

if TYPE_CHECKING:
    from pathlib import Path


def merge(_scratch: Path, tries: int, seed: int) -> Tally:
    """Merges `tries` times. One base in ten is a real notebook, where there are some."""
    tally = Tally("three-way merge", seed)
    books = corpus()
    for number in range(seed, seed + tries):
        base = random.Random(number).choice(books) if books and number % 10 == 0 else None
        try:
            check(*versions(number, base))
        except AssertionError as error:
            tally.add(f"seed {number}: {error}")
        else:
            tally.add()
    return tally

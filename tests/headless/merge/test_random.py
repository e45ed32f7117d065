"""Random merges: nothing is lost, the result is valid, and what nbdime merges cleanly is merged cleanly."""

from __future__ import annotations

import copy
import logging
import random
from typing import Any

import pytest

from tests.headless.merge.random_notebooks import check, corpus, merge, versions


@pytest.mark.parametrize("seed", range(0, 200, 50))
def test_nothing_is_lost_and_the_result_is_valid(seed: int) -> None:
    for number in range(seed, seed + 50):
        check(*versions(number))


def test_nothing_is_lost_of_real_notebooks() -> None:
    books = corpus()
    if not books:
        pytest.skip("there are no real notebooks here")
    for seed in range(20):
        check(*versions(seed, random.Random(seed).choice(books)))


_STRICTER = "one side deleted it, and the other changed it"
"""Without ids, nbdime takes a cell whose words are all new for a deleted and an added one. Here its place counts."""


@pytest.mark.filterwarnings("ignore")
def test_what_nbdime_merges_cleanly_is_merged_cleanly(caplog: pytest.LogCaptureFixture) -> None:
    notebooks = pytest.importorskip("nbdime.merging.notebooks", reason="nbdime is not installed")
    nbformat = pytest.importorskip("nbformat")
    caplog.set_level(logging.CRITICAL)
    clean = 0
    for seed in range(60):
        books = versions(seed)
        nodes: list[Any] = [nbformat.from_dict(copy.deepcopy(book)) for book in books]
        if any(decision.conflict for decision in notebooks.decide_notebook_merge(*nodes)):
            continue
        clean += 1
        assert [conflict for conflict in merge(*books)[1] if _STRICTER not in conflict] == [], seed
    assert clean > 30

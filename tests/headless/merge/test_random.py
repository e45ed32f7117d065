"""Random merges: nothing is lost, the result is valid, and what nbdime merges cleanly is merged cleanly."""

from __future__ import annotations

import json
import logging
import random
from typing import Any

import pytest

from tests.headless.merge.random_notebooks import check, corpus, merge, versions
from tests.support import CORPUS, NOTEBOOKS, ROOT


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


def test_a_new_cell_in_the_place_of_one_without_an_id_is_kept_in_a_conflict() -> None:
    base, ours, theirs = (_of_one_cell(source) for source in ("a", "ours", "theirs\nb"))
    theirs["cells"][0]["id"] = "new"
    assert check(base, ours, theirs) == 1


def _of_one_cell(source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


_STRICTER = "one side deleted it, and the other changed it"
"""Without ids, nbdime takes a cell whose words are all new for a deleted and an added one. Here its place counts."""
_MOST = 60_000
"""Characters of a notebook that nbdime merges in a fraction of a second."""


def _check_against_nbdime(*books: dict[str, Any]) -> bool:
    """Fails if nbdime merges cleanly what is a conflict here. Returns whether nbdime does."""
    notebooks = pytest.importorskip("nbdime.merging.notebooks", reason="nbdime is not installed")
    nbformat = pytest.importorskip("nbformat")
    nodes = [nbformat.reads(json.dumps(book), as_version=4) for book in books]
    if any(decision.conflict for decision in notebooks.decide_notebook_merge(*nodes)):
        return False
    assert [conflict for conflict in merge(*books)[1] if _STRICTER not in conflict] == []
    return True


@pytest.mark.filterwarnings("ignore")
def test_what_nbdime_merges_cleanly_is_merged_cleanly(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    assert sum(_check_against_nbdime(*versions(seed)) for seed in range(60)) > 30


@pytest.mark.filterwarnings("ignore")
def test_what_nbdime_merges_cleanly_of_real_notebooks_is_merged_cleanly(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    own = corpus(NOTEBOOKS, ROOT / "tests" / "reports")
    books = [book for book in [*own, *corpus(CORPUS)] if len(json.dumps(book)) < _MOST]
    assert sum(_check_against_nbdime(*versions(seed, books[seed % len(books)])) for seed in range(24)) > 8

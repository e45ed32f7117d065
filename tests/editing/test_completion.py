"""Candidates: which go on with what is typed, in which order."""

from __future__ import annotations

import pytest

from tuinb.editing.completion import Candidate, Offer, call_around, names_in, narrowed, word_start
from tuinb.editing.languages import rules
from tuinb.editing.syntax import surroundings


def texts(candidates: list[Candidate]) -> list[str]:
    return [candidate.text for candidate in candidates]


@pytest.mark.parametrize(
    ("names", "typed", "found"),
    [
        ("alpha alpine beta", "al", "alpha alpine"),
        ("alpha alpine beta", "alpi", "alpine"),
        ("Alpha alpha", "alp", "alpha Alpha"),
        ("get_data_frame dfx xdf", "df", "dfx get_data_frame xdf"),
        ("readLine real_life xrl", "rl", "readLine real_life xrl"),
        ("df.mean df._x df.max", "df.m", "df.mean df.max"),
        ("df._x df.max", "df.", "df.max df._x"),
        ("_a ab", "_", "_a"),
        ("a(b a", "a(", "a(b"),
        ("alpha", "beta", ""),
    ],
)
def test_narrowing(names: str, typed: str, found: str) -> None:
    assert texts(narrowed(map(Candidate, names.split()), typed)) == found.split()


def test_what_was_taken_before_comes_first() -> None:
    found = narrowed(map(Candidate, ["alpha", "alpine", "xalp"]), "al", {"alpine", "xalp"})
    assert texts(found) == ["alpine", "alpha", "xalp"]


OFFER = Offer("x = df.me\ny", 9, 7, 9, ())


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("x = df.me|\ny", "me"),
        ("x = df.mean|\ny", "mean"),
        ("x = df.m|\ny", "m"),
        ("x = df.|\ny", None),  # nothing is left of the word
        ("x = df|\ny", None),
        ("x = df.me |\ny", None),
        ("x = df.me(|\ny", None),
        ("x = df.me|\nyy", None),
        ("x = dg.me|\ny", None),
        ("x = df.ma|\ny", "ma"),
        ("x = df.me|\nz", None),
    ],
)
def test_an_offer_is_for_its_place(text: str, typed: str | None) -> None:
    cursor = text.index("|")
    assert OFFER.typed(text.replace("|", ""), cursor) == typed


def test_an_offer_before_anything_was_typed() -> None:
    offer = Offer("df.", 3, 3, 3, ())
    assert offer.typed("df.", 3) == ""
    assert offer.typed("df.a", 4) == "a"


def test_names_of_a_notebook() -> None:
    found = names_in(["value = 1\nvalues", "Value_2 = va", "other"], "va")
    assert texts(list(found)) == ["Value_2", "value", "values"]
    assert names_in(["value"], "value") == ()


def test_the_word_before_the_cursor() -> None:
    assert word_start("a.b_c1", 6) == 2
    assert word_start("", 0) == 0


@pytest.mark.parametrize(
    ("text", "opener", "argument"),
    [
        ("f(", 1, 0),
        ("f(a, b", 1, 1),
        ("f(a, [b, c", 1, 1),
        ("f(g(1, 2), ',', [3, 4], ", 1, 3),
        ("f(g(", 3, 0),
        ("f[0](a,", 4, 1),
        ("(a, b", None, 0),
        ("x = (a", None, 0),
        ("[a", None, 0),
        ("f(a)", None, 0),
    ],
)
def test_the_call_that_the_cursor_is_in(text: str, opener: int | None, argument: int) -> None:
    around = surroundings(text, len(text), rules("python"))
    assert call_around(text, len(text), around.brackets) == (None if opener is None else (opener, argument))

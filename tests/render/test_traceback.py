"""Tracebacks fit the width."""

from __future__ import annotations

import pytest

from tests.render.support import context, text_of
from tuinb.render.traceback import render_error

RED, RESET = "\x1b[31m", "\x1b[39m"
FRAMES = [
    f"{RED}{'-' * 75}{RESET}",
    f"{RED}KeyError{RESET}                                  Traceback (most recent call last)",
    "Cell In[1], line 1\n----> 1 {}['k']",
    f"{RED}KeyError{RESET}: 'k'\n\nDuring handling of the above exception, another exception occurred:\n",
    f"{RED}pkg.MyError{RESET}                               Traceback (most recent call last)",
]


@pytest.mark.parametrize("columns", [74, 60, 50])
def test_headers_fit_fewer_columns_than_ipython_thinks(columns: int) -> None:
    rows = text_of(render_error({"traceback": FRAMES}, context(columns)))
    assert rows[0] == "-" * columns
    assert rows[1] == "KeyError" + "Traceback (most recent call last)".rjust(columns - 8)
    assert rows[-1].startswith("pkg.MyError  ")
    assert len(rows[-1]) == columns


def test_headers_keep_a_space_where_they_are_wrapped() -> None:
    rows = text_of(render_error({"traceback": FRAMES}, context(30)))
    assert rows[:3] == ["-" * 30, "KeyError  Traceback (most rece", "nt call last)"]


def test_in_enough_columns_they_are_as_they_came() -> None:
    rows = text_of(render_error({"traceback": FRAMES}, context(75)))
    assert rows[:2] == ["-" * 75, "KeyError                                  Traceback (most recent call last)"]


def test_lines_of_the_cell_that_look_alike_stay() -> None:
    text = f"      1 {'-' * 75}\n{'-' * 76}\nx  Traceback (most recent call last) y"
    assert "".join(text_of(render_error({"traceback": [text]}, context(40)))) == text.replace("\n", "")

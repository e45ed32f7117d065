"""The sides of a text with git's conflict markers."""

from __future__ import annotations

import pytest

from tuinb.files.ipynb.git_markers import Sides, sides


def test_each_side_is_the_whole_text() -> None:
    text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n=======\nd\u2028\n<<<<<<< HEAD\n=======\ne\n>>>>>>> topic\nf"
    assert sides(text) == Sides("a\nb\n=======\nd\u2028\nf", "a\nc\n=======\nd\u2028\ne\nf", None)


def test_the_base() -> None:
    text = "a\r\n<<<<<<< HEAD\r\nb\r\n||||||| 123\r\nx\r\n=======\r\nc\r\n>>>>>>> topic\r\n"
    assert sides(text) == Sides("a\r\nb\r\n", "a\r\nc\r\n", "a\r\nx\r\n")


@pytest.mark.parametrize(
    "text", ["", "a\n", "<<<<<<< x\na\n", "<<<<<<< x\n=======\n", "<<<<<<< x\n>>>>>>> y\n", "<<<<<<< x\n<<<<<<< y\n"]
)
def test_texts_without_all_markers(text: str) -> None:
    assert sides(text) is None

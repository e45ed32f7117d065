"""The editing rules of languages."""

from __future__ import annotations

import pytest

from tuinb.ui import editing

PYTHON = editing.rules("python")


@pytest.mark.parametrize(
    ("line", "column", "indent"),
    [
        ("x = 1", 5, ""),
        ("def f():", 8, "    "),
        ("    if x:  # why", 16, "        "),
        ("    return 3", 12, ""),
        ("        pass", 12, "    "),
        ("call(", 5, "    "),
        ("  x = {", 7, "      "),
        ("def f():", 3, ""),
        ("    x", 2, "  "),
        ("    return [", 12, "        "),
        ("", 0, ""),
    ],
)
def test_new_line_in_python(line: str, column: int, indent: str) -> None:
    assert editing.next_indent(line, column, PYTHON) == indent


@pytest.mark.parametrize(
    ("language", "line", "indent"),
    [
        ("R", "f <- function(x) {", "  "),
        ("julia", "function f(x)", "    "),
        ("julia", "f(x) = if x 1 else 2 end", ""),
        ("bash", "for i in 1 2; do", "  "),
        ("javascript", "if (x) {", "  "),
        ("ruby", "items.each do |item|", "  "),
        ("no such language", "anything:", ""),
    ],
)
def test_new_line_in_others(language: str, line: str, indent: str) -> None:
    assert editing.next_indent(line, len(line), editing.rules(language)) == indent


def test_between_brackets() -> None:
    assert editing.between_brackets("f()", 2)
    assert not editing.between_brackets("f()", 3)
    assert not editing.between_brackets("()", 0)
    assert not editing.between_brackets("(]", 1)


def test_indent_and_dedent_leave_blank_lines() -> None:
    lines = ["a", "", "  b"]
    deeper = editing.indent_lines(lines, PYTHON)
    assert deeper == ["    a", "", "      b"]
    assert editing.dedent_lines(deeper, PYTHON) == lines
    assert editing.dedent_lines(["\tx", "  y", "z"], PYTHON) == ["x", "y", "z"]


def test_comments_toggle_at_the_common_indentation() -> None:
    lines = ["    a", "", "        b"]
    commented = editing.toggle_comment(lines, PYTHON)
    assert commented == ["    # a", "", "    #     b"]
    assert editing.toggle_comment(commented, PYTHON) == lines
    assert editing.toggle_comment(["#a", "b"], PYTHON) == ["# #a", "# b"]
    assert editing.toggle_comment(["text"], editing.rules("markdown")) == ["text"]
    assert editing.toggle_comment(["", " "], PYTHON) == ["", " "]

"""The editing rules of languages."""

from __future__ import annotations

import pytest

from tuinb.editing import languages

PYTHON = languages.rules("python")


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
    assert languages.next_indent(line, column, PYTHON) == indent


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
    assert languages.next_indent(line, len(line), languages.rules(language)) == indent


def test_between_brackets() -> None:
    assert languages.between_brackets("f()", 2)
    assert not languages.between_brackets("f()", 3)
    assert not languages.between_brackets("()", 0)
    assert not languages.between_brackets("(]", 1)


def test_indent_and_dedent_leave_blank_lines() -> None:
    lines = ["a", "", "  b"]
    deeper = languages.indent_lines(lines, PYTHON)
    assert deeper == ["    a", "", "      b"]
    assert languages.dedent_lines(deeper, PYTHON) == lines
    assert languages.dedent_lines(["\tx", "  y", "z"], PYTHON) == ["x", "y", "z"]


def test_comments_toggle_at_the_common_indentation() -> None:
    lines = ["    a", "", "        b"]
    commented = languages.toggle_comment(lines, PYTHON)
    assert commented == ["    # a", "", "    #     b"]
    assert languages.toggle_comment(commented, PYTHON) == lines
    assert languages.toggle_comment(["#a", "b"], PYTHON) == ["# #a", "# b"]
    assert languages.toggle_comment(["text"], languages.rules("markdown")) == ["text"]
    assert languages.toggle_comment(["", " "], PYTHON) == ["", " "]


@pytest.mark.parametrize("language", ["C#", "F#", "csharp", "Go", "TypeScript"])
def test_names_of_kernels_with_other_comments(language: str) -> None:
    assert languages.toggle_comment(["a"], languages.rules(language)) == ["// a"]

"""The editing rules of languages."""

from __future__ import annotations

import pytest

from tuinb.editing import languages

PYTHON = languages.rules("python")


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

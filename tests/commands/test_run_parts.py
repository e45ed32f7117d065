"""Parts of cells that are run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.notebook.changes import SetMetadata, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]

STATEMENTS = [
    ("a/^b/c", "f7", "b", 2),
    ("^/# c/a", "f7", "a", 2),
    ("if a:/  ^b//c", "f7", "if a:\n  b", 3),
    ("a/b^", "f7", "b", 1),
    ("a/b^/", "f7", "b", 2),
    ("a/^b/c", "shift+f7", "a\nb", None),
    ("a/if b:/  ^c/  d/e", "shift+f7", "a\nif b:\n  c\n  d", None),
]


@pytest.mark.parametrize(("before", "key", "code", "line"), STATEMENTS)
def test_statements(desk: Make, before: str, key: str, code: str, line: int | None) -> None:
    it = desk(before)
    it.press(key)
    assert it.session.log == [("run_part", "c0", code)]
    assert it.host.log == ([] if line is None else [("edit_at", "c0", line)])
    assert it.session.applied == []


@pytest.mark.parametrize(
    ("before", "selected", "code"),
    [
        ("for x in y:/^  a/  b", "  a\n  b", "a\nb"),
        ("for x in y:/  ^a/  b", "a\n  b", "a\nb"),
        ("print(^a + b)", "a + b", "a + b"),
        ("a^ /b", " \n", None),
    ],
)
def test_selected_text_runs_without_its_indentation(desk: Make, before: str, selected: str, code: str | None) -> None:
    it = desk(before)
    it.host.open_editor.selected = selected
    it.press("f7")
    assert it.session.log == ([("run_part", "c0", code)] if code else [])


def test_paragraphs_of_another_language(desk: Make) -> None:
    it = desk("f(/^a//b")
    it.notebook.apply(Transaction((SetMetadata(None, "kernelspec", {"language": "R", "name": "ir"}),), it.context.client))
    it.press("f7")
    assert it.session.log == [("run_part", "c0", "f(\na")]


@pytest.mark.parametrize(
    ("before", "name", "said"),
    [
        ("a*", "run-selection", "No cell is being edited. Enter edits one."),
        ("m:^a", "run-selection", "Only code can be run."),
        ("m:^a", "run-to-cursor", "Only code can be run."),
        ("a/^# b", "run-selection", "There is no statement at the cursor or below it."),
        ("^# b/a", "run-to-cursor", "There is no statement before the cursor."),
    ],
)
def test_nothing_to_run(desk: Make, before: str, name: str, said: str) -> None:
    it = desk(before)
    it.run(name)
    assert it.said() == [said]
    assert it.session.log == []

"""Ex commands on a range of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.commands import ex_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]


def run(it: Desk, line: str) -> None:
    """Runs a line as it is entered on cells."""
    ex_line.execute(it.context, line)
    it.settle()


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("a*|b|c|d", "2,3d", "a|d*"),
        ("a*|b|c|d", ":2,3d", "a|d*"),
        ("a|b*|c|d", ".,+1d", "a|d*"),
        ("a|b*|c|d", ".,$delete", "a*"),
        ("a*|b", "%d", "*"),
        ("a*|b|c", "3,2d", "a*"),
        ("a|[b|c*]|d", "'<,'>d", "a|d*"),
        ("a*|b|c", "/b/d", "a|c*"),
        ("a*|b|c|b", "?b?d", "a|b|c*"),
        ("a*|b|c|d", "2;+1d", "a|d*"),
        ("a*|b|c", "$d", "a|b*"),
        ("a*|b|c", "2m0", "b*|a|c"),
        ("a*|b|c|d", "1,2m$", "c|d|a|b*"),
        ("a*|b|c", "m2", "b|a*|c"),
        ("a|b|c*", "m 0", "c*|a|b"),
        ("a*|b|c", "2m1", "a|b*|c"),
        ("a*|b|c", "1,2m2", "a|b*|c"),
        ("a*|b", "t.", "a|a*|b"),
        ("a*|b|c", "2,3t0", "b|c*|a|b|c"),
        ("a*|b|c", "1co$", "a|b|c|a*"),
        ("a*|b|c", "2,3j", "a|b//c*"),
        ("a*|b|c", "2", "a|b*|c"),
        ("a*|b|c", "/c", "a|b|c*"),
        ("a|b|c*", "-2", "a*|b|c"),
        ("a|b*|c", "+", "a|b|c*"),
        ("x/ax*|bx|cx", "%s/x/y", "y/ay*|by|cy"),
        ("xx*|xx", "s/x/y", "yx*|xx"),
        ("xx*|xx", "%s/x/y/g", "yy*|yy"),
        ("xx*|xx", "2s#x#y#g", "xx*|yy"),
        ("xx*|xx", "%s/x/y/gn", "xx*|xx"),
        ("ab*|ba", r"%s/\(a\)\(b\)/\2\1/", "ba*|ba"),
        ("a*|m:a b|r:a", "%s/a/c/", "c*|m:c b|r:c"),
        ("a*|xb|c|xd", "g/x/d", "a|c*"),
        ("a*|xb|c|xd", "v/x/d", "xb|xd*"),
        ("a*|xb|c|xd", "g!/x/d", "xb|xd*"),
        ("a*|xb|c|xd", "2,3g/x/d", "a|c*|xd"),
        ("a*|xb|c|xd", "g/x/m0", "xd*|xb|a|c"),
        ("xa*|b|xc|d", "g/x/m$", "b|d|xa|xc*"),
        ("xa*|b|xc", "g/x/d", "b*"),
        ("a|xb|c|xd*", "g/[^a]/d", "a*"),
        ("xa*|b|xc", "g/x/t.", "xa|xa|b|xc|xc*"),
        ("xa*|b|xc", "g/x/s/x/y/", "ya*|b|yc"),
        ("xa*|b|xc|d", "g/x/", "xa|b|xc*|d"),
        ("a/x^|b", "2d", "a/x^|b"),
        ("a*|b|c", "2,3make-markdown", "a*|m:b|m:c"),
        ("[a*|b]|c=1", "%clear-outputs", "[a*|b]|c"),
        ("a*|b|c", "2,3duplicate-cells", "a|b|c|b|c*"),
        ("a*|b|c", "2,3format-cells", "a|[b|c*]"),
    ],
)
def test_commands(desk: Make, before: str, line: str, after: str) -> None:
    it = desk(before)
    run(it, line)
    assert str(it) == after


@pytest.mark.parametrize("line", ["2,3d", "1,2m$", "2t0", "2,3j", "%s/b/y/", "g/b/d", "g/[ab]/m0"])
def test_one_undo_takes_it_back(desk: Make, line: str) -> None:
    it = desk("a*|b|c")
    run(it, line)
    assert it.notebook.order != ("c0", "c1", "c2") or [cell.source for cell in it.notebook] != ["a", "b", "c"]
    it.press("z")
    assert [cell.source for cell in it.notebook] == ["a", "b", "c"]


def test_cells_are_copied_and_put(desk: Make) -> None:
    it = desk("a*|b|c")
    run(it, "2,3y")
    assert str(it) == "a*|b|c"
    run(it, "1put")
    assert str(it) == "a|b|c*|b|c"
    run(it, "1pu!")
    assert str(it) == "b|c*|a|b|c|b|c"
    run(it, "g/a/y")
    run(it, "$put")
    assert str(it).endswith("|b|c|a*")


def test_a_command_that_edits_stays_in_the_range(desk: Make) -> None:
    it = desk("a*|b|c")
    run(it, "2,3enter-edit-mode")
    assert str(it) == "a|b|c^"


def test_cells_run_and_marks_are_addresses(desk: Make) -> None:
    it = desk("a*|b|c|b")
    run(it, "2,3run-cell")
    run(it, "g/b/run-cell")
    it.press("j")
    run(it, "mark a")
    it.press("j j")
    run(it, "'a,.run-in-place")
    cells = [entry[1:] for entry in it.session.log if entry[0] == "run"]
    assert cells == [("b", "c"), ("b", "b"), ("b", "c", "b")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%s/a/b/", "1 substitution in 1 cell. z undoes that."),
        ("%s/[abc]/x/", "3 substitutions in 3 cells."),
        ("%s/[abc]/x/n", "3 matches in 3 cells."),
        ("g/[ab]/p", "2 cells."),
        ("%s/z/x/", "Not found: z"),
        ("%s/a/x/c", "On cells, c can't ask"),
        ("%s/a/x/|d", "On cells, :s takes"),
        ("%s//x/", "There is no pattern to search again."),
        ("g//d", "There is no pattern to search again."),
        ("//d", "There is no pattern to search again."),
        ("g/z/d", "Not found: z"),
        ("/z/d", "Not found: z"),
        ("g/a/normal x", "'normal x' is no command on cells."),
        ("%normal A;", "'normal A;' is no command on cells."),
        ("2,9d", "Cells have the numbers 1 to 3."),
        ("0d", "Cells have the numbers 1 to 3."),
        ("'xd", "Mark x is not set."),
        ("2,3d x", "'x' can't follow here"),
        ("1,2m1", "Cells can't be moved into themselves."),
        ("2m9", "Cells have the numbers 1 to 3; 0 is before the first one."),
        ("1,2m.", "Cells can't be moved into themselves."),
        ("2t$x", "'$x' is no cell."),
        ("1,2t", "After which cell?"),
        ("2,3quit", "'quit' is no command on cells."),
    ],
)
def test_what_is_said(desk: Make, line: str, said: str) -> None:
    it = desk("a*|b|c")
    run(it, line)
    assert it.said()[-1].startswith(said)


def test_a_pattern_that_takes_for_ever_is_given_up(desk: Make) -> None:
    it = desk(f"{'a' * 40}b*|c")
    for line in ("g/\\(a*\\)*c/d", "%s/\\(a*\\)*c/x/"):
        run(it, line)
        assert "takes too long" in it.said()[-1]


def test_lines_of_a_cell_are_no_cells(desk: Make) -> None:
    it = desk("a^/b|c")
    run(it, "2d")
    assert it.said() == ["'2d' is not a command."]


def test_an_empty_notebook_has_no_cells(desk: Make) -> None:
    it = desk("")
    run(it, "%d")
    assert it.said() == ["There are no cells."]


@pytest.mark.parametrize(
    "line", ["w", "12", "$", "set nu", "s", "t", "move-up", "go-to-cell 3", "export", "tab 2", "e ../a.ipynb"]
)
def test_other_lines_name_no_cells(line: str) -> None:
    assert not ex_line.names_cells(line)

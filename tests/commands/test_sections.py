"""Commands on sections, the jump list, marks and definitions, as (before, keys, after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.commands.ex_line import execute
from tuinb.commands.host import Entry
from tuinb.commands.jumps import name_at
from tuinb.notebook.changes import AppendOutput, CellId, DeleteCell, SetMetadata, Transaction
from tuinb.notebook.sections import is_folded, source_hidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

PAGE = "a|m:# A|b|m:## B|c|m:# C|d"


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        # from heading to heading
        ("a*|m:# A|b|m:# C", "g j", "a|m:# A*|b|m:# C"),
        ("a|m:# A*|b|m:# C", "g j", "a|m:# A|b|m:# C*"),
        ("a|m:# A|b*|m:# C", "g k", "a|m:# A*|b|m:# C"),
        ("a*|b", "g j", "a*|b"),
        ("a*|b", "g k", "a*|b"),
        # to the heading over a cell
        ("a|m:# A|b*", "left", "a|m:# A*|b"),
        ("a|m:# A|m:## B*", "left left", "a|m:# A*|m:## B"),
        ("a*|m:# A", "left", "a*|m:# A"),
        ("a*|b", "right", "a*|b"),
        # a folded section is one
        ("a|m:# A*|b|m:# C|d", "left j", "a|m:# A|b|m:# C*|d"),
        ("a|m:# A*|b|m:# C|d", "left j k", "a|m:# A*|b|m:# C|d"),
        ("a|m:# A*|b|m:# C|d", "left right j", "a|m:# A|b*|m:# C|d"),
        ("a|m:# A*|b", "left j", "a|m:# A*|b"),
        ("a|m:# A*|b", "left k G", "a|m:# A*|b"),
        ("a|m:# A*|b|m:# C|d", "left d d", "a|m:# C*|d"),
        ("a|m:# A*|b|m:# C|d", "left d d z", "a|m:# A*|b|m:# C|d"),
        ("a|m:# A*|b|m:# C|d", "left x G v", "a|m:# C|d|m:# A|b*"),
        ("a|m:# A*|b|m:# C|d", "left b", "a|m:# A|b|*|m:# C|d"),
        ("a|m:# A*|b|m:# C|d", "left alt+down", "a|m:# C|m:# A*|b|d"),
        ("a|m:# A|b|m:# C*|d", "k k left j alt+up", "a|m:# C*|m:# A|b|d"),
        ("a|m:# A*|b|m:# C|d", "left f9", "a|m:# A|b|m:# C*|d"),
        ("a|m:# A*|b|m:# C|d", "left 2", "a|m:## A*|b|m:# C|d"),
        # hidden sources
        ("a^", "escape H", "a*"),
    ],
)
def test_keys_on_sections(desk: Callable[[str], Desk], before: str, keys: str, after: str) -> None:
    it = desk(before)
    it.press(keys)
    assert str(it) == after


def folded(it: Desk) -> list[str]:
    return [cell.source for cell in it.notebook if is_folded(cell, it.view.folds)]


def test_folding_is_in_the_notebook_and_no_step_of_undo(desk: Callable[[str], Desk]) -> None:
    it = desk("a|m:# A*|b")
    it.press("left")
    assert it.notebook[CellId("c1")].metadata["heading_collapsed"] is True
    assert not it.session.undoable
    it.press("right")
    assert it.notebook[CellId("c1")].metadata == {}


def test_what_can_not_be_written_is_folded_on_the_screen_alone(desk: Callable[[str], Desk]) -> None:
    it = desk("a|m:# A*|b")
    it.session.read_only = "another tuinb has it"
    it.press("left")
    assert folded(it) == ["# A"]
    assert it.notebook[CellId("c1")].metadata == {}
    it.press("right")
    assert folded(it) == []
    assert it.view.folds == {}


def test_all_sections_fold_and_the_active_cell_stays_in_view(desk: Callable[[str], Desk]) -> None:
    it = desk("a|m:# A|[b|m:## B|c*]|m:# C|d")
    it.run("fold-all-sections")
    assert folded(it) == ["# A", "## B", "# C"]
    assert str(it) == "a|m:# A*|b|m:## B|c|m:# C|d"
    it.run("unfold-all-sections")
    assert folded(it) == []


def test_a_heading_without_cells_can_not_be_folded(desk: Callable[[str], Desk]) -> None:
    it = desk("a|m:# A*|m:# B")
    it.press("left")
    assert (folded(it), it.said()) == ([], ["There are no cells below this heading."])


def test_toggling_the_section_of_a_cell(desk: Callable[[str], Desk]) -> None:
    it = desk("a|m:# A|b*")
    it.run("toggle-section")
    assert (folded(it), str(it)) == (["# A"], "a|m:# A*|b")
    it.run("toggle-section")
    assert folded(it) == []
    it.press("g g")
    it.run("toggle-section")
    assert it.said() == ["There is no heading over this cell."]


def test_sources_are_hidden_and_shown(desk: Callable[[str], Desk]) -> None:
    it = desk("[a|b*]")
    it.press("H")
    assert [source_hidden(cell) for cell in it.notebook] == [True, True]
    it.press("H")
    assert [source_hidden(cell) for cell in it.notebook] == [False, False]
    it.press("z z")
    assert [source_hidden(cell) for cell in it.notebook] == [False, False]


# ---- contents


def test_the_contents_are_listed_and_gone_to(desk: Callable[[str], Desk]) -> None:
    it = desk("a|m:# A/text/## In A|b*|m:## B|c|m:# C|d")
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    it.session.apply(Transaction((AppendOutput(CellId("c4"), error),), it.context.client))
    it.session.running = CellId("c6")
    it.host.answers = [(("move", 2), 3)]
    it.press("g o")
    assert it.host.log[0] == (
        "contents",
        [Entry("A", 1, "1 failed"), Entry("In A", 2), Entry("B", 2, "1 failed"), Entry("C", 1, "running")],
        1,
    )
    assert ("centre",) in it.host.log
    assert str(it).endswith("m:# C*|d")
    it.press("alt+left")
    assert str(it).startswith("a|m:# A/text/## In A|b*")


def test_leaving_the_contents_goes_back_and_keeps_folds(desk: Callable[[str], Desk]) -> None:
    it = desk(PAGE.replace("|c|", "|c*|"))
    it.host.answers = [(("move", 0), ("fold", 2), ("unfold", 2), ("fold", 2), None)]
    it.press("g o")
    assert str(it) == PAGE.replace("|c|", "|c*|")
    assert folded(it) == ["# C"]
    assert [entry[1] for entry in it.host.log if entry[0] == "folded"] == [True, False, True]


def test_only_the_heading_that_begins_a_cell_folds(desk: Callable[[str], Desk]) -> None:
    it = desk("m:# A/## B*|b")
    it.host.answers = [(("fold", 1), None)]
    it.press("g o")
    assert ("folded", False) in it.host.log
    assert folded(it) == []


def test_a_notebook_without_headings_says_so(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.press("g o")
    assert it.said() == ["This notebook has no headings."]


# ---- jumps and marks


def test_jumps_lead_back_and_forward(desk: Callable[[str], Desk]) -> None:
    it = desk("a|b*|c")
    it.press("G g g alt+left")
    assert str(it) == "a|b|c*"
    it.press("alt+left")
    assert str(it) == "a|b*|c"
    it.press("alt+left")
    assert it.said() == ["There is no earlier place."]
    it.press("alt+right alt+right")
    assert str(it) == "a*|b|c"
    it.press("alt+right")
    assert it.said()[1:] == ["There is no later place."]


def test_a_jump_from_a_cursor_leads_back_to_it(desk: Callable[[str], Desk]) -> None:
    it = desk("abc^|b")
    it.host.open_editor.cursor = 2
    execute(it.context, "go-to-cell")
    it.host.answers = ["2"]
    it.settle()
    assert str(it) == "abc|b*"
    it.press("alt+left")
    assert it.host.log[-1] == ("edit_from", "c0", 2)


def test_an_empty_notebook_has_no_places(desk: Callable[[str], Desk]) -> None:
    it = desk("")
    it.press("alt+left")
    execute(it.context, "mark a")
    it.settle()
    assert it.view.marks == {}


def test_marks_are_set_and_gone_to(desk: Callable[[str], Desk]) -> None:
    it = desk("one/two*|b|c")
    it.press("'")
    assert it.said() == ["No place is marked. `:mark a` marks this one as a."]
    execute(it.context, "mark a")
    it.settle()
    it.press("G")
    it.run("mark", " b ")
    it.press("g g j")
    it.host.answers = ["b  cell 3: c"]
    it.press("'")
    assert str(it) == "one/two|b|c*"
    assert ("choose", "Go to mark", ["a  cell 1: one", "b  cell 3: c"]) in it.host.log
    it.host.answers = [None]
    it.press("'")
    it.session.apply(Transaction((DeleteCell(CellId("c2")),), it.context.client))
    it.host.answers = [0]
    it.press("' alt+left")
    assert str(it) == "one/two|b*"


@pytest.mark.parametrize("letter", ["ab", "1", ""])
def test_a_mark_is_a_letter(desk: Callable[[str], Desk], letter: str) -> None:
    it = desk("a*")
    it.run("mark", letter)
    assert it.said() == [f"'{letter}' is not a letter. `:mark a` marks this place as a."]
    it.host.answers = [None]
    execute(it.context, "mark")
    it.settle()
    assert it.view.marks == {}


# ---- definitions


@pytest.mark.parametrize(
    ("before", "cursor", "went"),
    [
        ("import x|/import x|print(x)^|import x", 7, ("edit_at", "c1", 1)),
        ("print(x)^|import y|import x", 6, ("edit_at", "c2", 0)),
        ("import x/print(x)^", 15, ("edit_at", "c0", 0)),
        ("def f(a):/  return a|f(1)^", 0, ("edit_at", "c0", 0)),
    ],
)
def test_a_name_leads_to_where_it_is_set(
    desk: Callable[[str], Desk], before: str, cursor: int, went: tuple[str, str, int]
) -> None:
    it = desk(before)
    it.host.open_editor.cursor = cursor
    it.press("f12")
    it.settle()
    assert [entry for entry in it.host.log if entry[0] == "edit_at"] == [went]


@pytest.mark.parametrize(
    ("before", "cursor", "said"),
    [
        ("print(x)^", 6, "No cell sets x."),
        ("1 + 2^", 1, "There is no name at the cursor."),
        ("import x*", 0, "No cell is being edited. Enter edits one."),
    ],
)
def test_a_name_that_leads_nowhere(desk: Callable[[str], Desk], before: str, cursor: int, said: str) -> None:
    it = desk(before)
    it.host.open_editor.cursor = cursor
    it.run("go-to-definition")
    it.settle()
    assert it.said() == [said]


def test_a_name_of_another_language_is_found_by_its_text(desk: Callable[[str], Desk]) -> None:
    it = desk("f <- function(x) x|f(1)^")
    language = SetMetadata(None, "language_info", {"name": "R"})
    it.session.apply(Transaction((language,), it.context.client))
    it.host.open_editor.cursor = 0
    it.press("f12")
    it.settle()
    assert ("edit_at", "c0", 0) in it.host.log


def test_the_name_around_the_cursor() -> None:
    assert [name_at("ab.c_1 2x", offset) for offset in (0, 2, 3, 6, 8)] == ["ab", "ab", "c_1", "c_1", ""]

"""Commands about stale cells and names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.commands.staleness import advice
from tuinb.notebook.changes import CellId, OutputData, SetMetadata, SetOutputs, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

CELLS = "from f import x|g(x)|xs.append(x)|print(xs, x)*"


def ran(it: Desk, *places: int) -> None:
    for place in places:
        cell = it.session.notebook.at(place)
        it.session.staleness.ran(cell.id, cell.source, ok=True)


@pytest.fixture
def stale(desk: Callable[[str], Desk]) -> Desk:
    """A notebook that was run from the top, and whose third cell ran twice."""
    it = desk(CELLS)
    ran(it, 0, 1, 2, 3, 2)
    return it


def test_what_is_stale_runs_from_the_top(stale: Desk) -> None:
    stale.session.edited = {CellId("c1")}
    stale.run("run-stale")
    assert stale.session.log == [("run", "g(x)", "xs.append(x)", "print(xs, x)")]


def test_a_cell_runs_with_what_it_needs(stale: Desk) -> None:
    stale.run("run-with-needs")
    assert stale.session.log == [("run", "xs.append(x)", "print(xs, x)")]
    assert stale.said() == ["Running 2 cells: 1 more that they need."]


def test_a_name_that_no_cell_sets_is_told_when_what_is_stale_runs(stale: Desk) -> None:
    stale.run("run-stale")
    assert stale.said() == ["Cell 3 may fail on a fresh kernel: ran on its own result: xs."]


def test_what_follows_from_a_cell_runs(stale: Desk) -> None:
    stale.press("g g")
    stale.run("run-following")
    assert stale.session.log[0][0] == "run"
    assert stale.said() == ["Running 4 cells."]


def test_going_from_one_to_the_next(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b|c")
    it.session.edited = {CellId("c0"), CellId("c2")}
    it.press("]")
    assert str(it) == "a|b|c*"
    it.press("] [ k k")
    assert it.said() == ["Continued from the top.", "Continued from the end."]
    it.session.edited = {CellId("c0")}
    it.press("[")
    assert it.said()[-1] == "No other cell is known to be stale."


def test_the_list_of_stale_cells(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    it.run("stale")
    assert it.said() == ["No cell is known to be stale."]
    it.session.edited = {CellId("c1")}
    it.run("stale", 0)
    assert ("choose", "Edited and stale cells.", ["cell 2: b  ~ edited since"]) in it.host.log
    assert str(it) == "a|b*"


def test_outputs_of_an_earlier_kernel_are_told_of(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b|m:c")
    output = OutputData({"output_type": "stream", "name": "stdout", "text": "1"})
    it.session.notebook.apply(Transaction((SetOutputs(CellId("c0"), (output,)),), it.context.client))
    it.run("run-stale")
    it.session.notebook.apply(Transaction((SetOutputs(CellId("c1"), (output,)),), it.context.client))
    it.run("stale")
    assert it.said() == [
        "No cell is known to be stale. A cell shows outputs of an earlier kernel.",
        "No cell is known to be stale. 2 cells show outputs of an earlier kernel.",
    ]
    it.session.edited = {CellId("c1")}
    it.run("stale", None)
    assert it.host.log[-1][1] == "Edited and stale cells. 2 cells show outputs of an earlier kernel."


def test_the_list_has_all_that_is_known_against_a_cell(stale: Desk) -> None:
    stale.session.edited = {CellId("c2"), CellId("c3")}
    stale.run("stale", None)
    assert stale.host.log[-1][2] == [
        "cell 3: xs.append(x)  ~ edited since, ran on its own result: xs",
        "cell 4: print(xs, x)  ~ edited since, cell 3 is stale (xs)",
    ]


def test_what_is_only_perhaps_so_is_shown_on_request(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("toggle-perhaps")
    shown = it.view.show_perhaps
    it.run("toggle-perhaps")
    assert (shown, it.view.show_perhaps) == (True, False)
    assert it.said()[0] == "Cells that are only perhaps out of date are marked with ?."


def test_names_lead_to_their_cells(desk: Callable[[str], Desk]) -> None:
    it = desk("import x|x.a()|y*")
    it.run("show-names", 1, 1)
    names = ["y  set in no cell · used in 3", "x  set in 1 · used in 2"]
    places = ["set      cell 1: import x", "used     cell 2: x.a()"]
    assert [entry for entry in it.host.log if entry[0] == "choose"] == [
        ("choose", "Names", names),
        ("choose", "x: go to", places),
    ]
    assert str(it) == "import x|x.a()*|y"
    it.run("show-names", 1)
    assert str(it) == "import x|x.a()|y*"


def test_a_notebook_without_names(desk: Callable[[str], Desk]) -> None:
    it = desk("m:a*")
    it.run("show-names")
    assert it.said() == ["This notebook has no names."]


def test_other_languages_have_the_facts_only(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    it.session.notebook.apply(Transaction((SetMetadata(None, "language_info", {"name": "R"}),), it.context.client))
    it.run("show-names")
    it.run("run-following")
    it.run("run-stale")
    facts = "Names in R are not read: only edits are known."
    assert it.said() == [
        f"No names are listed. {facts}",
        f"What follows from a cell is not known. {facts}",
        f"No cell is known to be stale. {facts}",
    ]
    it.session.edited = {CellId("c1")}
    it.run("run-stale")
    assert it.session.log == [("run", "b")]


def test_advice_on_saving(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    assert list(advice(it.session)) == []
    it.session.edited = {CellId("c0")}
    assert list(advice(it.session)) == ["A cell was edited since it ran."]
    it.session.edited = {CellId("c0"), CellId("c1")}
    assert list(advice(it.session)) == ["2 cells were edited since they ran."]

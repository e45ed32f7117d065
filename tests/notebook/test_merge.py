"""Three-way merges of notebooks: what is taken from which side, what is a conflict, and that nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.notebook.building import EDIT_KINDS, ME, content, random_change
from tuinb.notebook.changes import ABSENT, CellData, CellId, InsertCell, OutputData, Transaction
from tuinb.notebook.conflicts import Conflict, Part, Side, find_marked, lines_of, settled
from tuinb.notebook.difference import Content, attachments_of, difference, metadata_of, same, same_cell, same_outputs
from tuinb.notebook.document import Notebook
from tuinb.notebook.matching import renamed
from tuinb.notebook.merge import Merge, merge

if TYPE_CHECKING:
    from collections.abc import Iterable

STREAM, PICTURE = (
    OutputData({"output_type": "stream", "name": "stdout", "text": ["1\n", "2"]}),
    OutputData({"output_type": "display_data", "data": {"image/png": "AAAA"}, "metadata": {}}),
)


def result(text: str, count: int) -> OutputData:
    raw = {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": count}
    return OutputData(raw)


def cell(name: str, source: str = "", kind: str = "code", *outputs: OutputData, **raw: Any) -> CellData:  # noqa: ANN401
    count = raw.pop("count", None)
    return CellData(CellId(name), kind, source, {"id": name, "metadata": {}, **raw}, outputs, count)


def cells(**sources: str) -> list[CellData]:
    return [cell(name, source) for name, source in sources.items()]


def of(some: Iterable[CellData], **metadata: object) -> Content:
    return Content({one.id: one for one in some}, metadata)


def merged(base: Iterable[CellData], ours: Iterable[CellData], theirs: Iterable[CellData]) -> Merge:
    """The merge, which is also tried on a notebook."""
    mine = [*ours]
    found = merge(of(base), of(mine), of(theirs))
    notebook = Notebook(mine)
    before = content(notebook)
    applied = notebook.apply(Transaction(found.difference.changes, ME))
    assert not difference(Content.of(notebook), found.content).changes
    notebook.apply(Transaction(applied.inverse, ME))
    after = content(notebook)
    assert (after["order"], after["metadata"]) == (before["order"], before["metadata"])
    assert all(after["cells"][name] == value for name, value in before["cells"].items())
    return found


def sources(found: Merge) -> dict[str, str]:
    return {str(name): data.source for name, data in found.content.cells.items()}


def only(found: Merge) -> Conflict:
    (conflict,) = found.conflicts
    return conflict


def one_cell(base: CellData, ours: CellData, theirs: CellData) -> tuple[CellData, tuple[Conflict, ...]]:
    found = merged([base], [ours], [theirs])
    return found.content.cells[base.id], found.conflicts


# ---- sources


def test_lines_of_both_sides() -> None:
    now, conflicts = one_cell(cell("a", "1\n2\n3"), cell("a", "1\n2\n3\n4"), cell("a", "0\n1\n2\n3"))
    assert (now.source, conflicts) == ("0\n1\n2\n3\n4", ())


def test_a_conflict_stays_as_ours_and_can_be_settled() -> None:
    found = merged([cell("a", "1\n2\n3")], [cell("a", "1\nx\n3")], [cell("a", "1\ny\n3\n4")])
    assert sources(found) == {"a": "1\nx\n3\n4"}
    assert (only(found).part, only(found).base, only(found).ours, only(found).theirs) == (
        Part.SOURCE, "1\n2\n3", "1\nx\n3", "1\ny\n3\n4",
    )  # fmt: skip
    expected = {
        Side.OURS: "1\nx\n3\n4",
        Side.THEIRS: "1\ny\n3\n4",
        Side.BOTH: "1\nx\ny\n3\n4",
        Side.MARKED: "1\n<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n3\n4",
    }
    for side, source in expected.items():
        assert [one.source for one in settled(found.content, found.conflicts, side).cells.values()] == [source]


# ---- cells


def test_cells_that_each_side_added_moved_and_deleted() -> None:
    base = cells(a="a", b="b", c="c", d="d")
    ours = cells(a="a", x="x", b="b", d="d")
    theirs = cells(d="d", a="a", y="y", b="b", c="c")
    found = merged(base, ours, theirs)
    assert (list(sources(found)), found.conflicts) == (["d", "a", "x", "y", "b"], ())
    assert list(sources(merged(base, theirs, ours))) == ["d", "a", "y", "x", "b"]


def test_a_cell_that_one_side_deleted_and_the_other_changed_stays() -> None:
    base, changed = cells(a="a", b="b"), cells(a="a", b="b2")
    for ours, theirs in ((changed, base[:1]), (base[:1], changed)):
        found = merged(base, ours, theirs)
        assert sources(found) == {"a": "a", "b": "b2"}
        assert only(found).part is Part.CELL
        sides = {side: settled(found.content, found.conflicts, side).cells for side in Side}
        deleted, kept = (Side.THEIRS, Side.OURS) if ours is changed else (Side.OURS, Side.THEIRS)
        assert CellId("b") not in sides[deleted]
        assert sides[kept][CellId("b")].source == sides[Side.BOTH][CellId("b")].source == "b2"
        marked = ["b2", "======="] if ours is changed else ["=======", "b2"]
        assert sides[Side.MARKED][CellId("b")].source.split("\n") == ["<<<<<<< ours", *marked, ">>>>>>> theirs"]
    rerun = [base[0], replace(base[1], execution_count=7)]
    assert sources(merged(base, rerun, base[:1])) == {"a": "a"}


def test_a_cell_that_both_sides_moved_elsewhere_is_a_conflict() -> None:
    base = cells(a="a", b="b", c="c", d="d", e="e")
    ours, theirs = cells(e="e", a="a", b="b", c="c", d="d"), cells(a="a", b="b", e="e", c="c", d="d")
    found = merged(base, ours, theirs)
    assert list(sources(found)) == ["e", "a", "b", "c", "d"]
    assert (only(found).part, only(found).ours, only(found).theirs) == (Part.ORDER, None, "b")
    assert list(settled(found.content, found.conflicts, Side.THEIRS).cells) == ["a", "b", "e", "c", "d"]
    assert merged(base, ours, ours).conflicts == ()


def test_cells_that_only_one_side_moved_are_moved() -> None:
    base = cells(a="a", b="b", c="c", d="d", e="e", f="f")
    ours, theirs = cells(b="b", a="a", c="c", d="d", e="e", f="f"), cells(a="a", b="b", c="c", e="e", f="f", d="d")
    found = merged(base, ours, theirs)
    assert (list(sources(found)), found.conflicts) == (["b", "a", "c", "e", "f", "d"], ())


def test_a_deleted_cell_that_is_still_known_is_restored() -> None:
    notebook = Notebook(base := cells(a="a", b="b"))
    notebook.retain([CellId("b")])
    found = merge(of(base), of(base[:1]), of(cells(a="a", b="b2")))
    notebook.apply(Transaction(difference(Content.of(notebook), of(base[:1])).changes, ME))
    again = merge(of(base), Content.of(notebook), of(cells(a="a", b="b2")))
    assert not any(isinstance(change, InsertCell) for change in again.difference.changes)
    notebook.apply(Transaction(again.difference.changes, ME))
    assert {one.id: one.source for one in notebook} == sources(found) == {"a": "a", "b": "b2"}


# ---- cells without ids


def nameless(*some: str, start: int = 0) -> list[CellData]:
    """Cells whose file has no ids. Inside the program they have some that no other version has."""
    return [CellData(CellId(f"r{start + number}"), "code", one, {"metadata": {}}) for number, one in enumerate(some)]


def without_ids(base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]) -> Merge:
    return merged(nameless(*base), nameless(*ours, start=100), nameless(*theirs, start=200))


def test_cells_without_ids_are_matched_by_content() -> None:
    base = ("import x", "a = 1", "b = 2\nc = 3", "print(a)", "")
    ours = ("import x", "a = 1", "new = 4", "b = 2\nc = 4", "print(a)", "")
    theirs = ("import x\nimport y", "print(a)", "a = 1", "b = 2\nc = 3", "")
    found = without_ids(base, ours, theirs)
    assert [*sources(found).values()] == ["import x\nimport y", "print(a)", "a = 1", "new = 4", "b = 2\nc = 4", ""]
    assert found.conflicts == ()


def test_a_cell_that_both_sides_added_is_one() -> None:
    found = without_ids(("a", "z"), ("a", "same", "z"), ("a", "same", "other", "z"))
    assert [*sources(found).values()] == ["a", "same", "other", "z"]


def test_an_edited_cell_is_the_same_if_it_is_similar() -> None:
    found = without_ids(("alpha = one + two", "beta"), ("alpha = one + 2", "gamma", "beta"), ("alpha = one - two", "beta"))
    assert only(found).part is Part.SOURCE
    found = without_ids(("f(x)",), ("g(x, y)",), ("h(z)",))
    assert only(found).part is Part.SOURCE
    kept = without_ids(("f(x)", "z"), ("z",), ("other thing entirely", "f(x)", "z"))
    assert [*sources(kept).values()] == ["other thing entirely", "z"]


def test_an_empty_cell_with_an_id_is_no_copy_of_another() -> None:
    base, theirs = cells(a="a", b=""), [*cells(a="a"), cell("new", "", "code", PICTURE)]
    found = merged(base, [cell("a", "a"), cell("b", "", "markdown", metadata={"tags": ["t"]})], theirs)
    assert found.content.cells[CellId("new")].outputs == (PICTURE,)


def test_a_cell_that_was_cut_and_pasted_was_moved() -> None:
    base, ours = cells(a="first", b="second", c="third"), cells(b="second", c="third", new="first")
    found = merged(base, ours, cells(a="first\nmore", b="second", c="third"))
    assert (sources(found), found.conflicts) == ({"b": "second", "c": "third", "new": "first\nmore"}, ())


# ---- outputs and counts


def test_outputs_that_one_side_changed() -> None:
    base, run = cell("a", "x"), cell("a", "x", "code", STREAM, count=3)
    for ours, theirs in ((run, base), (base, run)):
        now, conflicts = one_cell(base, ours, theirs)
        assert (now.outputs, now.execution_count, conflicts) == ((STREAM,), 3, ())


def test_outputs_follow_the_source_that_changed() -> None:
    base = cell("a", "x", "code", result("0", 1), count=1)
    rerun, edited = cell("a", "x", "code", result("1", 2), count=2), cell("a", "y", "code", result("2", 9), count=9)
    for ours, theirs in ((rerun, edited), (edited, rerun)):
        now, conflicts = one_cell(base, ours, theirs)
        assert (now.source, now.outputs, now.execution_count, conflicts) == ("y", (result("2", 9),), 9, ())


def test_outputs_that_show_the_same_are_no_conflict() -> None:
    joined = OutputData({"output_type": "stream", "name": "stdout", "text": "1\n2"})
    base = cell("a", "x", "code", result("0", 1), count=1)
    ours = cell("a", "x", "code", result("1", 2), STREAM, count=2)
    theirs = cell("a", "x", "code", result("1", 3), joined, count=3)
    now, conflicts = one_cell(base, ours, theirs)
    assert (now.outputs, now.execution_count, conflicts) == (ours.outputs, 2, ())


def test_outputs_that_one_side_cleared_and_the_other_renewed_stay() -> None:
    base, cleared = cell("a", "x", "code", result("0", 1), count=1), cell("a", "x")
    rerun = cell("a", "x", "code", result("1", 2), count=2)
    for ours, theirs in ((cleared, rerun), (rerun, cleared)):
        now, conflicts = one_cell(base, ours, theirs)
        assert (now.outputs, now.execution_count, conflicts) == (rerun.outputs, 2, ())


def test_outputs_are_merged_as_lists() -> None:
    base = cell("a", "x", "code", result("0", 1), STREAM, result("9", 1))
    ours, theirs = replace(base, outputs=(PICTURE, *base.outputs[1:])), replace(base, outputs=base.outputs[:2])
    now, conflicts = one_cell(base, ours, theirs)
    assert (now.outputs, conflicts) == ((PICTURE, STREAM), ())


def test_a_conflict_of_outputs() -> None:
    base, ours, theirs = (cell("a", "x", "code", result(text, 1)) for text in "012")
    found = merged([base], [ours], [theirs])
    assert only(found).part is Part.OUTPUTS
    shown = {side: settled(found.content, found.conflicts, side).cells[CellId("a")].outputs for side in Side}
    assert shown[Side.OURS] == ours.outputs
    assert shown[Side.THEIRS] == theirs.outputs
    assert shown[Side.BOTH] == (*ours.outputs, *theirs.outputs)
    assert [one.raw.get("text") for one in shown[Side.MARKED]] == [
        "<<<<<<< ours\n",
        None,
        "=======\n",
        None,
        ">>>>>>> theirs\n",
    ]


# ---- kinds, metadata and attachments


def test_a_kind_that_one_side_changed() -> None:
    base = cell("a", "x", "code", STREAM, count=2)
    now, conflicts = one_cell(base, replace(base, source="y"), cell("a", "x", "markdown"))
    assert (now.kind, now.source, now.outputs, now.execution_count, conflicts) == ("markdown", "y", (), None, ())
    base, theirs = cell("a", "x", "markdown"), cell("a", "x", "code", STREAM, count=4)
    now, conflicts = one_cell(base, base, theirs)
    assert same_cell(now, theirs)
    assert conflicts == ()


def test_a_kind_that_both_sides_changed() -> None:
    found = merged([cell("a", "x")], [cell("a", "x", "markdown")], [cell("a", "x", "raw")])
    assert (only(found).part, only(found).ours, only(found).theirs) == (Part.KIND, "markdown", "raw")
    assert settled(found.content, found.conflicts, Side.THEIRS).cells[CellId("a")].kind == "raw"


def test_metadata_is_merged_by_key() -> None:
    base = cell("a", metadata={"tags": ["a", "b"], "own": {"x": 1, "y": 1}, "gone": 1, "collapsed": False})
    ours = cell("a", metadata={"tags": ["b", "c"], "own": {"x": 2, "y": 1}, "new": 1, "collapsed": True})
    theirs = cell("a", metadata={"tags": ["a", "b", "d"], "own": {"x": 1, "y": 2}, "gone": 1, "scrolled": False})
    now, conflicts = one_cell(base, ours, theirs)
    assert now.raw["metadata"] == {
        "tags": ["b", "c", "d"], "own": {"x": 2, "y": 2}, "new": 1, "collapsed": True, "scrolled": False,
    }  # fmt: skip
    assert conflicts == ()


def test_a_conflict_of_metadata() -> None:
    base, ours, theirs = ({"k": {"n": value}, "language_info": {"version": value}} for value in (1, 2, ABSENT))
    del theirs["k"]["n"]
    found = merge(of([], **base), of([], **ours), of([], **theirs))
    assert found.content.metadata == ours
    assert (only(found).cell, only(found).path, only(found).ours, only(found).theirs) == (None, ("k", "n"), 2, ABSENT)
    assert settled(found.content, found.conflicts, Side.THEIRS).metadata["k"] == {}


def test_attachments_are_merged_by_name() -> None:
    base = cell("a", "x", "markdown", attachments={"a": {"image/png": "1"}})
    ours = cell("a", "x", "markdown", attachments={"a": {"image/png": "1"}, "b": {"image/png": "2"}})
    now, conflicts = one_cell(base, ours, cell("a", "x", "markdown", attachments={"a": {"image/png": "3"}}))
    assert now.raw["attachments"] == {"a": {"image/png": "3"}, "b": {"image/png": "2"}}
    assert conflicts == ()
    now, _ = one_cell(base, base, cell("a", "x", "markdown"))
    assert "attachments" not in now.raw
    now, _ = one_cell(cell("a", "x", "markdown"), cell("a", "x", "markdown"), ours)
    assert now.raw["attachments"] == ours.raw["attachments"]
    found = merged([base], [cell("a", "x", "markdown", attachments={"a": {"image/png": "4"}})], [
        cell("a", "x", "markdown", attachments={"a": {"image/png": "5"}}),
    ])  # fmt: skip
    assert (only(found).part, only(found).path) == (Part.ATTACHMENTS, ("a", "image/png"))
    theirs = settled(found.content, found.conflicts, Side.THEIRS).cells[CellId("a")]
    assert theirs.raw["attachments"] == {"a": {"image/png": "5"}}


def test_a_conflict_of_a_cells_metadata() -> None:
    base, ours, theirs = (cell("a", "x", metadata={"k": value}) for value in (1, 2, 3))
    found = merged([base], [ours], [theirs])
    assert (only(found).part, only(found).path) == (Part.METADATA, ("k",))
    assert metadata_of(settled(found.content, found.conflicts, Side.THEIRS).cells[CellId("a")])["k"] == 3


def test_the_markers_of_each_kind_of_conflict_are_found_again() -> None:
    def side(value: str, kind: str) -> Content:
        both = {"metadata": {"k": value}, "attachments": {"a": {"image/png": value}}}
        some = [cell("a", f"1\n{value}\n3", "code", result(value, 1)), cell("b", "b", kind, **both)]
        return of(some, name=value)

    found = merge(side("0", "markdown"), side("x", "raw"), side("y", "code"))
    assert {one.part for one in found.conflicts} == {Part.SOURCE, Part.OUTPUTS, Part.KIND, Part.METADATA, Part.ATTACHMENTS}
    marked = settled(found.content, found.conflicts, Side.MARKED)
    again = list(find_marked(marked))
    for one in (Side.OURS, Side.THEIRS):
        expected, now = settled(found.content, found.conflicts, one), settled(marked, again, one)
        assert all(map(same_cell, expected.cells.values(), now.cells.values()))
        assert expected.metadata == now.metadata


def test_a_cell_that_one_side_deleted_is_found_by_its_markers() -> None:
    found = merge(of(cells(a="a")), of(cells(a="changed")), of([]))
    assert only(found).part is Part.CELL
    (again,) = find_marked(settled(found.content, found.conflicts, Side.MARKED))
    assert (again.part, again.theirs) == (Part.CELL, None)
    assert isinstance(again.ours, CellData)
    assert again.ours.source == "changed"


def test_conflicts_of_cells_that_are_gone_are_skipped() -> None:
    now = of(cells(a="a", b="b"))
    gone = Conflict(CellId("gone"), Part.SOURCE, "", "1", "2")
    moved = Conflict(CellId("gone"), Part.ORDER, None, None, "a")
    below = Conflict(CellId("a"), Part.ORDER, None, None, "gone")
    assert settled(now, [gone, moved, below], Side.THEIRS) == now


def test_outputs_that_are_nested_too_deeply_to_be_compared_are_kept() -> None:
    def deep() -> OutputData:
        value: Any = 1
        for _ in range(2000):
            value = [value]
        return OutputData({"output_type": "display_data", "data": {"application/json": value}, "metadata": {}})

    one, other = cell("a", "x", "code", deep()), cell("a", "x", "code", deep())
    assert not same_outputs(one.outputs, other.outputs)
    assert not same(one.outputs[0].raw, other.outputs[0].raw)
    kept = merge(of([one]), of([other]), of([cell("a", "x", "code", STREAM)])).content.cells[CellId("a")].outputs
    assert other.outputs[0] in kept or STREAM in kept


def test_values_that_python_calls_equal_are_not() -> None:
    now, _ = one_cell(cell("a", metadata={"k": 1}), cell("a", metadata={"k": 1}), cell("a", metadata={"k": True}))
    assert now.raw["metadata"]["k"] is True


# ---- any notebooks


@st.composite
def versions(draw: st.DrawFn, *, ids: bool | None = None) -> tuple[Content, Content, Content]:
    """A base, and two versions of it after random edits. Without ids, each version has its own."""
    named = draw(st.booleans()) if ids is None else ids
    texts = st.lists(st.sampled_from(["a", "b", "c", "x = 1", "", "def f():"]), max_size=4).map("\n".join)
    some = [
        cell(f"c{number}", source, kind) if named else CellData(CellId(f"c{number}"), kind, source, {"metadata": {}})
        for number, (source, kind) in enumerate(
            draw(st.lists(st.tuples(texts, st.sampled_from(["code", "markdown"])), max_size=5))
        )
    ]
    data = draw(st.data())
    sides = []
    for side in "ot":
        names = {one.id: one.id if named else CellId(f"{side}{one.id}") for one in some}
        notebook = Notebook([replace(one, id=names[one.id]) for one in some], {})
        for _ in range(draw(st.integers(0, 5))):
            change = random_change(data, notebook, EDIT_KINDS)
            if change is not None:
                notebook.apply(Transaction((change,), ME))
        sides.append(replace(Content.of(notebook), deleted={}))
    return of(some), sides[0], sides[1]


@given(versions())
def test_nothing_that_a_side_added_is_lost(contents: tuple[Content, Content, Content]) -> None:
    base, ours, theirs = contents
    notebook = Notebook(ours.cells.values(), ours.metadata)
    found = merge(base, ours, theirs)
    notebook.apply(Transaction(found.difference.changes, ME))
    assert not difference(Content.of(notebook), found.content).changes
    old = {line for one in base.cells.values() for line in lines_of(one.source)}
    marked = settled(found.content, found.conflicts, Side.MARKED)
    there = {line for one in marked.cells.values() for line in lines_of(one.source)}
    for side in (ours, theirs):
        assert {line for one in side.cells.values() for line in lines_of(one.source)} - old <= there


@given(versions(ids=True))
def test_a_cell_goes_only_if_a_side_deleted_it_and_the_other_left_it_alone(contents: tuple[Content, Content, Content]) -> None:
    base, ours, theirs = contents
    base, theirs = renamed(base, ours, theirs)
    found = merge(*contents).content.cells
    for one in {**base.cells, **ours.cells, **theirs.cells}.values():
        before, mine, other = (version.cells.get(one.id) for version in (base, ours, theirs))
        if one.id not in found:
            assert before is not None
            assert mine is None or other is None
            left = mine or other
            assert left is None or same_cell(replace(left, execution_count=before.execution_count), before)


@given(versions())
def test_one_side_that_changed_nothing_gives_the_other(contents: tuple[Content, Content, Content]) -> None:
    base, ours, theirs = contents
    found = merge(base, ours, base)
    assert (found.difference.changes, found.conflicts) == ((), ())
    found = merge(base, base, theirs)
    assert found.conflicts == ()
    assert [_values(one) for one in found.content.cells.values()] == [_values(one) for one in theirs.cells.values()]
    assert found.content.metadata == theirs.metadata
    found = merge(base, ours, ours)
    assert (found.difference.changes, found.conflicts) == ((), ())


def _values(data: CellData) -> tuple[object, ...]:
    keys = (metadata_of(data), attachments_of(data))
    return data.kind, data.source, keys, tuple(one.raw for one in data.outputs), data.execution_count


def test_a_cell_without_an_id_is_the_same_cell_from_both_sides() -> None:
    """Of two equally long alignments of moved cells, one makes the new cell the deleted one, the other does not."""
    base, edited = cells(a="", b="", c=""), [cell("a"), cell("b", "edited"), cell("c")]
    moved = [replace(cell("new"), raw={}), cell("c"), cell("a")]
    from_one, from_other = merged(base, edited, moved), merged(base, moved, edited)
    assert [conflict.part for conflict in from_one.conflicts] == [conflict.part for conflict in from_other.conflicts]
    assert sorted(sources(from_one).values()) == sorted(sources(from_other).values())


def test_cells_that_both_sides_added_are_the_same_from_both_sides() -> None:
    """Of two equally long alignments, one makes the empty cells one cell with two outputs, the other leaves them two."""
    base = cells(kept="")
    one = [replace(cell("new", "", "code", PICTURE), raw={}), cell("kept")]
    other = [cell("kept"), replace(cell("added", "", "code", STREAM), raw={})]
    from_one, from_other = merged(base, one, other), merged(base, other, one)
    assert [conflict.part for conflict in from_one.conflicts] == [conflict.part for conflict in from_other.conflicts]
    assert len(from_one.content.cells) == len(from_other.content.cells)


@given(versions(ids=True))
def test_conflicts_are_the_same_from_the_other_side(contents: tuple[Content, Content, Content]) -> None:
    base, ours, theirs = contents

    def kinds(found: Merge) -> list[tuple[object, ...]]:
        return sorted((one.part, one.path) for one in found.conflicts if one.part is not Part.ORDER)

    assert kinds(merge(base, ours, theirs)) == kinds(merge(base, theirs, ours))


@given(versions())
def test_markers_are_found_again(contents: tuple[Content, Content, Content]) -> None:
    found = merge(*contents)
    conflicts = [one for one in found.conflicts if one.part is not Part.ORDER]
    marked = settled(found.content, conflicts, Side.MARKED)
    again = list(find_marked(marked))
    assert {one.cell for one in again} == {one.cell for one in conflicts}
    for side in (Side.OURS, Side.THEIRS):
        expected, now = settled(found.content, conflicts, side), settled(marked, again, side)
        texts, others = ([one.source for one in version.cells.values() if one.source] for version in (now, expected))
        assert texts == others
        assert now.metadata == expected.metadata

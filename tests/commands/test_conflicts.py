"""Taking over what another program wrote, and resolving conflicts, by commands on a real session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.commands.conftest import CLIENT, FakeHost
from tests.support import write_notebook
from tuinb.commands import conflicts, ex_line
from tuinb.commands.conflict_pages import pages
from tuinb.commands.context import Context
from tuinb.commands.registry import COMMANDS
from tuinb.files import load
from tuinb.notebook.alignment import Hunk
from tuinb.notebook.changes import ABSENT, CellData, CellId, OutputData, SpliceSource, Transaction
from tuinb.notebook.conflicts import Conflict, Part, Side
from tuinb.notebook.difference import Content
from tuinb.session.opening import open_session
from tuinb.workspace.view_state import ViewState

if TYPE_CHECKING:
    from pathlib import Path

A, B = CellId("cell-0"), CellId("cell-1")
MERGE = "Merge both, then save"


class Work:
    """A session on a file, and a host that answers."""

    def __init__(self, path: Path) -> None:
        write_notebook(path, "a = 1\nb", "c")
        self.path = path
        self.session = open_session(load.load(path), None)
        view = ViewState(active=A)
        host = self.host = FakeHost(view)
        self.context = Context(self.session, view, CLIENT, host, host, host, host, host.open_editor, host, host)

    def edit(self, at: int, removed: str, inserted: str) -> None:
        self.session.apply(Transaction((SpliceSource(A, at, removed, inserted),), CLIENT))

    def theirs(self, *sources: str) -> None:
        write_notebook(self.path, *sources)

    def sources(self) -> list[str]:
        return [cell.source for cell in self.session.notebook]

    def said(self) -> str:
        return str(next(entry[1] for entry in reversed(self.host.log) if entry[0] == "notify"))

    async def enter(self, line: str, *answers: Any) -> None:  # noqa: ANN401 - as FakeHost has them
        self.host.answers += answers
        ex_line.execute(self.context, line)
        while self.host.later:
            await self.host.later.pop(0)

    def in_file(self) -> list[str]:
        return [cell.source for cell in load.load(self.path).notebook]


@pytest.fixture
async def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "x.ipynb")


async def test_a_clean_notebook_reads_the_file_again(work: Work) -> None:
    await work.enter("e")
    assert work.said() == "The file has nothing new."
    work.theirs("new", "c")
    work.host.folder = work.path.parent
    await work.enter("e x.ipynb")
    assert (work.sources(), work.session.modified) == (["new", "c"], False)
    assert work.said() == "Reloaded: 1 cell changed on disk by another program. {undo|undo-typing} undoes it."


async def test_unsaved_changes_are_not_discarded_unasked(work: Work) -> None:
    work.edit(0, "a", "x")
    await work.enter("e")
    assert "There are unsaved changes" in work.said()
    await work.enter("edit!")
    assert (work.sources(), work.session.modified) == (["a = 1\nb", "c"], False)
    assert work.said() == "Reloaded: 1 cell changed. {undo|undo-typing} undoes it."
    work.session.undo(CLIENT)
    assert work.sources() == ["x = 1\nb", "c"]
    work.session.redo(CLIENT)
    await work.enter("e!")
    assert work.said() == "The file has nothing new."
    await work.enter("e other.ipynb")
    assert "opens another one" in work.said()


async def test_a_merge_without_conflicts_asks_nothing(work: Work) -> None:
    work.edit(0, "a", "x")
    work.theirs("a = 1\nb", "theirs")
    await work.enter("w", MERGE)
    assert (work.sources(), work.in_file()) == (["x = 1\nb", "theirs"], ["x = 1\nb", "theirs"])
    assert not work.session.modified


@pytest.mark.parametrize(
    ("side", "source"),
    [(Side.OURS, "x = 1\nb"), (Side.THEIRS, "y = 1\nb"), (Side.BOTH, "x = 1\ny = 1\nb")],
)
async def test_a_conflict_is_chosen_and_saved(work: Work, side: Side, source: str) -> None:
    work.edit(0, "a", "x")
    work.theirs("y = 1\nb", "theirs")
    await work.enter("w", MERGE, [side])
    assert work.sources() == work.in_file() == [source, "theirs"]
    [(names, [page])] = [entry[1:] for entry in work.host.log if entry[0] == "resolve"]
    assert names == ("ours: here", "theirs: on disk")
    assert page.title == "cell 1: its source"
    assert page.rows == [("x = 1", "y = 1", True), ("b", "b", False)]
    assert page.sides == [Side.OURS, Side.THEIRS, Side.BOTH, Side.MARKED]
    assert "1 conflict resolved" in str(work.host.log)


async def test_leaving_the_conflicts_changes_nothing(work: Work) -> None:
    work.edit(0, "a", "x")
    work.theirs("y = 1\nb", "c")
    await work.enter("w", MERGE, None)
    await work.enter("resolve", None)
    assert work.said() == "Nothing was changed. :resolve shows the conflicts again."
    assert (work.sources(), work.in_file()) == (["x = 1\nb", "c"], ["y = 1\nb", "c"])
    await work.enter("w", "Cancel")
    assert work.in_file() == ["y = 1\nb", "c"]
    await work.enter("resolve", [Side.OURS])
    assert "Saving writes it over" in work.said()
    await work.enter("w")
    assert work.in_file() == ["x = 1\nb", "c"]


async def test_edit_puts_markers_into_the_cell_which_are_resolved_later(work: Work) -> None:
    work.edit(0, "a", "x")
    work.theirs("y = 1\nb", "c")
    await work.enter("resolve", [Side.MARKED])
    marked = "<<<<<<< ours\nx = 1\n=======\ny = 1\n>>>>>>> theirs\nb"
    assert work.sources()[0] == marked
    await work.enter("resolve", None)
    await work.enter("resolve", [Side.MARKED])
    assert work.said() == "0 conflicts resolved; 1 left with markers. {undo|undo-typing} undoes it."
    assert work.sources()[0] == marked
    await work.enter("resolve", [Side.THEIRS])
    assert work.sources()[0] == "y = 1\nb"
    assert work.said() == "1 conflict resolved. {undo|undo-typing} undoes it."
    await work.enter("resolve")
    assert work.said() == "There are no conflicts."


async def test_one_terminal_decides(work: Work) -> None:
    work.edit(0, "a", "x")
    work.theirs("y = 1\nb", "c")

    async def other() -> None:
        found = await work.session.incoming()
        assert found is not None
        assert await work.session.take(found, found.merge.theirs, CLIENT)

    await work.enter("resolve", other, [Side.OURS])
    assert work.sources() == ["y = 1\nb", "c"]
    assert work.said() == "The conflicts were resolved on another terminal."


async def test_a_conflict_that_changes_meanwhile_is_asked_about_again(work: Work) -> None:
    work.edit(0, "a", "x")
    work.theirs("y = 1\nb", "c")

    async def edited() -> None:
        work.edit(5, "\nb", "\nbb")

    await work.enter("resolve", edited, [Side.THEIRS], [Side.BOTH])
    assert work.sources()[0] == "x = 1\nbb\ny = 1\nb"


async def test_markers_that_change_meanwhile_are_left(work: Work) -> None:
    work.edit(0, "a = 1\nb", "<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs")

    async def edited() -> None:
        work.session.undo(CLIENT)

    await work.enter("resolve", edited, [Side.OURS])
    assert "have changed meanwhile" in work.said()
    assert work.sources()[0] == "a = 1\nb"


async def test_a_file_that_is_gone_is_made_anew_after_asking(work: Work, tmp_path: Path) -> None:
    work.path.unlink()
    work.edit(0, "a", "x")
    await work.enter("resolve")
    assert ("notify", f"{work.path}: it is gone from the disk (save it to make it anew)", "warning") in work.host.log
    for answer in ("Cancel", None):
        await work.enter("w", answer)
        assert not work.path.exists()
    await work.enter("w", "Save as another file", None)
    await work.enter("w", "Make it anew")
    assert work.in_file() == ["x = 1\nb", "c"]


def test_each_part_has_a_page() -> None:
    def output(text: str) -> tuple[OutputData, ...]:
        return (OutputData({"output_type": "stream", "name": "stdout", "text": text}),)

    cell = CellData(A, "code", "one\ntwo")
    hunk = Hunk(("old",), ("o",), ("t", "u"))
    found = pages(
        Content({A: cell, B: cell}, {}),
        [
            Conflict(A, Part.SOURCE, "", "", "", regions=(("same",), hunk)),
            Conflict(A, Part.CELL, None, None, cell),
            Conflict(B, Part.OUTPUTS, (), output("1\n2\n3"), output("1\n3")),
            Conflict(B, Part.ORDER, None, None, A),
            Conflict(B, Part.KIND, "code", "raw", "markdown"),
            Conflict(None, Part.METADATA, ABSENT, {"a": 1}, ABSENT, ("x", "y")),
            Conflict(CellId("gone"), Part.OUTPUTS, (), (), output("\n".join(map(str, range(3_000))))),
        ],
    )
    assert [page.title for page in found] == [
        "cell 1: its source",
        "cell 1: one side deleted it, and the other changed it",
        "cell 2: its outputs",
        "cell 2: both sides moved it",
        "cell 2: its type",
        "the notebook: metadata x.y",
        "cell: its outputs",
    ]
    assert found[0].rows == [("same", "same", False), ("o", "t", True), (None, "u", True)]
    assert found[1].rows == [("(deleted)", "one", True), (None, "two", True)]
    assert found[2].rows == [("1", "1", False), ("2", None, True), ("3", "3", False)]
    assert found[3].rows == [("(first)", "below cell 1", True)]
    assert found[4].rows == [("raw", "markdown", True)]
    assert found[5].rows == [("{", "(none)", True), (' "a": 1', None, True), ("}", None, True)]
    assert found[6].rows[-1] == (None, "… 1,000 more lines", True)
    assert [list(page.sides) for page in found[1:4]] == [
        [Side.OURS, Side.THEIRS],
        [Side.OURS, Side.THEIRS, Side.BOTH],
        [Side.OURS, Side.THEIRS],
    ]


def test_the_command_is_found_by_its_short_name() -> None:
    assert COMMANDS["resolve-conflicts"].function.__name__ == conflicts.resolve_conflicts.function.__name__

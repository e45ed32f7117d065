"""Unsaved changes of an earlier run are found, described, and restored as one step."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.session.support import ME
from tests.support import write_notebook
from tuinb.errors import ChangedOnDiskError, NotebookFileError
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.records import Content
from tuinb.files.journal.writer import Base, JournalWriter
from tuinb.notebook.changes import (
    ABSENT,
    AppendStream,
    CellData,
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    OutputData,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    Step,
    Transaction,
)
from tuinb.session import recovery
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.session import Session

A, B, C = (CellId(f"cell-{number}") for number in range(3))
OUTPUT = OutputData({"output_type": "stream", "text": "o"})
NEW = CellData(CellId("new"), "code", "n = 4\nm", {"id": "new", "metadata": {}}, (OUTPUT,))


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "a = 1\nb\nc", "b = 2", "c = 3")


def opened(path: Path) -> Session:
    return open_session(load.load(path), None, journal=True)


async def killed(path: Path, *changes: Change, step: Step = Step.EDIT) -> None:
    """A session that ended with unsaved changes."""
    session = opened(path)
    session._on_commit(session.notebook.apply(Transaction(changes, ME, step)))
    await session.shut_down()


def sources(session: Session) -> list[str]:
    return [cell.source for cell in session.notebook]


async def test_unsaved_changes_are_restored_as_one_step_that_can_be_undone(path: Path) -> None:
    await killed(
        path, SpliceSource(A, 0, "a", "x"), AppendStream(B, "stdout", "out\n"), SetExecutionCount(B, 7), MoveCell(C, None),
        InsertCell(NEW, A),
    )  # fmt: skip
    session = opened(path)
    [unsaved] = await recovery.find(session)
    assert (len(unsaved.difference.cells), unsaved.difference.is_elsewhere, unsaved.problem, unsaved.host) == (3, False, "", "")
    before = sources(session)
    recovery.restore(session, unsaved, ME)
    await recovery.hand_over(session, unsaved)
    assert sources(session) == ["c = 3", "x = 1\nb\nc", "n = 4\nm", "b = 2"]
    assert (session.notebook[B].outputs[0].raw["text"], session.notebook[B].execution_count) == ("out\n", 7)
    assert session.modified
    assert len(list(folder.journals().iterdir())) == 1
    session.undo(ME)
    assert (sources(session), session.modified) == (before, False)
    session.redo(ME)
    await session.shut_down()
    [again] = await recovery.find(opened(path))
    assert len(again.difference.cells) == 3
    again.leftover.discard()


async def test_undo_goes_on_where_it_was(path: Path) -> None:
    session = opened(path)

    def do(*changes: Change, step: Step = Step.EDIT) -> None:
        session.apply(Transaction(changes, ME, step))

    do(SpliceSource(A, 0, "a", "x"))
    do(DeleteCell(B))
    do(AppendStream(C, "stdout", "out\n"), step=Step.OUTPUT)
    for at, char in enumerate("hi"):
        do(SpliceSource(C, at, "", char), step=Step.TYPING)
    do(InsertCell(NEW, A))
    session.undo(ME)
    session.undo(ME)
    session.undo(ME)  # B is back
    do(MoveCell(C, None))
    walk = [sources(session)]
    while session.undo(ME):
        walk.append(sources(session))
    while session.redo(ME):
        pass
    assert walk[0] == sources(session)
    await session.shut_down()

    again = opened(path)
    [unsaved] = await recovery.find(again)
    assert recovery.restore(again, unsaved, ME)
    await recovery.hand_over(again, unsaved)
    assert sources(again) == walk[0]
    assert len(again.notebook[C].outputs) == 1
    found = [sources(again)]
    while again.undo(ME):
        found.append(sources(again))
    assert [state for state in walk if state in found] == walk
    assert found[-1] == walk[-1] == ["a = 1\nb\nc", "b = 2", "c = 3"]
    await again.shut_down(discard=True)


async def test_of_a_long_history_the_latest_steps_are_restored(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.files.journal.recovered._MOST_STEPS", 3)
    session = opened(path)
    for number in range(9):
        session.apply(Transaction((SpliceSource(A, 0, "", f"{number} "),), ME))
    await session.shut_down()
    again = opened(path)
    [unsaved] = await recovery.find(again)
    assert recovery.restore(again, unsaved, ME)
    unsaved.leftover.discard()
    assert sources(again)[0] == "8 7 6 5 4 3 2 1 0 a = 1\nb\nc"
    for left in ("7 6 5 4 3 2 1 0 a = 1", "6 5 4 3 2 1 0 a = 1", "5 4 3 2 1 0 a = 1", "a = 1"):
        again.undo(ME)
        assert sources(again)[0] == f"{left}\nb\nc"
    assert again.undo(ME) is None
    await again.shut_down(discard=True)


async def test_a_step_that_does_not_fit_is_made_up_for(path: Path) -> None:
    await killed(path, SpliceSource(A, 0, "a", "x"))
    session = opened(path)
    [unsaved] = await recovery.find(session)
    assert unsaved.history is not None
    broken = replace(unsaved.history, steps=[Transaction((SpliceSource(A, 0, "no", ""),), ME)])
    assert recovery.restore(session, replace(unsaved, history=broken), ME)
    assert sources(session)[0] == "x = 1\nb\nc"
    unsaved.leftover.discard()
    await session.shut_down(discard=True)


async def test_changes_that_are_in_the_file_are_none(path: Path) -> None:
    await killed(path, SpliceSource(A, 0, "a", "x"))
    session = open_session(load.load(path), None)
    session.apply(Transaction((SpliceSource(A, 0, "a", "x"),), ME))
    await session.save(endorse=False)
    assert await recovery.find(session) == []
    assert list(folder.journals().iterdir()) == []


async def test_a_journal_without_a_base_holds_nothing(path: Path) -> None:
    await killed(path, SpliceSource(A, 0, "a", "x"))
    [file] = folder.journals().iterdir()
    file.write_bytes(file.read_bytes()[:600])
    assert await recovery.find(opened(path)) == []
    assert not file.exists()


async def test_what_another_program_wrote_meanwhile_stays(path: Path) -> None:
    await killed(path, SpliceSource(A, 0, "a", "x"), DeleteCell(B))
    write_notebook(path, "theirs", "b = 2", "c = 4", "new")
    session = opened(path)
    [unsaved] = await recovery.find(session)
    assert (unsaved.difference.is_elsewhere, unsaved.difference.conflicts) == (True, (A,))
    recovery.restore(session, unsaved, ME)
    await recovery.hand_over(session, unsaved)
    assert sources(session) == ["x = 1\nb\nc", "c = 4", "new"]
    session.undo(ME)
    assert sources(session) == ["theirs", "b = 2", "c = 4", "new"]


async def test_a_renamed_notebook_gets_its_changes(path: Path, tmp_path: Path) -> None:
    await killed(path, SpliceSource(A, 0, "a", "x"))
    await asyncio.to_thread(path.rename, tmp_path / "renamed.ipynb")
    assert len(await recovery.find(opened(tmp_path / "renamed.ipynb"))) == 1


async def test_a_new_notebook_gets_its_changes(tmp_path: Path) -> None:
    path = tmp_path / "new.ipynb"
    loaded = load.new(path, {"name": "python3"})
    session = open_session(loaded, None, journal=True)
    cell = loaded.notebook.order[0]
    session.apply(Transaction((SpliceSource(cell, 0, "", "x = 1"), InsertCell(NEW, cell)), ME))
    await session.shut_down()
    again = open_session(load.new(path, {"name": "python3"}), None)
    [unsaved] = await recovery.find(again)
    assert not unsaved.difference.is_elsewhere
    recovery.restore(again, unsaved, ME)
    await recovery.hand_over(again, unsaved)
    assert sources(again) == ["x = 1", "n = 4\nm"]


async def test_a_script_gets_its_changes(tmp_path: Path) -> None:
    pytest.importorskip("jupytext")
    path = tmp_path / "script.py"
    path.write_text("# %%\na = 1\n\n# %%\nb = 2\n")
    session = opened(path)
    session.apply(Transaction((SpliceSource(session.notebook.order[1], 0, "", "x"),), ME))
    await session.save(endorse=False)
    session.apply(Transaction((SpliceSource(session.notebook.order[0], 0, "", "y"),), ME))
    await session.shut_down()
    again = opened(path)
    [unsaved] = await recovery.find(again)
    recovery.restore(again, unsaved, ME)
    await recovery.hand_over(again, unsaved)
    assert sources(again) == ["ya = 1", "xb = 2"]
    await again.shut_down(discard=True)


async def test_a_problem_is_told(path: Path) -> None:
    writer = JournalWriter()
    writer.start(Base(path, Content((), b"no notebook")))
    writer.close()
    [unsaved] = await recovery.find(opened(path))
    assert unsaved.problem
    assert unsaved.difference.changes == ()
    unsaved.leftover.release()


async def test_the_machine_is_named_if_it_is_another(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "far")
    await killed(path, SpliceSource(A, 0, "a", "x"))
    monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(path.parent / "state"))
    [unsaved] = await recovery.find(opened(path))
    assert unsaved.host == "far"


def test_a_time_is_shown_by_day_and_minute() -> None:
    seconds = time.mktime((2026, 3, 3, 14, 5, 0, 0, 0, -1))
    assert recovery.shown_time(seconds) == "Tue 3 Mar 14:05"


# ---- what is told of the changes


async def described(path: Path, *changes: Change) -> str:
    await killed(path, *changes)
    session = opened(path)
    [unsaved] = await recovery.find(session)
    return recovery.report(unsaved, session.notebook)


async def test_changes_are_described_by_cells(path: Path) -> None:
    display = OutputData({"output_type": "display_data", "data": {"image/png": "x"}, "metadata": {}})
    told = await described(
        path,
        SpliceSource(A, 0, "a", "x"),
        SetOutputs(A, (display, OutputData({"output_type": "error", "traceback": ["line", "Error"]}))),
        DeleteCell(B),
        SetKind(C, "markdown"),
        SetMetadata(C, "tags", ["t"]),
        MoveCell(C, None),
        InsertCell(NEW, A),
        SetMetadata(None, "name", 1),
    )
    blocks = [block.splitlines() for block in told.strip().split("\n\n")]
    assert blocks == [
        ["── the notebook", "metadata: name changes"],
        ["── cell 2", "-b = 2"],
        ["── cell 3", "becomes markdown", "metadata: tags changes", "moved"],
        ["── cell 1", "-a = 1", "+x = 1", " b", " c", "output:", "+image/png", "+line", "+Error"],
        ["── a new cell, below cell 1", "+n = 4", "+m", "output:", "+o"],
    ]


async def test_lines_between_two_differences_are_left_out(path: Path) -> None:
    lines = [str(number) for number in range(12)]
    write_notebook(path, "\n".join(lines), "b", "c")
    told = await described(path, SpliceSource(A, 0, "0", "x"), InsertCell(NEW, None), SetMetadata(None, "name", 1))
    assert "── a new cell\n+n = 4" in told
    await _discard(path)
    lines[0] = lines[-1] = "x"
    told = await described(path, SpliceSource(A, 0, "\n".join(map(str, range(12))), "\n".join(lines)))
    assert told.splitlines()[1:] == ["-0", "+x", " 1", " 2", "…", " 9", " 10", "-11", "+x"]


async def test_a_long_output_is_cut(path: Path) -> None:
    told = await described(path, AppendStream(A, "stdout", "line\n" * 100))
    assert told.splitlines()[-1] == "… 60 more lines"


async def test_a_key_that_goes_is_named(path: Path) -> None:
    write_notebook(path, "a", name=1)
    assert await described(path, SetMetadata(None, "name", ABSENT)) == "── the notebook\nmetadata: name is removed\n"


async def _discard(path: Path) -> None:
    for left in folder.leftovers(path):
        left.discard()


# ---- to another file


async def test_a_copy_has_the_changes(path: Path, tmp_path: Path) -> None:
    await killed(path, SpliceSource(A, 0, "a", "x"))
    [left] = folder.leftovers(path)
    assert recovery.copy_to(left, tmp_path / "out.ipynb") == ""
    assert load.load(tmp_path / "out.ipynb").notebook.at(0).source == "x = 1\nb\nc"
    with pytest.raises(ChangedOnDiskError):
        recovery.copy_to(left, tmp_path / "out.ipynb")
    assert left.file.exists()
    left.file.write_bytes(left.file.read_bytes()[:600])
    with pytest.raises(NotebookFileError, match="damaged"):
        recovery.copy_to(left, tmp_path / "other.ipynb")
    left.release()

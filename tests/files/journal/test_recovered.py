"""A journal that is cut or damaged anywhere restores the notebook as it was after some of its transactions, and never fails."""

from __future__ import annotations

import random
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.journal.support import Journaled, frame, state
from tests.notebook.building import EDIT_KINDS, OUTPUT_KINDS, random_change
from tests.support import NOTEBOOKS, write_notebook
from tuinb.errors import NotebookFileError
from tuinb.files import load
from tuinb.files.journal import records
from tuinb.files.journal.records import Content, Kind
from tuinb.files.journal.recovered import recover
from tuinb.notebook.changes import AppendOutput, AppendStream, CellData, CellId, DeleteCell, InsertCell, MoveCell, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def worked(path: Path) -> Journaled:
    """A notebook after a bit of work."""
    work = Journaled(path)
    first, second = work.notebook.order[:2]
    work.desk.type(first, 0, "x")
    work.desk.do(AppendStream(first, "stdout", "10 %\r20 %\n\ud800é"), step=Step.OUTPUT)
    work.desk.do(InsertCell(work.notebook.fresh(CellData(CellId(""), "code", "new", {"metadata": {}})), first))
    work.desk.do(DeleteCell(second))
    work.desk.undo()
    work.desk.do(MoveCell(first, second))
    return work


def restored(data: bytes) -> list[Any] | None:
    found = recover(data)
    return None if found is None else state(found.restored.notebook)


@pytest.mark.parametrize("name", ["ids.ipynb", "no-ids.ipynb"])
def test_a_journal_that_is_cut_anywhere_is_a_prefix_of_the_work(name: str, folder: Path) -> None:
    path = write_notebook(folder / name, "a = 1", "b = 2", "c = 3")
    if name == "no-ids.ipynb":
        text = path.read_text().replace('"nbformat_minor": 5', '"nbformat_minor": 4')
        path.write_text("".join(line for line in text.splitlines(keepends=True) if '"id"' not in line))
    work = worked(path)
    data = work.bytes()
    assert restored(data) == work.states[-1]
    reached = -1
    for end in range(len(data) + 1):
        for tail in (b"", b"\0" * 100):
            found = restored(data[:end] + tail)
            if found is None:
                assert reached == -1
            else:
                # The state after an undo is one that was there before.
                reached = next(at for at in range(max(reached, 0), len(work.states)) if work.states[at] == found)
    assert reached == len(work.states) - 1


@given(data=st.data())
@settings(max_examples=25)
def test_any_work_is_restored(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        work = Journaled(write_notebook(folder / "x.ipynb", "one\ntwo", "three", ""))
        for _ in range(data.draw(st.integers(1, 12))):
            step, kinds = data.draw(
                st.sampled_from([(Step.EDIT, EDIT_KINDS), (Step.TYPING, ("splice",)), (Step.OUTPUT, OUTPUT_KINDS)])
            )
            if data.draw(st.booleans()) and data.draw(st.booleans()):
                work.desk.undo()
            elif (change := random_change(data, work.notebook, kinds)) is not None:
                work.desk.do(change, step=step)
        whole = work.bytes()
        assert restored(whole) == work.states[-1]
        end = int(data.draw(st.floats(0, 1)) * len(whole))
        found = restored(whole[:end] + bytes(data.draw(st.integers(0, 50))))
        assert found is None or found in work.states


def test_a_damaged_byte_ends_the_journal_there(folder: Path) -> None:
    work = worked(write_notebook(folder / "x.ipynb", "a = 1", "b = 2", "c = 3"))
    data = work.bytes()
    chance = random.Random(1)
    for _ in range(1000):
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        found = restored(bytes(damaged))
        assert found is None or found in work.states


def test_a_record_that_does_not_fit_ends_it_and_is_named(folder: Path) -> None:
    work = worked(write_notebook(folder / "x.ipynb", "a = 1", "b = 2", "c = 3"))
    strange = frame(Kind.CHANGES, zlib.compress(b'[{"type": "Later"}]'))
    found = recover(work.bytes() + strange)
    assert found is not None
    assert state(found.restored.notebook) == work.states[-1]
    assert "Later" in found.problem


@pytest.mark.parametrize("payload", [b"", b"no zlib", zlib.compress(b"[" * 100_000), zlib.compress(b"{}")])
@pytest.mark.parametrize("kind", [Kind.CHANGES, Kind.SNAPSHOT, Kind.SEED])
def test_a_record_with_a_checksum_and_nonsense_in_it_ends_it(kind: Kind, payload: bytes, folder: Path) -> None:
    work = worked(write_notebook(folder / "x.ipynb", "a = 1", "b = 2", "c = 3"))
    found = recover(work.bytes() + frame(kind, payload))
    assert found is not None
    assert state(found.restored.notebook) == work.states[-1]
    assert found.problem or payload == zlib.compress(b"{}")


def headers() -> Iterator[bytes]:
    yield b""
    yield b"something else"
    yield records.MAGIC
    yield records.MAGIC + frame(Kind.BASE, b"")
    for payload in (b"", b"no json", b"[]", b'{"version": 99}', b'{"version": 1}', b'{"version": 1, "more": 2}'):
        yield records.MAGIC + frame(Kind.HEADER, payload)


@pytest.mark.parametrize("data", [*headers()])
def test_what_is_no_journal_restores_nothing(data: bytes) -> None:
    assert recover(data) is None


def test_work_goes_on_from_a_snapshot(folder: Path) -> None:
    work = worked(write_notebook(folder / "x.ipynb", "a = 1", "b = 2", "c = 3"))
    work.writer.start(work.base, snapshot=Content(list(work.notebook.order), work.file.render(work.notebook)))
    work.desk.type(work.notebook.order[0], 0, "y")
    found = recover(work.bytes())
    assert found is not None
    assert [cell.source for cell in found.restored.notebook] == [cell.source for cell in work.notebook]
    assert [cell.source for cell in found.base.notebook] == ["a = 1", "b = 2", "c = 3"]


def test_what_was_not_edited_keeps_its_bytes_in_a_restored_file(folder: Path) -> None:
    path = folder / "analysis.ipynb"
    path.write_bytes((NOTEBOOKS / "analysis.ipynb").read_bytes())
    work = Journaled(path)
    work.desk.type(work.notebook.order[1], 0, "# added\n")
    found = recover(work.bytes())
    assert found is not None
    found.restored.file.save_now(found.restored.notebook, folder / "out.ipynb")
    work.file.save_now(work.notebook)
    assert (folder / "out.ipynb").read_bytes() == path.read_bytes()


def test_an_old_format_is_restored_as_it_was_upgraded(folder: Path) -> None:
    path = folder / "old.ipynb"
    path.write_text(
        '{"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [{"cell_type": "code",'
        ' "collapsed": false, "input": ["a"], "language": "python", "metadata": {}, "outputs": []}]}]}'
    )
    work = Journaled(path)
    work.desk.type(work.notebook.order[0], 1, "b")
    found = recover(work.bytes())
    assert found is not None
    assert [cell.source for cell in found.restored.notebook] == ["ab"]


def test_a_base_that_this_version_cannot_open_is_an_error(folder: Path) -> None:
    work = Journaled(write_notebook(folder / "x.ipynb", "a"))
    work.writer.start(work.base.__class__(work.base.path, Content((), b"no notebook")))
    with pytest.raises(NotebookFileError):
        recover(work.bytes())
    assert load.load(work.base.path).notebook.at(0).source == "a"


def test_lone_surrogates_that_follow_each_other_stay_two(folder: Path) -> None:
    work = Journaled(write_notebook(folder / "a.ipynb", "ab"))
    cell = work.notebook.order[0]
    work.desk.type(cell, 1, "\ud83d\ude00")
    work.desk.type(cell, 2, "-")
    assert restored(work.bytes()) == work.states[-1]


def test_a_long_text_is_written_in_pieces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_LONGEST", 10)
    work = worked(write_notebook(folder / "a.ipynb", "a", "b"))
    work.desk.do(AppendStream(work.notebook.order[0], "stdout", "0123456789" * 3 + "end"), step=Step.OUTPUT)
    found = recover(work.bytes())
    assert found is not None
    assert state(found.restored.notebook) == work.states[-1]
    written = [change for step in found.history()[1] for change in step.changes if isinstance(change, AppendStream)]
    assert [len(change.text) for change in written][-4:] == [10, 10, 10, 3]


@pytest.mark.parametrize("value", ["x" * 500, [1.5] * 500, {str(key): [None, "\ud83d\ude00é"] for key in range(100)}, 1])
def test_a_long_output_is_written_in_pieces(value: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(records, "_LONGEST", 400)
    monkeypatch.setattr(records, "_TOKENS", 10)
    assert records._is_long({"a": [value]}) is (value != 1)
    work = Journaled(write_notebook(folder / "a.ipynb", "a"))
    output = {"output_type": "display_data", "data": {"application/json": value}, "metadata": {}}
    work.desk.do(AppendOutput(work.notebook.order[0], output), step=Step.OUTPUT)
    work.desk.type(work.notebook.order[0], 0, "x")
    assert restored(work.bytes()) == work.states[-1]

"""The outputs of a cell: merged streams, pending clears, display ids."""

from __future__ import annotations

from tests.notebook.building import DISPLAY, LOADED, A, B, apply, content, notebook_of
from tuinb.mime import joined
from tuinb.notebook.changes import (
    AppendOutput,
    AppendStream,
    CellData,
    ClearOutputs,
    DeleteCell,
    InsertCell,
    OutputData,
    RestoreOutputs,
    SetOutputs,
    UpdateDisplay,
)
from tuinb.notebook.document import Notebook

ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}


def texts(notebook: Notebook) -> list[str]:
    return [output.stream.text() if output.stream is not None else output.type for output in notebook[A].outputs]


def test_a_stream_goes_on_where_it_is_the_last() -> None:
    notebook = notebook_of("")
    for name, text in (("stdout", "1"), ("stdout", "2"), ("stderr", "3"), ("stdout", "4")):
        apply(notebook, AppendStream(A, name, text))
    apply(notebook, AppendOutput(A, ERROR), AppendStream(A, "stdout", "5"))
    assert texts(notebook) == ["12", "3", "4", "error", "5"]
    assert [output.name for output in notebook[A].outputs] == ["stdout", "stderr", "stdout", "", "stdout"]


def test_a_stream_is_saved_as_it_is_shown() -> None:
    notebook = notebook_of("")
    apply(notebook, AppendStream(A, "stdout", "100\r5"))
    assert notebook[A].outputs.to_json() == ({"name": "stdout", "output_type": "stream", "text": "500"},)


def test_a_pending_clear_waits_for_the_next_output() -> None:
    notebook = notebook_of("", "")
    apply(notebook, AppendOutput(A, DISPLAY, "x"), AppendOutput(B, DISPLAY, "x"))
    waiting = apply(notebook, ClearOutputs(A, wait=True))
    assert notebook[A].outputs.pending_clear
    apply(notebook, UpdateDisplay("x", {"text/plain": "new"}, {}))
    assert notebook[A].outputs[0].data == notebook[B].outputs[0].data == {"text/plain": "new"}
    before = content(notebook)
    flushed = apply(notebook, AppendStream(A, "stdout", "1"))
    assert texts(notebook) == ["1"]
    assert apply(notebook, UpdateDisplay("x", {}, {})).touched == {B}
    apply(notebook, UpdateDisplay("x", {"text/plain": "new"}, {}))
    apply(notebook, *flushed.inverse)
    assert content(notebook) == before
    apply(notebook, *waiting.inverse)
    assert not notebook[A].outputs.pending_clear
    apply(notebook, ClearOutputs(A, wait=True), SetOutputs(A), AppendStream(A, "stdout", "1"), AppendStream(A, "stdout", "2"))
    assert texts(notebook) == ["12"]


def test_an_update_reaches_every_output_of_the_id_and_no_other() -> None:
    notebook = notebook_of("")
    apply(notebook, *(AppendOutput(A, {**DISPLAY, "more": 1}, name) for name in ("x", "y", "x", None)))
    keys = [(output, output.revision) for output in notebook[A].outputs]
    applied = apply(notebook, UpdateDisplay("x", {"text/plain": "new"}, {"m": 1}))
    outputs = [*notebook[A].outputs]
    assert [output.data["text/plain"] for output in outputs] == ["new", "old", "new", "old"]
    assert outputs[0].metadata == {"m": 1}
    assert outputs[0].raw["more"] == 1
    assert [(output, output.revision) == key for output, key in zip(outputs, keys, strict=True)] == [False, True, False, True]
    apply(notebook, *applied.inverse)
    assert [output.data["text/plain"] for output in outputs] == ["old"] * 4
    assert (outputs[0], outputs[0].revision) != keys[0]


def test_what_a_file_held_is_given_back_until_it_changes() -> None:
    odd = {"output_type": 7, "data": "no", "metadata": None}
    notebook = Notebook([CellData(A, "code", "", {}, (OutputData(odd), OutputData(LOADED)))])
    outputs = notebook[A].outputs
    assert outputs[0].original is odd
    assert (outputs[0].type, outputs[0].data, outputs[0].metadata, outputs[0].stream) == ("", {}, {}, None)
    untouched = outputs[1].revision
    assert outputs[1].stream is not None
    assert outputs[1].stream.lines(0, 2) == ["1", "2"]
    assert outputs[1].original is LOADED
    assert outputs[1].revision == untouched
    assert outputs[1].to_json() == LOADED
    applied = apply(notebook, AppendStream(A, "stdout", "3"))
    assert notebook[A].outputs[1].original is None
    assert outputs[1].revision > untouched
    assert outputs[1].to_json() == {**LOADED, "text": "1\n23"}
    apply(notebook, *applied.inverse)
    assert notebook[A].outputs[1].original is LOADED
    assert notebook[A].outputs.to_json() == (odd, LOADED)


def test_going_back_leaves_what_others_hold() -> None:
    """A stream grows in place; a state from before gets a copy of what was."""
    notebook = Notebook([CellData(A, "code", "", {}, (OutputData(LOADED),))])
    state = notebook[A].outputs.snapshot()
    grown = notebook[A].outputs[0]
    apply(notebook, AppendStream(A, "stdout", "3"))
    apply(notebook, RestoreOutputs(A, state))
    assert texts(notebook) == ["1\n2"]
    assert notebook[A].outputs[0].original is LOADED
    assert grown.stream is not None
    assert grown.stream.text() == "1\n23"
    apply(notebook, SetOutputs(A), AppendStream(A, "stdout", "a"))
    unread = notebook[A].outputs.snapshot()
    apply(notebook, AppendStream(A, "stdout", "b"))
    apply(notebook, RestoreOutputs(A, unread))
    assert texts(notebook) == ["a"]
    assert notebook[A].outputs[0].original is None


def test_outputs_that_arrive_after_a_clear_stay_behind_the_restored_ones() -> None:
    notebook = notebook_of("")
    apply(notebook, AppendStream(A, "stdout", "old"), AppendOutput(A, DISPLAY, "x"))
    cleared = apply(notebook, SetOutputs(A))
    assert apply(notebook, UpdateDisplay("x", {}, {})).touched == frozenset()
    apply(notebook, AppendStream(A, "stdout", "late"))
    restored = apply(notebook, *cleared.inverse)
    assert texts(notebook) == ["old", "display_data", "late"]
    assert apply(notebook, UpdateDisplay("x", {}, {})).touched == {A}
    apply(notebook, *restored.inverse)
    assert texts(notebook) == ["late"]


def test_a_multi_line_string() -> None:
    assert joined("a") == "a"
    assert joined(["a\n", 1, "b"]) == "a\nb"
    assert joined(None) == ""


def test_a_cell_as_a_value_keeps_its_display_ids() -> None:
    notebook = notebook_of("")
    apply(notebook, AppendOutput(A, DISPLAY, "x"), AppendStream(A, "stdout", "1"))
    data = notebook[A].data()
    assert [output.display_id for output in data.outputs] == ["x", None]
    restored = Notebook([data])
    assert apply(restored, UpdateDisplay("x", {"text/plain": "new"}, {})).touched == {A}
    assert restored[A].outputs[0].data == {"text/plain": "new"}
    apply(notebook, SetOutputs(A), SetOutputs(A, data.outputs))
    assert apply(notebook, UpdateDisplay("x", {}, {})).touched == {A}


def test_an_update_does_not_reach_a_pasted_copy() -> None:
    """A copy shows what was there when it was copied, as in JupyterLab; undo of a cut brings the display back whole."""
    notebook = notebook_of("")
    apply(notebook, AppendOutput(A, DISPLAY, "x"))
    copied = notebook.fresh(notebook[A].data())
    cut = apply(notebook, InsertCell(copied, A), DeleteCell(A))
    apply(notebook, *cut.inverse[:1])
    apply(notebook, UpdateDisplay("x", {"text/plain": "new"}, {}))
    assert notebook[A].outputs[0].data == {"text/plain": "new"}
    assert notebook[copied.id].outputs[0].data == {"text/plain": "old"}

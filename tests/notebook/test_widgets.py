"""The table of models: bounds, what is saved and read again, and what hostile states cost."""

from __future__ import annotations

from typing import Any

import pytest

from tuinb.mime import WIDGET_VIEW
from tuinb.notebook import changes as c
from tuinb.notebook import widgets as module
from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.notebook.document import Notebook
from tuinb.notebook.widgets import STATE, Widgets, measure, model_of, references, saved_state_for


def saved(**entries: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"widgets": {STATE: {"version_major": 2, "version_minor": 0, "state": entries}}}


def showing(*models: str) -> CellData:
    bundles = [{WIDGET_VIEW: {"model_id": model}} for model in models]
    outputs = tuple(OutputData({"output_type": "display_data", "data": bundle, "metadata": {}}) for bundle in bundles)
    return CellData(CellId("cell"), "code", "", {}, outputs)


def entry(**state: object) -> dict[str, Any]:
    return {"model_name": "BarModel", "model_module": "m", "model_module_version": "2.0.0", "state": state}


def test_a_revision_says_whether_any_of_several_changed() -> None:
    table = Widgets(Notebook())
    table.open("a", {})
    table.open("b", {})
    before = table.revision_of(["a", "b", "unknown"])
    assert table.revision_of(["unknown"]) == 0
    table.update("a", {"x": 1})
    assert table.revision_of(["a", "b"]) > before
    assert not table.update("unknown", {})


def test_models_are_bounded_and_the_closed_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MODELS", 3)
    table = Widgets(Notebook())
    for model in "abc":
        table.open(model, {"k": model})
    table.close("b")
    table.open("d", {})
    gone = table.find("b")
    assert gone is not None
    assert (gone.closed, gone.state) == (True, {})
    table.on_kernel_lost()
    table.open("e", {})
    assert table.find("a") is None
    table.open("f", {})
    table.open("g", {})
    table.open("h", {})
    assert [model for model in "abcdefgh" if table.live(model)] == ["f", "g", "h"]


def test_what_is_known_of_the_closed_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MODELS", 2)
    table = Widgets(Notebook())
    for number in range(6):
        table.open(str(number), {})
        table.close(str(number))
    assert [table.find(str(number)) is not None for number in range(6)] == [False, False, True, True, True, True]


def test_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    table = Widgets(Notebook())
    table.open("a", {"text": "x" * 300})
    table.open("b", {"text": "x" * 300})
    table.update("a", {"text": ""})
    table.open("c", {"text": "x" * 400})
    assert table.find("a") is not None
    table.update("c", {"text": "x" * 800})
    assert (table.find("a"), table.find("b")) == (None, None)
    table.update("c", {"text": "x" * 2000})
    assert table.find("c") is None


def test_a_state_as_deep_as_can_be_is_cut() -> None:
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    table = Widgets(Notebook())
    table.open("a", {"deep": deep, "other": {"k": [1]}})
    found = table.find("a")
    assert found is not None
    assert found.to_json()["state"] == {"deep": None, "other": {"k": [1]}}


def test_measure() -> None:
    assert measure("ab")[0] == measure("a")[0] + 1
    assert measure({"a": [{"b": 1}]})[1] == 3
    assert measure({"ab": 1})[0] == measure({"a": 1})[0] + 1
    assert measure([1] * 10)[0] > measure([1])[0]


@pytest.mark.parametrize("view", [None, 3, [], {}, {"model_id": 3}])
def test_a_view_without_a_model(view: object) -> None:
    assert model_of(view) is None


def test_references() -> None:
    assert sorted(references({"children": ["IPY_MODEL_a", {"x": "IPY_MODEL_b"}], "text": "plain", "n": 1})) == ["a", "b"]


# ---- saved


def test_a_model_is_read_from_the_metadata() -> None:
    state = {
        **entry(value=3, _model_name="OwnModel"),
        "buffers": [
            {"path": ["raw"], "data": "YWI=", "encoding": "base64"},
            {"path": ["hex"], "data": "6162", "encoding": "hex"},
            {"path": ["bad"], "data": "!", "encoding": "hex"},
            {"path": ["odd"], "data": "", "encoding": "rot13"},
            "nothing",
        ],
    }
    table = Widgets(Notebook(metadata=saved(a=state, b=entry(), c={"state": 3}, d=4)))
    found = table.find("a")
    assert found is not None
    assert found.state == {
        "_model_name": "OwnModel",
        "_model_module": "m",
        "_model_module_version": "2.0.0",
        "value": 3,
        "raw": b"ab",
        "hex": b"ab",
    }
    assert table.live("a") is None
    assert (table.find("c"), table.find("d"), table.find("e")) == (None, None, None)


@pytest.mark.parametrize(
    "metadata", [{}, {"widgets": 3}, {"widgets": {}}, {"widgets": {STATE: 3}}, {"widgets": {STATE: {"state": []}}}]
)
def test_metadata_without_models(metadata: dict[str, Any]) -> None:
    assert Widgets(Notebook(metadata=metadata)).find("a") is None


def test_saved_models_follow_the_metadata() -> None:
    notebook = Notebook(metadata=saved(a=entry(x=1)))
    table = Widgets(notebook)
    assert table.find("a") is not None
    assert table.find("a") is table.find("a")
    notebook.apply(c.Transaction((c.SetMetadata(None, "widgets", c.ABSENT),), c.KERNEL))
    assert table.find("a") is None


def test_saved_outputs_are_merged() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["a"]}
    state = {"_model_name": "OutputModel", "outputs": [stream, {**stream, "name": 3, "text": "b"}]}
    found = Widgets(Notebook(metadata=saved(a={"state": state}))).find("a")
    assert found is not None
    assert found.outputs is not None
    assert [output["text"] for output in found.outputs.to_json()] == ["ab"]


def test_a_kernel_s_model_goes_before_a_saved_one() -> None:
    table = Widgets(Notebook(metadata=saved(a=entry(x=1))))
    table.open("a", {"x": 2})
    found = table.find("a")
    assert found is not None
    assert found.state == {"x": 2}


def test_nothing_is_saved_where_no_kernel_made_a_model() -> None:
    assert Widgets(Notebook(metadata=saved(a=entry()))).to_json() is None


def test_of_what_was_saved_before_that_is_kept_which_is_still_shown() -> None:
    box, child = entry(children=["IPY_MODEL_child", "IPY_MODEL_missing", "IPY_MODEL_box"]), entry(x=1)
    notebook = Notebook([showing("box", "new", "nowhere")], saved(box=box, child=child, other=entry()))
    table = Widgets(notebook)
    table.open("new", {"_model_name": "N", "_model_module": "m", "_model_module_version": "1", "x": 1})
    assert table.to_json() == {
        STATE: {
            "version_major": 2,
            "version_minor": 0,
            "state": {
                "box": box,
                "child": child,
                "new": {
                    "model_name": "N",
                    "model_module": "m",
                    "model_module_version": "1",
                    "state": {"_model_name": "N", "_model_module": "m", "_model_module_version": "1", "x": 1},
                },
            },
        }
    }


def test_only_models_that_outputs_show_are_kept() -> None:
    inner: dict[str, Any] = {"state": {}}
    metadata = saved(a={"state": {"children": ["IPY_MODEL_b"]}}, b=inner, c=inner)
    found = saved_state_for(showing("a").outputs, metadata)
    assert isinstance(found, dict)
    assert list(found[STATE]["state"]) == ["a", "b"]
    assert found[STATE]["version_major"] == 2
    assert saved_state_for(showing("x").outputs, metadata) is c.ABSENT

"""The controls of widgets, and the state that an answer of the user sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from tuinb.errors import UsageError
from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.notebook.document import Notebook
from tuinb.notebook.widget_controls import Control, Kind, controls_in
from tuinb.notebook.widgets import Widgets

if TYPE_CHECKING:
    from collections.abc import Mapping

CELL = CellId("c")


def view(model: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {WIDGET_VIEW: {"model_id": model}}, "metadata": {}}


def controls(models: Mapping[str, Mapping[str, Any]], *shown: str) -> list[Control]:
    """Returns the controls of a cell that shows these models."""
    outputs = tuple(OutputData(view(model)) for model in shown)
    notebook = Notebook([CellData(CELL, "code", "", {}, outputs)])
    widgets = Widgets(notebook)
    for model, state in models.items():
        widgets.open(model, state)
    return controls_in(widgets, notebook[CELL].outputs)


def one(name: str, **state: Any) -> Control:  # noqa: ANN401 - any JSON
    (found,) = controls({"m": {"_model_name": name, **state}}, "m")
    return found


LABELS = {"_options_labels": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("control", "kind", "value"),
    [
        (one("ButtonModel", description="Go"), Kind.PRESS, ""),
        (one("CheckboxModel", value=True), Kind.SWITCH, "on"),
        (one("ToggleButtonModel", value=False), Kind.SWITCH, "off"),
        (one("DropdownModel", index=1, **LABELS), Kind.CHOICE, "b"),
        (one("RadioButtonsModel", index=None, **LABELS), Kind.CHOICE, ""),
        (one("SelectMultipleModel", index=[0, 2, 9, "x"], **LABELS), Kind.CHOICES, "a, c"),
        (one("TabModel", selected_index=0, children=["IPY_MODEL_x"], titles=["One"]), Kind.CHOICE, "One"),
        (one("AccordionModel", selected_index=None, children=["IPY_MODEL_x"]), Kind.CHOICE, ""),
        (one("IntSliderModel", value=3, min=0, max=9), Kind.NUMBER, "3"),
        (one("FloatRangeSliderModel", value=[1.5, 2], min=0, max=9), Kind.NUMBERS, "1.5 2"),
        (one("TextModel", value="x y"), Kind.TEXT, "x y"),
    ],
)
def test_what_is_a_control(control: Control, kind: Kind, value: str) -> None:
    assert control.kind is kind
    assert control.value == value


@pytest.mark.parametrize(
    "state",
    [
        {"_model_name": "IntProgressModel", "value": 3},
        {"_model_name": ["ButtonModel"]},
        {},
        {"_model_name": "ButtonModel", "disabled": True},
        {"_model_name": "ButtonModel", "layout": "IPY_MODEL_hidden"},
        {"_model_name": "ButtonModel", "layout": "IPY_MODEL_gone"},
        {"_model_name": "IntSliderModel", "value": "3", "min": 0, "max": 9},
        {"_model_name": "IntSliderModel", "value": 3, "min": 9, "max": 0},
        {"_model_name": "IntRangeSliderModel", "value": [1, None], "min": 0, "max": 9},
        {"_model_name": "TextModel", "value": 3},
        {"_model_name": "DropdownModel", "index": 0},
        {"_model_name": "DropdownModel", "index": 0, "_options_labels": []},
        {"_model_name": "TabModel", "children": []},
    ],
)
def test_what_is_no_control(state: Mapping[str, Any]) -> None:
    models = {"m": state, "hidden": {"display": "none"}, "gone": {"visibility": "hidden"}}
    assert not controls(models, "m")


def test_the_order_of_a_view() -> None:
    button = {"_model_name": "ButtonModel", "layout": "IPY_MODEL_unknown"}
    models: dict[str, Mapping[str, Any]] = {
        "box": {"_model_name": "VBoxModel", "children": ["IPY_MODEL_a", 3, "IPY_MODEL_box", "IPY_MODEL_tab", "IPY_MODEL_out"]},
        "tab": {"_model_name": "TabModel", "selected_index": 1, "children": ["IPY_MODEL_b", "IPY_MODEL_c"], "titles": ["", 3]},
        "stack": {"_model_name": "StackModel", "selected_index": None, "children": ["IPY_MODEL_b"]},
        "out": {"_model_name": "OutputModel", "outputs": [view("d"), {"output_type": "stream", "name": "stdout", "text": "x"}]},
        **{name: {**button, "description": name} for name in "abcde"},
    }
    found = controls(models, "box", "stack", "e", "nobody", "a")
    assert [control.label for control in found] == ["a", "Tab", "c", "d", "e"]
    assert found[1].options == ("1", "2")
    assert not controls({str(n): {} for n in range(1001)} | {"last": button}, *map(str, range(1001)), "last")


def test_labels() -> None:
    assert one("TextModel", value="", placeholder="your name").label == "your name"
    assert one("TextModel", value="", placeholder="\u200b").label == "Text"
    assert len(one("TextModel", value="", description="x" * 999).label) == 200


def test_a_password_is_a_secret() -> None:
    assert one("PasswordModel", value="x").is_secret
    assert not one("TextModel", value="x").is_secret


def test_switches_and_choices() -> None:
    assert one("CheckboxModel", value=True).switched() == {"value": False}
    assert one("CheckboxModel", value=None).switched() == {"value": True}
    assert one("DropdownModel", index=1, **LABELS).with_choice(2) == {"index": 2}
    assert one("TabModel", selected_index=1, children=["IPY_MODEL_x"]).with_choice(0) == {"selected_index": 0}
    several = one("SelectMultipleModel", index=[2], **LABELS)
    assert several.with_choice(0) == {"index": [0, 2]}
    assert several.with_choice(2) == {"index": []}


@pytest.mark.parametrize(
    ("control", "text", "value"),
    [
        (one("TextareaModel", value=""), " any text ", " any text "),
        (one("IntSliderModel", value=3, min=0, max=9), "7", 7),
        (one("IntSliderModel", value=3, min=0, max=9), "7.6", 8),
        (one("BoundedIntTextModel", value=3, min=0, max=9), "-70", 0),
        (one("IntTextModel", value=3), "-70", -70),
        (one("FloatSliderModel", value=3, min=0, max=9), "99", 9.0),
        (one("FloatTextModel", value=3.0), "1e3", 1000.0),
        (one("IntRangeSliderModel", value=[1, 2], min=0, max=9), "20, 4", [4, 9]),
        (one("FloatLogSliderModel", value=10.0, base=10, min=-1, max=2), "1000", 100.0),
    ],
)
def test_texts(control: Control, text: str, value: object) -> None:
    assert control.with_text(text) == {"value": value}


@pytest.mark.parametrize("text", ["", "x", "1 2", "nan", "1e999"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match="takes a number"):
        one("IntSliderModel", value=3, min=0, max=9).with_text(text)
    with pytest.raises(UsageError, match="takes two numbers"):
        one("IntRangeSliderModel", value=[1, 2], min=0, max=9).with_text(text.partition(" ")[0])


@pytest.mark.parametrize(
    ("control", "limits"),
    [
        (one("IntSliderModel", value=3, min=0, max=9), "0 to 9"),
        (one("FloatSliderModel", value=3, min=0.5, max=9), "0.5 to 9.0"),
        (one("FloatLogSliderModel", value=10.0, base=2.0, min=-1, max=3), "0.5 to 8.0"),
        (one("FloatLogSliderModel", value=10.0, base=10, min=0, max=9999), ""),
        (one("FloatLogSliderModel", value=10.0, base=-1, min=0.5, max=1), ""),
        (one("IntSliderModel", value=3, min=0, max=10**400), ""),
        (one("IntSliderModel", value=3, min=0, max=math.inf), ""),
        (one("IntTextModel", value=3), ""),
    ],
)
def test_limits(control: Control, limits: str) -> None:
    assert control.limits == limits

"""The command that operates widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.commands.conftest import CLIENT
from tuinb.errors import TuinbError
from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.changes import AppendOutput, CellId, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

C0 = CellId("c0")
SLIDER = {"_model_name": "IntSliderModel", "description": "n", "value": 3, "min": 0, "max": 9}
QUESTION = "Operate which widget?"


def show(it: Desk, **models: dict[str, Any]) -> None:
    """Opens models, and shows them in a box."""
    children = [f"IPY_MODEL_{model}" for model in models]
    for model, state in {**models, "box": {"_model_name": "VBoxModel", "children": children}}.items():
        it.session.widgets.open(model, state)
    output = {"output_type": "display_data", "data": {WIDGET_VIEW: {"model_id": "box"}}, "metadata": {}}
    it.session.apply(Transaction((AppendOutput(C0, output),), CLIENT))


def operated(it: Desk) -> list[tuple[Any, ...]]:
    return [entry[1:] for entry in it.session.log if entry[0] == "operate widget"]


def test_the_only_control_is_asked_for_at_once(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    show(it, n=SLIDER)
    it.run("operate-widgets", "x", "99")
    assert [entry for entry in it.host.log if entry[0] == "ask"] == [
        ("ask", "n (0 to 9):", "3"),
        ("ask", "It takes a number. n (0 to 9):", "x"),
    ]
    assert operated(it) == [(C0, "n", {"value": 9})]
    it.run("operate-widgets", None)
    assert len(operated(it)) == 1


def test_a_list_stays_open_and_shows_the_new_values(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    options = {"_options_labels": ["x", "y"]}
    show(
        it,
        n=SLIDER,
        go={"_model_name": "ButtonModel", "description": "Go"},
        on={"_model_name": "CheckboxModel", "description": "on", "value": False},
        one={"_model_name": "DropdownModel", "description": "one", "index": 0, **options},
        some={"_model_name": "SelectMultipleModel", "description": "some", "index": [1], **options},
        secret={"_model_name": "PasswordModel", "description": "word", "value": "x"},
        free={"_model_name": "FloatTextModel", "description": "free", "value": 1.5},
    )
    it.run("operate-widgets", 1, 2, 3, "y", 3, None, 4, 0, 5, "new", 6, "2", 6, None, None)
    assert operated(it) == [
        (C0, "go", None),
        (C0, "on", {"value": True}),
        (C0, "one", {"index": 1}),
        (C0, "some", {"index": [0, 1]}),
        (C0, "secret", {"value": "new"}),
        (C0, "free", {"value": 2.0}),
    ]
    lists = [entry[2] for entry in it.host.log if entry[:2] == ("choose", QUESTION)]
    assert lists[0] == ["n: 3", "[ Go ]", "☐ on", "one: x", "some: y", "word: ••••••••", "free: 1.5"]
    assert lists[-1] == ["n: 3", "[ Go ]", "☑ on", "one: y", "some: x, y", "word: ••••••••", "free: 2.0"]
    assert ("choose", "some", ["☐ x", "☑ y"]) in it.host.log
    assert ("ask", "word:", "") in it.host.log
    assert [entry[1] for entry in it.host.log if entry[0] == "show_end"] == [10] * len(lists) + [0]


def test_what_has_no_controls(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    with pytest.raises(TuinbError, match="no output"):
        it.run("operate-widgets")
    show(it, n=SLIDER)
    it.session.widgets.on_kernel_lost()
    with pytest.raises(TuinbError, match="run the cell"):
        it.run("operate-widgets")


def test_an_output_without_widgets(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    it.session.apply(Transaction((AppendOutput(C0, output),), CLIENT))
    with pytest.raises(TuinbError, match="shows no widgets"):
        it.run("operate-widgets")

"""What a user can change in the widgets that outputs show: the controls, and the state that an answer of the user sets.

A control is a button, or a widget whose value a front end sets. The state is foreign, and may have any value under any key: a
widget whose state has other types than those of ipywidgets is no control. Values are put within their limits here, since the
kernel refuses others without a word.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from tuinb.errors import UsageError
from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.widgets import REFERENCE, model_of
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.widgets import Widgets

_MOST = 1_000
"""Maximum number of widgets that are looked at."""
_LONGEST = 200
"""Maximum characters of a label."""


class Kind(Enum):
    """What a user does with a control."""

    PRESS = auto()
    SWITCH = auto()
    CHOICE = auto()
    CHOICES = auto()
    NUMBER = auto()
    NUMBERS = auto()
    TEXT = auto()


_KINDS: Mapping[str, Kind] = {
    "ButtonModel": Kind.PRESS,
    **dict.fromkeys(("CheckboxModel", "ToggleButtonModel"), Kind.SWITCH),
    **dict.fromkeys(("DropdownModel", "RadioButtonsModel", "SelectModel"), Kind.CHOICE),
    **dict.fromkeys(("SelectionSliderModel", "ToggleButtonsModel", "TabModel", "AccordionModel"), Kind.CHOICE),
    "SelectMultipleModel": Kind.CHOICES,
    **dict.fromkeys(("IntSliderModel", "FloatSliderModel", "FloatLogSliderModel", "IntTextModel"), Kind.NUMBER),
    **dict.fromkeys(("FloatTextModel", "BoundedIntTextModel", "BoundedFloatTextModel"), Kind.NUMBER),
    **dict.fromkeys(("IntRangeSliderModel", "FloatRangeSliderModel"), Kind.NUMBERS),
    **dict.fromkeys(("TextModel", "TextareaModel", "ComboboxModel", "ColorPickerModel", "PasswordModel"), Kind.TEXT),
}
"""Keyed by the model names of ipywidgets."""
_UNFOLDING = ("TabModel", "AccordionModel", "StackModel")
"""Widgets that show one of their children."""


class Control(Record):
    """A widget that a user can change."""

    model: str
    kind: Kind
    label: str
    state: Mapping[str, Json]
    options: tuple[str, ...] = ()
    """The labels of what can be chosen."""
    low: float = -math.inf
    high: float = math.inf

    @property
    def is_secret(self) -> bool:
        """Whether its value must not be shown."""
        return self.state.get("_model_name") == "PasswordModel"

    @property
    def chosen(self) -> tuple[int, ...]:
        """The indices of the options that are chosen."""
        found = self.state.get(self._key)
        places = found if isinstance(found, list) else [found]
        return tuple(at for at in places if type(at) is int and 0 <= at < len(self.options))

    @property
    def value(self) -> str:
        """The value as text, as a user writes it."""
        if self.kind is Kind.PRESS:
            return ""
        if self.kind is Kind.SWITCH:
            return "on" if self.state.get("value") is True else "off"
        if self.kind in (Kind.CHOICE, Kind.CHOICES):
            return ", ".join(self.options[at] for at in self.chosen)
        found = self.state.get("value")
        return " ".join(map(str, found)) if isinstance(found, list) else str(found)

    @property
    def _key(self) -> str:
        return "selected_index" if self.state.get("_model_name") in _UNFOLDING else "index"

    @property
    def limits(self) -> str:
        """The limits of a number as text. Empty if it has none."""
        if self.low == -math.inf:
            return ""
        return f"{self._whole(self.low)} to {self._whole(self.high)}"

    def _whole(self, number: float) -> int | float:
        is_whole = str(self.state.get("_model_name")).startswith(("Int", "BoundedInt"))
        return round(number) if is_whole else number

    def switched(self) -> dict[str, Json]:
        """Returns the state in which a switch is the other way."""
        return {"value": self.state.get("value") is not True}

    def with_choice(self, index: int) -> dict[str, Json]:
        """Returns the state with an option chosen. Of several that can be chosen, this one is chosen, or is not any more."""
        if self.kind is Kind.CHOICE:
            return {self._key: index}
        chosen = set(self.chosen) ^ {index}
        return {"index": sorted(chosen)}

    def with_text(self, text: str) -> dict[str, Json]:
        """Returns the state with the value that a user wrote. Raises UsageError if it is none."""
        if self.kind is Kind.TEXT:
            return {"value": text}
        try:
            numbers = [float(word) for word in text.replace(",", " ").split()]
        except ValueError:
            numbers = []
        wanted = 1 if self.kind is Kind.NUMBER else 2
        if len(numbers) != wanted or not all(map(math.isfinite, numbers)):
            raise UsageError("it takes a number" if wanted == 1 else "it takes two numbers", where=self.label)
        within = sorted(self._whole(min(self.high, max(self.low, number))) for number in numbers)
        return {"value": within[0] if wanted == 1 else within}


def controls_in(widgets: Widgets, outputs: Iterable[Output]) -> list[Control]:
    """Returns the controls that outputs show, in their order, without those that are disabled or hidden."""
    left = [model for output in outputs if (model := model_of(output.data.get(WIDGET_VIEW))) is not None][::-1]
    found: dict[str, Control | None] = {}
    while left and len(found) < _MOST:
        model = left.pop()
        live = widgets.live(model)
        if model in found or live is None or _is_hidden(widgets, live.state):
            continue
        found[model] = _control(model, live.state)
        left += _children(live.state)[::-1]
        if live.outputs is not None:
            left += [shown for output in live.outputs if (shown := model_of(output.data.get(WIDGET_VIEW))) is not None][::-1]
    return [control for control in found.values() if control is not None]


def _is_hidden(widgets: Widgets, state: Mapping[str, Json]) -> bool:
    layout = state.get("layout")
    found = widgets.live(layout.removeprefix(REFERENCE)) if isinstance(layout, str) else None
    return found is not None and (found.state.get("display") == "none" or found.state.get("visibility") == "hidden")


def _children(state: Mapping[str, Json]) -> list[str]:
    """Returns the models of the children that are shown."""
    children = state.get("children")
    if not isinstance(children, list):
        return []
    found = [child.removeprefix(REFERENCE) for child in children if isinstance(child, str)]
    if state.get("_model_name") in _UNFOLDING:
        at = state.get("selected_index")
        return found[at : at + 1] if type(at) is int and at >= 0 else []
    return found


def _control(model: str, state: Mapping[str, Json]) -> Control | None:
    """Returns the control of a model. None if it is none, or if its state is not as ipywidgets makes it."""
    kind, value = _KINDS.get(str(state.get("_model_name"))), state.get("value")
    if kind is None or state.get("disabled") is True:
        return None
    label = _text(state.get("description")) or _text(state.get("placeholder")).strip("\u200b") or _name(state)
    control = Control(model, kind, label, state)
    match kind:
        case Kind.CHOICE | Kind.CHOICES:
            options = _options(state)
            return replace(control, options=options) if options else None
        case Kind.NUMBER | Kind.NUMBERS:
            low, high = _limits(state)
            numbers = value if isinstance(value, list) else [value]
            are_numbers = all(type(number) in (int, float) for number in numbers) and low <= high
            return replace(control, low=low, high=high) if are_numbers else None
        case Kind.TEXT:
            return control if isinstance(value, str) else None
        case _:
            return control


def _options(state: Mapping[str, Json]) -> tuple[str, ...]:
    """Returns the labels of the options, or the titles of the children."""
    children = state.get("children")
    if not isinstance(children, list):
        labels = state.get("_options_labels")
        return tuple(map(_text, labels)) if isinstance(labels, list) else ()
    titles = state.get("titles")
    known = [_text(title) for title in titles] if isinstance(titles, list) else []
    return tuple(known[at] if at < len(known) and known[at] else str(at + 1) for at in range(len(children)))


def _limits(state: Mapping[str, Json]) -> tuple[float, float]:
    """Returns the least and the greatest value. Infinite if the state says none."""
    given = (state.get("min"), state.get("max"), state.get("base", 10.0))
    try:
        low, high, base = (float(number) if isinstance(number, int | float) else math.nan for number in given)
        if state.get("_model_name") == "FloatLogSliderModel":
            low, high = math.pow(base, low), math.pow(base, high)
    except (ArithmeticError, ValueError):
        low = high = math.nan
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (-math.inf, math.inf)


def _text(value: Json) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _name(state: Mapping[str, Json]) -> str:
    return str(state.get("_model_name")).removesuffix("Model")

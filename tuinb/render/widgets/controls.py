"""Draws widgets without children as lines: progress bars, texts, and inputs by their value.

`CONTROLS` maps model names to functions. The state is foreign and may have any value under any key: `Traits` returns a
value if it has the type that ipywidgets uses, else the default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from rich.color import Color, ColorParseError
from rich.style import Style

from tuinb.render.block import Line, Span
from tuinb.render.layout.flow import BREAK, flow, joined, line_width
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_LONGEST = 20_000
"""Maximum number of characters of a text."""
_MOST_OPTIONS = 20
_LABEL = 10
"""Columns of a description, as in JupyterLab. A longer description takes more."""
_PIXELS = 8
"""Pixels of a web page for one column."""
_BAR = 36
"""Columns of a bar, as in JupyterLab."""
_LEAST_BAR = 4
_TRACK = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"
_BAR_ROLES = {"success": "success", "info": "running", "warning": "warning", "danger": "error"}


class Traits:
    """Read access to the state of a widget. `part` returns the state of a model that it refers to, such as `layout`."""

    def __init__(self, state: Mapping[str, Json], part: Callable[[Json], Mapping[str, Json]]) -> None:
        self._state = state
        self._part = part

    def part(self, key: str) -> Traits:
        """Returns the traits of the widget to which a key refers. They are empty if it does not exist."""
        return Traits(self._part(self._state.get(key)), self._part)

    def raw(self, key: str) -> Json:
        return self._state.get(key)

    def text(self, key: str, default: str = "") -> str:
        found = self._state.get(key)
        return found[:_LONGEST] if isinstance(found, str) else default

    def flag(self, key: str, default: bool = False) -> bool:
        found = self._state.get(key)
        return found if isinstance(found, bool) else default

    def number(self, key: str, default: float = 0.0) -> float:
        found = as_number(self._state.get(key))
        return default if found is None else found

    def items(self, key: str) -> list[Json]:
        found = self._state.get(key)
        return found if isinstance(found, list) else []

    def index(self, key: str, default: int | None = None) -> int | None:
        """Returns an index in a list, or None if nothing is selected."""
        found = self._state.get(key, default)
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def as_number(value: Json) -> float | None:
    """Returns a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def value_text(value: Json) -> str:
    """Returns the value of an input as text."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.1f}"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 1000:
        return "a very large number"
    return str(value)[:_LONGEST] if isinstance(value, str | int | float) else ""


def fraction(low: float, high: float, value: float) -> float:
    """Returns the position of a value between two others, 0 to 1."""
    if high <= low:
        return 1.0 if value >= high else 0.0
    # Divides first, because the difference of two very large numbers is infinite.
    return min(1.0, max(0.0, (value / 2 - low / 2) / (high / 2 - low / 2)))


Control: TypeAlias = Callable[[Traits, int, "RenderContext"], list[Line]]


# ---- bars


def bar_columns(traits: Traits, room: int) -> int:
    """Returns the columns of a bar without its description, as its layout requests and as the space permits."""
    asked = traits.part("layout").text("width")
    if stretches(traits):
        columns = room
    elif asked.endswith("%"):
        columns = int(room * fraction(0, 100, _leading_number(asked)))
    elif asked.endswith("px"):
        columns = round(min(_leading_number(asked), 100_000) / _PIXELS)
    else:
        columns = _BAR
    return max(_LEAST_BAR, columns)


def stretches(traits: Traits) -> bool:
    """Whether the widget takes the space that its neighbours leave."""
    layout = traits.part("layout")
    return layout.text("width").strip() == "100%" or layout.text("flex")[:1] in tuple("123456789")


def _leading_number(text: str) -> float:
    """Returns the number at the start of a CSS length."""
    try:
        return as_number(float(text.rstrip("%px "))) or 0.0
    except ValueError:
        return 0.0


def _progress(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    label = _label(traits, context)
    left = room - line_width(label)
    inner = min(bar_columns(traits, left), left) - 2
    if inner < 1:
        return _labelled(traits, [Span("…")], room, context)
    style = _bar_color(traits) or context.styles.role(_BAR_ROLES.get(traits.text("bar_style"), "active"))
    filled = fraction(traits.number("min"), traits.number("max", 100.0), traits.number("value")) * inner
    whole = int(filled)
    part = _EIGHTHS[int((filled - whole) * 8)] if whole < inner else ""
    edge = context.styles.role("muted")
    bar = Span(("█" * whole + part).ljust(inner), style)
    return [joined([*label, Span("▕", edge), bar, Span("▏", edge)])]


def _bar_color(traits: Traits) -> Style | None:
    """Returns the colour of a bar. Supports the CSS names that terminals have too, and #rrggbb."""
    value_text = traits.part("style").text("bar_color")
    try:
        return Style(color=Color.parse(value_text)) if value_text else None
    except ColorParseError:
        return None


def _slider(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    value = value_text(traits.raw("value"))
    track: list[Span] = []
    if room >= line_width(_label(traits, context)) + _TRACK + width(value) + 3:
        at = round(fraction(traits.number("min"), traits.number("max", 100.0), traits.number("value")) * (_TRACK - 1))
        muted = context.styles.role("muted")
        track = [Span("─" * at, muted), Span("●", context.styles.role("active")), Span("─" * (_TRACK - 1 - at) + " ", muted)]
    shown = [Span(clean(value))] if traits.flag("readout", True) else []
    return _labelled(traits, [*track, *shown], room, context)


# ---- inputs


def _label(traits: Traits, context: RenderContext) -> list[Span]:
    text = clean(traits.text("description"))
    if not text:
        return []
    return [Span(" " * (_LABEL - width(text)) + text + " ", context.styles.role("muted"))]


def _labelled(traits: Traits, spans: list[Span], room: int, context: RenderContext) -> list[Line]:
    """Returns spans after their description, or below it if it takes more than half the width."""
    label = _label(traits, context)
    size = line_width(label)
    if size > room // 2:
        return [*flow(label, room), *flow(spans, room)]
    lines = flow(spans, room - size)
    indent = (Span(" " * size),) if size else ()
    return [(*label, *lines[0]), *((*indent, *line) for line in lines[1:])]


def _field(traits: Traits, room: int, context: RenderContext, value: str) -> list[Line]:
    """Returns a value after its description. Shows the placeholder if the value is empty."""
    spans: list[Span] = []
    for number, line in enumerate(value.split("\n")[:_MOST_OPTIONS]):
        spans += [BREAK, Span(clean(line))] if number else [Span(clean(line))]
    if not value:
        # The default placeholder is a zero-width space.
        spans = [Span(clean(traits.text("placeholder").strip("\u200b")) or "…", context.styles.role("muted"))]
    return _labelled(traits, spans, room, context)


def _value(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    return _field(traits, room, context, value_text(traits.raw("value")))


def _password(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    return _field(traits, room, context, "•" * min(8, len(traits.text("value"))))


def _range(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    ends = [value_text(value) for value in traits.items("value")[:2]] or _chosen(traits)
    return _field(traits, room, context, " – ".join(ends))


def _list(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    return _field(traits, room, context, ", ".join(value_text(value) for value in traits.items("value")[:_MOST_OPTIONS]))


def _options(traits: Traits) -> list[str]:
    return [found[:200] if isinstance(found, str) else "" for found in traits.items("_options_labels")]


def _chosen(traits: Traits) -> list[str]:
    """Returns the labels of the selected options."""
    options = _options(traits)
    places = traits.raw("index")
    chosen = places if isinstance(places, list) else [places]
    return [options[at] for at in chosen if isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(options)]


def _choice(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    lines = _field(traits, room, context, ", ".join(_chosen(traits)[:_MOST_OPTIONS]))
    mark = (Span(" ▾", context.styles.role("muted")),)
    return [(*lines[0], *mark), *lines[1:]] if line_width(lines[0]) + 2 <= room else lines


def _radio(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    chosen, options = _chosen(traits)[:1], _options(traits)
    spans: list[Span] = []
    for option in options[:_MOST_OPTIONS]:
        mark = Span("◉ ", context.styles.role("active")) if [option] == chosen else Span("○ ", context.styles.role("muted"))
        spans += [*([BREAK] if spans else []), mark, Span(clean(option))]
    if len(options) > _MOST_OPTIONS:
        spans += [BREAK, Span(f"… {len(options):,} options", context.styles.role("muted"))]
    return _labelled(traits, spans, room, context)


def _toggles(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    chosen = _chosen(traits)[:1]
    spans: list[Span] = []
    for option in _options(traits)[:_MOST_OPTIONS]:
        on = [option] == chosen
        spans.append(_button_span(option, context, "muted", on=on))
        spans.append(Span(" "))
    return _labelled(traits, spans, room, context)


def _checkbox(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    mark = Span("☑ ", context.styles.role("active")) if traits.flag("value") else Span("☐ ", context.styles.role("muted"))
    return flow([mark, Span(clean(traits.text("description")))], room)


def _button(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    text = traits.text("description") or traits.text("icon") or "button"
    style = _BAR_ROLES.get(traits.text("button_style"), "muted")
    return flow([_button_span(text, context, style, on=traits.flag("value"))], room)


def _button_span(text: str, context: RenderContext, role: str, *, on: bool) -> Span:
    """Returns a button. A mark shows that it is pressed, also on terminals without colours."""
    return Span(f"[{'✓' if on else ' '}{clean(text)} ]", context.styles.role("active" if on else role))


def _valid(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    good = traits.flag("value")
    mark = Span("✓", context.styles.role("success")) if good else Span("✗", context.styles.role("error"))
    readout = "" if good else f" {clean(traits.text('readout', 'Invalid'))}"
    return _labelled(traits, [mark, Span(readout)], room, context)


def _play(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    mark = Span("▶ " if traits.flag("playing") or traits.flag("_playing") else "⏸ ", context.styles.role("muted"))
    return _labelled(traits, [mark, Span(clean(value_text(traits.raw("value"))))], room, context)


def _date(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    """Returns dates and times from objects of numbers, in which January is month 0."""
    value = traits.raw("value")
    parts: dict[str, int] = {}
    for key, number in value.items() if isinstance(value, Mapping) else ():
        found = as_number(number)
        if isinstance(key, str) and found is not None:
            parts[key] = int(min(abs(found), 9999))
    words = []
    if {"year", "month", "date"} <= parts.keys():
        words.append(f"{parts['year']:04}-{parts['month'] + 1:02}-{parts['date']:02}")
    if {"hours", "minutes"} <= parts.keys():
        words.append(f"{parts['hours']:02}:{parts['minutes']:02}:{parts.get('seconds', 0):02}")
    return _field(traits, room, context, " ".join(words))


def _color(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    value = traits.text("value", "black")
    try:
        swatch = [Span("■ ", Style(color=Color.parse(value)))]
    except ColorParseError:
        swatch = []
    return _labelled(traits, [*swatch, Span(clean(value))], room, context)


def _upload(traits: Traits, room: int, context: RenderContext) -> list[Line]:
    text = traits.text("description", "Upload")
    return flow([Span(f"[ {clean(text)} ({len(traits.items('value'))}) ]", context.styles.role("muted"))], room)


CONTROLS: Mapping[str, Control] = {
    **dict.fromkeys(("IntProgressModel", "FloatProgressModel"), _progress),
    **dict.fromkeys(("IntSliderModel", "FloatSliderModel"), _slider),
    **dict.fromkeys(("IntTextModel", "FloatTextModel", "BoundedIntTextModel", "BoundedFloatTextModel"), _value),
    **dict.fromkeys(("TextModel", "TextareaModel", "ComboboxModel", "FloatLogSliderModel"), _value),
    "PasswordModel": _password,
    **dict.fromkeys(("IntRangeSliderModel", "FloatRangeSliderModel", "SelectionRangeSliderModel"), _range),
    **dict.fromkeys(("TagsInputModel", "ColorsInputModel", "FloatsInputModel", "IntsInputModel"), _list),
    **dict.fromkeys(("DropdownModel", "SelectModel", "SelectMultipleModel", "SelectionSliderModel"), _choice),
    "RadioButtonsModel": _radio,
    "ToggleButtonsModel": _toggles,
    "CheckboxModel": _checkbox,
    **dict.fromkeys(("ButtonModel", "ToggleButtonModel"), _button),
    "ValidModel": _valid,
    "PlayModel": _play,
    **dict.fromkeys(("DatePickerModel", "TimeModel", "DatetimeModel", "NaiveDatetimeModel"), _date),
    "ColorPickerModel": _color,
    "FileUploadModel": _upload,
}
"""Keyed by the model names of ipywidgets."""
BARS = frozenset(("IntProgressModel", "FloatProgressModel"))
"""Widgets that grow and shrink with the available width."""

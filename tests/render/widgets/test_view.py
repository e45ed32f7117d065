"""Widgets as text: each kind, layout of boxes, updates of views, hostile states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.support import check, context, text_of
from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.document import Notebook
from tuinb.notebook.widgets import Widgets
from tuinb.render.registry import render_bundle
from tuinb.render.widgets.controls import CONTROLS
from tuinb.render.widgets.view import _PARTS, WidgetView

if TYPE_CHECKING:
    from tuinb.render.block import Block


class Desk:
    """Widget models, and the text of their views."""

    def __init__(self) -> None:
        self.widgets = Widgets(Notebook())
        self._count = 0

    def make(self, kind: str, **state: object) -> str:
        """Creates a model and returns the reference to it."""
        self._count += 1
        self.widgets.open(f"m{self._count}", {"_model_name": f"{kind}Model", **state})
        return f"IPY_MODEL_m{self._count}"

    def block(self, reference: object, columns: int = 80) -> Block:
        model = str(reference).removeprefix("IPY_MODEL_")
        bundle = {WIDGET_VIEW: {"model_id": model}, "text/plain": "plain"}
        return render_bundle(bundle, replace(context(columns), widgets=self.widgets))

    def rows(self, reference: object, columns: int = 80) -> list[str]:
        return [row.rstrip() for row in text_of(self.block(reference, columns))]


def bar(desk: Desk, value: float = 5, **state: object) -> str:
    return desk.make("FloatProgress", value=value, max=10.0, layout=desk.make("Layout", width="96px"), **state)


# ---- controls


@pytest.mark.parametrize(
    ("kind", "state", "row"),
    [
        ("IntSlider", {"value": 3, "max": 6, "description": "n"}, "         n ──────────●───────── 3"),
        ("IntSlider", {"value": 3, "readout": False, "max": 6}, "──────────●─────────"),
        ("FloatSlider", {"value": 2.0, "max": 2.0}, "───────────────────● 2.0"),
        ("IntText", {"value": 7, "description": "n"}, "         n 7"),
        ("IntText", {"value": 10**400}, "a very large number"),
        ("FloatLogSlider", {"value": 0.5}, "0.5"),
        ("Text", {"value": "hello", "description": "name"}, "      name hello"),
        ("Text", {"value": "", "placeholder": "type here"}, "type here"),
        ("Text", {"value": {}}, "…"),
        ("Combobox", {"value": "", "placeholder": "\u200b"}, "…"),
        ("Password", {"value": "secret"}, "••••••"),
        ("IntRangeSlider", {"value": [1, 5]}, "1 – 5"),
        ("SelectionRangeSlider", {"_options_labels": ["a", "b", "c"], "index": [0, 2]}, "a – c"),
        ("TagsInput", {"value": ["a", "b"]}, "a, b"),
        ("Dropdown", {"_options_labels": ["a", "b"], "index": 1}, "b ▾"),
        ("Dropdown", {"_options_labels": ["a", "b"], "index": 7}, "… ▾"),
        ("SelectMultiple", {"_options_labels": ["a", "b", "c"], "index": [0, 2, True, "x"]}, "a, c ▾"),
        ("ToggleButtons", {"_options_labels": ["a", "b"], "index": 0}, "[✓a ] [ b ]"),
        ("Checkbox", {"value": True, "description": "on"}, "☑ on"),
        ("Checkbox", {"value": 1, "description": "on"}, "☐ on"),
        ("Button", {"description": "Go"}, "[ Go ]"),
        ("ToggleButton", {"icon": "check", "value": True}, "[✓check ]"),
        ("Valid", {"value": True}, "✓"),
        ("Valid", {"value": False, "readout": "no"}, "✗ no"),
        ("Play", {"value": 4}, "⏸ 4"),
        ("DatePicker", {"value": {"year": 2024, "month": 0, "date": 5}}, "2024-01-05"),
        ("DatePicker", {"value": None}, "…"),
        ("Time", {"value": {"hours": 3, "minutes": 4, "x": "y"}}, "03:04:00"),
        ("NaiveDatetime", {"value": {"year": 1, "month": 1, "date": 1, "hours": 1, "minutes": 2}}, "0001-02-01 01:02:00"),
        ("ColorPicker", {"value": "#ff0000"}, "■ #ff0000"),
        ("ColorPicker", {"value": "no colour"}, "no colour"),
        ("FileUpload", {"value": [{}], "description": "Upload"}, "[ Upload (1) ]"),
        ("Label", {"value": "a\x1b[31m"}, "a␛[31m"),
        ("Label", {"value": "a $x^2$"}, "a x²"),
        ("HTMLMath", {"value": "a $x^2$ &lt;"}, "a x² <"),
        ("HTMLMath", {"value": "<b>a</b> $x^2 &lt; 3$, \\(\\no\\) $$\\frac{1}{2}$$"}, "a x² < 3, \\(\\no\\) 1/2"),
        ("HTML", {"value": "<b>bold</b> text"}, "bold text"),
        ("Image", {"value": "no bytes"}, "an image without data"),
        ("Video", {"value": b"abc", "format": "mp4"}, "Video mp4, 3 bytes"),
    ],
)  # fmt: skip
def test_one_row(kind: str, state: dict[str, object], row: str) -> None:
    desk = Desk()
    assert desk.rows(desk.make(kind, **state)) == [row]


def test_several_rows() -> None:
    desk = Desk()
    radio = desk.make("RadioButtons", _options_labels=["a", "b"], index=1, description="pick")
    assert desk.rows(radio) == ["      pick ○ a", "           ◉ b"]
    area = desk.make("Textarea", value="one\ntwo", description="text")
    assert desk.rows(area) == ["      text one", "           two"]
    assert desk.rows(area, 15) == ["text", "one", "two"]
    assert desk.rows(desk.make("HTML", value="text", description="a long one"), 12) == ["a long one", "text"]
    many = desk.make("RadioButtons", _options_labels=list("abcdefghijklmnopqrstuvwxyz"))
    assert desk.rows(many)[-1] == "… 26 options"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ({"value": 0}, "▕          ▏"),
        ({"value": 10}, "▕██████████▏"),
        ({"value": 5.5}, "▕█████▌    ▏"),
        ({"value": 99}, "▕██████████▏"),
        ({"value": float("nan")}, "▕          ▏"),
        ({"value": "much"}, "▕          ▏"),
        ({"value": 10**400}, "▕          ▏"),
        ({"value": 1, "min": 20}, "▕          ▏"),
        ({"value": 0.0, "min": -1e308, "max": 1e308}, "▕█████     ▏"),
        ({"value": 5, "bar_style": "danger", "description": "load"}, "      load ▕█████     ▏"),
    ],
)
def test_bars(state: dict[str, object], shown: str) -> None:
    desk = Desk()
    layout = desk.make("Layout", width="96px")
    assert desk.rows(desk.make("FloatProgress", **{"max": 10.0, "layout": layout, **state})) == [shown]


@pytest.mark.parametrize(("width", "columns"), [("100%", 80), ("50%", 40), ("80px", 10), ("1e999px", 4), ("auto", 36), (3, 36)])
def test_the_width_of_a_bar(width: object, columns: int) -> None:
    desk = Desk()
    block = desk.block(desk.make("IntProgress", value=100, layout=desk.make("Layout", width=width)))
    assert len(text_of(block)[0]) == columns


@pytest.mark.parametrize(
    ("kind", "state", "color"),
    [
        ("ProgressStyle", {"bar_color": "#102030"}, "#102030"),
        ("ProgressStyle", {"bar_color": "url(x)"}, ""),
        ("Layout", {}, ""),
    ],
)
def test_a_bar_s_colour(kind: str, state: dict[str, object], color: str) -> None:
    desk = Desk()
    line = desk.block(desk.make("IntProgress", value=100, bar_style="success", style=desk.make(kind, **state))).line(0)
    (style,) = [span.style for span in line if "█" in span.text]
    assert style is not None
    assert style.color is not None
    success = context().styles.role("success").color
    assert success is not None
    assert style.color.name == (color or success.name)


def test_without_room_for_a_bar_there_is_a_mark() -> None:
    desk = Desk()
    assert desk.rows(desk.make("IntProgress", value=1, description="reading"), 12) == ["reading", "…"]


# ---- boxes


def test_a_row_of_tqdm_stands_in_one_line_and_gives_way_where_it_must() -> None:
    desk = Desk()
    left, right = desk.make("HTML", value="outer:\u2007\u200750%"), desk.make("HTML", value="5/10 [00:01&lt;00:01]")
    box = desk.make("HBox", children=[left, desk.make("FloatProgress", value=5.0, max=10.0), right])
    assert desk.rows(box) == [f"outer:\u2007\u200750% ▕{'█' * 17}{' ' * 17}▏ 5/10 [00:01<00:01]"]
    assert desk.rows(box, 60) == [f"outer:\u2007\u200750% ▕{'█' * 13}▌{' ' * 13}▏ 5/10 [00:01<00:01]"]
    assert len(desk.rows(box, 40)) == 3


def test_a_bar_that_stretches_fills_the_row() -> None:
    desk = Desk()
    stretched = desk.make("FloatProgress", value=1.0, max=1.0, layout=desk.make("Layout", flex="2", width="20px"))
    box = desk.make("HBox", children=[desk.make("Label", value="a"), stretched, desk.make("Label", value="b")])
    assert [len(row) for row in desk.rows(box, 40)] == [40]
    assert desk.rows(box, 40)[0].endswith(" b")


def test_a_grid_by_areas() -> None:
    desk = Desk()
    areas = '"top top top"\n"left middle middle"\n". bottom ."'
    names = ("top", "bottom", "middle", "left", "elsewhere", None)
    children = [desk.make("Label", value=name or "nowhere", layout=desk.make("Layout", grid_area=name)) for name in names]
    grid = desk.make("GridBox", children=children, layout=desk.make("Layout", grid_template_areas=areas))
    assert desk.rows(grid) == ["top", "left middle", "bottom", "elsewhere", "nowhere"]


def test_boxes() -> None:
    desk = Desk()
    a, b, c = (desk.make("Label", value=text) for text in ("a", "b", "c"))
    assert desk.rows(desk.make("VBox", children=[a, b, c])) == ["a", "b", "c"]
    assert desk.rows(desk.make("HBox", children=[a, desk.make("VBox", children=[b, c]), a])) == ["a b a", "  c"]
    assert desk.rows(desk.make("HBox", children=[a, b, c]), 3) == ["a b", "c"]
    assert desk.rows(desk.make("Box", children=[a, b])) == ["a b"]
    assert desk.rows(desk.make("Box", children=[a, b], layout=desk.make("Layout", flex_flow="column"))) == ["a", "b"]
    grid = desk.make("Layout", grid_template_columns="repeat(2, 1fr)")
    assert desk.rows(desk.make("GridBox", children=[a, b, c], layout=grid)) == ["a b", "c"]
    assert desk.rows(desk.make("GridBox", children=[a, b], layout=desk.make("Layout", grid_template_columns="1fr"))) == [
        "a",
        "b",
    ]
    assert desk.rows(desk.make("VBox", children=[])) == []
    assert desk.rows(desk.make("VBox", children=["IPY_MODEL_gone", 3, desk.make("Own")])) == [
        "a widget that is no longer known",
        "Own",
    ]


def test_of_tabs_and_piles_the_chosen_child_is_shown() -> None:
    desk = Desk()
    a, b = desk.make("Label", value="a"), desk.make("Label", value="b")
    assert desk.rows(desk.make("Tab", children=[a, b], titles=["One", ""], selected_index=1), 10) == ["One │ 2", "─" * 10, "b"]
    assert desk.rows(desk.make("Tab", children=[a, b], selected_index=9), 10) == ["1 │ 2", "─" * 10]
    assert desk.rows(desk.make("Accordion", children=[a, b], _titles={"0": "First"}, selected_index=0)) == [
        "▾ First",
        "a",
        "▸ 2",
    ]
    assert desk.rows(desk.make("Accordion", children=[a], selected_index=None)) == ["▸ 1"]
    assert desk.rows(desk.make("Stack", children=[a, b], selected_index=0)) == ["a"]
    assert desk.rows(desk.make("Stack", children=[a, b], selected_index=None)) == []


@pytest.mark.parametrize("layout", [{"display": "none"}, {"visibility": "hidden"}])
def test_what_is_hidden_is_not_there(layout: dict[str, str]) -> None:
    desk = Desk()
    hidden = desk.make("Label", value="hidden", layout=desk.make("Layout", **layout))
    assert desk.rows(hidden) == []
    assert desk.rows(desk.make("HBox", children=[hidden, desk.make("Label", value="seen")])) == ["seen"]


def test_what_was_captured_is_shown() -> None:
    desk = Desk()
    label = desk.make("Label", value="inside")
    bundle = {WIDGET_VIEW: {"model_id": label.removeprefix("IPY_MODEL_")}}
    view = {"output_type": "display_data", "data": bundle, "metadata": {}}
    stream = {"output_type": "stream", "name": "stdout", "text": "a\nb\n"}
    unknown = {"text/plain": "shown", WIDGET_VIEW: {"model_id": "unknown"}}
    other = {"output_type": "display_data", "data": unknown, "metadata": {}}
    assert desk.rows(desk.make("Output", outputs=[stream, view, other])) == ["a", "b", "inside", "shown"]
    many = desk.make("Output", outputs=[other] * 205)
    assert desk.rows(many)[:2] == ["… 5 earlier outputs", "shown"]


def test_an_output_that_captured_itself() -> None:
    desk = Desk()
    view = {"output_type": "display_data", "data": {WIDGET_VIEW: {"model_id": "m1"}}, "metadata": {}}
    assert desk.rows(desk.make("Output", outputs=[view])) == ["…"]


# ---- views


@pytest.mark.parametrize("view", [None, {}, {"model_id": "unknown"}, {"model_id": 3}])
def test_what_is_not_known_is_shown_by_the_other_types(view: object) -> None:
    shown = render_bundle({WIDGET_VIEW: view, "text/plain": "plain"}, replace(context(), widgets=Widgets(Notebook())))
    assert text_of(shown) == ["plain"]
    assert text_of(render_bundle({WIDGET_VIEW: view, "text/plain": "plain"}, context())) == ["plain"]


def test_other_kinds_are_shown_by_the_other_types() -> None:
    desk = Desk()
    assert desk.rows(desk.make("Map")) == ["plain"]
    assert desk.rows(desk.make("Button", _model_module="somebody's")) == ["plain"]
    assert desk.rows(desk.make("Button", _model_module=None)) == ["plain"]


def test_a_view_follows_the_models_that_it_shows() -> None:
    desk = Desk()
    layout = desk.make("Layout")
    child = desk.make("Label", value="old", layout=layout)
    box, other = desk.make("VBox", children=[child]), desk.make("Label", value="other")
    view = desk.block(box)
    assert isinstance(view, WidgetView)
    assert text_of(view) == ["old"]
    before = view.revision
    desk.widgets.update(other.removeprefix("IPY_MODEL_"), {"value": "x"})
    assert view.revision == before
    assert not view.shows({other.removeprefix("IPY_MODEL_")})
    desk.widgets.update(child.removeprefix("IPY_MODEL_"), {"value": "new"})
    assert view.revision > before
    assert view.shows({child.removeprefix("IPY_MODEL_")})
    assert view.shows({layout.removeprefix("IPY_MODEL_")})
    assert text_of(view) == ["new"]
    desk.widgets.close(box.removeprefix("IPY_MODEL_"))
    assert text_of(view) == []
    assert view.line(0) == ()


def test_a_captured_stream_is_not_wrapped_anew_when_it_grows() -> None:
    desk = Desk()
    view = desk.block(desk.make("Output", outputs=[]))
    model = desk.widgets.find("m1")
    assert model is not None
    assert model.outputs is not None
    blocks = []
    for _ in range(2):
        model.outputs.append_stream("stdout", "line\n")
        desk.widgets.touch(model)
        assert view.height
        assert isinstance(view, WidgetView)
        blocks += [kept[2] for kept in view._cache.values()]
    assert blocks[0] is blocks[1]
    assert text_of(view) == ["line", "line"]


# ---- hostile states


def test_boxes_that_hold_each_other_end() -> None:
    desk = Desk()
    desk.make("VBox", children=["IPY_MODEL_m2"] * 3)
    desk.make("HBox", children=["IPY_MODEL_m1", "IPY_MODEL_m2"])
    check(desk.block("m1"), 80)
    for depth in range(3, 40):
        desk.make("HBox", children=[f"IPY_MODEL_m{depth - 1}"] * 9)
    check(desk.block("m39"), 80)


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=5)
    | st.sampled_from(
        [f"IPY_MODEL_m{number}" for number in range(1, 6)] + ["100%", "none", "<b>x</b>", "$x$", "\x1b]52;c;x\x07"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("value", "min", "max", "description", "children", "layout", "style", "titles", "_titles", "selected_index", "index"),
    *("_options_labels", "width", "display", "flex", "bar_color", "bar_style", "outputs", "format", "grid_template_columns"),
    *("grid_template_areas", "grid_area"),
]
KINDS = [*CONTROLS, *_PARTS, "LayoutModel"]


@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), json, max_size=6)), min_size=5, max_size=5
    ),
    st.integers(1, 50),
)
def test_any_state_gives_rows_that_can_be_painted(models: list[tuple[str, dict[str, Any]]], columns: int) -> None:
    desk = Desk()
    for kind, state in models:
        desk.make(kind.removesuffix("Model"), **state)
    for number in range(1, 6):
        check(desk.block(f"m{number}", columns), columns)

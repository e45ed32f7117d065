"""Draws a widget as text: boxes of bars, labels, inputs with their values, and captured outputs.

A view remembers the models that it was drawn from, and is drawn again when one of them changed. Content may be hostile:
nesting depth and number of parts are limited, because boxes may contain themselves or each other many times. Texts and
options are cut. An unknown widget is shown by another type of its bundle, or by its name if it is inside a box.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.widgets import REFERENCE, model_of
from tuinb.render.block import Block, Line, Lines, LiveBlock, Span
from tuinb.render.layout.flow import flow, line_width
from tuinb.render.layout.stacking import GAP, SideBySide, Stacked
from tuinb.render.safe import clean, width
from tuinb.render.widgets.controls import BARS, CONTROLS, Traits, as_number, stretches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output, Outputs
    from tuinb.notebook.widgets import Model, Widgets
    from tuinb.render.context import RenderContext, Renderer

_DEEPEST = 20
_MOST_PARTS = 1_000
"""Maximum number of widgets in one view."""
_MOST_OUTPUTS = 200
"""Maximum number of captured outputs. The last ones are shown."""
_MEASURED = 100
"""Maximum height of a block whose lines are measured for the width."""
_NARROWEST_BAR = 10
_OWN_MODULES = ("@jupyter-widgets/", "jupyter-js-widgets", "jupyter-widgets")
"""Other packages may use the same model names."""
_SPACES = str.maketrans("\t\r\n\f", "    ")


def render(value: Json, context: RenderContext) -> Block | None:
    """Renders a widget view. Returns None if the model is unknown or its kind is not supported."""
    model = model_of(value)
    found = context.widgets.find(model) if context.widgets is not None and model is not None else None
    if context.widgets is None or context.renderer is None or model is None or found is None:
        return None
    return WidgetView(model, context, context.widgets, context.renderer) if found.closed or _kind(found) else None


class WidgetView(LiveBlock):
    """The rows of one view. Updated whenever the height is read."""

    def __init__(self, model: str, context: RenderContext, widgets: Widgets, renderer: Renderer) -> None:
        self._model = model
        self._context = context
        self._widgets = widgets
        self._renderer = renderer
        self._models: AbstractSet[str] = {model}
        self._cache: Mapping[Hashable, _CachedPart] = {}
        self._block: Block | None = None
        self._drawn_at = 0
        self._height = 0

    @property
    def revision(self) -> int:
        return self._widgets.revision_of(self._models)

    def shows(self, models: AbstractSet[str]) -> bool:
        return not self._models.isdisjoint(models)

    @property
    def height(self) -> int:
        if self._block is None or self.revision != self._drawn_at:
            self._block = self._draw()
        return self._height

    def line(self, index: int) -> Line:
        if self._block is None:
            self._block = self._draw()
        return self._block.line(index) if index < self._height else ()

    def _draw(self) -> Block:
        drawing = _Drawing(self._context, self._widgets, self._renderer, self._cache)
        block = drawing.draw(self._model, self._context.width) or Lines(())
        self._models, self._cache = drawing.models, drawing.cache
        self._drawn_at, self._height = self.revision, block.height
        return block


_CachedPart: TypeAlias = tuple[object, int, Block]
"""A rendered object, its revision and its block. Reused by the next drawing."""


# ---- drawing


class _Drawing:
    """Draws one view once, and records the models that it used."""

    def __init__(
        self, context: RenderContext, widgets: Widgets, renderer: Renderer, before: Mapping[Hashable, _CachedPart]
    ) -> None:
        self.models: set[str] = set()
        self.cache: dict[Hashable, _CachedPart] = {}
        self._context = context
        self._widgets = widgets
        self._renderer = renderer
        self._before = before
        self._inside: list[str] = []
        self._parts = 0

    def draw(self, model: str, room: int) -> Block | None:
        """Draws a widget as a block of at most `room` columns. Returns None if it is not visible."""
        self.models.add(model)
        found = self._widgets.find(model)
        if found is None:
            return self._note("a widget that is no longer known", room)
        traits = self._traits(found)
        layout = traits.part("layout")
        if found.closed or layout.text("display") == "none" or layout.text("visibility") == "hidden":
            return None
        self._parts += 1
        if model in self._inside or len(self._inside) >= _DEEPEST or self._parts > _MOST_PARTS:
            return self._note("…", room)
        name = _kind(found)
        self._inside.append(model)
        try:
            if name in CONTROLS:
                return Lines(CONTROLS[name](traits, room, self._context))
            if name in _PARTS:
                return _PARTS[name](self, found, traits, room)
        finally:
            self._inside.pop()
        return self._note(traits.text("_model_name").removesuffix("Model") or "a widget", room)

    def _traits(self, model: Model) -> Traits:
        return Traits(model.state, self._state)

    def _state(self, reference: Json) -> Mapping[str, Json]:
        model = _model_id(reference)
        if model is None:
            return {}
        self.models.add(model)
        found = self._widgets.find(model)
        return found.state if found is not None else {}

    def _note(self, text: str, room: int) -> Block:
        return Lines(flow([Span(clean(text[:200]), self._context.styles.role("muted"))], room))

    def _cached(self, key: Hashable, what: object, revision: int, make: Callable[[], Block]) -> Block:
        """Returns the block of the previous drawing if its content is unchanged."""
        known = self.cache.get(key) or self._before.get(key)
        if known is None or known[0] is not what or known[1] != revision:
            known = (what, revision, make())
        self.cache[key] = known
        return known[2]

    # ---- texts

    def html(self, _model: Model, traits: Traits, room: int) -> Block:
        return self._described(traits, room, lambda left: self._markup(traits.text("value"), left))

    def math(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws text or markup with formulas between dollar signs."""
        value = traits.text("value")
        if "<" in value:
            from tuinb.render.math import latex

            return self._described(traits, room, lambda left: self._markup(latex.replace_in_html(value), left))
        if "$" not in value:
            return self.html(_model, traits, room)
        return self._described(
            traits, room, lambda left: self._renderer.render_markdown(html.unescape(value), replace(self._context, width=left))
        )

    def label(self, _model: Model, traits: Traits, room: int) -> Block:
        value = traits.text("value")
        if "$" in value:
            return self._renderer.render_markdown(value, replace(self._context, width=room))
        return self._described(traits, room, lambda left: self._text(value, left))

    def _text(self, value: str, room: int) -> Block:
        return Lines(flow([Span(clean(value.translate(_SPACES)))], room))

    def _markup(self, value: str, room: int) -> Block:
        if "<" not in value:
            return self._text(html.unescape(value), room)
        context = replace(self._context, width=room)
        key = ("html", room, value)
        return self._cached(key, None, 0, lambda: self._renderer.render_bundle({"text/html": value}, context))

    def _described(self, traits: Traits, room: int, make: Callable[[int], Block]) -> Block:
        text = clean(traits.text("description"))
        label = Lines([(Span(text, self._context.styles.role("muted")),)])
        left = room - width(text) - GAP
        if not text:
            return make(room)
        if left < room // 2:
            return Stacked([Lines(flow(label.line(0), room)), make(room)])
        return SideBySide([label, make(left)], [width(text), left])

    def image(self, _model: Model, traits: Traits, room: int) -> Block:
        value = traits.raw("value")
        kind = traits.text("format", "png")
        if not isinstance(value, bytes) or not kind.replace("+", "").isalnum():
            return self._note("an image without data", room)
        mime = f"image/{kind}"
        context = replace(self._context, width=room)
        return self._cached(
            ("image", room, mime, id(value)),
            value,
            0,
            lambda: self._renderer.render_bundle({mime: base64.b64encode(value).decode()}, context),
        )

    def media(self, _model: Model, traits: Traits, room: int) -> Block:
        value = traits.raw("value")
        size = f", {len(value):,} bytes" if isinstance(value, bytes) else ""
        return self._note(f"{traits.text('_model_name').removesuffix('Model')} {traits.text('format')}{size}", room)

    # ---- boxes

    def _children(self, traits: Traits) -> list[str]:
        found = [_model_id(child) for child in traits.items("children")[:_MOST_PARTS]]
        return [child for child in found if child is not None]

    def column(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws children below each other."""
        return Stacked([block for child in self._children(traits) if (block := self.draw(child, room)) is not None])

    def row(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws children beside each other, with as many in a row as fit."""
        return self._in_rows(self._children(traits), room)

    def box(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws a Box in the direction of its layout."""
        flowing = traits.part("layout").text("flex_flow")
        return self.column(_model, traits, room) if flowing.startswith("column") else self.row(_model, traits, room)

    def grid(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws children in rows, with the columns of the layout."""
        layout = traits.part("layout")
        children = self._children(traits)
        if areas := _grid_areas(layout.text("grid_template_areas")):
            rows = self._by_area(children, areas)
        else:
            count = _grid_columns(layout.text("grid_template_columns"))
            rows = [children[at : at + count] for at in range(0, len(children), count)]
        return Stacked([self._in_rows(row, room) for row in rows])

    def _by_area(self, children: Sequence[str], areas: Sequence[Sequence[str]]) -> list[list[str]]:
        """Assigns each child to the first row that names its area. Children without an area follow."""
        left: dict[str, list[str]] = {}
        for child in children:
            found = self._widgets.find(child)
            left.setdefault("" if found is None else self._traits(found).part("layout").text("grid_area"), []).append(child)
        rows = [[child for area in row for child in left.pop(area, ())] for row in areas]
        return [*rows, *([child] for others in left.values() for child in others)]

    def _in_rows(self, children: Sequence[str], room: int) -> Block:
        drawn = [(child, block) for child in children if (block := self.draw(child, room)) is not None]
        sizes = [_columns_of(block, room) for _, block in drawn]
        spare = room - sum(sizes) - GAP * (len(sizes) - 1)
        bars = [at for at, (child, _) in enumerate(drawn) if self._is_bar(child, growing=spare > 0)]
        if bars and spare:
            for at in bars:
                size = sizes[at] + spare // len(bars)
                if size >= min(sizes[at], _NARROWEST_BAR) and (block := self.draw(drawn[at][0], min(size, room))) is not None:
                    drawn[at] = drawn[at][0], block
                    sizes[at] = _columns_of(block, room)
        rows: list[Block] = []
        start = 0
        while start < len(drawn):
            end, used = start + 1, sizes[start]
            while end < len(drawn) and used + GAP + sizes[end] <= room:
                used += GAP + sizes[end]
                end += 1
            blocks = [block for _, block in drawn[start:end]]
            rows.append(blocks[0] if len(blocks) == 1 else SideBySide(blocks, sizes[start:end]))
            start = end
        return Stacked(rows)

    def _is_bar(self, child: str, *, growing: bool) -> bool:
        """Whether a child can be drawn with another width."""
        found = self._widgets.find(child)
        if found is None or _kind(found) not in BARS:
            return False
        traits = self._traits(found)
        return stretches(traits) or (not growing and not traits.part("layout").text("width").endswith("px"))

    def tabs(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws the titles, with the selected one highlighted, and the selected child."""
        children, chosen = self._children(traits), traits.index("selected_index", 0)
        titles = _titles(traits, len(children))
        styles = self._context.styles
        spans: list[Span] = []
        for at, title in enumerate(titles):
            spans += [Span(" │ ", styles.role("rule"))] if at else []
            spans.append(Span(title, styles.role("heading" if at == chosen else "muted")))
        head = [*flow(spans, room), (Span("─" * room, styles.role("rule")),)]
        shown = self.draw(children[chosen], room) if chosen is not None and chosen < len(children) else None
        return Stacked([Lines(head), *([shown] if shown is not None else [])])

    def accordion(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws each child's title, and the selected child below its title."""
        children, chosen = self._children(traits), traits.index("selected_index")
        blocks: list[Block] = []
        for at, title in enumerate(_titles(traits, len(children))):
            is_open = at == chosen
            style = self._context.styles.role("heading" if is_open else "muted")
            blocks.append(Lines(flow([Span(f"{'▾' if is_open else '▸'} {title}", style)], room)))
            if is_open and (shown := self.draw(children[at], room)) is not None:
                blocks.append(shown)
        return Stacked(blocks)

    def stack(self, _model: Model, traits: Traits, room: int) -> Block:
        """Draws only the selected child."""
        children, chosen = self._children(traits), traits.index("selected_index")
        shown = self.draw(children[chosen], room) if chosen is not None and chosen < len(children) else None
        return shown or Lines(())

    # ---- captured outputs

    def output(self, model: Model, _traits: Traits, room: int) -> Block:
        """Draws the captured outputs, up to the maximum."""
        return self._outputs(model.outputs, room) if model.outputs is not None else Lines(())

    def _outputs(self, outputs: Outputs, room: int) -> Block:
        first = max(0, len(outputs) - _MOST_OUTPUTS)
        blocks = [self._note(f"… {first:,} earlier outputs", room)] if first else []
        for at in range(first, len(outputs)):
            block = self._output(outputs[at], room)
            if block is not None:
                blocks.append(block)
        return Stacked(blocks)

    def _output(self, output: Output, room: int) -> Block | None:
        model = model_of(output.data.get(WIDGET_VIEW))
        found = self._widgets.find(model) if model is not None else None
        if model is not None and found is not None and (found.closed or _kind(found)):
            # Drawn here and not by the registry, because a widget may have captured a view of itself.
            return self.draw(model, room)
        context = replace(self._context, width=room, widgets=None)
        revision = 0 if output.stream is not None else output.revision
        return self._cached(
            ("output", room, id(output)), output, revision, lambda: self._renderer.render_output(output, context)
        )


_PARTS: Mapping[str, Callable[[_Drawing, Model, Traits, int], Block]] = {
    "HTMLModel": _Drawing.html,
    "HTMLMathModel": _Drawing.math,
    "LabelModel": _Drawing.label,
    "ImageModel": _Drawing.image,
    "VideoModel": _Drawing.media,
    "AudioModel": _Drawing.media,
    "HBoxModel": _Drawing.row,
    "VBoxModel": _Drawing.column,
    "BoxModel": _Drawing.box,
    "GridBoxModel": _Drawing.grid,
    "TabModel": _Drawing.tabs,
    "AccordionModel": _Drawing.accordion,
    "StackModel": _Drawing.stack,
    "OutputModel": _Drawing.output,
}


def _kind(model: Model) -> str:
    """Returns the model's name if its kind is supported, else an empty string."""
    name, module = model.state.get("_model_name"), model.state.get("_model_module", _OWN_MODULES[0])
    if not isinstance(name, str) or not isinstance(module, str) or not module.startswith(_OWN_MODULES):
        return ""
    return name if name in CONTROLS or name in _PARTS else ""


def _model_id(reference: Json) -> str | None:
    if not isinstance(reference, str) or not reference.startswith(REFERENCE):
        return None
    return reference.removeprefix(REFERENCE)


def _columns_of(block: Block, room: int) -> int:
    """Returns the width of a block's widest row. Assumes the full width for a high block."""
    if block.height > _MEASURED:
        return room
    return max((line_width(block.line(row)) for row in range(block.height)), default=0)


def _titles(traits: Traits, count: int) -> list[str]:
    """Returns the titles of the children: a list, an object keyed by number (before ipywidgets 8), or else numbers."""
    listed, numbered = traits.items("titles"), traits.raw("_titles")
    found: list[str] = []
    for at in range(count):
        title = listed[at] if at < len(listed) else numbered.get(str(at)) if isinstance(numbered, Mapping) else None
        found.append(clean(title[:200]) if isinstance(title, str) and title else str(at + 1))
    return found


def _grid_areas(template: str) -> list[list[str]]:
    """Returns the area names in each row of a `grid_template_areas` such as `"top top" "left right"`, without duplicates."""
    return [list(dict.fromkeys(row.split())) for row in template.split('"')[1 : 2 * _MOST_PARTS : 2]]


def _grid_columns(template: str) -> int:
    """Returns the number of columns of a `grid_template_columns` in the forms `repeat(3, …)` and `1fr 2fr`."""
    if template.startswith("repeat("):
        count = template.removeprefix("repeat(").partition(",")[0].strip()
        found = as_number(int(count)) if count.isdecimal() and len(count) < 4 else None
        return max(1, int(found or 1))
    return max(1, len(template.split()[:100]))

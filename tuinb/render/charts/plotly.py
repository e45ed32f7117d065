"""Converts Plotly figures to Vega-Lite, for the most common kinds of traces.

Supports scatter and line plots, bars, histograms, boxes, heat maps and pies on one pair of axes, with names, colours and
titles. Returns None for others (3D, maps, subplots). The appearance is that of Vega-Lite, except for what the figure
specifies.
"""

from __future__ import annotations

import base64
import binascii
import sys
from array import array
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, TypeAlias

Spec: TypeAlias = dict[str, Any]
Trace: TypeAlias = Mapping[str, Any]

_MOST = 30_000
"""Maximum number of values."""
_LABELS = 80
"""Characters of labels that fit below a chart."""
_COLORS = ("#636efa", "#ef553b", "#00cc96", "#ab63fa", "#ffa15a", "#19d3f3", "#ff6692", "#b6e880", "#ff97ff", "#fecb52")
"""Plotly's colours, in its order."""
_TYPES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f4": "f", "f8": "d"}


def vega_lite(figure: Mapping[str, Any]) -> Spec | None:
    """Returns the figure as a Vega-Lite specification, or None if it is not supported."""
    traces, layout = figure.get("data"), figure.get("layout")
    layout = layout if isinstance(layout, Mapping) else {}
    if not isinstance(traces, list) or not traces or not all(isinstance(trace, Mapping) for trace in traces):
        return None
    shown = [trace for trace in traces if trace.get("visible", True) is True]
    kinds = {str(trace.get("type", "scatter")) for trace in shown}
    if not shown or any(trace.get(axis, axis[0]) != axis[0] for trace in shown for axis in ("xaxis", "yaxis")):
        return None
    if kinds & {"pie", "heatmap"}:
        spec = _single_trace(shown, layout)
    elif kinds <= _MAKERS.keys():
        spec = _layers(shown, layout)
    else:
        spec = None
    if spec is None:
        return None
    title = _text(layout.get("title"))
    return {**spec, "background": "white", **({"title": title} if title else {})}


def _single_trace(traces: list[Trace], layout: Trace) -> Spec | None:
    """Converts a figure with a single trace of a kind that can't be combined with others."""
    if len(traces) != 1:
        return None
    return _pie(traces[0]) if traces[0].get("type") == "pie" else _heatmap(traces[0], layout)


def _layers(traces: list[Trace], layout: Trace) -> Spec | None:
    names = [_name(trace, number) for number, trace in enumerate(traces)]
    colors = [_color(trace, number) for number, trace in enumerate(traces)]
    layers: list[Spec] = []
    total = 0
    for number, trace in enumerate(traces):
        columns = {axis: column for axis in ("x", "y") if (column := _values(trace.get(axis)))}
        total += max(map(len, columns.values()), default=0)
        if total > _MOST or _is_nested(columns) or not (values := _points(trace, names[number], columns)):
            return None
        layers += [{"data": {"values": values}, **layer} for layer in _MAKERS[str(trace.get("type", "scatter"))](trace, layout)]
    legend = {} if len(set(names)) > 1 and layout.get("showlegend", True) else {"legend": None}
    scale = {"domain": list(dict.fromkeys(names)), "range": [colors[names.index(name)] for name in dict.fromkeys(names)]}
    color = {"field": "s", "type": "nominal", "title": None, "scale": scale, **legend}
    fields = {
        axis: _axis(axis, layout, [point[axis] for layer in layers for point in layer["data"]["values"] if axis in point])
        for axis in ("x", "y")
    }
    merged = _merged_bars(layers)
    for layer in merged:
        own = layer["encoding"]
        layer["encoding"] = {"color": color, **own}
        for axis in ("x", "y"):
            # A channel with a count has no field.
            both = {**fields[axis], **own.get(axis, {})}
            layer["encoding"][axis] = {key: value for key, value in both.items() if key != "field" or value is not None}
    return {"layer": merged}


def _merged_bars(layers: list[Spec]) -> list[Spec]:
    """Merges grouped or stacked bars into one layer."""
    bars = [layer for layer in layers if layer["mark"]["type"] == "bar" and "bin" not in str(layer["encoding"])]
    if len(bars) < 2:
        return layers
    values = list(chain.from_iterable(layer["data"]["values"] for layer in bars))
    first = {**bars[0], "data": {"values": values}}
    return [first, *(layer for layer in layers if layer not in bars)]


# ---- converters by kind of trace


def _scatter(trace: Trace, _layout: Trace) -> list[Spec]:
    count = len(_values(trace.get("y")) or _values(trace.get("x")) or [])
    mode = str(trace.get("mode") or ("lines" if count > 20 else "lines+markers"))
    layers: list[Spec] = []
    if trace.get("fill") in ("tozeroy", "tonexty"):
        layers.append({"mark": {"type": "area", "opacity": 0.4}, "encoding": {"y": {"stack": None}}})
    if "lines" in mode:
        dash = isinstance(trace.get("line"), Mapping) and trace["line"].get("dash") not in (None, "solid")
        mark = {"type": "line", "strokeDash": [6, 4]} if dash else {"type": "line"}
        layers.append({"mark": mark, "encoding": {"order": {"field": "i", "type": "quantitative"}}})
    if "markers" in mode or not layers:
        layers.append({"mark": {"type": "point", "filled": True, "opacity": 0.9}, "encoding": {}})
    return layers


def _bar(trace: Trace, layout: Trace) -> list[Spec]:
    along, across = ("y", "x") if trace.get("orientation") == "h" else ("x", "y")
    mode = layout.get("barmode", "group")
    stack = "zero" if mode in ("stack", "relative") else None
    encoding: Spec = {across: {"stack": stack, "scale": {"zero": True}}}
    if mode == "group":
        encoding[f"{along}Offset"] = {"field": "s", "type": "nominal"}
    encoding[along] = {"type": "ordinal"}
    return [{"mark": {"type": "bar", "orient": "horizontal" if along == "y" else "vertical"}, "encoding": encoding}]


def _histogram(trace: Trace, _layout: Trace) -> list[Spec]:
    along, across = ("x", "y") if trace.get("x") is not None else ("y", "x")
    bins = trace.get(f"nbins{along}")
    bin_: Spec = {"maxbins": bins if isinstance(bins, int) and 0 < bins < 1000 else 30}
    numbers = all(isinstance(value, int | float) for value in _values(trace.get(along)) or [])
    encoding = {
        along: {"bin": bin_} if numbers else {"type": "nominal"},
        across: {"aggregate": "count", "type": "quantitative", "title": "count", "stack": None, "field": None},
    }
    return [{"mark": {"type": "bar", "opacity": 0.8}, "encoding": encoding}]


def _box(trace: Trace, _layout: Trace) -> list[Spec]:
    along, across = ("y", "x") if trace.get("y") is not None else ("x", "y")
    by = {"field": across} if trace.get(across) is not None else {"field": "s", "title": None}
    return [{"mark": {"type": "boxplot"}, "encoding": {across: {**by, "type": "nominal"}, along: {"type": "quantitative"}}}]


_MAKERS: dict[str, Callable[[Trace, Trace], list[Spec]]] = {
    "scatter": _scatter,
    "scattergl": _scatter,
    "bar": _bar,
    "histogram": _histogram,
    "box": _box,
}


def _pie(trace: Trace) -> Spec | None:
    labels, values = _values(trace.get("labels")), _values(trace.get("values"))
    if not values or not labels or len(labels) != len(values) or len(values) > _MOST:
        return None
    return {
        "data": {"values": [{"label": str(label), "value": value} for label, value in zip(labels, values, strict=True)]},
        "mark": {"type": "arc", "innerRadius": 50 if trace.get("hole") else 0},
        "encoding": {
            "theta": {"field": "value", "type": "quantitative", "stack": True},
            "color": {"field": "label", "type": "nominal", "title": None, "sort": None, "scale": {"range": list(_COLORS)}},
        },
    }


def _heatmap(trace: Trace, layout: Trace) -> Spec | None:
    rows = _rows(trace.get("z"))
    if not rows or sum(map(len, rows)) > _MOST:
        return None
    xs = _values(trace.get("x")) or list(range(max(map(len, rows))))
    ys = _values(trace.get("y")) or list(range(len(rows)))
    values = [
        {"x": x, "y": y, "z": z}
        for y, row in zip(ys, rows, strict=False)
        for x, z in zip(xs, row, strict=False)
        if isinstance(z, int | float)
    ]
    axes = {
        axis: {"field": axis, "type": "ordinal", "sort": None, "title": _text(_part(layout, f"{axis}axis").get("title"))}
        for axis in ("x", "y")
    }
    color = {"field": "z", "type": "quantitative", "title": None, "scale": {"scheme": "plasma"}}
    return {"data": {"values": values}, "mark": {"type": "rect"}, "encoding": {**axes, "color": color}}


# ---- reading traces and layouts


def _points(trace: Trace, name: str, columns: dict[str, list[Any]]) -> list[Spec]:
    """Returns the values of a trace, with its name and their order."""
    if not columns:
        return []
    if trace.get("type") in (None, "scatter", "scattergl", "bar"):
        length = max(map(len, columns.values()))
        for axis in ("x", "y"):
            columns.setdefault(axis, list(range(length)))
    keys = list(columns)
    points = zip(*columns.values(), strict=False)
    return [{**dict(zip(keys, point, strict=True)), "s": name, "i": i} for i, point in enumerate(points)]


def _is_nested(columns: Mapping[str, list[Any]]) -> bool:
    """Whether a column has lists, as that of a multicategory axis, or objects."""
    return any(isinstance(value, list | Mapping) for column in columns.values() for value in column)


def _axis(axis: str, layout: Trace, values: list[object]) -> Spec:
    own = _part(layout, f"{axis}axis")
    spec: Spec = {"field": axis, "type": "quantitative", "title": _text(own.get("title")) or None}
    known = [value for value in values if value is not None]
    if not all(isinstance(value, int | float) for value in known):
        dates = all(isinstance(value, str) and value[:4].isdecimal() and value[4:5] == "-" for value in known)
        spec |= {"type": "temporal"} if dates else {"type": "nominal", "sort": None, "axis": {"labelAngle": _angle(known)}}
    elif own.get("type") == "log":
        spec["scale"] = {"type": "log"}
    else:
        spec["scale"] = {"zero": False}
    return spec


def _angle(labels: list[object]) -> int:
    """Returns the rotation of labels in degrees: 0 if they fit beside each other."""
    return 0 if sum(len(str(label)) + 1 for label in set(labels)) <= _LABELS else -45


def _values(value: object) -> list[Any]:
    """Returns a column of a trace: a list, or a base64 array as Plotly 6 writes it."""
    if isinstance(value, Mapping):
        return _typed(value)
    return value if isinstance(value, list) else []


def _typed(value: Mapping[str, Any]) -> list[Any]:
    code, data = _TYPES.get(str(value.get("dtype"))), value.get("bdata")
    if code is None or not isinstance(data, str):
        return []
    numbers = array(code)
    try:
        numbers.frombytes(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return []
    if sys.byteorder == "big":
        numbers.byteswap()
    # JSON has no infinity, and Vega-Lite omits null.
    return [number if abs(number) < float("inf") else None for number in numbers]


def _rows(value: object) -> list[list[Any]]:
    if isinstance(value, Mapping):
        flat, shape = _typed(value), str(value.get("shape", "")).replace(" ", "").split(",")
        if len(shape) != 2 or not all(part.isdecimal() and len(part) < 10 for part in shape):
            return []
        if int(shape[0]) * int(shape[1]) != len(flat):
            return []
        step = int(shape[1])
        return [flat[at : at + step] for at in range(0, len(flat), step or 1)]
    return [_values(row) for row in value] if isinstance(value, list) else []


def _part(layout: Trace, name: str) -> Trace:
    found = layout.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    """Returns a title, which is text or an object with text."""
    if isinstance(value, Mapping):
        value = value.get("text")
    return value.replace("<br>", " ") if isinstance(value, str) else ""


def _name(trace: Trace, number: int) -> str:
    name = trace.get("name")
    return name if isinstance(name, str) and name else f"trace {number}"


def _color(trace: Trace, number: int) -> str:
    """Returns the colour of a trace, or Plotly's default for its position."""
    for part in ("marker", "line"):
        color = _part(trace, part).get("color")
        if isinstance(color, str):
            return color
    return _COLORS[number % len(_COLORS)]

"""Plotly figures are converted to Vega-Lite."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from tuinb.render.charts.charts import chart_of
from tuinb.render.charts.plotly import vega_lite


def figure(*traces: dict[str, Any], **layout: Any) -> dict[str, Any]:  # noqa: ANN401
    spec = vega_lite({"data": list(traces), "layout": layout})
    assert spec is not None
    return spec


def values(spec: dict[str, Any], axis: str, layer: int = 0) -> list[Any]:
    return [point.get(axis) for point in spec["layer"][layer]["data"]["values"]]


def test_a_scatter() -> None:
    spec = figure(
        {"type": "scatter", "mode": "markers", "x": [1, 2], "y": [3, 4], "name": "n", "marker": {"color": "#ff0000"}},
        title={"text": "T<br>U"},
        xaxis={"title": {"text": "X"}},
        yaxis={"type": "log"},
    )
    (layer,) = spec["layer"]
    assert (spec["title"], layer["mark"]["type"]) == ("T U", "point")
    assert layer["encoding"]["x"] == {"field": "x", "type": "quantitative", "title": "X", "scale": {"zero": False}}
    assert layer["encoding"]["y"]["scale"] == {"type": "log"}
    assert layer["encoding"]["color"]["scale"] == {"domain": ["n"], "range": ["#ff0000"]}
    assert layer["encoding"]["color"]["legend"] is None
    assert layer["data"]["values"] == [{"x": 1, "y": 3, "s": "n", "i": 0}, {"x": 2, "y": 4, "s": "n", "i": 1}]


def test_lines_with_dates_and_areas() -> None:
    spec = figure({"x": ["2024-01-01", "2024-01-02"], "y": [1, 2], "fill": "tozeroy", "line": {"dash": "dot"}})
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["area", "line", "point"]
    assert spec["layer"][0]["encoding"]["x"]["type"] == "temporal"
    assert "strokeDash" in spec["layer"][1]["mark"]
    assert [layer["mark"]["type"] for layer in figure({"y": [1] * 30})["layer"]] == ["line"]


def test_typed_arrays() -> None:
    data = base64.b64encode(struct.pack("<3d", 1.5, float("nan"), float("inf"))).decode()
    spec = figure({"y": {"dtype": "f8", "bdata": data}})
    assert values(spec, "y") == [1.5, None, None]
    assert values(spec, "x") == [0, 1, 2]


@pytest.mark.parametrize(
    "column", [{"dtype": "c8", "bdata": "AAAA"}, {"dtype": "f8", "bdata": "!"}, {"dtype": "f8", "bdata": "AAAA"}, 3]
)
def test_arrays_that_are_none(column: object) -> None:
    assert vega_lite({"data": [{"y": column}]}) is None


def test_a_figure_that_is_nested_too_deeply_is_no_chart() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert chart_of("application/vnd.plotly.v1+json", {"data": [{"type": deep, "y": [1, 2]}]}) is None


def test_bars_stand_beside_or_upon_each_other() -> None:
    traces = [{"type": "bar", "x": ["a", "b"], "y": [i, 2], "name": f"n{i}"} for i in range(2)]
    (beside,) = figure(*traces)["layer"]
    assert beside["encoding"]["xOffset"] == {"field": "s", "type": "nominal"}
    assert beside["encoding"]["x"]["axis"] == {"labelAngle": 0}
    assert len(beside["data"]["values"]) == 4
    (upon,) = figure(*traces, barmode="stack")["layer"]
    assert upon["encoding"]["y"]["stack"] == "zero"
    (across,) = figure({"type": "bar", "orientation": "h", "y": ["long label " * 9], "x": [1]})["layer"]
    assert across["encoding"]["y"]["axis"] == {"labelAngle": -45}
    assert across["encoding"]["x"]["type"] == "quantitative"


def test_histograms_and_boxes() -> None:
    (histogram,) = figure({"type": "histogram", "x": [1, 2, 2], "nbinsx": 5})["layer"]
    assert histogram["encoding"]["x"]["bin"] == {"maxbins": 5}
    assert "field" not in histogram["encoding"]["y"]
    (words,) = figure({"type": "histogram", "y": ["a", "b"]})["layer"]
    assert words["encoding"]["y"]["type"] == "nominal"
    (box,) = figure({"type": "box", "y": [1, 2]})["layer"]
    assert box["encoding"]["x"]["field"] == "s"
    (boxes,) = figure({"type": "box", "y": [1, 2], "x": ["a", "b"]})["layer"]
    assert boxes["encoding"]["x"]["field"] == "x"


def test_pies() -> None:
    spec = figure({"type": "pie", "labels": ["a", "b"], "values": [1, 2], "hole": 0.4})
    assert spec["data"]["values"] == [{"label": "a", "value": 1}, {"label": "b", "value": 2}]
    assert spec["mark"]["innerRadius"]


def test_heat_maps() -> None:
    flat = {"dtype": "i1", "bdata": base64.b64encode(bytes(range(6))).decode(), "shape": "2, 3"}
    spec = figure({"type": "heatmap", "z": flat, "x": ["a", "b", "c"]}, xaxis={"title": "X"})
    assert spec["data"]["values"][4] == {"x": "b", "y": 1, "z": 4}
    assert spec["encoding"]["x"]["title"] == "X"
    assert figure({"type": "heatmap", "z": [[1, None]]})["data"]["values"] == [{"x": 0, "y": 0, "z": 1}]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        [3],
        [{"type": "scatter3d", "x": [1]}],
        [{"type": "scatter", "y": [1]}, {"type": "scatter", "y": [1], "xaxis": "x2"}],
        [{"y": [1], "visible": "legendonly"}],
        [{"y": []}],
        [{"y": [1] * 40_000}],
        [{"type": "pie", "labels": ["a"], "values": [1, 2]}],
        [{"type": "pie", "values": [1], "labels": ["a"]}] * 2,
        [{"type": "heatmap", "z": 3}],
        [{"type": "heatmap", "z": {"dtype": "i1", "bdata": "AAAA", "shape": "9, 9"}}],
        [{"type": "heatmap", "z": {"dtype": "i1", "bdata": "AAAA", "shape": "9, " + "9" * 5_000}}],
        [{"x": [["a", "a"], ["b", "c"]], "y": [1, 2]}],
        [{"type": "bar", "x": [{"a": 1}], "y": [1]}],
    ],
)
def test_what_is_left_to_the_next_type(data: object) -> None:
    assert vega_lite({"data": data, "layout": 3}) is None

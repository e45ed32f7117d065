"""Charts of bundles: what is drawn, and that no external data is fetched."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.render.support import context, text_of
from tuinb.render.charts import charts
from tuinb.render.charts.charts import Chart, chart_of
from tuinb.render.images import svg
from tuinb.render.images.gallery import Gallery
from tuinb.render.images.picture import PictureBlock
from tuinb.render.registry import ranked, render_bundle

VEGA_LITE = "application/vnd.vegalite.v5+json"
VEGA = "application/vnd.vega.v5+json"
PLOTLY = "application/vnd.plotly.v1+json"
BARS = {"data": {"values": [{"a": "x", "b": 2}]}, "mark": "bar", "encoding": {"x": {"field": "a"}, "y": {"field": "b"}}}
DEEP: dict[str, Any] = {}
for _ in range(500):
    DEEP = {"a": DEEP}

needs_vl_convert = pytest.mark.skipif(not charts.available(), reason="needs vl-convert-python and resvg_py (tuinb[charts])")


ALTAIR = """<style>#a.vega-embed {width: 100%%}</style><div id="a"></div><script>(function(spec, embedOpt){
  function displayChart(vegaEmbed) { vegaEmbed(outputDiv, spec, embedOpt).catch(err => showError()); }
})(%s, {"mode": "vega-lite"});</script>"""


def test_a_plot_without_a_size_is_told_one() -> None:
    chart = chart_of(VEGA_LITE, BARS)
    assert chart is not None
    spec = json.loads(chart.text)
    assert (chart.language, chart.pixels) == ("vega-lite", (spec["width"], spec["height"]))
    assert svg.size_of(chart.head(svg.HEAD)) == chart.pixels


@pytest.mark.parametrize(
    ("mime", "spec", "pixels"),
    [
        (VEGA_LITE, {**BARS, "width": 200, "height": 100}, (290, 160)),
        (VEGA_LITE, {**BARS, "width": 1e9}, (4090, 300)),
        (VEGA_LITE, {**BARS, "width": {"step": 20}}, (560, 300)),
        (VEGA_LITE, {**BARS, "encoding": {"row": {"field": "a"}}}, (560, 300)),
        (VEGA_LITE, {"hconcat": [BARS, BARS]}, (560, 300)),
        (VEGA_LITE, {**BARS, "width": "container"}, (560, 300)),
        (VEGA, {"width": 100, "height": 50, "marks": []}, (190, 110)),
        (VEGA, {"width": float("nan")}, (560, 300)),
    ],
)
def test_sizes(mime: str, spec: dict[str, Any], pixels: tuple[int, int]) -> None:
    chart = chart_of(mime, spec)
    assert chart is not None
    assert chart.pixels == pixels


@pytest.mark.parametrize(
    ("mime", "spec"),
    [
        (VEGA_LITE, {**BARS, "data": {"url": "https://x.y/d.json"}}),
        (VEGA_LITE, {"layer": [{**BARS, "data": {"url": "data.csv"}}]}),
        (VEGA, {"data": [{"name": "t", "url": {"signal": "u"}}]}),
        (VEGA_LITE, DEEP),
        (VEGA_LITE, {"data": {"values": ["x" * 5_000_000]}}),
        (VEGA_LITE, {"data": {"values": [1] * 50_001}}),
        (VEGA_LITE, {"datasets": {"a": [1] * 30_000, "b": [1] * 30_000}}),
        (PLOTLY, {"data": [{"x": [1] * 30_001}]}),
        (VEGA_LITE, {"mark": {1, 2}}),
        (PLOTLY, {}),
    ],
)
def test_what_would_be_fetched_or_is_too_much_is_not_drawn(mime: str, spec: dict[str, Any]) -> None:
    assert chart_of(mime, spec) is None


def test_an_address_in_the_data_is_data() -> None:
    assert chart_of(VEGA_LITE, {**BARS, "data": {"values": [{"a": 1, "b": 2, "url": "https://x.y"}]}}) is not None
    encoded = {**BARS, "encoding": {"url": {"field": "u"}}}
    assert chart_of(VEGA_LITE, encoded) is not None


def test_what_is_rendered_again_is_not_converted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "available", lambda: True)
    converted: list[object] = []

    def convert(_mime: str, value: object) -> None:
        converted.append(value)

    monkeypatch.setattr(charts, "chart_of", convert)
    seen = replace(context(60), pictures=Gallery(synchronous=True))
    figures: list[dict[str, Any]] = [{"number": number} for number in range(10)]
    for figure in (figures[0], figures[0], *figures[1:], figures[9], figures[0]):
        assert charts.render(PLOTLY, figure, seen) is None
    assert [figure["number"] for figure in converted if isinstance(figure, dict)] == [*range(10), 0]


def test_without_pictures_the_next_type_is_shown() -> None:
    bundle = {"text/plain": "alt.Chart(...)", VEGA_LITE: BARS, "text/html": "<script>x</script>"}
    assert ranked(bundle) == [VEGA_LITE, "text/html", "text/plain"]
    assert text_of(render_bundle(bundle, context())) == ["alt.Chart(...)"]


@needs_vl_convert
def test_draws_bars() -> None:
    chart = chart_of(VEGA_LITE, BARS)
    assert chart is not None
    drawn = svg.draw(chart.read(), chart.pixels)
    assert drawn.size == chart.pixels
    assert (76, 120, 168, 255) in {color for _, color in drawn.getcolors(1 << 20) or ()}


@needs_vl_convert
def test_what_can_not_be_drawn_says_why() -> None:
    remote = Chart("vega-lite", json.dumps({**BARS, "data": {"url": "http://127.0.0.1:9/d.json"}}), (10, 10))
    with pytest.raises(ValueError, match="not allowed"):
        remote.read()
    with pytest.raises(ValueError, match="can't be drawn"):
        Chart("vega", '{"marks": 3}', (10, 10)).read()


@needs_vl_convert
def test_images_in_charts_are_not_fetched() -> None:
    place = {"x": {"datum": 1}, "y": {"datum": 1}, "url": {"value": "file:///etc/hostname"}}
    spec = {"data": {"values": [{}]}, "mark": {"type": "image", "width": 9, "height": 9}, "encoding": place}
    drawn = Chart("vega-lite", json.dumps(spec), (90, 60)).read()
    assert b"/etc/hostname" in drawn
    assert b"base64" not in drawn


@needs_vl_convert
def test_a_bundle_is_a_picture_of_its_chart() -> None:
    seen = replace(context(60), pictures=Gallery(synchronous=True))
    block = render_bundle({"text/plain": "alt.Chart(...)", VEGA_LITE: BARS}, seen)
    assert isinstance(block, PictureBlock)
    assert block.height > 5
    assert len({span.style for i in range(block.height) for span in block.line(i)}) > 3
    wrong = render_bundle({VEGA: {"marks": 3}}, seen)
    assert "can't be drawn" in text_of(wrong)[0]
    assert text_of(render_bundle({PLOTLY: {"data": []}, "text/plain": "Figure()"}, seen)) == ["Figure()"]


def test_a_chart_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "SECONDS", 0)
    with pytest.raises(ValueError, match="too long"):
        Chart("vega", "{}", (1, 1)).read()


def test_the_chart_of_a_page_that_only_its_script_would_draw() -> None:
    schema = "https://vega.github.io/schema/vega{}/v5.json"
    chart = {**BARS, "$schema": schema.format("-lite"), "title": "}) ({"}
    assert charts.embedded(ALTAIR % json.dumps(chart)) == ("application/vnd.vegalite.v6+json", chart)
    assert charts.embedded(ALTAIR % json.dumps({"$schema": schema.format("")})) == (
        "application/vnd.vega.v6+json",
        {"$schema": schema.format("")},
    )
    for page in ("<script>f({})</script>", "vegaEmbed()", ALTAIR % "{", ALTAIR % "[]", ALTAIR % ('{"a":' * 200_000)):
        assert charts.embedded(page) is None


@needs_vl_convert
def test_altair_without_a_renderer_chosen_is_a_picture() -> None:
    seen = replace(context(60), pictures=Gallery(synchronous=True))
    spec = {**BARS, "$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    block = render_bundle({"text/html": ALTAIR % json.dumps(spec), "text/plain": "alt.Chart(...)"}, seen)
    assert isinstance(block, PictureBlock)
    fetched = {**spec, "data": {"url": "https://x.y/d.json"}}
    block = render_bundle({"text/html": ALTAIR % json.dumps(fetched), "text/plain": "alt.Chart(...)"}, seen)
    assert text_of(block) == ["alt.Chart(...)"]

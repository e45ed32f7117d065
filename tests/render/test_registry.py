"""Every output has a rendering, and no content from a kernel raises an error."""

from __future__ import annotations

import base64
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.support import STYLES, check, context, text_of
from tuinb.capabilities import Graphics
from tuinb.notebook.changes import CellId
from tuinb.notebook.outputs import Output
from tuinb.notebook.streams.text import StreamText
from tuinb.render import registry
from tuinb.render.charts import charts
from tuinb.render.images import svg
from tuinb.render.images.gallery import Gallery
from tuinb.render.registry import Choices, render_bundle, render_output, stream_block

CELL = CellId("cell")
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 640, 480) + bytes(9)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def shown(output: dict[str, Any], columns: int = 60) -> list[str]:
    return text_of(render_output(Output(output, CELL), context(columns)))


def test_a_stream() -> None:
    assert shown({"output_type": "stream", "name": "stdout", "text": ["a\n", "b\x1b[31mc\n"]}) == ["a", "bc"]


def test_stderr_has_its_colour_under_the_texts_own() -> None:
    block = render_output(Output({"output_type": "stream", "name": "stderr", "text": "warn\x1b[1mbold"}, CELL), context())
    plain, bold = block.line(0)
    assert plain.style == STYLES.role("stderr")
    assert bold.style == STYLES.role("stderr") + bold.style


def test_a_streams_block_grows_with_it() -> None:
    stream = StreamText("a\n")
    block = stream_block(stream, context())
    stream.append("b\nc")
    assert text_of(block) == ["a", "b", "c"]


def test_plain_text_may_be_a_list_and_in_colour() -> None:
    block = render_bundle({"text/plain": ["one\n", "\x1b[31mtwo\x1b[0m"]}, context())
    assert text_of(block) == ["one", "two"]
    assert block.line(1)[0].style is not None


JAVASCRIPT = "IPython.core.display.Javascript object"


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ({"text/html": "<b>x</b>", "text/plain": "x"}, ["x"]),
        ({"text/latex": "$x^2$", "text/plain": "x**2"}, ["x²"]),
        ({"text/latex": ["$\\no^2$"], "text/plain": "x**2"}, ["x**2"]),
        ({"text/latex": ["$\\no^2$"]}, ["$\\no^2$"]),
        ({"text/latex": "$\\no$", "text/plain": "<IPython.core.display.Math object>"}, ["$\\no$"]),
        ({"text/latex": "$x^2$", "text/plain": "<IPython.core.display.Math object>"}, ["x²"]),
        ({"application/geo+json": {"a": 1}, "text/plain": "<geo.Map object at 0x7f>"}, ['  {"a": 1}']),
        ({"application/javascript": "f()", "text/plain": f"<{JAVASCRIPT}>"}, [f"<{JAVASCRIPT}>"]),
        ({"text/plain": "<Figure>", "image/png": b64(PNG)}, ["image/png 640×480, 33 B"]),
        ({"text/markdown": "**x**", "text/plain": "y"}, ["x"]),
        ({"application/json": {"a": [1, None]}, "text/plain": "y"}, ["▾ {", '    "a": [1, null]', "  }"]),
        ({"application/vnd.vegalite.v5+json": {}, "text/plain": "<VegaLite>"}, ["<VegaLite>"]),
        ({"text/html": "<script>é</script>"}, ["text/html, 19 B"]),
        ({"application/pdf": b64(b"x" * 17_600)}, ["application/pdf, 17.6 kB"]),
        ({"application/pdf": b64(b"x" * 90), "text/plain": "<Figure>"}, ["application/pdf, 90 B"]),
        ({"image/svg+xml": "<svg/>"}, ["image/svg+xml, 6 B"]),
        ({"application/x-thing": {"a": 1}}, ["application/x-thing"]),
        ({"\x1b[31m\n": "x"}, [" , 0 B"]),
        ({"text/plain": 3}, ["text/plain should be text, not a number"]),
        ({"text/plain": ["a", 3]}, ["text/plain should be text, not a list of other things"]),
        ({"text/plain": None}, ["text/plain should be text, not null"]),
        ({"text/markdown": {}}, ["text/markdown should be text, not an object"]),
        ({"image/png": True}, ["image/png should be base64 text, not true or false"]),
        ({"text/plain": ""}, []),
        ({}, []),
    ],
)
def test_shows_the_best_type_that_it_can(data: dict[str, Any], rows: list[str]) -> None:
    assert text_of(render_bundle(data, context(60))) == rows


def test_what_is_no_output() -> None:
    assert shown({"output_type": "hologram"}) == ["an output of unknown type 'hologram'"]
    assert shown({}) == ["an output without a type"]
    assert text_of(render_bundle([1], context(80))) == ["a MIME bundle should be an object, not a list of other things"]


def test_an_error_with_its_traceback() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31m---\x1b[0m", "line 1\nline 2"]}
    assert shown(error) == ["---", "line 1", "line 2"]


@pytest.mark.parametrize(
    ("error", "row"),
    [
        ({"ename": "ValueError", "evalue": "no\x1b[2J", "traceback": []}, "ValueError: no"),
        ({"ename": "KeyboardInterrupt", "evalue": "", "traceback": [""]}, "KeyboardInterrupt"),
        ({"ename": 3, "evalue": None, "traceback": "text"}, "3"),
        ({"traceback": [None, 3]}, "an error without a name"),
        ({}, "an error without a name"),
    ],
)
def test_an_error_without_a_traceback(error: dict[str, Any], row: str) -> None:
    block = render_output(Output({"output_type": "error", **error}, CELL), context())
    assert text_of(block) == [row]
    assert block.line(0)[0].style == STYLES.role("error")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
MIMES = st.sampled_from(
    [
        "text/plain",
        "text/html",
        "text/markdown",
        "text/latex",
        "application/json",
        "image/png",
        "image/jpeg",
        "image/svg+xml",
        "x",
    ]
)
OUTPUTS = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "display_data", "execute_result", "error", "odd"])},
    optional={
        "data": st.dictionaries(MIMES, JSON, max_size=3) | JSON,
        "text": JSON,
        "name": st.sampled_from(["stdout", "stderr"]) | JSON,
        "traceback": st.lists(JSON, max_size=3) | JSON,
        "ename": JSON,
        "evalue": JSON,
        "metadata": JSON,
    },
)


@settings(max_examples=50)
@given(OUTPUTS, st.integers(1, 80))
def test_any_output_can_be_shown(output: dict[str, Any], columns: int) -> None:
    check(render_output(Output(output, CELL), context(columns)), columns)


def test_a_renderer_that_fails_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("nested")

    monkeypatch.setitem(registry._RANKED, "text/plain", fail)
    assert text_of(render_bundle({"text/plain": "x"}, context(80))) == [
        "text/plain can't be drawn (KeyError: 'nested'); t chooses another type"
    ]
    monkeypatch.setattr("tuinb.render.markdown.blocks.render", fail)
    assert text_of(registry.render_markdown("# x", context(80))) == ["the text can't be drawn (KeyError: 'nested')", "", "# x"]


CHART = "application/vnd.vegalite.v5+json"
SVG = "image/svg+xml"


@pytest.mark.parametrize(
    ("bundle", "rows"),
    [
        ({CHART: {}}, [f"{CHART}: pip install 'tuinb[charts]' to see it as a picture"]),
        ({CHART: {}, "text/plain": "Chart()"}, ["Chart()", f"{CHART}: pip install 'tuinb[charts]' to see it as a picture"]),
        ({CHART: {}, "text/html": "<b>x</b>", "text/plain": "Chart()"}, ["x"]),
        (
            {"text/html": "<script>vegaEmbed()</script>", "text/plain": "Chart()"},
            ["Chart()", "text/html: pip install 'tuinb[charts]' to see it as a picture"],
        ),
        ({SVG: "<svg/>", "text/plain": "<Figure>"}, ["<Figure>", f"{SVG}: pip install 'tuinb[svg]' to see it as a picture"]),
        ({"application/x": "YQ==", "text/plain": "1"}, ["1"]),
    ],
)
def test_what_is_to_be_installed_is_said(bundle: Any, rows: list[str], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(svg, "available", lambda: False)
    monkeypatch.setattr(charts, "available", lambda: False)
    seen = replace(context(100), pictures=Gallery(synchronous=True))
    assert text_of(render_bundle(bundle, seen)) == rows
    without = replace(seen, capabilities=replace(seen.capabilities, graphics=Graphics.NONE))
    assert "pip install" not in "".join(text_of(render_bundle(bundle, without)))


def test_a_chart_that_is_chosen_is_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "available", lambda: False)
    seen = replace(context(100), pictures=Gallery(synchronous=True))
    assert text_of(render_bundle({CHART: {"mark": "bar"}, "text/plain": "x"}, seen, None, Choices(CHART)))[0] != "x"


def test_the_types_of_a_bundle_are_told_though_a_renderer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setitem(registry._RANKED, "text/html", fails)
    assert registry.types_of({"text/plain": "a", "text/html": "b"}, context()) == ["text/html", "text/plain"]


def test_a_source_that_says_more_than_the_text_is_told_first() -> None:
    data = {"text/plain": "<IPython.core.display.Latex object>", "text/latex": "\\no"}
    assert registry.types_of(data, context()) == ["text/latex", "text/plain"]
    assert registry.types_of(data, context(), "text/plain") == ["text/plain", "text/latex"]
    assert text_of(render_bundle(data, context(), None, Choices("text/plain"))) == ["<IPython.core.display.Latex object>"]

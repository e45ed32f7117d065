"""What counts as the same output, and what is said where it is not."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tuinb.headless.verify.compare import Comparison
from tuinb.headless.verify.noise import described
from tuinb.notebook.nesting import DEEPEST, without_deep_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.headless.verify.compare import Difference


def stream(text: str, name: str = "stdout") -> dict[str, object]:
    return {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}


def shown(**data: object) -> dict[str, object]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {key.replace("_", "/"): value for key, value in data.items()},
    }


def image(size: tuple[int, int], color: str = "red", kind: str = "PNG", **options: int) -> str:
    Image.new("RGB", size, color).save(out := io.BytesIO(), kind, **options)
    return base64.b64encode(out.getvalue()).decode()


def compare(
    saved: list[dict[str, object]], now: list[dict[str, object]], *ignored: str, exact: bool = False
) -> Sequence[Difference]:
    patterns = [re.compile(pattern) for pattern in ignored]
    return list(Comparison(patterns, exact=exact).compare(saved, now).differences)


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("2024-01-02", "2024-01-03"), ("a\n", "b\n")])
def test_what_a_run_says_is_not_passed_over(before: str, after: str) -> None:
    (found,) = compare([stream(before)], [stream(after)])
    assert (found.what, found.diff[-2:]) == ("stdout", (f"-{before.strip()}", f"+{after.strip()}"))


def test_what_is_passed_over_is_counted() -> None:
    compared = Comparison([re.compile(r"seed=\d+")]).compare(
        [stream("Wall time: 1 s\n<f at 0x7f0012345678> seed=1"), shown(text_plain="<g at 0x7f0012345678>")],
        [stream("Wall time: 2 s\n<f at 0x7f0012345679> seed=2"), shown(text_plain="<g at 0x7f0012345677>")],
    )
    assert not compared.differences
    assert described(compared.passed) == "2 addresses, 1 match of your patterns, 1 time"


def test_exact_passes_over_nothing() -> None:
    assert compare([stream("<f at 0x7f0012345678>")], [stream("<f at 0x7fabcdef0123>")], exact=True) != []
    assert compare([stream("{'a', 'b'}")], [stream("{'b', 'a'}")], exact=True) != []


def test_streams_are_joined_before() -> None:
    assert compare([stream("a\n"), stream("e\n", "stderr"), stream("b\n")], [stream("a\nb\n"), stream("e\n", "stderr")]) == []


def test_patterns_of_ones_own() -> None:
    assert compare([stream("seed=12\n")], [stream("seed=999\n")], r"seed=\d+") == []
    assert compare([stream("seed=12 2 s\n")], [stream("seed=9 3 s\n")], r"seed=\d+", exact=True) != []


def test_white_space_alone() -> None:
    (found,) = compare([stream("a\n")], [stream("a")])
    assert "white space" in found.diff[0]


def test_the_type_that_tells_most_is_told() -> None:
    before, after = shown(text_html="<b>1</b>", text_plain="1"), shown(text_html="<b>2</b>", text_plain="2")
    (found,) = compare([before], [after])
    assert found.what == "text/plain"
    (found,) = compare([shown(text_html="<b>1</b>", text_plain="x")], [shown(text_html="<b>2</b>", text_plain="x")])
    assert found.what == "text/html"
    (found,) = compare([before], [shown(text_plain="1")])
    assert found.what == "text/html: there is none now"


def test_an_output_more_or_less_moves_no_other() -> None:
    one, two = shown(text_plain="1"), shown(text_plain="2")
    (found,) = compare([two], [one, two])
    assert (found.what, found.diff[-1]) == ("text/plain: there was none", "+1")
    (found,) = compare([one, two], [two])
    assert found.what == "text/plain: there is none now"


def test_images_are_the_same_where_their_pixels_are() -> None:
    packed, loose = image((64, 48), compress_level=9), image((64, 48), compress_level=0)
    assert packed != loose
    assert compare([shown(image_png=packed)], [shown(image_png=loose)]) == []
    (found,) = compare([shown(image_png=packed)], [shown(image_png=image((64, 48), "blue"))])
    assert found.what == "image differs (64×48, 100 % of the pixels)"
    (found,) = compare([shown(image_png=packed)], [shown(image_png=image((32, 48)))])
    assert found.what == "image differs (32×48, was 64×48)"
    assert compare([shown(image_png="iVBO")], [shown(image_png="iVBO")]) == []
    assert compare([shown(image_png="iVBO")], [shown(image_png="é\udfff")]) != []
    assert compare([shown(image_gif=image((2, 2), kind="GIF"))], [shown(image_gif=image((2, 2), kind="GIF"))]) == []


def test_the_image_is_the_news() -> None:
    before = shown(image_png=image((64, 48)), text_plain="<Figure size 432x288 with 1 Axes>")
    after = shown(image_png=image((64, 48), "blue"), text_plain="<Figure size 640x480 with 1 Axes>")
    (found,) = compare([before], [after])
    assert (found.what, len(found.images)) == ("image differs (64×48, 100 % of the pixels)", 2)
    (found,) = compare([before], [])
    assert (found.what, found.image_names, len(found.images)) == ("image/png: there is none now", ("was",), 1)
    (found,) = compare([], [before])
    assert (found.what, found.image_names, len(found.images)) == ("image/png: there was none", ("is now",), 1)
    (found,) = compare([before], [shown(text_plain="2")])
    assert found.what == "image/png: there is none now"


def test_a_few_pixels() -> None:
    Image.new("RGB", (64, 48), "red").save(out := io.BytesIO(), "PNG")
    picture = Image.open(out)
    picture.putpixel((3, 4), (255, 0, 1))
    picture.save(other := io.BytesIO(), "PNG")
    before, after = (base64.b64encode(one.getvalue()).decode() for one in (out, other))
    (found,) = compare([shown(image_png=before)], [shown(image_png=after)])
    assert found.what == "image differs (64×48, less than 1 % of the pixels)"


@pytest.mark.parametrize(
    ("before", "after", "code", "note"),
    [
        ("a\nb\nc\n", "c\na\nb\n", "set(x)", " (the same lines in another order, of a set?)"),
        ("['a', 'b']", "['b', 'a']", "{x for x in y}", " (the same words in another order, of a set?)"),
        ("['a', 'b']", "['b', 'a']", "{1: 2, 3: 4}", " (the same words in another order)"),
        ("a b", "a c", "set(x)", ""),
    ],
)
def test_another_order_is_named(before: str, after: str, code: str, note: str) -> None:
    (found,) = Comparison(code=code).compare([stream(before)], [stream(after)]).differences
    assert found.what == f"stdout{note}"


def test_vectors_and_objects() -> None:
    one, other = (
        '<svg id="p0123456789"><use href="#p0123456789"/></svg>',
        '<svg id="pabcdef0123"><use href="#pabcdef0123"/></svg>',
    )
    key = "image_svg+xml"
    assert compare([shown(**{key: one})], [shown(**{key: other})]) == []
    (found,) = compare([shown(**{key: one})], [shown(**{key: one.replace("use", "g")})])
    assert found.what == "image differs (SVG)"
    view = "application_vnd.jupyter.widget-view+json"
    assert compare([shown(**{view: {"model_id": "1"}})], [shown(**{view: {"model_id": "2"}})]) == []
    assert compare([shown(application_json={"a": 1, "b": 2})], [shown(application_json={"b": 2, "a": 1})]) == []
    (found,) = compare([shown(application_json={"a": 1})], [shown(application_json={"a": 2})])
    assert '+ "a": 2' in found.diff


@pytest.mark.parametrize("kind", ["application_json", "application_x+json", "text_plain"])
def test_a_run_is_the_same_as_its_saved_output_where_that_lost_what_is_too_deep(kind: str) -> None:
    deep: object = 1
    for _ in range(DEEPEST):
        deep = [deep]
    for output in (shown(**{kind: deep}), shown(**{kind: deep, "text_html": "x"}), {**shown(text_html="x"), "metadata": deep}):
        assert compare([dict(without_deep_parts(output))], [output]) == []


def test_errors_are_told_by_their_name_and_text() -> None:
    error: dict[str, object] = {"output_type": "error", "ename": "E", "evalue": "<f at 0x7f0012345678>", "traceback": ["here"]}
    assert compare([error], [{**error, "evalue": "<f at 0x7f0012345679>", "traceback": []}]) == []
    (found,) = compare([error], [{**error, "evalue": "else"}])
    assert found.diff[-1] == "+E: else"
    (found,) = compare([error], [])
    assert found.what == "error: there is none now"


@pytest.mark.parametrize("text", ["1" * 300_000, "1," * 150_000 + "1", "iVBORw0KGgo/" * 25_000, "[1<1, " * 50_000])
def test_a_text_of_any_size_is_read_once(text: str) -> None:
    ((name, clean),) = Comparison(code="perf_counter id( hash( uuid", run=(0, 1)).texts([stream(text)])
    assert (name, clean) == ("stdout", text)

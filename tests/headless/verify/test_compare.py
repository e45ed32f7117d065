"""What counts as the same output, and what is said where it is not."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tuinb.headless.verify.compare import Comparison

if TYPE_CHECKING:
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
) -> list[Difference]:
    patterns = [re.compile(pattern) for pattern in ignored]
    return Comparison(patterns, exact=exact).differences(saved, now)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<f at 0x7f0012345678>", "<f at 0x7fabcdef0123>"),
        ("at 2024-01-02 10:11:12.345", "at 2026-11-21T09:00:00Z"),
        ("Sat Nov 21 14:30:24 2026", "Sun Nov  1 04:30:24 2025"),
        ("[datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)]", "[datetime.datetime(2026, 11, 21, 19, 45, 34, 1)]"),
        ("1795290334.1166017", "1795290337.615"),
        ("took 1.23 s", "took 456 ms"),
        (
            "CPU times: user 2 ms, sys: 0 ns, total: 2 ms\nWall time: 2.1 ms",
            "CPU times: user 1 s, sys: 3 µs, total: 1 s\nWall time: 2 s",
        ),
        (
            "1.2 µs ± 3 ns per loop (mean of 7 runs, 1,000,000 loops each)",
            "1.9 µs ± 30 ns per loop (mean of 7 runs, 100,000 loops each)",
        ),
        ("10%|# | 1/10 [00:01<00:09,  1.5it/s]", "10%|# | 1/10 [00:00<?, ?it/s]"),
        ("memory usage: 1.2+ KB", "memory usage: 900.0 bytes"),
        ("/tmp/a1/x.png saved", "/tmp/b2/y.png saved"),
        ("/tmp/ipykernel_12/3456.py:3: UserWarning: x", "/tmp/ipykernel_98/7.py:3: UserWarning: x"),
        ("/a/lib/python3.11/site-packages/m.py:7: W", "/b/c/site-packages/m.py:7: W"),
        ("id 6fa459ea-ee8a-3ca4-894e-db77e160355e", "id 16fd2706-8baf-433b-82eb-8c7fada847da"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("Cell In[3], line 2", "Cell In[14], line 2"),
        ("10%\r100%\n", "100%\n"),
    ],
)
def test_what_no_run_repeats_is_the_same(before: str, after: str) -> None:
    assert compare([stream(before)], [stream(after)]) == []
    assert compare([stream(before)], [stream(after)], exact=True) != [] or "\r" in before


MEANT = [("datetime.datetime(2024, 1, 2, 3, 4)", "datetime.datetime(2024, 1, 2, 3, 5)"), ("1795290334", "1795290335")]


@pytest.mark.parametrize(
    ("before", "after"), [("1", "2"), ("2024-01-02", "2024-01-03"), ("0x10", "0x11"), ("a\n", "b\n"), *MEANT]
)
def test_what_a_run_says_is_not(before: str, after: str) -> None:
    (found,) = compare([stream(before)], [stream(after)])
    assert (found.what, found.diff[-2:]) == ("stdout", (f"-{before.strip()}", f"+{after.strip()}"))


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
    assert found.what == "image differs (64×48)"
    (found,) = compare([shown(image_png=packed)], [shown(image_png=image((32, 48)))])
    assert found.what == "image differs (32×48, was 64×48)"
    assert compare([shown(image_png="iVBO")], [shown(image_png="iVBO")]) == []
    assert compare([shown(image_png="iVBO")], [shown(image_png="é")]) != []
    assert compare([shown(image_gif=image((2, 2), kind="GIF"))], [shown(image_gif=image((2, 2), kind="GIF"))]) == []


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


def test_errors_are_told_by_their_name_and_text() -> None:
    error: dict[str, object] = {"output_type": "error", "ename": "E", "evalue": "at 0x7f0012345678", "traceback": ["here"]}
    assert compare([error], [{**error, "evalue": "at 0x7f0012345679", "traceback": []}]) == []
    (found,) = compare([error], [{**error, "evalue": "else"}])
    assert found.diff[-1] == "+E: else"
    (found,) = compare([error], [])
    assert found.what == "error: there is none now"


@pytest.mark.parametrize("text", ["1" * 300_000, "1," * 150_000 + "1", "iVBORw0KGgo/" * 25_000, "[1<1, " * 50_000])
def test_a_text_of_any_size_is_read_once(text: str) -> None:
    assert Comparison().clean(text) == text

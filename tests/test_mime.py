"""Outputs as files."""

from __future__ import annotations

import base64

import pytest

from tuinb.errors import TuinbError
from tuinb.mime import content_of, ending, text_of


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("text/plain", ".txt"),
        ("text/html", ".html"),
        ("image/png", ".png"),
        ("image/svg+xml", ".svg"),
        ("application/pdf", ".pdf"),
        ("application/json", ".json"),
        ("application/vnd.vega.v5+json", ".json"),
        ("image/bmp", ".bmp"),
        ("text/x-none-such", ".txt"),
        ("application/x-none-such", ".bin"),
    ],
)
def test_endings(mime: str, expected: str) -> None:
    assert ending(mime) == expected


def test_text_is_written_as_it_is() -> None:
    assert content_of("text/html", ["<b>", "é</b>"]) == "<b>é</b>".encode()
    assert content_of("image/svg+xml", "<svg/>") == b"<svg/>"
    assert content_of("text/plain", "\ud800") == b"\xed\xa0\x80"


def test_json_is_indented() -> None:
    assert text_of("application/geo+json", {"a": [1, "é"]}) == '{\n  "a": [\n    1,\n    "é"\n  ]\n}\n'


def test_json_that_is_nested_deeply_is_indented() -> None:
    deep: object = 1
    for _ in range(2000):
        deep = [deep]
    text = text_of("application/json", deep) or ""
    assert (text.count("["), text.count("\n")) == (2000, 4001)


def test_binary_is_decoded() -> None:
    data = bytes(range(256))
    coded = base64.encodebytes(data).decode()
    assert content_of("image/png", coded) == data
    assert content_of("application/pdf", coded.splitlines(keepends=True)) == data
    assert text_of("image/png", coded) is None


def test_damaged_binary_is_said() -> None:
    with pytest.raises(TuinbError, match="this image/png is damaged"):
        content_of("image/png", "not base64!")

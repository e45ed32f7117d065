"""Pictures of the screen: written and read back, and the message about what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.ui.screenshot import ACCEPT, Look, Run, compare, read, rows_of, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.screenshot import Runs

STYLES = [Style.parse(style) for style in ("", "red", "#102030 on #a0b0c0", "bold reverse", "underline on blue", "dim italic")]
PIECES = st.tuples(st.text("a <&漢▌", min_size=1, max_size=4), st.sampled_from(STYLES))


def picture(*rows: str, style: str = "") -> Runs:
    """The rows of a screen; the last one is painted in a style."""
    styles = [*[""] * (len(rows) - 1), style]
    return rows_of(Strip([Segment(text, Style.parse(style))]) for text, style in zip(rows, styles, strict=True))


@given(st.lists(st.lists(PIECES, max_size=5), max_size=4))
def test_what_is_written_is_read_back(rows: list[list[tuple[str, Style]]]) -> None:
    shown = rows_of(Strip([Segment(*piece) for piece in row]).adjust_cell_length(40) for row in rows)
    assert read(write(shown)) == shown


def test_segments_that_are_cut_elsewhere_are_the_same_picture() -> None:
    red, blue = Style.parse("bold red"), Style.parse("blue")
    one = Strip([Segment("one two", red), Segment("  ", blue)])
    other = Strip([Segment("one", red), Segment(" ", blue), Segment("two ", red), Segment(" ", red)])
    assert rows_of([one]) == rows_of([other]) == [[Run("one two  ", Look("#cd0000", "#111318", ("bold",)))]]


def test_reversed_colours_are_exchanged() -> None:
    assert picture("x", style="reverse green") == [[Run("x", Look("#111318", "#00cd00"))]]


def test_equal_pictures_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCEPT, "1")
    compare(picture("one", "two"), tmp_path / "stored" / "a.svg", tmp_path)
    monkeypatch.delenv(ACCEPT)
    compare(picture("one", "two"), tmp_path / "stored" / "a.svg", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["stored"]


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (picture("one", "twx"), ["-two", "+twx"]),
        (picture("one"), ["-two"]),
        (
            picture("one", "two", style="red"),
            ["-row 1, columns 0 to 2: 'two' #d8dee4 on #111318", "+row 1, columns 0 to 2: 'two' #cd0000 on #111318"],
        ),
        (
            picture("one", "two", style="bold reverse"),
            ["-row 1, columns 0 to 2: 'two' #d8dee4 on #111318", "+row 1, columns 0 to 2: 'two' #111318 on #d8dee4 bold"],
        ),
    ],
)
def test_a_difference_is_shown_as_rows_or_as_runs(
    now: Runs, message: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ACCEPT, raising=False)
    stored, made = tmp_path / "stored.svg", tmp_path / "new"
    stored.write_text(write(picture("one", "two")), encoding="utf-8")
    made.mkdir()
    with pytest.raises(pytest.fail.Exception) as failed:
        compare(now, stored, made)
    lines = str(failed.value).splitlines()
    assert [line for line in lines if line[0:1] in "-+" and line[1:2] not in "-+"] == message
    assert f"The screen now: {made / 'stored.svg'}" in lines
    assert any(f"{ACCEPT}=1 python -m pytest" in line for line in lines)
    assert read((made / "stored.svg").read_text(encoding="utf-8")) == now


def test_a_picture_that_is_not_stored_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ACCEPT, raising=False)
    with pytest.raises(pytest.fail.Exception, match="There is no stored picture"):
        compare(picture("one"), tmp_path / "stored" / "a.svg", tmp_path)

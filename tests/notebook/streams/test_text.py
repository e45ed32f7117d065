"""Streams as lines: whatever the chunks, the text is the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb.notebook.streams import live_tail
from tuinb.notebook.streams.live_tail import LIVE_LINES
from tuinb.notebook.streams.text import PIECE, StreamText

CHUNKS = st.lists(
    st.sampled_from(
        [
            *"ab1m[]\n\r\b\x1b\x07\\é",
            "wxyz",
            "\r\n",
            "\n\n\n",
            *(f"\x1b[{code}" for code in ("31m", "1;44m", "0m", "A", "2B", "C", "3D", "4G")),
            *(f"\x1b[{code}" for code in ("E", "F", "K", "1K", "2K", "J", "2J")),
            "\x1b]8;;x\x07",
            "\x1b(B",
            "\r12345\r123\r1",
        ]
    ),
    max_size=30,
)


def written(*chunks: str) -> StreamText:
    stream = StreamText()
    for chunk in chunks:
        stream.append(chunk)
    return stream


def whole(stream: StreamText) -> tuple[str, list[str], int]:
    return stream.text(), stream.lines(0, stream.line_count), stream.line_count


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("100\r5", "500"),
        ("a\r\nb\n", "a\nb\n"),
        ("abc\b\bX", "aXc"),
        ("\b\ba", "a"),
        ("ab\x1b[8G\b\b\b\b\b\bX\x1b[31m", "aX\x1b[31m"),
        ("ab\x1b[31m\x1b[8G\b\b\b\b\bX", "ab\x1b[31mX"),
        ("a\tb\r\tc", "\tcb"),
        ("ab\rX\ncd", "Xb\ncd"),
        ("ab\r12\r12345\r1\rXYZ\rQ", "QYZ45"),
        ("\r" + "-" * 5000, "-" * 5000),
        ("one\ntwo\x1b[A\rX", "Xne\ntwo"),
        ("one\ntwo\x1b[A\rX\nY", "Xne\nYwo"),
        ("ab\x1b(B\ncd\x1b[AX", "ab\x1b(BX\ncd"),
        ("one\ntwo\x1b[FX\x1b[EY", "Xne\nYwo"),
        ("one\ntwo\x1b[9A\x1b[9B\rX", "one\nXwo"),
        ("abcd\x1b[3DX\x1b[CY", "aXcY"),
        ("ab\x1b[5GX", "ab  X"),
        ("abcd\x1b[2G\x1b[K", "a"),
        ("abcd\x1b[2G\x1b[1K", "  cd"),
        ("\x1b[1K", ""),
        ("abcd\x1b[2KX", "    X"),
        ("abcd\x1b[3K", "abcd"),
        ("abcd\x1b[K", "abcd"),
        ("one\ntwo\x1b[A\x1b[2G\x1b[J", "o"),
        ("\x1b[31mabc\x1b[0m\rX", "X\x1b[31mbc\x1b[0m"),
        ("\x1b[31mabc\x1b[0m\r\x1b[32mXYZ\x1b[0m", "\x1b[32mXYZ\x1b[0m"),
        ("ab\r\x1b[32mX\x1b[0m", "\x1b[32mX\x1b[0mb"),
        ("\x1b[31mab\ncd\x1b[0m\x1b[A\rX", "X\x1b[31mb\ncd\x1b[0m"),
        ("\x1b[31mab\ncd\x1b[0m\rX", "\x1b[31mab\n\x1b[0mX\x1b[31md\x1b[0m"),
        ("a\nb\x1b[A\x1b[31mXY\x1b[0mZ", "a\x1b[31mXY\x1b[0mZ\nb"),
        ("a\x1bé\x1b[5\n", "a␛é␛[5\n"),
        ("a\x1b]8;;u\x07b\x1b[?25l", "a\x1b]8;;u\x07b\x1b[?25l"),
        ("a\x1b[3", "a\x1b[3"),
        ("ab\x1b]8;;\x07\rX\x1b[31m\x1b[C", "Xb\x1b]8;;\x07\x1b[31m"),
        ("", ""),
    ],
)
def test_text_is_what_a_terminal_would_show(text: str, shown: str) -> None:
    assert written(text).text() == shown


@given(CHUNKS, st.data())
@settings(max_examples=100)
def test_any_chunking_gives_the_same(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    stream = written(*(text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True)))
    assert whole(stream) == whole(written(text))


@pytest.mark.parametrize("before", ["\x1b[C\x1b[31m", "\x1b[4G\x1b[1;44m", "wxyz\x1b[2K\x1b[31m"])
def test_a_line_end_that_is_cut_in_two_is_one(before: str) -> None:
    """Of a style that no text was written in, nothing shows where it begins: it begins at the end of the row, either way."""
    assert whole(written(before, "\r", "\nab")) == whole(written(before, "\r\nab"))


@given(CHUNKS, st.integers(0, 30), st.integers(0, 2))
@settings(max_examples=40)
def test_kept_text_and_a_live_tail_are_the_same_to_what_follows(parts: list[str], at: int, lead: int) -> None:
    """A long plain chunk lets the tail go; the cursor then has to find its lines again, also in closed pieces."""
    plain = ["", "-" * 5000 + "\n", "+\n" * PIECE][lead]
    before, after = "".join(parts[:at]), "".join(parts[at:])
    step = 3000
    small = [plain[start : start + step] for start in range(0, len(plain), step)]
    assert whole(written(before, plain, after)) == whole(written(before, *small, after))


@given(CHUNKS, st.integers(0, 30))
@settings(max_examples=100)
def test_a_stream_that_is_written_again_goes_on_the_same(parts: list[str], at: int) -> None:
    stream = written(*parts[:at])
    other = written(stream.as_written())
    assert whole(other) == whole(stream)
    for part in parts[at:]:
        stream.append(part)
        other.append(part)
    assert whole(other) == whole(stream)


@given(st.lists(CHUNKS.map("".join), min_size=1, max_size=6), st.data())
@settings(max_examples=50)
def test_a_mark_gives_back_what_was_held(chunks: list[str], data: st.DataObject) -> None:
    stream = StreamText()
    held = []
    for chunk in chunks:
        held.append((stream.mark(), whole(stream)))
        stream.append(chunk)
    final = whole(stream)
    for mark, was in data.draw(st.permutations(held)):
        other = StreamText()
        other.truncate(mark)
        assert whole(other) == was
        other.append("\rX\x1b[A\x1b[31mY")
        assert whole(stream) == final


def test_the_cursor_does_not_leave_the_live_lines() -> None:
    stream = written("".join(f"{number}\n" for number in range(LIVE_LINES * 3)), "\x1b[999A\rX")
    assert [at for at, line in enumerate(stream.lines(0, stream.line_count)) if "X" in line] == [LIVE_LINES * 2 + 1]
    stream.append("\x1b[999B" + "\n" * 3 * LIVE_LINES + "\x1b[999AY")
    lines = stream.lines(0, stream.line_count)
    assert [at for at, line in enumerate(lines) if "Y" in line] == [LIVE_LINES * 5 + 1]


def test_the_cursor_finds_lines_that_were_put_away() -> None:
    stream = written("line\n" * 20_000)
    pieces = stream.piece_count
    stream.append("\x1b[99A\rX\n")
    assert stream.lines(19_900, 19_903) == ["line", "Xine", "line"]
    stream = written("-" * 40_000 + "\n" + "+" * 40_000, "\n", "\x1b[", "AX")
    assert (pieces > 1, stream.line_count, stream.lines(1, 2)) == (True, 2, ["X" + "+" * 39_999])


def test_a_line_beyond_reason_is_not_edited() -> None:
    long = "x" * 100_000
    assert written(long, "\rabc").text() == f"{long}\nabc"
    assert written(long, "\r\r").text() == long
    assert written(f"{long}\rabc\rX").text() == f"{long}\nXbc"
    assert written(long, "\b\x1b[31m", "abc").text() == f"{long}\x1b[31m\nabc"
    assert written("x\b", long, "\babc").text() == f"{long}\nabc"


def test_columns_are_bounded() -> None:
    assert len(written("\x1b[999999999CX").text()) < 5000


def test_a_progress_bar_does_not_grow() -> None:
    stream = StreamText()
    for number in range(2000):
        stream.append(f"\r\x1b[32m{number % 100:3}%\x1b[0m|{'#' * (number % 10):10}|")
    assert stream.chars < 60
    assert stream.line_count == 1


@pytest.mark.parametrize(
    ("long", "step"), [("." * 20_000, ".|\b"), ("\x1b[31m.\x1b[0m" * 20_000, "\b"), ("\x1b[31m.", "\b\x1b[C")]
)
def test_a_long_line_is_not_read_again_for_each_movement_on_it(long: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spinner behind a row of dots, and worse: what a row says is read when it is first edited, and when it is shown."""
    read: list[int] = []
    text, width = live_tail._Cells.text, live_tail._width

    def told(row: live_tail._Cells) -> str:
        read.append(len(row.chars))
        return text(row)

    def measured(row: str | live_tail._Cells) -> int:
        read.append(len(row) if isinstance(row, str) else 0)
        return width(row)

    monkeypatch.setattr(live_tail._Cells, "text", told)
    monkeypatch.setattr(live_tail, "_width", measured)
    stream = written(long, *[step] * 500)
    assert sum(read) <= 2 * len(long)
    assert stream.text().startswith(long[:10])


def test_many_lines_are_found_fast_and_whole() -> None:
    lines = [f"line {number}" for number in range(100_000)]
    text = "\n".join(lines) + "\n"
    for size in (700, 500_000):
        stream = written(*(text[start : start + size] for start in range(0, len(text), size)))
        assert stream.line_count == len(lines)
        assert stream.chars == len(text)
        assert stream.text() == text
        for start in (0, 1, 3000, 50_000, 99_995):
            assert stream.lines(start, start + 10) == lines[start : start + 10]
        assert stream.lines(-5, 2) == lines[:2]
        assert stream.lines(5, 5) == stream.lines(200_000, 200_001) == []
        assert stream.lines(0, stream.line_count) == lines


def test_pieces_hold_every_line_once() -> None:
    stream = written(*["some text that goes on\nmore of it\n"] * 5000, "x" * 200_000, "\nend")
    pieces = [stream.piece(index) for index in range(stream.piece_count)]
    assert sum(piece.line_count for piece in pieces) == stream.line_count
    at = 0
    for piece in pieces:
        assert piece.first_line == at
        at += piece.line_count
        lines = stream.lines(piece.first_line, at)
        assert piece.max_len == max(map(len, lines))
    before = pieces[:-1]
    stream.append("more\n")
    assert [stream.piece(index) for index in range(len(before))] == before


def test_there_is_no_piece_and_no_line_outside() -> None:
    stream = written("a\n")
    for index in (1, -1):
        with pytest.raises(IndexError):
            stream.piece(index)
    assert StreamText().piece_count == 0
    assert written("\r").line_count == 0


def test_a_line_in_many_parts_is_one_line() -> None:
    stream = written(*["x" * 100] * 5000)
    assert (stream.line_count, stream.chars, stream.piece_count) == (1, 500_000, 1)
    assert stream.lines(0, 1) == ["x" * 500_000]
    stream.append("y\n" * 100_000)
    assert stream.lines(0, 2) == ["x" * 500_000 + "y", "y"]


def test_the_style_of_lines_above_is_known() -> None:
    stream = written("plain\n\x1b[31mred\nred too\n", "still\n" * 40_000, "\x1b[0m\nplain\n\x1b[1mbold\nbold")
    last = stream.line_count - 1
    assert stream.style_before(0) == stream.style_before(1) == ""
    assert stream.style_before(2) == stream.style_before(20_000) == "\x1b[31m"
    assert stream.style_before(last - 1) == ""
    assert stream.style_before(last) == "\x1b[1m"
    assert StreamText().style_before(0) == ""


def test_the_live_tail_knows_the_style_above_it() -> None:
    stream = written("\x1b[31m", "red\n" * 40_000, "\rX")
    assert stream.style_before(39_999) == "\x1b[31m"
    stream.append("\nab" * 300 + "\ra\x1b[0mb\rX")
    assert stream.lines(stream.line_count - 1, stream.line_count) == ["\x1b[0mXb"]


@pytest.mark.parametrize("text", ["\x1b[", "\x1b\x1b", "x\x1bP\n"])
def test_broken_sequences_are_made_visible_at_a_cost_that_follows_the_text(text: str) -> None:
    stream = StreamText()
    for _ in range(200):
        stream.append(text * 500)
    whole = stream.text()
    assert whole.count("␛") == 200 * 500 * text.count("\x1b") - whole.count("\x1b")
    assert whole.count("\x1b") <= 1


def test_a_long_text_inside_the_screen_goes_up_to_its_first_line_feed() -> None:
    stream = StreamText("one\ntwo")
    stream.append("\x1b[A" + "x" * 100_000 + "\n" + "y" * 100_000)
    assert stream.text() == "one" + "x" * 100_000 + "\n" + "y" * 100_000


def test_the_lines_of_pieces_of_any_size_are_what_was_written() -> None:
    lines = [*map(str, range(PIECE // 2)), "x" * 3 * PIECE, "\x1b[31mred", "end"]
    stream = written("".join(f"{line}\n" for line in lines))
    assert [line for first in range(0, len(lines), 100) for line in stream.lines(first, first + 100)] == lines
    assert [stream.style_before(line) for line in (0, 9, len(lines) - 3)] == ["", "", ""]


@pytest.mark.parametrize("first", ["so far\n", "a\nb", "x" * PIECE + "\n", ""])
@pytest.mark.parametrize("long", ["y" * PIECE, "z\n" * PIECE, "w" * PIECE + "\nend"])
def test_a_long_text_after_short_lines(first: str, long: str) -> None:
    stream = StreamText()
    for text in ("begin\n", first, long, "after\n"):
        stream.append(text)
    whole = StreamText(f"begin\n{first}{long}after\n")
    assert stream.text() == whole.text()
    assert stream.line_count == whole.line_count
    assert stream.lines(0, stream.line_count) == whole.lines(0, whole.line_count)
    assert sum(stream.piece(at).line_count for at in range(stream.piece_count)) == stream.line_count

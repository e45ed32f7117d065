"""Highlighting stays correct while the source is edited."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pygments.token import Comment, Keyword, Name, Number, String

from tests.render.support import STYLES
from tuinb.render.block import Span, plain
from tuinb.render.code import highlight as code
from tuinb.render.code.highlight import Highlighted

FRAGMENTS = [
    '"""',
    "'",
    '"',
    "\n",
    "def f(x):",
    "  return",
    "# c",
    "\\",
    "%time",
    "!ls '",
    "%%bash\n",
    "x = 1",
    "(",
    ")",
    "f'{a}'",
    "\t",
]
SOURCES = st.lists(st.sampled_from(FRAGMENTS), max_size=20).map("".join)


def highlighted(source: str, language: str = "python") -> Highlighted:
    return Highlighted(source, language, STYLES)


def style_at(code: Highlighted, row: int, column: int) -> object:
    for span in code.spans(row):
        if column < len(span.text):
            return span.style
        column -= len(span.text)
    return None


def test_colours_a_line() -> None:
    shown = highlighted("def f(x):\n    return 'a' # b")
    assert [(span.text, span.style) for span in shown.line(1)] == [
        ("    ", None),
        ("return", STYLES.token(Keyword)),
        (" ", None),
        ("'a'", STYLES.token(String)),
        (" ", None),
        ("# b", STYLES.token(Comment)),
    ]


def test_a_string_over_many_lines_keeps_its_colour() -> None:
    shown = highlighted('x = """a\nb\n"""\nreturn 3')
    assert style_at(shown, 1, 0) == STYLES.token(String)
    assert style_at(shown, 3, 0) == STYLES.token(Keyword)


def test_opening_a_string_above_changes_what_is_below() -> None:
    lines = ["x = 1", *["return 2"] * 50]
    shown = highlighted("\n".join(lines))
    assert style_at(shown, 40, 0) == STYLES.token(Keyword)
    shown.update("\n".join(['x = """', *lines[1:]]))
    assert style_at(shown, 40, 0) in (STYLES.token(String), STYLES.token(String.Doc))
    shown.update("\n".join(lines))
    assert style_at(shown, 40, 0) == STYLES.token(Keyword)


@pytest.mark.parametrize(
    ("source", "row", "column", "token"),
    [
        ("%matplotlib inline", 0, 0, Name.Decorator),
        ("!echo \"don't\n'x'", 1, 0, String),
        ("x = !ls '\nreturn", 1, 0, Keyword),
        ("print?\nreturn", 0, 0, Name.Decorator),
        ("?print\nreturn", 1, 0, Keyword),
        ("%time return", 0, 6, Keyword),
        ("%%time\nreturn", 1, 0, Keyword),
        ("%%html\n<b>", 0, 0, Name.Decorator),
        ("%%html\n<b>", 1, 1, Name.Tag),
        ("x = 5 % 3", 0, 8, Number),
        ("a != b\nreturn", 1, 0, Keyword),
    ],
)
def test_ipythons_own_syntax_does_not_break_the_rest(source: str, row: int, column: int, token: object) -> None:
    assert style_at(highlighted(source), row, column) == STYLES.token(token)  # type: ignore[arg-type]


def test_a_cell_magic_that_comes_and_goes_changes_the_language() -> None:
    shown = highlighted("%%bash\nfor x in y; do")
    assert style_at(shown, 1, 0) == STYLES.token(Keyword)
    shown.update("%%writefile\nfor x in y; do")
    assert shown.line(1) == (Span("for x in y; do"),)
    assert style_at(shown, 0, 0) == STYLES.token(Name.Decorator)
    shown.update("for x in y: pass")
    assert style_at(shown, 0, 0) == STYLES.token(Keyword)


@settings(max_examples=40)
@example('"""\n%%bash\n', [('"""', 11)], "python")
@given(
    SOURCES,
    st.lists(st.tuples(SOURCES, st.integers(0, 30)), max_size=4),
    st.sampled_from(["python", "bash", "markdown", "ruby"]),
)
def test_an_edited_source_is_coloured_like_a_new_one(source: str, edits: list[tuple[str, int]], language: str) -> None:
    shown = highlighted(source, language)
    for text, at in edits:
        if at % 3:
            shown.line(min(at, shown.line_count - 1))
        at = min(at, len(source))
        source = source[:at] + text + source[at + at % 5 :]
        shown.update(source)
    fresh = highlighted(source, language)
    assert shown.line_count == fresh.line_count == source.count("\n") + 1
    assert [shown.line(i) for i in range(shown.line_count)] == [fresh.line(i) for i in range(fresh.line_count)]


@given(st.text(), st.sampled_from(["python", "json", "ruby", "r", "text", "nonsense"]))
def test_any_source_is_shown_character_by_character(source: str, language: str) -> None:
    shown = highlighted(source, language)
    lines = source.split("\n")
    assert [len(plain(shown.spans(i))) for i in range(shown.line_count)] == [len(line) for line in lines]
    assert not any(char < " " for i in range(shown.line_count) for char in plain(shown.line(i)))


def test_tabs_are_spaces_when_painted_and_tabs_for_the_editor() -> None:
    shown = highlighted("\tif a:\t# b")
    assert plain(shown.line(0)) == "    if a:   # b"
    assert plain(shown.spans(0)) == "\tif a:\t# b"


def test_only_what_is_asked_for_is_lexed() -> None:
    source = "\n".join(f"def f{i}(): return {i}" for i in range(10_000))
    shown = highlighted(source)
    steps = 0
    engine = shown._engine
    assert engine is not None
    step = engine.step

    def counted(text: str, at: int, stack: tuple[str, ...]) -> object:
        nonlocal steps
        steps += 1
        return step(text, at, stack)

    engine.step = counted  # type: ignore[method-assign,assignment]
    try:
        for i in range(40):
            shown.line(i)
        at_the_start = steps
        assert style_at(shown, 9_999, 0) == STYLES.token(Keyword)
        assert at_the_start < 1_000
        assert steps - at_the_start < 200
        shown.update(source.replace("f20(", "g20("))
        before = steps
        for i in range(40):
            shown.line(i)
        assert steps - before < 100
    finally:
        engine.step = step  # type: ignore[method-assign]


def test_a_very_long_line_stays_plain_and_the_rest_does_not() -> None:
    shown = highlighted(f"x = '{'a' * 20_000}'\nreturn")
    assert len(shown.spans(0)) == 1
    assert style_at(shown, 1, 0) == STYLES.token(Keyword)


def test_a_real_file() -> None:
    source = Path(code.__file__).read_text(encoding="utf-8")
    shown = highlighted(source)
    assert "\n".join(plain(shown.line(i)) for i in range(shown.line_count)) == source


def test_far_lines_are_lexed_some_at_a_time_and_keep_their_colours_over_an_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "_SECONDS", 60.0)  # a slow machine, on which coverage is measured
    lines = [f"name_{i} = 'text' if x else {i}" for i in range(1_750)]
    lines[1_690] = "def f():"
    lines[1_691] = "    return 'x'"
    shown, fresh = highlighted("\n".join(lines)), highlighted("\n".join(lines[1_680:1_720]))
    guessed = [shown.line(i) for i in range(1_680, 1_710)]
    assert guessed == [fresh.line(i) for i in range(30)]
    changed = [*lines[:1_685], "new = 1", "more = 2", *lines[1_686:]]
    shown.splice("\n".join(changed), 1_685, 1_686, ["new = 1", "more = 2"])
    after = [shown.line(i) for i in range(1_680, 1_711)]
    assert [a is b for a, b in zip(after[:4], guessed[:4], strict=True)] == [True] * 4
    assert [a is b for a, b in zip(after[7:], guessed[6:], strict=True)] == [True] * 24
    whole = highlighted("\n".join(changed))
    while whole.lex_more(500):
        pass
    assert after == [whole.line(i) for i in range(1_680, 1_711)]
    assert not whole.lex_more(500)


def test_a_piece_of_a_line_begins_at_its_column() -> None:
    shown = highlighted("x = 'a'\t# b")
    assert plain(shown.piece(0, 0, 7, 0)) == "x = 'a'"
    assert plain(shown.piece(0, 7, 11, 6)) == "  # b"
    assert "".join(span.text for span in shown.piece(0, 4, 11, 0)) == "'a' # b"


def test_lines_of_a_language_without_states_are_not_lexed_ahead() -> None:
    assert not highlighted("plain\ntext", "text").lex_more(10)

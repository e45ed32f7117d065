"""Lexing from any line gives what Pygments gives from the start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pygments.lexer import RegexLexer
from pygments.lexers import get_all_lexers, get_lexer_by_name

from tests.render.support import STYLES
from tuinb.render.block import plain
from tuinb.render.code import highlight
from tuinb.render.code.highlight import Highlighted
from tuinb.render.code.lexing import ROOT, Engine, Token, body_language, engine_of

SAMPLES = {
    "python": Path(highlight.__file__).read_text(encoding="utf-8"),
    "r": 'x <- c(1, 2)\n# note\nf <- function(a, b = "s") { a %in% b }\n`odd name` <- TRUE\n',
    "julia": 'function f(x::Int)\n  "doc $x"\n  """\n  more\n  """\n  #= block\n  =# return x^2\nend\n',
    "bash": 'for i in "$@"; do\n  cat <<EOF\n$i\nEOF\n  echo $((1 + 2))\ndone\n',
    "javascript": "const f = (a) => `x ${a + `y`}`; /* multi\nline */ let r = /re+/g;\n",
    "c++": '#include <vector>\nint main() { /* a\nb */ return 0; } // "x"\n',
    "scala": 'object A { val s = s"x $y"; """multi\nline""" }\n',
    "rust": 'fn main() { let s = r#"raw\n"#; println!("{}", s); }\n',
    "sql": "SELECT a, 'b' FROM t -- c\nWHERE x = 1;\n/* d\n*/\n",
    "haskell": 'main :: IO ()\nmain = putStrLn "x" {- a\n-} -- b\n',
    "markdown": "# Title\n\n*em* **strong** `code`\n\n```python\nx = 1\n```\n- item\n",
    "latex": "\\section{x} $a^2$ % c\n\\begin{align}\nx &= 1\n\\end{align}\n",
    "html": "<p class='a'>x</p>\n<script>\nlet a = 1;\n</script>\n<!-- c\n-->\n",
}


def test_pygments_still_keeps_its_tables_where_we_read_them() -> None:
    lexer = get_lexer_by_name("python")
    assert isinstance(lexer, RegexLexer)
    rules = vars(type(lexer))["_tokens"]["root"]
    assert all(len(rule) == 3 and callable(rule[0]) for rule in rules)


@pytest.mark.parametrize("language", SAMPLES)
def test_gives_what_pygments_gives(language: str) -> None:
    lexer = get_lexer_by_name(language)
    engine = Engine(lexer)
    assert engine.incremental
    text = SAMPLES[language]
    found: list[Token] = []
    at, stack = 0, ROOT
    while at < len(text):
        tokens, at, stack = engine.step(text, at, stack)
        found.extend(tokens)
    expected = RegexLexer.get_tokens_unprocessed(lexer, text)  # type: ignore[arg-type]
    assert [token for token in found if token[2] != "\n"] == [token for token in expected if token[2] != "\n"]


@pytest.mark.parametrize(
    ("name", "lexer"),
    [
        ("python", "PythonLexer"),
        ("ipython3", "PythonLexer"),
        ("Python", "PythonLexer"),
        ("R", "SLexer"),
        ("C++17", "CppLexer"),
        ("julia", "JuliaLexer"),
        ("javascript", "JavascriptLexer"),
    ],
)
def test_finds_the_lexer_of_a_notebooks_language(name: str, lexer: str) -> None:
    engine = engine_of(name)
    assert engine is not None
    assert type(engine.lexer).__name__ == lexer


@pytest.mark.parametrize("name", ["", "text", "no such language", "\x1b[31m", "raw"])
def test_what_is_unknown_is_plain(name: str) -> None:
    assert engine_of(name) is None


def test_the_language_below_a_cell_magic() -> None:
    assert body_language("%%bash -e") == "bash"
    assert body_language("%%R") == "r"
    assert body_language("%%time") is None
    assert body_language("%%") is None
    assert body_language("%bash") is None


LANGUAGES = sorted({aliases[0] for _, aliases, _, _ in get_all_lexers() if aliases})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cell_in_every_language_that_pygments_knows(language: str) -> None:
    source = "x = 1\nif (a < b) { return 'x'; }  # c\n<a b='c'>d</a>\n"
    shown = Highlighted(source, language, STYLES)
    assert [plain(shown.line(row)) for row in range(shown.line_count)] == source.split("\n")


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("gherkin", " " * 4000),
        ("nemerle", " " * 4000),
        ("systemd", "a\n" * 2000),
        ("autohotkey", "<!--" * 1000),
        ("fan", '"' * 4000),
    ],
)
# The signal may come in a callback of the test tools, where its exception is lost.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lexer_that_would_take_minutes_is_given_up(language: str, source: str) -> None:
    """Each takes between a second and for ever if it is not stopped; pytest's own time limit fails this test then."""
    shown = Highlighted(source, language, STYLES)
    for row in (0, shown.line_count // 2, shown.line_count - 1):
        assert plain(shown.line(row)) == source.split("\n")[row]


def take_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every lexing take too long."""
    monkeypatch.setattr(highlight, "_SECONDS", 1e-9)
    monkeypatch.setattr(highlight, "_LINE_SECONDS", 0.0)
    monkeypatch.setattr(highlight, "_CHARACTER_SECONDS", 0.0)


def test_a_cell_that_was_given_up_stays_plain_when_it_is_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    engine_of.cache_clear()
    take_no_time(monkeypatch)
    shown = Highlighted("x = 1", "python", STYLES)
    shown.line(0)
    monkeypatch.undo()
    shown.update("x = 12")
    assert [span.style for span in shown.line(0)] == [None]
    engine_of.cache_clear()


def test_a_language_whose_lexer_was_given_up_often_stays_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    engine_of.cache_clear()
    take_no_time(monkeypatch)
    for _ in range(3):
        Highlighted("x = 1", "python", STYLES).line(0)
    monkeypatch.undo()
    assert [span.style for span in Highlighted("x = 1", "python", STYLES).line(0)] == [None]
    engine_of.cache_clear()


async def test_code_is_not_highlighted_in_other_threads() -> None:
    shown = Highlighted("x = 1", "python", STYLES)
    assert [span.style for span in await asyncio.to_thread(shown.line, 0)] == [None]
    assert len(shown.line(0)) > 1

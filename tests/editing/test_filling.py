"""Filling as (before, after). `|` is the cursor, `^` the other end of a selection."""

from __future__ import annotations

import pytest

from tests.editing.test_motions import state_of, written
from tuinb.editing import filling
from tuinb.editing.selection import Selection

LONG = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor"
LEFT = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do"

MARKDOWN = [
    ("a\n\nb|\nc\n\nd", "a\n\nb| c\n\nd"),
    (f"- {LONG} m|ore\n  and so on\n- next", f"- {LEFT}\n  eiusmod tempor m|ore and so on\n- next"),
    (f"1. [ ] {LONG} x|", f"1. [ ] {LEFT}\n       eiusmod tempor x|"),
    (f"> {LONG} it\n> quo|te\n\nx", f"> {LEFT}\n> eiusmod tempor it quo|te\n\nx"),
    (f"- {LONG}|\ngoes on", f"- {LEFT}\n  eiusmod tempor| goes on"),
    (f"{LEFT} - an|d", f"{LEFT} - an|d"),
    (f"{LEFT} ab - an|d", f"{LEFT} ab -\nan|d"),
    ("a|  \nb\nc", "a|  \nb\nc"),
    ("a  \nb|\nc", "a  \nb| c"),
    ("# A |head\ntext", None),
    ("| a | b |\n| c |", None),
    ("```\na |b\nc\n```", None),
    ("    a|\n    b", None),
    ("***|", None),
    ("> > a b\n>> c|", "> > a b c|"),
    ("|\n\na\nb", None),
    ("|a\nb", "|a b"),
    ("a^\nb\n\n\n# h\nc\nd|", "a b\n\n\n# h\nc d|"),
]


def filled(before: str, language: str) -> str | None:
    head, other = before.rindex("|"), before.find("^")
    plain = before[:head] + before[head + 1 :]
    state = state_of("|", language=language)
    state.splice(0, 0, plain.replace("^", ""))
    selection = Selection(other if other >= 0 else head, head - (other >= 0))
    state.selection = selection
    edit = filling.fill(state, selection)
    if edit is None:
        return None
    state.splice(edit.start, edit.end, edit.text)
    state.finish(edit)
    return written(state)


@pytest.mark.parametrize(("before", "after"), MARKDOWN)
def test_markdown(before: str, after: str | None) -> None:
    assert filled(before, "markdown") == (None if after == before else after)


CODE = [
    (f'    """{LONG} f|oo."""', f'    """{LEFT}\n    eiusmod tempor f|oo."""'),
    ('"""Short.\n\n    a\n    b|\n\n    x: c\n    """', '"""Short.\n\n    a b|\n\n    x: c\n    """'),
    ('"""\n- a\n  b|\n- c\n"""', '"""\n- a b|\n- c\n"""'),
    ("x = 1\n# a\n# b|\n#\n# c", "x = 1\n# a b|\n#\n# c"),
    (f"x\n  # {LONG} a|", f"x\n  # {LEFT}\n  # eiusmod tempor a|"),
    ("# - a\n#   b|", "# - a b|"),
    ('"""\n>>> f(1)\n... f(2)|\n"""', None),
    ('x = """a b|\nc""".format(1)', None),
    ('f("""a\nb|""", 5)', None),
    ("x = 1|\ny", None),
    ('x = "a|"\ny', None),
    ("|", None),
]


@pytest.mark.parametrize(("before", "after"), CODE)
def test_comments_and_strings_of_code(before: str, after: str | None) -> None:
    assert filled(before, "python") == after


def test_where_there_is_text_to_fill() -> None:
    state = state_of("|x = 1\n# a", language="python")
    assert not filling.is_text(state, Selection(0, 0))
    assert filling.is_text(state, Selection(0, 8))

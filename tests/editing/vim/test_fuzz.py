"""Random keys: against a real vim where there is one, and for what must hold of any keys."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editing.vim.oracle import Case, is_there, steady
from tests.editing.vim.player import machine_on, play
from tuinb.editing.vim.state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXTS = (
    "import os\n\ndef f(a, b):\n    return g(a[0], \"x y\") + {'k': 1}\n\n# end, of it.",
    "foo.bar(baz)  qux-quux\n  indented line\n\n\nlast",
    "one two  three\n\tfour five\n",
    "a",
    "",
    '(a (b c) d) [e {f}] "str\\"ing"\n<t>x</t>',
)
MOTIONS = (
    *"hjklwWbBeE0^$;,G%{}+-_|nN*#()",
    *("ge", "gE", "fa", "ta", "Fa", "Ta", "gg", "2w", "3j", "2fa", "3|"),
)
OBJECTS = tuple(f"{around}{name}" for around in "ia" for name in 'wW([{sp"t')
OPERATORS = ("d", "c", "y", ">", "<", "g~", "gu", "gU")
SIMPLE = (
    *"xXDJpPu\x12.~Y&\x01\x18",
    *("rz", "gJ", "dd", "yy", ">>", "<<", "3x", "2dd", "2.", "ma", "`a", "'a", '"add', '"ap', "qaxq", "@a", "gv\x1b"),
    *("`[", "`]", "g;", ":s/a/b/g\r", ":%s/o/00/\r", "/a\r", "?o\r"),
    *(f"{key}*\x1b" for key in ("C", "s", "S", "o", "O", "A", "I", "i", "a", "cc", "R", "gi")),
)
VISUAL = (*"dy~>JuU", "cz\x1b", "rq", "o\x1b")


def one_of(rng: random.Random, choices: Sequence[str]) -> str:
    """Returns one of the choices."""
    return choices[rng.randrange(len(choices))]


def command(rng: random.Random) -> str:
    """Returns the keys of a random command."""
    kind = rng.random()
    count = one_of(rng, ["", "", "", "", "", "2", "3"])
    if kind < 0.35:
        return count + one_of(rng, MOTIONS)
    if kind < 0.6:
        operator = one_of(rng, OPERATORS)
        return count + operator + one_of(rng, MOTIONS + OBJECTS) + ("new\x1b" if operator == "c" else "")
    if kind < 0.72:
        return one_of(rng, "vV\x16") + one_of(rng, MOTIONS + OBJECTS) + one_of(rng, VISUAL)
    return one_of(rng, SIMPLE).replace("*", one_of(rng, ["q", "ab ", "x\ry"]))


def cases(rng: random.Random, number: int, most: int) -> list[Case]:
    """Returns random cases of at most so many commands."""
    found = []
    for _ in range(number):
        lines = tuple(one_of(rng, TEXTS).split("\n"))
        row = rng.randrange(len(lines))
        column = rng.randrange(max(1, len(lines[row])))
        found.append(Case(lines, row, column, "".join(command(rng) for _ in range(rng.randint(1, most)))))
    return found


@pytest.mark.skipif(not is_there(), reason="no vim with +eval is installed")
@pytest.mark.parametrize(("most", "share"), [(1, 0.98), (5, 0.95)])
def test_as_vim(most: int, share: float) -> None:
    seed = random.SystemRandom().getrandbits(32)
    answered = steady(cases(random.Random(seed), 600, most))
    differ = [(case, answer, ours) for case, answer in answered if (ours := play(case)) != answer]
    # 600 cases tell a share to about 1 %.
    assert len(differ) <= (1 - share + 0.015) * len(answered), f"seed {seed}:\n" + "\n".join(map(str, differ))


LETTERS = "hjklwbeWBE0^$fta;,gG%{}()*#nNdcy<>~=pPxXrsSDCYuvVoOiaIARJqm@\"'`.&1239/?:|_+- "
CONTROLS = "\r\x1b\x16\x12\x01\x18\x0f\x17\x15\x08\t"
KEYS = st.lists(st.sampled_from(LETTERS + CONTROLS), max_size=25)


@given(text=st.sampled_from(TEXTS), keys=KEYS, place=st.tuples(st.integers(0, 5), st.integers(0, 30)))
def test_any_keys(text: str, keys: list[str], place: tuple[int, int]) -> None:
    """No keys raise, the cursor stays in the text, Esc ends all modes, and undo gives the text back."""
    lines = tuple(text.split("\n"))
    row = place[0] % len(lines)
    machine = machine_on(lines, row, min(place[1], max(0, len(lines[row]) - 1)))
    vim = machine.vim
    for key in keys:
        machine.feed(key)
        assert 0 <= vim.cursor.row <= vim.last_row
        assert 0 <= vim.cursor.column <= len(vim.line_here)
    for key in "\x1b\x1b\x1b":
        machine.feed(key)
    assert vim.mode is Mode.NORMAL
    assert not vim.pending
    for _ in range(len(keys) + 1):
        machine.feed("u")
    assert vim.text.text == text

"""Random keys: against a real vim where there is one, and for what must hold of any keys."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editing.vim.commands import TEXTS, cases
from tests.editing.vim.oracle import is_there
from tests.editing.vim.player import machine_on
from tests.editing.vim.score import compared
from tuinb.editing.vim.state import Mode


@pytest.mark.skipif(not is_there(), reason="no vim with +eval is installed")
@pytest.mark.parametrize(("most", "share"), [(1, 0.98), (5, 0.95)])
def test_as_vim(most: int, share: float) -> None:
    seed = random.SystemRandom().getrandbits(32)
    found = compared(cases(random.Random(seed), 600, most))
    differ = [one for one in found if one[1] != one[2]]
    # 600 cases tell a share to about 1 %.
    assert len(differ) <= (1 - share + 0.015) * len(found), f"seed {seed}:\n" + "\n".join(map(str, differ))


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

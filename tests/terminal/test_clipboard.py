"""Copying over any number of hops."""

from __future__ import annotations

import base64
import re

from tuinb.capabilities import Capabilities
from tuinb.terminal.clipboard import LIMIT, osc52

TEXT = "x = 1\nprint('é')\n"
ENCODED = base64.b64encode(TEXT.encode()).decode()


def test_the_plain_sequence() -> None:
    assert osc52(TEXT, Capabilities()) == f"\x1b]52;c;{ENCODED}\x07"


def test_tmux_gets_it_plain_and_to_pass_on() -> None:
    sequence = osc52(TEXT, Capabilities(multiplexer="tmux"))
    plain = f"\x1b]52;c;{ENCODED}\x07"
    assert sequence == plain + f"\x1bPtmux;\x1b\x1b]52;c;{ENCODED}\x07\x1b\\"


def test_screen_gets_it_in_strings_that_it_passes_on() -> None:
    sequence = osc52("x" * 1000, Capabilities(multiplexer="screen"))
    assert sequence is not None
    chunks = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
    assert max(map(len, chunks)) <= 250
    assert "".join(chunks) == osc52("x" * 1000, Capabilities())


def test_what_is_too_long_is_refused() -> None:
    assert osc52("x" * (LIMIT * 3 // 4), Capabilities()) is not None
    assert osc52("x" * LIMIT, Capabilities()) is None
    assert osc52("x", Capabilities(clipboard=False)) is None


def test_a_lone_surrogate_is_copied_as_a_question_mark() -> None:
    assert osc52("\ud800", Capabilities()) == osc52("?", Capabilities())

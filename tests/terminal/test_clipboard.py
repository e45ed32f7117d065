"""Copying over any number of hops."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from tuinb.capabilities import Capabilities
from tuinb.terminal.clipboard import LIMIT, osc52, to_tmux

if TYPE_CHECKING:
    from pathlib import Path


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


async def test_tmux_is_asked_by_its_own_command(tmp_path: Path) -> None:
    told = tmp_path / "told"
    tmux = tmp_path / "tmux"
    # An old tmux: it does not know -w.
    tmux.write_text(f'#!/bin/sh\n[ "$2" = -w ] && exit 1\ncat > "{told}"\n')
    tmux.chmod(0o755)
    assert await to_tmux("süß\n", {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert told.read_text(encoding="utf-8") == "süß\n"


async def test_a_tmux_that_is_not_there_takes_nothing(tmp_path: Path) -> None:
    assert not await to_tmux("x", {"PATH": str(tmp_path)})

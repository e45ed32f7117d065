"""A window that shrinks to one character and grows back while a kernel floods it: the screen is whole, and memory is bounded.

The cell clears its output again and again, so that the output itself stays small.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from tests.faults.tally import Tally
from tests.support import write_notebook
from tests.terminal_emulator import Terminal
from tuinb.daemon import asking
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLOOD: Final = """
from IPython.display import clear_output
for n in range(10**9):
    print('line', n)
    if n % 1000 == 0: clear_output()
"""
_SIZES: Final = ((1, 1), (1, 200), (100, 1), (2, 3), (60, 200))
_SETTLED: Final = 20
"""Tries until memory is compared: what is imported and cached on the way is there by then."""
_MOST: Final = 60
"""Megabytes by which the session may grow after that."""
_PATIENCE: Final = 20.0


def resize(scratch: Path, tries: int, seed: int) -> Tally:
    """Resizes the window `tries` times, to one character at least every second time."""
    tally, chance = Tally("a window of one character in a flood", seed), random.Random(seed)
    # The paths of sockets have to be short.
    temporary = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp"))
    os.environ["TMPDIR"] = str(temporary)
    os.environ["XDG_STATE_HOME"] = str(scratch / "state")
    scratch.mkdir(parents=True, exist_ok=True)
    path = write_notebook(scratch / "a.ipynb", _FLOOD)
    used: list[tuple[int, int]] = []
    try:
        with Terminal([sys.executable, "-m", "tuinb", str(path)], cwd=scratch) as terminal:
            terminal.wait_for(lambda: "idle" in terminal.status, within=60)
            terminal.send("\x05")
            terminal.wait_for("[*]")
            session = psutil.Process(_pid(path))
            for problem in _problems(terminal, chance, tries):
                tally.add(problem)
                used.append((session.memory_info().rss, session.num_fds()))
        start = used[min(_SETTLED, len(used) // 2)]
        grown, opened = (used[-1][0] - start[0]) / 2**20, used[-1][1] - start[1]
        tally.more = f"; the session grew by {grown:.1f} MB and {opened} descriptors"
        if grown > _MOST or opened > 0:
            tally.lost.append("the session grew")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return tally


def _pid(path: Path) -> int:
    daemon = Place.of(path).connect()
    assert daemon is not None, "there is no session"
    with daemon:
        return int(asking.ask(daemon, "status")["pid"])


def _problems(terminal: Terminal, chance: random.Random, tries: int) -> Iterator[str]:
    """Yields what was wrong after each try, or an empty string."""
    for number in range(tries):
        rows, columns = chance.choice(_SIZES) if number % 2 else (1, 1)
        terminal.resize(rows, columns)
        terminal.watch(chance.uniform(0, 0.05))
        terminal.screen.reset()
        terminal.resize(24, 80)
        try:
            terminal.wait_for(lambda: "busy" in terminal.status and terminal.shows("[*]"), within=_PATIENCE)
            assert b"Traceback" not in terminal.raw, "there is a traceback on the screen"
        except AssertionError as error:
            yield f"try {number}, {rows} x {columns}: {error}"
        else:
            yield ""
        del terminal.raw[:-1000], terminal.arrivals[:-1]

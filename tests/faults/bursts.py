"""Bursts of random keys on the whole program, with a real kernel: several keys come in one read, as on a slow line.

After each try the program takes keys, or has ended by a command that ends it.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Final

from tests.faults.tally import Tally
from tests.support import write_notebook
from tests.terminal_emulator import ESCAPE, Terminal
from tuinb.config import KEY_SETS

SECONDS: Final = 6.0
"""How long a try types."""
_PATIENCE: Final = 10.0
"""Seconds that one key may take while the machine has other work."""
_HELP: Final = "\x1bOP"
_CELLS: Final = (
    "import time\nx = 1\nfor n in range(30):\n    print(n); time.sleep(.02)",
    "print(x)",
    "1/0",
    "# Title",
    "y = [x] * 3\ny",
    "input('q? ')",
)
_KEYS: Final = (
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789/?[]=()<>'\"\\% ",
    *("\r", ESCAPE, "\t", "\x7f") * 3,
    *(f"\x1b[{letter}" for letter in "ABCDHF"),
    *(f"\x1b[1;{number}{letter}" for number in (2, 3, 5) for letter in "ABCD"),
    *(f"\x1b[{number}~" for number in (3, 5, 6, 15, 17, 18, 19, 20)),
    *(f"\x1bO{letter}" for letter in "PQRS"),
    *(chr(number) for number in range(1, 27) if chr(number) not in "\x11\x1a"),
    *("\x1c", "\x1f", "ii", "00", "dd", "R", "D", "I", "T", ")", "u", "z"),
)
"""Without Ctrl+Q and Q, which leave, and without Ctrl+Z."""


def press(scratch: Path, tries: int, seed: int) -> Tally:
    """Types in `tries` programs."""
    tally, chance = Tally("bursts of keys", seed), random.Random(seed)
    # The paths of sockets have to be short.
    temporary = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp"))
    os.environ["TMPDIR"] = str(temporary)
    os.environ["XDG_STATE_HOME"] = str(scratch / "state")
    try:
        for number in range(tries):
            folder = scratch / str(number)
            folder.mkdir(parents=True)
            bursts: list[str] = []
            try:
                _try(folder, chance, bursts)
            except AssertionError as error:
                tally.add(f"try {number}, last bursts {bursts[-12:]}: {error}")
            else:
                tally.add()
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return tally


def _try(folder: Path, chance: random.Random, bursts: list[str]) -> None:
    path = write_notebook(folder / "a.ipynb", *_CELLS)
    (folder / "tuinb").mkdir()
    (folder / "tuinb" / "config.toml").write_text(f'[keys]\nset = "{chance.choice(KEY_SETS)}"\n')
    options = [] if chance.random() < 0.5 else ["--no-session"]
    rows, columns = chance.choice(((24, 80), (40, 120), (10, 40)))
    programs = dict.fromkeys(("VISUAL", "BROWSER"), "true") | {"PAGER": "cat", "XDG_CONFIG_HOME": str(folder)}
    command = [sys.executable, "-m", "tuinb", *options, str(path)]
    with Terminal(command, cwd=folder, env=programs, rows=rows, columns=columns) as terminal:
        terminal.wait_for(lambda: "idle" in terminal.status, within=60)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not terminal.has_ended:
            bursts.append("".join(chance.choice(_KEYS) for _ in range(chance.randint(1, 10))))
            terminal.send(bursts[-1])
            terminal.pump(chance.choice((0, 0.01, 0.05, 0.3)))
        _check(terminal)


def _check(terminal: Terminal) -> None:
    """Fails unless a key is taken once the others are, or the program has ended by a command."""
    until = time.monotonic() + _PATIENCE
    for leave in cycle((ESCAPE, "\x07", ESCAPE * 2)):
        if terminal.has_ended:
            code = terminal.exit_code()
            assert code == 0, f"it ended with {code}:\n{terminal.text}"
            return
        terminal.send(leave)
        terminal.pump(0.3)
        before = terminal.status
        terminal.send(_HELP)
        for _ in range(10):
            terminal.pump(0.1)
            if terminal.status != before:
                return
        assert time.monotonic() < until, f"no key is taken:\n{terminal.text}"

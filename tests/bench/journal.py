"""What the journal costs: the same program with it and without it, in turn.

    python -m tests.bench.journal with|without FILE …      the program of one side

Each figure is the difference of two neighbouring runs, so that what the machine does besides counts on both sides.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.bench import notebooks
from tests.bench.figures import LETTERS, RUN_AND_ADVANCE, Row, Setting, changes, front_end, seconds_to
from tests.bench.notebooks import READY_SHOWN, SEEN
from tests.support import ROOT
from tests.terminal_emulator import ENTER, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SIDES = ("with", "without")


class _Cost(NamedTuple):
    elapsed: float
    """Seconds, or milliseconds for a key."""
    used: float
    """Processor time in the same unit."""
    size: int = 0
    """Bytes of the journal."""


def _program(setting: Setting, side: str, notebook: Path) -> tuple[Terminal, Path]:
    """Returns the program, and its folder for state: what an earlier one left would be offered."""
    state = Path(tempfile.mkdtemp(dir=setting.folder))
    command = [sys.executable, "-m", "tests.bench.journal", side, str(notebook), "--no-session"]
    return Terminal(command, rows=40, columns=120, cwd=ROOT, env={"XDG_STATE_HOME": str(state)}), state


def _elapsed(cost: _Cost) -> float:
    return cost.elapsed


def _used(cost: _Cost) -> float:
    return cost.used


_TIMES: Sequence[tuple[str, Callable[[_Cost], float]]] = (("elapsed", _elapsed), ("processor time", _used))


def _pairs(measure: Callable[[str], _Cost], runs: int) -> list[tuple[_Cost, _Cost]]:
    """Measures both sides in turn. The first pair is not counted."""
    return [(measure("with"), measure("without")) for _ in range(runs + 1)][1:]


def _opened(setting: Setting, notebook: Path, side: str) -> _Cost:
    with _program(setting, side, notebook)[0] as terminal:
        elapsed = seconds_to(terminal, SEEN)
        terminal.settle(1)
        return _Cost(1000 * elapsed, 1000 * front_end(terminal)[1])


def _typed(setting: Setting, notebook: Path, side: str) -> _Cost:
    with _program(setting, side, notebook)[0] as terminal:
        terminal.wait_for(SEEN)
        terminal.settle(1.5)
        terminal.send(ENTER)
        terminal.settle(0.8)
        _, before = front_end(terminal)
        # A record is written 0.25 s after the first change: every fourth key or so comes while the thread works.
        times = [changes(terminal, letter, quiet=0.08)[0] for letter in LETTERS * 2]
        terminal.settle(0.5)
        used = 1000 * (front_end(terminal)[1] - before) / len(times)
        return _Cost(median(times), used)


def _flooded(setting: Setting, notebook: Path, side: str) -> _Cost:
    program, state = _program(setting, side, notebook)
    with program as terminal:
        terminal.wait_for("6 * 7")
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.send(RUN_AND_ADVANCE)
        terminal.wait_for(READY_SHOWN)
        terminal.settle(1)
        before = _all_used(terminal)
        began = time.perf_counter()
        terminal.send(RUN_AND_ADVANCE)
        terminal.wait_for(lambda: "busy" in terminal.status)
        terminal.wait_for(lambda: "idle" in terminal.status, within=300)
        elapsed = time.perf_counter() - began
        terminal.settle(1.5)  # the rest of the journal
        size = sum(file.stat().st_size for file in (state / "tuinb" / "journals").glob("*"))
        return _Cost(elapsed, _all_used(terminal) - before, size)


def _all_used(terminal: Terminal) -> float:
    """Returns the seconds of processor time of all processes: a flood takes as long as its kernel, too."""
    return sum(process.cpu_times().user + process.cpu_times().system for process in terminal.family())


def journal(setting: Setting) -> Iterator[Row]:
    """A key, a flood and a start."""
    notebook = notebooks.many(setting.folder / "journal.ipynb", 2_000)
    yield from _more("key to screen", _pairs(partial(_typed, setting, notebook), setting.runs), 1.0)
    lines = 200_000 if setting.quick else 1_000_000
    flood = notebooks.flood(setting.folder / "flood.ipynb", f"for i in range({lines}): print('flood line', i)")
    found = _pairs(partial(_flooded, setting, flood), setting.runs)
    for name, of in _TIMES:
        detail = f"{median(of(one) for one, _ in found):.2f} s; without {median(of(other) for _, other in found):.2f} s"
        ratio = median(of(one) / of(other) for one, other in found)
        yield Row(f"{lines:,} lines with the journal ÷ without, {name}", ratio, "", 1.05, 1.0, detail)
    text = sum(len(f"flood line {number}\n") for number in range(lines))
    size = median(one.size for one, _ in found)
    yield Row(f"journal of {lines:,} lines ÷ their text", size / text, "", 1.2, 0.5, f"{size / 1e6:.1f} MB")
    yield from _more("first content, 2,000 cells", _pairs(partial(_opened, setting, notebook), setting.runs), 5.0)


def _more(what: str, found: list[tuple[_Cost, _Cost]], must: float) -> Iterator[Row]:
    for name, of in _TIMES:
        detail = f"{median(of(one) for one, _ in found):.2f} ms; without {median(of(other) for _, other in found):.2f} ms"
        yield Row(
            f"{what}: more with the journal, {name}", median(of(one) - of(other) for one, other in found), "ms", must, 0, detail
        )


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {"journal": journal}


def _main(side: str, words: list[str]) -> int:
    """Runs the program, with or without a journal."""
    from tuinb.cli import main
    from tuinb.session import opening

    if side == "without":
        begin: Any = opening.open_session
        opening.open_session = lambda *given, **named: begin(*given, **{**named, "journal": False})
    return main(words)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2:]))

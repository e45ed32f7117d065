"""Completion: from Tab to the list on the screen, while the kernel is idle and while a cell runs.

The kernel notes how long each answer took it, which is taken off. Idle and busy rounds follow each other in one run of the
program, so that both meet the same load of the machine.
"""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.figures import RUN, Row, front_end
from tests.terminal_emulator import CTRL_END, DOWN, ENTER, ESCAPE, TAB, UP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.figures import Setting
    from tests.terminal_emulator import Terminal

_TIMED = """
import time
for name in ("one", "two", "three"):
    globals()["candidate_" + name] = name
kernel = get_ipython().kernel
answer = kernel.do_complete

def do_complete(code, cursor):
    began = time.perf_counter()
    try:
        return answer(code, cursor)
    finally:
        with open({log!r}, "a") as file:
            print(1000 * (time.perf_counter() - began), file=file)

kernel.do_complete = do_complete
print("tim" + "ed")
"""
_BUSY = "import time\ntry:\n    time.sleep(3600)\nexcept KeyboardInterrupt:\n    pass\nprint('res' + 'ted')"
_INTERRUPT = "ii"
_ROUNDS, _TIMES = 5, 8


def completion(setting: Setting) -> Iterator[Row]:
    log = setting.folder / "completion.log"
    cells = [notebooks.code(0, _TIMED.format(log=str(log))), notebooks.code(1, _BUSY), notebooks.code(2, "x = candidate_")]
    notebook = notebooks.write(setting.folder / "completion.ipynb", cells)
    waits: dict[str, list[float]] = {"idle": [], "busy": []}
    spent: list[float] = []
    """Milliseconds of processor time of the front end up to each list."""
    with setting.program(notebook, "--no-session") as terminal:
        terminal.wait_for("candidate_")
        terminal.wait_for(lambda: "idle" in terminal.status, within=60)
        terminal.send(RUN)
        terminal.wait_for("timed")
        terminal.send(DOWN * 2 + ENTER + CTRL_END)
        terminal.settle(1)
        _asked(terminal, log, 2, [])  # IPython imports what it completes by
        for _ in range(1 if setting.quick else _ROUNDS):
            waits["idle"] += _asked(terminal, log, _TIMES, spent)
            _leave_and(terminal, UP + RUN, lambda: "busy" in terminal.status)
            waits["busy"] += _asked(terminal, log, _TIMES, spent)
            _leave_and(terminal, UP + _INTERRUPT, lambda: "idle" in terminal.status)
    for state, must, aim in (("idle", 30, 15), ("busy", 60, 20)):
        found = waits[state]
        detail = f"worst {max(found):.1f} ms of {len(found)}"
        yield Row(f"Tab to the list, kernel {state}, without its time", median(found), "ms", must, aim, detail)
    # The system counts in steps of 10 ms.
    yield Row("Tab to the list, processor time of the front end", fmean(spent), "ms", 15, 8)


def _asked(terminal: Terminal, log: Path, times: int, spent: list[float]) -> list[float]:
    """Asks for completions some times. Returns the milliseconds until each list was there, without those of the kernel."""
    found: list[float] = []
    for _ in range(times):
        known = len(log.read_text().split()) if log.exists() else 0
        before = front_end(terminal)[1]
        terminal.send(TAB)
        waited = 1000 * terminal.wait_for("candidate_three")
        spent.append(1000 * (front_end(terminal)[1] - before))
        terminal.wait_for(lambda known=known: len(log.read_text().split()) > known)  # type: ignore[misc]
        found.append(waited - float(log.read_text().split()[known]))
        terminal.settle(0.3)  # what the kernel knows of the first candidate is shown
        terminal.send(ESCAPE)
        terminal.wait_for(lambda: "candidate_three" not in terminal.text)
        terminal.settle(0.2)
    return found


def _leave_and(terminal: Terminal, keys: str, done: Callable[[], bool]) -> None:
    """Acts on the cell above in command mode, and comes back to the end of the edited one."""
    terminal.send(ESCAPE)
    terminal.settle(0.3)
    terminal.send(keys)
    terminal.wait_for(done)
    terminal.send(DOWN)
    terminal.settle(0.3)
    terminal.send(ENTER + CTRL_END)
    terminal.settle(0.5)


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {"completion": completion}

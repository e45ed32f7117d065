"""Kills of the whole program on a pseudo-terminal, while its user types and a real kernel runs or floods.

By turns it is the program without a session and the process of a session that is killed. After each kill the journal has all
but the last second. The kernel has ended; that of a session lives on and is ended as its user would, which leaves nothing.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults.tally import Tally
from tests.support import write_notebook
from tests.terminal_emulator import ENTER, Terminal, is_kernel
from tuinb.daemon import registry
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.document import Notebook

RUN, SAVE, QUIT = "\x05", "\x13", "\x11"
MOST_LOST: Final = 1.0
"""Seconds before the kill of which work may be lost."""
LATE: Final = 2.0
"""Seconds that keys and outputs may take to reach the program while the machine has other work."""
_SLOW = "import time\nfor n in range(10**6):\n    print(f'#{n} {time.time()}', flush=True); time.sleep(.01)"
_FLOOD = "import time\nfor n in range(10**9):\n    print(f'#{n} {time.time()}', 'x' * 60)"
_LINE = re.compile(r"#(\d+) (\d+\.\d+)")
_KINDS: Final = ("typing", "running", "flooding")


class Worst:
    """The longest time before a kill of which work was lost, for each kind of work."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(_KINDS, 0.0)

    def add(self, kind: str, seconds: float) -> None:
        """Takes what one kill lost."""
        self.seconds[kind] = max(self.seconds[kind], seconds)

    def report(self) -> str:
        """Returns the end of the summary's line."""
        return "".join(f"; most lost while {kind}: {seconds:.2f} s" for kind, seconds in self.seconds.items())


def kill(scratch: Path, tries: int, seed: int) -> Tally:
    """Kills the program `tries` times."""
    tally, worst, chance = Tally("kill -9 of the program", seed), Worst(), random.Random(seed)
    # The paths of sockets have to be short.
    temporary = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp"))
    os.environ["TMPDIR"] = str(temporary)
    os.environ["XDG_STATE_HOME"] = str(scratch / "state")
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        for number in range(tries):
            kind, in_session = _KINDS[number % len(_KINDS)], number % 2 == 0
            try:
                _try(scratch / "a.ipynb", kind, chance, worst, in_session=in_session)
            except AssertionError as error:
                tally.add(f"try {number}, {kind}{' in a session' * in_session}: {error}")
            else:
                tally.add()
        left = _left_after_a_start(scratch / "a.ipynb", temporary)
        if left:
            tally.lost.append(f"left in the folder of temporary files after the next start: {left}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    tally.more = worst.report()
    return tally


def _start(path: Path, *, in_session: bool = False) -> Terminal:
    options = [] if in_session else ["--no-session"]
    return Terminal([sys.executable, "-m", "tuinb", *options, str(path)], cwd=path.parent)


def _kill(terminal: Terminal, path: Path, *, in_session: bool) -> None:
    """Kills the program, or the process of its session, whose command gives the terminal back and says so."""
    if in_session:
        (entry,) = (entry for entry in registry.read().entries if entry.notebook == str(path))
        os.kill(entry.pid, signal.SIGKILL)
        code = terminal.exit_code()
        assert code == 1, f"the command ended with {code}:\n{terminal.text}"
        assert b"the session ended unexpectedly" in terminal.raw, f"the command does not say it:\n{terminal.text}"
    else:
        terminal.kill(signal.SIGKILL)
        terminal.exit_code()


def _end_left_kernels(path: Path) -> None:
    """Ends the kernel of a killed session."""
    command = [sys.executable, "-m", "tuinb", "sessions", "end", "--all"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def _try(path: Path, kind: str, chance: random.Random, worst: Worst, *, in_session: bool) -> None:
    write_notebook(path, _FLOOD if kind == "flooding" else _SLOW, "")
    typed: list[float] = []
    seen: list[tuple[float, int]] = []
    with _start(path, in_session=in_session) as terminal:
        terminal.wait_for(lambda: "idle" in terminal.status, within=60)
        if kind != "typing":
            terminal.send(RUN)
            terminal.wait_for("[*]")
        terminal.send("G" + ENTER)
        terminal.wait_for(lambda: "EDIT" in terminal.status)
        end = time.time() + chance.uniform(0.2, 2.5)
        while time.time() < end:
            terminal.send("x")
            typed.append(time.time())
            terminal.pump(chance.uniform(0.001, 0.05))
            seen.append((time.time(), max((int(found[1]) for found in _LINE.finditer(terminal.text)), default=-1)))
            if chance.random() < 0.02:
                terminal.send(SAVE)
        family = {process.pid: is_kernel(process) for process in terminal.family()}
        killed = time.time()
        _kill(terminal, path, in_session=in_session)
        _check(path, kind, killed, typed, seen, worst)
        if in_session:
            _end_left_kernels(path)
        _wait_for_end([pid for pid, kernel in family.items() if kernel], 10.0)
        # A child that signs a saved file ends by itself.
        _wait_for_end([*family], 60.0)


def _wait_for_end(family: list[int], seconds: float) -> None:
    deadline = time.time() + seconds
    while left := [pid for pid in family if _is_alive(pid)]:
        if time.time() > deadline:
            words = [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in left]
            raise AssertionError(f"a process outlived the program: {words}")
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def _check(path: Path, kind: str, killed: float, typed: list[float], seen: list[tuple[float, int]], worst: Worst) -> None:
    running, edited = _left(path)
    assert edited.source == "x" * len(edited.source), "the source is not what was typed"
    lost = killed - typed[len(edited.source)] if len(edited.source) < len(typed) else 0.0
    worst.add("typing", lost)
    assert lost < MOST_LOST + LATE, f"{lost:.1f} s of keys are lost"
    if kind == "typing":
        return
    lines = _LINE.findall("".join(output.stream.text() for output in running.outputs if output.stream is not None))
    last = int(lines[-1][0]) if lines else -1
    lost = max((killed - when for when, number in seen if number > last), default=0.0)
    worst.add(kind, lost)
    assert lost < MOST_LOST + LATE, f"{lost:.1f} s of what was on the screen are lost"
    numbers = [int(number) for number, _ in lines]
    assert kind == "flooding" or numbers == list(range(len(numbers))), "a line in the middle is lost"


def _left(path: Path) -> Notebook:
    """Returns what is left of the notebook, in its journal or else in its file. Removes the journal."""
    notebook = load.load(path).notebook
    for leftover in folder.leftovers(path):
        found = recover(leftover.read())
        leftover.discard()
        if found is not None:
            assert not found.problem, found.problem
            notebook = found.restored.notebook
    return notebook


def _left_after_a_start(path: Path, temporary: Path) -> list[str]:
    """Opens the notebook and leaves it. Returns what is left then."""
    with _start(path) as terminal:
        terminal.wait_for(lambda: "idle" in terminal.status, within=60)
        terminal.send(QUIT)
        terminal.exit_code()
    return [*_names(temporary), *_names(folder.journals()), *(name for name in _names(path.parent) if name.startswith("."))]


def _names(where: Path) -> Iterator[str]:
    with suppress(FileNotFoundError):
        yield from (entry.name for entry in where.iterdir())

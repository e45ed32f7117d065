"""What is measured, and how. Each figure is a function that yields its rows."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.notebooks import READY_SHOWN, SEEN
from tests.support import ROOT
from tests.terminal_emulator import DOWN, ENTER, ESCAPE, PAGE_DOWN, Terminal, is_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

RUN, RUN_AND_ADVANCE = "\x05", "\x12"
LETTERS = "qwzjxkvqwzjxkvqwzjxk"
MINIMAL = """
from textual.app import App
from textual.widgets import Static

class Smallest(App):
    def compose(self):
        yield Static("SMALLEST")

Smallest().run()
"""
ALONE = """
from jupyter_client.manager import run_kernel

def show(message):
    print(message["content"].get("text", ""), flush=True)

with run_kernel() as client:
    client.execute_interactive("print('rea' + 'dy', 6 * 7)", output_hook=show)
"""
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    figure: str
    value: float
    unit: str
    must: float
    aim: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the notebooks are, and how thoroughly to measure."""

    folder: Path
    quick: bool
    seconds: float = 600.0
    """How long a soak goes on."""

    @property
    def runs(self) -> int:
        return 2 if self.quick else 5

    def program(
        self, notebook: Path, *options: str, rows: int = 40, columns: int = 120, env: Mapping[str, str] | None = None
    ) -> Terminal:
        command = [sys.executable, "-m", "tuinb", str(notebook), *options]
        return Terminal(command, rows=rows, columns=columns, env=env, cwd=ROOT)


def seconds_to(terminal: Terminal, text: str) -> float:
    """From the program's start to the screen with the text."""
    terminal.wait_for(text, within=120)
    return terminal.arrivals[-1][0] - terminal.started


def front_end(terminal: Terminal) -> tuple[float, float]:
    """MiB and seconds of processor time of all but the kernels."""
    processes = [process for process in terminal.family() if not is_kernel(process)]
    times = [process.cpu_times() for process in processes]
    return sum(process.memory_info().rss for process in processes) / _MIB, sum(t.user + t.system for t in times)


# ---- start


def _open(setting: Setting, name: str, notebook: Path, must: float, aim: float) -> Iterator[Row]:
    ours, theirs, used, their_used, memory = [], [], [], [], []
    for _ in range(setting.runs):
        with Terminal([sys.executable, "-c", MINIMAL], rows=40, columns=120) as terminal:
            theirs.append(seconds_to(terminal, "SMALLEST"))
            their_used.append(front_end(terminal)[1])
        with setting.program(notebook) as terminal:
            ours.append(seconds_to(terminal, SEEN))
            used.append(front_end(terminal)[1])
            terminal.settle(0.5)
            memory.append(front_end(terminal)[0])
    detail = f"{median(ours):.3f} s; minimal Textual app {median(theirs):.3f} s"
    yield Row(f"first content, {name} ÷ minimal app", median(ours) / median(theirs), "", must, aim, detail)
    detail = f"{median(used):.2f} s; minimal Textual app {median(their_used):.2f} s"
    ratio = median(used) / median(their_used)
    yield Row(f"processor time to first content, {name} ÷ minimal app", ratio, "", must, aim, detail)
    if name == "2,000 cells":
        yield Row("resident memory, 2,000 cells", median(memory), "MiB", 70, 55)


def open2000(setting: Setting) -> Iterator[Row]:
    yield from _open(setting, "2,000 cells", notebooks.many(setting.folder / "many2000.ipynb", 2_000), 1.8, 1.4)


def open20000(setting: Setting) -> Iterator[Row]:
    yield from _open(setting, "20,000 cells", notebooks.many(setting.folder / "many20000.ipynb", 20_000), 2.8, 2.0)


def open48(setting: Setting) -> Iterator[Row]:
    yield from _open(setting, "48 MB of images", notebooks.images(setting.folder / "images.ipynb"), 2.8, 1.8)


def result(setting: Setting) -> Iterator[Row]:
    ours, theirs = [], []
    for number in range(setting.runs):
        # A file for each: the next start would ask about what the killed one had not saved.
        notebook = notebooks.write(setting.folder / f"result{number}.ipynb", [notebooks.code(0, notebooks.READY)])
        with Terminal([sys.executable, "-c", ALONE]) as terminal:
            theirs.append(seconds_to(terminal, READY_SHOWN))
        with setting.program(notebook) as terminal:
            terminal.wait_for("6 * 7")
            terminal.send(RUN)
            ours.append(seconds_to(terminal, READY_SHOWN))
    detail = f"{median(ours):.3f} s; jupyter_client {median(theirs):.3f} s"
    yield Row("start to first result ÷ jupyter_client alone", median(ours) / median(theirs), "", 1.0, 0.5, detail)


# ---- keys and pages


def changes(terminal: Terminal, keys: str, *, quiet: float) -> tuple[float, int]:
    """Milliseconds until the screen is another after the keys, and bytes until it rests."""
    before, written = terminal.text, len(terminal.raw)
    terminal.send(keys)
    waited = terminal.wait_for(lambda: terminal.text != before)
    terminal.settle(quiet)
    return waited * 1000, len(terminal.raw) - written


def keys(setting: Setting) -> Iterator[Row]:
    with setting.program(notebooks.many(setting.folder / "keys.ipynb", 2_000)) as terminal:
        terminal.wait_for(SEEN)
        terminal.settle(1.5)
        terminal.send(ENTER)
        terminal.settle(0.8)
        found = [changes(terminal, letter, quiet=0.15) for letter in LETTERS]
        terminal.settle(1)  # the line and the column are shown once typing rests
        written = len(terminal.raw)
        terminal.watch(5)
        resting = len(terminal.raw) - written
    times, sizes = zip(*found, strict=True)
    yield Row("key to screen, 2,000 cells, median", median(times), "ms", 10, 5, f"worst {max(times):.1f} ms")
    yield Row("bytes a key, median", median(sizes), "B", 160, 60)
    yield Row("bytes in 5 s of rest", resting, "B", 0, 0)


def scroll(setting: Setting) -> Iterator[Row]:
    with setting.program(notebooks.varied(setting.folder / "varied.ipynb")) as terminal:
        terminal.wait_for(SEEN)
        terminal.settle(1.5)
        found = [changes(terminal, PAGE_DOWN, quiet=0.3) for _ in range(10)]
    times, sizes = zip(*found, strict=True)
    yield Row("a page down, median", median(times), "ms", 25, 10, f"worst {max(times):.1f} ms")
    yield Row("bytes a page, median", median(sizes) / 1000, "kB", 4, 2.5)


# ---- floods


def _typed_under(terminal: Terminal, most: int) -> list[float]:
    """Milliseconds that each key took while the kernel floods."""

    def line() -> list[str]:
        return [row for row in terminal.screen.display if "typed" in row]

    times = []
    for number in range(most):
        before = line()
        terminal.send(LETTERS[number % len(LETTERS)])
        times.append(1000 * terminal.wait_for(lambda before=before: line() != before))  # type: ignore[misc]
        terminal.watch(0.03)
        if "idle" in terminal.status:
            break
    return times


def flood_rows(setting: Setting, name: str, loop: str, must: float, aim: float, *, text: int = 0) -> Iterator[Row]:
    """The worst of the keys typed while `loop` runs, and with `text` (the bytes that it prints) the memory that it takes."""
    with setting.program(notebooks.flood(setting.folder / f"{name}.ipynb", loop)) as terminal:
        terminal.wait_for("6 * 7")
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.send(RUN_AND_ADVANCE)
        terminal.wait_for(READY_SHOWN)
        terminal.settle(2)
        memory, processor = front_end(terminal)
        began = time.perf_counter()
        terminal.send(RUN_AND_ADVANCE)
        if text:  # keys that come when a message is there wait for it; soon it is over
            terminal.wait_for(lambda: "busy" in terminal.status)
        else:
            terminal.watch(0.5)
        terminal.send(ENTER)
        terminal.watch(0.05 if text else 0.3)
        times = _typed_under(terminal, 90)
        terminal.wait_for(lambda: "idle" in terminal.status, within=300)
        terminal.settle(0.5)
        grown, used = (after - before for after, before in zip(front_end(terminal), (memory, processor), strict=True))
        took = time.perf_counter() - began
    detail = f"median {median(times):.1f} ms of {len(times)} keys; {used:.1f} s of processor time in {took:.1f} s"
    yield Row(f"worst key, {name}", max(times), "ms", must, aim, detail)
    if loop.startswith("for i in range(1000000)"):
        yield Row(f"memory grown by {name}", grown, "MiB", 45, 30)
    if text:
        yield Row(f"memory grown by {name} ÷ its size", grown * _MIB / text, "", 2.5, 1.5)


def flood(setting: Setting) -> Iterator[Row]:
    lines = 200_000 if setting.quick else 1_000_000
    yield from flood_rows(setting, f"{lines:,} lines", f"for i in range({lines}): print('flood line', i)", 40, 16)


def flood_flush(setting: Setting) -> Iterator[Row]:
    lines = 30_000 if setting.quick else 150_000
    loop = f"for i in range({lines}): print('flood line', i, flush=True)"
    yield from flood_rows(setting, f"{lines:,} flushed lines", loop, 60, 25)


def flood_display(setting: Setting) -> Iterator[Row]:
    shown = 12_000 if setting.quick else 60_000
    yield from flood_rows(setting, f"{shown:,} displays", f"for i in range({shown}): display(i)", 60, 25)


# ---- a slow line

ROUND_TRIP, RATE = 0.1, 20_000


def slow_line(setting: Setting) -> Iterator[Row]:
    line = [sys.executable, "-m", "tests.bench.slow_line", str(ROUND_TRIP), str(RATE), sys.executable]
    name = f"{ROUND_TRIP * 1000:.0f} ms, {RATE // 1000} kB/s"
    ours, theirs = [], []
    notebook = notebooks.many(setting.folder / "line.ipynb", 200)
    program = [*line, "-m", "tuinb", str(notebook)]
    for _ in range(setting.runs):
        with Terminal([*line, "-c", MINIMAL], rows=40, columns=120, cwd=ROOT) as terminal:
            theirs.append(seconds_to(terminal, "SMALLEST"))
        with Terminal(program, rows=40, columns=120, cwd=ROOT) as terminal:
            ours.append(seconds_to(terminal, SEEN))
    detail = f"{median(ours):.3f} s; minimal Textual app {median(theirs):.3f} s"
    yield Row(f"first content at {name} ÷ minimal app", median(ours) / median(theirs), "", 1.3, 1.0, detail)
    with Terminal(program, rows=40, columns=120, cwd=ROOT) as terminal:
        terminal.wait_for(SEEN)
        terminal.settle(2.5)
        terminal.send(ENTER)
        terminal.settle(1.2)
        times = [changes(terminal, letter, quiet=0.5)[0] - ROUND_TRIP * 1000 for letter in LETTERS[:10]]
        yield Row(f"key to screen over the round trip at {name}", median(times), "ms", 25, 10, f"worst {max(times):.1f} ms")
        terminal.send(ESCAPE)
        terminal.settle(1.2)
        written = len(terminal.raw)
        for _ in range(30):
            terminal.send(DOWN)
            terminal.watch(1 / 30)
        last_key = time.perf_counter() - 1 / 30
        terminal.settle(1.5, within=90)
        late = max(0.0, terminal.arrivals[-1][0] - last_key - ROUND_TRIP)
        detail = f"{(len(terminal.raw) - written) / 1000:.1f} kB"
        yield Row(f"30 line steps in 1 s settle after, at {name}", late, "s", 0.5, 0.1, detail)


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "open": open2000,
    "open20000": open20000,
    "open48": open48,
    "result": result,
    "keys": keys,
    "scroll": scroll,
    "flood": flood,
    "flood_flush": flood_flush,
    "flood_display": flood_display,
    "slow_line": slow_line,
}
QUICK = ("open", "result", "keys", "scroll", "flood")

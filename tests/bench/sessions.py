"""Sessions: what beginning one costs, how soon another terminal is on it, and what it holds when nobody looks."""

from __future__ import annotations

import itertools
import time
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.figures import LETTERS, RUN, Row, Setting, changes, front_end, seconds_to
from tests.bench.notebooks import SEEN
from tests.terminal_emulator import DOWN, ENTER, ESCAPE, UP, Terminal, is_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psutil

DETACH = "Q"
FLOOD, FLOOD_SHOWN = "for i in range(10**9): print('flood', 'line', i, flush=True)", "flood line"
SOAKING = "for i in range(2000): print('soaked', i)"
_REST_SECONDS = 5


def _detach(terminal: Terminal) -> None:
    """Leaves the session once it rests."""
    terminal.settle(1)
    terminal.send(DETACH)
    terminal.exit_code()


def _begin_and_attach(setting: Setting, name: str, notebook: Path) -> Iterator[Row]:
    alone, begun, attached, detached = [], [], [], []
    for _ in range(setting.runs):
        with setting.program(notebook, "--no-session") as terminal:
            alone.append(seconds_to(terminal, SEEN))
        with setting.program(notebook) as terminal:
            begun.append(seconds_to(terminal, SEEN))
            _detach(terminal)
            with setting.program(notebook) as again:
                attached.append(seconds_to(again, SEEN))
                _detach(again)
            detached.append(front_end(terminal)[0])
    detail = f"{median(begun):.3f} s; without a session {median(alone):.3f} s"
    yield Row(f"first content of a new session ÷ --no-session, {name}", median(begun) / median(alone), "", 1.05, 1.0, detail)
    detail = f"{median(attached):.3f} s"
    yield Row(f"attach ÷ start, {name}", median(attached) / median(alone), "", 0.25, 0.15, detail)
    yield Row(f"resident while detached, {name}", median(detached), "MiB", 120 if "MB" in name else 50, 45)


def sessions(setting: Setting) -> Iterator[Row]:
    small = notebooks.write(setting.folder / "small.ipynb", [notebooks.code(0, "x = 1", notebooks.stdout(f"{SEEN}\n"))])
    yield from _begin_and_attach(setting, "one cell", small)
    yield from _begin_and_attach(setting, "2,000 cells", notebooks.many(setting.folder / "sessions.ipynb", 2_000))
    yield from _begin_and_attach(setting, "48 MB", notebooks.images(setting.folder / "images.ipynb"))
    yield from _keys_beside(setting)
    yield from _attach_under_a_flood(setting)


def _keys_beside(setting: Setting) -> Iterator[Row]:
    one, other = (notebooks.many(setting.folder / f"keys_{name}.ipynb", 2_000) for name in ("session", "alone"))
    in_session: list[float] = []
    alone: list[float] = []
    with setting.program(one) as kept, setting.program(other, "--no-session") as single:
        for terminal in (kept, single):
            terminal.wait_for(SEEN)
            terminal.settle(1.5)
            terminal.send(ENTER)
            terminal.settle(0.8)
        for letter in LETTERS * (1 if setting.quick else 4):
            for terminal, times in ((kept, in_session), (single, alone)):
                terminal.settle(0.2)  # what it painted while the other one was watched is no answer
                times.append(changes(terminal, letter, quiet=0.6)[0])
    detail = f"{median(in_session):.1f} ms; without a session {median(alone):.1f} ms, {len(alone)} keys each"
    yield Row("key to screen, session − --no-session, median", median(in_session) - median(alone), "ms", 1, 0.3, detail)


def _attach_under_a_flood(setting: Setting) -> Iterator[Row]:
    notebook = notebooks.flood(setting.folder / "attach_flood.ipynb", FLOOD)
    idle = notebooks.write(setting.folder / "idle.ipynb", [notebooks.code(0, "x = 1", notebooks.stdout(f"{SEEN}\n"))])
    alone, attached = [], []
    with setting.program(notebook) as first:
        first.wait_for(lambda: "idle" in first.status)
        first.send(DOWN + RUN)
        first.wait_for(FLOOD_SHOWN)
        first.send(DETACH)
        first.exit_code()
        for _ in range(setting.runs):
            with setting.program(idle, "--no-session") as terminal:
                alone.append(seconds_to(terminal, SEEN))
            with setting.program(notebook) as again:
                attached.append(seconds_to(again, FLOOD_SHOWN))
                again.send(DETACH)
                again.exit_code()
    detail = f"{median(attached):.3f} s, worst {max(attached):.3f} s; start {median(alone):.3f} s"
    yield Row("attach under a flood ÷ start", median(attached) / median(alone), "", 0.25, 0.15, detail)


def two_terminals(setting: Setting) -> Iterator[Row]:
    notebook = notebooks.many(setting.folder / "two.ipynb", 2_000)
    with setting.program(notebook) as one, setting.program(notebook, rows=24, columns=80) as other:
        for terminal in (one, other):
            terminal.wait_for(SEEN)
            terminal.settle(1)
        one.send(ENTER)
        one.settle(0.8)
        times = []
        for letter in LETTERS:
            before = other.text
            one.send(letter)
            times.append(1000 * other.wait_for(lambda before=before: other.text != before))  # type: ignore[misc]
            one.settle(0.15)
        one.send(ESCAPE)
        for terminal in (one, other):
            terminal.settle(1)
        written = len(one.raw) + len(other.raw)
        one.watch(_REST_SECONDS)
        other.pump(0)
        resting = len(one.raw) + len(other.raw) - written
        for terminal in (other, one):
            _detach(terminal)
        time.sleep(1)
        _, began = front_end(one)
        time.sleep(_REST_SECONDS)
        _, ended = front_end(one)
    yield Row("a key on one terminal is on the other, median", median(times), "ms", 30, 15, f"worst {max(times):.1f} ms")
    yield Row(f"bytes in {_REST_SECONDS} s of rest, both terminals", resting, "B", 0, 0)
    yield Row(f"processor time in {_REST_SECONDS} s detached", 1000 * (ended - began), "ms", 10, 0)


def attaches(setting: Setting) -> Iterator[Row]:
    count = 20 if setting.quick else 200
    notebook = notebooks.many(setting.folder / "attaches.ipynb", 200)
    with setting.program(notebook) as first:
        first.wait_for(SEEN)
        _detach(first)
        (daemon,) = {process for process in first.family() if not is_kernel(process)}

        def attach() -> None:
            with setting.program(notebook) as again:
                again.wait_for(SEEN)
                again.settle(0.2)
                again.send(DETACH)
                again.exit_code()

        yield from _grown(daemon, attach, count)


def _grown(daemon: psutil.Process, attach: Callable[[], None], count: int) -> Iterator[Row]:
    for _ in range(10):  # what is loaded and cached once
        attach()
    memory, descriptors = daemon.memory_info().rss, daemon.num_fds()
    for _ in range(count):
        attach()
    grown = (daemon.memory_info().rss - memory) / 2**20
    yield Row(f"memory grown by {count} attaches", grown, "MiB", 20, 5)
    yield Row(f"descriptors left by {count} attaches", daemon.num_fds() - descriptors, "", 0, 0)


def soak(setting: Setting) -> Iterator[Row]:
    """Attaches, runs the first cell, moves about and detaches, for `setting.seconds`: a day of use in some minutes."""
    notebook = notebooks.write(setting.folder / "soak.ipynb", [notebooks.code(0, SOAKING), notebooks.code(1, "x = 1")])
    with setting.program(notebook) as first:
        first.wait_for(lambda: "idle" in first.status)
        _detach(first)
        (daemon,) = {process for process in first.family() if not is_kernel(process)}

        runs = itertools.count(1)

        def use() -> None:
            with setting.program(notebook) as again:
                again.wait_for(lambda: "idle" in again.status)
                again.send(RUN)
                again.wait_for(f"[{next(runs)}]")
                again.send(DOWN + UP + DETACH)
                again.exit_code()

        for _ in range(10):  # what is loaded and cached once
            use()
        memory, descriptors = daemon.memory_info().rss, daemon.num_fds()
        began, count = time.monotonic(), 0
        while time.monotonic() - began < setting.seconds:
            use()
            count += 1
        rss = daemon.memory_info().rss
        detail = f"{memory / 2**20:.1f} to {rss / 2**20:.1f} MiB in {setting.seconds:g} s, {count} attaches and runs"
        yield Row("memory grown by a soak", (rss - memory) / 2**20, "MiB", 20, 5, detail)
        detail = f"{descriptors} to {daemon.num_fds()}"
        yield Row("descriptors left by a soak", daemon.num_fds() - descriptors, "", 0, 0, detail)


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "sessions": sessions,
    "two_terminals": two_terminals,
    "attaches": attaches,
    "soak": soak,
}
BY_NAME = frozenset({"soak"})
"""Figures that take long, and are measured only if they are named."""

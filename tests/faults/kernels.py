"""Faults of a kernel, on a screen: what was printed stays, the cells are freed, keys get their turn, memory is bounded.

All faults happen to one notebook and one screen, in a random order. After each of them the next cell runs, and the notebook is
saved. A kernel that has died, is stopped, or does not answer is restarted first.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from tests.faults import faulty_kernel
from tests.faults.faulty_kernel import FAULTS, HUGE, MANY, MEGABYTE, MEGABYTES, SO_FAR
from tests.faults.tally import Tally, say
from tests.support import wait_for, write_notebook
from tests.ui.harness import Driver, running
from tuinb.files import load
from tuinb.files.trust import Endorsed
from tuinb.kernel.execution.runs import RunState
from tuinb.notebook.changes import CellId, ClientId, SpliceSource, Transaction
from tuinb.session.opening import KernelWanted, LocalKernels
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.session.session import Session

STALL: Final = 0.2
"""Seconds of work after which a key gets its turn at last."""
_MOST, _MOST_HUGE = 300, 1_000
"""Megabytes by which memory may grow."""
_FAULTY, _AFTER = CellId("cell-0"), CellId("cell-1")
_ENDED = (RunState.OK, RunState.ERROR, RunState.ABORTED)
_DEADLY = frozenset(name for name in FAULTS if name.startswith("dies"))
_SILENT = frozenset({"is stopped", "sends neither"})
_HUGE = ("sends 100 MB of lines", "sends a line of 100 MB")
STARTING = "dies starting"


class Clock:
    """Measures the work between two turns of the loop, for which a key waits. Other programs of the machine do not count."""

    def __init__(self) -> None:
        self._longest = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.002)
            self._longest = max(self._longest, time.thread_time() - before)

    def close(self) -> float:
        """Ends the measurement. Returns the longest time, in seconds."""
        self._task.cancel()
        return self._longest


def suffer(scratch: Path, tries: int, seed: int, names: Sequence[str] = ()) -> Tally:
    """Lets a kernel fail `tries` times, in the ways of `names`. Prints a line for each.

    Without names, in all ways in a random order. Those that take long come last.
    """
    tally = Tally("faults of a kernel", seed)
    _install(scratch)
    if not names:
        names = [name for name in (*FAULTS, STARTING) if name not in _HUGE]
        random.Random(seed).shuffle(names)
        names += _HUGE
    # Each save would sign in a process of its own, which costs more than all these faults.
    with patch("tuinb.files.trust.endorse_in_subprocess", return_value=Endorsed(trusted=False, notices=())):
        asyncio.run(_suffer(scratch, tally, [names[number % len(names)] for number in range(tries)]))
    return tally


def _install(scratch: Path) -> None:
    for name, words in (("faulty", []), ("dies", ["dies"])):
        folder = scratch / "kernels" / name
        folder.mkdir(parents=True)
        argv = [sys.executable, str(Path(faulty_kernel.__file__)), "{connection_file}", *words]
        (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}))
    os.environ["JUPYTER_PATH"] = str(scratch)


async def _suffer(scratch: Path, tally: Tally, names: Sequence[str]) -> None:
    path = write_notebook(scratch / "a.ipynb", "", "after", kernelspec={"name": "faulty", "language": "python"})
    kernels = LocalKernels(KernelWanted.of(load.load(path).notebook, path.parent))
    errors: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(str(context)))
    async with running(path, kernels=kernels) as driver:
        await wait_for(lambda: driver.session.kernel.state is KernelState.IDLE)
        for name in names:
            began, clock = time.perf_counter(), Clock()  # anew: the checks below hold up the loop, too
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            errors.clear()
            stalled, grown, most = 0.0, 0.0, _MOST_HUGE if name in _HUGE else _MOST
            try:
                await _try(driver, name)
                stalled = clock.close()
                _check(driver.session, name)
                assert stalled < STALL, f"keys waited for {stalled:.2f} s"
                grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
                assert grown < most, f"memory grew by {grown:.0f} MB"
                assert not errors, errors[0]
            except AssertionError as error:
                clock.close()
                tally.add(f"{name}: {error}")
                await driver.session.restart()
            else:
                tally.add()
            took = time.perf_counter() - began
            say(f"  kernel {name}: {took:.2f} s, keys waited {1000 * stalled:.0f} ms, memory + {grown:.0f} MB")


async def _try(driver: Driver, name: str) -> None:
    session = driver.session
    if name == STARTING:
        await session.start_kernel("dies")
        assert session.kernel.state is KernelState.DEAD, session.kernel
        await session.start_kernel("faulty")
    else:
        old = session.notebook[_FAULTY].source
        session.apply(Transaction((SpliceSource(_FAULTY, 0, old, name),), ClientId("faults")))
        session.run([_FAULTY, _AFTER])
        await _ends(session, name)
    session.run([_AFTER])
    await wait_for(lambda: session.run_of(_AFTER).state in _ENDED, what="the next cell ends")
    await session.save(overwrite=True)
    await driver.press("escape", "G")
    assert "after" in driver.text(), "the screen does not show the next cell"


def _check(session: Session, name: str) -> None:
    if name != STARTING:
        _check_outputs(_text(session, _FAULTY), name)
    assert session.run_of(_AFTER).state is RunState.OK, session.run_of(_AFTER)
    assert _text(session, _AFTER) == "after\n", "the next cell printed something else"
    json.loads(session.path.read_bytes())
    assert session.prompt is None or name != "dies prompting", "the prompt of a kernel that has died is open"


async def _ends(session: Session, name: str) -> None:
    """Waits until no cell runs or waits, and the kernel is usable again."""
    if name == "dies at interrupt":
        await wait_for(lambda: SO_FAR in _text(session, _FAULTY))
        session.interrupt()
    elif name in _SILENT:
        await wait_for(lambda: SO_FAR in _text(session, _FAULTY))
        if name == "is stopped":
            await wait_for(lambda: session.kernel.state is KernelState.UNREACHABLE)
        session.interrupt()
        await session.restart()
    elif name in _DEADLY:
        await wait_for(lambda: session.kernel.state is KernelState.DEAD)
    within = 120.0 if name in _HUGE else 20.0
    await wait_for(lambda: not session.queue(), within=within, what=f"{name}: the cells are freed")
    if name in _DEADLY:
        await wait_for(lambda: session.kernel.state is KernelState.DEAD)
        await session.restart()
    assert session.run_of(_FAULTY).state in _ENDED, session.run_of(_FAULTY)


def _text(session: Session, cell: CellId) -> str:
    return "".join(output.stream.text() for output in session.notebook[cell].outputs if output.stream is not None)


def _check_outputs(text: str, name: str) -> None:
    assert text.startswith(SO_FAR), f"what was printed is lost: {text[:60]!r}"
    more = text.removeprefix(SO_FAR)
    match name:
        case "floods":
            assert more == "".join(f"{number}\n" for number in range(MANY)), "a line is missing"
        case "sends megabytes":
            assert len(more) == MEGABYTES * MEGABYTE
        case "sends 100 MB of lines":
            assert len(more) == HUGE // 80 * 80
        case "sends a line of 100 MB":
            assert len(more) == HUGE
        case "signs wrongly":
            assert "forged" not in more, "a message with a wrong signature is shown"
        case "answers out of order":
            assert more == "after the end\n"
        case "replies to nobody" | "sends no idle" | "sends no reply" | "sends neither":
            assert more == ""
        case _:
            pass

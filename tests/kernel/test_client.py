"""What the link adds to executor and connection: escalation, overdue halves, answers, one change of kernel at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for
from tuinb.kernel.client import KernelLink
from tuinb.kernel.connection.scripted import ScriptedKernel, hang, lose, prompt, stream
from tuinb.kernel.execution.effects import Effects, InterruptTimedOut, PromptOpened, Submission
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle
from tuinb.kernel.protocol.events import MessageId
from tuinb.kernel.protocol.lifecycle import InterruptMeans, Phase
from tuinb.notebook.changes import CellId
from tuinb.notebook.document import Notebook
from tuinb.notebook.widgets import Widgets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tuinb.kernel.connection.scripted import Script
    from tuinb.kernel.execution.effects import ExecutorEvent, PassedOn

CELL = CellId("c")


class Line:
    """A link to a scripted kernel."""

    def __init__(self, script: Script, patience: float) -> None:
        self.kernel = ScriptedKernel(script)
        self.events: list[ExecutorEvent | PassedOn] = []
        self.link = KernelLink(self._deliver, Widgets(Notebook()), patience=patience, answer_within=5.0)

    def _deliver(self, effects: Effects) -> None:
        self.events.extend(effects.events)

    async def start(self) -> None:
        await self.link.start(lambda: self.kernel)

    def run(self, code: str) -> None:
        self.link.act(self.link.executor.run([Submission(CELL, code, 0)], self.link.now))

    def count(self, kind: type[ExecutorEvent | PassedOn]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    def phase(self) -> Phase:
        return self.link.executor.phase


@pytest.fixture
async def line() -> AsyncIterator[Callable[..., Line]]:
    made: list[Line] = []

    def make(script: Script | None = None, patience: float = 0.0) -> Line:
        made.append(Line(script or {}, patience))
        return made[-1]

    yield make
    for each in made:
        await each.link.stop()
        each.link.close()


async def test_a_cell_that_only_just_began_is_interrupted_twice(line: Callable[..., Line]) -> None:
    one = line({"deaf": [hang(None)]}, patience=60.0)
    await one.start()
    assert one.link.executor.running_since == float("inf")
    one.run("deaf")
    await wait_for(lambda: one.link.executor.busy)
    one.link.interrupt()
    await wait_for(lambda: one.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.MESSAGE])


async def test_a_prompt_that_comes_back_is_an_effect_of_the_interrupt(line: Callable[..., Line]) -> None:
    one = line({"debug": [prompt("(Pdb) ")]}, patience=60.0)
    await one.start()
    one.run("debug")
    await wait_for(lambda: one.count(PromptOpened) == 1)
    running = one.link.executor.in_flight
    assert running is not None
    one.link.interrupt()
    assert one.link._watch is not None
    one.kernel.emit(m.InputRequest(running, "(Pdb) ", password=False))
    assert one.link._watch is None


async def test_pressing_twice_is_not_stronger(line: Callable[..., Line]) -> None:
    one = line({"loop": [stream("a"), hang(None)]}, patience=60.0)
    await one.start()
    one.run("loop")
    await wait_for(lambda: one.kernel._until is None and one.kernel._waiting is not None)
    one.link.interrupt()
    one.link.interrupt()
    assert one.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.MESSAGE]
    assert one.count(InterruptTimedOut) == 0


async def test_the_next_cell_is_met_gently_again(line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.kernel.client.FRESH", 0.0)  # nothing is interrupted twice, however long this takes
    one = line({"deaf": [hang(InterruptMeans.SIGNAL)], "loop": [hang()]})
    await one.start()
    one.run("deaf")
    await wait_for(lambda: one.kernel._waiting is not None)
    one.link.interrupt()
    await wait_for(lambda: one.count(InterruptTimedOut) == 1)
    one.link.interrupt()
    await wait_for(lambda: not one.link.executor.busy)
    one.run("loop")
    await wait_for(lambda: one.kernel._waiting is not None)
    one.link.interrupt()
    await wait_for(lambda: not one.link.executor.busy)
    assert one.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.SIGNAL, InterruptMeans.MESSAGE]


async def test_closing_lets_go_of_timers(line: Callable[..., Line]) -> None:
    one = line({"x": [lose("idle"), stream("a")]}, patience=60.0)
    await one.start()
    one.run("x")
    await wait_for(lambda: one.link._ticker is not None)
    one.link.interrupt()
    one.link.close()
    assert one.link._ticker is None
    assert one.link._watch is None


async def test_changes_of_the_kernel_are_one_at_a_time_and_the_latest_wins(line: Callable[..., Line]) -> None:
    one = line()
    one.kernel.ready = asyncio.Event()
    first = asyncio.create_task(one.start())
    await wait_for(lambda: one.kernel.starts == 1)
    second = asyncio.create_task(one.link.stop())
    third = asyncio.create_task(one.start())
    await wait_for(lambda: one.kernel.starts == 2)
    one.kernel.ready.set()
    await asyncio.gather(first, second, third)
    assert one.phase() is Phase.LIVE
    assert not one.link.changing


async def test_an_old_kernel_is_not_heard(line: Callable[..., Line]) -> None:
    one = line()
    await one.start()
    old = one.kernel
    one.kernel = ScriptedKernel()
    await one.start()
    heard = len(one.events)
    old.emit(lifecycle.KernelDied("long ago"))
    assert len(one.events) == heard
    assert one.phase() is Phase.LIVE


async def test_an_answer_to_nobody_is_no_harm(line: Callable[..., Line]) -> None:
    one = line()
    await one.start()
    one.kernel.emit(m.CompleteReply(MessageId("?"), (), 0, 0, {}))
    assert one.phase() is Phase.LIVE


async def test_requests_are_sent_though_a_listener_fails(line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch) -> None:
    one = line()
    await one.start()

    def fail(_effects: Effects) -> None:
        raise RuntimeError("a listener's bug")

    monkeypatch.setattr(one.link, "_deliver", fail)
    with pytest.raises(RuntimeError):
        one.run("x")
    monkeypatch.undo()
    await wait_for(lambda: not one.link.executor.busy)

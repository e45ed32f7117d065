"""What the link adds to executor and connection: escalation, overdue halves, answers, one change of kernel at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for
from tuinb.kernel.client import KernelClient
from tuinb.kernel.connection.scripted import ScriptedKernel, error, hang, lose, prompt, stream
from tuinb.kernel.execution.effects import Effects, InterruptTimedOut, PromptOpened, Submission
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import NO_PARENT, MessageId
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
    """A client of a scripted kernel."""

    def __init__(self, script: Script, interrupt_timeout: float) -> None:
        self.kernel = ScriptedKernel(script)
        self.events: list[ExecutorEvent | PassedOn] = []
        self.client = KernelClient(self._deliver, Widgets(Notebook()), interrupt_timeout=interrupt_timeout, reply_timeout=5.0)

    def _deliver(self, effects: Effects) -> None:
        self.events.extend(effects.events)

    async def start(self) -> None:
        await self.client.start(lambda: self.kernel)

    def run(self, code: str) -> None:
        self.client.apply(self.client.executor.run([Submission(CELL, code)], self.client.now))

    def count(self, kind: type[ExecutorEvent | PassedOn]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    def phase(self) -> Phase:
        return self.client.executor.phase


@pytest.fixture
async def line() -> AsyncIterator[Callable[..., Line]]:
    made: list[Line] = []

    def make(script: Script | None = None, interrupt_timeout: float = 0.0) -> Line:
        made.append(Line(script or {}, interrupt_timeout))
        return made[-1]

    yield make
    for each in made:
        await each.client.stop()
        each.client.close()


async def test_a_cell_that_only_just_began_is_interrupted_twice(line: Callable[..., Line]) -> None:
    one = line({"deaf": [hang(None)]}, interrupt_timeout=60.0)
    await one.start()
    assert one.client.executor.running_since == float("inf")
    one.run("deaf")
    await wait_for(lambda: one.client.executor.busy)
    one.client.interrupt()
    await wait_for(lambda: one.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.MESSAGE])


async def test_what_a_widget_has_the_kernel_do_is_interrupted(line: Callable[..., Line]) -> None:
    one = line()
    await one.start()
    one.client.interrupt()
    assert one.kernel.interrupts == []
    one.client.executor.receive([m.CommOpen(NO_PARENT, "s", "jupyter.widget", {"state": {"value": 1}}, {})], one.client.now)
    one.client.apply(one.client.executor.operate(CELL, "s", {"value": 2}))
    one.client.interrupt()
    assert one.kernel.interrupts == [InterruptMeans.MESSAGE]
    await wait_for(lambda: not one.client.executor.busy)


async def test_a_prompt_that_comes_back_is_an_effect_of_the_interrupt(line: Callable[..., Line]) -> None:
    one = line({"debug": [prompt("(Pdb) ")]}, interrupt_timeout=60.0)
    await one.start()
    one.run("debug")
    await wait_for(lambda: one.count(PromptOpened) == 1)
    running = one.client.executor.in_flight
    assert running is not None
    one.client.interrupt()
    assert one.client._timeout is not None
    one.kernel.emit(m.InputRequest(running, "(Pdb) ", password=False))
    assert one.client._timeout is None


async def test_pressing_twice_is_not_stronger(line: Callable[..., Line]) -> None:
    one = line({"loop": [stream("a"), hang(None)]}, interrupt_timeout=60.0)
    await one.start()
    one.run("loop")
    await wait_for(lambda: one.kernel._until is None and one.kernel._waiting is not None)
    one.client.interrupt()
    one.client.interrupt()
    assert one.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.MESSAGE]
    assert one.count(InterruptTimedOut) == 0


async def test_the_next_cell_is_met_gently_again(line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.kernel.client.JUST_STARTED", 0.0)  # nothing is interrupted twice, however long this takes
    one = line({"deaf": [hang(InterruptMeans.SIGNAL)], "loop": [hang()]})
    await one.start()
    one.run("deaf")
    await wait_for(lambda: one.kernel._waiting is not None)
    one.client.interrupt()
    await wait_for(lambda: one.count(InterruptTimedOut) == 1)
    one.client.interrupt()
    await wait_for(lambda: not one.client.executor.busy)
    one.run("loop")
    await wait_for(lambda: one.kernel._waiting is not None)
    one.client.interrupt()
    await wait_for(lambda: not one.client.executor.busy)
    assert one.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.SIGNAL, InterruptMeans.MESSAGE]


async def test_closing_lets_go_of_timers(line: Callable[..., Line]) -> None:
    one = line({"x": [lose("idle"), stream("a")]}, interrupt_timeout=60.0)
    await one.start()
    one.run("x")
    await wait_for(lambda: one.client._ticker is not None)
    one.client.interrupt()
    one.client.close()
    assert one.client._ticker is None
    assert one.client._timeout is None


async def test_changes_of_the_kernel_are_one_at_a_time_and_the_latest_wins(line: Callable[..., Line]) -> None:
    one = line()
    one.kernel.ready = asyncio.Event()
    first = asyncio.create_task(one.start())
    await wait_for(lambda: one.kernel.starts == 1)
    second = asyncio.create_task(one.client.stop())
    third = asyncio.create_task(one.start())
    await wait_for(lambda: one.kernel.starts == 2)
    one.kernel.ready.set()
    await asyncio.gather(first, second, third)
    assert one.phase() is Phase.LIVE
    assert not one.client.changing


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


INSIDE = ("kernel subshells",)


async def complete(client: KernelClient) -> m.Event | None:
    return await client.request(lambda request, route: requests.Complete(request, "va", 2, route))


async def ask_while_busy(one: Line, implementation: str, features: tuple[str, ...]) -> m.Event | None:
    """Returns the answer to a completion while a cell runs, in a kernel that announces `features`."""
    one.kernel = ScriptedKernel({"loop": [hang()]}, completions=("value",), features=features)
    one.kernel.implementation = implementation
    await one.start()
    one.client.send(requests.KernelInfo)
    await wait_for(lambda: one.count(m.KernelInfoReply) == 1)
    one.run("loop")
    await wait_for(lambda: one.client.executor.busy)
    return await complete(one.client)


async def test_one_subshell_answers_while_a_cell_runs(line: Callable[..., Line]) -> None:
    one = line()
    reply = await ask_while_busy(one, "ipython", INSIDE)
    assert isinstance(reply, m.CompleteReply)
    assert reply.matches == ("value",)
    again, third = await asyncio.gather(complete(one.client), complete(one.client))
    assert again is not None
    assert third is not None
    routes = [request.route for request in one.kernel.sent if isinstance(request, requests.Complete)]
    assert routes == [requests.Route("shell", "subshell-1")] * 3
    assert one.client.executor.strays == 0


async def test_a_new_process_gets_a_new_subshell(line: Callable[..., Line]) -> None:
    one = line()
    assert await ask_while_busy(one, "ipython", INSIDE) is not None
    await one.client.restart()
    await wait_for(lambda: one.phase() is Phase.LIVE)
    one.run("loop")
    await wait_for(lambda: one.client.executor.busy)
    assert await complete(one.client) is None  # what the new process can do is not known yet


@pytest.mark.parametrize(
    ("implementation", "features", "route"),
    [("ipython", (), requests.Route("control")), ("derived", INSIDE, None), ("scripted", (), None)],
)
async def test_other_kernels_answer_on_control_or_after_the_cell(
    line: Callable[..., Line], implementation: str, features: tuple[str, ...], route: requests.Route | None
) -> None:
    one = line()
    reply = await ask_while_busy(one, implementation, features)
    assert (reply is not None) == (route is not None)
    routes = [request.route for request in one.kernel.sent if isinstance(request, requests.Complete)]
    assert routes == ([] if route is None else [route])


async def test_a_kernel_that_goes_on_keeps_no_subshell(line: Callable[..., Line]) -> None:
    one = line()
    assert await ask_while_busy(one, "ipython", INSIDE) is not None
    one.kernel.foreign = True
    await one.client.stop()
    assert [each.subshell for each in one.kernel.sent if isinstance(each, requests.DeleteSubshell)] == ["subshell-1"]


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

    monkeypatch.setattr(one.client, "_deliver", fail)
    with pytest.raises(RuntimeError):
        one.run("x")
    monkeypatch.undo()
    await wait_for(lambda: not one.client.executor.busy)


async def test_the_debugger_is_asked_while_a_cell_runs(line: Callable[..., Line]) -> None:
    one = line({"runs": [hang()]})
    one.kernel.debugger = lambda request: (
        [m.DebugReply(request.id, True, "", {"command": request.command})] if request.command != "silent" else []
    )
    assert await one.client.debug("early", {}, seconds=5.0) is None
    await one.start()
    assert await one.client.execute_silently("x = 1")
    one.kernel.script["fails"] = [error("E")]
    assert not await one.client.execute_silently("fails")
    info = await one.client.ask_info()
    assert info is not None
    assert info.implementation == "scripted"
    one.run("runs")
    await wait_for(lambda: one.client.is_busy)
    assert not await one.client.execute_silently("x = 1")
    reply = await one.client.debug("next", {"threadId": 1}, seconds=5.0)
    assert reply is not None
    assert reply.body == {"command": "next"}
    assert await one.client.debug("silent", {}, seconds=0.001) is None
    await one.client.restart()
    assert await one.client.ask_info() is not None

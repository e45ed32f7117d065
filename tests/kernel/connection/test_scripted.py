"""The scripted kernel keeps the rules of the protocol, so that what passes against it means something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for
from tuinb.errors import KernelStartError
from tuinb.kernel.connection.scripted import ScriptedKernel, die, error, gate, hang, lose, pause, prompt, result, stream
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import MessageId
from tuinb.kernel.protocol.lifecycle import InterruptMeans

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.connection.scripted import Script

X = MessageId("x")


class Ear:
    """Hears a kernel, batch by batch."""

    def __init__(self, script: Script | None = None, **settings: object) -> None:
        self.kernel = ScriptedKernel(script, **settings)  # type: ignore[arg-type]
        self.batches: list[Sequence[m.Event]] = []

    @property
    def events(self) -> list[m.Event]:
        return [event for batch in self.batches for event in batch]

    async def start(self) -> None:
        await self.kernel.open(self.batches.append)

    def execute(self, code: str) -> None:
        self.kernel.send(requests.Execute(X, code))

    async def until(self, event: m.Event) -> None:
        await wait_for(lambda: event in self.events)

    async def run(self, code: str) -> list[m.Event]:
        """What follows from a cell, from busy to idle."""
        before = len(self.events)
        self.execute(code)
        await wait_for(lambda: m.Status(X, "idle") in self.events[before:])
        return self.events[before:]


@pytest.fixture
async def ear() -> AsyncIterator[type[Ear]]:
    made: list[Ear] = []

    class Kept(Ear):
        async def start(self) -> None:
            made.append(self)
            await super().start()

    yield Kept
    for each in made:
        await each.kernel.shut_down()


def test_serves_the_protocol() -> None:
    kernel: KernelConnection = ScriptedKernel()
    assert kernel.interrupt_means() == (InterruptMeans.MESSAGE, InterruptMeans.SIGNAL)


async def test_a_run_from_busy_to_idle(ear: type[Ear]) -> None:
    heard = ear({"1+1": [stream("a"), result("2", text_html="<b>2</b>")]})
    await heard.start()
    assert heard.events == [lifecycle.KernelStarting(), lifecycle.KernelConnected()]
    assert await heard.run("1+1") == [
        m.Status(X, "busy"),
        m.ExecuteInput(X, "1+1", 1),
        m.Stream(X, "stdout", "a"),
        m.ExecuteResult(X, 1, {"text/plain": "2", "text/html": "<b>2</b>"}, {}, None),
        m.ExecuteReply(X, "ok", 1),
        m.Status(X, "idle"),
    ]
    assert len(heard.batches) == 3


async def test_what_the_script_lacks(ear: type[Ear]) -> None:
    heard = ear(otherwise=lambda code: [stream(code)])
    await heard.start()
    assert m.Stream(X, "stdout", "any") in await heard.run("any")


async def test_pauses_part_the_batches(ear: type[Ear]) -> None:
    heard = ear({"x": [stream("a"), pause(), stream("b")]})
    await heard.start()
    await heard.run("x")
    assert len(heard.batches) == 4


async def test_errors_end_a_run(ear: type[Ear]) -> None:
    heard = ear({"x": [error("E", "v", ["t"]), stream("never")]})
    await heard.start()
    events = await heard.run("x")
    assert events[2:4] == [m.ErrorOutput(X, "E", "v", ("t",)), m.ExecuteReply(X, "error", 1, "E", "v")]


async def test_a_gate_opens_or_is_interrupted(ear: type[Ear]) -> None:
    opened = asyncio.Event()
    heard = ear({"x": [stream("a"), gate(opened)]})
    await heard.start()
    heard.execute("x")
    await heard.until(m.Stream(X, "stdout", "a"))
    heard.kernel.interrupt(InterruptMeans.MESSAGE)
    await heard.until(m.ExecuteReply(X, "error", 1, "KeyboardInterrupt"))
    opened.set()
    assert m.ExecuteReply(X, "ok", 2) in await heard.run("x")


async def test_a_prompt_and_a_second_one(ear: type[Ear]) -> None:
    heard = ear({"x": [prompt("1? ", then=lambda line: [stream(line), prompt("2? ")])]})
    await heard.start()
    heard.execute("x")
    ask = MessageId("prompt of x")
    for number, answer in (("1", "one"), ("2", "\x04")):
        await heard.until(m.InputRequest(X, f"{number}? ", password=False, id=ask))
        heard.kernel.send(requests.InputReply(MessageId("y"), ask, answer))
    await heard.until(m.Stream(X, "stdout", "one"))
    await heard.until(m.ExecuteReply(X, "error", 1, "EOFError"))


async def test_only_the_means_that_it_heeds_interrupts(ear: type[Ear]) -> None:
    heard = ear({"x": [stream("a"), hang(InterruptMeans.SIGNAL)]})
    await heard.start()
    heard.execute("x")
    await heard.until(m.Stream(X, "stdout", "a"))
    heard.kernel.interrupt(InterruptMeans.MESSAGE)
    heard.kernel.interrupt(InterruptMeans.SIGNAL)
    heard.kernel.interrupt(InterruptMeans.SIGNAL)
    await heard.until(m.ExecuteReply(X, "error", 1, "KeyboardInterrupt"))
    assert len(heard.kernel.interrupts) == 3


async def test_lost_messages(ear: type[Ear]) -> None:
    heard = ear({"x": [lose("reply")], "y": [lose("idle")]})
    await heard.start()
    assert not any(isinstance(event, m.ExecuteReply) for event in await heard.run("x"))
    heard.execute("y")
    await heard.until(m.ExecuteReply(X, "ok", 2))


async def test_death_and_a_new_start(ear: type[Ear]) -> None:
    heard = ear({"x": [die("killed", "last")]})
    await heard.start()
    heard.execute("x")
    await heard.until(lifecycle.KernelDied("killed", "last"))
    await heard.kernel.restart()
    assert heard.events[-2:] == [lifecycle.KernelStarting(restart=True), lifecycle.KernelConnected()]
    assert m.ExecuteReply(X, "ok", 1) in await heard.run("y")


async def test_kill(ear: type[Ear]) -> None:
    heard = ear({"x": [hang()]})
    await heard.start()
    heard.execute("x")
    await heard.until(m.ExecuteInput(X, "x", 1))
    heard.kernel.kill("killed")
    assert heard.events[-1] == lifecycle.KernelDied("killed")
    heard.kernel.kill()


async def test_a_start_that_fails(ear: type[Ear]) -> None:
    heard = ear(start_error=KernelStartError("no"))
    with pytest.raises(KernelStartError):
        await heard.start()


async def test_other_requests_are_answered(ear: type[Ear]) -> None:
    heard = ear(completions=["abc"], documentation="d", language_info={"name": "R"})
    await heard.start()
    sent: list[requests.Request] = [
        requests.Complete(X, "a", 1),
        requests.Inspect(X, "a", 1),
        requests.KernelInfo(X),
        requests.CommClose(X, "c"),
    ]
    for request in sent:
        heard.kernel.send(request)
    for event in (
        m.CompleteReply(X, ("abc",), 0, 1, {}),
        m.InspectReply(X, found=True, data={"text/plain": "d"}),
        m.KernelInfoReply(X, "shell", "5.4", "scripted", "", {"name": "R"}),
    ):
        await heard.until(event)
    assert heard.kernel.sent == sent

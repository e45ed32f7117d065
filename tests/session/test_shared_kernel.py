"""A kernel that other clients use, too, and that tuinb may not have started: what is ours, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.kernel.support import runtime_folder
from tests.support import wait_for
from tuinb.errors import KernelError
from tuinb.kernel.connection.scripted import ScriptedKernel, prompt, stream
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import FromOther, MessageId
from tuinb.kernel.protocol.lifecycle import InterruptMeans
from tuinb.session.events import Message
from tuinb.session.kernel import NOT_OURS, RESTARTED_BY_OTHERS
from tuinb.session.state import KernelState, KernelStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.session.support import World

THEIRS = MessageId("theirs")


def theirs(*events: m.Event, request: str = "execute_request") -> tuple[FromOther, ...]:
    return tuple(FromOther("them", request, THEIRS, event) for event in events)


BEGIN = theirs(m.Status(THEIRS, "busy"), m.ExecuteInput(THEIRS, "slow()", 7))
OUTPUT = theirs(
    m.Stream(THEIRS, "stdout", "their text\n"),
    m.DisplayData(THEIRS, {"text/plain": "their picture"}, {}, "shared"),
    m.UpdateDisplayData(THEIRS, {"text/plain": "updated"}, {}, "shared"),
    m.ErrorOutput(THEIRS, "E", "theirs", ("E: theirs",)),
    m.ClearOutput(THEIRS, wait=False),
)
END = theirs(m.Status(THEIRS, "idle"))


def executed(kernel: ScriptedKernel) -> list[str]:
    return [request.code for request in kernel.sent if isinstance(request, requests.Execute)]


async def world_on(worlds: Callable[..., World], *sources: str, foreign: bool = True, **script: object) -> World:
    world = worlds(sources, kernel=ScriptedKernel({"a": [stream("ours\n")], **script}, foreign=foreign))  # type: ignore[dict-item]
    await world.session.start_kernel()
    await wait_for(lambda: world.state() is KernelState.IDLE)
    return world


@pytest.mark.parametrize("foreign", [True, False])
async def test_their_outputs_land_in_no_cell(foreign: bool, worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a", foreign=foreign)
    await world.run(*world.cells)
    await wait_for(lambda: world.states() == [RunState.OK])
    before = world.notebook[world.cells[0]].outputs.to_json()
    world.kernel.emit(*BEGIN, *OUTPUT, *END)
    assert world.notebook[world.cells[0]].outputs.to_json() == before
    (run,) = world.session.other_runs()
    assert (run.code, run.count, run.failed, run.running) == ("slow()", 7, True, False)
    assert world.session.kernel.strays == 0


async def test_what_they_ran_counts_when_cells_are_judged(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "x = 1", "print(x)")
    await world.run(world.cells[0])
    world.kernel.emit(*theirs(m.Status(THEIRS, "busy"), m.ExecuteInput(THEIRS, "x = 2", 7)), *END)
    await world.run(world.cells[1])
    await world.session.staleness.settled()
    doubt = world.session.doubt_of(world.cells[1])
    assert doubt is not None
    assert doubt.text == "x comes from code that is no cell"


async def test_ours_wait_while_theirs_run(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a", "b")
    world.kernel.emit(*BEGIN)
    assert world.session.kernel.others_run
    assert world.state() is KernelState.BUSY
    assert await world.session.complete("x", 1) is None
    world.session.run(world.cells)
    assert world.states() == [RunState.QUEUED, RunState.QUEUED]
    assert executed(world.kernel) == []
    world.kernel.emit(*END)  # more of theirs may wait in the kernel
    assert executed(world.kernel) == []
    assert isinstance(world.kernel.sent[-1], requests.KernelInfo)  # its answer says that the kernel has got past theirs
    await wait_for(lambda: executed(world.kernel) == ["a", "b"])
    assert not world.session.kernel.others_run


async def test_an_interrupt_is_for_ours_unless_theirs_is_meant(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a")
    world.kernel.emit(*BEGIN)
    world.session.run(world.cells)
    world.session.interrupt()
    assert (world.kernel.interrupts, world.session.queue()) == ([], ())
    world.session.interrupt(others=True)
    assert world.kernel.interrupts == [InterruptMeans.MESSAGE]


async def test_a_kernel_that_was_just_connected_to_may_be_busy(worlds: Callable[..., World]) -> None:
    world = worlds(["a"], kernel=ScriptedKernel(foreign=True))
    seen: list[tuple[KernelState, bool]] = []
    world.session.listen(lambda _event: seen.append((world.state(), world.session.kernel.others_run)))
    await world.session.start_kernel()
    await wait_for(lambda: world.state() is KernelState.IDLE)
    assert (KernelState.BUSY, True) in seen
    assert seen[-1] == (KernelState.IDLE, False)
    assert world.session.kernel.foreign


async def test_what_the_kernel_drops_because_theirs_failed_is_sent_again(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a")
    world.session.run(world.cells)
    ours = next(request.id for request in world.kernel.sent if isinstance(request, requests.Execute))
    world.kernel.emit(*BEGIN, *theirs(m.ErrorOutput(THEIRS, "E", "", ())), *END)
    world.kernel.emit(m.ExecuteReply(ours, "aborted", None), m.Status(ours, "idle"))
    assert world.states() == [RunState.QUEUED]


async def test_their_comms_are_not_closed(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a")
    state = {"state": {"_model_name": "IntSliderModel", "value": 3}}
    world.kernel.emit(*theirs(m.CommOpen(THEIRS, "c1", "own.target", {}, {})))
    world.kernel.emit(*theirs(m.CommOpen(THEIRS, "c2", "jupyter.widget", state, {"version": "2.1.0"})))
    assert not any(isinstance(request, requests.CommClose) for request in world.kernel.sent)
    assert world.session.widgets.live("c2") is not None


async def test_it_is_not_restarted_and_only_left(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a")
    await world.session.restart()
    assert [message.text for message in world.all(Message)] == [NOT_OURS]
    assert world.kernel.starts == 1
    await world.session.start_kernel("python3")  # one of our own, of the same name
    assert world.kernel.starts == 2


async def test_a_restart_by_others_is_told(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a", "b")
    await world.run(world.cells[0])
    await wait_for(lambda: world.states()[0] is RunState.OK)
    assert world.session.run_of(world.cells[0]).current
    world.kernel.emit(*BEGIN)
    world.session.run(world.cells[1:])
    world.kernel.emit(lifecycle.HeartbeatLost())
    assert world.state() is KernelState.UNREACHABLE
    world.kernel.emit(lifecycle.KernelStarting(restart=True, by_others=True), lifecycle.KernelConnected(shared=True))
    assert not world.session.run_of(world.cells[0]).current
    assert world.session.queue() == ()
    assert [message.text for message in world.all(Message)] == [RESTARTED_BY_OTHERS]


async def test_a_kernel_that_others_restarted_is_known_to_be_idle_again(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a")
    world.kernel.emit(lifecycle.KernelStarting(restart=True, by_others=True), lifecycle.KernelConnected(shared=True))
    assert world.session.kernel.others_run  # it may run their code
    await wait_for(lambda: world.state() is KernelState.IDLE)
    assert not world.session.kernel.others_run


async def test_a_kernel_that_answers_nothing_is_told(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a")
    world.kernel.emit(lifecycle.KernelSilent())
    assert "the key in its connection file is not its own" in world.session.kernel.detail
    world.kernel.emit(lifecycle.KernelConnected(shared=True))
    assert world.session.kernel.detail == ""


def test_whose_work_the_end_of_a_session_would_end() -> None:
    busy = KernelStatus(KernelState.BUSY, others_run=True)
    assert busy.works_for_us
    assert not replace(busy, foreign=True).works_for_us
    assert replace(busy, foreign=True, others_run=False).works_for_us
    assert not replace(busy, state=KernelState.IDLE).works_for_us


async def test_no_prompt_is_left_open_on_it(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "ask", ask=[prompt("name? ")])
    world.session.run(world.cells)
    await wait_for(lambda: world.prompt() is not None)
    await world.session.shutdown_kernel()
    assert world.kernel.interrupts == [InterruptMeans.MESSAGE]
    assert world.prompt() is None


async def test_an_unknown_kernelspec_is_not_written_into_the_notebook(worlds: Callable[..., World]) -> None:
    world = worlds(["a"], kernel=ScriptedKernel(foreign=True, name="", language_info={"name": "other"}), metadata={})
    await world.session.start_kernel()
    await world.run(*world.cells)
    await wait_for(lambda: world.states() == [RunState.OK])
    assert not world.notebook.metadata


async def test_a_kernel_of_the_list_is_attached(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world_on(worlds, "a", foreign=False)
    other = ScriptedKernel(foreign=True, name="theirs")
    monkeypatch.setattr("tuinb.kernel.connection.connection.attach", lambda _kernel: other)
    monkeypatch.setattr("tuinb.kernel.connection.survey.WITHIN", 0.05)
    with runtime_folder() as runtime:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime.path))
        runtime.kernel("7", kernel_name="theirs")
        (found,) = await world.session.running_kernels()
        await world.session.attach_kernel(found.file)
        gone = str(runtime.write("8"))
        with pytest.raises(KernelError, match="its kernel has ended"):
            await world.session.attach_kernel(gone)
    assert (world.session.kernel.name, world.session.kernel.foreign) == ("theirs", True)


async def test_another_kernel_is_attached(worlds: Callable[..., World]) -> None:
    world = await world_on(worlds, "a", foreign=False)
    other = ScriptedKernel({"a": [stream("elsewhere\n")]}, foreign=True)
    kernel = world.session._require_kernel()
    assert kernel is not None
    await kernel.attach(lambda: other)
    assert world.kernel.closed
    await world.run(*world.cells)
    await wait_for(lambda: world.text(world.cells[0]) == "elsewhere\n")

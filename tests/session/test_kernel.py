"""The kernel part of a session, on a scripted kernel: runs, prompts, interrupts, restarts, death, completion."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.session.support import ME, World
from tests.support import wait_for
from tuinb.errors import KernelSpecError, KernelStartError
from tuinb.kernel.connection.scripted import (
    Emit,
    ScriptedKernel,
    abort,
    clear,
    die,
    display,
    error,
    gate,
    hang,
    lose,
    next_input,
    pause,
    payload,
    prompt,
    raw,
    result,
    stream,
    update,
)
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import NO_PARENT
from tuinb.kernel.protocol.lifecycle import InterruptMeans
from tuinb.notebook.changes import (
    Applied,
    CellData,
    CellId,
    DeleteCell,
    InsertCell,
    MoveCell,
    SetKind,
    SetMetadata,
    SpliceSource,
    Transaction,
)
from tuinb.notebook.document import Notebook
from tuinb.session.events import (
    CellsChanged,
    InterruptTimedOut,
    KernelChanged,
    Message,
    Page,
    Prompt,
    PromptClosed,
    PromptOpened,
    SessionEvent,
)
from tuinb.session.session import Session
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.connection.scripted import Step as ScriptStep

# ---- running


async def test_code_that_is_no_part_of_the_notebook(worlds: Callable[..., World]) -> None:
    script = {
        "a": [display({"text/plain": "a"}, display_id="d")],
        "b": [stream("b"), update("d", {"text/plain": "new"}), result("1")],
        "c": [error("E", "v")],
    }
    world = worlds(["a"], script)
    await world.run()
    world.session._saved_state.saved = world.session._saved_state.current
    before = len(world.all(Applied))
    cell = world.session.run_apart("c")
    assert cell is not None
    assert world.session.queue() == (cell.id,)
    await world.rest()
    assert world.session.run_of(cell.id).state is RunState.ERROR
    world.session.forget(cell)
    assert not world.modified()
    assert len(world.all(Applied)) == before
    cell = world.session.run_apart("b")
    assert cell is not None
    await world.rest()
    assert [output.type for output in cell.outputs] == ["stream", "execute_result"]
    world.session.forget(cell)
    assert len(world.notebook) == 1
    assert not world.notebook.knows(cell.id)
    assert "new" in str(world.notebook[world.cells[0]].outputs[0].raw)  # an update reaches the cells of the notebook
    assert world.session.kernel.strays == 0


async def test_without_a_kernel_no_code_is_run_apart() -> None:
    session = Session(Notebook(), kernels=None)
    assert session.run_apart("1") is None


async def test_a_part_of_a_cell_adds_its_outputs_and_marks_the_cell_as_edited(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    script = {"a\nb": [stream("whole\n")], "b": [stream("part\n")], "wait": [gate(opened), stream("waited\n")]}
    world = worlds(["a\nb"], script)
    (cell,) = world.cells
    await world.run()
    assert not world.session.is_edited(cell)
    world.session.run_part(cell, "b")
    await world.rest()
    assert world.text(cell) == "whole\npart\n"
    assert world.notebook[cell].execution_count == 2
    assert world.session.is_edited(cell)
    for code in ("wait", "b", "b"):
        world.session.run_part(cell, code)
    assert [message.text for message in world.all(Message)] == ["This cell waits to run already."]
    opened.set()
    await world.rest()
    assert world.text(cell) == "whole\npart\nwaited\npart\n"
    await world.run()
    assert world.text(cell) == "whole\n"
    assert not world.session.is_edited(cell)


async def test_runs_cells_in_order_and_shows_their_outputs(worlds: Callable[..., World]) -> None:
    world = worlds(["1+1", "print"], {"1+1": [result("2")], "print": [stream("a\n"), pause(), stream("b\n")]})
    await world.run()
    assert world.states() == [RunState.OK, RunState.OK]
    assert [world.notebook[cell].execution_count for cell in world.cells] == [1, 2]
    assert world.notebook.at(0).outputs[0].data == {"text/plain": "2"}
    assert world.text(world.cells[1]) == "a\nb\n"
    assert world.state() is KernelState.IDLE
    states = [item.status.state for item in world.all(KernelChanged)]
    assert states[0] is KernelState.STARTING
    assert KernelState.BUSY in states
    assert world.all(CellsChanged)


async def test_a_run_takes_the_source_of_its_moment(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    world = worlds(["wait", "old"], {"wait": [gate(opened)]})
    world.session.run(world.cells)
    world.edit(SpliceSource(world.cells[1], 0, "old", "new"))
    opened.set()
    await world.rest()
    assert [request.code for request in world.kernel.sent if isinstance(request, requests.Execute)] == ["wait", "old"]
    assert world.session.run_of(world.cells[1]).code == "old"


async def test_passes_over_what_is_no_code_and_clears_blank_cells(worlds: Callable[..., World]) -> None:
    world = worlds(["x", "text", "print"], {"print": [stream("a")]})
    world.edit(SetKind(world.cells[1], "markdown"))
    await world.run()
    world.edit(SpliceSource(world.cells[2], 0, "print", "  \n"))
    await world.run(world.cells[1], world.cells[2], CellId("nowhere"))
    assert len(world.notebook.at(2).outputs) == 0
    assert world.notebook.at(2).execution_count is None
    assert [request.code for request in world.kernel.sent if isinstance(request, requests.Execute)] == ["x", "print"]


async def test_an_error_stops_the_queue(worlds: Callable[..., World]) -> None:
    world = worlds(["boom", "after"], {"boom": [error("ValueError", "no")]})
    await world.run()
    assert world.states() == [RunState.ERROR, RunState.NEVER]
    assert world.session.run_of(world.cells[0]).error_name == "ValueError"


async def test_an_expected_error_does_not(worlds: Callable[..., World]) -> None:
    world = worlds(["boom", "after"], {"boom": [error()]})
    world.edit(SetMetadata(world.cells[0], "tags", ["raises-exception"]))
    await world.run()
    assert world.states() == [RunState.ERROR, RunState.OK]


async def test_cancel_one_and_all(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    world = worlds(["wait", "1", "2", "3"], {"wait": [gate(opened)]})
    world.session.run(world.cells)
    await wait_for(lambda: world.states()[0] is RunState.RUNNING)
    world.session.cancel([world.cells[1]])
    assert world.session.queue() == (world.cells[0], *world.cells[2:])
    assert world.session.run_of(world.cells[3]).place == 2
    world.session.cancel()
    assert world.session.queue() == world.cells[:1]
    opened.set()
    await world.rest()
    assert world.states() == [RunState.OK, RunState.NEVER, RunState.NEVER, RunState.NEVER]


async def test_waiting_cells_are_told_that_they_moved_up(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.session.kernel.PLACES_EVERY", 0.0)
    first, second = asyncio.Event(), asyncio.Event()
    world = worlds(["1", "2", "3"], {"1": [gate(first)], "2": [gate(second)]})
    world.session.run(world.cells)
    await wait_for(lambda: world.states()[0] is RunState.RUNNING)
    first.set()
    await wait_for(lambda: CellsChanged(world.cells[1:]) in world.heard)
    assert world.session.run_of(world.cells[2]).place == 1
    second.set()
    await world.rest()


async def test_an_aborted_cell_is_not_run(worlds: Callable[..., World]) -> None:
    world = worlds(["x"], {"x": [abort()]})
    await world.run()
    assert world.states() == [RunState.ABORTED]


async def test_a_queued_cell_that_is_deleted_or_made_prose_is_not_run(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    world = worlds(["wait", "1", "2"], {"wait": [gate(opened)]})
    world.session.run(world.cells)
    world.edit(DeleteCell(world.cells[1]))
    world.edit(SetKind(world.cells[1], "markdown"))
    assert world.session.queue() == (CellId("c0"),)
    opened.set()
    await world.rest()


async def test_outputs_of_a_deleted_cell_are_there_when_it_comes_back(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    world = worlds(["wait", "1"], {"wait": [gate(opened), stream("late")]})
    world.session.run(world.cells[:1])
    await wait_for(lambda: world.states()[0] is RunState.RUNNING)
    world.edit(DeleteCell(CellId("c0")))
    opened.set()
    await world.rest()
    world.session.undo(ME)
    assert world.text(CellId("c0")) == "late"


async def test_what_no_longer_fits_takes_nothing_else_with_it(worlds: Callable[..., World]) -> None:
    world = worlds(["x", "y"])
    await world.run()
    gone, kept = (request.id for request in world.kernel.sent if isinstance(request, requests.Execute))
    world.notebook.apply(Transaction((DeleteCell(CellId("c0")),), ME))
    world.notebook.retain([CellId("c0")])
    world.notebook.release([CellId("c0")])
    world.kernel.emit(m.Stream(gone, "stdout", "to nobody"), m.Stream(kept, "stdout", "late"))
    assert world.text(CellId("c1")) == "late"
    assert world.session.kernel.strays == 1


async def test_displays_are_updated_across_cells(worlds: Callable[..., World]) -> None:
    world = worlds(
        ["show", "change", "clear"],
        {
            "show": [display({"text/plain": "1"}, "d")],
            "change": [update("d", {"text/plain": "2"})],
            "clear": [stream("a"), clear()],
        },
    )
    await world.run()
    assert world.notebook.at(0).outputs[0].data == {"text/plain": "2"}
    assert len(world.notebook.at(2).outputs) == 0


async def test_strays_and_garbage_are_not_fatal(worlds: Callable[..., World]) -> None:
    stray, garbage = m.Stream(NO_PARENT, "stdout", "?"), m.Malformed("iopub", "no")
    world = worlds(["x"], {"x": [raw(stray), raw(garbage), stream("a")]})
    await world.run()
    assert world.text(world.cells[0]) == "a"
    assert world.session.kernel.strays == 1


async def test_a_lost_idle_is_made_up_for(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.kernel.execution.executor.LOST_AFTER", 0.0)
    world = worlds(["x", "y"], {"x": [lose("idle")], "y": [lose("reply")]})
    await world.run()
    assert world.states() == [RunState.OK, RunState.OK]


async def test_without_a_kernel_nothing_runs() -> None:
    session = Session(Notebook(), kernels=None)
    heard: list[Applied | SessionEvent] = []
    session.listen(heard.append)
    session.run([])
    await session.start_kernel()
    assert [type(item) for item in heard] == [Message, Message]
    assert session.kernel.state is KernelState.NONE


# ---- payloads


async def test_pages_and_proposed_cells(worlds: Callable[..., World]) -> None:
    world = worlds(
        ["help", "load", "below", "leave"],
        {
            "help": [payload(source="page", data={"text/plain": "h"})],
            "load": [next_input("loaded", replace=True)],
            "below": [next_input("more")],
            "leave": [payload(source="ask_exit")],
        },
    )
    await world.run()
    assert world.all(Page) == [Page({"text/plain": "h"})]
    assert [cell.source for cell in world.notebook] == ["help", "loaded", "below", "more", "leave"]
    assert world.notebook.at(3).raw["id"] == world.notebook.at(3).id
    assert world.all(Message)
    world.session.undo(ME)
    assert [cell.source for cell in world.notebook] == ["help", "loaded", "below", "leave"]


# ---- prompts


async def test_a_prompt_is_answered(worlds: Callable[..., World]) -> None:
    world = worlds(["ask", "after"], {"ask": [prompt("name? ", then=lambda line: [stream(f"hello {line}")])]})
    world.session.run(world.cells)
    await wait_for(lambda: bool(world.all(PromptOpened)))
    assert world.all(PromptOpened) == [PromptOpened(Prompt(world.cells[0], "name? ", password=False))]
    assert world.states() == [RunState.RUNNING, RunState.QUEUED]
    assert world.prompt() == Prompt(world.cells[0], "name? ", password=False)
    world.session.answer("you")
    assert world.all(PromptClosed)
    assert world.prompt() is None
    await world.rest()
    assert world.text(world.cells[0]) == "name? you\nhello you"


async def test_end_of_file_on_a_prompt(worlds: Callable[..., World]) -> None:
    world = worlds(["ask"], {"ask": [prompt("? ", password=True)]})
    world.session.run(world.cells)
    await wait_for(lambda: bool(world.all(PromptOpened)))
    world.session.answer_eof()
    await world.rest()
    assert world.session.run_of(world.cells[0]).error_name == "EOFError"


async def test_a_prompt_is_interrupted(worlds: Callable[..., World]) -> None:
    world = worlds(["ask"], {"ask": [prompt("? ")]})
    world.session.run(world.cells)
    await wait_for(lambda: bool(world.all(PromptOpened)))
    world.session.interrupt()
    await world.rest()
    assert world.all(PromptClosed)
    assert world.states() == [RunState.ERROR]


async def test_a_prompt_of_a_thread_outlives_its_cell(worlds: Callable[..., World]) -> None:
    asks = Emit(lambda parent: m.InputRequest(parent, "thread? ", password=False))
    world = worlds(["start", "after"], {"start": [asks]})
    await world.run()
    assert world.states() == [RunState.OK, RunState.OK]
    assert not world.all(PromptClosed)
    assert world.prompt() == Prompt(world.cells[0], "thread? ", password=False)
    world.session.answer("here")
    assert world.prompt() is None
    assert world.text(world.cells[0]) == "thread? here\n"


async def test_a_prompt_of_a_thread_is_closed_by_a_restart(worlds: Callable[..., World]) -> None:
    world = worlds(["start"], {"start": [Emit(lambda parent: m.InputRequest(parent, "thread? ", password=False))]})
    await world.run()
    await world.session.restart()
    assert world.all(PromptClosed)
    assert world.prompt() is None


# ---- interrupting


async def test_interrupt_stops_what_runs_and_what_waits(worlds: Callable[..., World]) -> None:
    world = worlds(["loop", "after"], {"loop": [stream("a"), hang()]})
    world.session.run(world.cells)
    await wait_for(lambda: world.text(world.cells[0]) == "a")
    world.session.interrupt()
    await world.rest()
    assert world.states() == [RunState.ERROR, RunState.NEVER]
    assert world.kernel.interrupts == [InterruptMeans.MESSAGE]


async def test_interrupt_with_nothing_to_interrupt(worlds: Callable[..., World]) -> None:
    world = worlds(["x"])
    world.session.interrupt()
    await world.run()
    world.session.interrupt()
    assert world.kernel.interrupts == []


async def test_an_interrupt_without_effect_offers_the_next_means(worlds: Callable[..., World]) -> None:
    world = worlds(["loop"], {"loop": [stream("a"), hang(None)]}, interrupt_timeout=0.0)
    world.session.run(world.cells)
    await wait_for(lambda: world.text(world.cells[0]) == "a")
    offered = world.all
    world.session.interrupt()
    await wait_for(lambda: offered(InterruptTimedOut) == [InterruptTimedOut(InterruptMeans.SIGNAL)])
    world.session.interrupt()
    await wait_for(lambda: offered(InterruptTimedOut)[1:] == [InterruptTimedOut(None)])
    assert world.kernel.interrupts == [InterruptMeans.MESSAGE, InterruptMeans.SIGNAL]
    world.session.interrupt()
    assert offered(InterruptTimedOut)[2:] == [InterruptTimedOut(None)]
    assert world.kernel.starts == 1


async def test_a_kernel_that_understands_no_interrupt(worlds: Callable[..., World]) -> None:
    world = worlds(["loop"], kernel=ScriptedKernel({"loop": [stream("a"), hang()]}, means=()))
    world.session.run(world.cells)
    await wait_for(lambda: world.text(world.cells[0]) == "a")
    world.session.interrupt()
    assert world.all(InterruptTimedOut) == [InterruptTimedOut(None)]


# ---- start, restart and end


async def test_restart_keeps_outputs_and_marks_cells_as_run_by_an_earlier_kernel(worlds: Callable[..., World]) -> None:
    world = worlds(["print", "loop", "after"], {"print": [stream("a")], "loop": [hang()]})
    world.session.run(world.cells)
    await wait_for(lambda: world.states()[1] is RunState.RUNNING)
    await world.session.restart()
    assert KernelState.RESTARTING in [item.status.state for item in world.all(KernelChanged)]
    assert world.state() is KernelState.IDLE
    assert world.states() == [RunState.OK, RunState.ABORTED, RunState.NEVER]
    assert not world.session.run_of(world.cells[0]).current
    assert world.text(world.cells[0]) == "a"
    await world.run(world.cells[0])
    assert world.session.run_of(world.cells[0]).current


async def test_cells_run_while_it_restarts_wait_for_it(worlds: Callable[..., World]) -> None:
    world = worlds(["print"], {"print": [stream("a")]})
    await world.run()
    restarting = asyncio.create_task(world.session.restart())
    await asyncio.sleep(0)
    world.session.run(world.cells)
    await restarting
    await world.rest()
    assert world.states() == [RunState.OK]
    assert world.kernel.starts == 2


async def test_death_is_explained_and_frees_the_cells(worlds: Callable[..., World]) -> None:
    world = worlds(["die", "after"], {"die": [prompt("? ", then=lambda _line: [die("killed by SIGKILL", "last words")])]})
    world.session.run(world.cells)
    await wait_for(lambda: bool(world.all(PromptOpened)))
    world.session.answer("x")
    await world.rest()
    assert world.state() is KernelState.DEAD
    assert world.session.kernel.detail == "killed by SIGKILL\nlast words"
    why = "The kernel died while cell 1 ran: killed by SIGKILL. 1 cell below was not run.\nlast words"
    assert world.session.kernel.explanation == why
    assert world.states() == [RunState.ABORTED, RunState.NEVER]
    await world.run(world.cells[1])
    assert world.states() == [RunState.ABORTED, RunState.OK]
    assert world.state() is KernelState.IDLE
    assert (world.session.kernel.detail, world.session.kernel.explanation) == ("", "")


async def test_a_cell_that_exits_is_named_when_its_kernel_has_ended(worlds: Callable[..., World]) -> None:
    world = worlds(["1", "exit()", "2", "3"], {"exit()": [payload(source="ask_exit", keepkernel=False)]})
    await world.run(*world.cells)
    world.kernel.kill("exited with code 0")
    assert world.state() is KernelState.DEAD
    assert world.session.kernel.explanation == "Cell 2 ended the kernel (exit or quit). 2 cells below were not run."


async def test_a_killed_kernel_is_started_by_restart(worlds: Callable[..., World]) -> None:
    world = worlds(["x"])
    await world.run()
    world.kernel.kill()
    assert world.state() is KernelState.DEAD
    await world.session.restart()
    assert world.state() is KernelState.IDLE


@pytest.mark.parametrize(
    ("failure", "state"),
    [(KernelStartError("no such program", hint="install it"), KernelState.DEAD), (KernelSpecError("none"), KernelState.NONE)],
)
async def test_a_start_that_fails_says_why(worlds: Callable[..., World], failure: KernelStartError, state: KernelState) -> None:
    world = worlds(["x"], kernel=ScriptedKernel(start_error=failure))
    await world.run()
    assert world.state() is state
    assert world.session.kernel.detail == str(failure)
    assert world.states() == [RunState.NEVER]
    world.kernel.start_error = None
    await world.session.start_kernel()
    assert world.state() is KernelState.IDLE


async def test_a_kernelspec_that_is_not_there(worlds: Callable[..., World]) -> None:
    def factory(name: str | None) -> KernelConnection:
        raise KernelSpecError("no kernelspec of that name", where=str(name))

    world = worlds(["x"], factory=factory)
    await world.session.start_kernel("ghost")
    assert world.state() is KernelState.NONE
    assert "ghost" in world.session.kernel.detail
    assert await world.session.kernel_log() == ""


async def test_a_start_that_hangs_gives_way_to_another(worlds: Callable[..., World]) -> None:
    kernels = {None: ScriptedKernel(ready=asyncio.Event()), "other": ScriptedKernel(name="other")}
    world = worlds(["x"], factory=lambda name: kernels[name])
    starting = asyncio.create_task(world.session.start_kernel())
    await wait_for(lambda: kernels[None].starts == 1)
    await world.session.start_kernel("other")
    await starting
    assert kernels[None].closed
    assert world.session.kernel.name == "other"
    assert world.state() is KernelState.IDLE


async def test_switching_is_live_and_written_into_the_notebook(worlds: Callable[..., World]) -> None:
    kernels = {None: ScriptedKernel(), "ir": ScriptedKernel(name="ir", display_name="R", language_info={"name": "R"})}
    world = worlds(["x"], factory=lambda name: kernels[name])
    await world.run()
    world.session.cancel()
    await world.session.start_kernel("ir")
    await wait_for(lambda: world.session.kernel.language == "R")
    assert kernels[None].closed
    assert world.notebook.metadata["kernelspec"] == {"name": "ir", "display_name": "R", "language": "R"}
    assert world.notebook.metadata["language_info"] == {"name": "R"}
    assert not world.session.run_of(world.cells[0]).current
    starts = kernels["ir"].starts
    await world.session.start_kernel("ir")
    await world.session.start_kernel()
    assert kernels["ir"].starts == starts
    kernels["ir"].kill()
    await world.session.start_kernel()
    assert world.session.kernel.name == "ir"


async def test_a_notebook_is_described_once_something_ran(worlds: Callable[..., World]) -> None:
    world = worlds(["x"], metadata={})
    await world.session.start_kernel()
    await wait_for(lambda: world.session.kernel.language == "python")
    assert not world.modified()
    await world.run()
    assert world.notebook.metadata["kernelspec"] == {
        "name": "python3",
        "display_name": "Python 3 (scripted)",
        "language": "python",
    }
    assert world.notebook.metadata["language_info"] == {"name": "python"}


async def test_metadata_that_is_there_is_left_alone(worlds: Callable[..., World]) -> None:
    metadata = {"language_info": {"name": "python", "version": "3.1"}, "kernelspec": {"name": "conda-env"}}
    world = worlds(["x"], metadata=metadata)
    await world.run()
    assert world.notebook.metadata == metadata


async def test_shutdown_and_start_again(worlds: Callable[..., World]) -> None:
    world = worlds(["loop"], {"loop": [hang()]})
    world.session.run(world.cells)
    await wait_for(lambda: world.states() == [RunState.RUNNING])
    await world.session.shutdown_kernel()
    assert world.kernel.closed
    assert world.state() is KernelState.NONE
    assert world.session.queue() == ()


async def test_what_is_run_while_a_kernel_shuts_down_runs_on_the_next_one(worlds: Callable[..., World]) -> None:
    ended = asyncio.Event()

    class SlowToEnd(ScriptedKernel):
        async def shut_down(self) -> None:
            await ended.wait()
            await super().shut_down()

    world = worlds(["x"], kernel=SlowToEnd())
    await world.run()
    shutting = asyncio.create_task(world.session.shutdown_kernel())
    await wait_for(lambda: world.state() is KernelState.NONE)
    world.session.run(world.cells)
    assert world.states() == [RunState.QUEUED]
    ended.set()
    await shutting
    await world.rest()
    assert world.states() == [RunState.OK]
    assert world.kernel.starts == 2


async def test_heartbeats(worlds: Callable[..., World]) -> None:
    world = worlds([])
    await world.session.start_kernel()
    world.kernel.emit(lifecycle.HeartbeatLost())
    assert world.state() is KernelState.UNREACHABLE
    world.kernel.emit(lifecycle.HeartbeatBack())
    assert world.state() is KernelState.IDLE


async def test_kernels_that_are_installed(
    worlds: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels" / "mine"
    folder.mkdir(parents=True)
    spec = {"argv": ["prog", "{connection_file}"], "display_name": "Mine", "language": "l"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    choices = await worlds([]).session.kernels()
    assert [(choice.display_name, choice.language) for choice in choices if choice.name == "mine"] == [("Mine", "l")]


async def test_closing_never_raises_and_is_final(worlds: Callable[..., World]) -> None:
    world = worlds(["loop"], {"loop": [hang()]})
    world.session.run(world.cells)
    await wait_for(lambda: world.states() == [RunState.RUNNING])
    await world.session.shut_down()
    await world.session.shut_down()
    assert world.kernel.closed


# ---- completion and inspection


async def test_completion_and_inspection(worlds: Callable[..., World]) -> None:
    world = worlds([], kernel=ScriptedKernel(completions=["print", "property"], documentation="what it is"))
    assert await world.session.complete("pr", 2) is None
    assert await world.session.history(10) is None
    world.kernel.history = ("old", "earlier")
    await world.session.start_kernel()
    reply = await world.session.complete("x = pr", 6)
    assert reply is not None
    assert (reply.matches, reply.start, reply.end) == (("print", "property"), 4, 6)
    assert await world.session.history(1) == ("earlier",)
    found = await world.session.inspect("print", 5)
    assert found is not None
    assert found.data == {"text/plain": "what it is"}
    assert world.session.kernel.strays == 0


async def test_a_busy_or_silent_kernel_completes_nothing(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    world = worlds(["loop"], {"loop": [hang()]}, reply_timeout=0.01)
    await world.session.start_kernel()
    with monkeypatch.context() as patch:
        patch.setattr(world.kernel, "send", lambda _request: None)
        assert await world.session.complete("a", 1) is None
    world.session.run(world.cells)
    assert await world.session.inspect("a", 1) is None
    assert await world.session.history(1) is None


async def test_a_question_ends_with_its_kernel(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    world = worlds([])
    await world.session.start_kernel()
    monkeypatch.setattr(world.kernel, "send", lambda _request: asyncio.get_running_loop().call_soon(world.kernel.kill))
    assert await world.session.complete("a", 1) is None


# ---- editing during a run

moves = st.lists(
    st.tuples(st.sampled_from(["delete", "move", "insert", "undo", "redo", "print", "run"]), st.integers(0, 9)), max_size=25
)


@settings(max_examples=25, deadline=None)
@given(moves)
def test_editing_in_mid_run_never_misleads_an_output(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_edit_while_it_runs(steps))


async def _edit_while_it_runs(steps: list[tuple[str, int]]) -> None:
    def says(code: str) -> Sequence[ScriptStep]:
        return [stream(code), pause(), stream(code), pause(3), stream(code)]

    world = World(["a", "b", "c"], kernel=ScriptedKernel(otherwise=says))
    owners = {CellId(f"c{i}"): name for i, name in enumerate("abc")}
    for step, number in steps:
        order = world.cells
        cell = order[number % len(order)] if order else None
        match step:
            case "delete" if cell is not None:
                world.edit(DeleteCell(cell))
            case "move" if cell is not None:
                world.edit(MoveCell(cell, None if cell == order[0] else order[0]))
            case "insert":
                world.edit(InsertCell(CellData(world.notebook.new_id(), "markdown", "", {"metadata": {}}), cell))
            case "undo":
                world.session.undo(ME)
            case "redo":
                world.session.redo(ME)
            case "run":
                world.session.run(order)
            case _:
                await asyncio.sleep(0)
    await world.rest()
    for shown in world.notebook:
        assert set(world.text(shown.id)) <= {owners.get(shown.id, "")}
    await world.session.shut_down()

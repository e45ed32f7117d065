"""What a session knows against the results of its cells, on a scripted kernel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.session.support import ME, PYTHON, World
from tests.support import wait_for
from tuinb.kernel.connection.scripted import ScriptedKernel, error, gate
from tuinb.notebook.changes import CellId, DeleteCell, MoveCell, SpliceSource, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

A, B, C = CellId("c0"), CellId("c1"), CellId("c2")


def edit(world: World, cell: CellId, old: str, new: str) -> None:
    world.session.apply(Transaction((SpliceSource(cell, 0, old, new),), ME))


async def doubts(world: World) -> dict[str, str]:
    """Returns what is known once everything is judged."""
    await world.session.staleness.settled()
    found = {cell: world.session.doubt_of(cell) for cell in world.notebook.order}
    return {cell: f"{doubt.sign} {doubt.text}" for cell, doubt in found.items() if doubt is not None}


async def test_edits_runs_and_undo(worlds: Callable[..., World]) -> None:
    world = worlds(["x = 1", "print(x)", "z"])
    await world.run()
    assert await doubts(world) == {}
    edit(world, A, "x = 1", "x = 2")
    assert await doubts(world) == {A: "~ edited since", B: "^ cell 1 was edited (x)"}
    assert world.session.stale_count == 2
    world.session.undo(ME)
    assert await doubts(world) == {}
    assert world.session.stale_count == 0
    world.session.redo(ME)
    await world.run(A)
    assert await doubts(world) == {B: "^ x set again in cell 1"}
    assert await world.session.staleness.plan([B]) == [B]
    assert await world.session.staleness.followers([A]) == [A, B]


async def test_questions_at_once_wait_for_each_other(worlds: Callable[..., World]) -> None:
    world = worlds(["x = 1", "print(x)"])
    await world.run()
    staleness = world.session.staleness
    questions = [staleness.followers([A]), staleness.plan([B]), staleness.followers([B])]
    assert await asyncio.gather(*questions) == [[A, B], [B], [B]]
    assert list((await asyncio.gather(staleness.origins(), staleness.origins()))[1]) == ["x"]


async def test_the_source_that_was_sent_counts(worlds: Callable[..., World]) -> None:
    opened = asyncio.Event()
    world = worlds(["x = 1", "print(x)"], {"x = 1": [gate(opened)]})
    world.session.run([A, B])
    await wait_for(lambda: world.session.queue() == (A, B) and world.session.kernel.state == "busy")
    edit(world, A, "x = 1", "x = 2")
    opened.set()
    await wait_for(lambda: not world.session.queue())
    assert await doubts(world) == {A: "~ edited since", B: "^ cell 1 was edited (x)"}


async def test_deleted_and_moved_cells(worlds: Callable[..., World]) -> None:
    world = worlds(["x = 1", "y = 2", "print(x, y)"])
    await world.run()
    world.session.apply(Transaction((DeleteCell(A), MoveCell(B, C)), ME))
    assert await doubts(world) == {C: "^ x comes from a deleted cell, and 1 more"}
    world.session.undo(ME)
    assert await doubts(world) == {}


async def test_a_restart_forgets_names(worlds: Callable[..., World]) -> None:
    world = worlds(["x = 1", "print(x)"], {"print(x)": [error("NameError", "no x")]})
    await world.run()
    edit(world, A, "x = 1", "x = 2")
    await world.session.restart()
    assert await doubts(world) == {A: "~ edited since"}
    await world.run(B)
    assert await doubts(world) == {A: "~ edited since", B: "^ x: cell 1 has not run"}


async def test_code_that_is_no_cell(worlds: Callable[..., World]) -> None:
    world = worlds(["x = 1", "print(x)"])
    await world.run(A)
    apart = world.session.run_apart("x = 3")
    assert apart is not None
    await wait_for(lambda: not world.session.queue())
    await world.run(B)
    assert await doubts(world) == {B: "^ x comes from code that is no cell"}


async def test_a_cell_whose_results_were_cleared_is_not_counted(worlds: Callable[..., World]) -> None:
    world = worlds(["x = 1"])
    await world.run()
    edit(world, A, "x = 1", "")
    await doubts(world)
    assert world.session.stale_count == 1
    world.session.run([A])
    assert await doubts(world) == {}
    assert world.session.stale_count == 0


async def test_what_may_have_changed(worlds: Callable[..., World]) -> None:
    world = worlds(["x = f()", "g(x)", "print(x)"])
    await world.run()
    await world.run(B)
    assert await doubts(world) == {B: "? x may have changed since", C: "? x may have changed since"}
    assert world.session.stale_count == 0


async def test_other_languages_have_the_facts_only(worlds: Callable[..., World]) -> None:
    metadata = {"kernelspec": {**PYTHON["kernelspec"], "language": "R"}, "language_info": {"name": "R"}}
    kernel = ScriptedKernel(language_info={"name": "R"})
    world = worlds(["x <- 1", "print(x)"], metadata=metadata, kernel=kernel)
    await world.run()
    edit(world, A, "x <- 1", "x <- 2")
    assert not world.session.staleness.reads_names
    assert await doubts(world) == {A: "~ edited since"}


async def test_outputs_come_back_by_undo_after_a_run(worlds: Callable[..., World]) -> None:
    world = worlds(["print(1)"])
    await world.run()
    before = world.session.remember_outputs()
    count = world.notebook[A].execution_count
    await world.run()
    assert world.notebook[A].execution_count != count
    world.session.undo(ME)
    assert world.notebook[A].execution_count == count
    assert world.notebook[A].data().outputs == before[A]

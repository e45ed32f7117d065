"""Variables and tables as a session follows them, on a kernel whose answers come from this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.inspection.support import ROWS, Shell, evaluator
from tests.support import wait_for
from tuinb.analysis.staleness import Origin
from tuinb.errors import InspectionError, NotNowError
from tuinb.kernel.connection.scripted import ScriptedKernel, hang, prompt
from tuinb.kernel.inspection import requests
from tuinb.kernel.protocol.requests import Evaluate
from tuinb.session.state import KernelState, Stop
from tuinb.session.table_view import Area, Key, TableView, open_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.session.support import World


def kernel_with(shell: Shell, **options: Any) -> ScriptedKernel:  # noqa: ANN401 - of ScriptedKernel
    script = {"hang": [hang()], "ask": [prompt("? ")]}
    kernel = ScriptedKernel(script, evaluate=evaluator(shell), features=["kernel subshells"], **options)
    kernel.implementation = "ipython"
    return kernel


async def started(worlds: Callable[..., World], kernel: ScriptedKernel, *sources: str) -> World:
    world = worlds(sources or ("a",), kernel=kernel)
    await world.session.start_kernel()
    await wait_for(lambda: world.state() is KernelState.IDLE and world.session._kernel._info is not None)  # type: ignore[union-attr]
    return world


async def shown(table: TableView, area: Area) -> list[list[str | None]]:
    table.need(area)
    await wait_for(lambda: table.cell(area.last - 1, area.right - 1) is not None)
    return [[table.cell(row, column) for column in range(area.left, area.right)] for row in range(area.first, area.last)]


async def test_variables_follow_the_kernel(worlds: Callable[..., World]) -> None:
    shell = Shell(rows=ROWS, x=1)
    world = await started(worlds, kernel_with(shell), "x = 1", "y = x\nx = 2", "hang")
    variables, (first, second, third) = world.session.variables, world.cells
    read: list[int] = []
    stop = variables.watch(lambda: read.append(len(variables.rows)))
    await wait_for(lambda: read == [2])
    assert [(row.name, row.is_table, row.origin) for row in variables.rows] == [("rows", True, None), ("x", False, None)]
    shell.user_ns["y"] = 1
    world.session.run([first, second])
    await wait_for(lambda: bool(read) and read[-1] == 3 and variables.rows[1].origin is not None)
    assert variables.rows[1].origin == Origin(second, second)
    assert await variables.overwritten_by(first) == {"x"}
    assert await variables.overwritten_by(second) == set()
    assert await variables.overwritten_by(None) == set()
    assert not variables.is_of_deleted_cell(variables.rows[1])
    # A subshell answers while a cell runs.
    world.session.run([third])
    await wait_for(lambda: world.state() is KernelState.BUSY)
    shell.user_ns["z"] = 1
    await wait_for(lambda: len(variables.rows) == 4)
    evaluations = [request for request in world.kernel.sent if isinstance(request, Evaluate)]
    assert [request.route.subshell for request in evaluations[-2:]] == ["subshell-1", "subshell-1"]
    world.session.interrupt()
    await wait_for(lambda: world.state() is KernelState.IDLE)
    stop()
    count = len(read)
    await world.session.shutdown_kernel()
    assert len(read) == count
    variables.watch(lambda: read.append(-1))
    await wait_for(lambda: read[-1] == -1)
    assert (variables.rows, variables.problem) == ((), "no kernel runs")


async def test_one_variable(worlds: Callable[..., World]) -> None:
    world = await started(worlds, kernel_with(Shell(x=1)))
    assert await world.session.variables.inspect("x") == ["x: int", "", "1"]
    with pytest.raises(InspectionError, match="y is gone"):
        await world.session.variables.inspect("y")


async def test_too_many_names(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "CHARACTERS", 2000)
    monkeypatch.setattr(requests.question, "__defaults__", (2.0, 2000))
    monkeypatch.setattr(requests.first_question, "__defaults__", (2.0, 2000))
    world = await started(worlds, kernel_with(Shell(**{f"name_{at}": at for at in range(500)})))
    variables = world.session.variables
    variables.watch(lambda: None)
    await wait_for(lambda: variables.left > 400)
    variables.limit_to("NAME_49")
    await wait_for(lambda: len(variables.rows) == 11)
    variables.limit_to("")
    await wait_for(lambda: variables.left > 400)


async def test_when_the_kernel_can_not_answer(worlds: Callable[..., World]) -> None:
    world = worlds(("ask", "hang"), kernel=kernel_with(Shell()))
    session = world.session
    with pytest.raises(NotNowError, match="no kernel runs"):
        await session.inspector.ask("names", part="")
    await session.start_kernel()
    await wait_for(lambda: world.state() is KernelState.IDLE)
    session.run(world.cells[:1])
    await wait_for(lambda: session.prompt is not None)
    with pytest.raises(NotNowError, match="waits for input"):
        await session.inspector.ask("names", part="")
    session.answer("")
    await world.rest()
    session.debugger.stop = Stop(1, "step", ())
    with pytest.raises(NotNowError, match="stopped at a breakpoint"):
        await session.inspector.ask("names", part="")
    session.debugger.stop = None
    world.kernel.implementation = "xeus-python"
    await session.restart()
    await wait_for(lambda: world.state() is KernelState.IDLE)
    session.run(world.cells[1:])
    await wait_for(lambda: world.state() is KernelState.BUSY)
    variables = session.variables
    variables.watch(lambda: None)
    await wait_for(lambda: variables.problem == "the kernel is busy")
    session.interrupt()
    await wait_for(lambda: variables.problem == "")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "this kernel does not evaluate expressions"),
        ({requests.KEY: {"status": "error", "ename": "NameError"}}, "this kernel can't be asked: NameError"),
        ({requests.KEY: {"status": "ok", "data": {}}}, "this kernel can't be asked: absent"),
    ],
)
async def test_kernels_that_answer_otherwise(values: Mapping[str, Any], problem: str, worlds: Callable[..., World]) -> None:
    world = await started(worlds, ScriptedKernel(evaluate=lambda _request: values))
    variables = world.session.variables
    variables.watch(lambda: None)
    await wait_for(lambda: variables.problem == problem)


async def test_a_kernel_of_another_language(worlds: Callable[..., World]) -> None:
    world = await started(worlds, ScriptedKernel(language_info={"name": "julia"}))
    assert world.session.inspector.language == "julia"
    with pytest.raises(InspectionError, match="a julia kernel can't be asked"):
        await world.session.inspector.ask("names", part="")


# ---- tables


async def test_blocks_are_read_as_they_come_into_view(worlds: Callable[..., World]) -> None:
    rows = [{f"c{column}": row * 100 + column for column in range(20)} for row in range(10_000)]
    world = await started(worlds, kernel_with(Shell(rows=rows)))
    table = await open_table(world.session, "rows")
    assert await shown(table, Area(0, 2, 0, 2)) == [["0", "1"], ["100", "101"]]
    assert (table.head(0), table.head(19)) != (None, None)
    assert table.head(19) is None
    assert table.labels(1, 0) == ("1",)
    assert table.labels(9000, 0) is None
    assert table.cell(0, 12) is None
    for first in (*range(0, 9000, 500), 8000, 100):
        assert (await shown(table, Area(first, first + 40, 10, 20)))[0][0] == str(first * 100 + 10)
    await wait_for(lambda: not table.is_reading)
    assert len(table._blocks) <= 96
    assert (await shown(table, Area(9_990, 10_000, 0, 8)))[-1][-1] == "999907"
    await table.arrange([Key(0, True)], "c1 < 1000")
    assert (table.rows, table.total, table.keys) == (10, 10_000, (Key(0, True),))
    assert (await shown(table, Area(0, 2, 0, 2))) == [["900", "901"], ["800", "801"]]
    await table.close()


async def test_an_answer_to_what_was_asked_before(worlds: Callable[..., World]) -> None:
    world = await started(worlds, kernel_with(Shell(rows=ROWS)))
    table = await open_table(world.session, "rows")
    table.need(Area(0, 5, 0, 4))
    assert table.is_reading
    table._generation += 1
    await wait_for(lambda: not table.is_reading or table._fetching is not None)
    assert (await shown(table, Area(0, 1, 0, 2))) == [["2.5", "3"]]


async def test_tables_of_a_kernel_that_ends_or_is_busy(worlds: Callable[..., World]) -> None:
    kernel = kernel_with(Shell(rows=ROWS))
    world = await started(worlds, kernel, "hang")
    table = await open_table(world.session, "rows")
    await shown(table, Area(0, 1, 0, 1))
    kernel.implementation = "other"
    world.session._kernel._client._subshell._info = None  # type: ignore[union-attr]
    world.session.run(world.cells)
    await wait_for(lambda: table._is_old and not table.is_reading)
    assert table.notice == ""
    world.session.interrupt()
    await wait_for(lambda: not table._is_old)
    kernel.kill()
    await wait_for(lambda: table.notice == "the kernel has ended, and rows with it")
    table.need(Area(1, 2, 0, 1))
    assert not table.is_reading
    await table.close()
    with pytest.raises(InspectionError):
        await open_table(world.session, "rows")


async def test_what_is_asked_of_a_table_that_is_gone(worlds: Callable[..., World]) -> None:
    shell = Shell(rows=ROWS)
    world = await started(worlds, kernel_with(shell))
    with pytest.raises(InspectionError, match="nothing is gone: run the cell that sets it"):
        await open_table(world.session, "nothing")
    table = await open_table(world.session, "rows")
    shell.user_ns["rows"] = 3
    with pytest.raises(InspectionError, match="rows was set again"):
        await table.code()
    del shell.user_ns["rows"]
    with pytest.raises(InspectionError, match="rows is gone"):
        await table.lines_of(0, 0)
    table.need(Area(0, 1, 0, 1))
    await wait_for(lambda: table.notice == "rows is gone")
    await table.close()

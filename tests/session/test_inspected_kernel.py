"""Variables and tables of a real kernel: nothing is left behind, hostile objects cost a sentence, a busy kernel answers."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for
from tuinb.errors import InspectionError, NotNowError, TooLongError
from tuinb.kernel.connection.connection import connect
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.inspection import requests
from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.notebook.changes import CellData, CellId, ClientId, InsertCell, Transaction
from tuinb.notebook.document import Notebook
from tuinb.session.post_mortem import last_error
from tuinb.session.session import Session
from tuinb.session.state import KernelState
from tuinb.session.table_view import Area, Key, open_table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tuinb.session.table_view import TableView

pytestmark = pytest.mark.kernel
SPEC = KernelSpec("python3", "Python 3", "python", (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"))

SETUP = """\
records = [{"name": f"n{i}", "number": (i * 7) % 11} for i in range(500)]
import threading
import time
def state():
    shell = get_ipython()
    names = {k: id(v) for k, v in globals().items() if k != "before" and not k.startswith("_i")}
    return (names, len(In), sorted(Out), id(_), shell.execution_count, list(shell.history_manager.input_hist_raw),
            len(shell.events.callbacks["post_execute"]), threading.active_count())
before = None
41 + 1"""
"""Sets what probes are tried on. `state` is all that a probe could change, as it is seen by the user's own code."""

HOSTILE = """\
class Asleep:
    def __repr__(self): time.sleep(60)
    __str__ = __len__ = __sizeof__ = __hash__ = __repr__
class Raising:
    def __getattribute__(self, name): raise SystemExit(name)
class Printing:
    @property
    def __class__(self): print("asked for its class"); return int
    @property
    def __dict__(self): print("asked for its attributes"); return {}
    @property
    def shape(self): print("asked for its shape"); return (1, 2)
class Greedy(list):
    def __len__(self): return len(bytearray(10**12))
    def __iter__(self): raise MemoryError
class Meta(type):
    def __repr__(cls): time.sleep(60)
    __name__ = property(lambda cls: time.sleep(60))
    def mro(cls): return type.mro(cls)
    def __instancecheck__(cls, other): time.sleep(60)
class Strange(metaclass=Meta):
    __module__ = property(lambda self: 1 / 0)
    __slots__ = ()
asleep, raising, printing, greedy, strange = Asleep(), Raising(), Printing(), Greedy([1, 2]), Strange()
ring = [1]
ring.append(ring)
knot = {"a": {}}
knot["a"]["b"] = knot
million = [[] for _ in range(10**6)]
text = "x" * 10**8
lone = "\\ud800"
number = 7 ** 10**6
nested = [[[[[[1]]]]]]"""


@asynccontextmanager
async def session_on(folder: Path, *sources: str) -> AsyncIterator[Session]:
    """A session on a kernel that has run these cells. Others, of the notebook, have not run."""
    cells = [CellData(CellId(f"c{at}"), "code", source) for at, source in enumerate(sources)]
    session = Session(Notebook(cells), kernels=lambda _name: connect(SPEC, folder))
    try:
        await run(session, *(cell.id for cell in cells))
        yield session
    finally:
        await session.shut_down()


async def run(session: Session, *cells: CellId) -> None:
    session.run(cells)
    await wait_for(lambda: session.kernel.state is KernelState.IDLE and not session.queue())
    for cell in cells:
        assert session.run_of(cell).state is RunState.OK, session.run_of(cell).error_value


async def run_code(session: Session, code: str) -> str:
    """Runs code that is no cell. Returns what it prints."""
    assert session._kernel is not None
    cell = session._kernel.run_apart(code)
    await wait_for(lambda: session.run_of(cell.id).state in (RunState.OK, RunState.ERROR))
    return "".join(output.stream.text() for output in cell.outputs if output.stream is not None)


async def shown(table: TableView, area: Area) -> list[list[str | None]]:
    """Returns the cells of an area, by rows, once they are read."""
    table.need(area)
    await wait_for(lambda: table.cell(area.last - 1, area.right - 1) is not None)
    return [[table.cell(row, column) for column in range(area.left, area.right)] for row in range(area.first, area.last)]


async def use_every_operation(session: Session) -> None:
    """Asks everything that can be asked."""
    ask = session.inspector.ask
    await ask("names", part="")
    for name in ("records", "state", "time", "nothing"):
        await ask("inspect", name=name)
    table = await open_table(session, "records")
    assert await shown(table, Area(0, 2, 0, 2)) == [["n0", "0"], ["n1", "7"]]
    await table.arrange([Key(1, True)], "number < 10 and 'n' in name")
    assert await shown(table, Area(0, 1, 0, 2)) == [["n6", "9"]]
    assert await table.search("n499", 0, 0, backwards=False) == (181, 0)
    await table.statistics(1, every=False)
    await table.statistics(0, every=True)
    await table.lines_of(0, 0)
    await table.columns("num", 10)
    await table.whole_rows(Area(0, 5, 0, 2))
    await table.code()
    await table.close()
    with pytest.raises(InspectionError):
        await open_table(session, "Out[99]")
    with pytest.raises(InspectionError, match="no cell has ended with an error"):
        await last_error(session)


async def test_nothing_is_left_behind(tmp_path: Path) -> None:
    async with session_on(tmp_path, SETUP, "before = state()") as session:
        modules = int(await run_code(session, "print(len(__import__('sys').modules), end='')"))
        await use_every_operation(session)
        await use_every_operation(session)
        # What run_code runs counts itself, and In has it.
        parts = "now = state(); print([a == b for a, b in zip(before, now)], len(In) - before[1], now[4] - before[4]); del now"
        assert await run_code(session, parts) == "[True, False, True, True, False, False, True, True] 2 2\n"
        # Only the agent was imported for it: its modules and their package.
        agent = len(requests._MODULES) + 1
        assert int(await run_code(session, "print(len(__import__('sys').modules), end='')")) == modules + agent


TALK = """\
noted = []
get_ipython().events.register("post_execute", lambda: noted.append(threading.current_thread().name))
done = []
def talk():
    while not done:
        print("thread", flush=True)
        time.sleep(0.02)
thread = threading.Thread(target=talk)
thread.start()
while not done:
    time.sleep(0.01)
thread.join()
print(noted, input("name? "))"""
"""A cell that runs until `done` has an item, while a thread of it prints."""


async def test_a_busy_kernel_answers_and_its_cell_does_not_notice(tmp_path: Path) -> None:
    async with session_on(tmp_path, SETUP) as session:
        talk = session.notebook.fresh(CellData(CellId(""), "code", TALK))
        session.apply(Transaction((InsertCell(talk, session.notebook.order[-1]),), ClientId("me")))
        session.run([talk.id])
        await wait_for(lambda: len(session.notebook[talk.id].outputs) > 0)
        await use_every_operation(session)
        strays = session.kernel.strays
        lines = text_of(session, talk.id).count("thread")
        # The output of a thread has the latest request as its parent.
        await wait_for(lambda: text_of(session, talk.id).count("thread") > lines + 3)
        await session.inspector.ask("names", part="")
        assert session.kernel.state is KernelState.BUSY
        assert session._kernel is not None
        await session._kernel._client.evaluate("x", "done.append(1)", "", 5.0)
        await wait_for(lambda: session.prompt is not None)
        with pytest.raises(NotNowError, match="waits for input"):
            await session.inspector.ask("names", part="")
        session.answer("Ada")
        await wait_for(lambda: session.run_of(talk.id).state is RunState.OK)
        assert text_of(session, talk.id).endswith("name? Ada\n[] Ada\n")
        assert session.kernel.strays == strays


def text_of(session: Session, cell: CellId) -> str:
    return "".join(output.stream.text() for output in session.notebook[cell].outputs if output.stream is not None)


async def test_hostile_objects_cost_a_sentence(tmp_path: Path) -> None:
    async with session_on(tmp_path, f"{SETUP}\n{HOSTILE}") as session:
        answer = await session.inspector.ask("names", part="")
        values = {row[0]: row for row in answer["names"]}
        shown = {name: values[name][6] for name in ("asleep", "raising", "printing", "greedy", "strange", "ring", "lone")}
        assert shown == {
            "asleep": "<Asleep>",
            "raising": "<Raising>",
            "printing": "<Printing>",
            "greedy": "Greedy(1, 2)",
            "strange": "<Strange>",
            "ring": "[1, [1, […]]]",
            "lone": "'\\ud800'",
        }
        assert values["greedy"][4] == 2
        assert values["million"][4] == 10**6
        assert values["number"][6].startswith("about 10^")
        assert values["text"][5] > 10**8
        for name in ("asleep", "raising", "printing", "greedy", "strange", "ring", "knot", "million", "text", "nested"):
            lines = (await session.inspector.ask("inspect", name=name))["lines"]
            assert sum(map(len, lines)) < 10**6
        assert text_of(session, CellId("c0")) == ""
        await run_code(session, "globals().update({f'name_{i}': i for i in range(100_000)})")
        answer = await session.inspector.ask("names", part="")
        assert answer["left"] > 50_000
        few = await session.inspector.ask("names", part="name_99999")
        assert [row[0] for row in few["names"]] == ["name_99999"]


async def test_a_limit_of_time_ends_an_answer_and_no_cell(tmp_path: Path) -> None:
    many = "many = [{'a': 'b'} for _ in range(200_000)]"
    async with session_on(tmp_path, SETUP, many) as session:
        table = await open_table(session, "many")
        with pytest.raises(TooLongError, match="longer than 0 s"):
            await table._ask("arrange", 0.01, keys=[[0, False]], condition="a != 'b'", patient=True)
        assert await run_code(session, "print(len(many), end='')") == "200000"
        await table.close()


async def test_a_table_that_is_set_again_is_gone_or_restarted(tmp_path: Path) -> None:
    async with session_on(tmp_path, SETUP) as session:
        table = await open_table(session, "records")
        await shown(table, Area(0, 2, 0, 2))
        await run_code(session, "records[0]['name'] = 'changed'")
        await wait_for(lambda: table.cell(0, 0) == "changed")
        await run_code(session, "records = records[:5]")
        await wait_for(lambda: table.notice != "")
        assert table.notice == "records was set again"
        assert table.cell(0, 0) == "changed"
        again = await open_table(session, "records")
        assert again.rows == 5
        await shown(again, Area(0, 2, 0, 2))
        await run_code(session, "del records")
        await wait_for(lambda: again.notice == "records is gone")
        await session.restart()
        await wait_for(lambda: session.kernel.state is KernelState.IDLE)
        with pytest.raises(InspectionError, match="records is gone"):
            await open_table(session, "records")
        assert (await session.inspector.ask("names", part=""))["names"] == []
        await table.close()
        await again.close()

"""Variables and tables: time, memory and bytes of what the kernel is asked, on a table that is too large to be copied."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from tests.bench import notebooks
from tests.bench.figures import Row, changes
from tests.support import wait_for
from tests.terminal_emulator import PAGE_DOWN
from tuinb.kernel.connection.connection import connect
from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.session.session import Session
from tuinb.session.state import KernelState
from tuinb.session.table_view import Area, Key, open_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.figures import Setting
    from tuinb.session.table_view import TableView

_SPEC = KernelSpec("python3", "Python 3", "python", (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"))
_ROWS, _QUICK_ROWS = 10_000_000, 1_000_000
_NAMES = """
import numpy as np, pandas as pd
for i in range(100):
    globals().update({f"n{i}": i, f"s{i}": "text" * i, f"l{i}": list(range(i))})
frame, array, long = pd.DataFrame({"a": [1, 2]}), np.zeros((1000, 1000)), list(range(5 * 10**6))
"""
_TABLE = """
import numpy as np, pandas as pd
rng, rows = np.random.default_rng(0), {rows}
columns = {{f"f{{i}}": rng.random(rows, dtype="float32") for i in range(20)}}
columns |= {{f"i{{i}}": rng.integers(0, 1000, rows, dtype="int16") for i in range(20)}}
columns |= {{f"b{{i}}": rng.random(rows, dtype="float32") > 0.5 for i in range(8)}}
columns["kind"] = pd.Categorical.from_codes(rng.integers(0, 4, rows), list("wxyz"))
columns["time"] = np.arange(rows, dtype="int64").view("datetime64[s]")
table = pd.DataFrame(columns, copy=False)
del columns
"""
_PAGES = 30
_SCREEN = 45, 14
"""Rows and columns of a large screen."""


def tables(setting: Setting) -> Iterator[Row]:
    rows = _QUICK_ROWS if setting.quick else _ROWS
    yield from asyncio.run(_asked(rows))
    yield from _painted(setting)


async def _asked(rows: int) -> list[Row]:
    names, table = CellId("names"), CellId("table")
    cells = [CellData(names, "code", _NAMES), CellData(table, "code", _TABLE.format(rows=rows))]
    session = Session(Notebook(cells), kernels=lambda _name: connect(_SPEC, Path.cwd()))
    try:
        await _run(session, names)
        found = [await _names(session)]
        await _run(session, table)
        found += await _windows(session, rows)
        return found
    finally:
        await session.shut_down()


async def _run(session: Session, cell: CellId) -> None:
    session.run([cell])
    await wait_for(lambda: session.kernel.state is KernelState.IDLE and not session.queue(), within=300)


def _kernel(session: Session) -> psutil.Process:
    assert session.kernel.pid is not None
    return psutil.Process(session.kernel.pid)


async def _names(session: Session) -> Row:
    await session.inspector.ask("names", part="")
    kernel, asked = _kernel(session), 50
    before = kernel.cpu_times().user
    for _ in range(asked):
        await session.inspector.ask("names", part="")
    return Row("300 variables, the kernel's processor time", 1000 * (kernel.cpu_times().user - before) / asked, "ms", 10, 5)


async def _windows(session: Session, rows: int) -> list[Row]:
    kernel, own, what = _kernel(session), psutil.Process(os.getpid()), f"of {rows:,} × 50"
    high, wide = _SCREEN
    memory = kernel.memory_info().rss, own.memory_info().rss
    started = time.perf_counter()
    table = await open_table(session, "table")
    await _shown(table, Area(0, high, 0, wide))
    first = 1000 * (time.perf_counter() - started)
    spent, times = kernel.cpu_times().user, []
    for page in range(_PAGES):
        started = time.perf_counter()
        top = rows // 3 + 5000 * page
        await _shown(table, Area(top, top + high, 10, 10 + wide))
        times.append(1000 * (time.perf_counter() - started))
    spent = 1000 * (kernel.cpu_times().user - spent) / _PAGES
    more = [(process.memory_info().rss - before) / 2**20 for process, before in zip((kernel, own), memory, strict=True)]
    started = time.perf_counter()
    await table.arrange([Key(0, True)], "")
    top_rows = 1000 * (time.perf_counter() - started)
    await table.close()
    return [
        Row(f"first screen {what}", first, "ms", 300, 100),
        Row(f"a page far away {what}", median(times), "ms", 50, 30, f"{spent:.0f} ms of the kernel's processor time"),
        Row(f"the first 1,000 rows in order {what}", top_rows, "ms", 2000, 800),
        Row(f"memory of the kernel for {_PAGES} pages", more[0], "MiB", 10, 1),
        Row(f"memory of tuinb for {_PAGES} pages", more[1], "MiB", 10, 5),
    ]


async def _shown(table: TableView, area: Area) -> None:
    arrived = asyncio.Event()
    table.changed = arrived.set
    table.need(area)
    while any(table.cell(row, column) is None for row in (area.first, area.last - 1) for column in (area.left, area.right - 1)):
        arrived.clear()
        await arrived.wait()


def _painted(setting: Setting) -> Iterator[Row]:
    """Bytes that a page of numbers takes on the terminal."""
    source = "import numpy as np\ntable = np.random.default_rng(0).random((10**6, 50))\nprint('MADE')"
    notebook = notebooks.write(setting.folder / "table.ipynb", [notebooks.code(0, source), notebooks.code(1, "table")])
    with setting.program(notebook, "--no-session", rows=24, columns=80) as terminal:
        terminal.wait_for("MADE")
        terminal.settle(2.5)
        terminal.send("\x12")  # runs the cell
        terminal.wait_for("✓", within=60)
        terminal.settle(1.5)
        terminal.send("I")  # on the cell below, which shows it
        terminal.wait_for("float64", within=20)
        terminal.settle(1.0)
        sizes = [changes(terminal, PAGE_DOWN, quiet=0.5)[1] for _ in range(10)]
    yield Row("a page of numbers at 80×24", median(sizes), "B", 3000, 2500)


FIGURES = {"tables": tables}

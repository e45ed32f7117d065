"""Variables and tables of R: with a scripted kernel that publishes an answer, and with IRkernel where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from tests.support import wait_for
from tuinb.errors import InspectionError, NotNowError
from tuinb.kernel.connection.scripted import ScriptedKernel, display, error, hang
from tuinb.kernel.inspection import r
from tuinb.kernel.inspection.requests import MIME
from tuinb.session import inspector
from tuinb.session.opening import KernelWanted, LocalKernels
from tuinb.session.state import KernelState
from tuinb.session.table_view import Area, Key, open_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.session.support import World

IN_R = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
NAMES = '{"names": [["x", "data", "numeric", null, 3, 24, "1, 2, 3", false]], "left": 0}'


async def test_an_answer_is_published_and_not_shown(worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r, "question", lambda operation, seconds, arguments: operation)
    monkeypatch.setattr(inspector, "_TRANSIT", -1.9)
    script = {
        "names": [display({MIME: NAMES})], "inspect": [error("R")], "open": [display({"text/plain": "1"})], "hang": [hang()],
    }  # fmt: skip
    world = worlds(["names", "hang"], kernel=ScriptedKernel(script, language_info={"name": "R"}))
    session = world.session
    await session.start_kernel()
    await wait_for(lambda: world.state() is KernelState.IDLE and session._kernel._info is not None)  # type: ignore[union-attr]
    variables = session.variables
    variables.watch(lambda: None)
    await wait_for(lambda: len(variables.rows) == 1)
    assert (variables.rows[0].name, variables.rows[0].value) == ("x", "1, 2, 3")
    assert not any(cell.outputs for cell in session.notebook)
    assert session.kernel.strays == 0
    with pytest.raises(NotNowError, match="does not answer"):
        await variables.inspect("x")
    with pytest.raises(InspectionError, match="no answer that can be read"):
        await open_table(session, "x")
    session.run(world.cells[1:])
    await wait_for(lambda: world.state() is KernelState.BUSY)
    with pytest.raises(NotNowError, match="busy"):
        await session.inspector.ask("names", part="")
    monkeypatch.setitem(script, "names", [])
    session.interrupt()
    await wait_for(lambda: not session.queue())


def spec_of_r() -> Path | None:
    """Returns the folder of IRkernel's kernelspec, where JUPYTER_PATH or the system has it."""
    try:
        return Path(KernelSpecManager().get_kernel_spec("ir").resource_dir)
    except NoSuchKernel:
        return None


SPEC = spec_of_r()


SETUP = """\
df <- data.frame(city = c("Oslo", "Lima", NA, "Bergen"), n = c(2.5, NA, -1, 7), day = as.Date("2024-01-01") + 0:3,
                 kind = factor(c("a", "b", "a", "b")))
df$odd <- structure(1:4, class = "hostile")
m <- matrix(1:6, 2)
f <- function(a, b = 2) a + b
tree <- list(a = 1, b = list(2, "x"))
for (method in c("print", "format", "length", "names", "dim", "as.character", "[", "[[", "$", "is.na", "summary", "str"))
  assign(paste0(method, ".hostile"), function(...) stop("it ran"))
hostile <- structure(list(1), class = "hostile")
makeActiveBinding("active", function() stop("it ran"), globalenv())
paste <- nchar <- function(...) stop("it ran")
state <- function() list(setdiff(ls(globalenv(), all.names = TRUE), "before"), search(), loadedNamespaces(), set())
set <- function() options()[setdiff(names(options()), "try.outFile")]  # which IRkernel sets at each run
before <- state()"""


@pytest.mark.kernel
@pytest.mark.skipif(SPEC is None, reason="IRkernel is not installed")
async def test_a_kernel_of_r(tmp_path: Path, worlds: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(SPEC.parents[1] if SPEC else ""))  # no test has that of the user
    sources = (SETUP, "cat(identical(before, state()))")
    world = worlds(sources, factory=LocalKernels(KernelWanted(tmp_path, "ir")), metadata=IN_R)
    session = world.session
    session.run(world.cells[:1])
    await wait_for(lambda: session.notebook[world.cells[0]].execution_count == 1 and not session.queue(), within=60)
    answer = await session.inspector.ask("names", part="")
    rows = {row[0]: row[1:] for row in answer["names"]}
    assert rows["df"] == ["data", "data.frame", [4, 5], None, None, "city, n, day, kind, odd", True]
    assert rows["hostile"] == ["data", "hostile", None, None, None, "<hostile>", False]
    assert rows["active"] == ["data", "active binding", None, None, None, "", False]
    assert rows["f"] == ["function", "function", None, None, None, "(a, b)", False]
    assert rows["m"][1:3] == ["integer", [2, 3]]
    assert (await session.variables.inspect("tree"))[:3] == ["tree: list of 2", "  a: numeric  1", "  b: list of 2"]
    with pytest.raises(InspectionError, match="nothing is gone"):
        await session.variables.inspect("nothing")
    table = await open_table(session, "df")
    table.need(Area(0, 4, 0, 5))
    await wait_for(lambda: table.cell(3, 4) is not None)
    assert [table.cell(1, column) for column in range(5)] == ["Lima", "\0NA", "2024-01-02", "b", "2"]
    await table.arrange([Key(1, True)], "kind == 'a' or day > '2024-01-03'")
    table.need(Area(0, 3, 0, 1))
    await wait_for(lambda: table.cell(2, 0) is not None)
    assert [table.cell(row, 0) for row in range(3)] == ["Bergen", "Oslo", "\0NA"]
    assert await table.search("os", 0, 0, backwards=False) == (1, 0)
    assert await table.search("7", 2, 4, backwards=True) == (0, 1)
    assert (await table.statistics(1, every=True))["figures"]["max"] == "7"
    assert await table.lines_of(0, 2) == ["2024-01-04"]
    with pytest.raises(InspectionError, match="tree is no table"):
        await open_table(session, "tree")
    await table.close()
    session.run(world.cells[1:])
    await wait_for(lambda: not session.queue(), within=60)
    assert world.text(world.cells[1]) == "TRUE"
    assert session.notebook[world.cells[1]].execution_count == 2
    assert session.kernel.strays == 0

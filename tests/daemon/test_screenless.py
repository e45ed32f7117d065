"""Commands without a screen: each does its work, or says that it can't."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.commands.registry import COMMANDS
from tuinb.daemon import screenless
from tuinb.daemon.screenless import NeedsScreenError
from tuinb.errors import TuinbError
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.session.session import Session
from tuinb.workspace.view_state import ViewState
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from tuinb.config import LanguageServerSettings
    from tuinb.daemon.batch_run import BatchRun


class FakeHost:
    """The part of the server that commands need."""

    def __init__(self) -> None:
        self.session = Session(Notebook([CellData(CellId(name), "code", name) for name in "abc"]), kernels=None)
        self.cells = CellClipboard()
        self.address = Path("/nowhere.sock")
        self.batch: BatchRun | None = None
        self.since = 0.0
        self.terminals = 2
        self.calls: list[str] = []
        self.formatters: dict[str, list[str]] = {}
        self.language_servers: dict[str, list[LanguageServerSettings]] = {"python": []}

    def view(self) -> ViewState:
        return ViewState(active=CellId("b"))

    def run_on_screen(self, line: str) -> bool:
        raise AssertionError(line)

    def detach_all(self) -> int:
        self.calls.append("detach")
        return 2

    async def listed(self) -> None:
        pass

    def terminate(self, *, discard: bool = False) -> None:
        self.calls.append(f"end {discard}")


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_each_command_works_or_is_refused(name: str, yes: bool) -> None:
    host = FakeHost()
    context, _, system = screenless.context(host, yes=yes)
    host.session.save = saved  # type: ignore[method-assign, assignment]
    with suppress(TuinbError):
        COMMANDS[name](context)
        await system.settle()


async def saved(*args: object, **options: object) -> None:
    """Saves nothing."""


async def test_cells_are_changed_where_the_user_is() -> None:
    host = FakeHost()
    context, _, _ = screenless.context(host, yes=False)
    COMMANDS["delete-cells"](context)
    assert list(host.session.notebook.order) == ["a", "c"]
    assert [cell.source for cell in host.cells.cells] == []


async def test_questions() -> None:
    host = FakeHost()
    context, said, system = screenless.context(host, yes=True)
    assert await context.dialogs.confirm("Sure?")
    with pytest.raises(NeedsScreenError, match=r"it asks: Which\? \(a / b\)"):
        await context.dialogs.choose("Which?", ["a", "b"])
    context, said, system = screenless.context(host, yes=False)
    with pytest.raises(NeedsScreenError, match=r"it asks: Sure\? \(--yes answers 'Do it'\)"):
        await context.dialogs.confirm("Sure?", yes="Do it")
    context.dialogs.page("Title", "text")
    await context.dialogs.read("Title", "more")
    assert said.lines == [("text", "information"), ("more", "information")]
    context.system.detach_others()
    context.system.exit()
    assert host.calls == ["detach", "end True"]
    with pytest.raises(NeedsScreenError, match="no terminal to detach"):
        context.system.detach()
    with pytest.raises(NeedsScreenError, match="it needs a terminal"):
        context.viewport.find()
    assert system.other_screens == 2

"""A session on a scripted kernel, for tests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tests.support import wait_for
from tuinb.kernel.client import KernelClient
from tuinb.kernel.connection.scripted import ScriptedKernel
from tuinb.notebook.changes import Applied, CellData, CellId, ClientId, Step, Transaction
from tuinb.notebook.document import Notebook
from tuinb.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.files.notebook_file import NotebookFile
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.connection.scripted import Script
    from tuinb.kernel.execution.runs import RunState
    from tuinb.session.events import Prompt, SessionEvent
    from tuinb.session.state import KernelState

ME = ClientId("me")
N = TypeVar("N")
PYTHON = {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}, "language_info": {"name": "python"}}


class World:
    """A session, its scripted kernel, and the events that a listener received."""

    def __init__(
        self,
        sources: Sequence[str],
        script: Script | None = None,
        *,
        kernel: ScriptedKernel | None = None,
        factory: Callable[[str | None], KernelConnection] | None = None,
        store: NotebookFile | None = None,
        metadata: dict[str, object] | None = None,
        interrupt_timeout: float = 5.0,
        reply_timeout: float = 60.0,
    ) -> None:
        cells = [CellData(CellId(f"c{i}"), "code", source, {"id": f"c{i}", "metadata": {}}) for i, source in enumerate(sources)]
        self.notebook = Notebook(cells, PYTHON if metadata is None else metadata)
        self.kernel = kernel or ScriptedKernel(script)
        self.session = Session(
            self.notebook,
            kernels=factory or (lambda _name: self.kernel),
            store=store,
            client=partial(KernelClient, interrupt_timeout=interrupt_timeout, reply_timeout=reply_timeout),
        )
        self.heard: list[Applied | SessionEvent] = []
        self.session.listen(self.heard.append)

    @property
    def cells(self) -> tuple[CellId, ...]:
        return tuple(self.notebook.order)

    def states(self) -> list[RunState]:
        return [self.session.run_of(cell).state for cell in self.cells]

    def state(self) -> KernelState:
        return self.session.kernel.state

    def prompt(self) -> Prompt | None:
        return self.session.prompt

    def modified(self) -> bool:
        return self.session.modified

    def text(self, cell: CellId) -> str:
        return "".join(output.stream.text() for output in self.notebook[cell].outputs if output.stream is not None)

    def all(self, kind: type[N]) -> list[N]:
        return [item for item in self.heard if isinstance(item, kind)]

    async def run(self, *cells: CellId) -> None:
        self.session.run(cells or self.cells)
        await self.rest()

    async def rest(self) -> None:
        await wait_for(lambda: not self.session.queue())

    def edit(self, *changes: object, step: Step = Step.EDIT) -> Applied:
        return self.session.apply(Transaction(changes, ME, step))  # type: ignore[arg-type]

"""The Session as commands and screens see it, so that it may one day sit in another process.

Everything that crosses is a plain value: changes, notices, ids. `notebook` is read, never written, by who holds the port;
the way to change it is `apply`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tuinb.kernel.execution.runs import CellRun
    from tuinb.kernel.protocol.events import CompleteReply, InspectReply
    from tuinb.notebook.changes import Applied, CellId, ClientId, Transaction
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.widgets import Widgets
    from tuinb.session.events import Prompt, SessionEvent
    from tuinb.session.state import KernelChoice, KernelStatus

    Listener: TypeAlias = Callable[[Applied | SessionEvent], None]


class SessionPort(Protocol):
    @property
    def notebook(self) -> Notebook: ...

    @property
    def widgets(self) -> Widgets:
        """The models of widgets, to read."""
        ...

    @property
    def path(self) -> Path: ...

    @property
    def modified(self) -> bool:
        """Whether the content differs from what was last read or saved."""
        ...

    @property
    def read_only(self) -> str:
        """Why it can't be edited, or an empty string."""
        ...

    @property
    def kernel(self) -> KernelStatus: ...

    @property
    def prompt(self) -> Prompt | None:
        """The line of input that the kernel waits for, if it does: a screen that attaches late opens it."""
        ...

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` on the event loop for every Applied and SessionEvent. Call the result to stop."""
        ...

    # content
    def apply(self, transaction: Transaction) -> Applied:
        """Raises ChangeError; where the notebook is read-only, NotebookFileError."""
        ...

    def undo(self, origin: ClientId) -> Applied | None: ...

    def redo(self, origin: ClientId) -> Applied | None: ...

    # running
    def run(self, cells: Sequence[CellId]) -> None:
        """Queues code cells, with their source as it is now; others are passed over. Starts a kernel if there is none."""
        ...

    def cancel(self, cells: Sequence[CellId] | None = None) -> None:
        """Takes queued cells (all, where None) out of the queue; what runs goes on."""
        ...

    def run_of(self, cell: CellId) -> CellRun: ...

    def queue(self) -> tuple[CellId, ...]:
        """The cell that runs, then those that wait, in order."""
        ...

    def answer(self, text: str) -> None:
        """Answers the open prompt; does nothing where none is open."""
        ...

    def answer_eof(self) -> None:
        """End of file (Ctrl+D) on the open prompt."""
        ...

    def interrupt(self) -> None:
        """Interrupts by the gentlest means not yet tried on what runs now."""
        ...

    async def restart(self) -> None: ...

    async def start_kernel(self, name: str | None = None) -> None:
        """Starts the kernel, or switches to the kernelspec `name`. A failure becomes KernelChanged with its detail."""
        ...

    async def shutdown_kernel(self) -> None: ...

    async def kernels(self) -> tuple[KernelChoice, ...]: ...

    async def kernel_log(self) -> str:
        """Returns the end of what the kernel wrote to its own stdout and stderr. Raises KernelError if it can't be read."""
        ...

    async def complete(self, code: str, cursor: int) -> CompleteReply | None:
        """Completions at `cursor` (code points), or None where no kernel answers within 3 s."""
        ...

    async def inspect(self, code: str, cursor: int) -> InspectReply | None: ...

    # files
    async def save(self, path: Path | None = None, *, overwrite: bool = False) -> Path:
        """Raises NotebookSaveError, or ChangedOnDiskError unless `overwrite`. Returns what was written."""
        ...

    async def close(self) -> None:
        """Ends the kernel and releases everything. Never raises."""
        ...

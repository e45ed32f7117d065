"""The Protocol through which commands and screens use a session. Several screens may use one session.

Changes, events and ids are plain values. `notebook` and `widgets` are only read; `apply` changes the notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tuinb.kernel.execution.others import OtherRun
    from tuinb.kernel.execution.runs import CellRun
    from tuinb.kernel.protocol.events import CompleteReply, InspectReply
    from tuinb.notebook.changes import Applied, CellId, ClientId, Json, OutputData, Selected, Transaction
    from tuinb.notebook.difference import Content
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.widgets import Widgets
    from tuinb.session.access import Access
    from tuinb.session.debugger import SessionDebugger
    from tuinb.session.events import Prompt, SessionEvent
    from tuinb.session.incoming import Incoming
    from tuinb.session.inspector import Inspector
    from tuinb.session.languages import LanguageServers
    from tuinb.session.staleness import SessionStaleness
    from tuinb.session.state import Breakpoint, Doubt, KernelChoice, KernelStatus, RunningKernel, Stop
    from tuinb.session.variables import Variables

    Listener: TypeAlias = Callable[[Applied | SessionEvent], None]


class SessionPort(Protocol):
    @property
    def notebook(self) -> Notebook: ...

    @property
    def widgets(self) -> Widgets:
        """The models of widgets. Read them only."""
        ...

    @property
    def path(self) -> Path: ...

    @property
    def modified(self) -> bool:
        """Whether the content differs from what was last read or saved."""
        ...

    @property
    def read_only(self) -> str:
        """Why the notebook can't be edited. Empty if it can."""
        ...

    @property
    def access(self) -> Access | None:
        """Which process writes the notebook. None if nobody looks for other ones."""
        ...

    @property
    def staleness(self) -> SessionStaleness:
        """Judges which cells no longer follow from those above."""
        ...

    @property
    def debugger(self) -> SessionDebugger:
        """The breakpoints, and the debugger of the kernel. It is made when it is first asked for."""
        ...

    @property
    def stop(self) -> Stop | None:
        """Where the kernel is stopped by the debugger. None if it is not."""
        ...

    def breakpoints_of(self, cell: CellId) -> tuple[Breakpoint, ...]:
        """Returns the breakpoints of a cell, by lines."""
        ...

    @property
    def inspector(self) -> Inspector:
        """Asks the kernel about its variables and tables."""
        ...

    @property
    def variables(self) -> Variables:
        """The kernel's variables, followed while somebody watches."""
        ...

    @property
    def languages(self) -> LanguageServers:
        """The language servers that read the notebook. It is made when it is first asked for."""
        ...

    @property
    def languages_in_use(self) -> LanguageServers | None:
        """`languages`, if something has asked for it: before that, no language server runs."""
        ...

    @property
    def stale_count(self) -> int:
        """The number of cells that are stale or edited, as it was counted last."""
        ...

    def is_edited(self, cell: CellId) -> bool:
        """Returns whether a cell has results of another source than it has now."""
        ...

    def doubt_of(self, cell: CellId) -> Doubt | None:
        """Returns what is known against the results of a cell. None says nothing: what is not found is not known."""
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
    def apply(self, transaction: Transaction, selected: Selected | None = None) -> Applied:
        """Applies a transaction. Raises ChangeError. Raises NotebookFileError if the notebook is read-only.

        `selected` is what is selected around typing, so that undo and redo select it again.
        """
        ...

    def undo(self, origin: ClientId, typing_in: CellId | None = None, *, by_group: bool = False) -> Applied | None:
        """Undoes the latest step. Returns None if there is none.

        All that was typed in one stay in a cell is one step. With `typing_in`, the cell of an open editor, a piece of it is:
        the latest piece in that cell if only typing in other cells came after it. With `by_group`, all that was typed there
        between two calls of `end_typing`.
        """
        ...

    def redo(self, origin: ClientId, typing_in: CellId | None = None, *, by_group: bool = False) -> Applied | None:
        """Redoes the step that was undone last. Returns None if there is none. See `undo`."""
        ...

    def remember_outputs(self) -> dict[CellId, tuple[OutputData, ...]]:
        """Makes a step of undo that brings the outputs and counts of all code cells back as they are now, also after runs.

        Returns the outputs.
        """
        ...

    def end_typing(self) -> None:
        """Ends a stay in a cell: what is typed next is another step of undo."""
        ...

    # running
    def run(self, cells: Sequence[CellId]) -> None:
        """Queues the code cells among these with their current source. Starts a kernel if there is none.

        What is typed next is another step of undo.
        """
        ...

    def run_part(self, cell: CellId, code: str) -> None:
        """Queues a part of the source of a code cell. Its outputs are added to those of the cell.

        What is typed next is another step of undo. Listeners get a Message if the cell waits to run already.
        """
        ...

    def cancel(self, cells: Sequence[CellId] | None = None) -> None:
        """Removes waiting cells (all, if None) from the queue. The running cell goes on."""
        ...

    def run_of(self, cell: CellId) -> CellRun: ...

    def queue(self) -> tuple[CellId, ...]:
        """Returns the running cell, then the waiting ones in order."""
        ...

    @property
    def progress(self) -> tuple[int, int]:
        """The number of the running cell, from 1, and the number of cells, since the queue was empty. (0, 0) if it is empty."""
        ...

    def answer(self, text: str) -> None:
        """Answers the open prompt. Does nothing if none is open."""
        ...

    def answer_eof(self) -> None:
        """Sends end of file (Ctrl+D) to the open prompt."""
        ...

    def operate_widget(self, cell: CellId, model: str, state: Mapping[str, Json] | None) -> None:
        """Sets values of a widget that a cell shows, or presses it if `state` is None. Does nothing if its kernel has gone."""
        ...

    def interrupt(self, *, others: bool = False) -> None:
        """Interrupts the running cell by the gentlest means that has not failed on it. Removes waiting cells from the queue.

        `others`: interrupts also code of other clients of the kernel.
        """
        ...

    async def restart(self) -> None:
        """Restarts the kernel, or starts it if there is none. One that tuinb did not start is not restarted."""
        ...

    async def start_kernel(self, name: str | None = None) -> None:
        """Starts the kernel, or switches to the kernelspec `name`. A failure becomes KernelChanged with its detail."""
        ...

    async def answer_environment(self, *, trust: bool) -> None:
        """Takes the user's answer on the environment in `kernel.untrusted`.

        Starts the kernel on it, or passes it over from now on. Raises KernelError if the answer can't be remembered.
        """
        ...

    async def shutdown_kernel(self) -> None:
        """Ends the kernel. One that tuinb did not start is only left."""
        ...

    async def kernels(self) -> tuple[KernelChoice, ...]: ...

    async def running_kernels(self) -> tuple[RunningKernel, ...]:
        """Returns the kernels of this user that run already, whoever started them. Dead connection files are left out."""
        ...

    async def attach_kernel(self, file: str) -> None:
        """Leaves the current kernel and connects to the one of a connection file, which is never ended from here.

        A failure to connect becomes KernelChanged with its detail. Raises KernelError if the file is not good, or if its kernel
        has ended.
        """
        ...

    def other_runs(self) -> tuple[OtherRun, ...]:
        """Returns the latest runs of other clients of the kernel, the oldest first."""
        ...

    async def kernel_log(self) -> str:
        """Returns the end of what the kernel wrote to its own stdout and stderr. Raises KernelError if it can't be read."""
        ...

    async def complete(self, code: str, cursor: int) -> CompleteReply | None:
        """Returns completions at `cursor` (in code points), also while a cell runs if the kernel can.

        Returns None if it can't, or if no kernel replies in time.
        """
        ...

    async def inspect(self, code: str, cursor: int, detail: int = 0) -> InspectReply | None:
        """Returns what is known of the name at `cursor`; its source, too, if `detail` is 1. Returns None as `complete` does."""
        ...

    async def history(self, count: int) -> tuple[str, ...] | None:
        """Returns the latest inputs that the kernel remembers, the oldest first. Returns None if none replies in time."""
        ...

    # files
    async def save(self, path: Path | None = None, *, overwrite: bool = False) -> Path:
        """Writes the file, at `path` from now on if one is given. Returns its path.

        Raises NotebookSaveError. Raises ChangedOnDiskError if a file that is not the one that was read would be overwritten,
        unless `overwrite`.
        """
        ...

    def autosave(self, seconds: float) -> None:
        """Saves the notebook by itself, `seconds` after the first change that is not saved."""
        ...

    def keep_checkpoints(self) -> None:
        """Keeps a file as it was before it is first saved."""
        ...

    def watch_disk(self) -> None:
        """Follows what other programs write to the file, from now on. Listeners get a Message."""
        ...

    async def is_gone(self) -> bool:
        """Whether the file was read or saved, and does not exist any more. Raises NotebookFileError."""
        ...

    async def incoming(self, *, anew: bool = False) -> Incoming | None:
        """Returns what another program wrote to the file, merged with the notebook. None if it wrote nothing.

        With `anew` the file is read and merged in any case. Raises NotebookFileError if it can't be read now.
        """
        ...

    async def take(self, found: Incoming, content: Content, origin: ClientId) -> bool:
        """Changes the notebook into a content that was made of `found`, as one step. Follows the file that it is from.

        Returns False, and does nothing, if the notebook or what is known of the file has changed since. Raises
        NotebookFileError if the notebook is read-only.
        """
        ...

    async def flush(self) -> None:
        """Waits until unsaved changes are in the journal on the disk."""
        ...

    async def shut_down(self, *, discard: bool = False) -> str:
        """Ends the kernel and the session. Never raises. A screen that leaves only stops listening.

        Unsaved changes stay in the journal, unless `discard`. Returns what the user has to know about them.
        """
        ...

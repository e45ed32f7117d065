"""The language servers of one notebook: which there are, what they say of its code, and the edits that they propose.

Those whose problems are marked are started once there is something to read: after the first edit, or by a command that needs
one. The others are started by the first command that needs them: they would only hold memory until then, and read each edit.
They end with the session. Screens share them. All questions may fail, and say why; nothing waits for a server but who asked.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from tuinb.analysis.problems import names_in_magics
from tuinb.errors import LanguageServerError, is_remote
from tuinb.lsp import answers, edits, servers
from tuinb.lsp.client import Client
from tuinb.lsp.documents import CellDocuments
from tuinb.notebook.changes import Applied, SetKind, SpliceSource
from tuinb.record import Record
from tuinb.session.events import KernelChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuinb.analysis.problems import Problem
    from tuinb.config import LanguageServerSettings
    from tuinb.editing.completion import Candidate
    from tuinb.lsp.answers import Location
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.session.events import SessionEvent
    from tuinb.session.state import KernelStatus

_TELL_AFTER = 0.3
"""Seconds without an edit until servers are told what changed."""
_START_SECONDS = 8.0
"""The longest that a command waits for a server that starts."""
_SHORT, _LONG = 2.0, 15.0
"""Seconds for an answer that is shown beside the cursor, and for one that a command waits for."""
_MOST, _MOST_CELLS = 4_000_000, 5_000
"""Characters and number of all code cells up to which servers read them: some tell of each cell after each change."""
_TOO_LONG = "the notebook is too long for language servers"
_MOST_RAW = 1_000
"""Problems of one document that are kept for questions about them."""


class Source(Protocol):
    """What is used of a session."""

    @property
    def notebook(self) -> Notebook: ...

    @property
    def path(self) -> Path: ...

    @property
    def kernel(self) -> KernelStatus: ...

    def listen(self, listener: Callable[[Applied | SessionEvent], None]) -> Callable[[], None]:
        """Calls `listener` for every change and event. Call the result to stop."""
        ...


class Action(Record):
    """A change of code that a server proposes."""

    title: str
    client: Client
    raw: Mapping[str, Any]
    generation: int


class LanguageServers:
    """The servers of a session's notebook. `warn` shows the user a sentence."""

    def __init__(self, session: Source, warn: Callable[[str], None]) -> None:
        self._session = session
        self._warn = warn
        self._configured: Mapping[str, Sequence[LanguageServerSettings]] | None = None
        self._environ: Mapping[str, str] = {}
        self._clients: list[Client] = []
        self._started_for: tuple[str, str] | None = None
        """The language and the interpreter for which servers were started. None before that."""
        self._is_too_long = False
        """Whether the notebook is too long for servers."""
        self._waiting: list[Client] = []
        """Servers that no command has needed yet."""
        self._has_read: set[Client] = set()
        """Servers that have published problems: they propose fixes for those alone."""
        self._told: set[str] = set()
        self._problems: dict[Client, dict[CellId, tuple[Problem, ...]]] = {}
        self._raw: dict[tuple[Client, str], list[Any]] = {}
        """Problems as servers published them, by server and document: they know their fixes by them."""
        self._around: answers.Surroundings | None = None
        """What servers do not see, until the next change."""
        self._watchers: list[Callable[[frozenset[CellId]], None]] = []
        self._stop_listening: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._restarting: asyncio.Task[None] | None = None

    # ---- start and end

    def use(self, configured: Mapping[str, Sequence[LanguageServerSettings]] | None, environ: Mapping[str, str]) -> None:
        """Starts the servers of the settings, or those that are installed, unless that was done before."""
        if self._started_for is None:
            self._configured, self._environ = configured, environ
            self._stop_listening = self._session.listen(self._follow)
            self._start()

    def _start(self) -> None:
        language, interpreter = self._started_for = self._place()
        sizes = [len(source) for _, source in self._sources()]
        self._is_too_long = len(sizes) > _MOST_CELLS or sum(sizes) > _MOST
        if self._is_too_long:
            return
        configured = None if self._configured is None else self._configured.get(language)
        found, problems = servers.available(language, configured, self._environ, interpreter)
        for problem in problems:
            self._tell(str(problem))
        path = "" if is_remote(self._session.path) else str(self._session.path.absolute())
        for server in found:
            client = Client(server, path, language, self._environ, self._sources, self._published, self._on_changed, self._tell)
            self._clients.append(client)
            if server.marks_problems:
                client.start()
            else:
                self._waiting.append(client)

    def _place(self) -> tuple[str, str]:
        """Returns the notebook's language, and the interpreter of a kernel of this machine that runs; empty without one."""
        language = self._session.notebook.language.lower()
        kernel = self._session.kernel
        # What the kernel runs on is trusted. Another environment of the folder is not looked at.
        own = kernel.has_process and not kernel.server and not kernel.foreign
        return "python" if language == "ipython" else language, kernel.interpreter if own else ""

    def _tell(self, text: str) -> None:
        """Shows a sentence, once."""
        if text not in self._told:
            self._told.add(text)
            self._warn(text)

    async def restart(self) -> None:
        """Ends the servers, and starts those that there are now."""
        await self._end()
        if self._stop_listening is not None:
            self._told.clear()
            self._start()

    async def _end(self) -> None:
        clients, self._clients, self._waiting = self._clients, [], []
        cells = frozenset(cell for each in self._problems.values() for cell in each)
        self._problems.clear()
        self._raw.clear()
        self._show(cells)
        await asyncio.gather(*(client.close() for client in clients))

    async def close(self) -> None:
        """Ends the servers."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if self._timer is not None:
            self._timer.cancel()
        if self._restarting is not None:
            await asyncio.wait((self._restarting,))
        self._watchers.clear()
        await self._end()

    # ---- state

    @property
    def problems(self) -> Iterator[tuple[CellId, tuple[Problem, ...]]]:
        """The problems that servers found, by cells. A cell may come more than once."""
        return (entry for each in self._problems.values() for entry in each.items())

    def watch(self, changed: Callable[[frozenset[CellId]], None]) -> Callable[[], None]:
        """Calls `changed` with the cells whose problems changed. Call the result to stop."""
        self._watchers.append(changed)

        def stop() -> None:
            if changed in self._watchers:
                self._watchers.remove(changed)

        return stop

    def report(self) -> str:
        """Returns what is known of each server, for the user."""
        lines = [f"{_TOO_LONG.capitalize()}."] if self._is_too_long else []
        for client in self._clients:
            if client.ready:
                kind = "cell by cell" if isinstance(client.documents, CellDocuments) else "as one document"
                state = f"runs, process {client.pid}; reads the notebook {kind}; {client.encoding}"
            else:
                idle = "is started by the first command that needs it" if client in self._waiting else "does not run"
                state = client.problem or ("starts" if client.starting else idle)
            lines += [f"{client.name} {client.version}".rstrip(), f"  {' '.join(client.server.argv)}", f"  {state}", ""]
        return "\n".join(lines).rstrip()

    def offers(self, capability: str) -> bool:
        """Returns whether a server that runs answers requests of a kind, such as `completionProvider`."""
        return any(client.offers(capability) for client in self._clients)

    # ---- the notebook

    def _sources(self) -> Iterator[tuple[CellId, str]]:
        return ((cell.id, cell.source) for cell in self._session.notebook if cell.kind == "code")

    def _follow(self, event: Applied | SessionEvent) -> None:
        if isinstance(event, KernelChanged):
            # One that ended leaves its environment as it is.
            language, interpreter = self._place()
            if self._started_for != (language, interpreter) and (interpreter or language != (self._started_for or ("",))[0]):
                self._started_for = language, interpreter
                self._restart_later()
        elif isinstance(event, Applied) and (
            event.structural or any(isinstance(change, SpliceSource | SetKind) for change in event.changes)
        ):
            self._around = None
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(_TELL_AFTER, self._sync)

    def _restart_later(self) -> None:
        if self._restarting is None:
            self._restarting = asyncio.get_running_loop().create_task(self.restart())
            self._restarting.add_done_callback(self._restarted)

    def _restarted(self, task: asyncio.Task[None]) -> None:
        self._restarting = None
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler({"message": "language servers can't be restarted", "exception": error})

    def _sync(self) -> None:
        for client in self._clients:
            client.sync()

    def _on_changed(self) -> None:
        """Follows a server that got ready or ended."""
        ready = {client for client in self._clients if client.ready}
        # One that is started again gives the same names to other documents.
        self._raw = {key: listed for key, listed in self._raw.items() if key[0] in ready}
        self._has_read &= ready
        for client in [client for client in self._problems if client not in ready]:
            self._show(frozenset(self._problems.pop(client)))
        self._wake()

    def _wake(self) -> None:
        """Lets those who wait for a server look again."""
        self._changed.set()
        self._changed.clear()

    def _published(self, client: Client, params: Any) -> None:  # noqa: ANN401
        """Takes the problems of a document."""
        documents, notebook = client.documents, self._session.notebook
        if documents is None or not isinstance(params, dict):
            return
        listed, uri = params.get("diagnostics"), params.get("uri")
        if isinstance(uri, str):
            self._raw.pop((client, uri), None)
            if isinstance(listed, list) and listed and documents.has(uri):
                self._raw[client, uri] = listed[:_MOST_RAW]
        self._has_read.add(client)
        if not client.server.marks_problems:
            self._wake()
            return
        if self._around is None:
            names, any_name = names_in_magics(source for _, source in self._sources())
            self._around = answers.Surroundings(names, any_name, bool((self._started_for or ("", ""))[1]))
        known = self._problems.setdefault(client, {})
        changed: set[CellId] = set()
        for cell, problems in answers.problems(params, documents, self._around).items():
            if cell not in notebook or notebook[cell].source != documents.cells[cell].source:
                continue  # It was edited since: the server reads it again.
            if known.get(cell, ()) != problems:
                known[cell] = problems
                changed.add(cell)
        self._show(frozenset(changed))

    def _show(self, cells: frozenset[CellId]) -> None:
        if cells:
            for watcher in tuple(self._watchers):
                watcher(cells)

    # ---- questions

    async def client(self, capability: str, *, seconds: float = _START_SECONDS) -> Client | None:
        """Returns a server that answers requests of a kind, once it is ready. None if there is none in time."""
        if self._offering(capability) is None:
            self._start_waiting()
        await self._until(
            lambda: self._offering(capability) is not None or not any(client.starting for client in self._clients), seconds
        )
        return self._offering(capability)

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Waits until a condition of the servers holds, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():
                    await self._changed.wait()

    def _start_waiting(self) -> list[Client]:
        """Starts the servers that wait for a command. Returns them."""
        waiting, self._waiting = self._waiting, []
        for client in waiting:
            client.start()
        return waiting

    async def _all(self) -> None:
        """Starts the servers that wait for a command, and waits until they have read the notebook."""
        begun = self._start_waiting()
        await self._until(lambda: not any(client.starting for client in begun), _START_SECONDS)
        await self._until(lambda: not any(client.ready and client not in self._has_read for client in begun), _SHORT)

    def _offering(self, capability: str) -> Client | None:
        return next((client for client in self._clients if client.offers(capability)), None)

    async def _required(self, capability: str, what: str) -> Client:
        client = await self.client(capability)
        if client is not None:
            return client
        ended = next((each.problem for each in self._clients if each.problem), "")
        if ended:
            raise LanguageServerError(ended)
        if self._is_too_long:
            raise LanguageServerError(_TOO_LONG)
        language = (self._started_for or ("python",))[0]
        hint = "`pip install ty`" if language == "python" else f"write [lsp.{language}] into config.toml"
        raise LanguageServerError(f"there is no language server that {what}", hint=hint)

    async def _ask(
        self, client: Client, method: str, cell: CellId, offset: int, seconds: float, **more: object
    ) -> tuple[Any, int]:
        """Asks about a place. Returns the result, and what the server had. Raises LanguageServerError."""
        client.sync()
        documents, generation = client.documents, client.generation
        if documents is None or cell not in documents.cells:
            raise LanguageServerError("it does not have this cell", where=client.name)
        return await client.request(method, {**documents.to_server(cell, offset), **more}, seconds), generation

    async def definition(self, cell: CellId, offset: int) -> list[Location]:
        """Returns where the name at an offset is defined, if a server that runs knows it. Raises LanguageServerError."""
        client = self._offering("definitionProvider")
        if client is None:
            return []
        result, generation = await self._ask(client, "textDocument/definition", cell, offset, _SHORT)
        return self._locations(client, result, generation)

    async def references(self, cell: CellId, offset: int) -> list[Location]:
        """Returns where the name at an offset is used, its definition among them. Raises LanguageServerError."""
        client = await self._required("referencesProvider", "finds where names are used")
        context = {"includeDeclaration": True}
        result, generation = await self._ask(client, "textDocument/references", cell, offset, _LONG, context=context)
        return self._locations(client, result, generation)

    def _locations(self, client: Client, result: Any, generation: int) -> list[Location]:  # noqa: ANN401
        documents = _unchanged(client, generation)
        return answers.locations(result, documents)

    async def hover(self, cell: CellId, offset: int) -> tuple[str, str]:
        """Returns what a server that runs knows of the name at an offset, and the server. Empty if none knows anything."""
        client = self._offering("hoverProvider")
        if client is None:
            return "", ""
        result, _ = await self._ask(client, "textDocument/hover", cell, offset, _SHORT)
        return answers.hover(result), client.name

    async def signature(self, cell: CellId, offset: int) -> str:
        """Returns the signature of the call that an offset is in. Empty if no server that runs knows it."""
        client = self._offering("signatureHelpProvider")
        if client is None:
            return ""
        result, _ = await self._ask(client, "textDocument/signatureHelp", cell, offset, _SHORT)
        return answers.signature(result)

    async def complete(self, cell: CellId, offset: int) -> tuple[int, tuple[Candidate, ...], str]:
        """Returns where the completed text begins, what a server that runs would put there, and the server."""
        client = self._offering("completionProvider")
        if client is None:
            return offset, (), ""
        source = self._session.notebook[cell].source
        result, _ = await self._ask(client, "textDocument/completion", cell, offset, _SHORT)
        return (*answers.candidates(result, source, offset, client.encoding), client.name)

    # ---- edits

    async def check_rename(self, cell: CellId, offset: int) -> None:
        """Raises LanguageServerError if the name at an offset can't be renamed."""
        client = await self._required("renameProvider", "renames")
        provider = client.capabilities.get("renameProvider")
        if isinstance(provider, dict) and provider.get("prepareProvider") and client.server.checks_renames:
            result, _ = await self._ask(client, "textDocument/prepareRename", cell, offset, _SHORT)
            if result is None:
                raise LanguageServerError("this can't be renamed", where=client.name)

    async def rename(self, cell: CellId, offset: int, name: str) -> list[SpliceSource]:
        """Returns the changes that rename the name at an offset in all cells. Raises LanguageServerError."""
        client = await self._required("renameProvider", "renames")
        result, generation = await self._ask(client, "textDocument/rename", cell, offset, _LONG, newName=name)
        return self._splices(client, result, generation)

    def _splices(self, client: Client, edit: Any, generation: int) -> list[SpliceSource]:  # noqa: ANN401
        documents = _unchanged(client, generation)
        try:
            return edits.splices(edit, documents, dict(self._sources()))
        except LanguageServerError as error:
            raise LanguageServerError(error.what, where=client.name, hint=error.hint) from None

    async def actions(self, cell: CellId, start: int, end: int) -> list[Action]:
        """Returns the changes that servers propose for a part of a cell. Raises LanguageServerError."""
        await self._all()
        await self._required("codeActionProvider", "proposes changes")
        found: list[Action] = []
        for client in self._clients:
            if client.offers("codeActionProvider"):
                found += await self._actions(client, cell, start, end)
        return [action for action in found if not action.raw.get("kind", "").startswith(("source", "notebook"))]

    async def of_kind(self, kind: str, what: str) -> list[SpliceSource]:
        """Returns the changes by which a server does what `kind` names, such as `source.fixAll`, in all cells."""
        await self._all()
        await self._required("codeActionProvider", what)
        for client in self._clients:
            if not client.offers("codeActionProvider") or not _has_kind(client, kind):
                continue
            client.sync()
            cells = list(client.documents.cells) if client.documents is not None else []
            whole = await self._of_kind(client, cells[:1], f"notebook.{kind}")
            if whole is not None:
                return whole
            one = cells if isinstance(client.documents, CellDocuments) else cells[:1]
            return await self._of_kind(client, one, kind) or []
        raise LanguageServerError(f"there is no language server that {what}", hint="`pip install ruff`")

    async def _of_kind(self, client: Client, cells: Sequence[CellId], kind: str) -> list[SpliceSource] | None:
        """Returns the changes of the first action of a kind for each cell. None if there is no action."""
        found: list[SpliceSource] | None = None
        for cell in cells:
            source = self._session.notebook[cell].source
            listed = await self._actions(client, cell, 0, len(source), [kind])
            if listed:
                found = [*(found or ()), *await self.edit_of(listed[0])]
        return found

    async def _actions(
        self, client: Client, cell: CellId, start: int, end: int, only: Sequence[str] | None = None
    ) -> list[Action]:
        client.sync()
        documents, generation = client.documents, client.generation
        if documents is None or cell not in documents.cells:
            return []
        first, last = documents.to_server(cell, start), documents.to_server(cell, end)
        uri = first["textDocument"]["uri"]
        lines = range(first["position"]["line"], last["position"]["line"] + 1)
        problems = [each for each in self._raw.get((client, uri), ()) if _line_of(each) in lines]
        result = await client.request(
            "textDocument/codeAction",
            {
                "textDocument": first["textDocument"],
                "range": {"start": first["position"], "end": last["position"]},
                "context": {"diagnostics": problems, **({"only": list(only)} if only else {})},
            },
            _LONG,
        )
        listed = result if isinstance(result, list) else []
        return [
            Action(" ".join(each["title"].split()), client, each, generation)
            for each in listed
            if isinstance(each, dict) and isinstance(each.get("title"), str) and not each.get("disabled")
            if isinstance(each.get("kind", ""), str) and ("edit" in each or "command" not in each)
        ]

    async def edit_of(self, action: Action) -> list[SpliceSource]:
        """Returns the changes of an action. Raises LanguageServerError."""
        raw: Any = action.raw
        if not isinstance(raw.get("edit"), dict):
            raw = await action.client.request("codeAction/resolve", raw, _LONG)
        edit = raw.get("edit") if isinstance(raw, dict) else None
        return self._splices(action.client, edit, action.generation)

    async def formatter(self) -> str:
        """Returns the name of the server that the settings say formats. Empty if there is none."""
        if not any(client.server.formats for client in self._clients):
            return ""
        await self._all()
        await self.client("documentFormattingProvider")
        return next((client.name for client in self._clients if client.server.formats), "")

    async def format(self, cell: CellId) -> list[SpliceSource]:
        """Returns the changes by which the server that formats does that to a cell. Raises LanguageServerError."""
        client = next(client for client in self._clients if client.server.formats)
        if not client.offers("documentFormattingProvider"):
            raise LanguageServerError(client.problem or "it does not format", where="" if client.problem else client.name)
        client.sync()
        documents, generation = client.documents, client.generation
        if not isinstance(documents, CellDocuments) or cell not in documents.cells:
            raise LanguageServerError("it can't format single cells", where=client.name)
        document = {"uri": documents.uri(cell)}
        options = {"tabSize": 4, "insertSpaces": True}
        result = await client.request("textDocument/formatting", {"textDocument": document, "options": options}, _LONG)
        return self._splices(client, {"changes": {document["uri"]: result or []}}, generation)


def _unchanged(client: Client, generation: int) -> Any:  # noqa: ANN401 - Documents, which exist if nothing changed
    """Returns the documents of a server. Raises LanguageServerError if it was told changes since it was asked."""
    if client.documents is None or client.generation != generation:
        raise LanguageServerError("a cell was edited meanwhile", where=client.name, hint="try again")
    return client.documents


def _has_kind(client: Client, kind: str) -> bool:
    """Returns whether a server names actions of a kind. One that names none may have any."""
    provider = client.capabilities.get("codeActionProvider")
    kinds = provider.get("codeActionKinds") if isinstance(provider, dict) else None
    if not isinstance(kinds, list):
        return True
    return any(isinstance(each, str) and each.removeprefix("notebook.").startswith(kind) for each in kinds)


def _line_of(problem: Any) -> int:  # noqa: ANN401 - what a server sent
    try:
        return int(problem["range"]["start"]["line"])
    except (TypeError, KeyError, ValueError):
        return -1

"""The dialogue with one language server about one notebook.

`start` begins it; the server is `ready` once it has answered `initialize` and has the notebook. Before each request it gets
what changed since. A request has a time limit; an answer that comes later is dropped. A server that ends is started again
twice, each time after a longer pause, and then left alone. Nothing here is awaited by a key.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from tuinb.errors import LanguageServerError
from tuinb.lsp import framing, positions
from tuinb.lsp.documents import FULL, INCREMENTAL, CellDocuments, OneDocument, file_uri
from tuinb.lsp.process import ServerProcess
from tuinb.lsp.servers import section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tuinb.lsp.documents import Documents, Source
    from tuinb.lsp.servers import Server

_PAUSES = (1.0, 5.0)
"""Seconds before each time that a server that ended is started again."""
_START_SECONDS = 30.0
"""The time in which a server must answer `initialize`."""
_HANG_SECONDS = 20.0
"""Seconds without any message of a server that was asked something, after which it counts as hanging. Some take long."""
_NO_METHOD = -32601
_ANSWERED_BY_NOTHING = frozenset(
    (
        "client/registerCapability",
        "client/unregisterCapability",
        "window/workDoneProgress/create",
        "window/showMessageRequest",
        "workspace/workspaceFolders",
    )
)
_CAPABILITIES: Mapping[str, Any] = {
    "general": {"positionEncodings": list(positions.ENCODINGS)},
    "workspace": {"configuration": True, "workspaceFolders": True, "workspaceEdit": {"documentChanges": True}},
    "notebookDocument": {"synchronization": {"dynamicRegistration": False, "executionSummarySupport": False}},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False},
        "publishDiagnostics": {"versionSupport": True},
        "completion": {"completionItem": {"snippetSupport": False, "documentationFormat": ["plaintext"]}},
        "hover": {"contentFormat": ["plaintext", "markdown"]},
        "signatureHelp": {"signatureInformation": {"documentationFormat": ["plaintext"]}},
        "definition": {"linkSupport": True},
        "references": {"dynamicRegistration": False},
        "rename": {"prepareSupport": True},
        "formatting": {"dynamicRegistration": False},
        "codeAction": {
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["quickfix", "refactor", "source", "source.fixAll", "source.organizeImports"]}
            },
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
        },
    },
}


class Client:
    """One server. `published` gets the parameters of each publishDiagnostics, `tell` a sentence about the server.

    `path` is the notebook's absolute path; empty if it is not on this machine. `changed` is called when it gets ready or ends.
    """

    def __init__(
        self,
        server: Server,
        path: str,
        language: str,
        environ: Mapping[str, str],
        sources: Callable[[], Iterable[Source]],
        published: Callable[[Client, Any], None],
        changed: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        self.server = server
        self._path = path
        self._language = language
        self._environ = environ
        self._sources = sources
        self._published = published
        self._changed = changed
        self._tell = tell
        self._process: ServerProcess | None = None
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._silent_since: float | None = None
        """When it was first asked something since it last wrote anything."""
        self._deaths = 0
        self._timer: asyncio.TimerHandle | None = None
        self._starting: asyncio.Task[None] | None = None
        self.documents: Documents | None = None
        """What it has. None until it is ready."""
        self.generation = 0
        """Number of changes that it was told: an answer is about what it had when it was asked."""
        self.encoding = positions.DEFAULT
        self.capabilities: Mapping[str, Any] = {}
        self.version = ""
        self.problem = ""
        """Why it is not used any more, or not yet again. Empty while it is."""

    @property
    def name(self) -> str:
        """The name of its program."""
        return self.server.name

    @property
    def ready(self) -> bool:
        """Whether it answers requests."""
        return self.documents is not None

    @property
    def starting(self) -> bool:
        """Whether it was started, and is not ready yet."""
        return self._process is not None and not self.ready

    @property
    def pid(self) -> int | None:
        """The number of its process. None if it does not run."""
        return None if self._process is None else self._process.pid

    def offers(self, capability: str) -> bool:
        """Returns whether it is ready and says that it answers requests of a kind, such as `renameProvider`."""
        return self.ready and bool(self.capabilities.get(capability))

    # ---- start and end

    def start(self) -> None:
        """Starts the server. What goes wrong is told."""
        self._timer = None
        try:
            self._process = process = ServerProcess(
                self.server.argv, self._environ, self._receive, lambda why, log: self._on_end(process, why, log)
            )
        except LanguageServerError as error:
            self._give_up(str(error))
            return
        self.problem = ""
        self._starting = asyncio.get_running_loop().create_task(self._initialize(process))
        self._starting.add_done_callback(_raise_later)

    async def _initialize(self, process: ServerProcess) -> None:
        folder = os.path.dirname(self._path)  # noqa: PTH120 - a text
        root = file_uri(folder) if folder else None
        folders = [{"uri": root, "name": os.path.basename(folder)}] if root else None  # noqa: PTH119
        parameters = {
            "processId": os.getpid(),
            "clientInfo": {"name": "tuinb"},
            "rootUri": root,
            "workspaceFolders": folders,
            "capabilities": _CAPABILITIES,
            "initializationOptions": self.server.settings.get(self.name, {}),
        }
        try:
            result = await self._ask("initialize", parameters, _START_SECONDS)
        except LanguageServerError as error:
            self._fail(process, error.what)
            return
        if process is not self._process:
            return
        capabilities = result.get("capabilities") if isinstance(result, dict) else None
        if not isinstance(capabilities, dict):
            self._fail(process, "it does not say what it can do")
            return
        self.capabilities = capabilities
        information = result.get("serverInfo")
        self.version = str(information.get("version", "")) if isinstance(information, dict) else ""
        encoding = capabilities.get("positionEncoding")
        self.encoding = encoding if encoding in positions.ENCODINGS else positions.DEFAULT
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": self.server.settings})
        self.documents = self._new_documents()
        self.sync()
        self._changed()

    def _new_documents(self) -> Documents:
        path = self._path or "/notebook.ipynb"
        masks = self._language == "python" and not self.server.knows_magics
        if self.capabilities.get("notebookDocumentSync") and self.server.knows_notebooks:
            return CellDocuments(file_uri(path), self._language, self.encoding, masks=masks)
        sync = self.capabilities.get("textDocumentSync")
        kind = sync.get("change") if isinstance(sync, dict) else sync
        suffix = ".py" if self._language == "python" else ""
        uri = file_uri(f"{path}{suffix}")
        return OneDocument(uri, self._language, self.encoding, masks=masks, kind=INCREMENTAL if kind == INCREMENTAL else FULL)

    def _fail(self, process: ServerProcess, why: str) -> None:
        """Ends a server that does not behave."""
        if process is self._process:
            process.close(0)
            self._on_end(process, why, "")

    def _on_end(self, process: ServerProcess, why: str, log: str) -> None:
        """Goes on after the end of the process: starts it again after a pause, or leaves it alone."""
        if process is not self._process:
            return
        self._process, self.documents, self._silent_since = None, None, None
        waiting, self._pending = list(self._pending.values()), {}
        for future in waiting:
            if not future.done():
                future.set_exception(LanguageServerError(why, where=self.name))
        last = next((line.strip() for line in reversed(log.splitlines()) if line.strip()), "")
        said = f"{self.name}: {why}{f': {last[:200]}' if last else ''}"
        if self._deaths < len(_PAUSES):
            self.problem = f"{said}; it is started again soon"
            self._timer = asyncio.get_running_loop().call_later(_PAUSES[self._deaths], self.start)
        else:
            self._give_up(f"{said}. It is not started again; `:restart-language-servers` does")
        self._deaths += 1
        self._changed()

    def _give_up(self, why: str) -> None:
        self.problem = why
        self._tell(why)

    async def close(self) -> None:
        """Ends the server."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        process, self._process, self.documents = self._process, None, None
        for future in self._pending.values():
            future.cancel()
        self._pending = {}
        if self._starting is not None:
            self._starting.cancel()
        if process is not None:
            process.send(framing.frame({"id": self._next(), "method": "shutdown"}))
            process.send(framing.frame({"method": "exit"}))
            process.close()
            await process.wait()

    # ---- requests

    async def request(self, method: str, parameters: Mapping[str, Any], seconds: float) -> Any:  # noqa: ANN401
        """Asks the server, and returns the result. Raises LanguageServerError, also without one in time."""
        process = self._process
        if not self.ready or process is None:
            raise LanguageServerError("it is not ready", where=self.name)
        try:
            return await self._ask(method, parameters, seconds)
        except _NoAnswerError as error:
            since, now = self._silent_since, asyncio.get_running_loop().time()
            if since is not None and now - since > _HANG_SECONDS:
                self._fail(process, "it does not answer any more")
            raise LanguageServerError(error.what, where=self.name) from None

    async def _ask(self, method: str, parameters: Mapping[str, Any], seconds: float) -> Any:  # noqa: ANN401
        number = self._next()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        if self._silent_since is None:
            self._silent_since = asyncio.get_running_loop().time()
        self._send({"id": number, "method": method, "params": parameters})
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            if method != "initialize":
                self._notify("$/cancelRequest", {"id": number})
            raise _NoAnswerError(f"it did not answer within {seconds:g} seconds") from None
        finally:
            self._pending.pop(number, None)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _notify(self, method: str, parameters: Mapping[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        if self._process is not None:
            self._process.send(framing.frame(message))

    def sync(self) -> None:
        """Tells the server what changed in the notebook."""
        if self.documents is not None:
            for method, parameters in self.documents.sync(self._sources()):
                self.generation += 1
                self._notify(method, parameters)

    # ---- what it says

    def _receive(self, messages: list[dict[str, Any]]) -> None:
        self._silent_since = None
        for message in messages:
            method, number = message.get("method"), message.get("id")
            if isinstance(method, str) and number is not None:
                self._send({"id": number, **self._answer(method, message.get("params"))})
            elif method == "textDocument/publishDiagnostics":
                if self.ready:
                    self._published(self, message.get("params"))
            elif method is None and type(number) is int:
                self._take(number, message)

    def _take(self, number: int, message: Mapping[str, Any]) -> None:
        """Takes an answer. One that nothing waits for is dropped."""
        future = self._pending.get(number)
        if future is None or future.done():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
        else:
            text = error.get("message") if isinstance(error, dict) else None
            said = " ".join(text.split())[:200] if isinstance(text, str) and text.strip() else "it answers with an error"
            future.set_exception(LanguageServerError(said, where=self.name))

    def _answer(self, method: str, parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Returns the answer to a request of the server."""
        if method == "workspace/configuration":
            items = parameters.get("items") if isinstance(parameters, dict) else None
            names = [item.get("section") if isinstance(item, dict) else "" for item in items] if isinstance(items, list) else []
            return {"result": [section(self.server.settings, name) for name in names]}
        if method == "workspace/applyEdit":
            # Edits are made for commands of the user alone, whose answers have them.
            return {"result": {"applied": False, "failureReason": "only answers to requests are applied"}}
        if method in _ANSWERED_BY_NOTHING:
            return {"result": None}
        return {"error": {"code": _NO_METHOD, "message": "not supported"}}


class _NoAnswerError(LanguageServerError):
    """A request got no answer in time."""


def _raise_later(task: asyncio.Task[None]) -> None:
    """Reports an error of ours."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "a language server can't be started", "exception": error})

"""The kernels of a Jupyter server, by its REST interface: starts, finds, interrupts, restarts and ends them.

A notebook of the server has a session there, which names its kernel: whoever opens the notebook joins that kernel. A file of
this machine has a kernel without a session, which nobody else finds. A Kernel Gateway has no other ones.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tuinb.errors import KernelSpecError, TuinbError, shown
from tuinb.notebook.language import is_same
from tuinb.record import Record
from tuinb.server.rest import TIMEOUT, UNTRACKED, Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

_START: Final = 120.0
"""Seconds for the start of a kernel. A hub or cluster may have to find a machine."""
_ABANDONED: Final = 2.0
"""Seconds to wait for the start of an unused kernel, and for its end."""


class KernelSpecModel(Record):
    """A kernelspec of a server."""

    name: str
    display_name: str
    language: str


class KernelModel(Record):
    """A kernel of a server."""

    id: str
    name: str
    """The kernelspec's name."""
    state: str
    connections: int
    """The number of websockets to it, as the server knows."""


class RemoteKernel:
    """The kernel of one notebook on a server. All methods block, and raise ServerError.

    `file` is the notebook's path on the server; empty for a kernel without a session. `wanted` is a kernelspec's name; empty
    for the default. `language` is that of a kernelspec that may replace it; None if the user insists. A kernel
    without a session works in the folder of the path `folder`.
    """

    def __init__(
        self,
        server: Server,
        file: str,
        wanted: str,
        language: str | None = None,
        folder: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.server = server
        self.wanted = wanted
        self.language = language
        self._file = file
        self._folder = folder
        self._environ = dict(environ or {})
        self._session = ""
        self.model: KernelModel | None = None
        """The kernel, as it was seen last. None before its start."""
        self.joined = False
        """Whether it ran already, so that others may use it."""
        self.spec: KernelSpecModel | None = None
        """Its kernelspec, once it was started. None if the server does not list it."""
        self._begun: Future[None] | None = None
        """The start, which may be under way."""

    @property
    def has_session(self) -> bool:
        """Whether others find it by the notebook. Else it is nobody's but this program's."""
        return bool(self._file)

    @property
    def path(self) -> str:
        """Its path in the REST interface."""
        assert self.model is not None
        return f"api/kernels/{self.model.id}"

    def begin(self) -> None:
        """Begins to start it, in a thread. `start` waits for that, and raises what went wrong. Does not block."""
        from concurrent.futures import Future
        from threading import Thread

        begun = self._begun = Future()

        def work() -> None:
            try:
                self._start()
            except BaseException as error:
                begun.set_exception(error)
            else:
                begun.set_result(None)

        Thread(target=work, name="tuinb-server-kernel", daemon=True).start()

    def abandon(self) -> None:
        """Ends the kernel that `begin` has started, unless it ran already, and waits for a start that is under way.

        It waits for seconds at most where the notebook's session leads to the kernel again.
        """
        if self._begun is not None:
            with suppress(TuinbError, TimeoutError):
                self._begun.result(_ABANDONED if self.has_session else None)
                if not self.joined:
                    self.end(_ABANDONED)

    def start(self) -> KernelModel:
        """Joins the notebook's kernel, or starts one of the wanted kernelspec. Raises KernelSpecError too."""
        if self._begun is None:
            self.begin()
        assert self._begun is not None
        self._begun.result()
        assert self.model is not None
        return self.model

    def _start(self) -> None:
        known, _ = specs(self.server)
        name = self._choose(known)
        choice = {"name": name} if name else {}
        self.model = self._start_session(choice) if self.has_session else self._start_alone(choice)
        self.spec = next((spec for spec in known if spec.name == self.model.name), None)

    def _choose(self, known: Sequence[KernelSpecModel]) -> str:
        """Returns the kernelspec to start. Empty for the server's default. Raises KernelSpecError if it has none that fits."""
        if not self.wanted or any(spec.name == self.wanted for spec in known):
            return self.wanted
        same = [spec.name for spec in known if self.language and is_same(spec.language, self.language)]
        if not same:
            hint = f":switch-kernel chooses one of {', '.join(spec.name for spec in known) or 'none'}"
            raise KernelSpecError(f"there is no kernel {self.wanted!r} on the server", where=self.server.name, hint=hint)
        return same[0]

    def _start_session(self, choice: Mapping[str, str]) -> KernelModel:
        found = self._find_session()
        self.joined = found is not None
        if found is None:
            body = {"path": self._file, "name": self._file.rpartition("/")[2], "type": "notebook", "kernel": choice}
            found = self._post("api/sessions", body)
        self._session = _text(found, "id")
        return _model(found.get("kernel"), self.server)

    def _find_session(self) -> dict[str, Any] | None:
        return next((each for each in _sessions(self.server) if each.get("path") == self._file), None)

    def _start_alone(self, choice: Mapping[str, str]) -> KernelModel:
        body: dict[str, object] = {**choice, "env": self._environ, "path": self._folder}
        body = {key: value for key, value in body.items() if value}
        return _model(self._post("api/kernels", body), self.server)

    def _post(self, path: str, body: object) -> dict[str, Any]:
        found = self.server.request("POST", path, body, timeout=_START)
        if not isinstance(found, dict):
            raise ServerError("its answer describes no kernel", where=self.server.name)
        return found

    def look(self) -> KernelModel | None:
        """Returns the kernel as it is now. None if the server has it no more."""
        try:
            self.model = _model(self.server.request("GET", self.path, query=UNTRACKED), self.server)
        except ServerError as error:
            if error.status == 404:
                return None
            raise
        return self.model

    def interrupt(self) -> None:
        """Interrupts it, as its kernelspec says."""
        self.server.request("POST", f"{self.path}/interrupt", {})

    def restart(self) -> None:
        """Restarts it. It keeps its id."""
        self.server.request("POST", f"{self.path}/restart", {}, timeout=_START)

    def end(self, timeout: float = TIMEOUT) -> None:
        """Ends it, and the notebook's session, once a start that is under way is over. `timeout` is in seconds."""
        if self._begun is not None:
            with suppress(TuinbError):  # `start` raises it
                self._begun.result()
        if self.model is None:
            return
        path = f"api/sessions/{self._session}" if self._session else self.path
        try:
            self.server.request("DELETE", path, timeout=timeout)
        except ServerError as error:
            if error.status != 404:
                raise


def move_sessions(server: Server, old: str, new: str) -> None:
    """Has the sessions of a renamed file, or of those in a renamed folder, follow it: a server leaves them where they were.

    Else their kernels go on, but nobody finds them by the notebook, and opening it starts others. Raises ServerError.
    """
    for session in _sessions(server):
        path, identity = _text(session, "path"), _text(session, "id")
        if identity and (path == old or path.startswith(f"{old}/")):
            moved = f"{new}{path.removeprefix(old)}"
            server.request("PATCH", f"api/sessions/{identity}", {"path": moved, "name": moved.rpartition("/")[2]})


def _sessions(server: Server) -> list[dict[str, Any]]:
    found = server.request("GET", "api/sessions")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def specs(server: Server) -> tuple[list[KernelSpecModel], str]:
    """Returns the kernelspecs of a server, and the name of its default one. Raises ServerError."""
    found = server.request("GET", "api/kernelspecs")
    listed = found.get("kernelspecs") if isinstance(found, dict) else None
    if not isinstance(listed, dict):
        raise ServerError("its answer lists no kernels", where=server.name)
    read = []
    for name, each in listed.items():
        spec = each.get("spec") if isinstance(each, dict) else None
        fields = spec if isinstance(spec, dict) else {}
        title, language = _text(fields, "display_name") or name, _text(fields, "language")
        read.append(KernelSpecModel(shown(name), shown(title), shown(language)))
    return read, _text(found, "default")


def _model(found: object, server: Server) -> KernelModel:
    """Returns a kernel of an answer. Raises ServerError. Its id becomes part of URLs, so it has to look like one."""
    fields = found if isinstance(found, dict) else {}
    identity = _text(fields, "id")
    if not identity or not identity.replace("-", "").isalnum():
        raise ServerError("its answer describes no kernel", where=server.name)
    connections = fields.get("connections")
    return KernelModel(
        identity,
        shown(_text(fields, "name")),
        _text(fields, "execution_state"),
        connections if isinstance(connections, int) else 0,
    )


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""

"""Requests to a running session without a terminal: `{"t": "ask", "what": …}` → a handler that returns the answer.

A handler is a coroutine function of the server (Host) and the message. What it returns is sent as `answer`; a TuinbError that
it raises is sent as `refused`.
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tuinb import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tuinb.daemon.frames import Message
    from tuinb.session.session import Session


class Host(Protocol):
    """The server, for handlers."""

    session: Session
    since: float
    """When the session began, in seconds since 1970."""

    @property
    def terminals(self) -> int:
        """The number of attached terminals."""
        ...

    def detach_all(self) -> int:
        """Detaches all terminals. Returns how many there were."""
        ...

    def terminate(self) -> None:
        """Ends the session without a question. Unsaved changes stay in the journal."""
        ...


Handler: TypeAlias = "Callable[[Host, Message], Awaitable[Message]]"


async def status(host: Host, message: Message) -> Message:
    """Returns what describes the session: notebook, process, terminals, kernel, queue, prompt, unsaved changes."""
    session = host.session
    kernel = session.kernel
    return {
        "notebook": str(session.path),
        "pid": os.getpid(),
        "version": __version__,
        "since": host.since,
        "terminals": host.terminals,
        "kernel": {"name": kernel.name, "display_name": kernel.display_name, "state": kernel.state.value},
        "queue": len(session.queue()),
        "prompt": session.prompt is not None,
        "modified": session.modified,
    }


async def detach(host: Host, message: Message) -> Message:
    """Detaches all terminals. Returns how many there were."""
    return {"terminals": host.detach_all()}


async def end(host: Host, message: Message) -> Message:
    """Ends the session as SIGTERM does: unsaved changes stay in the journal."""
    host.terminate()
    return {}


REQUESTS: Mapping[str, Handler] = MappingProxyType({"status": status, "detach": detach, "end": end})

"""Requests to a running session without a terminal: `{"t": "ask", "what": …}` → a handler that returns the answer.

A handler is a coroutine function of the server (Host) and the message. What it returns is sent as `answer`; a TuinbError that
it raises is sent as `refused`. A stream is an asynchronous generator instead: what it yields is sent as `part`s, before an
`answer` without content. It ends early if the one who asked goes.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tuinb import __version__
from tuinb.errors import SessionError, TuinbError, shown
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from tuinb.daemon.connection import Connection
    from tuinb.daemon.frames import Message
    from tuinb.daemon.host import Handler, Host, Stream

_TAB_SECONDS: Final = 0.2
"""Seconds in which changes of a session are told to other tabs once."""


async def answer(host: Host, connection: Connection, message: Message) -> None:
    """Answers a request."""
    what = message.get("what")
    handler = REQUESTS.get(what) if isinstance(what, str) else None
    stream = STREAMS.get(what) if isinstance(what, str) else None
    try:
        if handler is not None:
            connection.send({"t": "answer", "what": what, **await handler(host, message)})
        elif stream is not None:
            await _send_parts(stream(host, message), connection)
            await host.listed()  # a script's next command may name the file that this one saved as
            connection.send({"t": "answer", "what": what})
        else:
            connection.send({"t": "refused", "say": f"this session does not know the request {clean(str(what))[:40]!r}"})
    except TuinbError as error:
        connection.send({"t": "refused", "say": str(error)})


async def _send_parts(parts: AsyncGenerator[Message, None], connection: Connection) -> None:
    """Sends what a stream yields, as fast as it is read. Ends the stream once the connection is closed."""
    closed = asyncio.ensure_future(connection.wait_closed())
    try:
        async with aclosing(parts):
            while not connection.closed:
                following = asyncio.ensure_future(anext(parts, None))
                await asyncio.wait({following, closed}, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    following.cancel()
                    await asyncio.wait({following})
                    return
                part = following.result()
                if part is None:
                    return
                connection.send({"t": "part", **part})
                await connection.drain()
    finally:
        closed.cancel()


async def status(host: Host, message: Message) -> Message:
    """Returns what describes the session: notebook, process, terminals, kernel, queue, prompt, unsaved changes."""
    session = host.session
    kernel = session.kernel
    return {
        "notebook": shown(session.path),
        "pid": os.getpid(),
        "version": __version__,
        "since": host.since,
        "terminals": host.terminals,
        "kernel": {
            "name": kernel.name,
            "display_name": kernel.display_name,
            "state": kernel.state.value,
            "pid": kernel.pid,
        },
        "queue": len(session.queue()),
        "prompt": session.prompt is not None,
        "modified": session.modified,
        "run": host.batch.status() if host.batch is not None else None,
    }


async def detach(host: Host, message: Message) -> Message:
    """Detaches all terminals. Returns how many there were."""
    return {"terminals": host.detach_all()}


async def interrupt(host: Host, message: Message) -> Message:
    """Interrupts the running cell and empties the queue. Returns how many cells ran or waited."""
    queue = len(host.session.queue())
    host.session.interrupt()
    return {"queue": queue}


async def end(host: Host, message: Message) -> Message:
    """Ends the session as SIGTERM does: unsaved changes stay in the journal."""
    host.terminate()
    return {}


async def leave(host: Host, message: Message) -> Message:
    """Ends the session, unless a terminal shows it or its user has to be asked. Returns whether it ends, and whether to ask."""
    from tuinb.commands.file import at_work

    asks = not host.terminals and (host.session.modified or at_work(host.session))
    ends = not host.terminals and not asks
    if ends:
        host.terminate(discard=True)
    return {"ends": ends, "asks": asks}


REQUESTS: Mapping[str, Handler] = MappingProxyType(
    {"status": status, "detach": detach, "interrupt": interrupt, "end": end, "leave": leave}
)


async def tab(host: Host, message: Message) -> AsyncGenerator[Message, None]:
    """Sends what a tab line shows of the session: now, and after each change of it."""
    from tuinb.commands.file import at_work

    session = host.session
    changed = asyncio.Event()
    stop = session.listen(lambda event: changed.set())
    sent: Message = {}
    try:
        while True:
            state = {
                "path": str(session.path),
                "socket": str(host.address),
                "modified": session.modified,
                "busy": at_work(session),
                "waits": session.prompt is not None,
            }
            if state != sent:
                sent = state
                yield state
            await changed.wait()
            changed.clear()
            await asyncio.sleep(_TAB_SECONDS)
    finally:
        stop()


def _driving(name: str) -> Stream:
    """Returns a stream of driving.py, which is imported with the first such request."""

    def stream(host: Host, message: Message) -> AsyncGenerator[Message, None]:
        from tuinb.daemon import driving

        if (version := message.get("version")) != __version__:
            # What this process has not imported yet would be that of the new version.
            raise SessionError(
                f"the session was begun by tuinb {__version__}, and this is tuinb {clean(str(version))[:20]}",
                hint="end the session to use the new version",
            )
        return driving.STREAMS[name](host, message)

    return stream


STREAMS: Mapping[str, Stream] = MappingProxyType(
    {"tab": tab, **{name: _driving(name) for name in ("do", "exec", "notebook", "watch", "wait")}}
)

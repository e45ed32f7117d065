"""The process of a language server: one thread writes to it and reads what it writes, so that nothing waits for it.

Messages are handed to the event loop a few at a time, and no more is read before they were taken. What is written waits in a
queue. A server that does not read, writes what is no message, or writes without end is ended.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import socket
import subprocess
import time
from collections import deque
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from tuinb.errors import LanguageServerError
from tuinb.lsp.framing import LONGEST, FrameReader
from tuinb.processes import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PIECE = 65_536
_ERRORS_KEPT = 4_000
"""Bytes of stderr that are kept, for a message that says why a server ended."""
_MOST_WAITING = LONGEST
"""Bytes that wait to be written, up to which a server counts as reading."""
_SPAN, _MOST_IN_SPAN = 10.0, 3 * LONGEST
"""A server may write so many bytes in so many seconds."""
_MOST_MESSAGES = 300_000
"""A server may write so many messages in these seconds. Some tell of each cell after each change."""
_END_SECONDS = 1.0
"""Seconds that a server has to end by itself."""


class ServerProcess:
    """A server's process. `receive` gets messages, `ended` why it ended and the end of its stderr; both on the event loop.

    Make it on the main thread. Raises LanguageServerError if it can't be started. It runs in `/`: a server may read settings or
    code from the folder that it is started in, and that of a notebook can be anybody's work.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        receive: Callable[[list[dict[str, Any]]], None],
        ended: Callable[[str, str], None],
    ) -> None:
        self._receive = receive
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=dict(environ),
                cwd="/",
                start_new_session=True,
                bufsize=0,
                preexec_fn=end_with_parent(),
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise LanguageServerError(f"it can't be run: {why}", where=argv[0], hint="check that it is installed") from error
        self._waiting: deque[bytes] = deque()
        self._queued = self._written = 0
        """Bytes that were ever queued, and written: each is changed by one thread."""
        self._bell, self._bell_end = socket.socketpair()
        self._bell.setblocking(False)
        self._bell_end.setblocking(False)
        self._taken = Event()
        self._closing: float | None = None
        """When it is killed, once it is to end."""
        self._stderr = bytearray()
        self._thread = Thread(target=self._run, name="tuinb-language-server", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, data: bytes) -> None:
        """Writes a message once the server reads it."""
        if self._closing is None:
            self._waiting.append(data)
            self._queued += len(data)
            self._ring()

    def close(self, seconds: float = _END_SECONDS) -> None:
        """Closes the server's input after what waits to be written. Kills it after some seconds, if it has not ended then."""
        if self._closing is None:
            self._closing = time.monotonic() + seconds
            self._ring()

    async def wait(self) -> None:
        """Waits until the process has ended. Call `close` before."""
        while self._thread.is_alive():
            self._taken.set()
            await asyncio.sleep(0.01)

    def _ring(self) -> None:
        with suppress(OSError):  # It is full, or closed: the thread looks anyway, or has ended.
            self._bell.send(b"\0")

    # ---- the thread

    def _run(self) -> None:
        why = ""
        try:
            why = self._talk()
        except LanguageServerError as error:
            why = error.what
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # Also what it left behind.
            code = self._process.wait()
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr, self._bell, self._bell_end):
                if stream is not None:
                    stream.close()
        ended = why or (f"it ended with exit code {code}" if code >= 0 else f"it was killed by signal {-code}")
        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(self._ended, ended, self._stderr.decode("utf-8", "replace"))

    def _talk(self) -> str:
        """Writes and reads up to the end of the server's output. Returns why it must end, or an empty string."""
        process, reader, meter = self._process, FrameReader(), _Meter()
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        os.set_blocking(process.stdin.fileno(), False)
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdout, process.stderr, self._bell_end):
                selector.register(stream, selectors.EVENT_READ)
            while True:
                self._ask_for_room(selector, process.stdin)
                left = None if self._closing is None else self._closing - time.monotonic()
                if left is not None and left <= 0:
                    return ""
                if self._queued - self._written > _MOST_WAITING:
                    return "it does not read what it is told"
                for key, _ in selector.select(left):
                    if key.fileobj is process.stdin:
                        self._write(process.stdin)
                    elif key.fileobj is self._bell_end:
                        self._bell_end.recv(_PIECE)
                    elif not (piece := os.read(key.fd, _PIECE)):
                        selector.unregister(key.fileobj)
                        if key.fileobj is process.stdout:
                            return ""
                    else:
                        self._take(piece, None if key.fileobj is process.stderr else reader, meter)

    def _take(self, piece: bytes, reader: FrameReader | None, meter: _Meter) -> None:
        """Takes what the server wrote: messages, if there is a reader for them, else what it says of itself."""
        if reader is None:
            self._stderr += piece
            del self._stderr[:-_ERRORS_KEPT]
            return
        messages = reader.feed(piece)
        if meter.exceeds(len(piece), len(messages)):
            raise LanguageServerError("it writes without end")
        self._hand_over(messages)

    def _ask_for_room(self, selector: selectors.BaseSelector, stdin: Any) -> None:  # noqa: ANN401
        """Registers the server's input while something is to be written, and closes it at the end."""
        if stdin.closed:
            return
        registered = stdin in selector.get_map()
        if self._waiting and not registered:
            selector.register(stdin, selectors.EVENT_WRITE)
        elif not self._waiting and registered:
            selector.unregister(stdin)
        if not self._waiting and self._closing is not None:
            stdin.close()

    def _write(self, stdin: Any) -> None:  # noqa: ANN401
        data = self._waiting[0]
        try:
            count = os.write(stdin.fileno(), memoryview(data)[:_PIECE])
        except BrokenPipeError:
            self._waiting.clear()  # It ends; its output says so soon.
            return
        self._written += count
        if count == len(data):
            self._waiting.popleft()
        else:
            self._waiting[0] = data[count:]

    def _hand_over(self, messages: list[dict[str, Any]]) -> None:
        """Hands messages to the event loop, and waits until it has taken them."""
        if not messages:
            return

        def take() -> None:
            try:
                self._receive(messages)
            finally:
                self._taken.set()

        self._taken.clear()
        try:
            self._loop.call_soon_threadsafe(take)
        except RuntimeError:
            raise LanguageServerError("the program ends") from None
        self._taken.wait()


class _Meter:
    """Counts what a server writes."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bytes = self._messages = 0

    def exceeds(self, size: int, messages: int) -> bool:
        """Counts some more. Returns whether that is too much for the time."""
        now = time.monotonic()
        if now - self._began > _SPAN:
            self._began, self._bytes, self._messages = now, 0, 0
        self._bytes += size
        self._messages += messages
        return self._bytes > _MOST_IN_SPAN or self._messages > _MOST_MESSAGES

"""Runs a program that reads a text and writes another one: a formatter, a linter."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SECONDS = 10.0
"""The time in which a program must end."""
_LEAST = 4_000_000
_GROWTH = 20
"""A program may write this many bytes for each one that it reads, and _LEAST in any case."""
_PIECE = 65_536
_LOOK_EVERY = 0.1
"""Seconds between looks whether the work is still wanted."""


class Filtered(Record):
    """What a program wrote, and how it ended."""

    code: int
    out: str
    err: str


async def run(
    argv: Sequence[str], text: str, environ: Mapping[str, str], folder: Path | None = None, *, seconds: float = SECONDS
) -> Filtered:
    """Runs a program in a folder with a text as its standard input.

    Raises TuinbError if it can't be started, does not end in time, or writes what is no text or far too much. It is then
    killed, with what it started; also if this is cancelled.
    """
    stopped = Event()
    data = text.encode("utf-8", "surrogatepass")
    try:
        # asyncio's own subprocesses do not close pipes that still have content.
        code, out, err = await asyncio.to_thread(_run, argv, data, environ, folder, seconds, stopped)
    finally:
        stopped.set()
    try:
        return Filtered(code, out.decode("utf-8"), err.decode("utf-8", "replace"))
    except UnicodeDecodeError:
        raise TuinbError("what it wrote is no UTF-8", where=argv[0]) from None


def _run(
    argv: Sequence[str], data: bytes, environ: Mapping[str, str], folder: Path | None, seconds: float, stopped: Event
) -> tuple[int, bytes, bytes]:
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            argv, stdin=pipe, stdout=pipe, stderr=pipe, env=dict(environ), cwd=folder, start_new_session=True, bufsize=0
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise TuinbError(f"it can't be run: {why}", where=argv[0], hint="check that it is installed") from error
    with process:
        try:
            out, err = _talk(process, data, time.monotonic() + seconds, stopped)
            code = process.wait(max(0.0, seconds))
        except (TimeoutError, subprocess.TimeoutExpired):
            raise TuinbError(f"it did not end within {seconds:g} seconds, and was stopped", where=argv[0]) from None
        except _TooMuchError:
            raise TuinbError("it wrote far more than it read, and was stopped", where=argv[0]) from None
        finally:
            # Also what it left behind.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return code, out, err


class _TooMuchError(Exception):
    """A program wrote more than it may."""


def _talk(process: subprocess.Popen[bytes], data: bytes, until: float, stopped: Event) -> tuple[bytes, bytes]:
    """Writes to a program and reads what it writes, up to the ends of both streams."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    found = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    most, left = max(_LEAST, _GROWTH * len(data)), memoryview(data)
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdin, selectors.EVENT_WRITE)
        for stream in (process.stdout, process.stderr):
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            if stopped.is_set() or time.monotonic() > until:
                raise TimeoutError
            for key, _ in selector.select(_LOOK_EVERY):
                if key.fd in found:
                    piece = os.read(key.fd, _PIECE)
                    found[key.fd] += piece
                    if len(found[key.fd]) > most:
                        raise _TooMuchError
                    if not piece:
                        selector.unregister(key.fileobj)
                    continue
                try:
                    left = left[os.write(key.fd, left[:_PIECE]) :]
                except BrokenPipeError:
                    left = left[:0]  # It may end, or close its input, before it has read everything.
                if not left:
                    selector.unregister(process.stdin)
                    process.stdin.close()
    out, err = found.values()
    return bytes(out), bytes(err)

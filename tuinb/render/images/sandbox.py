"""Runs programs that draw foreign content, each in a limited child process.

Drawings and charts are foreign programs: they may run for hours, fill the memory or crash. Only the child process is
affected: its CPU time, memory and result are limited, it can write no file, and it ends with this program.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 16 << 20
"""Maximum size of a result in bytes."""
_LIMITS = """
import resource, sys
def limit(kind, most, more=0):
    try:
        resource.setrlimit(kind, (most, most + more))
    except (OSError, ValueError):
        pass  # not every system supports every limit
limit(resource.RLIMIT_CPU, {seconds}, 1)  # the soft limit sends SIGXCPU
limit(resource.RLIMIT_CORE, 0)
limit(resource.RLIMIT_FSIZE, 0)
limit(resource.{kind}, {memory})
def give(data):
    if len(data) > {longest}:
        sys.exit("its result is too large")
    sys.stdout.buffer.write(data)
"""
_TIMEOUT_FACTOR = 4
"""Wall time limit for each second of CPU time, because the processor may be busy."""
_running: set[subprocess.Popen[bytes]] = set()
_lock = Lock()


def run(program: str, arguments: Sequence[str], stdin: bytes, seconds: int, memory: int, *, limit_data: bool = False) -> bytes:
    """Runs a Python program that reads `stdin` and returns the bytes that it passes to `give(bytes)`. Raises ValueError
    with the problem.

    `seconds` limits the CPU time and `memory` the bytes of address space. `limit_data` limits only the data in use, for
    programs that reserve much more address space.
    """
    kind = "RLIMIT_DATA" if limit_data else "RLIMIT_AS"
    code = _LIMITS.format(seconds=seconds, kind=kind, memory=memory, longest=LONGEST) + program
    pipe = subprocess.PIPE
    with _lock:
        process = subprocess.Popen([sys.executable, "-P", "-c", code, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)
        _running.add(process)
    try:
        with process:
            try:
                drawn, stderr = process.communicate(stdin, timeout=seconds * _TIMEOUT_FACTOR)
            finally:
                process.kill()
    except subprocess.TimeoutExpired:
        raise ValueError("it takes too long to draw") from None
    finally:
        with _lock:
            _running.discard(process)
    if process.returncode == -signal.SIGXCPU:
        raise ValueError("it takes too long to draw")
    if process.returncode:
        raise ValueError(_reason(stderr) if process.returncode == 1 else "it can't be drawn")
    return drawn


def _reason(stderr: bytes) -> str:
    """Returns the reason for a failed child from its stderr."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    reason = next((line for line in lines if line.startswith("Error:")), lines[-1] if lines else "")
    return f"it can't be drawn: {reason.removeprefix('Error: ')[:200]}" if reason else "it can't be drawn"


def kill_all() -> None:
    """Kills all running children. Their results are not needed any more."""
    with _lock:
        for process in _running:
            process.kill()

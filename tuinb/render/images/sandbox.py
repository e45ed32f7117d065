"""Programs that draw what a notebook says, each in a process of its own with limits.

Drawings and charts are programs of whoever wrote them: they may be busy for hours, fill the memory or end in a crash. So may
their processes, and nothing else: a limit on their time, on their memory and on what they give back, no file that is written,
and an end with the program that started them.
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
"""Bytes that a child gives back at most."""
_LIMITS = """
import resource, sys
def limit(kind, most, more=0):
    try:
        resource.setrlimit(kind, (most, most + more))
    except (OSError, ValueError):
        pass  # systems differ in what they limit
limit(resource.RLIMIT_CPU, {seconds}, 1)  # the first is told by a signal of its own
limit(resource.RLIMIT_CORE, 0)
limit(resource.RLIMIT_FSIZE, 0)
limit(resource.{kind}, {memory})
def give(data):
    if len(data) > {longest}:
        sys.exit("what it makes is too large")
    sys.stdout.buffer.write(data)
"""
_PATIENCE = 4
"""Seconds that one may take, for each of the processor's: others may be busy, too."""
_running: set[subprocess.Popen[bytes]] = set()
_lock = Lock()


def run(program: str, arguments: Sequence[str], given: bytes, seconds: int, memory: int, *, reserves: bool = False) -> bytes:
    """What a Python program that reads `given` gives back with `give(bytes)`. Raises ValueError that says what is wrong.

    `seconds`: of a processor's time. `memory`: bytes that it may have; with `reserves` those that it uses, where it sets aside
    far more of its address space.
    """
    kind = "RLIMIT_DATA" if reserves else "RLIMIT_AS"
    code = _LIMITS.format(seconds=seconds, kind=kind, memory=memory, longest=LONGEST) + program
    pipe = subprocess.PIPE
    with _lock:
        process = subprocess.Popen([sys.executable, "-P", "-c", code, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)
        _running.add(process)
    try:
        with process:
            try:
                drawn, said = process.communicate(given, timeout=seconds * _PATIENCE)
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
        raise ValueError(_reason(said) if process.returncode == 1 else "it can't be drawn")
    return drawn


def _reason(said: bytes) -> str:
    """Why a child gave up, by what it wrote."""
    lines = said.decode(errors="replace").strip().splitlines()
    reason = next((line for line in lines if line.startswith("Error:")), lines[-1] if lines else "")
    return f"it can't be drawn: {reason.removeprefix('Error: ')[:200]}" if reason else "it can't be drawn"


def end_all() -> None:
    """Ends those that run: nobody will look at what they draw."""
    with _lock:
        for process in _running:
            process.kill()

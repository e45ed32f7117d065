"""Runs a function in a child process and kills it at a given system call (ptrace, Linux).

Each system call has two stops: before it, when it has had no effect, and after it. Those of all threads are counted.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

_TRACEME, _SYSCALL, _SETOPTIONS = 0, 24, 0x4200
_SYSGOOD, _CLONE = 0x1, 0x8
_WALL: Final = 0x40000000
"""waitpid waits for threads, too."""
_AT_SYSCALL: Final = signal.SIGTRAP | 0x80


def missing() -> str:
    """Returns what this system lacks. Empty if processes can be traced."""
    if not sys.platform.startswith("linux"):
        return "ptrace with system calls is used on Linux only"
    try:
        stops = trace(lambda: None)
    except OSError as error:
        return f"ptrace is not permitted: {error.strerror}"
    return "" if stops else "ptrace reports no system calls"


def trace(work: Callable[[], None], kill_at: int | None = None) -> int:
    """Runs `work` in a child that ends after it. Kills the child at its stop number `kill_at`. Returns the number of stops.

    The process must have no threads. Raises OSError if it can't be traced.
    """
    child = os.fork()
    if not child:
        _run(work)
    status = os.waitpid(child, _WALL)[1]
    if not os.WIFSTOPPED(status):
        raise PermissionError(1, "the child could not be traced")
    _ptrace(_SETOPTIONS, child, _SYSGOOD | _CLONE)
    _ptrace(_SYSCALL, child, 0)
    return _follow(child, kill_at)


def _run(work: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        _ptrace(_TRACEME, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
        code = 0
    finally:
        os._exit(code)


def _follow(child: int, kill_at: int | None) -> int:
    stops = 0
    while True:
        thread, status = os.waitpid(-1, _WALL)
        if not os.WIFSTOPPED(status):
            if thread != child:
                continue
            if os.WIFEXITED(status) and os.WEXITSTATUS(status):
                raise AssertionError("the traced function failed")
            return stops
        reason = os.WSTOPSIG(status)
        stops += reason == _AT_SYSCALL
        if stops == kill_at:
            os.kill(child, signal.SIGKILL)
            kill_at = None
        # A new thread begins with SIGSTOP, and its parent is told with SIGTRAP.
        passed_on = 0 if reason in (_AT_SYSCALL, signal.SIGTRAP, signal.SIGSTOP) else reason
        _ptrace(_SYSCALL, thread, passed_on, may_be_gone=True)


def _ptrace(request: int, process: int, data: int, *, may_be_gone: bool = False) -> None:
    found = _LIBC.ptrace(ctypes.c_long(request), ctypes.c_long(process), ctypes.c_void_p(0), ctypes.c_void_p(data))
    if found < 0 and not may_be_gone:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


_LIBC = ctypes.CDLL(None, use_errno=True)

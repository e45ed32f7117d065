"""Processes of this machine: which one a number in a file means, how much memory it has, and that it ends with tuinb.

A number is given to another process sooner or later. With the process's start and the boot of the machine it means one process.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PROC = Path("/proc")
_KIB = 1024
_ENDED = ("Z", "X")
"""States of a process that has ended, in /proc."""
_PR_SET_PDEATHSIG = 1
_STOPPED = ("T", "t")
"""States of a process that was stopped, by a signal or a debugger."""


class Recorded:
    """Base of what a file has of a process: its host, the boot of the host, its number and its start."""

    __slots__ = ()
    host: str
    boot: str
    pid: int
    started: str
    """When the process started, in the system's own unit."""

    @property
    def is_here(self) -> bool:
        """Whether the process runs, or ran, on this host."""
        return self.host == socket.gethostname()

    @property
    def is_running(self) -> bool:
        """Whether the process runs on this host."""
        return self.is_here and is_running(self.pid, self.started, self.boot)


def this_process() -> tuple[str, str, int, str]:
    """Returns the host, the boot, the number and the start of this process."""
    pid = os.getpid()
    return socket.gethostname(), boot_id(), pid, start_of(pid)


@cache
def boot_id() -> str:
    """Returns an id of this run of the machine, or an empty string where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_of(pid: int) -> str:
    """Returns when a process started, in the system's own unit. Returns an empty string if it does not run.

    A process that has ended does not run, also if its parent has not been told so.
    """
    try:
        # The name of the program, in parentheses, may hold spaces.
        values = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return "" if values[0] in _ENDED else values[19]
    except OSError:
        return "" if (_PROC / "self" / "stat").exists() else _from_ps(pid, "lstart")


def is_stopped(pid: int) -> bool:
    """Returns whether a process was stopped, as by SIGSTOP, and does nothing until it is continued."""
    try:
        state = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        state = "" if (_PROC / "self" / "stat").exists() else _from_ps(pid, "state")[:1]
    return state in _STOPPED


def is_running(pid: int, started: str, boot: str) -> bool:
    """Returns whether the process with this number, start and boot runs on this machine."""
    return boot == boot_id() and bool(started) and start_of(pid) == started


def resident_bytes(pid: int) -> int | None:
    """Returns the resident memory of a process. Returns None if it does not run or belongs to another user."""
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        found = "" if (_PROC / "self" / "stat").exists() else _from_ps(pid, "rss")
        return int(found) * _KIB if found.isdecimal() else None


def _from_ps(pid: int, column: str) -> str:
    """Returns a column of ps, where there is no /proc."""
    import subprocess

    done = subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def end_with_parent() -> Callable[[], None] | None:
    """Returns a function for a child to call before exec, so that it ends even if tuinb is killed.

    Returns None on systems other than Linux. Linux sends the signal when the *thread* that spawned the child ends. Therefore
    such children are spawned on the main thread.
    The signal is SIGKILL, because a kernel's user may handle SIGTERM.
    """
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    request = (ctypes.c_int(_PR_SET_PDEATHSIG), ctypes.c_ulong(signal.SIGKILL))
    parent = os.getpid()

    def before_exec() -> None:
        prctl(*request)
        if os.getppid() != parent:  # the parent has ended already, so that no signal will come
            os._exit(1)

    return before_exec

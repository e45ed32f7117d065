"""Takes a session out of its login, where logging out would end it: systemd-logind with `KillUserProcesses=yes`.

There, a session moves itself and its kernel into a scope of the user's own systemd, as tmux does with its panes. That one lives
as long as the user is logged in anywhere, and after that only with `loginctl enable-linger`. Without `KillUserProcesses` a
session stays where it is: nothing ends it there, but the end of the user's systemd would end it in the other place.

Both are asked by the programs of systemd. Where they are missing, or there is no login, nothing is done and nothing said.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CGROUPS = Path("/proc/self/cgroup")
"""Names the groups of this process. That of a login is a scope of logind."""
_LOGIN: Final = re.compile(r"/session-[^/\n]+\.scope(/|$)", re.MULTILINE)
_SECONDS: Final = 5.0
"""Time limit of each program."""
_LOGIND: Final = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
_SYSTEMD: Final = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
_LINGER: Final = "Your last logout ends this session, unless you run `loginctl enable-linger` once."


def warning() -> str:
    """Returns that the last logout ends what this process begins, and what the user can do. Empty if it does not."""
    return _LINGER if _ends_with_login() and not _lingers() else ""


def leave_login(processes: Sequence[int]) -> str:
    """Moves processes out of the login, if logging out would end them. Returns what the user should know; empty if nothing.

    Waits for other programs.
    """
    if not _ends_with_login():
        return ""
    if problem := _move(processes):
        return f"Logging out ends this session (KillUserProcesses=yes), as it can't be moved out of the login: {problem}."
    return "" if _lingers() else _LINGER


def _ends_with_login() -> bool:
    """Returns whether this process belongs to a login whose end ends it."""
    try:
        if _LOGIN.search(CGROUPS.read_text()) is None:
            return False
        # `b true`, then for users that are spared and the only ones that are not: `as 1 "root"`.
        found = _output("busctl", "get-property", *_LOGIND, "KillUserProcesses", "KillExcludeUsers", "KillOnlyUsers")
        kills, spared, only = (shlex.split(line)[1:] for line in found.splitlines())
        user = pwd.getpwuid(os.geteuid()).pw_name
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return False
    return kills == ["true"] and user not in spared[1:] and (only[1:] == [] or user in only[1:])


def _lingers() -> bool:
    """Returns whether the user's systemd goes on after the last logout."""
    try:
        return _output("loginctl", "show-user", str(os.geteuid()), "--property=Linger").strip() == "Linger=yes"
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def _move(processes: Sequence[int]) -> str:
    """Moves processes into a scope of the user's systemd. Returns why that failed; empty if it did not."""
    properties = ["2", "Description", "s", "tuinb session", "PIDs", "au", str(len(processes)), *map(str, processes)]
    call = ["StartTransientUnit", "ssa(sv)a(sa(sv))", f"tuinb-{os.getpid()}.scope", "fail", *properties, "0"]
    try:
        _output("busctl", "--user", "call", *_SYSTEMD, *call)
    except subprocess.CalledProcessError as error:
        return str(error.stderr).strip().partition("\n")[0].rstrip(".") or f"busctl ended with exit code {error.returncode}"
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return str(error)
    return ""


def _output(*command: str) -> str:
    """Returns what a program prints. Raises OSError, ValueError and SubprocessError."""
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=True
    ).stdout

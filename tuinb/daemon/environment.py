"""The part of a session's environment that follows its terminals, as tmux's update-environment does.

A session outlives the SSH connection that it began on. What it starts later, such as a kernel that is restarted, gets the
display and the connection of the terminal that attached last. A kernel that runs can't be given another environment: its
SSH_AUTH_SOCK is a link in the folder of sockets, which each attach points to the agent of that terminal.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENT: Final = "SSH_AUTH_SOCK"
FOLLOWING: Final = (
    "DISPLAY",
    "KRB5CCNAME",
    "SSH_AGENT_PID",
    "SSH_ASKPASS",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "WAYLAND_DISPLAY",
    "WINDOWID",
    "XAUTHORITY",
)
"""Variables that are those of the terminal that attached last. They are removed if it has none."""


def follow(environ: Mapping[str, str], agent: Path) -> None:
    """Takes over the environment of a terminal for what this process starts from now on. Raises OSError.

    `agent` is the link in the folder of sockets. It stays as it is for a terminal without an agent.
    """
    for name in FOLLOWING:
        value = environ.get(name, "")
        if value and "\0" not in value:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)
    os.environ[AGENT] = str(agent)
    if target := _agent_of(environ, agent):
        _point(agent, target)


def _agent_of(environ: Mapping[str, str], link: Path) -> str:
    """Returns the socket of a terminal's agent. Empty if it has none.

    A terminal in a session, such as one that a kernel opened, has that session's link: the link's target is returned, so that
    no link leads to itself.
    """
    target = environ.get(AGENT, "")
    if not target.startswith("/") or "\0" in target:
        return ""
    path = Path(target)
    if path == link:
        return ""
    if path.parent == link.parent and path.is_symlink():
        return str(path.readlink())
    return target


def _point(link: Path, target: str) -> None:
    """Makes or replaces the link. What is in its place is not followed. Raises OSError."""
    unfinished = link.with_name(f"{link.name}.tmp")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(target)
    unfinished.replace(link)

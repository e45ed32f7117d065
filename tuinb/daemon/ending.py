"""Notes of sessions that ended by themselves, for the next start on the same notebook.

A note is a small file in `tuinb/ended` of the user's state folder, named as the notebook's socket. The next session of the
notebook removes it. One that no session asks for is removed with the first note that is written after KEPT.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tuinb import private_folder
from tuinb.daemon.meanwhile import ago
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.daemon.places import Place

KEPT: Final = 90 * 86_400.0
"""Seconds that a note is kept for."""
_LONGEST: Final = 4096
"""Bytes of a note that are read."""


def _folder() -> Path:
    return private_folder.state_folder(os.environ) / "ended"


def note(place: Place, idle: float, *, kernel_goes_on: bool = False) -> None:
    """Notes that the session of a notebook ended by itself, unused for `idle` seconds. Raises OSError."""
    folder = _folder()
    private_folder.make(folder)
    now = time.time()
    for path in folder.iterdir():
        with suppress(OSError):
            if now - path.lstat().st_mtime > KEPT:
                path.unlink()
    found = {"at": now, "idle": idle, "host": socket.gethostname(), "kernel_goes_on": kernel_goes_on}
    private_folder.write(folder / place.name, json.dumps(found))


def take(place: Place) -> str:
    """Returns what to tell the user of the last session's end, and removes its note. Empty if there is none."""
    path = _folder() / place.name
    try:
        data = private_folder.read(path, _LONGEST)
    except (OSError, ValueError):
        return ""
    with suppress(OSError):  # a state folder that can't be written: the note is told again
        path.unlink()
    return _told(data)


def _told(data: bytes) -> str:
    try:
        found = json.loads(data)
        then, idle, host = ago(time.time() - float(found["at"])), ago(float(found["idle"])), str(found["host"])
        kernel = "The kernel, which tuinb did not start, goes on." if found.get("kernel_goes_on") is True else ""
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return ""
    where = "" if host == socket.gethostname() else f" on {clean(host)[:64]}"
    ended = f"The last session{where} ended by itself {then} ago, after {idle} without use (session_idle)"
    return f"{ended}. {kernel}" if kernel else f"{ended}, with its kernel."

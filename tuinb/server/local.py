"""The Jupyter servers of this user on this machine, by their files in the runtime folder (`jpserver-PID.json`)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from tuinb import processes
from tuinb.kernel.launch.kernelspecs import runtime_folder
from tuinb.record import Record
from tuinb.server.address import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_BYTES: Final = 64 * 1024


class LocalServer(Record):
    """A server that runs on this machine."""

    base: str
    token: Secret | None
    folder: str
    """The folder whose files it serves."""
    pid: int


def servers() -> list[LocalServer]:
    """Returns the servers whose process runs. Files that describe none are left out."""
    return list(_found(runtime_folder(os.environ)))


def _found(folder: Path) -> Iterator[LocalServer]:
    for path in sorted(folder.glob("jpserver-*.json")):
        try:
            # Another user's file could send this user's notebooks anywhere.
            if path.stat().st_uid != os.geteuid():
                continue
            with path.open("rb") as file:
                found: Any = json.loads(file.read(_MOST_BYTES))
            base, token, root, pid = found["url"], found.get("token"), found.get("root_dir", ""), found["pid"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if not isinstance(base, str) or type(pid) is not int or not processes.start_of(pid):
            continue
        secret = Secret(token) if isinstance(token, str) and token else None
        yield LocalServer(base if base.endswith("/") else f"{base}/", secret, str(root), pid)


def token_of(base: str) -> Secret | None:
    """Returns the token of a server of this machine. None if the URL is that of another one."""
    return next((server.token for server in servers() if _same(server.base, base)), None)


def _same(one: str, other: str) -> bool:
    return _loopback(one) == _loopback(other)


def _loopback(base: str) -> str:
    return base.replace("//127.0.0.1", "//localhost").replace("//[::1]", "//localhost")

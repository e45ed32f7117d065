"""Python environments as they come with an archive: their interpreter is a script that shows that it was run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def unpack(folder: Path, *, name: str = ".venv", then: str = "exit 1") -> Path:
    """Writes an environment with ipykernel into a folder. Returns the file that its bin/python makes before it does `then`."""
    prefix, marker = folder / name, folder / "MARKER"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "lib" / "python3.11" / "site-packages" / "ipykernel").mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
    for program in ("python", "python3", "jupyter", "ipython"):
        (prefix / "bin" / program).write_text(f'#!/bin/sh\necho "$0 $@" >> "{marker}"\n{then}\n')
        (prefix / "bin" / program).chmod(0o755)
    for path in (prefix, *prefix.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o022)
    return marker

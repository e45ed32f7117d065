"""Signs a saved notebook for Jupyter, and validates it against nbformat's schema.

Jupyter shows active outputs only if the notebook was signed on this machine. A notebook is signed if it was trusted before,
or if all its outputs were computed in this session. Signing other notebooks would trust foreign content. Neither step can
make a save fail: both return notices.

Both steps walk through every value in Python, with nbformat. They run in a child process, because in a thread they would
delay keys by the same time. This module is the program of that process; `endorse_in_subprocess` starts it and waits for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb import private_folder
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 160
"""Maximum length of a problem in a notice: a message of the schema may quote a whole cell."""
_TIMEOUT = 120.0
"""Seconds."""


class Endorsed(Record):
    trusted: bool
    notices: tuple[str, ...]


def endorse(before: bytes | None, data: bytes, *, trusted: bool | None, own_outputs: bool) -> Endorsed:
    """Signs and validates saved content.

    `trusted` tells whether the previous content `before` was trusted; None means unknown. `own_outputs` tells whether every
    output in `data` was computed in this session.
    """
    notices: list[str] = []
    try:
        trusted = own_outputs or bool(trusted) or (trusted is None and before is not None and was_trusted(before))
        if trusted:
            sign(data)
    except Exception as error:
        trusted = False
        notices.append(f"saved, but not signed: Jupyter may not trust its outputs ({_short(error)})")
    try:
        problem = first_problem(data)
    except Exception as error:
        problem = f"it could not be checked ({_short(error)})"
    if problem:
        notices.append(f"saved, but it violates the notebook format: {problem}")
    return Endorsed(trusted, tuple(notices))


def endorse_in_subprocess(before: bytes | None, data: bytes, *, trusted: bool | None, own_outputs: bool) -> Endorsed:
    """Calls `endorse` in a child process. Blocks until it ends, so call it in a thread."""
    if trusted is not None or own_outputs:
        before = None
    request = {"before": None if before is None else len(before), "trusted": trusted, "own_outputs": own_outputs}
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            # -P keeps a user's module beside the notebook from replacing a standard module.
            [sys.executable, "-P", "-m", "tuinb.files.trust"],
            input=b"".join((json.dumps(request).encode(), b"\n", before or b"", data)),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            timeout=_TIMEOUT,
        )
        result = json.loads(done.stdout)
        return Endorsed(result["trusted"], tuple(result["notices"]))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        return Endorsed(False, (f"saved, but neither signed nor checked ({_short(error)})",))


def _main() -> None:
    """Runs as the child process: reads the request from stdin and writes the result to stdout."""
    from tuinb.files.ipynb.upgrade import quicken_nbformat

    os.nice(5)
    quicken_nbformat()
    # The database of signatures is made by sqlite, with a mode of its own.
    os.umask(0o077)
    request = json.loads(sys.stdin.buffer.readline())
    rest = sys.stdin.buffer.read()
    size = request["before"]
    before = None if size is None else rest[:size]
    endorsed = endorse(before, rest[size or 0 :], trusted=request["trusted"], own_outputs=request["own_outputs"])
    sys.stdout.write(json.dumps(asdict(endorsed)))


def was_trusted(data: bytes) -> bool:
    """Whether Jupyter has a signature of this content."""
    from nbformat.sign import NotebookNotary

    folder = _data_folder()
    # The notary would create Jupyter's secret and database.
    if not (folder / "nbsignatures.db").exists():
        return False
    notary = NotebookNotary(data_dir=str(folder))  # type: ignore[no-untyped-call]
    try:
        return bool(notary.check_signature(_as_jupyter_reads(data)))  # type: ignore[no-untyped-call]
    finally:
        notary.store.close()


def sign(data: bytes) -> None:
    """Signs this content, so that Jupyter trusts it."""
    from nbformat.sign import NotebookNotary

    folder = _data_folder()
    private_folder.make_missing(folder)
    notary = NotebookNotary(data_dir=str(folder))  # type: ignore[no-untyped-call]
    try:
        notary.sign(_as_jupyter_reads(data))  # type: ignore[no-untyped-call]
    finally:
        notary.store.close()


def first_problem(data: bytes) -> str:
    """Returns the first place where the content violates nbformat's schema, or an empty string."""
    from nbformat.validator import iter_validate

    for error in iter_validate(json.loads(data)):  # type: ignore[no-untyped-call]
        return f"{_place(error.absolute_path)}{_short(error)}"
    return ""


def _as_jupyter_reads(data: bytes) -> Any:  # noqa: ANN401 - nbformat's own, untyped
    from nbformat import convert, reader

    return convert(reader.reads(data.decode("utf-8-sig")), 4)  # type: ignore[no-untyped-call]


def _data_folder() -> Path:
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir())


def _place(path: Iterable[object]) -> str:
    steps = list(path)
    if len(steps) > 1 and steps[0] == "cells" and isinstance(steps[1], int):
        field = ""
        if len(steps) > 4 and isinstance(steps[3], int):
            field = f", {steps[4]} of output {steps[3] + 1}"
        return f"cell {steps[1] + 1}{field}: "
    return f"{steps[0]}: " if steps else ""


def _short(error: Exception) -> str:
    text = str(getattr(error, "message", error)) or type(error).__name__
    line = text.splitlines()[0]
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


if __name__ == "__main__":
    _main()

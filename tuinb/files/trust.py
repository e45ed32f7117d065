"""After a save: Jupyter's signature and the check against nbformat's schema.

Jupyter shows active outputs only of notebooks that were signed on this machine. Signing what was trusted before, or what has
only outputs that this machine just computed, keeps it so; signing anything else would trust what a stranger wrote. Neither
this nor the check can fail a save: both give notices.

Both look at every value of the notebook in Python, through nbformat. That is done in a process of its own, since in a thread
it would hold keys up for as long: this module is its program, `endorse_apart` starts it and waits for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 160
"""Characters of a problem that are told: a schema's message may quote a whole cell."""
_PATIENCE = 120.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Endorsed:
    trusted: bool
    notices: tuple[str, ...]


def endorse(before: bytes | None, data: bytes, *, trusted: bool | None, own_outputs: bool) -> Endorsed:
    """Signs and checks what was saved.

    `trusted` says whether `before`, the content until then, was trusted, if that is known. `own_outputs`: whether every
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
        notices.append(f"saved, but it does not follow the notebook format: {problem}")
    return Endorsed(trusted, tuple(notices))


def endorse_apart(before: bytes | None, data: bytes, *, trusted: bool | None, own_outputs: bool) -> Endorsed:
    """`endorse` in another process; waits for it, so call it in a thread."""
    if trusted is not None or own_outputs:
        before = None
    asked = {"before": None if before is None else len(before), "trusted": trusted, "own_outputs": own_outputs}
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            # -P: a module of the user's beside the notebook must not be taken for one of Python's.
            [sys.executable, "-P", "-m", "tuinb.files.trust"],
            input=b"".join((json.dumps(asked).encode(), b"\n", before or b"", data)),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            timeout=_PATIENCE,
        )
        answer = json.loads(done.stdout)
        return Endorsed(answer["trusted"], tuple(answer["notices"]))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        return Endorsed(False, (f"saved, but neither signed nor checked ({_short(error)})",))


def _answer() -> None:
    """The program: reads what `endorse_apart` wrote, and writes what it reads."""
    os.nice(5)
    asked = json.loads(sys.stdin.buffer.readline())
    rest = sys.stdin.buffer.read()
    size = asked["before"]
    before = None if size is None else rest[:size]
    endorsed = endorse(before, rest[size or 0 :], trusted=asked["trusted"], own_outputs=asked["own_outputs"])
    sys.stdout.write(json.dumps(asdict(endorsed)))


def was_trusted(data: bytes) -> bool:
    """Whether Jupyter has a signature of this content."""
    from nbformat.sign import NotebookNotary

    folder = _data_folder()
    # Asking would make Jupyter's secret and database.
    if not (folder / "nbsignatures.db").exists():
        return False
    notary = NotebookNotary(data_dir=str(folder))  # type: ignore[no-untyped-call]
    try:
        return bool(notary.check_signature(_as_jupyter_reads(data)))  # type: ignore[no-untyped-call]
    finally:
        notary.store.close()


def sign(data: bytes) -> None:
    """Makes Jupyter trust this content."""
    from nbformat.sign import NotebookNotary

    folder = _data_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=str(folder))  # type: ignore[no-untyped-call]
    try:
        notary.sign(_as_jupyter_reads(data))  # type: ignore[no-untyped-call]
    finally:
        notary.store.close()


def first_problem(data: bytes) -> str:
    """Where the content does not follow nbformat's schema, or an empty string."""
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
        return f"cell {steps[1] + 1}: "
    return f"{steps[0]}: " if steps else ""


def _short(error: Exception) -> str:
    text = str(getattr(error, "message", error)) or type(error).__name__
    line = text.splitlines()[0]
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


if __name__ == "__main__":
    _answer()

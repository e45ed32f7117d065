"""Damaged notebooks given to the commands, as the command line runs them: what they print, what they save, their exit code.

The exit codes are those of the README: 2 if the file can't be used, 1 if the result is negative, else 0.
"""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.wire_grammar import foreign
from tuinb import cli
from tuinb.errors import TuinbError
from tuinb.files import load
from tuinb.headless.run.job import Job, Options
from tuinb.kernel.connection.scripted import Raise, ScriptedKernel

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.connection.scripted import Step


def run(chance: random.Random, path: Path, steps: Sequence[Step]) -> None:
    """Runs the notebook at `path` and saves it, over a kernel that plays some of `steps` in each cell."""
    before, loaded = path.read_bytes(), _usable(path)
    script = _script(chance, loaded, steps)
    options = chance.sample(("--allow-errors", chance.choice(("--quiet", "--json"))), chance.randrange(3))
    code = _called(["run", "--in-place", *options, str(path)], script)
    if loaded is None:
        assert code == 2, code
        assert path.read_bytes() == before, "a file that can't be used is written"
        return
    fails = any(isinstance(step, Raise) for played in script.values() for step in played)
    assert code in ((0, 1) if fails and "--allow-errors" not in options else (0,)), code
    again = _usable(path)
    assert again is not None, "what was saved can't be used"
    sources = [cell.source for cell in again.notebook]
    kept = iter(sources)
    assert all(cell.source in kept for cell in loaded.notebook), "a source is not saved"


def show(chance: random.Random, path: Path) -> None:
    """Prints the notebook at `path`."""
    try:
        load.load(path)
        expected = 0
    except TuinbError:
        expected = 2
    options = chance.sample(("--no-output", "--color=always", "--width=40"), chance.randrange(3))
    code = _called(["show", *options, str(path)], {})
    assert code == expected, code


def strip(chance: random.Random, path: Path) -> None:
    """Checks the notebook at `path` for outputs, strips it, and checks it again."""
    before, usable = path.read_bytes(), _usable(path) is not None
    check = ["strip", "--check", str(path)]
    found = _called(check, {})
    assert found in ((0, 1) if usable else (2,)), found
    assert path.read_bytes() == before, "a check writes"
    code = _called(["strip", str(path)], {})
    assert code == (0 if usable else 2), code
    assert (path.read_bytes() != before) == (found == 1), "what is stripped is not what the check found"
    if usable:
        again = _called(check, {})
        assert again == 0, again


def verify(chance: random.Random, path: Path, steps: Sequence[Step]) -> None:
    """Compares the notebook at `path` with a run, over a kernel that plays some of `steps` in each cell."""
    before, loaded = path.read_bytes(), _usable(path)
    options = chance.sample(("--exact", "--twice", chance.choice(("--quiet", "--json"))), chance.randrange(4))
    code = _called(["verify", *options, str(path)], _script(chance, loaded, steps))
    assert code in ((0, 1) if loaded is not None else (2,)), code
    assert path.read_bytes() == before, "verify writes"


def _usable(path: Path) -> Loaded | None:
    """Returns the notebook if it can be read and edited."""
    try:
        loaded = load.load(path)
    except TuinbError:
        return None
    return None if loaded.read_only else loaded


def _script(chance: random.Random, loaded: Loaded | None, steps: Sequence[Step]) -> Mapping[str, Sequence[Step]]:
    if loaded is None:
        return {}
    return {cell.source: chance.sample(steps, chance.randrange(len(steps))) for cell in loaded.notebook}


def _called(words: Sequence[str], script: Mapping[str, Sequence[Step]]) -> int:
    """Calls the command line, with kernels that play `script`. Returns the exit code."""

    def make(_name: str | None) -> KernelConnection:
        return ScriptedKernel(script)

    def jobs(path: Path, target: Path | None, options: Options, _make: object = None) -> Job:
        return Job(path, target, options, make)

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch("tuinb.headless.run.job.Job", jobs),
        patch("tuinb.headless.verify.verdicts.Job", jobs),
    ):
        try:
            code = cli.main(words)
        except SystemExit as error:
            raise AssertionError(f"{words} is refused") from error
    for stream in (out, err):
        stream.flush()
        written = stream.buffer.getvalue()
        assert not foreign(written), foreign(written)
    said = err.buffer.getvalue().decode()
    assert "Traceback" not in said, said
    assert code != 2 or said, "nothing is said of the file"
    return code

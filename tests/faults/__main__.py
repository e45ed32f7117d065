"""Tries faults, as many as asked: `python -m tests.faults --kills 1000 --journals 1000 --merges 10000 --programs 300`.

Prints a line for each fault. Exit code: 1 if something was lost.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults import tracing
from tests.faults.tally import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.tally import Tally


_FAULTS: Final = {
    "kills": ("saving", "kill", "kills at a system call of a save"),
    "journals": ("journals", "damage", "journals that are cut or damaged"),
    "merges": ("merges", "merge", "random merges"),
    "kernels": ("kernels", "suffer", "faults of a kernel; 22 are all of them, those with messages of 100 MB included"),
    "notebooks": ("fuzzing", "fuzz_notebooks", "hostile notebooks"),
    "sizes": ("sizes", "resize", "sizes of the window down to one character, in a flood of output"),
    "bursts": ("bursts", "press", "bursts of random keys on the whole program"),
    "programs": ("program", "kill", "kills of the whole program while it is used"),
}
"""Option → the module and the function that tries the fault so many times, and what is tried."""


def main() -> int:
    """Runs the faults and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    for name, (_, _, what) in _FAULTS.items():
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=what)
    parser.add_argument("--fuzz", type=float, metavar="MINUTES", help="hostile input of every kind for a time; 0 is one try")
    parser.add_argument("--seed", type=int, help="repeats an earlier run")
    options = parser.parse_args()
    seed = random.randrange(1 << 31) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory(prefix="tuinb-faults-") as scratch:
        tallies = list(_run(options, Path(scratch), seed))
    return int(any(tally.lost for tally in tallies))


def _run(options: argparse.Namespace, scratch: Path, seed: int) -> Iterator[Tally]:
    """Tries the faults that are asked for. Prints the line of each."""
    for name in ("XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = str(scratch / "settings")
    for name, (module, function, _) in _FAULTS.items():
        if not (tries := getattr(options, name)):
            continue
        if name == "kills" and (missing := tracing.missing()):
            say(f"kills of saves: skipped, {missing}")
            continue
        tally: Tally = getattr(import_module(f"tests.faults.{module}"), function)(scratch / name, tries, seed)
        say(tally.report())
        yield tally
    if options.fuzz is not None:
        from tests.faults import fuzzing

        tally = fuzzing.fuzz(scratch / "fuzz", options.fuzz, seed)
        say(tally.report())
        yield tally


if __name__ == "__main__":
    sys.exit(main())

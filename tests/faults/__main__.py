"""Tries faults, as many as asked: `python -m tests.faults --kills 1000 --journals 1000 --merges 10000 --programs 300`.

Prints a line for each fault. Exit code: 1 if something was lost.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.faults import journals, saving, tracing
from tests.faults.tally import Tally, say


def main() -> int:
    """Runs the faults and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    for name, fault in (
        ("kills", "kills at a system call of a save"),
        ("journals", "journals that are cut or damaged"),
        ("merges", "random merges"),
        ("programs", "kills of the whole program while it is used"),
        ("bursts", "bursts of random keys on the whole program"),
        ("kernels", "faults of a kernel; 22 are all of them, those with messages of 100 MB included"),
    ):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=fault)
    parser.add_argument("--fuzz", type=float, metavar="MINUTES", help="hostile input of every kind for a time; 0 is one try")
    parser.add_argument("--seed", type=int, help="repeats an earlier run")
    options = parser.parse_args()
    seed = random.randrange(1 << 31) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory(prefix="tuinb-faults-") as scratch:
        tallies = _run(options, Path(scratch), seed)
    return int(any(tally.lost for tally in tallies))


def _run(options: argparse.Namespace, scratch: Path, seed: int) -> list[Tally]:
    for name in ("XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = str(scratch / "settings")
    tallies = []
    if options.kills:
        if missing := tracing.missing():
            say(f"kills of saves: skipped, {missing}")
        else:
            tallies.append(saving.kill(scratch / "kills", options.kills, seed))
            say(tallies[-1].report())
    if options.journals:
        tallies.append(journals.damage(scratch / "journals", options.journals, seed))
        say(tallies[-1].report())
    if options.merges:
        from tests.faults import merges

        tallies.append(merges.merge(options.merges, seed))
        say(tallies[-1].report())
    if options.kernels:
        from tests.faults import kernels

        tallies.append(kernels.suffer(scratch / "kernels", options.kernels, seed))
        say(tallies[-1].report())
    if options.fuzz is not None:
        from tests.faults import fuzzing

        tally, more = fuzzing.fuzz(scratch / "fuzz", options.fuzz, seed)
        tallies.append(tally)
        say(tally.report(more))
    if options.bursts:
        from tests.faults import bursts

        tallies.append(bursts.press(scratch / "bursts", options.bursts, seed))
        say(tallies[-1].report())
    if options.programs:
        from tests.faults import program

        tally, more = program.kill(scratch / "programs", options.programs, seed)
        tallies.append(tally)
        say(tally.report(more))
    return tallies


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.bench [--quick] [FIGURE …]` prints a table of figures; see the package's docstring."""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from pathlib import Path

import tuinb
from tests.bench import completion, editing, figures, finding, journal, outputs, server, sessions, staleness, tables
from tests.bench.figures import QUICK, Row, Setting
from tests.bench.sessions import BY_NAME

FIGURES = {
    name: figure
    for module in (figures, editing, completion, finding, journal, outputs, server, sessions, staleness, tables)
    for name, figure in module.FIGURES.items()
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Print the figures of tuinb.")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--quick", action="store_true", help="fewer runs and smaller floods, for a first look")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long `soak` goes on, which has to be named; 600")
    arguments = parser.parse_args()
    if unknown := set(arguments.figures) - set(FIGURES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are: {', '.join(FIGURES)}")
    # A user's installation has its bytecode; so has what is measured.
    compileall.compile_dir(str(Path(tuinb.__file__).parent), quiet=2)
    print(f"{'figure':58} {'value':>10} {'must':>7} {'aim':>7}")
    with tempfile.TemporaryDirectory(prefix="tuinb-bench-") as folder:
        setting = Setting(Path(folder), arguments.quick, arguments.seconds)
        for name in arguments.figures or (QUICK if arguments.quick else [name for name in FIGURES if name not in BY_NAME]):
            for row in FIGURES[name](setting):
                print(_line(row), flush=True)
    return 0


def _line(row: Row) -> str:
    mark = " " if row.value <= row.must else "!"
    value = f"{row.value:.2f}" if row.value < 10 else f"{row.value:.0f}"
    return f"{row.figure:58} {value:>6} {row.unit:3}{mark}{row.must:>7g} {row.aim:>7g}  {row.detail}".rstrip()


if __name__ == "__main__":
    sys.exit(main())

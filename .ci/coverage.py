"""The lines that tests must reach: all of WHOLE, and with `--elsewhere` nine in ten of everything else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

WHOLE = (
    "tuinb/notebook/",
    "tuinb/editing/",
    "tuinb/workspace/view_state.py",
    "tuinb/analysis/failing_line.py",
    "tuinb/kernel/execution/executor.py",
)
ELSEWHERE = 90.0


def main(report: Path, *, elsewhere: bool) -> int:
    """Prints what does not hold. Returns the exit code."""
    files: dict[str, dict[str, dict[str, int]]] = json.loads(report.read_text())["files"]
    failed = False
    covered = statements = 0
    for name, file in sorted(files.items()):
        summary = file["summary"]
        if name.startswith(WHOLE):
            if summary["missing_lines"]:
                failed = True
                print(f"{name}: lines that no test reaches: {file['missing_lines']}")
        else:
            covered += summary["covered_lines"]
            statements += summary["num_statements"]
    print(f"{', '.join(WHOLE)}: {'not ' if failed else ''}whole")
    if elsewhere:
        share = 100 * covered / statements
        print(f"elsewhere {share:.1f} % of {statements} lines")
        failed = failed or share < ELSEWHERE
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), elsewhere="--elsewhere" in sys.argv[2:]))

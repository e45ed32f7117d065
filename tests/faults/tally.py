"""Counts what became of the tries of one fault."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """The tries of one fault. `seed` repeats them."""

    fault: str
    seed: int
    tries: int = 0
    lost: list[str] = field(default_factory=list)
    """What was wrong after a try."""
    more: str = ""
    """The end of the line of the summary."""

    def add(self, problem: str = "") -> None:
        """Counts a try. `problem` is what was lost, or left behind."""
        self.tries += 1
        if problem:
            self.lost.append(problem)

    def report(self) -> str:
        """Returns the line of the summary, and the first problems."""
        survived = self.tries - len(self.lost)
        line = f"{self.fault}: tries {self.tries}, survived {survived}, lost {len(self.lost)}, seed {self.seed}"
        return "\n".join([f"{line}{self.more}", *(f"  {problem}" for problem in self.lost[:10])])


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

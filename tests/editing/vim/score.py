"""Prints by class how many random commands do what a real vim does: `python -m tests.editing.vim.score [NUMBER [SEED]]`."""

from __future__ import annotations

import random
import sys
from collections import Counter

from tests.editing.vim.commands import CLASSES, Random, cases
from tests.editing.vim.oracle import Answer, Case, steady
from tests.editing.vim.player import play


def compared(drawn: list[Random], registers: str = "x") -> list[tuple[Random, Answer, Answer]]:
    """Returns the cases whose answer by vim is steady, with vim's and ours."""
    answered: dict[Case, Answer] = dict(steady([one.case for one in drawn], registers))
    return [(one, answered[one.case], play(one.case, registers)) for one in drawn if one.case in answered]


def table(found: list[tuple[Random, Answer, Answer]]) -> list[str]:
    """Returns a line for each class: how many cases have it, and the share of them in which all is as in vim."""
    every: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for one, vim, ours in found:
        names = (*set(one.classes), "all")
        every.update(names)
        alike.update(names if vim == ours else ())
    return [f"{name:<14} {every[name]:>6} {alike[name] / every[name]:8.2%}" for name in (*CLASSES, "all") if every[name]]


def main() -> None:
    """Compares single commands, then sequences of one to five."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)
    for most, title in ((1, "single commands"), (5, "sequences of one to five commands, counted once for each class in them")):
        found = compared(cases(random.Random(seed), number, most))
        sys.stdout.write("\n".join([f"{title}, seed {seed}", *table(found), ""]) + "\n")
        if "--differences" in sys.argv:
            for one, vim, ours in found:
                if vim != ours:
                    sys.stdout.write(f"{one.case.keys!r} {one.case}\n  vim  {vim}\n  ours {ours}\n")


if __name__ == "__main__":
    main()

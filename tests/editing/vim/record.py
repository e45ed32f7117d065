"""Writes vim's answers into cases.txt and dropped.txt, and prints where ours differ: `python -m tests.editing.vim.record`."""

from __future__ import annotations

import sys

from tests.editing.vim.cases import DROPPED, FILE, Picked, read, read_dropped, written
from tests.editing.vim.oracle import answers
from tests.editing.vim.player import play


def main() -> None:
    """Asks vim for the cases that are its own."""
    picked = read()
    cases = [one.case for one in picked if not one.is_own]
    found = iter(answers(cases))
    lines: list[str] = []
    group = ""
    for one in picked:
        if one.group != group:
            group = one.group
            lines += ["", f"== {group}"] if lines else [f"== {group}"]
        after = one.after if one.is_own else written(next(found))
        ours = written(play(one.case, indents=one.is_own))
        if ours != after:
            sys.stdout.write(f"{group}: {Picked(group, one.before, one.keys, after)[1:]} but ours is {ours}\n")
        lines.append(f"{one.before}\t{one.keys}\t{after or ours}")
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    dropped = read_dropped()
    found = iter(answers([one.case for one, _ in dropped]))
    lines = [f"{one.before}\t{one.keys}\t{written(next(found))}\t{reason}" for one, reason in dropped]
    DROPPED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""`tuinb keys`: prints the keys of a set as text, with the user's own bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb import config
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tuinb.errors import ConfigError


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.commands.keymap.listing import tables
    from tuinb.commands.keymap.sets import SETS

    parsed = arguments().parse_args(argv)
    settings, problems = config.read()
    chosen = parsed.set or settings.key_set
    own = (settings.keys or {}) if chosen == settings.key_set else {}
    bad: list[ConfigError] = list(problems)
    keymap = Keymap.from_tables(SETS[chosen], own, report=bad.append)
    lines = [f"Keys of the set {chosen}. `[keys] set` in config.toml chooses one of {', '.join(config.KEY_SETS)}."]
    for table in tables(keymap):
        lines += ["", table.title, *(f"  {keys:<30} {doc}" for keys, doc in table.rows)]
    tell(*lines)
    for problem in bad:
        complain(problem)
    return Exit.FAILED if bad else Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "keys",
        "Print the keys of a set, mode by mode, with your own bindings. Exit: 0; 1 a setting is wrong.",
        "tuinb keys",
        "tuinb keys vim | grep -i paste",
    )
    options.add_argument("set", nargs="?", choices=config.KEY_SETS, metavar="SET", help=" or ".join(config.KEY_SETS))
    return options

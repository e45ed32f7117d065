"""`tuinb keys`: prints the keys of a set as text, with the user's own bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb import config
from tuinb.commands.keymap.elsewhere import PROGRAMS
from tuinb.errors import ConfigError
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tuinb.commands.keymap.keymap import Keymap


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.commands.keymap.mappings import problems_of
    from tuinb.commands.keymap.sets import SETS, own_keys

    parsed = arguments().parse_args(argv)
    settings, problems = config.read()
    chosen = parsed.set or settings.key_set
    own = own_keys(settings) if chosen == settings.key_set else {}
    bad: list[ConfigError] = list(problems)
    keymap = Keymap.from_tables(SETS[chosen], own, report=bad.append)
    if chosen == "vim":
        bad += problems_of(settings.vim)
    tell(*(_translated(parsed.program, chosen, keymap) if parsed.program else _listed(chosen, keymap, settings.vim)))
    for problem in bad:
        complain(_placed(problem))
    return Exit.FAILED if bad else Exit.OK


def _placed(problem: ConfigError) -> ConfigError:
    """Returns a problem with the line of the settings that it is on, if it is about a binding."""
    from tuinb.commands.keymap.keymap import BindingError

    line = problem.line if isinstance(problem, BindingError) else 0
    return ConfigError(problem.what, where=f"line {line}, {problem.where}", hint=problem.hint) if line else problem


def _listed(chosen: str, keymap: Keymap, vim: config.VimSettings) -> list[str]:
    from tuinb.commands.keymap.listing import Table, tables
    from tuinb.commands.keymap.mappings import Mappings

    lines = [f"Keys of the set {chosen}. `[keys] set` in config.toml chooses one of {', '.join(config.KEY_SETS)}."]
    mapped = Mappings.of(vim).rows if chosen == "vim" else []
    for table in ([Table("Keys that stand for others", mapped)] if mapped else []) + tables(keymap):
        lines += ["", table.title, *(f"  {keys:<30} {doc}" for keys, doc in table.rows)]
    return lines


def _translated(program: str, chosen: str, keymap: Keymap) -> list[str]:
    from tuinb.commands.keymap.elsewhere import translated

    lines = [f"Keys of {program}, and what does the same here with the set {chosen}:", ""]
    return lines + [f"  {there:<22} {here:<36} {doc}" for there, here, doc in translated(program, keymap)]


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "keys",
        "Print the keys of a set, mode by mode, with your own bindings. Exit: 0; 1 a setting is wrong.",
        "tuinb keys",
        "tuinb keys vim | grep -i paste",
        "tuinb keys --from colab",
    )
    options.add_argument("set", nargs="?", choices=config.KEY_SETS, metavar="SET", help=" or ".join(config.KEY_SETS))
    options.add_argument(
        "--from",
        dest="program",
        choices=PROGRAMS,
        metavar="PROGRAM",
        help=f"print the keys of another program, and what does the same here: {', '.join(PROGRAMS)}",
    )
    return options

"""`tuinb config --show`: prints each setting, its value, where that comes from, and what it means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tuinb import config
from tuinb.errors import ConfigError, TuinbError
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, one_line, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

DOCS: Mapping[str, tuple[str, str]] = {
    "theme": ("by the terminal", "the name of a theme"),
    "theme_dark": ('"dark"', "the theme for a dark terminal, if theme is not set"),
    "theme_light": ('"light"', "the theme for a light terminal, if theme is not set"),
    "line_numbers": ("false", 'show line numbers in code cells; "relative" counts from the cursor in the edited cell'),
    "soft_wrap": ("true", "wrap long lines of code"),
    "auto_close": ("true", "close brackets and quotes as they are typed"),
    "hanging_indent": ("false", "indent by one step after `f(a,`, instead of aligning with `a`"),
    "continue_lists": ("true, but with vim's keys", "go on with a list or a quote of a Markdown cell at Enter"),
    "completion": ('"dots"', "when the list of completions opens by itself: dots, all or off"),
    "suggestions": ("true", "suggest in grey how a line may go on"),
    "key_hints": ("true", "show the keys that may follow if you wait after the first key of several"),
    "lint": ("true", "mark problems of Python code while it is edited"),
    "output_lines": ("by the screen", "a longer output is collapsed"),
    "picture_rows": ("24", "the maximum height of an image"),
    "dim_images": ("false", "dim images on a dark background"),
    "time_from": ("0", "seconds that a run took from which its time is shown"),
    "kernel": ('"python3"', "the kernelspec for notebooks that name none"),
    "graphics": ('"auto"', "how images are shown: auto, kitty, sixel, iterm, blocks or none"),
    "session": ("true", "open notebooks in a session, which outlives its terminal"),
    "session_idle": ("7", "days after which a session that nobody uses ends by itself; 0 never does"),
    "autosave": ("0", "seconds after a change until the notebook is saved by itself; 0 never does"),
    "checkpoints": ("false", "keep the file as it was before the first save"),
    "notify": ('"auto"', "how you are called while you look elsewhere: auto, bell or none"),
    "format": ("ruff for Python", "the program that formats each language"),
    "lsp": ("ty and ruff for Python, if installed", "the language servers of each language"),
    "keys": ('set "jupyter"', "the set of keys, and keys of your own by mode"),
    "vim.escape": ('""', "two keys that leave insert mode of vim's keys, such as jk"),
    "vim.timeout": ("200 in insert mode, else 1000", "milliseconds between the keys of a mapping, and of vim.escape"),
    "vim.ctrl_o": ('"jump"', "what Ctrl+O does in normal mode: jump back, or begin commands on cells"),
    "vim.clipboard": ('""', "unnamedplus copies to the clipboard, and puts from it, without a register"),
    "vim.Y": ('"line"', "what Y copies: the line, or up to its end"),
    "vim.map": ("none", "keys that stand for others with vim's keys, by mode"),
    "servers": ("none", "Jupyter servers by name"),
}
"""Setting → what it is if it is not set, and what it means."""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    options = arguments()
    if not options.parse_args(argv).show:
        options.error("give --show")
    from tuinb.commands.keymap.mappings import problems_of
    from tuinb.commands.keymap.sets import user_keymap

    settings, problems = config.read()
    of_keys = problems_of(settings.vim)
    others: list[TuinbError | str] = [*user_keymap(settings)[1], *_theme_problems(settings)]
    try:
        data = config.read_toml(config.config_file())
        note = ""
    except ConfigError as error:
        data, note = {}, " (it does not exist)" if isinstance(error.__cause__, FileNotFoundError) else " (it can't be read)"
    file = config.home_relative(config.config_file())
    wrong = " ".join(f"{problem.what} {problem.where.lstrip('[').replace(']', '.')}" for problem in (*problems, *of_keys))
    lines = [f"Settings in {file}{note}. Options of the command line override them.", ""]
    for name, (default, meaning) in DOCS.items():
        value = _value(data, name)
        if value is None:
            lines.append(f"{name} = {default}  [default]  {meaning}")
        else:
            source = "config.toml, with an error" if _is_wrong(name, wrong) else "config.toml"
            lines += [f"{one_line(each)}  [{source}]  {meaning}" for each in _written(name, value)]
    tell(*lines)
    for problem in [*problems, *others]:
        complain(problem)
    return Exit.FAILED if problems or others else Exit.OK


def _theme_problems(settings: config.Config) -> Iterator[TuinbError]:
    from tuinb import themes

    for name in dict.fromkeys(filter(None, (settings.theme, settings.theme_dark, settings.theme_light))):
        try:
            themes.load(name)
        except TuinbError as error:
            yield error


def _value(data: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any value of TOML
    """Returns a setting as it stands in the file, or None without it. A dot is before a setting of a table."""
    table, _, key = name.partition(".")
    value = data.get(table)
    return value.get(key) if key and isinstance(value, dict) else None if key else value


def _is_wrong(name: str, problems: str) -> bool:
    return any(f"{name}{sign}" in f" {problems} " for sign in (" ", ".", ":"))


def _written(name: str, value: object) -> Iterator[str]:
    """Yields a setting as it stands in the file, each entry of a table on its own."""
    if not isinstance(value, dict) or not value:
        yield f"{name} = {_text(value)}"
        return
    for key, each in value.items():
        yield from _written(f"{name}.{key if key.isidentifier() else json.dumps(key)}", each)


def _text(value: Any) -> str:  # noqa: ANN401 - any value of TOML
    return json.dumps(value, ensure_ascii=False, default=str)


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "config",
        "Print each setting, its value, where that comes from, and what it means. Exit: 0; 1 a setting is wrong.",
        "tuinb config --show",
    )
    options.add_argument("--show", action="store_true", help="print all settings")
    return options

"""`tuinb completion`: prints scripts for bash, zsh and fish that complete commands, options, notebooks and kernel names.

The scripts are made from the parsers, so that they have every option. The first word may be a command or a file, which no
existing generator for argparse supports. Kernel names are looked up when they are completed.
"""

from __future__ import annotations

import shlex
from importlib import import_module
from typing import TYPE_CHECKING

from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import tell
from tuinb.record import Record

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping, Sequence

SUFFIXES = ("ipynb", "py", "md")
_KERNELS, _EXISTING = "kernels", "running"
_SESSION_LISTS = ("sessions", "commands")
_ACTIONS = "list end interrupt detach"
"""The first argument of `tuinb sessions`."""
_NOTEBOOKS, _FILES, _FOLDERS, _NAMES, _RUNNING, _ANY = "notebooks", "files", "folders", "kernels", "running", "any"
_BY_METAVAR = {"FILE": _FILES, "OUT": _FILES, "PATH": _FILES, "DIR": _FOLDERS}


class Flag(Record):
    """An option: its spellings, its help, and the kind of its value, if it takes one."""

    words: tuple[str, ...]
    help: str
    value: str | tuple[str, ...] | None


def main(
    argv: Sequence[str],
    top: argparse.ArgumentParser,
    commands: Mapping[str, str],
    modules: Mapping[str, str],
    lists: Mapping[str, Callable[[], Iterable[str]]],
) -> int:
    """Prints a script. `top` is the parser without a command. `commands` has the summary of each, `modules` its module.

    `lists` returns the names of sessions, and of the commands that they take.
    """
    parsed = arguments().parse_args(argv)
    own = {_KERNELS: _kernel_names, _EXISTING: _running_kernels}
    if find := own.get(parsed.shell) or lists.get(parsed.shell):
        names = sorted(find())
        if names:
            tell(*names)
        return Exit.OK
    flags = {"": _flags(top)}
    for name in commands:
        flags[name] = _flags(import_module(modules[name]).arguments())
    tell(_SCRIPTS[parsed.shell](flags, commands))
    return Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "completion",
        "Print a script that completes tuinb's command line in a shell. Exit: 0.",
        "tuinb completion bash > ~/.local/share/bash-completion/completions/tuinb",
        "tuinb completion zsh > ~/.zfunc/_tuinb         (a folder of $fpath, before compinit)",
        "tuinb completion fish > ~/.config/fish/completions/tuinb.fish",
    )
    options.add_argument(
        "shell",
        choices=[*_SCRIPTS, _KERNELS, _EXISTING, *_SESSION_LISTS],
        metavar="SHELL",
        help="bash, zsh or fish; `kernels`, `running`, `sessions` and `commands` list names for these",
    )
    return options


def _kernel_names() -> Iterable[str]:
    from tuinb.kernel.launch.kernelspecs import find_all

    return find_all()


def _running_kernels() -> Iterable[str]:
    import os

    from tuinb.kernel.launch import connection_files

    return (kernel.file.name for kernel in connection_files.running(os.environ))


def _flags(options: argparse.ArgumentParser) -> list[Flag]:
    return [
        Flag(tuple(action.option_strings), " ".join((action.help or "").split()), _value(action))
        for action in options._actions  # argparse has no public way to ask
        if action.option_strings
    ]


def _value(action: argparse.Action) -> str | tuple[str, ...] | None:
    if action.nargs == 0:
        return None
    if action.choices is not None:
        return tuple(map(str, action.choices))
    if action.dest in {"kernel", "existing"}:
        return _NAMES if action.dest == "kernel" else _RUNNING
    return _choices(action.dest) or _BY_METAVAR.get(str(action.metavar), _ANY)


def _choices(dest: str) -> tuple[str, ...]:
    """Returns the values of an option whose parser does not list them."""
    match dest:
        case "graphics":
            from tuinb.config import GRAPHICS

            return GRAPHICS
        case "theme":
            from tuinb import themes

            return tuple(themes.names())
        case "to":
            from tuinb.files.text_notebook import SUFFIXES as TEXT

            return ("ipynb", *(suffix[1:] for suffix in TEXT))
        case _:
            return ()


# ---- bash


def _bash(flags: Mapping[str, Sequence[Flag]], commands: Mapping[str, str]) -> str:
    cases, options = [], []
    for name, known in flags.items():
        options.append(f"    {name}:*) words={shlex.quote(' '.join(word for flag in known for word in flag.words))} ;;")
        for flag in known:
            if flag.value is not None:
                pattern = "|".join(f"{name}:{word}" for word in flag.words)
                cases.append(f"    {pattern}) {_bash_value(flag.value)}; return ;;")
    return _BASH.format(
        commands="|".join(commands),
        names=" ".join(commands),
        cases="\n".join(cases),
        options="\n".join(options),
        suffixes="|".join(SUFFIXES),
        actions=_ACTIONS,
    )


def _bash_value(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"_tuinb_words {shlex.quote(' '.join(value))}"
    known = {_FILES: "_tuinb_files .", _FOLDERS: "_tuinb_files -"}
    known |= {name: f'_tuinb_words "$(tuinb completion {name})"' for name in (_NAMES, _RUNNING)}
    return known.get(value, ":")


_BASH = """\
# bash completion for tuinb
_tuinb_lines() {{
  compopt -o filenames 2>/dev/null
  local line; while IFS= read -r line; do case $line in "$cur"*) COMPREPLY+=("$line") ;; esac; done
}}
_tuinb_take() {{ COMPREPLY=(); local word; while IFS= read -r word; do COMPREPLY+=("$word"); done; }}
_tuinb_words() {{ _tuinb_take < <(compgen -W "$1" -- "$cur"); }}
_tuinb_files() {{
  compopt -o filenames 2>/dev/null
  _tuinb_take < <(compgen -d -- "$cur"; [ "$1" = - ] || compgen -f -- "$cur" | grep -E -- "$1" | _tuinb_no_folders)
}}
_tuinb_no_folders() {{ local name; while IFS= read -r name; do [ -d "$name" ] || printf '%s\\n' "$name"; done; }}
_tuinb() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= words=
  COMPREPLY=()
  # --option=value comes as three words.
  if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  if [ "$COMP_CWORD" -gt 1 ]; then case ${{COMP_WORDS[1]}} in {commands}) command=${{COMP_WORDS[1]}} ;; esac; fi
  case $command:$prev in
{cases}
  esac
  case $command:$cur in
    *:-*) ;;
    completion:*) _tuinb_words "bash zsh fish"; return ;;
    attach:*) _tuinb_lines < <(tuinb completion sessions); return ;;
    sessions:*)
      if [ "$COMP_CWORD" -eq 2 ]; then _tuinb_words "{actions}"; else _tuinb_lines < <(tuinb completion sessions); fi
      return ;;
    do:*) if [ "$COMP_CWORD" -eq 3 ]; then _tuinb_words "$(tuinb completion commands)"; return; fi ;;
  esac
  case $command:$cur in
{options}
  esac
  case $cur in
    -*) _tuinb_words "$words" ;;
    *)
      _tuinb_files '\\.({suffixes})$'
      if [ "$COMP_CWORD" -eq 1 ]; then
        local found=("${{COMPREPLY[@]}}")
        _tuinb_words "{names}"
        COMPREPLY+=("${{found[@]}}")
      fi ;;
  esac
}}
complete -F _tuinb tuinb"""


# ---- zsh


def _zsh(flags: Mapping[str, Sequence[Flag]], commands: Mapping[str, str]) -> str:
    described = " ".join(shlex.quote(f"{name}:{what}") for name, what in commands.items())
    cases = []
    for name, known in flags.items():
        specs = [_zsh_spec(flag, word) for flag in known for word in flag.words]
        specs += _ZSH_ARGUMENTS.get(name, ["*:notebook:_tuinb_notebooks"])
        cases.append(f"    {name or '*'}) _arguments -S {' '.join(map(shlex.quote, specs))} ;;")
    cases.append(cases.pop(0))
    return _ZSH.format(commands="|".join(commands), described=described, cases="\n".join(cases), suffixes="|".join(SUFFIXES))


def _zsh_spec(flag: Flag, word: str) -> str:
    # Brackets and colons have a meaning for _arguments.
    text = flag.help.replace("[", "(").replace("]", ")").replace(":", "")
    if flag.value is None:
        return f"*{word}[{text}]"
    # `=`: the value may also follow in the same word.
    spec = f"*{word}{'=' if word.startswith('--') else ''}[{text}]"
    if isinstance(flag.value, tuple):
        return f"{spec}:value:({' '.join(flag.value)})"
    known = {_FILES: "_files", _FOLDERS: "_files -/", _NAMES: "_tuinb_kernels", _RUNNING: "_tuinb_running"}
    return f"{spec}:value:{known.get(flag.value, ' ')}"


_ZSH_ARGUMENTS: Mapping[str, Sequence[str]] = {
    "": ["1: :_tuinb_first", "*:notebook:_tuinb_notebooks"],
    "completion": ["1:shell:(bash zsh fish)"],
    "trust": ["*:folder:_files -/"],
    "attach": ["1:session:_tuinb_sessions"],
    "sessions": [f"1:action:({_ACTIONS})", "*:session:_tuinb_sessions"],
    "do": ["1:notebook:_tuinb_notebooks", "2:command:_tuinb_commands", "*:argument: "],
}
_ZSH = """\
#compdef tuinb
_tuinb_sessions() {{ local -a names; names=(${{(f)"$(tuinb completion sessions 2>/dev/null)"}}); compadd -a names }}
_tuinb_commands() {{ local -a names; names=(${{(f)"$(tuinb completion commands 2>/dev/null)"}}); compadd -a names }}
_tuinb_kernels() {{ local -a names; names=(${{(f)"$(tuinb completion kernels 2>/dev/null)"}}); compadd -a names }}
_tuinb_running() {{ local -a names; names=(${{(f)"$(tuinb completion running 2>/dev/null)"}}); compadd -a names }}
_tuinb_notebooks() {{ _files -g '*.({suffixes})' }}
_tuinb_first() {{ local -a commands; commands=({described}); _describe command commands; _tuinb_notebooks }}
_tuinb() {{
  local command=
  if (( CURRENT > 2 )); then case $words[2] in {commands}) command=$words[2]; shift words; (( CURRENT-- )) ;; esac; fi
  case $command in
{cases}
  esac
}}
if [ "$funcstack[1]" = _tuinb ]; then _tuinb "$@"; else compdef _tuinb tuinb; fi"""


# ---- fish


def _fish(flags: Mapping[str, Sequence[Flag]], commands: Mapping[str, str]) -> str:
    lines = [_FISH.format(commands=" ".join(commands), suffixes="|".join(SUFFIXES))]
    for name, what in commands.items():
        lines.append(f"complete -c tuinb -n __tuinb_first -a {name} -d {shlex.quote(what)}")
    for name, known in flags.items():
        asked = f"-n {shlex.quote(f'__tuinb_in {name}'.strip())}"
        takes = _FISH_ARGUMENTS.get(name, "'(__tuinb_notebooks)'")
        lines.append(f"complete -c tuinb {asked} -k -a {takes}")
        for flag in known:
            words = " ".join(f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}" for word in flag.words)
            lines.append(f"complete -c tuinb {asked} {words} {_fish_value(flag.value)}-d {shlex.quote(flag.help)}")
    return "\n".join(lines)


def _fish_value(value: str | tuple[str, ...] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"-x -a {shlex.quote(' '.join(value))} "
    known = {
        _FILES: "-r -F ",
        _FOLDERS: "-x -a '(__fish_complete_directories)' ",
        _NAMES: "-x -a '(tuinb completion kernels)' ",
        _RUNNING: "-x -a '(tuinb completion running)' ",
    }
    return known.get(value, "-x ")


_FISH_ARGUMENTS: Mapping[str, str] = {
    "completion": "'bash zsh fish'",
    "attach": "'(tuinb completion sessions)'",
    "sessions": f"'{_ACTIONS} (tuinb completion sessions)'",
    "do": "'(__tuinb_notebooks) (tuinb completion commands)'",
}
_FISH = """\
# fish completion for tuinb
function __tuinb_first; test (count (commandline -opc)) -eq 1; end
function __tuinb_in
    set -l words (commandline -opc)
    set -l command ''
    if test (count $words) -gt 1; and contains -- $words[2] {commands}; set command $words[2]; end
    test "$command" = "$argv"
end
function __tuinb_notebooks
    __fish_complete_path (commandline -ct) | string match -r '^.*(?:/|\\.(?:{suffixes}))(?:\\t.*)?$'
end
complete -c tuinb -f"""

_SCRIPTS: Mapping[str, Callable[[Mapping[str, Sequence[Flag]], Mapping[str, str]], str]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}

"""Which language servers there are for a language, and where their programs are. None is ever downloaded.

A server reads the user's code, and some run programs of the folder that they are told: pylsp's plugins, or the Python that
pyright finds. So of those that are installed, only ty and ruff, which read files alone, are used without being asked for.
"""

from __future__ import annotations

import re
import shutil
import sys
from os import pathsep
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.errors import LanguageServerError
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.config import LanguageServerSettings


class Server(Record):
    """A language server that can be started."""

    name: str
    argv: Sequence[str]
    settings: Mapping[str, Any]
    """What it gets when it asks for settings, by section, and at its start."""
    formats: bool = False
    """Whether the user wants it to format."""
    knows_magics: bool = False
    """Whether it knows IPython's magics."""
    knows_notebooks: bool = True
    """Whether it may get a document for each cell. Some that say so don't look from one cell to another."""
    marks_problems: bool = True
    """Whether its problems are marked."""
    checks_renames: bool = True
    """Whether it is asked before a rename if there is something to rename."""


class _Known(Record):
    arguments: tuple[str, ...] = ()
    knows_magics: bool = False
    knows_notebooks: bool = True
    marks_problems: bool = True
    checks_renames: bool = True
    install: str = ""


_KNOWN: Mapping[str, _Known] = {
    # It says that names of other cells can't be renamed, and renames them.
    "ty": _Known(("server",), knows_magics=True, checks_renames=False, install="pip install ty"),
    # `ruff check` finds its problems already (commands/problems.py).
    "ruff": _Known(("server",), knows_magics=True, marks_problems=False, install="pip install ruff"),
    "pylsp": _Known(knows_notebooks=False, install="pip install python-lsp-server"),
    "basedpyright-langserver": _Known(("--stdio",), knows_notebooks=False, install="pip install basedpyright"),
    "pyright-langserver": _Known(("--stdio",), knows_notebooks=False, install="pip install pyright"),
    "jedi-language-server": _Known(knows_notebooks=False, install="pip install jedi-language-server"),
}
"""What is known of servers, by the names of their programs."""
_OWN_PROGRAMS = str(Path(sys.executable).parent)
"""The folder of the programs of the environment that tuinb runs on: the extra `lsp` puts servers there."""
DEFAULTS: Mapping[str, tuple[str, ...]] = {"python": ("ty", "ruff")}
"""Language → the servers that are used if they are installed."""


def available(
    language: str,
    configured: Sequence[LanguageServerSettings] | None,
    environ: Mapping[str, str],
    interpreter: str,
) -> tuple[list[Server], list[LanguageServerError]]:
    """Returns the servers for a language, and what is wrong with those that the user named.

    `configured` are those of the settings; None takes the defaults that are installed. `interpreter` is that of the kernel that
    runs; empty if none of this machine does.
    """
    found: list[Server] = []
    problems: list[LanguageServerError] = []
    if configured is None:
        for name in DEFAULTS.get(language, ()):
            program = find(name, environ, interpreter)
            if program:
                found.append(_server([program], interpreter))
        return found, problems
    for each in configured:
        name = each.command[0]
        program = find(name, environ, interpreter)
        if not program:
            known = _KNOWN.get(Path(name).name)
            hint = f"`{known.install}`" if known is not None else f"correct [lsp.{language}] of config.toml"
            problems.append(LanguageServerError("this language server is not installed", where=name, hint=hint))
            continue
        found.append(_server([program, *each.command[1:]], interpreter, each))
    return found, problems


def find(name: str, environ: Mapping[str, str], interpreter: str) -> str:
    """Returns the path of a program: on PATH, beside an interpreter, or in tuinb's own environment. Empty if it is nowhere.

    No folder is relative: the current one can be anybody's.
    """
    if "/" in name:
        path = Path(name).expanduser()
        return str(path) if path.is_absolute() and shutil.which(path) is not None else ""
    folders = [folder for folder in environ.get("PATH", "").split(pathsep) if folder.startswith("/")]
    folders += [str(Path(interpreter).parent), _OWN_PROGRAMS] if interpreter else [_OWN_PROGRAMS]
    return shutil.which(name, path=pathsep.join(folders)) or ""


def _server(argv: Sequence[str], interpreter: str, own: LanguageServerSettings | None = None) -> Server:
    name = _name(argv)
    known = _KNOWN.get(name, _Known())
    settings = _with(_defaults(interpreter), own.settings if own is not None else {})
    return Server(
        name,
        # The name of a known program is enough.
        argv if len(argv) > 1 else [*argv, *known.arguments],
        settings,
        formats=own is not None and own.format,
        knows_magics=known.knows_magics,
        knows_notebooks=known.knows_notebooks,
        marks_problems=known.marks_problems,
        checks_renames=known.checks_renames,
    )


def _name(argv: Sequence[str]) -> str:
    """Returns the name of a server by its command: that of the script or the module, if an interpreter runs one."""
    name = Path(argv[0]).name
    if re.fullmatch(r"python[\d.]*|node", name):
        name = next((Path(word).stem for word in argv[1:] if not word.startswith("-")), name)
    return name


def _defaults(interpreter: str) -> dict[str, Any]:
    """Returns settings of the known servers: which Python the notebook runs on, and no imports that a completion would add."""
    ty: dict[str, Any] = {"completions": {"autoImport": False}}
    settings: dict[str, Any] = {"ty": ty}
    if interpreter:
        ty["configuration"] = {"environment": {"python": interpreter}}
        settings["python"] = {"pythonPath": interpreter}
        settings["pylsp"] = {"plugins": {"jedi": {"environment": interpreter}}}
    return settings


def _with(settings: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Returns settings, with others in their place where both have them."""
    found = dict(settings)
    for key, value in others.items():
        old = found.get(key)
        found[key] = _with(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def section(settings: Mapping[str, Any], name: object) -> Any:  # noqa: ANN401
    """Returns the part of settings that a server asks for by a name with dots. None if there is none."""
    found: Any = settings
    for part in name.split(".") if isinstance(name, str) and name else ():
        found = found.get(part) if isinstance(found, dict) else None
    return found

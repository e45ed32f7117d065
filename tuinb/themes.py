"""Themes as frozen data, read from TOML files: themes/ of the project, and the user's own in the configuration folder.

One file is one theme: `dark`, optionally `extends` (another theme, for what this one leaves out), and the tables `interface`
(role → colour), `tokens` (Pygments token → style) and `ansi` (what stands for the terminal's sixteen colours in outputs; the
terminal's own where it is left out). A style is attributes and a colour: `bold #d7af87`. A colour is `#rrggbb`, `default`, or
one of the terminal's sixteen, `ansi_bright_blue`. Every wrong value is an error that names the file, the key and what may
stand there.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.config import config_folder, near, read_toml
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Theme:
    name: str
    dark: bool
    ansi: bool
    """Whether its colours are the terminal's own sixteen (`ansi_blue`, `ansi_bright_black`, `default`)."""
    interface: Mapping[str, str]
    """Role → colour (`#rrggbb`, or an ANSI name), attributes before it (`dim default`); the roles are INTERFACE_ROLES."""
    tokens: Mapping[str, str]
    """Pygments token name (`Keyword`, `Name.Function`) → style: `bold #rrggbb`, as rich writes styles."""
    ansi_colors: Mapping[str, str] = field(default_factory=dict)
    """ANSI_COLORS name → colour shown for it in outputs; a name that is not there is left to the terminal."""


INTERFACE_ROLES: tuple[str, ...] = (
    "background",  # of the screen and of outputs
    "foreground",  # plain text
    "muted",  # gutters, times, hints
    "code_background",  # behind the source of a code cell
    "active",  # the bar and prompt of the active cell in command mode
    "editing",  # the same in edit mode
    "selected_background",  # behind cells, or text, that are selected
    "prompt",  # [3]
    "running",
    "error",
    "warning",
    "success",
    "heading",  # markdown headings
    "link",
    "inline_code",
    "rule",  # lines of tables, quotes, folds
    "stderr",
    "status_background",
    "status_foreground",
    "cursor",
    "bracket_match",
)

_BASE_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLORS: tuple[str, ...] = (*_BASE_COLORS, *(f"bright_{name}" for name in _BASE_COLORS))
"""The terminal's sixteen, in the order of their numbers."""

DEFAULT = "dark"
_BUILTIN = (
    "dark", "light", "high-contrast", "high-contrast-light", "ansi", "ansi-light",
    "gruvbox", "monokai", "nord", "solarized-dark", "solarized-light",
)  # fmt: skip
"""The project's own, in the order in which a choice of themes begins."""

_ATTRIBUTES = frozenset(("bold", "dim", "italic", "underline", "strike", "reverse"))
_COLOR = re.compile(r"#[0-9a-fA-F]{6}|default|ansi_(?:bright_)?(?:" + "|".join(_BASE_COLORS) + ")")
_TOKEN = re.compile(r"[A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)*")
_COLOR_HINT = "a colour is #rrggbb, default, or ansi_red, ansi_bright_blue, …"
_STYLE_HINT = "a style is any of " + ", ".join(sorted(_ATTRIBUTES)) + ", then a colour; " + _COLOR_HINT
_KEYS = ("dark", "extends", "interface", "tokens", "ansi")


def names() -> list[str]:
    """The themes that there are: the project's first, then the user's own."""
    found = _files()
    return [*(name for name in _BUILTIN if name in found), *sorted(found.keys() - set(_BUILTIN))]


def load(name: str = DEFAULT) -> Theme:
    """The theme of this name; a user's file goes before the project's of the same name. Raises ConfigError."""
    return _load(name, ())


def builtin(name: str = DEFAULT) -> Theme:
    """The project's own theme of this name, whatever the user's folder holds."""
    path = _builtin_folder() / f"{name}.toml"
    data = read_toml(path)
    base = data.get("extends")
    return _parse(name, path, data, (name,) if base is None else (name, base))


def _load(name: str, extending: tuple[str, ...]) -> Theme:
    files = _files(without_user=name in extending)
    path = files.get(name)
    if path is None and name in extending:
        raise ConfigError(f"{name!r} extends itself", where=f"theme {extending[0]!r}", hint='say extends = "dark", or nothing')
    if path is None:
        hint = near(name, files) or "there are " + ", ".join(names())
        raise ConfigError(f"no theme is called {name!r}", where=f"theme {extending[-1]!r}" if extending else "", hint=hint)
    return _parse(name, path, read_toml(path), extending)


def _files(*, without_user: bool = False) -> dict[str, Path]:
    """Theme name → file. A user's `dark.toml` may extend the project's `dark`: then its own is left out."""
    folders = [_builtin_folder()]
    if not without_user:
        folders.append(config_folder() / "themes")
    found: dict[str, Path] = {}
    for folder in folders:
        # One that may not be looked into has none for us.
        with suppress(PermissionError):
            found |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
    return found


def _builtin_folder() -> Path:
    package = Path(__file__).parent
    editable = package.parent / "themes"
    return editable if (editable / "dark.toml").is_file() else package / "builtin_themes"


def _parse(name: str, path: Path, data: Mapping[str, Any], extending: tuple[str, ...]) -> Theme:
    for key in data:
        if key not in _KEYS:
            raise ConfigError(f"unknown key {key!r}", where=str(path), hint=near(key, _KEYS) or "keys are " + ", ".join(_KEYS))
    base: Theme | None = None
    dark = _typed(path, data, "dark", bool) if "dark" in data or "extends" not in data else None
    if "extends" in data:
        base = _load(_typed(path, data, "extends", str), (*extending, name))
    interface = {**(base.interface if base else {}), **_styles(path, data, "interface", INTERFACE_ROLES)}
    missing = [role for role in INTERFACE_ROLES if role not in interface]
    if missing:
        raise ConfigError(
            "interface lacks " + ", ".join(missing), where=str(path), hint='give them colours, or say extends = "dark" for all'
        )
    return Theme(
        name=name,
        dark=base.dark if base and dark is None else bool(dark),
        ansi=all("#" not in value for value in interface.values()),
        interface=interface,
        tokens={**(base.tokens if base else {}), **_styles(path, data, "tokens", None)},
        ansi_colors={**(base.ansi_colors if base else {}), **_styles(path, data, "ansi", ANSI_COLORS, colors_only=True)},
    )


def _typed(path: Path, data: Mapping[str, Any], key: str, kind: type[Any]) -> Any:  # noqa: ANN401
    value = data.get(key)
    if not isinstance(value, kind):
        what = f"{key} is missing" if value is None else f"{key} = {value!r} does not fit"
        raise ConfigError(what, where=str(path), hint=f"write {key} = " + ("true or false" if kind is bool else '"dark"'))
    return value


def _styles(
    path: Path, data: Mapping[str, Any], table: str, allowed: tuple[str, ...] | None, *, colors_only: bool = False
) -> dict[str, str]:
    values = data.get(table, {})
    if not isinstance(values, dict):
        raise ConfigError(f"{table} is not a table", where=str(path), hint=f"write [{table}] and one key a line below it")
    for key, value in values.items():
        if allowed is None and not _TOKEN.fullmatch(key):
            hint = 'names are like Keyword or "Name.Function"'
            raise ConfigError(f"tokens.{key} is no name of a token", where=str(path), hint=hint)
        if allowed is not None and key not in allowed:
            hint = near(key, allowed) or "allowed are " + ", ".join(allowed)
            raise ConfigError(f"unknown key {table}.{key}", where=str(path), hint=hint)
        if not _is_style(value, colorless=allowed is None, attributes=not colors_only):
            hint = _COLOR_HINT if colors_only else _STYLE_HINT
            raise ConfigError(f"{table}.{key} = {value!r} is no colour", where=str(path), hint=hint)
    return dict(values)


def _is_style(value: object, *, colorless: bool, attributes: bool) -> bool:
    words = value.split() if isinstance(value, str) else []
    if not words or _COLOR.fullmatch(words[-1]):
        words = words[:-1] if words else ["nothing"]
    elif not colorless:
        return False
    return _ATTRIBUTES.issuperset(words) if attributes else not words

"""Themes, read from TOML files in the project's `themes` folder and in the user's configuration folder.

A file is one theme. Its keys are `dark`, optionally `extends` (the theme that supplies what this one omits), and the tables
`interface` (role → colour), `tokens` (Pygments token → style) and `ansi` (colours that replace the terminal's 16 colours in
outputs). A style is attributes and a colour: `bold #d7af87`. A colour is `#rrggbb`, `default`, or one of the terminal's 16,
such as `ansi_bright_blue`. Every wrong value is an error that names the file, the key and the allowed values.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.config import config_folder, read_toml, suggestion
from tuinb.errors import ConfigError
from tuinb.late_pattern import late_pattern
from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class Theme(Record):
    """The colours of a theme, by what they are for."""

    name: str
    dark: bool
    ansi: bool
    """Whether it uses only the terminal's own 16 colours (`ansi_blue`, `ansi_bright_black`, `default`)."""
    interface: Mapping[str, str]
    """Maps each of INTERFACE_ROLES to a colour (`#rrggbb` or an ANSI name), with attributes before it (`dim default`)."""
    tokens: Mapping[str, str]
    """Maps a Pygments token name (`Keyword`, `Name.Function`) to a style of rich, such as `bold #rrggbb`."""
    ansi_colors: Mapping[str, str] = field(default_factory=dict)
    """Maps names of ANSI_COLORS to the colours shown in outputs. The terminal supplies the colours of missing names."""


INTERFACE_ROLES: tuple[str, ...] = (
    "background",  # of the screen and of outputs
    "foreground",  # plain text
    "muted",  # gutters, times, hints
    "code_background",  # background of code cells
    "current_line_background",  # the same behind the text at the cursor; that of code, if a theme does not set it
    "active",  # the bar and prompt of the active cell in command mode
    "editing",  # the same in edit mode
    "selected_background",  # background of selected cells and selected text
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

_CODE, _LINE = "code_background", "current_line_background"
_BASE_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLORS: tuple[str, ...] = (*_BASE_COLORS, *(f"bright_{name}" for name in _BASE_COLORS))
"""Names of the terminal's 16 colours, in numeric order."""

DEFAULT = "dark"
_BUILTIN = (
    "dark", "light", "high-contrast", "high-contrast-light", "ansi", "ansi-light",
    "gruvbox", "monokai", "nord", "solarized-dark", "solarized-light",
)  # fmt: skip
"""The project's themes, in the order of the theme menu."""

_ATTRIBUTES = frozenset(("bold", "dim", "italic", "underline", "strike", "reverse"))
_COLOR = late_pattern(r"#[0-9a-fA-F]{6}|default|ansi_(?:bright_)?(?:" + "|".join(_BASE_COLORS) + ")")
_TOKEN = late_pattern(r"[A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)*")
_COLOR_HINT = "a colour is #rrggbb, default, or ansi_red, ansi_bright_blue, …"
_STYLE_HINT = "a style is any of " + ", ".join(sorted(_ATTRIBUTES)) + ", then a colour; " + _COLOR_HINT
_KEYS = ("dark", "extends", "interface", "tokens", "ansi")


def names() -> list[str]:
    """Returns the names of all themes: the project's, then the user's."""
    found = _files()
    return [*(name for name in _BUILTIN if name in found), *sorted(found.keys() - set(_BUILTIN))]


def load(name: str = DEFAULT) -> Theme:
    """Returns a theme. A user's file takes precedence over a project theme of the same name. Raises ConfigError."""
    return _load(name, ())


def builtin(name: str = DEFAULT) -> Theme:
    """Returns the project's theme of this name, and ignores the user's files."""
    path = _builtin_folder() / f"{name}.toml"
    data = read_toml(path)
    base = data.get("extends")
    return _parse(name, path, data, (name,) if base is None else (name, base))


def _load(name: str, extending: tuple[str, ...]) -> Theme:
    files = _files(without_user=name in extending)
    path = files.get(name)
    if path is None and name in extending:
        raise ConfigError(
            f"{name!r} extends itself", where=f"theme {extending[0]!r}", hint='write extends = "dark", or omit it'
        )
    if path is None:
        hint = suggestion(name, files) or "themes are " + ", ".join(names())
        raise ConfigError(f"there is no theme {name!r}", where=f"theme {extending[-1]!r}" if extending else "", hint=hint)
    return _parse(name, path, read_toml(path), extending)


def _files(*, without_user: bool = False) -> dict[str, Path]:
    """Maps theme names to files. `without_user` omits the user's files: a user's `dark.toml` may extend the project's
    `dark`.
    """
    folders = [_builtin_folder()]
    if not without_user:
        folders.append(config_folder() / "themes")
    found: dict[str, Path] = {}
    for folder in folders:
        # A folder that can't be read contributes no themes.
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
            raise ConfigError(
                f"unknown key {key!r}", where=str(path), hint=suggestion(key, _KEYS) or "keys are " + ", ".join(_KEYS)
            )
    base: Theme | None = None
    dark = _typed(path, data, "dark", bool) if "dark" in data or "extends" not in data else None
    if "extends" in data:
        base = _load(_typed(path, data, "extends", str), (*extending, name))
    own = _styles(path, data, "interface", INTERFACE_ROLES)
    interface = {**(base.interface if base else {}), **own}
    if _LINE not in own and (_CODE in own or base is None) and _CODE in interface:
        interface[_LINE] = interface[_CODE]
    missing = [role for role in INTERFACE_ROLES if role not in interface]
    if missing:
        raise ConfigError(
            "interface lacks " + ", ".join(missing),
            where=str(path),
            hint='give them colours, or write extends = "dark" to inherit all',
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
        raise ConfigError(f"{table} is not a table", where=str(path), hint=f"write [{table}] and its keys below it, one a line")
    for key, value in values.items():
        if allowed is None and not _TOKEN.fullmatch(key):
            hint = 'names are like Keyword or "Name.Function"'
            raise ConfigError(f"tokens.{key} is not the name of a token", where=str(path), hint=hint)
        if allowed is not None and key not in allowed:
            hint = suggestion(key, allowed) or "keys are " + ", ".join(allowed)
            raise ConfigError(f"unknown key {table}.{key}", where=str(path), hint=hint)
        if not _is_style(value, colorless=allowed is None, attributes=not colors_only):
            hint = _COLOR_HINT if colors_only else _STYLE_HINT
            raise ConfigError(f"{table}.{key} = {value!r} is not valid", where=str(path), hint=hint)
    return dict(values)


def _is_style(value: object, *, colorless: bool, attributes: bool) -> bool:
    words = value.split() if isinstance(value, str) else []
    if not words or _COLOR.fullmatch(words[-1]):
        words = words[:-1] if words else ["nothing"]
    elif not colorless:
        return False
    return _ATTRIBUTES.issuperset(words) if attributes else not words

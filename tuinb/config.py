"""The user's settings, read once from `$XDG_CONFIG_HOME/tuinb/config.toml` (`~/.config/tuinb/config.toml`).

Unknown keys and wrong values are errors that name the file, the key and the allowed values, so that a misspelt setting is
never ignored silently. Options of the command line take precedence over the file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Config:
    theme: str | None = None
    """None or `auto` chooses by the terminal: `ansi` if it has at most 16 colours, else dark or light like its background."""
    theme_dark: str | None = None
    """Theme for dark terminals if `theme` is not set. None means `dark`."""
    theme_light: str | None = None
    """Theme for light terminals if `theme` is not set. None means `light`."""
    line_numbers: bool = False
    """Whether code cells show line numbers at start. A command toggles them."""
    output_lines: int = 20
    """Longer outputs are folded to their head and tail."""
    kernel: str | None = None
    """Kernelspec for notebooks that name none."""
    graphics: str = "auto"
    """How images are shown: one of GRAPHICS. `auto` uses the best protocol of the terminal."""
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Maps mode (`command`, `edit`) → key or key sequence → command name. An empty name unbinds. The keymap checks it."""


_SETTINGS = ("theme", "theme_dark", "theme_light", "line_numbers", "output_lines", "kernel", "graphics", "keys")
GRAPHICS = ("auto", "kitty", "sixel", "iterm", "blocks", "none")


def config_folder() -> Path:
    """Returns the folder of the user's files, `$XDG_CONFIG_HOME/tuinb`."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".config") / "tuinb"


def home_relative(path: Path) -> str:
    """Returns a path as text, with `~` for the home folder."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def load(path: Path | None = None) -> Config:
    """Returns the settings in `path`, or in the user's file. Returns the defaults if the file does not exist. Raises
    ConfigError.
    """
    path = path or config_folder() / "config.toml"
    try:
        data = read_toml(path)
    except ConfigError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return Config()
        raise
    for key in data:
        if key not in _SETTINGS:
            hint = suggestion(key, _SETTINGS) or "settings are " + ", ".join(_SETTINGS)
            raise ConfigError(f"unknown setting {key!r}", where=str(path), hint=hint)
    default = Config()
    lines = _value(path, data, "output_lines", int, default.output_lines, "a number of lines, 3 or more")
    if lines < 3:
        raise ConfigError(f"output_lines = {lines} is too small", where=str(path), hint="write a number of lines, 3 or more")
    graphics = _value(path, data, "graphics", str, default.graphics, "one of " + ", ".join(GRAPHICS))
    if graphics not in GRAPHICS:
        hint = suggestion(graphics, GRAPHICS) or "write one of " + ", ".join(GRAPHICS)
        raise ConfigError(f"graphics = {graphics!r} does not fit", where=str(path), hint=hint)
    return Config(
        theme=_theme(path, data, "theme"),
        theme_dark=_theme(path, data, "theme_dark"),
        theme_light=_theme(path, data, "theme_light"),
        line_numbers=_value(path, data, "line_numbers", bool, default.line_numbers, "true or false"),
        output_lines=lines,
        kernel=_value(path, data, "kernel", str, default.kernel, 'the name of a kernelspec, such as "python3"'),
        graphics=graphics,
        keys=_keys(path, data.get("keys", {})),
    )


def _theme(path: Path, data: Mapping[str, Any], key: str) -> str | None:
    name: str | None = _value(path, data, key, str, None, 'the name of a theme, such as "dark"')
    return name


def _value(path: Path, data: Mapping[str, Any], key: str, kind: type[Any], default: Any, allowed: str) -> Any:  # noqa: ANN401
    if key not in data:
        return default
    value = data[key]
    if type(value) is not kind:
        raise ConfigError(f"{key} = {value!r} does not fit", where=str(path), hint=f"write {allowed}")
    return value


def _keys(path: Path, tables: object) -> dict[str, dict[str, str]]:
    if not isinstance(tables, dict):
        raise ConfigError("keys is not a table", where=str(path), hint="write [keys.command] or [keys.edit]")
    for mode, bindings in tables.items():
        if not isinstance(bindings, dict):
            raise ConfigError(f"keys.{mode} is not a table", where=str(path), hint="write [keys.command] or [keys.edit]")
        for key, command in bindings.items():
            if not isinstance(command, str):
                hint = f'write "{key}" = "the-name-of-a-command", or "" to unbind it'
                raise ConfigError(f"keys.{mode}: {key} = {command!r} does not fit", where=str(path), hint=hint)
    return tables


def read_toml(path: Path) -> dict[str, Any]:
    """Returns the content of the TOML file at `path`. Raises ConfigError for every problem with it."""
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", where=str(path), hint="correct that line") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}", where=str(path), hint="save the file as UTF-8") from error
    except OSError as error:
        raise ConfigError(error.strerror or str(error), where=str(path), hint="make it a file that can be read") from error


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns a question such as `did you mean theme?`, or an empty string if no known name is similar."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(known), n=2)
    return f"did you mean {' or '.join(found)}?" if found else ""

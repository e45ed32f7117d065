"""The user's settings, read once from `$XDG_CONFIG_HOME/tuinb/config.toml` (`~/.config/tuinb/config.toml`).

Unknown keys and wrong values are problems that name the file, the key and the allowed values, so that a misspelt setting is
never ignored silently. The screen shows them and starts with the other settings; commands without a screen end. Options
of the command line take precedence over the file.
"""

from __future__ import annotations

import os
import re
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.errors import ConfigError
from tuinb.late_pattern import late_pattern
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class ServerSettings(Record):
    """A Jupyter server that has a name."""

    url: str
    """Its base URL, which ends with a slash."""
    token_file: str = ""
    """A file that has its token, and that nobody else can read."""
    token_command: str = ""
    """A command that prints its token."""
    ca: str = ""
    """A file of certificates that are trusted besides the system's."""
    plain: bool = False
    """Whether the user agreed to a connection that is not encrypted."""


class LanguageServerSettings(Record):
    """A language server that the user named."""

    command: Sequence[str]
    """Its program and options. The name of a known program is enough."""
    settings: Mapping[str, Any]
    """What it gets when it asks for settings."""
    format: bool = False
    """Whether it formats, instead of a program of `format`."""


class VimSettings(Record):
    """How vim's keys behave: `[vim]`."""

    escape: str = ""
    """Two keys that leave insert mode if they are typed one soon after the other. Empty for none."""
    timeout: int | None = None
    """Milliseconds between the keys of a mapping, and of `escape`. None means 200 in insert mode and 1,000 elsewhere."""
    ctrl_o: str = "jump"
    """What Ctrl+O does in normal mode: one of CTRL_O. `cells` makes it a prefix of commands on cells."""
    clipboard: str = ""
    """`unnamedplus` if what is copied and put without a register is the clipboard's."""
    yank: str = "line"
    """What `Y` copies: one of YANK."""
    mappings: Mapping[str, Mapping[str, str]] | None = None
    """Mode → keys → keys. `commands.keymap.mappings` checks them."""

    @property
    def has_mappings(self) -> bool:
        """Whether some keys stand for others."""
        return bool(self.escape or self.mappings)


class Config(Record):
    """The settings, with their defaults."""

    theme: str | None = None
    """None or `auto` chooses by the terminal: `ansi` if it has at most 16 colours, else dark or light like its background."""
    theme_dark: str | None = None
    """Theme for dark terminals if `theme` is not set. None means `dark`."""
    theme_light: str | None = None
    """Theme for light terminals if `theme` is not set. None means `light`."""
    line_numbers: bool = False
    """Whether code cells show line numbers at start. A command toggles them."""
    relative_numbers: bool = False
    """Whether these count from the cursor in the edited cell: `line_numbers = "relative"`."""
    soft_wrap: bool = True
    """Whether long lines of code are wrapped at start. A command toggles that."""
    auto_close: bool = True
    """Whether brackets and quotes close themselves as they are typed. A command toggles that."""
    completion: str = "dots"
    """When the list of completions opens by itself: one of COMPLETION."""
    suggestions: bool = True
    """Whether the rest of a line is suggested in grey, from lines of the notebook and of the kernel's history."""
    key_hints: bool = True
    """Whether the keys that continue a sequence are shown if one waits."""
    lint: bool = True
    """Whether problems of Python code are marked while it is edited."""
    hanging_indent: bool = False
    """Whether Enter after `f(a,` indents by one step, instead of aligning with `a`."""
    continue_lists: bool | None = None
    """Whether Enter goes on with a list or a quote of a Markdown cell. None: not with vim's keys, as vim by default."""
    output_lines: int | None = None
    """None chooses by the height of the screen. Longer outputs are folded to their head and tail."""
    picture_rows: int | None = None
    """Maximum height of a picture in rows. None means 24."""
    dim_images: bool = False
    """Whether images are dimmed on a dark background."""
    time_from: float = 0.0
    """Seconds that a run without an error took for its time to be shown."""
    kernel: str | None = None
    """Kernelspec for notebooks that name none."""
    graphics: str = "auto"
    """How images are shown: one of GRAPHICS. `auto` uses the best protocol of the terminal."""
    session: bool = True
    """Whether a notebook is opened in a session, which outlives its terminal."""
    session_idle: float = 7 * 86_400.0
    """Seconds after which a session that nobody uses ends by itself. 0 never does."""
    autosave: int = 0
    """Seconds after a change until the notebook is saved by itself. 0 never does."""
    checkpoints: bool = False
    """Whether the first save of a session keeps the file as it was in `.ipynb_checkpoints`."""
    notify: str = "auto"
    """How a user who looks elsewhere is called: one of NOTIFY. `auto` is the bell and a notification of the desktop."""
    format: Mapping[str, Sequence[str]] | None = None
    """Language → the program that formats it and its options. It reads code and writes it. Python's default is ruff."""
    lsp: Mapping[str, Sequence[LanguageServerSettings]] | None = None
    """Language → its language servers. Python's default are ty and ruff, where they are installed."""
    key_set: str = "jupyter"
    """The set of keys: one of KEY_SETS, as `set` in `[keys]` names it."""
    keys: Mapping[str, Mapping[str, str]] | None = None
    """Maps mode → key or key sequence → command name. An empty name unbinds. The keymap checks it."""
    vim: VimSettings = VimSettings()
    """How vim's keys behave."""
    servers: Mapping[str, ServerSettings] | None = None
    """Jupyter servers by the names that the user gave them."""


_SETTINGS = (
    "theme", "theme_dark", "theme_light", "line_numbers", "soft_wrap", "auto_close", "hanging_indent", "continue_lists",
    "completion", "suggestions", "key_hints", "lint", "output_lines", "picture_rows", "dim_images", "time_from", "kernel",
    "graphics", "session", "session_idle", "autosave", "checkpoints", "notify", "format", "lsp", "keys", "vim", "servers",
)  # fmt: skip
_OF_LANGUAGE_SERVERS = ("command", "settings", "format")
_UNITS = {"s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_SPAN = late_pattern(r"(\d{1,5}(?:\.\d{1,5})?) ?(s|min|h|d)", re.ASCII)
COMPLETION = ("dots", "all", "off")
"""After a dot, also after two letters of a name, or never."""
KEY_SETS = ("jupyter", "vim", "emacs", "vscode")
CTRL_O = ("jump", "cells")
CLIPBOARD = ("", "unnamedplus")
YANK = ("line", "end")
VIM_MODES = ("command", "normal", "visual", "insert")
"""The modes that may have mappings: on cells, and those in a cell."""
NOTIFY = ("auto", "bell", "none")
GRAPHICS = ("auto", "kitty", "sixel", "iterm", "blocks", "none")


def config_folder() -> Path:
    """Returns the folder of the user's files, `$XDG_CONFIG_HOME/tuinb`."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".config") / "tuinb"


def config_file() -> Path:
    """Returns the path of the user's settings."""
    return config_folder() / "config.toml"


def servers_file() -> Path:
    """Returns the path of the servers that `tuinb server add` writes. Nothing else of the user's settings is written."""
    return config_folder() / "servers.toml"


def home_relative(path: Path) -> str:
    """Returns a path as text, with `~` for the home folder."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def load(path: Path | None = None) -> Config:
    """Returns the settings in `path`, or in the user's file. Returns the defaults if the file does not exist. Raises
    ConfigError for the first problem.
    """
    found, problems = read(path)
    if problems:
        raise problems[0]
    return found


def read(path: Path | None = None) -> tuple[Config, list[ConfigError]]:
    """Returns the settings as `load` does, and all problems. A setting with a problem has its default."""
    path = path or config_file()
    try:
        data = read_toml(path)
    except ConfigError as error:
        return Config(), [] if isinstance(error.__cause__, FileNotFoundError) else [error]
    reader = _Reader(path, data)
    for key in data:
        if key not in _SETTINGS:
            reader.report(f"unknown setting {key!r}", suggestion(key, _SETTINGS) or "settings are " + ", ".join(_SETTINGS))
    default = Config()
    found = Config(
        theme=reader.theme("theme"),
        theme_dark=reader.theme("theme_dark"),
        theme_light=reader.theme("theme_light"),
        line_numbers=(numbers := reader.numbers("line_numbers")) != "off",
        relative_numbers=numbers == "relative",
        soft_wrap=reader.value("soft_wrap", bool, default.soft_wrap, "true or false"),
        auto_close=reader.value("auto_close", bool, default.auto_close, "true or false"),
        completion=reader.choice("completion", COMPLETION, default.completion),
        suggestions=reader.value("suggestions", bool, default.suggestions, "true or false"),
        key_hints=reader.value("key_hints", bool, default.key_hints, "true or false"),
        lint=reader.value("lint", bool, default.lint, "true or false"),
        hanging_indent=reader.value("hanging_indent", bool, default.hanging_indent, "true or false"),
        continue_lists=reader.value("continue_lists", bool, default.continue_lists, "true or false"),
        output_lines=reader.count("output_lines", "a number of lines", 3),
        picture_rows=reader.count("picture_rows", "a number of rows", 4),
        dim_images=reader.value("dim_images", bool, default.dim_images, "true or false"),
        time_from=reader.seconds("time_from", default.time_from),
        kernel=reader.value("kernel", str, default.kernel, 'the name of a kernelspec, such as "python3"'),
        graphics=reader.choice("graphics", GRAPHICS, default.graphics),
        session=reader.value("session", bool, default.session, "true or false"),
        session_idle=reader.span("session_idle", default.session_idle),
        autosave=reader.count("autosave", "a number of seconds", 0) or 0,
        checkpoints=reader.value("checkpoints", bool, default.checkpoints, "true or false"),
        notify=reader.choice("notify", NOTIFY, default.notify),
        format=reader.format() or None,
        lsp=reader.lsp() or None,
        key_set=reader.key_set(default.key_set),
        keys=reader.keys() or None,
        vim=reader.vim(),
        servers=reader.servers() or None,
    )
    return found, reader.problems


def read_servers(path: Path) -> tuple[dict[str, ServerSettings], list[ConfigError]]:
    """Returns the servers in a file that has nothing else, and all problems. There are none without the file."""
    try:
        reader = _Reader(path, read_toml(path))
    except ConfigError as error:
        return {}, [] if isinstance(error.__cause__, FileNotFoundError) else [error]
    return reader.servers(), reader.problems


class _Reader:
    """Reads settings from the content of a file. Collects problems and returns the default for each."""

    def __init__(self, path: Path, data: Mapping[str, Any], table: str = "") -> None:
        self._path = path
        self._data = data
        self._table = table
        """What the names of the settings begin with in messages."""
        self.problems: list[ConfigError] = []

    def report(self, what: str, hint: str, *, line: int = 0) -> None:
        where = f"{self._path}, line {line}" if line else str(self._path)
        self.problems.append(ConfigError(what, where=where, hint=hint))

    def value(self, key: str, kind: type[Any], default: Any, allowed: str) -> Any:  # noqa: ANN401
        """Returns a setting of the type `kind`."""
        value = self._data.get(key, default)
        if key not in self._data or type(value) is kind:
            return value
        self.report(f"{self._table}{key} = {value!r} does not fit", f"write {allowed}")
        return default

    def theme(self, key: str) -> str | None:
        name: str | None = self.value(key, str, None, 'the name of a theme, such as "dark"')
        return name

    def count(self, key: str, noun: str, least: int) -> int | None:
        """Returns a number that is `least` or more. Returns None without a valid one."""
        number: int | None = self.value(key, int, None, f"{noun}, {least} or more")
        if number is None or number >= least:
            return number
        self.report(f"{self._table}{key} = {number} is too small", f"write {noun}, {least} or more")
        return None

    def seconds(self, key: str, default: float) -> float:
        """Returns a number of seconds, 0 or more."""
        value = self._data.get(key, default)
        if type(value) in (int, float) and 0 <= value < inf:
            return float(value)
        self.report(f"{key} = {value!r} does not fit", "write a number of seconds, 0 or more, such as 1.5")
        return default

    def numbers(self, key: str) -> str:
        """Returns `off`, `absolute` or `relative` for a setting that may also be true or false."""
        value = self._data.get(key, False)
        if isinstance(value, bool):
            return "absolute" if value else "off"
        if value in ("off", "absolute", "relative"):
            return str(value)
        self.report(f"{key} = {value!r} does not fit", 'write true or false, or "relative"')
        return "off"

    def span(self, key: str, default: float) -> float:
        """Returns a span of time in seconds: a number of days, or text such as `12h`."""
        value = self._data.get(key)
        found = _SPAN.fullmatch(f"{value}d" if type(value) in (int, float) else value if isinstance(value, str) else "")
        if value is None or found is not None:
            return default if found is None else float(found[1]) * _UNITS[found[2]]
        self.report(
            f"{key} = {value!r} does not fit", 'write a number of days, or text such as "12h" (s, min, h, d); 0 is never'
        )
        return default

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """Returns one of the allowed words."""
        word: str = self.value(key, str, default, "one of " + ", ".join(allowed))
        if word in allowed:
            return word
        choices = ", ".join(each or '""' for each in allowed)
        self.report(f"{self._table}{key} = {word!r} does not fit", suggestion(word, allowed) or f"write one of {choices}")
        return default

    def format(self) -> dict[str, list[str]]:
        """Returns the programs that format, by the language in lower case."""
        table = self._data.get("format", {})
        if not isinstance(table, dict):
            self.report("format is not a table", 'write [format] and python = ["black", "-q", "-"]')
            return {}
        found: dict[str, list[str]] = {}
        for language, words in table.items():
            if isinstance(words, list) and words and all(isinstance(word, str) and word for word in words):
                found[language.lower()] = words
            else:
                hint = f'write {language} = ["PROGRAM", "OPTION"]; it reads code and writes it'
                self.report(f"format.{language} = {words!r} does not fit", hint)
        return found

    def lsp(self) -> dict[str, list[LanguageServerSettings]]:
        """Returns the language servers, by the language in lower case. A language without one has none."""
        tables = self._data.get("lsp", {})
        if not isinstance(tables, dict):
            self.report("lsp is not a table", 'write [lsp.python] and command = ["ty", "server"]')
            return {}
        found: dict[str, list[LanguageServerSettings]] = {}
        for language, value in tables.items():
            entries = value if isinstance(value, list) else [value] if value is not False else []
            servers = [self._language_server(language, entry) for entry in entries]
            if None not in servers:
                found[language.lower()] = [server for server in servers if server is not None]
        return found

    def _language_server(self, language: str, entry: object) -> LanguageServerSettings | None:
        name = f"lsp.{language}"
        if not isinstance(entry, dict):
            hint = f'write [{name}] and command = ["PROGRAM", "OPTION"], or {language} = false below [lsp] for none'
            self.report(f"{name} = {entry!r} does not fit", hint)
            return None
        for key in entry:
            if key not in _OF_LANGUAGE_SERVERS:
                hint = suggestion(key, _OF_LANGUAGE_SERVERS) or f"settings are {', '.join(_OF_LANGUAGE_SERVERS)}"
                self.report(f"{name}: unknown setting {key!r}", hint)
                return None
        command, settings, formats = entry.get("command"), entry.get("settings", {}), entry.get("format", False)
        if not isinstance(command, list) or not command or not all(isinstance(word, str) and word for word in command):
            self.report(f"{name}.command = {command!r} does not fit", 'write command = ["PROGRAM", "OPTION"]')
        elif "/" in command[0] and not command[0].startswith(("/", "~/")):
            self.report(f"{name}.command = {command!r} has a relative path", "write the name of a program, or its whole path")
        elif not isinstance(settings, dict):
            self.report(f"{name}.settings = {settings!r} does not fit", f"write a table: [{name}.settings]")
        elif not isinstance(formats, bool):
            self.report(f"{name}.format = {formats!r} does not fit", "write true or false")
        else:
            return LanguageServerSettings(command, settings, format=formats)
        return None

    def key_set(self, default: str) -> str:
        """Returns the name of the set of keys."""
        tables = self._data.get("keys", {})
        name = tables.get("set", default) if isinstance(tables, dict) else default
        if name in KEY_SETS:
            return str(name)
        hint = (suggestion(name, KEY_SETS) if isinstance(name, str) else "") or "write one of " + ", ".join(KEY_SETS)
        self.report(f"keys.set = {name!r} does not fit", hint, line=line_of(self._path, "keys", "set"))
        return default

    def keys(self) -> dict[str, dict[str, str]]:
        """Returns the tables of keys, without the bindings that are no text."""
        tables = self._data.get("keys", {})
        if not isinstance(tables, dict):
            self.report("keys is not a table", "write [keys.command] or [keys.edit]")
            return {}
        found: dict[str, dict[str, str]] = {}
        for mode, bindings in tables.items():
            if mode == "set":
                continue
            if not isinstance(bindings, dict):
                self.report(f"keys.{mode} is not a table", "write [keys.command] or [keys.edit]")
                continue
            found[mode] = {}
            for key, command in bindings.items():
                if isinstance(command, str):
                    found[mode][key] = command
                else:
                    hint = f'write "{key}" = "the-name-of-a-command", or "" to unbind it'
                    line = line_of(self._path, f"keys.{mode}", key)
                    self.report(f"keys.{mode}: {key} = {command!r} does not fit", hint, line=line)
        return found

    def vim(self) -> VimSettings:
        """Returns the settings of vim's keys."""
        table, default = self._data.get("vim", {}), VimSettings()
        if not isinstance(table, dict):
            self.report("vim is not a table", 'write [vim] and escape = "jk"')
            return default
        reader = _Reader(self._path, table, "vim.")
        reader.problems = self.problems
        known = ("escape", "timeout", "ctrl_o", "clipboard", "Y", "map")
        for key in table:
            if key not in known:
                reader.report(f"unknown setting 'vim.{key}'", suggestion(key, known) or "settings are " + ", ".join(known))
        return VimSettings(
            escape=reader.escape(),
            timeout=reader.count("timeout", "a number of milliseconds", 1),
            ctrl_o=reader.choice("ctrl_o", CTRL_O, default.ctrl_o),
            clipboard=reader.choice("clipboard", CLIPBOARD, default.clipboard),
            yank=reader.choice("Y", YANK, default.yank),
            mappings=reader.mappings() or None,
        )

    def escape(self) -> str:
        """Returns the keys that leave insert mode."""
        keys: str = self.value("escape", str, "", 'two keys, such as "jk"')
        if len(keys) in (0, 2) and keys.isprintable() and " " not in keys:
            return keys
        self.report(f"{self._table}escape = {keys!r} does not fit", 'write two keys, such as "jk", or "" for none')
        return ""

    def mappings(self) -> dict[str, dict[str, str]]:
        """Returns the mappings from keys to keys, without those that are no text."""
        tables = self._data.get("map", {})
        found: dict[str, dict[str, str]] = {}
        hint = 'write [vim.map.normal] and "," = "Space"'
        for mode, bindings in tables.items() if isinstance(tables, dict) else ():
            if mode not in VIM_MODES:
                self.report(f"vim.map.{mode} is no mode", suggestion(mode, VIM_MODES) or f"modes are {', '.join(VIM_MODES)}")
            elif not isinstance(bindings, dict):
                self.report(f"vim.map.{mode} is not a table", hint)
            else:
                found[mode] = {keys: target for keys, target in bindings.items() if isinstance(target, str)}
                for keys in bindings.keys() - found[mode]:
                    self.report(f"vim.map.{mode}: {keys} = {bindings[keys]!r} does not fit", hint)
        if not isinstance(tables, dict):
            self.report("vim.map is not a table", hint)
        return {mode: bindings for mode, bindings in found.items() if bindings}

    def servers(self) -> dict[str, ServerSettings]:
        """Returns the servers, without those that have a problem."""
        tables = self._data.get("servers", {})
        if not isinstance(tables, dict):
            self.report("servers is not a table", "write [servers.NAME]")
            return {}
        found = {name: self._server(name, table) for name, table in tables.items()}
        return {name: server for name, server in found.items() if server is not None}

    def _server(self, name: str, table: object) -> ServerSettings | None:
        hint = f'write [servers.{name}] and url = "https://host:8888/"'
        if not isinstance(table, dict) or not isinstance(url := table.get("url"), str) or "://" not in url:
            self.report(f"servers.{name} has no url", hint)
            return None
        kinds = {"url": str, "token_file": str, "token_command": str, "ca": str, "plain": bool}
        for key, value in table.items():
            if key not in kinds:
                self.report(
                    f"servers.{name}: unknown setting {key!r}", suggestion(key, kinds) or f"settings are {', '.join(kinds)}"
                )
                return None
            if type(value) is not kinds[key]:
                allowed = "true or false" if key == "plain" else "text in quotes"
                self.report(f"servers.{name}: {key} = {value!r} does not fit", f"write {allowed}")
                return None
        if "?" in url:
            self.report(f"servers.{name}: its url has a query", "write the token into a file, and token_file = its path")
            return None
        return ServerSettings(**{**table, "url": f"{url.rstrip('/')}/"})


def read_toml(path: Path) -> dict[str, Any]:
    """Returns the content of the TOML file at `path`. Raises ConfigError for every problem with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}", where=str(path), hint="save the file as UTF-8") from error
    except OSError as error:
        raise ConfigError(error.strerror or str(error), where=str(path), hint="make it a file that can be read") from error
    import tomllib  # most users have no such file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", where=str(path), hint="correct that line") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; lists of thousands of levels
        raise ConfigError(f"it can't be read: {error}", where=str(path), hint="remove such a value") from error


_HEADER = late_pattern(r"\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY = late_pattern(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)\s*=""")


def line_of(path: Path, table: str, key: str) -> int:
    """Returns the line, from 1, on which a table of a TOML file has a key. Returns 0 if it can't be found."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return 0
    inside = ""
    for number, line in enumerate(lines, 1):
        if header := _HEADER.fullmatch(line.strip()):
            inside = "".join(header[1].split())
        elif inside == table and (found := _KEY.match(line.strip())) and _unquoted(found[1]) == key:
            return number
    return 0


def _unquoted(key: str) -> str:
    """Returns a key of a TOML file without its quotes."""
    import tomllib

    try:
        return str(tomllib.loads(f"x = {key}")["x"]) if key[0] in "\"'" else key
    except tomllib.TOMLDecodeError:
        return ""  # a line of a longer text


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns a question such as `did you mean theme?`, or an empty string if no known name is similar."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(known), n=2)
    return f"did you mean {' or '.join(found)}?" if found else ""

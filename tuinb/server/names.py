"""Servers by names: of the user's settings, of `tuinb server add`, and those of this machine by their ports.

`tuinb server add` writes a file of its own, `servers.toml`, beside the settings, which tuinb never writes. A token that it is
asked to keep goes to a file of its own in tuinb's folder for state, which only its user can read.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from tuinb import config, private_folder
from tuinb.config import ServerSettings
from tuinb.errors import ConfigError, UsageError, shown
from tuinb.server import known, local
from tuinb.server.address import is_url, parse

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.server.address import Secret

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)
_LISTED: Final = 8


def base_of(word: str) -> str:
    """Returns the base URL of the server that a word names: a name, the port of a server of this machine, or a URL.

    Raises UsageError if there is none.
    """
    if is_url(word):
        address = parse(word)
        known.remember(address)
        return address.base
    named = known.named()
    if word in named:
        return named[word].url
    here = {port_of(server.base): server.base for server in local.servers()}
    if word in here:
        return here[word]
    all_names = [*named, *here][:_LISTED]
    listed = f"there are: {', '.join(all_names)}" if all_names else "`tuinb server add NAME URL` adds one"
    hint = config.suggestion(word, all_names) or listed
    raise UsageError("no server has this name", where=shown(word), hint=hint)


def url_of(word: str, file: str) -> str:
    """Returns the URL of a file on the server that a word names. Raises UsageError."""
    if is_url(file):
        raise UsageError("a URL says on which server it is", where=shown(file), hint="leave --server out")
    return f"{base_of(word)}lab/tree/{quote(file.lstrip('/'))}"


def port_of(base: str) -> str:
    """Returns the port of a base URL, as text."""
    parts = urlsplit(base)
    return str(parts.port or {"https": 443}.get(parts.scheme, 80))


def add(name: str, settings: ServerSettings, token: Secret | None = None) -> Path | None:
    """Writes a server. A `token` is kept in a file, which is returned. Raises ConfigError and UsageError."""
    if not NAME.fullmatch(name):
        raise UsageError("a name has letters, digits, - and _ only", where=shown(name), hint="choose another one")
    servers = _written()
    if name in known.named():
        raise UsageError("there is a server of this name", where=name, hint=f"`tuinb server remove {name}` first")
    file = None
    if token is not None:
        file = _token_file(name)
        try:
            private_folder.make(file.parent)
            private_folder.write(file, token.reveal())
        except OSError as error:
            raise _unwritable(file, error) from None
        settings = ServerSettings(settings.url, str(file), ca=settings.ca, plain=settings.plain)
    servers[name] = settings
    _write(servers)
    return file


def remove(name: str) -> None:
    """Removes a server, and the token that was kept for it. Raises ConfigError and UsageError."""
    servers = _written()
    if name not in servers:
        own = name in (config.read()[0].servers or {})
        hint = f"remove [servers.{name}] from {config.config_file()}" if own else "`tuinb server list` has all"
        raise UsageError("`tuinb server add` added no server of this name", where=shown(name), hint=hint)
    del servers[name]
    _write(servers)
    try:
        _token_file(name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(_token_file(name), error) from None


def _token_file(name: str) -> Path:
    return private_folder.state_folder(os.environ) / "tokens" / name


def _written() -> dict[str, ServerSettings]:
    """Returns the servers of the file that this module writes. Raises ConfigError if it can't be read."""
    found, problems = config.read_servers(config.servers_file())
    if problems:
        raise problems[0]
    return found


def _write(servers: dict[str, ServerSettings]) -> None:
    file = config.servers_file()
    lines = ["# Written by `tuinb server`. Your own servers belong into config.toml.\n"]
    for name, settings in servers.items():
        lines.append(f"\n[servers.{name}]\n")
        values = {field: getattr(settings, field) for field in ("url", "token_file", "token_command", "ca", "plain")}
        lines += [f"{field} = {json.dumps(value, ensure_ascii=False)}\n" for field, value in values.items() if value]
    try:
        private_folder.make_missing(file.parent)
        private_folder.replace(file, "".join(lines))
    except OSError as error:
        raise _unwritable(file, error) from None


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"it can't be written: {error.strerror or error}", where=shown(path), hint="check the folder")

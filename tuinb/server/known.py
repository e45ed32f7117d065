"""The servers that this process uses: how it gets in, and one login for each.

A token comes from the URL on the command line, from the settings of a named server, from JUPYTER_TOKEN or
JUPYTERHUB_API_TOKEN, or from the list of this machine's servers, in this order. Tokens of URLs are kept in memory only.
"""

from __future__ import annotations

import getpass
import ipaddress
import os
import shlex
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from tuinb import config
from tuinb.errors import ConfigError, UsageError, shown
from tuinb.record import Record
from tuinb.server import certificates, local, login
from tuinb.server import hub as hub_servers
from tuinb.server.address import Address, Secret, parse
from tuinb.server.rest import CertificateError, Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.config import ServerSettings

T = TypeVar("T")
_YES: Final = {"y", "yes"}
_COMMAND: Final = 60.0
"""Seconds that a command has to print a token."""


class Token(Record):
    """A token, and where it comes from, for the user."""

    secret: Secret
    source: str


_GIVEN: Final[dict[str, Secret]] = {}
"""Base URL → the token that a URL of the command line had."""
_OPEN: Final[dict[str, Server]] = {}
"""Base URL → the server, once it is logged in to."""


def locate(url: str) -> Path:
    """Returns the path by which tuinb knows the notebook of a URL, and remembers the URL's token. Raises TuinbError."""
    address = address_of(url)
    if not address.file:
        hint = f"write {shown(address.base)}lab/tree/NAME.ipynb; `tuinb server ls {shown(address.base)}` lists what is there"
        raise UsageError("it names no notebook", where=shown(address.base), hint=hint)
    return address.path


def address_of(url: str) -> Address:
    """Returns the server of a URL, which may be a hub's redirect, and remembers the URL's token. Raises TuinbError."""
    address = parse(url)
    if address.redirect:
        remember(address)
        address = _of_user(address)
    remember(address)
    return address


def _of_user(address: Address) -> Address:
    """Returns the address of a hub's redirect on the server of the user. Raises TuinbError."""
    hub = unopened(address.base)
    base = _trusting(hub, partial(hub_servers.server_of_user, hub))
    return Address(base, address.file, hub.token)


def remember(address: Address) -> None:
    """Keeps the token of a URL, if it has one, for its server."""
    if address.token is not None:
        _GIVEN[address.base] = address.token


def named() -> dict[str, ServerSettings]:
    """Returns the servers that have names: of the user's settings, and those that `tuinb server add` wrote.

    What has a problem is left out.
    """
    return {**config.read_servers(config.servers_file())[0], **(config.read()[0].servers or {})}


def server(base: str) -> Server:
    """Returns a server that takes this user's requests. Asks on the terminal for what it needs. Raises TuinbError."""
    if (found := _OPEN.get(base)) is not None:
        return found
    found = unopened(base)
    ask = _ask_password if _is_attended() else None
    try:
        _trusting(found, partial(login.log_in, found, ask))
    except ServerError as error:
        hub_servers.start(found, error, _say)
        login.log_in(found, ask)
    _OPEN[base] = found
    return found


def unopened(base: str) -> Server:
    """Returns a server with its settings and its token. Asks before a connection that others can read. Raises TuinbError."""
    settings = next((each for each in named().values() if each.url == base), None)
    found = Server(base, authority=os.path.expanduser(settings.ca) if settings is not None else "")  # noqa: PTH111
    if settings is None or not settings.plain:
        _agree_to_plain_text(found, _ask if _is_attended() else None)
    token = token_of(base, settings)
    found.token = token.secret if token is not None else None
    return found


def token_of(base: str, settings: ServerSettings | None) -> Token | None:
    """Returns the token for a server. None if there is none. Raises ConfigError if the settings name one that can't be had."""
    if (given := _GIVEN.get(base)) is not None:
        return Token(given, "the URL")
    if settings is not None and settings.token_file:
        return Token(_read(Path(settings.token_file)), settings.token_file)
    if settings is not None and settings.token_command:
        return Token(_run(settings.token_command), settings.token_command)
    for name in ("JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN"):
        if found := os.environ.get(name):
            return Token(Secret(found), name)
    of_this_machine = local.token_of(base)
    return Token(of_this_machine, "the server's own file") if of_this_machine is not None else None


def _read(path: Path) -> Secret:
    """Returns the token in a file. Raises ConfigError if there is none, or if others can read it."""
    where = shown(path)
    try:
        with path.expanduser().open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(10_000).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the token can't be read: {error}", where=where, hint="write it there, or name another file"
        ) from None
    if mode & 0o077:
        raise ConfigError("other users can read the token", where=where, hint=f"chmod 600 {where}")
    return _checked(text, where)


def _run(command: str) -> Secret:
    """Returns the token that a command prints. Raises ConfigError."""
    where = shown(command)
    try:
        done = subprocess.run(
            shlex.split(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=_COMMAND, check=True, text=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        code = f"it ended with {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise ConfigError(f"the command for the token failed: {code}", where=where, hint="try it in a shell") from None
    return _checked(done.stdout.strip(), where)


def _checked(text: str, where: str) -> Secret:
    """Returns a token. Raises ConfigError for a text that can't be one: it becomes a header."""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigError("it has no token", where=where, hint="a token is one word")
    return Secret(text)


# ---- questions on the terminal


def _is_attended() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _say(text: str) -> None:
    print(f"tuinb: {text}", file=sys.stderr, flush=True)  # noqa: T201 - for a user who waits


def _ask(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)  # noqa: T201 - a question on the terminal
    return sys.stdin.readline().strip()


def agrees(question: str) -> bool:
    """Asks on the terminal. Returns False without one, or if the answer is not yes."""
    return _is_attended() and _ask(question).lower() in _YES


def _ask_password(question: str) -> str:
    try:
        return getpass.getpass(question)
    except EOFError:
        return ""


def _agree_to_plain_text(server: Server, ask: Callable[[str], str] | None) -> None:
    """Asks before anything goes unencrypted to a host of the internet. Raises ServerError if the user does not agree."""
    if server.base.startswith("https:") or not is_public(urlsplit(server.base).hostname or ""):
        return
    question = f"{server.name} is not encrypted: others on the way can read the token and the notebook. Connect? [y/N] "
    if ask is None or ask(question).lower() not in _YES:
        hint = "use https, or a tunnel: ssh -L 8888:localhost:8888 HOST"
        raise ServerError("it is not encrypted, and was not connected to", where=server.name, hint=hint)


def _trusting(server: Server, work: Callable[[], T]) -> T:
    """Does what connects to a server for the first time. Asks whether to trust a certificate that no authority vouches for."""
    try:
        return work()
    except CertificateError as error:
        if certificates.pinned(server.base):  # another certificate than that one is not for a quick yes
            raise
        agree_to_certificate(server, error)
        return work()


def agree_to_certificate(server: Server, error: CertificateError) -> str:
    """Pins the certificate of a server, if the user agrees, and returns its fingerprint. `error` says why it is not trusted.

    Raises CertificateError if not, also without a terminal: it says how the certificate is pinned. Raises TuinbError.
    """
    fingerprint = server.fingerprint()
    question = (
        f"{server.name}\n{error.what.capitalize()}.\nIts fingerprint is\n  {fingerprint}\n"
        "If that is what the server's administrator says, it can be trusted from now on. Trust it? [y/N] "
    )
    if not agrees(question):
        hint = f"`tuinb server pin {server.name} {fingerprint}` trusts this one, if it is the server's"
        raise CertificateError(error.what, where=server.name, hint=hint)
    certificates.pin(server.base, fingerprint)
    return fingerprint


def is_public(host: str) -> bool:
    """Returns whether a host is, or may be, in the internet. One whose name does not resolve is not: nothing is sent there."""
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return any(ipaddress.ip_address(address).is_global for address in found)

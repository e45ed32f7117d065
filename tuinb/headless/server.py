"""`tuinb server`: lists the Jupyter servers that have a name and those of this machine; adds, removes, tries and pins them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.config import ServerSettings
from tuinb.errors import TuinbError, UsageError, shown
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, tell
from tuinb.server import certificates, kernels, known, local, names
from tuinb.server.address import is_url, parse
from tuinb.server.rest import CertificateError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

_WORDS = {
    "list": (0, 0, ""), "add": (2, 2, "NAME URL"), "remove": (1, 1, "NAME"), "test": (1, 1, "NAME"),
    "pin": (1, 2, "NAME [FINGERPRINT]"), "ls": (1, 2, "NAME [FOLDER]"), "get": (2, 3, "NAME FILE [HERE]"),
    "put": (2, 3, "NAME FILE [THERE]"), "mv": (3, 3, "NAME OLD NEW"), "rm": (2, 2, "NAME FILE"), "mkdir": (2, 2, "NAME FOLDER"),
}  # fmt: skip
"""Actions → the least and most arguments that they take, and these."""
_OF_ACTIONS = {
    "token_file": ("add",),
    "token_command": ("add",),
    "save_token": ("add",),
    "ca": ("add",),
    "pin": ("add",),
    "plain": ("add",),
    "json": ("list", "ls"),
    "force": ("get", "put"),
    "yes": ("rm",),
}
"""Options → the actions that they belong to."""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    options = arguments()
    parsed = options.parse_intermixed_args(argv)
    action = parsed.action or "list"
    least, most, words = _WORDS[action]
    if not least <= len(parsed.words) <= most:
        options.error(f"write: tuinb server {action} {words}".rstrip())
    for name, actions in _OF_ACTIONS.items():
        if getattr(parsed, name) and action not in actions:
            options.error(f"--{name.replace('_', '-')} belongs to {' and '.join(actions)}")
    try:
        tell(*_act(action, parsed))
    except TuinbError as error:
        complain(error)
        return Exit.USAGE if action in _LOCAL or isinstance(error, UsageError) else Exit.FAILED
    return Exit.OK


def _act(action: str, parsed: argparse.Namespace) -> Iterable[str]:
    if action in _ACTIONS:
        return _ACTIONS[action](parsed)
    from tuinb.headless import server_files

    return server_files.ACTIONS[action](parsed, parsed.words)


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "server",
        "List the Jupyter servers that have a name and those of yours on this machine; add, remove or try one; trust its "
        "certificate; and look after its files. NAME is a name, a port of this machine, or a URL. "
        "Exit: 0; 1 the server can't be used, or refuses; 2 the command line.",
        "tuinb server",
        "tuinb server add lab https://host:8888/user/ann/ --token-command 'pass show jupyter'",
        "tuinb server add lab 'https://host:8888/?token=…' --save-token",
        "tuinb server test lab",
        "tuinb server pin lab                   shows the certificate, and asks",
        "tuinb server ls lab reports",
        "tuinb server get lab reports/a.ipynb   put lab a.ipynb reports   mv lab a.ipynb b.ipynb",
        "tuinb --server lab analysis.ipynb",
    )
    options.add_argument(
        "action", nargs="?", choices=[*_WORDS], metavar="ACTION", help=f"list (default), {', '.join([*_WORDS][1:])}"
    )
    options.add_argument("words", nargs="*", metavar="NAME …", help="the server, and what the action needs besides")
    options.add_argument("--token-file", metavar="FILE", help="add: a file with its token, which only you can read")
    options.add_argument("--token-command", metavar="COMMAND", help="add: a command that prints its token")
    options.add_argument("--save-token", action="store_true", help="add: keep the URL's token in a file that only you can read")
    options.add_argument("--ca", metavar="FILE", help="add: a file of certificates that are trusted besides the system's")
    options.add_argument("--pin", metavar="FINGERPRINT", help="add: the only certificate that the server may have (SHA256:…)")
    options.add_argument("--plain", action="store_true", help="add: connect without encryption, without asking")
    options.add_argument("--json", action="store_true", help="list, ls: print a JSON array")
    options.add_argument("--force", action="store_true", help="get, put: replace a file that has other content")
    options.add_argument("--yes", action="store_true", help="rm: delete without asking")
    return options


def _list(parsed: argparse.Namespace) -> Iterable[str]:
    for problem in (*config.read()[1], *config.read_servers(config.servers_file())[1]):
        complain(problem)
    from tuinb.render.safe import clean

    rows = [(name, each.url, _token_source(each)) for name, each in known.named().items()]
    rows += [(names.port_of(each.base), each.base, f"serves {each.folder}") for each in local.servers()]
    if parsed.json:
        return [json.dumps([{"name": name, "url": url, "about": about} for name, url, about in rows], indent=1)]
    if not rows:
        return ["No server has a name, and none of yours runs here. `tuinb server add NAME URL` adds one."]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [clean(f"{name:<{widths[0]}}  {url:<{widths[1]}}  {about}".rstrip()) for name, url, about in rows]


def _token_source(settings: ServerSettings) -> str:
    if settings.token_file:
        return f"token in {settings.token_file}"
    return f"token of `{settings.token_command}`" if settings.token_command else ""


def _add(parsed: argparse.Namespace) -> Iterable[str]:
    name, url = parsed.words
    if not is_url(url):
        raise UsageError("it is no URL", where=url, hint="write one such as https://host:8888/")
    if sum(map(bool, (parsed.token_file, parsed.token_command, parsed.save_token))) > 1:
        raise UsageError("a server has one source of its token", hint="leave out all but one of the options")
    base = parse(url).base
    given = known.token_of(base, None) if parsed.save_token else None
    if parsed.save_token and (given is None or given.source != "the URL"):
        raise UsageError("the URL has no token to keep", where=base, hint="add ?token=… to it")
    token_file, ca = (str(given_path(name)) if name else "" for name in (parsed.token_file, parsed.ca))
    settings = ServerSettings(base, token_file, parsed.token_command or "", ca, parsed.plain)
    fingerprint = certificates.fingerprint_in(parsed.pin) if parsed.pin else ""
    if fingerprint:
        _require_tls(base)
    file = names.add(name, settings, given.secret if given is not None else None)
    if fingerprint:
        certificates.pin(base, fingerprint)
    yield f"Added {name}: {base}"
    if file is not None:
        yield f"Its token is in {file}, which only you can read."
    yield f"`tuinb --server {name} FILE` opens a notebook there."


def _remove(parsed: argparse.Namespace) -> Iterable[str]:
    names.remove(parsed.words[0])
    return [f"Removed {parsed.words[0]}."]


def _test(parsed: argparse.Namespace) -> Iterable[str]:
    base = names.base_of(parsed.words[0])
    server = known.server(base)
    found, default = kernels.specs(server)
    yield f"{base}: Jupyter server {server.version()}"
    listed = [f"{spec.name} (default)" if spec.name == default else spec.name for spec in found]
    yield f"kernels: {', '.join(listed) or 'none'}"


def _pin(parsed: argparse.Namespace) -> Iterable[str]:
    base = names.base_of(parsed.words[0])
    _require_tls(base)
    if len(parsed.words) > 1:
        fingerprint = certificates.fingerprint_in(parsed.words[1])
        certificates.pin(base, fingerprint)
        return [f"{base} is trusted with this certificate only: {fingerprint}"]
    server = known.unopened(base)
    try:
        server.check_certificate()
    except CertificateError as error:
        return [f"{base} is trusted with this certificate only: {known.agree_to_certificate(server, error)}"]
    removed = certificates.unpin(base)
    return [f"{base}: its certificate is vouched for{', and pinned no longer' if removed else ': there is nothing to pin'}."]


def _require_tls(base: str) -> None:
    if not base.startswith("https:"):
        raise UsageError("it has no certificate", where=shown(base), hint="give its URL, which begins with https://")


_ACTIONS: dict[str, Callable[[argparse.Namespace], Iterable[str]]] = {
    "list": _list,
    "add": _add,
    "remove": _remove,
    "test": _test,
    "pin": _pin,
}
_LOCAL = ("list", "add", "remove")
"""Actions that ask no server."""

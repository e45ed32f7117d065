"""`tuinb server`: lists the Jupyter servers that have a name and those of this machine, adds, removes and tries them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.config import ServerSettings
from tuinb.errors import TuinbError, UsageError
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, tell
from tuinb.server import kernels, known, local, names
from tuinb.server.address import is_url, parse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

_WORDS = {"list": 0, "add": 2, "remove": 1, "test": 1}
"""Actions → how many arguments they take."""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    options = arguments()
    parsed = options.parse_intermixed_args(argv)
    action = parsed.action or "list"
    if len(parsed.words) != _WORDS[action]:
        options.error({"list": "list takes no name", "add": "give a name and a URL"}.get(action, f"{action} takes one name"))
    added = parsed.token_file or parsed.token_command or parsed.ca or parsed.save_token or parsed.plain
    if added and action != "add":
        options.error("the options for tokens and certificates belong to add")
    try:
        tell(*_ACTIONS[action](parsed))
    except TuinbError as error:
        complain(error)
        return Exit.FAILED if action == "test" and not isinstance(error, UsageError) else Exit.USAGE
    return Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "server",
        "List the Jupyter servers that have a name and those of yours on this machine; add, remove or try one. "
        "Exit: 0; 1 a server that was tried can't be used; 2 the command line.",
        "tuinb server",
        "tuinb server add lab https://host:8888/user/ann/ --token-command 'pass show jupyter'",
        "tuinb server add lab 'https://host:8888/?token=…' --save-token",
        "tuinb server test lab",
        "tuinb --server lab analysis.ipynb",
    )
    options.add_argument("action", nargs="?", choices=[*_WORDS], metavar="ACTION", help="list (default), add, remove or test")
    options.add_argument("words", nargs="*", metavar="NAME [URL]", help="the server's name; to add one, its URL, too")
    options.add_argument("--token-file", metavar="FILE", help="a file with its token, which only you can read")
    options.add_argument("--token-command", metavar="COMMAND", help="a command that prints its token")
    options.add_argument("--save-token", action="store_true", help="keep the URL's token in a file that only you can read")
    options.add_argument("--ca", metavar="FILE", help="a file of certificates that are trusted besides the system's")
    options.add_argument("--plain", action="store_true", help="connect without encryption, without asking")
    options.add_argument("--json", action="store_true", help="list as a JSON array")
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
    file = names.add(name, settings, given.secret if given is not None else None)
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


_ACTIONS = {"list": _list, "add": _add, "remove": _remove, "test": _test}

"""JupyterHub: which server is the user's, and starting it. The REST interface of the hub takes the tokens of its servers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urljoin

from tuinb.errors import shown
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

_USER: Final = re.compile(r"(?P<hub>.*/)user/(?P<name>[^/]+)/(?:(?P<server>[^/]+)/)?$")
_NOT_RUNNING: Final = (302, 424, 503)
"""What a hub answers in the place of a server that does not run."""
_START: Final = 300.0
"""Seconds without an event while a server starts."""


def server_of_user(hub: Server) -> str:
    """Returns the base URL of the server of the user whose token `hub` has. Raises ServerError."""
    if hub.token is None:
        hint = f"make a token at {hub.name}hub/token, and add ?token=… to the URL, or set JUPYTER_TOKEN"
        raise ServerError("a hub wants a token", where=hub.name, hint=hint)
    found = hub.request("GET", "hub/api/user")
    name = found.get("name") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name:
        raise ServerError("its answer names no user", where=hub.name, hint="is it a JupyterHub?")
    servers = found.get("servers")
    own = servers.get("") if isinstance(servers, dict) else None
    url = own.get("url") if isinstance(own, dict) else None
    base = urljoin(hub.base, url) if isinstance(url, str) else f"{hub.base}user/{quote(name)}/"
    if not base.startswith(hub.base):  # its token is the hub's alone
        raise ServerError("it says that your server is elsewhere", where=hub.name, hint="give the URL of the server itself")
    return base if base.endswith("/") else f"{base}/"


def start(server: Server, error: ServerError, say: Callable[[str], None]) -> None:
    """Starts the server of a hub's user that does not run. `say` shows how far it is. `error` is what the server answered.

    Raises that error if it is no server of a hub, or runs, and ServerError if it does not start.
    """
    found = _USER.fullmatch(server.base)
    if found is None or server.token is None:
        raise error
    hub = Server(found["hub"], server.token, authority=server.authority)
    name, named = unquote(found["name"]), unquote(found["server"] or "")
    if error.status not in _NOT_RUNNING and not (error.status == 404 and named and _is_stopped(hub, name, named)):
        raise error
    path = f"hub/api/users/{name}/" + (f"servers/{named}" if named else "server")
    try:
        hub.request("GET", "hub/api")
    except ServerError:
        raise error from None
    try:
        hub.request("POST", path, {}, timeout=_START)
    except ServerError as refused:
        if refused.status != 400:  # it is starting already
            raise _hub_refuses(hub, refused) from None
    say(f"Starting the server {server.name}")
    for event in hub.events(f"{path}/progress", _START):
        message = event.get("message")
        if event.get("failed"):
            hint = f"the hub's page says more: {hub.name}hub/home"
            raise ServerError(f"the server did not start: {shown(str(message))[:300]}", where=server.name, hint=hint)
        if isinstance(message, str):
            progress = event.get("progress")
            say(f"{f'{progress} % ' if isinstance(progress, int) else ''}{shown(message)[:200]}")
        if event.get("ready"):
            return
    raise ServerError("the hub did not say that the server has started", where=server.name, hint="open it once more")


def _is_stopped(hub: Server, name: str, named: str) -> bool:
    """Returns whether a user has a server of this name that does not run. The user's other server answers in its place then."""
    try:
        user = hub.request("GET", f"hub/api/users/{name}", query={"include_stopped_servers": 1})
    except ServerError:
        return False  # it is no hub, or tells this token nothing
    servers = user.get("servers") if isinstance(user, dict) else None
    model = servers.get(named) if isinstance(servers, dict) else None
    return isinstance(model, dict) and not model.get("ready")


def _hub_refuses(hub: Server, error: ServerError) -> ServerError:
    if error.status == 404:
        hint = "check the URL, and whose token it is"
        return ServerError("there is no such user or server that the token may start", where=hub.name, hint=hint, status=404)
    if error.status in (401, 403):
        hint = f"make one at {hub.name}hub/token that may start servers and use them"
        return ServerError("the hub refuses the token", where=hub.name, hint=hint, status=error.status)
    return error

"""Finds out whether a server takes this user's requests. A password is exchanged for a cookie, as a browser does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from tuinb.server.address import Secret
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

_TRIES: Final = 3
_FIELD: Final = re.compile(r'name="_xsrf"[^>]*value="([^"]{1,500})"')


def log_in(server: Server, ask: Callable[[str], str] | None) -> None:
    """Makes sure that the server takes requests. `ask` asks the user for a password; None if nobody can be asked.

    Without a token the server may need a password, which is forgotten afterwards. Raises ServerError.
    """
    server.version()
    if server.is_open():
        return
    if server.token is not None or ask is None:
        raise server.refusal(403, b"")
    for left in reversed(range(_TRIES)):
        password = ask(f"Password for {server.name} ")
        if not password:
            break
        if _send_password(server, Secret(password)):
            return
        if not left:
            raise ServerError("it refuses the password", where=server.name, hint="check it, or give a token")
    raise server.refusal(403, b"")


def _send_password(server: Server, password: Secret) -> bool:
    """Exchanges a password for a cookie. Returns whether the server took it. Raises ServerError."""
    url = server.url("login")
    status, page = server.send("GET", url, None, {})
    if status >= 400:
        raise server.refusal(status, page)
    field = _FIELD.search(page.decode("utf-8", "replace"))
    xsrf = next((cookie.value for cookie in server.cookies if cookie.name == "_xsrf"), None) or (field[1] if field else "")
    form = urlencode({"password": password.reveal(), "_xsrf": xsrf}).encode()
    status, page = server.send("POST", url, form, {"Content-Type": "application/x-www-form-urlencoded"})
    if status == 401:
        return False
    if status >= 400:
        raise server.refusal(status, page)
    return server.is_open()

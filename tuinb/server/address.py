"""The addresses of Jupyter servers and of notebooks on them. No I/O.

A notebook on a server has a path that no file has, such as `/https:/host:8888/lab/tree/analysis.ipynb`: the URL that a browser
shows, as an absolute path. Sessions, journals and claims know notebooks by their paths, and so know these, too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tuinb.errors import UsageError, shown
from tuinb.record import Record

SCHEMES: Final = ("https", "http")
_TREE: Final = "/lab/tree/"
_PAGES: Final = tuple(
    re.compile(f"/{page}(?:/|$)")
    for page in (
        "lab/tree", "lab/workspaces/[^/]+/tree", "doc/tree", "doc/workspaces/[^/]+/tree", "nbclassic/notebooks",
        "nbclassic/tree", "notebooks", "edit", "api/contents", "files", "lab/workspaces/[^/]+", "lab", "doc", "tree",
    )
)  # fmt: skip
"""What follows the base URL in the address of a page. The specific ones come first: a folder may be called `tree`."""
_REDIRECT: Final = re.compile(r"/hub/user-redirect(?=/|$)")
_USER: Final = re.compile("//[^/@]*@")
_EXAMPLE: Final = "such as https://host:8888/lab/tree/analysis.ipynb"


class Secret:
    """A token or password. It does not show in tracebacks, logs and messages."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Returns the text, to send it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


class Address(Record):
    """What a URL says: the server, the file on it, and the token."""

    base: str
    """The server's base URL, which ends with a slash. Of a hub's redirect it is the hub's own."""
    file: str = ""
    """The path of the file on the server. Empty if the URL names none."""
    token: Secret | None = None
    redirect: bool = False
    """Whether the hub knows the server of the user: the URL is one of its `user-redirect`."""

    @property
    def path(self) -> Path:
        """The path by which tuinb knows the notebook."""
        return path_of(self.base, self.file)


def is_url(text: str) -> bool:
    """Returns whether the text is the URL of a server, not the name of a file."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse(url: str) -> Address:
    """Returns what the URL of any page of a server says. Raises UsageError, whose text has no token."""
    where = shown(_USER.sub("//", url.partition("?")[0].partition("#")[0]))
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"it is no URL: {error}", where=where, hint=f"write one {_EXAMPLE}") from None
    if not host or parts.scheme not in SCHEMES:
        raise UsageError("it names no server", where=where, hint=f"write a URL {_EXAMPLE}")
    if parts.username is not None:
        hint = "leave them out: tuinb asks for a password"
        raise UsageError("a URL with a name and a password is not taken", where=where, hint=hint)
    shown_host = f"[{host}]" if ":" in host else host
    site = f"{parts.scheme}://{shown_host}" + (f":{port}" if port is not None else "")
    tokens = parse_qs(parts.query).get("token")
    token = Secret(tokens[0]) if tokens else None
    found = _REDIRECT.search(parts.path)
    if found is not None:
        _, file = _split(parts.path[found.end() :])
        return Address(f"{site}{parts.path[: found.start()]}/", _cleaned(file, where), token, redirect=True)
    base, file = _split(parts.path)
    return Address(f"{site}{base}", _cleaned(file, where), token)


def _split(path: str) -> tuple[str, str]:
    """Returns the path of the base URL, with its slash, and the path of the file."""
    for page in _PAGES:
        if (found := page.search(path)) is not None:
            return f"{path[: found.start()]}/", unquote(path[found.end() :])
    return f"{path.rstrip('/')}/", ""


def _cleaned(file: str, where: str) -> str:
    """Returns the path of a file without empty parts. Raises UsageError if it leads out of the server's folder."""
    parts = [part for part in file.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in file:
        raise UsageError("the path of the file leads out of the server's folder", where=where, hint="leave .. out")
    return "/".join(parts)


def path_of(base: str, file: str) -> Path:
    """Returns the path by which tuinb knows a file of a server."""
    scheme, _, rest = base.partition("://")
    return Path(f"/{scheme}:/{rest.rstrip('/')}{_TREE}{file}")


def file_of(path: Path) -> tuple[str, str]:
    """Returns the base URL and the path on the server of a path that `path_of` made."""
    scheme, _, rest = str(path)[1:].partition(":/")
    base, _, file = f"{rest}/".partition(_TREE)
    return f"{scheme}://{base}/", file.rstrip("/")


def url_of(path: Path) -> str:
    """Returns the URL that a browser opens, of a path that `path_of` made."""
    base, file = file_of(path)
    return f"{base}{_TREE[1:]}{quote(file)}"

"""The REST interface of a Jupyter server, by the standard library. Every failure becomes a ServerError with a next step.

A token goes to the server's own origin only: redirects are not followed. Answers are bounded. Proxies of the environment
(`https_proxy`, `no_proxy`) are used. A certificate is checked by authorities, or against the one that the user has pinned. Not
safe for more than one thread at a time but for `request`, which makes a new connection each time.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from tuinb import deep_json
from tuinb.errors import ConfigError, TuinbError, shown
from tuinb.long_text import PIECE
from tuinb.record import Record
from tuinb.server import certificates
from tuinb.server.certificates import OtherCertificateError, PinnedContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from email.message import Message
    from typing import IO

    from tuinb.server.address import Secret

TIMEOUT: Final = 30.0
"""Seconds without a byte from the server."""
_STATUS_TIMEOUT: Final = 10.0
UNTRACKED: Final = {"no_track_activity": 1}
"""The query of a request that nobody asked for. A hub ends servers that no request came to for long."""
MOST_BYTES: Final = 16 << 20
"""Bytes of an answer, but for the content of a file."""
_MOST_LINE: Final = 1 << 16
_MOST_SAID: Final = 300
"""Characters of a server's own words in a message."""


class ServerError(TuinbError):
    """A server can't be reached, refuses, or answers nonsense."""

    def __init__(self, what: str, *, where: str = "", hint: str = "", status: int = 0) -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status
        """The HTTP status. 0 if there was no answer."""


class Upload(Record):
    """A long body of a request, whose end waits for a check. A server does nothing before it has the whole body."""

    pieces: Callable[[], Iterable[bytes]]
    """Makes the body, once to know its size and once to send it: it is never in memory as a whole."""
    check: Callable[[], None]
    """Called before the last piece is sent. If it raises, the request is not completed."""

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(map(len, self.pieces()))

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self.pieces())
        last = next(pieces, b"")
        for piece in pieces:
            yield last
            last = piece
        self.check()
        yield last


class CertificateError(ServerError):
    """The certificate of a server is not trusted. Nothing was sent to it."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Lets a redirect be the answer."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class Server:
    """One Jupyter server: its base URL, and what proves who the user is.

    `authority` is a file of certificates that are trusted besides the system's.
    """

    def __init__(self, base: str, token: Secret | None = None, *, authority: str = "") -> None:
        self.base = base
        self.token = token
        self.authority = authority
        self.cookies = CookieJar()
        """What a login with a password brought."""
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext | None:
        """How the server's certificate is checked. None without TLS. Raises ServerError for a bad file of certificates."""
        if not self.base.startswith("https:"):
            return None
        if self._context is None:
            try:
                pin = certificates.pinned(self.base)
            except ConfigError as error:
                raise ServerError(error.what, where=error.where, hint=error.hint) from None
            self._context = PinnedContext(pin) if pin else self._verifying()
        return self._context

    def _verifying(self) -> ssl.SSLContext:
        """Returns a context for certificates of the system's authorities, and of `authority`."""
        context = ssl.create_default_context()
        if self.authority:
            try:
                context.load_verify_locations(self.authority)
            except OSError as error:  # ssl.SSLError is one
                hint = "name a file with certificates in PEM format"
                what = f"it can't be used: {error.strerror or error}"
                raise ServerError(what, where=shown(self.authority), hint=hint) from None
        return context

    def fingerprint(self) -> str:
        """Returns the fingerprint of the server's certificate, whoever vouches for it. Sends no request. Raises ServerError."""
        self._context = PinnedContext()
        try:
            self._open("GET", self.url("api"), None, {}, _STATUS_TIMEOUT).close()
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            if isinstance(reason, OtherCertificateError):
                return reason.fingerprint
            raise self.unreachable(error) from None
        finally:
            self._context = None
        raise ServerError("it has no certificate", where=self.name, hint="give its URL, which begins with https://")

    def check_certificate(self) -> None:
        """Raises CertificateError if no authority vouches for the certificate, and ServerError if there is no connection."""
        self._context = self._verifying()
        try:
            self._open("GET", self.url("api"), None, {}, _STATUS_TIMEOUT).close()
        except (OSError, http.client.HTTPException) as error:
            raise self.unreachable(error) from None
        finally:
            self._context = None

    def credentials(self) -> dict[str, str]:
        """Returns the headers that prove who the user is, for any request to this server."""
        if self.token is not None:
            return {"Authorization": f"token {self.token.reveal()}"}
        found = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        xsrf = next((cookie.value for cookie in self.cookies if cookie.name == "_xsrf"), None)
        return {**({"Cookie": found} if found else {}), **({"X-XSRFToken": xsrf} if xsrf else {})}

    def url(self, path: str, query: Mapping[str, str | int] | None = None) -> str:
        """Returns the URL of a path below the base URL."""
        return f"{self.base}{quote(path)}{'?' + urlencode(query) if query else ''}"

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        most: int = MOST_BYTES,
        timeout: float = TIMEOUT,
    ) -> Any:  # noqa: ANN401 - JSON
        """Sends a request and returns the JSON of the answer, or None if it is empty.

        `body` is a value to send as JSON, or an Upload that is JSON. Raises ServerError, and what an Upload's check raises.
        """
        data = body if body is None or isinstance(body, Upload) else json.dumps(body).encode()
        headers = {**self.credentials(), "Accept": "application/json", "Content-Type": "application/json"}
        status, answer = self.send(method, self.url(path, query), data, headers, most=most, timeout=timeout)
        if status >= 300:
            raise self.refusal(status, answer, path)
        if not answer or answer.isspace():
            return None
        try:
            read = deep_json.loads if len(answer) <= PIECE else deep_json.loads_in_pieces
            return read(answer.decode())
        except ValueError:
            raise self._not_json(answer) from None

    def send(
        self,
        method: str,
        url: str,
        data: bytes | Upload | None,
        headers: Mapping[str, str],
        *,
        most: int = MOST_BYTES,
        timeout: float = TIMEOUT,
    ) -> tuple[int, bytes]:
        """Sends a request. Returns the status and the body of the answer, whatever they are. Raises ServerError without one."""
        try:
            with self._open(method, url, data, headers, timeout) as response:
                location = response.headers.get("Location", "")
                answer = response.read(most + 1)
                if len(answer) > most:
                    raise ServerError(f"its answer has more than {most >> 20} MB", where=self.name, hint="it is not taken")
                status = int(response.status or 0)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self.unreachable(error) from None
        if status in (301, 302, 303, 307, 308):
            return status, location.encode()
        return status, answer

    def events(self, path: str, timeout: float = TIMEOUT) -> Iterator[dict[str, Any]]:
        """Yields the objects of a stream of events (text/event-stream) while they come. Raises ServerError."""
        headers = {**self.credentials(), "Accept": "text/event-stream"}
        try:
            with self._open("GET", self.url(path), None, headers, timeout) as response:
                if response.status != 200:
                    raise self.refusal(response.status, response.read(_MOST_LINE), path)
                while line := response.readline(_MOST_LINE):
                    if line.startswith(b"data:") and isinstance(found := json.loads(line[5:]), dict):
                        yield found
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise self.unreachable(error) from None

    def _open(self, method: str, url: str, data: bytes | Upload | None, headers: Mapping[str, str], timeout: float) -> Any:  # noqa: ANN401 - urllib's
        """Sends a request and returns the answer, to read and to close."""
        if isinstance(data, Upload):
            headers = {**headers, "Content-Length": str(data.size)}
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.HTTPCookieProcessor(self.cookies)]
        if self.context is not None:
            handlers.append(urllib.request.HTTPSHandler(context=self.context))
        opener = urllib.request.build_opener(*handlers)
        request = urllib.request.Request(url, data=data, headers=dict(headers), method=method)
        try:
            return opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            return error

    @property
    def name(self) -> str:
        """The server, for the user."""
        return shown(self.base)

    # ---- what went wrong

    def unreachable(self, error: Exception) -> ServerError:
        """Returns the error for a request without an answer."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        parts = urlsplit(self.base)
        host = shown(parts.hostname or "")
        what, hint = f"it can't be reached: {reason}", "check the network, and try again"
        if isinstance(reason, socket.gaierror):
            what, hint = f"the name {host} does not resolve", "check the name, and the network"
        elif isinstance(reason, ConnectionRefusedError):
            what, hint = "nothing listens there", "`jupyter server list` on its machine says where it runs"
        elif isinstance(reason, TimeoutError):
            what, hint = "it does not answer in time", "check the network, and the server"
        elif isinstance(reason, ssl.SSLCertVerificationError | OtherCertificateError):
            self._context = None  # the user may pin another one meanwhile
            return self._refused_certificate(reason)
        elif isinstance(reason, ssl.SSLError):
            what, hint = "it does not speak TLS", "if it is a server without TLS, write http://"
        elif isinstance(reason, http.client.HTTPException | ConnectionResetError):
            what, hint = "it ended the connection without an answer", "if it is a server with TLS, write https://"
        return ServerError(what, where=self.name, hint=hint)

    def _refused_certificate(self, reason: ssl.SSLError) -> CertificateError:
        show = f"`tuinb server pin {self.name}`"
        if isinstance(reason, OtherCertificateError):
            what = f"its certificate is not the pinned one, but {reason.fingerprint}: nothing was sent to it"
            hint = f"somebody may pose as the server; if its administrator changed the certificate, {show} takes the new one"
        else:
            said = getattr(reason, "verify_message", "") or str(reason)
            what = f"its certificate is not trusted: {shown(said)}"
            hint = f"{show} shows it and pins it; `tuinb server add NAME URL --ca FILE` names the file of its authority"
        return CertificateError(what, where=self.name, hint=hint)

    def refusal(self, status: int, answer: bytes, path: str = "") -> ServerError:
        """Returns the error for an answer that is no success."""
        what, hint = "", ""
        if status in (301, 302, 303, 307, 308):
            to = shown(answer.decode("utf-8", "replace").partition("?")[0])[:_MOST_SAID]
            what = f"it sends requests elsewhere, to {to}"
            hint = "give the URL of the server itself, and a token of it; no token was sent there"
        elif status in (401, 403):
            what, hint = self._refused_user(_said(answer))
        elif status in (424, 502, 503, 504):
            what = f"the server behind it does not run (status {status})"
            hint = "start it, or wait until it has started"
        elif status == 413:
            what, hint = "the file is too large for the server, or the proxy before it", "save to another place"
        elif status == 429:
            what, hint = "it takes no more requests for now", "try again later"
        elif status == 404:
            what, hint = "there is no such page", "check the URL: is it a Jupyter server, and is its base URL complete?"
        if said := _said(answer):
            if not what:
                what = f"it refuses: {said} (status {status})"
            elif status == 404:
                what = said
        return ServerError(what or f"it answers with status {status}", where=self.name, hint=hint, status=status)

    def _refused_user(self, said: str) -> tuple[str, str]:
        if said.startswith("Permission denied"):  # by the server's disk
            return said, "check the permissions of the file and its folder there"
        if self.token is not None:
            return "it refuses the token", "a wrong or expired one? `jupyter server list` on its machine shows the token"
        if self.credentials():
            return "the login has expired, or does not permit this", "open it again"
        return "it wants a token or a password", "add ?token=… to the URL, or set JUPYTER_TOKEN"

    def _not_json(self, answer: bytes) -> ServerError:
        if answer.lstrip()[:1] == b"<":
            what = "it answers with a web page where data is expected"
            hint = "a proxy or a login page stands before it, or it is no Jupyter server"
            return ServerError(what, where=self.name, hint=hint)
        return ServerError("its answer is not JSON", where=self.name, hint="is it a Jupyter server?")

    # ---- what it is

    def version(self) -> str:
        """Returns the version of the server, which it tells everybody. Raises ServerError if it is no Jupyter server."""
        try:
            found = self.request("GET", "api", timeout=_STATUS_TIMEOUT)
        except ServerError as error:
            if error.status == 404:
                hint = "check the URL: is its base URL complete?"
                raise ServerError("there is no Jupyter server", where=self.name, hint=hint, status=404) from None
            raise
        version = found.get("version") if isinstance(found, dict) else None
        if not isinstance(version, str):
            raise ServerError("there is no Jupyter server", where=self.name, hint="check the URL")
        return shown(version)[:20]

    def is_open(self) -> bool:
        """Returns whether the server takes requests with the present token or cookie. Raises ServerError."""
        try:
            self.request("GET", "api/status", timeout=_STATUS_TIMEOUT)
        except ServerError as error:
            if error.status in (401, 403):
                return False
            if error.status != 404:  # a gateway has no such page
                raise
        return True


def _said(answer: bytes) -> str:
    """Returns a server's own words of an error, on one line and without control characters."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    text = (found.get("message") or found.get("reason")) if isinstance(found, dict) else None
    return shown(" ".join(text.split()))[:_MOST_SAID] if isinstance(text, str) else ""

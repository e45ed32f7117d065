"""Certificates that the user has pinned: servers whose certificate no authority vouches for, as ssh knows hosts by their keys.

A pinned certificate is compared in the TLS handshake of each connection, before anything is sent on it. Pins are kept by host
and port, in a file of tuinb's folder for state that only its user can read.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tuinb import private_folder
from tuinb.errors import ConfigError, UsageError, shown

if TYPE_CHECKING:
    from pathlib import Path

_FINGERPRINT: Final = re.compile(r"(?:sha-?256:)?((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})", re.IGNORECASE)
_PORT: Final = 443


class OtherCertificateError(ssl.SSLError):
    """The server has another certificate than the context demands."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(1, f"the certificate is {fingerprint}")
        self.fingerprint = fingerprint
        """That of the server's certificate."""


class PinnedContext(ssl.SSLContext):
    """Takes connections to servers with one certificate only. Names, dates and authorities don't matter then.

    Without a fingerprint it takes none: the error has the fingerprint of the certificate.
    """

    fingerprint: str

    def __new__(cls, fingerprint: str = "") -> PinnedContext:
        context = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        context.fingerprint = fingerprint
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # `require` compares the certificate instead
        context.sslsocket_class, context.sslobject_class = _PinnedSocket, _PinnedObject
        return context

    def require(self, certificate: bytes | None) -> None:
        """Raises OtherCertificateError if a certificate in DER is not the pinned one."""
        found = fingerprint_of(certificate or b"")
        if found != self.fingerprint:
            raise OtherCertificateError(found)


class _PinnedSocket(ssl.SSLSocket):
    """The connections of the REST interface."""

    def do_handshake(self, block: bool = False) -> None:
        """See SSLSocket."""
        super().do_handshake(block)
        _require_pinned(self)


class _PinnedObject(ssl.SSLObject):
    """The connections of asyncio: websockets."""

    def do_handshake(self) -> None:
        """See SSLObject."""
        super().do_handshake()
        _require_pinned(self)


def _require_pinned(connection: ssl.SSLSocket | ssl.SSLObject) -> None:
    assert isinstance(connection.context, PinnedContext)
    connection.context.require(connection.getpeercert(binary_form=True))


def fingerprint_of(certificate: bytes) -> str:
    """Returns the fingerprint of a certificate in DER, as browsers and `openssl x509 -fingerprint -sha256` show it."""
    return f"SHA256:{hashlib.sha256(certificate).digest().hex(':').upper()}"


def fingerprint_in(text: str) -> str:
    """Returns the fingerprint that a user wrote, with or without colons. Raises UsageError."""
    found = _FINGERPRINT.fullmatch(text.strip())
    if found is None:
        hint = "write SHA256: and 64 hexadecimal digits, as `openssl x509 -noout -fingerprint -sha256` prints them"
        raise UsageError("it is no fingerprint of a certificate", where=shown(text), hint=hint)
    return f"SHA256:{bytes.fromhex(found[1].replace(':', '')).hex(':').upper()}"


# ---- the file of pins


def pinned(base: str) -> str:
    """Returns the fingerprint that is pinned for the host and port of a base URL. Empty without one. Raises ConfigError."""
    return _read().get(_host_of(base), "")


def pin(base: str, fingerprint: str) -> None:
    """Pins a certificate for the host and port of a base URL, in the place of an earlier one. Raises ConfigError."""
    _write({**_read(), _host_of(base): fingerprint})


def unpin(base: str) -> bool:
    """Removes the pin of a host and port. Returns whether there was one. Raises ConfigError."""
    pins = _read()
    if pins.pop(_host_of(base), None) is None:
        return False
    _write(pins)
    return True


def _host_of(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.hostname}:{parts.port or _PORT}"


def _file() -> Path:
    return private_folder.state_folder(os.environ) / "certificates"


def _read() -> dict[str, str]:
    """Returns the pins. A host whose line can't be read is an error: its certificate would be taken for a new one."""
    try:
        text = _file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the pinned certificates can't be read: {error}", where=shown(_file()), hint="mend the file"
        ) from None
    pins = {}
    for line in text.splitlines():
        host, _, fingerprint = line.partition(" ")
        if not host or _FINGERPRINT.fullmatch(fingerprint) is None:
            hint = "a line is HOST:PORT SHA256:…; remove this one"
            raise ConfigError(f"a line is no pinned certificate: {shown(line[:100])}", where=shown(_file()), hint=hint)
        pins[host] = fingerprint
    return pins


def _write(pins: dict[str, str]) -> None:
    file = _file()
    try:
        private_folder.make(file.parent)
        private_folder.replace(file, "".join(f"{host} {fingerprint}\n" for host, fingerprint in sorted(pins.items())))
    except OSError as error:
        raise ConfigError(
            f"it can't be written: {error.strerror or error}", where=shown(file), hint="check the folder"
        ) from None

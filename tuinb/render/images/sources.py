"""Sources of image bytes. The key and the first bytes are cheap. A job reads the whole."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Protocol

from tuinb.record import Record
from tuinb.render.images.header import byte_count, decode_base64

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

LARGEST_FILE = 64 << 20
"""Maximum size of an image file in bytes."""


class Source(Protocol):
    """The bytes of an image."""

    @property
    def key(self) -> Hashable:
        """Equal for equal images in this process."""
        ...

    @property
    def size(self) -> int:
        """Number of bytes, possibly approximate."""
        ...

    def head(self, most: int) -> bytes:
        """Returns at most the first `most` bytes. Raises like `read`."""
        ...

    def read(self) -> bytes:
        """Returns all bytes. Raises ValueError with the problem, or OSError."""
        ...


class Encoded(Record):
    """Base64 text, as in a MIME bundle."""

    text: str

    @property
    def key(self) -> Hashable:
        # Python caches a string's hash: megabytes are read once, at 3 GB/s, however often they are painted.
        return hash(self.text), len(self.text)

    @property
    def size(self) -> int:
        return byte_count(self.text)

    def head(self, most: int) -> bytes:
        return decode_base64(self.text[: most * 4 // 3 + 4])[:most]

    def read(self) -> bytes:
        data = decode_base64(self.text)
        if not data:
            raise ValueError("it is empty" if not self.text.strip() else "it is not base64")
        return data


class Markup(Record):
    """Text that is an image: an SVG."""

    text: str

    @property
    def key(self) -> Hashable:
        return hash(self.text), len(self.text)

    @property
    def size(self) -> int:
        return len(self.text)

    def head(self, most: int) -> bytes:
        return self.text[:most].encode(errors="replace")

    def read(self) -> bytes:
        return self.text.encode(errors="replace")


class RawBytes(Record):
    """Bytes in memory."""

    data: bytes

    @property
    def key(self) -> Hashable:
        return hash(self.data), len(self.data)

    @property
    def size(self) -> int:
        return len(self.data)

    def head(self, most: int) -> bytes:
        return self.data[:most]

    def read(self) -> bytes:
        return self.data


class ImageFile(Record):
    """A regular file in a folder, in the state in which it was found."""

    path: Path
    identity: tuple[int, int, int, int]
    """Device, inode, size in bytes, modification time in nanoseconds. A replaced file is not read."""

    @property
    def key(self) -> Hashable:
        return self.path, self.identity

    @property
    def size(self) -> int:
        return self.identity[2]

    def head(self, most: int) -> bytes:
        return self._read(most)

    def read(self) -> bytes:
        return self._read(self.size + 1)

    def _read(self, most: int) -> bytes:
        # O_NONBLOCK avoids waiting for a writer if it has become a FIFO. O_NOFOLLOW rejects a link.
        with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if _identity(os.fstat(file.fileno())) != self.identity:
                raise ValueError("the file has changed")
            return file.read(most)


def find(name: str, folder: Path) -> ImageFile:
    """Finds the image file `name` in `folder`. Raises ValueError with the reason for not showing it.

    Links are followed only inside the folder. Devices, FIFOs and sockets are never opened.
    """
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
        found = path.stat()
    except (OSError, ValueError, RuntimeError):
        raise ValueError("no such file") from None
    if not path.is_relative_to(root):
        raise ValueError("it is outside the notebook's folder")
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is not a regular file")
    if found.st_size > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE >> 20} MB")
    return ImageFile(path, _identity(found))


def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

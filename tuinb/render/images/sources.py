"""Where the bytes of an image come from. What is cheap (a key, the first bytes) is at hand; the whole is read in a job."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tuinb.render.images.header import byte_count, unbase64

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

LARGEST_FILE = 64 << 20
"""Bytes of an image file that are read."""


class Source(Protocol):
    """An image's bytes."""

    @property
    def key(self) -> Hashable:
        """Equal for equal images, in this process."""
        ...

    @property
    def size(self) -> int:
        """Bytes, at least about."""
        ...

    def head(self, most: int) -> bytes:
        """The first bytes, at most so many. Raises as `read` does."""
        ...

    def read(self) -> bytes:
        """All bytes. Raises ValueError that says what is wrong, or OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Base64 text, as in a MIME bundle."""

    text: str

    @property
    def key(self) -> Hashable:
        # Python keeps a string's hash: megabytes are walked through once, at 3 GB/s, however often they are painted.
        return hash(self.text), len(self.text)

    @property
    def size(self) -> int:
        return byte_count(self.text)

    def head(self, most: int) -> bytes:
        return unbase64(self.text[: most * 4 // 3 + 4])[:most]

    def read(self) -> bytes:
        data = unbase64(self.text)
        if not data:
            raise ValueError("it is empty" if not self.text.strip() else "it is not base64")
        return data


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is an image itself: an SVG."""

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


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that are there already."""

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


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A regular file below a folder, as it was when it was found."""

    path: Path
    identity: tuple[int, int, int, int]
    """Device, inode, size in bytes, time of change in nanoseconds: another file of that name is not shown as this one."""

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
        # Not to wait for a writer if it has become a FIFO, and not to follow a link that it has become.
        with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if _identity(os.fstat(file.fileno())) != self.identity:
                raise ValueError("the file has changed")
            return file.read(most)


def find(name: str, folder: Path) -> ImageFile:
    """The image file `name` below `folder`. Raises ValueError that says why it is not shown.

    Links are followed only to what is below the folder, too; devices, FIFOs and sockets are never opened.
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
        raise ValueError("it is no regular file")
    if found.st_size > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE >> 20} MB")
    return ImageFile(path, _identity(found))


def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

"""jupytext's pairs: text files with the inputs of a notebook, which `jupytext.formats` in its metadata names.

Only text files beside the notebook, with its name, belong to a pair here: a notebook of somebody else must not choose other
places that saving writes to. A jupytext.toml is not read: nothing beside a notebook decides what it runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tuinb.errors import is_remote
from tuinb.files import disk, text_notebook
from tuinb.files.text_notebook import TextFormat
from tuinb.notebook.language import suffix_of
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuinb.files.disk import DiskState
    from tuinb.files.storage import FileState
    from tuinb.notebook.changes import CellData, Json
    from tuinb.notebook.difference import Content, Metadata

NOTEBOOK = "ipynb"


class Member(Record):
    """A text file of a pair."""

    path: Path
    form: TextFormat


@dataclass(slots=True)
class PairedText:
    """What is known of a text file of a pair."""

    member: Member
    known: bytes | None = None
    """The text that the notebook was last compared with. None if there was no file."""
    state: FileState | None = None
    """The state of the file with these bytes. None if the file has others, or there is none."""
    seen: FileState | None = None
    """The state of the file that the user was told about."""
    failures: int = 0
    """How often this state could not be read."""

    @property
    def path(self) -> Path:
        return self.member.path

    def follow(self, data: bytes, state: FileState | None) -> None:
        """Notes that the notebook has the inputs of this file."""
        self.known, self.state, self.seen, self.failures = data, state, None, 0


def formats(metadata: Metadata) -> list[str]:
    """Returns the formats of a pair, such as `ipynb` and `py:percent`. Empty if the notebook is in no pair."""
    own = metadata.get("jupytext")
    value = own.get("formats") if isinstance(own, dict) else None
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else []


def members(path: Path, metadata: Metadata) -> tuple[list[Member], list[str]]:
    """Returns the text files of a notebook's pair, and the formats that are not followed.

    On a server they are left to its own jupytext.
    """
    found: list[Member] = []
    others: list[str] = []
    for written in formats(metadata) if not is_remote(path) else ():
        extension, _, name = written.partition(":")
        extension = extension.removeprefix(".")
        suffix = suffix_of(metadata) if extension == "auto" else f".{extension}"
        if suffix in text_notebook.SUFFIXES:
            found.append(Member(path.with_suffix(suffix), TextFormat(suffix, name)))
        elif extension != NOTEBOOK:
            others.append(written)
    return found, others


def keep_newer(path: Path, metadata: Metadata, before: DiskState | None) -> None:
    """Lets texts of a pair stay newer than the notebook, after a change that leaves inputs as they are. Raises OSError.

    `before` is the state of the notebook's file before that change.
    """
    for member in members(path, metadata)[0]:
        state = disk.state(member.path)
        if before is not None and state is not None and state.modified > before.modified:
            os.utime(member.path)


def is_available() -> bool:
    """Whether jupytext is installed."""
    return find_spec("jupytext") is not None


def render(content: Content, member: Member, before: bytes | None, *, anew: bool = False) -> bytes:
    """Returns the text of a notebook. Returns `before`, the file as it is, if that has the same inputs, unless `anew`.

    The format that is not named is that of `before`. Raises NotebookFileError.
    """
    path, form = member.path, member.form
    if before is not None and not form.name:
        form = text_notebook.format_of(before, path)
    made = text_notebook.from_ipynb(_ipynb(content), path, None, form)
    if before is None:
        return made
    if not anew and made == text_notebook.from_ipynb(text_notebook.to_ipynb(before, path), path, None, form):
        return before
    return made.replace(b"\n", b"\r\n") if b"\r\n" in before else made


def _ipynb(content: Content) -> bytes:
    """Returns a notebook without outputs as a file in nbformat."""
    top = {"cells": [*map(_cell, content.cells.values())], "metadata": content.metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(top).encode()


def _cell(data: CellData) -> dict[str, Json]:
    return dict(_keys(data))


def _keys(data: CellData) -> Iterator[tuple[str, Json]]:
    yield from {"metadata": {}, **data.raw, "id": data.id, "cell_type": data.kind, "source": data.source}.items()
    if data.kind == "code":
        yield from (("outputs", []), ("execution_count", None))

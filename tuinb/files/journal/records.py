"""The format of a journal: a line that names it, then records, each with its length and checksum.

    HEADER      JSON: whose work it is, and of which notebook
    BASE        the notebook as it was read or saved: a line of JSON with the ids of its cells, then a file in nbformat
    SEED        transactions that make the base out of an empty notebook, if there was no file
    SNAPSHOT    like BASE, compressed: the notebook at a later time. The changes after it start from there
    CHANGES     transactions, compressed JSON

Reading stops at the first record that is cut or damaged, so that a prefix of what was written is used.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from enum import IntEnum
from itertools import chain, islice
from typing import TYPE_CHECKING

from tuinb import deep_json
from tuinb.notebook.changes import AppendStream, CellId
from tuinb.notebook.json_codec import TRANSACTIONS
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tuinb.notebook.changes import Transaction

MAGIC = b"tuinb journal 1\n"
_FRAME = struct.Struct("<QIB")
"""Length of the payload, CRC-32 of kind and payload, kind."""
_LONGEST = 1 << 20
"""Characters that json writes in one call: it holds the GIL for 3 ms."""
_TOKENS = 1 << 14
"""Tokens of JSON that are compressed at once."""
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_LEVEL = 1
"""Higher levels of zlib take several times as long for a tenth less."""


MALFORMED = (zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a record may raise besides TuinbError, if its checksum is right and its content is not."""


class Kind(IntEnum):
    HEADER = 1
    BASE = 2
    SEED = 3
    SNAPSHOT = 4
    CHANGES = 5


_KINDS = frozenset(map(int, Kind))


class Content(Record):
    """A whole notebook."""

    ids: Sequence[CellId]
    """The ids that transactions use for its cells, from top to bottom. A file may have none."""
    data: bytes
    """A file in nbformat. Empty for a notebook without cells."""


def frame(kind: Kind, *payload: bytes) -> tuple[bytes, ...]:
    """Returns the pieces of a record. A large payload is not copied, since that would hold up other threads."""
    checksum = int(kind)
    for piece in payload:
        checksum = zlib.crc32(piece, checksum)
    return (_FRAME.pack(sum(map(len, payload)), checksum, kind), *payload)


def scan(data: bytes) -> Iterator[tuple[Kind, memoryview]]:
    """Yields the records of a journal, up to the first that is cut or damaged. Never raises."""
    view, at = memoryview(data), len(MAGIC)
    if not data.startswith(MAGIC):
        return
    while at + _FRAME.size <= len(view):
        length, checksum, kind = _FRAME.unpack_from(view, at)
        at += _FRAME.size
        payload = view[at : at + length]
        if len(payload) < length or kind not in _KINDS or zlib.crc32(payload, kind) != checksum:
            return
        yield Kind(kind), payload
        at += length


def pack_content(content: Content, *, compressed: bool) -> tuple[bytes, bytes]:
    """Returns the pieces of the payload of BASE or SNAPSHOT."""
    head = json.dumps({"ids": list(content.ids)}).encode() + b"\n"
    return head, zlib.compress(content.data, _LEVEL) if compressed else content.data


def unpack_content(payload: memoryview, *, compressed: bool) -> Content:
    """Returns the notebook of a BASE or SNAPSHOT."""
    head, _, data = bytes(payload).partition(b"\n")
    return Content([CellId(cell) for cell in json.loads(head)["ids"]], zlib.decompress(data) if compressed else data)


def pack_changes(transactions: Iterable[Transaction]) -> bytes:
    """Returns the payload of CHANGES or SEED. Raises ValueError or RecursionError for a value that JSON can't hold."""
    packer, mark = zlib.compressobj(_LEVEL), b"["
    pieces: list[bytes] = []
    for transaction in chain.from_iterable(map(_cut, transactions)):
        pieces.append(packer.compress(mark))
        # Two lone surrogates that follow each other are not escaped: they would be read as one character, and offsets of later
        # changes would be wrong.
        pieces += (
            packer.compress(text.encode("utf-8", "surrogatepass")) for text in _encoded(TRANSACTIONS.to_json(transaction))
        )
        mark = b","
    return b"".join((*pieces, packer.compress(b"]" if pieces else b"[]"), packer.flush()))


def _encoded(record: object) -> Iterator[str]:
    """Yields the JSON of a record, in pieces if it is long: one call of json holds the GIL, 30 ms for 1 MB of numbers."""
    if not _is_long(record):
        yield _ENCODER.encode(record)
        return
    tokens = _ENCODER.iterencode(record)
    while text := "".join(islice(tokens, _TOKENS)):
        yield text


def _is_long(record: object) -> bool:
    """Whether a value has more than _LONGEST characters, by an estimate. Looks no further than that."""
    left, waiting = _LONGEST, [record]
    while waiting and left > 0:
        match waiting.pop():
            case str(text):
                left -= len(text)
            case dict() | list() | tuple() as members:
                left -= 8 * (len(members) + 1)
                if left > 0:
                    waiting += members.values() if isinstance(members, dict) else members
            case _:
                left -= 8
    return left <= 0


def _cut(transaction: Transaction) -> Iterator[Transaction]:
    """Yields what does the same, with texts of at most _LONGEST characters if it only prints."""
    change = transaction.changes[0] if len(transaction.changes) == 1 else None
    if not isinstance(change, AppendStream) or len(change.text) <= _LONGEST:
        yield transaction
        return
    for at in range(0, len(change.text), _LONGEST):
        yield replace(transaction, changes=(replace(change, text=change.text[at : at + _LONGEST]),))


def unpack_changes(payload: memoryview) -> list[Transaction]:
    """Returns the transactions of CHANGES or SEED. Raises RecordError for one that a later version wrote."""
    records = deep_json.loads(zlib.decompress(payload).decode("utf-8", "surrogatepass"))
    return [TRANSACTIONS.from_json(record) for record in records]

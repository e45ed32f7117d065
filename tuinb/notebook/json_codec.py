"""Plain records as JSON values, by one codec that follows the fields and type hints of their dataclasses.

A record becomes an object with the name of its class: `{"type": "MoveCell", "cell": "a", "after": null}`. Text may hold lone
surrogates: json.dumps writes them as escapes, as it does by default. A field that has a default may be missing in what is read,
so that records of an earlier version stay readable. An unknown field is an error, since its value would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, NewType, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from tuinb.errors import RecordError
from tuinb.notebook import changes as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import Json

    Function: TypeAlias = Callable[[Any], Any]
    Coder: TypeAlias = tuple[Function, Function]
    """How to write a value, and how to read it."""

T = TypeVar("T")


class JsonCodec(Generic[T]):
    """Writes and reads records of the classes in `union`, and of the classes that their fields name.

    `names` are what the type hints of these classes may name. Classes in `without` are refused wherever a hint allows them.
    """

    def __init__(self, union: Any, names: Mapping[str, object], without: tuple[type, ...] = ()) -> None:  # noqa: ANN401
        self._names = names
        self._without = without
        self._records: dict[type, _Record] = {}
        self._write, self._read = self._coder(union, "a record")

    def to_json(self, record: T) -> dict[str, Json]:
        """Returns the record as a JSON value. Raises RecordError for a class that is not written down."""
        written: dict[str, Json] = self._write(record)
        return written

    def from_json(self, data: Json) -> T:
        """Returns the record that `data` describes. Raises RecordError if it describes none."""
        record: T = self._read(data)
        return record

    def _coder(self, hint: Any, where: str) -> Coder:  # noqa: ANN401
        origin = get_origin(hint)
        if isinstance(hint, NewType):
            return self._coder(hint.__supertype__, where)
        if origin in (Union, UnionType):
            return self._union(get_args(hint), where)
        if origin is tuple:
            write, read = self._coder(get_args(hint)[0], where)
            return partial(_write_all, write), partial(_read_all, read, where)
        if origin is Mapping:
            return dict, partial(_checked, (dict,), where)
        if is_dataclass(hint):
            return self._union((hint,), where)
        if issubclass(hint, Enum):
            return _name_of, partial(_member, hint, where)
        if hint is Path:
            return str, partial(_path, where)
        return _same, partial(_checked, _JSON_TYPES[hint], where)

    def _union(self, members: tuple[Any, ...], where: str) -> Coder:
        if c.Absent in members:
            return _write_optional, partial(_read_optional, where)
        others = [member for member in members if member is not NoneType]
        if all(map(is_dataclass, others)):
            known = {kind.__name__: self._record(kind) for kind in others if kind not in self._without}
            coder: Coder = partial(_write_tagged, known), partial(_read_tagged, known, where)
        else:
            (other,) = others
            coder = self._coder(other, where)
        return (partial(_or_none, coder[0]), partial(_or_none, coder[1])) if len(others) < len(members) else coder

    def _record(self, kind: type) -> _Record:
        if kind not in self._records:
            record = self._records[kind] = _Record(kind)
            hints = get_type_hints(kind, localns=dict(self._names))
            for field in fields(kind):
                record.coders[field.name] = self._coder(hints[field.name], f"{kind.__name__}.{field.name}")
                if field.default is MISSING and field.default_factory is MISSING:
                    record.required.append(field.name)
        return self._records[kind]


class _Record:
    """How the fields of one class are written and read."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self.coders: dict[str, Coder] = {}
        self.required: list[str] = []

    def write(self, record: object) -> dict[str, Json]:
        written = {name: write(getattr(record, name)) for name, (write, _) in self.coders.items()}
        return {"type": self._kind.__name__, **written}

    def read(self, data: Mapping[str, Json]) -> object:
        given = {name: value for name, value in data.items() if name != "type"}
        where = self._kind.__name__
        if missing := [name for name in self.required if name not in given]:
            raise RecordError(f"it lacks {', '.join(missing)}", where=where)
        if unknown := [name for name in given if name not in self.coders]:
            raise RecordError(f"it has unknown fields: {', '.join(unknown)}", where=where, hint="a later version wrote it")
        return self._kind(**{name: self.coders[name][1](value) for name, value in given.items()})


_JSON_TYPES: Mapping[type, tuple[type, ...]] = {str: (str,), int: (int,), bool: (bool,), float: (float, int)}


def _same(value: object) -> object:
    return value


def _or_none(code: Function, value: object) -> object:
    return None if value is None else code(value)


def _checked(kinds: tuple[type, ...], where: str, data: Json) -> Json:
    if type(data) not in kinds:
        raise RecordError(f"{data!r:.80} is no {kinds[0].__name__}", where=where)
    return data


def _path(where: str, data: Json) -> Path:
    return Path(_checked((str,), where, data))


def _name_of(member: Enum) -> str:
    """Members are written by name: their values are often texts for people, which may change."""
    return member.name


def _member(kind: type[Enum], where: str, data: Json) -> Enum:
    if not isinstance(data, str) or data not in kind.__members__:
        raise RecordError(f"{data!r:.80} is no {kind.__name__}", where=where)
    return kind[data]


def _write_all(write: Function, values: tuple[object, ...]) -> list[Json]:
    return [write(value) for value in values]


def _read_all(read: Function, where: str, data: Json) -> tuple[object, ...]:
    return tuple([read(item) for item in _checked((list,), where, data)])


def _write_optional(value: Json | c.Absent) -> list[Json]:
    """A value that may be ABSENT is a list of one item or none, since any value, null too, is a JSON value."""
    return [] if value is c.ABSENT else [value]


def _read_optional(where: str, data: Json) -> Json | c.Absent:
    if len(_checked((list,), where, data)) > 1:
        raise RecordError(f"{data!r:.80} is more than one value", where=where)
    return data[0] if data else c.ABSENT


def _write_tagged(known: Mapping[str, _Record], record: object) -> dict[str, Json]:
    kind = type(record).__name__
    if kind not in known:
        raise RecordError("it can't be written down", where=kind)
    return known[kind].write(record)


def _read_tagged(known: Mapping[str, _Record], where: str, data: Json) -> object:
    kind = _checked((dict,), where, data).get("type")
    if not isinstance(kind, str) or kind not in known:
        raise RecordError(f"{kind!r:.80} is an unknown type", where=where)
    return known[kind].read(data)


_NAMES = {**vars(c), "Mapping": Mapping}

CHANGES: JsonCodec[c.PlainChange] = JsonCodec(c.PlainChange, _NAMES)
TRANSACTIONS: JsonCodec[c.Transaction] = JsonCodec(c.Transaction, _NAMES, without=(c.RestoreCell, c.RestoreOutputs))
"""Transactions of plain changes: see notebook.plain."""

"""Describes any value without running code of its class: no `__repr__`, `__len__`, `__class__`, property or `__getattr__`.

Runs in the kernel. The type is `type(value)`, never `value.__class__`. A method is called only if the type itself, or the type
that defines the method, is Python's own or one of a known library. Imports nothing that a kernel has not imported already: a
file beside the notebook may have the same name. The syntax is that of Python 3.8.
"""

from __future__ import annotations

import datetime
import decimal
import itertools
import math
import pathlib
import sys
import types
import uuid
from typing import Any

SHORT = 60
"""Characters of a value in a list or a table."""
_ITEMS = 8
"""Items of a container in its short form."""

_SCALARS = (int, float, complex, bool, str, bytes, type(None))
_TIMES = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)
_PLAIN = (decimal.Decimal, uuid.UUID, pathlib.PosixPath, pathlib.PurePosixPath, range, datetime.timezone)
_SEQUENCES: tuple[Any, ...] = (list, tuple, set, frozenset)
SIMPLE: dict[type, str] = {
    kind: kind.__name__ for kind in (int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset, bytearray)
}
"""Types of Python itself, and their names."""
CONTAINERS: tuple[Any, ...] = (list, tuple, dict, set, frozenset, str, bytes, bytearray)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type(str.join), type(object().__str__))
_BASES: tuple[Any, ...] = (str, int, float, bytes, list, tuple, dict, set, frozenset)
"""Types whose subclasses are shown by the methods of the type."""
_MANY_BITS = 400
"""Bits of an integer that is not written out: that takes quadratic time."""


def clean(text: str) -> str:
    """Returns text that can be encoded: a lone surrogate would lose the whole answer."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def cut(text: str, most: int = SHORT) -> str:
    """Returns the start of a text."""
    return text if len(text) <= most else text[: most - 1] + "…"


def name_of(cls: type) -> str:
    """Returns a class's own name, whatever its metaclass says."""
    return clean(cut(str.__str__(type.__dict__["__name__"].__get__(cls)), SHORT))


def module_of(cls: type) -> str:
    """Returns the name of the module that defines a class. Empty if it is hidden."""
    if is_builtin(cls):
        found = type.__dict__["__module__"].__get__(cls)
    else:
        found = type.__dict__["__dict__"].__get__(cls).get("__module__")
    return found if type(found) is str else ""


def is_builtin(cls: type) -> bool:
    """Returns whether a class is written in C, and no class statement has made it. What it says of itself is true."""
    return not type.__dict__["__flags__"].__get__(cls) & 1 << 9


def bases(cls: type) -> tuple[type, ...]:
    """Returns the classes that a class inherits from, itself first, whatever its metaclass says."""
    found: tuple[type, ...] = type.__dict__["__mro__"].__get__(cls)
    return found


def inherits(value: Any, kind: type) -> bool:
    """Returns whether the type of a value is `kind` or inherits from it. isinstance would ask `value.__class__`."""
    return any(base is kind for base in bases(type(value)))


def library(name: str, *path: str) -> Any:
    """Returns a class of a library if the kernel has imported that. None if not."""
    found: Any = sys.modules.get(name)
    for part in path:
        found = getattr(found, part, None)
        if found is None:
            return None
    return found if type(found) is types.ModuleType or isinstance(found, type) else None


# ---- scalars


def scalar(value: Any, most: int = SHORT) -> str | None:
    """Returns a scalar as text, cut to `most` characters. None if it is no scalar of a known type."""
    kind = type(value)
    if kind in (bool, type(None), float, complex):
        return repr(value)
    if kind is int:
        return _integer(value)
    if kind is str:
        text: Any = value
        return clean(cut(repr(text[:most]) if len(text) <= most else f"{repr(text[:most])[:-1]}…", most))
    if kind is bytes or kind is bytearray:
        data: Any = value
        return cut(repr(bytes(data[:most])), most)
    if kind in _TIMES:
        return _time(value)
    if kind in _PLAIN:
        return clean(cut(str(value), most))
    numpy = library("numpy")
    if numpy is not None and inherits(value, numpy.generic) and is_builtin(kind):
        return _numpy_scalar(value, most)
    pandas = library("pandas")
    if pandas is None:
        return None
    if value is getattr(pandas, "NA", kind):
        return "<NA>"
    known = [type(getattr(pandas, "NaT", None)), *_exact("pandas", "Timestamp", "Timedelta", "Period", "Interval")]
    return cut(str(value), most) if kind in known else None


def _integer(value: int) -> str:
    bits = value.bit_length()
    return str(value) if bits <= _MANY_BITS else f"{'-' if value < 0 else ''}about 10^{int(bits * math.log10(2))}"


def _time(value: Any) -> str:
    if type(value) in (datetime.datetime, datetime.time) and value.tzinfo is not None:
        zone = type(value.tzinfo)
        if zone is not datetime.timezone and module_of(zone) not in ("zoneinfo", "pytz", "dateutil.tz.tz"):
            return f"{value.replace(tzinfo=None)} <{name_of(zone)}>"
    return str(value)


def _numpy_scalar(value: Any, most: int) -> str:
    kind = value.dtype.kind
    if kind == "O":
        return "<object>"
    if kind == "V":
        return f"<record of {len(value.dtype.names or ())}>"
    if kind in "US":
        return scalar(value.item(), most) or ""
    if kind == "f" and value.dtype.itemsize < 8:
        return repr(float(f"{value:.{7 if value.dtype.itemsize == 4 else 4}g}"))
    return cut(str(value), most)


# ---- any value


def short(value: Any, most: int = SHORT) -> str:
    """Returns the start of a value as text. Containers show their first items, objects their attributes."""
    return cut(_short(value, 2, most), most)


def _short(value: Any, depth: int, most: int) -> str:
    known = scalar(value, most)
    if known is not None:
        return known
    kind = type(value)
    if kind in _SEQUENCES:
        return _items(value, depth, most)
    if kind is dict:
        return _pairs(value, depth, most)
    found = _short_definition(value)
    if found is None:
        found = frame_text(value)
    if found is not None:
        return found
    for base in _BASES:
        if inherits(value, base):
            return f"{name_of(kind)}({_as_base(value, base, depth, most)})"
    if depth and (attributes := attributes_of(value)):
        inner = (f"{clean(cut(key, 20))}={_short(item, depth - 1, 20)}" for key, item in itertools.islice(attributes, _ITEMS))
        return f"{name_of(kind)}({', '.join(inner)})"
    return f"<{name_of(kind)}>"


def _short_definition(value: Any) -> str | None:
    """Returns a class, a module or a function as text. None for other values."""
    if inherits(value, type):
        return f"<class {name_of(value)}>"
    if type(value) is types.ModuleType:
        return f"<module {_module_name(value)}>"
    return signature(value) if type(value) in _FUNCTIONS else None


def _as_base(value: Any, base: Any, depth: int, most: int) -> str:
    """Returns what a subclass of a built-in type holds, read by the methods of that type."""
    if base in (list, tuple, set, frozenset):
        size = base.__len__(value)
        items = itertools.islice(base.__iter__(value), _ITEMS)
        return _join((_short(item, depth - 1, 20) for item in items) if depth else (), size, most)
    if base is dict:
        inner = itertools.islice(dict.items(value), _ITEMS)
        shown = (f"{_short(key, 0, 20)}: {_short(item, depth - 1, 20)}" for key, item in inner) if depth else ()
        return _join(shown, dict.__len__(value), most)
    if base is str:
        return scalar(str.__str__(value)[:most], most) or ""
    if base is bytes:
        return scalar(bytes.__getitem__(value, slice(0, most)), most) or ""
    return scalar(base.__pos__(value), most) or ""


def _items(value: Any, depth: int, most: int) -> str:
    kind = type(value)
    start, end = ("[", "]") if kind is list else ("(", ")") if kind is tuple else ("{", "}")
    shown = [_short(item, depth - 1, 20) for item in itertools.islice(value, _ITEMS)] if depth else []
    return f"{start}{_join(shown, len(value), most)}{end}"


def _pairs(value: Any, depth: int, most: int) -> str:
    pairs = itertools.islice(value.items(), _ITEMS) if depth else ()
    shown = [f"{_short(key, 0, 20)}: {_short(item, depth - 1, 20)}" for key, item in pairs]
    return "{" + _join(shown, len(value), most) + "}"


def _join(shown: Any, size: int, most: int) -> str:
    text, left = "", size
    for item in shown:
        if len(text) > most:
            break
        text, left = f"{text}, {item}" if text else item, left - 1
    return f"{text}, …" if text and left else text or ("…" if size else "")


def _module_name(module: Any) -> str:
    name = types.ModuleType.__getattribute__(module, "__dict__").get("__name__")
    return clean(cut(name)) if type(name) is str else "?"


def signature(function: Any) -> str:
    """Returns the parameters of a Python function, without their defaults. `(…)` for others."""
    if type(function) is types.MethodType:
        function = function.__func__
    if type(function) is not types.FunctionType:
        return "(…)"
    code = function.__code__
    names = list(code.co_varnames)
    at = code.co_argcount
    parts, only = names[:at], names[at : at + code.co_kwonlyargcount]
    at += code.co_kwonlyargcount
    if code.co_flags & 4:
        parts.append(f"*{names[at]}")
        at += 1
    elif only:
        parts.append("*")
    parts += only
    if code.co_flags & 8:
        parts.append(f"**{names[at]}")
    return clean(cut(f"({', '.join(parts)})"))


def attributes_of(value: Any) -> list[tuple[str, object]]:
    """Returns the attributes that an object has in its own `__dict__`. Empty if it has none, or hides it."""
    for base in bases(type(value)):
        found = type.__dict__["__dict__"].__get__(base).get("__dict__")
        if found is not None:
            if type(found) is not types.GetSetDescriptorType:
                return []
            own = found.__get__(value)
            return [(key, item) for key, item in list(dict.items(own)) if type(key) is str] if type(own) is dict else []
    return []


# ---- arrays and frames of known libraries


def _known(value: Any, *classes: Any) -> Any:
    """Returns the first of the classes that the value's type inherits from."""
    return next((one for one in classes if one is not None and inherits(value, one)), None)


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Returns the shape of an array or a frame of numpy, pandas, polars, pyarrow or torch. None for other values."""
    array = library("numpy", "ndarray")
    if array is not None and inherits(value, array):
        return tuple(array.shape.__get__(value))
    frame = _known(value, library("pandas", "DataFrame"))
    if frame is not None:
        manager = _manager(value)
        return (len(manager.axes[1]), len(manager.axes[0])) if manager is not None else None
    line = _known(value, library("pandas", "Series"))
    if line is not None:
        manager = _manager(value)
        return (len(manager.axes[0]),) if manager is not None else None
    if type(value) in _exact("polars", "DataFrame", "Series") or type(value) in _exact("pyarrow", "Table", "RecordBatch"):
        return tuple(value.shape)
    if type(value) in _exact("pandas", "Index", "RangeIndex", "DatetimeIndex", "MultiIndex", "CategoricalIndex"):
        return (len(value),)
    if type(value) in _exact("pyarrow", "ChunkedArray") or (module_of(type(value)) == "pyarrow.lib" and _is_arrow_array(value)):
        return (len(value),)
    if type(value) in _exact("torch", "Tensor"):
        return tuple(value.shape)
    return None


def _is_arrow_array(value: Any) -> bool:
    array = library("pyarrow", "Array")
    return array is not None and inherits(value, array)


def _exact(module: str, *names: str) -> list[Any]:
    return [found for name in names if (found := library(module, name)) is not None]


def _manager(value: Any) -> Any:
    """Returns the blocks of a pandas object: a subclass may have properties of its own for its index and columns."""
    manager = dict(attributes_of(value)).get("_mgr")
    if manager is not None:
        return manager if _is_of_library(manager) else None
    try:
        found = object.__getattribute__(value, "_mgr")
    except AttributeError:
        return None
    return found if _is_of_library(found) else None


def frame_text(value: Any) -> str | None:
    """Returns the columns of a frame, or the first items of an array. None for other values."""
    shape = shape_of(value)
    if shape is None:
        return None
    if _known(value, library("pandas", "DataFrame")) is not None:
        return ", ".join(_label(label) for label in list(_manager(value).axes[0][:12])) or "no columns"
    if type(value) in _exact("polars", "DataFrame"):
        return ", ".join(map(_label, value.columns[:12]))
    if type(value) in _exact("pyarrow", "Table", "RecordBatch"):
        return ", ".join(map(_label, value.schema.names[:12]))
    array = library("numpy", "ndarray")
    if type(value) is array and array is not None:
        return _array_text(value, shape)
    if type(value) in _exact("polars", "Series"):
        return f"[{', '.join(short(item, 20) for item in value[:6].to_list())}{', …' if shape[0] > 6 else ''}]"
    line = library("pandas", "Series")
    if type(value) is line and line is not None:
        items = _manager(value).blocks[0].values[:6]
        plain = _is_of_library(items)
        return f"[{', '.join(short(item, 20) for item in list(items))}{', …' if shape[0] > 6 else ''}]" if plain else ""
    return ""


def _array_text(array: Any, shape: tuple[int, ...]) -> str:
    if not shape:
        return short(array[()], 20)
    if 0 in shape:
        return "[]"
    first = array[(0,) * (len(shape) - 1)][:6]
    inner = ", ".join(short(item, 20) for item in list(first))
    more = ", …" if array.size > len(first) else ""
    return f"{'[' * len(shape)}{inner}{more}{']' * len(shape)}"


def _label(label: Any) -> str:
    return clean(label) if type(label) is str else short(label, 20)


def type_text(value: Any) -> str:
    """Returns the type as users know it, such as `list` or `float64 array`."""
    kind = type(value)
    if kind is type(None):
        return "None"
    name = name_of(kind)
    array = library("numpy", "ndarray")
    if array is not None and inherits(value, array):
        dtype = array.dtype.__get__(value)
        return f"{name} {dtype.name if dtype.names is None else 'records'}"
    line = library("pandas", "Series")
    if line is not None and kind is line:
        return f"Series {_manager(value).blocks[0].dtype}"
    if kind in _exact("polars", "Series"):
        return f"Series {value.dtype}"
    return name


def length_of(value: Any) -> int | None:
    """Returns the length of a built-in container or of a subclass, by the built-in type's own method."""
    for base in CONTAINERS:
        if inherits(value, base):
            return int(base.__len__(value))
    return len(value) if type(value) is range else None


def size_of(value: Any) -> int | None:
    """Returns the bytes of a value: of a container without its items. None if only the value's own code knows."""
    array = library("numpy", "ndarray")
    if array is not None and inherits(value, array):
        return int(array.nbytes.__get__(value))
    if _known(value, library("pandas", "DataFrame"), library("pandas", "Series")) is not None:
        manager = _manager(value)
        blocks = manager.blocks if manager is not None else ()
        known = [block.values.nbytes for block in blocks if _is_of_library(block.values)]
        return int(sum(known)) if len(known) == len(blocks) else None
    if type(value) in _exact("polars", "DataFrame", "Series"):
        return int(value.estimated_size())
    if type(value) in _exact("pyarrow", "Table", "RecordBatch", "ChunkedArray"):
        return int(value.nbytes)
    kind = type(value)
    if kind in (*_SCALARS, *CONTAINERS, range):
        return sys.getsizeof(value)
    return None


def _is_of_library(value: Any) -> bool:
    return module_of(type(value)).partition(".")[0] in ("numpy", "pandas", "pyarrow")


def kind_of(value: Any) -> str:
    """Returns `module`, `function`, `class` or `data`."""
    if type(value) is types.ModuleType:
        return "module"
    if inherits(value, type):
        return "class"
    return "function" if type(value) in _FUNCTIONS else "data"


# ---- all of one value


def lines_of(value: Any, most: int, depth: int = 4) -> list[str]:
    """Returns a value as an indented tree of at most `most` lines."""
    lines: list[str] = []
    _add(lines, "", value, 0, depth, most, ())
    return lines


def _add(lines: list[str], head: str, value: Any, level: int, depth: int, most: int, inside: tuple[int, ...]) -> None:
    if len(lines) >= most:
        return
    indent = "  " * level
    if type(value) is str and len(value) > SHORT:
        lines.append(f"{indent}{head}text of {len(value):,} characters")
        lines.extend(f"{indent}  {clean(line)}" for line in value[:20_000].splitlines()[: most - len(lines)])
        return
    children = children_of(value)
    size = f" of {len_text}" if (len_text := _extent(value)) else ""
    if id(value) in inside:
        lines.append(f"{indent}{head}<the same {type_text(value)} again>")
    elif not children or level >= depth:
        lines.append(f"{indent}{head}{short(value, 2000)}")
    else:
        lines.append(f"{indent}{head}{type_text(value)}{size}")
        for key, item in children:
            if len(lines) >= most:
                if lines[-1].strip() != "…":
                    lines.append(f"{indent}  …")
                return
            _add(lines, f"{key}: ", item, level + 1, depth, most, (*inside, id(value)))


def _extent(value: Any) -> str:
    length = length_of(value)
    return f"{length:,}" if length is not None else ""


def children_of(value: Any, most: int = 1000) -> list[tuple[str, Any]]:
    """Returns at most `most` items of a container, or attributes of an object, with their keys."""
    if shape_of(value) is not None:
        return []
    if inherits(value, dict):
        return [(short(key, 40), item) for key, item in itertools.islice(dict.items(value), most)]
    for base in _SEQUENCES:
        if inherits(value, base):
            items = itertools.islice(base.__iter__(value), most)
            is_ordered = base in (list, tuple)
            return [(str(at) if is_ordered else "-", item) for at, item in enumerate(items)]
    if kind_of(value) != "data" or scalar(value) is not None:
        return []
    return [(clean(cut(key)), item) for key, item in attributes_of(value)[:most]]

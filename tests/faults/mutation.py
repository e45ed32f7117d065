"""Random damage to JSON, text and bytes, by a seed."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

ODD_TEXT = (
    "",
    "\0",
    "\x1b[31m",
    "\x1b]8;;http://a\x07",
    "\x9b1m",
    "\r",
    "\r\n",
    "\x08",
    "\x0c",
    "\u2028",
    "\u202e",
    "\u200d",
    "\ufeff",
    "\ud800",
    "\udfff",
    "e\u0301" * 50,
    "\U000e0041",
    "漢字",
    "👩\u200d👧",
    "\t\t",
    " " * 300,
    "x" * 5_000,
    "a\n" * 400,
    "1e999",
    "%s{}",
    "data:image/png;base64,iVBORw0KGgo=",
    "../../../etc/passwd",
    "file:///etc/passwd",
    "<<<<<<< ours\n",
    "=======\n",
    ">>>>>>> theirs\n",
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**400,
    -(10**30),
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    [],
    {},
    "",
    "a",
    [[]],
    {"": 0},
    [None],
    ["a", 1],
)
TOKENS = (
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc3",
    b'"',
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"[" * 2_000,
    b'{"a":' * 2_000,
    b"1e999",
    b"-",
    b"9" * 5_000,
    b"NaN",
    b"null",
    b"\r\n",
    b"\r",
    b"\n<<<<<<< HEAD\n",
    b"\n=======\n",
    b"\n||||||| base\n",
    b"\n>>>>>>> other\n",
    b"'''",
    b'"""',
    b"#",
    b"=",
    b"$$",
    b"```",
    b"<",
    b">",
    b"&",
    b"</",
    b"%",
)
DEEP = 3_000


def value(chance: random.Random) -> Any:  # noqa: ANN401
    """Returns a value of JSON that nobody expects."""
    match chance.randrange(10):
        case 0:
            return nested(chance.choice((2, 30, DEEP)))
        case 1 | 2 | 3:
            return text(chance)
        case 4:
            return [_odd(chance) for _ in range(chance.randrange(4))]
        case 5:
            return {text(chance): _odd(chance) for _ in range(chance.randrange(4))}
        case _:
            return _odd(chance)


def _odd(chance: random.Random) -> Any:  # noqa: ANN401
    return copy.deepcopy(chance.choice(ODD_VALUES))


def text(chance: random.Random) -> str:
    """Returns a text that nobody expects."""
    return "".join(chance.choice(ODD_TEXT) for _ in range(chance.randint(1, 3)))


def nested(depth: int) -> Any:  # noqa: ANN401
    """Returns lists and objects inside one another."""
    found: Any = 1
    for level in range(depth):
        found = [found] if level % 2 else {"a": found}
    return found


def places(root: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401
    """Returns where something is in lists and objects: the container, and the key or index."""
    found: list[tuple[Any, Any]] = []
    waiting = [root]
    while waiting:
        here = waiting.pop()
        keys: Sequence[Any] = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            found.append((here, key))
            if isinstance(here[key], list | dict):
                waiting.append(here[key])
    return found


def damage(chance: random.Random, root: Any) -> None:  # noqa: ANN401
    """Changes something in lists and objects."""
    spots = places(root)
    if not spots:
        return
    container, key = chance.choice(spots)
    match chance.randrange(8):
        case 0:
            del container[key]
        case 1 if isinstance(container, list):
            container.insert(key, container[chance.randrange(len(container))])
        case 1:
            container[text(chance)] = container[key]
        case 2:
            other, place = chance.choice(spots)
            with suppress(RecursionError):  # it is one of those that are nested
                container[key] = json.loads(json.dumps(other[place]))
        case 3 if isinstance(container[key], str):
            old = container[key]
            at = chance.randint(0, len(old))
            container[key] = old[:at] + text(chance) + old[at:]
        case _:
            container[key] = value(chance)


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Returns bytes with some of them changed, removed, repeated or inserted."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(found))
        length = min(chance.choice((1, 4, 30, 1_000)), len(found) - at)
        match chance.randrange(6):
            case 0:
                del found[at : at + length]
            case 1:
                found[at:at] = found[at : at + length] * chance.choice((1, 3, 50))
            case 2:
                del found[at:]
            case 3 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 4:
                other = chance.randint(0, len(found))
                found[at:at] = found[other : other + 200]
            case _:
                found[at:at] = chance.choice(TOKENS)
        if len(found) > 300_000:
            del found[300_000:]
    return bytes(found)

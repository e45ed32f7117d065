"""Random commands by class, for comparisons with a real vim."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tests.editing.vim.oracle import Case

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

TEXTS = (
    "import os\n\ndef f(a, b):\n    return g(a[0], \"x y\") + {'k': 1}\n\n# end, of it.",
    "foo.bar(baz)  qux-quux\n  indented line\n\n\nlast",
    "one two  three\n\tfour five\n",
    "x = 7; y = -19  # 007\nx += 7\n\n  z = 99",
    "a",
    "",
    '(a (b c) d) [e {f}] "str\\"ing"\n<t>x</t>',
)
MOTIONS = (
    *"hjklwWbBeE0^$,;G%{}+-_|()",
    *("ge", "gE", "gg", "2w", "3j", "3|", "g_", "gM", "[(", "])", "[{", "]}", " ", "\x08", "\r", "go"),
)
FINDS = (*"nN*#", "fa", "ta", "Fa", "Ta", "2fa", "g*", "g#", "/a\r", "?o\r", "/o/e\r", "/a/+1\r", "gd")
OBJECTS = tuple(f"{around}{name}" for around in "ia" for name in "wW([{<sp\"'tbB")
OPERATORS = ("d", "c", "y", ">", "<", "g~", "gu", "gU", "g?", "dv", "dV", "d\x16")
VISUAL = (*"dy~>JuUp", "cz\x1b", "rq", "o\x1b", "gJ", "Ix\x1b", "Ax\x1b", "D", "Y", "\x01", "g\x01")
INSERTED = ("q", "ab ", "x\ry", "a b\x17c", "ab\x15c", "\x14q", "x\x04", "\x0bo:", "\x16065", "a\x12xb", "q\x0fh-", "a\x08b")
CHANGES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "changes": (*"xXDJ~\x01\x18", "rz", "r\r", "gJ", "dd", ">>", "<<", "3x", "2dd", "g~~", "gUU", "guu", "g??"),
        "insert mode": tuple(
            f"{key}*\x1b" for key in ("C", "s", "S", "o", "O", "A", "I", "i", "a", "cc", "R", "gi", "gI", "3i")
        ),
        "putting": (*"pP", "yyp", "ddp", '"add', '"ap', "gp", "gP", "]p", "xp", "yiwP", '"_dd', "Yp", "yy3P", '"Ayy'),
        "repetition": (
            "x.",
            "dd.",
            "Aq\x1b.",
            "ctaw\x1b.",
            "2.",
            ".",
            "xu",
            "ddu",
            "xu\x12",
            "Aq\x1bu",
            "U",
            "xxU",
            "@a",
            "qaxq@a",
        ),
        "marks": (
            "ma",
            "`a",
            "'a",
            "majj'a",
            "`[",
            "`]",
            "xg;",
            "g;",
            "Aq\x1b`[",
            "yap`]",
            "``",
            "wwG''",
            "vj\x1b`<",
            "gv\x1b",
        ),
        "ex": (
            *(
                "&",
                ":s/a/b/g\r",
                ":%s/o/00/\r",
                ":%s/\\w/x&/g\r",
                ":s/\\v(a)|(o)/<\\1\\2>/g\r",
                ":%s/a/b/gi\r:&&\r",
                ":s/o/0/\r:%~\r",
            ),
            *(
                ":2d\r",
                ":m$\r",
                ":m0\r",
                ":t.\r",
                ":t0\r",
                ":j\r",
                ":1,2j!\r",
                ":>\r",
                ":%<\r",
                ":%y\r:$put\r",
                ":sort\r",
                ":sort!\r",
            ),
            *(
                ":g/o/d\r",
                ":v/a/d\r",
                ":g/a/s/a/b/\r",
                ":%norm Aq\r",
                ":g/^/m0\r",
                ":g/e/norm x\r",
                ":$\r",
                ":2\r",
                ":.,$d\r",
                ":d 2\r",
            ),
            *(
                ":%s/o/0/\r@:",
                ":/a/d\r",
                ":s/x/y/e\rx",
                ":ma b\r:'bd\r",
                ":%s/$/;/\r",
                ":%s/\\s\\+/ /g\r",
                ":1;/e/d\r",
                ":undo\r",
            ),
        ),
    }
)
CLASSES = ("motions", "finding", "operators", "text objects", "visual", "visual lines", "visual block", *CHANGES)
_SELECTING = MappingProxyType({"visual": "v", "visual lines": "V", "visual block": "\x16"})


class Random(NamedTuple):
    """A random case and the classes of its commands."""

    classes: tuple[str, ...]
    case: Case


def one_of(rng: random.Random, choices: Sequence[str]) -> str:
    """Returns one of the choices."""
    return choices[rng.randrange(len(choices))]


def command(rng: random.Random, name: str) -> str:
    """Returns the keys of a random command of a class."""
    count = one_of(rng, ["", "", "", "", "", "2", "3"])
    if name == "motions":
        return count + one_of(rng, MOTIONS)
    if name == "finding":
        return count + one_of(rng, FINDS)
    if name in ("operators", "text objects"):
        operator = one_of(rng, OPERATORS if name == "operators" else OPERATORS[:9])
        keys = count + operator + one_of(rng, MOTIONS + FINDS if name == "operators" else OBJECTS)
        return keys + ("new\x1b" if operator == "c" else "")
    if name in _SELECTING:
        return _SELECTING[name] + one_of(rng, MOTIONS + FINDS + OBJECTS) + one_of(rng, VISUAL)
    return one_of(rng, CHANGES[name]).replace("*", one_of(rng, INSERTED))


def cases(rng: random.Random, number: int, most: int) -> list[Random]:
    """Returns random cases of at most `most` commands."""
    found = []
    for _ in range(number):
        lines = tuple(one_of(rng, TEXTS).split("\n"))
        row = rng.randrange(len(lines))
        column = rng.randrange(max(1, len(lines[row])))
        classes = tuple(one_of(rng, CLASSES) for _ in range(rng.randint(1, most)))
        keys = "".join(command(rng, name) for name in classes)
        found.append(Random(classes, Case(lines, row, column, keys)))
    return found

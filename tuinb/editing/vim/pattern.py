"""Vim's regular expressions as Python's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from tuinb.editing.vim.state import Failed, Match

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tuinb.editing.vim.state import Options

_CLASSES = {
    "s": r"[ \t]", "S": r"[^ \t\n]", "d": r"[0-9]", "D": r"[^0-9\n]", "w": r"[0-9A-Za-z_]", "W": r"[^0-9A-Za-z_\n]",
    "x": r"[0-9A-Fa-f]", "X": r"[^0-9A-Fa-f\n]", "o": r"[0-7]", "O": r"[^0-7\n]", "h": r"[A-Za-z_]", "H": r"[^A-Za-z_\n]",
    "a": r"[A-Za-z]", "A": r"[^A-Za-z\n]", "l": r"(?-i:[a-z])", "L": r"(?-i:[^a-z\n])", "u": r"(?-i:[A-Z])",
    "U": r"(?-i:[^A-Z\n])",
    "i": r"\w", "I": r"(?!\d)\w", "k": r"\w", "K": r"(?!\d)\w", "p": r"[^\x00-\x1f\n]",
}  # fmt: skip
_ESCAPES = {"e": r"\x1b", "t": r"\t", "r": r"\r", "b": r"\x08", "n": r"\n"}
_NAMED = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "lower": "a-z", "upper": "A-Z", "punct": r"!-/:-@\[-`{-~",
    "space": r" \t-\r", "blank": r" \t", "xdigit": "0-9A-Fa-f", "print": r"\x20-\x7e", "graph": r"\x21-\x7e",
    "cntrl": r"\x00-\x1f\x7f", "tab": r"\t", "return": r"\r", "backspace": r"\x08", "escape": r"\x1b",
}  # fmt: skip
_SIMPLE = {".": ".", "<": r"\b(?=\w)", ">": r"\b(?<=\w)"}
_SIGNS = "()|+=?{<>@&%*.[^$"
"""Characters that a backslash gives a meaning, or takes it from them."""
_MAGIC = {"v": _SIGNS, "m": "*.[^$", "M": "^$", "V": ""}
"""Characters that mean something without a backslash, by the kind of pattern."""
_START, _END = "vimstart", "vimend"
"""Names of the groups of `\\zs` and `\\ze`."""


def translate(pattern: str, options: Options, *, smart: bool = True) -> re.Pattern[str]:
    """Compiles a pattern. Raises Failed for one that has no translation.

    `smart` is whether upper-case letters make it heed case.
    """
    translator = _Translator(pattern)
    try:
        source = translator.run()
        ignores = options.ignorecase and not (smart and options.smartcase and translator.has_upper)
        if translator.case is not None:
            ignores = translator.case
        return re.compile(source, re.MULTILINE | (re.IGNORECASE if ignores else 0))
    except re.error as error:
        raise Failed(f"The pattern '{pattern}' does not fit: {error.msg}.") from None


def found(match: re.Match[str]) -> Match:
    """Returns a match with the ends that `\\zs` and `\\ze` set."""
    names = match.re.groupindex
    start = match.start(_START) if _START in names and match[_START] is not None else match.start()
    end = match.start(_END) if _END in names and match[_END] is not None else match.end()
    own = {names[name] for name in (_START, _END) if name in names}
    groups = [text or "" for number, text in enumerate(match.groups(), 1) if number not in own]
    return Match(start, max(start, end), [match.string[start : max(start, end)], *groups])


def first_match(regex: re.Pattern[str], text: str, at: int = 0) -> Match | None:
    """Returns the first match whose start is at or after an offset."""
    position = at if _START not in regex.groupindex else text.rfind("\n", 0, at) + 1
    while (match := regex.search(text, position)) is not None:
        result = found(match)
        if result.start >= at:
            return result
        position = max(match.start() + 1, position + 1)
    return None


class _Translator:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._magic = "m"
        self._out: list[str] = []
        """The translated atoms."""
        self._starts: list[tuple[int, int]] = []
        """Where the open groups begin in them, and the branches around them."""
        self._branch = 0
        """Where the branch that is being translated begins."""
        self.case: bool | None = None
        """Whether `\\c` or `\\C` says that case is ignored."""
        self.has_upper = False

    def run(self) -> str:
        while self._at < len(self._pattern):
            character = self._pattern[self._at]
            self._at += 1
            special = character in _MAGIC[self._magic]
            if character == "\\" and self._at < len(self._pattern):
                character = self._pattern[self._at]
                self._at += 1
                if character in _SIGNS:
                    special = character not in _MAGIC[self._magic]
                else:
                    special = character.isalnum() or character == "_"
            else:
                self.has_upper |= character.isupper()
            if special:
                self._special(character)
            else:
                self._out.append(re.escape(character))
        if self._starts:
            raise Failed("The pattern has a bracket that is not closed.")
        return "".join(self._out)

    def _special(self, character: str) -> None:
        """Translates a character that means something."""
        simple = _CLASSES.get(character) or _ESCAPES.get(character) or _SIMPLE.get(character)
        function = self._functions.get(character)
        if simple is not None:
            self._out.append(simple)
        elif function is not None:
            function(self, character)
        else:
            raise Failed(f"The pattern has \\{character}, which is not known here.")

    def _set_magic(self, character: str) -> None:
        self._magic = character

    def _set_case(self, character: str) -> None:
        self.case = character == "c"

    def _line_end(self, character: str) -> None:
        self._out.append(self._with_line_end())

    def _set_of_characters(self, character: str) -> None:
        self._out.append(self._collection())

    def _caret(self, character: str) -> None:
        self._out.append("^" if len(self._out) == self._branch or self._magic == "v" else r"\^")

    def _dollar(self, character: str) -> None:
        rest = self._pattern[self._at :]
        ends = not rest or rest.startswith((r"\|", r"\)", r"\&", r"\n")) or self._magic == "v"
        self._out.append("$" if ends else r"\$")

    def _open(self, character: str) -> None:
        self._starts.append((len(self._out), self._branch))
        self._out.append("(")
        self._branch = len(self._out)

    def _close(self, character: str) -> None:
        if not self._starts:
            raise Failed("The pattern has a closing bracket that is not opened.")
        begin, self._branch = self._starts.pop()
        self._out[begin:] = ["".join([*self._out[begin:], ")"])]

    def _or(self, character: str) -> None:
        self._out.append("|")
        self._branch = len(self._out)

    def _back_reference(self, character: str) -> None:
        self._out.append(f"(?:\\{character})")

    def _with_line_end(self) -> str:
        character = self._pattern[self._at : self._at + 1]
        self._at += 1
        if character == "^":
            return "^"
        if character == "$":
            return "$"
        if character == ".":
            return r"(?:.|\n)"
        if character == "[":
            return f"(?:{self._collection()}|\\n)"
        if character in _CLASSES and character:
            return f"(?:{_CLASSES[character]}|\\n)"
        raise Failed(f"The pattern has \\_{character}, which is not known here.")

    def _collection(self) -> str:
        """Returns a set of characters, or a bracket where it is not closed."""
        pattern, at = self._pattern, self._at
        negated = pattern.startswith("^", at)
        at += negated
        inner = ""
        first = True
        while at < len(pattern) and (pattern[at] != "]" or first):
            first = False
            named = re.match(r"\[:(\w+):\]", pattern[at:])
            if named and named[1] in _NAMED:
                inner += _NAMED[named[1]]
                at += named.end()
            elif pattern[at] == "\\" and at + 1 < len(pattern) and pattern[at + 1] in "etrbn]^-\\":
                inner += _ESCAPES.get(pattern[at + 1], "\\" + pattern[at + 1])
                at += 2
            else:
                inner += pattern[at] if pattern[at] == "-" else re.escape(pattern[at])
                self.has_upper |= pattern[at].isupper()
                at += 1
        if at >= len(pattern):
            return r"\["
        self._at = at + 1
        return f"[^{inner}\\n]" if negated else f"[{inner}]"

    def _percent(self, character: str) -> None:
        rest = self._pattern[self._at :]
        if rest.startswith("("):
            self._at += 1
            self._starts.append((len(self._out), self._branch))
            self._out.append("(?:")
            self._branch = len(self._out)
        elif (code := re.match(r"[dxuU]([0-9A-Fa-f]{1,8})", rest)) is not None:
            self._at += code.end()
            self._out.append(re.escape(chr(int(code[1], 10 if rest[0] == "d" else 16))))
        elif rest[:1] in ("^", "$") and rest:
            self._at += 1
            self._out.append(r"\A" if rest[0] == "^" else r"\Z")
        else:
            raise Failed(f"The pattern has \\%{rest[:1]}, which is not known here.")

    def _ends(self, character: str) -> None:
        which = self._pattern[self._at : self._at + 1]
        self._at += 1
        if which not in ("s", "e"):
            raise Failed(f"The pattern has \\z{which}, which is not known here.")
        self._out.append(f"(?P<{_START if which == 's' else _END}>)")

    def _repeat(self, character: str) -> None:
        out = self._out
        if len(out) == self._branch or out[-1] in ("^", r"\b(?=\w)"):
            out.append(re.escape(character))
            return
        if character == "{":
            found_count = re.match(r"(-?)(\d*)(,?)(\d*)\\?\}", self._pattern[self._at :])
            if found_count is None:
                raise Failed("The pattern has a brace that is not closed.")
            self._at += found_count.end()
            lazy, low, comma, high = found_count.groups()
            if not low and not high:
                out.append("*" + ("?" if lazy else ""))
            else:
                out.append(f"{{{low or '0'}{comma}{high}}}" + ("?" if lazy else ""))
        elif character == "@":
            self._look()
        else:
            out.append({"*": "*", "+": "+", "=": "?", "?": "?"}[character])
        out[-2:] = ["".join(out[-2:])]

    def _look(self) -> None:
        sign = re.match(r"<?[=!]|>", self._pattern[self._at :])
        if sign is None:
            raise Failed("The pattern has \\@, which is not known here.")
        self._at += sign.end()
        prefix = {"=": "(?=", "!": "(?!", "<=": "(?<=", "<!": "(?<!", ">": "(?>"}[sign[0]]
        self._out[-1] = f"{prefix}{self._out[-1]})"
        self._out.append("")

    _functions: ClassVar[Mapping[str, Callable[[_Translator, str], None]]] = {
        **dict.fromkeys("vmMV", _set_magic), **dict.fromkeys("cC", _set_case), "_": _line_end, "[": _set_of_characters,
        "^": _caret, "$": _dollar, "(": _open, ")": _close, "%": _percent, "|": _or, "z": _ends,
        **dict.fromkeys("123456789", _back_reference), **dict.fromkeys("*+=?{@", _repeat),
    }  # fmt: skip


def replacement(template: str, groups: Sequence[str]) -> str:
    """Returns what replaces a match.

    `&` and `\\0` are the match, `\\1` to `\\9` its groups, `\\u \\U \\l \\L \\e` change case, `\\r` is a line end.
    """
    if template.startswith("\\="):
        raise Failed("\\= in a replacement is not known here.")
    out: list[str] = []
    once = lasting = ""
    for token in re.findall(r"\\.|[^\\]|\\$", template, re.DOTALL):
        name = token[1:]
        if name in ("u", "l"):
            once = name
        elif name in ("U", "L"):
            lasting = name
        elif name in ("e", "E"):
            once = lasting = ""
        else:
            text = _replacing(token, groups)
            if lasting:
                text = text.upper() if lasting == "U" else text.lower()
            if once and text:
                text = (text[0].upper() if once == "u" else text[0].lower()) + text[1:]
                once = ""
            out.append(text)
    return "".join(out)


def _replacing(token: str, groups: Sequence[str]) -> str:
    if token == "&":
        return groups[0]
    if token == "\r":
        return "\n"
    if len(token) == 1:
        return token
    name = token[1]
    if name.isdigit():
        return groups[int(name)] if int(name) < len(groups) else ""
    return {"r": "\n", "n": "\0", "t": "\t"}.get(name, name)

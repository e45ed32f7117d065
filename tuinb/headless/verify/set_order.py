"""Sorts the items of sets in a text, so that two reprs of equal sets are equal. Their order depends on the hashes of a run."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[][(){}]|,\s*|:|[^][(){},:'\"]+|.", re.DOTALL)
_CLOSING = {"{": "}", "[": "]", "(": ")"}
_LONGEST = 100_000
_DEEPEST = 50


def with_sorted_sets(line: str) -> str | None:
    """Returns the line with the items of each set sorted. Returns None if there is no set, or it is too long or too deep."""
    if "{" not in line or len(line) > _LONGEST:
        return None
    tokens = _TOKEN.findall(line)
    parser = _Parser(tokens)
    try:
        text = parser.text()
    except ValueError:
        return None
    return text if parser.sets else None


class _Parser:
    """Reads brackets. Raises ValueError for text whose brackets do not match, or are too deep."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self.sets = 0
        """Number of sets with two items or more."""

    def text(self) -> str:
        """Returns the whole text."""
        items, separators, _ = self._items("", 0)
        return _woven(items, separators)

    def _items(self, closing: str, depth: int) -> tuple[list[str], list[str], bool]:
        """Returns the items up to a bracket, the text between them, and whether there are colons: a dict has them."""
        if depth > _DEEPEST:
            raise ValueError
        items: list[str] = []
        separators: list[str] = []
        parts: list[str] = []
        has_colon = False
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token in _CLOSING:
                parts.append(self._bracket(token, depth))
            elif token in {"}", "]", ")"}:
                if token != closing:
                    raise ValueError
                return [*items, "".join(parts)], separators, has_colon
            elif token[0] == ",":
                items.append("".join(parts))
                separators.append(token)
                parts = []
            else:
                has_colon |= token == ":"
                parts.append(token)
        if closing:
            raise ValueError
        return [*items, "".join(parts)], separators, has_colon

    def _bracket(self, opening: str, depth: int) -> str:
        items, separators, has_colon = self._items(_CLOSING[opening], depth + 1)
        if opening == "{" and not has_colon and len(items) > 1:
            self.sets += 1
            items.sort()
        return f"{opening}{_woven(items, separators)}{_CLOSING[opening]}"


def _woven(items: list[str], separators: list[str]) -> str:
    return "".join(part for pair in zip(items, [*separators, ""], strict=True) for part in pair)

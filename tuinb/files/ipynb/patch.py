"""Makes new text for a JSON value of which only parts changed.

The old text is walked one level at a time. An unchanged member keeps its text byte for byte (number format, escapes, order
and duplication of keys, white space). A changed member is walked in turn. Only new values are encoded, in the file's style.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.deep_json import is_cut
from tuinb.files.ipynb.scan import Container, Member, container_at, string_pieces
from tuinb.files.ipynb.style import Lines, Text, cut

if TYPE_CHECKING:
    from tuinb.files.ipynb.style import Style
    from tuinb.notebook.changes import Json


def same(a: Json, b: Json) -> bool:
    """Whether two JSON values are equal, at any depth. Distinguishes 1, 1.0 and True.

    A list or an object in `a` is equal to the string that replaces it in `b` if `b` was cut because of its depth.
    """
    left = [(a, b)]
    while left:
        a, b = left.pop()
        if a is b or (isinstance(a, dict | list) and is_cut(b)):
            continue
        if a.__class__ is not b.__class__:
            return False
        if isinstance(a, dict):
            if a.keys() != b.keys():
                return False
            left += [(value, b[key]) for key, value in a.items()]
        elif isinstance(a, list):
            if len(a) != len(b):
                return False
            left += zip(a, b, strict=True)
        elif (repr(a) != repr(b)) if isinstance(a, float) else a != b:
            return False
    return True


@dataclass(slots=True, eq=False)
class Item:
    """A member to write. Compared by identity: two members of an object may have the same text."""

    before: str
    head: str
    text: Text
    after: str
    was_first: bool = False
    """Whether it was the first member. The white space before the first differs from that between two."""


Writer = Callable[[Member | None, str | None], Text]
"""Returns the text of a value. Takes the member that it replaces, if any, and the indentation at its place."""


def pad_of(before: str) -> str | None:
    """Returns the indentation before a value. Returns None if the value does not start a line."""
    return before.rpartition("\n")[2] if "\n" in before else None


def patch(text: str, at: int, end: int, old: Json, new: Json, pad: str | None, style: Style) -> Text:
    """Returns the text of `new`, given that text[at:end] is the text of `old`."""
    if same(old, new):
        return cut(text, at, end)
    if isinstance(old, dict) and isinstance(new, Mapping):
        return patch_object(text, container_at(text, at), new, pad, style)
    if isinstance(old, list) and isinstance(new, list):
        return _patch_array(text, at, new, pad, style)
    return style.encode(new, pad)


def patch_object(
    text: str,
    box: Container,
    new: Mapping[str, Json],
    pad: str | None,
    style: Style,
    writers: Mapping[str, Writer] | None = None,
) -> Text:
    """Returns the text of the object `new` in place of `box`. `writers` make the texts of the keys that they have."""
    special = writers or {}
    last = {member.key: number for number, member in enumerate(box.members)}
    items: list[Item] = []
    hidden: dict[str, list[Item]] = {}
    for number, member in enumerate(box.members):
        if member.key not in new:
            continue
        inner = pad_of(member.before)
        if last[member.key] != number:
            value = cut(text, member.at, member.end)
        elif member.key in special:
            value = special[member.key](member, inner)
        else:
            value = patch(text, member.at, member.end, member.value, new[member.key], inner, style)
        item = Item(member.before, member.head, value, member.after, was_first=number == 0)
        items.append(item)
        # JSON takes the last of two equal keys. The earlier ones have no effect. They stay until that one changes: what a user
        # removed must not be left in the file.
        if last[member.key] != number:
            hidden.setdefault(member.key, []).append(item)
        elif member.key in hidden and "".join(value) != text[member.at : member.end]:
            items = [item for item in items if item not in hidden[member.key]]
    _add_members(items, box, [key for key in new if key not in last], new, special, pad, style)
    return join_items("{}", items, box, pad, style)


def _add_members(
    items: list[Item],
    box: Container,
    added: list[str],
    new: Mapping[str, Json],
    special: Mapping[str, Writer],
    pad: str | None,
    style: Style,
) -> None:
    if not added:
        return
    keys = [member.key for member in box.members if member.key in new]
    in_order = keys == sorted(keys) and style.sort_keys
    before = space_before_new(box, pad, style)
    colon = box.members[0].head.rpartition('"')[2] if box.members else style.colon
    for key in added:
        inner = pad_of(before)
        value = special[key](None, inner) if key in special else style.encode(new[key], inner)
        place = bisect(keys, key) if in_order else len(keys)
        keys.insert(place, key)
        items.insert(place, Item(before, style.string(key) + colon, value, ""))


def space_before_new(box: Container, pad: str | None, style: Style) -> str:
    """Returns the white space before an added member."""
    if len(box.members) > 1:
        return box.members[1].before
    if box.members and "\n" in box.members[0].before:
        return box.members[0].before
    if box.members or pad is None or style.indent is None:
        return style.comma[1:] if style.indent is None else " "
    return style.newline + pad + style.indent


def join_items(brackets: str, items: list[Item], box: Container, pad: str | None, style: Style) -> Text:
    """Writes items with the white space of the old container."""
    if not items:
        return [brackets]
    between = space_before_new(box, pad, style)
    first = box.members[0].before if box.members else between if "\n" in between else ""
    close = box.close if box.members else ("" if pad_of(first) is None else f"{style.newline}{pad or ''}")
    parts = [brackets[0]]
    for number, item in enumerate(items):
        before = item.before
        if number == 0:
            before = first
        else:
            parts.append(",")
            if item.was_first:
                before = between
        last = number == len(items) - 1
        parts += (before, item.head, *item.text, "" if last else item.after)
    parts += (close, brackets[1])
    return parts


def _patch_array(text: str, at: int, new: Sequence[Json], pad: str | None, style: Style) -> Text:
    box = container_at(text, at)
    old = [member.value for member in box.members]
    head, tail = common_ends(old, new)
    before = space_before_new(box, pad, style)
    inner = pad_of(before)
    pairs = len(old) == len(new)
    items = [unchanged(text, box, member) for member in box.members[:head]]
    for number in range(head, len(new) - tail):
        if pairs:
            member = box.members[number]
            value = patch(text, member.at, member.end, member.value, new[number], pad_of(member.before), style)
            items.append(Item(member.before, "", value, member.after, was_first=number == 0))
        else:
            items.append(Item(before, "", style.encode(new[number], inner), ""))
    items += [unchanged(text, box, member) for member in box.members[len(old) - tail :]]
    return join_items("[]", items, box, pad, style)


def unchanged(text: str, box: Container, member: Member) -> Item:
    """Returns an item for an unchanged member."""
    return Item(member.before, member.head, cut(text, member.at, member.end), member.after, was_first=member is box.members[0])


def common_ends(old: Sequence[Json], new: Sequence[Json]) -> tuple[int, int]:
    """Returns the number of equal items at the start, and of equal items at the end of the rest."""
    most = min(len(old), len(new))
    head = 0
    while head < most and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < most - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    return head, tail


# ---- multiline texts


def patch_text(text: str, member: Member, new: str, style: Style) -> Text:
    """Returns the text of a source. Unchanged lines keep their text, in a list and in one string."""
    if isinstance(member.value, str):
        pieces = string_pieces(text[member.at : member.end])
        return ['"', *(raw if raw is not None else style.string(line)[1:-1] for line, raw in _lines(pieces, new)), '"']
    pad = pad_of(member.before)
    box = container_at(text, member.at)
    if not box.members:
        return style.encode(Lines(new), pad)
    raws = [(item.value, text[item.at : item.end]) for item in box.members]
    before = space_before_new(box, pad, style)
    items = [Item(before, "", [raw if raw is not None else style.string(line)], "") for line, raw in _lines(raws, new)]
    return join_items("[]", items, box, pad, style)


def _lines(old: list[tuple[str, str]], new: str) -> list[tuple[str, str | None]]:
    """Splits `new` into lines. Pairs each line with its raw text in `old`, or with None."""
    values = [value for value, _ in old]
    head, tail, start, stop = _kept_lines(values, new)
    known = dict(old[head : len(old) - tail])
    # nbformat splits like str.splitlines, JavaScript programs split at newlines only. The old lines show which was used.
    if any(len(value.splitlines()) > 1 for value in values):
        lines = [line for line in re.split(r"(?<=\n)", new[start:stop]) if line]
    else:
        lines = new[start:stop].splitlines(keepends=True)
    middle = [(line, known.get(line)) for line in lines]
    return [*old[:head], *middle, *old[len(old) - tail :]]


def _kept_lines(values: list[str], new: str) -> tuple[int, int, int, int]:
    """Returns the number of unchanged lines at the start and at the end, and the span of `new` between them.

    A line is unchanged only if it is still a whole line: each line of the kept start, and the text before the kept end, ends
    with a newline.
    """
    head = start = 0
    while head < len(values) and new.startswith(values[head], start):
        after = start + len(values[head])
        if after < len(new) and not values[head].endswith("\n"):
            break
        head, start = head + 1, after
    tail, stop = 0, len(new)
    while tail < len(values) - head and new.endswith(values[-1 - tail], start, stop):
        tail += 1
        stop -= len(values[-tail])
    while tail and stop > start and new[stop - 1] != "\n":
        stop += len(values[-tail])
        tail -= 1
    return head, tail, start, stop

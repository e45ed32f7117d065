"""The JSON text of one cell: patched if the file has the cell, else written in the file's style.

`CellWork` holds the content of a cell at one instant, so that its text can be made in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.files.ipynb.patch import Item, join_items, pad_of, patch_object, patch_text, same, space_before_new, unchanged
from tuinb.files.ipynb.read_cells import KNOWN_KINDS, readable_count
from tuinb.files.ipynb.scan import Member, container_at
from tuinb.files.ipynb.style import cut
from tuinb.mime import is_multiline
from tuinb.notebook.cell import NO_OUTPUTS
from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.files.ipynb.style import Style, Text
    from tuinb.notebook.changes import Json


_ATTACHMENTS = "attachments"
_COUNT = "execution_count"


class CellWork(Record):
    id: str
    kind: str
    source: str
    raw: Mapping[str, Json]
    outputs: tuple[int | Mapping[str, Json], ...]
    """A new output, or the index of an unchanged output in the old text."""
    execution_count: int | None


def new_cell(work: CellWork, style: Style, *, with_id: bool) -> Text:
    """Returns the text of a cell that is not in the file yet."""
    cell: dict[str, Json] = {key: value for key, value in work.raw.items() if key != "id"}
    cell.setdefault("metadata", {})
    _drop_misplaced_attachments(cell, work.kind)
    cell |= {"cell_type": work.kind, "source": style.text(work.source)}
    if with_id:
        cell["id"] = work.id
    if work.kind == "code":
        cell["execution_count"] = work.execution_count
        cell["outputs"] = [output_json(output, style) for output in work.outputs if isinstance(output, Mapping)]
    names = sorted(cell)
    order = style.cell_keys.get(work.kind) or next(iter(style.cell_keys.values()), ())
    if not style.sort_keys:
        names.sort(key=lambda name: order.index(name) if name in order else len(order))
    return style.encode_members([(name, cell[name]) for name in names], style.cell_pad)


def changed_cell(text: str, work: CellWork, pad: str | None, style: Style) -> Text:
    """Returns the new text of a cell whose old text is `text`."""
    box = container_at(text, 0)
    old = {member.key: member.value for member in box.members}

    def source(member: Member | None, inner: str | None) -> Text:
        if member is None or not isinstance(member.value, str | list):
            return style.encode(style.text(work.source), inner)
        if "".join(member.value) == work.source:
            return cut(text, member.at, member.end)
        return patch_text(text, member, work.source, style)

    def outputs(member: Member | None, inner: str | None) -> Text:
        return _outputs(text, member, work, inner, style)

    def count(member: Member | None, inner: str | None) -> Text:
        if member is not None and readable_count(member.value) == work.execution_count:
            return cut(text, member.at, member.end)
        return style.encode(work.execution_count, inner)

    writers = {"source": source, "outputs": outputs, "execution_count": count}
    return patch_object(text, box, _members(work, old), pad, style, writers)


def _members(work: CellWork, old: Mapping[str, Json]) -> dict[str, Json]:
    """Returns the cell as an object. Omits empty members that the old text omits."""
    new: dict[str, Json] = {**work.raw, "cell_type": work.kind}
    # The id of a cell that was new at the last save is in the file but not in `work.raw`.
    if "id" in old:
        new["id"] = old["id"]
    if work.source or "source" in old or work.kind in KNOWN_KINDS:
        new["source"] = work.source
    was_code = old.get("cell_type") == "code"
    if not (was_code and work.kind == "code" and _ATTACHMENTS in old):
        _drop_misplaced_attachments(new, work.kind)
    if work.kind == "code":
        if work.outputs or "outputs" in old or not was_code:
            new["outputs"] = work.outputs
        if work.execution_count is not None or "execution_count" in old or not was_code:
            new["execution_count"] = work.execution_count
    elif work.outputs or work.kind not in NO_OUTPUTS or _has_same_results(work, old):
        # The format gives these kinds no outputs, but the file does. They stay until they are removed.
        new |= {key: value for key, value in (("outputs", work.outputs), (_COUNT, work.execution_count)) if key in old}
    return new


def _drop_misplaced_attachments(cell: dict[str, Json], kind: str) -> None:
    """Removes attachments where the format has no place for them, or which are no object, as a code cell may have some."""
    if kind == "code" or not isinstance(cell.get(_ATTACHMENTS, {}), Mapping):
        cell.pop(_ATTACHMENTS, None)


def _has_same_results(work: CellWork, old: Mapping[str, Json]) -> bool:
    """Whether neither the kind nor the outputs nor the count of a cell without outputs have changed."""
    same_kind = old.get("cell_type") == work.kind
    return same_kind and old.get("outputs") in ([], None) and readable_count(old.get(_COUNT)) == work.execution_count


def _outputs(text: str, member: Member | None, work: CellWork, pad: str | None, style: Style) -> Text:
    if member is not None and member.value is not None and not isinstance(member.value, list):
        if work.outputs == (0,):
            return cut(text, member.at, member.end)
        # The value is no list and stands for one output.
        whole = cut(text, member.at, member.end)
        values = [style.encode(output_json(one, style), None) if isinstance(one, Mapping) else whole for one in work.outputs]
        return ["[", *(piece for number, value in enumerate(values) for piece in (*([", "] if number else ()), *value)), "]"]
    if work.outputs == () and member is not None and member.value is None:
        return cut(text, member.at, member.end)
    if member is None or member.value is None:
        return style.encode([output_json(output, style) for output in work.outputs if isinstance(output, Mapping)], pad)
    if work.outputs == tuple(range(len(member.value))):
        return cut(text, member.at, member.end)
    box = container_at(text, member.at)
    before = box.members[-1].before if len(box.members) > 1 else space_before_new(box, pad, style)
    items: list[Item] = []
    for place, output in enumerate(work.outputs):
        if isinstance(output, int):
            items.append(unchanged(text, box, box.members[output]))
            continue
        new = output_json(output, style)
        if place < len(box.members) and _only_count_differs(old := box.members[place], new):
            recounted = patch_object(text, container_at(text, old.at), new, pad_of(old.before), style)
            items.append(replace(unchanged(text, box, old), text=recounted))
        else:
            items.append(Item(before, "", style.encode(new, pad_of(before)), ""))
    return join_items("[]", items, box, pad, style)


def _only_count_differs(old: Member, new: Mapping[str, Json]) -> bool:
    """Whether only the execution count differs. Then only the count is rewritten."""
    if not isinstance(old.value, dict) or not old.value.keys() == new.keys() >= {_COUNT}:
        return False
    return all(key == _COUNT or same(value, new[key]) for key, value in old.value.items())


def output_json(output: Mapping[str, Json], style: Style) -> dict[str, Json]:
    """Returns an output as it is stored in a file, with multiline texts split as nbformat does."""
    result = dict(output)
    if isinstance(result.get("text"), str):
        result["text"] = style.text(result["text"])
    data = result.get("data")
    if isinstance(data, Mapping):
        result["data"] = {mime: _mime_json(mime, value, style) for mime, value in data.items()}
    return result


def _mime_json(mime: str, value: Json, style: Style) -> Json:
    return style.text(value) if is_multiline(mime) and isinstance(value, str) else value

"""Commands that edit metadata, tags and attachments of cells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.errors import TuinbError
from tuinb.notebook.cell import ATTACHMENTS
from tuinb.notebook.changes import ABSENT, SetAttachments, SetMetadata
from tuinb.notebook.difference import same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId, Change

_TAGS = ("parameters", "raises-exception", "skip-execution", "remove-cell", "remove-input", "remove-output")
"""Tags that programs know."""
_TEXT, _YES_NO, _OBJECT = "a text", "true or false", "an object"
_OF_CELL: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "tags": ("a list of different texts without commas", lambda value: _are_tags(value)),
    "name": (_TEXT, lambda value: isinstance(value, str) and bool(value)),
    "collapsed": (_YES_NO, lambda value: isinstance(value, bool)),
    "scrolled": (f'{_YES_NO}, or "auto"', lambda value: isinstance(value, bool) or value == "auto"),
    "deletable": (_YES_NO, lambda value: isinstance(value, bool)),
    "editable": (_YES_NO, lambda value: isinstance(value, bool)),
    "format": (_TEXT, lambda value: isinstance(value, str)),
    "jupyter": (_OBJECT, lambda value: isinstance(value, dict)),
    "execution": (_OBJECT, lambda value: isinstance(value, dict)),
}
"""What nbformat says of keys."""
_OF_NOTEBOOK: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "kernelspec": ("an object with the texts name and display_name", lambda value: _has_texts(value, "name", "display_name")),
    "language_info": ("an object with the text name", lambda value: _has_texts(value, "name")),
    "title": (_TEXT, lambda value: isinstance(value, str)),
    "authors": ("a list", lambda value: isinstance(value, list)),
    "orig_nbformat": ("a whole number", lambda value: type(value) is int and value >= 1),
}


def _are_tags(value: object) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(tag, str) and tag and "," not in tag for tag in value)
        and (len(set(value)) == len(value))
    )


def _has_texts(value: object, *keys: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in keys)


@command(Group.EDIT)
async def edit_metadata(context: Context) -> None:
    """Edit the metadata of the cell as JSON in $VISUAL or $EDITOR."""
    active = context.view.active
    _check(context)
    if active is None:
        raise TuinbError("there is no cell to edit")
    number = context.session.notebook.index(active) + 1
    await _edit(context, active, context.session.notebook[active].metadata, f"cell-{number}", _OF_CELL)


@command(Group.FILE)
async def edit_notebook_metadata(context: Context) -> None:
    """Edit the metadata of the notebook as JSON in $VISUAL or $EDITOR."""
    _check(context)
    await _edit(context, None, context.session.notebook.metadata, "notebook", _OF_NOTEBOOK)


def _check(context: Context) -> None:
    if context.session.read_only:
        raise TuinbError(f"Read-only: {context.session.read_only}")


async def _edit(
    context: Context,
    cell: CellId | None,
    base: Mapping[str, Any],
    name: str,
    known: Mapping[str, tuple[str, Callable[[Any], bool]]],
) -> None:
    """Edits metadata, again and again while the text is wrong and the user wants to. Changes the keys that were edited."""
    base = dict(base)
    text, line = json.dumps(base, indent=2, ensure_ascii=False), 1
    while True:
        edited = await context.system.edit_text(f"{context.session.path.stem}-{name}-metadata.json", text, line)
        if edited is None:
            context.dialogs.notify("Nothing was changed.")
            return
        try:
            target = _read(edited, base, known)
            break
        except _WrongError as error:
            text, line = edited, error.line
            question, no = f"{error}. Edit it again?", "Drop what was edited"
            if not await context.dialogs.confirm(question, yes="Edit it again", no=no, refused="Nothing was changed."):
                return
    _check(context)
    if cell is not None and cell not in context.session.notebook:
        raise TuinbError("the cell was deleted meanwhile")
    changes: list[Change] = [SetMetadata(cell, key, ABSENT) for key in base if key not in target]
    changes += [SetMetadata(cell, key, value) for key, value in target.items() if key not in base or not same(value, base[key])]
    cell_edits.apply(context, changes, "edit metadata")
    context.dialogs.notify(f"Changed {cell_edits.count(len(changes), 'key')}." if changes else "Nothing was changed.")


class _WrongError(Exception):
    """A text that is no metadata."""

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.line = line


def _read(text: str, base: Mapping[str, Any], known: Mapping[str, tuple[str, Callable[[Any], bool]]]) -> dict[str, Any]:
    """Returns the metadata that a text has. A key that nbformat describes must fit, if it was edited. Raises _WrongError."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _WrongError(f"Line {error.lineno}, column {error.colno}: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise _WrongError(f"It can't be read: {error}") from None
    if not isinstance(found, dict):
        raise _WrongError("Metadata is an object: { … }")
    for key, (allowed, fits) in known.items():
        if key in found and not (key in base and same(found[key], base[key])) and not fits(found[key]):
            raise _WrongError(f"{key} must be {allowed}")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


@command(Group.EDIT)
async def edit_tags(context: Context) -> None:
    """Edit the tags of the selected cells."""
    _check(context)
    notebook, active = context.session.notebook, context.view.active
    cells = cell_edits.selected(context)
    if active is None or not cells:
        raise TuinbError("there is no cell to edit")
    old = notebook[active].tags
    others = dict.fromkeys([*(tag for cell in notebook for tag in cell.tags), *_TAGS])
    known = ", ".join(tag for tag in others if tag not in old)
    text = await context.dialogs.ask(f"Tags, separated by commas (known: {known}):", ", ".join(old))
    if text is None:
        return
    _check(context)
    new = tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
    changes: list[Change] = []
    for cell in cells:
        if cell not in notebook:
            continue
        before = notebook[cell].tags
        # The other cells keep tags that the active one never had.
        kept = [tag for tag in before if tag in new or tag not in old]
        after = [*kept, *(tag for tag in new if tag not in kept and (tag not in old or cell == active))]
        if tuple(after) != before:
            changes.append(SetMetadata(cell, "tags", after or ABSENT))
    cell_edits.apply(context, changes, "edit tags")
    context.dialogs.notify(f"Changed the tags of {cell_edits.count(len(changes))}." if changes else "Nothing was changed.")


@command(Group.EDIT)
async def attachments(context: Context) -> None:
    """List the attachments of the cell, and remove one."""
    active = context.view.active
    found = _attachments(context, active)
    if active is None or not found:
        context.dialogs.notify("This cell has no attachments.")
        return
    names = list(found)
    source = context.session.notebook[active].source
    options = [f"{name}  {_kinds(found[name])}{'' if f'attachment:{name}' in source else ' · not used'}" for name in names]
    index = await context.dialogs.choose("Attachments: Enter removes one", options)
    if index is None:
        return
    question = f"Remove {names[index]}?"
    if not await context.dialogs.confirm(question, yes="Remove", no="Keep", refused="Nothing was removed."):
        return
    _check(context)
    rest = {name: value for name, value in _attachments(context, active).items() if name != names[index]}
    cell_edits.apply(context, [SetAttachments(active, rest or None)], "remove an attachment")


def _attachments(context: Context, cell: CellId | None) -> dict[str, Any]:
    notebook = context.session.notebook
    found = notebook[cell].raw.get(ATTACHMENTS) if cell is not None and cell in notebook else None
    return dict(found) if isinstance(found, dict) else {}


def _kinds(bundle: object) -> str:
    """Returns the types of an attachment, and about how large it is."""
    if not isinstance(bundle, dict):
        return "unreadable"
    size = sum(len(data) * 3 // 4 for data in bundle.values() if isinstance(data, str))
    return f"{', '.join(map(str, bundle))}, {max(1, size // 1000):,} kB"

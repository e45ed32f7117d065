"""All commands by name, for the keymap, the palette and the help."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands import (
    access,
    cells,
    checkpoint,
    conflicts,
    cursor,
    data,
    debugger,
    edit,
    external_edit,
    file,
    find,
    formatting,
    jumps,
    kernel,
    keys,
    kills,
    language,
    merge_split,
    metadata,
    output_export,
    outputs,
    problems,
    recovery,
    run,
    run_parts,
    sections,
    selection,
    staleness,
    tabs,
    tour,
    view,
    widgets,
)
from tuinb.commands.command import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES = (
    run, run_parts, staleness, data, cells, merge_split, outputs, output_export, widgets, selection, edit, cursor, kills,
    external_edit, formatting, problems, language, metadata, find, jumps, sections, view, kernel, debugger, file, tabs,
    conflicts, recovery, access, checkpoint, keys, tour,
)  # fmt: skip

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {value.name: value for module in _MODULES for value in vars(module).values() if isinstance(value, Command)}
)
"""Name → command, in the order in which the palette lists them."""

"""Commands on the notebooks that a terminal has open, and on those that it may open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuinb.commands import file
from tuinb.commands.command import BOTH, Command, Group, command
from tuinb.commands.host import Scope
from tuinb.errors import is_remote
from tuinb.files.listing import LocalFolder
from tuinb.jobs import shared
from tuinb.workspace import remembered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.commands.context import Context
    from tuinb.commands.host import Tab, Tabs
    from tuinb.files.listing import Listing

_RECENT = 50
"""Notebooks that were left last, which the picker lists first."""


def open_notebook(context: Context, path: Path) -> None:
    """Shows a notebook in a tab, which takes the place of a new notebook that was not touched."""
    tabs = _tabs(context)
    if tabs is not None and not is_shown(context, path):
        tabs.open(path, instead=_is_untouched(context))
        context.dialogs.notify(f"Opening {path.name}…")


def is_shown(context: Context, path: Path) -> bool:
    """Returns whether a path is that of the notebook on the screen."""
    shown = context.session.path
    return path == shown or (not is_remote(path) and os.path.realpath(path) == os.path.realpath(shown))


def _is_untouched(context: Context) -> bool:
    """Whether the notebook is a new one that was neither changed, run nor saved, and that nobody else looks at."""
    session = context.session
    is_new = not is_remote(session.path) and not os.path.lexists(session.path)
    ran = any(cell.execution_count or cell.outputs for cell in session.notebook)
    return is_new and not session.modified and not ran and not file.at_work(session) and not context.system.other_screens


def go_to_tab(context: Context, number: int) -> None:
    """Goes to a tab, counted from 1."""
    tabs = _tabs(context)
    if tabs is None:
        return
    if 1 <= number <= len(tabs.entries):
        _go(context, tabs, number - 1)
    else:
        context.dialogs.notify(f"There is no tab {number}: the tabs are {_numbers(tabs.entries)}.", "error")


def _numbers(entries: Sequence[Tab]) -> str:
    return ", ".join(f"{number} {tab.name}" for number, tab in enumerate(entries, 1))


def _tabs(context: Context) -> Tabs | None:
    """Returns the tabs. Without any says why: they are sessions, of which the terminal shows one at a time."""
    tabs = context.system.tabs
    if tabs is None:
        problem = "This notebook was opened without a session, so it has no tabs: `tuinb FILE` opens another one elsewhere."
        context.dialogs.notify(problem, "error")
    return tabs


def _go(context: Context, tabs: Tabs, index: int) -> None:
    if index != tabs.at:
        tabs.go(index)
    elif len(tabs.entries) == 1:
        context.dialogs.notify("There is one tab. `:e FILE` opens another one.")


@command(Group.FILE)
def next_tab(context: Context) -> None:
    """Go to the next tab."""
    if (tabs := _tabs(context)) is not None:
        _go(context, tabs, (tabs.at + 1) % len(tabs.entries))


@command(Group.FILE)
def previous_tab(context: Context) -> None:
    """Go to the previous tab."""
    if (tabs := _tabs(context)) is not None:
        _go(context, tabs, (tabs.at - 1) % len(tabs.entries))


def _goes_to_tab(number: int) -> Command:
    return Command(f"tab-{number}", f"Go to tab {number}", Group.FILE, BOTH, lambda context: go_to_tab(context, number))


tab_1, tab_2, tab_3, tab_4, tab_5, tab_6, tab_7, tab_8, tab_9 = map(_goes_to_tab, range(1, 10))


@command(Group.FILE)
async def choose_tab(context: Context) -> None:
    """Choose a tab from a list."""
    if (tabs := _tabs(context)) is None:
        return
    signs = [
        [sign for sign, shown in (("[+]", tab.modified), ("runs", tab.busy), ("waits for input", tab.waits)) if shown]
        for tab in tabs.entries
    ]
    options = ["  ".join([tab.name, *marks]) for tab, marks in zip(tabs.entries, signs, strict=True)]
    choice = await context.dialogs.choose("Go to which tab?", options, at=tabs.at)
    if choice is not None:
        _go(context, tabs, choice)


@command(Group.FILE)
async def quit_all(context: Context) -> None:
    """Close all tabs; asks in each that has unsaved changes or running cells."""
    await file.leave(context, Scope.TABS)


@command(Group.FILE)
async def save_and_quit_all(context: Context) -> None:
    """Save all notebooks that have unsaved changes, and close all tabs."""
    if not context.session.modified or await file.write(context):
        await file.leave_saved(context, Scope.SAVED)


@command(Group.FILE)
def quit_all_without_saving(context: Context) -> None:
    """Close all tabs, and discard their unsaved changes without a question."""
    file.leave_unasked(context, Scope.DISCARDED)


@command(Group.FILE)
async def save_all(context: Context) -> None:
    """Save the notebooks of all tabs that have unsaved changes."""
    tabs = context.system.tabs
    others = tabs is not None and any(tab.modified for index, tab in enumerate(tabs.entries) if index != tabs.at)
    modified = context.session.modified
    if modified and not await file.write(context):
        return
    if tabs is not None and others:
        tabs.save_others()
    elif not modified:
        context.dialogs.notify("No notebook has unsaved changes.")


# ---- files


def listing_of(context: Context) -> Listing:
    """Returns the place whose notebooks the picker offers: the terminal's folder, or that of a notebook outside it.

    For a notebook on a server it is the notebook's folder there.
    """
    path, folder = context.session.path, context.system.folder
    if is_remote(path):
        from tuinb.files.remote_listing import ServerFolder
        from tuinb.server.address import file_of

        base, file_there = file_of(path)
        return ServerFolder(base, file_there.rpartition("/")[0])
    below = file.local_folder(context)
    if folder is not None and below.is_relative_to(folder):
        return LocalFolder(folder)
    return LocalFolder(below)


@command(Group.FILE)
async def open_file(context: Context) -> None:
    """Open another notebook, chosen from the recent ones and those of the folder; rename and delete files."""
    if _tabs(context) is None:
        return
    place = listing_of(context)
    recent = await shared().run(remembered.recent, context.system.environ, _RECENT)
    path = await context.dialogs.pick_file(place, recent, context.session.path, file.local_folder(context))
    if path is not None:
        open_notebook(context, path)

"""Commands on what is seen: the view, its looks, and the lines and pages that open over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command

if TYPE_CHECKING:
    from tuinb.commands.context import Context


@command(Group.VIEW)
def scroll_line_up(context: Context) -> None:
    """Scroll up by a line."""
    context.host.scroll(rows=-1)


@command(Group.VIEW)
def scroll_line_down(context: Context) -> None:
    """Scroll down by a line."""
    context.host.scroll(rows=1)


@command(Group.VIEW)
def page_up(context: Context) -> None:
    """Go up by a page."""
    context.host.visible_page(-1)


@command(Group.VIEW)
def page_down(context: Context) -> None:
    """Go down by a page."""
    context.host.visible_page(1)


@command(Group.VIEW)
def centre(context: Context) -> None:
    """Put the active cell into the middle of the screen."""
    context.host.centre()


@command(Group.VIEW)
def toggle_line_numbers(context: Context) -> None:
    """Show line numbers, or hide them."""
    context.view.line_numbers = not context.view.line_numbers


@command(Group.VIEW)
async def choose_theme(context: Context) -> None:
    """Choose the theme."""
    themes = list(context.host.themes())
    choice = await context.host.choose("Theme", themes)
    if choice is not None:
        context.host.set_theme(themes[choice])


@command(Group.VIEW)
def redraw(context: Context) -> None:
    """Draw the screen again."""
    context.host.redraw()


@command(Group.VIEW)
def suspend(context: Context) -> None:
    """Suspend tuinb, back to the shell."""
    context.host.suspend()


@command(Group.HELP)
def show_help(context: Context) -> None:
    """Show the keys and commands."""
    context.host.help()


@command(Group.HELP)
def palette(context: Context) -> None:
    """Find a command by its name, or enter one such as :w, :q or :12."""
    context.host.palette()

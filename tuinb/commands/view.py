"""Commands on what is seen: the view, its looks, and the lines and pages that open over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.config import config_folder, home_relative
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from tuinb.commands.context import Context


@command(Group.VIEW)
def scroll_line_up(context: Context) -> None:
    """Scroll up by a line."""
    context.viewport.scroll(rows=-1)


@command(Group.VIEW)
def scroll_line_down(context: Context) -> None:
    """Scroll down by a line."""
    context.viewport.scroll(rows=1)


@command(Group.VIEW)
def page_up(context: Context) -> None:
    """Go up by a page."""
    context.viewport.visible_page(-1)


@command(Group.VIEW)
def page_down(context: Context) -> None:
    """Go down by a page."""
    context.viewport.visible_page(1)


@command(Group.VIEW)
def centre(context: Context) -> None:
    """Put the active cell into the middle of the screen."""
    context.viewport.centre()


@command(Group.VIEW)
def toggle_line_numbers(context: Context) -> None:
    """Show line numbers, or hide them."""
    context.view.line_numbers = not context.view.line_numbers


@command(Group.VIEW)
async def choose_theme(context: Context) -> None:
    """Choose the theme, and see each on the whole screen meanwhile."""
    system = context.system
    themes, before = list(system.themes()), system.theme

    def preview(index: int) -> str:
        try:
            system.set_theme(themes[index])
        except ConfigError as error:
            return str(error)
        return ""

    at = themes.index(before) if before in themes else 0
    choice = await context.dialogs.choose("Theme: moving shows it, Enter keeps it, Esc goes back", themes, at=at, moved=preview)
    if system.theme != before:
        system.set_theme(before)
    if choice is not None:
        use_theme(context, themes[choice])


def use_theme(context: Context, name: str) -> None:
    """Shows a theme until the end, and says how to keep it: the user's file is the user's. Raises ConfigError."""
    context.system.set_theme(name)
    place = home_relative(config_folder() / "config.toml")
    context.dialogs.notify(f'The theme is {name}. To start with it, write theme = "{name}" into {place}.')


@command(Group.VIEW)
def redraw(context: Context) -> None:
    """Draw the screen again."""
    context.system.redraw()


@command(Group.VIEW)
def suspend(context: Context) -> None:
    """Suspend tuinb, back to the shell."""
    context.system.suspend()


@command(Group.HELP)
def show_help(context: Context) -> None:
    """Show the keys and commands."""
    context.dialogs.help()


@command(Group.HELP)
def palette(context: Context) -> None:
    """Find a command by its name, or enter one such as :w, :q or :12."""
    context.dialogs.palette()

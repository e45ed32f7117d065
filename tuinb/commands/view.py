"""Commands that scroll, change the appearance, and open the help and the palette."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.config import config_folder, home_relative
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from tuinb.commands.context import Context


@command(Group.VIEW, repeats=True)
def scroll_line_up(context: Context) -> None:
    """Scroll up one line."""
    context.viewport.scroll(rows=-1)


@command(Group.VIEW, repeats=True)
def scroll_line_down(context: Context) -> None:
    """Scroll down one line."""
    context.viewport.scroll(rows=1)


@command(Group.VIEW, repeats=True)
def page_up(context: Context) -> None:
    """Scroll up one page."""
    context.viewport.visible_page(-1)


@command(Group.VIEW, repeats=True)
def page_down(context: Context) -> None:
    """Scroll down one page."""
    context.viewport.visible_page(1)


@command(Group.VIEW)
def centre(context: Context) -> None:
    """Scroll the active cell to the middle of the screen."""
    context.viewport.centre()


@command(Group.VIEW)
def scroll_to_top(context: Context) -> None:
    """Scroll the active cell to the top of the screen."""
    context.viewport.put_at_edge(-1)


@command(Group.VIEW)
def scroll_to_bottom(context: Context) -> None:
    """Scroll the active cell to the bottom of the screen."""
    context.viewport.put_at_edge(1)


@command(Group.VIEW)
def toggle_line_numbers(context: Context) -> None:
    """Show or hide line numbers."""
    context.view.line_numbers = not context.view.line_numbers


@command(Group.VIEW)
def toggle_relative_numbers(context: Context) -> None:
    """Number the lines of the edited cell from the cursor, or from the start."""
    context.view.relative_numbers = not (context.view.line_numbers and context.view.relative_numbers)
    context.view.line_numbers = True


_OPTIONS = {
    "number": "line_numbers", "nu": "line_numbers", "relativenumber": "relative_numbers", "rnu": "relative_numbers",
    "wrap": "soft_wrap",
}  # fmt: skip
"""Option of vim → field of the view state."""


def set_option(context: Context, word: str) -> bool:
    """Sets an option of the view by vim's word, such as `nonumber`, or tells it (`number?`). Returns False if there is none."""
    match = re.fullmatch(rf"(no|inv)?({'|'.join(_OPTIONS)})([!?])?", word)
    if match is None:
        return False
    view, name = context.view, _OPTIONS[match[2]]
    now = getattr(view, name)
    if match[3] == "?":
        context.dialogs.notify(match[2] if now else f"no{match[2]}")
        return True
    value = not now if match[1] == "inv" or match[3] else match[1] is None
    setattr(view, name, value)
    if name == "relative_numbers":
        view.line_numbers = value or view.line_numbers
    return True


@command(Group.VIEW)
def toggle_auto_close(context: Context) -> None:
    """Close brackets and quotes as they are typed, or don't."""
    context.view.auto_close = not context.view.auto_close
    context.dialogs.notify(f"Brackets and quotes {'close' if context.view.auto_close else 'do not close'} themselves.")


@command(Group.VIEW)
def toggle_soft_wrap(context: Context) -> None:
    """Wrap long lines of code, or cut them."""
    context.view.soft_wrap = not context.view.soft_wrap


@command(Group.VIEW)
async def choose_theme(context: Context) -> None:
    """Choose the theme, with a preview of each."""
    system = context.system
    themes, before = list(system.themes()), system.theme

    def preview(index: int) -> str:
        try:
            system.set_theme(themes[index])
        except ConfigError as error:
            return str(error)
        return ""

    at = themes.index(before) if before in themes else 0
    choice = await context.dialogs.choose("Theme (arrows preview, Enter selects, Esc cancels)", themes, at=at, moved=preview)
    if system.theme != before:
        system.set_theme(before)
    if choice is not None:
        use_theme(context, themes[choice])


def use_theme(context: Context, name: str) -> None:
    """Changes the theme for this run, and shows the line for config.toml, which tuinb never writes. Raises ConfigError."""
    context.system.set_theme(name)
    place = home_relative(config_folder() / "config.toml")
    context.dialogs.notify(f'The theme is {name}. To keep it, write theme = "{name}" into {place}.')


@command(Group.VIEW)
def redraw(context: Context) -> None:
    """Redraw the screen."""
    context.system.redraw()


@command(Group.VIEW)
def suspend(context: Context) -> None:
    """Suspend tuinb and return to the shell."""
    context.system.suspend()


@command(Group.HELP)
def show_help(context: Context) -> None:
    """Show all keys and commands."""
    context.dialogs.help()


@command(Group.HELP)
def describe_key(context: Context) -> None:
    """Tell what a key does: press it when asked."""
    context.dialogs.describe_key()


@command(Group.HELP)
def palette(context: Context) -> None:
    """Open the command palette, which also takes :w, :q and :12."""
    context.dialogs.palette()

"""Themes as frozen data, read from TOML files: themes/ of the project, and the user's own in the configuration folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    name: str
    dark: bool
    ansi: bool
    """Whether its colours are the terminal's own sixteen (`ansi_blue`, `ansi_bright_black`, `default`)."""
    interface: Mapping[str, str]
    """Role → colour (`#rrggbb`, or an ANSI name); the roles are INTERFACE_ROLES."""
    tokens: Mapping[str, str]
    """Pygments token name (`Keyword`, `Name.Function`) → style: `bold #rrggbb`, as rich writes styles."""


INTERFACE_ROLES: tuple[str, ...] = (
    "background",  # of the screen and of outputs
    "foreground",  # plain text
    "muted",  # gutters, times, hints
    "code_background",  # behind the source of a code cell
    "active",  # the bar and prompt of the active cell in command mode
    "editing",  # the same in edit mode
    "selected_background",  # behind cells, or text, that are selected
    "prompt",  # [3]
    "running",
    "error",
    "warning",
    "success",
    "heading",  # markdown headings
    "link",
    "inline_code",
    "rule",  # lines of tables, quotes, folds
    "stderr",
    "status_background",
    "status_foreground",
    "cursor",
    "bracket_match",
)

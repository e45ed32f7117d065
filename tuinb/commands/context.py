"""The argument of every command: the session, the view state, and the Protocols of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.record import Record, field
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.commands.host import Dialogs, Editor, Inspection, Keys, OutputViews, System, Viewport
    from tuinb.config import LanguageServerSettings
    from tuinb.notebook.changes import ClientId
    from tuinb.session.port import SessionPort
    from tuinb.workspace.view_state import ViewState


class Context(Record):
    """One notebook on one screen, as commands see it. host.py has the Protocols."""

    session: SessionPort
    view: ViewState
    client: ClientId
    """Id of the screen that runs the command: the origin of its changes."""
    dialogs: Dialogs
    viewport: Viewport
    outputs: OutputViews
    inspection: Inspection
    editor: Editor
    system: System
    keys: Keys
    cells: CellClipboard = field(default_factory=CellClipboard)
    formatters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Language → program that formats it, from the settings."""
    language_servers: Mapping[str, Sequence[LanguageServerSettings]] | None = None
    """Language → its language servers, from the settings. None takes those that are installed."""

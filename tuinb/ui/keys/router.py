"""Where keys and clicks go: to a dialog, the prompt, the completions, a command, or the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.terminal.keys import normalise
from tuinb.ui.outputs.host import flip
from tuinb.ui.view import anchoring
from tuinb.ui.view.cell_box import Part
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from textual import events

    from tuinb.ui.app import TuinbApp
    from tuinb.ui.view.notebook_view import NotebookView


_SIGNS = {
    "colon": ":",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "question_mark": "?",
    "slash": "/",
    "space": " ",
    "vertical_line": "|",
}
"""Keys that are commands, or text, and have names of their own."""


def take_key(app: TuinbApp, event: events.Key) -> bool:
    """Handles a key for the notebook; returns whether it ends here, and is not for the widget that has the focus."""
    editing, prompt = app.editing, app.prompt
    writing = editing is not None and app.view_state.mode is Mode.EDIT and app.host.dialog is None
    if editing is not None and (editing.widget.waiting or (writing and not (prompt is not None and prompt.has_keys))):
        editing.widget.take_key(event)
        return True
    return decide(app, event)


def decide(app: TuinbApp, event: events.Key) -> bool:
    """Handles a key when its turn has come; returns whether it ends here, and is no text."""
    if app.host.holds_keys:
        app.early_keys.append(event.copy())
        return True
    if app.host.dialog is not None:
        if app.host.dialog is app.host.viewer:
            app.message.hush()
        return _pass_on(app, event)
    app.message.hush()
    anchoring.keep_clear(app, 0)
    key, prompt = normalise(event.key, event.character), app.prompt
    if prompt is not None and prompt.has_keys:
        if key == "ctrl+c":
            app.session.interrupt()
            return True
        return _pass_on(app, event)
    if app.completion is not None and app.completion.is_open and app.completion.key(key):
        return True
    if key == "enter" and app.view_state.mode is Mode.COMMAND and prompt is not None and prompt.is_under(app.view_state.active):
        prompt.enter()
        return True
    return _press(app, key, event)


def _pass_on(app: TuinbApp, event: events.Key) -> bool:
    """A key for a dialog or a prompt; one that came by the editor's queue goes back to where the focus is."""
    if event.is_forwarded:
        app.post_message(event.copy())
    return event.is_forwarded


def _press(app: TuinbApp, key: str, event: events.Key) -> bool:
    mode = app.view_state.mode
    if app.keyboard.press(mode, key, event.character):
        return True
    letter = normalise(key.removeprefix("alt+"), None)  # of a capital, Alt's name is alt+shift+g
    if letter != key and (len(letter) == 1 or letter in _SIGNS):
        # No such binding: it was Escape, and the next key came in the same read.
        app.keyboard.press(mode, "escape")
        app.keyboard.press(app.view_state.mode, letter, _SIGNS.get(letter, letter))
        return True
    if mode is Mode.EDIT and app.editing is None:
        app.early_keys.append(event.copy())
        return True
    return mode is Mode.COMMAND


def release_keys(app: TuinbApp) -> None:
    """Passes on the keys that were held, now that there is somebody for them."""
    if not app.host.holds_keys:
        keys, app.early_keys = app.early_keys, []
        for event in keys:
            app.post_message(event)


def clicked(app: TuinbApp, message: NotebookView.Clicked) -> None:
    """A click selects the cell; on source it sets the cursor there, and on prose a double click edits it."""
    state = app.view_state
    app.keyboard.reset()
    if message.cell not in app.session.notebook:
        return
    in_source = message.part is Part.SOURCE and message.column >= 0
    edits = (in_source or (message.double and message.part is Part.PROSE)) and app.editing is not None
    state.mode = Mode.EDIT if edits else Mode.COMMAND
    state.activate(message.cell)
    app.sync()
    if message.part is Part.OUTPUT and message.column >= 0 and flip(app, message.cell, message.index):
        return
    if edits and in_source and app.editing is not None:
        editor = app.editing.widget
        editor.move_cursor((message.index, editor.cell_width_to_column_index(message.column, message.index)))
    elif message.part is Part.PROMPT and app.prompt is not None:
        app.prompt.enter()


def cross_edge(app: TuinbApp, direction: int) -> None:
    """The editor's cursor wants to leave its cell, up (-1) or down (1): on to the next cell, rendered prose as a whole."""
    notebook, cell, editing = app.session.notebook, app.view_state.active, app.editing
    if cell is None or editing is None or not 0 <= notebook.index(cell) + direction < len(notebook):
        return
    column = editing.widget.cursor_location[1]
    target = notebook.at(notebook.index(cell) + direction)
    app.view_state.activate(target.id)
    if target.kind == "markdown":
        app.view_state.mode = Mode.COMMAND
    app.sync()
    if editing.cell is not None:
        editor = editing.widget
        editor.move_cursor(editor.clamp_visitable((0 if direction > 0 else editor.line_count - 1, column)))

"""Sends each key to a dialog, the kernel's prompt, the completion list, the keymap or the editor.

A key is offered to the layers from the top down; the keymap gets the keys that no layer takes. Keys and pastes that arrive
while a dialog opens are held in order, and posted again once it has the focus. So are those for the editor or the kernel's
prompt at the start. While a widget handles a key that may close a dialog or the prompt, the next ones are held, too: a
terminal sends several keys in one read where the line is slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from tuinb.terminal.keys import normalise
from tuinb.ui.keys.macros import Macros
from tuinb.ui.layer import Taken, copy_typed
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.widget import Widget

    from tuinb.ui.dialogs.stack import DialogStack
    from tuinb.ui.keys.keyboard import Keyboard
    from tuinb.ui.layer import Layer, Typed
    from tuinb.ui.pane import NotebookPane

_SIGNS = {
    "colon": ":",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "question_mark": "?",
    "slash": "/",
    "space": " ",
    "vertical_line": "|",
}
"""Name → character, for keys that type a sign."""
_FUNCTION_KEYS = frozenset(f"f{number}" for number in range(1, 25))


class Handled(Message):
    """Follows a key through the queues of the widget that got it and of those above, up to the app."""

    def __init__(self, widget: Widget, *, is_first: bool) -> None:
        super().__init__()
        self.widget = widget
        self.is_first = is_first


class KeyRouter:
    """Routes the keys and pastes of one app.

    `pane` returns the pane that has the keys, `post` posts an event to the app, `opening` returns whether a dialog may be about
    to open or another program has the terminal. `above_notebook` are the layers above the pane's own, from the top down.
    """

    def __init__(
        self,
        dialogs: DialogStack,
        above_notebook: Sequence[Layer],
        keyboard: Keyboard,
        pane: Callable[[], NotebookPane],
        post: Callable[[Typed], object],
        opening: Callable[[], bool],
    ) -> None:
        self._dialogs = dialogs
        self._above_notebook = above_notebook
        self._keyboard = keyboard
        self._pane = pane
        self._post = post
        self._opening = opening
        self._held: list[Typed] = []
        self._released: list[Typed] = []
        """Events that were posted again and have not come yet, as they were typed. What comes before them was typed later."""
        self._passed_on = 0
        """How many of these, the first ones, come from the editor's queue, and don't enter it again."""
        self.macros = Macros()
        self._playing: list[Typed] | None = None
        """What is left of the macro that is typed again, which comes key by key, so that Ctrl+G stops it; None if none is."""
        self._is_routing = False
        """Whether a key is being routed, after which the next one of the macro comes."""
        self._was_stopped = False
        """Whether the user stopped that."""
        self._meanwhile: list[Typed] = []
        """What was typed while a macro is."""
        self._handling: Widget | None = None
        """The widget that got the last key, until it is handled."""

    def take(self, event: Typed) -> bool:
        """Handles a key or a paste from the terminal. Returns False for one that the focused widget must get.

        What is typed for the open editor is put into the editor's queue, which calls `route` later: a command must not overtake
        text that was typed before it, and text no command.
        """
        if self._released and event is self._released[0]:
            del self._released[0]
            if self._passed_on:
                self._passed_on -= 1
                return self.route(event)
        elif self._playing is not None:
            self._take_meanwhile(event)
            return True
        elif self._released:
            self._post_after_released(event)
            return True
        pane = self._pane()
        writes = pane.view_state.mode is Mode.EDIT and not self._dialogs.is_open and not pane.prompt.has_keys
        if pane.editor.ready and (writes or pane.editor.widget.queued):
            pane.editor.widget.take(event)
            return True
        return self.route(event)

    def route(self, event: Typed, *, queued: bool = False) -> bool:
        """Offers a key to each layer, then to the keymap. Returns False for text: such a key, or a paste for the editor.

        `queued` is whether the event comes from the editor's queue.
        """
        if self._held or self._must_hold:
            self._held.append(copy_typed(event))
            if queued:
                self.release()
            return True
        self._is_routing = True
        try:
            return self._offer(event, queued=queued)
        finally:
            self._is_routing = False
            self._play_next()

    def _offer(self, event: Typed, *, queued: bool) -> bool:
        if self._leaves_dialog(event):
            self._post_first(events.Key("escape", "\x1b"))
            return True
        self.macros.note(event, begins=not self._keyboard.pending)
        if isinstance(event, events.Paste):
            return self._paste(event, queued=queued)
        key = normalise(event.key, event.character)
        for layer in (*self._above_notebook, *self._pane().key_layers):
            match layer.offer_key(key, event):
                case Taken.HERE:
                    return True
                case Taken.FOCUSED:
                    return self._pass_on(event, queued=queued)
                case Taken.BELOW:
                    pass
        return self._press(key, event)

    def _leaves_dialog(self, event: Typed) -> bool:
        """Whether a key is Ctrl+G for a dialog over the notebook, which it leaves as Escape does."""
        top = self._dialogs.top
        is_cancel = isinstance(event, events.Key) and event.key == "ctrl+g"
        return is_cancel and top is not None and not top.fills_screen

    @property
    def _must_hold(self) -> bool:
        """Whether a dialog, the editor or the prompt, which gets the keys, is about to open, or may be about to close."""
        is_handling = self._handling is not None and self._handling.is_attached
        return is_handling or self._opening() or self._dialogs.is_changing or self._pane().keys_must_wait

    @property
    def holds_keys(self) -> bool:
        """Whether keys or pastes are held."""
        return bool(self._held)

    def release(self) -> None:
        """Posts the held keys and pastes again, unless a dialog or the editor is still about to open.

        What is in the editor's queue was typed after them, and comes to them first.
        """
        editor = self._pane().editor
        if not self._must_hold and not (editor.ready and editor.widget.queued):
            held, self._held = self._held, []
            self._released[self._passed_on : self._passed_on] = held
            for event in held:
                self._post(event)

    def _post_after_released(self, event: Typed) -> None:
        """Posts an event again that came before released ones which were typed earlier."""
        later = copy_typed(event)
        at = next((at for at, each in enumerate(self._released) if each is event), len(self._released))
        self._released[at : at + 1] = [later]
        self._post(later)

    def hold(self, typed: Sequence[Typed]) -> None:
        """Holds keys and pastes that were typed before those that come."""
        self._held = [*typed, *self._held]

    def take_held(self) -> list[Typed]:
        """Returns the held keys and pastes, which are meant for another screen or program, and forgets them."""
        held = [*self._held, *(self._playing or ()), *self._meanwhile]
        self._held, self._playing = [], None
        self._meanwhile.clear()
        return held

    def drop(self) -> int:
        """Forgets the held keys and pastes. Returns their number."""
        return len(self.take_held())

    # ---- macros

    @property
    def is_playing(self) -> bool:
        """Whether more of a macro is to be typed."""
        return bool(self._playing)

    def replay(self, typed: Sequence[Typed]) -> None:
        """Types what was recorded, before what is typed meanwhile, and before the rest of a macro that has it."""
        self._meanwhile, self._held = [*self._held, *self._meanwhile], []
        self._playing = [*typed, *(self._playing or ())]
        if not self._is_routing:
            self._play_next()

    def _take_meanwhile(self, event: Typed) -> None:
        """Keeps what was typed while a macro is until that has ended. Ctrl+G ends it."""
        if self._playing and isinstance(event, events.Key) and event.key == "ctrl+g":
            self._playing.clear()
            self._was_stopped = True
        else:
            self._meanwhile.append(copy_typed(event))

    def _play_next(self) -> None:
        """Posts the next key of the macro that is typed again; after the last one, what was typed meanwhile."""
        if self._playing is None:
            return
        if self._playing:
            posted = [self._playing.pop(0)]
        else:
            posted, self._meanwhile, self._playing = self._meanwhile, [], None
            if self._was_stopped:
                self._was_stopped = False
                self._dialogs.notify("Stopped typing the macro.")
        self._released += posted
        for event in posted:
            self._post(event)

    def _post_first(self, event: Typed) -> None:
        """Posts an event that stands for the one that is handled, and comes before what was typed next."""
        self._released.insert(self._passed_on, event)
        self._passed_on += 1
        self._post(event)

    def give_back(self, event: Typed) -> None:
        """Holds a key that the focused widget handles now, to be routed again before what was typed next."""
        self.macros.forget()
        self._held.insert(0, copy_typed(event))

    def left(self, event: Typed, widget: Widget | None) -> None:
        """Notes that the focused widget was sent an event. Holds what comes next until that is handled."""
        if widget is None or isinstance(event, events.Paste) or widget.check_consume_key(event.key, event.character):
            return  # A paste, and a character for an input line, closes nothing.
        if widget.post_message(Handled(widget, is_first=True)):
            self._handling = widget

    def handled(self, message: Handled) -> None:
        """Releases what was held while a key was handled."""
        # The key's binding was found by the app, just before the first message came, and may have sent another message.
        if not (message.is_first and message.widget.post_message(Handled(message.widget, is_first=False))):
            self._handling = None
            self.release()

    def _paste(self, event: events.Paste, *, queued: bool) -> bool:
        """Leaves a paste to the dialog, the prompt or the editor that is open. Says that nothing else takes it."""
        pane = self._pane()
        if self._dialogs.is_open or pane.prompt.has_keys:
            return self._pass_on(event, queued=queued)
        self._keyboard.end_sequence()
        if pane.vim is not None and pane.vim.mapped is not None:
            pane.vim.mapped.end(self._give_key)
        if pane.vim is not None and pane.view_state.mode is Mode.EDIT:
            pane.vim.paste(event.text)
            return True
        if pane.view_state.mode is Mode.COMMAND:
            hint = "{enter-edit-mode} edits one."
            self._dialogs.notify("Nothing was pasted: no cell is being edited.", "warning", hint=hint)
        return pane.view_state.mode is Mode.COMMAND

    def _pass_on(self, event: Typed, *, queued: bool) -> bool:
        """Posts an event again if it comes from the editor's queue, so that it reaches the focused widget."""
        if queued:
            self.macros.forget()
            self._post_first(copy_typed(event))
        return queued

    def _press(self, key: str, event: events.Key) -> bool:
        pane = self._pane()
        was_command = pane.view_state.mode is Mode.COMMAND
        second = normalise(key.removeprefix("alt+"), None)  # Alt and a capital G is named alt+shift+g
        character = second if len(second) == 1 else _SIGNS.get(second)
        may_be_two = second != key and (character is not None or second in _FUNCTION_KEYS)
        if self._take_key(key, event.character, others=not may_be_two):
            return True
        if may_be_two:
            # No such binding: the terminal sent Escape and the next key in one read.
            self._take_key("escape", None)
            self._take_key(second, character)
            return True
        if was_command:
            self._keyboard.unbound((key,))
        return was_command

    def _take_key(self, key: str, character: str | None, *, others: bool = True) -> bool:
        """Gives a key to the keymap, and to vim's keys if the editor has these: at first while they wait for it.

        With `others` False, vim's keys don't get what no keymap has.
        """
        pane = self._pane()
        vim = pane.vim
        if vim is None or vim.mapped is None or not others or self._is_awaited():
            return self._give_key(key, character, others=others)
        return vim.mapped.press(pane.key_mode, key, character, self._give_key, self._is_awaited)

    def _is_awaited(self) -> bool:
        """Whether the next key belongs to a sequence or a command of vim that was begun."""
        vim = self._pane().vim
        return bool(self._keyboard.pending) or (vim is not None and vim.waits_for_key)

    def _give_key(self, key: str, character: str | None, *, others: bool = True) -> bool:
        """Gives a key to what handles it, with no regard to mappings."""
        pane = self._pane()
        vim = pane.vim if pane.view_state.mode is Mode.EDIT else None
        if vim is not None and vim.waits_for_key:
            return vim.press(key, character)
        if self._keyboard.press(pane.key_mode, key, character):
            return True
        return vim is not None and others and vim.press(key, character)

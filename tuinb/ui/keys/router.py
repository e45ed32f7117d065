"""Sends each key to a dialog, the kernel's prompt, the completion list, the keymap or the editor.

A key is offered to the layers from the top down; the keymap gets the keys that no layer takes, and the editor what is text.

Invariant: what was typed and is not handled is in one list, in order. What comes is put at its end, and only its first one is
handled. So nothing overtakes: keys wait there while a dialog, or at the start the editor or the kernel's prompt, opens, and
while a widget handles a key that may close a dialog or the prompt: a terminal sends several keys in one read where the line
is slow.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.message import Message

from tuinb.terminal.keys import WITH_ALT, normalise
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
_SAME_ELSEWHERE = MappingProxyType(
    {
        "ctrl+left_square_bracket": ("escape", "\x1b"),
        "ctrl+h": ("backspace", "\x7f"),
        "ctrl+i": ("tab", "\t"),
        "ctrl+m": ("enter", "\r"),
    }
)
"""Keys that only some terminals tell from another key → that key, and the character that it types."""
_FUNCTION_KEYS = frozenset(f"f{number}" for number in range(1, 25))


class Handled(Message):
    """Follows a key through the queues of the widget that got it and of those above, up to the app."""

    def __init__(self, widget: Widget, *, is_first: bool) -> None:
        super().__init__()
        self.widget = widget
        self.is_first = is_first


class _Held(NamedTuple):
    """A key or a paste that is not handled."""

    event: Typed
    of_macro: bool = False
    """Whether it is of a macro that is typed again. These are handled one at a time, so that Ctrl+G stops it."""


class KeyRouter:
    """Routes the keys and pastes of one app.

    `pane` returns the pane that has the keys, `opening` returns whether a dialog may be about to open or another program has
    the terminal. `wake` has `awake` called soon, after what the app has to do before. `above_notebook` are the layers above the
    pane's own, from the top down.
    """

    def __init__(
        self,
        dialogs: DialogStack,
        above_notebook: Sequence[Layer],
        keyboard: Keyboard,
        pane: Callable[[], NotebookPane],
        wake: Callable[[], object],
        opening: Callable[[], bool],
    ) -> None:
        self._dialogs = dialogs
        self._above_notebook = above_notebook
        self._keyboard = keyboard
        self._pane = pane
        self._wake = wake
        self._opening = opening
        self._held: list[_Held] = []
        """What was typed and is not handled, in order."""
        self._handled_macro = False
        """Whether the last event that was handled is of a macro."""
        self._wakes = False
        """Whether `awake` is about to be called."""
        self.macros = Macros()
        self._handling: Widget | None = None
        """The widget that got the last key, until it is handled."""

    def take(self, event: Typed) -> Typed | None:
        """Takes a key or a paste from the terminal, and handles what may be handled now.

        Returns an event that the focused widget must get, if there is one. Call `left` when it has it.
        """
        if self.is_playing and isinstance(event, events.Key) and event.key == "ctrl+g":
            self._stop_macro()
            return None
        vim = self._pane().vim
        if vim is not None and isinstance(event, events.Key) and event.key == "ctrl+c" and vim.stop_program():
            return None
        self._held.append(_Held(copy_typed(event)))
        return None if self.is_playing else self._handle()

    def awake(self) -> Typed | None:
        """Goes on with what is held. Returns the same as `take`."""
        self._wakes = False
        return self._handle()

    def _handle(self) -> Typed | None:
        """Handles the first events, of a macro one. Returns one that the focused widget must get before the next is handled."""
        while self._held and not self._must_hold:
            held, self._handled_macro = self._held.pop(0)
            event = self._as_elsewhere(held)
            if not self._offer(event):
                return event
            if self._handled_macro:
                self.release()
                return None
        return None

    def _offer(self, event: Typed) -> bool:
        """Offers an event to each layer, then to the keymap and the editor. Returns False if the focused widget must get it."""
        if self._leaves_dialog(event):
            self._hold_first(events.Key("escape", "\x1b"))
            return True
        self.macros.note(event, begins=not self._keyboard.pending)
        if isinstance(event, events.Paste):
            return self._paste(event)
        key = normalise(event.key, event.character)
        for layer in (*self._above_notebook, *self._pane().key_layers):
            match layer.offer_key(key, event):
                case Taken.HERE:
                    return True
                case Taken.FOCUSED:
                    return False
                case Taken.BELOW:
                    pass
        self._press(key, event)
        return True

    def _as_elsewhere(self, event: Typed) -> Typed:
        """Returns the key that most terminals send for a key: Escape for Ctrl+[. The same one if the user gave it a meaning."""
        key = "" if isinstance(event, events.Paste) else normalise(event.key, event.character)
        if key not in _SAME_ELSEWHERE or self._keyboard.binds(key):
            return event
        vim = self._pane().vim
        if vim is not None and vim.mapped is not None and key != "ctrl+left_square_bracket":
            return event  # it may be mapped, and is the same key to vim
        return events.Key(*_SAME_ELSEWHERE[key])

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
        """Goes on soon with the held keys and pastes, unless a dialog or the editor is still about to open."""
        if self._held and not self._wakes and not self._must_hold:
            self._wakes = True
            self._wake()

    def hold(self, typed: Sequence[Typed]) -> None:
        """Holds keys and pastes that were typed before those that come."""
        self._held[:0] = map(_Held, typed)

    def take_held(self) -> list[Typed]:
        """Returns the held keys and pastes, which are meant for another screen or program, and forgets them."""
        held, self._held = self._held, []
        return [each.event for each in held]

    def drop(self) -> int:
        """Forgets the held keys and pastes. Returns their number."""
        return len(self.take_held())

    # ---- macros

    @property
    def is_playing(self) -> bool:
        """Whether more of a macro is to be typed."""
        return any(each.of_macro for each in self._held)

    def replay(self, typed: Sequence[Typed]) -> None:
        """Types what was recorded, before what is held, and before the rest of a macro that has it."""
        self._held[:0] = [_Held(event, of_macro=True) for event in typed]
        self.release()

    def _stop_macro(self) -> None:
        self._held = [each for each in self._held if not each.of_macro]
        self._dialogs.notify("Stopped typing the macro.")
        self.release()

    def _hold_first(self, event: Typed) -> None:
        """Holds an event that stands for the one that was handled last."""
        self._held.insert(0, _Held(event, self._handled_macro))

    # ---- the focused widget

    def give_back(self, event: Typed) -> None:
        """Holds a key that the focused widget handles now, to be routed again before what was typed next."""
        self.macros.forget()
        self._hold_first(copy_typed(event))

    def left(self, event: Typed, widget: Widget | None) -> None:
        """Notes that the focused widget was sent an event. Holds what comes next until that is handled."""
        closes_nothing = isinstance(event, events.Paste) or (
            widget is not None and widget.check_consume_key(event.key, event.character)
        )  # a paste, and a character for an input line
        if widget is not None and not closes_nothing and widget.post_message(Handled(widget, is_first=True)):
            self._handling = widget
        self.release()

    def handled(self, message: Handled) -> None:
        """Releases what was held while a key was handled."""
        # The key's binding was found by the app, just before the first message came, and may have sent another message.
        if not (message.is_first and message.widget.post_message(Handled(message.widget, is_first=False))):
            self._handling = None
            self.release()

    # ---- the keymap and the editor

    def _paste(self, event: events.Paste) -> bool:
        """Pastes into the open editor, or says that nothing takes it. Returns False if a dialog or the prompt must get it."""
        pane = self._pane()
        if self._dialogs.is_open or pane.prompt.has_keys:
            return False
        self._keyboard.end_sequence()
        if pane.vim is not None and pane.vim.mapped is not None:
            pane.vim.mapped.end(self._give_key)
        if pane.vim is not None and pane.view_state.mode is Mode.EDIT:
            pane.vim.paste(event.text)
        elif pane.view_state.mode is Mode.EDIT:
            pane.editor.put(event)
        else:
            hint = "{enter-edit-mode} edits one."
            self._dialogs.notify("Nothing was pasted: no cell is being edited.", "warning", hint=hint)
        return True

    def _press(self, key: str, event: events.Key) -> None:
        pane = self._pane()
        was_command = pane.view_state.mode is Mode.COMMAND
        second = normalise(key.removeprefix("alt+"), None)  # Alt and a capital G is named alt+shift+g
        character = second if len(second) == 1 else _SIGNS.get(second)
        # Whoever has vim in the fingers leaves insert mode by Alt, also where the terminal tells that from Escape.
        is_one = event.character == WITH_ALT and pane.vim is None
        may_be_two = not is_one and second != key and (character is not None or second in _FUNCTION_KEYS)
        if self._take_key(key, event.character, others=not may_be_two):
            return
        if may_be_two:
            # No such binding: the terminal sent Escape and the next key in one read.
            self._take_key("escape", None)
            self._take_key(second, character)
        elif was_command:
            self._keyboard.unbound((key,))
        else:
            pane.editor.put(event)
            if not event.is_printable:
                self._keyboard.unbound((key,))

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

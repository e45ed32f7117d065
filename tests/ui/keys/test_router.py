"""The router: which layer takes a key, and the order of keys that arrive in one read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events

from tests.support import wait_for, write_notebook
from tests.ui.harness import Driver, running
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.terminal.keys import WITH_ALT
from tuinb.ui.dialogs.prompts import LineInput
from tuinb.ui.keys.router import KeyRouter
from tuinb.ui.layer import Taken
from tuinb.ui.pane import NotebookPane
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from textual.widget import Widget

    from tuinb.ui.dialogs.stack import DialogStack
    from tuinb.ui.keys.keyboard import Keyboard
    from tuinb.ui.layer import Typed


# ---- without an app


def name(event: Typed) -> str:
    return f"paste {event.text}" if isinstance(event, events.Paste) else event.key


class FakeLayer:
    def __init__(self, name: str, asked: list[str], answer: Taken = Taken.BELOW) -> None:
        self.name, self.asked, self.answer = name, asked, answer

    def offer_key(self, key: str, event: events.Key) -> Taken:
        self.asked.append(f"{self.name} {key}")
        return self.answer


class FakePane(SimpleNamespace):
    view_state: ViewState

    @property
    def key_mode(self) -> str:
        return self.view_state.mode


class Routed:
    """A router over fake layers. `asked` lists who was offered which key, `left` the keys that the focused widget got."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.left: list[str] = []
        self.wakes = 0
        """How often the router has to be called."""
        self.bound = {"j", "escape"}
        """Keys of the keymap."""
        self.dialogs, self.message, self.prompt, self.completion = (
            FakeLayer(name, self.asked) for name in ("dialogs", "message", "prompt", "completion")
        )
        self.said: list[str] = []
        self.stack = SimpleNamespace(is_open=False, is_changing=False, top=None, notify=self._say)
        self.state = ViewState()
        self.editor = SimpleNamespace(ready=True, put=lambda event: self.asked.append(f"editor {name(event)}"))
        self.asks = SimpleNamespace(has_keys=False)
        self.starting = False
        layers = (self.prompt, self.completion)
        self.pane = FakePane(
            view_state=self.state, editor=self.editor, prompt=self.asks, key_layers=layers, keys_must_wait=False, vim=None
        )
        self.router = KeyRouter(
            cast("DialogStack", self.stack),
            (self.dialogs, self.message),
            cast(
                "Keyboard",
                SimpleNamespace(
                    press=self._press,
                    binds=lambda key: key in self.bound,
                    pending=(),
                    end_sequence=lambda: self.asked.append("sequence ends"),
                    unbound=lambda keys: self.asked.append(f"{keys[0]} is unbound"),
                ),
            ),
            lambda: cast("NotebookPane", self.pane),
            self._wake,
            lambda: self.starting,
        )

    def _wake(self) -> None:
        self.wakes += 1

    def _press(self, mode: Mode, key: str, character: str | None = None) -> bool:
        self.asked.append(f"keymap {key}")
        return key in self.bound

    def _say(self, text: str, severity: str = "", hint: str = "") -> None:
        self.said.append(f"{text} {hint}".strip())

    @property
    def handled(self) -> list[str]:
        """What came to the keymap, or as text to the editor, in order."""
        places = ("editor",) if self.state.mode is Mode.EDIT else ("keymap",)
        return [entry.partition(" ")[2] for entry in self.asked if entry.startswith(places)]

    def take(self, *typed: str | Typed) -> None:
        """Types keys and pastes."""
        for each in typed:
            self._leave(self.router.take(events.Key(each, None) if isinstance(each, str) else each))

    def wake(self) -> None:
        """Calls the router if it asked for that."""
        if self.wakes:
            self.wakes -= 1
            self._leave(self.router.awake())

    def settle(self) -> None:
        """Nothing opens any more, and nothing is left to do."""
        self.starting = self.stack.is_changing = self.pane.keys_must_wait = False
        self.router.release()
        while self.wakes:
            self.wake()

    def _leave(self, event: Typed | None) -> None:
        if event is not None:
            self.left.append(name(event))
            self.router.left(event, None)


ORDER = ["dialogs j", "message j", "prompt j", "completion j", "keymap j"]


@pytest.mark.parametrize(("taker", "asked"), [("dialogs", 1), ("message", 2), ("prompt", 3), ("completion", 4), ("", 5)])
def test_layers_are_asked_from_the_top_down_until_one_takes_the_key(taker: str, asked: int) -> None:
    routed = Routed()
    if taker:
        getattr(routed, taker).answer = Taken.HERE
    routed.take("j")
    assert routed.asked == ORDER[:asked]
    assert routed.left == []


def test_a_key_that_a_layer_leaves_to_the_focused_widget_goes_there() -> None:
    routed = Routed()
    routed.prompt.answer = Taken.FOCUSED
    routed.take("j")
    assert (routed.asked, routed.left) == (ORDER[:3], ["j"])


SAME = {"ctrl+left_square_bracket": "escape", "ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter"}


@pytest.mark.parametrize(("key", "same"), SAME.items())
def test_keys_that_most_terminals_send_as_another_one_are_that_one_unless_they_are_bound(key: str, same: str) -> None:
    routed = Routed()
    routed.take(key)
    assert routed.handled[-1] == same
    routed.prompt.answer = Taken.FOCUSED
    routed.take(key)
    assert routed.left == [same]
    routed.prompt.answer = Taken.BELOW
    routed.bound.add(key)
    routed.take(key)
    assert routed.handled[-1] == key


def test_keys_that_vim_has_under_both_names_are_left_to_the_users_mappings() -> None:
    routed = Routed()
    handled: list[str] = []
    mapped = SimpleNamespace(press=lambda mode, key, *_: handled.append(key))
    routed.pane.vim = SimpleNamespace(mapped=mapped, waits_for_key=False)
    routed.take(*SAME)
    assert handled == ["escape", "ctrl+h", "ctrl+i", "ctrl+m"]


def test_keys_are_held_while_something_opens_and_handled_in_order() -> None:
    routed = Routed()
    routed.starting = True
    routed.take("a")
    routed.starting, routed.stack.is_changing = False, True
    routed.take("b")
    routed.router.release()
    assert (routed.asked, routed.wakes) == ([], 0), "the dialog still opens"
    routed.stack.is_changing = False
    routed.router.release()
    routed.router.release()
    assert routed.wakes == 1
    routed.wake()
    assert routed.handled == ["a", "b"]


def test_keys_for_an_editor_that_is_not_there_yet_are_held_those_of_commands_too() -> None:
    routed = Routed()
    routed.state.mode, routed.editor.ready, routed.pane.keys_must_wait = Mode.EDIT, False, True
    routed.take("x", events.Paste("text"), "y")
    assert routed.router.holds_keys
    assert routed.asked == []
    routed.settle()
    assert routed.handled == ["x", "paste text", "y"]
    assert not routed.router.holds_keys


@pytest.mark.parametrize("wakes_first", [True, False])
def test_a_key_does_not_overtake_held_ones(wakes_first: bool) -> None:
    routed = Routed()
    routed.starting = True
    routed.take("a", "b")
    routed.starting = False
    routed.router.release()
    if wakes_first:
        routed.wake()
    routed.take("j", events.Paste("text"), "d")
    routed.settle()
    assert routed.handled == ["a", "b", "j", "d"]
    assert routed.said, "the paste came in command mode"


def test_a_key_that_a_dialog_gives_back_comes_before_what_was_typed_next() -> None:
    routed = Routed()
    routed.stack.is_changing = True
    routed.take("b")
    routed.router.give_back(events.Key("a", None))
    routed.settle()
    assert routed.handled == ["a", "b"]


STEPS = ("type", "type", "paste", "wake", "begin", "settle", "dialog", "edit", "macro", "stop", "give_back")


class Typing(Routed):
    """Keys and pastes as they are typed, while dialogs open and close, the mode changes, and macros are typed again."""

    def __init__(self) -> None:
        super().__init__()
        self.bound = set()
        self.editor.put = lambda event: self.left.append(name(event))
        self.typed: list[str] = []
        self.last: Typed | None = None
        """What the focused widget got last."""

    def _press(self, mode: Mode, key: str, character: str | None = None) -> bool:
        if mode is Mode.COMMAND:
            self.left.append(key)
        return mode is Mode.COMMAND

    def _leave(self, event: Typed | None) -> None:
        self.last = event or self.last
        super()._leave(event)

    def type(self) -> None:
        self.typed.append(f"key-{len(self.typed)}")
        self.take(self.typed[-1])

    def paste(self) -> None:
        if self.state.mode is Mode.EDIT and not self.router.holds_keys:  # in command mode it goes nowhere
            self.typed.append(f"paste {len(self.typed)}")
            self.take(events.Paste(str(len(self.typed) - 1)))

    def begin(self) -> None:
        self.starting = True

    def dialog(self) -> None:
        self.stack.is_open = not self.stack.is_open
        self.dialogs.answer = Taken.FOCUSED if self.stack.is_open else Taken.BELOW
        self.router.release()

    def edit(self) -> None:
        if any(each.startswith("paste") and each not in self.left for each in self.typed):
            return  # in command mode a paste that is held would go nowhere
        self.state.mode = Mode.COMMAND if self.state.mode is Mode.EDIT else Mode.EDIT

    def macro(self) -> None:
        self.router.replay([events.Key(f"macro-{number}", None) for number in range(3)])

    def stop(self) -> None:
        if self.router.is_playing:
            self.take("ctrl+g")

    def give_back(self) -> None:
        """A dialog gives back the key that it got last."""
        if self.last is not None and self.left[-1] == name(self.last):
            self.left.pop()
            self.router.give_back(self.last)
        self.last = None


@example(steps=["begin", "edit", "paste", "edit"])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=60))
def test_nothing_that_is_typed_is_lost_or_changes_its_order(steps: list[str]) -> None:
    typing = Typing()
    for step in steps:
        getattr(typing, step)()
    typing.settle()
    assert [each for each in typing.left if not each.startswith("macro")] == typing.typed


@given(steps=st.lists(st.sampled_from(("type", "wake", "begin", "settle", "dialog", "edit")), max_size=30))
def test_a_macro_is_typed_whole_before_what_is_typed_meanwhile(steps: list[str]) -> None:
    typing = Typing()
    typing.macro()
    for step in steps:
        getattr(typing, step)()
    typing.settle()
    assert typing.left == ["macro-0", "macro-1", "macro-2", *typing.typed]


def test_ctrl_g_ends_a_macro_and_what_was_typed_meanwhile_follows() -> None:
    typing = Typing()
    typing.macro()
    typing.wake()
    typing.type()
    typing.stop()
    typing.settle()
    assert typing.left == ["macro-0", "key-0"]
    assert typing.said == ["Stopped typing the macro."]


def test_a_key_for_a_dialog_that_closes_meanwhile_is_not_overtaken() -> None:
    typing = Typing()
    typing.edit()
    typing.begin()
    typing.type()
    typing.dialog()
    typing.settle()
    typing.begin()
    typing.type()
    typing.dialog()
    typing.type()
    typing.settle()
    assert typing.left == ["key-0", "key-1", "key-2"]


def test_a_paste_while_something_opens_is_held() -> None:
    routed = Routed()
    routed.state.mode, routed.stack.is_changing = Mode.EDIT, True
    routed.take(events.Paste("text"))
    assert routed.handled == []
    routed.settle()
    assert (routed.handled, routed.said) == (["paste text"], [])


def test_a_paste_in_command_mode_is_refused_with_a_message() -> None:
    routed = Routed()
    routed.take(events.Paste("text"))
    assert (routed.left, routed.said) == ([], ["Nothing was pasted: no cell is being edited. {enter-edit-mode} edits one."])


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("dialog", [True, False])
def test_a_paste_for_a_dialog_or_the_prompt_goes_to_the_focused_widget(dialog: bool, mode: Mode) -> None:
    routed = Routed()
    routed.state.mode, routed.stack.is_open, routed.asks.has_keys = mode, dialog, not dialog
    routed.take(events.Paste("text"))
    assert (routed.left, routed.said) == (["paste text"], [])


def test_a_paste_for_the_editor_ends_a_sequence() -> None:
    routed = Routed()
    routed.state.mode = Mode.EDIT
    routed.take(events.Paste("text"))
    assert routed.asked == ["sequence ends", "editor paste text"]


@pytest.mark.parametrize(
    ("key", "mode", "pressed", "typed"),
    [
        ("j", Mode.COMMAND, ["j"], False),
        ("x", Mode.COMMAND, ["x"], False),
        ("x", Mode.EDIT, ["x"], True),
        ("alt+j", Mode.EDIT, ["alt+j", "escape", "j"], False),
        ("alt+enter", Mode.EDIT, ["alt+enter"], True),
    ],
)
def test_what_no_layer_takes_is_a_key_of_the_keymap_or_text(key: str, mode: Mode, pressed: list[str], typed: bool) -> None:
    routed = Routed()
    routed.state.mode = mode
    routed.take(key)
    assert [entry for entry in routed.asked if entry.startswith("keymap")] == [f"keymap {name}" for name in pressed]
    assert (f"editor {key}" in routed.asked) is typed


# ---- with one


Keys = tuple[tuple[str, str | None], ...]


def burst(t: Driver, *keys: tuple[str, str | None]) -> None:
    """Keys that arrive in one read, as on a slow line: nothing happens between them."""
    for key, character in keys:
        t.app.post_message(events.Key(key, character))


@pytest.mark.parametrize(("before", "meanwhile"), [(a, b) for a in range(4) for b in range(4 - a)])
async def test_keys_that_come_before_the_editor_is_mounted_and_meanwhile_are_for_it(
    two: Path, monkeypatch: pytest.MonkeyPatch, before: int, meanwhile: int
) -> None:
    typed = [("enter", "\r"), ("x", "x"), ("d", "d")]
    mount_editor, mount = NotebookPane.mount_editor, NotebookPane.mount

    async def send(pane: NotebookPane, count: int) -> None:
        for key in typed[:count]:
            pane.app.post_message(events.Key(*key))
        del typed[:count]
        await wait_for(lambda: not pane.app.message_queue_size)

    async def late(pane: NotebookPane) -> None:
        await send(pane, before)
        await mount_editor(pane)

    async def slow(pane: NotebookPane, *widgets: Widget) -> None:
        await mount(pane, *widgets)
        await send(pane, meanwhile)

    def mount_any(pane: NotebookPane, *widgets: Widget, **place: None) -> Awaitable[object]:
        return slow(pane, *widgets) if pane.completion in widgets else mount(pane, *widgets, **place)

    monkeypatch.setattr(NotebookPane, "mount_editor", late)
    monkeypatch.setattr(NotebookPane, "mount", mount_any)
    async with running(two) as t:
        burst(t, *typed)
        await t.until(lambda: t.sources() == ["xd1 + 1", "2 + 2"])
        assert t.app.pane.view_state.mode is Mode.EDIT


async def test_what_was_typed_before_the_first_question_is_no_answer_to_it(two: Path) -> None:
    answers: list[bool] = []

    async with running(two) as t:

        async def ask() -> None:
            answers.append(await t.app.dialogs.confirm("Which?"))

        t.app.question_ahead = True
        burst(t, ("enter", "\r"), ("x", "x"), ("d", "d"))
        await t.pilot.pause()
        assert t.app.pane.view_state.mode is Mode.COMMAND
        t.app.pane.mount_editor = nothing  # type: ignore[method-assign]
        await t.app.finish_start(ask)
        await t.shows("Which?")
        assert not answers
        await t.press("up", "enter")
        await t.shows("3 keys were typed before the question came, and dropped.")
        assert answers == [True]
        assert t.sources() == ["1 + 1", "2 + 2"]


async def nothing() -> None:
    """Stands for what was done before."""


async def test_keys_after_the_palettes_are_for_the_palette(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "many.ipynb", *(f"cell {i}" for i in range(1, 15)))
    async with running(path) as t:
        before = t.sources()
        burst(t, ("colon", ":"), ("1", "1"), ("2", "2"), ("enter", "\r"))
        await t.until(lambda: "12/14" in t.rows()[-1])
        burst(t, ("colon", ":"), ("w", "w"), ("enter", "\r"))
        await t.shows("Saved many.ipynb")
        assert t.sources() == before


@pytest.mark.parametrize(
    "dialog",
    [
        (("colon", ":"), ("2", "2"), ("enter", "\r")),
        (("ctrl+f", None), ("2", "2"), ("enter", "\r")),
        (("question_mark", "?"), ("q", "q"), ("G", "G")),
        (("colon", ":"), ("escape", None), ("j", "j")),
    ],
)
async def test_keys_after_a_dialog_that_one_closes_are_for_the_notebook(two: Path, dialog: Keys) -> None:
    async with running(two) as t:
        burst(t, *dialog, ("enter", "\r"), ("end", None), ("x", "x"))
        await t.until(lambda: t.sources() == ["1 + 1", "2 + 2x"])


async def test_keys_after_an_answer_are_for_the_notebook(two: Path) -> None:
    async with running(two, {"1 + 1": [k.prompt("name? "), k.result("done")]}) as t:
        await t.press("ctrl+e")
        await t.until(lambda: t.app.pane.prompt.has_keys)
        burst(t, ("m", "m"), ("e", "e"), ("enter", "\r"), ("j", "j"), ("enter", "\r"), ("end", None), ("x", "x"))
        await t.until(lambda: t.sources() == ["1 + 1", "2 + 2x"])


async def test_keys_after_enter_are_for_the_editor(two: Path) -> None:
    async with running(two) as t:
        burst(t, ("b", "b"), ("enter", "\r"), ("x", "x"), ("d", "d"), ("d", "d"))
        await t.until(lambda: t.sources()[1] == "xdd")


async def test_a_paste_keeps_its_place_between_keys(two: Path) -> None:
    async with running(two) as t:
        burst(t, ("b", "b"), ("enter", "\r"), ("x", "x"))
        t.app.post_message(events.Paste("(1\n2)"))
        burst(t, ("y", "y"), ("escape", None), ("b", "b"), ("enter", "\r"))
        t.app.post_message(events.Paste("new"))
        await t.until(lambda: t.sources() == ["1 + 1", "x(1\n2)y", "new", "2 + 2"])


async def test_a_paste_after_the_key_of_a_dialog_is_for_the_dialog(two: Path) -> None:
    async with running(two) as t:
        for first in ("escape", "enter"):  # from command mode, and through the queue of the editor
            await t.press(first)
            burst(t, ("ctrl+f", None))
            t.app.post_message(events.Paste("2 +"))
            burst(t, ("space", " "), ("2", "2"))
            await t.until(lambda: any(line.value == "2 + 2" for line in t.app.query(LineInput)))
            await t.press("escape")
        assert t.sources() == ["1 + 1", "2 + 2"]


async def test_a_paste_in_command_mode_changes_nothing_and_says_so(two: Path) -> None:
    async with running(two) as t:
        t.app.post_message(events.Paste("dd"))
        await t.shows("Nothing was pasted: no cell is being edited. Enter edits one.")
        await t.press("enter")
        burst(t, ("escape", None))
        t.app.post_message(events.Paste("dd"))
        await t.shows("Nothing was pasted")
        assert t.sources() == ["1 + 1", "2 + 2"]


async def test_a_command_never_overtakes_the_text_before_it(two: Path) -> None:
    async with running(two, {"hello 1": [k.result("all of it")]}) as t:
        text = [(c, c) if c != " " else ("space", " ") for c in "helo 1"]
        # b, Enter, "helx", backspace, "lo 1" and the run key, in one read
        mistake: list[tuple[str, str | None]] = [("x", "x"), ("backspace", None), ("l", "l")]
        burst(t, ("b", "b"), ("enter", "\r"), *text[:3], *mistake, *text[3:], ("ctrl+e", None))
        await t.shows("all of it")
        assert t.sources() == ["1 + 1", "hello 1", "2 + 2"]
        burst(t, ("enter", "\r"), ("z", "z"), ("escape", None), ("j", "j"), ("d", "d"), ("d", "d"))
        burst(t, ("colon", ":"), ("1", "1"), ("enter", "\r"))
        await t.until(lambda: "1/2" in t.rows()[-1])
        assert t.sources() == ["1 + 1", "hello 1z"]


async def test_a_key_of_no_command_says_so_on_cells(two: Path) -> None:
    async with running(two) as t:
        await t.press("q")
        await t.shows("q runs no command. ? shows all keys.")
        await t.press("enter", "q")
        assert t.sources()[0] == "q1 + 1"
        assert "runs no command" not in t.text()
        await t.press("f20")
        await t.shows("F20 runs no command. F1 shows all keys.")
        assert t.sources()[0] == "q1 + 1"


async def test_a_key_that_another_program_has_names_the_one_of_the_set(two: Path) -> None:
    async with running(two) as t:
        await t.press("p")
        await t.shows("p runs no command. Ctrl+P does what it does in Jupyter Notebook.")
        await t.press("ctrl+up")
        await t.shows("Ctrl+Up runs no command. gg does what it does in euporie.")
        await t.press("ctrl+f9")
        await t.shows("Ctrl+F9 runs no command. :run-all does what it does in Colab.")


@pytest.mark.parametrize("key", ["alt+j", "alt+f12"])
async def test_alt_is_no_escape_where_the_terminal_says_so(two: Path, key: str) -> None:
    async with running(two) as t:
        await t.press("enter")
        burst(t, (key, WITH_ALT))
        await t.shows(f"Alt+{key[4:].upper()} runs no command.")
        assert t.app.pane.view_state.mode is Mode.EDIT
        assert t.sources() == ["1 + 1", "2 + 2"]


async def test_alt_leaves_insert_mode_of_vim_on_every_terminal(two: Path) -> None:
    async with running(two, config=Config(key_set="vim")) as t:
        await t.press("enter", "i")
        await t.shows("INSERT")
        burst(t, ("alt+l", WITH_ALT))
        await t.shows("NORMAL")


@pytest.mark.parametrize("key", ["alt+j", "alt+shift+g"])
async def test_escape_and_a_key_in_one_read_are_two_keys(two: Path, key: str) -> None:
    async with running(two) as t:
        await t.press("enter")
        burst(t, (key, None))
        await t.until(lambda: "2/2" in t.rows()[-1])
        assert t.app.pane.view_state.mode is Mode.COMMAND
        assert t.sources() == ["1 + 1", "2 + 2"]

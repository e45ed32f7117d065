"""The router: which layer takes a key, and the order of keys that arrive in one read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.kernel.connection import scripted as k
from tuinb.ui.dialogs.prompts import LineInput
from tuinb.ui.keys.router import KeyRouter
from tuinb.ui.layer import Taken, copy_typed
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.ui.dialogs.stack import DialogStack
    from tuinb.ui.keys.keyboard import Keyboard
    from tuinb.ui.layer import Typed
    from tuinb.ui.pane import NotebookPane


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
    """A router over fake layers. `asked` lists who was offered which key, `posted` the keys that were posted again."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.posted: list[str] = []
        self.queue: list[Typed] = []
        """The events of `posted`."""
        self.bound = {"j", "escape"}
        """Keys of the keymap."""
        self.dialogs, self.message, self.prompt, self.completion = (
            FakeLayer(name, self.asked) for name in ("dialogs", "message", "prompt", "completion")
        )
        self.said: list[str] = []
        self.stack = SimpleNamespace(
            is_open=False, is_changing=False, top=None, notify=lambda text, severity, hint: self.said.append(f"{text} {hint}")
        )
        self.state = ViewState()
        self.widget = SimpleNamespace(queued=0, take=lambda event: self.asked.append(f"editor {name(event)}"))
        self.editor = SimpleNamespace(ready=True, widget=self.widget)
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
                    pending=(),
                    end_sequence=lambda: self.asked.append("sequence ends"),
                    unbound=lambda keys: self.asked.append(f"{keys[0]} is unbound"),
                ),
            ),
            lambda: cast("NotebookPane", self.pane),
            self._post,
            lambda: self.starting,
        )

    def _post(self, event: Typed) -> None:
        self.posted.append(name(event))
        self.queue.append(event)

    def _press(self, mode: Mode, key: str, character: str | None = None) -> bool:
        self.asked.append(f"keymap {key}")
        return key in self.bound

    def route(self, key: str, *, queued: bool = False) -> bool:
        return self.router.route(events.Key(key, None), queued=queued)

    def paste(self, text: str, *, queued: bool = False) -> bool:
        return self.router.route(events.Paste(text), queued=queued)


ORDER = ["dialogs j", "message j", "prompt j", "completion j", "keymap j"]


@pytest.mark.parametrize(("taker", "asked"), [("dialogs", 1), ("message", 2), ("prompt", 3), ("completion", 4), ("", 5)])
def test_layers_are_asked_from_the_top_down_until_one_takes_the_key(taker: str, asked: int) -> None:
    routed = Routed()
    if taker:
        getattr(routed, taker).answer = Taken.HERE
    assert routed.route("j")
    assert routed.asked == ORDER[:asked]
    assert routed.posted == []


@pytest.mark.parametrize(("queued", "posted"), [(True, ["j"]), (False, [])])
def test_a_key_for_the_focused_widget_is_posted_again_if_it_came_by_the_editor(queued: bool, posted: list[str]) -> None:
    routed = Routed()
    routed.prompt.answer = Taken.FOCUSED
    assert routed.route("j", queued=queued) is queued, "a key from the terminal goes on to the widget by itself"
    assert routed.posted == posted
    assert routed.asked == ORDER[:3]


def test_keys_are_held_while_something_opens_and_released_in_order() -> None:
    routed = Routed()
    routed.starting = True
    assert routed.route("a")
    routed.starting, routed.stack.is_changing = False, True
    assert routed.route("b")
    routed.router.release()
    assert (routed.asked, routed.posted) == ([], []), "the dialog still opens"
    routed.stack.is_changing = False
    routed.router.release()
    routed.router.release()
    assert routed.posted == ["a", "b"]


@pytest.mark.parametrize(
    ("mode", "dialog", "prompt", "queued", "first"),
    [
        (Mode.EDIT, False, False, 0, "editor"),
        (Mode.COMMAND, False, False, 1, "editor"),
        (Mode.COMMAND, False, False, 0, "dialogs"),
        (Mode.EDIT, True, False, 0, "dialogs"),
        (Mode.EDIT, False, True, 0, "dialogs"),
    ],
)
def test_a_key_enters_the_queue_of_the_editor_that_is_written_in(
    mode: Mode, dialog: bool, prompt: bool, queued: int, first: str
) -> None:
    routed = Routed()
    routed.state.mode, routed.stack.is_open, routed.asks.has_keys = mode, dialog, prompt
    routed.widget.queued = queued
    assert routed.router.take(events.Key("j", None))
    assert routed.asked[0] == f"{first} j"


def test_keys_for_an_editor_that_is_not_there_yet_are_held_those_of_commands_too() -> None:
    routed = Routed()
    routed.state.mode, routed.editor.ready, routed.pane.keys_must_wait = Mode.EDIT, False, True
    for event in (events.Key("x", None), events.Paste("text"), events.Key("escape", None)):
        assert routed.router.take(event)
    assert routed.router.holds_keys
    assert (routed.asked, routed.posted) == ([], [])
    routed.pane.keys_must_wait = False
    routed.router.release()
    assert routed.posted == ["x", "paste text", "escape"]
    assert not routed.router.holds_keys


def test_a_key_that_comes_before_released_ones_was_typed_after_them() -> None:
    routed = Routed()
    routed.pane.keys_must_wait = True
    for key in ("a", "b"):
        routed.router.take(events.Key(key, None))
    routed.pane.keys_must_wait = False
    routed.router.release()
    for event in (events.Key("c", None), events.Paste("text"), events.Key("d", None)):
        assert routed.router.take(event)
    assert routed.posted == ["a", "b", "c", "paste text", "d"]
    for typed in routed.queue:
        routed.router.take(typed)
    assert routed.said, "the paste came in command mode"
    assert [asked for asked in routed.asked if asked.startswith("keymap")] == ["keymap a", "keymap b", "keymap c", "keymap d"]


def test_a_key_does_not_overtake_held_ones() -> None:
    routed = Routed()
    routed.starting = True
    assert routed.route("a")
    routed.starting = False
    assert routed.route("j")
    assert routed.paste("text")
    assert routed.asked == []
    routed.router.release()
    assert routed.posted == ["a", "j", "paste text"]


def test_held_keys_are_not_overtaken_by_what_is_in_the_queue_of_the_editor() -> None:
    routed = Routed()
    routed.starting = True
    assert routed.route("a", queued=True)
    routed.starting, routed.widget.queued = False, 2
    routed.router.release()
    assert routed.posted == []
    routed.widget.queued = 1
    assert routed.route("b", queued=True)
    assert routed.posted == []
    routed.widget.queued = 0
    assert routed.route("c", queued=True)
    assert routed.posted == ["a", "b", "c"]
    assert routed.asked == []


class Typing(Routed):
    """A router for an open editor, with both queues. `came` lists the keys that reached a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.state.mode = Mode.EDIT
        self.bound = set()
        self.typed: list[str] = []
        self.came: list[str] = []
        self.edited: list[Typed] = []
        """The queue of the editor."""
        self.widget.take = self._take

    def _take(self, event: Typed) -> None:
        self.edited.append(copy_typed(event))
        self.widget.queued = len(self.edited)

    def type(self) -> None:
        self.typed.append(f"key-{len(self.typed)}")
        self.queue.append(events.Key(self.typed[-1], None))

    def handle(self) -> None:
        """Handles the first event of the app's queue."""
        if self.queue and not self.router.take(event := self.queue.pop(0)):
            self.came.append(name(event))

    def edit(self) -> None:
        """Handles the first event of the editor's queue."""
        if self.edited:
            event = self.edited.pop(0)
            self.widget.queued = len(self.edited)
            if not self.router.route(event, queued=True):
                self.came.append(name(event))

    def begin(self) -> None:
        self.starting = True

    def settle(self) -> None:
        self.starting = False
        self.router.release()

    def finish(self) -> None:
        self.settle()
        while self.queue or self.edited:
            self.handle()
            self.edit()


@given(steps=st.lists(st.sampled_from(("type", "type", "handle", "edit", "begin", "settle")), max_size=60))
def test_keys_keep_their_order_whatever_holds_them(steps: list[str]) -> None:
    typing = Typing()
    for step in steps:
        getattr(typing, step)()
    typing.finish()
    assert typing.came == typing.typed


def test_what_is_typed_while_held_keys_come_again_keeps_its_order() -> None:
    typing = Typing()
    for step in ("begin", "type", "handle", "edit", "type", "settle", "type", "finish"):
        getattr(typing, step)()
    assert typing.came == ["key-0", "key-1", "key-2"]


def test_a_key_of_the_editors_queue_for_a_prompt_that_opened_comes_before_what_was_typed_next() -> None:
    typing = Typing()
    typing.type()
    typing.handle()
    typing.type()
    typing.asks.has_keys, typing.prompt.answer = True, Taken.FOCUSED
    typing.edit()
    typing.finish()
    assert typing.came == ["key-0", "key-1"]


def test_a_paste_while_something_opens_is_held() -> None:
    routed = Routed()
    routed.stack.is_changing = True
    assert routed.paste("text")
    routed.stack.is_changing = False
    routed.router.release()
    assert (routed.posted, routed.said) == (["paste text"], [])


def test_a_paste_in_command_mode_is_refused_with_a_message() -> None:
    routed = Routed()
    assert routed.router.take(events.Paste("text"))
    assert (routed.posted, routed.said) == ([], ["Nothing was pasted: no cell is being edited. {enter-edit-mode} edits one."])


@pytest.mark.parametrize(("queued", "posted"), [(True, ["paste text"]), (False, [])])
@pytest.mark.parametrize("dialog", [True, False])
def test_a_paste_for_the_focused_widget_is_posted_again_if_it_came_by_the_editor(
    dialog: bool, queued: bool, posted: list[str]
) -> None:
    routed = Routed()
    routed.stack.is_open, routed.asks.has_keys = dialog, not dialog
    assert routed.paste("text", queued=queued) is queued
    assert (routed.posted, routed.said) == (posted, [])


def test_a_paste_for_the_editor_goes_through_its_queue_and_ends_a_sequence() -> None:
    routed = Routed()
    routed.state.mode = Mode.EDIT
    assert routed.router.take(events.Paste("text"))
    assert routed.asked == ["editor paste text"]
    assert not routed.paste("text", queued=True)
    assert routed.asked[1:] == ["sequence ends"]


@pytest.mark.parametrize(
    ("key", "mode", "pressed", "taken"),
    [
        ("j", Mode.COMMAND, ["j"], True),
        ("x", Mode.COMMAND, ["x"], True),
        ("x", Mode.EDIT, ["x"], False),
        ("alt+j", Mode.EDIT, ["alt+j", "escape", "j"], True),
        ("alt+enter", Mode.EDIT, ["alt+enter"], False),
    ],
)
def test_what_no_layer_takes_is_a_key_of_the_keymap_or_text(key: str, mode: Mode, pressed: list[str], taken: bool) -> None:
    routed = Routed()
    routed.state.mode = mode
    assert routed.route(key) is taken
    assert [entry for entry in routed.asked if entry.startswith("keymap")] == [f"keymap {name}" for name in pressed]


# ---- with one


Keys = tuple[tuple[str, str | None], ...]


def burst(t: Driver, *keys: tuple[str, str | None]) -> None:
    """Keys that arrive in one read, as on a slow line: nothing happens between them."""
    for key, character in keys:
        t.app.post_message(events.Key(key, character))


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


@pytest.mark.parametrize("key", ["alt+j", "alt+shift+g"])
async def test_escape_and_a_key_in_one_read_are_two_keys(two: Path, key: str) -> None:
    async with running(two) as t:
        await t.press("enter")
        burst(t, (key, None))
        await t.until(lambda: "2/2" in t.rows()[-1])
        assert t.app.pane.view_state.mode is Mode.COMMAND
        assert t.sources() == ["1 + 1", "2 + 2"]

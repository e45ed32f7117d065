"""Keys by every name, pastes, and replies that never become keys."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events, messages

from tuinb.commands.keymap.key_names import character_of, to_sequence
from tuinb.commands.keymap.sets import SETS
from tuinb.terminal.input_parser import INTRODUCER_DELAY, SEQUENCE_DELAY, InputParser, Reply
from tuinb.terminal.keys import WITH_ALT, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

DELAY = 0.05


class Typist:
    """A parser, and the clock that it goes by."""

    def __init__(self) -> None:
        self.now = 100.0
        self.parser = InputParser(DELAY, clock=lambda: self.now)
        self.events: list[Message] = []

    def send(self, data: str) -> None:
        self.events += self.parser.feed(data)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.events += self.parser.tick()

    def keys(self) -> list[str]:
        return [event.key for event in self.events if isinstance(event, events.Key)]


def keys_of(*reads: str, between: float = 0.0, after: float = 10.0) -> list[str]:
    typist = Typist()
    for read in reads:
        typist.send(read)
        typist.wait(between)
    typist.wait(after)
    return typist.keys()


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("a", "a"),
        ("A", "A"),
        ("é", "é"),
        ("?", "question_mark"),
        (" ", "space"),
        ("\r", "enter"),
        ("\n", "ctrl+j"),
        ("\t", "tab"),
        ("\x7f", "backspace"),
        ("\x08", "backspace"),
        ("\x00", "ctrl+space"),
        ("\x05", "ctrl+e"),
        ("\x1c", "ctrl+backslash"),
        ("\x1f", "ctrl+underscore"),
        ("\x1b\r", "alt+enter"),
        ("\x1b\x7f", "alt+backspace"),
        ("\x1bp", "alt+p"),
        ("\x1bP", "alt+shift+p"),
        ("\x1b/", "alt+slash"),
        ("\x1b_", "alt+underscore"),
        ("\x1b^", "alt+circumflex_accent"),
        ("\x1bX", "alt+shift+x"),
        ("\x1b[", "alt+left_square_bracket"),
        ("\x1b", "escape"),
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[1;3A", "alt+up"),
        ("\x1b\x1b[A", "alt+up"),
        ("\x1b[1;2B", "shift+down"),
        ("\x1b[1;6D", "ctrl+shift+left"),
        ("\x1b[5~", "pageup"),
        ("\x1b[1~", "home"),
        ("\x1b[H", "home"),
        ("\x1b[3;5~", "ctrl+delete"),
        ("\x1bOP", "f1"),
        ("\x1bOR", "f3"),
        ("\x1b[[C", "f3"),
        ("\x1b[20~", "f9"),
        ("\x1b[19~", "f8"),
        ("\x1b[7$", "shift+home"),
        ("\x1b[Z", "shift+tab"),
        ("\x1b\t", "shift+tab"),
        ("\x1b[9;2u", "shift+tab"),
        ("\x1b[27;2;9~", "shift+tab"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[27;2;13~", "shift+enter"),
        ("\x1b[13;5u", "ctrl+enter"),
        ("\x1b[27;5;13~", "ctrl+enter"),
        ("\x1b[64;6u", "ctrl+shift+space"),
        ("\x1b[13;3u", "alt+enter"),
        ("\x1b[27;3;13~", "alt+enter"),
        ("\x1b[13u", "enter"),
        ("\x1b[27u", "escape"),
        ("\x1b[97;;97u", "a"),
        ("\x1b[97u", "a"),
        ("\x1b[97:65;2;65u", "A"),
        ("\x1b[97;2u", "A"),
        ("\x1b[122;2;90u", "Z"),
        ("\x1b[97;5u", "ctrl+a"),
        ("\x1b[97;69u", "ctrl+a"),
        ("\x1b[32;2;32u", "shift+space"),
        ("\x1b[32;2u", "shift+space"),
        ("\x1b[27;2;32~", "shift+space"),
        ("\x1b[32;5u", "ctrl+space"),
        ("\x1b[92;5u", "ctrl+backslash"),
        ("\x1b[45;6u", "ctrl+shift+minus"),
        ("\x1b[95;6u", "ctrl+shift+minus"),
        ("\x1b[112;3u", "alt+p"),
        ("\x1b[112:80;4u", "alt+shift+p"),
        ("\x1b{", "alt+left_curly_bracket"),
        ("\x1b[91:123;4u", "alt+left_curly_bracket"),
        ("\x1b[123;4u", "alt+left_curly_bracket"),
        ("\x1b[27;4;123~", "alt+left_curly_bracket"),
        ("\x1b[55:47;4u", "alt+slash"),
        ("\x1b[38:49;4u", "alt+1"),
        ("\x1b[91;3u", "alt+left_square_bracket"),
        ("\x1b[91:123;2;123u", "left_curly_bracket"),
        ("\x1b[45:95;6u", "ctrl+shift+minus"),
        ("\x1b[57414u", "enter"),
    ],
)
def test_a_key_has_one_name_however_it_is_spelled(sent: str, key: str) -> None:
    assert keys_of(sent) == [key]


FINALS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F", "f1": "P", "f2": "Q", "f4": "S"}
NUMBERS = {"delete": 3, "pageup": 5, "pagedown": 6, "f3": 13, "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21}
NUMBERS |= {"f11": 23, "f12": 24}
CONTROLS = {"enter": "\r", "tab": "\t", "backspace": "\x7f", "escape": "\x1b", "space": " "}
ON_SHIFT = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
"""Symbol → the key of a US keyboard that types it with Shift."""


def parts(key: str) -> tuple[set[str], str, str]:
    """The modifiers of a key, its name, and the character that it types."""
    *modifiers, base = key.split("+")
    return set(modifiers), base, CONTROLS.get(base) or character_of(base)


def in_kitty(key: str) -> str:
    """What a terminal with kitty's protocol sends for a key, on a US keyboard."""
    modifiers, base, typed = parts(key)
    plain = ON_SHIFT.get(typed, typed.lower())
    if typed and typed != plain:
        modifiers.add("shift")
    bits = 1 + sum(1 << place for place, name in enumerate(("shift", "alt", "ctrl", "super")) if name in modifiers)
    if not typed:
        return f"\x1b[1;{bits}{FINALS[base]}" if base in FINALS else f"\x1b[{NUMBERS[base]};{bits}~"
    symbols = {key: symbol for symbol, key in ON_SHIFT.items()}
    shifted = symbols.get(plain) or (plain.upper() if plain.isalpha() else "")
    code = f"{ord(plain)}:{ord(shifted)}" if shifted and "shift" in modifiers else str(ord(plain))
    text = f";{ord(typed)}" if modifiers <= {"shift"} and typed.isprintable() else ""
    return f"\x1b[{code};{bits}{text}u"


def without(key: str) -> str:
    """What a terminal without it sends. Empty for a key that it can't tell from another one."""
    modifiers, base, typed = parts(key)
    if not typed:
        return in_kitty(key)
    escape = "\x1b" if "alt" in modifiers else ""
    modifiers -= {"alt"}
    if "shift" in modifiers and escape and typed.isalpha():
        return escape + typed.upper()
    if modifiers == {"ctrl"} and "@" <= typed.upper() <= "_":
        return escape + chr(ord(typed.upper()) & 0x1F)
    if modifiers == {"ctrl"} and base == "space":
        return "\0"
    if modifiers == {"shift"} and base == "tab":
        return "\x1b[Z"
    return "" if modifiers else escape + typed


SENT_BY_SOME = {
    "copy-text": "Ctrl+C copies what is selected",
    "cut-text": "Ctrl+X cuts what is selected",
    "delete-lines": "VS Code's key, else the palette",
    "go-to-bracket": "VS Code's key, else the palette",
    "select-all-occurrences": "VS Code's key, else the palette",
    "delete-to-line-start": "macOS's key in VS Code, else Shift+Home and Delete, or the palette",
    "save-as": "JupyterLab's and VS Code's key, else `:w NAME`",
    "open-file": "JupyterLab's key in a cell, else Escape and Ctrl+O",
    "mark-definition": "Ctrl+Alt+H of Emacs is Alt+Backspace there, else M-x",
}
"""Commands whose keys only some terminals send, and what all can do instead."""


@pytest.mark.parametrize(("sent", "others"), [(in_kitty, set()), (without, set(SENT_BY_SOME))])
@pytest.mark.parametrize("key_set", SETS)
def test_each_command_of_a_set_has_keys_that_arrive(key_set: str, sent: Callable[[str], str], others: set[str]) -> None:
    missing = set()
    for table in SETS[key_set].values():
        bound = [(to_sequence(keys), name) for keys, name in table.items()]
        arrived = {name for keys, name in bound if all(keys_of(sent(key)) == [key] for key in keys)}
        missing |= set(table.values()) - arrived
    assert missing <= others


@pytest.mark.parametrize(
    ("name", "character", "normal"),
    [
        ("shift+\r", None, "shift+enter"),
        ("ctrl+\r", None, "ctrl+enter"),
        ("alt+\x7f", None, "alt+backspace"),
        ("shift+ctrl+left", None, "ctrl+shift+left"),
        ("ctrl+@", "\x00", "ctrl+space"),
        ("ctrl+\\", None, "ctrl+backslash"),
        ("alt+P", None, "alt+shift+p"),
        ("shift+z", "Z", "Z"),
        ("shift+z", None, "Z"),
        ("newline", None, "ctrl+j"),
        ("backtab", None, "shift+tab"),
        ("ctrl++", None, "ctrl+plus"),
        ("+", "+", "plus"),
        ("enter", "\r", "enter"),
        ("question_mark", "?", "question_mark"),
    ],
)
def test_names_are_brought_to_one_form(name: str, character: str | None, normal: str) -> None:
    assert normalise(name, character) == normal
    assert normalise(normal, character) == normal


@pytest.mark.parametrize("sent", ["\x1b[57441;2u", "\x1b[57358u", "\x1b[97;1:3u", "\x1b[1;1:3A"])
def test_modifiers_alone_and_releases_are_no_keys(sent: str) -> None:
    assert keys_of(sent) == []


def test_what_a_key_types_comes_with_it() -> None:
    typist = Typist()
    typist.send("a\x1b[97;2;65u\x1b[13u\x1b[97;5u")
    assert [event.character for event in typist.events if isinstance(event, events.Key)] == ["a", "A", "\r", None]


def test_alt_in_a_sequence_is_told_from_escape_and_a_key() -> None:
    typist = Typist()
    typist.send("\x1b[24;3~")
    typist.send("\x1b[122;3u")
    typist.send("\x1bz")
    typist.send("\x1b\x1b[20~")
    found = [(event.key, event.character == WITH_ALT) for event in typist.events if isinstance(event, events.Key)]
    assert found == [("alt+f12", True), ("alt+z", True), ("alt+z", False), ("alt+f9", False)]


def test_an_arrow_torn_by_a_slow_line_is_an_arrow() -> None:
    assert keys_of("\x1b", "[A") == ["up"]
    assert keys_of("\x1b[", "A", between=0.3) == ["up"]
    assert keys_of("\x1b[1;", "3", "A", between=1.0) == ["alt+up"]
    # So slow that ESC was taken for Escape before: the rest is still no `[` and no `A`.
    assert keys_of("\x1b", "[A", between=0.3) == ["escape", "up"]


def test_escape_waits_its_delay_and_no_longer() -> None:
    typist = Typist()
    typist.send("\x1b")
    assert typist.parser.wait == pytest.approx(DELAY)
    assert typist.keys() == []
    typist.wait(DELAY)
    assert typist.keys() == ["escape"]
    assert typist.parser.wait is None


def test_escape_and_then_a_key_are_two_keys() -> None:
    assert keys_of("\x1b", "j", between=0.04) == ["escape", "j"]
    assert keys_of("\x1b", "j", between=0.001) == ["alt+j"]
    assert keys_of("\x1b\x13") == ["escape", "ctrl+s"]


@pytest.mark.parametrize(
    "reply",
    [
        "\x1b[?62;22c",
        "\x1b[>1;4000;0c",
        "\x1b[12;40R",
        "\x1b[1;2R",
        "\x1b[?1;2R",
        "\x1b[0n",
        "\x1b[4;640;960t",
        "\x1b[8;40;120t",
        "\x1b[48;40;120;640;960t",
        "\x1b[?1u",
        "\x1b[?2026;0$y",
        "\x1b[4;1$y",
        "\x1b[99~",
        "\x1b[5S",
        "\x1b[7;7H",
        "\x1bP>|xterm(370)\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1bP1+r544e=787465726d\x1b\\",
        "\x1b]10;rgb:dddd/dddd/dddd\x1b\\",
        "\x1b]11;rgb:1010/1010/1010\x07",
        "\x1b]52;c;ZGQ=\x07",
        "\x1b]lmy title\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b_Gi=1;ENOENT: dd\x1b\\",
        "\x1b[1;2;3;4;5;6q",
        "\x1b[" + "1;" * 500 + "m",
        "\x1b[999999999999;9u",
        "\x1b[1114112u",
        "\x1b[55296u",
    ],
)
def test_a_reply_is_no_key_whole_or_torn(reply: str) -> None:
    assert keys_of(reply) == []
    if len(reply) < 100:
        for cut in range(2, len(reply)):
            assert keys_of(reply[:cut], reply[cut:], between=INTRODUCER_DELAY * 0.9) == [], cut
        assert keys_of(*reply, between=0.001) == []
    assert keys_of(reply + "j") == ["j"]


PARAMETERS = st.text("0123456789;:<=>?", max_size=12)
REPLIES = st.one_of(
    st.builds("\x1b[{}{}".format, PARAMETERS.map(lambda text: "?" + text), st.sampled_from("cnhltrypqsuvxz")),
    st.builds("\x1b[{}${}".format, PARAMETERS.filter(lambda text: ";" in text), st.sampled_from("ytvxz")),
    st.builds("\x1b[{}{}".format, PARAMETERS.filter(bool), st.sampled_from("cntmqrxyzhl")),
    st.builds(
        "\x1b{}{}{}".format,
        st.sampled_from(["]1", "]4;", "]l", "P>|", "P1", "_G"]),
        st.text(st.characters(exclude_characters="\x07\x18\x1a\x1b\x9c", exclude_categories=["Cs"]), max_size=40),
        st.sampled_from(["\x1b\\", "\x07", "\x9c"]),
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(REPLIES, min_size=1, max_size=4), st.lists(st.integers(0, 200), max_size=6), st.floats(0, 0.45))
def test_no_reply_becomes_a_key_however_it_is_torn(replies: list[str], cuts: list[int], between: float) -> None:
    text = "".join(replies)
    # The first bytes of a sequence come together; after ESC alone, Escape is all that a long silence can mean.
    places = sorted({cut for cut in cuts if cut < len(text) and not text[:cut].endswith("\x1b")})
    reads = [text[start:stop] for start, stop in zip([0, *places], [*places, len(text)], strict=True)]
    assert keys_of(*(read for read in reads if read), between=between) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.sampled_from("\x1b[]P_O0123;:?<$~uAMcRty\\\x07\r\x7fj é\x9b\ufffd"), max_size=8), max_size=6))
def test_rubbish_raises_nothing_and_leaves_a_parser_that_hears_keys(reads: list[str]) -> None:
    typist = Typist()
    for read in reads:
        typist.send(read)
    typist.send("\x1b[201~")
    typist.wait(SEQUENCE_DELAY)
    typist.wait(SEQUENCE_DELAY)
    before = len(typist.keys())
    typist.send("j")
    assert typist.keys()[before:] == ["j"]


@pytest.mark.parametrize("lead", "_^X")
def test_what_begins_a_string_that_no_terminal_sends_is_a_key_and_takes_no_other_key(lead: str) -> None:
    key = keys_of(f"\x1b{lead}")
    assert len(key) == 1
    assert keys_of(f"\x1b{lead}", "\x18", "h", between=0.1) == [*key, "ctrl+x", "h"]
    assert keys_of(f"\x1b{lead}", f"\x1b{lead}", "f") == [*key, *key, "f"]
    assert keys_of(f"\x1b{lead}word") == [*key, *"word"]


@pytest.mark.parametrize("lead", "^X")
def test_such_a_key_is_not_held_up(lead: str) -> None:
    typist = Typist()
    typist.send(f"\x1b{lead}")
    assert len(typist.keys()) == 1


def test_replies_are_told_apart() -> None:
    typist = Typist()
    typist.send("\x1b[?62;22c\x1bP>|xterm(370)\x1b\\")
    assert [event.is_device_attributes for event in typist.events if isinstance(event, Reply)] == [True, False]


def test_other_buttons_than_the_left_one_are_dropped() -> None:
    typist = Typist()
    for button, end in itertools.product((0, 1, 2, 32, 33, 34), "Mm"):
        typist.send(f"\x1b[<{button};3;4{end}")
    typist.send("\x1b[<64;3;4M\x1b[<65;3;4M")
    assert [type(event) for event in typist.events] == [
        events.MouseDown,
        events.MouseUp,
        events.MouseMove,
        events.MouseMove,
        events.MouseScrollUp,
        events.MouseScrollDown,
    ]


def test_reports_that_textual_wants_reach_it() -> None:
    typist = Typist()
    typist.send("\x1b[?2026;2$y\x1b[?2048;1$y\x1b[48;40;120;640;960t\x1b[I\x1b[O\x1b[<0;3;4M")
    kinds = [type(event) for event in typist.events]
    assert kinds == [
        messages.TerminalSupportsSynchronizedOutput,
        messages.InBandWindowResize,
        events.Resize,
        events.AppFocus,
        events.AppBlur,
        events.MouseDown,
    ]


def test_a_paste_is_one_event_with_plain_line_ends() -> None:
    typist = Typist()
    typist.send("x\x1b[200~a\r\nb\rc\x1b[A\x00d\x1b[201~y")
    pastes = [event.text for event in typist.events if isinstance(event, events.Paste)]
    assert pastes == ["a\nb\nc\x1b[Ad"]
    assert typist.keys() == ["x", "y"]


@pytest.mark.parametrize("size", [1, 2, 5, 4096])
def test_a_paste_in_reads_of_any_size(size: int) -> None:
    text = "spam \x1b eggs\x1b[20~\n" * 20
    data = f"\x1b[200~{text}\x1b[201~"
    typist = Typist()
    for start in range(0, len(data), size):
        typist.send(data[start : start + size])
        typist.wait(0.04)
    assert [event.text for event in typist.events if isinstance(event, events.Paste)] == [text]
    assert typist.keys() == []


def test_a_paste_of_megabytes_is_one_event() -> None:
    text = "x = 1\n" * 900_000
    data = f"\x1b[200~{text}\x1b[201~"
    typist = Typist()
    for start in range(0, len(data), 4096):
        typist.send(data[start : start + 4096])
    assert [len(event.text) for event in typist.events if isinstance(event, events.Paste)] == [len(text)]


ANSWERS = (
    "\x1b_Gi=31;OK\x1b\\",
    "\x1bP>|kitty(0.35.2)\x1b\\",
    "\x1bP>|XTerm(379)\x1b\\",
    "\x1b[6;18;9t",
    "\x1b[4;720;1080t",
    "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    "\x1b[?62;4;22c",
    "\x1b[>1;4000;0c",
    "\x1b_Gi=4567890;ENOSPC:no room\x1b\\",
)
"""What terminals answer to what they are asked after the first paint."""


@given(st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=12), st.data())
def test_replies_split_anywhere_late_and_twice_are_no_keys(replies: list[str], data: st.DataObject) -> None:
    sent = "".join(replies)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sent)), max_size=6)))
    typist = Typist()
    typist.parser.expect(len(replies) + 1)
    for start, stop in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        typist.send(sent[start:stop])
        typist.wait(data.draw(st.sampled_from([0.0, 0.02, 0.2])))
    typist.now += 60
    typist.send("".join(replies))
    typist.wait(60)
    assert typist.keys() == []
    assert [event.sequence for event in typist.events if isinstance(event, Reply)].count("\x1b[?62;4;22c") == (
        2 * replies.count("\x1b[?62;4;22c")
    )


@given(st.sampled_from(ANSWERS), st.data())
def test_a_reply_that_is_cut_off_is_no_key(reply: str, data: st.DataObject) -> None:
    typist = Typist()
    body = reply.removesuffix("\x1b\\")  # what ends in ESC may be cut off by an Escape
    typist.send(body[: data.draw(st.integers(2, len(body) - 1))])
    typist.wait(60)
    typist.send("j")
    typed = typist.keys()
    assert typed[-1] == "j"
    assert all(key.startswith("alt+") for key in typed[:-1])


@given(st.sampled_from(ANSWERS))
def test_a_reply_whose_escape_was_taken_for_a_key_types_nothing(reply: str) -> None:
    assert keys_of(reply[:1], reply[1:], between=DELAY * 2) in (["escape"], [])


def test_an_escape_is_not_held_up_once_all_is_answered() -> None:
    typist = Typist()
    typist.parser.expect(1)
    typist.send("\x1b[?62;4;22c")
    typist.send("\x1b")
    typist.wait(DELAY * 1.5)
    assert typist.keys() == ["escape"]

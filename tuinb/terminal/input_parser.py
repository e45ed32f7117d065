"""Parses what the terminal sends into events: keys, pastes, the mouse, and replies, which never become keys.

Sequences are cut by regular expressions, so that a paste of any size costs one search per read. States: plain text, a paste,
and the body of a string (OSC, DCS, kitty's APC), of which only the beginning is kept. No terminal sends another APC, a PM or
an SOS, so ESC and `_`, `^` or `X` are keys. An unfinished sequence is held until the rest arrives or its time is over:

- ESC alone: the escape delay, then it is Escape. If what then arrives is exactly the rest of an arrow (a line so slow that
  it tore the sequence), it is that arrow, never `[` and `A`.
- ESC and the character that starts a sequence (Alt+[, Alt+O, Alt+P …): half a second, then it is that key.
- A sequence with parameters: two seconds, then it is dropped. It is no key at any time.

While answers are expected, an ESC alone is held as long as the start of a sequence; and if Escape was taken after all, the
rest of a reply is still a reply.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from textual import events, messages
from textual._xterm_parser import XTermParser
from textual.message import Message

from tuinb.late_pattern import late_pattern
from tuinb.terminal import keys

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from tuinb.terminal.keys import Stroke

INTRODUCER_DELAY: Final = 0.5
"""Seconds after which ESC and `[`, `O`, `P`, `]` or `_` is that key with Alt."""
SEQUENCE_DELAY: Final = 2.0
"""Seconds without a byte after which an unfinished sequence or string is given up."""
ALT_GAP: Final = 0.025
"""Seconds between ESC and a character, in reads of their own, from which on they are two keys."""
TORN_ARROW: Final = 1.0
"""Seconds after an Escape in which the rest of an arrow is still an arrow."""
REPLY_LIMIT: Final = 256
_LONGEST_SEQUENCE: Final = 64
_LARGEST_SCREEN: Final = 2000

_TEXT: Final = late_pattern(r"[^\x00-\x1f\x7f-\x9f]+")
_CSI: Final = late_pattern(r"\x1b\[(?:\[[A-E]|M[\s\S]{3}|\d\d?\$|(?!M)([0-?]*)([ -/]*)([@-Z\\-~]))")
_SS3: Final = late_pattern(r"\x1bO[0-9;]*[A-Za-z ]")
_STRING_START: Final = late_pattern(r"\x1b(?:\][0-9lL]|P[0-9>!|+$;=?]|_G)")
_STRING_END: Final = late_pattern(r"[\x07\x1b\x18\x1a\x9c]")
_UNFINISHED: Final = late_pattern(r"\x1b(?:\[(?:\[|M[\s\S]{0,2}|[0-?]*[ -/]*)|O[0-9;]*|[\]P_])?\Z")
_TORN_REPLY: Final = late_pattern(r"\]\d{1,3};|P>\||P[01]\$r|_G|\[[?>][0-9;]*c|\[[468];\d+;\d+t")
_TORN: Final = late_pattern(r"\[[0-9;]*[A-Za-z~^$@]|O[A-Za-z]")
_MOUSE: Final = late_pattern(r"<\d{1,6};-?\d{1,6};-?\d{1,6}\Z")
_MODE_REPORT: Final = late_pattern(r"\?(\d+);(\d)\Z")
_RESIZED: Final = late_pattern(r"48;(\d+)(?::\d*)*;(\d+)(?::\d*)*;(\d+)(?::\d*)*;(\d+)(?::\d*)*\Z")
_PASTE_START: Final = "200"
_PASTE_END: Final = "\x1b[201~"
_LEAD_INS: Final = frozenset("[O]P_")


class Reply(Message):
    """An answer of the terminal, as it came; only the beginning if it is long."""

    def __init__(self, sequence: str) -> None:
        super().__init__()
        self.sequence = sequence

    @property
    def is_device_attributes(self) -> bool:
        """Whether it answers a primary device attributes request."""
        return self.sequence.startswith("\x1b[?") and self.sequence.endswith("c")


class InputParser:
    """Takes text by `feed` as it is read; `tick` must be called when `wait` is over."""

    def __init__(
        self, escape_delay: float, *, resizes_in_band: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._escape_delay = escape_delay
        self._may_resize = resizes_in_band
        self._clock = clock
        self._mouse = XTermParser()
        self._held = ""
        self._at = 0.0
        self._escaped_at = -TORN_ARROW
        self._paste: list[str] | None = None
        self._string: str | None = None
        self._skipping = False
        self._resizing = False
        self._expected = 0
        self._expected_until = 0.0
        self._out: list[Message] = []

    @property
    def wait(self) -> float | None:
        """Seconds until `tick` must be called; None if nothing is held."""
        delay = self._delay()
        return None if delay is None else max(0.0, self._at + delay - self._clock())

    def expect(self, answers: int) -> None:
        """Notes that `answers` reports of device attributes are due, and other replies before them."""
        self._expected, self._expected_until = answers, self._clock() + SEQUENCE_DELAY

    def tick(self) -> list[Message]:
        """Returns the events of held text whose time is over."""
        delay = self._delay()
        if delay is None or self._clock() < self._at + delay:
            return []
        held, self._held = self._held, ""
        self._string = None
        self._skipping = False
        if held == "\x1b":
            self._escape()
        elif len(held) == 2 and held[1] in _LEAD_INS:
            for stroke in keys.alted(held[1]):
                self._key(stroke)
        return self._take()

    def feed(self, data: str) -> list[Message]:
        """Returns the events in the held text and `data`."""
        now = self._clock()
        inside = self._paste is not None or self._string is not None or self._skipping
        if self._held == "\x1b" and not inside and data[:1] not in _LEAD_INS and now - self._at > ALT_GAP:
            self._held = ""
            self._escape()
        elif not self._held and not inside and now - self._escaped_at < TORN_ARROW and _is_torn(data):
            data = "\x1b" + data
        data, self._held = self._held + data, ""
        self._at = now
        position = 0
        while position < len(data):
            if self._paste is not None:
                position = self._pasted(data, position)
            elif self._string is not None:
                position = self._string_body(data, position)
            elif self._skipping:
                position = self._skip(data, position)
            else:
                position = self._plain(data, position)
        return self._take()

    def _take(self) -> list[Message]:
        out, self._out = self._out, []
        return out

    def _delay(self) -> float | None:
        if self._string is not None or self._skipping:
            return SEQUENCE_DELAY
        if not self._held or self._paste is not None:
            return None
        if self._held == "\x1b":
            expects = self._expected > 0 and self._at < self._expected_until
            return max(self._escape_delay, INTRODUCER_DELAY) if expects else self._escape_delay
        return INTRODUCER_DELAY if len(self._held) == 2 else SEQUENCE_DELAY

    def _escape(self) -> None:
        self._escaped_at = self._clock()
        self._out.append(events.Key("escape", "\x1b"))

    def _key(self, stroke: Stroke | None) -> None:
        if stroke is not None:
            self._out.append(events.Key(*stroke))

    def _plain(self, data: str, position: int) -> int:
        """Handles one run of text or one sequence. Returns the position after it."""
        text = _TEXT.match(data, position)
        if text is not None:
            for character in text[0]:
                self._key(keys.typed(character))
            return text.end()
        if data[position] != "\x1b":
            self._key(keys.typed(data[position]))
            return position + 1
        csi = _CSI.match(data, position)
        if csi is not None:
            self._csi(csi)
            return csi.end()
        ss3 = _SS3.match(data, position)
        if ss3 is not None:
            self._key(keys.sequence(ss3[0]))
            return ss3.end()
        string = _STRING_START.match(data, position)
        if string is not None:
            self._string = string[0]
            return string.end()
        unfinished = _UNFINISHED.match(data, position)
        if unfinished is not None:
            if len(unfinished[0]) > _LONGEST_SEQUENCE:
                self._skipping = True
            else:
                self._held = unfinished[0]
            return len(data)
        return self._after_escape(data, position)

    def _after_escape(self, data: str, position: int) -> int:
        """Handles ESC and a character that starts no sequence. Returns the position after them."""
        following = data[position + 1]
        if following == "\x1b":
            rest = _CSI.match(data, position + 1) or _SS3.match(data, position + 1)
            strokes = _strokes(rest) if rest is not None and position == 0 and rest.end() == len(data) else None
            if rest is not None and strokes:  # one key in one read: Alt and an arrow, as PuTTY sends it
                for name, _ in strokes:
                    self._key((keys.normalise(f"alt+{name}", None), None))
                return rest.end()
            self._escape()
            return position + 1
        if following == "[":  # broken off by a control character
            end = position + 2
            while end < len(data) and " " <= data[end] <= "?":
                end += 1
            return end
        for stroke in keys.alted(following):
            self._key(stroke)
        return position + 2

    def _csi(self, match: re.Match[str]) -> None:
        parameters, intermediate, final = match[1], match[2], match[3]
        if parameters is None or intermediate or final == "R":
            known = keys.sequence(match[0])  # the Linux console's function keys, rxvt's `CSI 7$`
            if known is None:
                self._report(match[0], parameters or "", intermediate or "", final or "")
            else:
                self._key(known)
            return
        if final == "~" and parameters == _PASTE_START:
            self._paste = []
        elif final in "Mm" and _MOUSE.match(parameters):
            event = self._mouse.parse_mouse_code(match[0])
            # Other buttons than the left one do nothing here. As a click they would edit, or choose.
            if event is not None and not (isinstance(event, events.MouseEvent) and event.button > 1):
                self._out.append(event)
        elif not parameters and final in "IO":
            self._out.append(events.AppFocus() if final == "I" else events.AppBlur())
        else:
            strokes = _strokes(match)
            if strokes is None:
                self._report(match[0], parameters, "", final)
            else:
                for stroke in strokes:
                    self._key(stroke)

    def _report(self, sequence: str, parameters: str, intermediate: str, final: str) -> None:
        mode = _MODE_REPORT.match(parameters) if intermediate == "$" and final == "y" else None
        resized = _RESIZED.match(parameters) if final == "t" and self._resizing else None
        if mode is not None and mode[1] == "2026" and mode[2] in "123":
            self._out.append(messages.TerminalSupportsSynchronizedOutput())
        elif mode is not None and mode[1] == "2048" and self._may_resize:
            report = messages.InBandWindowResize.from_setting_parameter(int(mode[2]))
            self._resizing = self._resizing or report.supported
            self._out.append(report)
        elif resized is not None:
            height, width, pixel_height, pixel_width = (min(int(number[:7]), 1 << 20) for number in resized.groups())
            if 0 < height <= _LARGEST_SCREEN and 0 < width <= _LARGEST_SCREEN:
                event = events.Resize.from_dimensions((width, height), (pixel_width, pixel_height))
                self._mouse.terminal_size, self._mouse.terminal_pixel_size = event.size, event.pixel_size
                self._mouse.mouse_pixels = bool(pixel_width and pixel_height)
                self._out.append(event)
        else:
            reply = Reply(sequence)
            self._expected -= reply.is_device_attributes
            self._out.append(reply)

    def _pasted(self, data: str, position: int) -> int:
        assert self._paste is not None
        end = data.find(_PASTE_END, position)
        if end < 0:
            tail = len(data)
            for length in range(min(len(_PASTE_END) - 1, tail - position), 0, -1):
                if data.endswith(_PASTE_END[:length]):
                    tail -= length
                    break
            self._paste.append(data[position:tail])
            self._held = data[tail:]
            return len(data)
        self._paste.append(data[position:end])
        text = "".join(self._paste).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
        self._paste = None
        self._out.append(events.Paste(text))
        return end + len(_PASTE_END)

    def _string_body(self, data: str, position: int) -> int:
        assert self._string is not None
        end = _STRING_END.search(data, position)
        stop = len(data) if end is None else end.start()
        if len(self._string) < REPLY_LIMIT:
            self._string += data[position : min(stop, position + REPLY_LIMIT)]
        if end is None:
            return stop
        if end[0] == "\x1b":
            if stop + 1 == len(data):
                self._held = "\x1b"
                return len(data)
            if data[stop + 1] != "\\":
                self._string = None  # cut off by another sequence
                return stop
            stop += 1
        self._out.append(Reply(self._string))
        self._string = None
        return stop + 1

    def _skip(self, data: str, position: int) -> int:
        """Skips the rest of a control sequence that is too long. Returns the position after it."""
        while position < len(data) and " " <= data[position] <= "?":
            position += 1
        if position < len(data):
            self._skipping = False
            if "@" <= data[position] <= "~":
                position += 1
        return position


def _is_torn(data: str) -> bool:
    """Whether `data` is the rest of an arrow or reply whose ESC was taken for a key."""
    return _TORN.fullmatch(data) is not None or _TORN_REPLY.match(data) is not None


def _strokes(match: re.Match[str]) -> list[Stroke] | None:
    """Returns the keys of a CSI or SS3 sequence; None if it is not a key."""
    if match.re.pattern == _CSI.pattern and match[1] is not None and not match[2]:
        strokes = keys.control_sequence(match[1], match[3])
        if strokes is not None:
            return strokes
    known = keys.sequence(match[0])
    return None if known is None else [known]

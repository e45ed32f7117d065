"""Compares a cell's saved outputs with those of a new run, ignoring what differs between any two runs.

Streams are joined first, as a terminal would show them. Counts, metadata and tracebacks are left out. Addresses, times,
durations, ids, sizes of memory, temporary files and progress are replaced by placeholders. Images are compared by pixels.
"""

from __future__ import annotations

import binascii
import difflib
import hashlib
import io
import json
import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from tuinb.mime import SVG, WIDGET_VIEW, is_json, joined
from tuinb.notebook.nesting import DEEPEST, is_deep
from tuinb.notebook.streams.text import StreamText
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tuinb.notebook.changes import Json

    Raw = Mapping[str, Json]

_UNIT = r"(?:ns|µs|μs|us|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)"
_NUMBER = r"\b(?<!\d,)\d++(?:,\d++)*+(?:\.\d++)?+(?:e[-+]?\d++)?+"
"""A match does not begin inside a number, so that a million digits are read once."""
_PATH = r"[^\s'\"<>()]"
_DAY, _MONTH = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?"
UNREPEATED: Sequence[tuple[str, str]] = (
    (r"\x1b\[[0-9;:]*m", ""),
    (r"\b0x[0-9a-fA-F]{5,}\b", "<address>"),
    (r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", "<id>"),
    (r"\bT_[0-9a-f]{5}(?=[_\" ]|\b)", "<id>"),
    (r"\b(In|Out) ?\[\d+\]", r"\1[<count>]"),
    (r"(?:/private)?(?:/tmp|/var/tmp|/var/folders|/dev/shm)/[^\s'\"<>:,;)\]]+", "<temporary>"),
    (rf"(?<!{_PATH}){_PATH}+/(?:site|dist)-packages/", "<packages>/"),
    (r"\bipykernel_\d+\b", "<temporary>"),
    (rf"\b\d{{4}}-\d\d-\d\d[T ]{_CLOCK}(?:Z| ?[-+]\d\d:?\d\d)?", "<time>"),
    (rf"\b{_DAY},? (?:{_MONTH} +\d+|\d+ {_MONTH})(?: \d{{4}})? {_CLOCK}(?: \w+)?(?: \d{{4}})?", "<time>"),
    (r"\bdatetime\((?:\d+, ){6}\d+", "datetime(<time>"),  # with microseconds, so not written by hand
    (r"(?<![\d.])1\d{9}\.\d{3,}", "<time>"),  # seconds since 1970, as time.time() gives them
    (r"\[[\d:?]+<[\d:?]+(?:, [^][]*)?\]", "[<time>]"),
    (r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
    (rf"(?<![\d,])[\d,]+ loops?(?: each)?|(?:{_NUMBER}|\b\?) ?(?:it/s|s/it)", "<loops>"),
    (rf"(?:{_NUMBER} ?{_UNIT} ?)*{_NUMBER} ?{_UNIT}\b", "<duration>"),
    (rf"{_NUMBER}\+? ?(?:[kKMGT]i?B|[bB]ytes)\b", "<size>"),
)
"""Patterns of text that differs between two runs, and their placeholders."""
_COMPILED = [(re.compile(pattern), replacement) for pattern, replacement in UNREPEATED]
_SVG_ID = re.compile(r"(?<=[\"#])[a-z]*[0-9a-f]{10}(?=[\")])")
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
_BEST_FIRST = ("text/plain", "text/markdown", "text/latex", "text/html")
_LONGEST = 4000
"""Lines of a text that a diff considers. Its time grows with their square."""


class Difference(Record):
    what: str
    """The part of the outputs, such as `stdout` or `text/plain`, with a short description."""
    diff: tuple[str, ...] = ()
    """Lines of a unified diff from the saved output to the new one."""
    images: tuple[Mapping[str, Json], ...] = ()
    """If an image differs, the MIME bundles of the saved output and of the new one, with nothing but that image."""


class Comparison:
    """Decides which outputs count as equal. `exact` ignores only what the user's patterns match."""

    def __init__(self, ignored: Sequence[re.Pattern[str]] = (), *, exact: bool = False) -> None:
        self._ignored = ignored
        self._exact = exact

    def differences(self, saved: Sequence[Raw], now: Sequence[Raw]) -> list[Difference]:
        """Returns the differences between two lists of nbformat outputs."""
        found = []
        for name in ("stdout", "stderr"):
            before, after = self._stream(saved, name), self._stream(now, name)
            if before != after:
                found.append(Difference(name, _diff(before, after)))
        sides = [[raw for raw in side if raw.get("output_type") != "stream"] for side in (saved, now)]
        olds, news = ([tuple(self._bundle(raw).items()) for raw in side] for side in sides)
        matcher = difflib.SequenceMatcher(None, olds, news, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes() if olds != news else ():
            if kind != "equal":
                pairs = zip_longest(olds[a:b], news[c:d], fillvalue=())
                raws: Iterable[tuple[Raw, Raw]] = zip_longest(sides[0][a:b], sides[1][c:d], fillvalue={})
                both = zip(pairs, raws, strict=True)
                found += [self._difference(dict(old), dict(new), raw) for (old, new), raw in both if old != new]
        return found

    def texts(self, outputs: Sequence[Raw]) -> Iterator[tuple[str, str]]:
        """Yields the parts that are compared, each with its name: streams, then the types of each output."""
        for name in ("stdout", "stderr"):
            if text := self._stream(outputs, name):
                yield name, text
        for raw in outputs:
            if raw.get("output_type") != "stream":
                yield from self._bundle(raw).items()

    def clean(self, text: str) -> str:
        """Returns the text with placeholders for what is ignored."""
        for pattern in self._ignored:
            text = pattern.sub("<ignored>", text)
        if not self._exact:
            for pattern, replacement in _COMPILED:
                text = pattern.sub(replacement, text)
        return text

    def _stream(self, outputs: Sequence[Raw], name: str) -> str:
        parts = [joined(raw.get("text")) for raw in outputs if raw.get("output_type") == "stream" and raw.get("name") == name]
        return self.clean(StreamText("".join(parts)).text())

    def _bundle(self, raw: Raw) -> dict[str, str]:
        """Returns an output's parts by type, as text that can be compared."""
        if raw.get("output_type") == "error":
            return {"error": self.clean(f"{joined(raw.get('ename'))}: {joined(raw.get('evalue'))}")}
        data = raw.get("data")
        return {mime: self._part(mime, value) for mime, value in sorted(data.items())} if isinstance(data, dict) else {}

    def _part(self, mime: str, value: Json) -> str:
        text = joined(value)
        if mime in _IMAGES:
            return _picture(text)
        if mime == WIDGET_VIEW:
            return ""
        if mime == SVG:
            return self.clean(_SVG_ID.sub("<id>", text))
        if is_json(mime):
            if is_deep(value):
                return f"nested more than {DEEPEST} levels deep"
            return self.clean(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False))
        return self.clean(text)

    def _difference(self, old: Mapping[str, str], new: Mapping[str, str], raws: tuple[Raw, Raw]) -> Difference:
        if not new:
            return Difference(f"{_best(old)}: there is none now", _diff(_text(old), ""))
        if not old:
            return Difference(f"{_best(new)}: there was none", _diff("", _text(new)))
        differing = [mime for mime in {**old, **new} if old.get(mime) != new.get(mime)]
        mime = min(differing, key=lambda mime: (_BEST_FIRST.index(mime) if mime in _BEST_FIRST else len(_BEST_FIRST), mime))
        if mime in _IMAGES and mime in old and mime in new:
            return Difference(f"image differs ({_sizes(old[mime], new[mime])})", images=_images(mime, raws))
        if mime == SVG and mime in old and mime in new:
            return Difference("image differs (SVG)", images=_images(mime, raws))
        if mime not in new or mime not in old:
            return Difference(f"{mime}: {'there is none now' if mime in old else 'there was none'}")
        return Difference(mime, _diff(old[mime], new[mime]))


def _images(mime: str, raws: tuple[Raw, Raw]) -> tuple[Mapping[str, Json], ...]:
    bundles = [raw.get("data") for raw in raws]
    return tuple({mime: data[mime]} for data in bundles if isinstance(data, dict))


def _best(bundle: Mapping[str, str]) -> str:
    return next((mime for mime in (*_BEST_FIRST, *bundle) if mime in bundle), "output")


def _text(bundle: Mapping[str, str]) -> str:
    mime = _best(bundle)
    return "" if mime in _IMAGES or mime == SVG else bundle.get(mime, "")


def _sizes(old: str, new: str) -> str:
    before, after = old.partition(" ")[0], new.partition(" ")[0]
    return after if before == after else f"{after}, was {before}"


def _picture(base64: str) -> str:
    """Returns the size and a digest of the pixels. If it can't be decoded, a digest of the bytes."""
    try:
        data = binascii.a2b_base64(base64)
    except ValueError:
        data = base64.encode()
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if getattr(image, "n_frames", 1) > 1:
                return f"animated {hashlib.sha256(data).hexdigest()}"
            size, pixels = image.size, image.convert("RGBA").tobytes()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # Pillow raises SyntaxError for a broken PNG
        return f"unreadable {hashlib.sha256(data).hexdigest()}"
    return f"{size[0]}\N{MULTIPLICATION SIGN}{size[1]} {hashlib.sha256(pixels).hexdigest()}"


def _diff(before: str, after: str) -> tuple[str, ...]:
    return tuple(_lines_of_diff(before.splitlines()[:_LONGEST], after.splitlines()[:_LONGEST]))


def _lines_of_diff(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    lines = difflib.unified_diff(before, after, "saved", "now", lineterm="", n=2)
    found = list(lines)
    if not found and before == after:
        yield "(only white space at the end, or far down, is different)"
    yield from found

"""Compares a cell's saved outputs with those of a new run, passing over what differs between any two runs (noise.py).

Streams are joined first, as a terminal would show them. Counts, metadata and tracebacks are left out. Images are compared by
pixels.
"""

from __future__ import annotations

import binascii
import difflib
import hashlib
import io
import json
import re
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING

from tuinb.headless.verify.noise import Kind, Noise, without_ids
from tuinb.mime import SVG, WIDGET_VIEW, is_json, joined
from tuinb.notebook.nesting import without_deep_parts
from tuinb.notebook.streams.text import StreamText
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from PIL import Image

    from tuinb.notebook.changes import Json

    Raw = Mapping[str, Json]

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
_BEST_FIRST = ("text/plain", "text/markdown", "text/latex", "text/html")
_WITH_IDS = frozenset({SVG, "text/html", "application/javascript"})
_IGNORED = "<ignored>"
_WORD = re.compile(r"\w+|[^\w\s]")
_LONGEST = 4000
"""Lines of a text that a diff considers. Its time grows with their square."""


class Difference(Record):
    what: str
    """The part of the outputs, such as `stdout` or `text/plain`, with a short description."""
    diff: tuple[str, ...] = ()
    """Lines of a unified diff from the saved output to the new one."""
    images: tuple[Mapping[str, Json], ...] = ()
    """If an image differs, the MIME bundles of the saved output and of the new one, with nothing but that image."""
    image_names: tuple[str, ...] = ("was", "is now")
    """What the images are."""


class Compared(Record):
    """The result of a comparison."""

    differences: tuple[Difference, ...]
    passed: Mapping[Kind, int]
    """How much differs that was passed over."""


class _Output(Record):
    """An output that is no stream: its parts by type, as text."""

    raw: Raw
    parts: Mapping[str, str]


class Comparison:
    """Decides which outputs count as equal. `exact` ignores only what the user's patterns match.

    `code` and `run` are those of Noise.
    """

    def __init__(
        self,
        ignored: Sequence[re.Pattern[str]] = (),
        *,
        exact: bool = False,
        code: str = "",
        run: tuple[float, float] | None = None,
    ) -> None:
        self._ignored = ignored
        self._exact = exact
        self._noise = Noise(code, run)

    def compare(self, saved: Sequence[Raw], now: Sequence[Raw]) -> Compared:
        """Compares two lists of nbformat outputs."""
        found: list[Difference] = []
        passed: Counter[Kind] = Counter()
        for name in ("stdout", "stderr"):
            before, after = self._settle(_stream(saved, name), _stream(now, name), passed)
            if before != after:
                found.append(Difference(f"{name}{self._reordered(before, after)}", _diff(before, after)))
        olds, news = ([self._output(raw) for raw in side if raw.get("output_type") != "stream"] for side in (saved, now))
        for old, new in self._aligned(olds, news):
            if old is None or new is None:
                found += [_only(side, is_new=old is None) for side in (old, new) if side is not None]
            elif (difference := self._difference(old, new, passed)) is not None:
                found.append(difference)
        return Compared(tuple(found), passed)

    def texts(self, outputs: Sequence[Raw]) -> Iterator[tuple[str, str]]:
        """Yields the parts that are compared, each with its name: streams, then the types of each output."""
        for name in ("stdout", "stderr"):
            if text := _stream(outputs, name):
                yield name, self._clean(text)
        for raw in outputs:
            if raw.get("output_type") != "stream":
                yield from self._key(self._output(raw))

    # ---- texts

    def _clean(self, text: str) -> str:
        """Returns the text with placeholders for what is passed over wherever it stands."""
        for pattern in self._ignored:
            text = pattern.sub(_IGNORED, text)
        return text if self._exact else self._noise.clean(text)

    def _settle(self, saved: str, now: str, passed: Counter[Kind]) -> tuple[str, str]:
        """Returns two texts with placeholders for what is passed over. Counts what differs of it."""
        if saved == now:
            return saved, now
        for pattern in self._ignored:
            matches = [[match[0] for match in pattern.finditer(text)] for text in (saved, now)]
            passed[Kind.IGNORED] += sum(one != other for one, other in zip_longest(*matches))
            saved, now = (pattern.sub(_IGNORED, text) for text in (saved, now))
        if not self._exact:
            saved, now, more = self._noise.settle(saved, now)
            passed += more
        return saved, now

    def _output(self, raw: Raw) -> _Output:
        # The saved output has lost them, if it had any.
        raw = without_deep_parts(raw)
        if raw.get("output_type") == "error":
            parts = {"error": f"{joined(raw.get('ename'))}: {joined(raw.get('evalue'))}"}
        else:
            data = raw.get("data")
            parts = {mime: self._part(mime, value) for mime, value in sorted(data.items())} if isinstance(data, dict) else {}
        return _Output(raw, parts)

    def _key(self, output: _Output) -> tuple[tuple[str, str], ...]:
        """Returns the parts without what is passed over. Outputs that are the same have mostly equal keys."""
        return tuple(
            (mime, text if mime in _IMAGES else self._clean(self._without_ids(mime, text)[0]))
            for mime, text in output.parts.items()
        )

    def _without_ids(self, mime: str, text: str) -> tuple[str, list[tuple[Kind, str]]]:
        has_ids = mime in _WITH_IDS or mime.startswith("application/vnd.bokeh")
        return without_ids(text) if has_ids and not self._exact else (text, [])

    def _part(self, mime: str, value: Json) -> str:
        """Returns a part of an output as text that can be compared."""
        text = joined(value)
        if mime in _IMAGES:
            return _picture(text)
        if mime == WIDGET_VIEW:
            return ""
        if is_json(mime):
            return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
        return text

    def _reordered(self, before: str, after: str) -> str:
        """Returns a note if two texts have the same lines or words in another order."""
        for what, sides in (
            ("lines", (before.splitlines(), after.splitlines())),
            ("words", (_WORD.findall(before), _WORD.findall(after))),
        ):
            if sides[0] != sides[1] and Counter(sides[0]) == Counter(sides[1]):
                return f" (the same {what} in another order{', of a set?' if self._noise.has_sets else ''})"
        return ""

    # ---- outputs

    def _aligned(self, olds: Sequence[_Output], news: Sequence[_Output]) -> Iterator[tuple[_Output | None, _Output | None]]:
        """Yields outputs that stand at one place, or one that the other side lacks."""
        if [one.parts for one in olds] == [one.parts for one in news]:
            return
        matcher = difflib.SequenceMatcher(None, list(map(self._key, olds)), list(map(self._key, news)), autojunk=False)
        for _, a, b, c, d in matcher.get_opcodes():
            yield from zip_longest(olds[a:b], news[c:d])

    def _difference(self, old: _Output, new: _Output, passed: Counter[Kind]) -> Difference | None:
        """Returns what differs between two outputs. Returns None if nothing does."""
        own: Counter[Kind] = Counter()
        settled = {mime: self._settle_part(mime, old, new, own) for mime in {**old.parts, **new.parts}}
        differing = [mime for mime, (before, after) in settled.items() if before != after]
        if not differing:
            passed += own
            return None
        # The text of a figure says nothing that its image does not show.
        mime = min(differing, key=lambda mime: (mime not in _IMAGES and mime != SVG, _rank(mime), mime))
        before, after = settled[mime]
        if before is None or after is None:
            return Difference(f"{mime}: {'there is none now' if after is None else 'there was none'}")
        if mime in _IMAGES or mime == SVG:
            what = "SVG" if mime == SVG else _changed(before, after, mime, old.raw, new.raw)
            return Difference(f"image differs ({what})", (), _images(mime, [old.raw, new.raw]))
        return Difference(f"{mime}{self._reordered(before, after)}", _diff(before, after))

    def _settle_part(self, mime: str, old: _Output, new: _Output, passed: Counter[Kind]) -> tuple[str | None, str | None]:
        before, after = old.parts.get(mime), new.parts.get(mime)
        if before is None or after is None or before == after or mime in _IMAGES:
            return before, after
        (before, olds), (after, news) = self._without_ids(mime, before), self._without_ids(mime, after)
        passed.update(kind for (kind, one), (_, other) in zip(olds, news, strict=False) if one != other)
        return self._settle(before, after, passed)


def _only(output: _Output, *, is_new: bool) -> Difference:
    """Returns the difference for an output that the other side lacks."""
    mime, text = _image(output.parts), _text(output.parts)
    diff = _diff("", text) if is_new else _diff(text, "")
    what = f"{_best(output.parts)}: {'there was none' if is_new else 'there is none now'}"
    return Difference(what, diff, _images(mime, [output.raw]) if mime else (), ("is now" if is_new else "was",))


def _stream(outputs: Sequence[Raw], name: str) -> str:
    parts = [joined(raw.get("text")) for raw in outputs if raw.get("output_type") == "stream" and raw.get("name") == name]
    return StreamText("".join(parts)).text()


def _image(parts: Mapping[str, str]) -> str | None:
    return next((mime for mime in parts if mime in _IMAGES or mime == SVG), None)


def _images(mime: str, raws: Sequence[Raw]) -> tuple[Mapping[str, Json], ...]:
    bundles = [raw.get("data") for raw in raws]
    return tuple({mime: data[mime]} for data in bundles if isinstance(data, dict))


def _rank(mime: str) -> int:
    return _BEST_FIRST.index(mime) if mime in _BEST_FIRST else len(_BEST_FIRST)


def _best(bundle: Mapping[str, str]) -> str:
    return _image(bundle) or next((mime for mime in (*_BEST_FIRST, *bundle) if mime in bundle), "output")


def _text(bundle: Mapping[str, str]) -> str:
    mime = _best(bundle)
    return "" if mime in _IMAGES or mime == SVG else bundle.get(mime, "")


def _changed(old: str, new: str, mime: str, *raws: Raw) -> str:
    """Returns the sizes of two images, or if these are equal how many pixels differ."""
    before, after = old.partition(" ")[0], new.partition(" ")[0]
    if before != after:
        return f"{after}, was {before}"
    if "\N{MULTIPLICATION SIGN}" not in after:
        return after
    data = [raw.get("data") for raw in raws]
    pixels = [_pixels(_bytes(joined(one[mime]))) for one in data if isinstance(one, dict)]
    from PIL import ImageChops

    one, other = (image for image in pixels if image is not None)
    share = 1 - ImageChops.difference(one, other).convert("RGB").convert("L").histogram()[0] / (one.width * one.height)
    return f"{after}, {'less than 1' if share < 0.01 else f'{100 * share:.0f}'} % of the pixels"


def _bytes(base64: str) -> bytes:
    try:
        return binascii.a2b_base64(base64)
    except ValueError:
        return base64.encode("utf-8", "surrogatepass")


def _pixels(data: bytes) -> Image.Image | None:
    """Returns a still image. Returns None if it is animated. Raises ValueError if it can't be decoded."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return None if getattr(image, "n_frames", 1) > 1 else image.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:  # Pillow raises SyntaxError for a broken PNG
        raise ValueError from error


def _picture(base64: str) -> str:
    """Returns the size and a digest of the pixels. If it can't be decoded, a digest of the bytes."""
    data = _bytes(base64)
    try:
        image = _pixels(data)
    except ValueError:
        return f"unreadable {hashlib.sha256(data).hexdigest()}"
    if image is None:
        return f"animated {hashlib.sha256(data).hexdigest()}"
    size = image.size
    return f"{size[0]}\N{MULTIPLICATION SIGN}{size[1]} {hashlib.sha256(image.tobytes()).hexdigest()}"


def _diff(before: str, after: str) -> tuple[str, ...]:
    return tuple(_lines_of_diff(before.splitlines()[:_LONGEST], after.splitlines()[:_LONGEST]))


def _lines_of_diff(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    lines = difflib.unified_diff(before, after, "saved", "now", lineterm="", n=2)
    found = list(lines)
    if not found and before == after:
        yield "(only white space at the end, or far down, is different)"
    yield from found

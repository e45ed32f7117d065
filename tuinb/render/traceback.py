"""Renders error outputs: the kernel's traceback, or else the name and value of the error.

A traceback of IPython is read (frames.py) and painted in the theme's colours. The error stands above it, too, in place of a
rule and a header, because it is what one looks for. Where the context says so, the frames of libraries are folded to a row that
can be opened. Tracebacks of other kernels have the colours that came with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.style import Style

from tuinb.mime import joined
from tuinb.render import ansi, frames
from tuinb.render.block import Line, Span, plain
from tuinb.render.layout.wrapped import TextBlock, TextLines, wrap
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.render.frames import Frame

_LONGEST = 200_000
"""Characters of a traceback that is read; a longer one is shown as it came."""
_LONGEST_SUMMARY = 2_000
_RUNNING = Style(underline=True)
"""Marks the part of a line that was running."""


def render_error(output: Mapping[str, Any], context: RenderContext) -> Block:
    """Renders an nbformat 4 output of type `error`. Ignores missing members and members of a wrong type."""
    parts = output.get("traceback")
    text = "\n".join(part for part in parts if isinstance(part, str)) if isinstance(parts, list) else ""
    name, value = (_text(output.get(key)) for key in ("ename", "evalue"))
    summary = f"{name}: {value}" if name and value else name or value or "an error without a name"
    if not text.strip():
        return TextBlock(TextLines(summary), context.width, context.styles, context.styles.role("error"))
    if len(text) <= _LONGEST and any(map(frames.PLACE.match, ansi.strip(text).split("\n"))):
        return Traceback(text.rstrip("\n"), name, summary, context)
    return TextBlock(TextLines(text), context.width, context.styles)


def _text(value: Any) -> str:  # noqa: ANN401
    return str(value) if isinstance(value, int | float) else joined(value)


class _Row(NamedTuple):
    line: Line
    pointer: str = ""
    is_node: bool = False


class Traceback:
    """The rows of a traceback of IPython. A FoldingBlock whose nodes are the frames of libraries that follow each other."""

    def __init__(self, text: str, name: str, summary: str, context: RenderContext) -> None:
        self._context = context
        self._name = name
        role = context.styles.role
        self._error, self._muted, self._place = role("error"), role("muted"), role("prompt")
        self._lines = _lines(text, context)
        texts = [plain(line) for line in self._lines]
        groups = frames.groups(frames.frames(texts))
        has_own = any(frame.is_frame and not frame.library for group in groups for frame in group)
        self.hides_frames = has_own and any(group[0].library for group in groups)
        """Whether frames are folded where the context says so. If all are of libraries, none is."""
        first = (Span(clean(summary[:_LONGEST_SUMMARY].partition("\n")[0]), self._error + Style(bold=True)),)
        self._rows = [_Row(row) for row in wrap(first, context.width)]
        self._is_chain = sum(bool(frames.HEADER.match(line)) for line in texts) > 1
        for number, group in enumerate(groups):
            self._rows += self._group(group, f"/{number}", texts)

    @property
    def height(self) -> int:
        return len(self._rows)

    def line(self, index: int) -> Line:
        return self._rows[index].line

    def node(self, index: int) -> str | None:
        """Returns the pointer of the frames that row `index` stands for, or None."""
        row = self._rows[index]
        return row.pointer if row.is_node else None

    def pointer(self, index: int) -> str:
        """Returns the pointer of the frames, or the text, to which row `index` belongs."""
        return self._rows[index].pointer

    def _group(self, group: Sequence[Frame], pointer: str, texts: Sequence[str]) -> Iterator[_Row]:
        folds = self._context.folds_frames and self.hides_frames and bool(group[0].library)
        is_open = pointer in self._context.toggled
        if folds:
            key = self._context.keys.get("toggle-output")
            note = f" ({key} opens)" if key and not is_open else ""
            row = wrap((Span(f"{'▾' if is_open else '▸'} {frames.title(group)}{note}", self._muted),), self._context.width)
            yield from (_Row(line, pointer, is_node=True) for line in row)
        if not folds or is_open:
            for frame in group:
                yield from (_Row(row, pointer) for row in self._frame(frame, texts))
        elif not texts[group[-1].last - 1].strip():
            yield _Row((), pointer)

    def _frame(self, frame: Frame, texts: Sequence[str]) -> Iterator[Line]:
        """Yields the rows of a frame, or of text."""
        code = self._code(range(frame.first, frame.last), texts) if frame.is_frame else {}
        for at in range(frame.first, frame.last):
            following = texts[at + 1] if at + 1 < len(texts) else ""
            if frames.RULE.match(texts[at]) and frames.HEADER.match(following):
                continue
            if not self._is_chain and frames.HEADER.match(texts[at]):
                continue
            line = code.get(at) or self._other(self._lines[at], texts[at], frame)
            yield from wrap(line, self._context.width) or [()]

    def _other(self, line: Line, text: str, frame: Frame) -> Line:
        """Returns a line that is not source."""
        if place := frames.PLACE.match(text):
            return self._placed(place["place"], place["function"], place["arguments"], text, is_own=not frame.library)
        if header := frames.HEADER.match(text):
            rest = header["rest"]
            gap = max(2, min(self._context.width, len(text)) - len(header["name"]) - len(rest))
            return (Span(header["name"], self._error), Span(" " * gap + rest, self._muted))
        name, colon, message = text.partition(":")
        if name == self._name:
            return (Span(name, self._error + Style(bold=True)), Span(colon + message))
        return line

    def _placed(self, place: str, function: str | None, arguments: str | None, text: str, *, is_own: bool) -> Line:
        from pygments.token import Name

        start = text.index(place)
        end = start + len(place)
        spans = [Span(text[:end], self._place if is_own else self._muted)]
        if function is not None:
            at = text.index(function, end) if function else end
            spans += [
                Span(text[end:at], self._muted),
                Span(function, self._context.styles.token(Name.Function) if is_own else self._muted),
                Span(arguments or "", self._muted),
            ]
        return tuple(span for span in spans if span.text)

    def _code(self, numbers: range, texts: Sequence[str]) -> dict[int, Line]:
        """Returns the lines of source in colour, by their numbers."""
        from tuinb.render.code.highlight import Highlighted

        found = {at: match for at in numbers if (match := frames.NUMBERED.match(texts[at]))}
        source = Highlighted("\n".join(match["code"] for match in found.values()), "python", self._context.styles)
        out = {}
        for index, (at, match) in enumerate(found.items()):
            is_running = (match["mark"] or "").endswith(">")
            gutter = Span(match["gutter"], self._error if is_running else self._muted)
            out[at] = (gutter, *_underlined(source.line(index), self._lines[at], width(match["gutter"])))
        return out


def _lines(text: str, context: RenderContext) -> list[Line]:
    state, lines = ansi.PLAIN, []
    for raw in text.split("\n"):
        line, state = ansi.spans(raw, state, context.styles)
        lines.append(line)
    return lines


def _underlined(code: Line, original: Line, columns: int) -> Line:
    """Returns a line of source, with the part underlined that has a background in the original, `columns` further right."""
    marked: set[int] = set()
    at = -columns
    for span in original:
        if span.style is not None and span.style.bgcolor is not None:
            marked.update(range(at, at + len(span.text)))
        at += len(span.text)
    if not marked:
        return code
    out: list[Span] = []
    at = 0
    for span in code:
        for character in span.text:
            style = (span.style or Style()) + _RUNNING if at in marked else span.style
            if out and out[-1].style == style:
                out[-1] = Span(out[-1].text + character, style)
            else:
                out.append(Span(character, style))
            at += 1
    return tuple(out)

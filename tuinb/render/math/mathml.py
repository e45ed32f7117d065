"""Draws MathML (the presentation elements of MathML Core) on a grid of characters.

There are two modes: one row for formulas within text (`a/b`, `x²`, `[1, 2; 3, 4]`), and as many rows as needed for display
formulas (fractions with a bar, limits above and below, matrices, tall fences). Scripts become Unicode superscripts and
subscripts if all their characters have one. Unsupported elements raise Unsupported, because an incomplete formula would
have another meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.render.block import Span
from tuinb.render.math.box import (
    Box,
    Gap,
    beside,
    fence,
    in_parentheses,
    is_atom,
    is_denominator,
    is_numerator,
    padded,
    side_by_side,
    stacked,
    text_box,
)
from tuinb.render.math.symbols import TALL, Kind, as_script, kind_of, letter, sign, spacing_of, with_accent
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from xml.etree.ElementTree import Element

    from tuinb.render.block import Line

_ITALIC, _BOLD = Style(italic=True), Style(bold=True)
_STYLES = {(False, False): None, (False, True): _ITALIC, (True, False): _BOLD, (True, True): _BOLD + _ITALIC}
"""Styles by (bold, italic)."""
_SPACE, _QUAD = 0.15, 0.9
"""Minimum width, in em, of a space of one column and of two columns."""
_INVISIBLE = frozenset("\u2061\u2062\u2063\u2064")
_BRACES = {"⏞": "┌┴┐", "⏟": "└┬┘"}
_ARROWS = frozenset("→←⟶⟵⇒⇐↔⇔↦")
_WRAPPERS = ("mrow", "mstyle", "mpadded", "math")


class Unsupported(Exception):  # noqa: N818 - a result, not an error
    """The formula has an element that can't be drawn."""


def draw(root: Element, *, flat: bool) -> Box:
    """Draws a formula, on one row if `flat`. Raises Unsupported."""
    return _Drawing(flat).of(root)


def flat_rows(root: Element) -> list[Box]:
    """Draws each line of a multiline formula (`align`, `gather`) on one row. Raises Unsupported."""
    table = root
    while len(table) == 1 and table.tag in _WRAPPERS:
        table = table[0]
    flat = _Drawing(flat=True)
    if table.tag != "mtable":
        return [flat.of(root)]
    return [flat.row([item for cell in row for item in cell]) for row in table]


class _Drawing:
    def __init__(self, flat: bool) -> None:
        self._flat = flat

    def of(self, element: Element) -> Box:
        """Draws any element. Raises Unsupported."""
        method = _ELEMENTS.get(element.tag)
        if method is None:
            raise Unsupported(element.tag)
        return method(self, element)

    def _script(self, element: Element) -> Box:
        return self.of(element) if self._flat else _Drawing(flat=True).of(element)

    # ---- rows and tokens

    def group(self, element: Element) -> Box:
        return self.row(list(element))

    def row(self, elements: Sequence[Element]) -> Box:
        """Draws elements side by side, with spaced operators and with fences as tall as their content."""
        made = [(e, None if e.tag in ("mo", "mspace") else self.of(e)) for e in elements]
        above = max((box.base for _, box in made if box is not None), default=0)
        below = max((box.below for _, box in made if box is not None), default=0)
        items: list[Box | Gap] = []
        for element, box in made:
            if box is not None:
                items.append(box)
            elif element.tag == "mo":
                items += _operator(element, above, below)
            else:
                items.append(Gap(_columns(element.get("width", ""))))
        return side_by_side(items)

    def operator(self, element: Element) -> Box:
        """Draws an operator that is a base or a script."""
        return beside(*(item for item in _operator(element, 0, 0) if isinstance(item, Box)))

    def identifier(self, element: Element) -> Box:
        text = _text(element)
        letters = [letter(char) for char in text]
        shown = "".join(each.char for each in letters)
        bold = bool(letters) and all(each.bold for each in letters)
        slanted = len(text) == 1 and letters[0].slanted and element.get("mathvariant") != "normal"
        return text_box(Span(clean(shown), _STYLES[bold, slanted]))

    def text(self, element: Element) -> Box:
        return text_box(
            *(Span(clean(text.replace("\n", " ").replace("\xa0", " ")), style) for text, style in _runs(element, None))
        )

    def empty(self, element: Element) -> Box:
        return text_box()

    def phantom(self, element: Element) -> Box:
        box = self.group(element)
        return Box(tuple((Span(" " * box.width),) for _ in box.rows), box.width, box.base)

    # ---- fractions and roots

    def fraction(self, element: Element) -> Box:
        top, bottom = self._pair(element)
        stacked_only = element.get("linethickness") == "0"
        if not self._flat:
            bar = text_box(Span((" " if stacked_only else "─") * max(top.width, bottom.width)))
            return stacked((top, bar, bottom), top.height, Kind.ATOM if stacked_only else Kind.FRACTION)
        if stacked_only:
            return beside(top, text_box(Span(" over ")), bottom)
        top = top if is_numerator(top.text) else in_parentheses(top)
        bottom = bottom if is_denominator(bottom.text) else in_parentheses(bottom)
        return beside(top, text_box(Span("/")), bottom, kind=Kind.FRACTION)

    def _pair(self, element: Element) -> tuple[Box, Box]:
        if len(element) != 2:
            raise Unsupported(element.tag)
        return self.of(element[0]), self.of(element[1])

    def square_root(self, element: Element) -> Box:
        return _root(self.group(element), "√")

    def root(self, element: Element) -> Box:
        if len(element) != 2:
            raise Unsupported(element.tag)
        index = self._script(element[1]).text
        small = as_script(index, up=True)
        if small is None:
            raise Unsupported(element.tag)
        return _root(self.of(element[0]), {"3": "∛", "4": "∜"}.get(index, small + "√"))

    # ---- scripts

    def scripts(self, element: Element) -> Box:
        down, up = element.tag != "msup", element.tag != "msub"
        if len(element) != 1 + down + up:
            raise Unsupported(element.tag)
        low = self._script(element[1]) if down else text_box()
        high = self._script(element[-1]) if up else text_box()
        return self._with_scripts(self.of(element[0]), low, high)

    def _with_scripts(self, base: Box, low: Box, high: Box) -> Box:
        small_low, small_high = as_script(low.text, up=False), as_script(high.text, up=True)
        if base.height == 1:
            if small_low is not None and small_high is not None:
                return beside(base, text_box(Span(small_low + small_high)), kind=_kind(base))
            if self._flat:
                return beside(base, _marked("_", low, small_low), _marked("^", high, small_high), kind=_kind(base))
        else:
            low = low if small_low is None else text_box(Span(small_low))
            high = high if small_high is None else text_box(Span(small_high))
        side = max(low.width, high.width)
        rows = [(*row, Span(" " * side)) for row in base.rows]
        at = base.base
        for script, row in ((high, 0), (low, len(rows) - 1)):
            if not script.width:
                continue
            line = padded(script, side, "left").rows[0]
            if base.height > 1:
                rows[row] = (*base.rows[row], *line)
            else:
                rows.insert(len(rows) if script is low else 0, (Span(" " * base.width), *line))
                at += script is high
        return Box(tuple(rows), base.width + side, at, _kind(base))

    def limits(self, element: Element) -> Box:
        """Draws accents, braces, limits, and arrows with text."""
        under, over = element.tag != "mover", element.tag != "munder"
        if len(element) != 1 + under + over:
            raise Unsupported(element.tag)
        base = self.of(element[0])
        if not (under and over) and element[1].tag == "mo":
            return self._accented(base, _text(element[1]), above=over)
        low = self._script(element[1]) if under else text_box()
        high = self._script(element[-1]) if over else text_box()
        if base.height == 1 and base.text.strip() in _ARROWS:
            return _on_arrow(base.text.strip(), low, high)
        if self._flat:
            return self._with_scripts(base, low, high)
        parts = [part for part in (high, base, low) if part.width]
        return stacked(parts, base.base + bool(high.width), base.kind) if parts else base

    def _accented(self, base: Box, mark: str, *, above: bool) -> Box:
        if mark in _BRACES:
            if self._flat:
                return base if is_atom(base.text) else in_parentheses(base)
            left, middle, right = tuple(_BRACES[mark])
            half, rest = divmod(max(0, base.width - 3), 2)
            brace = text_box(Span(left + "─" * half + middle + "─" * (half + rest) + right))
            return stacked((brace, base) if above else (base, brace), base.base + above)
        shown = with_accent(base.text, mark, above=above) if base.height == 1 and mark else None
        if shown is None:
            raise Unsupported(mark)
        return text_box(Span(clean(shown), base.rows[0][0].style if base.rows[0] else None))

    # ---- tables and frames

    def table(self, element: Element) -> Box:
        cells = [[cell for cell in row if not _is_margin(cell)] for row in element]
        looks = [[cell.get("style", "") for cell in row] for row in cells]
        boxes = [[self.row(list(cell)) for cell in row] for row in cells]
        lined = any("border" in look for row in looks for look in row)
        aligned = any("padding" in look for row in looks for look in row)
        if not self._flat:
            return _grid(boxes, looks, 1 if aligned else 2)
        if lined:
            raise Unsupported(element.tag)
        parts: list[Box] = []
        for row in boxes:
            between = text_box(Span("; "))
            for box in filter(lambda box: box.width, row):
                parts += [between, box]
                between = text_box(Span(" " if aligned else ", "))
        return beside(*parts[1:])

    def enclosed(self, element: Element) -> Box:
        inner = self.group(element)
        if element.get("notation") != "box":
            raise Unsupported(element.tag)
        if self._flat:
            return beside(text_box(Span("[")), inner, text_box(Span("]")))
        edge = "─" * (inner.width + 2)
        rows = [(Span("│ "), *line, Span(" │")) for line in inner.rows]
        return Box(((Span(f"┌{edge}┐"),), *rows, (Span(f"└{edge}┘"),)), inner.width + 4, inner.base + 1)


def _operator(element: Element, above: int, below: int) -> Iterator[Box | Gap]:
    text = "".join(char for char in _text(element) if char not in _INVISIBLE)
    before, after = spacing_of(text)
    yield Gap(_gap(element.get("lspace"), before))
    if text in TALL and element.get("stretchy") != "false":
        yield fence(text, above, below, kind_of(text))
    elif text:
        yield text_box(Span(clean(sign(text))), kind=kind_of(text) if len(text) == 1 else Kind.ATOM)
    yield Gap(_gap(element.get("rspace"), after))


def _gap(stated: str | None, otherwise: bool) -> int:
    return int(otherwise) if stated is None else min(1, _columns(stated))


def _columns(length: str) -> int:
    """Returns the columns for a length in em or rem. Returns 0 for other units."""
    try:
        em = float(length.removesuffix("em").removesuffix("r"))
    except ValueError:
        return 0
    return 0 if em < _SPACE else 1 if em < _QUAD else 2


def _kind(base: Box) -> Kind:
    return base.kind if base.kind in (Kind.BIG, Kind.CLOSE) else Kind.ATOM


def _marked(mark: str, script: Box, small: str | None) -> Box:
    if small is not None:
        return text_box(Span(small))
    bare = len(script.text) == 1 or (script.text.isascii() and script.text.isalnum())
    return beside(text_box(Span(mark)), script if bare else in_parentheses(script))


def _root(inner: Box, sign: str) -> Box:
    if inner.height == 1:
        return beside(text_box(Span(sign)), inner if is_atom(inner.text) else in_parentheses(inner))
    indent = " " * (len(sign) - 1)
    rows: list[Line] = [(Span(f"{indent}┌{'─' * inner.width}"),)]
    rows += [(Span(sign if line is inner.rows[-1] else f"{indent}│"), *line) for line in inner.rows]
    return Box(tuple(rows), inner.width + len(sign), inner.base + 1)


def _on_arrow(arrow: str, low: Box, high: Box) -> Box:
    """Draws an arrow with text on it. Text from below the arrow is put in brackets."""
    words = [*high.rows[0], *((Span("["), *low.rows[0], Span("]")) if low.width else ())]
    left = arrow in "←⟵⇐"
    spans = [Span(arrow if left else "─"), *words, Span("─" if left else arrow)]
    return beside(text_box(Span(" ")), text_box(*spans), text_box(Span(" ")), kind=Kind.OPERATOR)


def _grid(boxes: list[list[Box]], looks: list[list[str]], gap: int) -> Box:
    """Draws a table with natural column widths, and with the rules that its cells request."""
    count = max(map(len, boxes), default=0)
    widths = [max((row[i].width for row in boxes if i < len(row)), default=0) for i in range(count)]
    tall = any(box.height > 1 for row in boxes for box in row)
    rows: list[Box] = []
    for number, (row, style) in enumerate(zip(boxes, looks, strict=True)):
        parts: list[Box] = []
        for i, width in enumerate(widths):
            box = row[i] if i < len(row) else text_box()
            look = style[i] if i < len(style) else ""
            parts.append(padded(box, width, "right" if "align: right" in look else "left" if "align: left" in look else ""))
            if i + 1 < count:
                parts.append(text_box(Span(" │ " if "border-right" in look else " " * gap)))
        line = beside(*parts)
        if any("border-top" in look for look in style):
            rows.append(text_box(Span("─" * line.width)))
        elif number and tall:
            rows.append(text_box(Span(" " * line.width)))
        rows.append(line)
    height = sum(row.height for row in rows)
    return stacked(rows, (height - 1) // 2) if rows else text_box()


def _is_margin(cell: Element) -> bool:
    """Whether a cell only centres the others on a web page."""
    return not len(cell) and "width" in cell.get("style", "")


def _text(element: Element) -> str:
    if len(element):
        raise Unsupported(element.tag)
    return "".join(char for char in element.text or "" if not "\ufe00" <= char <= "\ufe0f")


def _runs(element: Element, style: Style | None) -> Iterator[tuple[str, Style | None]]:
    """Yields the text of an element, with the styles of its bold and italic parts."""
    if element.text:
        yield element.text, style
    for child in element:
        mark = {"b": _BOLD, "i": _ITALIC}.get(child.tag)
        yield from _runs(child, style if mark is None else mark if style is None else style + mark)
        if child.tail:
            yield child.tail, style


_ELEMENTS: dict[str, Callable[[_Drawing, Element], Box]] = {
    **dict.fromkeys(_WRAPPERS, _Drawing.group),
    "mi": _Drawing.identifier,
    **dict.fromkeys(("mn", "mtext", "ms"), _Drawing.text),
    "mo": _Drawing.operator,
    "mspace": _Drawing.empty,
    "mphantom": _Drawing.phantom,
    "mfrac": _Drawing.fraction,
    "msqrt": _Drawing.square_root,
    "mroot": _Drawing.root,
    **dict.fromkeys(("msub", "msup", "msubsup"), _Drawing.scripts),
    **dict.fromkeys(("munder", "mover", "munderover"), _Drawing.limits),
    "mtable": _Drawing.table,
    "menclose": _Drawing.enclosed,
}

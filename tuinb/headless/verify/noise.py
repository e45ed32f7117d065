"""Knows what differs between two runs of the same code: times, addresses, ids. A mask acts in its context alone.

A clock is passed over in a line of a log, `5 ms` in what `%timeit` prints, `0x7f0012345678` in a repr. Dates and times that
stand alone are passed over only if the new one is the time of the run; measured seconds only if the code reads a clock; numbers
only if the code asks for addresses. Two texts are compared line by line: a mask passes over what it matched in both lines, and
counts it if it differs.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

from tuinb.headless.verify.set_order import with_sorted_sets
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class Kind(StrEnum):
    """What is passed over."""

    TIME = "time"
    ADDRESS = "address"
    ID = "id"
    PATH = "path"
    MEMORY = "size of memory"
    COUNT = "execution count"
    SET_ORDER = "order of a set"
    IGNORED = "match of your patterns"

    def counted(self, number: int) -> str:
        """Returns the number with the noun."""
        plural = {Kind.ADDRESS: "addresses", Kind.MEMORY: "sizes of memory", Kind.SET_ORDER: "orders of sets"}
        plural[Kind.IGNORED] = "matches of your patterns"
        return f"{number} {self if number == 1 else plural.get(self, f'{self}s')}"


class _Mask(NamedTuple):
    kind: Kind
    pattern: re.Pattern[str]
    within: re.Pattern[str] | None = None
    """The context. Without one, the pattern has it."""
    evidence: re.Pattern[str] | None = None
    """What the code must contain."""
    is_moment: bool = False
    """Whether it is a date or a time, which must be that of the run."""


def _mask(kind: Kind, pattern: str, within: str = "", evidence: str = "", *, is_moment: bool = False) -> _Mask:
    context, proof = (re.compile(text) if text else None for text in (within, evidence))
    return _Mask(kind, re.compile(pattern), context, proof, is_moment)


_LEVEL = r"(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)"
_STAMP = r"(?:(?:\d{4}|\d\d)[-/]\d\d[-/]\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d+)?"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:\.\d+)?"
_DAY, _MONTH = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_READS_CLOCK = (
    r"\b(?:perf_counter|process_time|monotonic|default_timer|timeit|time_ns)\b|\btime\.time\b|\b(?:time|clock)\(\)|\b(?:utc)?now\("
    r"|%time\b"
)
_AMOUNT = r"(?:[\d.]+ ?[^\W\d]{1,5} ?){1,3}"
_PATH = r"[^\s'\"<>()]"
_IN_REPR = r"(?:<|&lt;).*"
_MASKS: Sequence[_Mask] = (
    _mask(Kind.ADDRESS, r"(?<= at )0x[0-9a-fA-F]{5,16}\b", _IN_REPR),
    _mask(Kind.ADDRESS, r"(?<=\) at )0x[0-9a-fA-F]{9,16}\b"),
    # what sklearn's HTML leaves of one, in a text that it cuts at its start
    _mask(Kind.ADDRESS, r"(?<=\.\.\.)[\w .]{0,20}?x?[0-9a-f]{6,12}(?=>|&gt;)"),
    _mask(
        Kind.ADDRESS,
        r"(?<![\w.])(?:0x[0-9a-fA-F]{9,16}|\d{12,15})\b(?!\.\d)",
        evidence=r"\bid\(|data_ptr\(|\bctypes\b|__array_interface__",
    ),
    _mask(Kind.ID, r"(?<![\w.])-?\d{16,19}\b(?!\.\d)", evidence=r"(?<![\w.])hash\("),
    _mask(Kind.ID, r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", evidence=r"\buuid"),
    _mask(Kind.COUNT, r"(?<=[Cc]ell In)\[\d+\]|(?<=Input In) ?\[\d+\]|(?<=<ipython-input-)\d+-\w+"),
    _mask(Kind.PATH, r"\bipykernel_\d+[/\\]\d+\b"),
    _mask(Kind.PATH, r"(?:/private)?(?:/var/tmp|/var/folders/[\w/+]+/T|/tmp|/dev/shm)/tmp[a-z0-9_]{8}\b"),
    _mask(Kind.PATH, rf"(?<!{_PATH}){_PATH}+/(?:(?:site|dist)-packages|lib/python3\.\d+)/"),
    # timing magics
    _mask(Kind.TIME, r"(?<=times: ).*|(?<=time: ).*", r"^(?:CPU times|Wall time): .*"),
    _mask(
        Kind.TIME,
        rf"^(?:<TimeitResult ?: )?{_AMOUNT}± {_AMOUNT}per loop \(mean ± std\. dev\. of \d+ runs?, [\d,]+ loops? each\)>?"
        r"|^[\d,]+ loops?, best of \d+: [\d.]+ ?[^\W\d]{1,5} per loop",
    ),
    _mask(Kind.MEMORY, r"-?\d+\.\d+ MiB", r"^peak memory: .*"),
    # logs
    _mask(Kind.TIME, rf"(?<!\d){_STAMP}", rf"^\W?(?:{_LEVEL}\W{{1,3}}|[DIWEC] )\W?{_STAMP}"),
    _mask(Kind.TIME, _STAMP, rf"^\W?{_STAMP}(?=\W{{1,3}}(?:.{{0,80}}?\b{_LEVEL}\b|[IWEF] ))"),
    _mask(Kind.TIME, _STAMP, r"^\W?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\b"),
    _mask(Kind.TIME, r"\d{4} \d\d:\d\d:[\d.]+ +\d+", r"^[IWEF]\d{4} .*\]"),
    # progress
    _mask(Kind.TIME, r"(?<=\[)[\d:?]+<[\d:?]+, *(?:[\d.?]+ ?\w+/s|[\d.?]+s/\w+)|(?<=\[)[\d:]{5,}, *[\d.?]+ ?\w+/s"),
    _mask(Kind.TIME, r"(?<=[━\]] )(?:- )?(?:\d+[hms])+(?: \d+(?:\.\d+)?\w{1,2}/(?:step|epoch|sample))?", r"^\s*\d+/\d+ .*"),
    _mask(Kind.TIME, r"(?<=elapsed:) *[\d.]+\w+|(?<=total time=) *[\d.]+\w+", r"^\[(?:Parallel\(|CV).*"),
    _mask(Kind.TIME, r"(?<=>).*?(?=</dc:date>)", r"<dc:date>.*"),
    _mask(
        Kind.TIME,
        r"(?<=array\(\[)[^]]+|(?:(?<=: )|(?<=\())\d[\d.]*(?:e[-+]?\d+)?",
        r"(?:'(?:\w+_)?time'|(?:me|st)\.\.\.me&#x27;): (?:np\.float64\(\d|array\(\[|\d)[^]')]*",
    ),
    # what the code measures
    _mask(
        Kind.TIME,
        r"\b\d+\.\d+(?:e[-+]?\d+)? ?(?:ns|µs|μs|us|ms|s|secs?|seconds?)\b|\b\d+ ?(?:ns|µs|μs|ms)\b",
        evidence=_READS_CLOCK,
    ),
    _mask(
        Kind.TIME,
        r"\b\d+\.\d+(?:e[-+]?\d+)?\b",
        r"(?i)\b(?:took|elapsed|duration|(?:run|wall|execution|training|total)[ _]?time|time (?:taken|elapsed|spent))\b"
        r"\W{1,3}\d+\.\d+",
        _READS_CLOCK,
    ),
    _mask(Kind.TIME, r"\b\d+:\d\d:\d\d\.\d{6}\b", evidence=_READS_CLOCK),
    # the present
    _mask(
        Kind.TIME,
        r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z\b|UTC|[-+]\d\d:?\d\d))?)?",
        is_moment=True,
    ),
    _mask(
        Kind.TIME,
        rf"\b{_DAY},? (?:{_MONTH} +\d+|\d+ {_MONTH})(?: \d{{4}})? {_CLOCK}(?: [A-Z]{{2,5}})?(?: \d{{4}})?",
        is_moment=True,
    ),
    _mask(Kind.TIME, r"\bdatetime\.date(?:time)?\(\d{4}(?:, \d+){2,6}", is_moment=True),
    _mask(Kind.TIME, r"(?<![\d.])[12]\d{9}(?:\.\d+|\d{3}|\d{9})?(?![\d.])", is_moment=True),
    _mask(Kind.TIME, rf"\b{_CLOCK}\b", is_moment=True),
)  # fmt: skip
_HAS_SETS = re.compile(r"\bset\(|\bfrozenset\(|\{[^{}:]*(?:,[^{}:]*|\bfor\b[^{}]*)\}")
_COLORS = re.compile(r"\x1b\[[0-9;:]*m")
_SOMETIMES = re.compile(
    r"^The (?:slowest|fastest) run took .*\n(?:This could mean that an intermediate result is being cached\.?\n)?"
    r"|^(?:Compiler|Parser) *: [\d.]+ \w+\n",
    re.MULTILINE,
)
"""Lines that timing magics print in some runs."""
_HTML_ID = re.compile(r"\bid\s*=\s*[\"']?([^\"'\s>]+)")
_RANDOM = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-zA-Z])[0-9a-f]{8,}|(?<=[a-z])[0-9a-f]{10,}|(?<=\bT_)[0-9a-f]{5}(?![0-9a-f])"
)
_COUNTED = re.compile(r"\b(sk-(?:container|estimator)-id-)(\d+)\b")
_REFIT = re.compile(r"(refit_time_: float.{0,600}?<td>)([\d.e-]+)", re.DOTALL)
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
_MARK, _FIRST, _MOST = "\0", 0xE000, 6000
"""A value is replaced by a zero and a character of its number, in a line that has no zeros of its own."""
_SLOT = re.compile(f"{_MARK}([{chr(_FIRST)}-{chr(_FIRST + _MOST)}])")
_LONGEST = 4000
"""Lines between which pairs are looked for. The time grows with their square."""
_ZONES = 15 * 3600
"""Seconds that the clock of a time zone is off at most, and a little more."""


class _Line(Record):
    """A line without the values that masks found in it."""

    text: str
    values: tuple[tuple[_Mask, str], ...]

    def shape(self) -> tuple[str, tuple[Kind, ...]]:
        return self.text, tuple(mask.kind for mask, _ in self.values)

    def filled(self, values: Sequence[str]) -> str:
        """Returns the line with other values."""

        def fill(text: str) -> str:  # a later mask may have matched around an earlier one
            return _SLOT.sub(lambda slot: fill(values[ord(slot[1]) - _FIRST]), text)

        return fill(self.text)

    def clean(self) -> str:
        """Returns it with placeholders, but for dates and times that stand alone."""
        return self.filled([value if mask.is_moment else f"<{mask.kind}>" for mask, value in self.values])


class Noise:
    """Passes over what no run repeats.

    `code` is the source of all cells, `run` the begin and the end of the time in which the new outputs were made, by the clock.
    """

    def __init__(self, code: str = "", run: tuple[float, float] | None = None) -> None:
        self.has_sets = _HAS_SETS.search(code) is not None
        """Whether the code makes sets."""
        self._run = run
        self._masks = [
            mask
            for mask in _MASKS
            if (mask.evidence is None or mask.evidence.search(code)) and (run is not None or not mask.is_moment)
        ]
        self._read = lru_cache(maxsize=20_000)(self._read_line)

    def clean(self, text: str) -> str:
        """Returns the text with placeholders for what is passed over wherever it stands."""
        text = _without_optional(text)
        return "\n".join(self._read(line).clean() for line in text.split("\n"))

    def settle(self, saved: str, now: str) -> tuple[str, str, Counter[Kind]]:
        """Returns both texts with placeholders for what is passed over, and how much of it differs."""
        passed: Counter[Kind] = Counter()
        if saved == now:
            return saved, now, passed
        lines = [_without_optional(text).split("\n") for text in (saved, now)]
        for one, other in self._pairs(*lines):
            before, after = lines[0][one], lines[1][other]
            if before != after:
                lines[0][one], lines[1][other] = self._settle_lines(before, after, passed)
        return "\n".join(lines[0]), "\n".join(lines[1]), passed

    def _pairs(self, saved: Sequence[str], now: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yields the places of lines that belong together."""
        if len(saved) == len(now) and all(
            one == other or self._read(one).shape() == self._read(other).shape() for one, other in zip(saved, now, strict=True)
        ):
            yield from zip(range(len(saved)), range(len(now)), strict=True)
            return
        before, after = ([self._read(line).clean() for line in side[:_LONGEST]] for side in (saved, now))
        for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if kind in {"equal", "replace"}:
                yield from zip(range(a, b), range(c, d), strict=False)
        yield from zip(range(_LONGEST, len(saved)), range(_LONGEST, len(now)), strict=False)

    def _settle_lines(self, saved: str, now: str, passed: Counter[Kind]) -> tuple[str, str]:
        one, other = self._read(saved), self._read(now)
        if one.shape() == other.shape():
            olds, news = [], []
            for (mask, old), (_, new) in zip(one.values, other.values, strict=True):
                if old != new and (not mask.is_moment or self._is_moment_of_run(new)):
                    passed[mask.kind] += 1
                    old = new = f"<{mask.kind}>"
                olds.append(old)
                news.append(new)
            return one.filled(olds), other.filled(news)
        before, after = one.clean(), other.clean()
        if (sets := with_sorted_sets(before)) is not None and sets == with_sorted_sets(after):
            passed[Kind.SET_ORDER] += 1
            return sets, sets
        return before, after

    def _read_line(self, line: str) -> _Line:
        """Takes the values out of a line."""
        text = line.replace(_MARK, "")
        found: list[tuple[_Mask, str]] = []

        for mask in self._masks:

            def take(match: re.Match[str], mask: _Mask = mask) -> str:
                if not match[0] or len(found) == _MOST:
                    return match[0]
                found.append((mask, match[0]))
                return f"{_MARK}{chr(_FIRST + len(found) - 1)}"

            if mask.within is None:
                text = mask.pattern.sub(take, text)
            else:
                text = mask.within.sub(partial(_inside, mask.pattern, take), text)
        return _Line(text, tuple(found))

    def _is_moment_of_run(self, text: str) -> bool:
        assert self._run is not None
        return _is_near(text, *self._run)


def _inside(pattern: re.Pattern[str], take: Callable[[re.Match[str]], str], context: re.Match[str]) -> str:
    return pattern.sub(take, context[0])


def _is_near(text: str, start: float, end: float) -> bool:
    """Returns whether a date or a time may be that of a run."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if re.fullmatch(_CLOCK, text):
        seconds = (numbers[0] * 60 + numbers[1]) * 60 + numbers[2]
        offset = datetime.fromtimestamp(start).astimezone().utcoffset() or timedelta()
        return any((seconds - start - zone + 5) % 86400 <= end - start + 10 for zone in (0.0, offset.total_seconds()))
    if text.isdigit() or text.replace(".", "").isdigit():
        return start - 5 <= numbers[0] / 10.0 ** (len(str(numbers[0])) - 10) <= end + 5
    if (month := re.search(_MONTH, text)) is None:
        return _is_near_date(numbers[:6], start, end)
    year = next((number for number in numbers if number > 1000), datetime.fromtimestamp(end, UTC).year)
    day, hour, minute, second, *_ = (number for number in numbers if number < 1000)
    return _is_near_date([year, (_MONTH.index(month[0]) - 3) // 4 + 1, day, hour, minute, second], start, end)


def _is_near_date(fields: Sequence[int], start: float, end: float) -> bool:
    year, month, day, hour, minute, second = (*fields, 0, 0, 0)[:6]
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return False
    return start - _ZONES - (0 if len(fields) > 3 else 86400) <= moment <= end + _ZONES


def _without_optional(text: str) -> str:
    return _SOMETIMES.sub("", _COLORS.sub("", text))


def without_ids(html: str) -> tuple[str, list[tuple[Kind, str]]]:
    """Returns HTML or SVG with placeholders for the random parts of the ids that it defines, wherever these stand.

    Also returns what was replaced, once for each.
    """
    found = dict.fromkeys(part for name in _HTML_ID.findall(html) for part in _RANDOM.findall(name))
    found |= dict.fromkeys(_UUID.findall(html))
    taken = [(Kind.ID, part) for part in found]
    for number, part in enumerate(found, 1):
        html = html.replace(part, f"<id {number}>")
    for kind, pattern in ((Kind.ID, _COUNTED), (Kind.TIME, _REFIT)):
        taken += [(kind, value) for value in dict.fromkeys(match[2] for match in pattern.finditer(html))]
        html = pattern.sub(rf"\1<{kind}>", html)
    return html, taken


def total(counts: Iterable[Mapping[Kind, int]]) -> Counter[Kind]:
    """Returns the sum of counts."""
    found: Counter[Kind] = Counter()
    for count in counts:
        found.update(count)
    return found


def described(passed: Mapping[Kind, int]) -> str:
    """Returns what was passed over, such as `3 times, 1 address`."""
    return ", ".join(starmap(Kind.counted, sorted(passed.items())))

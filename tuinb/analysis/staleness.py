"""Judges which cells no longer follow from the cells above, by the runs of one kernel and the names in their sources.

A cell follows if, for each name that it used, the run that set it and the runs that changed it are the last runs of just the
cells that the page above gives, and none of these is stale. Two namespaces are followed: the kernel's, run by run, and the
page's, cell by cell. Each name has a version in both: a number for the history of its value. Equal versions are equal
histories.
A value that follows from its text and from other names (an import, a function, `x = 3`) has a version of these, so that running
its cell again changes nothing.

Nothing here says that a cell is up to date: what is not found is not known. `Staleness` is not thread-safe.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from tuinb.analysis.bodies import hits, merged, mutated_by
from tuinb.analysis.cell_code import code_of, names_in
from tuinb.analysis.dataflow import BUILT_IN
from tuinb.analysis.effects import Body
from tuinb.analysis.names import STAR, effects_of
from tuinb.notebook.changes import CellId
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

    from tuinb.analysis.effects import Definition, Effects, Slots

    Page: TypeAlias = Sequence[tuple[CellId, str]]
    """The code cells from top to bottom, with their sources."""

_ANY: Final = "*any"
"""Stands for the names that code which is not understood may have changed."""
OUTSIDE: Final = CellId("")
"""Stands for code that was run, and is no cell of the notebook."""
_GENERATOR: Final = "~"
"""The first character of a name that stands for the state of a module's random generator."""


class Why(Enum):
    """Why a cell no longer follows."""

    STALE = "stale"
    """A cell that gave a name is stale."""
    EDITED = "edited"
    """A cell that gives a name was edited, and not run since."""
    SET_AGAIN = "set again"
    CHANGED_AGAIN = "changed again"
    UNSET = "unset"
    """No cell above sets the name any more: it was run again with another source, or one between deletes the name."""
    UNCHANGED = "unchanged"
    """A cell above that changed the value was run again with another source, and no longer does."""
    BELOW = "below"
    """The value comes from a cell below."""
    DELETED = "deleted"
    """The value comes from a cell that is deleted."""
    OUTSIDE = "outside"
    """The value comes from code that is no cell: of `tuinb do exec --silent`, or of another client of the kernel."""
    OWN = "own"
    """The cell ran on its own result."""
    NOT_RUN = "not run"
    """The cell that sets it did not run on this kernel."""


_WORDS: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.STALE: "cell {cell} is stale ({name})",
        Why.EDITED: "cell {cell} was edited ({name})",
        Why.SET_AGAIN: "{name} set again in cell {cell}",
        Why.CHANGED_AGAIN: "{name} changed again in cell {cell}",
        Why.UNSET: "{name} {is_} no longer set above",
        Why.UNCHANGED: "{name} {is_} no longer changed in cell {cell}",
        Why.BELOW: "{name} {comes} from cell {cell}, below",
        Why.DELETED: "{name} {comes} from a deleted cell",
        Why.OUTSIDE: "{name} {comes} from code that is no cell",
        Why.OWN: "ran on its own result: {name}",
        Why.NOT_RUN: "{name}: cell {cell} has not run",
    }
)


class Reason(Record):
    """Why a cell no longer follows from those above."""

    why: Why
    name: str
    cell: CellId | None = None
    """The other cell."""
    is_missing: bool = False
    """Whether the cell uses the name as the page is now, and no cell above gives it."""

    def describe(self, number: Callable[[CellId], int]) -> str:
        """Returns a few words. `number` returns the number of a cell of the page, from 1."""
        is_random = self.name.startswith(_GENERATOR)
        name = "random numbers" if is_random else "a star import" if self.name == STAR else self.name
        verbs = {"comes": "come" if is_random else "comes", "is_": "are" if is_random else "is"}
        cell = "" if self.cell is None else str(number(self.cell))
        return _WORDS[self.why].format(name=name, cell=cell, **verbs)


class Judgement(Record):
    """What is known against a cell."""

    reasons: tuple[Reason, ...] = ()
    """Found by names. The cell is stale if there are any."""
    perhaps: str = ""
    """A name that may have changed since. Empty if there is none, or if the cell is stale."""

    @property
    def fails(self) -> Reason | None:
        """Returns the reason why it may fail on a fresh kernel: a name that no cell above sets."""
        return next((reason for reason in self.reasons if reason.is_missing), None)

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether a name came from no cell above. One above may set it, too."""
        return any(reason.why in {Why.DELETED, Why.BELOW, Why.OUTSIDE} for reason in self.reasons)


NOTHING_KNOWN: Final = Judgement()


class NameUse(Record):
    """The cells that a name is set, changed and used in, from top to bottom."""

    name: str
    set_in: tuple[CellId, ...]
    changed_in: tuple[CellId, ...]
    used_in: tuple[CellId, ...]


class Origin(Record):
    """The cells whose runs gave a name its value. Either may be deleted by now, or be OUTSIDE."""

    set_in: CellId
    changed_in: CellId
    """The cell that changed it last. The same as `set_in` if none did."""


# ---- versions


_Key: TypeAlias = tuple[object, ...]
"""Stands for what a run did: its number, a cell and a source that did not run, or a source with the versions that it used.

The last is for sources that reach nothing outside the kernel: with the same values they do the same.
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Value:
    """The value of a name. There is one object for each history."""

    version: int
    loose: int
    """A version that also counts what may have changed the value."""
    cell: CellId
    """The cell that set or changed it last."""
    before: _Value | None
    """The value that this one was changed from. None if it was set."""
    body: Body | None = None
    """What its functions do."""
    module: str = ""
    repeats: bool = False
    """Whether it follows from sources alone, and from what the kernel was asked for."""
    stale: CellId | None = None
    """A stale cell that gave it. The kernel's values have none."""
    shares: tuple[str, int] | None = None
    """The name whose object it is, or is a view of, and the version of that one's value then."""
    is_iterator: bool = False
    """Whether it is used up when it is read."""
    holds: tuple[tuple[str, int], ...] = ()
    """The names whose objects its functions have as defaults, with the versions of their values then."""

    def events(self) -> Iterator[_Value]:
        """Yields the values that it was made of, the latest first, without what may have changed it."""
        value: _Value | None = self
        while value is not None:
            if value.before is None or value.before.version != value.version:
                yield value
            value = value.before


_SOURCE: Final = "source"

_Namespace: TypeAlias = "dict[str, _Value | None]"
_Lookup: TypeAlias = "Callable[[str], _Value | None]"


@dataclass(slots=True)
class _Run:
    """The last run of a cell on this kernel."""

    key: _Key
    source: str
    ok: bool
    seen: dict[str, _Value | None]
    """The values of the names that it used, before it ran."""
    annotated: dict[str, _Value]
    """The values of the names that only its annotations use. They matter by being there."""


@dataclass(slots=True)
class _Judged:
    """The judgement of a cell, with everything that it depends on."""

    source: str
    run: _Run | None
    names: tuple[str, ...]
    inputs: tuple[_Value | None, ...]
    """The page's values of `names` above the cell."""
    results: _Namespace
    judgement: Judgement


@dataclass(slots=True)
class _Doing:
    """A source that is run in one of the two namespaces: what sets and changes names, and where."""

    effects: Effects
    source: str
    cell: CellId
    run: _Key
    ok: bool
    stale: CellId | None
    fails: bool
    """Whether it may fail, for want of a name."""
    get: _Lookup
    reached: _Reached
    """What it uses and calls by that namespace."""
    results: _Namespace = field(default_factory=dict)

    @property
    def repeats(self) -> bool:
        """Whether it does the same again with the same values."""
        return self.run[0] == _SOURCE

    def now(self, name: str) -> _Value | None:
        return self.results[name] if name in self.results else self.get(name)


class _Places(Record):
    """The page by cells."""

    place: Mapping[CellId, int]
    source: Mapping[CellId, str]


class Staleness:
    """The runs of one kernel, and the judgement of the page by them."""

    def __init__(self) -> None:
        self._count = 0
        self.forget_kernel()

    def forget_kernel(self) -> None:
        """Begins anew: the kernel and its names are gone."""
        self._numbers: dict[_Key, int] = {}
        self._values: dict[_Key, _Value] = {}
        self._stars: dict[int, frozenset[str]] = {}
        self._kernel: _Namespace = {}
        self._runs: dict[CellId, _Run] = {}
        self._judged: dict[CellId, _Judged] = {}
        self._order: list[CellId] = []

    def ran(self, cell: CellId, source: str, *, ok: bool) -> None:
        """Notes a run with the source that was sent, in the order of execution. `ok` is whether it ended without an error."""
        self._count += 1
        effects, get = effects_of(source), self._kernel.get
        reached = _reach(effects, get)
        seen = {name: get(name) for name in reached.names}
        key = (_key_of(effects, source, seen) if ok else None) or (self._count,)
        annotated = {name: value for name in _annotated(effects, get) if (value := get(name)) is not None}
        self._kernel.update(self._run(_Doing(effects, source, cell, key, ok, None, False, get, reached)))
        self._runs[cell] = _Run(key, source, ok, seen, annotated)

    def origins(self) -> dict[str, Origin]:
        """Returns the runs that gave the kernel's names their values, as far as sources tell."""
        found: dict[str, Origin] = {}
        for name, value in self._kernel.items():
            if value is not None and name.isidentifier():
                last, *before = value.events()
                found[name] = Origin(before[-1].cell if before else last.cell, last.cell)
        return found

    def judge(self, page: Page, pause: Callable[[], object] = lambda: None) -> dict[CellId, Judgement]:
        """Returns what is known against the cells of the page. Only what changed since the last call is looked at again.

        `pause` is called after each cell that is looked at.
        """
        order = [cell for cell, _ in page]
        places: _Places | None = None
        moved, self._order = order != self._order, order
        found: dict[CellId, Judgement] = {}
        above: _Namespace = {}
        get, run_of, old = above.get, self._runs.get, self._judged
        judged = self._judged = {}
        changed: set[CellId | None] = set()
        for cell, source in page:
            known = old.get(cell)
            if known is None or known.source != source or known.run is not run_of(cell):
                known = None
                changed.add(cell)
            if (
                known is None
                or known.inputs != tuple(map(get, known.names))
                # The reasons tell which cells are below or deleted, and which were edited or run.
                or (known.judgement.reasons and any(moved or reason.cell in changed for reason in known.judgement.reasons))
            ):
                places = places or _Places({other: place for place, other in enumerate(order)}, dict(page))
                known = self._judge(cell, source, get, places)
                pause()
            judged[cell] = known
            if known.results:
                above.update(known.results)
            if known.judgement is not NOTHING_KNOWN:
                found[cell] = known.judgement
        return found

    # ---- a run

    def _number(self, *key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def _run(self, doing: _Doing) -> _Namespace:
        """Returns the values that a source gives to names. The values that it reads are those of `doing.get`."""
        effects = doing.effects
        for name, definition in effects.sets.items():
            self._set(doing, name, definition)
        for name in effects.may_set:
            self._change(doing, name)
        self._run_functions(doing)
        for name in effects.changes:
            self._change_object(doing, name)
        self._draw(doing)
        for name in effects.may_change:
            if not _is_module(doing.now(name)) and name not in BUILT_IN:
                self._change(doing, name, certain=False)
        for name in effects.deletes:
            doing.results[name] = None
        if effects.has_star:
            self._import_star(doing)
        if effects.anything:
            self._change(doing, _ANY, certain=False)
        return doing.results

    def _change_object(self, doing: _Doing, name: str) -> None:
        """Changes the object of a name in place, and so of the name that it shares it with."""
        value = doing.now(name)
        if _is_module(value):
            return
        self._change(doing, name)
        base = None if name in doing.effects.adds else _base(value, doing.now)
        if base is not None and base not in doing.effects.changes:
            self._change_object(doing, base)

    def _set(self, doing: _Doing, name: str, definition: Definition | None) -> None:
        """Sets a name. A run that failed may not have come so far, but imports and the like come first."""
        if definition is None and not doing.ok:
            self._change(doing, name)
        elif definition is None:
            version = self._number("set", doing.run, name)
            self._give(doing, name, version, version, repeats=doing.repeats)
        else:
            inputs = [doing.get(other) for other in definition.names]
            version = self._number("text", definition.text, *(value and value.version for value in inputs))
            loose = self._number("text", definition.text, *(value and value.loose for value in inputs))
            known = all(value is None or value.repeats for value in inputs)
            repeats = doing.repeats or (known and not definition.outside)
            self._give(doing, name, version, loose, module=definition.module, repeats=repeats)

    def _draw(self, doing: _Doing) -> None:
        """Seeds random generators, and draws from them."""
        effects = doing.effects
        for name in effects.seeds:
            version = self._number("seed", doing.source)
            self._give(doing, _generator(name, doing.now), version, version, repeats=not effects.outside)
        for name in effects.draws:
            state = _generator(name, doing.now)
            if state not in effects.sets and not (effects.seeds and state in doing.results):
                self._change(doing, state)

    def _import_star(self, doing: _Doing) -> None:
        old = doing.get(STAR)
        stars = self._stars.get(old.version if old is not None else 0, frozenset()) | doing.effects.stars
        version = self._number("stars", stars)
        self._stars[version] = stars
        self._give(doing, STAR, version, version, repeats=False)

    def _run_functions(self, doing: _Doing) -> None:
        """Does what the functions do that the source may call, and uses iterators up."""
        effects = doing.effects
        reached = doing.reached
        for name in reached.active:
            value = doing.get(name)
            if value is not None and value.is_iterator and name not in effects.sets and name not in effects.changes:
                self._change(doing, name)
        if reached.bodies:
            self._pass_arguments(doing, reached)
        for body in reached.bodies.values():
            for changed in (*body.sets, *body.changes):
                if changed not in effects.sets:
                    self._change(doing, changed)
            for drawn in body.draws:
                self._change(doing, _generator(drawn, doing.get))

    def _pass_arguments(self, doing: _Doing, reached: _Reached) -> None:
        """Changes what is passed to functions that change it, and defaults where nothing is passed."""
        known: dict[str, Slots] = {}
        for calls in (doing.effects.calls, *(body.calls for body in reached.bodies.values())):
            for name, passed in calls.items():
                changed = mutated_by(name, reached.bodies.get, known)
                for slot, argument in passed if changed else ():
                    if hits(changed, slot):
                        self._change_argument(doing, argument)
        for name, body in reached.bodies.items():
            for default, slots in body.defaults.items():
                is_changed = slots & mutated_by(name, reached.bodies.get, known) and not slots & reached.filled[name]
                if is_changed and _holds(doing.get(name), default, doing.get):
                    self._change_argument(doing, default)

    def _change_argument(self, doing: _Doing, name: str) -> None:
        if name not in doing.effects.sets and name not in BUILT_IN and doing.get(name) is not None:
            self._change_object(doing, name)

    def _give(self, doing: _Doing, name: str, version: int, loose: int, *, repeats: bool, module: str = "") -> None:
        effects = doing.effects
        own = effects.bodies.get(name)
        bodies = [own] if own is not None else []
        bodies += filter(
            None, (_body(doing.now(other)) or effects.bodies.get(other) for other in effects.carried.get(name, ()))
        )
        for wrapper in effects.decorated_by.get(name, ()):
            body = _body(doing.now(wrapper)) or effects.bodies.get(wrapper)
            if body is not None:
                bodies.append(replace(body, mutates=frozenset(), defaults={}, is_class=False))
        for one in effects.made_by.get(name, ()):
            body = _body(doing.now(one)) or effects.bodies.get(one)
            if body is not None and body.is_class:
                bodies.append(replace(body, is_class=False))
        definition = effects.sets.get(name)
        inputs = map(doing.get, definition.names) if definition is not None else ()
        is_tainted = definition is None or any(value is not None and value.stale is not None for value in inputs)
        # The cell may fail before it comes to this name.
        stale = doing.stale if is_tainted or doing.fails else None
        holds = [(held, value.version) for held in own.defaults if (value := doing.now(held)) is not None] if own else []
        for other in effects.carried.get(name, ()):
            holds += value.holds if (value := doing.now(other)) is not None else ()
        base = effects.shares.get(name)
        of = doing.now(base) if base is not None else None
        shares = (base, of.version) if base is not None and of is not None else None
        is_iterator = name in effects.iterators
        maker = effects.results.get(name)
        made_by = (_body(doing.now(maker)) or effects.bodies.get(maker)) if maker is not None else None
        if made_by is not None and not made_by.is_class:
            is_iterator |= made_by.yields
            if made_by.keeps:
                bodies.append(Body(uses={name: 0}, changes=frozenset({name})))
        body = merged(bodies)
        if body is not None and own is not None and own.is_class:
            body = replace(body, is_class=True)
        value = _Value(version, loose, doing.cell, None, body, module, repeats, stale, shares, is_iterator, tuple(holds))
        doing.results[name] = self._one(value)

    def _change(self, doing: _Doing, name: str, *, certain: bool = True) -> None:
        """Gives a name the value that its value is changed into."""
        old = doing.now(name)
        version, loose = (old.version, old.loose) if old is not None else (0, 0)
        loose = self._number("change", loose, doing.run)
        if certain:
            version = self._number("change", version, doing.run)
        bodies = list(filter(None, (_body(old), doing.effects.bodies.get(name))))
        stale = (doing.stale if certain else None) or (old.stale if old is not None else None)
        if certain or old is not None or name == _ANY:
            module = old.module if old is not None else ""
            repeats = (doing.repeats or not certain) and (old is None or old.repeats)
            shares = old.shares if old is not None else None
            is_iterator = old is not None and old.is_iterator
            holds = old.holds if old is not None else ()
            value = _Value(version, loose, doing.cell, old, merged(bodies), module, repeats, stale, shares, is_iterator, holds)
            doing.results[name] = self._one(value)

    def _one(self, value: _Value) -> _Value:
        """Returns the one object for a history."""
        return self._values.setdefault((value.version, value.loose, value.cell, value.stale), value)

    # ---- judging

    def _judge(self, cell: CellId, source: str, get: _Lookup, places: _Places) -> _Judged:
        run, effects, asked = self._runs.get(cell), effects_of(source), _Asked(get)
        is_current = run is not None and code_of(run.source) == code_of(source)
        reached = _reach(effects, asked)
        used = {name: asked(name) for name in reached.names}
        judgement, stale = NOTHING_KNOWN, None
        if run is not None and is_current:
            judgement = self._compare(cell, run, used, asked, places)
        ok = run is None or not is_current or run.ok
        # A cell that follows gives what its run gave. Another one gives what it would give now, if that is known.
        is_known = run is None or (is_current and not judgement.reasons)
        key = run.key if run is not None and is_known else _key_of(effects, source, used) if ok else None
        if key is None:
            key = run.key if run is not None and is_current else ("page", cell, source)
            stale = None if is_known else cell
        results = self._run(_Doing(effects, source, cell, key, ok, stale, judgement.is_from_elsewhere, asked, reached))
        return _Judged(source, run, tuple(asked.values), tuple(asked.values.values()), results, judgement)

    def _compare(self, cell: CellId, run: _Run, used: Mapping[str, object], get: _Lookup, places: _Places) -> Judgement:
        """Compares what a run saw with what the page gives."""
        reasons: list[Reason] = []
        perhaps = ""
        for name in dict.fromkeys((*run.seen, *used)):
            seen, given = run.seen.get(name), get(name)
            if seen is given:
                if given is not None and given.stale not in (None, cell):
                    reasons.append(Reason(Why.STALE, name, given.stale))
            elif (seen.version if seen is not None else 0) != (given.version if given is not None else 0):
                if seen is None and run.ok:
                    # The kernel has the name from elsewhere: from code that is not understood, or a start-up file.
                    perhaps = perhaps or name
                else:
                    reason = self._reason(cell, name, seen, given, places)
                    is_missing = given is None and name in used and not name.startswith(_GENERATOR)
                    reasons.append(replace(reason, is_missing=True) if is_missing else reason)
            elif given is not None and given.stale not in (None, cell):
                reasons.append(Reason(Why.STALE, name, given.stale))
            elif (seen.loose if seen is not None else 0) != (given.loose if given is not None else 0):
                perhaps = perhaps or name
        reasons += [
            replace(self._reason(cell, name, value, None, places), is_missing=True)
            for name, value in run.annotated.items()
            if get(name) is None and name not in used
        ]
        if reasons:
            shared = {value.shares[0] for value in run.seen.values() if value is not None and value.shares is not None}
            # First what fails on a fresh kernel, last what another cell tells, too.
            reasons.sort(key=lambda reason: (not reason.is_missing, reason.why is Why.STALE or reason.name in shared))
            return Judgement(tuple(reasons))
        return Judgement((), "any name" if perhaps == _ANY else perhaps) if perhaps else NOTHING_KNOWN

    def _reason(self, cell: CellId, name: str, seen: _Value | None, given: _Value | None, places: _Places) -> Reason:
        """Returns why the value that a cell saw is not the one that the page gives."""
        mine = list(seen.events()) if seen is not None else []
        theirs = list(given.events()) if given is not None else []
        common = {value.version for value in mine} & {value.version for value in theirs}
        strange = [value.cell for value in mine if value.version not in common]
        if cell in strange:
            return Reason(Why.OWN, name)
        for other in strange:
            if other not in places.place:
                return Reason(Why.OUTSIDE if other == OUTSIDE else Why.DELETED, name)
            if places.place[other] > places.place[cell]:
                return Reason(Why.BELOW, name, other)
        value = next(value for value in (*theirs, *mine) if value.version not in common)
        run = self._runs.get(value.cell)
        if run is None:
            return Reason(Why.NOT_RUN, name, value.cell)
        if code_of(run.source) != code_of(places.source[value.cell]):
            return Reason(Why.EDITED, name, value.cell)
        if (giver := self._judged.get(value.cell)) is not None and giver.judgement.reasons:
            return Reason(Why.STALE, name, value.cell)
        if value not in theirs:
            return Reason(Why.UNSET if given is None else Why.UNCHANGED, name, value.cell)
        return Reason(Why.SET_AGAIN if value.before is None else Why.CHANGED_AGAIN, name, value.cell)

    # ---- what to run

    def plan(self, page: Page, targets: Iterable[CellId]) -> list[CellId]:
        """Returns the cells to run, from top to bottom, so that the targets follow from the cells above them.

        Besides the targets, these are cells above that give a name which the kernel has otherwise. Call `judge` first.
        """
        chosen = set(targets)
        for cell, _ in reversed(page):
            known = self._judged.get(cell)
            if cell in chosen and known is not None:
                for name, given in zip(known.names, known.inputs, strict=True):
                    chosen |= _givers(self._kernel.get(name), given)
        while (more := self._lacking(page, chosen)) - chosen:
            chosen |= more
        return [cell for cell, _ in page if cell in chosen]

    def _lacking(self, page: Page, chosen: Set[CellId]) -> set[CellId]:
        """Returns the cells that give what would still be otherwise if `chosen` ran from top to bottom."""
        above: _Namespace = {}
        kernel = dict(self._kernel)
        found: set[CellId] = set()
        for cell, source in page:
            effects, known = effects_of(source), self._judged[cell]
            if cell in chosen:
                for namespace in (kernel, above):
                    reached = _reach(effects, namespace.get)
                    used = {name: namespace.get(name) for name in reached.names}
                    if namespace is kernel:
                        for name, has in used.items():
                            found |= _givers(has, above.get(name))
                    key = _key_of(effects, source, used) or ("plan", cell)
                    namespace.update(self._run(_Doing(effects, source, cell, key, True, None, False, namespace.get, reached)))
            else:
                above.update(known.results)
        return found

    def followers(self, page: Page, cells: Iterable[CellId]) -> list[CellId]:
        """Returns these cells and those below that use what they give, also through others. Call `judge` first."""
        chosen = set(cells)
        above: _Namespace = {}
        for cell, source in page:
            known = self._judged[cell]
            used = [above.get(name) for name in _reach(effects_of(source), above.get).names]
            if any(event.cell in chosen for value in used if value is not None for event in value.events()):
                chosen.add(cell)
            above.update(known.results)
        return [cell for cell, _ in page if cell in chosen]


def names_of(page: Page) -> list[NameUse]:
    """Returns the names that the cells set, change and use, sorted. Names that Python and modules bring along are left out."""
    found: dict[str, tuple[list[CellId], list[CellId], list[CellId]]] = {}
    for cell, source in page:
        effects = effects_of(source)
        changed = (effects.changes | effects.draws | effects.deletes) - effects.sets.keys()
        by_function = {name for body in effects.bodies.values() for name in body.uses}
        used = {*effects.uses, *effects.may_use, *by_function} - effects.sets.keys()
        for index, names in enumerate(({*effects.sets, *effects.may_set} - changed, changed, used)):
            for name in names:
                found.setdefault(name, ([], [], []))[index].append(cell)
    return [
        NameUse(name, tuple(set_in), tuple(changed_in), tuple(used_in))
        for name, (set_in, changed_in, used_in) in sorted(found.items())
        if set_in or name not in BUILT_IN
    ]


def set_by(source: str) -> frozenset[str]:
    """Returns the names that a source sets."""
    effects = effects_of(source)
    return frozenset({*effects.sets, *effects.may_set})


class _Asked:
    """Looks names up, and remembers what was found."""

    def __init__(self, get: _Lookup) -> None:
        self._get = get
        self.values: _Namespace = {}

    def __call__(self, name: str) -> _Value | None:
        value = self.values[name] = self._get(name)
        return value


def _givers(has: _Value | None, given: _Value | None) -> set[CellId]:
    """Returns the cells to run so that a name has the value that the page gives. None if it has it, or the page gives none."""
    if given is None:
        return set()
    found = {given.stale} if given.stale is not None else set()
    for event in given.events():
        if has is not None and has.version == event.version:
            break  # what changed it since is left to do
        found.add(event.cell)
    return found


@dataclass(slots=True)
class _Reached:
    """What a source reaches by its names and the functions that it may call."""

    names: dict[str, None]
    """The names whose values it uses."""
    active: dict[str, None] = field(default_factory=dict)
    """Those that it does not only mention."""
    bodies: dict[str, Body] = field(default_factory=dict)
    """What is done by the functions that it may call."""
    filled: dict[str, Slots] = field(default_factory=dict)
    """The slots that every call of these gives."""

    def use(self, names: Iterable[str], inert: Set[str], filled: Mapping[str, Slots]) -> list[str]:
        """Adds names. Returns those that are to be followed."""
        found: list[str] = []
        for name in names:
            self.names[name] = None
            if name in inert:
                continue
            given = filled.get(name, frozenset())
            if name in self.active:
                self.filled[name] &= given
            else:
                self.active[name] = None
                self.filled[name] = given
                found.append(name)
        return found


def _reach(effects: Effects, get: _Lookup) -> _Reached:
    """Returns what a source uses and calls."""
    reached = _Reached({})
    waiting = reached.use((*effects.uses, *effects.may_use), effects.inert, effects.filled)
    for callee, texts in effects.texts.items():
        body = _body(get(callee))
        if body is not None and body.evaluates:
            mentioned = sorted(name for text in texts for name in names_in(text) if name not in effects.sets)
            waiting += reached.use(mentioned, frozenset(), {})
    drawn = [*effects.draws]
    while waiting:
        name = waiting.pop()
        value = get(name)
        if (base := _base(value, get)) is not None:
            waiting += reached.use([base], frozenset(), {})
        if (body := _body(value)) is not None:
            reached.bodies[name] = body
            waiting += reached.use(body.uses, body.inert, body.filled)
            drawn += body.draws
    is_unknown = any(get(name) is None and name not in BUILT_IN for name in reached.names)
    found = reached.names
    # A source that seeds a generator does so before it draws.
    seeded = {_generator(name, get) for name in effects.seeds}
    found.update(dict.fromkeys(state for name in drawn if (state := _generator(name, get)) not in seeded))
    if is_unknown:
        found[STAR] = None
    if get(_ANY) is not None:
        found[_ANY] = None
    return reached


def _annotated(effects: Effects, get: _Lookup) -> Iterable[str]:
    """Returns the names that annotations evaluate. None if `from __future__ import annotations` postpones them."""
    return () if effects.postpones_annotations or get("annotations") is not None else effects.annotations


def _base(value: _Value | None, get: _Lookup) -> str | None:
    """Returns the name that a value shares its object with, if that still has this object."""
    if value is None or value.shares is None:
        return None
    name, version = value.shares
    other = get(name)
    return name if other is not None and any(event.version == version for event in other.events()) else None


def _holds(value: _Value | None, name: str, get: _Lookup) -> bool:
    """Returns whether a default that was the object of a name still is."""
    then = [version for held, version in value.holds if held == name] if value is not None else []
    now = get(name)
    return not then or (now is not None and any(event.version in then for event in now.events()))


def _key_of(effects: Effects, source: str, used: _Namespace) -> _Key | None:
    """Returns the key of a run that does the same with the same values.

    Returns None if it may reach something outside, or if a value is missing or of a stale cell.
    """
    if effects.outside or effects.anything or effects.has_star:
        return None
    for name, value in used.items():
        if value is None:
            is_known = name in BUILT_IN
        else:
            is_known = value.repeats and value.stale is None and not (value.body is not None and value.body.outside)
        if not is_known:
            return None
    return (_SOURCE, code_of(source), *(value.version if value is not None else 0 for value in used.values()))


def _body(value: _Value | None) -> Body | None:
    return value.body if value is not None else None


def _is_module(value: _Value | None) -> bool:
    return value is not None and value.module != ""


def _generator(name: str, get: _Lookup) -> str:
    """Returns the name that stands for a random generator: of the module that `name` is, or the object itself."""
    value = get(name)
    return f"{_GENERATOR}{value.module}" if value is not None and value.module else name

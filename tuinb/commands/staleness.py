"""Commands about cells that no longer follow from those above: run them, go to them, and see where names come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, jumps
from tuinb.commands.command import Group, command
from tuinb.commands.run import submit
from tuinb.session.state import Sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tuinb.analysis.name_uses import NameUse
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.session.state import Doubt

_LONGEST, _SHORT = 60, 30
"""Characters of a cell's first line that a list shows; the second if reasons follow it."""


def advice(session: SessionPort) -> Iterator[str]:
    """Yields sentences on what makes the saved outputs doubtful: edited cells, and names that a fresh kernel will not have."""
    notebook = session.notebook
    edited = sum(session.is_edited(cell.id) for cell in notebook)
    if edited:
        was, they = ("was", "it") if edited == 1 else ("were", "they")
        yield f"{cell_edits.count(edited).capitalize()} {was} edited since {they} ran."
    yield from _missing(session, notebook.order)


def _missing(session: SessionPort, cells: Iterable[CellId]) -> Iterator[str]:
    """Yields a sentence on the first of the cells that uses a name which no cell above it gives: no run mends that."""
    notebook = session.notebook
    for cell in cells:
        found = session.staleness.judgements.get(cell)
        if found is not None and found.fails is not None:
            reason = found.fails.describe(lambda other: notebook.index(other) + 1)
            yield f"Cell {notebook.index(cell) + 1} may fail on a fresh kernel: {reason}."
            return


def _unjudged(context: Context) -> str:
    """Returns sentences on what no mark tells of: outputs that this kernel did not give, and other languages than Python."""
    session = context.session
    older = sum(
        not session.run_of(cell.id).current for cell in session.notebook if cell.kind == "code" and len(cell.outputs) > 0
    )
    told = f" {cell_edits.count(older).capitalize()} {'shows' if older == 1 else 'show'} outputs of an earlier kernel."
    return f"{told if older else ''}{_facts_only(context)}"


def _facts_only(context: Context) -> str:
    """Returns a sentence on what is not read of this notebook. Empty for Python."""
    if context.session.staleness.reads_names:
        return ""
    return f" Names in {context.session.notebook.language} are not read: only edits are known."


@command(Group.RUN)
async def run_stale(context: Context) -> None:
    """Run the cells that are edited or stale, and what they need, from the top; stop at an error."""
    await context.session.staleness.settled()
    marked = context.session.staleness.marked()
    if not marked:
        context.dialogs.notify(f"No cell is known to be stale.{_unjudged(context)}")
        return
    await _run_planned(context, marked, list(_missing(context.session, marked)))


@command(Group.RUN)
async def run_with_needs(context: Context) -> None:
    """Run the selected cells, and before them the cells above whose results they need."""
    cells = cell_edits.selected(context)
    if cells:
        await _run_planned(context, cells)


async def _run_planned(context: Context, cells: Sequence[CellId], warnings: Sequence[str] = ()) -> None:
    staleness = context.session.staleness
    if not staleness.reads_names:
        submit(context, [cell for cell in context.session.notebook.order if cell in set(cells)])
        return
    planned = await staleness.plan(cells)
    submit(context, planned)
    more = len(set(planned) - set(cells))
    needed = [f"Running {cell_edits.count(len(planned))}: {more} more that they need."] if more else []
    if sentences := [*needed, *warnings]:
        context.dialogs.notify(" ".join(sentences))


@command(Group.RUN)
async def run_following(context: Context) -> None:
    """Run the selected cells, and the cells below that use what they give."""
    cells = cell_edits.selected(context)
    if not cells:
        return
    if not context.session.staleness.reads_names:
        context.dialogs.notify(f"What follows from a cell is not known.{_facts_only(context)}", "warning")
        return
    following = await context.session.staleness.followers(cells)
    submit(context, following)
    if len(following) > len(cells):
        context.dialogs.notify(f"Running {cell_edits.count(len(following))}.")


@command(Group.VIEW)
def next_stale(context: Context) -> None:
    """Go to the next cell that is edited or stale."""
    _go(context, 1)


@command(Group.VIEW)
def previous_stale(context: Context) -> None:
    """Go to the previous cell that is edited or stale."""
    _go(context, -1)


def _go(context: Context, direction: int) -> None:
    notebook, active = context.session.notebook, context.view.active
    marked = context.session.staleness.marked()
    places = sorted((notebook.index(cell) for cell in marked), reverse=direction < 0)
    if not places:
        context.dialogs.notify(f"No cell is known to be stale.{_unjudged(context)}")
        return
    here = notebook.index(active) if active is not None and active in notebook else -1
    ahead = next((place for place in places if (place - here) * direction > 0), None)
    place = places[0] if ahead is None else ahead
    jumps.remember(context)
    context.view.activate(notebook.order[place])
    if place == here:
        context.dialogs.notify("No other cell is known to be stale.")
    elif ahead is None:
        context.dialogs.notify("Continued from the top." if direction > 0 else "Continued from the end.")


@command(Group.VIEW)
async def stale(context: Context) -> None:
    """List the cells that are edited, stale or perhaps stale, with the reasons; Enter goes there."""
    session = context.session
    await session.staleness.settled()
    doubts = [(cell, doubt) for cell in session.notebook.order if (doubt := session.doubt_of(cell)) is not None]
    if not doubts:
        context.dialogs.notify(f"No cell is known to be stale.{_unjudged(context)}")
        return
    options = [f"{_describe(context, cell, _SHORT)}  {doubt.sign} {_against(context, cell, doubt)}" for cell, doubt in doubts]
    choice = await context.dialogs.choose(f"Edited and stale cells.{_unjudged(context)}", options)
    if choice is not None:
        _activate(context, doubts[choice][0])


@command(Group.VIEW)
def toggle_perhaps(context: Context) -> None:
    """Show or hide `?` on cells whose results are only perhaps out of date."""
    context.view.show_perhaps = not context.view.show_perhaps
    shown = "are marked with ?" if context.view.show_perhaps else "are not marked"
    context.dialogs.notify(f"Cells that are only perhaps out of date {shown}.")


def _against(context: Context, cell: CellId, doubt: Doubt) -> str:
    """Returns all that is known against a cell, of which the notebook shows the first."""
    notebook = context.session.notebook
    judgement = context.session.staleness.judgements.get(cell)
    reasons = judgement.reasons if judgement is not None else ()
    found = [reason.describe(lambda other: notebook.index(other) + 1 if other in notebook else 0) for reason in reasons]
    if doubt.sign is not Sign.STALE:
        found.insert(0, doubt.text)
    return ", ".join(found)


def _describe(context: Context, cell: CellId, longest: int = _LONGEST) -> str:
    """Returns the number and the first line of a cell."""
    notebook = context.session.notebook
    line = next(iter(notebook[cell].source.strip().splitlines()), "(empty)")
    return f"cell {notebook.index(cell) + 1}: {line if len(line) <= longest else f'{line[:longest]}…'}"


def _activate(context: Context, cell: CellId) -> None:
    if cell in context.session.notebook:
        jumps.remember(context)
        context.view.activate(cell)


@command(Group.VIEW)
async def show_names(context: Context) -> None:
    """List where names are set, changed and used, those of the cell first; Enter goes there."""
    if not context.session.staleness.reads_names:
        context.dialogs.notify(f"No names are listed.{_facts_only(context)}")
        return
    active = context.view.active
    names = await context.session.staleness.names()
    names.sort(key=lambda one: active not in {*one.set_in, *one.changed_in, *one.used_in})
    if not names:
        context.dialogs.notify("This notebook has no names.")
        return
    width = min(24, max(len(one.name) for one in names))
    choice = await context.dialogs.choose("Names", [f"{one.name:<{width}}  {_places(context, one)}" for one in names])
    if choice is None:
        return
    name = names[choice]
    places = [("set", cell) for cell in name.set_in] + [("changed", cell) for cell in name.changed_in]
    places += [("used", cell) for cell in name.used_in]
    if len(places) == 1:
        _activate(context, places[0][1])
        return
    options = [f"{what:<7}  {_describe(context, cell)}" for what, cell in places if cell in context.session.notebook]
    chosen = await context.dialogs.choose(f"{name.name}: go to", options)
    if chosen is not None:
        _activate(context, places[chosen][1])


def _places(context: Context, name: NameUse) -> str:
    notebook = context.session.notebook
    parts = []
    for what, cells in (("set", name.set_in), ("changed", name.changed_in), ("used", name.used_in)):
        numbers = [str(notebook.index(cell) + 1) for cell in cells if cell in notebook]
        if numbers:
            parts.append(f"{what} in {', '.join(numbers)}")
    return " · ".join(parts if name.set_in else ["set in no cell", *parts])

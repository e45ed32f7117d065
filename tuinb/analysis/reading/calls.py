"""Reads calls: what they change by their methods and arguments, and the names that they reach by text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.bodies import arguments_of, hits, mutated_by
from tuinb.analysis.cell_code import names_in, parse
from tuinb.analysis.effects import SELF
from tuinb.analysis.nodes import (
    bound_object,
    is_in_place,
    is_shell,
    lambda_of_partial,
    last_name,
    passed_names,
    referred_names,
    root_of,
    texts_of,
)
from tuinb.analysis.reading.expressions import mention

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tuinb.analysis.effects import Body, Slot
    from tuinb.analysis.reading.reader import Handler, Reader

_REACHES_BY_TEXT: Final = frozenset({"exec", "eval", "push"})
"""Functions and methods to which a name may be given as text."""
_QUERIES: Final = frozenset({"query", "eval"})
"""Methods whose argument may refer to names by `@name`."""


def _call(reader: Reader, node: ast.Call) -> None:
    """Reads a call, and notes what it changes."""
    function = last_name(node.func)
    if function in _REACHES_BY_TEXT and _reach_by_text(reader, node):
        return
    if function == "partial" and node.args:
        reader.visit(node.func)
        reader.visit(lambda_of_partial(node))
        return
    arguments = arguments_of(node)
    _read_function(reader, node.func, arguments)
    is_inert = function in vocabulary.INERT_CALLS and root_of(node.func) not in reader.maybe_set - {"inspect"}
    for _, part in arguments:
        if is_inert:
            mention(reader, part)
        else:
            reader.visit(part)
    if not arguments and function in vocabulary.UNSEEDED:
        reader.reach_outside()
    passed = _passed(reader, arguments)
    texts = texts_of(node) if reader.body is None or function in _QUERIES else set()
    if function in vocabulary.CHANGE_FIRST:
        _change_first(reader, node)
    if isinstance(node.func, ast.Name):
        _call_name(reader, node, function, passed, texts)
    elif isinstance(node.func, ast.Attribute):
        _call_method(reader, node, node.func, function, passed, texts)


def _read_function(reader: Reader, function: ast.expr, arguments: Sequence[tuple[Slot, ast.expr]]) -> None:
    """Reads what is called, and notes the slots that the call gives."""
    if not isinstance(function, ast.Name):
        reader.visit(function)
        return
    name = function.id
    filled = reader.filled if reader.body is None else reader.body.filled
    before = filled.get(name)
    reader.use(name, function.lineno)
    if reader.is_global(name):
        given = frozenset([slot for slot, _ in arguments])
        filled[name] = given if before is None else before & given


def _passed(reader: Reader, arguments: Sequence[tuple[Slot, ast.expr]]) -> set[tuple[Slot, str]]:
    """Returns the names whose objects arguments pass on, with their slots: of the notebook, and parameters."""
    found: set[tuple[Slot, str]] = set()
    for slot, part in arguments:
        for name in passed_names(part):
            if reader.body is not None:
                found.update((slot, root) for root in reader.roots(name))
            elif reader.is_global(name):
                found.add((slot, name))
    return found


def _reach_by_text(reader: Reader, node: ast.Call) -> bool:
    """Reads calls that reach names by text. Returns whether it was one."""
    match node:
        case ast.Call(func=ast.Name(id="exec" | "eval" as name), args=[ast.Constant(value=str(text)), *_]):
            tree = parse(text)
            reader.anything |= tree is None and name == "exec"
            for statement in tree.body if tree is not None else ():
                reader.visit(ast.increment_lineno(statement, node.lineno - 1))
        case ast.Call(func=ast.Name(id="exec" | "eval" as name)):
            reader.anything |= name == "exec"
            if reader.body is not None:
                reader.body.evaluates = True
            reader.visit_children(node)
        case ast.Call(func=ast.Attribute(attr="push", value=owner), args=[ast.Dict(keys=keys, values=values)]) if is_shell(
            owner
        ):
            for value in values:
                reader.visit(value)
            for key in keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    reader.bind(key.value)
        case _:
            return False
    return True


def _change_first(reader: Reader, node: ast.Call) -> None:
    if node.args and (root := root_of(node.args[0])) is not None:
        reader.change(root, node.lineno)


def _call_name(reader: Reader, node: ast.Call, name: str, passed: set[tuple[Slot, str]], texts: set[str]) -> None:
    for part in node.args:
        if (root := bound_object(part)) is not None:
            reader.change(root, node.lineno)
    if not reader.is_global(name):
        if reader.body is not None:
            _do(reader, name, reader.body.functions.get, passed, node.lineno)
    else:
        reader.note_call(name, passed)
        if reader.body is None:
            _call_global(reader, node, name, passed, texts)
    if name not in vocabulary.CHANGE_NONE and reader.body is None:
        for _, argument in passed:
            reader.change(argument, node.lineno, certain=False)


def _call_global(reader: Reader, node: ast.Call, name: str, passed: set[tuple[Slot, str]], texts: set[str]) -> None:
    if texts and name != "get_ipython":
        reader.texts.setdefault(name, set()).update(texts)
    own = reader.bodies.get(name)
    if own is not None and own.evaluates:
        reader.may_use(set().union(*map(names_in, texts)))
    _do(reader, name, reader.bodies.get, passed, node.lineno)
    for default, slots in own.defaults.items() if own is not None else ():
        if slots & mutated_by(name, reader.bodies.get, {}) and not slots & reader.filled.get(name, frozenset()):
            reader.change(default, node.lineno)


def _do(reader: Reader, name: str, body_of: Callable[[str], Body | None], passed: set[tuple[Slot, str]], line: int) -> None:
    """Does what a function of this cell, or of the function around the call, does with its arguments."""
    body = body_of(name)
    if body is None:
        return
    changed = mutated_by(name, body_of, {})
    for slot, argument in passed:
        if hits(changed, slot):
            reader.change(argument, line)
    for callee, inner in body.calls.items():
        given = {
            (place, argument)
            for place, parameter in inner
            for slot, argument in passed
            if hits(body.parameters.get(parameter, frozenset()), slot)
        }
        reader.note_call(callee, given | {one for one in inner if one[1] not in body.parameters})


def _change_by_method(reader: Reader, node: ast.Call, root: str, method: str) -> None:
    if method in vocabulary.SEEDS and reader.body is None:
        reader.seeds.add(root)
    elif method == "cache_clear" and reader.body is None:
        reader.clears.add(root)
    elif method in vocabulary.DRAWS:
        (reader.draws if reader.body is None else reader.body.draws).add(root)
    elif method in vocabulary.MUTATORS or any(map(is_in_place, node.keywords)):
        reader.change(root, node.lineno)


def _call_method(
    reader: Reader, node: ast.Call, function: ast.Attribute, method: str, passed: set[tuple[Slot, str]], texts: set[str]
) -> None:
    root = root_of(function)
    if method in _QUERIES:
        reader.may_use({word for text in texts for word in referred_names(text)})
    if root is None:
        if reader.body is not None and isinstance(function.value, ast.Call) and last_name(function.value.func) == "super":
            reader.body.own_calls.add(f"super.{method}")
        return
    if not reader.is_global(root):
        if reader.body is not None and isinstance(function.value, ast.Name) and reader.body.is_self(root):
            reader.body.own_calls.add(method)
        if method in vocabulary.MUTATORS:
            reader.change(root, node.lineno)
        return
    _change_by_method(reader, node, root, method)
    reader.note_call(root, passed | {(f"{SELF}.{method}" if isinstance(function.value, ast.Name) else SELF, root)})
    if reader.body is None:
        if texts:
            reader.texts.setdefault(root, set()).update(texts)
        for name in {root, *(name for _, name in passed)}:
            reader.change(name, node.lineno, certain=False)


HANDLERS: Final[Mapping[type[ast.AST], Handler]] = {ast.Call: _call}

"""What a node of Python's syntax says of names, by itself: those that it sets, reads, passes on, or is a view of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.syntax_tree import CHILD_FIELDS, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SCOPES: Final = frozenset(
    (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
)
"""Nodes with a scope of their own."""
_NAMING: Final = _SCOPES | {ast.Import, ast.ImportFrom, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping}
"""Nodes that may set a name by themselves."""
_BINDING: Final = frozenset(
    ("body", "orelse", "finalbody", "handlers", "cases", "pattern", "patterns", "items", "target", "targets", "optional_vars",
     "elts", "name")
)  # fmt: skip
"""The fields of nodes in which a name may be set without `:=`."""


class _BindingFields(dict[type, tuple[str, ...]]):
    """The fields of each class of nodes in which a name may be set without `:=`."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        found = self[kind] = ("value",) if kind is ast.Starred else tuple(_BINDING.intersection(kind._fields))
        return found


_BINDING_FIELDS: Final = _BindingFields()
_PARTS: Final = (ast.Attribute, ast.Subscript, ast.Starred)
_COLLECTIONS: Final = (ast.List, ast.Tuple, ast.Set)
# Tuples: `isinstance(node, A | B)` would make a type at each call.


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    more = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def local_names(body: Sequence[ast.AST], *, has_walrus: bool) -> tuple[set[str], set[str]]:
    """Returns the names that a function sets in its own scope, and those that it declares global.

    Expressions set names only by `:=`. They are not looked into if the source has none.
    """
    names: set[str] = set()
    is_global: set[str] = set()
    left = list(body)
    while left:
        node = left.pop()
        kind = node.__class__
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                names.add(node.id)
            continue
        if kind in _NAMING:
            names |= _named_by(node)
            if kind in _SCOPES:
                continue
        elif isinstance(node, ast.Global):
            is_global.update(node.names)
        for name in CHILD_FIELDS[kind] if has_walrus else _BINDING_FIELDS[kind]:
            value = getattr(node, name)
            if value.__class__ is list:
                left += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                left.append(value)
    return names - is_global, is_global


def _named_by(node: ast.AST) -> set[str]:
    """Returns the names that a node of _NAMING sets by itself."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return {part.target.id for part in walk(node) if isinstance(part, ast.NamedExpr)}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).partition(".")[0] for alias in aliases}
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            return {name}
        case _:
            return set()


def type_parameters(node: ast.AST) -> set[str]:
    return {one.name for one in getattr(node, "type_params", ())}


def is_in_place(keyword: ast.keyword) -> bool:
    """Returns whether it is `inplace=…`, but for False."""
    value = keyword.value
    return keyword.arg == "inplace" and not (isinstance(value, ast.Constant) and value.value is False)


def last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def root_of(node: ast.AST) -> str | None:
    """Returns the name whose object a chain is a part of: x for `x.a[0]`. None for what a call returns."""
    while isinstance(node, _PARTS):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def shared_name(node: ast.expr) -> str | None:
    """Returns the name whose object a value is, or is a view of: a for `a`, `a[1:]`, `a.T` and `a.reshape(2, 3)`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Slice() | ast.Tuple(elts=[*_, ast.Slice()] | [ast.Slice(), *_])):
            return shared_name(node.value)
        case ast.Attribute(attr=name) if name in vocabulary.VIEWS:
            return shared_name(node.value)
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in vocabulary.VIEWS:
            return shared_name(owner)
        case _:
            return None


def lambda_of_partial(node: ast.Call) -> ast.Lambda:
    """Returns `lambda *rest, **more: f(a, *rest, **more)` for `partial(f, a)`."""
    rest, more = ast.arg("*rest"), ast.arg("**more")
    parameters = ast.arguments(posonlyargs=[], args=[], vararg=rest, kwonlyargs=[], kw_defaults=[], kwarg=more, defaults=[])
    function, *given = node.args
    passed_on = [*given, ast.Starred(ast.Name(rest.arg, ast.Load()), ast.Load())]
    keywords = [*node.keywords, ast.keyword(None, ast.Name(more.arg, ast.Load()))]
    call = ast.Lambda(parameters, ast.Call(function, passed_on, keywords))
    return ast.fix_missing_locations(ast.copy_location(call, node))


def shared_names(node: ast.expr) -> list[str]:
    """Returns the names whose object a value may be, or be a view of: a and b for `a or b` and `a if x else b`."""
    match node:
        case ast.BoolOp(values=parts):
            return [name for part in parts for name in shared_names(part)]
        case ast.IfExp(body=first, orelse=second):
            return shared_names(first) + shared_names(second)
        case _:
            return _listed(shared_name(node))


def held_names(node: ast.expr) -> list[str]:
    """Returns the names whose object, or a part of it, a value may be. `a[0]` is one, `a["b"]` of a table a copy."""
    match node:
        case ast.Attribute() | ast.Subscript(slice=ast.Constant(value=int())):
            return _listed(root_of(node))
        case _:
            return shared_names(node)


def _listed(name: str | None) -> list[str]:
    return [name] if name is not None else []


def part_names(node: ast.expr) -> Iterator[str]:
    """Yields the names of whose objects a loop over a value gets parts: a for `a`, `a.rows`, `enumerate(a)` and `a.items()`."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Subscript():
            if (name := root_of(node)) is not None:
                yield name
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed" | "sorted" | "list" | "tuple" | "iter"), args=parts):
            for part in parts:
                yield from part_names(part)
        case ast.Call(func=ast.Attribute(attr="items" | "values", value=owner)):
            yield from part_names(owner)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from part_names(part)
        case _:
            pass


def assigned_values(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr, bool]]:
    """Yields the names that an assignment sets, each with its value, or one that it is a part of, and whether it is a part."""
    if isinstance(target, ast.Name):
        yield target.id, value, False
        return
    names, parts = _elements(target), _elements(value)
    if names and len(names) == len(parts):
        for name, part in zip(names, parts, strict=True):
            yield from assigned_values(name, part)
        return
    for node in walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, value, True


def _elements(node: ast.expr) -> list[ast.expr]:
    """Returns the elements of a tuple or a list. Empty if one is starred."""
    elements = node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
    return [] if any(isinstance(element, ast.Starred) for element in elements) else elements


def bound_object(node: ast.expr) -> str | None:
    """Returns the name whose object a method changes that is passed on or kept: xs for `xs.append`."""
    return root_of(node) if isinstance(node, ast.Attribute) and node.attr in vocabulary.BOUND_MUTATORS else None


def kept_names(node: ast.expr) -> Iterator[str]:
    """Yields the names that a value keeps: itself, or in a tuple, a list or a dict."""
    yield from passed_names(node)
    if isinstance(node, ast.Dict):
        for part in node.values:
            yield from passed_names(part)


def passed_names(node: ast.AST) -> list[str]:
    """Returns the names whose objects an argument passes on: not those that are only called or computed with."""
    while isinstance(node, _PARTS):
        node = node.value
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, _COLLECTIONS):
        return [name for part in node.elts for name in passed_names(part)]
    return []


def loaded_names(nodes: Sequence[ast.AST]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def texts_of(node: ast.Call) -> set[str]:
    return {part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def referred_names(text: str) -> set[str]:
    """Returns the names that a query of pandas refers to by `@name`."""
    return {word.partition(".")[0] for part in text.split("@")[1:] if (word := _word(part))}


def _word(text: str) -> str:
    end = next((place for place, letter in enumerate(text) if not (letter.isalnum() or letter in "_.")), len(text))
    return text[:end]


def is_shell(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


def namespace_key(node: ast.Subscript | ast.Attribute) -> str | None:
    """Returns the name in `globals()["x"]`, `get_ipython().user_ns["x"]` and `builtins.x = …`."""
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals" | "locals" | "vars"), args=[]), slice=ast.Constant(value=str(name))
        ):
            return name
        case ast.Subscript(
            value=ast.Attribute(attr="user_ns" | "user_global_ns", value=owner), slice=ast.Constant(value=str(name))
        ):
            return name if is_shell(owner) else None
        case ast.Attribute(attr=name, value=ast.Name(id="builtins" | "__builtins__"), ctx=ast.Store()):
            return name
        case _:
            return None


_FOLLOWING: Final = (
    ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.Subscript, ast.Slice, ast.Starred, ast.JoinedStr, ast.FormattedValue, ast.Attribute, ast.Lambda, ast.arguments, ast.arg,
    ast.keyword, ast.ListComp, ast.SetComp, ast.DictComp, ast.comprehension,
)  # fmt: skip


def _makes_the_same(function: ast.expr) -> bool:
    """Returns whether calling this gives the same value for the same arguments, by its name."""
    match function:
        case ast.Name(id=name):
            return name in vocabulary.PURE or name in vocabulary.MAKERS
        case ast.Attribute(attr=name, value=ast.Name()):
            return name in vocabulary.MAKERS
        case _:
            return False


def follows_from_text(nodes: Sequence[ast.AST]) -> bool:
    """Returns whether a value with these nodes follows from its text and its names: nothing unknown is called."""
    for node in nodes:
        if isinstance(node, ast.Call):
            if not _makes_the_same(node.func):
                return False
        elif not isinstance(node, _FOLLOWING):
            return False
    return True

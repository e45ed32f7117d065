"""Expressions that ask a Python kernel about its variables, for the `user_expressions` of a silent execute_request.

The agent is sent once for each kernel, as the text of its modules. It is kept in `sys.modules` under a name that no user has,
and leaves nothing in the namespace, in `In`, `Out`, `_`, the history or the count. A kernel that does not have it yet answers
None, and then it is sent with the question. An error instead would have IPython import what colours tracebacks.
"""

from __future__ import annotations

import hashlib
import json
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

SECONDS = 2.0
"""Seconds that the kernel may work on an answer."""
CHARACTERS = 1_000_000
"""Characters of an answer, about."""
MIME = "application/vnd.tuinb+json"
ABSENT = "absent"
KEY = "tuinb"
"""The name of the expression in a request, and of its value in the reply."""

_MODULES = (
    "values", "conditions", "table", "comparing", "arrays",
    "numpy_table", "pandas_table", "polars_table", "arrow_table", "record_table", "tables",
    "namespace", "failure", "views", "service",
)  # fmt: skip
"""The agent's modules, each after those that it imports."""

_INSTALL = """
def install(package, modules):
    import sys, types
    parent = types.ModuleType(package)
    parent.__path__ = []
    sys.modules[package] = parent
    try:
        for name, source in modules:
            full = package + "." + name
            module = types.ModuleType(full)
            module.__package__ = package
            sys.modules[full] = module
            setattr(parent, name, module)
            exec(compile(source, "<tuinb " + name + ">", "exec"), module.__dict__)
    except BaseException:
        for name in [package] + [package + "." + name for name, source in modules]:
            sys.modules.pop(name, None)
        raise
    return sys.modules[package + ".service"]
"""


@cache
def _sources() -> tuple[tuple[str, str], ...]:
    return tuple((name, agent_file(f"{name}.py")) for name in _MODULES)


def agent_file(name: str) -> str:
    """Returns the text of a file of the agent, of the version that this module is of."""
    data = pkgutil.get_data(__package__, f"agent/{name}")
    assert data is not None, "the package's loader reads files"
    return data.decode()


@cache
def package() -> str:
    """Returns the name of the agent in the kernel. Another version of the agent has another name."""
    digest = hashlib.sha256(repr(_sources()).encode()).hexdigest()
    return f"_tuinb_{digest[:12]}"


def question(operation: str, arguments: Mapping[str, Any], seconds: float = SECONDS, characters: int = CHARACTERS) -> str:
    """Returns an expression that asks a kernel that has the agent."""
    asked = _asked(operation, arguments, seconds, characters)
    return f"(lambda agent: agent and agent.answer({asked!r}))({_fetched()})"


def first_question(operation: str, arguments: Mapping[str, Any], seconds: float = SECONDS, characters: int = CHARACTERS) -> str:
    """Returns an expression that brings the agent, and asks."""
    return f"{_installed()}.answer({_asked(operation, arguments, seconds, characters)!r})"


def mute() -> str:
    """Returns code for a new subshell, which runs no callbacks of the user's cells from then on."""
    return f"{_installed()}.mute()"


def _asked(operation: str, arguments: Mapping[str, Any], seconds: float, characters: int) -> str:
    asked = {"operation": operation, "arguments": dict(arguments), "seconds": seconds, "characters": characters}
    return json.dumps(asked)


def _installed() -> str:
    """Returns an expression for the agent's service, which is brought if it is not there."""
    install = f"(lambda d: (exec({_INSTALL!r}, d), d['install']({package()!r}, {_sources()!r}))[1])({{}})"
    return f"({_fetched()} or {install})"


def _fetched() -> str:
    """Returns an expression for the agent's service, or for None."""
    return f"__import__('sys').modules.get({package() + '.service'!r})"


def found(expressions: Mapping[str, Any]) -> dict[str, Any] | str:
    """Returns the answer in the `user_expressions` of a reply.

    Returns ABSENT if the kernel does not have the agent, the name of an error, or an empty string if there is neither.
    """
    value = expressions.get(KEY)
    if not isinstance(value, Mapping):
        return ""
    data = value.get("data")
    if value.get("status") == "ok" and isinstance(data, Mapping):
        content = data.get(MIME)
        return content if isinstance(content, dict) else ABSENT
    name = value.get("ename")
    return name if isinstance(name, str) else ""

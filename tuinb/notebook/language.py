"""The language of a notebook's code, from its metadata.

The kernelspec says what the code is written for. `language_info` says what ran it last, and may be stale: some programs write
Python's whatever the kernel is. So the kernelspec decides where the two disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json

DEFAULT = "python"
_NAMES = (
    "bash c c# c++ clojure crystal elixir erlang f# forth fortran groovy haskell java javascript julia kotlin lua maple matlab"
    " maxima ocaml octave perl php powershell prolog python r racket raku ruby rust sage sas scala scheme sos sql stata swift"
    " tcl typescript"
)
_WORDS = {
    **{name: name for name in _NAMES.split()},
    "ipython": "python",
    "xpython": "python",
    "ir": "r",
    "xr": "r",
    "ark": "r",
    "csharp": "c#",
    "fsharp": "f#",
    "cpp": "c++",
    "xcpp": "c++",
    "xc": "c",
    "cling": "c++",
    "wolframlanguage": "wolfram language",
    "mathematica": "wolfram language",
    "sagemath": "sage",
    "ihaskell": "haskell",
    "clojupyter": "clojure",
    "gophernotes": "go",
    "gonb": "go",
    "deno": "typescript",
    "tslab": "typescript",
    "jslab": "javascript",
    "ijavascript": "javascript",
    "nodejs": "javascript",
    "evcxr": "rust",
    "ijava": "java",
    "iruby": "ruby",
    "iperl": "perl",
    "xlua": "lua",
    "xsql": "sql",
}
"""The language that a word in a kernelspec's name tells."""
_SUFFIXES = {
    "python": ".py", "r": ".R", "julia": ".jl", "bash": ".sh", "javascript": ".js", "typescript": ".ts", "ruby": ".rb",
    "rust": ".rs", "go": ".go", "lua": ".lua", "java": ".java", "kotlin": ".kt", "scala": ".scala", "haskell": ".hs",
    "octave": ".m", "matlab": ".m", "perl": ".pl", "php": ".php", "sage": ".sage", "clojure": ".clj", "ocaml": ".ml",
}  # fmt: skip
"""The suffix of scripts, where no kernel has told it."""


def language_of(metadata: Mapping[str, Json]) -> str:
    """Returns the language, `python` if the metadata names none."""
    return stated_language(metadata) or DEFAULT


def stated_language(metadata: Mapping[str, Json]) -> str:
    """Returns the language that the metadata names. Empty if it names none."""
    spec, info = _of_kernelspec(metadata), _string(metadata, "language_info", "name")
    if spec and info and not is_same(spec, info):
        return spec
    return info or spec


def kernelspec_of(metadata: Mapping[str, Json]) -> str | None:
    """Returns the name of the kernelspec that the metadata names, if it names one."""
    return _string(metadata, "kernelspec", "name") or None


def suffix_of(metadata: Mapping[str, Json]) -> str:
    """Returns the suffix of a script in the notebook's language: `.py`. `.txt` if it is not known."""
    language, stated = language_of(metadata), _string(metadata, "language_info", "file_extension")
    if is_same(language, _string(metadata, "language_info", "name")) and re.fullmatch(r"\.\w{1,10}", stated, re.ASCII):
        return stated
    return _SUFFIXES.get(_WORDS.get(language.lower(), language.lower()), ".txt")


def substitute_language(metadata: Mapping[str, Json]) -> str | None:
    """Returns the language of a kernel that may replace the notebook's kernelspec if that is not installed.

    Returns None if the metadata disagrees about the language, or names a kernelspec of an unknown language.
    """
    spec, info = _of_kernelspec(metadata), _string(metadata, "language_info", "name")
    if _string(metadata, "kernelspec", "name"):
        return (info or spec or None) if is_same(spec or info, info or spec) else None
    return language_of(metadata)


def agreed_language(metadata: Mapping[str, Json]) -> str:
    """Returns the language that the kernelspec says, by its own key, if `language_info` agrees. Empty otherwise."""
    spec, info = _string(metadata, "kernelspec", "language"), _string(metadata, "language_info", "name")
    return spec if is_same(spec, info) else ""


def is_same(one: str, other: str) -> bool:
    """Returns whether two names mean one language, such as `ipython` and `Python3`."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    plain = name.casefold().rstrip("0123456789. ")
    return "python" if plain == "ipython" else plain


def _of_kernelspec(metadata: Mapping[str, Json]) -> str:
    """Returns the kernelspec's language, or the one that its names tell. Empty if it is unknown."""
    if language := _string(metadata, "kernelspec", "language"):
        return language
    names = f"{_string(metadata, 'kernelspec', 'name')} {_string(metadata, 'kernelspec', 'display_name')}"
    found = [_WORDS[word] for word in re.findall(r"[a-z]+(?:\+\+|#)?", names.casefold()) if word in _WORDS]
    return DEFAULT if DEFAULT in found else found[0] if found else ""


def _string(metadata: Mapping[str, Json], section: str, key: str) -> str:
    found = metadata.get(section)
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""

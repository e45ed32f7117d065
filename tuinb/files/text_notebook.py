"""Notebooks in scripts and documents (`analysis.py`, `notes.md`), read and written by jupytext.

The rest of the program sees a notebook of format 4: reading makes its JSON, and saving converts it back to text. Text has
no outputs. If no cell changed, the file is written as it was. Line endings are kept. jupytext is an optional extra;
importing it takes most of a second, so it is imported when such a file is opened.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from tuinb.errors import NotebookFileError, NotebookFormatError, NotebookSaveError, shown
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = {
    ".py": "percent",
    ".md": "markdown",
    ".markdown": "markdown",
    ".Rmd": "rmarkdown",
    ".R": "percent",
    ".r": "percent",
    ".jl": "percent",
    ".sh": "percent",
}
"""Maps suffixes of text notebooks to the format of new files. An existing file keeps its own format."""
_EXTRA = "tuinb[text]"
NO_OUTPUTS = "outputs are not saved in a text notebook; `:w NAME.ipynb` saves them"


def is_text(path: Path) -> bool:
    """Whether the name is that of a script or document, not of an .ipynb file."""
    return path.suffix in SUFFIXES


class TextFormat(Record):
    """The format of a text notebook: `name` is a value of SUFFIXES or another jupytext format for that suffix."""

    suffix: str
    name: str = ""

    def options(self, top: Any) -> dict[str, str]:  # noqa: ANN401 - nbformat's notebook
        """Returns the format options for jupytext. Keeps the format in which the notebook was read, unless `name` is set."""
        stored = top.metadata.get("jupytext", {}).get("text_representation", {})
        if self.name or stored.get("extension") != self.suffix:
            return {"extension": self.suffix, "format_name": self.name or SUFFIXES[self.suffix]}
        return {"extension": self.suffix}


def to_ipynb(data: bytes, path: Path) -> bytes:
    """Returns a text notebook as JSON of format 4. Raises NotebookFormatError, and NotebookFileError if jupytext is missing."""
    jupytext = _jupytext(path)
    text = _decoded(data, path)
    with _mapped(path):
        top = jupytext.reads(text, fmt={"extension": path.suffix})
        language = top.metadata.get("jupytext", {}).get("main_language") or top.metadata.get("kernelspec", {}).get("language")
        if language:
            top.metadata.setdefault("language_info", {"name": language.lower()})
        return _to_json(top)


def format_of(data: bytes, path: Path) -> TextFormat:
    """Returns the format of a text notebook. Raises NotebookFileError."""
    text = _decoded(data, path)
    with _mapped(path):
        top = _jupytext(path).reads(text, fmt={"extension": path.suffix})
        return TextFormat(path.suffix, str(top.metadata["jupytext"]["text_representation"]["format_name"]))


def from_ipynb(data: bytes, path: Path, before: bytes | None, form: TextFormat | None = None) -> bytes:
    """Returns a JSON notebook as text. Returns `before` if its content is the same.

    Raises NotebookSaveError.
    """
    jupytext = _jupytext(path)
    try:
        with _mapped(path):
            made = _write(jupytext, data, path, form)
            if before is None:
                return made
            # jupytext might format `before` differently. Saving an unchanged notebook must not rewrite it.
            if form is None and made == _write(jupytext, to_ipynb(before, path), path, None):
                return before
    except NotebookFormatError as error:
        raise NotebookSaveError(error.what, where=error.where, hint="save it as .ipynb") from error
    return made.replace(b"\n", b"\r\n") if b"\r\n" in before else made


def combined(data: bytes, outputs: bytes, path: Path) -> bytes:
    """Returns the notebook `data` with the outputs of cells in `outputs` that have the same source. Both are JSON."""
    combine = _jupytext(path).combine
    with _mapped(path):
        saved = _from_json(outputs)
        top = combine.combine_inputs_with_outputs(_from_json(data), saved)
        sources = {cell.source for cell in saved.cells}
        for cell in top.cells:
            # jupytext also matches edited cells, whose outputs are out of date.
            if cell.cell_type == "code" and cell.source not in sources:
                cell.outputs, cell.execution_count = [], None
        return _to_json(top)


def _from_json(data: bytes) -> Any:  # noqa: ANN401 - nbformat's notebook
    """Returns a notebook of any format as format 4, with the members that jupytext requires."""
    from nbformat import convert, reader

    top: Any = convert(reader.reads(data.decode("utf-8-sig")), 4)  # type: ignore[no-untyped-call]
    top.setdefault("nbformat_minor", 4)
    for cell in top.cells:
        cell.setdefault("source", "")
    return top


def _to_json(top: Any) -> bytes:  # noqa: ANN401
    from nbformat import v4

    return f"{v4.writes_json(top)}\n".encode()  # type: ignore[no-untyped-call]


def _write(jupytext: Any, data: bytes, path: Path, form: TextFormat | None) -> bytes:  # noqa: ANN401
    top = _from_json(data)
    text = jupytext.writes(top, fmt=(form or TextFormat(path.suffix)).options(top))
    return str(text).encode()


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NotebookFormatError(
            f"byte {error.start} is not UTF-8", where=shown(path), hint="convert it to UTF-8, for example with iconv"
        ) from error


def require_jupytext(path: Path) -> None:
    """Raises NotebookFileError if the file is a text notebook and jupytext is missing."""
    if is_text(path) and find_spec("jupytext") is None:
        raise _missing(path)


def _missing(path: Path) -> NotebookFileError:
    return NotebookFileError(f"{path.suffix} notebooks need jupytext", where=shown(path), hint=f"pip install '{_EXTRA}'")


def _jupytext(path: Path) -> Any:  # noqa: ANN401 - it has no types
    from tuinb.files.ipynb.upgrade import quicken_nbformat

    quicken_nbformat()
    try:
        import jupytext  # type: ignore[import-untyped]
        import jupytext.combine  # type: ignore[import-untyped]
    except ImportError as error:
        raise _missing(path) from error
    return jupytext


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Maps all errors of jupytext to NotebookFormatError. They have no common base class."""
    try:
        with catch_warnings():
            simplefilter("ignore")  # warnings would overwrite the screen
            yield
    except NotebookFileError:
        raise
    except RecursionError as error:
        raise NotebookFormatError(
            "jupytext can't convert it: it is nested too deeply", where=shown(path), hint="clear the outputs"
        ) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise NotebookFormatError(f"jupytext can't convert it: {reason}", where=shown(path), hint="check its header") from error

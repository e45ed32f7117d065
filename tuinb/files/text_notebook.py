"""Notebooks that are scripts or documents (`analysis.py`, `notes.md`), read and written by jupytext.

The rest of the program only ever sees a notebook of format 4: its JSON is made here when such a file is read, and given back
as text when it is saved. Text has no room for outputs. A file whose cells were not changed is written as it was, and line ends
stay what they were. jupytext is an extra; it is imported, at a cost of a good part of a second, when such a file is opened.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from tuinb.errors import NotebookFileError, NotebookFormatError, NotebookSaveError, shown

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
"""Suffixes of text notebooks → the format that a new one is written in; one that was read keeps its own."""
_EXTRA = "tuinb[text]"
NO_OUTPUTS = "outputs are not saved in a text notebook; `:w NAME.ipynb` saves them"


def is_text(path: Path) -> bool:
    """Whether the name is that of a script or a document, not of an .ipynb."""
    return path.suffix in SUFFIXES


@dataclass(frozen=True, slots=True)
class TextFormat:
    """What a text notebook is written in: `name` of SUFFIXES, or another of jupytext's for that suffix."""

    suffix: str
    name: str = ""

    def options(self, top: Any) -> dict[str, str]:  # noqa: ANN401 - nbformat's notebook
        """What jupytext is told; the format that the notebook was read in, unless another is named."""
        said = top.metadata.get("jupytext", {}).get("text_representation", {})
        if self.name or said.get("extension") != self.suffix:
            return {"extension": self.suffix, "format_name": self.name or SUFFIXES[self.suffix]}
        return {"extension": self.suffix}


def to_ipynb(data: bytes, path: Path) -> bytes:
    """The notebook in a text, as JSON of format 4. Raises NotebookFormatError, and NotebookFileError without jupytext."""
    jupytext = _jupytext(path)
    text = _decoded(data, path)
    with _mapped(path):
        top = jupytext.reads(text, fmt={"extension": path.suffix})
        language = top.metadata.get("jupytext", {}).get("main_language") or top.metadata.get("kernelspec", {}).get("language")
        if language:
            top.metadata.setdefault("language_info", {"name": language.lower()})
        return _to_json(top)


def from_ipynb(data: bytes, path: Path, before: bytes | None, form: TextFormat | None = None) -> bytes:
    """The text of a notebook that is JSON; `before` itself where that says the same.

    Raises NotebookSaveError.
    """
    jupytext = _jupytext(path)
    try:
        with _mapped(path):
            made = _write(jupytext, data, path, form)
            if before is None:
                return made
            # A text that jupytext would write otherwise is not rewritten for having been opened.
            if form is None and made == _write(jupytext, to_ipynb(before, path), path, None):
                return before
    except NotebookFormatError as error:
        raise NotebookSaveError(error.what, where=error.where, hint="save it as .ipynb") from error
    return made.replace(b"\n", b"\r\n") if b"\r\n" in before else made


def combined(data: bytes, outputs: bytes, path: Path) -> bytes:
    """The notebook `data` with the outputs that cells of the same source have in `outputs`; both JSON."""
    combine = _jupytext(path).combine
    with _mapped(path):
        saved = _from_json(outputs)
        top = combine.combine_inputs_with_outputs(_from_json(data), saved)
        sources = {cell.source for cell in saved.cells}
        for cell in top.cells:
            # jupytext also matches cells that were edited, whose outputs are not theirs any more.
            if cell.cell_type == "code" and cell.source not in sources:
                cell.outputs, cell.execution_count = [], None
        return _to_json(top)


def _from_json(data: bytes) -> Any:  # noqa: ANN401 - nbformat's notebook
    """A notebook of any format as one of format 4, with what jupytext takes for granted."""
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


def require(path: Path) -> None:
    """Raises NotebookFileError where the file is a text notebook that could not be written."""
    if is_text(path) and find_spec("jupytext") is None:
        raise _missing(path)


def _missing(path: Path) -> NotebookFileError:
    return NotebookFileError(f"{path.suffix} notebooks need jupytext", where=shown(path), hint=f"pip install '{_EXTRA}'")


def _jupytext(path: Path) -> Any:  # noqa: ANN401 - it has no types
    try:
        import jupytext  # type: ignore[import-untyped]
        import jupytext.combine  # type: ignore[import-untyped]
    except ImportError as error:
        raise _missing(path) from error
    return jupytext


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Whatever jupytext raises about a text, as our own error: it has no common class for them."""
    try:
        with catch_warnings():
            simplefilter("ignore")  # they would be written over the screen
            yield
    except NotebookFileError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise NotebookFormatError(f"jupytext can't convert it: {reason}", where=shown(path), hint="check its header") from error

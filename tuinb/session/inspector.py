"""Asks the kernel about its variables and tables, by one silent request each. See kernel/inspection for what is asked.

Every answer that is none becomes an InspectionError, whose text is a sentence for the user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuinb.errors import InspectionError, NotNowError, TooLongError
from tuinb.kernel.inspection import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuinb.kernel.inspection.r import Questions
    from tuinb.session.kernel import SessionKernel

_PYTHON = frozenset({"", "python"})
_R = "r"
_TRANSIT = 3.0
"""Seconds more than the kernel may work, until it counts as not answering."""


class Inspector:
    """Asks one session's kernel. `kernel` returns it, or None if there is none."""

    def __init__(self, kernel: Callable[[], SessionKernel | None]) -> None:
        self._kernel = kernel
        self._r: Questions | None = None
        """Asks a kernel of R."""

    @property
    def language(self) -> str:
        """The language of a kernel that can't be asked. Empty if it can, or if there is none."""
        language = self._spoken
        return "" if language.lower() in _PYTHON or language.lower() == _R else language

    @property
    def _spoken(self) -> str:
        kernel = self._kernel()
        return kernel.language if kernel is not None else ""

    async def ask(self, operation: str, seconds: float = requests.SECONDS, **arguments: object) -> Mapping[str, Any]:
        """Returns the kernel's answer, within `seconds` of its time. Raises InspectionError."""
        kernel = self._kernel()
        if kernel is None:
            raise NotNowError("no kernel runs")
        if self.language:
            raise InspectionError(f"a {self.language} kernel can't be asked for its variables, only one of Python or R")
        if self._spoken.lower() == _R:
            return _checked(await self._in_r(kernel, seconds, operation, arguments))
        name = ""
        for question in (requests.question, requests.first_question):
            expression = question(operation, arguments, seconds)
            values = await kernel.evaluate(requests.KEY, expression, requests.mute(), seconds + _TRANSIT)
            if values is None:
                raise NotNowError("the kernel does not answer")
            found = requests.found(values)
            if not isinstance(found, str):
                return _checked(found)
            name = found
            if name != requests.ABSENT:
                break
        raise InspectionError(f"this kernel can't be asked: {name}" if name else "this kernel does not evaluate expressions")

    async def _in_r(
        self, kernel: SessionKernel, seconds: float, operation: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        from tuinb.kernel.inspection import r

        async def ask(operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
            data = await kernel.published(r.question(operation, seconds, arguments), seconds + _TRANSIT)
            if data is None:
                raise NotNowError("the kernel does not answer")
            answer = r.found(data)
            if answer is None:
                raise InspectionError("this kernel gives no answer that can be read")
            return answer

        if self._r is None:
            self._r = r.Questions()
        return await self._r.answer(ask, operation, arguments)


def _checked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if "late" in answer:
        raise TooLongError(f"it takes longer than {answer['late']:.0f} s")
    if "problem" in answer:
        raise InspectionError(str(answer["problem"]))
    return answer

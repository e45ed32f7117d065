"""An IPython kernel that aborts every request of the 0.2 s after an error, whatever its stop_on_error says, as tslab does."""

from __future__ import annotations

import time
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

DROPS = 0.2


class DroppingKernel(IPythonKernel):
    drops_until = 0.0

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:  # noqa: ANN401
        if time.monotonic() < self.drops_until:
            self._send_abort_reply(stream, parent, ident)  # type: ignore[no-untyped-call]
        else:
            await super().execute_request(stream, ident, parent)  # type: ignore[no-untyped-call]

    async def do_execute(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        reply = await super().do_execute(*args, **options)  # type: ignore[no-untyped-call]
        if reply["status"] == "error":
            self.drops_until = time.monotonic() + DROPS
        return reply


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=DroppingKernel)
